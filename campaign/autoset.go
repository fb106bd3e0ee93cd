package campaign

import "github.com/nextcall/nextcall/status"

// autoRule is an attached status whose auto-set condition may set it.
type autoRule struct {
	status *status.Status
	effect *status.Effect
}

// ruled returns the first status, in the campaign's order, whose auto-set
// condition holds for the call, or nil. Only calls that reached no agent are
// asked about. The condition sees the record with this call counted.
func (d *draft) ruled() *status.Status {
	auto := d.c.auto
	if len(auto) == 0 || d.call.Inbound || d.call.Outcome.Reached() {
		return nil
	}
	for i := 0; ; i++ {
		var err error
		i, err = d.c.rules.First(i, &d.w.facts, d.call, d.now)
		switch {
		case i >= len(auto):
			return nil
		case d.barred(auto[i].effect):
		case err != nil:
			d.warn("the rule of status %q failed and was passed over: %v", auto[i].status.ID, err)
		default:
			return auto[i].status
		}
	}
}

// barredBySuccess reports whether the qualifier cannot follow what the record is.
func (d *draft) barredBySuccess(q status.Qualifier) bool { return d.barred(effectOf(q)) }

func (d *draft) barred(e *status.Effect) bool {
	return d.r.Success && !e.AfterSuccess || !d.r.Success && e.RequiresSuccess
}
