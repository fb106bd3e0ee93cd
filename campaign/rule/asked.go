package rule

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
)

func (s *Set) newScope() *scope {
	x := &scope{sight: sight{set: s}, values: make([]objectValue, len(s.env.schema.objects))}
	for i, o := range s.env.schema.objects {
		x.values[i] = objectValue{x, o}
	}
	x.self.scope = x
	return x
}

// see takes a scope that sees the facts; it must be given back with done.
func (s *Set) see(f *campaign.Facts, call *campaign.Call, now time.Time) *scope {
	x := s.scopes.Get().(*scope)
	x.reset(f, call, now)
	return x
}

func (s *Set) done(x *scope) {
	x.f, x.r, x.call = nil, nil, nil
	s.scopes.Put(x)
}

// end gives a scope back. A panic of condition i becomes a Failure; the scope
// then may be in any state, and is not used again. It must be deferred itself.
func (s *Set) end(x *scope, i *int, err *error) {
	if what := recover(); what != nil {
		*err = s.missing(*i)
		if *err == nil {
			*err = s.programs[*i].broken(x, what)
		}
		return
	}
	s.done(x)
}

// Needs says what the conditions read beside the record.
func (s *Set) Needs() campaign.Reads { return s.reads }

// First returns the first of the auto-set conditions from place i on that holds
// or, with an error, that fails; their number if there is none. Without facts
// there is an error, too.
func (s *Set) First(i int, f *campaign.Facts, call *campaign.Call, now time.Time) (at int, err error) {
	if f == nil {
		return i, errNoFacts
	}
	x := s.see(f, call, now)
	at = i
	defer s.end(x, &at, &err)
	err = s.first(&at, x)
	return at, err
}

// Holds tells whether condition i holds. The error is a [*Failure], or says that
// there is no such condition or that there are no facts.
func (s *Set) Holds(i int, f *campaign.Facts, call *campaign.Call, now time.Time) (bool, error) {
	if f != nil && uint(i) < uint(len(s.programs)) {
		fast := &s.programs[i].fast
		if fast.ruledOut(call) {
			return false, nil
		}
		// What a glance tells needs no scope.
		if g := fast.glance; g != nil {
			var x sight // field by field: a literal would be made elsewhere and copied
			x.set, x.r, x.call, x.now = s, &f.Record, call, now
			switch g.glance(&x) {
			case yes:
				return true, nil
			case no:
				return false, nil
			}
		}
	}
	return s.asked(i, f, call, now)
}

// asked decides condition i where a glance does not tell.
func (s *Set) asked(i int, f *campaign.Facts, call *campaign.Call, now time.Time) (v bool, err error) {
	if f == nil {
		return false, errNoFacts
	}
	x := s.see(f, call, now)
	defer s.end(x, &i, &err)
	return s.programs[i].asked(x)
}

// Number is the value of a rank.
func (s *Set) Number(i int, f *campaign.Facts, now time.Time) (v float64, err error) {
	if f == nil {
		return 0, errNoFacts
	}
	x := s.see(f, nil, now)
	defer s.end(x, &i, &err)
	return s.programs[i].number(x)
}

// Time is the value of a next call.
func (s *Set) Time(i int, f *campaign.Facts, call *campaign.Call, now time.Time) (v time.Time, err error) {
	if f == nil {
		return time.Time{}, errNoFacts
	}
	x := s.see(f, call, now)
	defer s.end(x, &i, &err)
	return s.programs[i].time(x)
}
