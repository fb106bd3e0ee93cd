package contract

import (
	"context"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
)

const (
	zone              = "Europe/Warsaw"
	one   campaign.ID = "one"
	other campaign.ID = "other"
)

func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// rec is a fresh record of campaign one with a number of its own: no two texts
// share a first letter in these tests.
func rec(id string, edits ...func(*campaign.Record)) *campaign.Record {
	r := &campaign.Record{
		ID: campaign.RecordID(id), Campaign: one, Class: zone,
		Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + uint64(id[0])*1000 + uint64(id[len(id)-1]))}},
		Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh},
	}
	for _, edit := range edits {
		edit(r)
	}
	return r
}

func in(id campaign.ID) func(*campaign.Record) { return func(r *campaign.Record) { r.Campaign = id } }
func class(name string) func(*campaign.Record) { return func(r *campaign.Record) { r.Class = name } }
func due(l status.Lane, t time.Time) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Lane, r.Due = l, t }
}
func keyed(sort, key int64) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Sort, r.Key = sort, key }
}
func owner(a campaign.AgentID, t time.Time) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Lane, r.Due, r.Owner = status.LaneOwn, t, a }
}
func person(id campaign.ContactID) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Contact = id }
}
func park(until time.Time, revision int64) func(*campaign.Record) {
	return func(r *campaign.Record) {
		r.Park = campaign.Park{Until: until, Reason: campaign.ReasonGap, Revision: revision}
	}
}
func standing(s status.Standing) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Standing, r.Lane = s, status.LaneNone }
}
func phones(numbers ...blacklist.Number) func(*campaign.Record) {
	return func(r *campaign.Record) {
		r.Phones = nil
		for _, n := range numbers {
			r.Phones = append(r.Phones, campaign.Phone{Number: n})
		}
	}
}

func refOf(r *campaign.Record) campaign.Ref {
	return campaign.Ref{Campaign: r.Campaign, Record: r.ID}
}

func leaseRef(f campaign.Facts) campaign.Ref {
	return campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token}
}

func adding(r *campaign.Record) campaign.Change {
	return campaign.Change{Ref: refOf(r), Add: true, Record: r}
}

func add(t *testing.T, st campaign.Store, records ...*campaign.Record) {
	t.Helper()
	for _, r := range records {
		commit(t, st, adding(r))
	}
}

// commit wants everything written.
func commit(t *testing.T, st campaign.Store, changes ...campaign.Change) {
	t.Helper()
	errs, err := st.Commit(ctx, changes...)
	require.NoError(t, err)
	require.Nil(t, errs)
}

// refused wants one change refused, and returns why.
func refused(t *testing.T, st campaign.Store, ch campaign.Change) error {
	t.Helper()
	errs, err := st.Commit(ctx, ch)
	require.NoError(t, err)
	require.Len(t, errs, 1)
	require.Error(t, errs[0])
	return errs[0]
}

func look(t *testing.T, st campaign.Store, ref campaign.Ref) campaign.Facts {
	t.Helper()
	facts, err := looked(ctx, st, campaign.Need{Contact: true, Before: true}, ref)
	require.NoError(t, err)
	require.Len(t, facts, 1)
	return facts[0]
}

// all is an ask of everything that is due at now in campaign one.
func all(now time.Time, edits ...func(*campaign.Claim)) campaign.Claim {
	q := campaign.Claim{
		Now: now, Until: now.Add(time.Minute), Holder: "holder", Agent: "agent", Limit: 100,
		From: []campaign.Step{{Campaign: one, Open: []string{zone}, Max: 100, Sources: sources(now)}},
	}
	for _, edit := range edits {
		edit(&q)
	}
	return q
}

// sources are all lanes, in the order of the tiers.
func sources(due time.Time) []campaign.Source {
	return []campaign.Source{
		{Lane: status.LaneOwn, Due: due}, {Lane: status.LaneProgressive, Due: due}, {Lane: status.LanePublic, Due: due},
		{Lane: status.LaneFresh, Due: due}, {Lane: status.LaneAgain, Due: due}, {Lane: status.LaneLast, Due: due},
	}
}

func limit(n int) func(*campaign.Claim) { return func(q *campaign.Claim) { q.Limit = n } }
func revision(n int64) func(*campaign.Claim) {
	return func(q *campaign.Claim) {
		for i := range q.From {
			q.From[i].Revision = n
		}
	}
}
func campaigns(ids ...campaign.ID) func(*campaign.Claim) {
	return func(q *campaign.Claim) {
		step := q.From[0]
		q.From = nil
		for _, id := range ids {
			step.Campaign = id
			q.From = append(q.From, step)
		}
	}
}

func claim(t *testing.T, st campaign.Store, q campaign.Claim) campaign.Claimed {
	t.Helper()
	var got campaign.Claimed
	require.NoError(t, st.Claim(ctx, q, &got))
	return got
}

func ids(facts []campaign.Facts) (ids []string) {
	for _, f := range facts {
		ids = append(ids, string(f.Record.ID))
	}
	return ids
}

func leased(t *testing.T, st campaign.Store, q campaign.Claim) []string {
	t.Helper()
	got := claim(t, st, q)
	require.Empty(t, got.Expired)
	return ids(got.Leased)
}

func find(t *testing.T, st campaign.Store, f campaign.Filter) (found []string) {
	t.Helper()
	for facts, err := range st.Find(ctx, f, campaign.Need{}) {
		require.NoError(t, err)
		found = append(found, string(facts.Record.ID))
	}
	return found
}

// looked is a Look with memory of its own.
func looked(ctx context.Context, st campaign.Store, need campaign.Need, refs ...campaign.Ref) ([]campaign.Facts, error) {
	var into campaign.Looked
	err := st.Look(ctx, need, &into, refs...)
	return into.Facts, err
}
