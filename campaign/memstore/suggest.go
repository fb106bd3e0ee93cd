package memstore

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/fold"
	"github.com/nextcall/nextcall/internal/suggest"
)

// finder has the index of what is typed. It is made when somebody types for the
// first time: who never does pays nothing for it. From then on it follows what is
// written. Its lock comes before that of people.
type finder struct {
	mu    sync.Mutex
	index *suggest.Index // nil until somebody types
	err   error          // what kept the index from following
	batch []contactAt
}

// news are the contacts that were written since the index followed. People's lock
// guards them.
type news struct {
	wanted bool // there is an index
	list   []uint32
	many   atomic.Bool // there are so many that writers are to help
}

// contactAt is a contact as it was written; nil data is none.
type contactAt struct {
	handle uint32
	data   *campaign.Contact
}

// manyNews is how many contacts the index may lag behind: what a Suggest may have
// to do before it can answer.
const manyNews = 256

func (n *news) add(h uint32) {
	if !n.wanted {
		return
	}
	n.list = append(n.list, h)
	if len(n.list) >= manyNews {
		n.many.Store(true)
	}
}

// Suggest implements campaign.ContactStore. The first one makes an index of all
// contacts, which takes some seconds for a million, and later ones find it made: a
// host may ask for anything when it starts. Claims and Commits go on meanwhile.
func (st *Store) Suggest(ctx context.Context, t campaign.Typed) ([]campaign.Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q := fold.NewQuery(t.Text)
	f := &st.finder
	f.mu.Lock()
	defer f.mu.Unlock()
	var hits []suggest.Hit
	for tries := 0; ; tries++ {
		if err := st.follow(); err != nil {
			return nil, err
		}
		hits = f.index.Search(&q, t.Most(), hits[:0])
		if found, same := st.found(t, hits); same {
			return found, nil
		}
		if tries == patience {
			return st.quietly(&q, t)
		}
	}
}

// patience is how often a search is made again because of those who write.
const patience = 4

// quietly searches while nobody writes. The caller holds the finder's lock.
func (st *Store) quietly(q *fold.Query, t campaign.Typed) ([]campaign.Suggestion, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if err := st.follow(); err != nil {
		return nil, err
	}
	found, _ := st.found(t, st.finder.index.Search(q, t.Most(), nil))
	return found, nil
}

// found makes suggestions of hits. It reports whether they are all as the index
// has them: somebody may have written one since it followed.
func (st *Store) found(t campaign.Typed, hits []suggest.Hit) (found []campaign.Suggestion, same bool) {
	pe := st.people
	pe.mu.Lock()
	for _, h := range hits {
		found = append(found, campaign.Suggestion{Contact: pe.data.get(h.Contact), Fit: campaign.Fit(h.Fit), Text: h.Text})
	}
	pe.mu.Unlock()
	return found, !slices.ContainsFunc(found, func(s campaign.Suggestion) bool {
		now, ok := t.Match(s.Contact)
		return !ok || now != s
	})
}

// follow brings the index up to what was written. The caller holds its lock.
func (st *Store) follow() error {
	f, pe := &st.finder, st.people
	if f.index == nil {
		st.begin()
	}
	for f.err == nil {
		pe.mu.Lock()
		list := pe.news.list
		list = list[max(0, len(list)-manyNews):]
		f.batch = f.batch[:0]
		for _, h := range list {
			f.batch = append(f.batch, contactAt{h, pe.data.get(h)})
		}
		pe.news.list = pe.news.list[:len(pe.news.list)-len(list)]
		pe.news.many.Store(len(pe.news.list) >= manyNews)
		pe.mu.Unlock()
		if len(f.batch) == 0 {
			break
		}
		for _, x := range f.batch {
			if x.data == nil {
				f.index.Remove(x.handle)
			} else if err := f.index.Set(x.handle, typedOf(x.data)); err != nil {
				f.err = err
			}
		}
		clear(f.batch)
	}
	return f.err
}

// begin makes the index of all contacts. Those that are written meanwhile are news.
func (st *Store) begin() {
	f, pe := &st.finder, st.people
	f.index = suggest.New(pe.contactID)
	pe.mu.Lock()
	pe.news.wanted = true
	pe.mu.Unlock()
	var page [cardPage]*campaign.Contact
	f.err = f.index.Fill(func(yield func(uint32, *suggest.Contact) bool) {
		for i := 0; ; i++ {
			pe.mu.Lock()
			more := i < len(pe.data.pages)
			if clear(page[:]); more && pe.data.pages[i] != nil {
				page = *pe.data.pages[i]
			}
			pe.mu.Unlock()
			if !more {
				return
			}
			for at, c := range page {
				if c != nil && !yield(uint32(i*cardPage+at), typedOf(c)) {
					return
				}
			}
		}
	})
}

// typedOf is what is typed of a contact.
func typedOf(c *campaign.Contact) *suggest.Contact {
	x := &suggest.Contact{First: c.FirstName, Last: c.LastName, Company: c.Company}
	for _, n := range c.Phones[:min(len(c.Phones), fold.MaxNumbers)] {
		x.Numbers = append(x.Numbers, n.Uint64())
	}
	return x
}

// keepUp lets whoever wrote many contacts bring the index up to them, so that the
// next one who types need not wait for it.
func (st *Store) keepUp() {
	if st.people.news.many.Load() && st.finder.mu.TryLock() {
		_ = st.follow() // the next Suggest says what is wrong
		st.finder.mu.Unlock()
	}
}
