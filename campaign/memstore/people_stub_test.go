package memstore

import "github.com/nextcall/nextcall/blacklist"

type people struct {
	numbers  []blacklist.Number
	contacts []string
}

func (p *people) number(h uint32) blacklist.Number { return p.numbers[h] }
func (p *people) contactID(h uint32) string        { return p.contacts[h] }
