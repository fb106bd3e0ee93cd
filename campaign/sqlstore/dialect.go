package sqlstore

import (
	"fmt"
	"slices"
	"strings"
)

// Dialect is the kind of database that a store works on.
type Dialect uint8

// The dialects. The zero value is none of them.
const (
	SQLite     Dialect = 1 + iota // 3.35 or newer
	PostgreSQL                    // 13 or newer
)

// String returns the name of the database.
func (d Dialect) String() string {
	switch d {
	case SQLite:
		return "SQLite"
	case PostgreSQL:
		return "PostgreSQL"
	}
	return fmt.Sprintf("dialect(%d)", uint8(d))
}

// statement is a statement as this database reads it; "" is one that it does not
// know. Statements are written with ?1, ?2 and so on for their arguments.
func (d Dialect) statement(s statement) string {
	text := statements[s]
	if d == PostgreSQL && !slices.Contains(pgShared, s) {
		text = pgStatements[s]
	}
	return d.text(text)
}

// text is a text with arguments as this database reads it.
func (d Dialect) text(text string) string {
	if d == PostgreSQL {
		return strings.ReplaceAll(text, "?", "$")
	}
	return text
}

// engine speaks to this database.
func (d Dialect) engine() engine {
	if d == PostgreSQL {
		return postgres{}
	}
	return rowwise{}
}

// migrations are those of this database.
func (d Dialect) migrations() [][]string {
	if d == PostgreSQL {
		return migrationsPG[:]
	}
	return migrations[:]
}

// words are what the databases call by different names in the schema.
func (d Dialect) words() *strings.Replacer {
	if d == PostgreSQL {
		return strings.NewReplacer("TEXT NOT NULL", `TEXT COLLATE "C" NOT NULL`)
	}
	return strings.NewReplacer("COUNTED", "INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT", "INTEGER", " BY KEY", " WITHOUT ROWID")
}
