// Frontdesk is what a CRM does all day beside its calls: somebody types a name, a case
// is opened for the person who is suggested or for a new one, a second card of the same
// person is found and merged, a file of contacts is imported, and in the end one of them
// wants to be forgotten. What is printed is what the screens would show.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/status"
)

// desk is the host: a book over a store, and the agent who sits there.
type desk struct {
	ctx   context.Context
	out   io.Writer
	store *memstore.Store
	book  *contacts.Book
	ann   campaign.Actor
	zak   campaign.ContactID
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// campaigns are those of the host. The agent of this desk does not work in the second.
func campaigns() (contacts.List, error) {
	dict, err := status.New(
		status.Status{ID: "callback", Title: "Call back", Qualifier: status.CallbackAt},
		status.Status{ID: "order", Title: "Ordered", Qualifier: status.SuccessClosed, Validate: true},
	)
	if err != nil {
		return nil, err
	}
	var list contacts.List
	for _, cfg := range []campaign.Config{
		{ID: "heating", Name: "Heating", Statuses: []status.ID{"callback", "order"}, RecordTypes: []campaign.RecordType{
			{Name: "house", Fields: []campaign.Field{{Name: "address", Required: true}, {Name: "rooms", Type: campaign.Int}}},
		}},
		{ID: "claims", Name: "Claims", Agents: []campaign.AgentID{"joe"}},
	} {
		cfg.Revision, cfg.Zone, cfg.CalleeZone = 1, "Europe/Warsaw", "Europe/Warsaw"
		c, _, err := campaign.Compile(cfg, dict, nil)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func run(ctx context.Context, out io.Writer) error {
	list, err := campaigns()
	if err != nil {
		return err
	}
	now, last := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), 0
	d := &desk{ctx: ctx, out: out, store: memstore.New(), ann: campaign.Actor{User: "ann", Agent: "ann"}}
	d.book, err = contacts.New(d.store, list, contacts.Config{
		Now:    func() time.Time { now = now.Add(time.Minute); return now }, // a host leaves it out
		NewID:  func() string { last++; return fmt.Sprintf("%03d", last) },  // a host makes UUIDs
		Fields: []campaign.Field{{Name: "segment"}},                         // what else is known of people
	})
	if err != nil {
		return err
	}
	for _, step := range []func() error{d.openNew, d.suggest, d.refuse, d.save, d.merge, d.importFile, d.erase} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (d *desk) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// openNew opens a case for somebody new, in one of the campaigns that the agent is
// offered.
func (d *desk) openNew() error {
	for _, c := range d.book.Available(d.ann) {
		d.say("campaign to choose: %s", c.ID())
	}
	opening := contacts.Opening{
		Campaign: "heating", Actor: d.ann, Channel: campaign.ChannelCall, Type: "house",
		New:    &campaign.Contact{FirstName: "Łucja", LastName: "Żak", Phones: []blacklist.Number{48600100200}},
		Status: "order", Note: "wants an offer by mail",
	}
	_, err := d.book.Open(d.ctx, opening)
	var missing *campaign.RequiredError
	if errors.As(err, &missing) {
		d.say("not saved, fill in: %s", strings.Join(missing.Fields, ", "))
	}
	opening.Status, opening.Input = "callback", campaign.Input{Date: "2026-06-02", Hour: "10:00"}
	opened, err := d.book.Open(d.ctx, opening)
	if err != nil {
		return err
	}
	d.zak = opened.Contact.ID
	d.say("case %s of contact %s, next call %s", opened.Ref.Record, opened.Contact.ID, opened.Record.Due.Format("2 January 15:04"))
	return nil
}

// suggest shows what comes up while somebody types.
func (d *desk) suggest() error {
	for _, text := range []string{"l", "luc", "zak", "600 100"} {
		found, err := d.book.Suggest(d.ctx, campaign.Typed{Text: text})
		if err != nil {
			return err
		}
		for _, s := range found {
			d.say("typed %q: %s %s", text, s.Contact.FirstName, s.Contact.LastName)
		}
	}
	return nil
}

// refuse shows what comes instead of a second card or a second case.
func (d *desk) refuse() error {
	_, err := d.book.Save(d.ctx, contacts.Saving{Actor: d.ann, Contact: campaign.Contact{FirstName: "Lucja", Phones: []blacklist.Number{48600100200}}})
	var exists *campaign.ContactExistsError
	if errors.As(err, &exists) {
		d.say("not saved: contact %s has that phone", exists.Matches[0].Contact)
	}
	_, err = d.book.Open(d.ctx, contacts.Opening{Campaign: "heating", Actor: d.ann, Channel: campaign.ChannelMail, Chosen: d.zak})
	var duplicate *campaign.DuplicateError
	if errors.As(err, &duplicate) {
		d.say("not opened: case %s is there", duplicate.Existing.Record)
	}
	return nil
}

// save gives the contact a second phone, which is dialled in its open case from now on.
func (d *desk) save() error {
	c, err := d.book.Get(d.ctx, d.zak)
	if err != nil {
		return err
	}
	next := *c
	next.Phones = []blacklist.Number{48600100200, 48221234567}
	saved, err := d.book.Save(d.ctx, contacts.Saving{Actor: d.ann, Contact: next})
	if err != nil {
		return err
	}
	d.say("saved; phones reached %d case(s)", len(saved.Records))
	return nil
}

// merge makes one of two cards.
func (d *desk) merge() error {
	second, err := d.book.Save(d.ctx, contacts.Saving{Actor: d.ann, Contact: campaign.Contact{FirstName: "Ł.", LastName: "Żak", Emails: []string{"zak@example.org"}}})
	if err != nil {
		return err
	}
	merged, err := d.book.Merge(d.ctx, contacts.Merging{Survivor: d.zak, Other: second.Contact.ID, Actor: d.ann, Operation: "merge-1"})
	if err != nil {
		return err
	}
	found, err := d.book.Get(d.ctx, second.Contact.ID)
	if err != nil {
		return err
	}
	d.say("merged: contact %s with %v; %s gives %s", merged.Contact.ID, merged.Contact.Emails, second.Contact.ID, found.ID)
	return nil
}

// importFile imports a file as people send them.
func (d *desk) importFile() error {
	const file = "\ufeffNr;Name;Phone;Rooms\n" +
		"K1;Jan Nowak;+48 600 300 400;3\n" +
		"K2;\"Ewa \"\"Eva\"\" Kot\";+48 600 300 401;many\n" +
		"K3;Żak;+48 600 100 200;2\n" +
		"K4;Ola;600;1\n" +
		"K1;Jan Nowak;+48 600 300 400;3\n"
	done, err := d.book.Import(d.ctx, strings.NewReader(file), contacts.Importing{
		Actor: d.ann, Operation: "import-1", Campaign: "heating", List: "june", Type: "house",
		Columns: []contacts.Column{
			{Name: "nr", To: contacts.ToKey}, {Name: "name", To: contacts.ToLastName},
			{Name: "phone", To: contacts.ToPhone}, {Name: "rooms", To: contacts.ToRecordField},
		},
		Row: func(r contacts.Row) error {
			text := fmt.Sprintf("line %d %s %s", r.Line, r.Outcome, r.Contact)
			if r.Err != nil {
				text = fmt.Sprintf("line %d %s: %.60v…", r.Line, r.Outcome, r.Err)
			}
			d.say("%s", text)
			return nil
		},
	})
	if err != nil {
		return err
	}
	d.say("%d rows, %d new contacts, %d new cases", done.Rows, done.Contacts, done.Records)
	return nil
}

// erase forgets the person: what was done is known, not to whom.
func (d *desk) erase() error {
	removed, err := d.book.Erase(d.ctx, contacts.Removing{Contact: d.zak, Actor: d.ann, Operation: "gdpr-1"})
	if err != nil {
		return err
	}
	for _, ref := range removed.Records {
		entries, _, err := d.store.History(d.ctx, ref)
		if err != nil {
			return err
		}
		for _, e := range entries {
			d.say("case %s, %s: %s by %s, operation %q", ref.Record, e.At.Format("15:04"), e.Why, e.Author, e.Operation)
		}
	}
	return nil
}
