package contacts_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/contacts"
)

// Many screens at once make one contact and one case of one person, and the phones of
// the contact are those of its case afterwards.
func TestManyScreensAtOnceMakeNoDuplicates(t *testing.T) {
	store := memstore.New()
	var ids atomic.Int64
	book, err := contacts.New(store, contacts.List{sales(t), care(t)}, contacts.Config{NewID: func() string { return fmt.Sprint("id", ids.Add(1)) }})
	require.NoError(t, err)
	expected := func(err error) bool {
		var exists *campaign.ContactExistsError
		var duplicate *campaign.DuplicateError
		return err == nil || errors.As(err, &exists) || errors.As(err, &duplicate) || errors.Is(err, campaign.ErrConflict)
	}
	const people, screens = 20, 8
	var all sync.WaitGroup
	for s := range screens {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := range people {
				c := person("Anna", "Nowak", i)
				key := c.Unique()[0]
				_, err := book.Open(ctx, contacts.Opening{Campaign: "sales", Channel: campaign.ChannelWeb, New: &c, Actor: ann})
				assert.True(t, expected(err), "%v", err)
				found, err := book.ByKey(ctx, key)
				if !assert.NoError(t, err) || !assert.Len(t, found, 1) {
					return
				}
				_, err = book.Open(ctx, contacts.Opening{Campaign: "care", Channel: campaign.ChannelWeb, Chosen: found[0].ID, Actor: ann})
				assert.True(t, expected(err), "%v", err)
				next := *found[0]
				next.Version = 0
				next.Phones = append(next.Phones[:1:1], number(1000+100*i+s))
				_, err = book.Save(ctx, contacts.Saving{Contact: next, Actor: ann})
				assert.True(t, expected(err), "%v", err)
			}
		}()
	}
	all.Wait()
	for i := range people {
		found, err := book.ByKey(ctx, campaign.ContactKey{Kind: campaign.KeyPhone, Value: strings.TrimPrefix(number(i).String(), "+")})
		require.NoError(t, err)
		require.Len(t, found, 1)
		cases, err := book.Cases(ctx, found[0].ID)
		require.NoError(t, err)
		assert.Len(t, cases, 2)
		for _, r := range cases {
			var phones []blacklist.Number
			for _, p := range r.Phones {
				phones = append(phones, p.Number)
			}
			assert.Equal(t, found[0].Phones, phones)
		}
	}
}
