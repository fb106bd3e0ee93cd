package twin

import (
	"fmt"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// An op is something done to both stores. What exactly follows from its seed and
// from what the stores hold, so that a list of ops can lose some and still run.
type op struct {
	kind int
	seed uint64
}

// kinds are what is done, and how often of all times together.
var kinds = []struct {
	name   string
	weight int
	do     func(p *pair, seed uint64)
}{
	{"fill", 0, (*pair).fill},
	{"claim", 30, (*pair).claimSome},
	{"report", 30, (*pair).report},
	{"add", 8, (*pair).addOne},
	{"edit", 10, (*pair).edit},
	{"take", 6, (*pair).take},
	{"late", 4, (*pair).late},
	{"loose", 6, (*pair).loose},
	{"batch", 4, (*pair).batch},
	{"wake", 3, (*pair).wake},
	{"first token", 3, (*pair).firstToken},
	{"misfit", 2, (*pair).misfit},
	{"look", 5, (*pair).lookAtSome},
	{"read", 3, (*pair).read},
	{"clock", 6, (*pair).clock},
	{"revise", 1, (*pair).revise},
	{"cancelled", 1, (*pair).cancelled},
	{"swap", 1, (*pair).swap},
	{"move", 5, (*pair).move},
	{"erase", 2, (*pair).erase},
}

const fill = 0

// do carries an op out.
func (p *pair) do(o op) {
	p.reseed(o.seed)
	if p.log != nil {
		fmt.Fprintf(p.log, "-- %s\n", o)
	}
	kinds[o.kind].do(p, o.seed+1)
}

// String names the op.
func (o op) String() string { return fmt.Sprintf("%s %#x", kinds[o.kind].name, o.seed) }

// pick draws a kind by its weight.
func (g *gen) pick() int {
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	n := g.IntN(total)
	for i, k := range kinds {
		if n -= k.weight; n < 0 {
			return i
		}
	}
	return fill
}

func (p *pair) adding(ref campaign.Ref) campaign.Change {
	return campaign.Change{Ref: ref, Add: true, Record: p.record(ref, p.revision[ref.Campaign])}
}

// filled is how many records a fill adds.
const filled = 8

// fill adds many records.
func (p *pair) fill(seed uint64) {
	p.commit(seed, func(int) (changes []campaign.Change) {
		for range filled {
			ch := p.adding(p.ref())
			ch.Entry = &campaign.Entry{At: ch.Record.Created, Author: ch.Record.Author, Why: campaign.WhyAdded, Operation: ch.Record.Operation,
				To: ch.Record.Status, Qualifier: ch.Record.Qualifier}
			changes = append(changes, ch)
		}
		return changes
	})
}

func (p *pair) addOne(seed uint64) {
	p.commit(seed, func(int) []campaign.Change {
		ch := p.adding(p.ref())
		ch.UniqueNumbers = p.flag()
		if p.oneIn(10) {
			ch.Lease = p.lease()
		}
		if r := ch.Record; p.oneIn(2) { // the line that an import makes
			ch.Entry = &campaign.Entry{At: r.Created, Author: r.Author, Why: campaign.WhyAdded, Operation: r.Operation, To: r.Status, Qualifier: r.Qualifier}
			if p.oneIn(4) {
				*ch.Entry = *p.line(0)
			}
		}
		p.beside(&ch)
		return []campaign.Change{ch}
	})
}

// beside adds what a change may write besides.
func (p *pair) beside(ch *campaign.Change) {
	if p.oneIn(12) {
		ch.List = []blacklist.Entry{p.entry(), p.entry()}
	}
	if p.oneIn(12) {
		ch.Unlist = []blacklist.Key{{List: p.list(), Number: p.number()}}
	}
	if p.oneIn(12) {
		ch.Wake = []blacklist.Number{p.number(), p.number()}
	}
	if p.oneIn(12) {
		ch.Actions = []campaign.Action{p.action(), p.action()}
	}
	if p.oneIn(12) {
		ch.Done = []string{p.action().ID}
	}
	if p.oneIn(12) {
		ch.Contact = p.person()
	}
	if p.oneIn(12) && ch.Ref.Campaign != "" {
		ch.Revision = max(0, p.revision[ch.Decided()]+max(int64(p.IntN(40)), 2)%3-int64(p.IntN(2)))
	}
}

// anyLive is a lease that is believed to live, the latest ones more often.
func (p *pair) anyLive() (campaign.Ref, bool) {
	n := len(p.live)
	if n == 0 {
		return campaign.Ref{}, false
	}
	if !p.oneIn(4) {
		return p.live[n-1-p.IntN(min(n, 5))], true
	}
	return p.live[p.IntN(n)], true
}

// rewrite changes the record of facts as a report or a person would. Its phones
// are those of the answer, or new ones.
func (p *pair) rewrite(r *campaign.Record) *campaign.Record {
	x := *r
	p.shape(&x, p.revision[x.Campaign])
	switch p.IntN(6) {
	case 0:
		x.Phones = p.phones()
	case 1, 2, 3:
		x.Phones = append([]campaign.Phone(nil), x.Phones...)
		for i := range x.Phones {
			p.dialled(&x.Phones[i])
		}
	}
	if p.oneIn(15) {
		x.Contact = p.contact()
	}
	switch {
	case p.oneIn(15):
		x.Sequence = int64(p.IntN(50))
	case p.oneIn(10):
		x.Sequence = 0
	}
	if p.oneIn(4) {
		x.Version = 0
	} else if p.oneIn(20) {
		x.Version++
	}
	return &x
}

// of is a change under a token to a record whose facts have been read.
func (p *pair) of(f *campaign.Facts, token campaign.Token) campaign.Change {
	ch := campaign.Change{Ref: campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: token}}
	if p.oneIn(30) {
		ch.Ref.Token += campaign.Token(p.IntN(3))
	}
	if p.IntN(10) < 7 {
		ch.Record = p.rewrite(&f.Record)
	}
	if p.oneIn(10) {
		ch.Phases = campaign.Phases(p.IntN(8))
	}
	ch.Extend = p.oneIn(5)
	if ch.Extend && !p.oneIn(4) {
		ch.Lease = p.lease()
	}
	if p.IntN(10) < 6 {
		logged := ch.Ref
		logged.Token = f.Lease.Call
		ch.Call = p.call(logged)
		if logged.Token == 0 {
			ch.Call = nil
		} else if p.oneIn(2) {
			ch.Call.Before = &campaign.Before{Progress: f.Record.Progress, Phones: f.Record.Phones}
		}
	}
	if p.oneIn(3) {
		ch.Entry = p.line(f.Lease.Call)
	}
	p.beside(&ch)
	return ch
}

func (p *pair) report(seed uint64) {
	ref, ok := p.anyLive()
	if !ok {
		return
	}
	p.look(p.need(), ref)
	before := p.looked[reference].Facts[0]
	errs := p.commit(seed, func(store int) []campaign.Change {
		return []campaign.Change{p.of(&p.looked[store].Facts[0], ref.Token)}
	})
	p.moved(&before, errs)
}

// moved counts changes of what records are found by.
func (p *pair) moved(before *campaign.Facts, errs []error) {
	if len(errs) == 0 || errs[0] != nil || p.diff != "" || !p.oneIn(8) || before.Record.ID == "" {
		return
	}
	old := before.Record
	phone := campaign.Phone{}
	if len(old.Phones) > 0 {
		phone = old.Phones[0]
	}
	p.look(campaign.Need{}, campaign.Ref{Campaign: old.Campaign, Record: old.ID})
	r := &p.looked[reference].Facts[0].Record
	p.meet("sequence: moved", r.Sequence != old.Sequence)
	p.meet("number: moved", phone.Number != 0 && r.Phone(phone.Number) < 0)
}

func (p *pair) edit(seed uint64) {
	p.look(p.need(), p.ref())
	before := p.looked[reference].Facts[0]
	if before.Record.ID == "" {
		return
	}
	errs := p.commit(seed, func(store int) []campaign.Change {
		ch := p.of(&p.looked[store].Facts[0], 0)
		ch.Lease, ch.Extend = nil, p.oneIn(30)
		return []campaign.Change{ch}
	})
	p.moved(&before, errs)
}

// take leases records by name.
func (p *pair) take(seed uint64) {
	p.commit(seed, func(int) []campaign.Change {
		ch := campaign.Change{Ref: p.ref(), Lease: p.lease()}
		for range p.IntN(4) {
			ch.Lease.With = append(ch.Lease.With, p.ref())
		}
		if p.oneIn(5) {
			ch.Entry = p.line(0)
		}
		p.beside(&ch)
		return []campaign.Change{ch}
	})
}

// late logs a call without a token, of a lease that ended, or that no lease led to.
func (p *pair) late(seed uint64) {
	p.commit(seed, func(int) []campaign.Change {
		ref := p.ref()
		ref.Token = campaign.Token(1_000_000 + p.IntN(40))
		if len(p.old) > 0 && !p.oneIn(3) {
			ref = p.old[p.IntN(len(p.old))]
		}
		ch := campaign.Change{Ref: campaign.Ref{Campaign: ref.Campaign, Record: ref.Record}, Call: p.call(ref)}
		if p.oneIn(4) {
			ch.Ref = p.ref() // reported with another record
		}
		if p.oneIn(3) {
			ch.Call.Before = &campaign.Before{Phones: p.phones()}
			p.progress(&ch.Call.Before.Progress)
		}
		if p.flag() {
			ch.Entry = p.line(ref.Token)
		}
		p.beside(&ch)
		return []campaign.Change{ch}
	})
}

// loose writes what belongs to no record.
func (p *pair) loose(seed uint64) {
	p.commit(seed, func(int) []campaign.Change {
		ch := campaign.Change{}
		if p.oneIn(4) {
			ch.Ref.Campaign = p.campaign()
		}
		p.beside(&ch)
		p.beside(&ch)
		return []campaign.Change{ch}
	})
}

// batch commits several changes at once, some of them to one record.
func (p *pair) batch(seed uint64) {
	refs := []campaign.Ref{p.ref(), p.ref()}
	if live, ok := p.anyLive(); ok {
		refs = append(refs, live)
	}
	p.look(p.need(), refs...)
	p.commit(seed, func(store int) (changes []campaign.Change) {
		for range 2 + p.IntN(4) {
			i := p.IntN(len(refs))
			f := &p.looked[store].Facts[i]
			if f.Record.ID == "" || p.oneIn(4) {
				changes = append(changes, p.adding(p.ref()))
				continue
			}
			changes = append(changes, p.of(f, refs[i].Token))
		}
		return changes
	})
}

// wake ends the park of a record by one of its numbers.
func (p *pair) wake(seed uint64) {
	ref := p.ref()
	p.look(campaign.Need{NoCalls: true}, ref)
	r := p.looked[reference].Facts[0].Record
	if len(r.Phones) == 0 {
		return
	}
	number := r.Phones[p.IntN(len(r.Phones))].Number
	was := r.Park.Live(p.now, p.revision[r.Campaign])
	unlist := p.flag()
	p.commit(seed, func(int) []campaign.Change {
		if unlist {
			return []campaign.Change{{Unlist: []blacklist.Key{{List: p.list(), Number: number}}}}
		}
		return []campaign.Change{{Wake: []blacklist.Number{number}}}
	})
	p.look(campaign.Need{NoCalls: true}, ref)
	p.meet("wake: a park ends", was && p.looked[reference].Facts[0].Record.Park == campaign.Park{})
}

// firstToken reports under the first token of a lease, which another has meanwhile.
func (p *pair) firstToken(seed uint64) {
	ref, ok := p.anyLive()
	if !ok {
		return
	}
	p.look(campaign.Need{}, ref)
	l := p.looked[reference].Facts[0].Lease
	if l.Token == l.Call {
		return
	}
	ran := p.oneIn(3)
	errs := p.commit(seed, func(store int) []campaign.Change {
		f := &p.looked[store].Facts[0]
		return []campaign.Change{{Ref: campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: l.Call}, Extend: ran}}
	})
	p.meet("the first token ends a lease that ran out", len(errs) > 0 && errs[0] == nil)
}
