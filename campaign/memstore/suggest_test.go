package memstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
)

// inOrder wants suggestions to be of contacts that match as they say, in their
// order, each once.
func inOrder(t *testing.T, typed campaign.Typed, found []campaign.Suggestion) {
	seen := make(map[campaign.ContactID]bool)
	for i, s := range found {
		now, ok := typed.Match(s.Contact)
		assert.True(t, ok)
		assert.Equal(t, s, now)
		assert.False(t, seen[s.Contact.ID], "%s comes twice", s.Contact.ID)
		seen[s.Contact.ID] = true
		if i > 0 {
			assert.Negative(t, found[i-1].Compare(s))
		}
	}
}

// Callers write, merge and delete contacts while others type: whatever comes fits
// together, and in the end it is what a look at all contacts finds.
func TestWhoTypesWhileOthersWriteSeesWholeContacts(t *testing.T) {
	const contacts, rounds = 300, 1500
	ctx, st := context.Background(), memstore.New()
	id := func(r *rand.Rand) campaign.ContactID { return campaign.ContactID(fmt.Sprint("p", r.IntN(contacts))) }
	words := []string{"Anna", "Jan", "Łukasz", "Kowal", "Kowalska", "Nowak", "Janowska"}
	typed := []string{"a", "ow", "jan", "kowal n", "an k", "486", "5", "łu"}
	var all sync.WaitGroup
	for caller := range 6 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(caller), 0))
			for range rounds {
				if caller%2 == 0 {
					q := campaign.Typed{Text: typed[r.IntN(len(typed))], Limit: 1 + r.IntN(20)}
					found, err := st.Suggest(ctx, q)
					assert.NoError(t, err)
					inOrder(t, q, found)
					continue
				}
				ch := campaign.Change{Contact: &campaign.Contact{ID: id(r), FirstName: words[r.IntN(len(words))], LastName: words[r.IntN(len(words))],
					Phones: []blacklist.Number{48_600_000_000 + blacklist.Number(r.IntN(1000))}}, UniqueContact: r.IntN(2) == 0}
				switch r.IntN(20) {
				case 0:
					ch.Merge = id(r)
				case 1:
					ch = campaign.Change{Forget: id(r)}
				}
				_, err := st.Commit(ctx, ch)
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	var ids []campaign.ContactID
	for i := range contacts {
		ids = append(ids, campaign.ContactID(fmt.Sprint("p", i)))
	}
	known, err := st.Contacts(ctx, ids...)
	require.NoError(t, err)
	for _, text := range typed {
		q := campaign.Typed{Text: text, Limit: 100}
		var want []campaign.Suggestion
		for i, c := range known {
			if s, ok := q.Match(c); ok && c.ID == ids[i] { // once, whoever became it
				want = append(want, s)
			}
		}
		slices.SortFunc(want, campaign.Suggestion.Compare)
		got, err := st.Suggest(ctx, q)
		require.NoError(t, err)
		assert.Equal(t, want[:min(len(want), 100)], got, text)
	}
}

// More is written between two questions than the index may lag behind.
func TestTheIndexFollowsManyContactsAtOnce(t *testing.T) {
	ctx, st := context.Background(), memstore.New()
	q := campaign.Typed{Text: "nowak"}
	for round := range 3 {
		var changes []campaign.Change
		for i := range 3000 {
			changes = append(changes, campaign.Change{Contact: &campaign.Contact{ID: campaign.ContactID(fmt.Sprint("c", i)), LastName: fmt.Sprint("Nowak", round), FirstName: fmt.Sprint(i)}})
		}
		errs, err := st.Commit(ctx, changes...)
		require.NoError(t, err)
		require.Nil(t, errs)
		found, err := st.Suggest(ctx, q)
		require.NoError(t, err)
		require.Len(t, found, 10)
		for i, s := range found {
			assert.Equal(t, fmt.Sprint("nowak", round, " ", []int{0, 1, 10, 100, 1000, 1001, 1002, 1003, 1004, 1005}[i]), s.Text)
		}
	}
}

func TestWhoIsNotListenedToGetsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	st := memstore.New()
	_, err := st.Suggest(ctx, campaign.Typed{Text: "a"})
	require.ErrorIs(t, err, context.Canceled)
	_, err = st.Contacts(ctx, "a")
	require.ErrorIs(t, err, context.Canceled)
	_, err = st.ContactsWith(ctx, campaign.ContactKey{})
	require.ErrorIs(t, err, context.Canceled)
}
