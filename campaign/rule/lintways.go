package rule

import (
	"slices"
	"strings"
)

// ways are the ways in which something can be: any of them. Each is what must be
// so of some terms, all of it.
type ways []way

type way []bound

// maxWays bounds the reckoning. What has more is taken to be so in more cases
// than it is, which makes the linter silent and never wrong.
const maxWays = 64

// surely is the one way that asks for nothing.
func surely() ways { return ways{way{}} }

// or are the ways of either; false if they are not exact.
func or(a, b ways) (ways, bool) {
	if len(a)+len(b) > maxWays {
		return surely(), false
	}
	return append(slices.Clip(a), b...), true
}

// and are the ways of both; false if they are not exact.
func (r *reckoner) and(a, b ways) (ways, bool) {
	if len(a)*len(b) > maxWays {
		return a, false
	}
	all := ways{}
	for _, x := range a {
		for _, y := range b {
			if w, ok := r.meet(x, y); ok {
				all = append(all, w)
			}
		}
	}
	return all, true
}

// meet keeps apart, in a loose reckoning, what is asked of terms that may fail.
func (r *reckoner) meet(a, b way) (way, bool) {
	if !r.loose {
		return meet(a, b)
	}
	sure, apart := b.split(func(t *term) bool { return !t.fallible })
	all, ok := meet(a, sure)
	return append(all, apart...), ok
}

// meet is what must be so for both ways; false if that cannot be.
func meet(a, b way) (way, bool) {
	all := append(make(way, 0, len(a)+len(b)), a...)
next:
	for _, y := range b {
		for i, x := range all {
			if x.term.key != y.term.key {
				continue
			}
			m, ok := x.meet(y)
			if !ok {
				return nil, false
			}
			all[i] = m
			continue next
		}
		all = append(all, y)
	}
	return all, true
}

// split are the bounds on some terms, and all others.
func (w way) split(on func(*term) bool) (these, others way) {
	for i := range w {
		if !on(w[i].term) {
			if others == nil {
				these = append(make(way, 0, len(w)), w[:i]...)
			}
			others = append(others, w[i])
		} else if others != nil {
			these = append(these, w[i])
		}
	}
	if others == nil {
		return w, nil
	}
	return these, others
}

// narrowed makes of a way, which nobody else has, what is so of another too, as far
// as the other's terms are certain; false if that cannot be.
func (w way) narrowed(other way) (way, bool) {
	for _, y := range other {
		if !w.certain(y.term) {
			continue
		}
		x := w.on(y.term.key)
		if x == nil {
			w = append(w, y)
			continue
		}
		m, ok := x.meet(y)
		if !ok {
			return w, false
		}
		*x = m
	}
	return w, true
}

// on is what a way says of a term.
func (w way) on(key string) *bound {
	for i := range w {
		if w[i].term.key == key {
			return &w[i]
		}
	}
	return nil
}

// certain reports whether a term has a value wherever the way holds.
func (w way) certain(t *term) bool {
	if !t.fallible || w.on(t.key) != nil {
		return true
	}
	if t.has == "" {
		return false
	}
	b := w.on(t.has)
	return b != nil && b.lo == 1
}

// without is what is left of ways where something is not true; others are the
// ways in which it is false. Where a term may fail it is not known to be false,
// and the bound on it does not count.
func (w ways) without(others ways) ways {
	if len(w)*len(others) > maxWays {
		return w
	}
	left := make(ways, 0, len(w))
	for _, x := range w {
		if slices.ContainsFunc(others, x.within) {
			left = append(left, x) // all of it, so no part of it need be named
			continue
		}
		for _, y := range others {
			if x.excludes(y) {
				continue
			}
			sure, _ := y.split(x.certain)
			if m, ok := meet(x, sure); ok {
				left = append(left, m)
			}
		}
	}
	return left
}

// parts is how many ways without leaves, counted until there are more than most,
// and whether they are others than these.
func (w ways) parts(others ways, most int) (n int, other bool) {
	if len(w)*len(others) > maxWays {
		return len(w), false
	}
	for _, x := range w {
		if n > most {
			break
		}
		if slices.ContainsFunc(others, x.within) {
			n++
			continue
		}
		other = true
		for _, y := range others {
			if !x.excludes(y) {
				n++
			}
		}
	}
	return n, other
}

// gone reports whether without leaves nothing.
func (w ways) gone(others ways) bool {
	n, _ := w.parts(others, 0)
	return n == 0
}

// within reports whether a way asks for all that another does, as far as the
// other's terms are certain.
func (w way) within(other way) bool {
	for i := range other {
		b := &other[i]
		if !w.certain(b.term) {
			continue
		}
		if x := w.on(b.term.key); x == nil || !x.within(b) {
			return false
		}
	}
	return true
}

// excludes reports whether the certain bounds of another way surely leave
// nothing of a way.
func (w way) excludes(other way) bool {
	for i := range other {
		b := &other[i]
		if x := w.on(b.term.key); x != nil && x.excludes(b) {
			return true
		}
	}
	return false
}

// words are a way as an example, "" if a part of it is not understood.
func (w way) words() string {
	var parts []string
	for _, b := range w {
		text := b.example()
		if text == "" {
			return ""
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " and ")
}
