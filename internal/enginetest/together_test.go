package enginetest_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/status"
)

// What comes with a record is the same whether it is read of many together or of one
// alone. Records of two campaigns share contacts, and neighbours share numbers, so
// that calls are of several of them.
func TestSQLiteReadsOfManyWhatItReadsOfEach(t *testing.T) {
	const n = 45
	dsn := "file:" + filepath.Join(t.TempDir(), "many.db") + "?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)"
	inner, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	defer inner.Close()
	watched, db := newRecorder(inner.Driver(), dsn)
	defer db.Close()
	st, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite, sqlstore.Options{})
	require.NoError(t, err)
	defer st.Close()
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	var changes []campaign.Change
	for _, id := range []campaign.ID{"one", "two"} {
		for i := range n {
			number := func(k int) campaign.Phone {
				return campaign.Phone{Number: blacklist.Number(48_600_000_000 + k)}
			}
			r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", i)), Campaign: id, Class: "c",
				Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
			for k := range i % 4 { // some have no number
				r.Phones = append(r.Phones, number(i+k))
			}
			ch := campaign.Change{Ref: campaign.Ref{Campaign: id, Record: r.ID}, Add: true, Record: r}
			if i%3 > 0 {
				r.Contact = campaign.ContactID(fmt.Sprint("p", i))
			}
			if i%3 == 1 && id == "one" { // others name a contact that is not there
				ch.Contact = &campaign.Contact{ID: r.Contact, LastName: fmt.Sprint("Nowak", i)}
			}
			if len(r.Phones) > 0 || r.Contact != "" {
				ch.Call = &campaign.Call{Token: campaign.Token(1_000_000 + len(changes)), Campaign: id, Record: r.ID, Contact: r.Contact,
					Ended: noon.Add(time.Duration(len(changes)*17%60) * time.Minute)}
				if len(r.Phones) > 0 {
					ch.Call.Number = r.Phones[len(r.Phones)-1].Number
				}
			}
			changes = append(changes, ch)
		}
	}
	errs, err := st.Commit(t.Context(), changes...)
	require.NoError(t, err)
	require.Nil(t, errs)

	need := campaign.Need{Since: noon.Add(10 * time.Minute), Contact: true}
	calls, contacts := 0, 0
	watched.record(true)
	for _, many := range []int{1, 2, 7, 8, 15, 16, 17, 31, 32, 33, n} {
		var refs []campaign.Ref
		for i := range many {
			refs = append(refs, campaign.Ref{Campaign: "one", Record: changes[(many+7*i)%n].Ref.Record})
		}
		var all campaign.Looked
		require.NoError(t, st.Look(t.Context(), need, &all, refs...))
		require.Len(t, all.Facts, many)
		for i, ref := range refs {
			var one campaign.Looked
			require.NoError(t, st.Look(t.Context(), need, &one, ref))
			require.Equal(t, one.Facts[0], all.Facts[i], "%v, the %d. of %d", ref, i, many)
			calls += len(one.Facts[0].History)
			if one.Facts[0].Contact != nil {
				contacts++
			}
		}
	}
	watched.record(false)
	assert.Greater(t, calls, 400)
	assert.Greater(t, contacts, 50)

	together := 0
	seen := make(map[string]bool)
	for _, s := range watched.taken() {
		if s.kind != queries || seen[s.text] {
			continue
		}
		seen[s.text] = true
		if len(s.args) >= 16 {
			together++
		}
		for _, line := range explained(t, inner, s) {
			assert.False(t, strings.HasPrefix(line, "SCAN c") || strings.HasPrefix(line, "SCAN nextcall_"), "%s looks through a table: %s", s.text, line)
		}
	}
	assert.Equal(t, 2, together, "histories, and contacts")
}

// What a call changes seldom is found by each filter as soon as it has changed.
func TestSQLiteFindsWhatACallChangesSeldom(t *testing.T) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "seldom.db")+"?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)")
	require.NoError(t, err)
	defer db.Close()
	st, err := sqlstore.Open(t.Context(), db, sqlstore.SQLite, sqlstore.Options{})
	require.NoError(t, err)
	defer st.Close()
	ref := campaign.Ref{Campaign: "one", Record: "r"}
	r := campaign.Record{ID: "r", Campaign: "one", Class: "c", Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
	commit := func(ch campaign.Change) {
		errs, err := st.Commit(t.Context(), ch)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	added := r
	commit(campaign.Change{Ref: ref, Add: true, Record: &added})
	for name, c := range map[string]struct {
		change func()
		filter campaign.Filter
	}{
		"status":    {func() { r.Status = "s" }, campaign.Filter{Statuses: []status.ID{"s"}}},
		"qualifier": {func() { r.Qualifier = status.Success }, campaign.Filter{Qualifiers: []status.Qualifier{status.Success}}},
		"operation": {func() { r.Operation = "o" }, campaign.Filter{Operation: "o"}},
		"author":    {func() { r.Author = "anna" }, campaign.Filter{Authors: []string{"anna"}}},
		"agent":     {func() { r.LastAgent = "anna" }, campaign.Filter{Agents: []campaign.AgentID{"anna"}}},
	} {
		c.change()
		now := r
		commit(campaign.Change{Ref: ref, Record: &now})
		counts, err := st.Count(t.Context(), c.filter, campaign.ByNothing)
		require.NoError(t, err)
		assert.Equal(t, 1, counts[""], name)
	}
}
