package transfer

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/nextcall/nextcall/campaign"
)

// records gives the records that the request is about, each in the item that is
// next in the batch.
func (w *work) records(ctx context.Context) iter.Seq2[*item, error] {
	if w.undo != nil {
		return w.remembered(ctx)
	}
	return func(yield func(*item, error) bool) {
		for facts, err := range w.store.Find(ctx, w.find, w.need) {
			if err != nil {
				yield(nil, fmt.Errorf("find records: %w", err))
				return
			}
			it := w.spare()
			it.facts, it.by, it.event = facts, w.to, w.event
			if !yield(it, nil) {
				return
			}
		}
	}
}

// checkLimit finds out how many records a limited request has changed already,
// and refuses a limit that is larger than what there is.
func (w *work) checkLimit(ctx context.Context) error {
	var err error
	if w.done, err = w.changedBefore(ctx); err != nil || w.done > 0 {
		return err
	}
	found := 0
	if w.where == nil {
		counts, err := w.store.Count(ctx, w.find, campaign.ByNothing)
		if err != nil {
			return fmt.Errorf("count records: %w", err)
		}
		found = counts[""]
	} else {
		for facts, err := range w.where.Find(ctx, w.store, w.find, w.now) {
			// One that it cannot judge is there, too: it will be skipped.
			if err != nil && facts.Record.ID == "" {
				return fmt.Errorf("count records: %w", err)
			}
			if found++; found == w.limit {
				break
			}
		}
	}
	if w.limit > found {
		return &LimitError{Limit: w.limit, Found: found}
	}
	return nil
}

// changedBefore counts what the operation has changed. Where it began is known,
// those count too that were changed by something else since.
func (w *work) changedBefore(ctx context.Context) (int, error) {
	if w.operation == "" {
		return 0, nil
	}
	f := campaign.Filter{Campaigns: []campaign.ID{w.from.ID()}, At: w.now}
	if w.to != w.from {
		f.Campaigns = append(f.Campaigns, w.to.ID())
	}
	if w.began.IsZero() || w.history == nil {
		f.Operation = w.operation
		counts, err := w.store.Count(ctx, f, campaign.ByNothing)
		if err != nil {
			return 0, fmt.Errorf("count what was changed before: %w", err)
		}
		return counts[""], nil
	}
	n := 0
	for facts, err := range w.store.Find(ctx, f, campaign.Need{NoCalls: true}) {
		if err != nil {
			return 0, fmt.Errorf("count what was changed before: %w", err)
		}
		changed, err := w.hasChanged(ctx, &facts.Record)
		if err != nil {
			return 0, err
		}
		if changed {
			n++
		}
	}
	return n, nil
}

// refused finds out which changes of a plan the store would refuse. What is
// leased or was changed is known by then; what is left is a record or a contact
// that the campaign has already to which a record would move.
func (w *work) refused(ctx context.Context, items []*item) ([]error, error) {
	var refs []campaign.Ref
	contacts := make(map[campaign.ID][]campaign.ContactID)
	for _, it := range items {
		if !it.change.Move {
			continue
		}
		r := it.change.Record
		refs = append(refs, campaign.Ref{Campaign: r.Campaign, Record: r.ID})
		if r.Contact != "" {
			contacts[r.Campaign] = append(contacts[r.Campaign], r.Contact)
		}
	}
	if len(refs) == 0 {
		return nil, nil
	}
	var looked campaign.Looked
	if err := w.store.Look(ctx, campaign.Need{NoCalls: true}, &looked, refs...); err != nil {
		return nil, fmt.Errorf("look for records of the same id: %w", err)
	}
	type member struct {
		campaign campaign.ID
		contact  campaign.ContactID
	}
	members := make(map[member]campaign.Ref)
	for id, list := range contacts {
		f := campaign.Filter{Campaigns: []campaign.ID{id}, Contacts: list, At: w.now}
		for facts, err := range w.store.Find(ctx, f, campaign.Need{NoCalls: true}) {
			if err != nil {
				return nil, fmt.Errorf("look for records of the same contact: %w", err)
			}
			m := member{id, facts.Record.Contact}
			if _, ok := members[m]; !ok {
				members[m] = campaign.Ref{Campaign: id, Record: facts.Record.ID}
			}
		}
	}
	errs := make([]error, len(items))
	moved := 0
	for i, it := range items {
		if !it.change.Move {
			continue
		}
		r := it.change.Record
		if looked.Facts[moved].Record.ID != "" {
			errs[i] = &campaign.DuplicateError{What: "record id", Value: string(r.ID), Existing: refs[moved]}
		} else if ref, ok := members[member{r.Campaign, r.Contact}]; ok && r.Contact != "" {
			errs[i] = &campaign.DuplicateError{What: "contact in campaign", Value: string(r.Contact), Existing: ref}
		}
		moved++
	}
	return errs, nil
}

// remembered gives the records of an undo's log, as they are now.
func (w *work) remembered(ctx context.Context) iter.Seq2[*item, error] {
	return func(yield func(*item, error) bool) {
		var page []Before
		ok := true
		for before, err := range w.undo.Log {
			if err != nil {
				yield(nil, fmt.Errorf("read the log: %w", err))
				return
			}
			if page = append(page, before); len(page) < w.options.Batch {
				continue
			}
			if ok = w.page(ctx, page, yield); !ok {
				return
			}
			page = page[:0]
		}
		w.page(ctx, page, yield)
	}
}

// page reads the records of a part of the log. A record is where the operation
// has put it, or where it was.
func (w *work) page(ctx context.Context, page []Before, yield func(*item, error) bool) bool {
	refs := make([]campaign.Ref, 0, 2*len(page))
	var need *campaign.Need
	for i := range page {
		r := &page[i].Record
		by := w.loaded[r.Campaign]
		if by == nil {
			yield(nil, &CampaignError{Path: fmt.Sprintf("log: record %s", r.ID), ID: r.Campaign})
			return false
		}
		if need == nil {
			need = new(campaign.Need)
			*need = by.Need(w.now)
		} else {
			*need = both(*need, by.Need(w.now))
		}
		refs = append(refs, campaign.Ref{Campaign: page[i].To, Record: r.ID}, campaign.Ref{Campaign: r.Campaign, Record: r.ID})
	}
	if len(refs) == 0 {
		return true
	}
	w.need = *need
	var looked campaign.Looked // not used again: what is in it may be kept
	if err := w.store.Look(ctx, w.need, &looked, refs...); err != nil {
		yield(nil, fmt.Errorf("read records: %w", err))
		return false
	}
	for i := range page {
		at := 2 * i
		if looked.Facts[at].Record.ID == "" {
			at++
		}
		it, before := w.spare(), &page[i].Record
		it.facts, it.before, it.by = looked.Facts[at], before, w.loaded[before.Campaign]
		if it.facts.Record.ID == "" {
			it.facts.Record.Campaign, it.facts.Record.ID = page[i].To, before.ID
		}
		it.event = campaign.Restore{Before: *before, Undoes: w.undo.Undoes, Actor: w.undo.Actor, Note: w.undo.Note, Operation: w.undo.Operation}
		if !yield(it, nil) {
			return false
		}
	}
	return true
}

var (
	errGone       = errors.New("it is in neither campaign")
	errNotChanged = errors.New("the operation has not changed it")
)

// unchanged counts a record of an undo's log that there is nothing to undo on,
// and reports whether it did.
func (w *work) unchanged(it *item) bool {
	r := &it.facts.Record
	switch {
	case r.Version == 0:
		w.skip(it, Gone, errGone)
	case r.Changes == it.before.Changes:
		w.skip(it, NotChanged, errNotChanged)
	case r.Operation == w.undo.Undoes && r.Changes != it.before.Changes+1:
		// The run wrote its log, could not write the batch, and did both again
		// later: another line of the log says what the record was.
		w.report.Found--
	default:
		return false
	}
	return true
}
