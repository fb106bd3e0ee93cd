package campaign

import "github.com/nextcall/nextcall/status"

// Restore makes a record again what it was before an operation changed it, by
// [Set] or [Receive], as long as nothing else has happened to it since. It is
// applied by the campaign that it was in, with the facts as they are where it is
// now; the Change has Move set when that is another one.
//
// It gets its old place in the order of import, and is a change of its own, with
// author, time and entry. What went out stays so: entries on blacklists, which
// only removal by hand ends early, and actions.
//
// A record that was changed since, or was never changed by the operation, is
// a [*RestoreError].
type Restore struct {
	Before    Record // as it was
	Undoes    string // the operation that changed it
	Actor     Actor
	Note      string
	Operation string
}

func (d *draft) restore(e *Restore) (*Change, error) {
	now := *d.r
	d.acts(&e.Actor, e.Operation)
	d.why(WhyRestored)
	refuse := func(msg string) {
		d.fail(&RestoreError{Record: now.ID, Operation: e.Undoes, Msg: msg})
	}
	switch {
	case e.Before.ID != now.ID:
		refuse("it is said of another record, " + string(e.Before.ID))
	case e.Undoes == "":
		refuse("the operation has no name")
	case now.Operation == e.Undoes && now.Changes == e.Before.Changes+1:
	case now.Changes == e.Before.Changes:
		refuse("it was not changed")
	default:
		refuse("something else has changed it since")
	}
	if e.Before.Standing == status.StandingKeep || e.Before.Standing > status.StandingClosed || e.Before.Lane >= status.NumLanes {
		d.fail(&FieldError{Path: "before.standing", Value: e.Before.Standing.String(), Msg: "want the record as it was kept"})
	}
	*d.r = e.Before
	d.identity()
	d.checkPhones(e.Before.Phones)
	d.saveTags(e.Before.Tags)
	d.ownLists()
	d.times()
	d.r.Fields = nil
	d.saveFields(e.Before.Fields, false)
	d.r.Campaign, d.r.Version, d.r.Changes = d.c.cfg.ID, now.Version, now.Changes
	d.note(e.Note)
	change, err := d.finish(0, d.entry(Entry{Why: WhyRestored, Note: e.Note}))
	if err != nil {
		return nil, err
	}
	change.Ref.Campaign, change.Move = now.Campaign, now.Campaign != d.c.cfg.ID
	return change, nil
}
