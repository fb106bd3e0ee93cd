package campaign

import "github.com/nextcall/nextcall/status"

// autoRule is an attached status whose auto-set condition may set it. Its place
// among them is that of its condition.
type autoRule struct {
	status *status.Status
	effect *status.Effect
}

// ruled returns the first status, in the campaign's order, whose auto-set
// condition holds for the call, or nil. Only calls that were made and reached no
// agent are asked about: an offer that was given up is none. The condition sees the record with this call counted.
//
// A condition that fails is passed over with a warning, or ends the search if
// its status says so.
func (d *draft) ruled() *status.Status {
	auto := d.c.auto
	if len(auto) == 0 || d.call.Inbound || d.call.Dialed.IsZero() || d.call.Outcome.Reached() {
		return nil
	}
	for i := 0; ; i++ {
		var err error
		i, err = d.c.rules.First(i, &d.w.facts, d.call, d.now)
		switch {
		case i >= len(auto):
			return nil
		case d.barred(auto[i].effect):
		case err != nil && auto[i].status.AutoStop:
			d.warn("the rule of status %q failed, so no later rule was asked and the fallback applies: %v", auto[i].status.ID, err)
			return nil
		case err != nil:
			d.warn("the rule of status %q failed and was passed over: %v", auto[i].status.ID, err)
		default:
			if d.c.cfg.Audit {
				d.audit(i + 1)
			}
			return auto[i].status
		}
	}
}

// audit notes the statuses from place i on whose conditions hold too, though an
// earlier one has decided.
func (d *draft) audit(i int) {
	auto := d.c.auto
	for ; ; i++ {
		var err error
		i, err = d.c.rules.First(i, &d.w.facts, d.call, d.now)
		switch {
		case i >= len(auto):
			return
		case d.barred(auto[i].effect):
		case err != nil:
			d.warn("the rule of status %q, behind the one that decided, failed: %v", auto[i].status.ID, err)
		default:
			d.answer.Also = append(d.answer.Also, auto[i].status.ID)
		}
	}
}

// barredBySuccess reports whether the qualifier cannot follow what the record is.
func (d *draft) barredBySuccess(q status.Qualifier) bool { return d.barred(effectOf(q)) }

func (d *draft) barred(e *status.Effect) bool {
	return d.r.Success && !e.AfterSuccess || !d.r.Success && e.RequiresSuccess
}
