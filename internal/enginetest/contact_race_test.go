package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Two stores on one database know nothing of each other but what the database
// tells: as two processes. Whoever comes with a key second is told who has it.
func TestTwoStoresOnOnePostgreSQLWriteNoContactTwice(t *testing.T) {
	const rounds, callers = 25, 8
	p := newPostgresStores(t)
	first := p.open(t)
	stores := []campaign.Store{first, p.at(t, p.name[first])}
	for round := range rounds {
		// Each has two keys, in orders that cross, of campaigns of their own or of none.
		var all sync.WaitGroup
		var mu sync.Mutex
		var written []campaign.ContactID
		for i := range callers {
			all.Go(func() {
				id := campaign.ContactID(fmt.Sprintf("c%d-%d", round, i))
				keys := []string{fmt.Sprint("a", round), fmt.Sprint("b", round)}
				ch := campaign.Change{UniqueContact: true, Contact: &campaign.Contact{ID: id, LastName: "Kowalska", Keys: []string{keys[i%2], keys[1-i%2]},
					Phones: []blacklist.Number{blacklist.Number(48_600_000_000 + round*callers + i)}}}
				if i%3 > 0 {
					ref := campaign.Ref{Campaign: campaign.ID(fmt.Sprint("k", i)), Record: campaign.RecordID(id)}
					ch.Ref, ch.Add, ch.Record = ref, true, &campaign.Record{ID: ref.Record, Campaign: ref.Campaign, Contact: id}
				}
				errs, err := stores[i%2].Commit(context.Background(), ch)
				if !assert.NoError(t, err) {
					return
				}
				if errs == nil {
					mu.Lock()
					defer mu.Unlock()
					written = append(written, id)
					return
				}
				var exists *campaign.ContactExistsError
				if assert.ErrorAs(t, errs[0], &exists) {
					assert.Len(t, exists.Matches, 2)
				}
			})
		}
		all.Wait()
		require.Len(t, written, 1, "round %d", round)
		owners, err := first.(campaign.ContactStore).ContactsWith(t.Context(), campaign.ContactKey{Kind: campaign.KeyOwn, Value: fmt.Sprint("a", round)})
		require.NoError(t, err)
		require.Equal(t, [][]campaign.ContactID{written}, owners)
	}
	assert.Zero(t, p.deadlocks(t), "all take their locks in one order")
}

// A contact that becomes another one while records get it: either it had them and
// is refused, or they get the other one.
func TestTwoStoresOnOnePostgreSQLLeaveNoRecordWithAContactThatIsGone(t *testing.T) {
	const rounds = 40
	p := newPostgresStores(t)
	first := p.open(t)
	stores := []campaign.Store{first, p.at(t, p.name[first])}
	merged := 0
	for round := range rounds {
		old, survivor := campaign.ContactID(fmt.Sprint("old", round)), campaign.ContactID(fmt.Sprint("new", round))
		errs, err := first.Commit(t.Context(), campaign.Change{Contact: &campaign.Contact{ID: old}})
		require.NoError(t, err)
		require.Nil(t, errs)
		var all sync.WaitGroup
		all.Go(func() {
			errs, err := stores[round%2].Commit(context.Background(), campaign.Change{Contact: &campaign.Contact{ID: survivor}, Merge: old})
			assert.NoError(t, err)
			if errs == nil {
				merged++
			} else {
				assert.ErrorIs(t, errs[0], campaign.ErrConflict)
			}
		})
		ref := campaign.Ref{Campaign: "one", Record: campaign.RecordID(fmt.Sprint("r", round))}
		all.Go(func() {
			errs, err := stores[1-round%2].Commit(context.Background(), campaign.Change{Ref: ref, Add: true,
				Record: &campaign.Record{ID: ref.Record, Campaign: ref.Campaign, Contact: old}})
			assert.NoError(t, errors.Join(append(errs, err)...))
		})
		all.Wait()
		var got campaign.Looked
		require.NoError(t, first.Look(t.Context(), campaign.Need{Contact: true}, &got, ref))
		require.NotNil(t, got.Facts[0].Contact, "round %d: record with contact %q", round, got.Facts[0].Record.Contact)
	}
	t.Logf("%d of %d were merged first", merged, rounds)
	assert.Zero(t, p.deadlocks(t))
}

// Words of names are written and deleted by many at a time: none that is used is
// missing afterwards, and none that is not used is left.
func TestTwoStoresOnOnePostgreSQLAgreeOnTheWordsOfNames(t *testing.T) {
	const callers, each = 8, 30
	p := newPostgresStores(t)
	first := p.open(t)
	stores := []campaign.Store{first, p.at(t, p.name[first])}
	words := []string{"Kowalski", "Nowak", "Wójcik", "Lewandowska"}
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for n := range each {
				c := &campaign.Contact{ID: campaign.ContactID(fmt.Sprint("c", i)), FirstName: words[(i+n)%4], LastName: words[(i*n)%4]}
				ch := campaign.Change{Contact: c}
				if n%3 == 2 {
					ch = campaign.Change{Forget: c.ID}
				}
				errs, err := stores[(i+n)%2].Commit(context.Background(), ch)
				assert.NoError(t, errors.Join(append(errs, err)...))
			}
		})
	}
	all.Wait()
	db := p.cluster.open(t, p.name[first])
	missing, left := -1, -1
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM nextcall_tail t WHERE kind < 2 AND NOT EXISTS (SELECT 1 FROM nextcall_word w WHERE w.word = split_part(t.tail, ' ', 1))`).Scan(&missing))
	assert.Zero(t, missing)
	for i := range callers {
		errs, err := first.Commit(t.Context(), campaign.Change{Forget: campaign.ContactID(fmt.Sprint("c", i))})
		require.NoError(t, errors.Join(append(errs, err)...))
	}
	require.NoError(t, db.QueryRow(`SELECT (SELECT count(*) FROM nextcall_tail) + (SELECT count(*) FROM nextcall_contact_key)`).Scan(&left))
	assert.Zero(t, left)
	require.NoError(t, db.QueryRow(`SELECT (SELECT count(*) FROM nextcall_word) + (SELECT count(*) FROM nextcall_suffix)`).Scan(&left))
	assert.Zero(t, left, "words that nobody has")
}
