package campaign

import "unicode/utf8"

// conditions gathers the configuration's conditions and has them compiled. A
// status that nobody can set has no rule: it is off.
func (k *checker) conditions(engine RuleEngine) {
	c := k.c
	var list []Condition
	add := func(x Condition) {
		if !utf8.ValidString(x.Text) {
			k.fail(x.Path, x.Text, "want UTF-8")
			return
		}
		list = append(list, x)
	}
	for i := range c.statuses {
		st := &c.statuses[i]
		if st.AutoSet == "" {
			continue
		}
		path := k.statusPath(*st) + ".auto_set"
		inputs := st.Inputs()
		if inputs.TimeRequired {
			k.fail(path, st.AutoSet, "status %q needs the time of the next call, and a rule gives none: want a status without that input", string(st.ID))
		}
		if inputs.AgentRequired {
			k.fail(path, st.AutoSet, "status %q needs an agent, and a rule gives none: name the responsible agent in the status", string(st.ID))
		}
		if c.settable(st) == "" {
			c.auto = append(c.auto, autoRule{st, effectOf(st.Qualifier)})
			add(Condition{Path: path, Kind: AutoSet, Text: st.AutoSet, Status: st.ID})
		}
	}
	if k.cfg.Condition != "" {
		c.dial = len(list)
		add(Condition{Path: "condition", Kind: DialWhen, Text: k.cfg.Condition})
	}
	k.compile(engine, list)
}

func (k *checker) compile(engine RuleEngine, list []Condition) {
	if len(list) == 0 {
		return
	}
	if engine == nil {
		for _, x := range list {
			k.fail(x.Path, x.Text, "a condition needs a rules engine: compile with one")
		}
		return
	}
	rules, warnings, err := engine.Rules(k.c, list)
	if err != nil {
		k.errs = append(k.errs, unjoin(err)...)
		return
	}
	k.warnings = append(k.warnings, warnings...)
	k.c.rules, k.c.reads = rules, rules.Needs()
}
