package blacklist

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
)

// Memory holds lists in memory. The zero value is empty and ready; it must not
// be copied once used. It is safe for concurrent use.
//
// A host's own lists belong to its store and are written only by the store's
// Commit, together with the status that lists a number. Memory is for further
// checkers that fit into memory, for tests, and as a part of such a store. Each
// operation but listing costs as much as the entries that it names.
type Memory struct {
	mu    sync.RWMutex
	lists map[List]*numbers // no list is empty
}

// numbers are the entries of one list.
type numbers struct {
	entries map[Number]Entry
	filter  filter // of them, and of some that were removed
}

// set writes an entry.
func (l *numbers) set(e Entry) {
	_, had := l.entries[e.Number]
	l.entries[e.Number] = e
	switch {
	case had:
	case l.filter.room > 0:
		l.filter.add(e.Number)
	default:
		l.filter = newFilter(2 * len(l.entries))
		for n := range l.entries {
			l.filter.add(n)
		}
	}
}

var _ Checker = (*Memory)(nil)

// Add lists entries, merged with those of the same key as Entry.Merge says.
// If one of them is invalid nothing is added, and the error joins what
// Entry.Check finds in each. Times are stored in UTC and whole microseconds.
func (m *Memory) Add(entries ...Entry) error {
	var errs []error
	for _, e := range entries {
		if err := e.Check(); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range entries {
		e = e.normal()
		list := m.lists[e.List]
		if list == nil {
			if m.lists == nil {
				m.lists = make(map[List]*numbers)
			}
			list = &numbers{entries: make(map[Number]Entry)}
			m.lists[e.List] = list
		}
		if old, ok := list.entries[e.Number]; ok {
			e = old.Merge(e)
		}
		list.set(e)
	}
	return nil
}

// Remove takes entries off their lists, expired ones too, and returns those
// that were there, in the order of keys.
func (m *Memory) Remove(keys ...Key) (removed []Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range keys {
		list := m.lists[k.List]
		if list == nil {
			continue
		}
		e, ok := list.entries[k.Number]
		if !ok {
			continue
		}
		removed = append(removed, e)
		delete(list.entries, k.Number)
		if len(list.entries) == 0 {
			delete(m.lists, k.List)
		}
	}
	return removed
}

// Get returns the entry of a key, even if it has expired, and whether there is one.
func (m *Memory) Get(k Key) (Entry, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	list := m.lists[k.List]
	if list == nil {
		return Entry{}, false
	}
	e, ok := list.entries[k.Number]
	return e, ok
}

// Len returns the number of entries on all lists, expired ones included.
func (m *Memory) Len() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	n := 0
	for _, list := range m.lists {
		n += len(list.entries)
	}
	return n
}

// Entries returns the entries that keep accepts, or all if it is nil, expired
// ones included, by list and then by number. keep must not call m.
func (m *Memory) Entries(keep func(Entry) bool) []Entry {
	var entries []Entry
	m.mu.RLock()
	for _, list := range m.lists {
		for _, e := range list.entries {
			if keep == nil || keep(e) {
				entries = append(entries, e)
			}
		}
	}
	m.mu.RUnlock()
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.List, b.List), cmp.Compare(a.Number, b.Number))
	})
	return entries
}

// Check implements Checker. Its answers come in the order of the numbers, and
// for one number Global first, then the lists in their order. It fails only if
// ctx is done.
func (m *Memory) Check(ctx context.Context, q Query) ([]Answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	lists := make([]*numbers, 0, 8)
	if global := m.lists[Global]; global != nil {
		lists = append(lists, global)
	}
	for i, name := range q.Lists {
		if list := m.lists[name]; list != nil && name != Global && !slices.Contains(q.Lists[:i], name) {
			lists = append(lists, list)
		}
	}
	var answers []Answer
	for _, n := range q.Numbers {
		for _, list := range lists {
			if !list.filter.mayHave(n) {
				continue
			}
			if e, ok := list.entries[n]; ok && e.Blocks(q.Now) {
				answers = append(answers, Answer{Number: n, Listed: true, Entry: e})
			}
		}
	}
	return answers, nil
}
