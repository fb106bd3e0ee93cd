package storetest

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"
	"testing"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
)

// broken is a store that is wrong in one way: the hooks that are set change what
// it is asked, or what it answers. Those that have a state of their own lock mu.
type broken struct {
	*plainstore.Store
	mu sync.Mutex

	ask     func(q *campaign.Claim)
	claim   func(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error
	claimed func(q campaign.Claim, into *campaign.Claimed)

	change  func(ch *campaign.Change)
	commit  func(ctx context.Context, changes []campaign.Change) ([]error, error)
	refused func(err error) error

	looked func(need campaign.Need, ref campaign.Ref, f *campaign.Facts)
	look   func(ctx context.Context, need campaign.Need, into *campaign.Looked, refs []campaign.Ref) error

	filter  func(f *campaign.Filter, need *campaign.Need)
	stream  func(f campaign.Filter, found iter.Seq2[campaign.Facts, error]) iter.Seq2[campaign.Facts, error]
	counted func(counts map[string]int)

	query   func(q *blacklist.Query)
	answers func(q blacklist.Query, found []blacklist.Answer) []blacklist.Answer

	lines func(ref campaign.Ref, entries []campaign.Entry) []campaign.Entry

	people people
}

func (b *broken) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	if b.ask != nil {
		q.From = slices.Clone(q.From)
		for i := range q.From {
			q.From[i].Sources = slices.Clone(q.From[i].Sources)
		}
		b.ask(&q)
	}
	do := b.claim
	if do == nil {
		do = b.Store.Claim
	}
	err := do(ctx, q, into)
	if b.claimed != nil {
		b.claimed(q, into)
	}
	return err
}

func (b *broken) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if b.change != nil && ctx.Err() == nil {
		changes = slices.Clone(changes)
		for i := range changes {
			b.change(&changes[i])
		}
	}
	do := b.commit
	if do == nil {
		do = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			return b.Store.Commit(ctx, changes...)
		}
	}
	errs, err := do(ctx, changes)
	if b.refused != nil {
		for i := range errs {
			errs[i] = b.refused(errs[i])
		}
	}
	return errs, err
}

func (b *broken) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	if b.look != nil {
		return b.look(ctx, need, into, refs)
	}
	err := b.Store.Look(ctx, need, into, refs...)
	if b.looked != nil {
		for i := range into.Facts {
			b.looked(need, refs[i], &into.Facts[i])
		}
	}
	return err
}

func (b *broken) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	if b.filter != nil {
		b.filter(&f, &need)
	}
	found := b.Store.Find(ctx, f, need)
	if b.stream != nil {
		return b.stream(f, found)
	}
	return found
}

func (b *broken) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (map[string]int, error) {
	counts, err := b.Store.Count(ctx, f, by)
	if b.counted != nil {
		b.counted(counts)
	}
	return counts, err
}

func (b *broken) Check(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	if b.query != nil {
		b.query(&q)
	}
	found, err := b.Store.Check(ctx, q)
	if b.answers != nil && err == nil {
		found = b.answers(q, found)
	}
	return found, err
}

func (b *broken) History(ctx context.Context, ref campaign.Ref) ([]campaign.Entry, []*campaign.Call, error) {
	entries, calls, err := b.Store.History(ctx, ref)
	if b.lines != nil {
		entries = b.lines(ref, entries)
	}
	return entries, calls, err
}

// now is a record as the store has it.
func (b *broken) now(ref campaign.Ref) campaign.Facts {
	var into campaign.Looked
	if err := b.Store.Look(context.Background(), campaign.Need{NoCalls: true}, &into, ref); err != nil {
		return campaign.Facts{}
	}
	return into.Facts[0]
}

// put commits what a fault writes by itself.
func (b *broken) put(changes ...campaign.Change) {
	_, _ = b.Store.Commit(context.Background(), changes...)
}

// record lets a fault change a copy of the record that a change carries.
func (b *broken) record(edit func(ch *campaign.Change, r *campaign.Record)) {
	b.change = func(ch *campaign.Change) {
		if ch.Record != nil {
			r := *ch.Record
			edit(ch, &r)
			ch.Record = &r
		}
	}
}

// terms lets a fault change a copy of the lease that a change carries.
func (b *broken) terms(edit func(ch *campaign.Change, l *campaign.Lease)) {
	b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
		changes = slices.Clone(changes)
		given := make([]*campaign.Lease, len(changes))
		for i := range changes {
			if given[i] = changes[i].Lease; given[i] != nil {
				l := *given[i]
				edit(&changes[i], &l)
				changes[i].Lease = &l
			}
		}
		errs, err := b.Store.Commit(ctx, changes...)
		for i, l := range given {
			if l != nil && changes[i].Lease != nil {
				l.Token, l.Call = changes[i].Lease.Token, changes[i].Lease.Call
			}
		}
		return errs, err
	}
}

// sources lets a fault change what each source of an ask says.
func (b *broken) sources(edit func(q *campaign.Claim, s *campaign.Source)) {
	b.ask = func(q *campaign.Claim) {
		for i := range q.From {
			for j := range q.From[i].Sources {
				edit(q, &q.From[i].Sources[j])
			}
		}
	}
}

// brought lets a fault change what Claim and Look bring.
func (b *broken) brought(edit func(f *campaign.Facts)) {
	b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
		for i := range into.Leased {
			edit(&into.Leased[i])
		}
		for i := range into.Expired {
			edit(&into.Expired[i])
		}
	}
	b.looked = func(_ campaign.Need, _ campaign.Ref, f *campaign.Facts) { edit(f) }
}

// serves sorts what an ask leased.
func serves(by func(a, b *campaign.Record) int) func(campaign.Claim, *campaign.Claimed) {
	return func(_ campaign.Claim, into *campaign.Claimed) {
		slices.SortStableFunc(into.Leased, func(a, b campaign.Facts) int {
			return cmp.Or(cmp.Compare(a.Record.Campaign, b.Record.Campaign), cmp.Compare(a.Record.Lane, b.Record.Lane), by(&a.Record, &b.Record))
		})
	}
}

// good are the options of a store that can do everything, and keeps the contract.
func good() Options {
	return Options{
		Open:     func(testing.TB) campaign.Store { return plainstore.New() },
		History:  true,
		Actions:  true,
		Contacts: true,
		Reopen:   func(_ testing.TB, st campaign.Store) campaign.Store { return st },
		Define: func(t testing.TB, st campaign.Store, id campaign.ID, revision int64) {
			if _, err := st.Commit(context.Background(), campaign.Change{Ref: campaign.Ref{Campaign: id}, Revision: revision}); err != nil {
				t.Fatal(err)
			}
		},
	}
}
