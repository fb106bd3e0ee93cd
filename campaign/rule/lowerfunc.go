package rule

import (
	"strings"
	"time"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"

	"github.com/nextcall/nextcall/blacklist"
)

// contextual lowers our own functions. mine says that it is one of these.
func (l *lowerer) contextual(c ast.CallExpr) (op *operand, mine bool) {
	args := c.Args()
	switch name := c.FunctionName(); name {
	case "count":
		return l.count(args), true
	case "streak":
		return l.streak(args), true
	case "time_between":
		return l.timeBetween(args), true
	case "weekday", "is_holiday", "is_workday":
		return l.calendar(name, args), true
	case "bucket":
		return l.bucket(args), true
	case "prefix":
		return l.prefix(args), true
	case operators.Add:
		if steps := l.period(args[1]); steps != nil {
			if t := l.lower(args[0]); t != nil && t.kind == kindTime {
				return &operand{kind: kindTime, when: steps.after(t.when)}, true
			}
			return nil, true
		}
	}
	return nil, false
}

func (l *lowerer) count(args []ast.Expr) *operand {
	if len(args) != 3 {
		return nil
	}
	outcome, within := l.lower(args[1]), l.lower(args[2])
	if outcome == nil || within == nil || outcome.kind != kindString || within.kind != kindDuration {
		return nil
	}
	return &operand{kind: kindInt, num: func(s *scope) (int64, bool) {
		o, ok := outcome.text(s)
		if !ok {
			return 0, false
		}
		d, ok := within.num(s)
		if !ok {
			return 0, false
		}
		return s.count(o, time.Duration(d)), true
	}}
}

func (l *lowerer) streak(args []ast.Expr) *operand {
	if len(args) != 2 {
		return nil
	}
	outcome := l.lower(args[1])
	if outcome == nil || outcome.kind != kindString {
		return nil
	}
	op := &operand{kind: kindInt, num: func(s *scope) (int64, bool) {
		o, ok := outcome.text(s)
		if !ok {
			return 0, false
		}
		return s.streak(o), true
	}}
	if name, ok := outcome.constant(); ok {
		op.at = &place{from: fromStreak, name: name}
	}
	return op
}

// timeBetween lowers a window of constants: its ends are read once.
func (l *lowerer) timeBetween(args []ast.Expr) *operand {
	if len(args) != 3 {
		return nil
	}
	first, ok := l.lower(args[1]).constant()
	last, also := l.lower(args[2]).constant()
	if !ok || !also {
		return nil
	}
	from, ok := clock(first)
	to, also := clock(last)
	if !ok || !also {
		return nil
	}
	return seen(lonely(look{manner: inWindow, low: uint64(from), size: uint64(to)}))
}

// calendar lowers what is asked of the phone's local day.
func (l *lowerer) calendar(name string, args []ast.Expr) *operand {
	at := func(s *scope) (time.Time, bool) { return s.now, true }
	switch len(args) {
	case 1:
	case 2:
		t := l.lower(args[1])
		if t == nil || t.kind != kindTime {
			return nil
		}
		at = t.when
	default:
		return nil
	}
	if name == "weekday" {
		op := &operand{kind: kindInt, num: func(s *scope) (int64, bool) {
			t, ok := at(s)
			if !ok {
				return 0, false
			}
			t, err := s.local(t)
			return isoWeekday(t), err == nil
		}}
		if len(args) == 1 {
			op.at = &place{from: fromLocal, name: name}
		}
		return op
	}
	day := (*scope).holiday
	if name == "is_workday" {
		day = (*scope).workday
	}
	return boolean(func(s *scope) answer {
		t, ok := at(s)
		if !ok {
			return ask
		}
		is, err := day(s, t)
		if err != nil {
			return ask
		}
		return truth(is)
	})
}

func (l *lowerer) bucket(args []ast.Expr) *operand {
	if len(args) != 2 {
		return nil
	}
	key, n := l.lower(args[0]), l.lower(args[1])
	if key == nil || n == nil || key.kind != kindString || n.kind != kindInt {
		return nil
	}
	return &operand{kind: kindInt, num: bothOf(key.text, n.num, func(key string, n int64) (int64, bool) {
		i, err := bucket(key, n)
		return i, err == nil
	})}
}

// prefix lowers the question whether a number begins with one of several texts.
func (l *lowerer) prefix(args []ast.Expr) *operand {
	if len(args) != 2 {
		return nil
	}
	number := l.lower(args[0])
	if number == nil || number.kind != kindString {
		return nil
	}
	if prefixes, ok := l.constants(args[1]); ok {
		if number.number != nil {
			var all [][]byte
			for _, p := range prefixes {
				all = append(all, []byte(p))
			}
			return boolean(startsWithAny(number.number, all))
		}
		return boolean(func(s *scope) answer {
			n, ok := number.text(s)
			if !ok {
				return ask
			}
			return truth(hasPrefix(n, prefixes))
		})
	}
	list := l.lower(args[1])
	if list == nil || list.kind != kindStrings {
		return nil
	}
	return boolean(func(s *scope) answer {
		n, ok := number.text(s)
		if !ok {
			return ask
		}
		prefixes, ok := list.list(s)
		if !ok {
			return ask
		}
		return truth(hasPrefix(n, prefixes))
	})
}

// hasPrefix reports whether the number begins with one of the prefixes.
func hasPrefix(number string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(number, p) {
			return true
		}
	}
	return false
}

// calendarSteps are a period whose text is a constant.
type calendarSteps struct{ steps blacklist.Expiry }

// period lowers period("2 weeks"), or gives nil.
func (l *lowerer) period(x ast.Expr) *calendarSteps {
	if x.Kind() != ast.CallKind || x.AsCall().FunctionName() != "period" || len(x.AsCall().Args()) != 2 {
		return nil
	}
	text, ok := l.lower(x.AsCall().Args()[1]).constant()
	if !ok {
		return nil
	}
	steps, err := blacklist.ParseExpiry(text)
	if err != nil {
		return nil
	}
	return &calendarSteps{steps}
}

// after makes the steps from an instant, in the phone's zone.
func (p *calendarSteps) after(from func(*scope) (time.Time, bool)) func(*scope) (time.Time, bool) {
	return func(s *scope) (time.Time, bool) {
		t, ok := from(s)
		if !ok {
			return t, false
		}
		zones := s.locations()
		if len(zones) == 0 {
			return t, false
		}
		at, err := p.steps.At(t, zones[0])
		return at, err == nil
	}
}
