package rule

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// callVariables are the properties of the call that a decision is about. All are
// absent where there is no call: where a person sets a status that has a next call.
func callVariables(queue string, outcomes names) []*property {
	all := []*property{
		{path: "call.id", num: callNum(func(c *campaign.Call) int64 { return int64(c.Token) })},
		{path: "call.mode", enum: modes, text: callText(func(c *campaign.Call) string { return string(c.Mode) })},
		{path: "call.outcome", enum: outcomes, text: func(s *scope) (string, bool) {
			if s.call == nil {
				return "", false
			}
			return s.call.Outcome.String(), true
		}},
		{path: "call.amd", doc: "what answering-machine detection said", text: callText(func(c *campaign.Call) string { return c.AMD })},
		{path: "call.hangup_by", text: callText(func(c *campaign.Call) string { return c.HangupBy })},
		{path: "call.agent", doc: "\"\" is nobody", text: callText(func(c *campaign.Call) string { return string(c.Agent) })},
		{path: "call.number", text: callText(func(c *campaign.Call) string { return c.Number.String() })},
		{path: "call.sip_code", doc: "0 is none", num: callNum(func(c *campaign.Call) int64 { return int64(c.SIPCode) })},
		{path: "call.q850", doc: "0 is none", num: callNum(func(c *campaign.Call) int64 { return int64(c.Q850) })},
		{path: "call.ring", kind: kindDuration, num: callNum(func(c *campaign.Call) int64 { return int64(c.Ring) })},
		{path: "call.talk", kind: kindDuration, num: callNum(func(c *campaign.Call) int64 { return int64(c.Talk) })},
		{path: "call.wrap", doc: "from the end of the call until now", kind: kindDuration, num: (*scope).wrap},
		{path: "call.queue", text: callText(func(*campaign.Call) string { return queue })},
		{path: "call.abandoned", doc: "no agent was free", flag: func(s *scope) (bool, bool) {
			return s.call != nil && s.call.Outcome == campaign.Drop, s.call != nil
		}},
		{path: "call.dialed", optional: true, when: callTime(func(c *campaign.Call) time.Time { return c.Dialed })},
		{path: "call.answered", optional: true, when: callTime(func(c *campaign.Call) time.Time { return c.Answered })},
		{path: "call.ended", optional: true, when: callTime(func(c *campaign.Call) time.Time { return c.Ended })},
	}
	for _, p := range all {
		p.only, p.ofCall = afterCalls, true
	}
	return all
}

func callText(of func(*campaign.Call) string) func(*scope) (string, bool) {
	return func(s *scope) (string, bool) {
		if s.call == nil {
			return "", false
		}
		return of(s.call), true
	}
}

func callNum(of func(*campaign.Call) int64) func(*scope) (int64, bool) {
	return func(s *scope) (int64, bool) {
		if s.call == nil {
			return 0, false
		}
		return of(s.call), true
	}
}

func callTime(of func(*campaign.Call) time.Time) func(*scope) (time.Time, bool) {
	return func(s *scope) (time.Time, bool) {
		if s.call == nil {
			return time.Time{}, false
		}
		return moment(of(s.call))
	}
}
