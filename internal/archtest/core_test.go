package archtest_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"testing"
)

// core are the packages that decide. Their subpackages are not among them, but
// for the embedded store, whose answers must not depend on the machine either.
var core = []string{"blacklist", "status", "campaign", "transfer", "contacts", "dialer", "internal/calendar", "internal/nearest", "internal/dense", "campaign/memstore"}

// impure are functions and variables whose use makes an answer depend on the
// moment, on the machine, or shows outside of the answer.
var impure = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Local"},
	"fmt":  {"Print", "Printf", "Println"},
	"os":   {"Stdout", "Stderr", "Stdin"},
	"":     {"print", "println"},
}

var impureImports = []string{"log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand"}

// impurities finds clocks, goroutines, logging and randomness. The one clock
// allowed is time.Now as a value, once in package dialer and once in contacts: the
// default of a Queue's and a Book's Now.
func impurities(all []typed) []string {
	var problems []string
	for _, p := range all {
		called := map[*ast.Ident]bool{}
		for _, file := range p.files {
			for _, spec := range file.Imports {
				if imported, err := strconv.Unquote(spec.Path.Value); err == nil && slices.Contains(impureImports, imported) {
					problems = append(problems, fmt.Sprintf("%s: imports %s", p.at(spec.Pos()), imported))
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					problems = append(problems, fmt.Sprintf("%s: starts a goroutine; the host owns them", p.at(n.Pos())))
				case *ast.CallExpr:
					if selector, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
						called[selector.Sel] = true
					}
				}
				return true
			})
		}
		defaults := 0
		p.uses(func(id *ast.Ident, o types.Object) {
			pkg := ""
			if o.Pkg() != nil {
				pkg = o.Pkg().Path()
			}
			if !slices.Contains(impure[pkg], o.Name()) || !global(o) {
				return
			}
			if pkg == "time" && o.Name() == "Now" && (p.dir == "dialer" || p.dir == "contacts") && !called[id] {
				if defaults++; defaults == 1 {
					return
				}
			}
			problems = append(problems, fmt.Sprintf("%s: %s.%s: time, output and chance are the host's", p.at(id.Pos()), pkg, o.Name()))
		})
	}
	return problems
}

// global says whether an object is a builtin, or a function or variable of a
// package: not a method, field, parameter or local.
func global(o types.Object) bool {
	if _, ok := o.(*types.Builtin); ok {
		return true
	}
	return o.Pkg() != nil && o.Parent() == o.Pkg().Scope()
}

// mutations finds package-level state. A package-level variable is a constant
// in all but name (an error sentinel, an assertion that a type implements an
// interface, a table): neither it nor what it holds is assigned to outside its
// declaration, by any package, and its type is none that exists to be changed.
func mutations(all []typed) []string {
	var problems []string
	for _, p := range all {
		report := func(pos token.Pos, v *types.Var) {
			problems = append(problems, fmt.Sprintf("%s: changes the package-level variable %s.%s", p.at(pos), v.Pkg().Name(), v.Name()))
		}
		targets := func(list ...ast.Expr) {
			for _, target := range list {
				if v := p.base(target); v != nil {
					report(target.Pos(), v)
				}
			}
		}
		for _, file := range p.files {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.AssignStmt:
					targets(n.Lhs...)
				case *ast.IncDecStmt:
					targets(n.X)
				case *ast.RangeStmt:
					if n.Tok == token.ASSIGN {
						targets(n.Key, n.Value)
					}
				case *ast.CallExpr:
					id, ok := ast.Unparen(n.Fun).(*ast.Ident)
					if !ok || len(n.Args) == 0 {
						break
					}
					if b, ok := p.info.Uses[id].(*types.Builtin); ok && slices.Contains([]string{"delete", "clear", "copy"}, b.Name()) {
						targets(n.Args[0])
					}
				}
				return true
			})
		}
		scope := p.pkg.Scope()
		for _, name := range scope.Names() {
			if v, ok := scope.Lookup(name).(*types.Var); ok && synchronised(v.Type(), map[types.Type]bool{}) {
				problems = append(problems, fmt.Sprintf("%s: %s has a type made to be changed; put it into a struct that the host makes", p.at(v.Pos()), name))
			}
		}
	}
	return problems
}

// base returns the package-level variable whose value, or a part of it, an
// assignment to target would change; nil if there is none.
func (p typed) base(target ast.Expr) *types.Var {
	for {
		switch t := target.(type) {
		case *ast.ParenExpr:
			target = t.X
		case *ast.IndexExpr:
			target = t.X
		case *ast.SliceExpr:
			target = t.X
		case *ast.StarExpr:
			target = t.X
		case *ast.SelectorExpr:
			if v, ok := p.info.Uses[t.Sel].(*types.Var); ok && global(v) {
				return v // pkg.Var
			}
			target = t.X
		case *ast.Ident:
			if v, ok := p.info.Uses[t].(*types.Var); ok && global(v) {
				return v
			}
			return nil
		default:
			return nil
		}
	}
}

// synchronised says whether a value of the type holds a lock, a pool, an atomic
// or a channel.
func synchronised(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		path := named.Obj().Pkg().Path()
		if path == "sync" || path == "sync/atomic" {
			return true
		}
		if !within(path, modulePath) {
			return false // *regexp.Regexp and *time.Location guard themselves
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Chan:
		return true
	case *types.Pointer:
		return synchronised(u.Elem(), seen)
	case *types.Slice:
		return synchronised(u.Elem(), seen)
	case *types.Array:
		return synchronised(u.Elem(), seen)
	case *types.Map:
		return synchronised(u.Elem(), seen)
	case *types.Struct:
		for field := range u.Fields() {
			if synchronised(field.Type(), seen) {
				return true
			}
		}
	}
	return false
}

func TestTheCoreReadsNoClockStartsNothingLogsNothingDrawsNothing(t *testing.T) {
	holds(t, "the core reads no clock, starts no goroutine, logs nothing and draws no randomness; now is an argument, and only dialer.Queue and contacts.Book have time.Now as a default",
		impurities(only(releasedPackages(t), core...)))
}

func TestTheCoreKeepsNoGlobalState(t *testing.T) {
	holds(t, "the core keeps no global state: package-level variables are never changed after their declaration",
		mutations(only(releasedPackages(t), core...)))
}

func TestCoreCheckersSeeWhatBreaksTheRules(t *testing.T) {
	all := plantedPackages(t, map[string]string{
		"dialer/queue.go": `package dialer

import "time"

type Config struct{ Now func() time.Time }

func New(c Config) Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Methods of the names of clocks are none.
func (c Config) Since(t time.Time) bool { return c.Now().After(t) && c.Since(t) }
`,
		"dialer/twice.go": "package dialer\n\nimport \"time\"\n\nvar again = time.Now\n",
		"campaign/bad.go": `package campaign

import (
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

var clock = time.Now

func Bad() {
	_ = time.Since(time.Now())
	go fmt.Println("x")
	fmt.Fprintln(os.Stderr, rand.Int())
	println(fmt.Sprint("fine"))
}
`,
		"status/state.go": `package status

import (
	"errors"
	"sync"
)

type entry struct{ n []int }

var (
	ErrFine       = errors.New("fine")
	_       error = ErrFine
	Table         = map[string]*entry{"a": {}}
	built         = func() []int {
		var list []int
		list = append(list, 1)
		list[0] = 2
		return list
	}()
	count int
	lock  struct{ inner []*sync.Mutex }
)

func init() { count = 1 }

func Change(e *entry) {
	e.n[0]++
	Table["a"].n[0]++
	(Table["b"]) = e
	delete(Table, "a")
	for built[0] = range e.n {
	}
	built := built
	built = nil
	_, _ = built, lock
}
`,
		"blacklist/far.go": "package blacklist\n\nimport \"" + modulePath + "/status\"\n\nfunc Far() { status.Table = nil }\n",
	})
	breaks(t, impurities(only(all, "dialer")), "dialer/twice.go:5")
	breaks(t, impurities(only(all, "campaign")), "campaign/bad.go:5", "campaign/bad.go:10", "campaign/bad.go:13: time.Since", "campaign/bad.go:13: time.Now",
		"campaign/bad.go:14: starts", "campaign/bad.go:14: fmt.Println", "campaign/bad.go:15: os.Stderr", "campaign/bad.go:16: .println")
	breaks(t, impurities(only(all, "status", "blacklist")))
	breaks(t, mutations(only(all, "status")), "status.count", "state.go:28", "state.go:29", "state.go:30", "state.go:31", "lock has a type")
	breaks(t, mutations(only(all, "blacklist")), "status.Table")
	breaks(t, mutations(only(all, "dialer")))
}
