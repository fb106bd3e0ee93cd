package contacts_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/contacts/contactstest"
)

// BenchmarkImport imports made-up rows into memory: new ones, and the same again.
// rows/s is what one process reads, judges and writes.
func BenchmarkImport(b *testing.B) {
	const rows = 100_000
	var file bytes.Buffer
	file.WriteString("key;first;last;phone;mail;city\n")
	for i := range rows {
		fmt.Fprintf(&file, "A%d;Anna%d;Nowak%d;+48 600 %03d %03d;anna%d@example.org;Kraków\n", i, i%997, i%4999, i/1000, i%1000, i)
	}
	columns := []contacts.Column{
		{Name: "key", To: contacts.ToKey}, {Name: "first", To: contacts.ToFirstName}, {Name: "last", To: contacts.ToLastName},
		{Name: "phone", To: contacts.ToPhone}, {Name: "mail", To: contacts.ToEmail}, {Name: "city", To: contacts.ToNote},
	}
	open := func(b *testing.B) *contacts.Book {
		n := 0
		book, err := contacts.New(memstore.New(), contacts.List{sales(b)}, contacts.Config{NewID: func() string { n++; return strconv.Itoa(n) }})
		require.NoError(b, err)
		return book
	}
	run := func(b *testing.B, book *contacts.Book, id campaign.ID, want contacts.RowOutcome) {
		im := contacts.Importing{Operation: "op", Columns: columns, Campaign: id}
		if id == "" {
			im.Columns = columns[:5]
		}
		done, err := book.Import(ctx, bytes.NewReader(file.Bytes()), im)
		require.NoError(b, err)
		require.Equal(b, rows, done.Outcomes[want])
	}
	for _, id := range []campaign.ID{"", "sales"} {
		name := map[campaign.ID]string{"": "contacts", "sales": "records"}[id]
		b.Run(name+"/new", func(b *testing.B) {
			for b.Loop() {
				run(b, open(b), id, contacts.RowAdded)
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run(name+"/again", func(b *testing.B) {
			book := open(b)
			run(b, book, id, contacts.RowAdded)
			for b.Loop() {
				run(b, book, id, contacts.RowUnchanged)
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkImportOfAMillion imports a file of a million rows into memory, as contacts
// and as records, and then the same file under another operation, which adds nothing.
// Each row is to become what it should. store-MB is what is in use when the first is
// done: the store. import-MB is how much more is in use while the second is read:
// what an import needs.
func BenchmarkImportOfAMillion(b *testing.B) {
	const rows, every = 1_000_000, 100_000
	inUse := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	for _, id := range []campaign.ID{"", "sales"} {
		name := map[campaign.ID]string{"": "contacts", "sales": "records"}[id]
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				book, err := contacts.New(memstore.New(), contacts.List{sales(b)}, contacts.Config{NewID: func() string { n++; return strconv.Itoa(n) }})
				require.NoError(b, err)
				before := inUse()
				f := contactstest.NewFile(rows)
				im := f.Importing(id)
				im.Row = f.Check
				start := time.Now()
				done, err := book.Import(ctx, f, im)
				took := time.Since(start)
				require.NoError(b, err)
				require.Equal(b, f.Outcomes(), done.Outcomes)
				require.Equal(b, done.Outcomes[contacts.RowAdded], done.Contacts)
				store, most := inUse(), 0.0

				again := contactstest.NewFile(rows)
				im = again.Importing(id)
				im.Operation = "again"
				im.Row = func(r contacts.Row) error {
					if r.Number%every == 0 {
						most = max(most, inUse())
					}
					return nil
				}
				second, err := book.Import(ctx, again, im)
				require.NoError(b, err)
				require.Zero(b, second.Contacts+second.Records)
				b.ReportMetric(rows/took.Seconds(), "rows/s")
				b.ReportMetric(float64(f.Made())/1e6, "file-MB")
				b.ReportMetric(store-before, "store-MB")
				b.ReportMetric(most-store, "import-MB")
				b.Logf("first %v, again %v", done.Outcomes, second.Outcomes)
				runtime.KeepAlive(book)
			}
		})
	}
}
