package campaign

import "errors"

// late answers a report of a call that is in the log already. One that was
// reported before gets its first answer. One whose lease ran out unreported was
// logged as unknown: the true outcome replaces it, on the record too, unless
// the record was leased, changed or moved to another campaign since.
func (d *draft) late(e *Result) (*Change, error) {
	call := d.f.Call
	if !call.Expired {
		return d.change(Change{Ref: Ref{Campaign: d.r.Campaign, Record: d.r.ID}, Answer: call.Answer.own()}), nil
	}
	r := &d.f.Record
	// A later call would have changed the record too.
	untouched := d.f.Lease.Token == 0 && call.Campaign == d.c.cfg.ID && d.r.Campaign == d.c.cfg.ID && r.Changes == call.Changes &&
		call.Before != nil && !call.Chosen
	d.again(call)
	d.call.Expired = false
	if untouched {
		d.call.Status, d.call.Counted = "", false
		d.rewind(call.Before)
		d.begin(e)
		return d.finishCall(e, true, false, 0)
	}
	return d.lateKept(e)
}

// lateKept logs the truth about a call and lists its number, and leaves the
// record alone: what it has counted as unknown stays counted. The note goes to
// the history, unless the call is erased: then what was said of the person is not
// wanted any more. The change names the record as the call does: by that name a
// store finds it, wherever it is by now.
func (d *draft) lateKept(e *Result) (*Change, error) {
	d.begin(e)
	d.answer.Call, d.answer.Outcome = d.call.Token, d.call.Outcome
	d.why(WhyKept)
	if e.Status != "" {
		if st := d.usable(e.Status); st != nil {
			d.call.Status, d.call.Chosen = st.ID, true
			d.listCall(st, true)
			d.warn("status %q was logged, not set on the record: it was leased, changed or moved since", st.ID)
		}
	}
	if len(e.Fields) > 0 {
		d.warn("fields were not saved: the record was leased, changed or moved since")
	}
	d.text("note", e.Note)
	note := e.Note
	if note != "" && d.call.erased() {
		note = ""
		d.warn("the note was not saved: the record was erased since")
	}
	if len(d.errs) > 0 {
		return nil, errors.Join(d.errs...)
	}
	d.report()
	d.call.Answer = d.answer
	entry := d.entry(Entry{At: d.now, Author: d.author, Why: WhyKept, Call: d.call.Token,
		From: d.r.Status, To: d.r.Status, Qualifier: d.r.Qualifier, Note: note})
	return d.change(Change{
		Ref: Ref{Campaign: d.call.Campaign, Record: d.call.Record}, Call: d.call, List: d.list, Answer: d.answer, Entry: entry,
	}), nil
}
