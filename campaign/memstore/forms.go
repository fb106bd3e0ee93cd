package memstore

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// The forms that things have in a snapshot. A mask says which of their fields
// are there; what is not there is zero. Whoever adds a field to one of them adds
// it here, in a new version, with its question at the end of a mask.

// record is all of a record but its campaign, which is that of the part. Its
// phones are read into the memory that r.Phones brings, its id, its external id
// and its contact as parts of the block.
func (c *coder) record(r *campaign.Record) {
	passing(c, &r.ID)
	if c.loads {
		*r = campaign.Record{ID: r.ID, Campaign: r.Campaign, Phones: r.Phones[:0]}
		c.zones = c.zones[:0]
	}
	c.seq += c.signed(r.Sequence - c.seq)
	r.Sequence = c.seq
	num(c, &r.Version)
	c.when(&r.Created)
	m := c.mask(
		len(r.Phones) > 0, r.Contact != "", r.Class != "", r.List != "", r.Author != "", r.Sort == usualSort(r.Order), r.Order != 0,
		!r.Updated.IsZero(), r.Changes != 0, r.Operation != "", r.ExternalID != "", r.Type != "", r.Source != "", r.Consent,
		r.Fields != nil, r.Notes != nil, r.Key != 0, r.Park != (campaign.Park{}),
		r.Tags != nil, r.Past != nil,
	)
	if m.next() {
		c.phones(&r.Phones)
	}
	if m.next() {
		passing(c, &r.Contact)
	}
	if m.next() {
		name(c, &r.Class)
	}
	if m.next() {
		name(c, &r.List)
	}
	if m.next() {
		name(c, &r.Author)
	}
	usual := m.next()
	if m.next() {
		num(c, &r.Order)
	}
	if usual {
		r.Sort = usualSort(r.Order)
	} else {
		num(c, &r.Sort)
	}
	if m.next() {
		c.when(&r.Updated)
	}
	if m.next() {
		num(c, &r.Changes)
	}
	if m.next() {
		name(c, &r.Operation)
	}
	if m.next() {
		passing(c, &r.ExternalID)
	}
	if m.next() {
		name(c, &r.Type)
	}
	if m.next() {
		name(c, &r.Source)
	}
	r.Consent = m.next()
	if m.next() {
		c.fields(&r.Fields)
	}
	if m.next() {
		list(c, &r.Notes, c.note)
	}
	if m.next() {
		num(c, &r.Key)
	}
	if m.next() {
		c.when(&r.Park.Until)
		num(c, &r.Park.Reason)
		num(c, &r.Park.Revision)
	}
	if m.next() {
		names(c, &r.Tags)
	}
	if m.next() {
		names(c, &r.Past)
	}
	c.progress(&r.Progress)
}

func (c *coder) note(n *campaign.Note) {
	c.when(&n.At)
	name(c, &n.Author)
	kept(c, &n.Text)
}

// progress is read over a zero one.
func (c *coder) progress(p *campaign.Progress) {
	m := c.mask(
		p.Status != "", !p.StatusAt.IsZero(), p.Standing != 0, p.Lane != 0, p.Qualifier != 0, !p.Due.IsZero(), p.Owner != "",
		p.LastToken != 0, !p.LastCall.IsZero(), p.LastOutcome != 0, p.LastAgent != "", p.Attempts != (campaign.Counters{}),
		p.Skips != 0, !p.SkipUntil.IsZero(), p.DueInput != nil, p.Promised, p.Agreed, p.Tries != 0, p.NeedsAgent, p.Next != 0,
		p.Success, !p.SucceededAt.IsZero(), p.Attention,
	)
	if m.next() {
		name(c, &p.Status)
	}
	if m.next() {
		c.when(&p.StatusAt)
	}
	if m.next() {
		num(c, &p.Standing)
	}
	if m.next() {
		num(c, &p.Lane)
	}
	if m.next() {
		num(c, &p.Qualifier)
	}
	if m.next() {
		c.when(&p.Due)
	}
	if m.next() {
		name(c, &p.Owner)
	}
	if m.next() {
		num(c, &p.LastToken)
	}
	if m.next() {
		c.when(&p.LastCall)
	}
	if m.next() {
		num(c, &p.LastOutcome)
	}
	if m.next() {
		name(c, &p.LastAgent)
	}
	if m.next() {
		c.counters(&p.Attempts)
	}
	if m.next() {
		num(c, &p.Skips)
	}
	if m.next() {
		c.when(&p.SkipUntil)
	}
	if m.next() {
		if c.loads {
			p.DueInput = new(campaign.LocalTime)
		}
		name(c, &p.DueInput.Date)
		name(c, &p.DueInput.Hour)
		name(c, &p.DueInput.Zone)
	}
	p.Promised, p.Agreed = m.next(), m.next()
	if m.next() {
		num(c, &p.Tries)
	}
	p.NeedsAgent = m.next()
	if m.next() {
		num(c, &p.Next)
	}
	p.Success = m.next()
	if m.next() {
		c.when(&p.SucceededAt)
	}
	p.Attention = m.next()
}

func (c *coder) counters(a *campaign.Counters) {
	num(c, &a.Total)
	num(c, &a.SinceReset)
	num(c, &a.Unanswered)
	num(c, &a.Talks)
	num(c, &a.Streak)
	c.when(&a.First)
	c.when(&a.Last)
	// The outcomes that there were, each with its number.
	n := 0
	for _, times := range a.ByOutcome {
		if times != 0 {
			n++
		}
	}
	n = c.count(n)
	for o := 0; n > 0 && c.err == nil; n-- {
		for !c.loads && a.ByOutcome[o] == 0 {
			o++
		}
		if num(c, &o); o < 0 || o >= campaign.NumOutcomes {
			c.fail("outcome %d is not known: this version knows %d", o, campaign.NumOutcomes)
			return
		}
		num(c, &a.ByOutcome[o])
		o++
	}
}

// phones is a list that takes no memory when it is read over another one. All
// records have one.
func (c *coder) phones(x *[]campaign.Phone) {
	n := c.count(len(*x))
	if c.loads {
		*x = (*x)[:0]
	}
	for i := 0; i < n && c.err == nil; i++ {
		if c.loads {
			*x = append(*x, campaign.Phone{})
		}
		c.phone(&(*x)[i])
	}
}

// zonesOf reads zones into memory that the next record uses again.
func (c *coder) zonesOf(p *campaign.Phone) {
	n := c.count(len(p.Zones))
	if !c.loads {
		for i := range p.Zones {
			name(c, &p.Zones[i])
		}
		return
	}
	from := len(c.zones)
	for i := 0; i < n && c.err == nil; i++ {
		c.zones = append(c.zones, "")
		name(c, &c.zones[from+i])
	}
	p.Zones = c.zones[from:len(c.zones):len(c.zones)]
}

// phone is read over a zero one, its zones into memory that is used again.
func (c *coder) phone(p *campaign.Phone) {
	m := c.mask(
		p.Number != 0, len(p.Zones) > 0, p.Region != "", p.Attempts != 0, !p.LastCall.IsZero(), p.LastOutcome != 0,
		p.Extension != "", p.Label != "", p.Out != "", !p.BlockedUntil.IsZero(), p.Unrung != 0,
	)
	if m.next() {
		num(c, &p.Number)
	}
	if m.next() {
		c.zonesOf(p)
	}
	if m.next() {
		name(c, &p.Region)
	}
	if m.next() {
		num(c, &p.Attempts)
	}
	if m.next() {
		c.when(&p.LastCall)
	}
	if m.next() {
		num(c, &p.LastOutcome)
	}
	if m.next() {
		kept(c, &p.Extension)
	}
	if m.next() {
		name(c, &p.Label)
	}
	if m.next() {
		name(c, &p.Out)
	}
	if m.next() {
		c.when(&p.BlockedUntil)
	}
	if m.next() {
		num(c, &p.Unrung)
	}
}

func (c *coder) before(b *campaign.Before) {
	m := c.mask(b.Phones != nil)
	if c.loads {
		*b = campaign.Before{Phones: b.Phones[:0]}
	}
	if m.next() {
		c.phones(&b.Phones)
	}
	c.progress(&b.Progress)
}

// entry is a line of a record's history, read over a zero one.
func (c *coder) entry(e *campaign.Entry) {
	m := c.mask(e.Operation != "", e.Call != 0, e.From != "", e.To != "", e.Qualifier != 0, e.Note != "")
	c.when(&e.At)
	name(c, &e.Author)
	name(c, &e.Why)
	if m.next() {
		name(c, &e.Operation)
	}
	if m.next() {
		num(c, &e.Call)
	}
	if m.next() {
		name(c, &e.From)
	}
	if m.next() {
		name(c, &e.To)
	}
	if m.next() {
		num(c, &e.Qualifier)
	}
	if m.next() {
		kept(c, &e.Note)
	}
}

// contact is read over a zero one, with the ids that became it.
func (c *coder) contact(p *campaign.Contact, ids *[]string) {
	kept(c, &p.ID)
	m := c.mask(
		p.Company != "", p.FirstName != "", p.LastName != "", p.Phones != nil, p.Emails != nil, p.Keys != nil, p.Fields != nil,
		p.Country != "", !p.Created.IsZero(), !p.Updated.IsZero(), p.Author != "", p.Operation != "", p.Version != 0, len(*ids) > 0,
	)
	if m.next() {
		kept(c, &p.Company)
	}
	if m.next() {
		kept(c, &p.FirstName)
	}
	if m.next() {
		kept(c, &p.LastName)
	}
	if m.next() {
		list(c, &p.Phones, func(n *blacklist.Number) { num(c, n) })
	}
	if m.next() {
		texts(c, &p.Emails)
	}
	if m.next() {
		texts(c, &p.Keys)
	}
	if m.next() {
		c.fields(&p.Fields)
	}
	if m.next() {
		name(c, &p.Country)
	}
	if m.next() {
		c.when(&p.Created)
	}
	if m.next() {
		c.when(&p.Updated)
	}
	if m.next() {
		name(c, &p.Author)
	}
	if m.next() {
		name(c, &p.Operation)
	}
	if m.next() {
		num(c, &p.Version)
	}
	if m.next() {
		texts(c, ids)
	}
}

// lease is read over a zero one.
func (c *coder) lease(l *campaign.Lease) {
	m := c.mask(
		l.ForCallback, l.Reserved, l.Taken, l.Inbound, !l.Dialed.IsZero(), !l.Answered.IsZero(), l.Overrides != nil, l.With != nil,
	)
	num(c, &l.Token)
	num(c, &l.Call)
	name(c, &l.Holder)
	name(c, &l.Agent)
	num(c, &l.Phase)
	num(c, &l.Number)
	num(c, &l.Lane)
	c.when(&l.At)
	c.when(&l.Until)
	l.ForCallback, l.Reserved, l.Taken, l.Inbound = m.next(), m.next(), m.next(), m.next()
	if m.next() {
		c.when(&l.Dialed)
	}
	if m.next() {
		c.when(&l.Answered)
	}
	if m.next() {
		names(c, &l.Overrides)
	}
	if m.next() {
		list(c, &l.With, c.ref)
	}
}

func (c *coder) ref(r *campaign.Ref) {
	name(c, &r.Campaign)
	kept(c, &r.Record)
	num(c, &r.Token)
}

// listed is an entry of a blacklist.
func (c *coder) listed(e *blacklist.Entry) {
	num(c, &e.Number)
	name(c, &e.List)
	name(c, &e.Author)
	name(c, &e.Reason)
	c.when(&e.Added)
	c.when(&e.Until)
}

func (c *coder) action(a *campaign.Action) {
	kept(c, &a.ID)
	num(c, &a.Kind)
	name(c, &a.Campaign)
	kept(c, &a.Record)
	kept(c, &a.Contact)
	num(c, &a.Number)
	name(c, &a.Status)
	name(c, &a.Template)
	c.when(&a.At)
}
