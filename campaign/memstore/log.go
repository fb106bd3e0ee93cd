package memstore

import (
	"github.com/nextcall/nextcall/campaign"
)

// log writes the call, instead of the one with the same token if there is one.
func (p *plan) log() {
	pe, at := p.st.people, p.callAt
	h := p.call
	if h != 0 {
		was := pe.calls.homeOf(h)
		pe.chains(was, func(k chainKind, head *uint32) { pe.calls.unlink(k, head, h) })
		pe.calls.replace(h, p.Call, at)
	} else {
		h, _ = pe.calls.add(p.Call, at) // there is room
		pe.byToken.set(p.Call.Token, h, pe.token)
	}
	pe.chains(at, func(k chainKind, head *uint32) { pe.calls.link(k, head, h) })
	if at.rows == nil {
		return
	}
	if past := at.rows.block(at.rows.at(at.slot)); int64(p.Call.Token) >= past.latest {
		past.latest = int64(p.Call.Token)
		p.keeps = true
	}
}

// chains calls do with the chains that a call belongs to.
func (p *people) chains(at home, do func(chainKind, *uint32)) {
	if at.rows != nil {
		do(ofRecord, at.rows.log(at.slot))
	}
	if at.number != 0 {
		do(ofNumber, &p.numbers.At(at.number).calls)
	}
	if at.contact != 0 {
		do(ofContact, &p.contacts.At(at.contact).calls)
	}
}

// latest is the largest token of a record's calls.
func (t *rows) latest(s slot) campaign.Token {
	if row := t.at(s); row.past != 0 {
		return campaign.Token(t.pasts.At(row.past).latest)
	}
	return 0
}
