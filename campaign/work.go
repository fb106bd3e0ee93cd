package campaign

import (
	"slices"
	"time"
)

// Work is memory that [Campaign.ApplyInto] uses one event after another. The
// zero value is ready. It is not safe for concurrent use.
//
// Each part is written as a whole before it is read, so nothing of one event
// can be seen in the next.
type Work struct {
	draft   draft
	facts   Facts // what rules see: with the record as it shall be
	call    Call
	before  Before
	verdict verdict
	logged  Entry
	made    Change
	phones  []Phone
	history []*Call
	whys    [6]Why
}

// begin makes a draft of what is to become of f.
func (w *Work) begin(c *Campaign, f *Facts, now time.Time) *draft {
	w.facts = *f
	if w.facts.Record.Campaign == "" {
		w.facts.Record.Campaign = c.cfg.ID
	}
	w.draft = draft{c: c, f: f, now: stored(now), w: w, r: &w.facts.Record, number: -1, whys: w.whys[:0]}
	return &w.draft
}

// again makes the call of the event one that is in the log.
func (d *draft) again(call *Call) {
	d.call = &d.w.call
	*d.call = *call
}

// seen are the facts as conditions see them that are given no call: with the
// call that changes the record among those of the history, once.
func (d *draft) seen() *Facts {
	f, reads := &d.w.facts, &d.c.reads
	if d.call == nil || d.logged || !reads.Today && reads.Within == 0 && !reads.All {
		return f
	}
	d.logged = true
	d.w.history = append(d.w.history[:0], f.History...)
	at := slices.IndexFunc(d.w.history, func(c *Call) bool { return c.Token == d.call.Token })
	if at >= 0 {
		d.w.history[at] = d.call
	} else {
		d.w.history = append(d.w.history, d.call)
	}
	f.History = d.w.history
	return f
}

// entry is a line of the record's history.
func (d *draft) entry(e Entry) *Entry {
	d.w.logged = e
	return &d.w.logged
}

// change is what has been made of the event.
func (d *draft) change(made Change) *Change {
	d.w.made = made
	return &d.w.made
}

// usual are the reasons that most events have. An Answer outlives the memory it
// was made in, so it shares one of these, or has a list of its own.
var usual = [...][]Why{
	{WhyFallback},
	{WhyChosen},
	{WhyRule},
	{WhyCallbackKept},
	{WhyCallbackGivenUp},
	{WhyFallback, WhyAttemptLimit},
	{WhyFallback, WhyUnansweredLimit},
	{WhyFallback, WhyNoNumberLeft},
	{WhyChosen, WhyAttemptLimit},
	{WhyRule, WhyAttemptLimit},
	{WhyLeaseExpired, WhyFallback},
	{WhyLeaseExpired, WhyCallbackKept},
	{WhyLeaseExpired},
	{WhySkipped},
	{WhyAdded},
	{WhyEdited},
	{WhyJoined},
	{WhyErased},
	{WhyMessage},
	{WhyMoved, WhyChosen},
	{WhyCorrected, WhyChosen},
}

// kept returns the reasons in memory that nobody writes to again.
func kept(whys []Why) []Why {
	if len(whys) == 0 {
		return nil
	}
	for _, list := range usual {
		if slices.Equal(list, whys) {
			return list
		}
	}
	return slices.Clone(whys)
}
