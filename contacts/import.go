package contacts

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Importing says how a CSV file is read, and what becomes of its rows.
//
// A row is a contact, and with a Campaign a record of it too. It is one that is known
// already if a contact has one of its keys; else if one has one of its phones or e-mail
// addresses, and no other key of the host's own. Then names, country and fields of the
// row replace what it has if a key says who is meant, and only fill what is empty if a
// phone or e-mail address does; phones, e-mail addresses and keys are added behind
// those that are there. So nothing that is known gets lost, and a file that is imported
// again changes nothing.
//
// An empty cell says nothing. Values of fields are written as they are in Go, times as
// 2026-11-22T09:00:00Z or 2026-11-22, lists with "|" between, true and false also
// as yes and no, 1 and 0.
type Importing struct {
	Actor campaign.Actor
	// Operation is the id of the import. Rows that are found to be done under it are
	// unchanged, not duplicates. Required.
	Operation string
	Columns   []Column

	// Campaign gets a record for each row; "" imports contacts alone.
	Campaign campaign.ID
	List     string // the batch: Record.List
	Type     string // record type

	Comma byte // the delimiter; 0: that of ; , tab and | which the first line has most of
	// Decode makes UTF-8 of a cell that is none. Nil: its row is refused. A file that
	// is in another encoding as a whole is decoded by its reader.
	Decode func([]byte) ([]byte, error)
	// Phone reads a phone as people write it, such as e164's. Nil: the international
	// form, as blacklist.ParseNumber reads it, and Config.Phone.
	Phone func(text string) (campaign.Phone, error)
	// DropBadPhones imports a row without a phone that cannot be read, with a
	// warning. Without it the row is refused.
	DropBadPhones bool

	// KeepData leaves the data of contacts that are there as they are.
	KeepData bool
	// AllowDuplicate makes a new contact of a row whose phone or e-mail address
	// belongs to a contact with another key.
	AllowDuplicate bool
	// AllowSameNumber takes records with a number that another open record of the
	// campaign has, AllowBlacklisted those all of whose numbers are blacklisted.
	AllowSameNumber  bool
	AllowBlacklisted bool

	// Skip are rows to pass over: the Imported.Rows of an import that was cut off. It
	// saves time only.
	Skip int
	// Row is told what became of each row, in their order. An error ends the import.
	Row func(Row) error
}

// RowOutcome is what became of a row.
type RowOutcome string

// The outcomes of a row.
const (
	RowAdded       RowOutcome = "added"       // a contact, a record, or both are new
	RowUpdated     RowOutcome = "updated"     // the contact was there, and has new data
	RowUnchanged   RowOutcome = "unchanged"   // it says what is known, or this import has been here before
	RowDuplicate   RowOutcome = "duplicate"   // of the contact or record that Row names
	RowBlacklisted RowOutcome = "blacklisted" // left out: each of its numbers is
	RowRefused     RowOutcome = "refused"     // Row.Err says why
)

// Row is what became of one row of a file.
type Row struct {
	Line    int // of the file, on which the row begins
	Number  int // the how manyeth it is, from 1
	Outcome RowOutcome
	// Contact and Record are those of the row, or that it is a duplicate of.
	Contact campaign.ContactID
	Record  campaign.Ref
	// Err says why it was not taken: a *FileError, what is wrong with the contact
	// or record, a *[campaign.DuplicateError], a *[campaign.ContactExistsError], an
	// *[AmbiguousError], a *[campaign.ListedError] or a *[campaign.LeasedError].
	Err      error
	Warnings []string
}

// Imported counts what became of a file's rows.
type Imported struct {
	Rows     int // read, those that were skipped among them
	Skipped  int
	Outcomes map[RowOutcome]int // of the others
	Contacts int                // that are new
	Records  int                // that are new
	Ignored  []string           // columns that nothing was read of
}

// importBatch is how many rows go into one commit.
const importBatch = 500

// Import reads contacts from a CSV file, as a stream: its first line names the columns,
// in UTF-8, with or without a byte order mark. Bad rows are told and passed over. The
// error is what is wrong with the file as a whole or with im, or that the store or
// im.Row failed: then Imported says how far it came, and it can be done again.
func (b *Book) Import(ctx context.Context, r io.Reader, im Importing) (Imported, error) {
	done := Imported{Outcomes: make(map[RowOutcome]int)}
	i, err := b.newImport(r, &im, &done)
	if err != nil {
		return done, err
	}
	for {
		row, ok := i.table.row()
		if !ok {
			break
		}
		if i.number++; i.number <= im.Skip {
			done.Rows++
			done.Skipped++
			continue
		}
		next := i.read(row)
		if i.meets(next) || len(i.batch) == importBatch {
			if err := i.flush(ctx); err != nil {
				return done, err
			}
		}
		i.add(next)
	}
	if err := i.flush(ctx); err != nil {
		return done, err
	}
	return done, i.table.failed
}

// importing is an import on its way.
type importing struct {
	*Importing
	book    *Book
	c       *campaign.Campaign // nil: contacts alone
	table   *table
	columns []placed
	done    *Imported
	number  int // of the last row

	batch   []*candidate
	keys    map[campaign.ContactKey]bool // of the batch
	records map[campaign.RecordID]bool   // that its rows name
}

// newImport checks what was asked for, and reads the file's header.
func (b *Book) newImport(r io.Reader, im *Importing, done *Imported) (*importing, error) {
	var k checker
	if im.Operation == "" {
		k.wrong("operation", "", "want an id for this import, the same one when it is done again")
	}
	if err := checkActor(&im.Actor, im.Operation); err != nil {
		k.errs = append(k.errs, err)
	}
	k.text("list", im.List)
	if im.Skip < 0 {
		k.wrong("skip", fmt.Sprint(im.Skip), "want 0 or more")
	}
	i := &importing{Importing: im, book: b, done: done, keys: make(map[campaign.ContactKey]bool), records: make(map[campaign.RecordID]bool)}
	if im.Campaign != "" {
		c, err := b.campaign(im.Campaign, &im.Actor)
		if err != nil {
			k.errs = append(k.errs, err)
		}
		i.c = c
	} else if im.List != "" || im.Type != "" {
		k.wrong("campaign", "", "a list and a record type belong to records: name the campaign, or leave them out")
	}
	if r == nil {
		k.wrong("reader", "", "want the file")
		return nil, errors.Join(k.errs...)
	}
	var err error
	if i.table, err = newTable(r, im.Comma, im.Decode); err != nil {
		k.errs = append(k.errs, err)
		return nil, errors.Join(k.errs...)
	}
	if im.Campaign == "" || i.c != nil {
		i.columns, done.Ignored, err = place(im.Columns, i.table.header, i.table.comma, b.cfg.Fields, i.c, im.Type)
		if err != nil {
			k.errs = append(k.errs, err)
		}
	}
	if im.Phone == nil {
		im.Phone = func(text string) (campaign.Phone, error) {
			n, err := blacklist.ParseNumber(text)
			if err != nil {
				return campaign.Phone{}, err
			}
			return b.phone(n), nil
		}
	}
	return i, errors.Join(k.errs...)
}

// candidate is a row on its way into the store.
type candidate struct {
	row     Row
	contact *campaign.Contact // as the row has it
	record  *campaign.Record  // nil for a contact alone
	keys    []campaign.ContactKey

	have       *campaign.Contact // the one that is there; nil: none
	sure       bool              // a key of the host's own says so
	newContact bool
	newRecord  bool
	judged     bool // row says what became of it, and nothing is to be written
}

// meets reports whether a row has a key, or the record id, that another row of the
// batch has: that one is written first, to be found.
func (i *importing) meets(c *candidate) bool {
	for _, k := range c.keys {
		if i.keys[k] {
			return true
		}
	}
	return c.record != nil && i.records[c.record.ID]
}

func (i *importing) add(c *candidate) {
	i.batch = append(i.batch, c)
	for _, k := range c.keys {
		i.keys[k] = true
	}
	if c.record != nil && c.record.ID != "" {
		i.records[c.record.ID] = true
	}
}

// flush writes the batch and tells what became of its rows.
func (i *importing) flush(ctx context.Context) error {
	left := make([]*candidate, 0, len(i.batch))
	for _, c := range i.batch {
		if !c.judged {
			left = append(left, c)
		}
	}
	for try := 1; len(left) > 0; try++ {
		var err error
		if left, err = i.write(ctx, left, try == maxTries); err != nil {
			return err
		}
	}
	for _, c := range i.batch {
		i.done.Rows++
		i.done.Outcomes[c.row.Outcome]++
		if c.row.Outcome == RowAdded || c.row.Outcome == RowUpdated {
			if c.newContact {
				i.done.Contacts++
			}
			if c.newRecord {
				i.done.Records++
			}
		}
		if i.Row != nil {
			if err := i.Row(c.row); err != nil {
				return fmt.Errorf("import ended at line %d: %w", c.row.Line, err)
			}
		}
	}
	i.batch = i.batch[:0]
	clear(i.keys)
	clear(i.records)
	return nil
}

// refuse says why a row is not taken.
func (c *candidate) refuse(outcome RowOutcome, err error) {
	c.row.Outcome, c.row.Err, c.judged = outcome, err, true
	if c.newContact {
		c.row.Contact = "" // it was not made
	}
	c.newContact, c.newRecord = false, false
}
