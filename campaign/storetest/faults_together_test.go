package storetest

import (
	"context"
	"errors"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// faultsOfFurther are those in changes of several records as one.
var faultsOfFurther = []fault{
	{name: "forgets the further changes", clause: "Together/FurtherChangesAreMadeWithIt", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.Also = nil }
	}},
	{name: "ends the leases that further changes extend", clause: "Together/FurtherChangesAreMadeWithIt", in: func(b *broken) {
		b.apart(func(also *campaign.Change) { also.Extend = false })
	}},
	{name: "makes those of the further changes that it can", clause: "Together/OneThatIsRefusedRefusesAll", in: func(b *broken) {
		b.apart(func(*campaign.Change) {})
	}},
	{name: "takes what is changed twice once", clause: "Together/FurtherChangesFitTogether", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			ch.Also = slices.CompactFunc(slices.Clone(ch.Also), func(x, y campaign.Change) bool { return x.Ref == y.Ref })
		}
	}},
	{name: "counts the records that a change frees", clause: "Together/AContactEndsWithWhatHasIt", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			if len(changes) == 1 && len(changes[0].Also) > 0 && (changes[0].Merge != "" || changes[0].Forget != "") {
				return []error{campaign.ErrConflict}, nil
			}
			return b.Store.Commit(ctx, changes...)
		}
	}},
}

// apart makes the store change further records one by one, behind the change.
func (b *broken) apart(edit func(also *campaign.Change)) {
	b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
		if len(changes) != 1 || len(changes[0].Also) == 0 || changes[0].Check() != nil {
			return b.Store.Commit(ctx, changes...)
		}
		all := []campaign.Change{changes[0]}
		all[0].Also = nil
		for _, also := range changes[0].Also {
			edit(&also)
			all = append(all, also)
		}
		errs, err := b.Store.Commit(ctx, all...)
		if joined := errors.Join(errs...); joined != nil {
			return []error{joined}, err
		}
		return nil, err
	}
}
