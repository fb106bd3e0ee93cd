package enginetest_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/dialer"
)

var ctx = context.Background()

// queueContestant is nextcall as a host uses it, with every rule on. Half of
// its live records are fresh, the others have been called and come round again.
type queueContestant struct {
	spec
	q     *dialer.Queue
	store campaign.Store
	data  *copied // the database of the store, if it has one
	ids   []campaign.ID
	clock atomic.Int64 // microseconds
	step  int64        // how far the clock goes with a call
	fresh atomic.Int64 // fresh records that are left
	calls atomic.Int64
	put   atomic.Int64 // records put aside as blacklisted
}

func newQueueContestant(s spec) (*queueContestant, error) {
	if s.N%s.Live != 0 || s.Live%(100*s.Campaigns) != 0 {
		return nil, fmt.Errorf("%d records, %d of them live, in %d campaigns: want whole shares, the live ones in hundreds", s.N, s.Live, s.Campaigns)
	}
	// Half of the records wait, and one and a half mean delays pass while all are
	// called: so more retries fall due than the half of the calls that they get.
	c := &queueContestant{spec: s, step: max(1, meanDelay().Microseconds()*3/2/int64(s.Live))}
	for i := range s.Campaigns {
		c.ids = append(c.ids, campaign.ID(fmt.Sprintf("c%02d", i)))
	}
	return c, c.fill()
}

func (c *queueContestant) now() time.Time { return time.UnixMicro(c.clock.Load()) }

// fill makes the queue anew.
func (c *queueContestant) fill() error {
	c.q, c.store = nil, nil
	runtime.GC() // two fillings at a time would need twice the memory
	c.clock.Store(tenOClock.UnixMicro())
	c.calls.Store(0)
	c.put.Store(0)
	engine := campaign.RuleEngine(rule.Engine{})
	if c.ByHand {
		engine = byHand()
	}
	var campaigns []*campaign.Campaign
	for _, id := range c.ids {
		made, err := ruled(id, engine)
		if err != nil {
			return err
		}
		campaigns = append(campaigns, made)
	}
	err := c.newStore()
	if err != nil {
		return err
	}
	if c.q, err = dialer.New(ctx, c.store, dialer.Static(campaigns...), dialer.Config{Now: c.now}); err != nil {
		return err
	}
	if err := c.load(); err != nil {
		return err
	}
	c.fresh.Store(int64(c.Live))
	if c.Fresh {
		return nil
	}
	called := cmp.Or(c.Called, c.Live/2)
	for i := range c.ids {
		h := &queueHand{c: c, r: rand.NewPCG(1, uint64(i)), place: i}
		for left := called / len(c.ids); left > 0; {
			fresh, parked, err := h.cycle(min(left, 1000))
			if err != nil {
				return fmt.Errorf("the first calls: %w", err)
			}
			left -= fresh + parked
		}
	}
	return nil
}

// newStore makes an empty store, and takes away the one before.
func (c *queueContestant) newStore() (err error) {
	if err = c.close(); err != nil {
		return err
	}
	if c.Place.Engine == "" {
		c.store = memstore.New()
		return nil
	}
	if c.data, err = c.Place.fresh(); err != nil {
		return err
	}
	c.store, err = sqlstore.Open(ctx, c.data.db, c.Place.dialect(), sqlstore.Options{})
	return err
}

func (c *queueContestant) database() string {
	if c.data == nil {
		return ""
	}
	return c.data.name
}

func (c *queueContestant) close() (err error) {
	if c.data != nil {
		err = c.data.drop()
		c.data = nil
	}
	return err
}

// part is how many records a host adds at a time.
const part = 5000

// load adds the records, then the blacklist: one number in a hundred.
func (c *queueContestant) load() error {
	records := make([]campaign.Record, 0, part)
	var entries []blacklist.Entry
	for i := range c.N {
		r := person(i, c.ids[c.campaignOf(i)])
		if !c.live(i) {
			switch c.Dormant {
			case "closed":
				r.Status = closedStatus
			case "far":
				r.Due = tenOClock.AddDate(0, 7, 0)
			default:
				return fmt.Errorf("no record is dormant as %q: want closed or far", c.Dormant)
			}
		}
		records = append(records, r)
		if c.listed(i) {
			entries = append(entries, blacklist.Entry{Number: blacklist.Number(firstNumber + i), List: "own"})
		}
		if len(records) < part && i+1 < c.N {
			continue
		}
		added, err := c.q.Add(ctx, dialer.Adding{Records: records, AllowSameNumber: true, AllowBlacklisted: true})
		if err != nil {
			return err
		}
		for k := range added {
			if added[k].Err != nil {
				return added[k].Err
			}
		}
		records = records[:0]
	}
	for len(entries) > 0 {
		n := min(part, len(entries))
		if err := c.q.List(ctx, entries[:n]...); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// Live records lie evenly among the dormant ones.
func (c *queueContestant) live(i int) bool   { return i%(c.N/c.Live) == 0 }
func (c *queueContestant) listed(i int) bool { return i/(c.N/c.Live)/len(c.ids)%100 == 50 }

// campaignOf deals the live records out in turn, and the dormant ones with them.
func (c *queueContestant) campaignOf(i int) int { return i / (c.N / c.Live) % len(c.ids) }

// ready fills the queue anew when its fresh records become few, so that what is
// measured stays the same mix. There are enough of them even if all calls were
// to fresh ones: a goroutine that was held up asks for an earlier time, at which
// the retries are not due.
func (c *queueContestant) ready() (most int, again bool, err error) {
	if c.Fresh {
		return 0, false, errors.New("a queue in which nobody was called has not the mix of a run")
	}
	live := int64(c.Live)
	if again = c.fresh.Load() <= live/4; again {
		err = c.fill()
	}
	return int(c.fresh.Load() - live/8), again, err
}

func (c *queueContestant) hand(i, of int) hand {
	return &queueHand{c: c, r: rand.NewPCG(uint64(i), 3), place: i, stride: of}
}

// callAll calls every record that may be called once. The clock stands still,
// so nobody comes round again meanwhile.
func (c *queueContestant) callAll() (int, error) {
	before, step := c.calls.Load(), c.step
	c.step = 0
	defer func() { c.step = step }()
	for i := range c.ids {
		h := &queueHand{c: c, r: rand.NewPCG(1, uint64(i)), place: i}
		for left := c.Live / len(c.ids) * 99 / 100; left > 0; {
			fresh, _, err := h.cycle(min(left, 1000))
			if err != nil {
				return 0, err
			}
			left -= fresh
		}
	}
	return int(c.calls.Load() - before), nil
}

// check compares what the store knows with what was done, call by call.
func (c *queueContestant) check() error {
	records, attempts := 0, 0
	for f, err := range c.store.Find(ctx, campaign.Filter{}, campaign.Need{NoCalls: true}) {
		if err != nil {
			return err
		}
		if f.Lease.Token != 0 {
			return fmt.Errorf("record %s is still leased", f.Record.ID)
		}
		records++
		attempts += f.Record.Attempts.Total
	}
	if records != c.N || int64(attempts) != c.calls.Load() {
		return fmt.Errorf("the store holds %d records with %d attempts: want %d and %d", records, attempts, c.N, c.calls.Load())
	}
	return c.close()
}

// queueHand is one goroutine of the host: it asks, starts and reports.
type queueHand struct {
	c     *queueContestant
	r     *rand.PCG
	from  [1]campaign.ID
	sel   dialer.Selection
	place int // among the campaigns
	// stride is how many hands there are: if there are as many campaigns, no two
	// hands ask in one. 0 stays with one campaign.
	stride int
}

var errNotAsked = errors.New("fewer calls than were asked for, though records are due")

func (h *queueHand) next(ask int, anyCampaign bool) error {
	c := h.c
	c.clock.Add(c.step * int64(ask))
	a := dialer.Ask{Limit: ask, Start: true}
	if !anyCampaign {
		h.from[0] = c.ids[h.place%len(c.ids)]
		a.Campaigns = h.from[:]
	}
	if err := c.q.NextInto(ctx, a, &h.sel); err != nil {
		return err
	}
	if len(h.sel.Calls) != ask {
		return fmt.Errorf("%w: %d instead of %d, %d put aside, next due %v", errNotAsked, len(h.sel.Calls), ask, len(h.sel.Skipped), h.sel.NextDue)
	}
	return nil
}

func (h *queueHand) report() (calls, fresh, parked int, err error) {
	c := h.c
	h.place += h.stride
	for i := range h.sel.Skipped {
		if err := c.rightlySkipped(&h.sel.Skipped[i]); err != nil {
			return 0, 0, 0, err
		}
	}
	for i := range h.sel.Calls {
		call := &h.sel.Calls[i]
		number := int(call.Number.Number) - firstNumber
		if number < 0 || number >= c.N || !c.live(number) || c.listed(number) || call.Lease.Phase != campaign.Dialed {
			return 0, 0, 0, fmt.Errorf("record %s, number %v, is no call to make", call.Ref.Record, call.Number.Number)
		}
		if call.Tier == dialer.TierFresh {
			fresh++
		}
		outcome := outcomes[h.r.Uint64()%uint64(len(outcomes))]
		answer, err := c.q.Report(ctx, call.Ref, campaign.Result{Outcome: outcome, Ring: 20 * time.Second})
		if err != nil {
			return 0, 0, 0, err
		}
		if answer.Call != call.Token || answer.Outcome != outcome || !answer.Due.Equal(c.dueAfter(call.Lease.Dialed, outcome, answer.Due)) {
			return 0, 0, 0, fmt.Errorf("record %s: the answer to %s is %+v", call.Ref.Record, outcome, answer)
		}
		if len(answer.Warnings) > 0 {
			return 0, 0, 0, fmt.Errorf("record %s: %q", call.Ref.Record, answer.Warnings)
		}
	}
	calls, parked = len(h.sel.Calls), len(h.sel.Skipped)
	c.fresh.Add(-int64(fresh + parked))
	c.calls.Add(int64(calls))
	if put := c.put.Add(int64(parked)); put > int64(c.Live/100) {
		return 0, 0, 0, fmt.Errorf("%d records were put aside, and %d are blacklisted", put, c.Live/100)
	}
	return calls, fresh, parked, nil
}

// dueAfter is due if that is right for a call: a delay after the report, which
// comes no earlier than the dial and no later than now.
func (c *queueContestant) dueAfter(dialed time.Time, outcome campaign.Outcome, due time.Time) time.Time {
	reported := due.Add(-time.Duration(delays[outcome]))
	if reported.Before(dialed) || reported.After(c.now()) {
		return time.Time{}
	}
	return due
}

func (c *queueContestant) rightlySkipped(s *dialer.Skipped) error {
	if len(s.Blockers) == 1 && s.Blockers[0].Reason == campaign.ReasonBlacklisted && c.listed(int(s.Blockers[0].Number)-firstNumber) {
		return nil
	}
	return fmt.Errorf("record %s was put aside: %v", s.Record, s.Blockers)
}

// cycle is an ask with its reports.
func (h *queueHand) cycle(ask int) (fresh, parked int, err error) {
	if err := h.next(ask, false); err != nil {
		return 0, 0, err
	}
	_, fresh, parked, err = h.report()
	return fresh, parked, err
}
