package enginetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/status"
)

// lookers is a store in which several look at the same time, and whose statements
// are watched.
type lookers struct {
	st   *sqlstore.Store
	f    *faults
	refs []campaign.Ref // with tokens of leases, of calls and of nothing
}

var looksNoon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func newLookers(t *testing.T) *lookers {
	p := newPostgresStores(t)
	name := p.create(t)
	f, db := newFaults(p.cluster.open(t, name), p.URL(name))
	t.Cleanup(func() { _ = db.Close() })
	l := &lookers{st: openSQL(t, db, sqlstore.PostgreSQL), f: f}
	write := func(changes ...campaign.Change) {
		errs, err := l.st.Commit(t.Context(), changes...)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	for i := range 12 {
		// Some share a number or a contact with another record, which is in their way.
		id := campaign.ID([]string{"one", "two"}[i%2])
		r := campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", i)), Campaign: id, Class: "Europe/Warsaw", Key: int64(i), Fields: campaign.Fields{"n": int64(i)},
			Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i/2)}, {Number: blacklist.Number(48_700_000_000 + i)}},
			Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
		if i%4 < 2 {
			r.Contact = campaign.ContactID(fmt.Sprint("c", i/4))
		}
		ch := campaign.Change{Ref: campaign.Ref{Campaign: id, Record: r.ID}, Add: true, Record: &r}
		if r.Contact != "" && i%4 == 0 {
			ch.Contact = &campaign.Contact{ID: r.Contact, Fields: campaign.Fields{"name": fmt.Sprint("contact ", i)}}
		}
		write(ch)
	}
	for round := range 3 {
		now := looksNoon.Add(time.Duration(round) * time.Minute)
		var got campaign.Claimed
		for _, id := range []campaign.ID{"one", "two"} {
			require.NoError(t, l.st.Claim(t.Context(), campaign.Claim{Now: now, Until: now.Add(time.Hour), Holder: "h", Limit: 4,
				From: []campaign.Step{{Campaign: id, Open: []string{"Europe/Warsaw"}, Max: 4, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: now}, {Lane: status.LaneAgain, Due: now}}}}}, &got))
			for i, f := range got.Leased {
				ref := campaign.Ref{Campaign: id, Record: f.Record.ID, Token: f.Lease.Token}
				l.refs = append(l.refs, ref)
				if round == 2 && i > 0 {
					continue // it stays leased
				}
				r := f.Record
				r.Lane, r.Due = status.LaneAgain, now.Add(time.Second)
				write(campaign.Change{Ref: ref, Record: &r, Call: &campaign.Call{Token: ref.Token, Campaign: id, Record: r.ID, Contact: r.Contact,
					Number: r.Phones[i%2].Number, Ended: now, Before: &campaign.Before{Progress: f.Record.Progress}}})
			}
		}
	}
	for i := range 12 {
		l.refs = append(l.refs, campaign.Ref{Campaign: []campaign.ID{"one", "two"}[i%2], Record: campaign.RecordID(fmt.Sprint("r", i))})
	}
	l.refs = append(l.refs, campaign.Ref{Campaign: "one", Record: "nobody", Token: l.refs[0].Token}, campaign.Ref{Campaign: "none", Record: "r1"},
		campaign.Ref{Campaign: "one", Record: "r0", Token: 1 << 50})
	return l
}

// looking is what one caller asks, and what it was told alone.
type looking struct {
	need campaign.Need
	refs []campaign.Ref
	want []campaign.Facts
}

func (l *lookers) ask(t *testing.T, r *rand.Rand) looking {
	q := looking{need: campaign.Need{Since: looksNoon.Add(time.Duration(r.IntN(4)-1) * time.Minute), Contact: r.IntN(2) == 0, NoCalls: r.IntN(3) == 0, Before: r.IntN(2) == 0}}
	for range r.IntN(4) {
		q.refs = append(q.refs, l.refs[r.IntN(len(l.refs))])
	}
	var into campaign.Looked
	require.NoError(t, l.st.Look(t.Context(), q.need, &into, q.refs...))
	q.want = into.Facts
	return q
}

// blocked lets the first Look of all wait until release is called, and counts them.
func (l *lookers) blocked() (n *atomic.Int64, begun <-chan struct{}, release func()) {
	n = new(atomic.Int64)
	started, goOn := make(chan struct{}), make(chan struct{})
	l.f.watch(func(_ int, query string, done bool) error {
		if strings.Contains(query, "nextcall_look(") && !done && n.Add(1) == 1 {
			close(started)
			<-goOn
		}
		return nil
	})
	return n, started, sync.OnceFunc(func() { close(goOn) })
}

// forQueue is long enough for callers to have come to where they wait.
const forQueue = 100 * time.Millisecond

func TestThoseWhoLookTogetherAreToldWhatEachIsToldAlone(t *testing.T) {
	l := newLookers(t)
	const callers = 16
	r := rand.New(rand.NewPCG(1, 2))
	busy, calls, reported := 0, 0, 0
	for range 20 {
		var asks [callers]looking
		for i := range asks {
			asks[i] = l.ask(t, r)
			for _, f := range asks[i].want {
				busy, calls = busy+len(f.Busy), calls+len(f.History)
				if f.Call != nil {
					reported++
				}
			}
		}
		var all sync.WaitGroup
		look := func(q *looking) {
			var into campaign.Looked
			if assert.NoError(t, l.st.Look(context.Background(), q.need, &into, q.refs...)) {
				assert.Equal(t, len(q.want), len(into.Facts))
				for i := range q.want {
					assert.Equal(t, q.want[i], into.Facts[i], "%+v of %+v", q.refs[i], q.need)
				}
			}
		}
		asks[0].refs = l.refs[:1:1] // one that asks the database at all
		asks[0].want = l.alone(t, &asks[0])
		n, begun, release := l.blocked()
		all.Go(func() { look(&asks[0]) })
		<-begun
		for i := 1; i < callers; i++ {
			all.Go(func() { look(&asks[i]) })
		}
		time.Sleep(forQueue / 5)
		release()
		all.Wait()
		l.f.watch(nil)
		assert.Less(t, n.Load(), int64(callers/2), "they are joined")
		if t.Failed() {
			return
		}
	}
	assert.Positive(t, busy)
	assert.Positive(t, calls)
	assert.Positive(t, reported)
}

func (l *lookers) alone(t *testing.T, q *looking) []campaign.Facts {
	var into campaign.Looked
	require.NoError(t, l.st.Look(t.Context(), q.need, &into, q.refs...))
	return into.Facts
}

func TestOneWhoNoLongerLooksIsNoOtherCallersMatter(t *testing.T) {
	l := newLookers(t)
	q := looking{refs: l.refs[:1]}
	want := l.alone(t, &q)
	look := func(ctx context.Context) error {
		var into campaign.Looked
		err := l.st.Look(ctx, q.need, &into, q.refs...)
		if err == nil {
			assert.Equal(t, want, into.Facts)
		} else {
			assert.Empty(t, into.Facts)
		}
		return err
	}
	n, begun, release := l.blocked()
	defer release()
	var all sync.WaitGroup
	all.Go(func() { assert.NoError(t, look(context.Background()), "who leads first") })
	<-begun
	second, leaves := context.WithCancel(context.Background())
	all.Go(func() {
		assert.ErrorIs(t, look(second), context.Canceled, "who leads next, and is cancelled meanwhile")
	})
	time.Sleep(forQueue)
	for range 5 {
		all.Go(func() { assert.NoError(t, look(context.Background())) })
	}
	member, drops := context.WithCancel(context.Background())
	dropped := make(chan struct{})
	all.Go(func() {
		assert.ErrorIs(t, look(member), context.Canceled, "who is looked for by another, and goes meanwhile")
		close(dropped)
	})
	waiting, gone := context.WithTimeout(context.Background(), forQueue)
	defer gone()
	assert.ErrorIs(t, look(waiting), context.DeadlineExceeded, "who waits, and goes while another's Look hangs")
	l.f.watch(func(_ int, query string, done bool) error {
		if strings.Contains(query, "nextcall_look(") && !done && n.Add(1) == 2 {
			drops()
			select {
			case <-dropped:
			case <-time.After(5 * time.Second):
				t.Error("who is looked for by another has to wait for it")
			}
			leaves()
			time.Sleep(forQueue / 5)
		}
		return nil
	})
	release()
	all.Wait()
	assert.Less(t, n.Load(), int64(6), "the others are joined again")
	assert.NoError(t, look(context.Background()), "and the line goes on")
	leaves()
}

func TestAWrongRefIsToldToTheOneWhoGaveIt(t *testing.T) {
	l := newLookers(t)
	q := looking{refs: l.refs[:2]}
	want := l.alone(t, &q)
	n, begun, release := l.blocked()
	defer release()
	var all sync.WaitGroup
	look := func(refs ...campaign.Ref) (into campaign.Looked, err error) {
		err = l.st.Look(context.Background(), campaign.Need{}, &into, refs...)
		return into, err
	}
	all.Go(func() { _, _ = look(q.refs...) })
	<-begun
	for i := range 8 {
		all.Go(func() {
			if i == 3 {
				_, err := look(campaign.Ref{Campaign: "one", Record: "r\x001"})
				assert.Error(t, err)
				return
			}
			into, err := look(q.refs...)
			assert.NoError(t, err)
			assert.Equal(t, want, into.Facts)
		})
	}
	time.Sleep(forQueue)
	release()
	all.Wait()
	assert.Less(t, n.Load(), int64(20))
	_, err := look(q.refs...)
	assert.NoError(t, err)
}

func TestThoseWhoAskAboutListsTogetherAreToldWhatEachIsToldAlone(t *testing.T) {
	l := newLookers(t)
	lists := []blacklist.List{blacklist.Global, "a", "b"}
	var entries []blacklist.Entry
	for i := range 40 {
		entries = append(entries, blacklist.Entry{Number: blacklist.Number(48_600_000_000 + i%13), List: lists[i%3], Author: fmt.Sprint(i), Added: looksNoon})
	}
	errs, err := l.st.Commit(t.Context(), campaign.Change{List: entries})
	require.NoError(t, err)
	require.Nil(t, errs)
	r := rand.New(rand.NewPCG(3, 4))
	listed := 0
	for range 10 {
		var all sync.WaitGroup
		for range 16 {
			q := blacklist.Query{Now: looksNoon}
			for range r.IntN(3) {
				q.Lists = append(q.Lists, lists[r.IntN(3)])
			}
			for range r.IntN(4) {
				q.Numbers = append(q.Numbers, blacklist.Number(48_600_000_000+r.IntN(20)))
			}
			want, err := l.st.Check(t.Context(), q)
			require.NoError(t, err)
			for i := range want {
				listed++
				assert.Contains(t, append(q.Lists, blacklist.Global), want[i].Entry.List)
				assert.Contains(t, q.Numbers, want[i].Number)
			}
			all.Go(func() {
				for range 3 {
					got, err := l.st.Check(context.Background(), q)
					assert.NoError(t, err)
					assert.Equal(t, want, got)
				}
			})
		}
		all.Wait()
	}
	assert.Positive(t, listed)
}
