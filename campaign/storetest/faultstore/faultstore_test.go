package faultstore_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/storetest"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/status"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func ref(id string) campaign.Ref { return campaign.Ref{Campaign: "c", Record: campaign.RecordID(id)} }

// adding adds a record that is to be called.
func adding(id string) campaign.Change {
	r := &campaign.Record{ID: campaign.RecordID(id), Campaign: "c", Phones: []campaign.Phone{{Number: 48_600_000_001}}}
	r.Standing, r.Lane, r.Class = status.StandingQueued, status.LaneFresh, "zone"
	return campaign.Change{Ref: ref(id), Add: true, Record: r}
}

func asking(limit int) campaign.Claim {
	step := campaign.Step{Campaign: "c", Open: []string{"zone"}, Max: limit, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: noon}}}
	return campaign.Claim{Now: noon, Until: noon.Add(time.Minute), Limit: limit, From: []campaign.Step{step}}
}

func look(t *testing.T, st campaign.Store, r campaign.Ref) campaign.Facts {
	t.Helper()
	var into campaign.Looked
	require.NoError(t, st.Look(t.Context(), campaign.Need{}, &into, r))
	require.Len(t, into.Facts, 1)
	return into.Facts[0]
}

func count(t *testing.T, st campaign.Store) int {
	t.Helper()
	n, err := st.Count(t.Context(), campaign.Filter{}, campaign.ByNothing)
	require.NoError(t, err)
	return n[""]
}

// hitsOf are the numbers of the calls that are hit among a hundred.
func hitsOf(t *testing.T, c faultstore.Config) (hits []string) {
	f := faultstore.New(c)
	st := f.Around(memstore.New())
	for i := range 100 {
		_, _ = st.Commit(t.Context(), adding(fmt.Sprint(i)))
	}
	for _, h := range f.Hits() {
		hits = append(hits, h.String())
	}
	return hits
}

func TestOneCallInEveryKIsHit(t *testing.T) {
	assert.Empty(t, hitsOf(t, faultstore.Config{Seed: 3}), "none without Every")
	before := []faultstore.Kind{faultstore.Before}
	assert.Equal(t, []string{"call 30 (commit): before", "call 60 (commit): before", "call 90 (commit): before"},
		hitsOf(t, faultstore.Config{Every: 30, Kinds: before}), "without a seed each k-th")
	assert.Len(t, hitsOf(t, faultstore.Config{Every: 1}), 100)
	scattered := hitsOf(t, faultstore.Config{Seed: 7, Every: 10})
	assert.Len(t, scattered, 10, "one in each block")
	assert.Equal(t, scattered, hitsOf(t, faultstore.Config{Seed: 7, Every: 10}), "the same ones each time")
	assert.NotEqual(t, scattered, hitsOf(t, faultstore.Config{Seed: 8, Every: 10}))
	assert.Empty(t, hitsOf(t, faultstore.Config{Every: 2, Calls: faultstore.Reads | faultstore.Claim}), "only the calls that are named")
}

func TestAFailureComesBeforeOrAfterTheCallIsDone(t *testing.T) {
	f := faultstore.New(faultstore.Config{})
	st := f.Around(memstore.New())
	f.Next(1, faultstore.Commit, faultstore.Before)
	f.Next(3, faultstore.Commit, faultstore.After)
	errs, err := st.Commit(t.Context(), adding("a"))
	assert.ErrorIs(t, err, faultstore.ErrInjected)
	assert.EqualError(t, err, "faultstore: call 1 (commit): before: it failed on purpose")
	assert.Nil(t, errs)
	assert.Equal(t, 0, count(t, st))
	_, err = st.Commit(t.Context(), adding("b"))
	require.NoError(t, err)
	_, err = st.Commit(t.Context(), adding("c"))
	assert.ErrorIs(t, err, faultstore.ErrInjected)
	assert.Equal(t, 2, count(t, st), "it was written, though the answer was lost")

	f.Next(1, faultstore.Claim, faultstore.After)
	var got campaign.Claimed
	assert.ErrorIs(t, st.Claim(t.Context(), asking(1), &got), faultstore.ErrInjected)
	assert.NotZero(t, look(t, st, ref("b")).Lease.Token, "leased, and nobody knows")
	require.NoError(t, st.Claim(t.Context(), asking(1), &got))
	require.Len(t, got.Leased, 1)
	assert.Equal(t, campaign.RecordID("c"), got.Leased[0].Record.ID)
	for _, c := range []faultstore.Call{faultstore.Look, faultstore.Find, faultstore.Count, faultstore.Check, faultstore.History, faultstore.Pending} {
		f.Next(1, c, faultstore.Before)
		assert.ErrorIs(t, read(t.Context(), st, c), faultstore.ErrInjected, c.String())
		assert.NoError(t, read(t.Context(), st, c), c.String())
	}
}

// read does a call that reads.
func read(ctx context.Context, st campaign.Store, c faultstore.Call) (err error) {
	switch c {
	case faultstore.Look:
		return st.Look(ctx, campaign.Need{}, new(campaign.Looked), ref("b"))
	case faultstore.Find:
		for _, err := range st.Find(ctx, campaign.Filter{}, campaign.Need{}) {
			if err != nil {
				return err
			}
		}
	case faultstore.Count:
		_, err = st.Count(ctx, campaign.Filter{}, campaign.ByNothing)
	case faultstore.Check:
		_, err = st.Check(ctx, blacklist.Query{Now: noon})
	case faultstore.History:
		_, _, err = st.(campaign.HistoryStore).History(ctx, ref("b"))
	case faultstore.Pending:
		_, err = st.(campaign.ActionStore).Pending(ctx, "", 1)
	case faultstore.Contact:
		_, err = st.(campaign.ContactStore).Contacts(ctx, "p")
	}
	return err
}

func TestAFindBreaksOffOrIsWhole(t *testing.T) {
	f := faultstore.New(faultstore.Config{Seed: 4, Every: 1, Calls: faultstore.Find, Kinds: []faultstore.Kind{faultstore.After}})
	inner := memstore.New()
	st := f.Around(inner)
	for i := range 5 {
		_, err := st.Commit(t.Context(), adding(fmt.Sprint(i)))
		require.NoError(t, err)
	}
	lengths := map[int]bool{}
	for range 100 {
		n, failed := 0, false
		for facts, err := range st.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
			require.False(t, failed, "the error is the last")
			if failed = err != nil; failed {
				require.ErrorIs(t, err, faultstore.ErrInjected)
				continue
			}
			require.Equal(t, campaign.RecordID(fmt.Sprint(n)), facts.Record.ID)
			n++
		}
		require.True(t, failed)
		lengths[n] = true
	}
	assert.Len(t, lengths, 6, "behind any of them")
	for range st.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
		break // who stops is told nothing more
	}
}

func TestAStaleAnswerIsThatOfAnEarlierMoment(t *testing.T) {
	f := faultstore.New(faultstore.Config{})
	st := f.Around(memstore.New())
	_, err := st.Commit(t.Context(), adding("a"))
	require.NoError(t, err)
	ids := func() (ids []campaign.RecordID) {
		for facts, err := range st.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
			require.NoError(t, err)
			ids = append(ids, facts.Record.ID)
		}
		return ids
	}
	require.Len(t, ids(), 1)
	require.Equal(t, 1, count(t, st))
	require.Zero(t, look(t, st, ref("a")).Lease.Token)
	var got campaign.Claimed
	require.NoError(t, st.Claim(t.Context(), asking(1), &got))
	_, err = st.Commit(t.Context(), adding("b"))
	require.NoError(t, err)
	for _, c := range []faultstore.Call{faultstore.Find, faultstore.Count, faultstore.Look} {
		f.Next(1, c, faultstore.Stale)
	}
	assert.Len(t, ids(), 1)
	assert.Equal(t, 1, count(t, st))
	assert.Zero(t, look(t, st, ref("a")).Lease.Token, "not leased yet")
	assert.Len(t, ids(), 2, "and then it is up to date again")
	assert.Equal(t, 2, count(t, st))
	assert.NotZero(t, look(t, st, ref("a")).Lease.Token)

	// A question about a token has no answer from before the token.
	leased := ref("a")
	leased.Token = got.Leased[0].Lease.Token
	f.Next(1, faultstore.Look, faultstore.Stale)
	assert.Equal(t, leased.Token, look(t, st, leased).Lease.Token)

	// What is written, claimed or listed is never old.
	hits := len(f.Hits())
	f.Set(faultstore.Config{Every: 1, Kinds: []faultstore.Kind{faultstore.Stale}, Calls: faultstore.Writes | faultstore.Check})
	errs, err := st.Commit(t.Context(), campaign.Change{List: []blacklist.Entry{{Number: 48_600_000_001, List: blacklist.Global}}})
	require.NoError(t, err)
	require.Nil(t, errs)
	answers, err := st.Check(t.Context(), blacklist.Query{Now: noon, Numbers: []blacklist.Number{48_600_000_001}})
	require.NoError(t, err)
	assert.Len(t, answers, 1)
	assert.Len(t, f.Hits(), hits)
}

func TestACallerWhoGivesUpLosesNothing(t *testing.T) {
	given := 0
	for seed := range uint64(20) {
		f := faultstore.New(faultstore.Config{Seed: seed})
		st := f.Around(memstore.New())
		f.Next(1, faultstore.Commit, faultstore.Cancel)
		_, err := st.Commit(t.Context(), adding("a"))
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			require.Zero(t, count(t, st))
			given++
		} else {
			require.Equal(t, 1, count(t, st))
		}
		require.NoError(t, t.Context().Err(), "the caller's own context goes on")
	}
	assert.Greater(t, given, 0)
	assert.Less(t, given, 20)
}

func TestASlowCallWaitsBeforeOrAfterIt(t *testing.T) {
	var st campaign.Store
	seen := map[int]bool{}
	inner := memstore.New()
	f := faultstore.New(faultstore.Config{Seed: 1, Every: 1, Calls: faultstore.Commit, Kinds: []faultstore.Kind{faultstore.Slow}, Wait: func() {
		n, err := inner.Count(t.Context(), campaign.Filter{}, campaign.ByNothing)
		require.NoError(t, err)
		seen[n[""]%2] = true // others take their turn meanwhile
	}})
	st = f.Around(inner)
	for i := range 20 {
		_, err := st.Commit(t.Context(), adding(fmt.Sprint(i)))
		require.NoError(t, err)
	}
	assert.Len(t, seen, 2)
}

// bare is a store without optional abilities.
type bare struct{ campaign.Store }

func TestAnAbilityIsPassedOnIfTheStoreHasIt(t *testing.T) {
	f := faultstore.New(faultstore.Config{})
	whole := memstore.New()
	for _, st := range []campaign.Store{whole, bare{whole}, struct {
		campaign.Store
		campaign.HistoryStore
	}{whole, whole}, struct {
		campaign.Store
		campaign.ActionStore
	}{whole, whole}, struct {
		campaign.Store
		campaign.ContactStore
	}{whole, whole}, struct {
		campaign.Store
		campaign.HistoryStore
		campaign.ContactStore
	}{whole, whole, whole}, struct {
		campaign.Store
		campaign.ActionStore
		campaign.ContactStore
	}{whole, whole, whole}} {
		_, tells := st.(campaign.HistoryStore)
		_, lists := st.(campaign.ActionStore)
		_, tellsAround := f.Around(st).(campaign.HistoryStore)
		_, listsAround := f.Around(st).(campaign.ActionStore)
		assert.Equal(t, tells, tellsAround)
		assert.Equal(t, lists, listsAround)
		_, knows := st.(campaign.ContactStore)
		_, knowsAround := f.Around(st).(campaign.ContactStore)
		assert.Equal(t, knows, knowsAround)
	}
}

// A store with faults around it that hit nothing, or only make it slow, keeps
// the contract that it keeps alone.
func TestAStoreThatIsOnlySlowKeepsTheContract(t *testing.T) {
	for name, c := range map[string]faultstore.Config{
		"no fault": {},
		"slow":     {Seed: 1, Every: 2, Kinds: []faultstore.Kind{faultstore.Slow}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, storetest.Options{
				Open:    func(testing.TB) campaign.Store { return faultstore.New(c).Around(plainstore.New()) },
				History: true, Actions: true, Contacts: true,
			})
		})
	}
}

func TestManyUseOneFaultsAtOnce(t *testing.T) {
	f := faultstore.New(faultstore.Config{Seed: 1, Every: 3, Kinds: []faultstore.Kind{faultstore.Before, faultstore.After, faultstore.Slow, faultstore.Stale, faultstore.Cancel}})
	st := f.Around(memstore.New())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 50 {
				_, _ = st.Commit(context.Background(), adding(fmt.Sprint(i, k)))
				_ = read(context.Background(), st, faultstore.Look)
				_ = read(context.Background(), st, faultstore.Find)
				_ = st.Claim(context.Background(), asking(1), new(campaign.Claimed))
			}
		})
	}
	all.Wait()
	assert.Len(t, f.Hits(), 8*50*4/3)
}
