package twin

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

const booksAsked = "contact: asked for"

// books are the stores as those of contacts on their own, if both are.
func (p *pair) books() (books [2]campaign.ContactStore, both bool) {
	for i, st := range p.st {
		book, ok := st.(campaign.ContactStore)
		if !ok {
			return books, false
		}
		books[i] = book
	}
	return books, true
}

func (g *gen) somebody() campaign.ContactID {
	return campaign.ContactID(fmt.Sprint("p", g.IntN(g.contacts)))
}

// named are words of names, some of which begin, end or lie in others.
var named = strings.Fields("Jan JAN Ján Jana Janina Łucja Lucja łu Groß Gross Kowal Kowalska-Nowak Nowak O’Brien Żak żż a Bar 48 600 Sp. z o.o. Ана")

// words are a name, or a part of one.
func (g *gen) words() string {
	words := make([]string, max(0, g.IntN(5)-1))
	for i := range words {
		words[i] = named[g.IntN(len(named))]
	}
	return strings.Join(words, " ")
}

// person is a contact as it is written.
func (g *gen) person() *campaign.Contact {
	c := &campaign.Contact{ID: g.somebody(), FirstName: g.words(), Country: g.text("PL"), Phones: []blacklist.Number{g.number()}, Emails: []string{g.text("E")},
		Fields: g.fields(), Created: g.instant(), Updated: g.instant(), Author: g.text("ann"), Operation: g.text("op")}
	if g.flag() {
		c.LastName, c.Company = g.words(), g.words()
	}
	for range g.IntN(3) {
		c.Keys = append(c.Keys, fmt.Sprint("k", g.IntN(2*g.contacts)))
	}
	return c
}

// typed is what somebody types: mostly some letters of a name, or of a number.
func (g *gen) typed() campaign.Typed {
	t := campaign.Typed{Text: g.words()}
	switch g.IntN(4) {
	case 0:
		t.Text = fmt.Sprint(g.number())[:1+g.IntN(11)]
		if g.flag() {
			t.Text = []string{"+", "00", "0"}[g.IntN(3)] + strings.TrimPrefix(t.Text, "+48")
		}
	case 1:
		t.Text = g.words() + " " + g.words()
	}
	if letters := []rune(t.Text); len(letters) > 0 && !g.oneIn(3) {
		from := g.IntN(len(letters))
		t.Text = string(letters[from:min(len(letters), from+1+g.IntN(6))])
	}
	t.Limit = []int{0, 1, 3, 100}[g.IntN(4)]
	return t
}

// writePerson writes a contact, and may want it unique, or at a version.
func (p *pair) writePerson(seed uint64) {
	_, both := p.books()
	errs := p.commit(seed, func(int) []campaign.Change {
		ch := campaign.Change{Contact: p.person()}
		if both {
			ch.UniqueContact = p.oneIn(3)
			if p.oneIn(3) {
				ch.Contact.Version = int64(p.IntN(4))
			}
			if p.oneIn(20) {
				ch.Merge = p.somebody()
			}
			if p.oneIn(20) {
				ch.Forget = p.somebody()
			}
		}
		if p.oneIn(4) {
			ch.Ref = p.ref()
			ch.Entry = p.line(0)
		}
		p.beside(&ch)
		return []campaign.Change{ch}
	})
	if p.diff == "" {
		p.meet("contact: written", errs[0] == nil)
	}
}

// endPerson gives the records of a contact another one, if they are free, and
// merges it with that one, or deletes it: in one change, or one after the other.
func (p *pair) endPerson(seed uint64) {
	if _, both := p.books(); !both {
		return
	}
	id, to := p.somebody(), p.somebody()
	deletes := p.flag()
	var records []campaign.Record
	for f, err := range p.st[reference].Find(ctx, campaign.Filter{Contacts: []campaign.ContactID{id}}, campaign.Need{NoCalls: true}) {
		if err != nil {
			break
		}
		records = append(records, f.Record)
	}
	apart := p.flag()
	if len(records) > 0 && apart {
		p.release(seed, records, to)
	}
	errs := p.commit(seed+1, func(int) []campaign.Change {
		ch := campaign.Change{Forget: id}
		if !deletes {
			ch = campaign.Change{Contact: p.person(), Merge: id}
			ch.Contact.ID = to
			if p.oneIn(3) {
				ch.MergeVersion = int64(1 + p.IntN(3))
			}
		}
		if !apart {
			ch = p.alsoFree(ch, records, to)
		}
		return []campaign.Change{ch}
	})
	if p.diff == "" {
		p.meet("contact: merged", !deletes && errs[0] == nil && id != to)
		p.meet("contact: deleted", deletes && errs[0] == nil)
		p.meet("contact: ended with its records", !apart && len(records) > 0 && errs[0] == nil)
	}
}

// release gives records another contact.
func (p *pair) release(seed uint64, records []campaign.Record, to campaign.ContactID) {
	p.commit(seed, func(int) (changes []campaign.Change) {
		for _, r := range records {
			r.Contact, r.Version = to, 0
			r.Phones = slices.Clone(r.Phones)
			changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: r.Campaign, Record: r.ID}, Record: &r})
		}
		return changes
	})
}

// readPeople asks for contacts, by their ids, their keys and what is typed.
func (p *pair) readPeople(uint64) {
	p.people(p.somebody(), p.somebody(), "", "nobody")
	c := p.person()
	p.having(c.Unique())
	p.suggest(p.typed())
	p.suggest(p.typed())
}

func (p *pair) people(ids ...campaign.ContactID) {
	books, both := p.books()
	if !both {
		return
	}
	p.say("contacts", ids)
	p.meet(booksAsked, true)
	var lists [2][]*campaign.Contact
	var errs [2]error
	for i, book := range books {
		lists[i], errs[i] = book.Contacts(ctx, ids...)
	}
	p.errors("contacts", errs[0], errs[1])
	p.differ(values(contactsSame, "contacts", lists[reference], lists[tested]))
	for i, c := range lists[reference] {
		p.meet("contact: by an id that became it", c != nil && c.ID != ids[i])
	}
}

func (p *pair) having(keys []campaign.ContactKey) {
	books, both := p.books()
	if !both {
		return
	}
	p.say("contacts with", keys)
	var lists [2][][]campaign.ContactID
	var errs [2]error
	for i, book := range books {
		lists[i], errs[i] = book.ContactsWith(ctx, keys...)
	}
	p.errors("contacts with", errs[0], errs[1])
	p.differ(where("contacts with", reflect.ValueOf(lists[reference]), reflect.ValueOf(lists[tested])))
	for _, ids := range lists[reference] {
		p.meet("contact: a key of several", len(ids) > 1)
	}
}

func (p *pair) suggest(t campaign.Typed) {
	books, both := p.books()
	if !both {
		return
	}
	p.say("suggest", t)
	var found [2][]campaign.Suggestion
	var errs [2]error
	for i, book := range books {
		found[i], errs[i] = book.Suggest(ctx, t)
	}
	p.errors("suggest", errs[0], errs[1])
	p.differ(values(suggestedSame, fmt.Sprintf("suggest %q", t.Text), found[reference], found[tested]))
	for _, s := range found[reference] {
		p.meet(fmt.Sprint("suggest: fit ", s.Fit), true)
	}
	p.meet("suggest: as many as asked for", len(found[reference]) == t.Most())
}

// everybody compares all contacts.
func (p *pair) everybody() {
	var ids []campaign.ContactID
	for i := range p.contacts {
		ids = append(ids, campaign.ContactID(fmt.Sprint("p", i)))
	}
	p.people(ids...)
	for i := range 2 * p.contacts {
		p.having([]campaign.ContactKey{{Kind: campaign.KeyOwn, Value: fmt.Sprint("k", i)}})
	}
	for _, word := range named {
		p.suggest(campaign.Typed{Text: word, Limit: 100})
	}
}

// exists counts what refuses a contact.
func (p *pair) exists(err error) bool {
	var e *campaign.ContactExistsError
	if !errors.As(err, &e) {
		return false
	}
	p.meet("contact: its keys are others'", true)
	return true
}
