package memstore

import (
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// audit finds what is inconsistent inside a store: every record is in exactly
// the queues it belongs to, leases and what they hold name each other, and every
// chain has what belongs to it.
func (st *Store) audit(t require.TestingT) {
	pe := st.people
	inNumbers, inContacts := 0, 0
	for _, l := range st.lines[1:] {
		require.Same(t, l, st.byID[l.id])
		require.Contains(t, st.order, l)
		met := map[slot]int{}
		for _, c := range l.sorted {
			require.Same(t, c, l.classes[c.id])
			c.audit(t, met)
		}
		order := l.roll.after(l, nil, l.rows.len()+1, nil)
		require.Len(t, order, l.rows.live())
		require.True(t, slices.IsSortedFunc(order, func(a, b slot) int { return l.placeOf(a).mark.compare(l.placeOf(b).mark) }))
		timers := map[uint32]bool{}
		l.leases.Walk(func(x dense.Timer) bool {
			if l.alive(x) {
				timers[x.Slot] = true
			}
			return true
		})
		gone := 0
		for s := range slot(l.rows.slab.Len()) {
			r := l.rows.at(s)
			if l.rows.isGone(s) {
				require.Equal(t, vacated(r), *r)
				if int(s) < l.rows.len() {
					gone++
				}
				continue
			}
			require.Less(t, int(s), l.rows.len())
			at, found := l.rows.find(l.rows.name(s))
			require.True(t, found)
			require.Equal(t, s, at)
			h := l.rows.leaseOf(s)
			waits := h == 0 && r.standing == status.StandingQueued && r.class != 0 && r.lane != status.LaneNone
			require.Equal(t, waits, met[s] == 1, "record %d is in one place if it waits", s)
			require.Equal(t, waits, r.place&placeMask != nowhere)
			delete(met, s)
			if h != 0 {
				x := pe.leases.At(h)
				require.True(t, x.live)
				require.True(t, slices.ContainsFunc(append([]held{x.on}, x.with...), func(o held) bool { return o.spot == spot{l.number, s} }))
			}
			here := spot{l.number, s}
			for _, n := range l.rows.numbers(s, nil) {
				require.Equal(t, 1, pe.count(&pe.numbers.At(n).records, here))
				inNumbers++
			}
			if r.contact != 0 {
				require.Equal(t, 1, pe.count(&pe.contacts.At(r.contact).records, here))
				inContacts++
			}
		}
		require.Empty(t, met)
		require.Equal(t, l.rows.gone, gone)
		for h := range uint32(pe.leases.Len()) {
			if x := pe.leases.At(h); x.live && x.on.line == l.number {
				require.True(t, timers[h], "a live lease has a timer")
			}
		}
	}
	pe.audit(t, st, inNumbers, inContacts)
}

func (p *people) count(m *members, at spot) (n int) {
	p.each(m, func(x spot) bool {
		if x == at {
			n++
		}
		return true
	})
	return n
}

// audit checks the queues of a class, and counts where it meets a record.
func (c *class) audit(t require.TestingT, met map[slot]int) {
	l := c.line
	walk := func(q *queue, visit func(e dense.Entry, r *row)) {
		live := 0
		q.heap.Walk(func(e dense.Entry) bool {
			if l.current(e) {
				live++
				r := l.rows.at(e.Slot)
				require.Equal(t, c.id, r.class)
				visit(e, r)
			}
			return true
		})
		require.Equal(t, live, q.live)
		require.LessOrEqual(t, q.heap.Len(), 2*q.live+sweepFrom)
	}
	walk(&c.parked, func(e dense.Entry, r *row) {
		until, revision := l.rows.parkOf(r)
		require.Equal(t, parked, r.place&placeMask)
		require.Equal(t, moment(until), e.Key)
		require.Equal(t, l.revision, revision)
		require.LessOrEqual(t, l.nextWake, until)
		met[e.Slot]++
	})
	owned := 0
	for i := range c.lanes {
		x := &c.lanes[i]
		walk(&x.waiting, func(e dense.Entry, r *row) {
			require.Equal(t, waiting, r.place&placeMask)
			require.EqualValues(t, i, r.lane)
			require.Equal(t, l.rows.dateKey(e.Slot), e.Key)
			met[e.Slot]++
			if r.lane == status.LaneOwn && r.owner != 0 {
				owned++
			}
		})
		are := 0
		ofReady := func(e dense.Entry, r *row) {
			require.EqualValues(t, i, r.lane)
			if r.place&isEarly == 0 {
				are++
				require.Equal(t, int64(dense.MinTime), l.rows.due(e.Slot))
				require.False(t, l.rows.hadPark(r))
			}
			met[e.Slot]++
		}
		walk(&x.strays, func(e dense.Entry, r *row) {
			require.Equal(t, ready, r.place&placeMask)
			require.Equal(t, l.rows.orderKey(e.Slot), e.Key)
			ofReady(e, r)
		})
		inRuns := 0
		for k, run := range x.runs.list {
			last, in := int64(-1), map[slot]bool{}
			run.queue.Walk(func(s uint32) bool {
				r := l.rows.at(s)
				require.False(t, in[s], "a record is in a run once")
				in[s] = true
				ours := r.class == c.id && int(r.lane) == i && l.rows.sort(r) == run.sort
				if !ours || r.place&placeMask != inRun {
					return true
				}
				require.NotZero(t, r.place&hasRun)
				require.GreaterOrEqual(t, k, x.runs.first)
				require.Greater(t, r.seq, last)
				require.LessOrEqual(t, r.seq, run.last)
				require.Zero(t, l.rows.key(r))
				last = r.seq
				inRuns++
				ofReady(dense.Entry{Slot: s}, r)
				return true
			})
		}
		require.Equal(t, inRuns, x.runs.live)
		require.Equal(t, are, x.bare)
		early := 0
		walk(&x.early, func(e dense.Entry, r *row) {
			require.NotZero(t, r.place&isEarly)
			require.Contains(t, []uint8{ready, inRun}, r.place&placeMask)
			require.Equal(t, moment(l.rows.due(e.Slot)), e.Key)
			early++
		})
		require.Equal(t, inRuns+x.strays.live, early+are)
	}
	for _, o := range c.owners.sorted {
		walk(&o.queue, func(e dense.Entry, r *row) {
			require.Equal(t, string(o.name), l.rows.agents.Name(r.owner))
			require.Equal(t, l.rows.dateKey(e.Slot), e.Key)
			owned--
		})
	}
	require.Zero(t, owned)
}

// audit checks guards, members and chains.
func (p *people) audit(t require.TestingT, st *Store, inNumbers, inContacts int) {
	free := map[uint32]bool{}
	for _, l := range st.lines[1:] {
		for _, h := range l.free {
			require.False(t, free[h])
			free[h] = true
		}
	}
	for h := uint32(1); h < uint32(p.leases.Len()); h++ {
		x := p.leases.At(h)
		require.Equal(t, free[h], !x.live)
		if !x.live {
			require.Empty(t, x.numbers)
			continue
		}
		for _, n := range x.numbers {
			require.Equal(t, h, p.numbers.At(n).guard)
		}
		for _, c := range x.contacts {
			require.Equal(t, h, p.contacts.At(c).guard)
		}
		for _, o := range append([]held{x.on}, x.with...) {
			require.Equal(t, h, st.lines[o.line].rows.leaseOf(o.slot))
		}
	}
	in := map[chainKind]map[uint32]bool{ofRecord: {}, ofNumber: {}, ofContact: {}}
	chain := func(k chainKind, head uint32, belongs func(home) bool) {
		for h := head; h != 0; h = p.calls.next(k, h) {
			require.False(t, in[k][h])
			in[k][h] = true
			require.True(t, belongs(p.calls.homeOf(h)))
			if next := p.calls.next(k, h); next != 0 {
				require.Positive(t, newer(p.calls.at(h), p.calls.at(next)))
			}
		}
	}
	all := func(m *members) (n int) {
		p.each(m, func(spot) bool { n++; return true })
		return n
	}
	for h := uint32(1); h < uint32(p.numbers.Len()); h++ {
		x := p.numbers.At(h)
		inNumbers -= all(&x.records)
		chain(ofNumber, x.calls, func(at home) bool { return at.number == h })
		if x.guard != 0 {
			require.Contains(t, p.leases.At(x.guard).numbers, h)
		}
		require.Equal(t, h, p.findNumber(p.number(h)))
	}
	for h := uint32(1); h < uint32(p.contacts.Len()); h++ {
		x := p.contacts.At(h)
		inContacts -= all(&x.records)
		chain(ofContact, x.calls, func(at home) bool { return at.contact == h })
		if x.guard != 0 {
			require.Contains(t, p.leases.At(x.guard).contacts, h)
		}
	}
	require.Zero(t, inNumbers)
	require.Zero(t, inContacts)
	for _, l := range st.lines[1:] {
		for s := range slot(l.rows.len()) {
			chain(ofRecord, l.rows.newest(s), func(at home) bool { return at.rows == l.rows && at.slot == s })
		}
	}
	for h := uint32(1); h < uint32(p.calls.slab.Len()); h++ {
		at := p.calls.homeOf(h)
		require.Equal(t, at.rows != nil, in[ofRecord][h])
		require.Equal(t, at.number != 0, in[ofNumber][h])
		require.Equal(t, at.contact != 0, in[ofContact][h])
	}
}
