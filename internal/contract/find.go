package contract

import (
	"fmt"
	"sync"
	"testing"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func findNarrowsByEveryPartOfTheFilter(t *testing.T, open opener) {
	st := open(t)
	const second blacklist.Number = 48_600_555_777
	with := func(edit func(*campaign.Record)) func(*campaign.Record) { return edit }
	add(t, st,
		rec("z1", in(other), phones(second)),
		rec("c1", person("p"), phones(shared, second)),
		rec("b1", with(func(r *campaign.Record) { r.List, r.Status, r.Qualifier, r.Operation = "l", "s", status.Redial, "op" })),
		rec("a1", owner("x", at(9))),
		rec("d1", standing(status.StandingClosed)), rec("e1", standing(status.StandingHeld)), rec("f1", park(at(9), 0)), rec("g1", park(at(9), 5)),
	)
	everything := []string{"c1", "b1", "a1", "d1", "e1", "f1", "g1", "z1"}
	require.Equal(t, []string{"b1"}, leased(t, st, all(noon, func(q *campaign.Claim) {
		q.From[0].Sources, q.Limit = []campaign.Source{{Lane: status.LaneFresh, Due: noon}}, 2
		q.From[0].Max = 2
	}))[1:])
	commit(t, st, ended(look(t, st, campaign.Ref{Campaign: one, Record: "c1"})))
	for name, c := range map[string]struct {
		filter campaign.Filter
		want   []string
	}{
		"all, by campaign and sequence": {campaign.Filter{}, everything},
		"campaign":                      {campaign.Filter{Campaigns: []campaign.ID{other, "none"}}, []string{"z1"}},
		"records, in the same order":    {campaign.Filter{Records: []campaign.RecordID{"z1", "a1", "c1", "a1", "none"}}, []string{"c1", "a1", "z1"}},
		"records of a campaign":         {campaign.Filter{Campaigns: []campaign.ID{one}, Records: []campaign.RecordID{"z1", "a1"}}, []string{"a1"}},
		"contact":                       {campaign.Filter{Contacts: []campaign.ContactID{"p"}}, []string{"c1"}},
		"main number":                   {campaign.Filter{Numbers: []blacklist.Number{second}}, []string{"z1"}},
		"any number":                    {campaign.Filter{Numbers: []blacklist.Number{second, shared}, AnyNumber: true}, []string{"c1", "z1"}},
		"contact and number":            {campaign.Filter{Contacts: []campaign.ContactID{"p"}, Numbers: []blacklist.Number{second}}, nil},
		"list":                          {campaign.Filter{Lists: []string{"l"}}, []string{"b1"}},
		"status":                        {campaign.Filter{Statuses: []status.ID{"s"}}, []string{"b1"}},
		"no status":                     {campaign.Filter{Statuses: []status.ID{""}, Campaigns: []campaign.ID{other}}, []string{"z1"}},
		"qualifier":                     {campaign.Filter{Qualifiers: []status.Qualifier{status.Redial}}, []string{"b1"}},
		"owner":                         {campaign.Filter{Owners: []campaign.AgentID{"x"}}, []string{"a1"}},
		"operation":                     {campaign.Filter{Operation: "op"}, []string{"b1"}},
		"ready":                         {campaign.Filter{States: []campaign.State{campaign.StateReady}, At: noon}, []string{"c1", "g1", "z1"}},
		"waiting":                       {campaign.Filter{States: []campaign.State{campaign.StateWaiting}, At: noon}, []string{"a1"}},
		"waiting no more":               {campaign.Filter{States: []campaign.State{campaign.StateWaiting}, At: at(9)}, nil},
		"parked":                        {campaign.Filter{States: []campaign.State{campaign.StateParked}, At: noon}, []string{"f1"}},
		"parked at a named revision": {campaign.Filter{States: []campaign.State{campaign.StateParked}, At: noon,
			Revisions: map[campaign.ID]int64{one: 5}}, []string{"g1"}},
		"held, closed or leased": {campaign.Filter{States: []campaign.State{campaign.StateHeld, campaign.StateClosed, campaign.StateLeased}}, []string{"b1", "d1", "e1"}},
		"limit":                  {campaign.Filter{Limit: 2}, everything[:2]},
		"after":                  {campaign.Filter{After: campaign.Ref{Campaign: one, Record: "a1"}}, everything[3:]},
		"after, with limit":      {campaign.Filter{After: campaign.Ref{Campaign: one, Record: "g1"}, Limit: 5}, everything[7:]},
		"after, of some records": {campaign.Filter{After: campaign.Ref{Campaign: one, Record: "a1"}, Records: []campaign.RecordID{"c1", "a1", "g1", "z1"}}, []string{"g1", "z1"}},
	} {
		assert.Equal(t, c.want, find(t, st, c.filter), name)
		n, err := st.Count(ctx, c.filter, campaign.ByNothing)
		require.NoError(t, err)
		assert.Equal(t, len(c.want), n[""], name)
	}
	for _, err := range st.Find(ctx, campaign.Filter{After: campaign.Ref{Campaign: one, Record: "none"}}, campaign.Need{}) {
		assert.ErrorIs(t, err, campaign.ErrNotFound)
	}
}

func findBringsWhatIsNeeded(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1", person("p")))
	commit(t, st, campaign.Change{Contact: &campaign.Contact{ID: "p", Company: "c"},
		Call: &campaign.Call{Token: 50, Campaign: one, Record: "a1", Ended: noon}})
	f := claim(t, st, all(noon)).Leased[0]
	for need, want := range map[campaign.Need][2]int{{}: {0, 1}, {Contact: true, NoCalls: true}: {1, 0}, {Since: at(1)}: {0, 0}} {
		for got, err := range st.Find(ctx, campaign.Filter{}, need) {
			require.NoError(t, err)
			assert.Equal(t, want[0] == 1, got.Contact != nil)
			assert.Len(t, got.History, want[1])
			assert.Equal(t, f.Lease, got.Lease)
		}
	}
}

func findMeetsEachRecordOnceWhileOthersWrite(t *testing.T, open opener) {
	st := open(t)
	const n = 1500
	numbered := func(i int) *campaign.Record {
		r := rec(fmt.Sprint("r", i), phones(blacklist.Number(48_600_000_000+i)))
		r.Sequence = int64(1 + (i*7919)%n) // not in the order of adding
		return r
	}
	for i := range n {
		add(t, st, numbered(i))
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			r := rec(fmt.Sprint("x", i), phones(blacklist.Number(48_700_000_000+i)))
			r.Sequence, r.List = int64(1+i%n), "new"
			old := numbered(i % n)
			old.Due = at(i)
			errs, err := st.Commit(ctx, adding(r), campaign.Change{Ref: refOf(old), Record: old})
			assert.NoError(t, err)
			assert.Nil(t, errs)
		}
	})
	for range 5 {
		seen := map[campaign.RecordID]int{}
		var last int64
		for f, err := range st.Find(ctx, campaign.Filter{}, campaign.Need{}) {
			require.NoError(t, err)
			assert.LessOrEqual(t, last, f.Record.Sequence)
			last = f.Record.Sequence
			seen[f.Record.ID]++
			if seen[f.Record.ID] > 1 {
				t.Errorf("%s came twice", f.Record.ID)
			}
		}
		for i := range n {
			assert.Equal(t, 1, seen[numbered(i).ID])
		}
		counts, err := st.Count(ctx, campaign.Filter{}, campaign.ByState)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, counts["ready"]+counts["waiting"], n)
	}
	close(stop)
	wg.Wait()
}

func theCallerOfFindMayWriteOrStop(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1"), rec("c1"))
	for f, err := range st.Find(ctx, campaign.Filter{}, campaign.Need{}) {
		require.NoError(t, err)
		f.Record.List = "seen"
		commit(t, st, campaign.Change{Ref: refOf(&f.Record), Record: &f.Record}) // no lock is held
		if f.Record.ID == "b1" {
			break
		}
	}
	assert.Equal(t, []string{"a1", "b1"}, find(t, st, campaign.Filter{Lists: []string{"seen"}}))
}

func countGroups(t *testing.T, open opener) {
	st := open(t)
	add(t, st, rec("a1"), rec("b1", owner("x", at(9))), rec("c1", standing(status.StandingClosed)), rec("d1", standing(status.StandingHeld)),
		rec("e1", park(at(9), 0)), rec("f1", in(other), class("X")))
	s := look(t, st, campaign.Ref{Campaign: one, Record: "c1"}).Record
	s.Status, s.Qualifier = "s", status.Closed
	commit(t, st, campaign.Change{Ref: refOf(&s), Record: &s})
	require.Len(t, claim(t, st, all(noon)).Leased, 1)
	for by, want := range map[campaign.Group]map[string]int{
		campaign.ByNothing:   {"": 6},
		campaign.ByState:     {"leased": 1, "waiting": 1, "closed": 1, "held": 1, "parked": 1, "ready": 1},
		campaign.ByStatus:    {"": 5, "s": 1},
		campaign.ByQualifier: {status.None.String(): 5, status.Closed.String(): 1},
		campaign.ByOwner:     {"": 5, "x": 1},
		campaign.ByClass:     {zone: 5, "X": 1},
		campaign.ByCampaign:  {"one": 5, "other": 1},
	} {
		got, err := st.Count(ctx, campaign.Filter{At: noon}, by)
		require.NoError(t, err)
		assert.Equal(t, want, got, "by %q", by)
	}
	_, err := st.Count(ctx, campaign.Filter{}, "colour")
	require.ErrorContains(t, err, `"colour"`)
}
