package campaign

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nextcall/nextcall/internal/calendar"
	"github.com/nextcall/nextcall/status"
)

// Campaign is a compiled configuration: immutable, checked, and safe for
// concurrent use.
type Campaign struct {
	cfg      Config // a deep copy with every default filled in
	given    Config // a deep copy as it was given
	zone     *time.Location
	statuses []status.Status   // attached, in the order of their conditions
	index    map[status.ID]int // into statuses
	known    []status.ID       // of the dictionary, attached or not
	agents   map[AgentID]struct{}
	types    map[string]RecordType
	start    time.Time      // first instant of the start date; zero: open
	end      time.Time      // first instant after the end date; zero: open
	batches  []batch        // the declared lists
	listAt   map[string]int // the place of a declared list, by its name
	prefixes map[string]int // and by the prefix of its classes

	delays    [NumOutcomes]time.Duration
	fallback  [NumOutcomes]status.Qualifier
	overrides map[Override]bool
	rules     Rules
	reads     Reads
	// The places of the conditions among the rules; those of auto come first.
	conditions []Condition
	dial, rank int
	nextAt     []int                   // of statuses
	fieldRules map[string][]fieldRules // of the fields of a record type, nil if none has one
	window     needWindow
	auto       []autoRule
	perRecord  bounds
	perNumber  bounds

	work       timetable            // the working hours
	calleePlan *plan                // the callee hours; nil: always
	regions    map[string]*holidays // by region
	classes    atomic.Pointer[classTable]
	making     sync.Mutex // of classes
	backs      []int      // see dayStart
	today      atomic.Pointer[today]
	released   atomic.Pointer[stretch]
	locations  sync.Map // zone name -> *time.Location: loading one costs more than a decision
}

// Warning is something that a configuration may say but probably does not mean.
type Warning struct {
	Path string
	Msg  string
}

// String is the warning in one line.
func (w Warning) String() string { return w.Path + ": " + w.Msg }

// Compile checks cfg against the dictionary and gives an immutable campaign,
// or all mistakes joined, each a [*FieldError]. Warnings are values: they
// refuse nothing. A nil dictionary is an empty one; engine may be nil when there
// are no conditions. Nothing of cfg is kept: it may be changed afterwards.
func Compile(cfg Config, dict *status.Dictionary, engine RuleEngine) (*Campaign, []Warning, error) {
	if dict == nil {
		dict = &status.Dictionary{}
	}
	c := &Campaign{cfg: cfg.copy(), given: cfg.copy(), dial: none, rank: none}
	c.classes.Store(&classTable{named: map[string]*class{}, zoned: map[zoneIn]*class{}})
	c.cfg.fill()
	k := &checker{c: c, cfg: &c.cfg}
	k.identity()
	k.times()
	k.hours()
	k.lists()
	k.people()
	before := len(k.errs)
	k.attach(dict)
	k.recordTypes()
	sound := len(k.errs) == before && c.zone != nil
	k.retry()
	k.limits()
	k.policies()
	k.conditions(engine, sound)
	if len(k.errs) > 0 {
		return nil, nil, errors.Join(k.errs...)
	}
	c.window = newNeedWindow(&c.cfg)
	c.backs = c.newBacks()
	c.perRecord, c.perNumber = newBounds(&c.cfg.Limits, false), newBounds(&c.cfg.Limits, true)
	k.warn()
	return c, k.warnings, nil
}

// copy returns a configuration that shares no memory with cfg.
func (cfg Config) copy() Config {
	cfg.Agents = slices.Clone(cfg.Agents)
	cfg.Statuses = slices.Clone(cfg.Statuses)
	cfg.Own = slices.Clone(cfg.Own)
	for i := range cfg.Own {
		cfg.Own[i] = cfg.Own[i].Clone(cfg.Own[i].ID, cfg.Own[i].Title)
	}
	cfg.RecordTypes = slices.Clone(cfg.RecordTypes)
	for i := range cfg.RecordTypes {
		cfg.RecordTypes[i].Fields = slices.Clone(cfg.RecordTypes[i].Fields)
	}
	cfg.ContactFields = slices.Clone(cfg.ContactFields)
	cfg.Lists = slices.Clone(cfg.Lists)
	cfg.Holidays = maps.Clone(cfg.Holidays)
	for region, h := range cfg.Holidays {
		h.Dates = slices.Clone(h.Dates)
		cfg.Holidays[region] = h
	}
	cfg.Retry.Delays = maps.Clone(cfg.Retry.Delays)
	cfg.Retry.Fallback = maps.Clone(cfg.Retry.Fallback)
	if cfg.Retry.BetweenNumbers != nil {
		between := *cfg.Retry.BetweenNumbers
		cfg.Retry.BetweenNumbers = &between
	}
	// No caps and an empty list of them are one meaning, and have one text.
	cfg.Limits.Caps = append([]Cap(nil), cfg.Limits.Caps...)
	cfg.Limits.Gaps = append([]Gap(nil), cfg.Limits.Gaps...)
	cfg.Blacklists = slices.Clone(cfg.Blacklists)
	cfg.Overrides = slices.Clone(cfg.Overrides)
	return cfg
}

// fill puts the documented default where the configuration says nothing.
func (cfg *Config) fill() {
	orElse(&cfg.Mode, Preview)
	orElse(&cfg.Parity, 1)
	fillWeights(cfg.Lists)
	orElse(&cfg.Callbacks.Tries, 3)
	orElse(&cfg.Skips.Delay, Delay(10*time.Minute))
	orElse(&cfg.Leases.Offer, Delay(30*time.Second))
	orElse(&cfg.Leases.Dial, Delay(2*time.Minute))
	orElse(&cfg.Leases.Talk, Delay(4*time.Hour))
	for i := range cfg.Own {
		orElse(&cfg.Own[i].Campaign, string(cfg.ID))
		if !slices.Contains(cfg.Statuses, cfg.Own[i].ID) {
			cfg.Statuses = append(cfg.Statuses, cfg.Own[i].ID)
		}
	}
	for i := range cfg.RecordTypes {
		for j := range cfg.RecordTypes[i].Fields {
			orElse(&cfg.RecordTypes[i].Fields[j].Type, String)
		}
	}
	for i := range cfg.ContactFields {
		orElse(&cfg.ContactFields[i].Type, String)
	}
	delays, fallback := DefaultDelays(), DefaultFallback(cfg.Mode)
	for o := Answered; int(o) < NumOutcomes; o++ {
		if _, ok := delays[o]; !ok {
			delays[o] = 0
		}
	}
	maps.Copy(delays, cfg.Retry.Delays)
	maps.Copy(fallback, cfg.Retry.Fallback)
	cfg.Retry.Delays, cfg.Retry.Fallback = delays, fallback
}

func orElse[T comparable](value *T, other T) {
	var zero T
	if *value == zero {
		*value = other
	}
}

// Config returns a deep copy of the configuration with every default filled in.
// Compiling it gives the same campaign.
func (c *Campaign) Config() Config { return c.cfg.copy() }

// ID, Revision and Mode return what the configuration says.
func (c *Campaign) ID() ID { return c.cfg.ID }

// Revision is the configuration's revision.
func (c *Campaign) Revision() int64 { return c.cfg.Revision }

// Mode is the campaign's mode.
func (c *Campaign) Mode() Mode { return c.cfg.Mode }

// Lists reports whether the agent works in the campaign: the campaign lists
// nobody, or this agent too.
func (c *Campaign) Lists(a AgentID) bool {
	if len(c.cfg.Agents) == 0 {
		return true
	}
	_, ok := c.agents[a]
	return ok
}

// needWindow is how far back limits and gaps look.
type needWindow struct {
	days   int           // calendar days, today included; 0: none
	within time.Duration // rolling; 0: none
	all    bool          // a lifetime limit reads everything
}

func newNeedWindow(cfg *Config) needWindow {
	var w needWindow
	for _, l := range cfg.Limits.Caps {
		switch {
		case l.Max == 0:
		case l.Days > 0:
			w.days = max(w.days, l.Days)
		case l.Within > 0:
			w.within = max(w.within, time.Duration(l.Within))
		default:
			w.all = true
		}
	}
	for _, g := range cfg.Limits.Gaps {
		w.within = max(w.within, time.Duration(g.Min))
	}
	return w
}

// needDays is how many calendar days, today included, are looked at; 0: none.
func (c *Campaign) needDays() int {
	if c.reads.Today {
		return max(c.window.days, 1)
	}
	return c.window.days
}

// Need says what must be known beside a record to decide about it at now: the
// calls that any limit or gap still counts, and what conditions read.
func (c *Campaign) Need(now time.Time) Need {
	need := Need{Contact: c.reads.Contact}
	days, within := c.needDays(), max(c.window.within, c.reads.Within)
	switch {
	case c.window.all || c.reads.All:
	case days == 0 && within == 0:
		need.NoCalls = true
	default:
		need.Since = now.Add(-within)
		if days > 0 {
			// Midnight itself may come twice; the day begins with the first.
			if since := c.dayStart(now, days-1); since.Before(need.Since) {
				need.Since = since
			}
		}
	}
	return need
}

// dates finds the first instant of the start date and the first after the end date.
func (c *Campaign) dates(start, end string) {
	if d, ok := parseDate(start); ok {
		y, m, day := d.Date()
		c.start = calendar.StartOfDay(y, m, day, c.zone)
	}
	if d, ok := parseDate(end); ok {
		y, m, day := d.Date()
		c.end = calendar.StartOfDay(y, m, day+1, c.zone)
	}
}

func quoted[T ~string](values []T) string { return fmt.Sprintf("%q", values) }
