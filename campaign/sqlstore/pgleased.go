package sqlstore

import (
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// leased collects what is answered about the new leases of a round, in the order of
// its Claims.
type leased struct {
	*round
	of func(f *found, x *row) (*claim, *lease) // whose a record is, and its lease

	rows      []*row
	by        []*claim // whose each of them is
	histories [][]logged
	others    []holding
	waiting   allHeads
}

// holding is who holds something that a lease wanted.
type holding struct {
	what guarded
	by   campaign.Token
}

// add enters a row of the answer. What belongs to records comes behind them, by
// their places; the records come in order.
func (a *leased) add(f *found) error {
	switch f.kind {
	case foundRecord:
		x := f.row
		y, err := a.enter(&x)
		if err != nil {
			return err
		}
		c, l := a.of(f, y)
		a.leases[l.call] = l
		a.rows, a.by, a.histories = append(a.rows, y), append(a.by, c), append(a.histories, nil)
	case foundNumber:
		a.others = append(a.others, holding{guarded{number: blacklist.Number(f.n)}, postgres{}.holding(a.run, f)})
	case foundContact:
		a.others = append(a.others, holding{guarded{contact: a.rows[f.n].record.Contact}, postgres{}.holding(a.run, f)})
	case foundCall:
		a.histories[f.n] = append(a.histories[f.n], f.logged())
	case foundBody:
		a.bodies[a.rows[f.n].record.Contact] = f.text
	default:
		if a.waiting == nil {
			a.waiting = make(allHeads)
		}
		return a.waiting.add(f)
	}
	return nil
}

// tell fills in the answers.
func (a *leased) tell() error {
	for i := len(a.rows) - 1; i >= 0; i-- { // the first of several gets what they want
		x := a.rows[i]
		for _, what := range needsOf(proposed(&x.record), x) {
			a.holds(what, x.lease)
		}
		if id := x.record.Contact; id != "" && a.by[i].q.Need.Contact {
			if _, ok := a.bodies[id]; !ok {
				a.bodies[id] = ""
			}
		}
	}
	for _, o := range a.others {
		a.holds(o.what, o.by)
	}
	at := 0
	for _, c := range a.claims {
		from := at
		for at < len(a.rows) && a.by[at] == c {
			at++
		}
		since := micros(c.q.Need.Since)
		c.into.Leased = slices.Grow(c.into.Leased, at-from)[:at-from]
		for i := from; i < at; i++ {
			var calls []logged
			if !c.q.Need.NoCalls {
				calls = inOrder(slices.DeleteFunc(a.histories[i], func(x logged) bool { return x.ended < since }))
			}
			x := a.rows[i]
			free := !slices.ContainsFunc(x.needs(nil), func(what guarded) bool { return a.guards[what].now != x.lease })
			if err := a.facts(x, free, calls, &c.q.Need, &c.into.Leased[i-from]); err != nil {
				return err
			}
		}
		for _, id := range c.met {
			if h := a.waiting[id]; h != nil {
				h.tell(c)
			}
		}
	}
	return nil
}

// holds enters that a lease holds something in the database.
func (b *round) holds(what guarded, call campaign.Token) {
	b.guards[what] = &guard{guarded: what, was: call, now: call}
}
