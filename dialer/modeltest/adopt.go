package modeltest

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Where an answer was lost the model goes by what the store has: the operation
// was done, or it was not, and which of the two the checks then hold it to.

// needsNoLease says whether an operation changes a record that nobody has.
func (o op) needsNoLease() bool {
	return slices.Contains([]kind{opSet, opEdit, opMessage, opCorrect}, o.Kind)
}

// stored is a record as the store has it after an operation and before it is read.
func (w *world) stored(ref campaign.Ref) campaign.Facts {
	ref.Token = 0
	facts, err := looked(ctx, w.store, campaign.Need{NoCalls: true}, ref)
	if err != nil || len(facts) != 1 {
		w.fail(5, "look at record %s: %v", ref.Record, err)
		return campaign.Facts{}
	}
	return facts[0]
}

// arrived says whether a record is there.
func (w *world) arrived(ref campaign.Ref) bool { return w.stored(ref).Record.ID == ref.Record }

// changedBy says whether the record of an operation is no more as it was.
func (w *world) changedBy(o op) bool {
	return w.stored(w.records[o.Record].ref).Record.Version != w.cur[o.Record].Record.Version
}

// adoptAnswer is as much of a lost answer as the store tells. That entries are
// written with the status, or not, is what is checked of them.
func (w *world) adoptAnswer(ref campaign.Ref) campaign.Answer {
	f := w.stored(ref)
	answer := campaign.Answer{Owner: f.Record.Owner}
	var numbers []blacklist.Number
	for _, p := range f.Record.Phones {
		numbers = append(numbers, p.Number)
	}
	if f.Call != nil {
		numbers = append(numbers, f.Call.Number)
	}
	answer.Listed = w.adoptEntries(w.now, numbers...)
	w.adoptActions()
	return answer
}

// entries are those of the store that block some numbers at t, on all lists.
func (w *world) entries(t time.Time, numbers ...blacklist.Number) (entries []blacklist.Entry) {
	answers, err := w.store.Check(ctx, blacklist.Query{Now: t, Lists: []blacklist.List{shop}, Numbers: numbers})
	if err != nil {
		w.fail(18, "the store's lists: %v", err)
	}
	for _, a := range answers {
		entries = append(entries, a.Entry)
	}
	return entries
}

// adoptEntries notes what the lists say of some numbers.
func (w *world) adoptEntries(t time.Time, numbers ...blacklist.Number) []blacklist.Entry {
	entries := w.entries(t, numbers...)
	w.list(entries...)
	return entries
}

// stillListed says whether an entry that the model knows is there, ended or not.
func (w *world) stillListed(key blacklist.Key) bool {
	known, ok := w.lists[key]
	if !ok {
		return false
	}
	before := w.now
	if !known.Permanent() {
		before = known.Until.Add(-time.Microsecond)
	}
	return slices.ContainsFunc(w.entries(before, key.Number), func(e blacklist.Entry) bool { return e.Key() == key })
}

// adoptActions notes which actions are pending.
func (w *world) adoptActions() {
	s, ok := w.store.(campaign.ActionStore)
	if !ok {
		return
	}
	pending, err := s.Pending(ctx, "", 10_000)
	if err != nil {
		w.fail(0, "actions: %v", err)
		return
	}
	var ids []string
	for _, a := range pending {
		if !w.knownActions[a.ID] {
			w.knownActions[a.ID] = true
		} else if !slices.Contains(w.pendingActions, a.ID) {
			w.fail(0, "action %q was acknowledged, and is pending again", a.ID)
		}
		ids = append(ids, a.ID)
	}
	w.pendingActions = ids
}
