package memstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Store is a campaign.Store in memory. It is safe for concurrent use.
// [New] makes one.
type Store struct {
	// mu guards the table of campaigns. What touches several campaigns takes it
	// for writing and is alone in the store; all else takes it for reading and
	// then the locks of its campaigns.
	mu    sync.RWMutex
	byID  map[campaign.ID]*line
	order []*line // the campaigns by id
	lines []*line // by number; none has 0

	people  *people
	finder  finder
	actions outbox
	lists   blacklist.Memory

	writers sync.Pool // of *writer, whose memory Commits use one after another
}

var (
	_ campaign.Store        = (*Store)(nil)
	_ campaign.HistoryStore = (*Store)(nil)
	_ campaign.ActionStore  = (*Store)(nil)
	_ campaign.ContactStore = (*Store)(nil)
)

// MaxCampaigns is the number of campaigns that a store keeps.
const MaxCampaigns = 1<<16 - 1

// New returns an empty store.
func New() *Store {
	return &Store{
		byID:    make(map[campaign.ID]*line),
		lines:   []*line{nil},
		people:  newPeople(),
		actions: outbox{known: make(map[string]*pending), of: make(map[campaign.Ref][]*pending)},
	}
}

// make adds a campaign. The caller holds mu for writing.
func (st *Store) make(id campaign.ID) (*line, error) {
	if l := st.byID[id]; l != nil {
		return l, nil
	}
	if err := textFits("a campaign id", string(id)); err != nil {
		return nil, err
	}
	if len(st.lines) > MaxCampaigns {
		return nil, &LimitError{What: "campaigns", Limit: MaxCampaigns, Value: "one more, " + quoted(string(id))}
	}
	l := newLine(st, id, uint16(len(st.lines)))
	st.lines = append(st.lines, l)
	st.byID[id] = l
	at, _ := slices.BinarySearchFunc(st.order, id, func(l *line, id campaign.ID) int { return cmp.Compare(l.id, id) })
	st.order = slices.Insert(st.order, at, l)
	return l, nil
}

// unmake takes back the last campaign that was made, in which nothing happened.
// The caller holds mu for writing.
func (st *Store) unmake(l *line) {
	if len(l.free) > 0 {
		return // room for leases is a campaign's for ever
	}
	st.lines = st.lines[:len(st.lines)-1]
	delete(st.byID, l.id)
	st.order = slices.DeleteFunc(st.order, func(o *line) bool { return o == l })
}

// Check implements blacklist.Checker for the host's own lists. It waits for a
// Commit that takes numbers off a list: status and entry appear together.
func (st *Store) Check(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return st.lists.Check(ctx, q)
}

// Look implements campaign.Store.
func (st *Store) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	if into == nil {
		return errNowhere
	}
	into.Facts = into.Facts[:0]
	if err := ctx.Err(); err != nil {
		return err
	}
	w := st.scratch(&into.Scratch)
	need.Since = micro(need.Since)
	st.mu.RLock()
	defer st.mu.RUnlock()
	into.Facts = slices.Grow(into.Facts, len(refs))[:len(refs)]
	for i, ref := range refs {
		facts := &into.Facts[i]
		l := st.byID[ref.Campaign]
		if l == nil {
			*facts = campaign.Facts{}
			continue
		}
		l.mu.Lock()
		s, found := l.slotOf(&refs[i])
		logged := false
		if ref.Token != 0 {
			var at home
			if at, logged = st.people.madeTo(&refs[i]); logged && at.rows != nil && at.rows != l.rows {
				l.mu.Unlock()
				l = st.byID[at.rows.id]
				l.mu.Lock()
				s, found = at.slot, true
			}
		}
		if found {
			l.look(s, &need, w, facts)
			facts.Call = nil
			if logged {
				facts.Call = l.reported(s, ref.Token, need.Before)
			}
		} else {
			*facts = campaign.Facts{}
		}
		l.mu.Unlock()
	}
	return nil
}

// History implements campaign.HistoryStore. A record that does not exist is
// campaign.ErrNotFound.
func (st *Store) History(ctx context.Context, ref campaign.Ref) ([]campaign.Entry, []*campaign.Call, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	l := st.byID[ref.Campaign]
	if l == nil {
		return nil, nil, notFound(ref)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s, found := l.rows.find(ref.Record)
	if !found {
		return nil, nil, notFound(ref)
	}
	return l.past.lines(s), l.calls(s), nil
}

var (
	errCallToken   = errors.New("a call has the token of its lease")
	errContactID   = errors.New("a contact has an id")
	errActionID    = errors.New("an action has an id")
	errNowhere     = errors.New("there is nowhere to put the answer: into is nil")
	errNoRecordKey = errors.New("an added record has a campaign and an id")
)

func notFound(ref campaign.Ref) error {
	return fmt.Errorf("record %q of campaign %q: %w", ref.Record, ref.Campaign, campaign.ErrNotFound)
}
