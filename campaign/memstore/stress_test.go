package memstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// storm is what the workers of a stress test share: a store of four campaigns
// whose records share numbers and contacts, and what each worker believes.
type storm struct {
	t     *testing.T
	st    *Store
	clock atomic.Int64 // seconds since noon

	numbers  [stormShared]hand
	contacts [stormShared]hand
	token    [4][stormRecords]atomic.Int64 // the largest seen of a record
	reports  [4][stormRecords]atomic.Int64 // calls that were written
	settled  sync.Map                      // first tokens of ended leases
	stray    atomic.Int64                  // leases that were left to a settler
	joined   atomic.Int64                  // leases of two records
}

// hand is whose a number or contact is: the first token of a lease, 0 for nobody's.
type hand struct{ of atomic.Int64 }

const (
	stormRecords = 60
	stormShared  = 70
)

var stormIDs = [4]campaign.ID{"a", "b", "c", "d"}

func stormNumber(i int) blacklist.Number { return blacklist.Number(48_600_000_000 + i%stormShared) }

func stormContact(i int) campaign.ContactID {
	return campaign.ContactID(fmt.Sprintf("k%d", i%stormShared))
}

func newStorm(t *testing.T) *storm {
	s := &storm{t: t, st: New()}
	for k, id := range stormIDs {
		for i := range stormRecords {
			r := &campaign.Record{
				ID: campaign.RecordID(fmt.Sprint(i)), Campaign: id, Class: fmt.Sprint("X", i%3), Sort: usualSort(0), Contact: stormContact(i*(k+1) + k),
				Phones:   []campaign.Phone{{Number: stormNumber(i + k*17)}, {Number: stormNumber(i*7 + k)}},
				Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh},
			}
			// A contact may be in a campaign once.
			if err := s.st.addOnly(t, r); err != nil {
				r.Contact = ""
				require.NoError(t, s.st.addOnly(t, r))
			}
		}
	}
	return s
}

func (s *storm) now() time.Time { return noon.Add(time.Duration(s.clock.Add(1)) * time.Second) }

func (s *storm) at(ref campaign.Ref) (campaignAt, record int) {
	_, _ = fmt.Sscan(string(ref.Record), &record)
	return int(ref.Campaign[0] - 'a'), record
}

// given notes a lease: its token is larger than any seen of the record.
func (s *storm) given(f *campaign.Facts) campaign.Ref {
	ref := campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token}
	c, r := s.at(ref)
	was := s.token[c][r].Swap(int64(ref.Token))
	assert.Greater(s.t, int64(ref.Token), was, "the tokens of a record grow")
	return ref
}

// reach claims all of a record that is not busy, as its lease says that it may,
// and returns what lets go of it. Facts of a Claim are what was held when it gave them.
func (s *storm) reach(f *campaign.Facts) (hands []*hand) {
	busyContact, busy := false, map[blacklist.Number]bool{}
	for _, h := range f.Busy {
		busy[h.Number] = true
		busyContact = busyContact || h.Contact != ""
	}
	take := func(h *hand) {
		was := h.of.Swap(int64(f.Lease.Call))
		if was == int64(f.Lease.Call) {
			return
		}
		assert.Zero(s.t, was, "a number or contact is held by one live lease")
		hands = append(hands, h)
	}
	if f.Record.Contact != "" && !busyContact {
		var i int
		_, _ = fmt.Sscanf(string(f.Record.Contact), "k%d", &i)
		take(&s.contacts[i])
	}
	for _, p := range f.Record.Phones {
		if !busy[p.Number] {
			take(&s.numbers[p.Number-stormNumber(0)])
		}
	}
	return hands
}

func drop(hands []*hand) {
	for _, h := range hands {
		h.of.Store(0)
	}
}

// work is one worker's rounds.
func (s *storm) work(ctx context.Context, worker, rounds int) {
	random := rand.New(rand.NewPCG(uint64(worker), 1))
	var got campaign.Claimed
	for round := range rounds {
		now := s.now()
		// Nothing runs out while it is held by a worker; those that are let go of do at once.
		q := campaign.Claim{Now: now, Until: now.Add(100 * time.Hour), Limit: 1 + random.IntN(4), Owners: true, Holder: fmt.Sprint(worker), Agent: "p"}
		first := random.IntN(4)
		for i := range 1 + random.IntN(3) {
			q.From = append(q.From, campaign.Step{Campaign: stormIDs[(first+i)%4], Open: []string{"X0", "X1", "X2"}, Max: 2, Revision: 1,
				Sources: []campaign.Source{{Lane: status.LaneOwn, Owner: "p", Due: now}, {Lane: status.LaneAgain, Due: now}, {Lane: status.LaneFresh, Due: now}}})
		}
		if !assert.NoError(s.t, s.st.Claim(ctx, q, &got)) {
			return
		}
		for i := range got.Expired {
			s.settle(ctx, &got.Expired[i], now)
		}
		for i := range got.Leased {
			s.handle(ctx, &got.Leased[i], now, random)
		}
		s.disturb(ctx, worker, round, now, random)
	}
}

// settle ends a lease that has run out. It holds nothing any more.
func (s *storm) settle(ctx context.Context, f *campaign.Facts, now time.Time) {
	ref := s.given(f)
	assert.NotEqual(s.t, f.Lease.Call, f.Lease.Token)
	s.report(ctx, ref, f, now)
}

// handle dials a leased record, looks whether it is alone with it, and ends the lease.
func (s *storm) handle(ctx context.Context, f *campaign.Facts, now time.Time, random *rand.Rand) {
	ref := s.given(f)
	hands := s.reach(f)
	r := f.Record
	l := f.Lease
	switch random.IntN(4) {
	case 0: // is given up: it runs out at the next Claim
		drop(hands)
		l.Until = now
		s.sure(ctx, campaign.Change{Ref: ref, Extend: true, Lease: &l})
		s.stray.Add(1)
		return
	case 1:
		var looked campaign.Looked
		assert.NoError(s.t, s.st.Look(ctx, campaign.Need{Contact: true}, &looked, ref))
		assert.Equal(s.t, ref.Token, looked.Facts[0].Lease.Token)
		assert.Equal(s.t, r.Phones, looked.Facts[0].Record.Phones)
	}
	drop(hands)
	s.report(ctx, ref, f, now)
}

// report ends a lease with a call.
func (s *storm) report(ctx context.Context, ref campaign.Ref, f *campaign.Facts, now time.Time) {
	r := f.Record
	r.Lane, r.Due, r.Park = status.LaneAgain, now, campaign.Park{}
	switch ref.Token % 5 {
	case 0:
		r.Lane, r.Owner = status.LaneOwn, "p"
	case 1:
		r.Park = campaign.Park{Until: now.Add(20 * time.Second), Revision: 1}
	case 2: // another class, and the phones the other way round
		r.Class = fmt.Sprint("X", ref.Token%3)
		r.Phones = []campaign.Phone{r.Phones[1], r.Phones[0]}
	}
	call := &campaign.Call{Token: f.Lease.Call, Campaign: ref.Campaign, Record: ref.Record, Contact: r.Contact, Number: f.Lease.Number, Ended: now}
	_, twice := s.settled.LoadOrStore(call.Token, true)
	assert.False(s.t, twice, "a lease is ended once")
	s.sure(ctx, campaign.Change{Ref: ref, Record: &r, Call: call, Entry: &campaign.Entry{At: now, Author: "w", Call: call.Token},
		Actions: []campaign.Action{{ID: fmt.Sprint(call.Token), At: now}}, Done: []string{fmt.Sprint(call.Token - 10)},
		List: []blacklist.Entry{{List: "l", Number: r.Phones[0].Number}}})
	c, i := s.at(ref)
	s.reports[c][i].Add(1)
}

func (s *storm) sure(ctx context.Context, ch campaign.Change) {
	errs, err := s.st.Commit(ctx, ch)
	assert.NoError(s.t, err)
	assert.Nil(s.t, errs)
}

// disturb does something else with the store.
func (s *storm) disturb(ctx context.Context, worker, round int, now time.Time, random *rand.Rand) {
	ref := campaign.Ref{Campaign: stormIDs[worker%4], Record: campaign.RecordID(fmt.Sprint(random.IntN(stormRecords)))}
	for range 3 {
		s.inbound(ctx, campaign.Ref{Campaign: ref.Campaign, Record: campaign.RecordID(fmt.Sprint(random.IntN(stormRecords)))}, worker, now, random)
	}
	switch round % 7 {
	case 0:
		n := stormNumber(random.IntN(stormShared))
		s.sure(ctx, campaign.Change{Wake: []blacklist.Number{n}, Unlist: []blacklist.Key{{List: "l", Number: n}}})
	case 1:
		met := map[campaign.Ref]bool{}
		for f, err := range s.st.Find(ctx, campaign.Filter{At: now}, campaign.Need{NoCalls: true}) {
			assert.NoError(s.t, err)
			met[campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}] = true
		}
		assert.Len(s.t, met, 4*stormRecords)
	case 2:
		n, err := s.st.Count(ctx, campaign.Filter{At: now, Numbers: []blacklist.Number{stormNumber(round)}, AnyNumber: true}, campaign.ByState)
		assert.NoError(s.t, err)
		assert.NotEmpty(s.t, n)
	case 3:
		var looked campaign.Looked
		assert.NoError(s.t, s.st.Look(ctx, campaign.Need{}, &looked, ref))
		assert.Equal(s.t, ref.Record, looked.Facts[0].Record.ID)
	case 4:
		_, calls, err := s.st.History(ctx, ref)
		assert.NoError(s.t, err)
		for i := 1; i < len(calls); i++ {
			assert.False(s.t, calls[i].Ended.Before(calls[i-1].Ended))
		}
	case 5:
		_, err := s.st.Pending(ctx, "", 5)
		assert.NoError(s.t, err)
	case 6:
		answers, err := s.st.Check(ctx, blacklist.Query{Numbers: []blacklist.Number{stormNumber(round)}, Lists: []blacklist.List{"l"}, Now: now})
		assert.NoError(s.t, err)
		_ = answers
	}
}

// inbound leases a record together with one of another campaign, and ends that
// by the one or the other.
func (s *storm) inbound(ctx context.Context, ref campaign.Ref, worker int, now time.Time, random *rand.Rand) {
	with := campaign.Ref{Campaign: stormIDs[(worker+1)%4], Record: campaign.RecordID(fmt.Sprint(random.IntN(stormRecords)))}
	l := &campaign.Lease{Inbound: true, Until: now.Add(100 * time.Hour), With: []campaign.Ref{with}}
	errs, err := s.st.Commit(ctx, campaign.Change{Ref: ref, Lease: l})
	assert.NoError(s.t, err)
	if errs != nil {
		var held *campaign.LeasedError
		assert.ErrorAs(s.t, errs[0], &held)
		return
	}
	s.joined.Add(1)
	ref.Token, with.Token = l.Token, l.Token
	var looked campaign.Looked
	assert.NoError(s.t, s.st.Look(ctx, campaign.Need{}, &looked, ref, with))
	var hands []*hand
	for i := range looked.Facts {
		f := &looked.Facts[i]
		assert.Equal(s.t, l.Token, f.Lease.Token)
		assert.Empty(s.t, f.Busy, "it was begun because all was free")
		if i == 0 {
			s.given(f)
		}
		hands = append(hands, s.reach(f)...)
	}
	drop(hands)
	if random.IntN(2) == 0 { // it runs out
		l.Until = now
		s.sure(ctx, campaign.Change{Ref: with, Extend: true, Lease: l})
		s.stray.Add(1)
		return
	}
	if random.IntN(2) == 0 {
		ref = with
	}
	s.settled.Store(l.Token, true)
	s.sure(ctx, campaign.Change{Ref: ref})
}

// Eight workers do everything that a store can do at once. No number and no
// contact is ever held twice, no token comes twice, and nothing is lost.
func TestNothingIsHeldTwiceNorLostInAStorm(t *testing.T) {
	s := newStorm(t)
	ctx := context.Background()
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() { s.work(ctx, worker, 40) })
	}
	all.Wait()
	s.st.audit(t)
	for s.drain(ctx) {
	}
	s.st.audit(t)
	assert.Positive(t, s.stray.Load())
	assert.Greater(t, s.joined.Load(), int64(20))
	for c, id := range stormIDs {
		l := s.st.byID[id]
		assert.Zero(t, l.recent.live, "no lease is left")
		assert.Equal(t, stormRecords, l.rows.len())
		for i := range stormRecords {
			_, calls, err := s.st.History(ctx, campaign.Ref{Campaign: id, Record: campaign.RecordID(fmt.Sprint(i))})
			require.NoError(t, err)
			require.Len(t, calls, int(s.reports[c][i].Load()), "each report is in the log")
		}
	}
	for h := uint32(1); h < uint32(s.st.people.numbers.Len()); h++ {
		assert.Zero(t, s.st.people.numbers.At(h).guard)
	}
	for h := uint32(1); h < uint32(s.st.people.contacts.Len()); h++ {
		assert.Zero(t, s.st.people.contacts.At(h).guard)
	}
}

// drain settles what has run out, and says whether there was anything.
func (s *storm) drain(ctx context.Context) bool {
	now := s.now()
	q := campaign.Claim{Now: now, Until: now.Add(time.Hour), Limit: 1000}
	for _, id := range stormIDs {
		q.From = append(q.From, campaign.Step{Campaign: id, Revision: 1})
	}
	var got campaign.Claimed
	if !assert.NoError(s.t, s.st.Claim(ctx, q, &got)) || errors.Is(ctx.Err(), context.Canceled) {
		return false
	}
	for i := range got.Expired {
		s.settle(ctx, &got.Expired[i], now)
	}
	return len(got.Expired) > 0
}
