package ruletest

import (
	"fmt"
	"strings"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
)

// Report is what came of a file of rules and cases.
type Report struct {
	Cases []CaseResult
	// Conditions are all of the campaign, in its order, those that set statuses first.
	Conditions []Coverage
	// Warnings are what the campaign's own check remarks, where the file describes it.
	Warnings []campaign.Warning
}

// CaseResult is what came of one case.
type CaseResult struct {
	Name string
	Line int
	// Problems say what is other than the case wants; none: it holds.
	Problems []string
	// Explanation says which rule decided, and what each part of the conditions
	// came to; see [rule.Decision] and [rule.Explanation].
	Explanation string
}

// Coverage is how well the cases know one condition.
type Coverage struct {
	Condition campaign.Condition
	Asked     int // in how many cases it was asked
	Branches  []BranchCoverage
}

// BranchCoverage is how often a branch was what, where its condition was asked.
// Not counted is a branch that was not looked at, since the others had decided.
type BranchCoverage struct {
	rule.Branch
	True, False, Failed int
}

// sides is how much of the condition was seen, and how much there is to see:
// each branch true and false, or that it was asked if it has none.
func (c *Coverage) sides() (seen, all int) {
	for _, b := range c.Branches {
		seen += min(b.True, 1) + min(b.False, 1)
		all += 2
	}
	if all == 0 {
		return min(c.Asked, 1), 1
	}
	return seen, all
}

// Covered is the share of what there is to see that was seen, from 0 to 1: each
// branch of each condition true and false. A campaign without conditions is 1.
func (r *Report) Covered() float64 {
	seen, all := 0, 0
	for i := range r.Conditions {
		s, a := r.Conditions[i].sides()
		seen, all = seen+s, all+a
	}
	if all == 0 {
		return 1
	}
	return float64(seen) / float64(all)
}

// Missing says in words what was not seen.
func (r *Report) Missing() []string {
	var all []string
	for i := range r.Conditions {
		c := &r.Conditions[i]
		name := label(c.Condition)
		if c.Asked == 0 {
			all = append(all, name+": no case asks it")
			continue
		}
		for _, b := range c.Branches {
			place := fmt.Sprintf("column %d", b.Column)
			if strings.Contains(c.Condition.Text, "\n") {
				place = fmt.Sprintf("line %d of it, ", b.Line) + place
			}
			never := func(word string) {
				all = append(all, fmt.Sprintf("%s: %s: %s was never %s", name, place, b.Text, word))
			}
			if b.True == 0 {
				never("true")
			}
			if b.False == 0 {
				never("false")
			}
		}
	}
	return all
}

// Failed are the cases that do not hold.
func (r *Report) Failed() []CaseResult {
	var all []CaseResult
	for _, c := range r.Cases {
		if len(c.Problems) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// String is the coverage as a table for people.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d cases, %d failed; %.0f %% of the branches seen true and false\n", len(r.Cases), len(r.Failed()), 100*r.Covered())
	b.WriteString("asked   true  false failed  condition\n")
	for i := range r.Conditions {
		c := &r.Conditions[i]
		fmt.Fprintf(&b, "%5d                       %s\n", c.Asked, label(c.Condition))
		for _, x := range c.Branches {
			mark := ""
			if x.True == 0 || x.False == 0 {
				mark = "   <- not both"
			}
			fmt.Fprintf(&b, "      %6d %6d %6d    %s%s\n", x.True, x.False, x.Failed, x.Text, mark)
		}
	}
	return b.String()
}
