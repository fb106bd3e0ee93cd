package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// work is a request while it is carried out, or only planned.
type work struct {
	*job
	store   campaign.Store
	history campaign.HistoryStore // nil if the store has none
	options Options
	now     time.Time
	need    campaign.Need
	matcher *campaign.Matcher // of the filter, for records that changed meanwhile
	report  Report

	told    int     // how many records Progress was last told of
	done    int     // with a limit: how many the operation has changed before
	items   []*item // of a batch, those to be changed first
	batch   int     // how many are to be changed
	changes []campaign.Change
	befores []Before
}

// item is a record of a batch. Its memory is used again for the next one.
type item struct {
	facts  campaign.Facts
	by     *campaign.Campaign // that applies the event
	event  campaign.Event
	before *campaign.Record // what an Undo wants it to be
	memory campaign.Work
	change *campaign.Change
}

func newWork(ctx context.Context, store campaign.Store, j *job, o Options, now time.Time) (*work, error) {
	w := &work{job: j, store: store, options: o, now: now}
	w.history, _ = store.(campaign.HistoryStore)
	w.report = Report{Kind: j.kind, Operation: j.operation}
	if j.undo != nil {
		return w, nil
	}
	w.report.From, w.report.To, w.report.Statuses = j.from.ID(), j.to.ID(), j.find.Statuses
	w.report.Status, w.report.Qualifier = j.set.Status, j.set.Qualifier
	if st, ok := j.to.Status(j.set.Status); ok {
		w.report.Qualifier = st.Qualifier
	}
	w.need = j.to.Need(now)
	if j.where != nil {
		w.need = both(w.need, j.where.Need(now))
	}
	if j.limit > 0 {
		if err := w.checkLimit(ctx); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// both is what either needs.
func both(a, b campaign.Need) campaign.Need {
	need := campaign.Need{Contact: a.Contact || b.Contact, NoCalls: a.NoCalls && b.NoCalls}
	switch {
	case a.NoCalls:
		need.Since = b.Since
	case b.NoCalls || a.Since.Before(b.Since):
		need.Since = a.Since
	default:
		need.Since = b.Since
	}
	return need
}

var errNoOperation = &campaign.FieldError{Path: "operation", Msg: "want an id of your own, under which the request goes on after it was stopped"}

func (w *work) run(ctx context.Context) (Report, error) {
	if !w.report.Dry && w.operation == "" {
		return Report{}, errNoOperation
	}
	err := w.each(ctx)
	if err == nil {
		err = w.flush(ctx)
		w.tell(1)
	}
	return w.report.sorted(), err
}

// each looks at the records one after another, and changes them in batches.
func (w *work) each(ctx context.Context) error {
	if w.room() <= 0 {
		return nil
	}
	for it, err := range w.records(ctx) {
		if err != nil {
			return err
		}
		if err := w.consider(ctx, it); err != nil {
			return err
		}
		if w.batch < w.room() {
			w.tell(w.options.Batch)
			continue
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		w.tell(1)
		if w.room() <= 0 {
			return nil
		}
	}
	return nil
}

// tell reports the progress, if at least so many records were looked at since
// the last time.
func (w *work) tell(records int) {
	if w.options.Progress == nil || w.report.Found < w.told+records {
		return
	}
	w.told = w.report.Found
	w.options.Progress(Progress{Found: w.report.Found, Changed: w.report.Changed, Already: w.report.Already, Skipped: w.report.AllSkipped()})
}

// room is how many records the batch may have, 0 when the limit is reached.
func (w *work) room() int {
	if w.limit == 0 {
		return w.options.Batch
	}
	return min(w.options.Batch, w.limit-w.done-w.report.Changed)
}

// spare is an item for the next record.
func (w *work) spare() *item {
	if w.batch == len(w.items) {
		w.items = append(w.items, new(item))
	}
	return w.items[w.batch]
}

// consider takes a record into the batch, or counts why not.
func (w *work) consider(ctx context.Context, it *item) error {
	if w.where != nil {
		holds, err := w.where.Holds(&it.facts, w.now)
		if err != nil {
			w.report.Found++
			w.skip(it, ConditionFailed, err)
			return nil
		}
		if !holds {
			return nil
		}
	}
	w.report.Found++
	return w.judge(ctx, it)
}

func (w *work) skip(it *item, reason Reason, why error) {
	r := &it.facts.Record
	w.report.skip(reason, campaign.Ref{Campaign: r.Campaign, Record: r.ID}, why)
}

// judge makes the change of a record and puts it into the batch, or counts why not.
func (w *work) judge(ctx context.Context, it *item) error {
	f := &it.facts
	if f.Lease.Token != 0 {
		w.skip(it, InProgress, &campaign.LeasedError{Hold: campaign.Hold{
			Ref: campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}, Holder: f.Lease.Holder, Until: f.Lease.Until}})
		return nil
	}
	already, err := w.hasChanged(ctx, &f.Record)
	if err != nil {
		return err
	}
	if already {
		w.report.Already++
		return nil
	}
	if w.undo != nil && w.unchanged(it) {
		return nil
	}
	change, err := it.by.ApplyInto(&it.memory, f, it.event, w.now)
	if err != nil {
		reason, ok := reasonOf(err)
		if !ok {
			return fmt.Errorf("record %s: %w", f.Record.ID, err)
		}
		w.skip(it, reason, err)
		return nil
	}
	// The configuration by which all of them are decided: when a newer one is known, the store refuses.
	change.Revision = it.by.Revision()
	it.change = change
	w.batch++
	return nil
}

// hasChanged reports whether the operation has changed the record before.
func (w *work) hasChanged(ctx context.Context, r *campaign.Record) (bool, error) {
	if w.operation == "" {
		return false, nil
	}
	if r.Operation == w.operation {
		return true, nil
	}
	if w.began.IsZero() || r.Updated.Before(w.began) || w.history == nil {
		return false, nil
	}
	entries, _, err := w.history.History(ctx, campaign.Ref{Campaign: r.Campaign, Record: r.ID})
	if errors.Is(err, campaign.ErrNotFound) {
		return false, nil // gone meanwhile, as the store will say
	}
	if err != nil {
		return false, fmt.Errorf("history of record %s: %w", r.ID, err)
	}
	for i := range entries {
		if entries[i].Operation == w.operation {
			return true, nil
		}
	}
	return false, nil
}

// most is how often a change is made anew because the record has changed meanwhile.
const most = 10

// flush commits the batch.
func (w *work) flush(ctx context.Context) error {
	for try := 0; w.batch > 0; try++ {
		items := w.items[:w.batch]
		w.changes = w.changes[:0]
		for _, it := range items {
			w.changes = append(w.changes, *it.change)
		}
		if err := w.remember(items); err != nil {
			return err
		}
		errs, err := w.commit(ctx, items)
		if err != nil {
			return err
		}
		var fatal error
		again := 0
		for i, it := range items {
			if errs == nil || errs[i] == nil {
				w.count(it)
				continue
			}
			err := errs[i]
			switch reason, ok := storeReason(err); {
			case errors.Is(err, campaign.ErrConflict) && try < most:
				items[again], items[i] = items[i], items[again]
				again++
			case errors.Is(err, campaign.ErrConflict):
				w.skip(it, MovedOn, err)
			case ok:
				w.skip(it, reason, err)
			case fatal == nil:
				fatal = fmt.Errorf("record %s: %w", it.facts.Record.ID, err)
			}
		}
		w.batch = 0
		if fatal != nil {
			return fatal
		}
		if err := w.again(ctx, items[:again]); err != nil {
			return err
		}
	}
	return nil
}

// remember gives the log what the records are before they change.
func (w *work) remember(items []*item) error {
	if w.options.Log == nil { // as for a plan
		return nil
	}
	w.befores = w.befores[:0]
	for _, it := range items {
		w.befores = append(w.befores, Before{Record: it.facts.Record, To: it.change.Record.Campaign})
	}
	if err := w.options.Log(w.befores); err != nil {
		return fmt.Errorf("keep what the records were: %w", err)
	}
	return nil
}

// commit writes the changes of a batch, or finds out for a plan which of them
// the store would refuse.
func (w *work) commit(ctx context.Context, items []*item) ([]error, error) {
	if w.report.Dry {
		return w.refused(ctx, items)
	}
	errs, err := w.store.Commit(ctx, w.changes...)
	if err != nil {
		return nil, fmt.Errorf("write a batch of %d, of which some may be written: %w", len(w.changes), err)
	}
	return errs, nil
}

// count counts a record that was changed.
func (w *work) count(it *item) {
	w.report.Changed++
	change, was := it.change, &it.facts.Record
	w.report.Listed += len(change.List)
	w.report.Actions += len(change.Actions)
	for _, text := range change.Answer.Warnings {
		w.report.warn(text)
	}
	if w.undo != nil || len(was.Fields) == 0 {
		return
	}
	for name := range was.Fields {
		_, kept := change.Record.Fields[name]
		if _, saved := w.set.Fields[name]; !kept && !saved {
			w.report.lose(name)
		}
	}
}

// again reads records that have changed since they were read, and judges them anew.
func (w *work) again(ctx context.Context, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	refs := make([]campaign.Ref, len(items))
	for i, it := range items {
		refs[i] = campaign.Ref{Campaign: it.facts.Record.Campaign, Record: it.facts.Record.ID}
	}
	var looked campaign.Looked // not used again: what is in it may be kept
	if err := w.store.Look(ctx, w.need, &looked, refs...); err != nil {
		return fmt.Errorf("read records again: %w", err)
	}
	for i := range items {
		if looked.Facts[i].Record.ID == "" {
			w.skip(items[i], Gone, fmt.Errorf("record %q of campaign %q: %w", refs[i].Record, refs[i].Campaign, campaign.ErrNotFound))
			continue
		}
		// Those before it that are judged well stay in their places at the front.
		items[i].facts = looked.Facts[i]
		if err := w.anew(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// anew judges the record of items[i] again, and puts it behind those of the batch.
func (w *work) anew(ctx context.Context, i int) error {
	it := w.items[i]
	f := &it.facts
	if w.undo == nil {
		if w.matcher == nil {
			m, err := w.find.Prepare()
			if err != nil {
				return err
			}
			w.matcher = m
		}
		holds := w.matcher.Match(&f.Record, f.Lease.Token != 0, w.from.Revision())
		if holds && w.where != nil {
			var err error
			if holds, err = w.where.Holds(f, w.now); err != nil {
				w.skip(it, ConditionFailed, err)
				return nil
			}
		}
		if !holds {
			w.skip(it, MovedOn, fmt.Errorf("the filter finds it no more: %w", campaign.ErrConflict))
			return nil
		}
	}
	w.items[i], w.items[w.batch] = w.items[w.batch], it
	return w.judge(ctx, it)
}
