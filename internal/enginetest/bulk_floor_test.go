package enginetest_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/internal/enginetest"
)

// bareSet and bareMove write of records what BenchmarkBulk's changes and moves do,
// in tables that the store made: what is the same for all is a constant, nothing is
// read first, compared or decided, and a chunk takes one statement a table. So no
// store with these keys, and no ability of one, writes them in less.
var (
	bareSet = []string{
		`UPDATE nextcall_record SET status = @status, qualifier = 9, due = @due, lane = 5, author = 'boss', operation = @operation, version = version + 1,
			body = body || ' ' WHERE campaign = @from AND id BETWEEN @first AND @last`,
		`UPDATE nextcall_queue SET due = @due, lane = 5 WHERE campaign = @from AND id BETWEEN @first AND @last`,
		`INSERT INTO nextcall_trait SELECT @from, 1, @status, id FROM nextcall_record WHERE campaign = @from AND id BETWEEN @first AND @last ON CONFLICT DO NOTHING`,
		`INSERT INTO nextcall_trait SELECT @from, 6, @operation, id FROM nextcall_record WHERE campaign = @from AND id BETWEEN @first AND @last ON CONFLICT DO NOTHING`,
		`INSERT INTO nextcall_entry (campaign, record, body) SELECT @from, id, @entry FROM nextcall_record WHERE campaign = @from AND id BETWEEN @first AND @last`,
	}
	bareMove = []string{
		`UPDATE nextcall_record SET campaign = @to, author = 'boss', operation = @operation, version = version + 1, sequence = sequence + 1000000,
			body = body || ' ' WHERE campaign = @from AND id BETWEEN @first AND @last`,
		`UPDATE nextcall_wide SET campaign = @to WHERE campaign = @from AND record BETWEEN @first AND @last`,
		`UPDATE nextcall_number SET campaign = @to WHERE campaign = @from AND number BETWEEN @number AND @number + @chunk - 1`,
		`UPDATE nextcall_queue SET campaign = @to WHERE campaign = @from AND id BETWEEN @first AND @last`,
		`UPDATE nextcall_entry SET campaign = @to WHERE campaign = @from AND record BETWEEN @first AND @last`,
		`INSERT INTO nextcall_trait SELECT @to, 5, 'boss', id FROM nextcall_record WHERE campaign = @to AND id BETWEEN @first AND @last ON CONFLICT DO NOTHING`,
		`INSERT INTO nextcall_trait SELECT @to, 6, @operation, id FROM nextcall_record WHERE campaign = @to AND id BETWEEN @first AND @last ON CONFLICT DO NOTHING`,
		`INSERT INTO nextcall_entry (campaign, record, body) SELECT @to, id, @entry FROM nextcall_record WHERE campaign = @to AND id BETWEEN @first AND @last`,
	}
)

const bareEntry = `{"at":1780315200000000,"author":"boss","why":"chosen","operation":"operation1","from":"s1","to":"s2","qualifier":9}`

// BenchmarkBareBulk is what PostgreSQL alone takes for BenchmarkBulk's work.
func BenchmarkBareBulk(b *testing.B) {
	for name, texts := range map[string][]string{"set": bareSet, "move": bareMove} {
		b.Run(name, func(b *testing.B) {
			at := place{Engine: "postgres", Dir: enginetest.StartPostgres(b, false)}
			c, err := at.fresh()
			require.NoError(b, err)
			b.Cleanup(func() { _ = c.drop() })
			st, err := sqlstore.Open(b.Context(), c.db, sqlstore.PostgreSQL, sqlstore.Options{})
			require.NoError(b, err)
			newBulk(b, st)
			b.ResetTimer()
			served := serverCPU(c.name)
			for round := range b.N {
				for first := 0; first < bulkRecords; first += bulkChunk {
					require.NoError(b, bareChunk(c.db, texts, round, first))
				}
			}
			n := float64(b.N * bulkRecords)
			b.ReportMetric(float64((serverCPU(c.name)-served).Microseconds())/n, "server-us/record")
			b.ReportMetric(n/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// bareChunk writes the records of a chunk in one transaction. Moves go to and fro.
func bareChunk(db *sql.DB, texts []string, round, first int) error {
	from, to := "a", "a"
	if len(texts) == len(bareMove) {
		from, to = []string{"a", "b"}[round%2], []string{"b", "a"}[round%2]
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	args := pgx.NamedArgs{
		"from": from, "to": to, "first": fmt.Sprintf("%08d", first), "last": fmt.Sprintf("%08d", first+bulkChunk-1), "chunk": bulkChunk,
		"number": int64(48_600_000_000 + first), "status": fmt.Sprint("s", round%7), "operation": fmt.Sprint("operation", round),
		"due": int64(1780315200000000) + int64(round)*3_600_000_000, "entry": bareEntry,
	}
	for _, text := range texts {
		result, err := tx.Exec(text, args)
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		noted := strings.Contains(text, "ON CONFLICT") && round > 0 // it has the trait since an earlier round
		if n < bulkChunk && !noted {
			return fmt.Errorf("%s: wrote %d rows instead of %d", text, n, bulkChunk)
		}
	}
	return tx.Commit()
}
