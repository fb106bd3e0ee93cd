package archtest_test

import (
	"fmt"
	"go/types"
	"strings"
	"testing"
)

// foreignTypes finds the types of other modules, and of our own internal
// packages, that exported declarations of the released packages name: the
// first kind makes a dependency's rename our breaking change, the second
// cannot be named by the host that has to implement it.
func foreignTypes(all []typed) []string {
	var problems []string
	own := map[string]bool{}
	for _, p := range all {
		own[p.pkg.Path()] = true
	}
	for _, p := range all {
		if p.pkg.Name() == "main" || hidden(p.pkg.Path()) {
			continue
		}
		scope := p.pkg.Scope()
		for _, name := range scope.Names() {
			object := scope.Lookup(name)
			if !object.Exported() {
				continue
			}
			walk := surface{own: own, seen: map[types.Type]bool{}}
			walk.object(object)
			for _, foreign := range walk.foreign {
				problems = append(problems, fmt.Sprintf("%s: %s names %s", p.at(object.Pos()), object.Name(), foreign))
			}
		}
	}
	return problems
}

func hidden(path string) bool {
	return strings.Contains(path, "/internal/") || strings.HasSuffix(path, "/internal")
}

// A surface is what a user of an exported declaration can see of its types.
type surface struct {
	own     map[string]bool
	seen    map[types.Type]bool
	foreign []string
}

func (s *surface) object(o types.Object) {
	name, ok := o.(*types.TypeName)
	if !ok {
		s.visit(o.Type())
		return
	}
	if alias, ok := name.Type().(*types.Alias); ok {
		s.parameters(alias.TypeParams())
		s.visit(alias.Rhs())
		return
	}
	s.declared(name.Type().(*types.Named))
}

// declared looks at what a type declaration shows: its form and its methods.
func (s *surface) declared(n *types.Named) {
	if s.seen[n] {
		return
	}
	s.seen[n] = true
	s.parameters(n.TypeParams())
	s.visit(n.Underlying())
	for method := range n.Methods() {
		if method.Exported() {
			s.visit(method.Type())
		}
	}
}

func (s *surface) parameters(list *types.TypeParamList) {
	for parameter := range list.TypeParams() {
		s.visit(parameter.Constraint())
	}
}

func (s *surface) arguments(list *types.TypeList) {
	for argument := range list.Types() {
		s.visit(argument)
	}
}

// named stops at a type that has a name, which its own package answers for,
// unless users can see it without being able to name it.
func (s *surface) named(o *types.TypeName) {
	pkg := o.Pkg()
	if pkg == nil { // predeclared
		return
	}
	first, _, _ := strings.Cut(pkg.Path(), "/")
	standard := !strings.Contains(first, ".")
	switch {
	case standard:
	case !s.own[pkg.Path()] || hidden(pkg.Path()):
		s.foreign = append(s.foreign, pkg.Path()+"."+o.Name())
	case !o.Exported():
		s.object(o)
	}
}

func (s *surface) visit(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		s.named(t.Obj())
		s.arguments(t.TypeArgs())
	case *types.Named:
		s.named(t.Obj())
		s.arguments(t.TypeArgs())
	case *types.Pointer:
		s.visit(t.Elem())
	case *types.Slice:
		s.visit(t.Elem())
	case *types.Array:
		s.visit(t.Elem())
	case *types.Chan:
		s.visit(t.Elem())
	case *types.Map:
		s.visit(t.Key())
		s.visit(t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			s.visit(v.Type())
		}
	case *types.Signature:
		s.parameters(t.TypeParams())
		s.visit(t.Params())
		s.visit(t.Results())
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() || field.Embedded() { // an embedded type shows its fields and methods
				s.visit(field.Type())
			}
		}
	case *types.Interface:
		for method := range t.ExplicitMethods() {
			if method.Exported() {
				s.visit(method.Type())
			}
		}
		for embedded := range t.EmbeddedTypes() {
			s.visit(embedded)
		}
	case *types.Union:
		for term := range t.Terms() {
			s.visit(term.Type())
		}
	}
}

func TestExportedDeclarationsNameOnlyStandardAndOwnTypes(t *testing.T) {
	holds(t, "exported declarations name only the standard library's types and our own, none of them internal",
		foreignTypes(releasedPackages(t)))
}

func TestExportedCheckerSeesWhatBreaksTheRule(t *testing.T) {
	all := plantedPackages(t, map[string]string{
		"go.mod":               "module " + modulePath + "\n\ngo 1.25.0\n\nrequire other.example v0.0.0\n\nreplace other.example => ./other\n",
		"other/o.go":           "package other\n\ntype T struct{}\n\ntype C interface{ ~int }\n",
		"other/go.mod":         "module other.example\n\ngo 1.25.0\n",
		"internal/secret/s.go": "package secret\n\ntype Key int\n\nfunc Free() Key { return 0 }\n",
		"api/good.go": `package api

import (
	"time"

	"other.example"
)

type Good struct {
	At   time.Time
	next *Good
	used other.T
}

func (g *Good) unseen() other.T { return g.used }

func Next(g *Good) *Good { g.unseen(); return g.next }
`,
		"api/bad.go": `package api

import (
	"other.example"

	"` + modulePath + `/internal/secret"
)

type (
	Field    struct{ M map[string][]other.T }
	Embedded struct{ other.T }
	Alias    = other.T
	Driver   interface{ Do(func(secret.Key)) }
	Box[V other.C] struct{ V V }
	Method   struct{}
	hidden   struct{}
)

func (Method) Get() *other.T { return nil }

func (hidden) Peek() other.T { return other.T{} }

func Unnamed() hidden { return hidden{} }

var Value = other.T{}
`})
	breaks(t, foreignTypes(all),
		"Field names other.example.T", "Embedded names", "Alias names", "Driver names "+modulePath+"/internal/secret.Key",
		"Box names other.example.C", "Method names", "Unnamed names", "Value names")
}
