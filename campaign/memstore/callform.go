package memstore

import "github.com/nextcall/nextcall/campaign"

// call is all of a call but its Before, and but its campaign and record, which
// whoever writes it knows in a shorter form. It is read over a zero one, its
// contact as a part of the block.
func (c *coder) call(x *campaign.Call) {
	m := c.mask(
		x.Number != 0, !x.Dialed.IsZero(), x.Outcome != 0, x.Counted, x.Agent != "", x.Holder != "", x.Contact != "",
		x.Lane != 0, x.Rang, !x.Answered.IsZero(), x.Ring != 0, x.Talk != 0, x.Status != "", x.Qualifier != 0, x.Changes != 0,
		x.Chosen, x.Mode != "", x.Inbound, x.Expired, x.AMD != "", x.HangupBy != "", x.SIPCode != 0, x.Q850 != 0,
	)
	num(c, &x.Token)
	if m.next() {
		num(c, &x.Number)
	}
	if m.next() {
		c.when(&x.Dialed)
	}
	c.when(&x.Ended)
	if m.next() {
		num(c, &x.Outcome)
	}
	x.Counted = m.next()
	if m.next() {
		name(c, &x.Agent)
	}
	if m.next() {
		name(c, &x.Holder)
	}
	if m.next() {
		passing(c, &x.Contact)
	}
	if m.next() {
		num(c, &x.Lane)
	}
	x.Rang = m.next()
	if m.next() {
		c.when(&x.Answered)
	}
	if m.next() {
		num(c, &x.Ring)
	}
	if m.next() {
		num(c, &x.Talk)
	}
	if m.next() {
		name(c, &x.Status)
	}
	if m.next() {
		num(c, &x.Qualifier)
	}
	if m.next() {
		num(c, &x.Changes)
	}
	x.Chosen = m.next()
	if m.next() {
		name(c, &x.Mode)
	}
	x.Inbound, x.Expired = m.next(), m.next()
	if m.next() {
		name(c, &x.AMD)
	}
	if m.next() {
		name(c, &x.HangupBy)
	}
	if m.next() {
		num(c, &x.SIPCode)
	}
	if m.next() {
		num(c, &x.Q850)
	}
	c.answer(&x.Answer)
}

// answer is read over a zero one.
func (c *coder) answer(a *campaign.Answer) {
	m := c.mask(
		a.Call != 0, a.Outcome != 0, a.Status != "", a.Qualifier != 0, a.Standing != 0, a.Lane != 0, !a.Due.IsZero(),
		a.Attempts != 0, a.Why != nil, a.Owner != "", a.Listed != nil, a.Actions != nil, a.Warnings != nil,
		a.Also != nil,
	)
	if m.next() {
		num(c, &a.Call)
	}
	if m.next() {
		num(c, &a.Outcome)
	}
	if m.next() {
		name(c, &a.Status)
	}
	if m.next() {
		num(c, &a.Qualifier)
	}
	if m.next() {
		num(c, &a.Standing)
	}
	if m.next() {
		num(c, &a.Lane)
	}
	if m.next() {
		c.when(&a.Due)
	}
	if m.next() {
		num(c, &a.Attempts)
	}
	if m.next() {
		names(c, &a.Why)
	}
	if m.next() {
		name(c, &a.Owner)
	}
	if m.next() {
		list(c, &a.Listed, c.listed)
	}
	if m.next() {
		list(c, &a.Actions, c.action)
	}
	if m.next() {
		texts(c, &a.Warnings)
	}
	if m.next() {
		names(c, &a.Also)
	}
}
