package campaign

import "github.com/nextcall/nextcall/status"

// autoRule is an attached status whose auto-set condition may set it.
type autoRule struct {
	status *status.Status
	effect *status.Effect
}

// autoRules are those of the campaign, in its order. Which they are depends on
// nothing but the configuration.
func (c *Campaign) autoRules() []autoRule {
	var rules []autoRule
	for i := range c.statuses {
		if st := &c.statuses[i]; st.AutoSet != "" && c.settable(st) == "" {
			rules = append(rules, autoRule{st, effectOf(st.Qualifier)})
		}
	}
	return rules
}

// ruled returns the first status, in the campaign's order, whose auto-set
// condition holds for the call, or nil. Only calls that reached no agent are
// asked about. The condition sees the record with this call counted.
func (d *draft) ruled() *status.Status {
	if d.c.rules == nil || d.call.Inbound || d.call.Outcome.Reached() {
		return nil
	}
	for i := range d.c.auto {
		rule := &d.c.auto[i]
		if d.barred(rule.effect) {
			continue
		}
		holds, err := d.c.rules.AutoSet(rule.status.ID, &d.w.facts, d.call, d.now)
		if err != nil {
			d.warn("the rule of status %q failed and was passed over: %v", rule.status.ID, err)
			continue
		}
		if holds {
			return rule.status
		}
	}
	return nil
}

// barredBySuccess reports whether the qualifier cannot follow what the record is.
func (d *draft) barredBySuccess(q status.Qualifier) bool { return d.barred(effectOf(q)) }

func (d *draft) barred(e *status.Effect) bool {
	return d.r.Success && !e.AfterSuccess || !d.r.Success && e.RequiresSuccess
}
