package memstore_test

import (
	"bytes"
	"context"
	"iter"
	"testing"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/internal/twin"
)

// restarting is a store that is saved and loaded again after every so many calls.
type restarting struct {
	t     *testing.T
	is    *memstore.Store
	calls int
	every int
	count *int
}

var (
	_ campaign.Store        = (*restarting)(nil)
	_ campaign.HistoryStore = (*restarting)(nil)
	_ campaign.ActionStore  = (*restarting)(nil)
)

func (r *restarting) store() *memstore.Store {
	if r.calls++; r.calls%r.every == 0 {
		*r.count++
		var saved bytes.Buffer
		if err := r.is.Snapshot(context.Background(), &saved); err != nil {
			r.t.Error(err)
		}
		loaded, err := memstore.Load(context.Background(), &saved)
		if err != nil {
			r.t.Error(err)
			return r.is
		}
		r.is = loaded
	}
	return r.is
}

func (r *restarting) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	return r.store().Claim(ctx, q, into)
}

func (r *restarting) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	return r.store().Commit(ctx, changes...)
}

func (r *restarting) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	return r.store().Look(ctx, need, into, refs...)
}

func (r *restarting) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	return r.store().Find(ctx, f, need)
}

func (r *restarting) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (map[string]int, error) {
	return r.store().Count(ctx, f, by)
}

func (r *restarting) Check(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	return r.store().Check(ctx, q)
}

func (r *restarting) History(ctx context.Context, ref campaign.Ref) ([]campaign.Entry, []*campaign.Call, error) {
	return r.store().History(ctx, ref)
}

func (r *restarting) Pending(ctx context.Context, after string, limit int) ([]campaign.Action, error) {
	return r.store().Pending(ctx, after, limit)
}

func (r *restarting) Contacts(ctx context.Context, ids ...campaign.ContactID) ([]*campaign.Contact, error) {
	return r.store().Contacts(ctx, ids...)
}

func (r *restarting) ContactsWith(ctx context.Context, keys ...campaign.ContactKey) ([][]campaign.ContactID, error) {
	return r.store().ContactsWith(ctx, keys...)
}

func (r *restarting) Suggest(ctx context.Context, t campaign.Typed) ([]campaign.Suggestion, error) {
	return r.store().Suggest(ctx, t)
}

func TestNobodySeesThatAStoreWasRestarted(t *testing.T) {
	restarts := 0
	o := twin.Options{Seed: *seed, Ops: 100_000}
	if testing.Short() {
		o.Ops = 20_000
	}
	open := func() campaign.Store { return &restarting{t: t, is: memstore.New(), every: 97, count: &restarts} }
	twin.Run(t, open, func() campaign.Store { return plainstore.New() }, o)
	t.Logf("%d restarts", restarts)
	if restarts < 100 {
		t.Errorf("only %d restarts", restarts)
	}
}
