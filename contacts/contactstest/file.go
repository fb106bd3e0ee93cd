package contactstest

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
)

// File is a CSV file of as many rows as wanted, made while it is read, of which it
// is known what should become of each. Most rows are new; of every hundred there is one
// each that is refused for its phone, a quote, its letters and a field that is missing,
// and one each that is a duplicate, updates and says nothing new.
type File struct {
	rows, next int
	made       int64 // bytes that were read
	line       bytes.Buffer
}

// NewFile returns a file.
func NewFile(rows int) *File { return &File{rows: rows} }

// Importing reads the file as contacts, and with a campaign as records of it.
func (f *File) Importing(c campaign.ID) contacts.Importing {
	return contacts.Importing{Campaign: c, Operation: "file", Actor: ann, Columns: []contacts.Column{
		{Name: "key", To: contacts.ToKey}, {Name: "first", To: contacts.ToFirstName}, {Name: "last", To: contacts.ToLastName},
		{Name: "phone", To: contacts.ToPhone}, {Name: "mail", To: contacts.ToEmail},
	}}
}

// rest is what a row says in a column that is not read.
var rest = strings.Repeat("not known ", 20)

// ago is how far above a row the one stands that it repeats: in another batch.
const ago = 507

// Outcome is what should become of a row, counted from 1.
func (f *File) Outcome(number int) contacts.RowOutcome {
	if number <= ago {
		return contacts.RowAdded
	}
	switch number % 100 {
	case 10, 20, 60, 70:
		return contacts.RowRefused
	case 30:
		return contacts.RowDuplicate
	case 40:
		return contacts.RowUpdated
	case 50:
		return contacts.RowUnchanged
	}
	return contacts.RowAdded
}

// Outcomes counts what should become of all rows.
func (f *File) Outcomes() map[contacts.RowOutcome]int {
	all := make(map[contacts.RowOutcome]int)
	for n := range f.rows {
		all[f.Outcome(n+1)]++
	}
	return all
}

// Check says of a row that was told whether it is what it should be.
func (f *File) Check(r contacts.Row) error {
	if want := f.Outcome(r.Number); r.Outcome != want || r.Line != r.Number+1 {
		return fmt.Errorf("row %d: want it %s, on line %d, got %s, on line %d: %v", r.Number, want, r.Number+1, r.Outcome, r.Line, r.Err)
	}
	return nil
}

// Made is how many bytes were read of the file.
func (f *File) Made() int64 { return f.made }

// Read makes the next bytes.
func (f *File) Read(into []byte) (int, error) {
	for f.line.Len() < len(into) && f.next <= f.rows {
		f.write(f.next)
		f.next++
	}
	n, err := f.line.Read(into)
	f.made += int64(n)
	if f.next > f.rows && f.line.Len() == 0 && n == 0 {
		return 0, io.EOF
	}
	return n, err
}

// write makes a row; 0 is the header.
func (f *File) write(number int) {
	if number == 0 {
		f.line.WriteString("key;first;last;phone;mail;what else the other program has said\n")
		return
	}
	row := func(key string, of int, last, phone string) {
		fmt.Fprintf(&f.line, "%s;Anna%d;%s;%s;anna%d@example.org;%s\n", key, of%997, last, phone, of, rest)
	}
	key := func(of int) string { return fmt.Sprint("K", of) }
	phone := func(of int) string { return fmt.Sprintf("+48 6%02d %03d %03d", of/1_000_000, of/1000%1000, of%1000) }
	last := func(of int) string { return fmt.Sprint("Nowak", of%4999) }
	above := number - ago
	if number <= ago {
		row(key(number), number, last(number), phone(number))
		return
	}
	switch number % 100 {
	case 10:
		row(key(number), number, last(number), "600 nine")
	case 20:
		row(key(number), number, `No"wak`, phone(number))
	case 30:
		row(fmt.Sprint("X", number), number, last(number), phone(above))
	case 40:
		row(key(above), above, "Kowalska", phone(above))
	case 50:
		row(key(above), above, last(above), phone(above))
	case 60:
		row(key(number), number, "Nowa\xb3", phone(number))
	case 70:
		f.line.WriteString(key(number) + ";Anna;Nowak\n")
	default:
		row(key(number), number, last(number), phone(number))
	}
}

// streamed is a file whose rows are written while it is read.
func streamed(d *desk) {
	for _, in := range []campaign.ID{"", "sales"} {
		d = d.again()
		const rows = 1203 // more than two batches
		f := NewFile(rows)
		whole, err := io.ReadAll(NewFile(rows))
		require.NoError(d, err)
		var ends []int64 // of the rows
		for i, c := range whole {
			if c == '\n' {
				ends = append(ends, int64(i)+1)
			}
		}
		im := f.Importing(in)
		im.Row = func(r contacts.Row) error {
			// One batch of rows, the rows in which the end of a quote is looked for, and what is read at once.
			if ahead := f.Made() - ends[r.Number]; ahead > 600*int64(len(whole)/rows)+1<<16 {
				return fmt.Errorf("row %d: %d bytes behind it were read already", r.Number, ahead)
			}
			return f.Check(r)
		}
		done, err := d.book.Import(ctx, f, im)
		require.NoError(d, err)
		assert.Equal(d, f.Outcomes(), done.Outcomes)
		assert.Equal(d, rows, done.Rows)
		added := done.Outcomes[contacts.RowAdded]
		assert.Equal(d, added, done.Contacts)
		found := d.count()
		if in == "" {
			assert.Equal(d, 0, done.Records+found)
			continue
		}
		assert.Equal(d, []int{added, added}, []int{done.Records, found}, "a record of each")
	}
}

// count is how many records there are.
func (d *desk) count() int {
	d.Helper()
	n, err := d.store.Count(ctx, campaign.Filter{}, campaign.ByNothing)
	require.NoError(d, err)
	return n[""]
}
