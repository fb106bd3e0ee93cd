package rule

import (
	"github.com/google/cel-go/common/operators"

	"github.com/nextcall/nextcall/campaign"
)

// tally is the question whether one of a record's counters is in a range. It
// cannot fail, so several of one condition are asked together, in any order.
type tally struct {
	which campaign.Outcome // whose dials, or one of those below
	numbers
}

// Counters that are not of an outcome.
const (
	countTotal campaign.Outcome = 255 - iota
	countSinceReset
	countUnanswered
)

// tallyOf is what a comparison asks, nil if that is no counter.
func tallyOf(name string, a, b *operand) *tally {
	o, ok := orderings(name)
	if a.fixed && !b.fixed {
		a, b, o = b, a, o.mirrored()
	}
	if !ok || !b.fixed || a.kind != kindInt || b.kind != kindInt {
		return nil
	}
	c, _ := b.num(nil)
	r, ok := o.numbersFor(c)
	if !ok {
		return nil
	}
	switch a.path {
	case "record.attempts", "attempts.since_reset":
		return &tally{countSinceReset, r}
	case "attempts.total":
		return &tally{countTotal, r}
	case "attempts.streak_no_contact":
		return &tally{countUnanswered, r}
	}
	if outcome := countedOutcome(a.path); outcome != campaign.OutcomeNone {
		return &tally{outcome, r}
	}
	return nil
}

func (c *tally) holds(of *campaign.Counters) bool {
	n := of.Total
	switch c.which {
	case countTotal:
	case countSinceReset:
		n = of.SinceReset
	case countUnanswered:
		n = of.Unanswered
	default:
		n = int(of.ByOutcome[c.which])
	}
	return c.has(int64(n))
}

// counted asks several counters: with && all of them, with || any.
func counted(name string, all []tally) func(*scope) answer {
	decides := name == operators.LogicalOr
	decided, other := truth(decides), truth(!decides)
	return func(s *scope) answer {
		of := &s.r.Attempts
		for i := range all {
			if all[i].holds(of) == decides {
				return decided
			}
		}
		return other
	}
}
