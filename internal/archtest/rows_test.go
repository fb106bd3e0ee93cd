package archtest_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rowCounts is the number of rows of each group of behaviours that a test can
// name: D statuses, Z bulk change, P transfer, N cases and contacts, K campaign
// statuses.
var rowCounts = map[string]int{"D": 33, "Z": 28, "P": 20, "N": 17, "K": 30}

var (
	rowsComment = regexp.MustCompile(`^//\s*rows:`)
	rowID       = regexp.MustCompile(`^([A-Z])([1-9][0-9]*)$`)
)

// rowsNamed calls yield for each item of a comment of the form "rows: D12, D13". A
// range is written D1–D5.
func rowsNamed(file source, yield func(comment *ast.Comment, item string)) {
	for _, group := range file.syntax.Comments {
		for _, comment := range group.List {
			head := rowsComment.FindString(comment.Text)
			if head == "" {
				continue
			}
			for _, item := range strings.Split(strings.TrimPrefix(comment.Text, head), ",") {
				yield(comment, strings.TrimSpace(item))
			}
		}
	}
}

// rowsOf are the rows that an item names: one, or those of a range. None: it is no
// such thing.
func rowsOf(item string) (rows []string) {
	ends := strings.FieldsFunc(item, func(r rune) bool { return r == '–' || r == '-' })
	group, first, last := "", 0, 0
	for i, end := range ends {
		m := rowID.FindStringSubmatch(strings.TrimSpace(end))
		if m == nil || (i > 0 && m[1] != group) {
			return nil
		}
		n, err := strconv.Atoi(m[2])
		if err != nil || n > rowCounts[m[1]] || n <= last {
			return nil
		}
		if group, last = m[1], n; i == 0 {
			first = n
		}
	}
	if len(ends) != 1 && len(ends) != 2 {
		return nil
	}
	for n := first; n <= last; n++ {
		rows = append(rows, fmt.Sprint(group, n))
	}
	return rows
}

// unknownRows finds comments that name a row which does not exist.
func unknownRows(tr tree) []string {
	var problems []string
	for _, file := range tr.files {
		rowsNamed(file, func(comment *ast.Comment, item string) {
			if rowsOf(item) == nil {
				problems = append(problems, fmt.Sprintf("%s: %q is no row", at(tr.root, tr.fset, comment.Pos()), item))
			}
		})
	}
	return problems
}

// A kit is a package of tests that is run on any store.
type kit struct {
	dir    string
	groups string // of the rows that the kits have to show
}

// kits show what is done with records and contacts as they are stored.
var kits = []kit{{"campaign/storetest", "ZN"}, {"transfer/transfertest", "ZP"}, {"contacts/contactstest", "N"}}

// storesNamed are the stores that are ours, by what a test of theirs uses.
var storesNamed = map[string]string{"memstore": "memory", "sqliteStores": "SQLite", "newPostgresStores": "PostgreSQL"}

// shownWhere lists for each row of the kits' groups where they name it.
func shownWhere(tr tree, kits []kit) map[string][]string {
	where := make(map[string][]string)
	for _, k := range kits {
		for _, group := range k.groups {
			for n := range rowCounts[string(group)] {
				where[fmt.Sprint(string(group), n+1)] = nil
			}
		}
	}
	for _, file := range tr.files {
		if file.test || !slices.ContainsFunc(kits, func(k kit) bool { return k.dir == file.dir }) {
			continue
		}
		rowsNamed(file, func(comment *ast.Comment, item string) {
			for _, row := range rowsOf(item) {
				where[row] = append(where[row], at(tr.root, tr.fset, comment.Pos()))
			}
		})
	}
	return where
}

// notShown finds rows that no kit names, and kits that are not run on each of the
// stores: such rows are shown on some stores only.
func notShown(tr tree, kits []kit) []string {
	var problems []string
	for row, where := range shownWhere(tr, kits) {
		if len(where) == 0 {
			problems = append(problems, row+": named by no test that runs on every store")
		}
	}
	for _, k := range kits {
		run := make(map[string]bool)
		for _, file := range tr.files {
			for _, d := range file.syntax.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || !file.test || !strings.HasPrefix(f.Name.Name, "Test") {
					continue
				}
				runs, on := false, make(map[string]bool)
				ast.Inspect(f, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.CallExpr:
						if called, ok := n.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Run" {
							x, ok := called.X.(*ast.Ident)
							runs = runs || ok && strings.HasSuffix("/"+k.dir, "/"+x.Name)
						}
					case *ast.Ident:
						on[storesNamed[n.Name]] = true
					}
					return true
				})
				for store := range on {
					run[store] = run[store] || runs
				}
			}
		}
		for _, store := range storesNamed {
			if !run[store] {
				problems = append(problems, fmt.Sprintf("%s: not run on %s", k.dir, store))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

func TestRowsCommentsNameRows(t *testing.T) {
	holds(t, "a comment \"// rows: D12, D13\" names rows that exist: D1–D33, Z1–Z28, P1–P20, N1–N17, K1–K30",
		unknownRows(parse(t, repository(t))))
}

func TestEveryRowOfBulkChangesAndContactsIsShownOnEveryStore(t *testing.T) {
	tr := parse(t, repository(t))
	holds(t, "each of the rows Z, P and N is named by a kit of tests, and each kit runs on memory, SQLite and PostgreSQL", notShown(tr, kits))
	where := shownWhere(tr, kits)
	rows := make([]string, 0, len(where))
	for row := range where {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b string) int {
		return cmp.Or(cmp.Compare(a[:1], b[:1]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	for _, row := range rows {
		t.Log(row, strings.Join(where[row], " "))
	}
}

func TestRowCheckersSeeWhatBreaksTheRules(t *testing.T) {
	run := func(uses string) string { return "\n\nfunc TestOne(t *testing.T) { kit.Run(" + uses + ") }\n" }
	tr := parse(t, plant(t, map[string]string{
		"a/a_test.go":         "package a\n\n// rows: D33, N3–N6, Z28\n// rows: D34, Q1, K3–K1\n// rows:\n",
		"x/kit/kit.go":        "package kit\n\n// rows: N1, N3–N12, D1\n// Not rows: N2\n",
		"x/kit/kit_test.go":   "package kit\n\n// rows: N13\n" + run("memstore.New()"),
		"x/other/kit_test.go": "package other" + run("sqliteStores{}") + "\nfunc TestTwo(t *testing.T) { newPostgresStores().Run() }\n",
	}))
	breaks(t, unknownRows(tr), `"D34"`, `"Q1"`, `"K3–K1"`, `""`)
	breaks(t, notShown(tr, []kit{{"x/kit", "N"}}), "N2:", "N13:", "N14:", "N15:", "N16:", "N17:", "x/kit: not run on PostgreSQL")
}
