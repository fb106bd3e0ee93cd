package contacts

import (
	"context"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Merging says that two contacts are one.
type Merging struct {
	Survivor campaign.ContactID // the one that stays
	Other    campaign.ContactID // the one that becomes it
	Actor    campaign.Actor
	// Operation is the id of what is done here, for the histories.
	Operation string
}

// Merged is what became of two contacts.
type Merged struct {
	Contact *campaign.Contact // the survivor as it is now
	// Already says that they were one before: nothing was written.
	Already bool
	Records []campaign.Ref // that went from the other to the survivor
	Closed  []Replaced     // records that gave way to another one of their campaign
	// Warnings are what a person should know, such as a record that was not reached.
	Warnings []string
}

// Replaced is a record that was closed because its contact goes on with another one.
type Replaced struct{ Record, By campaign.Ref }

// Merge makes two contacts one: its phones, e-mail addresses, keys, cases and calls
// are those of both, and both ids give it from then on. What both say differently
// stays as the survivor has it. It is one change: all of it is written, or nothing.
//
// Where both have a record in a campaign one of them goes on, and the other is
// closed: the one with the earlier promise to call back; else one that is finished
// (closed by a status); else a success; else the one that was called last; else the
// survivor's. Nobody is called again because they were in the book twice. So there is
// at most one open record of a contact in a campaign.
//
// While a record of either is leased it is refused with a *[campaign.LeasedError].
// Done again it changes nothing.
func (b *Book) Merge(ctx context.Context, m Merging) (Merged, error) {
	if m.Survivor == m.Other {
		return Merged{}, &campaign.FieldError{Path: "other", Value: string(m.Other), Msg: "want another contact than the survivor"}
	}
	if err := checkActor(&m.Actor, m.Operation); err != nil {
		return Merged{}, err
	}
	var merged Merged
	err := again(func() (err error) {
		merged, err = b.merge(ctx, &m)
		return err
	})
	return merged, err
}

func (b *Book) merge(ctx context.Context, m *Merging) (Merged, error) {
	both, err := b.store.Contacts(ctx, m.Survivor, m.Other)
	if err != nil {
		return Merged{}, fmt.Errorf("read contacts %q and %q: %w", m.Survivor, m.Other, err)
	}
	survivor, other := both[0], both[1]
	switch {
	case survivor == nil:
		return Merged{}, notFound(m.Survivor)
	case other == nil:
		return Merged{}, notFound(m.Other)
	case survivor.ID == other.ID:
		return Merged{Contact: survivor, Already: true}, nil
	}
	facts, err := b.records(ctx, survivor.ID, other.ID)
	if err != nil {
		return Merged{}, err
	}
	now := b.now()
	next := joined(survivor, other, true)
	next.Updated, next.Author, next.Operation = now, m.Actor.Name(), m.Operation
	if _, err := b.check(next); err != nil {
		return Merged{}, fmt.Errorf("contacts %q and %q as one: %w", survivor.ID, other.ID, err)
	}
	j := joining{book: b, m: m, now: now, known: b.byCampaign(), survivor: survivor, other: other}
	j.change = campaign.Change{Contact: next, Merge: other.ID, MergeVersion: other.Version}
	j.merged.Contact = next
	for from := 0; from < len(facts); { // they come in the order of their campaigns
		to := from
		for to < len(facts) && facts[to].Record.Campaign == facts[from].Record.Campaign {
			if facts[to].Lease.Token != 0 {
				return Merged{}, leased(&facts[to])
			}
			to++
		}
		if err := j.campaign(facts[from:to]); err != nil {
			return Merged{}, err
		}
		from = to
	}
	if err := b.commit(ctx, j.change); err != nil {
		return Merged{}, err
	}
	next.Version++
	return j.merged, nil
}

// joining is a merge on its way.
type joining struct {
	book            *Book
	m               *Merging
	now             time.Time
	known           map[campaign.ID]*campaign.Campaign
	survivor, other *campaign.Contact // as they were
	change          campaign.Change
	merged          Merged
}

// campaign decides what becomes of the two contacts' records of one campaign.
func (j *joining) campaign(facts []campaign.Facts) error {
	var ours, theirs *campaign.Record // those that each contact goes on with
	for i := range facts {
		r := &facts[i].Record
		side := &ours
		if r.Contact == j.other.ID {
			side = &theirs
		}
		if *side == nil || further(r, *side) {
			*side = r
		}
	}
	goesOn := ours
	if ours == nil || theirs != nil && first(theirs, ours) {
		goesOn = theirs
	}
	for i := range facts {
		if err := j.record(&facts[i], goesOn); err != nil {
			return err
		}
	}
	return nil
}

// record decides what becomes of one record, in the campaign in which the contact
// goes on with another one, or this.
func (j *joining) record(f *campaign.Facts, goesOn *campaign.Record) error {
	r := &f.Record
	ref := refOf(r)
	had := j.survivor.Phones
	if r.Contact == j.other.ID {
		had = j.other.Phones
	}
	event := campaign.Joining{Contact: j.survivor.ID, Actor: everywhere(j.m.Actor), Operation: j.m.Operation}
	switch {
	case !open(r):
	case r.ID != goesOn.ID:
		event.Close = true
		event.Note = fmt.Sprintf("the contact goes on with record %s", goesOn.ID)
	default:
		if phones := j.book.phones(r, had, j.change.Contact.Phones); !samePhones(phones, r.Phones) {
			event.Phones = phones
		}
	}
	if r.Contact == j.survivor.ID && !event.Close && event.Phones == nil {
		return nil
	}
	c := j.known[ref.Campaign]
	if c == nil {
		return fmt.Errorf("record %s cannot be joined: %w", ref.Record, &CampaignError{ID: ref.Campaign})
	}
	f.Contact = j.change.Contact
	change, err := c.Apply(f, event, j.now)
	if err != nil {
		return fmt.Errorf("record %s of campaign %s: %w", ref.Record, ref.Campaign, err)
	}
	j.change.Also = append(j.change.Also, change)
	j.merged.Warnings = append(j.merged.Warnings, change.Answer.Warnings...)
	if r.Contact == j.other.ID {
		j.merged.Records = append(j.merged.Records, ref)
	}
	if event.Close {
		j.merged.Closed = append(j.merged.Closed, Replaced{Record: ref, By: refOf(goesOn)})
	}
	return nil
}

// further reports whether a is the one that a contact goes on with, rather than b,
// where it has several records in a campaign: then all but one gave way to others.
func further(a, b *campaign.Record) bool {
	if open(a) != open(b) {
		return open(a)
	}
	return a.StatusAt.After(b.StatusAt)
}

// first reports whether the other contact's record goes on, rather than the survivor's.
func first(theirs, ours *campaign.Record) bool {
	promised := func(r *campaign.Record) bool { return open(r) && r.Promised }
	switch a, b := promised(theirs), promised(ours); {
	case a && b:
		return theirs.Due.Before(ours.Due)
	case a != b:
		return a
	}
	if a, b := finished(theirs), finished(ours); a != b {
		return a
	}
	if open(theirs) != open(ours) { // closed by the engine: its number was wrong, its attempts used up
		return open(theirs)
	}
	if theirs.Success != ours.Success {
		return theirs.Success
	}
	return theirs.LastCall.After(ours.LastCall)
}

// finished reports whether somebody closed the record.
func finished(r *campaign.Record) bool {
	switch r.Qualifier {
	case status.Closed, status.SuccessClosed, status.SuccessCancelled:
		return !open(r)
	}
	return false
}
