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
// decide first: of one that can never decide, and of one that may hold together
// with another.
//
// Two conditions that may hold together are named only if both bound the same
// property or function, and only if the first is no special case of the second:
// first the exception and then the rule is how such lists are written. Each
// condition has one such warning, for the first before it.
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
			if example, ok := overlap(&rules[i], &rules[j]); ok {
				if example != "" {
					example = ": for example when " + example
				}
				warn("may be true together with the condition of status %q, which is asked first and decides%s", string(rules[i].status.ID), example)
				break
			}
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
	left := r.sense.holds
	var by []*lintedRule
	for i := range before {
		b := &before[i]
		if b.sense == nil || !takes(b.status.Qualifier, r.status.Qualifier) {
			continue
		}
		if r.sense.holds.gone(b.sense.not) {
			return []*lintedRule{b}
		}
		if left.untouched(b.sense.not) || left.parts(b.sense.not) > max(len(left), mostLeft) {
			continue
		}
		by = append(by, b)
		if left = left.without(b.sense.not); len(left) == 0 {
			return by
		}
	}
	return nil
}

// takes reports whether a rule's status can be set wherever another's can: what
// follows a success, or needs one, is passed over elsewhere.
func takes(first, later status.Qualifier) bool {
	a, b := first.Effect(), later.Effect()
	return (a.AfterSuccess || !b.AfterSuccess) && (!a.RequiresSuccess || b.RequiresSuccess)
}

// overlap reports whether two rules may hold together, with an example where
// one is known.
func overlap(a, b *lintedRule) (string, bool) {
	if a.sense == nil || len(a.sense.holds) == 0 || a.sense.holds.gone(b.sense.not) {
		return "", false
	}
	for _, x := range a.sense.holds {
		for _, y := range b.sense.holds {
			if !slices.ContainsFunc(y, func(q bound) bool { return x.on(q.term.key) != nil }) {
				continue
			}
			if m, ok := meet(x, y); ok {
				if !a.sense.exact || !b.sense.exact {
					return "", true
				}
				return m.words(), true
			}
		}
	}
	return "", false
}

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
