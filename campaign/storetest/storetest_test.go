package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
)

var faults = slices.Concat(faultsOfClaims, faultsOfLeases, faultsOfCommits, faultsOfMoves, faultsHalfWay, faultsOfLists, faultsOfFinds, faultsOfFilters, faultsOfRaces)

// options are those of a store with the fault.
func (f fault) options() Options {
	o := good()
	if f.in != nil {
		o.Open = func(testing.TB) campaign.Store {
			b := &broken{Store: plainstore.New()}
			f.in(b)
			return b
		}
	}
	if f.with != nil {
		f.with(&o)
	}
	o.patience = time.Second
	return o
}

func TestAStoreThatCanDoEverythingPasses(t *testing.T) {
	o := good()
	o.Open, o.FailWrite = openSteps(nil), failStep
	Run(t, o)
}

func TestEachFaultIsSeenByItsClauseWhichSaysTheRule(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			c := clauseOf(t, f.clause)
			r := tried(t, c, f.options())
			text := r.text.String()
			if !r.failed {
				t.Fatalf("%s did not see it; it said: %s", f.clause, text)
			}
			for _, told := range []string{"the rule: " + c.Rule, "\nwanted:", "\ngot:"} {
				if !strings.Contains(text, told) {
					t.Errorf("a failure tells %q; this one says %s", told, text)
				}
			}
			if strings.Contains(text, "panic") {
				t.Errorf("the clause broke where it should have told: %s", text)
			}
			t.Logf("%.600s", text)
		})
	}
}

// Each fault is tried on a part of all clauses, so that a clause that cannot bear
// it is found: a failure is told in words, whatever the store does.
func TestNoClauseBreaksOnAFault(t *testing.T) {
	each := 5
	if testing.Short() {
		each = 50
	}
	n := 0
	for _, f := range faults {
		for _, p := range parts {
			if p.Name == racing.Name || p.Name == reading.Name {
				continue
			}
			for _, c := range p.Clauses {
				if n++; n%each != 0 {
					continue
				}
				if text := tried(t, c, f.options()).text.String(); strings.Contains(text, "runtime error") {
					t.Errorf("%s broke on a store that %s: %s", c.Name, f.name, text)
				}
			}
		}
	}
}

func TestEveryClauseSeesAFault(t *testing.T) {
	seen := make(map[string]bool)
	for _, f := range faults {
		seen[f.clause] = true
	}
	for _, p := range parts {
		for _, c := range p.Clauses {
			if !seen[p.Name+"/"+c.Name] {
				t.Errorf("no fault shows that %s/%s sees anything", p.Name, c.Name)
			}
		}
	}
}

func TestEveryClauseHasARuleOfItsOwn(t *testing.T) {
	rules, names := make(map[string]string), make(map[string]bool)
	for _, p := range parts {
		for _, c := range p.Clauses {
			if other := rules[c.Rule]; other != "" {
				t.Errorf("the rule of %s is that of %s", c.Name, other)
			}
			rules[c.Rule] = c.Name
			if names[c.Name] {
				t.Errorf("%s comes twice", c.Name)
			}
			names[c.Name] = true
			if !strings.HasSuffix(c.Rule, ".") {
				t.Errorf("the rule of %s is no sentence: %s", c.Name, c.Rule)
			}
		}
	}
}
