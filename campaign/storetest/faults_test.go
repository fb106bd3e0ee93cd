package storetest

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

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
