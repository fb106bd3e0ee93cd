package enginetest_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// decided is a condition that every engine decides: in CEL, in the language of
// expr where that differs, and in Go.
type decided struct {
	condition
	expr string // "": as in CEL
}

func (d *decided) asExpr() string {
	if d.expr != "" {
		return d.expr
	}
	return d.text
}

// six are the conditions that are measured one by one: what a campaign's rules
// look like.
func six() []decided {
	type facts = *campaign.Facts
	type call = *campaign.Call
	type now = time.Time
	return []decided{
		{condition: condition{`call.outcome == "busy" && record.attempts >= 3`,
			func(f facts, c call, _ now) bool {
				return c.Outcome == campaign.LineBusy && f.Record.Attempts.SinceReset >= 3
			}}},
		{condition: condition{`call.outcome in ["no_answer", "voicemail", "rejected"] && attempts.streak_no_contact >= 4 && phone.left > 1`,
			func(f facts, c call, _ now) bool {
				return (c.Outcome == campaign.NoAnswer || c.Outcome == campaign.Voicemail || c.Outcome == campaign.Rejected) &&
					f.Record.Attempts.Unanswered >= 4 && phonesLeft(f) > 1
			}}},
		{condition: condition{`call.outcome == "voicemail" && record.fields.balance > 5000.0`,
			func(f facts, c call, _ now) bool {
				return c.Outcome == campaign.Voicemail && balanceOf(f) > 5000
			}}},
		{condition: condition{`now - record.last_call > duration("48h") && call.talk == duration("0s")`,
			func(f facts, c call, t now) bool { return t.Sub(f.Record.LastCall) > 48*time.Hour && c.Talk == 0 }}},
		{condition: condition{`record.external_id.startsWith("VIP-") || "new" in record.tags`,
			func(f facts, _ call, _ now) bool {
				if strings.HasPrefix(f.Record.ExternalID, "VIP-") {
					return true
				}
				for _, tag := range f.Record.Tags {
					if tag == "new" {
						return true
					}
				}
				return false
			}}, expr: `record.external_id startsWith "VIP-" || "new" in record.tags`},
		{condition: condition{`(attempts.busy + attempts.no_answer) * 2 > attempts.total && !(record.status in ["sold", "refused"]) && (call.ring > duration("10s") ? record.order == 0 : record.order > 2)`,
			func(f facts, c call, _ now) bool {
				a := &f.Record.Attempts
				if (int(a.ByOutcome[campaign.LineBusy])+int(a.ByOutcome[campaign.NoAnswer]))*2 <= a.Total || f.Record.Status == "sold" || f.Record.Status == "refused" {
					return false
				}
				if c.Ring > 10*time.Second {
					return f.Record.Order == 0
				}
				return f.Record.Order > 2
			}}},
	}
}

func phonesLeft(f *campaign.Facts) int {
	n := 0
	for i := range f.Record.Phones {
		if f.Record.Phones[i].Out == "" {
			n++
		}
	}
	return n
}

func balanceOf(f *campaign.Facts) float64 {
	x, _ := f.Record.Fields["balance"].(float64)
	return x
}

// filter is what a list of records is filtered by.
func filter() decided {
	return decided{condition: condition{`attempts.total < 5 && record.status != "sold" && record.qualifier in ["redial", "busy"] && record.fields.balance > 1000.0`,
		func(f *campaign.Facts, _ *campaign.Call, _ time.Time) bool {
			return f.Record.Attempts.Total < 5 && f.Record.Status != "sold" &&
				(f.Record.Qualifier == status.Redial || f.Record.Qualifier == status.Busy) && balanceOf(f) > 1000
		}}}
}

// hundred are conditions of five kinds, of which none holds in an ordinary
// situation.
func hundred() []decided {
	type facts = *campaign.Facts
	type call = *campaign.Call
	var all []decided
	add := func(text string, holds func(facts, call) bool) {
		all = append(all, decided{condition: condition{text, func(f *campaign.Facts, c *campaign.Call, _ time.Time) bool { return holds(f, c) }}})
	}
	for i := range 20 {
		most := 1000 + i
		a, b := outcomes[i%len(outcomes)], outcomes[(i+1)%len(outcomes)]
		of, q := ruleStatuses[i%len(ruleStatuses)], qualified[i%len(qualified)]
		country := []string{"PL", "CZ", "GB", "PT"}[i%4]
		add(fmt.Sprintf(`call.outcome == %q && record.attempts >= %d`, a, most),
			func(f facts, c call) bool { return c.Outcome == a && f.Record.Attempts.SinceReset >= most })
		add(fmt.Sprintf(`record.status == %q && attempts.total > %d`, of, most),
			func(f facts, _ call) bool { return f.Record.Status == of && f.Record.Attempts.Total > most })
		add(fmt.Sprintf(`phone.country == %q && call.ring > duration("%ds")`, country, most),
			func(f facts, c call) bool {
				return f.Record.Phones[f.Record.Phone(c.Number)].Region == country && c.Ring > time.Duration(most)*time.Second
			})
		add(fmt.Sprintf(`record.qualifier == %q && attempts.streak_no_contact > %d`, q, most),
			func(f facts, _ call) bool { return f.Record.Qualifier == q && f.Record.Attempts.Unanswered > most })
		add(fmt.Sprintf(`call.outcome in [%q, %q] && record.fields.balance > %d.0`, a, b, 20*most),
			func(f facts, c call) bool {
				return (c.Outcome == a || c.Outcome == b) && balanceOf(f) > float64(20*most)
			})
	}
	return all
}
