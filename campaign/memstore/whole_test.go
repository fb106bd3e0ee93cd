package memstore

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// nr and a bit are the numbers of these tests.
const nr = blacklist.Number(48_600_000_000)

// seen is all that can be seen of a store, and what its tables have given out.
type seen struct {
	facts    []campaign.Facts
	lines    [][]campaign.Entry
	calls    [][]*campaign.Call
	actions  []campaign.Action
	listed   []blacklist.Answer
	held     []uint32
	revision []int64
	tables   [8]int
	token    campaign.Token
	sequence int64
}

// told is how many numbers and contacts a store has ever been told of, and how
// much room it has for leases.
func (st *Store) told() [3]int {
	return [3]int{st.people.numbers.Len(), st.people.contacts.Len(), st.people.leases.Len()}
}

func (st *Store) seen(t *testing.T) (s seen) {
	for f, err := range st.Find(background, campaign.Filter{At: noon}, campaign.Need{Contact: true}) {
		require.NoError(t, err)
		s.facts = append(s.facts, f)
		lines, calls, err := st.History(background, campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID})
		require.NoError(t, err)
		s.lines, s.calls = append(s.lines, lines), append(s.calls, calls)
	}
	var err error
	s.actions, err = st.Pending(background, "", 0)
	require.NoError(t, err)
	s.listed, err = st.Check(background, blacklist.Query{Numbers: []blacklist.Number{nr + 1, nr + 2, nr + 3, nr + 4}, Lists: []blacklist.List{"l"}, Now: noon})
	require.NoError(t, err)
	pe := st.people
	for h := uint32(1); h < uint32(pe.leases.Len()); h++ {
		if x := pe.leases.At(h); x.live {
			s.held = append(append(s.held, x.numbers...), x.contacts...)
		}
	}
	s.tables = [8]int{len(st.lines), pe.calls.slab.Len(), pe.links.Len()}
	for _, l := range st.order {
		s.revision = append(s.revision, l.revision)
		for i, n := range [...]int{-len(l.free), l.rows.len(), l.past.slab.Len(), l.leases.Len(), l.recent.live} {
			s.tables[3+i] += n
		}
	}
	s.tables[3] += pe.leases.Len()
	s.token, s.sequence = pe.token, pe.sequence
	return s
}

// nearlyFull has the records a and b, which is leased with contact kb and the numbers 2
// and 3, in campaign c, and w in d; all tables have only little room left.
func nearlyFull(t *testing.T) (*Store, campaign.Ref) {
	st := New()
	add := func(id string, of campaign.ID, contact campaign.ContactID, numbers ...blacklist.Number) {
		r := queued(id)
		r.Campaign, r.Contact, r.Status, r.Owner = of, contact, "one", "anna"
		for _, n := range numbers {
			r.Phones = append(r.Phones, campaign.Phone{Number: n})
		}
		e := added(r)
		require.NoError(t, st.only(t, campaign.Change{Ref: campaign.Ref{Campaign: of, Record: r.ID}, Add: true, Record: r, Entry: &e, Revision: 5}))
	}
	add("a", "c", "ka", nr+1)
	add("b", "c", "kb", nr+2, nr+3)
	add("w", "d", "kw", nr+4)
	b := campaign.Ref{Campaign: "c", Record: "b"}
	l := &campaign.Lease{Until: noon}
	require.NoError(t, st.only(t, campaign.Change{Ref: b, Lease: l, Revision: 5}))
	b.Token = l.Token
	// Some room for leases is free, so that what takes it and gives it back not is seen.
	w := campaign.Ref{Campaign: "d", Record: "w"}
	l = &campaign.Lease{Until: noon}
	require.NoError(t, st.only(t, campaign.Change{Ref: w, Lease: l}))
	w.Token = l.Token
	require.NoError(t, st.only(t, campaign.Change{Ref: w, List: []blacklist.Entry{{List: "l", Number: nr + 1}}, Actions: []campaign.Action{{ID: "old"}}}))
	m := &st.byID["c"].rows.max
	m.statuses, m.agents, m.records, m.texts = 2, 2, 3, st.byID["c"].rows.bytes+40
	return st, b
}

// rich is a change of record a that leaves nothing of the store as it was, and
// which is good.
func rich() campaign.Change {
	r := queued("a")
	r.Contact, r.Status, r.Lane, r.Owner = "kn", "two", status.LaneOwn, "jan"
	r.Phones = []campaign.Phone{{Number: nr + 1}, {Number: nr + 77}}
	return campaign.Change{
		Ref: campaign.Ref{Campaign: "c", Record: "a"}, Record: r, Revision: 6,
		Lease: &campaign.Lease{Until: noon.Add(time.Hour), Number: nr + 78, With: []campaign.Ref{{Campaign: "d", Record: "w"}}},
		Call:  &campaign.Call{Token: 100, Campaign: "c", Record: "a", Number: nr + 79, Contact: "kc", Ended: noon},
		Entry: &campaign.Entry{At: noon, Author: "x"},
		List:  []blacklist.Entry{{List: "l", Number: nr + 2}}, Unlist: []blacklist.Key{{List: "l", Number: nr + 1}}, Wake: []blacklist.Number{nr + 1},
		Actions: []campaign.Action{{ID: "new"}}, Done: []string{"old"}, Contact: &campaign.Contact{ID: "ko"},
	}
}

// anew makes a rich change one that adds a record.
func anew(ch *campaign.Change, id campaign.RecordID) {
	ch.Add, ch.Record.ID, ch.Ref.Record, ch.Call.Record = true, id, id, id
}

func TestARefusedChangeLeavesEverythingAsItWas(t *testing.T) {
	good, _ := nearlyFull(t)
	before := good.seen(t)
	require.NoError(t, good.only(t, rich()), "the change itself is good")
	assert.NotEqual(t, before, good.seen(t))
	good.audit(t)
	long := strings.Repeat("x", MaxText+1)
	for what, spoil := range map[string]func(*Store, *campaign.Change, campaign.Ref){
		"a lost token":            func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Ref.Token, ch.Lease = 99, nil },
		"a lost token, extended":  func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Ref.Token, ch.Extend = 99, true },
		"no token":                func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Ref.Record, ch.Record.ID = "b", "b" },
		"a lease at the end":      func(_ *Store, ch *campaign.Change, b campaign.Ref) { ch.Ref, ch.Record.ID = b, "b" },
		"another version":         func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Record.Version = 9 },
		"a known id":              func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Add = true },
		"a known contact":         func(_ *Store, ch *campaign.Change, _ campaign.Ref) { anew(ch, "n"); ch.Record.Contact = "kb" },
		"a known number":          func(_ *Store, ch *campaign.Change, _ campaign.Ref) { anew(ch, "n"); ch.UniqueNumbers = true },
		"no such record":          func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Ref.Record, ch.Record.ID = "z", "z" },
		"no such campaign":        func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Ref.Campaign, ch.Record.Campaign = "z", "z" },
		"an old revision":         func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Revision = 4 },
		"a sort below 0":          func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Record.Sort = -1 },
		"a status too many":       func(st *Store, _ *campaign.Change, _ campaign.Ref) { st.byID["c"].rows.max.statuses = 1 },
		"an agent too many":       func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Record.LastAgent = "piotr" },
		"a record too many":       func(st *Store, ch *campaign.Change, _ campaign.Ref) { anew(ch, "n"); st.byID["c"].rows.max.records = 2 },
		"too many bytes of ids":   func(_ *Store, ch *campaign.Change, _ campaign.Ref) { anew(ch, campaign.RecordID(long[:60])) },
		"a line too many":         func(st *Store, _ *campaign.Change, _ campaign.Ref) { st.byID["c"].rows.max.entries = 0 },
		"a call too late":         func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Call.Ended = noon.AddDate(9000, 0, 0) },
		"a call without a token":  func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Call.Token = 0 },
		"a long contact":          func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Record.Contact = campaign.ContactID(long) },
		"a call's long contact":   func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Call.Contact = campaign.ContactID(long) },
		"a contact without an id": func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Contact = &campaign.Contact{} },
		"an entry without a list": func(_ *Store, ch *campaign.Change, _ campaign.Ref) {
			ch.List = append(ch.List, blacklist.Entry{Number: nr + 5})
		},
		"an action without an id": func(_ *Store, ch *campaign.Change, _ campaign.Ref) {
			ch.Actions = append(ch.Actions, campaign.Action{})
		},
		"a number that is held": func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Record.Phones[1].Number = nr + 3 },
		"dialling what is held": func(_ *Store, ch *campaign.Change, _ campaign.Ref) { ch.Lease.Number = nr + 2 },
		"adding what is held": func(_ *Store, ch *campaign.Change, _ campaign.Ref) {
			anew(ch, "n")
			ch.Record.Phones[0].Number = nr + 2
		},
		"with what is held": func(_ *Store, ch *campaign.Change, b campaign.Ref) { ch.Lease.With = append(ch.Lease.With, b) },
		"with what is not there": func(_ *Store, ch *campaign.Change, _ campaign.Ref) {
			ch.Lease.With = append(ch.Lease.With, campaign.Ref{Campaign: "d", Record: "z"})
		},
		"with a campaign too many": func(_ *Store, ch *campaign.Change, _ campaign.Ref) {
			ch.Lease.With = append(ch.Lease.With, campaign.Ref{Campaign: "z", Record: "z"})
		},
		"the last sequence is given": func(st *Store, ch *campaign.Change, _ campaign.Ref) {
			anew(ch, "n")
			st.people.sequence = MaxSequence
		},
		"a new campaign and a held number": func(_ *Store, ch *campaign.Change, _ campaign.Ref) {
			anew(ch, "n")
			ch.Ref.Campaign, ch.Record.Campaign, ch.Record.Phones[1].Number = "z", "z", nr+3
		},
	} {
		t.Run(what, func(t *testing.T) {
			st, b := nearlyFull(t)
			ch := rich()
			spoil(st, &ch, b)
			was := st.seen(t)
			require.Error(t, st.only(t, ch))
			told := st.told()
			assert.Equal(t, was, st.seen(t))
			for range 3 {
				require.Error(t, st.only(t, ch))
			}
			assert.Equal(t, was, st.seen(t))
			assert.Equal(t, told, st.told(), "the same change once more tells nothing new")
			st.audit(t)
		})
	}
}

// Changes before and after a refused one of the same Commit are written.
func TestARefusedChangeTakesNoOtherWithIt(t *testing.T) {
	st, b := nearlyFull(t)
	bad := rich()
	bad.Lease.With = append(bad.Lease.With, b)
	errs, err := st.Commit(background,
		campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: "a"}, Entry: &campaign.Entry{At: noon, Author: "first"}},
		bad,
		campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: "a"}, Entry: &campaign.Entry{At: noon, Author: "last"}})
	require.NoError(t, err)
	require.Len(t, errs, 3)
	require.NoError(t, errs[0])
	var held *campaign.LeasedError
	require.ErrorAs(t, errs[1], &held)
	require.NoError(t, errs[2])
	lines, _, err := st.History(background, campaign.Ref{Campaign: "c", Record: "a"})
	require.NoError(t, err)
	require.Len(t, lines, 3)
	assert.Equal(t, "first", lines[1].Author)
	assert.Equal(t, "last", lines[2].Author)
	st.audit(t)
}
