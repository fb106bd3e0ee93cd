package campaign

// Seen returns the facts as the auto-set conditions saw them when the result of
// a call in the log was reported: the record as it was before the call, with the
// call counted. So a decision can be explained afterwards.
//
// What is not kept from before is as it is in f: the record's fields, contact
// and tags, and when it was last changed. It reports false if the log does not
// keep what the record was before the call, as for all but the last one, or if
// the call is none of the record's.
func (c *Campaign) Seen(f *Facts, call *Call) (Facts, bool) {
	if f == nil || call == nil || call.Before == nil || call.Record != f.Record.ID || call.Campaign != c.cfg.ID {
		return Facts{}, false
	}
	w := new(Work) // not used again: what is found may be kept
	d := w.begin(c, f, call.Ended)
	d.rewind(call.Before)
	d.again(call)
	d.countCall(!call.Dialed.IsZero())
	return w.facts, true
}
