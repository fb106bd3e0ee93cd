package memstore

import "github.com/nextcall/nextcall/campaign"

// tokens finds a call by its token. Tokens are given one after the other, so
// pages of them are all that is needed; only a host that brings calls from
// elsewhere brings tokens that were not given here. A token far beyond what so
// many calls need is kept like one of those: pages cost memory for all before it.
type tokens struct {
	pages   []*[tokenPage]uint32
	foreign map[campaign.Token]uint32
}

const (
	tokenPage  = 1024
	sparePages = 4096
	pagesACall = 64
)

// get returns the handle of the call with a token, or 0.
func (t *tokens) get(token campaign.Token) uint32 {
	if page := uint64(token) / tokenPage; page < uint64(len(t.pages)) && t.pages[page] != nil {
		if h := t.pages[page][token%tokenPage]; h != 0 {
			return h
		}
	}
	return t.foreign[token]
}

// set remembers a call. last is the last token that was given.
func (t *tokens) set(token campaign.Token, h uint32, last campaign.Token) {
	if token < 0 || token > last || token/tokenPage > sparePages+campaign.Token(h)*pagesACall {
		if t.foreign == nil {
			t.foreign = make(map[campaign.Token]uint32)
		}
		t.foreign[token] = h
		return
	}
	page := int(token / tokenPage)
	for page >= len(t.pages) {
		t.pages = append(t.pages, nil)
	}
	if t.pages[page] == nil {
		t.pages[page] = new([tokenPage]uint32)
	}
	t.pages[page][token%tokenPage] = h
}

// recent finds the record of a lease by its token, mostly: whoever ends a lease
// has a token that was given not long ago. What it says is to be checked.
type recent struct {
	given []given // by the lower bits of the token
	live  int     // leases
}

type given struct {
	token campaign.Token
	slot  slot
}

func (r *recent) add(token campaign.Token, s slot) {
	if 2*r.live >= len(r.given) {
		r.given = make([]given, max(64, 2*len(r.given)))
	}
	r.given[int(token)&(len(r.given)-1)] = given{token, s}
}

// slotOf returns the record that a reference names.
func (l *line) slotOf(ref *campaign.Ref) (slot, bool) {
	if r := &l.recent; ref.Token != 0 && len(r.given) > 0 {
		if g := r.given[int(ref.Token)&(len(r.given)-1)]; g.token == ref.Token && l.rows.name(g.slot) == ref.Record && !l.rows.isGone(g.slot) {
			return g.slot, true
		}
	}
	if s := l.next; int(s) < l.rows.len() && l.rows.name(s) == ref.Record && !l.rows.isGone(s) {
		l.next++
		return s, true
	}
	s, found := l.rows.find(ref.Record)
	if found {
		l.next = s + 1
	}
	return s, found
}
