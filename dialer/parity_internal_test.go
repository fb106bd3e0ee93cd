package dialer

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/campaign"
)

// roundRobin is parity as its words say it, with a map for everything.
type roundRobin map[string]map[campaign.ID]int

func (r roundRobin) credit(ids []campaign.ID) map[campaign.ID]int {
	key := fmt.Sprint(ids)
	if r[key] == nil {
		r[key] = map[campaign.ID]int{}
	}
	return r[key]
}

// turns is who gives the next n calls if all have something.
func (r roundRobin) turns(ids []campaign.ID, weights map[campaign.ID]int, n int) []campaign.ID {
	credit, total := map[campaign.ID]int{}, 0
	for _, id := range ids {
		credit[id] = r.credit(ids)[id]
		total += weights[id]
	}
	var turns []campaign.ID
	for range n {
		best := ids[0]
		for _, id := range ids {
			credit[id] += weights[id]
		}
		for _, id := range ids {
			if credit[id] > credit[best] {
				best = id
			}
		}
		credit[best] -= total
		turns = append(turns, best)
	}
	return turns
}

// pay charges the calls that were given, one by one.
func (r roundRobin) pay(ids []campaign.ID, weights map[campaign.ID]int, has map[campaign.ID]bool, gave []campaign.ID) {
	if len(ids) < 2 || len(gave) == 0 {
		return
	}
	credit, total := r.credit(ids), 0
	for _, id := range ids {
		if has[id] {
			total += weights[id]
		} else {
			credit[id] = 0
		}
	}
	for _, given := range gave {
		for _, id := range ids {
			if has[id] {
				credit[id] += weights[id]
			}
		}
		credit[given] -= total
	}
}

func TestParityIsTheRoundRobinThatItSaysItIs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all []*campaign.Campaign
		weights := map[campaign.ID]int{}
		for i := range 5 {
			c := made(t, campaign.Config{ID: campaign.ID(rune('a' + i)), Zone: "Europe/Warsaw", Parity: rapid.IntRange(1, 40).Draw(rt, "weight")})
			all, weights[c.ID()] = append(all, c), c.Parity()
		}
		v := lit(newLoaded(all), nil, time.Unix(0, 0))
		var p parity
		want := roundRobin{}
		var quotas []quota
		for range rapid.IntRange(1, 30).Draw(rt, "asks") {
			ask := Ask{}
			for _, id := range v.ids {
				if rapid.Bool().Draw(rt, "asked") {
					ask.Campaigns = append(ask.Campaigns, id)
				}
			}
			var pl plan
			if err := pl.lay(&ask, v); err != nil {
				rt.Fatal(err)
			}
			var ids []campaign.ID
			for _, place := range pl.members(pl.groups[0]) {
				ids = append(ids, v.ids[place])
			}
			n := rapid.IntRange(1, 12).Draw(rt, "n")
			turns := want.turns(ids, weights, n)
			quotas = p.quotas(&pl, pl.groups[0], n, quotas[:0])
			count := map[campaign.ID]int{}
			for _, id := range turns {
				count[id]++
			}
			for i, q := range quotas {
				if id := v.ids[q.place]; q.max != count[id] {
					rt.Fatalf("campaign %s may give %d of %d, want %d of %v", id, q.max, n, count[id], turns)
				}
				if i == 0 && v.ids[q.place] != turns[0] {
					rt.Fatalf("campaign %s comes first, want %s", v.ids[q.place], turns[0])
				}
			}
			has := map[campaign.ID]bool{}
			var gave []campaign.ID
			for _, place := range pl.members(pl.groups[0]) {
				id := v.ids[place]
				if has[id] = rapid.IntRange(0, 3).Draw(rt, "has") > 0; has[id] {
					for range rapid.IntRange(0, 3).Draw(rt, "gave") {
						gave = append(gave, id)
						pl.seats[place].gave++
					}
				}
				pl.seats[place].has = has[id]
			}
			p.pay(&pl, pl.groups[0])
			want.pay(ids, weights, has, gave)
			if len(ids) < 2 {
				continue
			}
			kept, _ := p.of(&pl, pl.groups[0])
			for i, id := range ids {
				owed := 0
				if kept != nil {
					owed = kept.owed[i]
				}
				if owed != want.credit(ids)[id] {
					rt.Fatalf("campaign %s is owed %d, want %d", id, owed, want.credit(ids)[id])
				}
			}
		}
	})
}
