package modeltest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

const numQueues = 2

// world is one run: the store with its queues, and the model beside it, which
// knows what the public answers said and nothing of how they came about.
type world struct {
	store  campaign.Store // as the checks read it
	around campaign.Store // as the queues have it: with faults
	faults *faultstore.Faults
	queues [numQueues]*process
	seed   uint64

	clock    time.Time // what the clock on the wall says
	now      time.Time // what the acting process believes
	skew     [numQueues]time.Duration
	latest   time.Time // the latest that any operation saw; a lease may be settled from then on
	settings map[campaign.ID]settings
	known    map[campaign.ID]*campaign.Campaign // what the loaders give

	order   []campaign.RecordID // as added
	records map[campaign.RecordID]*record
	leases  []*lease // all there ever were
	calls   map[campaign.Token]*call
	lists   map[blacklist.Key]blacklist.Entry

	knownActions   map[string]bool
	pendingActions []string

	prev, cur map[campaign.RecordID]campaign.Facts // before and after the step

	hits int           // of the faults, before this step
	lag  time.Duration // how much slow calls have taken in this step

	index int
	op    op
	ev    event
	found *Violation
}

// process is one queue, with a checker that can be made to fail.
type process struct {
	queue *dialer.Queue
	// failing makes the process's further checker fail.
	failing bool
}

func (p *process) Check(context.Context, blacklist.Query) ([]blacklist.Answer, error) {
	if p.failing {
		return nil, errors.New("modeltest: the register does not answer")
	}
	return nil, nil
}

// record is what the model knows of one.
type record struct {
	ref     campaign.Ref
	contact campaign.ContactID
	order   uint16
	consent bool
	code    int64

	tally
	talked bool

	promised  bool      // a callback is pending
	misses    int       // calls for the pending callback that reached nobody
	rung      int       // of them those that count
	notBefore time.Time // a skip or an unknown outcome keeps it away until then
}

// forget drops what is known about numbers that a record no longer has.
func (t *tally) forget(stay []campaign.Phone) {
	for n := range t.byNumber {
		if !slices.ContainsFunc(stay, func(p campaign.Phone) bool { return p.Number == n }) {
			delete(t.byNumber, n)
		}
	}
	for n := range t.unrung {
		if !slices.ContainsFunc(stay, func(p campaign.Phone) bool { return p.Number == n }) {
			delete(t.unrung, n)
		}
	}
	for n := range t.refused {
		if !slices.ContainsFunc(stay, func(p campaign.Phone) bool { return p.Number == n }) {
			delete(t.refused, n)
		}
	}
}

// since says what has become of a record since a call to it was settled as
// unknown: a late report replaces that if the record is untouched, and must not
// if it was changed. One that was only leased and given back may go either way.
type since int

const (
	untouched since = iota
	leasedSince
	changedSince
)

// tally is what the calls to a record come to.
type tally struct {
	total      int // counted dials
	since      int // of them since it was made unused
	unanswered int // of them since somebody talked
	byNumber   map[blacklist.Number]int
	unrung     map[blacklist.Number]int       // dials in a row that did not ring
	refused    map[blacklist.Number]time.Time // by the switch, until then
}

func (t tally) clone() tally {
	t.byNumber, t.unrung, t.refused = maps.Clone(t.byNumber), maps.Clone(t.unrung), maps.Clone(t.refused)
	return t
}

// lease is what the model knows of one.
type lease struct {
	ref     campaign.Ref // with the first token
	queue   int
	agent   campaign.AgentID
	phase   campaign.Phase
	number  blacklist.Number
	at      time.Time
	until   time.Time
	dialed  time.Time
	holds   map[blacklist.Number]bool
	contact campaign.ContactID
	// holdsContact says that no other call to the contact held it already.
	holdsContact bool
	from         campaign.Record // the record as it was given out
	inbound      bool
	with         []campaign.Ref

	orphan   bool // the answer that would have given it out was lost
	ended    bool
	reported bool            // a report was accepted
	kept     bool            // late, and the record stayed as it was
	truth    bool            // of a kept one: whether the call, as reported, is an attempt
	answer   campaign.Answer // what it came to
	expired  bool            // settled as a call that nobody reported
	since    since           // its call was settled as unknown
	after    tally           // what the record's calls came to with this one
	taken    bool            // by name
	allowed  []campaign.Override
	settling bool // somebody has begun to settle it: its numbers are free
}

// call is one entry of the log, as the answers tell it.
type call struct {
	ref     campaign.Ref
	contact campaign.ContactID
	number  blacklist.Number
	dialed  time.Time
	ended   time.Time
	outcome campaign.Outcome
	counted bool
	inbound bool
}

func (c *call) talk() bool { return c.inbound || c.outcome == campaign.Answered }

// grant is a right to call that was given in a step.
type grant struct {
	lease      *lease
	number     campaign.Phone
	started    bool // the number was dialled now
	taken      bool
	overrides  []campaign.Override
	unreserved bool
	agent      campaign.AgentID
}

// event is what happened in a step.
type event struct {
	grants   []grant
	err      error
	faulted  bool                         // a call of the store failed: what came of it only the store knows
	selected bool                         // a Next that answered without an error
	settled  int                          // what it said
	changed  map[campaign.RecordID]string // records that the operation was to change, and why
	same     map[campaign.RecordID]bool   // records that a refused operation must leave alone
	result   *campaign.Result
	report   *lease
	answer   campaign.Answer
	expired  []*lease // settled in this step
	silent   bool     // a checker of the queue fails
}

func newWorld(store campaign.Store, seed uint64) *world {
	w := &world{
		store: store, faults: faultstore.New(faultstore.Config{}), seed: seed, clock: start, now: start, latest: start, skew: skews(seed), knownActions: map[string]bool{},
		settings: map[campaign.ID]settings{}, known: map[campaign.ID]*campaign.Campaign{},
		records: map[campaign.RecordID]*record{}, calls: map[campaign.Token]*call{},
		lists: map[blacklist.Key]blacklist.Entry{}, cur: map[campaign.RecordID]campaign.Facts{}, index: -1,
	}
	w.around = w.faults.Around(store)
	for _, id := range campaignIDs {
		w.configure(id, asItWas)
	}
	for i := range w.queues {
		w.restart(i)
	}
	return w
}

// configure makes a new revision of a campaign, which the loaders give from now on.
func (w *world) configure(id campaign.ID, variant int) {
	s := settingsOf(id, variant, w.settings[id].cfg.Revision+1, w.now)
	c, _, err := campaign.Compile(s.cfg, dictionary, s.rules)
	if err != nil {
		w.fail(0, "campaign %s does not compile: %v", id, err)
		return
	}
	w.settings[id], w.known[id] = s, c
}

// restart makes a new queue in the place of one that is thrown away.
func (w *world) restart(i int) {
	p := &process{}
	load := func(context.Context) ([]*campaign.Campaign, error) {
		var all []*campaign.Campaign
		for _, id := range campaignIDs {
			all = append(all, w.known[id])
		}
		return all, nil
	}
	q, err := dialer.New(ctx, w.around, load, dialer.Config{
		Now: func() time.Time { return w.now }, Holder: fmt.Sprintf("q%d", i),
		Checkers: []blacklist.Named{{Name: "register", Checker: p}},
	})
	if err != nil {
		w.fail(0, "a new queue: %v", err)
	}
	p.queue = q
	w.queues[i] = p
}

func (w *world) fail(invariant int, format string, args ...any) {
	if w.found == nil {
		w.found = &Violation{Invariant: invariant, Seed: w.seed, Step: w.index, Op: w.op.String(), Msg: fmt.Sprintf(format, args...)}
	}
}

// step does one operation and checks everything.
func (w *world) step(o op) (v *Violation) {
	w.index++
	w.op, w.ev = o, event{changed: map[campaign.RecordID]string{}, same: map[campaign.RecordID]bool{}}
	defer func() {
		if p := recover(); p != nil {
			w.fail(0, "panic: %v", p)
			v = w.found
		}
	}()
	skew := w.skew[o.Queue%numQueues]
	w.now = w.clock.Add(skew)
	w.arm(o)
	w.do(o)
	w.clock, w.lag = w.now.Add(w.lag-skew), 0
	w.disarm()
	if w.now.After(w.latest) {
		w.latest = w.now
	}
	w.read()
	w.reconcile()
	w.touch()
	for _, c := range checks {
		if w.found == nil {
			if msg := c.holds(w); msg != "" {
				w.fail(c.invariant, "%s", msg)
			}
		}
	}
	return w.found
}

// read takes every record as the store has it now.
func (w *world) read() {
	w.prev = w.cur
	w.cur = make(map[campaign.RecordID]campaign.Facts, len(w.order))
	if len(w.order) == 0 {
		return
	}
	refs := make([]campaign.Ref, len(w.order))
	for i, id := range w.order {
		refs[i] = w.records[id].ref
	}
	facts, err := looked(ctx, w.store, campaign.Need{}, refs...)
	if err != nil || len(facts) != len(refs) {
		w.fail(5, "look at %d records brought %d: %v", len(refs), len(facts), err)
		return
	}
	for i, f := range facts {
		w.cur[w.order[i]] = f
	}
}

// logged is the log's entry of a call.
func (w *world) logged(ref campaign.Ref) *campaign.Call {
	facts, err := looked(ctx, w.store, campaign.Need{NoCalls: true}, ref)
	if err != nil || len(facts) != 1 {
		return nil
	}
	return facts[0].Call
}

// of are a record's leases, the latest first.
func (w *world) of(id campaign.RecordID) []*lease {
	var all []*lease
	for _, l := range w.leases {
		if l.ref.Record == id {
			all = append(all, l)
		}
	}
	slices.Reverse(all)
	return all
}

func (w *world) back(l *lease) int { return slices.Index(w.of(l.ref.Record), l) }

// live says whether a lease still holds what it holds at the present time.
func (w *world) live(l *lease) bool { return !l.ended && l.until.After(w.now) }

// holder is the lease that the model believes a record to be under, settled or not.
func (w *world) holder(id campaign.RecordID) *lease {
	for _, l := range w.leases {
		if !l.ended && (l.ref.Record == id || slices.ContainsFunc(l.with, func(r campaign.Ref) bool { return r.Record == id })) {
			return l
		}
	}
	return nil
}

// given notes a lease that an answer gave out.
func (w *world) given(l *lease) {
	r := w.cur[l.ref.Record].Record
	l.from = r
	l.contact = r.Contact
	l.holds = map[blacklist.Number]bool{}
	if !l.orphan || l.phase != campaign.Offered {
		l.holds[l.number] = true
	}
	l.holdsContact = l.contact != "" &&
		!(w.op.Kind == opNext && w.candidate(l, func(r campaign.Record) bool { return r.Contact == l.contact }))
	for _, other := range w.leases {
		if other.holdsContact && other.contact == l.contact && !other.ended && (w.op.Kind != opNext || w.live(other)) {
			l.holdsContact = false
		}
	}
	for _, p := range r.Phones {
		held := false
		for _, other := range w.leases {
			// An ask settles first what has run out; the others leave it in the way.
			held = held || !other.ended && other.holds[p.Number] && (w.op.Kind != opNext || w.live(other))
		}
		// An ask leases candidates on the way that it puts aside again: what they
		// held in that moment this lease does not.
		held = held || w.op.Kind == opNext && w.candidate(l, func(r campaign.Record) bool { return r.Phone(p.Number) >= 0 })
		if !held {
			l.holds[p.Number] = true
		}
	}
	w.leases = append(w.leases, l)
}

// candidate says whether an ask may have leased another such record on its way.
func (w *world) candidate(l *lease, such func(campaign.Record) bool) bool {
	for id, f := range w.cur {
		if id != l.ref.Record && f.Record.Standing == status.StandingQueued && such(f.Record) {
			return true
		}
	}
	return false
}

// listed says whether a number is on a list that a campaign asks, at t.
func (w *world) listed(id campaign.ID, n blacklist.Number, t time.Time) (blacklist.Entry, bool) {
	for _, list := range append([]blacklist.List{blacklist.Global}, w.settings[id].cfg.Blacklists...) {
		if e, ok := w.lists[blacklist.Key{List: list, Number: n}]; ok && (e.Until.IsZero() || t.Before(e.Until)) {
			return e, true
		}
	}
	return blacklist.Entry{}, false
}

// list notes entries: the one that ends later stays.
func (w *world) list(entries ...blacklist.Entry) {
	for _, e := range entries {
		if old, ok := w.lists[e.Key()]; ok && (old.Until.IsZero() || !e.Until.IsZero() && !e.Until.After(old.Until)) {
			continue
		}
		w.lists[e.Key()] = e
	}
}

// skews are by how much the clocks of the processes are wrong.
func skews(seed uint64) (all [numQueues]time.Duration) {
	rnd := rand.New(rand.NewPCG(seed, 0x736b6577))
	for i := range all {
		all[i] = time.Duration(rnd.IntN(5)-2) * time.Second
	}
	return all
}

// looked is a Look with memory of its own.
func looked(ctx context.Context, st campaign.Store, need campaign.Need, refs ...campaign.Ref) ([]campaign.Facts, error) {
	var into campaign.Looked
	err := st.Look(ctx, need, &into, refs...)
	return into.Facts, err
}
