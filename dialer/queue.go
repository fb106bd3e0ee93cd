// Package dialer decides whom to call now. A [Queue] stands between a host and
// its [campaign.Store]: Next offers records, Start dials, Report takes the
// result, and Explain says why a record is not called. Every way in goes
// through one eligibility function, [campaign.Campaign.Eligible].
package dialer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Loader gives the host's campaigns, compiled, as they are configured now. A
// Queue calls it when it starts, on [Queue.Reload], and whenever the store
// knows a newer revision of a campaign than the queue does.
type Loader func(ctx context.Context) ([]*campaign.Campaign, error)

// Config are the settings of a Queue.
type Config struct {
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	// Holder names this process in leases, for Explain. Defaults to "queue".
	Holder string
	// Checkers are asked about every number besides the store's own lists: a
	// national register, a central service. If one fails, nothing is called.
	Checkers []blacklist.Named
	// CheckerRetry is how long to wait after a checker failed. Defaults to 5 s.
	CheckerRetry time.Duration
	// CampaignsFirst asks a campaign's own callbacks (tier 1) only when its turn
	// comes. Defaults to false: own callbacks of all campaigns come first.
	CampaignsFirst bool
}

// Queue hands out calls and takes their results. It is safe for concurrent use.
// Any number of queues may work on one store.
type Queue struct {
	store  campaign.Store
	load   Loader
	cfg    Config
	parity parity

	checkers []blacklist.Named // the store's own lists, then cfg.Checkers
	view     atomic.Pointer[view]

	asks  sync.Pool // *selecting
	hands sync.Pool // *hand
}

// New makes a Queue and loads the campaigns.
func New(ctx context.Context, store campaign.Store, load Loader, cfg Config) (*Queue, error) {
	if store == nil {
		return nil, errors.New("dialer: a Queue needs a campaign.Store, such as memstore.New()")
	}
	if load == nil {
		return nil, errors.New("dialer: a Queue needs a Loader that gives its campaigns")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Holder == "" {
		cfg.Holder = "queue"
	}
	if !utf8.ValidString(cfg.Holder) {
		return nil, fmt.Errorf("dialer: holder %q is not UTF-8", cfg.Holder)
	}
	if cfg.CheckerRetry < 0 {
		return nil, fmt.Errorf("dialer: CheckerRetry %v: want a positive duration, or 0 for 5 s", cfg.CheckerRetry)
	}
	if cfg.CheckerRetry == 0 {
		cfg.CheckerRetry = 5 * time.Second
	}
	q := &Queue{store: store, load: load, cfg: cfg}
	q.checkers = append([]blacklist.Named{{Checker: store}}, cfg.Checkers...)
	q.asks.New = func() any { return new(selecting) }
	q.hands.New = func() any { return new(hand) }
	q.view.Store(&view{loaded: newLoaded(nil)})
	return q, q.Reload(ctx)
}

// Static is a Loader for campaigns that do not change.
func Static(campaigns ...*campaign.Campaign) Loader {
	return func(context.Context) ([]*campaign.Campaign, error) { return campaigns, nil }
}

// Reload asks the Loader for the campaigns and makes their revisions known to
// the store, so that every other queue on it notices. Call it after a change of
// configuration: it takes effect with the next lease.
func (q *Queue) Reload(ctx context.Context) error {
	campaigns, err := q.load(ctx)
	if err != nil {
		return fmt.Errorf("load campaigns: %w", err)
	}
	twice := make(map[campaign.ID]bool, len(campaigns))
	var changes []campaign.Change
	for _, c := range campaigns {
		if c == nil {
			return errors.New("load campaigns: one is nil: compile it first")
		}
		if twice[c.ID()] {
			return fmt.Errorf("load campaigns: %q comes twice", c.ID())
		}
		twice[c.ID()] = true
		changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: c.ID()}, Revision: c.Revision()})
	}
	q.install(newLoaded(campaigns))
	if len(changes) == 0 {
		return nil
	}
	// A revision that the store knows to be old is not an error here: the host's
	// configuration may lag behind another process's for a moment, and the next
	// Claim says so again.
	if _, err := q.store.Commit(ctx, changes...); err != nil {
		return fmt.Errorf("publish revisions: %w", err)
	}
	return nil
}

// now is the queue's clock at the store's resolution.
func (q *Queue) now() time.Time {
	t := q.cfg.Now().UTC()
	return t.Add(-time.Duration(t.Nanosecond() % 1000))
}

// CampaignError says that a campaign is not among those the Loader gives.
type CampaignError struct{ ID campaign.ID }

func (e *CampaignError) Error() string {
	return fmt.Sprintf("campaign %q is not loaded: want one that the queue's Loader returns", e.ID)
}

// BlockedError says that a record cannot be called now, and why.
type BlockedError struct {
	Ref      campaign.Ref
	Blockers []campaign.Blocker
	// Earliest is when it becomes callable if nothing else changes; zero: no time will bring it.
	Earliest time.Time
}

func (e *BlockedError) Error() string {
	var parts []string
	for _, b := range e.Blockers {
		parts = append(parts, b.String())
	}
	s := fmt.Sprintf("record %s of campaign %s cannot be called: %s", e.Ref.Record, e.Ref.Campaign, strings.Join(parts, "; "))
	if !e.Earliest.IsZero() {
		s += "; callable from " + e.Earliest.UTC().Format(time.RFC3339)
	}
	return s
}

// LeaseLostError is campaign.ErrLeaseLost with what was kept of a late report.
type LeaseLostError struct {
	Ref campaign.Ref
	// Answer says what was written all the same: the log's true outcome and
	// blacklist entries. Empty if the token never led to a call.
	Answer campaign.Answer
	// Kept says that the token did lead to a call: what Answer says was written.
	Kept bool
}

func (e *LeaseLostError) Error() string {
	s := fmt.Sprintf("lease %d on record %s of campaign %s is lost", e.Ref.Token, e.Ref.Record, e.Ref.Campaign)
	if e.Kept {
		s += ": the record has moved on and stays; the call's true outcome and its blacklist entry were written"
	}
	return s
}

// Is makes errors.Is(err, campaign.ErrLeaseLost) hold.
func (e *LeaseLostError) Is(target error) bool { return target == campaign.ErrLeaseLost }
