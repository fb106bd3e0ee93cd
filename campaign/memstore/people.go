package memstore

import (
	"sync"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
)

// people is what all campaigns share: numbers and contacts with their records,
// who holds them, the calls, and the counters of tokens and sequences. mu guards
// it all, but a number's and a contact's own text, which never change once their
// handle is known.
type people struct {
	mu sync.Mutex

	numbers  dense.Slab[number] // 0 is none
	byNumber dense.Index
	contacts dense.Slab[contact] // 0 is none
	byID     dense.Index
	ids      dense.Texts
	idBytes  int // in ids
	data     cards
	keys     keys
	given    aliases
	news     news
	links    dense.Slab[link] // 0 is none

	leases dense.Slab[lease] // 0 is none

	calls   calls
	byToken tokens

	token    campaign.Token // the last one given
	sequence int64          // the last one given, or the largest one seen

	hashNumber, hashContact func(uint32) uint64
}

// number is what is known about a phone number across campaigns.
type number struct {
	lo, hi  uint32  // the number
	calls   uint32  // the head of its chain in the log
	guard   uint32  // the lease that holds it
	records members // that have it, at any place
}

// contact is what is known about a contact across campaigns; its data are in cards.
type contact struct {
	id      uint32 // text
	calls   uint32 // the head of its chain in the log
	guard   uint32 // the lease that holds it
	records members
}

// spot is a record: its campaign's number and its slot there.
type spot struct {
	line uint16
	slot slot
}

func newPeople() *people {
	p := new(people)
	p.calls.people = p
	// Handle 0 is none.
	for _, reserve := range []func(string, int) (uint32, error){p.numbers.Add, p.contacts.Add, p.links.Add, p.leases.Add} {
		_, _ = reserve("", dense.MaxNumber)
	}
	p.hashNumber = func(h uint32) uint64 { return dense.HashNumber(uint64(p.number(h))) }
	p.hashContact = func(h uint32) uint64 { return dense.HashText(p.contactID(h)) }
	return p
}

// number returns the number of a handle. It needs no lock.
func (p *people) number(h uint32) blacklist.Number {
	x := p.numbers.At(h)
	return blacklist.Number(uint64(x.hi)<<32 | uint64(x.lo))
}

// contactID returns the id of a handle. It needs no lock.
func (p *people) contactID(h uint32) string {
	if h == 0 {
		return ""
	}
	return p.ids.Get(p.contacts.At(h).id)
}

func (p *people) findNumber(n blacklist.Number) uint32 {
	h, _ := p.byNumber.Find(dense.HashNumber(uint64(n)), func(h uint32) bool { return p.number(h) == n })
	return h
}

// idOf returns the handle of an id, whatever contact it gives by now; 0 if it is
// not known.
func (p *people) idOf(id campaign.ContactID) uint32 {
	h, _ := p.byID.Find(dense.HashText(string(id)), func(h uint32) bool { return p.contactID(h) == string(id) })
	return h
}

// findContact returns the handle of the contact that an id gives; 0 if there is none.
func (p *people) findContact(id campaign.ContactID) uint32 { return p.given.follow(p.idOf(id)) }

// numberFor returns the handle of a number, which may be a new one; 0 for none.
func (p *people) numberFor(n blacklist.Number) (uint32, error) {
	if n == 0 {
		return 0, nil
	}
	if h := p.findNumber(n); h != 0 {
		return h, nil
	}
	h, err := p.numbers.Add("the table of numbers", dense.MaxNumber)
	if err != nil {
		return 0, err
	}
	x := p.numbers.At(h)
	x.lo, x.hi = uint32(n), uint32(n>>32)
	if err := p.byNumber.Add(dense.HashNumber(uint64(n)), h, p.hashNumber); err != nil {
		return 0, err
	}
	return h, nil
}

// contactFor returns the handle of the contact that an id gives, which may be a
// new one; 0 for none.
func (p *people) contactFor(id campaign.ContactID) (uint32, error) {
	h, err := p.idFor(id)
	return p.given.follow(h), err
}

// idFor returns the handle of an id, which may be a new one; 0 for none.
func (p *people) idFor(id campaign.ContactID) (uint32, error) {
	if id == "" {
		return 0, nil
	}
	if h := p.idOf(id); h != 0 {
		return h, nil
	}
	text, err := p.ids.Put(string(id))
	if err != nil {
		return 0, err
	}
	h, err := p.contacts.Add("the table of contacts", dense.MaxNumber)
	if err != nil {
		return 0, err
	}
	p.contacts.At(h).id = text
	p.idBytes += len(id) + 2
	if err := p.byID.Add(dense.HashText(string(id)), h, p.hashContact); err != nil {
		return 0, err
	}
	return h, nil
}

// cards are the contacts' data, in pages by handle: those of contacts without
// data cost nothing.
type cards struct {
	pages []*[cardPage]*campaign.Contact
}

const cardPage = 256

func (c *cards) get(h uint32) *campaign.Contact {
	if page := int(h / cardPage); page < len(c.pages) && c.pages[page] != nil {
		return c.pages[page][h%cardPage]
	}
	return nil
}

func (c *cards) set(h uint32, data *campaign.Contact) {
	page := int(h / cardPage)
	for page >= len(c.pages) {
		c.pages = append(c.pages, nil)
	}
	if c.pages[page] == nil {
		c.pages[page] = new([cardPage]*campaign.Contact)
	}
	c.pages[page][h%cardPage] = data
}
