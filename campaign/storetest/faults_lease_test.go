package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// faultsOfLeases are those in what a lease holds and what its token is good for.
var faultsOfLeases = []fault{
	{name: "forgets who holds a contact", clause: "Lease/ALeaseHoldsContactAndAllNumbersAcrossCampaigns", in: func(b *broken) {
		b.brought(func(f *campaign.Facts) {
			f.Busy = slices.DeleteFunc(f.Busy, func(h campaign.Hold) bool { return h.Contact != "" })
		})
	}},
	{name: "keeps the old terms of an extended lease", clause: "Lease/ExtendKeepsTheLeaseUnderNewTerms", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Extend {
				ch.Lease = nil
			}
		}
	}},
	{name: "ends a lease when it is extended", clause: "Lease/ExtendKeepsTheLeaseUnderNewTerms", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Extend && ch.Ref.Token != 0 {
				ch.Extend, ch.Lease = false, nil
			}
		}
	}},
	{name: "lets a number be dialled that another holds", clause: "Lease/TheNumberReallyDialledIsGuarded", in: func(b *broken) {
		b.terms(func(ch *campaign.Change, l *campaign.Lease) {
			if ch.Extend {
				l.Phase = campaign.Offered
			}
		})
	}},
	{name: "names the wrong holder", clause: "Lease/ANewLeaseNeedsRecordContactAndNumbersFree", in: func(b *broken) {
		b.refused = func(err error) error {
			if held := (*campaign.LeasedError)(nil); errors.As(err, &held) {
				held.Hold.Holder += "?"
			}
			return err
		}
	}},
	{name: "drops the further records of a lease", clause: "Lease/AnInboundLeaseHoldsFurtherRecordsUntilItEnds", in: func(b *broken) {
		b.terms(func(_ *campaign.Change, l *campaign.Lease) { l.With = nil })
	}},
	{name: "keeps the numbers that a record was added with", clause: "Lease/ARecordsOtherNumbersAndContactCountAtOnce", in: func(b *broken) {
		b.record(func(ch *campaign.Change, r *campaign.Record) {
			if old := b.now(ch.Ref).Record; !ch.Add && old.ID != "" {
				r.Phones = old.Phones
			}
		})
	}},
	{name: "makes a lease a version of its record", clause: "Lease/AReleasedRecordIsAsItWas", in: func(b *broken) {
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			for i := range into.Leased {
				into.Leased[i].Record.Version++
			}
		}
	}},
	{name: "adds a record without its lease", clause: "Lease/ANewRecordCanBeLeasedAsItIsAdded", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Add {
				ch.Lease = nil
			}
		}
	}},
	{name: "forgets what a lease overrides", clause: "Lease/ALeaseKeepsAllItsTerms", in: func(b *broken) {
		b.terms(func(_ *campaign.Change, l *campaign.Lease) { l.Overrides = nil })
	}},

	{name: "takes any token", clause: "Fence/ALeaseIsFenced", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if l := b.now(ch.Ref).Lease; l.Token != 0 && ch.Ref.Token != 0 {
				ch.Ref.Token = l.Token
			}
		}
	}},
	{name: "says that a lost lease is a conflict", clause: "Fence/ALeaseIsFenced", in: func(b *broken) {
		b.refused = func(err error) error {
			if errors.Is(err, campaign.ErrLeaseLost) {
				return campaign.ErrConflict
			}
			return err
		}
	}},
	{name: "writes leased records for anybody", clause: "Fence/ALeasedRecordIsNotWrittenWithoutItsToken", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if l := b.now(ch.Ref).Lease; l.Token != 0 && ch.Ref.Token == 0 {
				ch.Ref.Token, ch.Extend = l.Token, true
			}
		}
	}},
	{name: "does not look at the phase of a lease", clause: "Fence/AChangeMayNeedAPhase", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.Phases = 0 }
	}},
	{name: "gives a lease that ran out its first token again", clause: "Fence/TokensGrowAcrossCampaigns", in: func(b *broken) {
		b.brought(func(f *campaign.Facts) { f.Lease.Token = f.Lease.Call })
	}},
}

// faultsOfFinds are those in what Find, Count and Look bring, and in how.
var faultsOfFinds = []fault{
	{name: "finds all from the beginning", clause: "Find/FindNarrowsByEveryPartOfTheFilter", in: func(b *broken) {
		b.filter = func(f *campaign.Filter, _ *campaign.Need) { f.After = campaign.Ref{} }
	}},
	{name: "finds every state", clause: "Find/FindNarrowsByEveryPartOfTheFilter", in: func(b *broken) {
		b.filter = func(f *campaign.Filter, _ *campaign.Need) { f.States = nil }
	}},
	{name: "finds the work of every operation", clause: "Find/FindNarrowsByEveryPartOfTheFilter", in: func(b *broken) {
		b.filter = func(f *campaign.Filter, _ *campaign.Need) { f.Operation = "" }
	}},
	{name: "finds no contacts", clause: "Find/FindBringsWhatIsNeeded", in: func(b *broken) {
		b.filter = func(_ *campaign.Filter, need *campaign.Need) { need.Contact = false }
	}},
	{name: "holds a lock while its caller has an answer", clause: "Find/TheCallerOfFindMayWriteOrStop", in: func(b *broken) { b.locksWhileFinding() }},
	{name: "counts one too many", clause: "Find/CountGroups", in: func(b *broken) {
		b.counted = func(counts map[string]int) {
			for name := range counts {
				counts[name]++
			}
		}
	}},
	{name: "skips a record behind each page", clause: "Find/FindGoesOnBehindAnyRecord", in: func(b *broken) { b.skipsBehindPages() }},
	{name: "takes the first thousand ids of a filter", clause: "Find/AFilterMayNameThousands", in: func(b *broken) {
		b.filter = func(f *campaign.Filter, _ *campaign.Need) { f.Records = f.Records[:min(1000, len(f.Records))] }
	}},
	{name: "answers a ref that comes twice once", clause: "Find/LookAnswersEachRefInItsPlace", in: func(b *broken) {
		b.look = func(ctx context.Context, need campaign.Need, into *campaign.Looked, refs []campaign.Ref) error {
			var once []campaign.Ref
			for _, r := range refs {
				if !slices.Contains(once, r) {
					once = append(once, r)
				}
			}
			return b.Store.Look(ctx, need, into, once...)
		}
	}},

	{name: "goes on for a caller who has gone", clause: "Context/ACancelledContextDoesNothing", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			return b.Store.Commit(context.WithoutCancel(ctx), changes...)
		}
	}},
	{name: "serves all lanes where none is named", clause: "Context/AskingForNothingBringsNothing", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) {
			for i := range q.From {
				if len(q.From[i].Sources) == 0 {
					q.From[i].Sources = sources(q.Now)
				}
			}
		}
	}},
	{name: "ends a stream that is cut off as if it were whole", clause: "Context/AStreamThatIsCutOffSaysSo", in: func(b *broken) { b.endsQuietly() }},
}

// faultsOfLists are those in the host's own blacklists.
var faultsOfLists = []fault{
	{name: "answers from what it read before", clause: "Lists/ListsAreCheckedAsCommitted", in: func(b *broken) {
		kept := make(map[string][]blacklist.Answer)
		b.answers = func(q blacklist.Query, found []blacklist.Answer) []blacklist.Answer {
			key := fmt.Sprint(q.Now, q.Lists, q.Numbers)
			if old, known := kept[key]; known {
				return old
			}
			kept[key] = found
			return found
		}
	}},
	{name: "asks the global list only", clause: "Lists/GlobalIsAlwaysAskedTheOthersByTheirNames", in: func(b *broken) {
		b.query = func(q *blacklist.Query) { q.Lists = nil }
	}},
	{name: "keeps ends to the millisecond", clause: "Lists/AnEntryBlocksUntilItsVeryInstant", in: func(b *broken) {
		b.entries(func(e *blacklist.Entry) { e.Until = e.Until.Truncate(time.Millisecond) })
	}},
	{name: "lets the last entry win", clause: "Lists/TheEntryThatEndsLaterStays", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			for _, e := range ch.List {
				ch.Unlist = append(slices.Clone(ch.Unlist), e.Key())
			}
		}
	}},
	{name: "takes a number off all lists", clause: "Lists/UnlistTakesOffOneKeyOnly", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			for _, k := range ch.Unlist {
				k.List = "m"
				ch.Unlist = append(slices.Clone(ch.Unlist), k)
			}
		}
	}},
}
