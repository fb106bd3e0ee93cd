package memstore

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// heapOf is how many bytes a fresh record takes in a store, with what it is found by.
func heapOf(t testing.TB, n int, sort func(i int) (order uint16, sort int64)) float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools and finalizers held is gone after the second
	runtime.ReadMemStats(&before)
	st := New()
	changes := make([]campaign.Change, 0, 500)
	for i := 0; i < n; {
		changes = changes[:0]
		for ; i < n && len(changes) < cap(changes); i++ {
			r := freshRecord(i)
			r.Version = 0
			r.Order, r.Sort = sort(i)
			changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: true, Record: r})
		}
		errs, err := st.Commit(background, changes...)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	// A claim looks at every class, and puts what is due where it belongs.
	var got campaign.Claimed
	require.NoError(t, st.Claim(background, claimOfRanks(1), &got))
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(st)
	return float64(after.HeapAlloc-before.HeapAlloc) / float64(n)
}

func claimOfRanks(limit int) campaign.Claim {
	now := time.Unix(1.8e9, 0).UTC().Add(time.Hour)
	return campaign.Claim{Now: now, Until: now.Add(time.Minute), Holder: "h", Limit: limit, Need: campaign.Need{NoCalls: true},
		From: []campaign.Step{{Campaign: "c", Open: []string{"Europe/Warsaw|PL"}, Max: limit,
			Sources: []campaign.Source{{Lane: status.LaneFresh, Due: now}}}}}
}

// spread gives record i one of 65,535 ranks.
func spread(i int) int64 { return int64(uint64(i)*2_654_435_761%65_535) + 1 }

// A rank is another place in the order, not another size of a record.
func TestRankedRecordsTakeLittleMoreThanOthers(t *testing.T) {
	const n = 100_000
	plain := heapOf(t, n, func(int) (uint16, int64) { return 0, 1 << 16 })
	ranked := heapOf(t, n, func(i int) (uint16, int64) { return 0, spread(i) })
	both := heapOf(t, n, func(i int) (uint16, int64) { return uint16(spread(i + 1)), spread(i) })
	t.Logf("bytes a record: %.0f without order, %.0f with a rank, %.0f with a rank beside an order of its own", plain, ranked, both)
	assert.Less(t, ranked, 250.0, "a place in a heap instead of one in a run")
	assert.Less(t, both, 450.0)
}

func TestRankedRecordsComeInTheOrderOfTheirRanks(t *testing.T) {
	st := New()
	for i := range 2000 {
		r := freshRecord(i)
		r.Version, r.Order, r.Sort = 0, uint16(i%3), spread(i)
		if i%97 == 0 {
			r.Sort = 1 << 16 // the rank failed
		}
		written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: true, Record: r})
	}
	var got campaign.Claimed
	require.NoError(t, st.Claim(background, claimOfRanks(2000), &got))
	require.Len(t, got.Leased, 2000)
	for i := range got.Leased {
		r := &got.Leased[i].Record
		var n int
		_, err := fmt.Sscanf(string(r.ID), "r%08d", &n)
		require.NoError(t, err)
		assert.EqualValues(t, n%3, r.Order, "the order is the record's own")
		if i > 0 {
			last := &got.Leased[i-1].Record
			require.True(t, last.Sort < r.Sort || last.Sort == r.Sort && last.Sequence < r.Sequence, "%d behind %d", r.Sort, last.Sort)
		}
	}
	assert.EqualValues(t, 1<<16, got.Leased[1999].Record.Sort)
}

// A rank that changes moves a record that is in a run, and one that is not.
func TestARecordMovesWithItsRank(t *testing.T) {
	st := New()
	rank := map[campaign.RecordID]int64{}
	write := func(i int, sort int64, add bool) {
		r := freshRecord(i)
		r.Sort, r.Version = sort, 0
		rank[r.ID] = sort
		written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: add, Record: r})
	}
	for i := range 300 {
		write(i, spread(i), true)
	}
	for i := range 300 {
		write(i, spread(300-i), false)
		if i%7 == 0 {
			write(i, 5, false)
		}
	}
	var got campaign.Claimed
	require.NoError(t, st.Claim(background, claimOfRanks(300), &got))
	require.Len(t, got.Leased, 300)
	last := int64(0)
	for i := range got.Leased {
		r := &got.Leased[i].Record
		require.Equal(t, rank[r.ID], r.Sort)
		require.LessOrEqual(t, last, r.Sort)
		last = r.Sort
	}
}

func TestARankLeavesTheOrderAsItIs(t *testing.T) {
	st := New()
	ref := campaign.Ref{Campaign: "c", Record: freshRecord(1).ID}
	for i, x := range []struct {
		order uint16
		sort  int64
	}{{7, 7}, {7, 300}, {0, 300}, {300, 300}, {300, 1 << 16}, {0, 1 << 16}, {5, 70_000}, {5, 5}, {65_535, 1}, {1, 65_535}} {
		r := freshRecord(1)
		r.Version, r.Order, r.Sort = 0, x.order, x.sort
		written(t, st, campaign.Change{Ref: ref, Add: i == 0, Record: r})
		var got campaign.Looked
		require.NoError(t, st.Look(background, campaign.Need{NoCalls: true}, &got, ref))
		assert.Equal(t, x.order, got.Facts[0].Record.Order, "%d", i)
		assert.Equal(t, x.sort, got.Facts[0].Record.Sort, "%d", i)
	}
	st.audit(t)
}

// A snapshot of the version before has none of what came with this one, and is
// read all the same.
func TestAnOlderSnapshotIsRead(t *testing.T) {
	st := New()
	r := freshRecord(1)
	r.Version = 0
	written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: true, Record: r})
	var b bytes.Buffer
	out := blockWriter{ctx: background, w: &b}
	require.NoError(t, out.write(binary.LittleEndian.AppendUint16([]byte(snapshotMark), oldestVersion)))
	for _, x := range piecesOf(snapshotOf(t, st)) {
		require.NoError(t, out.block(x.part, append(make([]byte, blockHead), x.text...)))
	}
	back, err := Load(background, &b)
	require.NoError(t, err)
	var got campaign.Looked
	require.NoError(t, back.Look(background, campaign.Need{NoCalls: true}, &got, campaign.Ref{Campaign: "c", Record: r.ID}))
	assert.Equal(t, r.ID, got.Facts[0].Record.ID)
}
