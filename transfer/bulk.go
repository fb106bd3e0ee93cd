// Package transfer decides which records change together: a status set on many
// of a campaign's records ([Change]), many moved to another campaign ([Move]),
// and either taken back ([Undo]).
//
// [Bulk.Plan] says what a request would come to: how many records would change,
// how many are left alone and why, what gets lost. [Bulk.Run] does it, in
// batches, by the very same code, so that its figures are the plan's as long as
// nothing changed between. A run can be stopped at any moment, by its context or
// by a crash, and be begun again under the same operation: what it has done it
// finds and does not do twice. Records that are leased are never touched.
//
// What a change means for one record is decided in package campaign, by
// [campaign.Set], [campaign.Receive] and [campaign.Restore]; where records are
// kept is any [campaign.Store]'s matter.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Bulk changes many records of a store. It keeps nothing, and is safe for
// concurrent use.
type Bulk struct {
	store campaign.Store
	load  func(context.Context) ([]*campaign.Campaign, error)
}

// New makes a Bulk on a store. load gives the host's campaigns, compiled, as they
// are configured now, as a dialer.Loader does; it is called for each request.
func New(store campaign.Store, load func(context.Context) ([]*campaign.Campaign, error)) (*Bulk, error) {
	if store == nil {
		return nil, errors.New("transfer: want a campaign.Store, such as memstore.New()")
	}
	if load == nil {
		return nil, errors.New("transfer: want a function that gives the campaigns, such as a dialer.Loader")
	}
	return &Bulk{store: store, load: load}, nil
}

// Options are what a run may be given beside its request.
type Options struct {
	// Progress is told after each batch how far the run has come. It is called by
	// the goroutine that runs. Nil: nobody is told.
	Progress func(Progress)
	// Log is given what the records of a batch are, before they change: what an
	// [Undo] needs. Keep it where it outlives a crash; if it returns an error, the
	// run ends with that, and the batch is not changed. Nil: there is no undo.
	Log func([]Before) error
	// Batch is how many records are changed by one commit. Defaults to 500.
	Batch int
}

// Progress is how far a run has come.
type Progress struct {
	Found   int `json:"found"` // records looked at so far
	Changed int `json:"changed"`
	Already int `json:"already"` // changed by the operation before this run
	Skipped int `json:"skipped"`
}

// Before is a record as it was before an operation changed it, and where it is
// since. It is plain data, to be kept as JSON or otherwise.
type Before struct {
	Record campaign.Record `json:"record"`
	To     campaign.ID     `json:"to"` // the campaign it is in afterwards
}

// defaultBatch is how many records are changed by one commit.
const defaultBatch = 500

// Plan says what a request would come to at now, and changes nothing. Its errors
// are those of [Bulk.Run].
func (b *Bulk) Plan(ctx context.Context, r Request, now time.Time) (Report, error) {
	w, err := b.prepare(ctx, r, Options{}, now)
	if err != nil {
		return Report{}, err
	}
	w.report.Dry = true
	return w.run(ctx)
}

// Run changes what a request asks for. All its decisions are made at now, at
// the first record and at the last.
//
// A request with mistakes changes nothing; the error joins all of them, each a
// [*campaign.FieldError], [*campaign.StatusError], [*campaign.InputError],
// [*campaign.AgentError], [*campaign.ActorError], [*campaign.MoveError],
// [*CampaignError] or [*LimitError].
//
// When the context ends, the store fails, or the campaign's configuration
// changes ([campaign.ErrConfigChanged]), the error says so, and the report what
// is known to be done. The same request under the same operation goes on.
func (b *Bulk) Run(ctx context.Context, r Request, now time.Time, o Options) (Report, error) {
	w, err := b.prepare(ctx, r, o, now)
	if err != nil {
		return Report{}, err
	}
	return w.run(ctx)
}

// prepare checks a request, and makes ready what does its work.
func (b *Bulk) prepare(ctx context.Context, r Request, o Options, now time.Time) (*work, error) {
	if r == nil {
		return nil, errors.New("transfer: no request: give a Change, a Move or an Undo")
	}
	if o.Batch < 0 {
		return nil, &campaign.FieldError{Path: "batch", Value: fmt.Sprint(o.Batch), Msg: "want 1 or more, or 0 for 500"}
	}
	if o.Batch == 0 {
		o.Batch = defaultBatch
	}
	campaigns, err := b.campaigns(ctx)
	if err != nil {
		return nil, err
	}
	j, err := r.job(campaigns, now)
	if err != nil {
		return nil, err
	}
	return newWork(ctx, b.store, j, o, now)
}

// campaigns loads the host's campaigns.
func (b *Bulk) campaigns(ctx context.Context) (map[campaign.ID]*campaign.Campaign, error) {
	list, err := b.load(ctx)
	if err != nil {
		return nil, fmt.Errorf("load campaigns: %w", err)
	}
	campaigns := make(map[campaign.ID]*campaign.Campaign, len(list))
	for _, c := range list {
		if c == nil {
			return nil, errors.New("load campaigns: one is nil: compile it first")
		}
		campaigns[c.ID()] = c
	}
	return campaigns, nil
}

// CampaignError says that a campaign is not among those that were loaded.
type CampaignError struct {
	Path string // where the request names it
	ID   campaign.ID
}

func (e *CampaignError) Error() string {
	return fmt.Sprintf("%s: campaign %q is not loaded: want one of the host's campaigns", e.Path, e.ID)
}

// LimitError says that a request wants more records than there are.
type LimitError struct {
	Limit int // how many are wanted
	Found int // how many the filter finds
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("limit %d: the filter finds only %d: want at most that many, or 0 for all", e.Limit, e.Found)
}
