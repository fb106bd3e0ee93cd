package storetest

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// A deed is a change that touches everything a change can touch, so that what a
// store wrote of it can be seen part by part.
type deed struct {
	mark   string // its record, contact and actions are named after it
	number blacklist.Number
	lease  campaign.Facts // its record while it is leased
}

// prepare adds and leases the record of a deed, and stores what the deed takes
// away.
func prepare(t *trial, st campaign.Store, mark string, number blacklist.Number) deed {
	t.Helper()
	ch := adding(rec(mark, phones(number), person(campaign.ContactID(mark))))
	ch.List = []blacklist.Entry{{List: "old", Number: number}}
	ch.Actions = []campaign.Action{{ID: "old/" + mark}}
	commit(t, st, ch)
	return deed{mark: mark, number: number, lease: lease(t, st, all(noon, limit(1)))}
}

// change is the deed itself.
func (d deed) change() campaign.Change {
	r := d.lease.Record
	r.List = "done"
	r.Standing, r.Lane = status.StandingClosed, status.LaneNone
	return campaign.Change{
		Ref: leaseRef(d.lease), Record: &r,
		Call: &campaign.Call{Token: d.lease.Lease.Call, Campaign: r.Campaign, Record: r.ID, Number: d.number, Ended: noon,
			Before: &campaign.Before{Progress: d.lease.Record.Progress}},
		Entry:   &campaign.Entry{Note: "done"},
		List:    []blacklist.Entry{{List: "new", Number: d.number}},
		Unlist:  []blacklist.Key{{List: "old", Number: d.number}},
		Actions: []campaign.Action{{ID: "new/" + d.mark}},
		Done:    []string{"old/" + d.mark},
		Contact: &campaign.Contact{ID: campaign.ContactID(d.mark), Company: "done"},
	}
}

// traces are the parts of the deed that can be seen, and those that a store
// with the declared abilities shows when all of it was written.
func (d deed) traces(t *trial, st campaign.Store) (seen, whole []string) {
	t.Helper()
	f := look(t, st, leaseRef(d.lease))
	trace := func(name string, yes bool) {
		whole = append(whole, name)
		if yes {
			seen = append(seen, name)
		}
	}
	trace("record", f.Record.List == "done")
	trace("lease", f.Lease.Token == 0)
	trace("call", f.Call != nil)
	trace("before", f.Call != nil && f.Call.Before != nil)
	trace("history", len(f.History) > 0)
	trace("contact", f.Contact != nil)
	if t.options.History {
		entries, calls := lines(t, st, refOf(&d.lease.Record))
		trace("line", len(entries) > 0)
		trace("calls", len(calls) > 0)
	}
	isListed := func(l blacklist.List) bool {
		return len(listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{l}, Numbers: []blacklist.Number{d.number}})) > 0
	}
	trace("listed", isListed("new"))
	trace("unlisted", !isListed("old"))
	if t.options.Actions {
		waiting := make(map[string]bool)
		for _, a := range pending(t, st, "", 0) {
			waiting[a.ID] = true
		}
		trace("action", waiting["new/"+d.mark])
		trace("acknowledged", !waiting["old/"+d.mark])
	}
	return seen, whole
}

// none wants nothing of the deed to be seen.
func (d deed) none(t *trial, st campaign.Store, say ...any) {
	t.Helper()
	seen, _ := d.traces(t, st)
	assert.Empty(t, seen, say...)
}

// all wants the whole deed to be seen.
func (d deed) all(t *trial, st campaign.Store, say ...any) {
	t.Helper()
	seen, whole := d.traces(t, st)
	assert.ElementsMatch(t, whole, seen, say...)
}

// wholeOrNot wants either, and tells which.
func (d deed) wholeOrNot(t *trial, st campaign.Store, say ...any) (written bool) {
	t.Helper()
	seen, whole := d.traces(t, st)
	if len(seen) == 0 || len(seen) == len(whole) {
		return len(seen) > 0
	}
	assert.ElementsMatch(t, whole, seen, say...)
	return true
}
