package contacts_test

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/contacts"
)

// Whatever a file holds, every row gets one outcome, no row comes from nowhere, and to
// import it again adds nothing.
func FuzzImport(f *testing.F) {
	for _, text := range []string{
		head, head + "Anna;Nowak;+48600000001\n", head + "a;\"b\nc\";+48600000001", head + "\"a;b\nc;d;+48600000002\n\"\"\"x;y;z",
		"first,last,phone\r\n\"x\"\"\",,+48 600 000 003\r\n", "\ufefffirst\tlast\tphone\r\t\t\r1\t2\t3", "first|last|phone\n\xff|\x00|1\n", "PK\x03\x04", "",
	} {
		f.Add([]byte(text))
	}
	c := sales(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		store := memstore.New()
		n := 0
		book, err := contacts.New(store, contacts.List{c}, contacts.Config{NewID: func() string { n++; return strconv.Itoa(n) }})
		if err != nil {
			t.Fatal(err)
		}
		var before contacts.Imported
		for try := range 2 {
			line, rows := 0, 0
			done, err := book.Import(ctx, bytes.NewReader(data), contacts.Importing{Operation: "op", Campaign: "sales", Columns: plain, Row: func(r contacts.Row) error {
				rows++
				if r.Line <= line || r.Number != rows || r.Outcome == contacts.RowRefused && r.Err == nil {
					t.Fatalf("row %+v behind line %d", r, line)
				}
				line = r.Line
				return nil
			}})
			if err != nil {
				return
			}
			sum := 0
			for _, n := range done.Outcomes {
				sum += n
			}
			lines := 1 + bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r"))
			if sum != done.Rows || rows != done.Rows || done.Rows > lines || line > lines {
				t.Fatalf("%d rows told, %+v of %d lines", rows, done, lines)
			}
			if try == 1 && (done.Records != 0 || done.Contacts != 0 || done.Rows != before.Rows || done.Outcomes[contacts.RowRefused] != before.Outcomes[contacts.RowRefused]) {
				t.Fatalf("again: %+v, before %+v", done, before)
			}
			before = done
		}
	})
}
