package enginetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/status"
)

// Changes of records without a lease are written by what they say of the records, if
// that is so. Whatever it is, the answers and what is stored are those of a store that
// has read everything: who is next in each lane, what filters find, and the histories.
func TestPostgreSQLChangesWithoutLeasesAsTheReferenceDoes(t *testing.T) {
	p := newPostgresStores(t)
	var wrote, refused int
	for seed := uint64(1); seed <= 8; seed++ {
		name := p.create(t)
		open := func() campaign.Store { return counted(t, p, name, &wrote, &refused) }
		notedAtEnd(t, p.cluster.open(t, name))
		b := &bareRun{t: t, rnd: rand.New(rand.NewPCG(seed, 7)), stores: [2]campaign.Store{plainstore.New(), open()}, other: open(), open: open}
		beside := p.cluster.open(t, name)
		b.advance = func() { // as after some hundred tokens
			_, err := beside.Exec(`SELECT nextcall_advance(ARRAY['a', 'b'], false)`)
			require.NoError(t, err)
		}
		b.run()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("%d Commits were written at once, %d were not as they were supposed", wrote, refused)
	assert.Greater(t, wrote, 100, "this is what is tested")
	assert.Greater(t, refused, 20, "and this")
}

// counted opens a store on a database, and counts its Commits in one statement.
func counted(t *testing.T, p *postgresStores, name string, wrote, refused *int) campaign.Store {
	f, db := newFaults(p.cluster.open(t, name), p.URL(name))
	t.Cleanup(func() { _ = db.Close() })
	f.watch(func(_ int, query string, done bool) error {
		switch {
		case !strings.Contains(query, "nextcall_bare("):
		case done:
			*wrote, *refused = *wrote+1, *refused-1
		default:
			*refused++
		}
		return nil
	})
	return openSQL(t, db, sqlstore.PostgreSQL)
}

// bareRun does the same with two stores.
type bareRun struct {
	t       *testing.T
	rnd     *rand.Rand
	stores  [2]campaign.Store
	other   campaign.Store // of another process, beside the second
	leased  [2][]campaign.Facts
	newest  map[campaign.ID]int64 // revision
	numbers []blacklist.Number    // that records got
	open    func() campaign.Store
	advance func() // the marks of lanes
	op      int
}

var bareNoon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func (b *bareRun) oneIn(n int) bool { return b.rnd.IntN(n) == 0 }

// commit commits changes to both, each with its own copies of the records.
func (b *bareRun) commit(changes [2][]campaign.Change) {
	b.t.Helper()
	var told [2][]string
	for i, st := range b.either() {
		errs, err := st.Commit(b.t.Context(), changes[i]...)
		require.NoError(b.t, err, "operation %d", b.op)
		for _, err := range errs {
			told[i] = append(told[i], b.kind(err))
		}
	}
	require.Equal(b.t, told[0], told[1], "operation %d", b.op)
}

// either is the reference, and one of the two processes.
func (b *bareRun) either() [2]campaign.Store {
	stores := b.stores
	if b.oneIn(2) {
		stores[1] = b.other
	}
	return stores
}

func (b *bareRun) kind(err error) string {
	var leased *campaign.LeasedError
	for _, known := range []error{campaign.ErrConflict, campaign.ErrNotFound, campaign.ErrConfigChanged, campaign.ErrLeaseLost} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch {
	case err == nil:
		return ""
	case errors.As(err, &leased):
		return fmt.Sprint("leased ", leased.Hold.Ref.Campaign, leased.Hold.Ref.Record)
	}
	return err.Error()
}

func (b *bareRun) run() {
	const records = 20
	b.newest = map[campaign.ID]int64{"a": 1, "b": 1}
	var adds [2][]campaign.Change
	for i := range records {
		r := campaign.Record{Campaign: campaign.ID([]string{"a", "b"}[i%2]), ID: campaign.RecordID(fmt.Sprint("r", i)), Sequence: int64(i + 1)}
		if i%3 == 0 {
			r.Contact = campaign.ContactID(fmt.Sprint("c", i))
		}
		for k := range i % 3 {
			r.Phones = append(r.Phones, campaign.Phone{Number: blacklist.Number(48_600_000_000 + 10*i + k)})
		}
		b.edit(&r)
		for k := range adds {
			own := r
			adds[k] = append(adds[k], campaign.Change{Ref: campaign.Ref{Campaign: r.Campaign, Record: r.ID}, Add: true, Record: &own})
		}
	}
	b.commit(adds)
	for b.op = range 250 {
		switch n := b.rnd.IntN(20); {
		case n < 12:
			b.change()
		case n < 16:
			b.claim(1 + b.rnd.IntN(3))
		case n == 16 && b.op > 60:
			var learn [2][]campaign.Change
			b.newest["a"]++
			for k := range learn {
				learn[k] = []campaign.Change{{Ref: campaign.Ref{Campaign: "a"}, Revision: b.newest["a"]}}
			}
			b.commit(learn)
		default:
			b.end()
		}
		b.same()
		b.advance()
		if b.op%50 == 0 {
			b.other = b.open() // it knows of no campaign
		}
	}
	b.end()
	for idle := 0; idle < 3; { // for each owner
		if idle++; b.claim(4) > 0 {
			idle = 0
		}
	}
	b.same()
}

// edit gives a record other values of what a change may write.
func (b *bareRun) edit(r *campaign.Record) {
	text := func(p string) string { return []string{"", p, p + "2"}[b.rnd.IntN(3)] }
	at := func(minutes int) time.Time {
		return bareNoon.Add(time.Duration(b.rnd.IntN(minutes)-minutes/2) * time.Minute)
	}
	for range 1 + b.rnd.IntN(6) {
		switch b.rnd.IntN(14) {
		case 0:
			r.Status = status.ID(text("s"))
		case 1:
			r.Qualifier = status.Qualifier(b.rnd.IntN(20))
		case 2, 3:
			r.Standing, r.Lane, r.Class, r.Park = status.StandingQueued, status.Lane(b.rnd.IntN(status.NumLanes)), "x", campaign.Park{}
		case 4:
			if b.oneIn(2) {
				r.Standing = status.StandingClosed
			}
		case 5, 6:
			if r.Due = at(90); b.oneIn(3) {
				r.Due = time.Time{}
			}
		case 7:
			r.Owner = campaign.AgentID(text("agent"))
		case 8:
			r.List, r.Sort, r.Key = text("l"), int64(b.rnd.IntN(3)), int64(b.rnd.IntN(3))
		case 9:
			r.Author, r.LastAgent = []string{"engine", "boss", "x"}[b.rnd.IntN(3)], campaign.AgentID(text("agent"))
		case 10:
			r.Operation, r.ExternalID = text("op"), text("ext")
		case 11:
			if r.Fields = nil; b.oneIn(2) {
				r.Fields = campaign.Fields{"f": text("f")}
			}
		case 12:
			r.Class = text("x")
		case 13:
			if r.Park = (campaign.Park{}); b.oneIn(3) {
				r.Park = campaign.Park{Until: at(60), Reason: 1, Revision: b.newest[r.Campaign] + int64(b.rnd.IntN(3)) - 1}
			}
		}
	}
	if r.Promised = b.oneIn(4); len(r.Phones) > 0 {
		r.Next = b.rnd.IntN(len(r.Phones) + 1)
	}
}

// change changes some records as they are, and at times as they are not.
func (b *bareRun) change() {
	var refs []campaign.Ref
	for range 1 + b.rnd.IntN(6) {
		i := b.rnd.IntN(20)
		refs = append(refs, campaign.Ref{Campaign: campaign.ID([]string{"a", "b"}[i%2]), Record: campaign.RecordID(fmt.Sprint("r", i))})
	}
	var now campaign.Looked
	require.NoError(b.t, b.stores[0].Look(b.t.Context(), campaign.Need{NoCalls: true}, &now, refs...))
	wild := b.oneIn(4)
	met := make(map[campaign.Ref]int64)
	var changes [2][]campaign.Change
	for i, ref := range refs {
		r := now.Facts[i].Record
		r.Version += met[ref]
		if !b.oneIn(20) {
			met[ref]++
		} else if wild {
			r.Version++
		}
		if b.oneIn(3) {
			switch b.rnd.IntN(3) { // one thing that the queue has, and nothing else
			case 0:
				r.Promised = !r.Promised
			case 1:
				r.Owner = campaign.AgentID([]string{"", "agent", "agent2"}[b.rnd.IntN(3)])
			default:
				r.Park = campaign.Park{Until: bareNoon.Add(time.Hour), Reason: 1, Revision: b.newest[ref.Campaign]}
			}
		} else {
			b.edit(&r)
		}
		if wild {
			switch b.rnd.IntN(8) {
			case 0:
				r.Contact = campaign.ContactID(fmt.Sprint("d", i))
			case 1:
				number := blacklist.Number(48_700_000_000 + b.rnd.IntN(99))
				r.Phones, b.numbers = []campaign.Phone{{Number: number}}, append(b.numbers, number)
			case 2:
				r.LastCall = bareNoon.Add(time.Duration(b.rnd.IntN(99)) * time.Hour)
			case 3:
				r.Sequence += 100
			case 4:
				r.Version = 0
			}
		}
		ch := campaign.Change{Ref: ref}
		if b.oneIn(3) {
			if ch.Revision = b.newest[ref.Campaign]; b.oneIn(9) {
				ch.Revision--
			}
		}
		if !b.oneIn(4) {
			ch.Entry = &campaign.Entry{At: bareNoon, Author: "boss", Why: campaign.WhyChosen, Note: fmt.Sprint(b.op, i)}
		}
		for k := range changes {
			own := r
			ch.Record = &own
			changes[k] = append(changes[k], ch)
		}
	}
	b.commit(changes)
}

// claim leases some, the same on both, and returns how many.
func (b *bareRun) claim(limit int) int {
	b.op++
	var got [2][]string
	stores := b.either()
	owner := campaign.AgentID([]string{"", "agent", "agent2"}[b.op%3])
	for k, st := range stores {
		q := campaign.Claim{Now: bareNoon, Until: bareNoon.Add(time.Hour), Holder: "h", Limit: limit}
		for _, id := range []campaign.ID{"a", "b"} {
			step := campaign.Step{Campaign: id, Revision: b.newest[id], Max: limit, Open: []string{"x", "x2"}}
			for lane := status.LaneOwn; int(lane) < status.NumLanes; lane++ {
				step.Sources = append(step.Sources, campaign.Source{Lane: lane, Owner: owner, Due: bareNoon.Add(time.Duration(b.op%40) * time.Minute)})
			}
			q.From = append(q.From, step)
		}
		var into campaign.Claimed
		require.NoError(b.t, st.Claim(b.t.Context(), q, &into))
		require.Empty(b.t, into.Expired)
		for _, f := range into.Leased {
			got[k] = append(got[k], fmt.Sprint(f.Record.Campaign, " ", f.Record.ID, " ", f.Lease.Number, " ", f.Lease.ForCallback))
		}
		b.leased[k] = append(b.leased[k], into.Leased...)
	}
	require.Equal(b.t, got[0], got[1], "operation %d", b.op)
	return len(got[0])
}

// end ends the first leases.
func (b *bareRun) end() {
	var changes [2][]campaign.Change
	n := min(len(b.leased[0]), 1+b.rnd.IntN(6))
	for k := range changes {
		for _, f := range b.leased[k][:n] {
			r := f.Record
			r.Version = 0
			r.Lane, r.Due = status.LaneAgain, bareNoon.Add(time.Minute)
			changes[k] = append(changes[k], campaign.Change{Ref: campaign.Ref{Campaign: r.Campaign, Record: r.ID, Token: f.Lease.Token}, Record: &r})
		}
		b.leased[k] = b.leased[k][n:]
	}
	if n > 0 {
		b.commit(changes)
	}
}

// same compares all records, and their histories.
func (b *bareRun) same() {
	b.t.Helper()
	all := b.found(campaign.Filter{})
	b.found(campaign.Filter{Numbers: b.numbers})
	r := &all[b.rnd.IntN(len(all))]
	var lines [2][]campaign.Entry
	for k, st := range b.stores {
		var err error
		lines[k], _, err = st.(campaign.HistoryStore).History(b.t.Context(), campaign.Ref{Campaign: r.Campaign, Record: r.ID})
		require.NoError(b.t, err)
	}
	require.Equal(b.t, lines[0], lines[1], "operation %d", b.op)
}

// found returns the records that a filter finds in both.
func (b *bareRun) found(filter campaign.Filter) []campaign.Record {
	b.t.Helper()
	var all [2][]campaign.Record
	for k, st := range b.stores {
		for f, err := range st.Find(b.t.Context(), filter, campaign.Need{NoCalls: true}) {
			require.NoError(b.t, err)
			f.Record.Phones = append([]campaign.Phone{}, f.Record.Phones...)
			all[k] = append(all[k], f.Record)
		}
	}
	require.Equal(b.t, all[0], all[1], "operation %d", b.op)
	return all[0]
}
