package dialer

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
)

func made(t testing.TB, cfg campaign.Config) *campaign.Campaign {
	t.Helper()
	c, _, err := campaign.Compile(cfg, nil, nil)
	require.NoError(t, err)
	return c
}

func timed(t testing.TB, text string) campaign.Hours {
	t.Helper()
	h, err := campaign.ParseHours(text)
	require.NoError(t, err)
	return h
}

// shops are campaigns whose hours, dates and zones differ.
func shops(t testing.TB, revision int64) []*campaign.Campaign {
	cfg := func(id campaign.ID, edit func(*campaign.Config)) *campaign.Campaign {
		c := campaign.Config{ID: id, Revision: revision, Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw"}
		edit(&c)
		return made(t, c)
	}
	return []*campaign.Campaign{
		cfg("always", func(*campaign.Config) {}),
		cfg("days", func(c *campaign.Config) { c.Start, c.End = "2026-03-28", "2026-10-26" }),
		cfg("hours", func(c *campaign.Config) {
			c.Hours, c.CalleeHours = timed(t, "mon-fri 08:00-18:00"), timed(t, "mon-sun 02:30-03:30, 09:00-20:00; holiday none")
			c.Holidays = map[string]campaign.Holidays{"": {Country: "PL"}}
		}),
		cfg("night", func(c *campaign.Config) { c.CalleeHours = timed(t, "daily 22:00-02:00") }),
		cfg("never", func(c *campaign.Config) { c.CalleeHours = timed(t, "never") }),
		cfg("paused", func(c *campaign.Config) { c.Paused = true }),
	}
}

var manyClasses = []string{"*|", "America/New_York|", "Asia/Kathmandu|", "Australia/Lord_Howe|", "Europe/Warsaw|", "nowhere|", "Pacific/Auckland|"}

func heads(ids []campaign.ID, names ...string) []campaign.Class {
	var list []campaign.Class
	for _, id := range ids {
		for _, name := range names {
			list = append(list, campaign.Class{Campaign: id, Name: name})
		}
	}
	return list
}

func queueOf(t testing.TB, load func() []*campaign.Campaign) *Queue {
	t.Helper()
	q, err := New(context.Background(), memstore.New(), func(context.Context) ([]*campaign.Campaign, error) { return load(), nil }, Config{})
	require.NoError(t, err)
	return q
}

// same reports where a view differs from what the campaigns say at now.
func same(v *view, now time.Time, classes []string) error {
	for place, c := range v.campaigns {
		if running, _, _ := c.Running(now); running != v.running[place] {
			return fmt.Errorf("at %s campaign %s runs: %v, the view says %v", now, c.ID(), running, v.running[place])
		}
		var open []string
		for _, class := range classes {
			if ok, _ := c.ClassOpen(class, now); ok {
				open = append(open, class)
			}
		}
		if !slices.Equal(open, v.open[place]) {
			return fmt.Errorf("at %s campaign %s has open %q, the view says %q", now, c.ID(), open, v.open[place])
		}
	}
	return nil
}

// A clock goes forth and back, in small steps and large ones, over changes of
// the clocks, the ends of days, holidays and campaigns.
func TestAViewSaysWhatTheCampaignsSay(t *testing.T) {
	sorted := slices.Sorted(slices.Values(manyClasses))
	rapid.Check(t, func(rt *rapid.T) {
		q := queueOf(t, func() []*campaign.Campaign { return shops(t, 1) })
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 366*24*60).Draw(rt, "start")) * time.Minute)
		ids := q.view.Load().ids
		q.remember(heads(ids, manyClasses...), now)
		for range 15 {
			if err := same(q.viewAt(now), now, sorted); err != nil {
				rt.Fatal(err)
			}
			if rapid.IntRange(0, 3).Draw(rt, "edge") == 0 {
				now = q.view.Load().until // the very instant, or the one before it
				if rapid.Bool().Draw(rt, "before") {
					now = now.Add(-time.Microsecond)
				}
				continue
			}
			unit := rapid.SampledFrom([]time.Duration{time.Microsecond, time.Minute, time.Hour, 31 * time.Hour, 400 * 24 * time.Hour}).Draw(rt, "unit")
			now = now.Add(time.Duration(rapid.IntRange(-5, 20).Draw(rt, "steps")) * unit)
		}
	})
}

func TestAViewIsUsedAgainUntilSomethingOpensOrCloses(t *testing.T) {
	q := queueOf(t, func() []*campaign.Campaign { return shops(t, 1) })
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	v := q.viewAt(now)
	assert.Same(t, v, q.viewAt(now.Add(7*time.Hour)))
	closing := time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC) // 18:00 in Warsaw
	assert.Equal(t, closing, v.until)
	assert.NotSame(t, v, q.viewAt(closing))
	assert.False(t, q.learn(v, heads([]campaign.ID{"always"}, ""), now), "no class at all")
	assert.True(t, q.learn(v, heads([]campaign.ID{"always"}, "*|"), now))
	assert.True(t, q.learn(v, heads([]campaign.ID{"always"}, "*|"), now), "an ask whose claim knew less must make it again, too")
	assert.False(t, q.learn(q.viewAt(now), heads([]campaign.ID{"always"}, "*|"), now))
	assert.False(t, q.learn(q.viewAt(now), heads([]campaign.ID{"paused", "never"}, "*|"), now), "it is not open")
}

func TestClassesAreLearntInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		q := queueOf(t, func() []*campaign.Campaign { return shops(t, 1) })
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		ids := append(slices.Clone(q.view.Load().ids), "elsewhere")
		want := map[campaign.ID]map[string]bool{}
		for range rapid.IntRange(1, 6).Draw(rt, "rounds") {
			var classes []campaign.Class
			again := false
			for range rapid.IntRange(0, 8).Draw(rt, "classes") {
				id, name := rapid.SampledFrom(ids).Draw(rt, "id"), rapid.SampledFrom(manyClasses).Draw(rt, "name")
				classes = append(classes, campaign.Class{Campaign: id, Name: name})
				c, _ := q.Campaign(id)
				if c == nil {
					continue
				}
				running, _, _ := c.Running(now)
				open, _ := c.ClassOpen(name, now)
				again = again || !want[id][name] && running && open
			}
			if got := q.learn(q.viewAt(now), classes, now); got != again {
				rt.Fatalf("learnt %v: make it again %v, want %v", classes, got, again)
			}
			for _, class := range classes {
				if want[class.Campaign] == nil {
					want[class.Campaign] = map[string]bool{}
				}
				want[class.Campaign][class.Name] = true
			}
			v := q.viewAt(now)
			for place, id := range v.ids {
				for _, name := range v.classes[place] {
					if !want[id][name] {
						rt.Fatalf("campaign %s is believed to have class %s", id, name)
					}
				}
				if len(v.classes[place]) != len(want[id]) && again {
					rt.Fatalf("campaign %s has %d classes, %d are known", id, len(want[id]), len(v.classes[place]))
				}
			}
		}
	})
}

// Configuration, classes and hours change all at once: a view is always of one
// piece, nothing learnt is lost, and the last configuration stays.
func TestAViewIsOfOnePieceWhoeverChangesIt(t *testing.T) {
	var mu sync.Mutex
	revision := int64(1)
	q := queueOf(t, func() []*campaign.Campaign {
		mu.Lock()
		defer mu.Unlock()
		return shops(t, revision)[:3+revision%4]
	})
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ids := shopIDs(t)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 150 {
				now := start.Add(time.Duration((i*7+g*13)%50) * time.Hour)
				v := q.viewAt(now)
				assert.NoError(t, same(v, now, v.classes[0]))
				name := fmt.Sprintf("Europe/Warsaw|%d-%d", g, i)
				q.remember(heads(ids, name), now)
				if g == 0 && i%10 == 0 {
					mu.Lock()
					revision++
					mu.Unlock()
					assert.NoError(t, q.Reload(context.Background()))
				}
			}
		})
	}
	wg.Wait()
	v := q.viewAt(start)
	for place, c := range v.campaigns {
		assert.Len(t, v.classes[place], 600, "campaign %s", c.ID())
		assert.Equal(t, revision, c.Revision())
	}
}

func shopIDs(t testing.TB) []campaign.ID {
	var ids []campaign.ID
	for _, c := range shops(t, 1) {
		ids = append(ids, c.ID())
	}
	return ids
}

func TestPlacesAreFoundFromAnywhere(t *testing.T) {
	l := newLoaded(shops(t, 1))
	for place, id := range l.ids {
		for last := -3; last < len(l.ids)+3; last++ {
			assert.Equal(t, place, l.place(id, last))
		}
	}
	assert.Equal(t, -1, l.place("elsewhere", 2))
	assert.Equal(t, -1, newLoaded(nil).place("elsewhere", -1))
}

// Two sets of campaigns whose marks collide keep credits of their own.
func TestSetsOfCampaignsWithOneMarkKeepTheirOwnCredits(t *testing.T) {
	var list []*campaign.Campaign
	for i := range 4 {
		list = append(list, made(t, campaign.Config{ID: campaign.ID(rune('a' + i)), Zone: "Europe/Warsaw", Parity: 1 + i}))
	}
	var p parity
	plans := make([]plan, 2)
	for i, part := range [][]*campaign.Campaign{list[:2], list[2:]} {
		l := newLoaded(part)
		clear(l.marks)
		require.NoError(t, plans[i].lay(&Ask{}, lit(l, nil, time.Unix(0, 0))))
	}
	for range 5 {
		for i := range plans {
			for place := range plans[i].seats {
				plans[i].seats[place] = seat{wanted: true, peer: true, has: true, gave: 1 - place}
			}
			p.pay(&plans[i], plans[i].groups[0])
		}
	}
	for i := range plans {
		kept, _ := p.of(&plans[i], plans[i].groups[0])
		require.NotNil(t, kept)
		assert.Equal(t, plans[i].ids, kept.ids)
		second := list[2*i+1].Parity() // the first gave all five: it owes them the other's share
		assert.Equal(t, []int{-5 * second, 5 * second}, kept.owed)
	}
}

// A plan that is laid anew, for a class was learnt or the campaigns are others,
// still knows which of them had something to give.
func TestAPlanLaidAnewKeepsWhoHadSomethingToGive(t *testing.T) {
	cfg := func(id campaign.ID, order int) *campaign.Campaign {
		return made(t, campaign.Config{ID: id, Order: order, Zone: "Europe/Warsaw"})
	}
	now := time.Unix(0, 0)
	var p plan
	before := newLoaded([]*campaign.Campaign{cfg("a", 1), cfg("b", 1), cfg("c", 1)})
	require.NoError(t, p.lay(&Ask{}, lit(before, nil, now)))
	p.seats[1].has, p.seats[2].has = true, true
	has := func() map[campaign.ID]bool {
		m := map[campaign.ID]bool{}
		for place, id := range p.ids {
			m[id] = p.seats[place].has
		}
		return m
	}
	require.NoError(t, p.lay(&Ask{}, lit(before, nil, now)))
	assert.Equal(t, map[campaign.ID]bool{"a": false, "b": true, "c": true}, has())
	after := newLoaded([]*campaign.Campaign{cfg("b", 3), cfg("d", 2), cfg("a", 1)})
	require.NoError(t, p.lay(&Ask{}, lit(after, nil, now)))
	assert.Equal(t, map[campaign.ID]bool{"a": false, "b": true, "d": false}, has())
	require.Error(t, p.lay(&Ask{Campaigns: []campaign.ID{"c"}}, lit(after, nil, now)))
	assert.Nil(t, p.view, "there is nothing to settle with")
}

func TestTheLeasesOfOneClaimEndWithTheShortestOffer(t *testing.T) {
	var list []*campaign.Campaign
	for i, d := range []time.Duration{time.Minute, 10 * time.Second, time.Hour} {
		list = append(list, made(t, campaign.Config{ID: campaign.ID(rune('a' + i)), Zone: "Europe/Warsaw", Leases: campaign.Leases{Offer: campaign.Delay(d)}}))
	}
	assert.Equal(t, 10*time.Second, newLoaded(list).offer)
}
