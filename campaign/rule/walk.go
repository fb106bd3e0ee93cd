package rule

import (
	"errors"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// The bounds of what is looked at when a condition is explained: a list may have
// many elements.
const (
	maxShown    = 500 // parts
	maxElements = 20  // of one list
)

// found is a part as it was in one evaluation.
type found struct {
	piece   *piece
	val     ref.Val // nil: it was not asked; may be an error
	absent  bool    // a property without a value
	element string  // in a loop: the element it was asked for, as p = "card"
	parts   []found
	cut     int // how many elements were not looked at
}

// failed reports whether the part has no value because of an error.
func (x *found) failed() bool { return x.val != nil && types.IsError(x.val) }

// asking evaluates the parts of a condition, as cel-go does: what it would not
// ask is not asked.
type asking struct {
	scope  *scope
	left   int  // how many parts may still be looked at
	naming bool // elements of lists are named, for people
}

// withElement is what a loop's body sees: an element beside all else.
type withElement struct {
	cel.Activation
	name string
	val  ref.Val
}

// ResolveName gives the element, or another variable.
func (b *withElement) ResolveName(name string) (any, bool) {
	if name == b.name {
		return b.val, true
	}
	return b.Activation.ResolveName(name)
}

// Parent is none: it has all variables.
func (b *withElement) Parent() cel.Activation { return nil }

func (w *asking) find(p *piece, in cel.Activation) found {
	x := found{piece: p}
	if w.left--; w.left < 0 {
		return x
	}
	switch p.form {
	case formProperty:
		x.val, x.absent = w.property(p)
	case formFixed:
		x.val = run(p, in)
	case formAnd, formOr:
		w.logic(&x, in)
	case formNot:
		x.parts = w.all(p.parts, in)
		x.val = inverse(x.parts[0].val)
	case formChoice:
		w.choice(&x, in)
	case formElse:
		first := w.find(p.parts[0], in)
		second := found{piece: p.parts[1]}
		if o, ok := first.val.(*types.Optional); ok && !o.HasValue() || first.absent {
			second = w.find(p.parts[1], in)
		}
		x.parts = []found{first, second}
		x.val = run(p, in)
	case formLoop:
		w.loop(&x, in)
	default:
		x.parts = w.all(p.parts, in)
		x.val = run(p, in)
	}
	return x
}

// all asks one part after another until one fails: cel-go does not ask the
// others then.
func (w *asking) all(parts []*piece, in cel.Activation) []found {
	list := make([]found, 0, len(parts))
	failed := false
	for _, p := range parts {
		x := found{piece: p}
		if !failed {
			x = w.find(p, in)
			failed = x.failed()
		}
		list = append(list, x)
	}
	return list
}

// property reads one. Absent is an error where its value is asked for, and what
// it is where it may be absent.
func (w *asking) property(p *piece) (val ref.Val, none bool) {
	v, ok := p.property.value(w.scope)
	switch {
	case !ok && p.optional:
		return types.OptionalNone, true
	case !ok:
		return absent(p.property), true
	}
	return types.DefaultTypeAdapter.NativeToValue(v), false
}

// logic is && and ||, of as many parts as the text has in a row.
func (w *asking) logic(x *found, in cel.Activation) {
	decides := types.Bool(x.piece.form == formOr)
	var failed ref.Val
	unknown := false // parts were not looked at: there are too many
	for _, p := range x.piece.parts {
		part := found{piece: p}
		if x.val == nil {
			part = w.find(p, in)
			b, ok := part.val.(types.Bool)
			switch {
			case ok && b == decides:
				x.val = b
			case part.val == nil:
				unknown = true
			case !ok && failed == nil:
				failed = notBool(part.val)
			}
		}
		x.parts = append(x.parts, part)
	}
	switch {
	case x.val != nil || unknown:
	case failed != nil:
		x.val = failed
	default:
		x.val = !decides
	}
}

func (w *asking) choice(x *found, in cel.Activation) {
	parts := x.piece.parts
	x.parts = []found{w.find(parts[0], in), {piece: parts[1]}, {piece: parts[2]}}
	b, ok := x.parts[0].val.(types.Bool)
	switch {
	case !ok && x.parts[0].val != nil:
		x.val = notBool(x.parts[0].val)
	case bool(b):
		x.parts[1] = w.find(parts[1], in)
		x.val = x.parts[1].val
	case ok:
		x.parts[2] = w.find(parts[2], in)
		x.val = x.parts[2].val
	}
}

// loop goes through the elements of a list, or the keys of a map.
func (w *asking) loop(x *found, in cel.Activation) {
	p := x.piece
	x.parts = []found{w.find(p.parts[0], in)}
	x.val = run(p, in)
	list, ok := x.parts[0].val.(traits.Iterable)
	if !ok {
		return
	}
	n := 0
	for it := list.Iterator(); it.HasNext() == types.True; n++ {
		val := it.Next()
		if w.left <= 0 || w.naming && n >= maxElements {
			if part, ok := w.decisive(x, val, in); ok {
				x.parts = append(x.parts, part)
				return
			}
			x.cut++
			continue
		}
		for _, body := range p.parts[1:] {
			part := w.find(body, &withElement{in, p.name, val})
			if w.naming {
				part.element = p.name + " = " + w.scope.show(val)
			}
			x.parts = append(x.parts, part)
			b, ok := part.val.(types.Bool)
			if ok && (p.ending == "exists" && bool(b) || p.ending == "all" && !bool(b)) {
				return // as cel-go does
			}
			if ok && !bool(b) && len(p.parts) > 2 {
				break // a map with a condition
			}
		}
	}
}

// decisive is the element that decided an exists or an all, which is shown
// however many are left out before it.
func (w *asking) decisive(x *found, val ref.Val, in cel.Activation) (found, bool) {
	p := x.piece
	want := types.Bool(p.ending == "exists")
	if !w.naming || p.ending != "exists" && p.ending != "all" || x.val != want || len(p.parts) != 2 {
		return found{}, false
	}
	with := &withElement{in, p.name, val}
	if run(p.parts[1], with) != want {
		return found{}, false
	}
	part := w.find(p.parts[1], with)
	part.element = p.name + " = " + w.scope.show(val)
	return part, true
}

// run evaluates a part by itself. What it is may also be an error.
func run(p *piece, in cel.Activation) ref.Val {
	if p.program == nil {
		return types.WrapErr(p.err)
	}
	v, _, err := p.program.Eval(in)
	if err != nil {
		var e *types.Err
		if errors.As(err, &e) {
			return e
		}
		return types.WrapErr(err)
	}
	return v
}

func inverse(v ref.Val) ref.Val {
	if b, ok := v.(types.Bool); ok {
		return !b
	}
	if v == nil {
		return nil
	}
	return notBool(v)
}

// notBool is the error of a value that should be a bool.
func notBool(v ref.Val) ref.Val {
	if types.IsError(v) {
		return v
	}
	return types.NewErr("no such overload")
}
