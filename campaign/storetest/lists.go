package storetest

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// listing is what the host's own blacklists answer.
var listing = part{"Lists", []clause{
	{
		Name: "ListsAreCheckedAsCommitted",
		Rule: "Check answers for the host's own lists as committed before the call.",
		holds: func(t *trial) {
			st := t.open()
			check := func(now time.Time) bool {
				answers, err := st.Check(t.ctx, blacklist.Query{Now: now, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}})
				require.NoError(t, err)
				for _, a := range answers {
					assert.Empty(t, a.Checker)
					assert.True(t, a.Listed)
				}
				return len(answers) > 0
			}
			assert.False(t, check(noon))
			commit(t, st, campaign.Change{List: []blacklist.Entry{{List: "l", Number: shared, Until: at(5)}}})
			assert.True(t, check(noon))
			assert.False(t, check(at(5)))
			commit(t, st, campaign.Change{Unlist: []blacklist.Key{{List: "l", Number: shared}}})
			assert.False(t, check(noon))
		},
	},
	{
		Name: "GlobalIsAlwaysAskedTheOthersByTheirNames",
		Rule: "Check answers for Global and for the lists that the query names, for the numbers that it names, and for no others; upper and lower case differ.",
		holds: func(t *trial) {
			st := t.open()
			const second, third blacklist.Number = 48_600_555_777, 48_600_555_888
			commit(t, st, campaign.Change{List: []blacklist.Entry{{List: blacklist.Global, Number: shared}, {List: "l", Number: second}, {List: "L", Number: third}, {List: "m", Number: second}}})
			for _, c := range []struct {
				lists   []blacklist.List
				numbers []blacklist.Number
				want    []blacklist.Key
			}{
				{nil, []blacklist.Number{shared, second, third}, []blacklist.Key{{List: blacklist.Global, Number: shared}}},
				{[]blacklist.List{"l"}, []blacklist.Number{third, second, shared}, []blacklist.Key{{List: blacklist.Global, Number: shared}, {List: "l", Number: second}}},
				{[]blacklist.List{"L", "L", "none", blacklist.Global}, []blacklist.Number{third, third, second}, []blacklist.Key{{List: "L", Number: third}}},
				{[]blacklist.List{"l", "m"}, []blacklist.Number{second}, []blacklist.Key{{List: "l", Number: second}, {List: "m", Number: second}}},
				{[]blacklist.List{"l", "L", "m"}, []blacklist.Number{48_600_555_999, 4_860_055_577}, nil},
				{[]blacklist.List{"l"}, nil, nil},
			} {
				given := blacklist.Query{Now: noon, Lists: append([]blacklist.List(nil), c.lists...), Numbers: append([]blacklist.Number(nil), c.numbers...)}
				found := make(map[blacklist.Key]bool)
				for _, a := range listed(t, st, given) {
					assert.True(t, a.Listed, "an answer says that the number is listed")
					assert.Equal(t, a.Number, a.Entry.Number)
					found[a.Entry.Key()] = true
				}
				want := make(map[blacklist.Key]bool)
				for _, k := range c.want {
					want[k] = true
				}
				assert.Equal(t, want, found)
				assert.Equal(t, c.lists, given.Lists, "the query is the caller's")
				assert.Equal(t, c.numbers, given.Numbers, "the query is the caller's")
			}
		},
	},
	{
		Name: "AnEntryBlocksUntilItsVeryInstant",
		Rule: "An entry blocks until the instant Until, exclusive, to the microsecond; the zero Until is permanent.",
		holds: func(t *trial) {
			st := t.open()
			const forever blacklist.Number = 48_600_555_777
			until := at(5).Add(1234 * time.Microsecond)
			commit(t, st, campaign.Change{List: []blacklist.Entry{{List: "l", Number: shared, Until: until.Add(999)}, {List: "l", Number: forever}}})
			for _, c := range []struct {
				now  time.Time
				want int
			}{{at(-9999), 2}, {until.Add(-time.Microsecond), 2}, {until, 1}, {until.Add(time.Microsecond), 1}, {campaign.Forever, 1}} {
				q := blacklist.Query{Now: c.now, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared, forever}}
				assert.Len(t, listed(t, st, q), c.want, "at %s", c.now)
				q.Now = c.now.In(time.FixedZone("east", 7200))
				assert.Len(t, listed(t, st, q), c.want, "at %s", q.Now)
			}
		},
	},
	{
		Name: "TheEntryThatEndsLaterStays",
		Rule: "A number is on a list at most once: of two entries the one that ends later stays, whole; listing for a shorter time never shortens.",
		holds: func(t *trial) {
			st := t.open()
			entry := func(author string, until time.Time) blacklist.Entry {
				return blacklist.Entry{List: "l", Number: shared, Author: author, Reason: "because of " + author, Added: at(-9), Until: until}
			}
			for _, c := range []struct{ given, want blacklist.Entry }{
				{entry("first", at(5)), entry("first", at(5))},
				{entry("shorter", at(4)), entry("first", at(5))},
				{entry("same", at(5)), entry("first", at(5))},
				{entry("longer", at(6)), entry("longer", at(6))},
				{entry("permanent", time.Time{}), entry("permanent", time.Time{})},
				{entry("late", campaign.Forever), entry("permanent", time.Time{})},
			} {
				commit(t, st, campaign.Change{List: []blacklist.Entry{c.given}})
				got := listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}})
				require.Len(t, got, 1)
				assert.Equal(t, c.want, got[0].Entry)
			}
			commit(t, st, campaign.Change{List: []blacklist.Entry{entry("a", at(1)), entry("b", at(3)), entry("c", at(2))},
				Unlist: []blacklist.Key{{List: "l", Number: shared}}})
			got := listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}})
			require.Len(t, got, 1, "Unlist comes before List")
			assert.Equal(t, entry("b", at(3)), got[0].Entry)
		},
	},
	{
		Name: "UnlistTakesOffOneKeyOnly",
		Rule: "Unlist takes a number off one list, expired or not; off a list that it is not on, it is nothing.",
		holds: func(t *trial) {
			st := t.open()
			const second blacklist.Number = 48_600_555_777
			commit(t, st, campaign.Change{List: []blacklist.Entry{{List: "l", Number: shared}, {List: "m", Number: shared}, {List: "l", Number: second, Until: at(1)}}})
			commit(t, st, campaign.Change{Unlist: []blacklist.Key{{List: "l", Number: shared}, {List: "l", Number: 48_600_555_888}, {List: "none", Number: shared}, {List: "l", Number: second}}})
			got := listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{"l", "m"}, Numbers: []blacklist.Number{shared, second}})
			require.Len(t, got, 1)
			assert.EqualValues(t, "m", got[0].Entry.List)
		},
	},
}}
