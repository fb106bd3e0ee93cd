package rule

import (
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Decision says which status the auto-set conditions set after a call, and why.
type Decision struct {
	Campaign campaign.ID       `json:"campaign"`
	Record   campaign.RecordID `json:"record"`
	Call     campaign.Token    `json:"call,omitempty"`
	Winner   status.ID         `json:"winner,omitempty"` // "": none, the fallback decides
	Reason   string            `json:"reason"`           // why that one, or why none
	// Rules are all conditions of the campaign's statuses, in the order in which
	// they decide, and behind them those that are off.
	Rules []Ruling `json:"rules"`
}

// Ruling is one auto-set condition in a Decision. One that is off was not
// asked: then only Path, Status and Text of its explanation are set.
type Ruling struct {
	Explanation
	Fate Fate `json:"fate"`
	// Note says it in words.
	Note string `json:"note"`
}

// Fate is what became of an auto-set condition in a decision.
type Fate uint8

// The fates.
const (
	FateLost   Fate = iota // it does not hold
	FateWon                // its status is set
	FateAlso               // it holds too, but a rule before it decided
	FateBarred             // it holds, but its status cannot follow what the record is
	FatePassed             // it failed, and the next was asked
	FateEnded              // it failed, and no other was asked
	FateOff                // nobody can set its status
	FateNone               // the call is none that rules decide about
)

var fateNames = [...]string{"lost", "won", "also", "barred", "passed", "ended", "off", "not asked"}

// String returns the fate in a word.
func (f Fate) String() string {
	if int(f) < len(fateNames) {
		return fateNames[f]
	}
	return fmt.Sprintf("Fate(%d)", uint8(f))
}

// MarshalText writes the fate in a word.
func (f Fate) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// ExplainCall decides once more which status the auto-set conditions set after a
// call, and explains each of them, also those behind the one that decided. f is
// the record with the call counted: for a call in the log, what
// [campaign.Campaign.Seen] gives. An agent's choice is not looked at: it wins
// over all of them.
func (s *Set) ExplainCall(f *campaign.Facts, call *campaign.Call, now time.Time) Decision {
	if f == nil || call == nil {
		return Decision{Campaign: s.campaign.ID(), Reason: "there is no call, so no rule is asked"}
	}
	d := Decision{Campaign: f.Record.Campaign, Record: f.Record.ID, Call: call.Token}
	why := ""
	switch {
	case call.Inbound:
		why = "the call came in: rules decide about calls that were made"
	case call.Dialed.IsZero():
		why = "nothing was dialled: the offer was given up"
	case call.Outcome.Reached():
		why = "an agent was reached: the agent chooses the status"
	}
	ended := ""
	for i := range s.auto {
		e := Ruling{Explanation: s.Explain(i, f, call, now)}
		st, _ := s.campaign.Status(e.Status)
		switch bar := bars(&f.Record, st.Qualifier); {
		case why != "":
			e.Fate, e.Note = FateNone, "not asked: "+why
		case e.Result == False:
			e.Fate, e.Note = FateLost, e.Why
		case bar != "":
			e.Fate, e.Note = FateBarred, "passed over: "+bar
		case e.Result == Failed && ended == "" && d.Winner == "" && st.AutoStop:
			e.Fate, e.Note = FateEnded, "it ends the search: "+e.Why
			ended = fmt.Sprintf("the rule of status %q failed, and its status says that no later rule is asked then", string(st.ID))
		case e.Result == Failed:
			e.Fate, e.Note = FatePassed, "passed over: "+e.Why
		case ended != "":
			e.Fate, e.Note = FateAlso, "it holds, but was not asked: "+ended
		case d.Winner != "":
			e.Fate, e.Note = FateAlso, fmt.Sprintf("it holds too, but %q is before it: %s", string(d.Winner), e.Why)
		default:
			d.Winner, d.Reason = st.ID, first(d.Rules)
			e.Fate, e.Note = FateWon, e.Why
		}
		d.Rules = append(d.Rules, e)
	}
	d.Rules = append(d.Rules, s.off()...)
	switch {
	case d.Winner != "":
	case why != "":
		d.Reason = why
	case ended != "":
		d.Reason = ended
	case s.auto == 0:
		d.Reason = "the campaign has no rules that set a status"
	default:
		d.Reason = "no rule decided" + sum(d.Rules, "") + ": the fallback of the outcome applies"
	}
	return d
}

// first says why a rule that holds has won: what became of those before it.
func first(before []Ruling) string {
	if len(before) == 0 {
		return "it holds, and is the first of the list"
	}
	return "it is the first of the list that holds" + sum(before, " before it")
}

// sum counts what became of rules that have not won.
func sum(rules []Ruling, which string) string {
	count := map[Fate]int{}
	for _, r := range rules {
		count[r.Fate]++
	}
	var parts []string
	for _, x := range []struct {
		fate Fate
		one  string
		many string
	}{
		{FateLost, "does not hold", "do not hold"},
		{FatePassed, "failed and was passed over", "failed and were passed over"},
		{FateBarred, "holds for a status that cannot follow", "hold for statuses that cannot follow"},
		{FateOff, "is off", "are off"},
	} {
		switch n := count[x.fate]; {
		case n == 1:
			parts = append(parts, "1"+which+" "+x.one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d%s %s", n, which, x.many))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// bars says why a qualifier cannot follow what the record is, "" if it can.
func bars(r *campaign.Record, q status.Qualifier) string {
	switch effect := q.Effect(); {
	case r.Success && !effect.AfterSuccess:
		return fmt.Sprintf("the record is a success, which %s cannot follow", q)
	case !r.Success && effect.RequiresSuccess:
		return fmt.Sprintf("the record is no success, and %s follows one only", q)
	}
	return ""
}

// off are the conditions of statuses that nobody can set in the campaign.
func (s *Set) off() []Ruling {
	asked := map[status.ID]bool{}
	for _, p := range s.programs[:s.auto] {
		asked[p.condition.Status] = true
	}
	var list []Ruling
	for _, st := range s.campaign.Statuses() {
		if st.AutoSet == "" || asked[st.ID] {
			continue
		}
		note := "off: the status is not related to the campaign's queue"
		if st.Disabled {
			note = "off: the status is inactive"
		}
		list = append(list, Ruling{
			Explanation: Explanation{Kind: campaign.AutoSet, Status: st.ID, Text: st.AutoSet, Campaign: s.campaign.ID()},
			Fate:        FateOff, Note: note,
		})
	}
	return list
}

// String is the decision and each rule as an indented tree.
func (d Decision) String() string {
	var b strings.Builder
	set := "no status is set by a rule"
	if d.Winner != "" {
		set = fmt.Sprintf("status %q is set", string(d.Winner))
	}
	fmt.Fprintf(&b, "record %q, call %d: %s: %s\n", string(d.Record), d.Call, set, d.Reason)
	for i, r := range d.Rules {
		fmt.Fprintf(&b, "%d. %s, %s\n", i+1, r.Status, r.Fate)
		if r.Fate == FateOff || r.Fate == FateNone {
			fmt.Fprintf(&b, "   %s\n", r.Note)
			continue
		}
		if r.Fate != FateWon && r.Fate != FateLost {
			fmt.Fprintf(&b, "   %s\n", r.Note)
		}
		r.Root.write(&b, 2)
	}
	return b.String()
}
