package twin

import "github.com/nextcall/nextcall/campaign"

// moving takes a record whose facts have been read to another campaign, or seldom
// to its own, which does not fit.
func (p *pair) moving(f *campaign.Facts, to campaign.ID) campaign.Change {
	ch := campaign.Change{Ref: campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}, Move: true, UniqueNumbers: p.oneIn(4)}
	r := p.rewrite(&f.Record)
	r.Campaign = to
	if r.Park.Revision != 0 && p.oneIn(2) {
		r.Park.Revision = p.revision[to]
	}
	if p.oneIn(3) {
		r.Sequence = 0
	}
	if p.oneIn(20) {
		r.Contact = p.contact()
	}
	ch.Record, ch.Erase = r, p.oneIn(12)
	if p.oneIn(2) {
		ch.Entry = p.line(0)
	}
	if p.oneIn(100) {
		ch.Ref.Token = 1
	}
	p.beside(&ch)
	return ch
}

// move takes records to other campaigns, some of them further at once.
func (p *pair) move(seed uint64) {
	refs := []campaign.Ref{p.ref(), p.ref()}
	p.look(p.need(), refs...)
	var had bool
	for _, f := range p.looked[reference].Facts {
		had = had || len(f.History) > 0
	}
	errs := p.commit(seed, func(store int) (changes []campaign.Change) {
		for i := range p.looked[store].Facts {
			f := &p.looked[store].Facts[i]
			if f.Record.ID == "" {
				continue
			}
			ch := p.moving(f, p.campaign())
			changes = append(changes, ch)
			switch p.IntN(8) {
			case 0:
				changes = append(changes, p.adding(ch.Ref)) // another one in its place
			case 1:
				there := campaign.Facts{Record: *ch.Record}
				there.Record.Version = 0
				changes = append(changes, p.of(&there, 0))
			case 2:
				there := campaign.Facts{Record: *ch.Record}
				there.Record.Version = 0
				changes = append(changes, p.moving(&there, p.campaign()))
			}
		}
		return changes
	})
	for _, err := range errs {
		p.meet("move: done", err == nil)
	}
	p.meet("move: of a record that was called", had && len(errs) > 0 && errs[0] == nil)
}

// erase takes what is personal from the log of a record.
func (p *pair) erase(seed uint64) {
	ref := p.ref()
	p.look(campaign.Need{}, ref)
	called := len(p.looked[reference].Facts[0].History) > 0
	errs := p.commit(seed, func(int) []campaign.Change {
		ch := campaign.Change{Ref: ref, Erase: true}
		if p.oneIn(3) {
			ch.Entry = p.line(0)
		}
		if p.oneIn(3) {
			ref.Token = campaign.Token(1_000_000 + p.IntN(40))
			ch.Call = p.call(ref)
			ref.Token = 0
		}
		p.beside(&ch)
		return []campaign.Change{ch}
	})
	p.meet("erase: of a record that was called", called && errs[0] == nil)
}
