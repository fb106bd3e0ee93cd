package twin

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// together changes several records, and perhaps a contact, with one change.
func (p *pair) together(seed uint64) {
	refs := []campaign.Ref{p.ref(), p.ref(), p.ref()}[:1+p.IntN(3)]
	if live, ok := p.anyLive(); ok && p.oneIn(2) {
		refs = append(refs, live)
	}
	p.look(p.need(), refs...)
	_, both := p.books()
	errs := p.commit(seed, func(store int) []campaign.Change {
		var ch campaign.Change
		facts := p.looked[store].Facts
		switch {
		case both && p.oneIn(3):
			ch.Forget = p.somebody()
		case both && p.oneIn(2):
			ch.Contact, ch.UniqueContact = p.person(), p.oneIn(4)
			if p.oneIn(2) {
				ch.Merge = p.somebody()
			}
		default:
			ch = p.of(&facts[0], refs[0].Token)
			if !p.oneIn(20) {
				ch.Lease, ch.Extend = nil, refs[0].Token != 0
			}
			facts, refs := facts[1:], refs[1:]
			return []campaign.Change{p.with(ch, facts, refs)}
		}
		return []campaign.Change{p.with(ch, facts, refs)}
	})
	if p.diff == "" {
		p.meet("together: written", errs[0] == nil && len(refs) > 1)
		p.meet("together: refused", errs[0] != nil)
	}
}

// with adds changes of further records to a change.
func (p *pair) with(ch campaign.Change, facts []campaign.Facts, refs []campaign.Ref) campaign.Change {
	for i := range facts {
		f := &facts[i]
		if f.Record.ID == "" && !p.oneIn(10) {
			continue
		}
		also := campaign.Change{Ref: refs[i], Record: p.rewrite(&f.Record), Extend: refs[i].Token != 0, Erase: p.oneIn(6)}
		also.Record.ID, also.Record.Campaign = refs[i].Record, refs[i].Campaign
		if ch.Merge != "" && p.oneIn(2) {
			also.Record.Contact = ch.Contact.ID
		}
		if p.oneIn(2) {
			also.Entry = p.line(0)
		}
		if p.oneIn(12) {
			also.Extend = !also.Extend
		}
		ch.Also = append(ch.Also, also)
	}
	return ch
}

// alsoFree gives records another contact with the change that ends theirs.
func (p *pair) alsoFree(ch campaign.Change, records []campaign.Record, to campaign.ContactID) campaign.Change {
	for _, r := range records {
		r.Contact, r.Version = to, 0
		r.Phones = slices.Clone(r.Phones)
		ch.Also = append(ch.Also, campaign.Change{Ref: campaign.Ref{Campaign: r.Campaign, Record: r.ID}, Record: &r, Erase: ch.Forget != ""})
	}
	return ch
}
