package twin_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/internal/twin"
)

// broken is a store that is wrong in one way.
type broken struct {
	*plainstore.Store
	ask     func(q *campaign.Claim)
	claimed func(b *broken, q campaign.Claim, into *campaign.Claimed)
	change  func(b *broken, ch *campaign.Change)
	after   func(b *broken, changes []campaign.Change)
	errs    func(err error) error
	looked  func(b *broken, need campaign.Need, f *campaign.Facts)
	find    func(f *campaign.Filter)
	counts  func(map[string]int)
	query   func(q *blacklist.Query)
	entries func([]campaign.Entry, []*campaign.Call)
	behind  func(after string, limit int) (string, int)
	people  func([]*campaign.Contact)
	having  func([][]campaign.ContactID)
	found   func([]campaign.Suggestion) []campaign.Suggestion

	phones []campaign.Phone
	fields campaign.Fields
	call   *campaign.Call
}

func (b *broken) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	if b.ask != nil {
		q.From = slices.Clone(q.From)
		b.ask(&q)
	}
	err := b.Store.Claim(ctx, q, into)
	if b.claimed != nil {
		b.claimed(b, q, into)
	}
	return err
}

func (b *broken) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if b.change != nil && ctx.Err() == nil {
		changes = slices.Clone(changes)
		for i := range changes {
			b.change(b, &changes[i])
		}
	}
	errs, err := b.Store.Commit(ctx, changes...)
	if b.errs != nil {
		for i := range errs {
			errs[i] = b.errs(errs[i])
		}
	}
	if b.after != nil {
		b.after(b, changes)
	}
	return errs, err
}

func (b *broken) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	err := b.Store.Look(ctx, need, into, refs...)
	for i := range into.Facts {
		if b.looked != nil {
			b.looked(b, need, &into.Facts[i])
		}
	}
	return err
}

func (b *broken) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	if b.find != nil {
		b.find(&f)
	}
	return b.Store.Find(ctx, f, need)
}

func (b *broken) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (map[string]int, error) {
	counts, err := b.Store.Count(ctx, f, by)
	if b.counts != nil {
		b.counts(counts)
	}
	return counts, err
}

func (b *broken) Check(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	if b.query != nil {
		b.query(&q)
	}
	return b.Store.Check(ctx, q)
}

func (b *broken) History(ctx context.Context, ref campaign.Ref) ([]campaign.Entry, []*campaign.Call, error) {
	entries, calls, err := b.Store.History(ctx, ref)
	if b.entries != nil {
		b.entries(entries, calls)
	}
	return entries, calls, err
}

func (b *broken) Pending(ctx context.Context, after string, limit int) ([]campaign.Action, error) {
	if b.behind != nil {
		after, limit = b.behind(after, limit)
	}
	return b.Store.Pending(ctx, after, limit)
}

// record lets a fault change a copy of the record that a change carries.
func record(edit func(r *campaign.Record)) func(*broken, *campaign.Change) {
	return func(_ *broken, ch *campaign.Change) {
		if ch.Record != nil {
			r := *ch.Record
			edit(&r)
			ch.Record = &r
		}
	}
}

func (b *broken) Contacts(ctx context.Context, ids ...campaign.ContactID) ([]*campaign.Contact, error) {
	list, err := b.Store.Contacts(ctx, ids...)
	if b.people != nil {
		b.people(list)
	}
	return list, err
}

func (b *broken) ContactsWith(ctx context.Context, keys ...campaign.ContactKey) ([][]campaign.ContactID, error) {
	lists, err := b.Store.ContactsWith(ctx, keys...)
	if b.having != nil {
		b.having(lists)
	}
	return lists, err
}

func (b *broken) Suggest(ctx context.Context, t campaign.Typed) ([]campaign.Suggestion, error) {
	found, err := b.Store.Suggest(ctx, t)
	if b.found != nil {
		found = b.found(found)
	}
	return found, err
}

var faults = []struct {
	name  string
	store broken
}{
	{"forgets who holds a contact", broken{claimed: func(_ *broken, _ campaign.Claim, into *campaign.Claimed) {
		for i := range into.Leased {
			into.Leased[i].Busy = slices.DeleteFunc(into.Leased[i].Busy, func(h campaign.Hold) bool { return h.Contact != "" })
		}
	}}},
	{"does not say when a park ends", broken{claimed: func(_ *broken, _ campaign.Claim, into *campaign.Claimed) {
		for i := range into.Classes {
			into.Classes[i].Wake = time.Time{}
		}
	}}},
	{"leaves out classes that are all parked", broken{claimed: func(_ *broken, _ campaign.Claim, into *campaign.Claimed) {
		into.Classes = slices.DeleteFunc(into.Classes, func(c campaign.Class) bool { return c.Waiting == 0 })
	}}},
	{"says nothing about own callbacks", broken{claimed: func(_ *broken, _ campaign.Claim, into *campaign.Claimed) {
		for i := range into.Classes {
			into.Classes[i].HasOwn = false
		}
	}}},
	{"hands out the youngest of the leases that ran out first", broken{claimed: func(_ *broken, _ campaign.Claim, into *campaign.Claimed) {
		slices.Reverse(into.Expired)
	}}},
	{"does not know when the next lease runs out", broken{claimed: func(_ *broken, _ campaign.Claim, into *campaign.Claimed) {
		into.NextExpiry = time.Time{}
	}}},
	{"serves one of two equal records too late", broken{claimed: func(_ *broken, _ campaign.Claim, into *campaign.Claimed) {
		for i := 1; i < len(into.Leased); i++ {
			a, b := &into.Leased[i-1], &into.Leased[i]
			if a.Record.Lane == b.Record.Lane && a.Record.Sort == b.Record.Sort && a.Record.Due == b.Record.Due && a.Record.Sequence == b.Record.Sequence && a.Record.Campaign == b.Record.Campaign {
				*a, *b = *b, *a
			}
		}
	}}},
	{"serves the first source only up to its Max", broken{ask: func(q *campaign.Claim) {
		for i := range q.From {
			q.From[i].Sources = slices.Clone(q.From[i].Sources)
			for j := range q.From[i].Sources {
				q.From[i].Sources[j].Max = 0
			}
		}
	}}},
	{"leases records due a microsecond later", broken{ask: func(q *campaign.Claim) {
		for i := range q.From {
			q.From[i].Sources = slices.Clone(q.From[i].Sources)
			for j := range q.From[i].Sources {
				q.From[i].Sources[j].Due = q.From[i].Sources[j].Due.Add(time.Microsecond)
			}
		}
	}}},
	{"brings calls a moment too old", broken{looked: func(_ *broken, need campaign.Need, f *campaign.Facts) {
		f.History = slices.DeleteFunc(f.History, func(c *campaign.Call) bool { return c.Ended.Equal(need.Since) })
	}}},
	{"gives its own phones away", broken{
		claimed: func(b *broken, _ campaign.Claim, into *campaign.Claimed) {
			for i := range into.Leased {
				r := &into.Leased[i].Record
				b.phones = append(b.phones[:0], r.Phones...)
				r.Phones = b.phones
			}
		},
		looked: func(b *broken, _ campaign.Need, f *campaign.Facts) {
			for i := range b.phones {
				b.phones[i].Label = "of another record"
			}
		}}},
	{"gives its own fields away", broken{looked: func(b *broken, _ campaign.Need, f *campaign.Facts) {
		if f.Record.Fields == nil {
			return
		}
		if b.fields == nil {
			b.fields = campaign.Fields{}
		}
		clear(b.fields)
		maps.Copy(b.fields, f.Record.Fields)
		f.Record.Fields = b.fields
	}, claimed: func(b *broken, _ campaign.Claim, into *campaign.Claimed) {
		for i := range into.Leased {
			f := &into.Leased[i]
			if f.Record.Fields == nil {
				continue
			}
			if b.fields == nil {
				b.fields = campaign.Fields{}
			}
			clear(b.fields)
			maps.Copy(b.fields, f.Record.Fields)
			f.Record.Fields = b.fields
		}
	}}},
	{"keeps the call that it was given", broken{
		after: func(b *broken, changes []campaign.Change) {
			if len(changes) > 0 {
				b.call = changes[0].Call
			}
		},
		looked: func(b *broken, _ campaign.Need, f *campaign.Facts) {
			if f.Call != nil && b.call != nil {
				f.Call = b.call
			}
		}}},
	{"counts an outcome to 255", broken{change: record(func(r *campaign.Record) {
		for i, n := range r.Attempts.ByOutcome {
			r.Attempts.ByOutcome[i] = uint16(uint8(n))
		}
	})}},
	{"keeps times to the millisecond", broken{change: record(func(r *campaign.Record) { r.SkipUntil = r.SkipUntil.Truncate(time.Millisecond) })}},
	{"loses the label of a third phone", broken{change: record(func(r *campaign.Record) {
		if len(r.Phones) > 2 {
			r.Phones = slices.Clone(r.Phones)
			r.Phones[2].Label = ""
		}
	})}},
	{"forgets what a person typed", broken{change: record(func(r *campaign.Record) { r.DueInput = nil })}},
	{"writes over what has changed", broken{change: record(func(r *campaign.Record) { r.Version = 0 })}},
	{"puts a moved record at the end", broken{change: record(func(r *campaign.Record) {
		if r.Version != 0 {
			r.Sequence = 0
		}
	})}},
	{"lets numbers come twice", broken{change: func(_ *broken, ch *campaign.Change) { ch.UniqueNumbers = false }}},
	{"learns no revision from a commit", broken{change: func(_ *broken, ch *campaign.Change) { ch.Revision = 0 }}},
	{"wakes nobody", broken{change: func(_ *broken, ch *campaign.Change) { ch.Wake = nil }}},
	{"keeps the old terms of an extended lease", broken{change: func(_ *broken, ch *campaign.Change) {
		if ch.Extend {
			ch.Lease = nil
		}
	}}},
	{"refuses the first token of a lease that ran out", broken{change: func(b *broken, ch *campaign.Change) {
		var l campaign.Looked
		if ch.Ref.Token != 0 && b.Store.Look(context.Background(), campaign.Need{}, &l, ch.Ref) == nil {
			if lease := l.Facts[0].Lease; lease.Call == ch.Ref.Token && lease.Token != ch.Ref.Token {
				ch.Ref.Token = 1 << 40
			}
		}
	}}},
	{"ends a lease when it is extended", broken{change: func(_ *broken, ch *campaign.Change) {
		if ch.Extend && ch.Ref.Token != 0 {
			ch.Extend, ch.Lease = false, nil
		}
	}}},
	{"drops the further records of an inbound lease", broken{change: func(_ *broken, ch *campaign.Change) {
		if ch.Lease != nil && len(ch.Lease.With) > 0 {
			l := *ch.Lease
			l.With = nil
			ch.Lease = &l
		}
	}}},
	{"writes the contact of a change that it refuses", broken{change: func(b *broken, ch *campaign.Change) {
		if ch.Contact != nil && ch.Contact.ID != "" {
			_, _ = b.Store.Commit(context.Background(), campaign.Change{Contact: ch.Contact})
		}
	}}},
	{"logs no late report", broken{change: func(_ *broken, ch *campaign.Change) {
		if ch.Ref.Token == 0 && ch.Call != nil && ch.Call.Token != 0 {
			ch.Call = nil
		}
	}}},
	{"stores an action again after it was done", broken{change: func(_ *broken, ch *campaign.Change) {
		if len(ch.Done) > 0 {
			ch.Done = nil
		}
	}}},
	{"names the wrong holder", broken{errs: func(err error) error {
		if leased := (*campaign.LeasedError)(nil); errors.As(err, &leased) {
			leased.Hold.Holder += "?"
		}
		return err
	}}},
	{"says that a lost lease is a conflict", broken{errs: func(err error) error {
		if errors.Is(err, campaign.ErrLeaseLost) {
			return campaign.ErrConflict
		}
		return err
	}}},
	{"forgets what a correction begins from", broken{looked: func(_ *broken, _ campaign.Need, f *campaign.Facts) {
		if f.Call != nil && f.Call.Before != nil {
			c := *f.Call
			c.Before = nil
			f.Call = &c
		}
	}}},
	{"finds all from the beginning", broken{find: func(f *campaign.Filter) { f.After = campaign.Ref{} }}},
	{"counts wrongly", broken{counts: func(counts map[string]int) {
		for name := range counts {
			counts[name]++
		}
	}}},
	{"asks the global list only", broken{query: func(q *blacklist.Query) { q.Lists = nil }}},
	{"tells a history backwards", broken{entries: func(entries []campaign.Entry, _ []*campaign.Call) { slices.Reverse(entries) }}},
	{"tells the calls backwards", broken{entries: func(_ []campaign.Entry, calls []*campaign.Call) { slices.Reverse(calls) }}},
	{"knows no contact by another id", broken{people: func(list []*campaign.Contact) {
		for i, c := range list {
			if c != nil && i > 0 && list[i-1] == c {
				list[i] = nil
			}
		}
	}}},
	{"names one of those with a key", broken{having: func(lists [][]campaign.ContactID) {
		for i := range lists {
			lists[i] = lists[i][:min(1, len(lists[i]))]
		}
	}}},
	{"suggests nothing from inside words", broken{found: func(found []campaign.Suggestion) []campaign.Suggestion {
		return slices.DeleteFunc(found, func(s campaign.Suggestion) bool { return s.Fit == campaign.FitInside })
	}}},
	{"merges nobody's calls", broken{change: func(b *broken, ch *campaign.Change) {
		if ch.Merge != "" && ch.Contact != nil {
			ch.Forget, ch.Merge, ch.MergeVersion = ch.Merge, "", 0
		}
	}}},
	{"merges what has changed", broken{change: func(b *broken, ch *campaign.Change) { ch.MergeVersion = 0 }}},
	{"has one action too many", broken{behind: func(after string, limit int) (string, int) { return after, limit + min(limit, 1) }}},
}

func TestEveryFaultIsSeen(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			open := func() campaign.Store {
				b := fault.store
				b.Store = plainstore.New()
				return &b
			}
			d, _ := twin.Compare(open, plain, twin.Options{Ops: 100_000})
			require.NotNil(t, d, "nobody saw it")
			t.Logf("%.200s", d)
		})
	}
}

// notes is a test that fails.
type notes struct{ strings.Builder }

func (n *notes) Helper()                           {}
func (n *notes) Logf(format string, args ...any)   { fmt.Fprintf(n, format+"\n", args...) }
func (n *notes) Errorf(format string, args ...any) { fmt.Fprintf(n, format+"\n", args...) }

func TestADifferenceIsReducedAndFoundAgainByItsSeed(t *testing.T) {
	open := func() campaign.Store {
		return &broken{Store: plainstore.New(), change: func(_ *broken, ch *campaign.Change) { ch.UniqueNumbers = false }}
	}
	var n notes
	twin.Run(&n, open, plain, twin.Options{Ops: 100_000})
	require.Contains(t, n.String(), "the stores differ")
	require.Regexp(t, `reduced from \d+ operations to [1-9]:\n`, n.String())
	require.Contains(t, n.String(), "number in campaign")
	first, _ := twin.Compare(open, plain, twin.Options{Ops: 100_000})
	again, _ := twin.Compare(open, plain, twin.Options{Seed: first.Seed})
	require.Equal(t, first, again)
}
