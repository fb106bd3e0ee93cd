package rule

import (
	"time"

	"github.com/google/cel-go/common/ast"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// load lowers a property, a part of a local time, or the question whether a
// property has a value.
func (l *lowerer) load(x ast.Expr) *operand {
	if x.Kind() == ast.SelectKind {
		if op := l.localPart(x.AsSelect()); op != nil {
			return op
		}
	}
	path, ok := pathOf(x)
	if !ok {
		return nil
	}
	p := l.env.schema.byPath[path]
	if x.Kind() == ast.SelectKind && x.AsSelect().IsTestOnly() {
		switch {
		case p != nil:
			if at := p.place(); at != nil {
				return seen(lonely(look{manner: isPresent, place: *at}))
			}
			return presence(p.has)
		case l.env.schema.byType["nextcall."+path] != nil:
			return fixedBool(true)
		}
		return nil
	}
	if p == nil {
		return nil
	}
	return l.property(p)
}

// property lowers the reading of a property.
func (l *lowerer) property(p *property) *operand {
	op := &operand{kind: p.kind, at: p.place()}
	switch p.kind {
	case kindString:
		op.text = p.text
		op.code = p.codes()
		op.number = numberOf(p.path)
	case kindInt, kindDuration:
		op.num = p.num
	case kindDouble:
		op.real = p.real
	case kindBool:
		if op.at != nil {
			op.plan = lonely(look{manner: isTrue, place: *op.at})
		}
		flag := p.flag
		op.test = func(s *scope) answer {
			v, ok := flag(s)
			if !ok {
				return ask
			}
			return truth(v)
		}
	case kindTime:
		op.when = p.when
		op.times = p.instants()
	case kindStrings:
		op.list = p.list
	}
	return op
}

// presence asks whether there is a value.
func presence(has func(*scope) bool) *operand {
	return boolean(func(s *scope) answer { return truth(has(s)) })
}

// codes are a property whose texts stand for small numbers.
type codes struct {
	at   place
	name func(code int) (string, bool) // false: there are no more
}

// get is the code.
func (c *codes) get(s *scope) (uint8, bool) {
	n, ok := s.num(&c.at)
	return uint8(n), ok
}

// find is the code of a text.
func (c *codes) find(text string) (uint8, bool) {
	for i := 0; ; i++ {
		name, ok := c.name(i)
		if !ok {
			return 0, false
		}
		if name == text {
			return uint8(i), true
		}
	}
}

// codes are those of a property, or nil.
func (p *property) codes() *codes {
	at := p.place()
	switch {
	case at == nil || !at.from.isCode():
		return nil
	case at.from == fromQualifier:
		return &codes{*at, qualifierName}
	}
	return &codes{*at, outcomeName}
}

func outcomeName(i int) (string, bool) {
	if i >= campaign.NumOutcomes {
		return "", false
	}
	return campaign.Outcome(i).String(), true
}

func qualifierName(i int) (string, bool) {
	if i > len(status.Qualifiers()) {
		return "", false
	}
	return status.Qualifier(i).String(), true
}

// numberOf is a property that is a phone number, or nil.
func numberOf(path string) func(*scope) (blacklist.Number, bool) {
	switch path {
	case "phone.number":
		return func(s *scope) (blacklist.Number, bool) {
			n := s.number()
			return n, n != 0
		}
	case "call.number":
		return func(s *scope) (blacklist.Number, bool) {
			if s.call == nil {
				return 0, false
			}
			return s.call.Number, true
		}
	}
	return nil
}

// localPart lowers local(t).hour and its like.
func (l *lowerer) localPart(sel ast.SelectExpr) *operand {
	if sel.IsTestOnly() || sel.Operand().Kind() != ast.CallKind {
		return nil
	}
	call := sel.Operand().AsCall()
	if call.FunctionName() != "local" || len(call.Args()) != 2 {
		return nil
	}
	t := l.lower(call.Args()[1])
	if t == nil || t.kind != kindTime {
		return nil
	}
	local := func(s *scope) (time.Time, bool) {
		at, ok := t.when(s)
		if !ok {
			return at, false
		}
		at, err := s.local(at)
		return at, err == nil
	}
	name := sel.FieldName()
	if name == "date" {
		return &operand{kind: kindString, date: local, text: func(s *scope) (string, bool) {
			at, ok := local(s)
			return at.Format(time.DateOnly), ok
		}}
	}
	if _, ok := localPart(name, time.Time{}); !ok {
		return nil
	}
	op := &operand{kind: kindInt, num: func(s *scope) (int64, bool) {
		at, ok := local(s)
		if !ok {
			return 0, false
		}
		return localPart(name, at)
	}}
	if t.times.isNow() {
		op.at = &place{from: fromLocal, name: name}
	}
	return op
}
