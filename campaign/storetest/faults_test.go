package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// A fault makes a store wrong in one way, and says which clause must see it.
type fault struct {
	name   string
	clause string
	in     func(b *broken)
	with   func(o *Options) // for faults of what Options declares
}

// faultsOfClaims are those in what is leased and told.
var faultsOfClaims = []fault{
	{name: "serves the last step first", clause: "Claim/ClaimServesStepsThenSourcesThenTheLanesKey", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) { slices.Reverse(q.From) }
	}},
	{name: "looks at one open class only", clause: "Claim/ClaimMergesOpenClassesByTheLanesKey", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) {
			for i := range q.From {
				q.From[i].Open = q.From[i].Open[:min(1, len(q.From[i].Open))]
			}
		}
	}},
	{name: "serves the younger of two equal records", clause: "Claim/TheOrderOfAddingDecidesBetweenRecordsOfOneSequence", in: func(b *broken) {
		b.claimed = serves(func(x, y *campaign.Record) int {
			if x.Sequence == y.Sequence && x.Sort == y.Sort && x.Due.Equal(y.Due) {
				return cmp.Compare(x.ID, y.ID)
			}
			return 0
		})
	}},
	{name: "takes a campaign once", clause: "Claim/OneCampaignMayComeSeveralTimesWithOtherSources", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) {
			seen := make(map[campaign.ID]bool)
			q.From = slices.DeleteFunc(q.From, func(s campaign.Step) bool {
				again := seen[s.Campaign]
				seen[s.Campaign] = true
				return again
			})
		}
	}},
	{name: "gives own callbacks to anybody", clause: "Claim/OwnLaneByOwnerOrAnybody", in: func(b *broken) {
		b.sources(func(_ *campaign.Claim, s *campaign.Source) { s.Owner = "" })
	}},
	{name: "serves a source without its Max", clause: "Claim/FewerThanTheLimitMeansNoneIsLeftUnlessAMaxCutItShort", in: func(b *broken) {
		b.sources(func(_ *campaign.Claim, s *campaign.Source) { s.Max = 0 })
	}},
	{name: "answers an ask of no leases", clause: "Claim/AClaimOfNothingIsAnErrorNotAnAnswer", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) { q.Limit = max(1, q.Limit) }
	}},
	{name: "leases what is due a microsecond later", clause: "Claim/OnlyQueuedDueRecordsMatch", in: func(b *broken) {
		b.sources(func(_ *campaign.Claim, s *campaign.Source) { s.Due = s.Due.Add(time.Microsecond) })
	}},
	{name: "asks the clock what is due", clause: "Claim/DueIsTheSourcesNotTheClocks", in: func(b *broken) {
		b.sources(func(q *campaign.Claim, s *campaign.Source) { s.Due = q.Now })
	}},
	{name: "never goes back in time", clause: "Claim/TheClockMayBeSetBack", in: func(b *broken) {
		var latest time.Time
		b.sources(func(q *campaign.Claim, s *campaign.Source) {
			if q.Now.After(latest) {
				latest = q.Now
			}
			q.Now, s.Due = latest, latest
		})
	}},
	{name: "does not know that an agent waits", clause: "Claim/ALeaseSaysWhoHasItAndWhatFor", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) { q.Reserved = false }
	}},
	{name: "sorts numbers as texts", clause: "Claim/ANumberIsSortedAsANumber", in: func(b *broken) {
		b.claimed = serves(func(x, y *campaign.Record) int {
			return cmp.Compare(strconv.FormatInt(x.Sort, 10), strconv.FormatInt(y.Sort, 10))
		})
	}},
	{name: "wants an owner in every lane", clause: "Claim/OutsideTheOwnLaneAnOwnerIsInformation", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) {
			for i := range q.From {
				q.From[i].Sources = slices.DeleteFunc(q.From[i].Sources, func(s campaign.Source) bool { return s.Lane != status.LaneOwn && s.Owner != "" })
			}
		}
	}},
	{name: "brings no contact with a lease that ran out", clause: "Claim/ClaimBringsWhatIsNeeded", in: func(b *broken) {
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			for i := range into.Expired {
				into.Expired[i].Contact = nil
			}
		}
	}},
	{name: "leases only what has a number", clause: "Claim/ARecordOfNothingIsLeasedAsWell", in: func(b *broken) {
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			into.Leased = slices.DeleteFunc(into.Leased, func(f campaign.Facts) bool { return len(f.Record.Phones) == 0 })
		}
	}},
	{name: "sorts by the record's own order", clause: "Claim/TheOrderIsTheSortWhateverTheRecordsOwnOrderIs", in: func(b *broken) {
		b.claimed = serves(func(x, y *campaign.Record) int { return cmp.Compare(x.Order, y.Order) })
	}},

	{name: "ends parks a microsecond too late", clause: "Park/AParkCountsUntilItsTime", in: func(b *broken) {
		b.record(func(_ *campaign.Change, r *campaign.Record) {
			if !r.Park.Until.IsZero() {
				r.Park.Until = r.Park.Until.Add(time.Microsecond)
			}
		})
	}},
	{name: "takes every park for one of revision 7", clause: "Park/AParkCountsOnlyAtItsRevision", in: func(b *broken) {
		b.record(func(_ *campaign.Change, r *campaign.Record) {
			if r.Park.Revision != 0 {
				r.Park.Revision = 7
			}
		})
	}},
	{name: "drops parks of revisions to come", clause: "Park/AParkMadeAtARevisionStillUnknownCountsOnceItIs", in: func(b *broken) {
		b.record(func(ch *campaign.Change, r *campaign.Record) {
			if r.Park.Revision > ch.Revision {
				r.Park = campaign.Park{}
			}
		})
	}},
	{name: "wakes nobody", clause: "Park/AParkEndsByWakeAndByUnlistInEveryCampaign", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.Wake = nil }
	}},

	{name: "leases under any revision", clause: "Revision/AnOlderRevisionLeasesNothing", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) {
			for i := range q.From {
				q.From[i].Revision = 1 << 40
			}
		}
	}},
	{name: "learns no revision from a commit", clause: "Revision/ARevisionIsLearntFromACommit", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.Revision = 0 }
	}},
	{name: "learns no revision from a definition", clause: "Revision/ADefinitionTeachesItsRevision", with: func(o *Options) {
		o.Define = defineNothing
	}},

	{name: "does not say when a park ends", clause: "Tell/ClassesTellHeadsOwnAndWake", in: func(b *broken) {
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			for i := range into.Classes {
				into.Classes[i].Wake = time.Time{}
			}
		}
	}},
	{name: "leaves out classes that are all parked", clause: "Tell/ClassesTellHeadsOwnAndWake", in: func(b *broken) {
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			into.Classes = slices.DeleteFunc(into.Classes, func(c campaign.Class) bool { return c.Waiting == 0 })
		}
	}},
	{name: "names one owner only", clause: "Tell/OwnersAreToldIfAskedFor", in: func(b *broken) {
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) { into.Owners = into.Owners[:min(1, len(into.Owners))] }
	}},
	{name: "tells the next expiry of its own leases", clause: "Tell/TheNextExpiryIsThatOfTheFirstLiveLease", in: func(b *broken) {
		b.claimed = func(q campaign.Claim, into *campaign.Claimed) {
			if len(into.Leased) > 0 && (into.NextExpiry.IsZero() || q.Until.Before(into.NextExpiry)) {
				into.NextExpiry = q.Until
			}
		}
	}},

	{name: "hands out the youngest of those that ran out first", clause: "Expiry/RunOutLeasesComeBackOldestFirstAndNothingElse", in: func(b *broken) {
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) { slices.Reverse(into.Expired) }
	}},
	{name: "hands out all that ran out at once", clause: "Expiry/NoMoreRunOutLeasesThanTheLimitAndAgainWhenNotSettled", in: func(b *broken) {
		b.claim = func(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
			settle := q
			settle.Limit, settle.From = 1000, slices.Clone(q.From)
			for i := range settle.From {
				settle.From[i].Max = 0
			}
			if err := b.Store.Claim(ctx, settle, into); err != nil || len(into.Expired) > 0 {
				return err
			}
			return b.Store.Claim(ctx, q, into)
		}
	}},
	{name: "refuses the first token of a lease that ran out", clause: "Expiry/TheFirstTokenMayEndARunOutLeaseButNotExtendIt", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if l := b.now(ch.Ref).Lease; ch.Ref.Token != 0 && l.Call == ch.Ref.Token && l.Token != ch.Ref.Token {
				ch.Ref.Token = 1 << 40
			}
		}
	}},
	{name: "keeps numbers until a lease is settled", clause: "Expiry/ARunOutLeaseFreesNumbersAndContact", in: func(b *broken) {
		var kept []campaign.Hold
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			for _, f := range into.Expired {
				for _, p := range f.Record.Phones {
					kept = append(kept, campaign.Hold{Ref: refOf(&f.Record), Number: p.Number})
				}
			}
		}
		b.looked = func(_ campaign.Need, ref campaign.Ref, f *campaign.Facts) {
			for _, h := range kept {
				if h.Ref.Record != ref.Record && f.Record.Phone(h.Number) >= 0 {
					f.Busy = append(f.Busy, h)
				}
			}
		}
	}},
	{name: "forgets the others when a lease is extended", clause: "Expiry/AnExtendedLeaseHidesNoOtherThatRanOut", in: func(b *broken) {
		extended := false
		b.change = func(ch *campaign.Change) { extended = extended || ch.Extend }
		b.claimed = func(_ campaign.Claim, into *campaign.Claimed) {
			if extended {
				into.Expired = into.Expired[:0]
			}
		}
	}},
	{name: "lets a lease run a microsecond longer", clause: "Expiry/ALeaseRunsOutAtItsVeryInstant", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) { q.Until = q.Until.Add(time.Microsecond) }
	}},
	{name: "sweeps away leases that ran out", clause: "Expiry/ALeaseThatRanOutStaysUntilItIsSettled", in: func(b *broken) {
		b.ask = func(q *campaign.Claim) {
			var over []campaign.Change
			for f := range b.Store.Find(context.Background(), campaign.Filter{}, campaign.Need{}) {
				if f.Lease.Token != 0 && !f.Lease.Until.After(q.Now) {
					over = append(over, ended(f))
				}
			}
			b.put(over...)
		}
	}},
}

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
