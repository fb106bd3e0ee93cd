package enginetest_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/internal/enginetest"
)

// block is how many records are added through the store before they are
// multiplied.
const block = 1000

// fillLarge makes a database of n records on PostgreSQL, as fillBase does. A
// store would take an hour to add millions: it adds a block of them, and SQL
// copies its rows with other numbers and ids, just as the store would write them.
func (p place) fillLarge(ctx context.Context, name string, n int) error {
	if p.Engine != "postgres" || n%block != 0 {
		return fmt.Errorf("%d records on %s: want blocks of %d on postgres", n, p.Engine, block)
	}
	if err := p.administer("CREATE DATABASE " + name); err != nil {
		return err
	}
	db, err := p.open(name)
	if err != nil {
		return err
	}
	defer db.Close()
	st, err := sqlstore.Open(ctx, db, p.dialect(), sqlstore.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	w, err := newStoreWork(st, n)
	if err != nil {
		return err
	}
	if err := w.add(0, block); err != nil {
		return err
	}
	if err := multiply(ctx, db, n/block); err != nil {
		return err
	}
	if err := w.sample(n); err != nil {
		return err
	}
	return w.call(called(n))
}

// multiply copies what every table keeps of each record, so that there are so
// many times as many.
func multiply(ctx context.Context, db *sql.DB, times int) error {
	if times == 1 {
		return nil
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tables, err := column(ctx, conn, `SELECT DISTINCT table_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name LIKE 'nextcall\_%' AND column_name IN ('rec', 'record', 'number')`)
	if err != nil {
		return err
	}
	// What counts records counts a block of them so far.
	counters, err := column(ctx, conn, `SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() AND last_value = $1`, block)
	if err != nil {
		return err
	}
	texts := []string{`SET maintenance_work_mem = '512MB'`, `SET synchronous_commit = off`}
	var after []string
	for _, t := range tables {
		// Indexes are made faster afterwards than filled one by one.
		made, err := column(ctx, conn, `SELECT indexdef FROM pg_indexes WHERE tablename = $1 AND indexname NOT IN (SELECT conname FROM pg_constraint)`, t)
		if err != nil {
			return err
		}
		for _, text := range made {
			texts = append(texts, "DROP INDEX "+strings.Fields(text[strings.Index(text, " INDEX ")+7:])[0])
			after = append(after, text)
		}
		columns, err := column(ctx, conn, `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1
			AND (is_identity = 'NO' OR column_name = 'rec') ORDER BY ordinal_position`, t)
		if err != nil {
			return err
		}
		values := make([]string, len(columns))
		for i, c := range columns {
			values[i] = shifted(c, columns)
		}
		texts = append(texts, fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM generate_series(1, %d) k, %[1]s t`,
			t, strings.Join(columns, ", "), strings.Join(values, ", "), times-1))
	}
	for _, c := range counters {
		after = append(after, fmt.Sprintf(`SELECT setval('%s', %d)`, c, times*block))
	}
	texts = append(append(texts, after...), `RESET ALL`, `VACUUM ANALYZE`, `CHECKPOINT`)
	for _, text := range texts {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// shifted is what a column holds in the k-th copy of a block: the same, but for
// what tells records apart.
func shifted(column string, of []string) string {
	switch column {
	case "rec", "sequence", "number", "main":
		return fmt.Sprintf("t.%s + k * %d", column, block)
	case "id", "contact", "record":
		return fmt.Sprintf("left(t.%s, 1) || (substr(t.%[1]s, 2)::bigint + k * %d)", column, block)
	case "body", "numbers":
		number := fmt.Sprintf("t.rec + %d", firstNumber-1)
		for _, id := range []string{"id", "record"} {
			if slices.Contains(of, id) {
				number = fmt.Sprintf("substr(t.%s, 2)::bigint + %d", id, firstNumber-100_000_000)
			}
		}
		return fmt.Sprintf("replace(t.%s, (%s)::text, (%[2]s + k * %d)::text)", column, number, block)
	}
	return "t." + column
}

// column reads a query of one column.
func column(ctx context.Context, conn *sql.Conn, text string, args ...any) (values []string, err error) {
	rows, err := conn.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, rows.Err()
}

// sample asks the store for some of n records, and compares them with what was
// to be added.
func (w *storeWork) sample(n int) error {
	counts, err := w.st.Count(ctx, campaign.Filter{Campaigns: []campaign.ID{workCampaign}}, campaign.ByNothing)
	if err != nil || counts[""] != n {
		return fmt.Errorf("the store counts %d records: want %d: %w", counts[""], n, err)
	}
	var looked campaign.Looked
	for i := 0; i < n; i += n/100 + 7 {
		want := person(i, workCampaign)
		ref := campaign.Ref{Campaign: workCampaign, Record: want.ID}
		if err := w.st.Look(ctx, campaign.Need{}, &looked, ref); err != nil {
			return err
		}
		got := looked.Facts[0].Record
		if got.ID != want.ID || got.Contact != want.Contact || got.Sequence != int64(i+1) || len(got.Phones) != 1 ||
			got.Phones[0].Number != want.Phones[0].Number || len(looked.Facts[0].Busy) > 0 {
			return fmt.Errorf("record %d is %+v", i, got)
		}
		counts, err := w.st.Count(ctx, campaign.Filter{Numbers: []blacklist.Number{want.Phones[0].Number}}, campaign.ByNothing)
		if err != nil || counts[""] != 1 {
			return fmt.Errorf("%d records are found by the number of record %d: want one: %w", counts[""], i, err)
		}
	}
	return nil
}

// Records that SQL copied are those that the store would have written.
func TestMultipliedRecordsAreThoseOfTheStore(t *testing.T) {
	at := place{Engine: "postgres", Dir: enginetest.StartPostgres(t, true)}
	const n = 2 * block
	require.NoError(t, at.fillLarge(t.Context(), "large", n))
	require.NoError(t, at.fillBase(t.Context(), "small", block))
	read := func(name string) (all []campaign.Facts) {
		db, err := at.open(name)
		require.NoError(t, err)
		defer db.Close()
		st, err := sqlstore.Open(t.Context(), db, sqlstore.PostgreSQL, sqlstore.Options{})
		require.NoError(t, err)
		defer st.Close()
		for f, err := range st.Find(t.Context(), campaign.Filter{}, campaign.Need{NoCalls: true}) {
			require.NoError(t, err)
			all = append(all, f)
		}
		return all
	}
	large, small := read("large"), read("small")
	require.Len(t, large, n)
	require.Len(t, small, block)
	// Of both, those at the end have not been called.
	for i := range block / 2 {
		i += block / 2
		want, got := small[i].Record, large[i+block].Record
		other := person(i+block, workCampaign)
		assert.Equal(t, int64(block), got.Sequence-want.Sequence)
		want.ID, want.Contact, want.Sequence = other.ID, other.Contact, got.Sequence
		want.Phones[0].Number = other.Phones[0].Number
		assert.Equal(t, want, got)
		if t.Failed() {
			return
		}
	}
}
