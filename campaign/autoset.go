package campaign

import "github.com/nextcall/nextcall/status"

// ruled returns the first status, in the campaign's order, whose auto-set
// condition holds for the call, or nil. Only calls that reached no agent are
// asked about. The condition sees the record with this call counted.
func (d *draft) ruled() *status.Status {
	if d.c.rules == nil || d.call.Inbound || d.call.Outcome.Reached() {
		return nil
	}
	for i := range d.c.statuses {
		st := &d.c.statuses[i]
		if st.AutoSet == "" || st.Disabled || d.c.usable(st.ID) != nil || d.barredBySuccess(st.Qualifier) {
			continue
		}
		holds, err := d.c.rules.AutoSet(st.ID, &d.facts, d.call, d.now)
		if err != nil {
			d.warn("the rule of status %q failed and was passed over: %v", st.ID, err)
			continue
		}
		if holds {
			return st
		}
	}
	return nil
}

// barredBySuccess reports whether the qualifier cannot follow what the record is.
func (d *draft) barredBySuccess(q status.Qualifier) bool {
	e := q.Effect()
	return d.r.Success && !e.AfterSuccess || !d.r.Success && e.RequiresSuccess
}
