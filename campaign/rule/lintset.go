package rule

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// A linted rule is an auto-set condition with what the linter knows of it.
type lintedRule struct {
	condition campaign.Condition
	status    status.Status
	sense     *sense
}

// compare warns of auto-set conditions in the light of those before them, which
// decide first: of one that can never decide, and of one that crosses another.
//
// That two conditions may hold together is no mistake: the order of the statuses
// decides on purpose. What crosses is: each takes a part of the same property's
// values, and some values are in both parts. Each condition has one such warning,
// for the first before it.
func compare(rules []lintedRule) []campaign.Warning {
	var all []campaign.Warning
	for j := range rules {
		if rules[j].sense == nil || len(rules[j].sense.holds) == 0 {
			continue
		}
		warn := func(format string, args ...any) {
			all = append(all, campaign.Warning{Path: rules[j].condition.Path, Msg: fmt.Sprintf(format, args...)})
		}
		if by := covering(rules[:j], &rules[j]); len(by) > 0 {
			warn("never decides: wherever it is true, %s before it is true too", conditionsOf(by))
			continue
		}
		for i := range j {
			x, ok := crossing(&rules[i], &rules[j])
			if !ok {
				continue
			}
			if x != "" {
				x = ": for example when " + x
			}
			warn("crosses the condition of status %q, which is asked first and decides where both are true%s", string(rules[i].status.ID), x)
			break
		}
	}
	return all
}

func conditionsOf(rules []*lintedRule) string {
	if len(rules) == 1 {
		return fmt.Sprintf("the condition of status %q", string(rules[0].status.ID))
	}
	var names []string
	for _, r := range rules {
		names = append(names, fmt.Sprintf("%q", string(r.status.ID)))
	}
	return "one of the conditions of statuses " + joinAnd(names)
}

// mostLeft bounds what is kept in mind of a condition while the rules before it
// take from it: one that would leave more ways is passed over. So few rules are
// needed to cover another that this loses hardly any, and a list of a hundred is
// gone through in a moment.
const mostLeft = 8

// covering are the rules, the first one that is enough or else several, that
// leave nothing to another after them; nil if they leave something.
func covering(before []lintedRule, r *lintedRule) []*lintedRule {
	if spared(before, r) {
		return nil
	}
	return takers(before, r)
}

// takers are the rules that covering gives, found by all that each rule leaves.
func takers(before []lintedRule, r *lintedRule) []*lintedRule {
	left := r.sense.holds
	var by []*lintedRule
	for i := range before {
		b := &before[i]
		if !b.before(r) {
			continue
		}
		if r.sense.holds.gone(b.sense.not) {
			return []*lintedRule{b}
		}
		most := max(len(left), mostLeft)
		if n, other := left.parts(b.sense.not, most); n > most || !other {
			continue
		}
		by = append(by, b)
		if left = left.without(b.sense.not); len(left) == 0 {
			return by
		}
	}
	return nil
}

// spared reports whether the rules before one surely leave something to it: one
// case in which none of them is true is found at the first attempt, as nearly
// always. To follow all that each of them leaves takes ten times as long.
func spared(before []lintedRule, r *lintedRule) bool {
	if len(r.sense.holds) == 0 {
		return false
	}
	left := slices.Clone(r.sense.holds[0])
	for i := range before {
		b := &before[i]
		if !b.before(r) || slices.ContainsFunc(b.sense.not, left.within) {
			continue
		}
		found := false
		for _, y := range b.sense.not {
			if left.excludes(y) {
				continue
			}
			if left, found = left.narrowed(y); !found {
				return false
			}
			break
		}
		if !found {
			return false
		}
	}
	return true
}

// before reports whether a rule can take something from one after it.
func (b *lintedRule) before(r *lintedRule) bool {
	return b.sense != nil && takes(b.status.Qualifier, r.status.Qualifier)
}

// takes reports whether a rule's status can be set wherever another's can: what
// follows a success, or needs one, is passed over elsewhere.
func takes(first, later status.Qualifier) bool {
	a, b := first.Effect(), later.Effect()
	return (a.AfterSuccess || !b.AfterSuccess) && (!a.RequiresSuccess || b.RequiresSuccess)
}

// overlap reports whether two rules may hold together, with an example where
// one is known.
func overlap(a, b *lintedRule) (string, bool) { return meeting(a, b, touches) }

// endless warns of a rule that has a record called again, with nothing that ever
// ends it.
func endless(cfg *campaign.Config, r *lintedRule) []campaign.Warning {
	switch r.status.Qualifier {
	case status.Redial, status.Progressive, status.EndOfQueue, status.CallbackAfter:
	default:
		return nil
	}
	if r.sense == nil || !r.sense.exact || r.status.EndsNumber || capped(&cfg.Limits) || slices.IndexFunc(r.sense.holds, func(w way) bool { return !w.ends() }) < 0 {
		return nil
	}
	return []campaign.Warning{{Path: r.condition.Path, Msg: "calls again without end: add a bound such as record.attempts < 10, or set limits.attempts or limits.unanswered of the campaign"}}
}

// capped reports whether a limit of the campaign ends the calls to a record.
func capped(l *campaign.Limits) bool {
	return l.Attempts > 0 || l.Unanswered > 0 || l.NumberAttempts > 0 ||
		slices.ContainsFunc(l.Caps, func(c campaign.Cap) bool { return c.Max > 0 && c.Days == 0 && c.Within == 0 && !c.Talks })
}

// ends reports whether a way cannot go on for ever: it asks for less than some
// number of attempts, or for a time that passes.
func (w way) ends() bool {
	return slices.ContainsFunc(w, func(b bound) bool { return b.term.grows && b.hi < b.term.hi })
}

// linted gathers the warnings of a campaign's conditions.
type linted struct {
	cfg      *campaign.Config
	statuses []status.Status
	all      []campaign.Warning
	rules    []lintedRule
}

func (l *linted) add(c campaign.Condition, v *verdict) {
	for _, p := range v.problems {
		l.all = append(l.all, campaign.Warning{Path: c.Path, Msg: p.Place() + ": " + p.Msg})
	}
	if c.Kind != campaign.AutoSet {
		return
	}
	r := lintedRule{condition: c, sense: v.sense}
	if i := slices.IndexFunc(l.statuses, func(s status.Status) bool { return s.ID == c.Status }); i >= 0 {
		r.status = l.statuses[i]
	}
	l.all = append(l.all, endless(l.cfg, &r)...)
	l.rules = append(l.rules, r)
}

func (l *linted) warnings() []campaign.Warning { return append(l.all, compare(l.rules)...) }
