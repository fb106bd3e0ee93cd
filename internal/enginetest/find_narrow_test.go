package enginetest

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/status"
)

var narrowNoon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// narrowRecord is a record of which each part of a filter in NarrowFilters finds few.
func narrowRecord(i int) *campaign.Record {
	r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", i)), Campaign: "one", Class: "Europe/Warsaw", Sort: 7, List: fmt.Sprint("list", i/100),
		Contact: campaign.ContactID(fmt.Sprint("c", i)), ExternalID: fmt.Sprintf("CRM-%06d", i), Author: "engine",
		Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}, {Number: 48_700_000_000 + blacklist.Number(i)}},
		Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh, Qualifier: status.Unused}}
	if i%2 == 0 {
		r.Lane, r.Qualifier, r.Status = status.LaneAgain, status.Redial, status.ID(fmt.Sprint("s", i%200))
		r.LastCall, r.LastAgent, r.Author = narrowNoon.Add(-time.Duration(i)*time.Hour), campaign.AgentID(fmt.Sprint("agent", i%200)), fmt.Sprint("agent", i%200)
		r.Due = narrowNoon.Add(time.Duration(i) * time.Minute)
		r.Owner = campaign.AgentID(fmt.Sprint("owner", i%200))
	}
	if i%500 == 1 {
		r.Lane, r.Standing, r.Qualifier, r.Operation = status.LaneNone, status.StandingHeld, status.Success, "op"
		r.Due = narrowNoon.Add(-time.Hour)
	}
	return r
}

// NarrowFilter is a filter that finds few records.
type NarrowFilter struct {
	Name   string
	filter campaign.Filter
	want   int
}

// NarrowFilters are filters, each by a part that an index has, for 3,000 records of
// which two are leased.
func NarrowFilters() []NarrowFilter {
	many := campaign.Filter{AnyNumber: true}
	for i := range 400 {
		many.Terms = append(many.Terms, campaign.Term{ID: campaign.RecordID(fmt.Sprint("none", i)), Number: blacklist.Number(48_700_000_000 + 100_000*i)})
	}
	return []NarrowFilter{
		{"records", campaign.Filter{Records: []campaign.RecordID{"r7", "r8"}}, 2},
		{"contacts", campaign.Filter{Contacts: []campaign.ContactID{"c7", "c9"}}, 2},
		{"numbers", campaign.Filter{Numbers: []blacklist.Number{48_600_000_007}}, 1},
		{"any numbers", campaign.Filter{Numbers: []blacklist.Number{48_700_000_007}, AnyNumber: true}, 1},
		{"terms", campaign.Filter{Terms: []campaign.Term{{ID: "r7"}, {ID: "x", Number: 48_600_000_009}}}, 2},
		{"many terms", many, 1},
		{"external id", campaign.Filter{ExternalID: "M-00201"}, 10},
		{"lists", campaign.Filter{Lists: []string{"list7"}}, 100},
		{"statuses", campaign.Filter{Statuses: []status.ID{"s44"}}, 15},
		{"qualifiers", campaign.Filter{Qualifiers: []status.Qualifier{status.Success}}, 6},
		{"system statuses", campaign.Filter{Systems: []campaign.System{campaign.SystemDoNotCall, campaign.SystemMine, campaign.SystemExhausted}}, 0},
		{"in progress", campaign.Filter{Systems: []campaign.System{campaign.SystemInProgress}}, 2},
		{"leased", campaign.Filter{States: []campaign.State{campaign.StateLeased}}, 2},
		{"owners", campaign.Filter{Owners: []campaign.AgentID{"owner44"}}, 15},
		{"agents", campaign.Filter{Agents: []campaign.AgentID{"agent44"}}, 15},
		{"authors", campaign.Filter{Authors: []string{"agent44"}}, 15},
		{"called", campaign.Filter{Called: campaign.Span{From: narrowNoon.Add(-30 * time.Hour), To: narrowNoon.Add(-10 * time.Hour)}}, 10},
		{"due", campaign.Filter{Due: campaign.Span{From: narrowNoon.Add(-2 * time.Hour), To: narrowNoon.Add(-time.Minute)}}, 6},
		{"due later", campaign.Filter{Due: campaign.Span{From: narrowNoon.Add(100 * time.Minute), To: narrowNoon.Add(120 * time.Minute)}}, 10},
		{"operation", campaign.Filter{Operation: "op"}, 6},
		{"operation and list", campaign.Filter{Operation: "op", Lists: []string{"list5"}}, 1},
	}
}

// FillNarrow adds so many records, in the order of their numbers.
func FillNarrow(t testing.TB, st *sqlstore.Store, from, to int) {
	var changes []campaign.Change
	for i := from; i < to; i++ {
		r := narrowRecord(i)
		ch := campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, Record: r}
		if !r.LastCall.IsZero() {
			ch.Call = &campaign.Call{Token: campaign.Token(1_000_000 + i), Campaign: "one", Record: r.ID, Ended: r.LastCall.Add(time.Minute)}
		}
		changes = append(changes, ch)
		if len(changes) == 500 || i == to-1 {
			errs, err := st.Commit(t.Context(), changes...)
			require.NoError(t, err)
			require.Nil(t, errs)
			changes = nil
		}
	}
}

// LeaseNarrow leases two records.
func LeaseNarrow(t testing.TB, st *sqlstore.Store) {
	var got campaign.Claimed
	require.NoError(t, st.Claim(t.Context(), campaign.Claim{Now: narrowNoon, Until: narrowNoon.Add(time.Hour), Holder: "h", Limit: 2, From: []campaign.Step{{
		Campaign: "one", Max: 2, Open: []string{"Europe/Warsaw"}, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: narrowNoon}}}}}, &got))
	require.Len(t, got.Leased, 2)
}

// FindNarrow finds and counts, and says how many it found.
func FindNarrow(t testing.TB, st *sqlstore.Store, f NarrowFilter) {
	n := 0
	for _, err := range st.Find(t.Context(), f.filter, campaign.Need{NoCalls: true}) {
		require.NoError(t, err, f.Name)
		n++
	}
	counts, err := st.Count(t.Context(), f.filter, campaign.ByState)
	require.NoError(t, err, f.Name)
	counted := 0
	for _, m := range counts {
		counted += m
	}
	assert.Equal(t, f.want, n, f.Name)
	assert.Equal(t, f.want, counted, f.Name)
}

var readingFew = regexp.MustCompile(`Seq Scan on nextcall_(?:lease|with|lane)`)

// rows: Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14
func TestNoNarrowFilterLooksThroughATableOfPostgreSQL(t *testing.T) {
	db, seen := explaining(t)
	st := openSQL(t, db, sqlstore.PostgreSQL)
	look := func() {
		// What the index of parts has not taken in yet is read whole.
		_, err := db.Exec("SELECT gin_clean_pending_list('nextcall_record_external')")
		require.NoError(t, err)
		_, err = db.Exec("SET auto_explain.log_min_duration = 0")
		require.NoError(t, err)
		for _, f := range NarrowFilters() {
			seen.take()
			FindNarrow(t, st, f)
			list := seen.take()
			require.NotEmpty(t, list, f.Name)
			for _, plan := range list {
				// There are few leases and lanes: they may be read whole.
				cheap(t, f.Name, readingFew.ReplaceAllString(plan, ""))
			}
		}
		_, err = db.Exec("SET auto_explain.log_min_duration = -1")
		require.NoError(t, err)
	}
	// Nothing is known of the tables but that they were empty once, and then all is.
	_, err := db.Exec("VACUUM ANALYZE")
	require.NoError(t, err)
	FillNarrow(t, st, 0, 3000)
	LeaseNarrow(t, st)
	look()
	_, err = db.Exec("VACUUM ANALYZE")
	require.NoError(t, err)
	look()
}

// What a call changes of a record costs nothing to be found by when it was called:
// the log tells. All else is noted.
func TestPostgreSQLFindsWhatWasCalledByTheLog(t *testing.T) {
	p := newPostgresStores(t)
	db := p.cluster.open(t, p.create(t))
	st := openSQL(t, db, sqlstore.PostgreSQL)
	commit := func(changes ...campaign.Change) {
		t.Helper()
		errs, err := st.Commit(t.Context(), changes...)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	for i := range 8 {
		r := narrowRecord(2*i + 3)
		commit(campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, Record: r})
	}
	var got campaign.Claimed
	require.NoError(t, st.Claim(t.Context(), campaign.Claim{Now: narrowNoon, Until: narrowNoon.Add(time.Hour), Holder: "h", Limit: 5, From: []campaign.Step{{
		Campaign: "one", Max: 5, Open: []string{"Europe/Warsaw"}, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: narrowNoon}}}}}, &got))
	require.Len(t, got.Leased, 5)
	report := func(f *campaign.Facts, called, ended time.Time) campaign.Change {
		r := f.Record
		r.LastCall = called
		ch := campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID, Token: f.Lease.Token}, Record: &r}
		if !ended.IsZero() {
			ch.Call = &campaign.Call{Token: f.Lease.Call, Campaign: "one", Record: r.ID, Ended: ended}
		}
		return ch
	}
	at := func(minutes int) time.Time { return narrowNoon.Add(time.Duration(minutes) * time.Minute) }
	noted := func() (n int) {
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM nextcall_trait WHERE kind = 7").Scan(&n))
		return n
	}
	called := func(from, to int) (found []campaign.RecordID) {
		f := campaign.Filter{Called: campaign.Span{From: at(from), To: at(to)}}
		for x, err := range st.Find(t.Context(), f, campaign.Need{NoCalls: true}) {
			require.NoError(t, err)
			found = append(found, x.Record.ID)
		}
		counts, err := st.Count(t.Context(), f, campaign.ByNothing)
		require.NoError(t, err)
		assert.Equal(t, len(found), counts[""])
		return found
	}
	commit(report(&got.Leased[0], at(1), at(3)))                                        // alone
	commit(report(&got.Leased[1], at(2), at(2)), report(&got.Leased[2], at(3), at(62))) // together
	assert.Zero(t, noted(), "the log tells of them")
	assert.Equal(t, []campaign.RecordID{"r3", "r5", "r7"}, called(1, 4))
	assert.Equal(t, []campaign.RecordID{"r5"}, called(2, 3))
	assert.Equal(t, []campaign.RecordID{"r7"}, called(3, 4))
	commit(report(&got.Leased[3], at(4), at(64)))
	assert.Equal(t, 1, noted(), "a call of an hour")
	assert.Equal(t, []campaign.RecordID{"r9"}, called(4, 5))
	f := campaign.Facts{Record: *narrowRecord(13)}
	commit(report(&f, at(5), time.Time{}))
	assert.Equal(t, 2, noted(), "no call at all")
	assert.Equal(t, []campaign.RecordID{"r13"}, called(5, 6))
	late := campaign.Call{Token: got.Leased[0].Lease.Call, Campaign: "one", Record: "r3", Ended: at(500)}
	commit(campaign.Change{Call: &late})
	assert.Equal(t, 3, noted(), "its call was reported late")
	assert.Equal(t, []campaign.RecordID{"r3"}, called(1, 2))
	// Two changes of one record, and a call that takes the place of another one, in one Commit.
	last := report(&got.Leased[4], at(7), at(8))
	late.Token, late.Record, late.Ended = got.Leased[4].Lease.Call, "r11", at(900)
	commit(last, campaign.Change{Call: &late})
	assert.Equal(t, []campaign.RecordID{"r11"}, called(7, 8))
	late.Token = got.Leased[1].Lease.Call // another record's
	commit(campaign.Change{Call: &late})
	assert.Equal(t, []campaign.RecordID{"r5"}, called(2, 3))
	assert.Empty(t, called(8, 70))
}

// Traits stay when their records have gone: a list of them that is cut must not
// look as if it were whole.
func TestPostgreSQLFindsTheOneThatManyWereBefore(t *testing.T) {
	p := newPostgresStores(t)
	db := p.cluster.open(t, p.create(t))
	st := openSQL(t, db, sqlstore.PostgreSQL)
	r := narrowRecord(2)
	r.ID = "z" // behind all the others
	errs, err := st.Commit(t.Context(), campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, Record: r})
	require.NoError(t, err)
	require.Nil(t, errs)
	f := NarrowFilter{"what many were", campaign.Filter{Statuses: []status.ID{r.Status}}, 1}
	for _, gone := range []int{10, 6000} {
		_, err := db.Exec(fmt.Sprintf("INSERT INTO nextcall_trait (campaign, kind, value, record) SELECT 'one', 1, '%s', 'a' || i FROM generate_series(1, %d) i ON CONFLICT DO NOTHING", r.Status, gone))
		require.NoError(t, err)
		FindNarrow(t, st, f)
	}
}
