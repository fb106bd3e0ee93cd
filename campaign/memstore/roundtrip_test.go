package memstore

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// table is rows with the handles that a store would keep beside them.
type table struct {
	*rows
	people *people
}

func newTable() table {
	p := newPeople()
	return table{newRows("c", p), p}
}

// handles are those of a record's contact and distinct numbers.
func (t table) handles(r *campaign.Record) (contact uint32, numbers []uint32) {
	if r.Contact != "" {
		contact, _ = t.people.contactFor(r.Contact)
	}
	for _, p := range r.Phones {
		if p.Number == 0 {
			continue
		}
		if h, _ := t.people.numberFor(p.Number); !slices.Contains(numbers, h) {
			numbers = append(numbers, h)
		}
	}
	return contact, numbers
}

// put adds or writes a record, which must fit.
func (t table) put(tb require.TestingT, r *campaign.Record) slot {
	require.NoError(tb, t.fits(r))
	contact, numbers := t.handles(r)
	s, found := t.find(r.ID)
	if found {
		t.write(s, r, contact, numbers)
		return s
	}
	s, err := t.add(r, contact, numbers)
	require.NoError(tb, err)
	return s
}

// get reads a record, over one that has something everywhere.
func (t table) get(s slot) (r campaign.Record) {
	r = *fullRecord()
	t.read(s, &r, nil)
	return r
}

func fullRecord() *campaign.Record {
	now := time.Unix(99, 0)
	p := campaign.Progress{
		Status: "x", Qualifier: 3, StatusAt: now, Standing: 2, Lane: 3, Due: now, DueInput: &campaign.LocalTime{}, Owner: "x",
		Promised: true, Agreed: true, Tries: 9, NeedsAgent: true, Next: 9, Skips: 9, SkipUntil: now, Success: true,
		SucceededAt: now, Attention: true, LastCall: now, LastOutcome: 9, LastAgent: "x", LastToken: 9,
		Attempts: campaign.Counters{Total: 9, SinceReset: 9, Unanswered: 9, Talks: 9, Streak: 9, First: now, Last: now},
	}
	for i := range p.Attempts.ByOutcome {
		p.Attempts.ByOutcome[i] = 9
	}
	return &campaign.Record{
		ID: "x", Campaign: "x", ExternalID: "x", Contact: "x", Type: "x", List: "x", Phones: []campaign.Phone{{Number: 9, Label: "x"}},
		Fields: campaign.Fields{"x": "x"}, Notes: []campaign.Note{{}}, Tags: []string{"x"}, Source: "x", Consent: true, Order: 9, Sequence: 9,
		Class: "x", Sort: 9, Key: 9, Progress: p, Park: campaign.Park{Until: now, Reason: 9, Revision: 9}, Created: now,
		Updated: now, Author: "x", Operation: "x", Changes: 9, Version: 9,
	}
}

// What is kept of a value: its times cut to microseconds, and nothing for lists
// that are empty.
func keptRecord(r *campaign.Record) campaign.Record {
	x := *r
	keptProgress(&x.Progress)
	micros(&x.Park.Until, &x.Created, &x.Updated)
	x.Phones = keptPhones(r.Phones)
	x.Fields, x.Notes, x.Tags = nil, nil, append([]string(nil), r.Tags...)
	for name, value := range r.Fields {
		if x.Fields == nil {
			x.Fields = campaign.Fields{}
		}
		if t, ok := value.(time.Time); ok {
			value = micro(t)
		}
		x.Fields[name] = value
	}
	for _, n := range r.Notes {
		n.At = micro(n.At)
		x.Notes = append(x.Notes, n)
	}
	return x
}

func keptProgress(p *campaign.Progress) {
	micros(&p.StatusAt, &p.Due, &p.SkipUntil, &p.SucceededAt, &p.LastCall, &p.Attempts.First, &p.Attempts.Last)
	if p.DueInput != nil {
		own := *p.DueInput
		p.DueInput = &own
	}
}

func keptPhones(phones []campaign.Phone) (kept []campaign.Phone) {
	for _, p := range phones {
		micros(&p.BlockedUntil, &p.LastCall)
		p.Zones = append([]string(nil), p.Zones...)
		kept = append(kept, p)
	}
	return kept
}

func keptCall(c *campaign.Call) campaign.Call {
	x := *storedCall(c)
	x.Answer.Why = append([]campaign.Why(nil), c.Answer.Why...)
	return x
}

// emptied has nil for lists that are empty.
func emptied(r campaign.Record) campaign.Record {
	if len(r.Fields) == 0 {
		r.Fields = nil
	}
	if len(r.Notes) == 0 {
		r.Notes = nil
	}
	if len(r.Tags) == 0 {
		r.Tags = nil
	}
	return r
}

func TestARecordIsReadAsItWasWritten(t *testing.T) {
	for _, wild := range []bool{false, true} {
		rapid.Check(t, func(rt *rapid.T) {
			g := gen{rt, wild}
			x := newTable()
			known := map[campaign.RecordID]campaign.Record{}
			for range 1 + g.below(12) {
				// Few ids, so that records are written over one another.
				r := g.record(campaign.RecordID(g.of("a", "b", "c")))
				given := keptRecord(r)
				s := x.put(rt, r)
				known[r.ID] = given
				spoil(r)
				require.Equal(rt, given, emptied(x.get(s)), "just written")
				require.Equal(rt, campaign.RecordID(x.name(s)), given.ID)
			}
			for id, want := range known {
				s, found := x.find(id)
				require.True(rt, found)
				require.Equal(rt, want, emptied(x.get(s)), "in the end")
				checkRow(rt, x, s, &want)
			}
			require.Equal(rt, len(known), x.len())
			require.LessOrEqual(rt, x.wides.len(), len(known))
			checkBlocks(rt, x)
		})
	}
}

// checkRow compares what the store asks of the row with the record.
func checkRow(t *rapid.T, x table, s slot, r *campaign.Record) {
	row := x.at(s)
	assert.Equal(t, r.Version, x.version(s))
	assert.Equal(t, r.Sequence, x.seq(s))
	assert.Equal(t, r.Due.UnixMicro(), x.due(s))
	assert.Equal(t, r.Park, x.park(s))
	assert.Equal(t, r.Standing, row.standing)
	assert.Equal(t, r.Lane, row.lane)
	assert.Equal(t, r.Qualifier, row.qualifier)
	assert.Equal(t, string(r.Status), x.statuses.Name(uint32(row.status)))
	assert.Equal(t, r.Class, x.classes.Name(uint32(row.class)))
	assert.Equal(t, r.List, x.lists.Name(uint32(row.list)))
	assert.Equal(t, string(r.Owner), x.agents.Name(row.owner))
	assert.Equal(t, r.Operation, x.operations.Name(row.operation))
	contact, numbers := x.handles(r)
	assert.Equal(t, contact, row.contact)
	assert.Equal(t, numbers, x.numbers(s, nil))
	main := blacklist.Number(0)
	if len(r.Phones) > 0 {
		main = r.Phones[0].Number
	}
	assert.Equal(t, main, x.firstNumber(s))
	date, err := dense.DateKey(r.Due.UnixMicro(), r.Sort, r.Sequence)
	require.NoError(t, err)
	assert.Equal(t, date, x.dateKey(s))
	order, err := dense.OrderKey(r.Sort, r.Key, r.Sequence)
	require.NoError(t, err)
	assert.Equal(t, order, x.orderKey(s))
}

// checkBlocks compares the blocks in use with those that records lead to.
func checkBlocks(t *rapid.T, x table) {
	furthers, befores, wholes, wides := 0, 0, 0, 0
	count := func(h uint32) {
		for ; h != 0; h = x.furthers.At(h).next {
			furthers++
		}
	}
	for s := range slot(x.len()) {
		row := x.at(s)
		count(x.chain(row))
		if x.beside(row) != nil {
			wides++
		}
		if row.past == 0 {
			continue
		}
		switch h := x.pasts.At(row.past).before; {
		case h == 0:
		case h&wholeBefore != 0:
			wholes++
		default:
			befores++
			count(x.befores.At(h).further)
		}
	}
	assert.Equal(t, furthers, inUse(&x.furthers))
	assert.Equal(t, befores, inUse(&x.befores))
	assert.Equal(t, wholes, x.wholes.len())
	assert.Equal(t, wides, x.wides.len())
}

func inUse[T any](s *dense.Slab[T]) (n int) {
	for i := 1; i < s.Len(); i++ {
		if s.InUse(uint32(i)) {
			n++
		}
	}
	return n
}

// spoil writes to all that a caller may use again.
func spoil(r *campaign.Record) {
	for i := range r.Phones {
		for j := range r.Phones[i].Zones {
			r.Phones[i].Zones[j] = "spoiled"
		}
		r.Phones[i] = campaign.Phone{Label: "spoiled"}
	}
	if r.DueInput != nil {
		*r.DueInput = campaign.LocalTime{Date: "spoiled"}
	}
}

func TestWhatTheQueuesKeepInARowStaysWhenTheRecordIsWritten(t *testing.T) {
	x := newTable()
	r := &campaign.Record{ID: "a", Campaign: "c", Sort: usualSort(0)}
	s := x.put(t, r)
	row := x.at(s)
	row.gen, row.place = 7, 5
	row.flags |= ownFlags
	*x.log(s) = 9
	x.pasts.At(row.past).latest, x.pasts.At(row.past).entries = 11, 12
	x.keepBefore(s, &campaign.Before{Progress: campaign.Progress{Status: "early"}})

	r.Status, r.Consent, r.Source = "sold", true, campaign.ChannelWeb
	r.Attempts.Total = 3
	x.put(t, r)
	assert.EqualValues(t, 7, row.gen)
	assert.EqualValues(t, 5, row.place)
	assert.Equal(t, ownFlags, row.flags&ownFlags)
	assert.EqualValues(t, 9, x.newest(s))
	assert.EqualValues(t, 11, x.pasts.At(row.past).latest)
	assert.EqualValues(t, 12, x.pasts.At(row.past).entries)
	var b campaign.Before
	_, known := x.before(s, &b, nil)
	assert.True(t, known)
	assert.Equal(t, status.ID("early"), b.Progress.Status)
	assert.Equal(t, keptRecord(r), x.get(s), "and none of it is read as the record's")
}

func TestAParkIsSetWithoutWritingTheRecord(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := gen{rt, true}
		x := newTable()
		r := g.record("a")
		want := keptRecord(r)
		s := x.put(rt, r)
		for range 3 {
			park := campaign.Park{Until: g.inYears(), Reason: campaign.Reason(g.below(4)), Revision: int64(g.below(3))}
			if g.bool() {
				park = campaign.Park{}
			}
			x.setPark(s, park)
			want.Park = campaign.Park{Until: micro(park.Until), Reason: park.Reason, Revision: park.Revision}
			require.Equal(rt, want.Park, x.park(s))
			require.Equal(rt, want, emptied(x.get(s)))
		}
		x.setSeq(s, 17)
		x.setVersion(s, 18)
		want.Sequence, want.Version = 17, 18
		require.Equal(rt, want, emptied(x.get(s)))
	})
}

func TestWhatWasBeforeACallIsReadAsItWasKept(t *testing.T) {
	for _, wild := range []bool{false, true} {
		rapid.Check(t, func(rt *rapid.T) {
			g := gen{rt, wild}
			x := newTable()
			var want [2]*campaign.Before
			slots := [2]slot{x.put(rt, g.record("a")), x.put(rt, g.record("b"))}
			for range 1 + g.below(12) {
				i := g.below(2)
				b := &campaign.Before{Progress: g.progress(), Phones: g.phones()}
				if g.odd() {
					b.Progress.Status, b.Progress.Due = status.ID(g.text("x")), g.time()
				}
				if g.one(5) {
					b = nil
				}
				if want[i] = nil; b != nil {
					want[i] = &campaign.Before{Progress: b.Progress, Phones: keptPhones(b.Phones)}
					keptProgress(&want[i].Progress)
				}
				x.keepBefore(slots[i], b)
				if b != nil {
					spoil(&campaign.Record{Phones: b.Phones, Progress: b.Progress})
				}
				for i, s := range slots {
					full := fullRecord()
					got := campaign.Before{Progress: full.Progress, Phones: full.Phones}
					_, known := x.before(s, &got, nil)
					require.Equal(rt, want[i] != nil, known)
					if known {
						require.Equal(rt, *want[i], got)
					}
				}
				checkBlocks(rt, x)
			}
		})
	}
}

func TestEachTimeOfARecordMayBeOutsideTheYears(t *testing.T) {
	usual, odd := time.Unix(1.8e9, 0).UTC(), time.Date(12000, 1, 1, 0, 0, 0, 999, time.UTC)
	for _, at := range []func(*campaign.Record) *time.Time{
		func(r *campaign.Record) *time.Time { return &r.Created },
		func(r *campaign.Record) *time.Time { return &r.Updated },
		func(r *campaign.Record) *time.Time { return &r.StatusAt },
		func(r *campaign.Record) *time.Time { return &r.SkipUntil },
		func(r *campaign.Record) *time.Time { return &r.SucceededAt },
		func(r *campaign.Record) *time.Time { return &r.LastCall },
		func(r *campaign.Record) *time.Time { return &r.Attempts.First },
		func(r *campaign.Record) *time.Time { return &r.Attempts.Last },
		func(r *campaign.Record) *time.Time { return &r.Phones[0].LastCall },
		func(r *campaign.Record) *time.Time { return &r.Phones[0].BlockedUntil },
		func(r *campaign.Record) *time.Time { return &r.Phones[1].BlockedUntil },
	} {
		x := newTable()
		r := &campaign.Record{
			ID: "a", Campaign: "c", Sort: usualSort(0), Created: usual, Updated: usual, Progress: campaign.Progress{StatusAt: usual},
			Phones: []campaign.Phone{{Number: 48600100200}, {Number: 48600100201}},
		}
		for _, value := range []time.Time{odd, odd.AddDate(-13000, 0, 0), usual.Add(time.Second)} {
			*at(r) = value
			assert.Equal(t, keptRecord(r), x.get(x.put(t, r)))
		}
		assert.Zero(t, x.wides.len(), "once it fits again nothing is kept beside the row")
	}
}

func TestPhonesGoIntoAnArenaThatNobodyElseWritesTo(t *testing.T) {
	x := newTable()
	a := x.put(t, &campaign.Record{ID: "a", Campaign: "c", Phones: []campaign.Phone{{Number: 48600100200}}})
	b := x.put(t, &campaign.Record{ID: "b", Campaign: "c", Phones: []campaign.Phone{{Number: 48600100201}, {Number: 48600100202}}})
	var first, second campaign.Record
	arena := x.read(a, &first, make([]campaign.Phone, 0, 8))
	arena = x.read(b, &second, arena)
	assert.Len(t, arena, 3)
	_ = append(first.Phones, campaign.Phone{Number: 1})
	assert.EqualValues(t, 48600100201, second.Phones[0].Number, "appending to one record's phones leaves the next one's alone")
	second.Phones[0].Number = 2
	var again campaign.Record
	x.read(b, &again, nil)
	assert.EqualValues(t, 48600100201, again.Phones[0].Number, "writing into the arena leaves the store alone")
}
