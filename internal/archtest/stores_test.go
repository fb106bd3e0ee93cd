package archtest_test

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"testing"
)

var stores = []string{"campaign/memstore", "campaign/sqlstore"}

// decisions are the functions and methods of package campaign that hold rules.
var decisions = []string{"Eligible", "Apply", "Compile"}

// rulesInStores finds stores that mention a decision of package campaign.
func rulesInStores(all []typed) []string {
	var problems []string
	for _, p := range all {
		p.uses(func(id *ast.Ident, o types.Object) {
			_, function := o.(*types.Func)
			if function && o.Pkg() != nil && o.Pkg().Path() == modulePath+"/campaign" && slices.Contains(decisions, o.Name()) {
				problems = append(problems, fmt.Sprintf("%s: a store uses campaign's %s", p.at(id.Pos()), o.Name()))
			}
		})
	}
	return problems
}

func TestStoresHoldNoRules(t *testing.T) {
	holds(t, "stores hold no rules: they compare, sort and guard; Eligible, Apply and Compile are for those who ask the store",
		rulesInStores(only(releasedPackages(t), stores...)))
}

func TestStoreCheckerSeesWhatBreaksTheRule(t *testing.T) {
	all := plantedPackages(t, map[string]string{
		"campaign/c.go": "package campaign\n\ntype Campaign struct{}\n\nfunc (*Campaign) Eligible() bool { return true }\n\nfunc Compile() *Campaign { return nil }\n",
		"campaign/memstore/m.go": "package memstore\n\nimport \"" + modulePath + `/campaign"

func Apply() {}

func claim(c *campaign.Campaign) func() bool {
	Apply()
	c = campaign.Compile()
	return c.Eligible
}

var _ = claim
`})
	breaks(t, rulesInStores(only(all, stores...)), "m.go:9: a store uses campaign's Compile", "m.go:10: a store uses campaign's Eligible")
}
