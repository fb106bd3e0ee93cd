package enginetest

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/status"
)

// groups are Commits of several changes, in which later ones meet what earlier
// ones of the same Commit have done but the database has not been told yet. A
// later group knows the tokens of the leases that the former began.
var groups = []struct {
	name    string
	changes func(tokens map[string]campaign.Token) []campaign.Change
}{
	{"what is added twice, with one contact, with one number", func(map[string]campaign.Token) []campaign.Change {
		return []campaign.Change{
			adds("a", 1, "ann"), adds("a", 2, ""), adds("b", 3, "ann"), unique(adds("c", 1, "")), unique(adds("d", 4, "")), unique(adds("e", 4, "")), adds("b", 2, "bob"),
		}
	}},
	{"numbers and contacts that move to another record", func(map[string]campaign.Token) []campaign.Change {
		return []campaign.Change{
			sets("d", 5, ""), unique(adds("f", 4, "")), unique(adds("g", 5, "")), sets("a", 1, "eve"), adds("h", 6, "ann"), adds("i", 7, "eve"),
			closes("f", 4), unique(adds("j", 4, "")),
		}
	}},
	{"leases that need the same", func(map[string]campaign.Token) []campaign.Change {
		return []campaign.Change{
			takes("a", 0), takes("a", 0), takes("h", 1), sets("i", 1, ""), takes("i", 0), takes("b", 8), adds("k", 8, ""), takes("k", 0), sets("a", 1, "eve"),
		}
	}},
	{"leases that end and begin", func(tokens map[string]campaign.Token) []campaign.Change {
		return []campaign.Change{
			ends("a", tokens["a"]), takes("i", 0), takes("a", 0), ends("a", tokens["a"]), goesOn("b", tokens["b"], 9), takes("k", 0), sets("d", 9, ""), takes("d", 0),
			revises("d", 3), revises("d", 2),
		}
	}},
	{"parks that end, of records that have just been changed", func(map[string]campaign.Token) []campaign.Change {
		wake := campaign.Change{Wake: []blacklist.Number{number(10)}}
		return []campaign.Change{
			adds("l", 10, ""), parks("l", 10, 3), adds("m", 10, ""), parks("m", 10, 4), wake, parks("m", 10, 4), revises("m", 4),
		}
	}},
}

func number(n int) blacklist.Number { return blacklist.Number(48_600_000_000 + n) }

func record(id string, n int, contact campaign.ContactID) *campaign.Record {
	return &campaign.Record{ID: campaign.RecordID(id), Campaign: "one", Contact: contact, Class: callZone, Sort: 1 << 16,
		Phones:   []campaign.Phone{{Number: number(n)}},
		Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
}

func on(id string, token campaign.Token) campaign.Change {
	return campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: campaign.RecordID(id), Token: token}}
}

func sets(id string, n int, contact campaign.ContactID) campaign.Change {
	ch := on(id, 0)
	ch.Record = record(id, n, contact)
	return ch
}

func adds(id string, n int, contact campaign.ContactID) campaign.Change {
	ch := sets(id, n, contact)
	ch.Add = true
	return ch
}

func unique(ch campaign.Change) campaign.Change {
	ch.UniqueNumbers = true
	return ch
}

func closes(id string, n int) campaign.Change {
	ch := sets(id, n, "")
	ch.Record.Standing, ch.Record.Lane = status.StandingClosed, status.LaneNone
	return ch
}

func parks(id string, n int, revision int64) campaign.Change {
	ch := sets(id, n, "")
	ch.Record.Park = campaign.Park{Until: callNoon.Add(time.Hour), Reason: campaign.ReasonBlacklisted, Revision: revision}
	return ch
}

func revises(id string, revision int64) campaign.Change {
	ch := on(id, 0)
	ch.Revision = revision
	return ch
}

// takes begins a lease that dials n as well, unless it is 0.
func takes(id string, n int) campaign.Change {
	ch := on(id, 0)
	ch.Lease = &campaign.Lease{Holder: id, At: callNoon, Until: callNoon.Add(time.Minute)}
	if n != 0 {
		ch.Lease.Number = number(n)
	}
	return ch
}

func ends(id string, token campaign.Token) campaign.Change {
	ch := on(id, token)
	ch.Call = &campaign.Call{Token: token, Campaign: "one", Record: ch.Ref.Record, Number: number(1), Ended: callNoon, Outcome: campaign.NoAnswer}
	return ch
}

func goesOn(id string, token campaign.Token, n int) campaign.Change {
	ch := on(id, token)
	ch.Extend = true
	ch.Lease = &campaign.Lease{Holder: id, Number: number(n), Phase: campaign.Dialed, At: callNoon, Until: callNoon.Add(time.Minute)}
	return ch
}

// outcome is what a store says of a group: the errors, and the records afterwards.
type outcome struct {
	errs  []string
	facts []string
	next  []string
}

func outcomesOf(t *testing.T, st campaign.Store) (all []outcome) {
	tokens := make(map[string]campaign.Token)
	for _, g := range groups {
		changes := g.changes(tokens)
		errs, err := st.Commit(t.Context(), changes...)
		require.NoError(t, err, g.name)
		var o outcome
		for i := range changes {
			text := "done"
			if errs != nil && errs[i] != nil {
				text = errs[i].Error()
			}
			o.errs = append(o.errs, fmt.Sprintf("%d of %s: %s", i, changes[i].Ref.Record, text))
			if l := changes[i].Lease; l != nil && l.Token != 0 {
				tokens[l.Holder] = l.Token
			}
		}
		for f, err := range st.Find(t.Context(), campaign.Filter{}, campaign.Need{}) {
			require.NoError(t, err)
			o.facts = append(o.facts, fmt.Sprintf("%s v%d %v %q lease %d park %d busy %v calls %d",
				f.Record.ID, f.Record.Version, f.Record.Phones, f.Record.Contact, f.Lease.Call, f.Record.Park.Revision, f.Busy, len(f.History)))
		}
		var claimed campaign.Claimed
		err = st.Claim(t.Context(), campaign.Claim{Now: callNoon, Until: callNoon, Limit: 1, From: []campaign.Step{{Campaign: "one", Revision: 4}}}, &claimed)
		for _, c := range claimed.Classes {
			o.next = append(o.next, fmt.Sprint(c))
		}
		o.next = append(o.next, fmt.Sprint(err, claimed.NextExpiry))
		all = append(all, o)
	}
	return all
}

// Changes of one Commit are made in their order, each on what those before it
// left, though the database is told of them together.
func TestChangesOfOneGroupSeeEachOther(t *testing.T) {
	want := outcomesOf(t, plainstore.New())
	refused := 0
	for i := range want {
		for _, text := range want[i].errs {
			if text[len(text)-4:] != "done" {
				refused++
			}
		}
	}
	assert.Equal(t, 17, refused, "the groups refuse what they are meant to refuse")
	check := func(t *testing.T, st campaign.Store) {
		for i, got := range outcomesOf(t, st) {
			assert.Equal(t, want[i], got, groups[i].name)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		check(t, openSQL(t, sqliteFile(t, filepath.Join(t.TempDir(), "group.db")), sqlstore.SQLite))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		check(t, newPostgresStores(t).open(t))
	})
}

// What a store keeps from one transaction to the next it believes only as long as
// nobody else has written.
func TestWhatOthersWriteIsSeenAtOnce(t *testing.T) {
	db := sqliteFile(t, filepath.Join(t.TempDir(), "shared.db"))
	mine, other := openSQL(t, db, sqlstore.SQLite), openSQL(t, db, sqlstore.SQLite)
	commit := func(st *sqlstore.Store, changes ...campaign.Change) []error {
		errs, err := st.Commit(t.Context(), changes...)
		require.NoError(t, err)
		return errs
	}
	require.Nil(t, commit(mine, adds("a", 1, ""), adds("b", 2, ""), adds("c", 3, "")))
	take := takes("a", 0)
	require.Nil(t, commit(mine, take))
	token := take.Lease.Token

	// By another store on the same tables.
	more := goesOn("a", token, 1)
	more.Record = record("a", 4, "")
	require.Nil(t, commit(other, more))
	late := ends("a", token)
	late.Record = record("a", 5, "")
	late.Record.Version = 1
	assert.ErrorIs(t, commit(mine, late)[0], campaign.ErrConflict)
	late.Record.Version = 2
	require.Nil(t, commit(mine, late))
	var leased *campaign.LeasedError
	require.Nil(t, commit(other, takes("b", 4)), "the number that the other store gave the record is free again")
	require.ErrorAs(t, commit(mine, takes("c", 4))[0], &leased)
	assert.EqualValues(t, "b", leased.Hold.Ref.Record)

	// By a transaction of the host's, whether it is committed or not.
	take = takes("c", 0)
	require.Nil(t, commit(mine, take))
	for _, commits := range []bool{false, true} {
		tx, err := db.Begin()
		require.NoError(t, err)
		errs, err := mine.CommitTx(t.Context(), tx, ends("c", take.Lease.Token))
		require.NoError(t, err)
		require.Nil(t, errs)
		if !commits {
			require.NoError(t, tx.Rollback())
			require.Nil(t, commit(mine, goesOn("c", take.Lease.Token, 3)), "nothing has happened")
			continue
		}
		require.NoError(t, tx.Commit())
		assert.ErrorIs(t, commit(mine, ends("c", take.Lease.Token))[0], campaign.ErrLeaseLost)
	}

	// By the end of another's park.
	take = takes("a", 0)
	take.Record = record("a", 5, "")
	take.Record.Park = campaign.Park{Until: callNoon, Reason: campaign.ReasonBlacklisted, Revision: 1}
	require.Nil(t, commit(mine, take))
	require.Nil(t, commit(mine, campaign.Change{Wake: []blacklist.Number{number(5)}}))
	var seen campaign.Claimed
	require.NoError(t, mine.Claim(t.Context(), campaign.Claim{Now: callNoon.Add(time.Hour), Until: callNoon.Add(2 * time.Hour), Limit: 5, From: []campaign.Step{{Campaign: "one"}}}, &seen))
	i := slices.IndexFunc(seen.Expired, func(f campaign.Facts) bool { return f.Record.ID == "a" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, campaign.Park{}, seen.Expired[i].Record.Park)
}

// A Claim that finds nothing waits for no disk: it leaves the database as it was.
func TestAClaimThatFindsNothingWritesNothing(t *testing.T) {
	db := sqliteFile(t, filepath.Join(t.TempDir(), "idle.db"))
	st := openSQL(t, db, sqlstore.SQLite)
	_, err := st.Commit(t.Context(), adds("a", 1, ""), takes("a", 0))
	require.NoError(t, err)
	turn := func() (n int) {
		require.NoError(t, db.QueryRow(`SELECT turn FROM nextcall_counter`).Scan(&n))
		return n
	}
	before := turn()
	for range 3 {
		var claimed campaign.Claimed
		q := campaign.Claim{Now: callNoon, Until: callNoon, Limit: 1, From: []campaign.Step{{
			Campaign: "one", Max: 1, Open: []string{callZone}, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: callNoon}}}}}
		require.NoError(t, st.Claim(t.Context(), q, &claimed))
		assert.Empty(t, claimed.Leased)
	}
	assert.Equal(t, before, turn())
	errs, err := st.Commit(t.Context(), takes("a", 0))
	require.NoError(t, err)
	var leased *campaign.LeasedError
	require.ErrorAs(t, errs[0], &leased)
	assert.Equal(t, before, turn(), "a refusal writes nothing either")
}

// claimsOne asks for one fresh record.
func claimsOne(now time.Time) campaign.Claim {
	return campaign.Claim{Now: now, Until: now.Add(time.Hour), Limit: 1, From: []campaign.Step{{Campaign: "one", Max: 1,
		Open: []string{callZone}, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: now}}}}}
}

// claimedTogether keeps the first Claim waiting, and the others behind it.
func claimedTogether(t *testing.T, db *sql.DB, st campaign.Store, claims []campaign.Claim) []campaign.Claimed {
	t.Helper()
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = tx.Exec(`UPDATE nextcall_counter SET turn = turn`)
	require.NoError(t, err)
	var all sync.WaitGroup
	got := make([]campaign.Claimed, len(claims))
	for i := range claims {
		all.Go(func() { assert.NoError(t, st.Claim(t.Context(), claims[i], &got[i])) })
		time.Sleep(50 * time.Millisecond) // they come in this order
	}
	require.NoError(t, tx.Rollback())
	all.Wait()
	return got
}

// Claims that wait for the same turn are done in one transaction, each with its
// own clock: what becomes callable between them, the later one gets.
func TestClaimsOfOneGroupHaveTheirOwnClocks(t *testing.T) {
	db := sqliteFile(t, filepath.Join(t.TempDir(), "clocks.db"))
	st := openSQL(t, db, sqlstore.SQLite)
	parked, delayed := adds("parked", 1, ""), adds("delayed", 2, "")
	parked.Record.Sort, parked.Record.Park = 1, campaign.Park{Until: callNoon.Add(time.Second), Reason: campaign.ReasonBlacklisted}
	delayed.Record.Sort, delayed.Record.Due = 2, callNoon.Add(3*time.Second)
	errs, err := st.Commit(t.Context(), parked, delayed, adds("r1", 3, ""), adds("r2", 4, ""), adds("r3", 5, ""))
	require.NoError(t, err)
	require.Nil(t, errs)
	var claims []campaign.Claim
	for _, after := range []time.Duration{0, 0, 2 * time.Second, 4 * time.Second} {
		claims = append(claims, claimsOne(callNoon.Add(after)))
	}
	got := claimedTogether(t, db, st, claims)
	for i, want := range []campaign.RecordID{"r1", "r2", "parked", "delayed"} {
		if assert.Len(t, got[i].Leased, 1) {
			assert.Equal(t, want, got[i].Leased[0].Record.ID)
		}
	}
}

// They bring histories that are read together, and each has those since its own time.
func TestClaimsOfOneGroupHaveTheirOwnHistories(t *testing.T) {
	db := sqliteFile(t, filepath.Join(t.TempDir(), "histories.db"))
	st := openSQL(t, db, sqlstore.SQLite)
	changes := []campaign.Change{adds("warm", 1, "")}
	ids := []campaign.RecordID{"r1", "r2", "r3"}
	for i, id := range ids {
		changes = append(changes, adds(string(id), 2+i, ""))
		for k, before := range []time.Duration{time.Hour, 24 * time.Hour, 72 * time.Hour} {
			ref := campaign.Ref{Campaign: "one", Record: id}
			changes = append(changes, campaign.Change{Ref: ref, Call: &campaign.Call{Token: campaign.Token(1000 + 10*i + k), Campaign: "one", Record: id,
				Ended: callNoon.Add(-before), Outcome: campaign.NoAnswer}})
		}
	}
	errs, err := st.Commit(t.Context(), changes...)
	require.NoError(t, err)
	require.Nil(t, errs)
	var claims []campaign.Claim
	for _, since := range []time.Duration{time.Hour, 2 * time.Hour, 100 * time.Hour, 48 * time.Hour} {
		q := claimsOne(callNoon)
		q.Need.Since = callNoon.Add(-since)
		claims = append(claims, q)
	}
	got := claimedTogether(t, db, st, claims)
	for i, want := range []int{1, 3, 2} {
		if assert.Len(t, got[i+1].Leased, 1) {
			assert.Equal(t, ids[i], got[i+1].Leased[0].Record.ID)
			assert.Len(t, got[i+1].Leased[0].History, want, "record %s", ids[i])
		}
	}
}
