package rule_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// stocked is a store with n records: the age of r0 is 0, of r1 is 1 and so on,
// and every fifth, from r4 on, has none.
func stocked(t testing.TB, n int) (*campaign.Campaign, *memstore.Store) {
	t.Helper()
	ctx := context.Background()
	c, _, err := campaign.Compile(config(), nil, rule.Engine{})
	require.NoError(t, err)
	store := memstore.New()
	q, err := dialer.New(ctx, store, dialer.Static(c), dialer.Config{Now: func() time.Time { return monday }})
	require.NoError(t, err)
	records := make([]campaign.Record, n)
	for i := range records {
		records[i] = campaign.Record{
			ID: campaign.RecordID(fmt.Sprintf("r%d", i)), Campaign: c.ID(), Type: "client",
			Phones: []campaign.Phone{{Number: 48600000000 + blacklist.Number(i)}}, Fields: campaign.Fields{"city": "Kraków"},
		}
		if i%5 != 4 {
			records[i].Fields["age"] = int64(i)
		}
	}
	added, err := q.Add(ctx, dialer.Adding{Records: records})
	require.NoError(t, err)
	for _, a := range added {
		require.NoError(t, a.Err)
	}
	return c, store
}

// listing is what a search gave: the records that match, and those that failed.
type listing struct{ matched, failed []string }

func find(t testing.TB, f *rule.Filter, store campaign.Store, where campaign.Filter) listing {
	t.Helper()
	var l listing
	for facts, err := range f.Find(context.Background(), store, where, monday) {
		var failure *rule.Failure
		switch {
		case errors.As(err, &failure):
			assert.Equal(t, facts.Record.ID, failure.Record)
			l.failed = append(l.failed, string(facts.Record.ID))
		case err != nil:
			require.NoError(t, err)
		default:
			l.matched = append(l.matched, string(facts.Record.ID))
		}
	}
	return l
}

func filter(t testing.TB, c *campaign.Campaign, text string) *rule.Filter {
	t.Helper()
	f, _, err := rule.Engine{}.Filter(c, text)
	require.NoError(t, err)
	return f
}

func TestAFilterFindsWhatMatchesAndSaysWhatFailed(t *testing.T) {
	c, store := stocked(t, 12)
	l := find(t, filter(t, c, `record.fields.age >= 6`), store, campaign.Filter{})
	assert.Equal(t, []string{"r6", "r7", "r8", "r10", "r11"}, l.matched)
	assert.Equal(t, []string{"r4", "r9"}, l.failed, "a record that cannot be judged is not left out")

	l = find(t, filter(t, c, `has(record.fields.age) && record.fields.age >= 6`), store, campaign.Filter{})
	assert.Equal(t, []string{"r6", "r7", "r8", "r10", "r11"}, l.matched)
	assert.Empty(t, l.failed)

	l = find(t, filter(t, c, `record.fields.city == "Łódź"`), store, campaign.Filter{})
	assert.Empty(t, l.matched)
}

// Limit and After are those of what matches, so that pages can be turned.
func TestPagesOfAFilterAreOfWhatMatches(t *testing.T) {
	c, store := stocked(t, 40)
	f := filter(t, c, `has(record.fields.age) && record.fields.age % 2 == 0`)
	all := find(t, f, store, campaign.Filter{}).matched
	require.Len(t, all, 16)
	for _, size := range []int{1, 3, 16, 100} {
		var got []string
		where := campaign.Filter{Limit: size}
		for {
			page := find(t, f, store, where).matched
			got = append(got, page...)
			if len(page) < size {
				break
			}
			where.After = campaign.Ref{Campaign: c.ID(), Record: campaign.RecordID(page[len(page)-1])}
		}
		assert.Equal(t, all, got, "pages of %d", size)
	}
	l := find(t, filter(t, c, `record.fields.age >= 3`), store, campaign.Filter{Limit: 2})
	assert.Equal(t, listing{matched: []string{"r3", "r5"}, failed: []string{"r4"}}, l, "failed ones come beside")
	l = find(t, f, store, campaign.Filter{Records: []campaign.RecordID{"r2", "r3", "r6"}})
	assert.Equal(t, []string{"r2", "r6"}, l.matched, "both the store's filter and the condition")
}

func TestAFilterBringsWhatItsConditionReads(t *testing.T) {
	c, _ := stocked(t, 1)
	assert.Equal(t, campaign.Need{NoCalls: true}, filter(t, c, `record.attempts > 1`).Need(monday))
	assert.Equal(t, campaign.Need{NoCalls: true, Contact: true}, filter(t, c, `contact.fields.score > 1`).Need(monday))
	assert.Equal(t, campaign.Need{Since: monday.Add(-time.Hour)}, filter(t, c, `count("busy", duration("1h")) > 1`).Need(monday))
	assert.Equal(t, campaign.Need{Since: time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)}, filter(t, c, `attempts.today > 1`).Need(monday))

	// A contact is found where the store has it.
	f := filter(t, c, `contact.fields.score == 7 && attempts.today == 0`)
	ok, err := f.Holds(facts(), monday)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, rule.True, f.Explain(facts(), monday).Result)
}

func TestAFilterReadsTheContactAndTheCallsThatTheStoreHas(t *testing.T) {
	o := newOffice(t, nil, auto("busy", status.Redial, `call.outcome == "busy"`))
	ctx := context.Background()
	r := o.looked().Record
	r.Contact = "c1"
	errs, err := o.store.Commit(ctx, campaign.Change{
		Ref: o.ref(), Record: &r, Contact: &campaign.Contact{ID: "c1", Fields: campaign.Fields{"score": int64(7)}},
	})
	require.NoError(t, errors.Join(append(errs, err)...))
	o.call(campaign.Result{Outcome: campaign.LineBusy})
	f := filter(t, o.c, `contact.fields.score == 7 && attempts.today == 1 && count("busy", duration("1h")) == 1`)
	assert.Equal(t, []string{"r1"}, find(t, f, o.store, campaign.Filter{}).matched)
	f = filter(t, o.c, `contact.fields.score == 7 && count("voicemail", duration("1h")) == 1`)
	assert.Equal(t, listing{}, find(t, f, o.store, campaign.Filter{}))
}

func TestAFilterRefusesWhatItCannotDecide(t *testing.T) {
	c, store := stocked(t, 2)
	for text, want := range map[string]string{
		`record.atempts > 1`:      `atempts`,
		`record.attempts`:         `true or false`,
		``:                        `filter`,
		`record.attempts > "one"`: `compare with a number`,
		`call.outcome == "busy"`:  `call.outcome`,
		`blacklisted`:             `blacklisted`,
	} {
		f, _, err := rule.Engine{}.Filter(c, text)
		if assert.Error(t, err, text) {
			var wrong *campaign.FieldError
			assert.True(t, errors.As(err, &wrong), text)
			assert.Contains(t, err.Error(), want)
			assert.Nil(t, f)
		}
	}
	f := filter(t, c, `record.attempts == 0`)
	for _, err := range f.Find(context.Background(), store, campaign.Filter{Campaigns: []campaign.ID{"autumn"}}, monday) {
		assert.ErrorContains(t, err, `"spring"`)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n := 0
	for _, err := range f.Find(ctx, store, campaign.Filter{}, monday) {
		assert.ErrorIs(t, err, context.Canceled)
		n++
	}
	assert.Equal(t, 1, n)
}

func TestAFilterMayBeUsedByManyAtOnce(t *testing.T) {
	c, store := stocked(t, 60)
	f := filter(t, c, `record.fields.age >= 30 && record.fields.city == "Kraków"`)
	want := find(t, f, store, campaign.Filter{})
	require.NotEmpty(t, want.matched)
	require.NotEmpty(t, want.failed)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				got := find(t, f, store, campaign.Filter{})
				if !slices.Equal(got.matched, want.matched) || !slices.Equal(got.failed, want.failed) {
					t.Errorf("got %v", got)
				}
			}
		})
	}
	all.Wait()
}

// endless is a store that has records for ever, and does not look at ctx.
type endless struct{ campaign.Store }

func (endless) Find(context.Context, campaign.Filter, campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		for yield(campaign.Facts{}, nil) {
		}
	}
}

func TestASearchThatIsNoLongerWantedEnds(t *testing.T) {
	c, store := stocked(t, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n := 0
	for _, err := range filter(t, c, `record.attempts > 1`).Find(ctx, endless{store}, campaign.Filter{}, monday) {
		assert.ErrorIs(t, err, context.Canceled)
		n++
	}
	assert.Equal(t, 1, n)
}

// A reader may stop whenever it has seen enough.
func TestASearchEndsWhenTheReaderStops(t *testing.T) {
	c, store := stocked(t, 20)
	n := 0
	for range filter(t, c, `true`).Find(context.Background(), store, campaign.Filter{}, monday) {
		if n++; n == 3 {
			break
		}
	}
	assert.Equal(t, 3, n)
}

func BenchmarkFind(b *testing.B) {
	c, store := stocked(b, 5000)
	f := filter(b, c, `has(record.fields.age) && record.fields.age > 4990 && record.fields.city == "Kraków"`)
	for b.Loop() {
		find(b, f, store, campaign.Filter{})
	}
}
