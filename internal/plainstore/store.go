package plainstore

import (
	"context"
	"slices"
	"sync"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Store is a campaign.Store in memory. It is safe for concurrent use.
// [New] makes one.
type Store struct {
	mu        sync.Mutex
	campaigns map[campaign.ID]*line
	order     []*line // the campaigns by id
	numbers   map[blacklist.Number]*number
	contacts  map[campaign.ContactID]*contact
	calls     map[campaign.Token]*logged
	actions   outbox
	lists     blacklist.Memory

	token    campaign.Token // the last one given
	sequence int64          // the last one given, or the largest one seen
	claims   uint64         // how many Claims there were: marks the lines that one has met

	// Kept between Claims for their capacity only.
	met  []*line
	open []*queue
}

var (
	_ campaign.Store        = (*Store)(nil)
	_ campaign.HistoryStore = (*Store)(nil)
	_ campaign.ActionStore  = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{
		campaigns: make(map[campaign.ID]*line),
		numbers:   make(map[blacklist.Number]*number),
		contacts:  make(map[campaign.ContactID]*contact),
		calls:     make(map[campaign.Token]*logged),
		actions:   outbox{known: make(map[string]*pending)},
	}
}

// stored is a record with all that belongs to it.
type stored struct {
	rec     campaign.Record
	added   uint64 // the how manyeth that came to its campaign it was
	line    *line
	contact *contact  // nil without one
	numbers []*number // of its phones in their order, each once
	lease   *lease    // nil unless a live lease holds the record

	calls   log
	latest  campaign.Token // the largest token in calls
	before  *campaign.Before
	entries []campaign.Entry

	place place
	class *class // whose queues it is in; nil when it is in none
	pos   [2]int // its index in each of the at most two queues it is in
}

func (s *stored) ref() campaign.Ref {
	return campaign.Ref{Campaign: s.rec.Campaign, Record: s.rec.ID}
}

// number is what is known about a phone number across campaigns.
type number struct {
	number  blacklist.Number
	records []*stored // that have it, at any place
	calls   log
	lease   *lease // that holds it
}

// contact is what is known about a contact across campaigns.
type contact struct {
	id      campaign.ContactID
	data    *campaign.Contact // nil until one is written; never changed in place
	records []*stored
	calls   log
	lease   *lease // that holds it
}

func (st *Store) record(campaign campaign.ID, id campaign.RecordID) *stored {
	if l := st.campaigns[campaign]; l != nil {
		return l.records[id]
	}
	return nil
}

func (st *Store) number(n blacklist.Number) *number {
	x := st.numbers[n]
	if x == nil {
		x = &number{number: n}
		st.numbers[n] = x
	}
	return x
}

func (st *Store) contact(id campaign.ContactID) *contact {
	x := st.contacts[id]
	if x == nil {
		x = &contact{id: id}
		st.contacts[id] = x
	}
	return x
}

// Look implements campaign.Store.
func (st *Store) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	into.Facts = into.Facts[:0]
	if err := ctx.Err(); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	facts := slices.Grow(into.Facts, len(refs))[:len(refs)]
	clear(facts)
	for i, ref := range refs {
		s := st.madeTo(ref)
		if s == nil {
			s = st.record(ref.Campaign, ref.Record)
		}
		if s == nil {
			continue
		}
		st.facts(s, need, &facts[i])
		facts[i].Call = st.reported(s, ref.Token, need.Before)
	}
	into.Facts = facts
	return nil
}

// Check implements blacklist.Checker for the host's own lists. It waits for a
// Commit that is going on: status and entry appear together.
func (st *Store) Check(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.lists.Check(ctx, q)
}

// facts fills in what is known about a record.
func (st *Store) facts(s *stored, need campaign.Need, into *campaign.Facts) {
	*into = campaign.Facts{Record: s.rec, Busy: s.busy()}
	if s.lease != nil {
		into.Lease = s.lease.copy()
	}
	if need.Contact && s.contact != nil {
		into.Contact = s.contact.data
	}
	if !need.NoCalls {
		into.History = s.history(micro(need.Since))
	}
}
