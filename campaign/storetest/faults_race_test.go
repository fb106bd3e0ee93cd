package storetest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nextcall/nextcall/campaign"
)

// faultsOfRaces are those that show when many use the store at once.
var faultsOfRaces = []fault{
	{name: "leaves out what another Claim may be looking at", clause: "Race/NoTwoClaimsGetTheSameRecord", in: func(b *broken) {
		var n atomic.Int32
		b.ask = func(q *campaign.Claim) {
			if n.Add(1)%3 == 0 {
				q.Limit = max(1, q.Limit-1)
			}
		}
	}},
	{name: "leases a record twice", clause: "Race/NoTwoClaimsGetTheSameRecord", in: func(b *broken) {
		var kept []campaign.Facts
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(kept) == 0 {
				kept = slices.Clone(into.Leased)
			} else if len(into.Leased) > 0 {
				into.Leased[0] = kept[0]
			}
		}
	}},
	{name: "locks campaigns in the order of the steps", clause: "Race/ClaimsOfManyCampaignsWaitForNobodyForEver", in: func(b *broken) {
		locks := make(map[campaign.ID]*sync.Mutex)
		b.claim = func(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
			held := make(map[campaign.ID]bool)
			for _, s := range q.From {
				if held[s.Campaign] {
					continue
				}
				held[s.Campaign] = true
				b.mu.Lock()
				if locks[s.Campaign] == nil {
					locks[s.Campaign] = new(sync.Mutex)
				}
				l := locks[s.Campaign]
				b.mu.Unlock()
				l.Lock()
				defer l.Unlock()
				others()
			}
			return b.Store.Claim(ctx, q, into)
		}
	}},
	{name: "forgets who holds a number", clause: "Race/AtMostOneLeaseHoldsANumber", in: func(b *broken) {
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			others()
			for i := range into.Leased {
				into.Leased[i].Busy = nil
			}
		}
	}},
	{name: "takes a number that is held", clause: "Race/OneOfManyTakesANumber", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			errs, err := b.Store.Commit(ctx, changes...)
			var held *campaign.LeasedError
			if len(errs) == 1 && errors.As(errs[0], &held) {
				return nil, nil
			}
			return errs, err
		}
	}},
	{name: "looks for duplicates before others have written", clause: "Race/OneOfManyAddsTheSame", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.UniqueNumbers = false }
	}},
	{name: "compares versions before it writes", clause: "Race/NoWriteIsLostToAnother", in: func(b *broken) {
		b.record(func(ch *campaign.Change, r *campaign.Record) {
			if r.Version != 0 && b.now(ch.Ref).Record.Version == r.Version {
				r.Version = 0
			}
			others()
		})
	}},
	{name: "hands a lease that ran out to two", clause: "Read/ALeaseThatRanOutGoesToOneOnly", in: func(b *broken) {
		var kept []campaign.Facts
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if kept == nil {
				kept = slices.Clone(into.Expired)
			} else if len(into.Expired) > 0 {
				into.Expired[0] = kept[0]
			}
		}
	}},
	{name: "writes the entry after the status", clause: "Read/WhoSeesTheStatusSeesTheEntry", in: func(b *broken) {
		var looks atomic.Int32
		b.looked = func(campaign.Need, campaign.Ref, *campaign.Facts) { looks.Add(1) }
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			if len(changes) != 1 || len(changes[0].List) == 0 {
				return b.Store.Commit(ctx, changes...)
			}
			first, second := changes[0], campaign.Change{List: changes[0].List}
			first.List = nil
			errs, err := b.Store.Commit(ctx, first)
			for before, i := looks.Load(), 0; looks.Load() < before+4 && i < 200; i++ {
				others()
			}
			b.put(second)
			return errs, err
		}
	}},
	{name: "finds a record twice", clause: "Read/FindMeetsEachRecordOnceWhileOthersWrite", in: func(b *broken) {
		b.stream = func(_ campaign.Filter, found iter.Seq2[campaign.Facts, error]) iter.Seq2[campaign.Facts, error] {
			return func(yield func(campaign.Facts, error) bool) {
				n := 0
				for facts, err := range found {
					if n++; n == 100 && !yield(facts, err) {
						return
					}
					if !yield(facts, err) {
						return
					}
				}
			}
		}
	}},
}
