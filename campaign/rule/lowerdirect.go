package rule

import (
	"math"

	"github.com/nextcall/nextcall/campaign"
)

// numbers is a range of whole numbers, or all others.
type numbers struct {
	low, size uint64 // as differences are made: without overflow
	not       bool
}

// numbersFor are the numbers for which a comparison with c holds; false if none is
// there.
func (o orders) numbersFor(c int64) (numbers, bool) {
	low, high := c, c
	switch o {
	case less, less | equal:
		low = math.MinInt64
		if o == less {
			high--
		}
	case more, more | equal:
		high = math.MaxInt64
		if o == more {
			low++
		}
	}
	none := o == less && c == math.MinInt64 || o == more && c == math.MaxInt64
	return numbers{uint64(low), uint64(high) - uint64(low), o == less|more}, !none
}

func (r numbers) has(n int64) bool { return (uint64(n)-r.low <= r.size) != r.not }

// of asks whether a number is in the range.
func (r numbers) of(op *operand) func(*scope) answer {
	if test := r.direct(op.path); test != nil {
		return test
	}
	if op.times != nil && op.kind == kindDuration {
		return r.since(op.times)
	}
	num := op.num
	return func(s *scope) answer {
		v, ok := num(s)
		if !ok {
			return ask
		}
		return truth(r.has(v))
	}
}

// direct compares in place the numbers that most conditions read, or gives nil.
// To call their getter would cost more than the comparison.
func (r numbers) direct(path string) func(*scope) answer {
	switch path {
	case "record.attempts", "attempts.since_reset":
		return func(s *scope) answer { return truth(r.has(int64(s.r.Attempts.SinceReset))) }
	case "attempts.total":
		return func(s *scope) answer { return truth(r.has(int64(s.r.Attempts.Total))) }
	case "attempts.streak_no_contact":
		return func(s *scope) answer { return truth(r.has(int64(s.r.Attempts.Unanswered))) }
	case "call.ring":
		return func(s *scope) answer {
			if s.call == nil {
				return ask
			}
			return truth(r.has(int64(s.call.Ring)))
		}
	case "call.talk":
		return func(s *scope) answer {
			if s.call == nil {
				return ask
			}
			return truth(r.has(int64(s.call.Talk)))
		}
	}
	if o := countedOutcome(path); o != campaign.OutcomeNone {
		return func(s *scope) answer { return truth(r.has(int64(s.r.Attempts.ByOutcome[o]))) }
	}
	return nil
}

// directText compares in place the texts that most conditions read, or gives nil.
func directText(path, want string, not bool) func(*scope) answer {
	switch path {
	case "record.status":
		return func(s *scope) answer { return truth((string(s.r.Status) == want) != not) }
	case "phone.country":
		return func(s *scope) answer {
			i := s.phoneIndex()
			if i < 0 || s.r.Phones[i].Region == "" {
				return ask
			}
			return truth((s.r.Phones[i].Region == want) != not)
		}
	}
	return nil
}

// countedOutcome is the outcome whose dials a property counts.
func countedOutcome(path string) campaign.Outcome {
	switch path {
	case "attempts.answered":
		return campaign.Answered
	case "attempts.no_answer":
		return campaign.NoAnswer
	case "attempts.busy":
		return campaign.LineBusy
	case "attempts.voicemail":
		return campaign.Voicemail
	case "attempts.drop":
		return campaign.Drop
	case "attempts.invalid":
		return campaign.Invalid
	}
	return campaign.OutcomeNone
}

// outcomes is the question for the call's outcome, which most auto-set conditions
// ask: is it one of a set, or none of it.
type outcomes struct {
	set [4]uint64
	not bool
}

func (o *outcomes) has(x campaign.Outcome) bool { return (o.set[x>>6]>>(x&63)&1 != 0) != o.not }

func (o *outcomes) test(s *scope) answer {
	if s.call == nil {
		return ask
	}
	return truth(o.has(s.call.Outcome))
}

// and is the question and the rest of a condition.
func (o *outcomes) and(rest func(*scope) answer) func(*scope) answer {
	q := *o
	return func(s *scope) answer {
		if s.call == nil {
			if rest(s) == no {
				return no
			}
			return ask
		}
		if !q.has(s.call.Outcome) {
			return no
		}
		return rest(s)
	}
}
