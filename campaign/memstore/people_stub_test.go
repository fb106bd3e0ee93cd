package memstore

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// people stands in for the numbers and contacts.
type people struct {
	numbers  []blacklist.Number
	contacts []string
}

func (p *people) number(h uint32) blacklist.Number { return p.numbers[h] }
func (p *people) contactID(h uint32) string        { return p.contacts[h] }

func newPeople() *people {
	return &people{numbers: make([]blacklist.Number, 1), contacts: make([]string, 1)}
}

// numberFor and contactFor give handles.
func (p *people) numberFor(n blacklist.Number) (uint32, error) {
	for h, x := range p.numbers {
		if x == n {
			return uint32(h), nil
		}
	}
	p.numbers = append(p.numbers, n)
	return uint32(len(p.numbers) - 1), nil
}

func (p *people) contactFor(id campaign.ContactID) (uint32, error) {
	for h, x := range p.contacts {
		if x == string(id) {
			return uint32(h), nil
		}
	}
	p.contacts = append(p.contacts, string(id))
	return uint32(len(p.contacts) - 1), nil
}
