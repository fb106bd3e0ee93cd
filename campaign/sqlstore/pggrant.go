package sqlstore

import (
	"cmp"
	"math"
	"slices"
)

// expire gives the leases that have run out to a Claim, oldest first.
func (b *round) expire(c *claim, mine []over) error {
	slices.SortFunc(mine, func(x, y over) int { return cmp.Or(cmp.Compare(x.until, y.until), cmp.Compare(x.token, y.token)) })
	mine = mine[:min(len(mine), c.q.Limit)]
	keys := make([]key, len(mine))
	for i, o := range mine {
		keys[i] = o.on
	}
	if err := b.engine.load(b.run, keys); err != nil {
		return b.fail(err)
	}
	if err := (postgres{}).fetch(b.run, tokens, len(mine)); err != nil {
		return b.fail(err)
	}
	if err := c.settle(mine); err != nil {
		return err
	}
	for i := range b.over {
		if o := &b.over[i]; slices.ContainsFunc(mine, func(x over) bool { return x.on == o.on }) {
			o.until = micros(c.q.Until)
		}
	}
	b.note(c)
	return nil
}

// grant leases what was chosen and fills in the answers.
func (b *round) grant() error {
	var campaigns, ids, holders, bodies, contacts, agents []string
	var untils, contactOf []int64
	leases := make([]lease, len(b.given))
	type want struct{ number, of int64 }
	var wanted []want
	since, calls, persons, owners := int64(math.MaxInt64), false, false, false
	for i := range b.claims {
		q := b.claims[i].q
		if !q.Need.NoCalls {
			since, calls = min(since, micros(q.Need.Since)), true
		}
		persons, owners = persons || q.Need.Contact, owners || q.Owners
		if q.Agent != "" && !slices.Contains(agents, string(q.Agent)) {
			agents = append(agents, string(q.Agent))
		}
	}
	for i := range b.given {
		x := &b.given[i]
		terms := offer(x.by.q, x.lane, x.promised, x.number)
		l := &leases[i]
		*l = lease{on: x.on, holder: terms.Holder, until: micros(terms.Until), body: b.leaseBody(&terms), terms: terms, read: true, stored: true}
		campaigns, ids = append(campaigns, string(x.on.campaign)), append(ids, string(x.on.record))
		holders, untils, bodies = append(holders, l.holder), append(untils, l.until), append(bodies, l.body)
		of := int64(i + 1)
		for _, n := range x.numbers {
			wanted = append(wanted, want{int64(n), of})
		}
		if x.number != 0 && !slices.Contains(x.numbers, x.number) {
			wanted = append(wanted, want{int64(x.number), of})
		}
		if x.contact != "" {
			contacts, contactOf = append(contacts, string(x.contact)), append(contactOf, of)
		}
	}
	// All transactions take them in the same order, and of two leases the first gets it.
	slices.SortFunc(wanted, func(x, y want) int { return cmp.Or(cmp.Compare(x.number, y.number), cmp.Compare(x.of, y.of)) })
	nums, numOf := make([]int64, len(wanted)), make([]int64, len(wanted))
	for i, w := range wanted {
		nums[i], numOf[i] = w.number, w.of
	}
	order := make([]int, len(contacts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int {
		return cmp.Or(cmp.Compare(contacts[x], contacts[y]), cmp.Compare(contactOf[x], contactOf[y]))
	})
	sortedContacts, sortedOf := make([]string, len(order)), make([]int64, len(order))
	for i, at := range order {
		sortedContacts[i], sortedOf[i] = contacts[at], contactOf[at]
	}

	a := leased{round: b, of: func(f *found, _ *row) (*claim, *lease) {
		l := &leases[f.n]
		l.call, l.token = f.row.lease, f.row.lease
		return b.given[f.n].by, l
	}}
	err := postgres{}.ask(b.run, func(f *found) error {
		if f.kind == foundContact { // by its place among the contacts
			f.n = sortedOf[f.n] - 1
		}
		return a.add(f)
	}, pgLease, campaigns, ids, holders, untils, bodies, nums, numOf, sortedContacts, sortedOf, calls, since, persons,
		texts(b.met), b.now, agents, owners)
	if err != nil {
		return err
	}
	return a.tell()
}
