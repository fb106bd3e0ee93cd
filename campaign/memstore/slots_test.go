package memstore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// move takes a record to another campaign, with the sequence that it is given, 0 for
// a new one.
func move(t require.TestingT, st *Store, r *campaign.Record, to campaign.ID, sequence int64) {
	ch := campaign.Change{Ref: campaign.Ref{Campaign: r.Campaign, Record: r.ID}, Move: true}
	moved := *r
	moved.Campaign, moved.Sequence, moved.Past = to, sequence, []campaign.ID{r.Campaign}
	ch.Record = &moved
	require.NoError(t, st.only(t, ch))
	r.Campaign = to
}

// room is what a store has in its tables, in use or not.
func (st *Store) room() (room []int) {
	p := st.people
	room = append(room, p.numbers.Len(), p.contacts.Len(), p.links.Len(), p.calls.slab.Len())
	for _, l := range st.order {
		t := l.rows
		inRuns := 0
		for _, c := range l.sorted {
			for i := range c.lanes {
				for _, run := range c.lanes[i].runs.list {
					inRuns += run.queue.Len()
				}
			}
		}
		room = append(room, t.slab.Len(), t.bytes, t.index.Len(), t.pasts.Len(), t.befores.Len(), t.furthers.Len(), int(t.wides.used),
			len(t.origins.lists), l.past.slab.Len(), int(l.past.wides.used), len(l.roll.blocks), inRuns)
	}
	return room
}

func found(t require.TestingT, st *Store, f campaign.Filter) (facts []campaign.Facts) {
	f.At = noon
	for x, err := range st.Find(background, f, campaign.Need{}) {
		require.NoError(t, err)
		facts = append(facts, x)
	}
	return facts
}

func TestARecordThatMovesToAndFroDoesNotGrowTheStore(t *testing.T) {
	for name, others := range map[string]int{"alone": 0, "among others": 3} {
		t.Run(name, func(t *testing.T) {
			st := New()
			for i := range others {
				r := fresh(100 + i)
				put(t, st, campaign.Change{Add: true, Record: r})
				r.Campaign = "d"
				put(t, st, campaign.Change{Add: true, Record: r})
			}
			r := fresh(1)
			r.Contact, r.ExternalID = "k", "a number of their own"
			r.Phones = append(r.Phones, campaign.Phone{Number: nr + 5}, campaign.Phone{Number: nr + 6})
			put(t, st, campaign.Change{Add: true, Record: r, Entry: &campaign.Entry{At: noon, Why: campaign.WhyAdded}})
			require.NoError(t, st.only(t, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID},
				Call: &campaign.Call{Token: 7, Campaign: "c", Record: r.ID, Number: nr + 5, Ended: noon}}))
			var room []int
			for round := range 1000 {
				move(t, st, r, "d", 0)
				if round == 20 {
					room = st.room()
				}
				if round < 1000-1 {
					move(t, st, r, "c", 0)
				}
			}
			assert.Equal(t, room, st.room())
			for _, l := range st.order {
				assert.LessOrEqual(t, l.rows.len(), others+1)
				for _, c := range l.sorted {
					assert.LessOrEqual(t, c.lanes[status.LaneFresh].strays.heap.Len(), 2*(others+1)+sweepFrom)
				}
			}
			st.audit(t)
			for _, st := range []*Store{st, reloaded(t, st)} {
				at := found(t, st, campaign.Filter{Records: []campaign.RecordID{r.ID}})
				require.Len(t, at, 1)
				assert.EqualValues(t, "d", at[0].Record.Campaign)
				assert.Equal(t, r.ExternalID, at[0].Record.ExternalID)
				require.Len(t, at[0].History, 1)
				lines, calls, err := st.History(background, campaign.Ref{Campaign: "d", Record: r.ID})
				require.NoError(t, err)
				assert.Len(t, lines, 1)
				assert.Len(t, calls, 1)
			}
		})
	}
}

// The records of a campaign move away and come back, all of them: they are as in a
// campaign that they have never left.
func TestACampaignThatAllHaveLeftIsAsNew(t *testing.T) {
	const n = 2000
	st := New()
	var records []*campaign.Record
	for i := range n {
		records = append(records, fresh(i+1))
		put(t, st, campaign.Change{Add: true, Record: records[i]})
	}
	for range 3 {
		for _, to := range []campaign.ID{"d", "c"} {
			for _, r := range records {
				move(t, st, r, to, 0)
			}
			st.audit(t)
		}
	}
	for _, l := range st.order {
		assert.Equal(t, n, l.rows.slab.Len())
		assert.Nil(t, l.roll.blocks)
	}
	assert.Zero(t, st.byID["d"].rows.len())
	l := st.byID["c"]
	assert.Equal(t, n*(len("r0000001")+textHead), l.rows.bytes, "their ids are there still")
	assert.Equal(t, n, l.classes[1].lanes[status.LaneFresh].runs.live)
	reloaded(t, st)
	for i, f := range found(t, st, campaign.Filter{}) {
		require.Equal(t, records[i].ID, f.Record.ID)
	}
	assert.Equal(t, []string{"1", "2", "3"}, take(t, st, noon, 3))
}

// The order of adding decides between records of one sequence, whatever slots they have.
func TestASlotIsUsedAgainOnlyWhereTheOrderOfAddingAllowsIt(t *testing.T) {
	st := New()
	var records []*campaign.Record
	add := func(sequence int64) {
		r := fresh(len(records) + 1)
		r.Sequence = sequence
		records = append(records, r)
		put(t, st, campaign.Change{Add: true, Record: r})
	}
	for range 4 {
		add(0)
	}
	l := st.byID["c"]
	move(t, st, records[1], "d", 0)
	add(3)
	assert.Equal(t, 5, l.rows.slab.Len(), "the record of sequence 3 that was there before is not to come behind it")
	move(t, st, records[4], "d", 0)
	move(t, st, records[3], "d", 0)
	assert.Equal(t, 3, l.rows.len())
	add(3)
	add(0)
	move(t, st, records[1], "c", 3)
	assert.Equal(t, 6, l.rows.slab.Len())
	st.audit(t)
	assert.Equal(t, []string{"1", "3", "6", "2", "7"}, take(t, reloaded(t, st), noon, 9))
	assert.Equal(t, []string{"1", "3", "6", "2", "7"}, take(t, st, noon, 9))
}

// A run may have a slot still from a record that has left it.
func TestARunIsNotMistakenAboutASlotThatIsUsedAgain(t *testing.T) {
	st := New()
	var records []*campaign.Record
	for i := range 3 {
		records = append(records, fresh(i+1))
		put(t, st, campaign.Change{Add: true, Record: records[i]})
	}
	for _, class := range []string{"Y", "X"} { // it is in the run of X, which it does not know
		r := *records[2]
		r.Class = class
		put(t, st, campaign.Change{Record: &r})
	}
	move(t, st, records[2], "d", 0)
	move(t, st, records[1], "d", 0)
	for _, i := range []int{4, 5} {
		put(t, st, campaign.Change{Add: true, Record: fresh(i)})
	}
	assert.Equal(t, 3, st.byID["c"].rows.slab.Len())
	st.audit(t)
	assert.Equal(t, []string{"1", "4", "5"}, take(t, st, noon, 9))
	st.audit(t)
}

// What a search has listed may have moved before its turn comes, and another record
// may be in its place.
func TestASearchDoesNotFindWhatHasMovedMeanwhile(t *testing.T) {
	st := New()
	var f campaign.Filter
	var records []*campaign.Record
	const n = 4 * pageSize
	for i := range n {
		records = append(records, fresh(i))
		put(t, st, campaign.Change{Add: true, Record: records[i]})
		f.Records = append(f.Records, records[i].ID)
	}
	for i := range 9 * n {
		put(t, st, campaign.Change{Add: true, Record: fresh(n + i)})
	}
	f.Campaigns, f.At = []campaign.ID{"c"}, noon
	met := map[campaign.RecordID]bool{}
	for x, err := range st.Find(background, f, campaign.Need{}) {
		require.NoError(t, err)
		require.NotZero(t, x.Record.Version, x.Record.ID)
		require.False(t, met[x.Record.ID])
		if len(met) == 0 {
			for i := pageSize; i < 2*pageSize; i++ {
				move(t, st, records[i], "d", 0)
			}
		}
		met[x.Record.ID] = true
	}
	assert.Len(t, met, n-pageSize)
}

func TestASearchGoesOnInACampaignThatWasEmptyMeanwhile(t *testing.T) {
	st := New()
	var records []*campaign.Record
	for i := range 3 * pageSize {
		records = append(records, fresh(i))
		put(t, st, campaign.Change{Add: true, Record: records[i]})
	}
	met := 0
	for x, err := range st.Find(background, campaign.Filter{At: noon.Add(time.Hour), Campaigns: []campaign.ID{"c"}}, campaign.Need{}) {
		require.NoError(t, err)
		require.NotZero(t, x.Record.Version)
		if met++; met == 1 {
			for _, r := range records {
				move(t, st, r, "d", 0)
			}
			put(t, st, campaign.Change{Add: true, Record: fresh(9_000_000)})
		}
	}
	assert.LessOrEqual(t, met, pageSize+1)
	st.audit(t)
}

// Records that are named in their order are found without a search, but not where
// one of them was.
func TestARecordIsNotFoundWhereItWas(t *testing.T) {
	st := New()
	var records []*campaign.Record
	for i := range 3 {
		records = append(records, fresh(i+1))
		put(t, st, campaign.Change{Add: true, Record: records[i]})
	}
	look := func(i int) campaign.RecordID {
		var looked campaign.Looked
		require.NoError(t, st.Look(background, campaign.Need{}, &looked, campaign.Ref{Campaign: "c", Record: records[i].ID}))
		return looked.Facts[0].Record.ID
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {0, 2, 1, 1, 0}} {
		for _, i := range order {
			assert.Equal(t, records[i].ID, look(i))
		}
	}
	look(0)
	move(t, st, records[1], "d", 0)
	assert.Empty(t, look(1))
	assert.ErrorIs(t, st.only(t, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: records[1].ID}, Record: fresh(2)}), campaign.ErrNotFound)
	assert.Equal(t, records[2].ID, look(2))
	assert.Empty(t, look(1))
}
