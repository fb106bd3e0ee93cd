package blacklist_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
)

// listed returns the lists on which n is found, Global and lists being asked.
func listed(t *testing.T, m *blacklist.Memory, now time.Time, n blacklist.Number, lists ...blacklist.List) (on []blacklist.List) {
	t.Helper()
	answers, err := m.Check(t.Context(), blacklist.Query{Now: now, Lists: lists, Numbers: []blacklist.Number{n}})
	require.NoError(t, err)
	for _, a := range answers {
		assert.Equal(t, n, a.Number)
		assert.True(t, a.Listed)
		assert.NoError(t, a.Err)
		assert.Equal(t, n, a.Entry.Number)
		on = append(on, a.Entry.List)
	}
	return on
}

// rows: D9, D11, D12
func TestMemoryAnswersForTheListsAskedAndGlobal(t *testing.T) {
	var m blacklist.Memory
	assert.Empty(t, listed(t, &m, noon, anna, "loans"), "the zero value is empty")
	require.NoError(t, m.Add(
		blacklist.Entry{Number: anna, List: "loans", Added: noon, Until: tomorrow},
		blacklist.Entry{Number: anna, List: blacklist.Global, Added: noon},
		blacklist.Entry{Number: boris, List: "surveys", Added: noon},
	))
	on := func(lists ...blacklist.List) []blacklist.List { return lists }
	assert.Equal(t, on(blacklist.Global), listed(t, &m, noon, anna), "global is always asked")
	assert.Equal(t, on(blacklist.Global, "loans"), listed(t, &m, noon, anna, "surveys", "loans"))
	assert.Equal(t, on(blacklist.Global, "loans"), listed(t, &m, noon, anna, "loans", blacklist.Global, "loans"), "named twice, answered once")
	assert.Equal(t, on(blacklist.Global), listed(t, &m, tomorrow, anna, "loans"), "expired at its end")
	assert.Empty(t, listed(t, &m, noon, boris, "loans"), "another campaign's list")
	assert.Equal(t, on("surveys"), listed(t, &m, noon, boris, "loans", "surveys"))

	e, ok := m.Get(blacklist.Key{List: "loans", Number: anna})
	assert.True(t, ok, "what has expired stays visible")
	assert.Equal(t, tomorrow, e.Until)
	_, ok = m.Get(blacklist.Key{List: "loans", Number: boris})
	assert.False(t, ok)
	assert.Equal(t, 3, m.Len())
}

// rows: D17, D18
func TestOnlyRemovalEndsAnEntryEarly(t *testing.T) {
	var m blacklist.Memory
	entry := blacklist.Entry{Number: anna, List: "loans", Author: "eva", Added: noon, Until: tomorrow.AddDate(0, 1, 0)}
	require.NoError(t, m.Add(entry))
	shorter := entry
	shorter.Author, shorter.Until = "jan", tomorrow
	require.NoError(t, m.Add(shorter))
	got, _ := m.Get(entry.Key())
	assert.Equal(t, entry, got, "adding it for a shorter time changes nothing")

	removed := m.Remove(blacklist.Key{List: "loans", Number: boris}, entry.Key(), entry.Key())
	assert.Equal(t, []blacklist.Entry{entry}, removed)
	assert.Empty(t, listed(t, &m, noon, anna, "loans"))
	assert.Zero(t, m.Len())
	assert.Empty(t, m.Remove(entry.Key()))
	require.NoError(t, m.Add(shorter), "and it can be listed anew")
	assert.Equal(t, []blacklist.List{"loans"}, listed(t, &m, noon, anna, "loans"))
}

func TestMemoryKeepsTimesInUTCAtMicroseconds(t *testing.T) {
	var m blacklist.Memory
	warsaw := zone(t, "Europe/Warsaw")
	e := blacklist.Entry{Number: anna, List: "loans", Added: noon.In(warsaw).Add(1999), Until: tomorrow.In(warsaw).Add(2999)}
	require.NoError(t, m.Add(e))
	got, _ := m.Get(e.Key())
	assert.Equal(t, noon.Add(time.Microsecond), got.Added)
	assert.Equal(t, tomorrow.Add(2*time.Microsecond), got.Until)
}

// rows: D9
func TestEntriesAreListedInOrder(t *testing.T) {
	var m blacklist.Memory
	for i := 40; i > 0; i-- {
		list := blacklist.List("list " + strconv.Itoa(i%3))
		require.NoError(t, m.Add(blacklist.Entry{Number: 48600100200 + blacklist.Number(i), List: list, Added: noon}))
	}
	all := m.Entries(nil)
	require.Len(t, all, 40)
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		assert.True(t, a.List < b.List || a.List == b.List && a.Number < b.Number)
	}
	some := m.Entries(func(e blacklist.Entry) bool { return e.List == "list 1" })
	assert.Len(t, some, 14)
	some[0].Author = "changed"
	assert.Equal(t, all, m.Entries(nil), "what is returned is a copy")
}

// A Memory under any sequence of changes is the map that it promises to be.
func TestMemoryIsAMapOfMergedEntries(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var m blacklist.Memory
		model := map[blacklist.Key]blacklist.Entry{}
		lists := []blacklist.List{blacklist.Global, "a", "b"}
		for i := range rapid.IntRange(1, 30).Draw(r, "steps") {
			e := drawEntry(r, "e"+strconv.Itoa(i))
			e.List = rapid.SampledFrom(lists).Draw(r, "list")
			e.Number = anna + blacklist.Number(rapid.IntRange(0, 2).Draw(r, "number"))
			if rapid.IntRange(0, 3).Draw(r, "remove") == 0 {
				_, had := model[e.Key()]
				if removed := m.Remove(e.Key()); len(removed) == 1 != had {
					r.Fatalf("removed %v, had %v", removed, had)
				}
				delete(model, e.Key())
				continue
			}
			if err := m.Add(e); err != nil {
				r.Fatal(err)
			}
			if old, ok := model[e.Key()]; ok {
				e = old.Merge(e)
			}
			model[e.Key()] = e
		}
		if m.Len() != len(model) {
			r.Fatalf("%d entries, want %d", m.Len(), len(model))
		}
		now := noon.Add(time.Duration(rapid.IntRange(0, 6).Draw(r, "now")) * time.Hour)
		numbers := []blacklist.Number{anna, anna + 1, anna + 2}
		answers, err := m.Check(t.Context(), blacklist.Query{Now: now, Lists: []blacklist.List{"a"}, Numbers: numbers})
		if err != nil {
			r.Fatal(err)
		}
		var want []blacklist.Answer
		for _, n := range numbers {
			for _, list := range lists[:2] {
				if e, ok := model[blacklist.Key{List: list, Number: n}]; ok && e.Blocks(now) {
					want = append(want, blacklist.Answer{Number: n, Listed: true, Entry: e})
				}
			}
		}
		if fmt.Sprint(want) != fmt.Sprint(answers) {
			r.Fatalf("answers %v, want %v", answers, want)
		}
	})
}

func TestMemoryIsSafeForConcurrentUse(t *testing.T) {
	var m blacklist.Memory
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 200 {
				e := blacklist.Entry{Number: anna + blacklist.Number(i%10), List: "loans", Author: strconv.Itoa(worker), Added: noon}
				assert.NoError(t, m.Add(e))
				_, err := m.Check(t.Context(), blacklist.Query{Now: noon, Lists: []blacklist.List{"loans"}, Numbers: []blacklist.Number{anna}})
				assert.NoError(t, err)
				m.Get(e.Key())
				m.Entries(nil)
				m.Len()
				if i%2 == 0 {
					m.Remove(e.Key())
				}
			}
		})
	}
	wg.Wait()
	assert.LessOrEqual(t, m.Len(), 10)
}
