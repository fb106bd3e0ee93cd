package twin

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// classes compares them in any order. While the clock is set back a park that
// counts again need not be known before its record comes to the head.
func (p *pair) classes(setBack bool) {
	sorted := func(from []campaign.Class) []campaign.Class {
		var classes []campaign.Class
		for _, c := range from {
			if setBack {
				c.Wake = time.Time{}
			}
			if !setBack || c.Waiting != 0 {
				classes = append(classes, c)
			}
		}
		slices.SortFunc(classes, func(a, b campaign.Class) int {
			return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Name, b.Name))
		})
		return classes
	}
	want, got := sorted(p.claimed[reference].Classes), sorted(p.claimed[tested].Classes)
	if !slices.Equal(want, got) {
		p.differ(where("Classes", reflect.ValueOf(want), reflect.ValueOf(got)))
	}
}

func (p *pair) owners() {
	sorted := func(from []campaign.OwnerHead) []campaign.OwnerHead {
		owners := slices.Clone(from)
		slices.SortFunc(owners, func(a, b campaign.OwnerHead) int {
			return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Owner, b.Owner))
		})
		return owners
	}
	want, got := sorted(p.claimed[reference].Owners), sorted(p.claimed[tested].Owners)
	if !slices.Equal(want, got) {
		p.differ(where("Owners", reflect.ValueOf(want), reflect.ValueOf(got)))
	}
}

// find reads what matches from both stores, and counts it.
func (p *pair) find(f campaign.Filter, need campaign.Need, by campaign.Group) {
	p.say("find", f, need, by)
	var found [2][]campaign.Facts
	var errs [2]error
	for i, st := range p.st {
		for facts, err := range st.Find(ctx, f, need) {
			if err != nil {
				errs[i] = err
				break
			}
			found[i] = append(found[i], facts)
		}
	}
	p.errors("find", errs[0], errs[1])
	p.differ(facts("Find", found[reference], found[tested]))
	p.meet("find: some", len(found[reference]) > 0)
	p.meet("find: behind a record", f.After != (campaign.Ref{}) && len(found[reference]) > 0)
	p.meet("find: behind nobody", errs[reference] != nil)
	var counts [2]map[string]int
	for i, st := range p.st {
		counts[i], errs[i] = st.Count(ctx, f, by)
	}
	p.errors("count", errs[0], errs[1])
	if !reflect.DeepEqual(counts[reference], counts[tested]) {
		p.differ(fmt.Sprintf("count by %q: want %v, got %v", by, counts[reference], counts[tested]))
	}
	p.meet("count: several groups", len(counts[reference]) > 1)
}

// check asks both stores about their lists.
func (p *pair) check(q blacklist.Query) {
	p.say("check", q)
	var answers [2][]blacklist.Answer
	var errs [2]error
	for i, st := range p.st {
		answers[i], errs[i] = st.Check(ctx, q)
	}
	p.errors("check", errs[0], errs[1])
	if !slices.Equal(answers[reference], answers[tested]) {
		p.differ(fmt.Sprintf("check: want %+v, got %+v", answers[reference], answers[tested]))
	}
	p.meet("check: listed", len(answers[reference]) > 0)
}

// history reads a record's history from both stores.
func (p *pair) history(ref campaign.Ref) {
	var entries [2][]campaign.Entry
	var calls [2][]*campaign.Call
	var errs [2]error
	for i, st := range p.st {
		entries[i], calls[i], errs[i] = st.(campaign.HistoryStore).History(ctx, ref)
	}
	p.say("history", ref)
	p.errors("history", errs[0], errs[1])
	p.differ(values(entrySame, "history", entries[reference], entries[tested]))
	p.differ(values(callsSame, "calls", calls[reference], calls[tested]))
	p.meet("history: calls", len(calls[reference]) > 1)
	p.meet("history: entries", len(entries[reference]) > 1)
}

// pending reads the actions that wait, from both stores.
func (p *pair) pending(after string, limit int) {
	p.say("pending", after, limit)
	var actions [2][]campaign.Action
	var errs [2]error
	for i, st := range p.st {
		actions[i], errs[i] = st.(campaign.ActionStore).Pending(ctx, after, limit)
	}
	p.errors("pending", errs[0], errs[1])
	p.differ(values(actionSame, "pending", actions[reference], actions[tested]))
	p.meet("pending: some", len(actions[reference]) > 0)
}
