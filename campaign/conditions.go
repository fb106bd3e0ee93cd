package campaign

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxExpression is the longest text of a condition, in characters.
const maxExpression = 10_000

// none is the place of a condition that there is not.
const none = -1

// fieldRules are the places of a field's conditions.
type fieldRules struct{ required, valid int }

// Rules are the compiled conditions, nil when there are none. A condition's
// place in them is that in [Campaign.Conditions].
func (c *Campaign) Rules() Rules { return c.rules }

// Conditions are all conditions of the campaign that can have an effect, in the
// order of their places; those that set statuses come first, as they decide.
func (c *Campaign) Conditions() []Condition { return slices.Clone(c.conditions) }

// conditions gathers the configuration's conditions and has them compiled, if
// what they are about is sound. A status that nobody can set has no condition:
// it is off.
func (k *checker) conditions(engine RuleEngine, sound bool) {
	c := k.c
	for i := range c.statuses {
		st := &c.statuses[i]
		if st.AutoSet == "" {
			continue
		}
		path := k.statusPath(*st) + ".auto_set"
		inputs := st.Inputs()
		if inputs.TimeRequired {
			k.fail(path, st.AutoSet, "status %q needs the time of the next call, and a rule gives none: want a status without that input, or one with next_at", string(st.ID))
		}
		if inputs.AgentRequired {
			k.fail(path, st.AutoSet, "status %q needs an agent, and a rule gives none: name the responsible agent in the status", string(st.ID))
		}
		if c.settable(st) != "" {
			continue
		}
		if k.condition(Condition{Path: path, Kind: AutoSet, Text: st.AutoSet, Status: st.ID}) != none {
			c.auto = append(c.auto, autoRule{st, effectOf(st.Qualifier)})
		}
	}
	c.dial = k.condition(Condition{Path: "condition", Kind: DialWhen, Text: k.cfg.Condition})
	c.rank = k.condition(Condition{Path: "rank", Kind: Rank, Text: k.cfg.Rank})
	c.nextAt = make([]int, len(c.statuses))
	for i := range c.statuses {
		c.nextAt[i] = none
		if st := &c.statuses[i]; st.NextAt != "" && c.settable(st) == "" {
			c.nextAt[i] = k.condition(Condition{Path: k.statusPath(*st) + ".next_at", Kind: NextAt, Text: st.NextAt, Status: st.ID})
		}
	}
	for i := range k.cfg.RecordTypes {
		k.fieldConditions(fmt.Sprintf("record_types[%d]", i), &k.cfg.RecordTypes[i])
	}
	k.compile(engine, sound)
}

// fieldConditions gathers those of a record type's fields.
func (k *checker) fieldConditions(path string, t *RecordType) {
	rules := make([]fieldRules, len(t.Fields))
	some := false
	for j := range t.Fields {
		f := &t.Fields[j]
		at := fmt.Sprintf("%s.fields[%d]", path, j)
		rules[j].required = k.condition(Condition{Path: at + ".required_when", Kind: Required, Text: f.RequiredWhen, Type: t.Name, Field: f.Name})
		rules[j].valid = k.condition(Condition{Path: at + ".valid_when", Kind: ValidWhen, Text: f.ValidWhen, Type: t.Name, Field: f.Name})
		some = some || rules[j] != fieldRules{none, none}
	}
	if !some {
		return
	}
	if k.c.fieldRules == nil {
		k.c.fieldRules = make(map[string][]fieldRules)
	}
	k.c.fieldRules[t.Name] = rules
}

// condition adds a condition to those that are compiled, and returns its place:
// none if there is no text, or one that no engine need look at.
func (k *checker) condition(x Condition) int {
	switch {
	case x.Text == "":
		return none
	case !utf8.ValidString(x.Text):
		k.fail(x.Path, x.Text, "want UTF-8")
		return none
	case strings.TrimSpace(x.Text) == "":
		k.fail(x.Path, x.Text, "only white space: leave it empty")
		return none
	case utf8.RuneCountInString(x.Text) > maxExpression:
		k.fail(x.Path, string([]rune(x.Text)[:20])+"…", "%d characters: want at most %d", utf8.RuneCountInString(x.Text), maxExpression)
		return none
	}
	k.c.conditions = append(k.c.conditions, x)
	return len(k.c.conditions) - 1
}

func (k *checker) compile(engine RuleEngine, sound bool) {
	list := k.c.conditions
	switch {
	case len(list) == 0:
		return
	case engine == nil:
		for _, x := range list {
			k.fail(x.Path, x.Text, "a condition needs a rules engine: compile with one")
		}
		return
	case !sound:
		return // conditions would be judged by what is not there
	}
	rules, warnings, err := engine.Rules(k.c, slices.Clone(list))
	if err != nil {
		k.errs = append(k.errs, unjoin(err)...)
		return
	}
	k.warnings = append(k.warnings, warnings...)
	k.c.rules, k.c.reads = rules, rules.Needs()
}
