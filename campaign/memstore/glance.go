package memstore

import (
	"github.com/nextcall/nextcall/campaign"
)

// looks says what of a record a filter, or a count, looks at: all else need not
// be unpacked to see whether it matches.
type looks struct {
	id, external, contact, list, status, owner, agent, author, operation bool
	called, due, state, main, phones, class                              bool
}

// looksOf is what a filter looks at.
func looksOf(f *campaign.Filter) looks {
	numbers := len(f.Numbers)+len(f.Terms) > 0
	return looks{
		id: len(f.Records)+len(f.Terms) > 0, external: f.ExternalID != "", contact: len(f.Contacts) > 0, list: len(f.Lists) > 0,
		status: len(f.Statuses)+len(f.Systems) > 0, owner: len(f.Owners) > 0, agent: len(f.Agents) > 0, author: len(f.Authors) > 0,
		operation: f.Operation != "", called: !f.Called.Open(), due: !f.Due.Open(), state: len(f.States) > 0,
		main: numbers && !f.AnyNumber, phones: numbers && f.AnyNumber,
	}
}

// counting is what is looked at besides, to count by a group.
func (x looks) counting(by campaign.Group) looks {
	switch by {
	case campaign.ByState:
		x.state = true
	case campaign.ByStatus:
		x.status = true
	case campaign.ByOwner:
		x.owner = true
	case campaign.ByClass:
		x.class = true
	}
	return x
}

// glance unpacks of a record what x names, with campaign, qualifier and standing;
// of its phones no more than their numbers. The rest is as it was: what nobody
// looks at. Its phones are appended to an arena, which is returned.
func (t *rows) glance(s slot, x *looks, into *campaign.Record, phones []campaign.Phone) []campaign.Phone {
	row := t.slab.At(s)
	w := t.beside(row)
	if w != nil && w.whole != nil {
		return t.read(s, into, phones)
	}
	into.Campaign, into.Qualifier, into.Standing = t.id, row.qualifier, row.standing
	if x.id {
		into.ID = campaign.RecordID(t.texts.Get(row.id))
	}
	if x.external {
		into.ExternalID = t.texts.Get(row.external)
	}
	if x.contact {
		into.Contact = campaign.ContactID(t.people.contactID(row.contact))
	}
	if x.list {
		into.List = t.lists.Name(uint32(row.list))
	}
	if x.class {
		into.Class = t.classes.Name(uint32(row.class))
	}
	if x.status {
		into.Status = t.status(&row.marks)
	}
	if x.owner {
		into.Owner = campaign.AgentID(t.agents.Name(row.owner))
	}
	if x.author {
		into.Author = t.authors.Name(uint32(row.author))
	}
	if x.operation {
		into.Operation = t.operations.Name(row.operation)
	}
	if x.due || x.state {
		into.Due = row.due.time()
	}
	if x.called || x.agent || x.state {
		into.LastCall, into.LastAgent, into.Park = noTime, "", campaign.Park{}
		if row.past != 0 {
			p := t.pasts.At(row.past)
			if x.called {
				into.LastCall = p.lastCall.time()
			}
			if x.agent {
				into.LastAgent = campaign.AgentID(t.agents.Name(p.lastAgent))
			}
			if x.state {
				into.Park = campaign.Park{Until: p.park.time(), Revision: p.parkRev}
			}
		}
	}
	from := len(phones)
	switch {
	case x.main || x.phones && w != nil && len(w.phones) > 0:
		if w != nil && len(w.phones) > 0 {
			phones = append(phones, w.phones...)
		} else if row.number != 0 {
			phones = append(phones, campaign.Phone{Number: t.people.number(row.number)})
		}
	case x.phones:
		if row.number != 0 {
			phones = append(phones, campaign.Phone{Number: t.people.number(row.number)})
		}
		for h := t.chain(row); h != 0; {
			p := t.furthers.At(h)
			phones = append(phones, campaign.Phone{Number: p.number})
			h = p.next
		}
	}
	into.Phones = clip(phones, from)
	return phones
}
