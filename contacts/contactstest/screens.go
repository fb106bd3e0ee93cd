package contactstest

import (
	"errors"
	"sync"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
)

// safely is a desk whose ids may be drawn by many at a time.
func (d *desk) safely() *desk {
	var mu sync.Mutex
	return d.over(d.store, func(cfg *contacts.Config) {
		next := cfg.NewID
		cfg.NewID = func() string {
			mu.Lock()
			defer mu.Unlock()
			return next()
		}
	})
}

// Many screens at once make one contact and one case of one person, and the phones of
// the contact are those of its case afterwards.
//
// rows: N10, N11
func manyScreens(d *desk) {
	book := d.safely().book
	expected := func(err error) bool {
		var exists *campaign.ContactExistsError
		var duplicate *campaign.DuplicateError
		return err == nil || errors.As(err, &exists) || errors.As(err, &duplicate) || errors.Is(err, campaign.ErrConflict)
	}
	const people, screens = 8, 8
	var all sync.WaitGroup
	for s := range screens {
		all.Go(func() {
			for i := range people {
				c := person("Anna", "Nowak", i)
				key := c.Unique()[0]
				_, err := book.Open(ctx, contacts.Opening{Campaign: "sales", Channel: campaign.ChannelWeb, New: &c, Actor: ann})
				assert.True(d, expected(err), "open: %v", err)
				found, err := book.ByKey(ctx, key)
				if !assert.NoError(d, err) || !assert.Len(d, found, 1) {
					return
				}
				_, err = book.Open(ctx, contacts.Opening{Campaign: "care", Channel: campaign.ChannelWeb, Chosen: found[0].ID, Actor: ann})
				assert.True(d, expected(err), "open another: %v", err)
				next := *found[0]
				next.Version = 0
				next.Phones = append(next.Phones[:1:1], number(1000+100*i+s))
				_, err = book.Save(ctx, contacts.Saving{Contact: next, Actor: ann})
				assert.True(d, expected(err), "save: %v", err)
			}
		})
	}
	all.Wait()
	for i := range people {
		p := person("", "", i)
		found, err := book.ByKey(ctx, p.Unique()[0])
		require.NoError(d, err)
		require.Len(d, found, 1)
		cases, err := book.Cases(ctx, found[0].ID)
		require.NoError(d, err)
		assert.Len(d, cases, 2)
		for _, r := range cases {
			var phones []blacklist.Number
			for _, p := range r.Phones {
				phones = append(phones, p.Number)
			}
			assert.Equal(d, found[0].Phones, phones)
		}
	}
}
