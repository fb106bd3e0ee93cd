package ruletest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// verdict is a case while it is decided.
type verdict struct {
	run      *runner
	built    *built
	problems []string
	asked    []int // places of the conditions that were asked, each once
}

func (v *verdict) problem(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// ask notes that a condition was asked.
func (v *verdict) ask(i int) {
	if !slices.Contains(v.asked, i) {
		v.asked = append(v.asked, i)
	}
}

// decide asks the conditions that the case is about, and compares.
func (v *verdict) decide(wants []want) {
	if slices.ContainsFunc(wants, func(w want) bool { return w.asksCall() }) {
		v.afterCall(wants)
	}
	for i := range wants {
		w := &wants[i]
		if w.asksCall() {
			continue
		}
		k := slices.IndexFunc(v.run.conditions, func(x campaign.Condition) bool {
			return x.Kind == wantKinds[w.word] && x.Status == w.status && (w.field == "" || x.Field == w.field && x.Type == v.built.facts.Record.Type)
		})
		if k < 0 {
			v.problem("%s: record type %q has no such condition", w.text, v.built.facts.Record.Type)
			continue
		}
		v.ask(k)
		if got := v.value(k, w); got != "" {
			v.problem("%s: got %s", w.text, got)
		}
	}
}

// value compares what a condition says with what is wanted: "" is the same.
func (v *verdict) value(k int, w *want) (got string) {
	f, now := &v.built.facts, v.built.now
	same := false
	var err error
	switch w.word {
	case "rank":
		var n float64
		n, err = v.run.rules.Number(k, f, now)
		same, got = n == w.number, fmt.Sprint(n)
	case "next_at":
		var at time.Time
		at, err = v.run.rules.Time(k, f, v.built.call, now)
		same, got = at.Equal(w.at), at.In(v.run.zone).Format("2006-01-02T15:04:05 ")+v.run.cfg.Zone
	default:
		var holds bool
		holds, err = v.run.rules.Holds(k, f, nil, now)
		got = "no"
		if holds {
			got = "yes"
		}
		same = got == w.answer
	}
	switch {
	case err != nil && w.answer == "fails":
		return ""
	case err != nil:
		return "a failure: " + err.Error()
	case w.answer == "fails" || !same:
		return got
	}
	return ""
}

// afterCall asks the auto-set conditions as a campaign does: one after the
// other until one holds. One whose status cannot follow a success, or only
// follows one, is not asked; one that fails is passed over, or ends the search.
func (v *verdict) afterCall(wants []want) {
	rules := v.run.rules
	also := slices.ContainsFunc(wants, func(w want) bool { return w.word == "also" })
	winner, decided := status.ID(""), false
	failed := map[status.ID]error{}
	var others []status.ID
	for i := 0; v.asksRules(); i++ {
		from := i
		var err error
		i, err = rules.First(i, &v.built.facts, v.built.call, v.built.now)
		for k := from; k <= min(i, v.run.auto-1); k++ {
			if !v.barred(v.run.statuses[k]) {
				v.ask(k)
			}
		}
		if i >= v.run.auto {
			break
		}
		st := v.run.statuses[i]
		switch {
		case v.barred(st):
			continue
		case err != nil:
			failed[st.ID] = err
		case decided:
			others = append(others, st.ID)
		default:
			winner, decided = st.ID, true
		}
		if err != nil && st.AutoStop && !decided || decided && !also {
			break
		}
	}
	v.compare(wants, winner, others, failed)
}

// compare says what is other than wanted.
func (v *verdict) compare(wants []want, winner status.ID, others []status.ID, failed map[status.ID]error) {
	won := "no rule"
	if winner != "" {
		won = fmt.Sprintf("the rule of %q", string(winner))
	}
	expected := map[status.ID]bool{}
	for _, w := range wants {
		switch {
		case w.word == "" && w.status != winner, w.word == "none" && winner != "":
			v.problem("%s: %s decides", w.text, won)
		case w.word == "also" && !slices.Contains(others, w.status):
			v.problem("%s: %s decides, and behind it hold %q", w.text, won, others)
		case w.word == "fails":
			expected[w.status] = true
			if failed[w.status] == nil {
				v.problem("%s: it does not fail; %s decides", w.text, won)
			}
		}
	}
	for _, k := range v.asked {
		if id := v.run.conditions[k].Status; failed[id] != nil && !expected[id] {
			v.problem(`the condition of %q fails, and the case does not say "-> fails %s": %v`, string(id), id, failed[id])
		}
	}
}

// asksRules reports whether rules are asked about the call at all.
func (v *verdict) asksRules() bool {
	return !v.built.call.Inbound && !v.built.call.Outcome.Reached()
}

// barred reports whether the status cannot follow what the record is.
func (v *verdict) barred(st *status.Status) bool {
	e, success := st.Qualifier.Effect(), v.built.facts.Record.Success
	return success && !e.AfterSuccess || !success && e.RequiresSuccess
}

// explain says why the case came out as it did: which rule decided, and what
// each part of the conditions that were asked came to.
func (v *verdict) explain(wants []want) string {
	var b strings.Builder
	if slices.ContainsFunc(wants, func(w want) bool { return w.asksCall() }) {
		fmt.Fprintln(&b, v.run.set.ExplainCall(&v.built.facts, v.built.call, v.built.now))
	}
	for _, k := range v.asked {
		if x := v.run.conditions[k]; x.Kind != campaign.AutoSet {
			fmt.Fprintln(&b, v.run.set.Explain(k, &v.built.facts, v.call(x.Kind), v.built.now))
		}
	}
	return strings.TrimSpace(b.String()) + "\n"
}

// call is what a condition of that kind is given.
func (v *verdict) call(k campaign.Kind) *campaign.Call {
	if k == campaign.AutoSet || k == campaign.NextAt {
		return v.built.call
	}
	return nil
}

// label names a condition as people speak of it.
func label(x campaign.Condition) string {
	switch {
	case x.Status != "":
		return fmt.Sprintf("%s %s", x.Status, x.Kind)
	case x.Field != "":
		return fmt.Sprintf("%s %s", x.Field, x.Kind)
	}
	return x.Kind.String()
}
