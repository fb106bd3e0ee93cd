package sqlstore

import (
	"database/sql"
	"strconv"
	"strings"
	"unicode/utf8"
)

// query is a statement that is made for one filter, with its arguments.
type query struct {
	dialect Dialect
	text    strings.Builder
	args    []any
}

func (q *query) add(texts ...string) *query {
	for _, s := range texts {
		q.text.WriteString(s)
	}
	return q
}

// arg adds an argument and returns its place in the text.
func (q *query) arg(value any) string {
	q.args = append(q.args, value)
	return "?" + strconv.Itoa(len(q.args))
}

// mostNamed is how many values SQLite is given of a list: it takes no lists, and
// some 32,000 arguments. What names more is compared here.
const mostNamed = 500

// oneOf is the condition that a column has one of the values. It is false if it
// cannot be asked for.
func oneOf[T string | int64](q *query, column string, values []T) (string, bool) {
	switch {
	case len(values) == 0:
		return nothing, true
	case len(values) == 1:
		return column + " = " + q.arg(values[0]), true
	case q.dialect == PostgreSQL:
		return column + " = ANY(" + q.arg(values) + ")", true
	case len(values) > mostNamed:
		return "", false
	}
	return column + " IN (" + arguments(q, values) + ")", true
}

func arguments[T any](q *query, values []T) string {
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = q.arg(v)
	}
	return strings.Join(places, ", ")
}

// nothing is a condition that no record meets.
const nothing = "1 = 0"

// isText reports whether a database can keep it: UTF-8 without NUL bytes.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// plain are names as texts, without those that no text in a database can be.
func plain[T ~string](names []T) []string {
	all := make([]string, 0, len(names))
	for _, s := range names {
		if isText(string(s)) {
			all = append(all, string(s))
		}
	}
	return all
}

// query calls read with each row of the answer to a query.
func (r *run) query(q *query, read func(scanner) error) error {
	if r.err != nil {
		return r.err
	}
	rows, err := r.tx.QueryContext(r.ctx, r.st.dialect.text(q.text.String()), q.args...)
	return r.through(rows, err, read)
}

// through calls read with each row of an answer.
func (r *run) through(rows *sql.Rows, err error, read func(scanner) error) error {
	if err != nil {
		return r.fail(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return r.fail(err)
		}
	}
	if err := rows.Err(); err != nil {
		return r.fail(err)
	}
	return nil
}
