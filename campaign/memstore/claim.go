package memstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// stepped is a step of a Claim on its way.
type stepped struct {
	line *line
	open []*class // those of its open classes that exist, each once
}

// head is the first record of a class for a source.
type head struct {
	key   dense.Key
	slot  slot
	class *class
}

// Claim implements campaign.Store.
func (st *Store) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	if into == nil {
		return errNowhere
	}
	into.Leased, into.Expired, into.Classes, into.Owners = into.Leased[:0], into.Expired[:0], into.Classes[:0], into.Owners[:0]
	into.NextExpiry = time.Time{}
	if err := ctx.Err(); err != nil {
		return err
	}
	if q.Limit < 1 {
		return fmt.Errorf("claim of %d leases: want at least 1", q.Limit)
	}
	w := st.scratch(&into.Scratch)
	micros(&q.Now, &q.Until, &q.Need.Since)
	if err := st.meet(q.From, w); err != nil {
		return err
	}
	defer st.part(w)
	for i := range q.From {
		w.steps[i].line.learn(q.From[i].Revision)
	}
	for i := range q.From {
		if err := w.steps[i].line.outdated(q.From[i].Revision); err != nil {
			return err
		}
	}
	now := clock(q.Now)
	for _, l := range w.lines {
		l.wake(now)
	}
	if err := st.expire(&q, now, w, into); err != nil {
		return err
	}
	st.nextExpiry(w, into)
	if len(into.Expired) == 0 {
		if err := st.serve(&q, now, w, into); err != nil {
			return err
		}
	}
	for _, l := range w.met {
		l.report(&q, now, into)
	}
	return nil
}

// meet finds the campaigns of the steps and locks them.
func (st *Store) meet(steps []campaign.Step, w *scratch) error {
	for len(w.steps) < len(steps) {
		w.steps = append(w.steps, stepped{})
	}
	w.lines, w.met = w.lines[:0], w.met[:0]
	st.mu.RLock()
	for i := range steps {
		l := st.byID[steps[i].Campaign]
		if l == nil {
			st.mu.RUnlock()
			st.mu.Lock()
			made, err := st.make(steps[i].Campaign)
			st.mu.Unlock()
			if err != nil {
				return err
			}
			l = made
			st.mu.RLock()
		}
		w.steps[i].line = l
		at, found := slices.BinarySearchFunc(w.lines, l, func(a, b *line) int { return cmp.Compare(a.id, b.id) })
		if !found {
			w.lines = slices.Insert(w.lines, at, l)
			w.met = append(w.met, l)
		}
	}
	for _, l := range w.lines {
		l.mu.Lock()
	}
	return nil
}

// part is the end of meet.
func (st *Store) part(w *scratch) {
	for _, l := range w.lines {
		l.mu.Unlock()
	}
	w.lines = w.lines[:0]
	st.mu.RUnlock()
}

// outdated returns an error if a newer revision than this one is known.
func (l *line) outdated(revision int64) error {
	if l.revision > revision {
		return fmt.Errorf("campaign %s at revision %d, the newest is %d: %w", l.id, revision, l.revision, campaign.ErrConfigChanged)
	}
	return nil
}

// expire hands out the leases that have run out, oldest first, to be settled.
func (st *Store) expire(q *campaign.Claim, now int64, w *scratch, into *campaign.Claimed) error {
	p := st.people
	w.taken = w.taken[:0]
	for len(w.taken) < q.Limit {
		var oldest dense.Timer
		var of *line
		for _, l := range w.lines {
			t, ok := l.leases.Head(l.alive)
			if ok && t.At <= now && (of == nil || cmp.Or(cmp.Compare(t.At, oldest.At), cmp.Compare(t.Token, oldest.Token)) < 0) {
				oldest, of = t, l
			}
		}
		if of == nil {
			break
		}
		of.leases.Pop()
		w.taken = append(w.taken, oldest.Slot)
	}
	if len(w.taken) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range w.taken {
		p.unguard(p.leases.At(h))
	}
	for _, h := range w.taken {
		x := p.leases.At(h)
		p.token++
		x.Token, x.Until = p.token, q.Until
		st.lines[x.on.line].track(h, x)
	}
	into.Expired = slices.Grow(into.Expired, len(w.taken))[:len(w.taken)]
	for i, h := range w.taken {
		on := p.leases.At(h).on
		l, facts := st.lines[on.line], &into.Expired[i]
		w.phones = l.rows.read(on.slot, &facts.Record, w.phones)
		l.around(on.slot, &q.Need, w, facts)
	}
	return nil
}

// nextExpiry finds when the first lease runs out.
func (st *Store) nextExpiry(w *scratch, into *campaign.Claimed) {
	for _, l := range w.lines {
		if t, ok := l.leases.Head(l.alive); ok {
			if until := st.people.leases.At(t.Slot).Until; into.NextExpiry.IsZero() || until.Before(into.NextExpiry) {
				into.NextExpiry = until
			}
		}
	}
}

// serve serves the steps in their order, and their sources in theirs.
func (st *Store) serve(q *campaign.Claim, now int64, w *scratch, into *campaign.Claimed) error {
	for i := range q.From {
		step := &q.From[i]
		left := min(step.Max, q.Limit-len(into.Leased))
		if left <= 0 {
			continue
		}
		l := w.steps[i].line
		open := l.open(step.Open, &w.steps[i])
		for k := range step.Sources {
			src, ok := l.source(&step.Sources[k])
			if left <= 0 {
				break
			}
			if !ok {
				continue
			}
			most := left
			if limit := step.Sources[k].Max; limit > 0 {
				most = min(most, limit)
			}
			l.pick(open, &src, now, most, w)
			left -= len(w.taken)
			if err := l.give(q, w, into); err != nil {
				return err
			}
		}
	}
	return nil
}

// source is a Source as the queues see it; false if nothing can match.
func (l *line) source(given *campaign.Source) (source, bool) {
	src := source{lane: given.Lane, due: clock(given.Due)}
	if src.lane == status.LaneNone || int(src.lane) >= status.NumLanes {
		return src, false
	}
	if src.lane == status.LaneOwn && given.Owner != "" {
		src.owned = true
		var known bool
		if src.owner, known = l.rows.agents.Lookup(string(given.Owner)); !known {
			return src, false
		}
	}
	return src, true
}

// open finds the open classes that exist. Mostly they are those of the Claim before.
func (l *line) open(names []string, was *stepped) []*class {
	l.steps++
	known := was.open
	was.open = was.open[:0]
	for i, name := range names {
		var c *class
		if i < len(known) && known[i].line == l && known[i].name == name {
			c = known[i]
		} else if c = l.classNamed(name); c == nil {
			continue
		}
		if c.met != l.steps {
			c.met = l.steps
			was.open = append(was.open, c)
		}
	}
	return was.open
}

// pick takes up to most records for one source out of their places: always the
// first of the heads of the open classes.
func (l *line) pick(open []*class, src *source, now int64, most int, w *scratch) {
	w.taken = w.taken[:0]
	heads := w.queue[:0]
	for _, c := range open {
		if keyed(src.lane) {
			c.ripen(src.lane, src.due)
		}
		if k, s, ok := c.due(src, now); ok {
			heads = append(heads, head{k, s, c})
		}
	}
	w.queue = heads
	for len(w.taken) < most && len(heads) > 0 {
		first := 0
		for i := 1; i < len(heads); i++ {
			a, b := &heads[i], &heads[first]
			if a.key.Less(b.key) || a.key == b.key && a.slot < b.slot {
				first = i
			}
		}
		x := &heads[first]
		x.class.leave(x.slot, l.rows.at(x.slot))
		w.taken = append(w.taken, x.slot)
		if len(w.taken) == most {
			return
		}
		var ok bool
		if x.key, x.slot, ok = x.class.due(src, now); !ok {
			last := len(heads) - 1
			heads[first] = heads[last]
			heads = heads[:last]
		}
	}
}

// give leases the records that were picked.
func (l *line) give(q *campaign.Claim, w *scratch, into *campaign.Claimed) (err error) {
	if len(w.taken) == 0 {
		return nil
	}
	from := len(into.Leased)
	into.Leased = slices.Grow(into.Leased, len(w.taken))[:from+len(w.taken)]
	w.warm = l.warm(w.taken)
	for i, s := range w.taken {
		w.phones = l.rows.read(s, &into.Leased[from+i].Record, w.phones)
	}
	p := l.st.people
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, s := range w.taken {
		facts := &into.Leased[from+i]
		if err = l.lease(q, s, facts, w); err != nil {
			// No room: what is left goes back to where it was.
			into.Leased = into.Leased[:from+i]
			for _, s := range w.taken[i:] {
				l.index(s)
			}
			return err
		}
		l.around(s, &q.Need, w, facts)
	}
	return nil
}

// warm touches what is soon to be read of several records. One after the other
// they would each wait for the memory; like this they wait together.
func (l *line) warm(taken []slot) (sum uint32) {
	if len(taken) < 2 {
		return 0
	}
	p := l.st.people
	for _, s := range taken {
		r := l.rows.at(s)
		sum += p.numbers.At(r.number).lo + p.contacts.At(r.contact).id + uint32(len(l.rows.texts.Get(r.id)))
		past := l.rows.pasts.At(r.past)
		sum += past.log + uint32(past.updated)
	}
	return sum
}

func (l *line) lease(q *campaign.Claim, s slot, facts *campaign.Facts, w *scratch) error {
	p := l.st.people
	h, err := l.newLease()
	if err != nil {
		return err
	}
	x := p.leases.At(h)
	terms(q, &facts.Record, &x.Lease)
	w.numbers = l.rows.numbers(s, w.numbers[:0])
	n, err := p.numberIn(x.Number, w.numbers)
	if err != nil {
		l.free = append(l.free, h)
		return err
	}
	l.grant(h, s)
	p.guard(h, x, l.rows.at(s).contact, w.numbers)
	p.guardNumber(h, x, n)
	return nil
}

// report tells what classes the campaign has.
func (l *line) report(q *campaign.Claim, now int64, into *campaign.Claimed) {
	agent, _ := l.rows.agents.Lookup(string(q.Agent))
	for _, c := range l.sorted {
		own, has, holds := c.report(agent, now)
		if holds {
			into.Classes = append(into.Classes, c.said)
			if has {
				x := &into.Classes[len(into.Classes)-1]
				x.Own, x.HasOwn = instant(own.Key.Due()), true
			}
		}
		if q.Owners {
			into.Owners = c.ownerHeads(now, into.Owners)
		}
	}
}
