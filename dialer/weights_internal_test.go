package dialer

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/campaign"
)

// Lists share by the same round robin as campaigns do, but that one which was
// found empty is dealt nothing until it has something again.
func TestListsShareByTheRoundRobinOfParity(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := campaign.Config{ID: "c", Zone: "UTC", CalleeZone: "UTC"}
		weights, open := map[campaign.ID]int{"*": 1}, []string{"*|"}
		for i := range rapid.IntRange(1, 4).Draw(rt, "lists") {
			name := string(rune('a' + i))
			l := campaign.List{Name: name, Weight: rapid.IntRange(1, 40).Draw(rt, "weight")}
			cfg.Lists, open = append(cfg.Lists, l), append(open, name+":*|")
			weights[campaign.ID(name)] = l.Weight
		}
		c := made(t, cfg)
		shelves := shelve(c, open)
		name := func(shelf int) campaign.ID {
			if shelf == len(cfg.Lists) {
				return "*"
			}
			return campaign.ID(cfg.Lists[shelf].Name)
		}
		ids := make([]campaign.ID, len(shelves))
		for i := range shelves {
			ids[i] = name(i)
		}
		var p parity
		want, empty := roundRobin{}, map[campaign.ID]bool{}
		for range rapid.IntRange(1, 30).Draw(rt, "asks") {
			n := rapid.IntRange(1, 12).Draw(rt, "n")
			dealt := map[campaign.ID]int{}
			for id, weight := range weights {
				if dealt[id] = weight; empty[id] {
					dealt[id] = 0
				}
			}
			count := map[campaign.ID]int{}
			for _, id := range want.turns(ids, dealt, n) {
				count[id]++
			}
			for _, q := range p.shelfQuotas(c, shelves, n, nil) {
				if q.max != count[name(q.place)] {
					rt.Fatalf("list %s may give %d of %d, want %v", name(q.place), q.max, n, count)
				}
			}
			turns := make([]turn, len(shelves))
			has, gave := map[campaign.ID]bool{}, []campaign.ID(nil)
			for i := range turns {
				if turns[i].has = rapid.IntRange(0, 3).Draw(rt, "has") > 0; turns[i].has {
					has[name(i)] = true
					turns[i].gave = rapid.IntRange(0, 3).Draw(rt, "gave")
				}
				for range turns[i].gave {
					gave = append(gave, name(i))
				}
			}
			p.payShelves(c, shelves, turns)
			want.pay(ids, weights, has, gave)
			if len(gave) == 0 {
				continue
			}
			for i, owed := range p.shelves["c"].owed {
				empty[name(i)] = !has[name(i)]
				if owed != want.credit(ids)[name(i)] {
					rt.Fatalf("list %s is owed %d, want %s", name(i), owed, fmt.Sprint(want.credit(ids)))
				}
			}
		}
	})
}
