package contacts

import (
	"context"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// open reports whether calls to a record may still follow.
func open(r *campaign.Record) bool { return r.Standing != status.StandingClosed }

// phones are those of a record once its contact, which had some numbers, has new
// ones: the contact's, in their order, then the record's own, which the contact
// never had.
func (b *Book) phones(r *campaign.Record, had, has []blacklist.Number) []campaign.Phone {
	phones := make([]campaign.Phone, 0, len(has)+len(r.Phones))
	for _, n := range has {
		if i := r.Phone(n); i >= 0 {
			phones = append(phones, r.Phones[i])
		} else {
			phones = append(phones, b.phone(n))
		}
	}
	for _, p := range r.Phones {
		if !slices.Contains(has, p.Number) && !slices.Contains(had, p.Number) {
			phones = append(phones, p)
		}
	}
	return phones
}

// phone is a contact's number as a record has it.
func (b *Book) phone(n blacklist.Number) campaign.Phone {
	p := b.cfg.Phone(n)
	p.Number = n
	return p
}

// phonesOf are a contact's numbers as a new record has them.
func (b *Book) phonesOf(c *campaign.Contact) []campaign.Phone {
	return b.phones(&campaign.Record{}, nil, c.Phones)
}

// samePhones reports whether two lists have the same numbers in the same order.
func samePhones(a, b []campaign.Phone) bool {
	return slices.EqualFunc(a, b, func(x, y campaign.Phone) bool { return x.Number == y.Number })
}

// listed asks the blacklists of a campaign about the numbers of records.
func (b *Book) listed(ctx context.Context, c *campaign.Campaign, now time.Time, records ...*campaign.Record) []blacklist.Answer {
	query := blacklist.Query{Now: now, Lists: c.Blacklists()}
	for _, r := range records {
		for i := range r.Phones {
			query.Numbers = append(query.Numbers, r.Phones[i].Number)
		}
	}
	return blacklist.Ask(ctx, query, b.checkers...)
}
