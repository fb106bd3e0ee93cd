package archtest_test

import (
	"fmt"
	"go/ast"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// drawing says which packages of this module a package may import. It is the
// picture in the root's doc.go as data: a new package is drawn here first.
var drawing = map[string][]string{
	".":                             {},
	"blacklist":                     {"internal/calendar"},
	"blacklist/e164":                {"blacklist"},
	"status":                        {"blacklist", "internal/nearest"},
	"campaign":                      {"blacklist", "status", "internal/calendar", "internal/nearest", "internal/fold"},
	"campaign/rule":                 {"blacklist", "status", "campaign", "internal/calendar", "internal/nearest"},
	"campaign/rule/ruletest":        {"blacklist", "status", "campaign", "campaign/rule", "internal/nearest"},
	"campaign/memstore":             {"blacklist", "status", "campaign", "internal/dense", "internal/fold", "internal/suggest"},
	"internal/twin":                 {"blacklist", "status", "campaign"}, // whether two stores give the same answers
	"internal/plainstore":           {"blacklist", "status", "campaign"}, // the reference of its tests
	"campaign/sqlstore":             {"blacklist", "status", "campaign", "internal/fold"},
	"campaign/storetest":            {"blacklist", "status", "campaign"},
	"campaign/storetest/faultstore": {"blacklist", "campaign"},
	"transfer":                      {"blacklist", "status", "campaign"},
	"contacts":                      {"blacklist", "status", "campaign"},
	"transfer/transfertest":         {"blacklist", "status", "campaign", "transfer"},
	"contacts/contactstest":         {"blacklist", "status", "campaign", "contacts", "internal/expect"},
	"dialer":                        {"blacklist", "status", "campaign", "internal/calendar"},
	"dialer/pacing":                 {},
	"dialer/sim":                    {"blacklist", "status", "campaign", "campaign/memstore", "dialer", "dialer/pacing"},
	"dialer/modeltest":              {"blacklist", "status", "campaign", "campaign/memstore", "internal/plainstore", "transfer", "dialer", "campaign/storetest/faultstore"},
	"dialer/modeltest/scenarios":    {"blacklist", "status", "campaign", "transfer", "dialer", "campaign/storetest/faultstore", "internal/expect"},
	"internal/calendar":             {},
	"internal/nearest":              {},
	"internal/dense":                {},
	"internal/fold":                 {},
	"internal/suggest":              {"internal/dense", "internal/fold"},
	"internal/outside":              {},
	"internal/expect":               {},
	"internal/archtest":             {},
	"internal/enginetest":           {}, // a module of its own: named here so that a move into this one is seen
	"internal/pgtest":               {},
}

// nameless are package names that say nothing about what a package is for.
var nameless = []string{"util", "utils", "common", "types", "models"}

// offDrawing finds the imports of non-test code that the drawing does not allow,
// and the packages that are not on it.
func offDrawing(tr tree, drawing map[string][]string) []string {
	var problems []string
	seen := map[string]bool{}
	for _, file := range tr.files {
		if name := file.syntax.Name.Name; slices.Contains(nameless, name) || slices.Contains(nameless, path.Base(file.dir)) {
			problems = append(problems, fmt.Sprintf("%s: package %s: the name does not say what the package answers", file.path, name))
		}
		if file.nested != "" || file.test {
			continue
		}
		allowed, drawn := drawing[file.dir]
		if !drawn {
			if !seen[file.dir] {
				problems = append(problems, fmt.Sprintf("%s: the package is not in the drawing: say there what it may import", file.dir))
			}
			seen[file.dir] = true
			continue
		}
		file.imports(func(spec *ast.ImportSpec, imported string) {
			if dir, own := ours(imported); own && !slices.Contains(allowed, dir) {
				problems = append(problems, fmt.Sprintf("%s: %s may import %v, not %s", at(tr.root, tr.fset, spec.Pos()), file.dir, allowed, dir))
			}
		})
	}
	return problems
}

// A fence keeps a dependency in one package, so that a host that does not import
// the package does not link the dependency.
type fence struct {
	imported []string // import paths, with all below them
	home     string   // the one directory that may import them
	exempt   []string // nested modules the fence leaves alone
}

var fences = []fence{
	{[]string{"github.com/google/cel-go", "cel.dev"}, "campaign/rule", []string{"internal/enginetest"}},
	{[]string{"database/sql"}, "campaign/sqlstore", []string{"internal/enginetest", "examples"}},
	{[]string{"github.com/nyaruka/phonenumbers"}, "blacklist/e164", []string{"internal/enginetest"}},
}

// overFence finds imports, in tests too, of a fenced dependency elsewhere than
// in its home.
func overFence(tr tree, fences []fence) []string {
	var problems []string
	for _, file := range tr.files {
		file.imports(func(spec *ast.ImportSpec, imported string) {
			for _, f := range fences {
				fenced := slices.ContainsFunc(f.imported, func(prefix string) bool { return within(imported, prefix) })
				if fenced && file.dir != f.home && !slices.Contains(f.exempt, file.nested) {
					problems = append(problems, fmt.Sprintf("%s: %s imports %s; only %s may", at(tr.root, tr.fset, spec.Pos()), file.dir, imported, f.home))
				}
			}
		})
	}
	return problems
}

// linkedByDates is a package of interfaces only, which rickb777/date names so
// that its dates can be scanned. It brings no database code along.
const linkedByDates = "database/sql/driver"

// linked returns those fenced dependencies that the packages pull in, by
// whatever way.
func linked(root string, fences []fence, packages ...string) ([]string, error) {
	out, err := goCommand(root, append([]string{"list", "-deps"}, packages...)...)
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, dep := range strings.Fields(string(out)) {
		if dep == linkedByDates {
			continue
		}
		for _, f := range fences {
			if slices.ContainsFunc(f.imported, func(prefix string) bool { return within(dep, prefix) }) {
				problems = append(problems, fmt.Sprintf("%v link %s, which belongs to %s", packages, dep, f.home))
			}
		}
	}
	return problems, nil
}

// testOnly are modules that non-test code of the released module never imports.
var testOnly = []string{"github.com/stretchr/testify", "pgregory.net/rapid", "go.uber.org/goleak", "cel.dev/expr", "google.golang.org/protobuf"}

func testKitInCode(tr tree) []string {
	var problems []string
	for _, file := range tr.files {
		if file.test || file.nested != "" {
			continue
		}
		file.imports(func(spec *ast.ImportSpec, imported string) {
			if slices.ContainsFunc(testOnly, func(prefix string) bool { return within(imported, prefix) }) {
				problems = append(problems, fmt.Sprintf("%s: %s in a file that hosts compile", at(tr.root, tr.fset, spec.Pos()), imported))
			}
		})
	}
	return problems
}

func TestImportsRunOneWay(t *testing.T) {
	holds(t, "imports run one way: blacklist <- status <- campaign <- {transfer, dialer}; transfer and dialer do not know each other; nobody imports modeltest or examples; no package is called util, common, types or models",
		offDrawing(parse(t, repository(t)), drawing))
}

func TestHeavyDependenciesStayInTheirPackage(t *testing.T) {
	holds(t, "only campaign/rule imports cel-go, only campaign/sqlstore imports database/sql, only blacklist/e164 imports phonenumbers",
		overFence(parse(t, repository(t)), fences))
}

func TestAHostDoesNotLinkWhatItDoesNotImport(t *testing.T) {
	root := repository(t)
	packages := []string{".", "./blacklist", "./status", "./campaign", "./campaign/memstore", "./contacts", "./dialer", "./dialer/sim", "./dialer/modeltest"}
	problems, err := linked(root, fences, packages...)
	if err != nil {
		t.Fatal(err)
	}
	holds(t, "a host that imports dialer and memstore links neither cel-go, nor database/sql, nor phonenumbers", problems)
	if problems, err = linked(filepath.Join(root, "examples"), fences, "./quickstart"); err != nil {
		t.Fatal(err)
	}
	holds(t, "the smallest host, examples/quickstart, links none of them either", problems)
	// That the checker sees what is linked, where it should be.
	if problems, err = linked(root, fences[:1], "./campaign/rule/ruletest"); err != nil || len(problems) == 0 {
		t.Errorf("campaign/rule/ruletest links cel-go through campaign/rule, and the checker did not see it: %v", err)
	}
}

func TestTestKitsStayInTests(t *testing.T) {
	holds(t, "testify, rapid and goleak are for _test.go files; kits and sim use the standard library",
		testKitInCode(parse(t, repository(t))))
}

func TestImportCheckersSeeWhatBreaksTheRules(t *testing.T) {
	const own = modulePath
	root := plant(t, map[string]string{
		"blacklist/b.go":          "package blacklist\n\nimport _ \"" + own + "/status\"\n",
		"status/s.go":             "package status\n\nimport _ \"database/sql\"\n",
		"transfer/t.go":           "package transfer\n\nimport _ \"" + own + "/dialer\"\n",
		"dialer/d.go":             "package dialer\n\nimport _ \"" + own + "/dialer/modeltest\"\n",
		"dialer/d_test.go":        "package dialer_test\n\nimport _ \"" + own + "/dialer/modeltest\"\n",
		"dialer/modeltest/m.go":   "package modeltest\n\nimport _ \"github.com/stretchr/testify/assert\"\n",
		"campaign/c.go":           "package campaign\n\nimport _ \"github.com/google/cel-go/cel\"\n",
		"campaign/rule/r.go":      "package rule\n\nimport _ \"github.com/google/cel-go/cel\"\n",
		"campaign/util/u.go":      "package helpers\n",
		"internal/calendar/c.go":  "package calendar\n",
		"blacklist/b_test.go":     "package blacklist\n\nimport _ \"github.com/nyaruka/phonenumbers\"\n",
		"examples/go.mod":         "module " + own + "/examples\n",
		"examples/crm/main.go":    "package main\n\nimport (\n\t_ \"database/sql\"\n\t_ \"" + own + "/dialer\"\n)\n",
		"testdata/types/ignored":  "",
		"status/testdata/bad.go":  "not Go at all",
		"internal/calendar/.h.go": "nor this",
	})
	tr := parse(t, root)
	breaks(t, offDrawing(tr, drawing), "blacklist/b.go:3", "transfer/t.go:3", "dialer/d.go:3",
		"campaign/util/u.go: package helpers", "campaign/util: the package is not in the drawing")
	breaks(t, overFence(tr, fences), "status/s.go:3", "campaign/c.go:3", "blacklist/b_test.go:3")
	breaks(t, testKitInCode(tr), "dialer/modeltest/m.go:3")

	problems, err := linked(root, fences[1:2], "./status")
	if err != nil {
		t.Fatal(err)
	}
	if len(problems) == 0 {
		t.Error("status links database/sql, and the checker did not see it")
	}
}
