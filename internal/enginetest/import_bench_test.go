package enginetest_test

import (
	"flag"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/contacts/contactstest"
	"github.com/nextcall/nextcall/internal/enginetest"
	"github.com/nextcall/nextcall/status"
)

var importRows = flag.Int("import.rows", 100_000, "with -bench Import: how many rows the file has")

// BenchmarkImport imports a file, whose rows become contacts and records, each what it
// should. CPU time is told of the process and of the server that serves it.
func BenchmarkImport(b *testing.B) {
	c, _, err := campaign.Compile(campaign.Config{ID: "sales", Revision: 1, Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw"}, new(status.Dictionary), nil)
	require.NoError(b, err)
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			at := place{Engine: engine, Dir: b.TempDir()}
			served := func(string) time.Duration { return 0 }
			if engine == "postgres" {
				at.Dir, served = enginetest.StartPostgres(b, false), serverCPU
			}
			for b.Loop() {
				on, err := at.fresh()
				require.NoError(b, err)
				b.Cleanup(func() { _ = on.drop() })
				st, err := sqlstore.Open(b.Context(), on.db, at.dialect(), sqlstore.Options{})
				require.NoError(b, err)
				n := 0
				book, err := contacts.New(st, contacts.List{c}, contacts.Config{NewID: func() string { n++; return strconv.Itoa(n) }})
				require.NoError(b, err)
				f := contactstest.NewFile(*importRows)
				im := f.Importing("sales")
				im.Row = f.Check
				start, own, theirs := time.Now(), cpuTime(), served(on.name)
				done, err := book.Import(b.Context(), f, im)
				took := time.Since(start)
				own, theirs = cpuTime()-own, served(on.name)-theirs
				require.NoError(b, err)
				require.Equal(b, f.Outcomes(), done.Outcomes)
				rows := float64(*importRows)
				b.ReportMetric(rows/took.Seconds(), "rows/s")
				b.ReportMetric(float64(own.Microseconds())/rows, "cpu-us/row")
				b.ReportMetric(float64(theirs.Microseconds())/rows, "server-us/row")
			}
		})
	}
}
