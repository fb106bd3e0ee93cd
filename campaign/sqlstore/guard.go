package sqlstore

import (
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// guarded is what one lease at a time may hold: a number or a contact.
type guarded struct {
	number  blacklist.Number
	contact campaign.ContactID // "": it is a number
}

// guard is who holds one: the first token of a lease, 0 for nobody.
type guard struct {
	guarded
	was campaign.Token // in the database
	now campaign.Token // in the unit
}

// free is a guard that a call gives back, if it is the call that has it.
type free struct {
	guarded
	call campaign.Token
}

// needs lists what a record asks to hold, its contact first.
func (x *row) needs(list []guarded) []guarded {
	if id := x.record.Contact; id != "" {
		list = append(list, guarded{contact: id})
	}
	for _, n := range x.numbers {
		list = append(list, guarded{number: n})
	}
	return list
}

// needsOf lists what a lease asks to hold: the contacts and numbers of its
// records, and the number that is really dialled. Each may be there twice.
func needsOf(number blacklist.Number, records ...*row) (list []guarded) {
	for _, x := range records {
		list = x.needs(list)
	}
	if number != 0 {
		list = append(list, guarded{number: number})
	}
	return list
}

// hold makes a lease hold what nobody holds. Afterwards the unit knows who holds
// each of them.
func (r *run) hold(call campaign.Token, wanted ...guarded) error {
	asked := r.ask(nil, call, wanted)
	return r.take(asked, true)
}

// holdMore is hold for one who need not know who holds what it does not get.
func (r *run) holdMore(call campaign.Token, wanted []guarded) error {
	asked := r.ask(nil, call, wanted)
	return r.take(asked, false)
}

// ask notes who is the first to want what nobody is known to hold, and adds to
// asked the guards that only the database can give.
func (r *run) ask(asked []*guard, call campaign.Token, wanted []guarded) []*guard {
	for _, what := range wanted {
		g := r.guards[what]
		switch {
		case g == nil:
			g = &guard{guarded: what, now: call}
			r.guards[what] = g
			asked = append(asked, g)
		case g.now != 0:
		case g.was != 0:
			// It is given back in this transaction: nobody else can have got it, and
			// it is to be written already.
			g.now = call
		default:
			g.now = call
			asked = append(asked, g)
		}
	}
	return asked
}

// take gets from the database what was asked for.
func (r *run) take(asked []*guard, tell bool) error {
	if len(asked) == 0 {
		return r.err
	}
	for _, f := range r.frees {
		if g := r.guards[f.guarded]; g != nil && slices.Contains(asked, g) {
			if err := r.flush(); err != nil {
				return err
			}
			break
		}
	}
	if err := r.engine.hold(r, asked, tell); err != nil {
		return r.fail(err)
	}
	for _, g := range asked {
		if g.was == 0 && !tell {
			delete(r.guards, g.guarded) // somebody has it, perhaps the lease itself
		}
		g.now = g.was
	}
	return nil
}

// letGo gives back what a lease may hold.
func (r *run) letGo(call campaign.Token, held []guarded) {
	for i, what := range held {
		g := r.guards[what]
		switch {
		case g == nil:
			if !slices.Contains(held[:i], what) {
				r.frees = append(r.frees, free{what, call})
			}
		case g.now == call:
			g.now = 0
			r.dirtyGuards = append(r.dirtyGuards, g)
		}
	}
}

// guardOf returns who holds a number or contact.
func (r *run) guardOf(what guarded) (*guard, error) {
	if g := r.guards[what]; g != nil {
		return g, nil
	}
	g := &guard{guarded: what}
	if err := r.engine.holder(r, g); err != nil {
		return nil, r.fail(err)
	}
	r.learned(g)
	return g, nil
}

// learned enters a guard as it is in the database, but for what the unit gives back.
func (r *run) learned(g *guard) {
	g.now = g.was
	for _, f := range r.frees {
		if f.guarded == g.guarded && f.call == g.was {
			g.now = 0
			r.dirtyGuards = append(r.dirtyGuards, g)
		}
	}
	r.guards[g.guarded] = g
}

// heldBy is the hold of another lease than this one on a number or contact; it
// is the zero one if there is none.
func (r *run) heldBy(what guarded, own campaign.Token) (h campaign.Hold, err error) {
	if what == (guarded{}) {
		return h, nil
	}
	g, err := r.guardOf(what)
	if err != nil || g.now == 0 || g.now == own {
		return h, err
	}
	l, err := r.leaseBy(g.now)
	if err != nil {
		return h, r.fail(err)
	}
	h = l.hold()
	h.Number, h.Contact = what.number, what.contact
	return h, nil
}

// busy lists what leases other than the record's own hold of it.
func (r *run) busy(x *row) (holds []campaign.Hold, err error) {
	for _, what := range x.needs(nil) {
		h, err := r.heldBy(what, x.lease)
		if err != nil {
			return nil, err
		}
		if h.Ref.Record != "" {
			holds = append(holds, h)
		}
	}
	return holds, nil
}
