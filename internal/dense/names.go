package dense

import (
	"strings"
	"sync/atomic"
)

// Names gives few distinct strings small numbers: 1 to the first one, 2 to the
// next. 0 is "". A name keeps its number for ever.
//
// Invariant: names and ids are the same pairs, read from either side, and all
// names differ.
type Names struct {
	names atomic.Pointer[[]string] // by number; replaced as a whole, so that Name needs no lock
	ids   map[string]uint32
}

// ID returns the number of a name, and gives it one if it has none. At most
// limit names have one, "" not counted; what names them in the *FullError.
func (n *Names) ID(s, what string, limit int) (uint32, error) {
	if id, known := n.Lookup(s); known {
		return id, nil
	}
	names := n.all()
	if limit = min(limit, MaxNumber); len(names) > limit {
		return 0, &FullError{what, limit}
	}
	if n.ids == nil {
		n.ids = map[string]uint32{}
	}
	s = strings.Clone(s) // not the page of some import it was cut from
	id := uint32(len(names))
	names = append(names, s) // behind what the readers of old see
	n.ids[s] = id
	n.names.Store(&names)
	return id, nil
}

func (n *Names) all() []string {
	if names := n.names.Load(); names != nil {
		return *names
	}
	return []string{""}
}

// Lookup returns the number of a name, if it has one.
func (n *Names) Lookup(s string) (uint32, bool) {
	if s == "" {
		return 0, true
	}
	id, known := n.ids[s]
	return id, known
}

// Name returns the name that has a number.
func (n *Names) Name(id uint32) string {
	if id == 0 {
		return ""
	}
	return (*n.names.Load())[id]
}

// Len returns 1 + the highest number ever given out.
func (n *Names) Len() int { return len(n.all()) }

// Walk gives all names by their numbers, from 1 on, until do returns false.
func (n *Names) Walk(do func(id uint32, s string) bool) {
	for i, s := range n.all()[1:] {
		if !do(uint32(i+1), s) {
			return
		}
	}
}
