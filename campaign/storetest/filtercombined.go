package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// combining is what the parts of filters find together, among records that have
// been called, changed, moved and leased.
var combining = part{"Combined", []clause{
	{
		// rows: Z14
		Name: "PartsDrawnAtRandomFindWhatEachOfThemFinds",
		Rule: "Whichever parts a filter combines, Find and Count tell what campaign.Filter.Match says, behind After, up to Limit, with parks at Revisions.",
		holds: func(t *trial) {
			st := t.open()
			all := stirred(t, st)
			parts := pieces(all)
			const seed = 7
			random := rand.New(rand.NewPCG(seed, 0))
			groups := []campaign.Group{campaign.ByNothing, campaign.ByState, campaign.ByStatus, campaign.ByQualifier, campaign.ByOwner, campaign.ByClass, campaign.ByCampaign}
			for i := range combinations {
				f := parts[random.IntN(len(parts))]
				first := i < 3*len(groups)
				if first {
					f = parts[i%3] // by each group
				}
				for n := random.IntN(3); n > 0 && !first; n-- {
					f = mixed(f, parts[random.IntN(len(parts))])
				}
				f.At = noon
				from := 0
				if random.IntN(4) == 0 {
					from = 1 + random.IntN(len(all))
					f.After = refOf(&all[from-1].Record)
				}
				if random.IntN(4) == 0 {
					f.Limit = 1 + random.IntN(8)
				}
				if random.IntN(4) == 0 {
					f = mixed(f, campaign.Filter{Revisions: map[campaign.ID]int64{one: 1}, States: []campaign.State{campaign.StateParked, campaign.StateWaiting}})
				}
				by := groups[i/3%len(groups)]
				var want []string
				wanted := make(map[string]int)
				for _, x := range all[from:] {
					leased, revision := x.Lease.Token != 0, f.Revisions[x.Record.Campaign]
					if f.Match(&x.Record, leased, revision) && (f.Limit == 0 || len(want) < f.Limit) {
						want = append(want, string(x.Record.ID))
						wanted[by.Of(&x.Record, x.Record.StateAt(noon, revision, leased))]++
					}
				}
				assert.Equal(t, want, find(t, st, f), "seed %d: %+v", seed, f)
				t.did("Count %+v by %q", f, by)
				got, err := st.Count(t.ctx, f, by)
				require.NoError(t, err)
				assert.Equal(t, wanted, got, "seed %d, by %q: %+v", seed, by, f)
			}
		},
	},
}}

// combinations is how many filters are drawn.
const combinations = 250

// mixed is a filter with the parts of another one that it does not have.
func mixed(f, more campaign.Filter) campaign.Filter {
	to, from := reflect.ValueOf(&f).Elem(), reflect.ValueOf(more)
	for i := range to.NumField() {
		if to.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return f
}

// pieces are the filters of askings, and some by what one record or another has. The
// first are what no database compares, and a part that must not stand for another.
func pieces(all []campaign.Facts) (parts []campaign.Filter) {
	for _, a := range askings() {
		parts = append(parts, a.filter)
	}
	var some, none campaign.Filter
	for i := range all {
		r := &all[i].Record
		if i%5 > 0 {
			continue
		}
		some.Records, some.Contacts, some.Lists = append(some.Records, r.ID), append(some.Contacts, r.Contact), append(some.Lists, r.List)
		some.Owners, some.Agents, some.Authors = append(some.Owners, r.Owner), append(some.Agents, r.LastAgent), append(some.Authors, r.Author)
		some.Statuses, some.Qualifiers = append(some.Statuses, r.Status), append(some.Qualifiers, r.Qualifier)
		for _, p := range r.Phones {
			some.Numbers = append(some.Numbers, p.Number)
		}
		parts = append(parts,
			campaign.Filter{Called: campaign.Span{From: r.LastCall, To: r.LastCall.Add(3 * time.Hour)}},
			campaign.Filter{Due: campaign.Span{From: r.Due, To: r.Due.Add(time.Hour)}})
	}
	none.Numbers, none.Records = []blacklist.Number{1}, []campaign.RecordID{"nobody", "\x00"}
	for s := range campaign.StateLeased + 1 {
		parts = append(parts, campaign.Filter{States: []campaign.State{s}})
	}
	// A part of a letter, and more values than a statement may be given.
	many := campaign.Filter{Authors: []string{"", "anna", "zoe"}}
	for i := range 600 {
		many.Authors = append(many.Authors, fmt.Sprint("nobody", i))
	}
	return append([]campaign.Filter{many, {ExternalID: "\x82"}, {Records: some.Records[2:], Contacts: some.Contacts}}, append(parts, none, campaign.Filter{AnyNumber: true}, campaign.Filter{Records: some.Records}, campaign.Filter{Contacts: some.Contacts},
		campaign.Filter{Lists: some.Lists}, campaign.Filter{Owners: some.Owners}, campaign.Filter{Agents: some.Agents}, campaign.Filter{Authors: some.Authors},
		campaign.Filter{Statuses: some.Statuses}, campaign.Filter{Qualifiers: some.Qualifiers}, campaign.Filter{Numbers: some.Numbers},
		campaign.Filter{Numbers: some.Numbers, AnyNumber: true}, campaign.Filter{Campaigns: []campaign.ID{one, other, "none", "\xff"}})...)
}

// stirred is variety after a while: some of its records were called, some have
// moved to another campaign, a lease holds several, others are parked, or wait in no lane.
func stirred(t *trial, st campaign.Store) (all []campaign.Facts) {
	was := variety(t, st)
	var changes []campaign.Change
	for i := range was {
		r := was[i].Record
		if was[i].Lease.Token != 0 {
			continue
		}
		if i%3 == 0 {
			r.LastCall, r.LastAgent, r.Author = at(-45*i), "zoe", "zoe"
			changes = append(changes, campaign.Change{Ref: refOf(&r), Record: &r,
				Call: &campaign.Call{Token: campaign.Token(1000 + i), Campaign: r.Campaign, Record: r.ID, Ended: r.LastCall.Add(time.Duration(i) * time.Minute)}})
		}
		if i%5 == 1 && r.Standing == status.StandingQueued {
			r.Due, r.Version = at(60*(i%7)+7), 0
			if i%2 == 0 {
				r.Lane = status.LaneNone
			} else {
				r.Class = ""
			}
			here := r
			changes = append(changes, campaign.Change{Ref: refOf(&r), Record: &here})
		}
		if i%6 < 2 && r.Campaign == one && r.Contact == "" {
			moved := r
			moved.Version = 0
			changes = append(changes, moves(&moved))
		}
	}
	commit(t, st, changes...)
	held := []*campaign.Record{rec("with1", phones(48_600_200_001)), rec("with2", phones(48_600_200_002), in(other)), rec("with3", phones(48_600_200_003))}
	for _, r := range held {
		r.Qualifier, r.Due, r.Lane, r.ExternalID = status.Redial, at(-5), status.LaneAgain, "ł"
	}
	parked := []*campaign.Record{rec("parked1"), rec("parked2", in(other)), rec("parked3", due(status.LaneAgain, at(20)))}
	for _, r := range parked {
		r.Park = campaign.Park{Until: at(30), Reason: campaign.ReasonGap}
	}
	unclassed, nowhere := rec("unclassed", due(status.LaneAgain, at(61))), rec("nowhere", due(status.LaneNone, at(62)))
	unclassed.Class = ""
	further := append(append(held, parked...), unclassed, nowhere, rec("turned1"), rec("turned2"))
	add(t, st, further...)
	turned := []*campaign.Record{rec("turned1", due(status.LaneAgain, at(63))), rec("turned2", due(status.LaneNone, at(64)))}
	turned[0].Class = ""
	for _, r := range turned {
		commit(t, st, campaign.Change{Ref: refOf(r), Record: r})
	}
	commit(t, st, campaign.Change{Ref: refOf(held[0]), Lease: &campaign.Lease{Holder: "h", Until: at(60), With: []campaign.Ref{refOf(held[1]), refOf(held[2])}}})
	t.did("Find all")
	for f, err := range st.Find(t.ctx, campaign.Filter{}, campaign.Need{NoCalls: true}) {
		require.NoError(t, err)
		all = append(all, f)
	}
	require.Len(t, all, len(was)+len(further), "an empty filter finds all records")
	return all
}
