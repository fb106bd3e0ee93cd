package rule

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// maxSearched bounds the search for the part that failed: beyond it, the part
// around it is named.
const maxSearched = 1000

// search finds the innermost part that failed, in a part that did. Of what has
// not failed only the value is asked, not the parts.
func (w *asking) search(p *piece, in cel.Activation) *piece {
	for {
		part, within := w.failing(p, in)
		if part == nil {
			return p
		}
		p, in = part, within
	}
}

// failing is the first part of p that failed, and what it saw; nil if it was p
// itself.
func (w *asking) failing(p *piece, in cel.Activation) (*piece, cel.Activation) {
	parts := p.parts
	switch p.form {
	case formChoice:
		v := w.value(parts[0], in)
		b, ok := v.(types.Bool)
		switch {
		case v == nil:
			return nil, nil
		case !ok:
			parts = parts[:1]
		case bool(b):
			parts = parts[1:2]
		default:
			parts = parts[2:]
		}
	case formElse:
		if o, ok := w.value(parts[0], in).(*types.Optional); ok && o.HasValue() {
			return nil, nil
		}
	case formLoop:
		return w.failingElement(p, in)
	}
	for _, part := range parts {
		if v := w.value(part, in); v == nil || types.IsError(v) {
			return ifAsked(part, v), in
		}
	}
	return nil, nil
}

// failingElement looks for the element of a list for which a part failed.
func (w *asking) failingElement(p *piece, in cel.Activation) (*piece, cel.Activation) {
	v := w.value(p.parts[0], in)
	list, ok := v.(traits.Iterable)
	if !ok {
		return ifAsked(p.parts[0], v), in
	}
	for it := list.Iterator(); it.HasNext() == types.True; {
		with := &withElement{in, p.name, it.Next()}
		for _, body := range p.parts[1:] {
			v := w.value(body, with)
			if v == nil || types.IsError(v) {
				return ifAsked(body, v), with
			}
			if v == types.False && len(p.parts) > 2 {
				break // a map with a condition
			}
		}
	}
	return nil, nil
}

// ifAsked is the part, if it was asked.
func ifAsked(p *piece, v ref.Val) *piece {
	if v == nil {
		return nil
	}
	return p
}

// value is that of a part, which may be an error; nil if enough was asked.
func (w *asking) value(p *piece, in cel.Activation) ref.Val {
	if w.left--; w.left < 0 {
		return nil
	}
	if p.form == formProperty {
		v, _ := w.property(p)
		return v
	}
	return run(p, in)
}
