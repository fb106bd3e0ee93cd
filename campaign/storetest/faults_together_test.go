package storetest

import (
	"context"

	"github.com/nextcall/nextcall/campaign"
)

// faultsOfTogether are those in changes of several records.
var faultsOfTogether = []fault{
	{name: "writes the first record only", clause: "Also/FurtherRecordsAreWrittenWithTheFirst", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Check() == nil {
				ch.Also = nil
			}
		}
	}},
	{name: "writes further records one by one", clause: "Also/IfOneIsRefusedNothingIsWritten", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			errs := make([]error, len(changes))
			failed := false
			for i := range changes {
				also := changes[i].Also
				changes[i].Also = nil
				all := append([]campaign.Change{changes[i]}, also...)
				got, err := b.Store.Commit(ctx, all...)
				if err != nil {
					return nil, err
				}
				for _, err := range got {
					if err != nil {
						errs[i], failed = err, true
					}
				}
			}
			if !failed {
				return nil, nil
			}
			return errs, nil
		}
	}},
	{name: "takes any further change", clause: "Also/FurtherChangesCarryOnlyRecords", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			kept := ch.Also[:0:0]
			for _, also := range ch.Also {
				alone := campaign.Change{Ref: ch.Ref, Record: ch.Record, Also: []campaign.Change{also}}
				if alone.Check() == nil {
					kept = append(kept, also)
				}
			}
			ch.Also = kept
		}
	}},
	{name: "ends further leases", clause: "Also/FurtherRecordsAreWrittenWithTheFirst", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			errs, err := b.Store.Commit(ctx, changes...)
			for i := range changes {
				for _, also := range changes[i].Also {
					if also.Extend && (errs == nil || errs[i] == nil) {
						b.put(campaign.Change{Ref: also.Ref})
					}
				}
			}
			return errs, err
		}
	}},
	{name: "counts the records that a change frees", clause: "Also/AContactEndsWithWhatHasIt", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			if len(changes) == 1 && len(changes[0].Also) > 0 && (changes[0].Merge != "" || changes[0].Forget != "") {
				return []error{campaign.ErrConflict}, nil
			}
			return b.Store.Commit(ctx, changes...)
		}
	}},
}
