package dialer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Bounds of one ask.
const (
	maxLimit    = 10_000
	maxBatch    = 256
	defaultMost = 1000 // Ask.MaxParks
	maxReloads  = 5    // configurations that may change during one operation
)

func (a *Ask) check() error {
	var errs []error
	bad := func(field, msg string) { errs = append(errs, &AskError{Field: field, Msg: msg}) }
	switch {
	case a.Limit < 0 || a.Limit > maxLimit:
		bad("limit", fmt.Sprintf("%d: want 1 to %d, or 0 for 1", a.Limit, maxLimit))
	case a.Limit == 0:
		a.Limit = 1
	}
	switch {
	case a.MaxParks < 0:
		bad("max parks", fmt.Sprintf("%d: want a positive number, or 0 for %d", a.MaxParks, defaultMost))
	case a.MaxParks == 0:
		a.MaxParks = defaultMost
	}
	if err := checkAgent(a.Agent); err != nil {
		errs = append(errs, err)
	}
	a.Reserved = a.Reserved || a.Agent != ""
	return errors.Join(errs...)
}

// checkAgent refuses a name that no store can keep in a lease.
func checkAgent(a campaign.AgentID) error {
	if !utf8.ValidString(string(a)) || strings.Contains(string(a), "\x00") {
		return &AskError{Field: "agent", Msg: fmt.Sprintf("%q: want UTF-8 without NUL bytes", a)}
	}
	return nil
}

// Next selects the calls to make now and leases them: campaigns by order and
// parity, inside a campaign the seven tiers. Each candidate passes the one
// eligibility function; one that fails is put aside until it may pass, and the
// selection goes on. Expired leases are settled first.
//
// It returns what it has leased even with an error that came later. The typed
// errors are *AskError and *CampaignError.
func (q *Queue) Next(ctx context.Context, ask Ask) (Selection, error) {
	if err := ask.check(); err != nil {
		return Selection{}, err
	}
	s := &selecting{q: q, ask: ask, now: q.now(), has: map[campaign.ID]bool{}}
	err := s.run(ctx)
	return s.sel, err
}

// selecting is one Next on its way.
type selecting struct {
	q       *Queue
	ask     Ask
	now     time.Time
	sel     Selection
	plan    *plan
	parked  int
	wake    time.Time // the first end of a park of this ask that may help
	reloads int
	has     map[campaign.ID]bool // campaigns that had something to give
	stale   bool                 // a campaign of the plan is no longer loaded
	*scratch
}

// scratch is memory that asks use one after another.
type scratch struct {
	claimed campaign.Claimed
	changes []campaign.Change
	owners  []int
}

func (s *selecting) run(ctx context.Context) error {
	s.scratch = s.q.scratch.Get().(*scratch)
	defer s.q.scratch.Put(s.scratch)
	defer s.settleParity()
	into := &s.claimed
	plan, err := s.q.newPlan(s.ask, s.now)
	if err != nil {
		return err
	}
	s.plan = plan
	for batch := s.ask.Limit; ; {
		batch = min(max(batch, s.ask.Limit-len(s.sel.Calls)), maxLimit, s.ask.MaxParks-s.parked)
		err := s.q.store.Claim(ctx, s.claim(batch), into)
		if errors.Is(err, campaign.ErrConfigChanged) {
			if err := s.reload(ctx, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		if len(into.Expired) > 0 {
			n, err := s.q.settle(ctx, into.Expired, s.now)
			s.sel.Settled += n
			if err != nil {
				return err
			}
			continue
		}
		if s.q.learn(into.Classes, s.now) {
			if err := s.q.release(ctx, into.Leased); err != nil {
				return err
			}
			continue
		}
		found := len(into.Leased)
		failed, err := s.judge(ctx, into.Leased)
		if errors.Is(err, campaign.ErrConfigChanged) {
			if err := s.reload(ctx, err); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		s.reserve(into.Owners, into.Classes)
		s.notice(into.Classes)
		if s.stale {
			if err := s.reload(ctx, campaign.ErrConfigChanged); err != nil {
				return err
			}
			s.stale = false
			continue
		}
		switch {
		case failed:
			s.sel.NextDue = s.now.Add(s.q.cfg.CheckerRetry)
			return nil
		case len(s.sel.Calls) >= s.ask.Limit:
			return nil
		case found < batch:
			// The classes are as they were before this batch was put aside.
			s.sel.NextDue = earliest(s.q.nextDue(s.plan, into.Classes, s.now), s.wake)
			return nil
		case s.parked >= s.ask.MaxParks:
			s.sel.NextDue = s.now
			return nil
		}
		batch = min(2*batch, maxBatch)
	}
}

// claim is the Claim of the next batch.
func (s *selecting) claim(batch int) campaign.Claim {
	cl := campaign.Claim{
		Now: s.now, Holder: s.q.cfg.Holder, Agent: s.ask.Agent, Reserved: s.ask.Reserved,
		Limit: batch, From: s.q.steps(s.plan, s.now, batch), Owners: !s.ask.Reserved,
		Need: campaign.Need{NoCalls: true},
	}
	// The leases of one Claim run out together; judge extends those of campaigns
	// that give more time.
	offer := time.Duration(0)
	for _, c := range s.q.all() {
		if d := c.OfferTTL(); offer == 0 || d < offer {
			offer = d
		}
		cl.Need = wider(cl.Need, c.Need(s.now))
	}
	cl.Until = s.now.Add(offer)
	return cl
}

// wider is what brings both.
func wider(a, b campaign.Need) campaign.Need {
	switch {
	case a.NoCalls:
		a.Since, a.NoCalls = b.Since, b.NoCalls
	case !b.NoCalls && b.Since.Before(a.Since):
		a.Since = b.Since
	}
	a.Contact = a.Contact || b.Contact
	a.Before = a.Before || b.Before
	return a
}

func (s *selecting) reload(ctx context.Context, why error) (err error) {
	if s.reloads++; s.reloads > maxReloads {
		return fmt.Errorf("the store knows a newer revision than the loader gives: want a Loader that reads the newest: %w", why)
	}
	if err := s.q.Reload(ctx); err != nil {
		return err
	}
	s.plan, err = s.q.newPlan(s.ask, s.now)
	return err
}

// judge passes leased candidates through the eligibility function and commits
// what follows: starts, parks and releases, in one Commit. failed says that a
// checker could not be asked: the ask must end.
func (s *selecting) judge(ctx context.Context, leased []campaign.Facts) (failed bool, err error) {
	if len(leased) == 0 {
		return false, nil
	}
	s.q.askLists(ctx, leased, s.now)
	changes := s.changes[:0]
	owners := s.owners[:0] // index into the calls of the change's call, or -1
	s.sel.Calls = slices.Grow(s.sel.Calls, min(len(leased), s.ask.Limit-len(s.sel.Calls)))
	var blockers []campaign.Blocker
	skipped, called := len(s.sel.Skipped), len(s.sel.Calls)
	for i := range leased {
		f := &leased[i]
		c, err := s.q.Campaign(f.Record.Campaign)
		if err != nil { // unloaded in this instant: give it back
			s.stale = true
			changes, owners = append(changes, campaign.Change{Ref: refOf(f)}), append(owners, -1)
			continue
		}
		asker := campaign.Asker{Agent: s.ask.Agent, Reserved: s.ask.Reserved, Lease: f.Lease.Token}
		var phone int
		phone, blockers = c.Eligible(f, asker, s.now, blockers[:0])
		switch {
		case len(blockers) > 0:
			s.sel.Skipped = append(s.sel.Skipped, Skipped{Ref: refOf(f), Blockers: append([]campaign.Blocker(nil), blockers...)})
			change := campaign.Change{Ref: refOf(f)}
			if hasReason(blockers, campaign.ReasonChecker) {
				failed = true
			} else {
				record := f.Record
				record.Park = c.ParkFor(blockers, s.now)
				change.Record = &record
				s.parked++
				if until := record.Park.Until; until.Before(campaign.Forever) {
					s.wake = earliest(s.wake, opening(c, record.Class, until, s.now))
				}
			}
			changes, owners = append(changes, change), append(owners, -1)
		case len(s.sel.Calls) >= s.ask.Limit:
			s.has[c.ID()] = true
			changes, owners = append(changes, campaign.Change{Ref: refOf(f)}), append(owners, -1)
		default:
			s.has[c.ID()] = true
			call := callOf(f, phone, s.ask.Agent)
			if change, needed := s.q.hold(c, f, &call, s.ask.Start, s.now); needed {
				changes, owners = append(changes, change), append(owners, len(s.sel.Calls))
			}
			s.sel.Calls = append(s.sel.Calls, call)
		}
	}
	lost, err := s.commit(ctx, changes, owners)
	if len(lost) > 0 {
		kept := s.sel.Calls[:called]
		for i := called; i < len(s.sel.Calls); i++ {
			if !lost[i] {
				kept = append(kept, s.sel.Calls[i])
			}
		}
		s.sel.Calls = kept
	}
	clear(changes)
	s.changes, s.owners = changes, owners
	if err == nil {
		err = s.q.recheck(ctx, s.sel.Skipped[skipped:], s.now)
	}
	return failed, err
}

// recheck wakes records that were put aside for an entry of the store's lists
// which was removed in the same instant: that removal found them leased, and
// had no park to end.
func (q *Queue) recheck(ctx context.Context, skipped []Skipped, now time.Time) error {
	query := blacklist.Query{Now: now}
	var keys []blacklist.Key
	for i := range skipped {
		for _, b := range skipped[i].Blockers {
			if b.Reason == campaign.ReasonBlacklisted && b.Checker == "" && b.Entry != nil {
				keys = append(keys, blacklist.Key{List: b.Entry.List, Number: b.Number})
				query.Lists = append(query.Lists, b.Entry.List)
				query.Numbers = append(query.Numbers, b.Number)
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	still := map[blacklist.Key]bool{}
	for _, a := range blacklist.Ask(ctx, query, blacklist.Named{Checker: q.store}) {
		if a.Listed {
			still[blacklist.Key{List: a.Entry.List, Number: a.Number}] = true
		}
	}
	var change campaign.Change
	for _, key := range keys {
		if !still[key] {
			change.Wake = append(change.Wake, key.Number)
		}
	}
	if len(change.Wake) == 0 {
		return nil
	}
	return q.one(ctx, change)
}

// commit writes what judge decided, and says which calls were lost by it. A
// call whose start the store refused is given back.
func (s *selecting) commit(ctx context.Context, changes []campaign.Change, owners []int) (map[int]bool, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	errs, err := s.q.store.Commit(ctx, changes...)
	if err == nil && errs == nil {
		return nil, nil
	}
	lost := map[int]bool{}
	if err != nil {
		for _, owner := range owners {
			if owner >= 0 {
				lost[owner] = true
			}
		}
		return lost, fmt.Errorf("commit the selection: %w", err)
	}
	var again []campaign.Change
	var changed error
	for i, err := range errs {
		if err == nil || owners[i] < 0 {
			// A park or release that fails leaves a lease that expires by itself.
			continue
		}
		lost[owners[i]] = true
		again = append(again, campaign.Change{Ref: changes[i].Ref})
		if errors.Is(err, campaign.ErrConfigChanged) {
			changed = err
		}
	}
	if len(again) > 0 {
		if _, err := s.q.store.Commit(ctx, again...); err != nil {
			return lost, fmt.Errorf("give back what was refused: %w", err)
		}
	}
	return lost, changed
}

// hold is the change that makes a fresh lease what the ask wants: started, of
// the campaign's length, on the chosen number. It is needed only if the lease
// as the store gave it differs.
func (q *Queue) hold(c *campaign.Campaign, f *campaign.Facts, call *Call, start bool, now time.Time) (campaign.Change, bool) {
	lease := f.Lease
	lease.Number = call.Number.Number
	lease.Until = now.Add(c.OfferTTL())
	if start {
		lease.Phase, lease.Dialed, lease.Until = campaign.Dialed, now, now.Add(c.DialTTL())
	}
	call.Lease = lease
	if !start && lease.Number == f.Lease.Number && lease.Until.Equal(f.Lease.Until) {
		return campaign.Change{}, false
	}
	return campaign.Change{Ref: call.Ref, Lease: &lease, Extend: true, Revision: c.Revision()}, true
}

func refOf(f *campaign.Facts) campaign.Ref {
	return campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token}
}

func callOf(f *campaign.Facts, phone int, agent campaign.AgentID) Call {
	return Call{Ref: refOf(f), Number: f.Record.Phones[phone], Tier: tierOf(f.Record.Lane, f.Record.Owner, agent),
		Lease: f.Lease, Record: f.Record, Contact: f.Contact}
}

func hasReason(blockers []campaign.Blocker, reason campaign.Reason) bool {
	for i := range blockers {
		if blockers[i].Reason == reason {
			return true
		}
	}
	return false
}

// settle applies the expiry of leases that have run out, and says how many it settled.
func (q *Queue) settle(ctx context.Context, expired []campaign.Facts, now time.Time) (int, error) {
	var changes []campaign.Change
	for i := range expired {
		f := &expired[i]
		c, err := q.Campaign(f.Record.Campaign)
		if err != nil {
			return 0, err
		}
		change, err := c.Apply(f, campaign.Expiry{}, now)
		if err != nil {
			return 0, fmt.Errorf("settle the expired lease of record %s: %w", f.Record.ID, err)
		}
		changes = append(changes, change)
	}
	errs, err := q.store.Commit(ctx, changes...)
	if err != nil {
		return 0, fmt.Errorf("settle expired leases: %w", err)
	}
	n := len(changes)
	for _, err := range errs {
		switch {
		case err == nil:
		case errors.Is(err, campaign.ErrLeaseLost), errors.Is(err, campaign.ErrConflict):
			n-- // its holder reported it in this instant
		default:
			return n, fmt.Errorf("settle expired leases: %w", err)
		}
	}
	return n, nil
}

// release gives leases back unchanged.
func (q *Queue) release(ctx context.Context, leased []campaign.Facts) error {
	if len(leased) == 0 {
		return nil
	}
	changes := make([]campaign.Change, len(leased))
	for i := range leased {
		changes[i] = campaign.Change{Ref: refOf(&leased[i])}
	}
	_, err := q.store.Commit(ctx, changes...)
	return err
}

// all are the loaded campaigns.
func (q *Queue) all() []*campaign.Campaign {
	q.mu.RLock()
	defer q.mu.RUnlock()
	return q.order
}

// askLists asks the store's own lists and all checkers about the numbers of
// leased records. It is done after leasing, so that an entry committed before
// the answer is seen.
func (q *Queue) askLists(ctx context.Context, facts []campaign.Facts, now time.Time) {
	checkers := append([]blacklist.Named{{Checker: q.store}}, q.cfg.Checkers...)
	done := map[campaign.ID]bool{}
	for i := range facts {
		id := facts[i].Record.Campaign
		if done[id] {
			continue
		}
		done[id] = true
		query := blacklist.Query{Now: now}
		if c, err := q.Campaign(id); err == nil {
			query.Lists = c.Blacklists()
		}
		for k := range facts {
			if facts[k].Record.Campaign == id {
				for p := range facts[k].Record.Phones {
					query.Numbers = append(query.Numbers, facts[k].Record.Phones[p].Number)
				}
			}
		}
		answers := blacklist.Ask(ctx, query, checkers...)
		if len(answers) == 0 {
			continue
		}
		byNumber := make(map[blacklist.Number][]blacklist.Answer, len(answers))
		for _, a := range answers {
			byNumber[a.Number] = append(byNumber[a.Number], a)
		}
		for k := range facts {
			if facts[k].Record.Campaign == id {
				for p := range facts[k].Record.Phones {
					facts[k].Listed = append(facts[k].Listed, byNumber[facts[k].Record.Phones[p].Number]...)
				}
			}
		}
	}
}

// reserve fills Selection.Reserve for an unreserved ask.
func (s *selecting) reserve(owners []campaign.OwnerHead, classes []campaign.Class) {
	if s.ask.Reserved {
		return
	}
	s.sel.Reserve = s.sel.Reserve[:0]
	running := map[campaign.ID]*campaign.Campaign{}
	for _, group := range s.plan.groups {
		for _, c := range group {
			running[c.ID()] = c
		}
	}
	openNow := func(id campaign.ID, class string) (*campaign.Campaign, bool) {
		c := running[id]
		if c == nil {
			return nil, false
		}
		open, _ := c.ClassOpen(class, s.now)
		return c, open
	}
	for _, o := range owners {
		if c, ok := openNow(o.Campaign, o.Class); ok && !o.Due.After(s.now) {
			s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: o.Campaign, Agent: o.Owner, Tier: TierOwn, Due: o.Due})
			if released, ok := c.Released(s.now); ok && !o.Due.After(released) {
				s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: o.Campaign, Tier: TierReleased, Due: o.Due})
			}
		}
	}
	for i := range classes {
		progressive := classes[i].Waiting&(1<<status.LaneProgressive) != 0
		if _, ok := openNow(classes[i].Campaign, classes[i].Name); ok && progressive && !classes[i].Heads[status.LaneProgressive].After(s.now) {
			s.sel.Reserve = append(s.sel.Reserve, Reserve{Campaign: classes[i].Campaign, Tier: TierProgressive, Due: classes[i].Heads[status.LaneProgressive]})
		}
	}
}

// notice remembers the campaigns that still have something due for this ask, so
// that those which gave nothing this time keep their claim to the next calls.
func (s *selecting) notice(classes []campaign.Class) {
	for _, group := range s.plan.groups {
		if len(group) < 2 {
			continue
		}
		for _, c := range group {
			s.has[c.ID()] = s.has[c.ID()] || s.q.offers(s.ask, c, classes, s.now)
		}
	}
}

// settleParity charges the calls of this ask to their campaigns.
func (s *selecting) settleParity() {
	if s.plan == nil {
		return
	}
	for _, c := range slices.Concat(s.plan.groups...) {
		fresh, again := 0, 0
		for _, call := range s.sel.Calls {
			switch {
			case call.Campaign != c.ID():
			case call.Tier == TierFresh:
				fresh++
			case call.Tier == TierAgain:
				again++
			}
		}
		s.q.parity.payRetries(c, fresh, again)
	}
	for _, group := range s.plan.groups {
		var gave []campaign.ID
		for _, call := range s.sel.Calls {
			// Own callbacks come first across all campaigns and do not count.
			if call.Tier == TierOwn && !s.q.cfg.CampaignsFirst {
				continue
			}
			for _, c := range group {
				if c.ID() == call.Campaign {
					gave = append(gave, call.Campaign)
				}
			}
		}
		s.q.parity.pay(group, gave, s.has)
	}
}
