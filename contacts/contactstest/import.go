package contactstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/internal/expect"
	"github.com/nextcall/nextcall/status"
)

// plain are the columns of most files of these tests.
var plain = []contacts.Column{
	{Name: "first", To: contacts.ToFirstName}, {Name: "last", To: contacts.ToLastName}, {Name: "phone", To: contacts.ToPhone},
}

const head = "first;last;phone\n"

// imported imports a text, and returns the rows as lines: "3 added id05".
func (d *desk) imported(text string, im contacts.Importing) (contacts.Imported, []string) {
	d.Helper()
	done, rows, err := d.importing(strings.NewReader(text), im)
	require.NoError(d, err)
	sum := 0
	for _, n := range done.Outcomes {
		sum += n
	}
	assert.Equal(d, done.Rows-done.Skipped, sum, "every row is counted once")
	return done, rows
}

func (d *desk) importing(r io.Reader, im contacts.Importing) (contacts.Imported, []string, error) {
	d.Helper()
	if im.Columns == nil {
		im.Columns = plain
	}
	if im.Operation == "" {
		im.Operation = "import1"
	}
	im.Actor = campaign.Actor{User: "ann"}
	var rows []string
	im.Row = func(r contacts.Row) error {
		line := fmt.Sprintf("%d %s", r.Line, r.Outcome)
		if r.Contact != "" {
			line += " " + string(r.Contact)
		}
		if r.Record.Record != "" {
			line += "/" + string(r.Record.Record)
		}
		if r.Err != nil {
			line += ": " + r.Err.Error()
		}
		rows = append(rows, line)
		return nil
	}
	done, err := d.book.Import(ctx, r, im)
	return done, rows, err
}

func file(d *desk) {
	text := "\ufeffID;Imię;Nazwisko;Telefon;Tel 2;Mail;Segment;Produkt;Budżet;Zgoda;Kolejność;Uwagi;Tag;?\r\n" +
		"A1;Łukasz;Żak;+48 600 000 001;+48600000002;l@z.pl;gold;loan;1200.50;yes;3;\"said \"\"hm\"\";\nwants mail\";hot;x\r\n" +
		";;;;;;;;;;;;;\r\n" +
		"A2;Ewa;Kot;;;ewa@kot.pl;;;;;;;;\r\n"
	done, rows := d.imported(text, contacts.Importing{
		Campaign: "sales", List: "june", Type: "lead", Operation: "op9",
		Columns: []contacts.Column{
			{Name: "id", To: contacts.ToKey}, {Name: "imię", To: contacts.ToFirstName}, {Name: "nazwisko", To: contacts.ToLastName},
			{Name: "telefon", To: contacts.ToPhone}, {Name: "tel 2", To: contacts.ToPhone}, {Name: "mail", To: contacts.ToEmail},
			{Name: "segment", To: contacts.ToField}, {Name: "produkt", To: contacts.ToRecordField, Field: "product"},
			{Name: "budżet", To: contacts.ToRecordField, Field: "budget"}, {Name: "zgoda", To: contacts.ToConsent},
			{Name: "kolejność", To: contacts.ToOrder}, {Name: "uwagi", To: contacts.ToNote}, {Name: "tag", To: contacts.ToTag},
		},
	})
	assert.Equal(d, []string{"2 added id01/id02", "5 added id03/id04"}, rows, "an empty row is none, a quote may go over lines")
	assert.Equal(d, contacts.Imported{Rows: 2, Outcomes: map[contacts.RowOutcome]int{contacts.RowAdded: 2}, Contacts: 2, Records: 2, Ignored: []string{"?"}}, done)
	c := d.get("id01")
	assert.Equal(d, &campaign.Contact{
		ID: "id01", FirstName: "Łukasz", LastName: "Żak", Phones: []blacklist.Number{number(1), number(2)}, Emails: []string{"l@z.pl"}, Keys: []string{"A1"},
		Fields: campaign.Fields{"segment": "gold"}, Created: noon, Updated: noon, Author: "ann", Operation: "op9", Version: 1,
	}, c)
	r := d.record(campaign.Ref{Campaign: "sales", Record: "id02"}).Record
	assert.Equal(d, campaign.Fields{"product": "loan", "budget": 1200.5}, r.Fields)
	assert.Equal(d, "june lead op9 ann", r.List+" "+r.Type+" "+r.Operation+" "+r.Author)
	assert.True(d, r.Consent)
	assert.Equal(d, uint16(3), r.Order)
	assert.Equal(d, "said \"hm\";\nwants mail", r.Notes[0].Text)
	assert.Equal(d, []string{"hot"}, r.Tags)
	assert.Equal(d, []int{1, 2}, numbers(&r))
	assert.Equal(d, status.Unused, r.Qualifier, "an imported record is ready")
	assert.Equal(d, []campaign.Entry{{At: noon, Author: "ann", Why: campaign.WhyAdded, Operation: "op9", Qualifier: status.Unused}}, d.history(campaign.Ref{Campaign: "sales", Record: "id02"}))
}

func fileAgain(d *desk) {
	text := head
	for i := range 1203 { // more than two batches
		text += fmt.Sprintf("Anna;Nowak;+48600%06d\n", i)
	}
	im := contacts.Importing{Campaign: "sales", List: "june"}
	done, _ := d.imported(text, im)
	assert.Equal(d, 1203, done.Records)
	before := d.get("id01").Version
	done, rows := d.imported(text, im)
	assert.Equal(d, map[contacts.RowOutcome]int{contacts.RowUnchanged: 1203}, done.Outcomes)
	assert.Equal(d, "2 unchanged id01/id02", rows[0])
	assert.Zero(d, done.Contacts+done.Records)
	assert.Equal(d, before, d.get("id01").Version)

	im.Operation = "import2"
	done, rows = d.imported(text, im)
	assert.Equal(d, map[contacts.RowOutcome]int{contacts.RowDuplicate: 1203}, done.Outcomes, "another import finds them there")
	assert.Contains(d, rows[0], "2 duplicate id01/id02: contact in campaign")

	im.Campaign, im.List = "care", ""
	done, _ = d.imported(text, im)
	assert.Equal(d, map[contacts.RowOutcome]int{contacts.RowAdded: 1203}, done.Outcomes, "in another campaign they are new records")
	assert.Zero(d, done.Contacts, "of the same contacts")
}

// broken fails the n-th Commit, before or after it is done.
type broken struct {
	contacts.Store
	left int
	done bool
}

func (b *broken) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if b.left--; b.left == 0 {
		if b.done {
			if _, err := b.Store.Commit(ctx, changes...); err != nil {
				return nil, err
			}
		}
		return nil, errors.New("the connection is lost")
	}
	return b.Store.Commit(ctx, changes...)
}

func cutOff(d *desk) {
	text := head
	for i := range 1203 {
		text += fmt.Sprintf("Anna;Nowak;+48600%06d\n", i)
	}
	im := contacts.Importing{Campaign: "sales"}
	cut := d.over(&broken{Store: d.store, left: 2, done: true})
	done, _, err := cut.importing(strings.NewReader(text), im)
	require.ErrorContains(d, err, "connection is lost")
	assert.Equal(d, 500, done.Rows, "what is known to be done")
	assert.Equal(d, 500, done.Records)
	cut.store = d.store
	im.Skip = done.Rows
	next := d.over(d.store)
	next.ids = cut.ids
	done, _ = next.imported(text, im)
	assert.Equal(d, map[contacts.RowOutcome]int{contacts.RowUnchanged: 500, contacts.RowAdded: 203}, done.Outcomes,
		"what was written without anybody knowing is found")
	assert.Equal(d, 1203, d.count())
}

func twiceInAFile(d *desk) {
	_, rows := d.imported(head+"Anna;Nowak;+48600000001\nJan;Kowal;+48600000002\nAnna;N.;0048 600-000-001\n",
		contacts.Importing{Campaign: "sales"})
	assert.Equal(d, []string{"2 added id01/id02", "3 added id03/id04", "4 unchanged id01/id02"}, rows)
	assert.Equal(d, "Nowak", d.get("id01").LastName, "a phone alone replaces no name")
}

func whoIsWho(d *desk) {
	columns := append([]contacts.Column{{Name: "key", To: contacts.ToKey}, {Name: "mail", To: contacts.ToEmail}}, plain...)
	const head = "key;mail;first;last;phone\n"
	first, _ := d.imported(head+"A1;;Anna;Nowak;+48600000001\n;x@y.pl;Ewa;Kot;\n;;Jan;;+48600000003\n", contacts.Importing{Columns: columns, Operation: "first"})
	assert.Equal(d, 3, first.Contacts)
	_, rows := d.imported(head+
		"A1;;Anna;Kowalska;+48600000009\n"+ // a key says who is meant
		";x@y.pl;Eva;Kotová;+48600000002\n"+ // an address fills in only
		"B7;;Adam;;+48600000001\n"+ // another key: another person
		"C8;;Jan;Lis;+48600000003\n"+ // he had no key yet
		";;Jan;;+48600000003\n"+
		";x@y.pl;;;+48600000003\n"+ // two people
		";;Ola;;\n", contacts.Importing{Columns: columns, Operation: "second"})
	assert.Equal(d, []string{"2 updated id01", "3 updated id02"}, rows[:2])
	assert.Contains(d, rows[2], `4 duplicate id01: contact`)
	assert.Equal(d, []string{"5 updated id03", "6 unchanged id03"}, rows[3:5])
	assert.Contains(d, rows[5], `7 duplicate id02: contacts ["id02" "id03"] all have one of`)
	assert.Contains(d, rows[6], "8 refused: line 8: no phone, e-mail address, key or record id")
	assert.Equal(d, "Anna Kowalska", d.get("id01").FirstName+" "+d.get("id01").LastName)
	assert.Equal(d, []blacklist.Number{number(1), number(9)}, d.get("id01").Phones)
	assert.Equal(d, "Ewa Kot", d.get("id02").FirstName+" "+d.get("id02").LastName)
	assert.Equal(d, []blacklist.Number{number(2)}, d.get("id02").Phones)
	assert.Equal(d, "Jan Lis C8", d.get("id03").FirstName+" "+d.get("id03").LastName+" "+d.get("id03").Keys[0])

	_, rows = d.imported(head+"B7;;Adam;;+48600000001\n", contacts.Importing{Columns: columns, AllowDuplicate: true})
	assert.Equal(d, []string{"2 added id04"}, rows)
	_, rows = d.imported(head+"A1;;Zofia;;+48600000007\n", contacts.Importing{Columns: columns, KeepData: true})
	assert.Equal(d, []string{"2 unchanged id01"}, rows)
	_, rows = d.imported(head+";;;;+48600000003\n", contacts.Importing{Columns: columns})
	assert.Equal(d, []string{"2 duplicate id03"}, rows, "nothing new is said of somebody who is there")

	two := []contacts.Column{{Name: "one", To: contacts.ToKey}, {Name: "other", To: contacts.ToKey}, {Name: "last", To: contacts.ToLastName}}
	d.imported("one;other;last\nT1;;Pierwsza\nT2;;Druga\n", contacts.Importing{Operation: "two keys", Columns: two})
	_, rows = d.imported("one;other;last\nT1;T2;Trzecia\n", contacts.Importing{Operation: "both keys", Columns: two})
	if assert.Len(d, rows, 1) {
		assert.Contains(d, rows[0], "2 duplicate")
		assert.Contains(d, rows[0], "all have one of", "whose keys they are is said, not guessed")
	}
}

func recordIDs(d *desk) {
	columns := []contacts.Column{{Name: "id", To: contacts.ToRecordID}, {Name: "last", To: contacts.ToLastName}, {Name: "x", To: contacts.ToExternalID}}
	im := contacts.Importing{Campaign: "sales", Columns: columns}
	const text = "id;last;x\nr1;Nowak;e1\nr2;Kot;e2\nr1;Nowak;e1\n"
	_, rows := d.imported(text, im)
	assert.Equal(d, []string{"2 added id01/r1", "3 added id02/r2", "4 unchanged id01/r1"}, rows)
	_, rows = d.imported(text, im)
	assert.Equal(d, []string{"2 unchanged id01/r1", "3 unchanged id02/r2"}, rows[:2])
	im.Operation = "another"
	_, rows = d.imported(text, im)
	assert.Contains(d, rows[0], `2 duplicate id01/r1: record id "r1" exists already`)
	assert.Equal(d, 2, d.count())
}

func blacklisted(d *desk) {
	columns := append([]contacts.Column{{Name: "phone2", To: contacts.ToPhone}}, plain...)
	const head = "phone2;first;last;phone\n"
	d.commit(campaign.Change{List: []blacklist.Entry{{Number: number(1), List: "dnc", Added: noon}, {Number: number(2), List: "other", Added: noon}}})
	_, rows := d.imported(head+";Anna;;+48600000001\n;Ewa;;+48600000002\n+48600000003;Ola;;+48600000001\n", contacts.Importing{Campaign: "sales", Columns: columns})
	assert.Contains(d, rows[0], `2 blacklisted: number +48600000001 is on list "dnc"`)
	assert.Equal(d, "3 added", rows[1][:7], "the campaign does not ask that list")
	assert.Equal(d, "4 added", rows[2][:7], "one of the numbers is free")
	_, err := d.book.Get(ctx, "id01")
	assert.ErrorIs(d, err, contacts.ErrNotFound)

	d = d.over(d.store, func(c *contacts.Config) {
		c.Checkers = []blacklist.Named{{Name: "register", Checker: blacklist.Checker(failing{})}}
	})
	d.ids = 50
	_, rows = d.imported(head+";Iga;;+48600000004\n", contacts.Importing{Campaign: "sales", Columns: columns})
	assert.Contains(d, rows[0], "2 blacklisted: number +48600000004: no blacklist answer")
	_, rows = d.imported(head+";Iga;;+48600000004\n", contacts.Importing{Campaign: "sales", Columns: columns, AllowBlacklisted: true})
	assert.Equal(d, "2 added", rows[0][:7])
}

type failing struct{}

func (failing) Check(context.Context, blacklist.Query) ([]blacklist.Answer, error) {
	return nil, errors.New("the register is down")
}

func sameNumber(d *desk) {
	o := d.opened(contacts.Opening{New: &campaign.Contact{FirstName: "Firm"}, Phones: []campaign.Phone{{Number: number(1)}}})
	im := contacts.Importing{Campaign: "sales"}
	_, rows := d.imported(head+"Anna;;+48600000001\n", im)
	assert.Contains(d, rows[0], "duplicate")
	assert.Contains(d, rows[0], "/"+string(o.Ref.Record))
	im.AllowSameNumber = true
	_, rows = d.imported(head+"Anna;;+48600000001\n", im)
	assert.Equal(d, "2 added", rows[0][:7])
}

func badRows(d *desk) {
	text := head +
		"Anna;Nowak;+48600000001\n" +
		"Jan;\"Kow;+48600000002\n" + // a quote that ends nowhere
		"Ewa;Ko\"t;+48600000003\n" +
		"Ola;\"Lis\"x;+48600000004\n" +
		"Iga;Kos\n" +
		"Ida;Kos;+48600000006;1;2\n" +
		"Ada;\xc5\x81o\xb3;+48600000007\n" + // two encodings in one cell
		"Ula;\x00;+48600000008\n" +
		"Bob;" + strings.Repeat("x", 10_000) + ";+48600000009\n" +
		"Cyd;;600 nine\n" +
		"Dan;;+48600000010\n" +
		"Leo;" + strings.Repeat("y", 2<<20) + ";+48600000011\n" +
		"Max;;+48600000012" // no end of line
	done, rows := d.imported(text, contacts.Importing{Campaign: "sales"})
	assert.Equal(d, map[contacts.RowOutcome]int{contacts.RowAdded: 3, contacts.RowRefused: 10}, done.Outcomes)
	for i, want := range []string{
		"2 added", "3 refused: line 3: field 2 goes on behind its quote", "4 refused: line 4: field 2 has a quote inside", "5 refused: line 5: field 2 goes on behind its quote",
		"6 refused: line 6: the number of fields is 2: want 3", "7 refused: line 7: the number of fields is 5: want 3",
		`8 refused: line 8, column "last": not UTF-8`, `9 refused: line 9, column "last": has bytes that are 0`, "10 refused: last_name", `11 refused: line 11, column "phone": "600 nine"`,
		"12 added", "13 refused: line 13: longer than", "14 added",
	} {
		assert.True(d, strings.HasPrefix(rows[i], want), "%s\nwant %s", rows[i], want)
		assert.True(d, len(rows[i]) < 600, "a message is short")
	}
	_, rows = d.imported(head+"Cyd;;600 nine\n", contacts.Importing{DropBadPhones: true, Columns: append([]contacts.Column{}, plain...)})
	assert.Contains(d, rows[0], "refused", "nothing is left that could name her")
	_, rows = d.imported("first;phone;mail\nCyd;600 nine;c@d.pl\n", contacts.Importing{DropBadPhones: true, Columns: []contacts.Column{
		{Name: "first", To: contacts.ToFirstName}, {Name: "phone", To: contacts.ToPhone}, {Name: "mail", To: contacts.ToEmail},
	}})
	assert.Equal(d, "2 added", rows[0][:7])
}

func decoded(d *desk) {
	d.imported(head+"Micha\xb3;\xc5\x81oza;+48600000001\n", contacts.Importing{Decode: func(cell []byte) ([]byte, error) {
		return []byte(strings.ReplaceAll(string(cell), "\xb3", "ł")), nil
	}})
	assert.Equal(d, "Michał Łoza", d.get("id01").FirstName+" "+d.get("id01").LastName)
	_, rows := d.imported(head+"\xff;x;+48600000002\n", contacts.Importing{Decode: func([]byte) ([]byte, error) { return nil, errors.New("no such letter") }})
	assert.Contains(d, rows[0], "no such letter")
}

func forms(d *desk) {
	for i, sep := range []string{";", ",", "\t", "|"} {
		text := strings.ReplaceAll(fmt.Sprintf("%sAnna;Nowak;+48 60000000%d\n", head, i), ";", sep)
		done, _ := d.imported(text, contacts.Importing{})
		assert.Equal(d, 1, done.Contacts, sep)
	}
	done, _ := d.imported("first;last;phone\rAnna;Nowak;+48600000008\rEwa;Kot;+48600000009\r", contacts.Importing{})
	assert.Equal(d, 2, done.Contacts, "the line ends of old Macs")
	done, _ = d.imported("\ufeff\"first\",\"last\",\"phone\"\r\nIda,Kos,+48600000011\r\n", contacts.Importing{})
	assert.Equal(d, 1, done.Contacts, "a byte order mark before a quote")
	_, rows := d.imported(head+"Ola,Lis,+48600000012\nIga;Kot;+48600000013\n", contacts.Importing{})
	assert.Equal(d, "2 refused: line 2: the number of fields is 1: want 3, one for each column", rows[0], "another delimiter than that of the first line")
	assert.Equal(d, "3 added", rows[1][:7])
	for text, want := range map[string]string{
		"":                         "the file is empty",
		" \n\n":                    "the file is empty",
		"PK\x03\x04xx":             "a zip or a spreadsheet",
		"\xff\xfea\x00":            "UTF-16",
		"a\xff;b\n":                "names of the columns cannot be read",
		"first,last,phone\nx,y,1":  "",
		"name;last;phone\n":        `column "first": is not there: the first line names`,
		"first;first;last;phone\n": "two columns of this name",
	} {
		_, _, err := d.importing(strings.NewReader(text), contacts.Importing{})
		if want == "" {
			assert.NoError(d, err, text)
			continue
		}
		assert.ErrorContains(d, err, want, text)
	}
	_, _, err := d.importing(strings.NewReader("first,last,phone\n"), contacts.Importing{Comma: ';'})
	assert.ErrorContains(d, err, `if the delimiter is ';'; want another delimiter`)
}

func badImport(d *desk) {
	_, err := d.book.Import(ctx, strings.NewReader("a;b;c;d\n"), contacts.Importing{
		List: "june", Skip: -1, Actor: campaign.Actor{User: "\xff"},
		Columns: []contacts.Column{{Name: "x", To: contacts.ToPhone}, {Name: "a", To: "shoe"}, {Name: "b", To: contacts.ToOrder},
			{Name: "c", To: contacts.ToField, Field: "shoe"}, {Name: "d", To: contacts.ToFirstName}, {Name: "D", To: contacts.ToFirstName}},
	})
	for _, want := range []string{"operation", "actor.user", "skip", "name the campaign, or leave them out", `"x": is not there`, `is to be "shoe"`,
		"order belongs to a record", `no field "shoe"`, "read into two things", "another column is the first_name"} {
		assert.ErrorContains(d, err, want)
	}
	_, err = d.book.Import(ctx, strings.NewReader("a\n"), contacts.Importing{Operation: "x", Campaign: "ghost"})
	expect.ErrorAs[*contacts.CampaignError](d, err)
	_, err = d.book.Import(ctx, nil, contacts.Importing{Operation: "x"})
	assert.ErrorContains(d, err, "want the file")
	_, _, err = d.importing(io.MultiReader(strings.NewReader(head+"Anna;;+48600000001\n"), brokenReader{}), contacts.Importing{})
	assert.ErrorContains(d, err, "the disk is gone")
	assert.Equal(d, "Anna", d.get("id01").FirstName, "what was read is written")
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }
