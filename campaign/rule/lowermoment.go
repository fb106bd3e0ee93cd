package rule

import (
	"time"
)

// instants say where an instant comes from, so that most comparisons of times
// need not copy any. One of the two is set.
type instants struct {
	at   func(*scope) *time.Time // nil where there is no call; the zero time is unset
	now  bool                    // the instant of the decision, and a shift
	plus time.Duration
}

// instantsOf are those of a property, or nil.
func instantsOf(path string) *instants {
	if path == "now" {
		return &instants{now: true}
	}
	if at := momentOf(path); at != nil {
		return &instants{at: at}
	}
	return nil
}

// momentOf is where the instant of a property is kept, or nil.
func momentOf(path string) func(*scope) *time.Time {
	switch path {
	case "record.created":
		return func(s *scope) *time.Time { return &s.r.Created }
	case "record.updated":
		return func(s *scope) *time.Time { return &s.r.Updated }
	case "record.status_since":
		return func(s *scope) *time.Time { return &s.r.StatusAt }
	case "record.next_call":
		return func(s *scope) *time.Time { return &s.r.Due }
	case "record.last_call":
		return func(s *scope) *time.Time { return &s.r.LastCall }
	case "attempts.first":
		return func(s *scope) *time.Time { return &s.r.Attempts.First }
	case "attempts.last":
		return func(s *scope) *time.Time { return &s.r.Attempts.Last }
	}
	return nil
}

// isSet asks whether there is an instant.
func isSet(at func(*scope) *time.Time) func(*scope) answer {
	return func(s *scope) answer { return truth(!at(s).IsZero()) }
}

// isNow reports whether it is the instant of the decision itself.
func (i *instants) isNow() bool { return i != nil && i.now && i.plus == 0 }

// shifted is now and a duration more, or nil.
func (i *instants) shifted(by *operand, sign time.Duration) *instants {
	if !i.isNow() || !by.fixed {
		return nil
	}
	const century = int64(100 * 365 * 24 * time.Hour)
	d, ok := by.num(nil)
	// What is further than a century from now is left to the general way.
	if !ok || d > century || d < -century {
		return nil
	}
	return &instants{now: true, plus: sign * time.Duration(d)}
}

// ofMoment compares a property's instant with one that is reckoned from now, or
// gives nil.
func (o orders) ofMoment(a, b *instants) func(*scope) answer {
	switch {
	case a == nil || b == nil || a.now == b.now:
		return nil
	case a.now:
		return o.mirrored().ofMoment(b, a)
	}
	at, plus := a.at, b.plus
	return func(s *scope) answer {
		t := at(s)
		if t.IsZero() {
			return ask
		}
		then, ok := s.now, true
		if plus != 0 {
			then, ok = shift(then, plus)
		}
		if !ok {
			return ask
		}
		return o.of(t.Compare(then))
	}
}

// since asks how long ago a property's instant is.
func (r numbers) since(i *instants) func(*scope) answer {
	at := i.at
	return func(s *scope) answer {
		t := at(s)
		if t.IsZero() {
			return ask
		}
		d, ok := between(s.now, *t)
		if !ok {
			return ask
		}
		return truth(r.has(d))
	}
}
