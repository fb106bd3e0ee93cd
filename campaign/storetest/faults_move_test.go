package storetest

import (
	"context"
	"slices"
	"testing"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
)

// faultsOfMoves are those in what becomes of records that move, and of what is erased.
var faultsOfMoves = []fault{
	{name: "leaves what moves where it was as well", clause: "Move/AMovedRecordIsInTheOtherCampaignAndNowhereElse", in: (*broken).copiesWhatMoves},
	{name: "leaves the park of what moves", clause: "Move/AMovedRecordComesAsOneThatIsAdded", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			var parked []campaign.Change
			for _, ch := range changes {
				if ch.Move && ch.Record != nil && ch.Record.Park != (campaign.Park{}) {
					r := *ch.Record
					r.Version = 0
					parked = append(parked, campaign.Change{Ref: refOf(&r), Record: &r})
				}
			}
			errs, err := b.Store.Commit(ctx, changes...)
			b.put(parked...)
			return errs, err
		}
	}},
	{name: "gives what moves the sequence that it had", clause: "Move/AMovedRecordComesAsOneThatIsAdded", in: func(b *broken) {
		b.record(func(ch *campaign.Change, r *campaign.Record) {
			if ch.Move && r.Sequence == 0 {
				r.Sequence = b.now(ch.Ref).Record.Sequence
			}
		})
	}},
	{name: "leaves the calls of what moves behind", clause: "Move/ItsCallsAndItsHistoryGoAlong", in: (*broken).copiesWhatMoves},
	{name: "says that calls were made for the campaign where their record is", clause: "Move/ItsCallsAndItsHistoryGoAlong", in: func(b *broken) {
		b.looked = func(_ campaign.Need, _ campaign.Ref, f *campaign.Facts) {
			for i, c := range f.History {
				x := *c
				x.Campaign = f.Record.Campaign
				f.History[i] = &x
			}
		}
	}},
	{name: "does not know what moved by its old name", clause: "Move/TheTokenOfACallNamesTheMovedRecord", in: (*broken).forgetsOldNames},
	{name: "forgets what was before the call of a record that moved", clause: "Move/TheTokenOfACallNamesTheMovedRecord", in: func(b *broken) {
		b.looked = func(_ campaign.Need, ref campaign.Ref, f *campaign.Facts) {
			if f.Call != nil && f.Call.Campaign != f.Record.Campaign {
				c := *f.Call
				c.Before, f.Call = nil, &c
			}
		}
	}},
	{name: "finds nobody for a late report once the record has moved", clause: "Move/ALateReportReachesTheMovedRecord", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			errs := make([]error, len(changes))
			for i, ch := range changes {
				if ch.LogsOnly() && ch.Call != nil && b.now(ch.Ref).Record.ID == "" {
					errs[i] = campaign.ErrNotFound
					continue
				}
				if one, err := b.Store.Commit(ctx, ch); err != nil {
					return nil, err
				} else if one != nil {
					errs[i] = one[0]
				}
			}
			if !slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
				errs = nil
			}
			return errs, nil
		}
	}},
	{name: "writes the line of a late report to whoever has the name now", clause: "Move/ALateReportReachesTheMovedRecord", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.LogsOnly() && ch.Call != nil && ch.Entry != nil && b.now(ch.Ref).Record.ID != "" {
				b.put(campaign.Change{Ref: ch.Ref, Entry: ch.Entry})
				ch.Entry = nil
			}
		}
	}},
	{name: "lets numbers come twice by a move", clause: "Move/WhatIsThereAlreadyRefusesAMove", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.UniqueNumbers = ch.UniqueNumbers && !ch.Move }
	}},
	{name: "ends the lease of what is to move", clause: "Move/OnlyWhatNobodyHasIsMoved", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Move {
				if f := b.now(ch.Ref); f.Lease.Token != 0 {
					b.put(ended(f))
				}
			}
		}
	}},
	{name: "learns the revision of a move for the campaign that is left", clause: "Move/AMoveIsDecidedUnderTheRevisionOfTheOtherCampaign", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Move && ch.Revision != 0 {
				b.put(campaign.Change{Ref: campaign.Ref{Campaign: ch.Ref.Campaign}, Revision: ch.Revision})
				ch.Revision = 0
			}
		}
	}},
	{name: "moves before it does all else", clause: "Move/MovesOfOneCommitAreMadeInTheirOrder", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			order := make([]int, len(changes))
			for i := range order {
				order[i] = i
			}
			slices.SortStableFunc(order, func(i, j int) int {
				switch {
				case changes[i].Move == changes[j].Move:
					return 0
				case changes[i].Move:
					return -1
				}
				return 1
			})
			sorted := make([]campaign.Change, len(changes))
			for at, i := range order {
				sorted[at] = changes[i]
			}
			got, err := b.Store.Commit(ctx, sorted...)
			if got == nil {
				return nil, err
			}
			errs := make([]error, len(changes))
			for at, i := range order {
				errs[i] = got[at]
			}
			return errs, err
		}
	}},
	{name: "has what moved in both campaigns when many are at it", clause: "Race/RecordsThatMoveToAndFroAreNeverLost", in: (*broken).copiesWhatMoves},
	{name: "knows what moved by its old name only until it is opened again", clause: "Lasting/WhatMovedStaysMoved", with: func(o *Options) {
		o.Reopen = func(_ testing.TB, st campaign.Store) campaign.Store {
			b := &broken{Store: st.(*plainstore.Store)}
			b.forgetsOldNames()
			return b
		}
	}},

	{name: "erases nothing", clause: "Erase/EraseTakesWhatIsPersonalFromLogAndHistory", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.Erase = false }
	}},
	{name: "leaves the notes of the lines", clause: "Erase/EraseTakesWhatIsPersonalFromLogAndHistory", in: func(b *broken) {
		kept := make(map[campaign.Ref]string)
		b.change = func(ch *campaign.Change) {
			if ch.Entry != nil {
				kept[ch.Ref] = ch.Entry.Note
			}
		}
		b.lines = func(ref campaign.Ref, entries []campaign.Entry) []campaign.Entry {
			for i := range entries {
				if entries[i].Note == "" {
					entries[i].Note = kept[ref]
				}
			}
			return entries
		}
	}},
	{name: "brings back whom an erased call was to", clause: "Erase/ALateReportBringsNothingBack", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Call != nil && ch.LogsOnly() && ch.Ref.Record != "" {
				ch.Revision = 1 // it takes it for more than a report
			}
		}
	}},
	{name: "sends to who was erased what they were to get", clause: "Erase/EraseWithdrawsActions", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if !ch.Erase {
				return
			}
			waiting, _ := b.Store.Pending(context.Background(), "", 0)
			for _, a := range waiting {
				if a.Campaign == ch.Ref.Campaign && a.Record == ch.Ref.Record {
					a.ID += " again"
					ch.Actions = append(ch.Actions, a)
				}
			}
		}
	}},
	{name: "erases what the change itself writes", clause: "Erase/WhatEraseWritesItselfStays", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Erase && ch.Record == nil {
				b.put(campaign.Change{Ref: ch.Ref, Call: ch.Call, Entry: ch.Entry})
				ch.Call, ch.Entry = nil, nil
			}
		}
	}},
}

// copiesWhatMoves adds what is to move, and leaves it where it was.
func (b *broken) copiesWhatMoves() {
	b.change = func(ch *campaign.Change) {
		if ch.Move && ch.Record != nil {
			ch.Move, ch.Add, ch.Ref = false, true, refOf(ch.Record)
		}
	}
}

func (b *broken) forgetsOldNames() {
	b.looked = func(_ campaign.Need, ref campaign.Ref, f *campaign.Facts) {
		if f.Record.Campaign != ref.Campaign {
			*f = campaign.Facts{}
		}
	}
}
