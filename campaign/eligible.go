package campaign

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Asker is for whom a record is judged.
type Asker struct {
	Kind  AskKind
	Agent AgentID // "" nobody in particular
	// Reserved says that an agent waits for the call. One that names an agent is reserved.
	Reserved bool
	// Number asks about this number of the record only; 0 about the one to be
	// called next, or another that is free.
	Number blacklist.Number
	// Lease is the asker's own lease on the record, which does not block it.
	Lease Token
	// Overrides are what the asker overrides. Only a Take may, and only what the
	// campaign's Config.Overrides allow; anything else is ignored here.
	Overrides []Override
}

// AskKind is the way in which a record is asked for.
type AskKind uint8

// The ways in.
const (
	Dialing   AskKind = iota // the queue selects the record
	Taking                   // somebody takes it by name: tier, due time, skip, park and held do not count
	Answering                // its person calls in: every blocker is a remark, only leases refuse
)

func (a Asker) reserved() bool { return a.Reserved || a.Agent != "" }

func (a Asker) overrides(c *Campaign, what Override) bool {
	return a.Kind == Taking && c.overrides[what] && slices.Contains(a.Overrides, what)
}

// Eligible is the one function that decides whether a record may be called at
// now: for first calls, retries, callbacks, starts, previews and Explain alike.
//
// It appends every blocker to into, in the order of their reasons. If it
// appends none, phone is the index of the number to dial, else it is -1. A
// record with several numbers is callable if one of them is; the calling hours
// that count are those of the number to be called next. The dial condition is
// asked about that number, and about another one before it is called instead.
//
// It is pure: f is only read, and the same arguments give the same answer.
func (c *Campaign) Eligible(f *Facts, a Asker, now time.Time, into []Blocker) (phone int, blockers []Blocker) {
	base := len(into)
	home := c.class(f.Record.Class)
	into = c.recordBlockers(f, home, &a, now, into)
	recordEnd := len(into)
	also := c.dial != none && !hasCondition(into[base:]) // another number is asked about as well

	phone = -1
	r := &f.Record
	first := r.Next
	if first < 0 || first >= len(r.Phones) { // a host's own store may have lost count
		first = 0
	}
	for k := range r.Phones {
		i := first + k
		if i >= len(r.Phones) {
			i -= len(r.Phones)
		}
		if a.Number != 0 && r.Phones[i].Number != a.Number {
			continue
		}
		before := len(into)
		into = c.phoneBlockers(f, i, home, &a, now, into)
		if also && i != r.Next && (a.Number != 0 || len(into) == before) {
			into = c.dialBlocker(f.calling(i), r.Phones[i].Number, now, into)
		}
		if len(into) == before {
			phone = i
			into = into[:recordEnd] // what blocks the others does not block the record
			break
		}
	}
	switch {
	case len(r.Phones) == 0:
		into = append(into, Blocker{Reason: ReasonNoNumber, Detail: "the record has no phone"})
	case a.Number != 0 && r.Phone(a.Number) < 0:
		into = append(into, Blocker{Reason: ReasonNoNumber, Number: a.Number, Detail: "not a number of this record"})
	}
	if len(into) > base {
		slices.SortStableFunc(into[base:], func(x, y Blocker) int { return int(x.Reason) - int(y.Reason) })
		return -1, into
	}
	return phone, into
}

// recordBlockers appends what blocks the record as a whole. home is its class.
func (c *Campaign) recordBlockers(f *Facts, home *class, a *Asker, now time.Time, into []Blocker) []Blocker {
	r := &f.Record
	block := func(reason Reason, until time.Time, detail string) {
		into = append(into, Blocker{Reason: reason, Until: until, Detail: detail})
	}
	if f.Lease.Token != 0 && f.Lease.Token != a.Lease && f.Lease.Call != a.Lease {
		block(ReasonLeased, f.Lease.Until, fmt.Sprintf("by %q", f.Lease.Holder))
	}
	if r.Standing == status.StandingClosed {
		block(ReasonClosed, time.Time{}, r.stood())
	}
	if r.Standing == status.StandingHeld && a.Kind != Taking {
		block(ReasonHeld, time.Time{}, r.stood())
	}
	if a.Kind != Taking && now.Before(r.Due) {
		block(ReasonNotDue, r.Due, "")
	}
	if ok, until, why := c.Running(now); !ok {
		block(ReasonInactive, until, why)
	}
	into = c.listBlocker(r, a, now, into)
	if a.Kind == Dialing && a.Number == 0 && home != nil {
		// The store finds the record by the class of its next number; so that
		// Explain and selection agree, that class must be open.
		if open, until := home.open(now); !open {
			block(ReasonHours, until, c.place(r.Class))
		}
	}
	into = c.recordLimits(f, a, now, into)
	if c.cfg.RequireConsent && !r.Consent {
		block(ReasonConsent, time.Time{}, "the campaign demands consent")
	}
	if a.Number == 0 || f.next(a.Number) || r.Phone(a.Number) < 0 {
		into = c.dialBlocker(f, 0, now, into)
	}
	into = c.askerBlockers(f, a, now, into)
	for _, h := range f.Busy {
		if h.Number == 0 {
			block(ReasonInUse, h.Until, fmt.Sprintf("contact %s is on the phone: record %s of campaign %s", h.Contact, h.Ref.Record, h.Ref.Campaign))
		}
	}
	if a.Kind != Taking && now.Before(r.SkipUntil) {
		block(ReasonSkipped, r.SkipUntil, "")
	}
	return into
}

// dialBlocker appends what the dial condition says of the number that the record
// has next; number is 0 if that is what it has.
func (c *Campaign) dialBlocker(f *Facts, number blacklist.Number, now time.Time, into []Blocker) []Blocker {
	if c.dial == none {
		return into
	}
	detail := c.cfg.Condition
	switch ok, err := c.rules.Holds(c.dial, f, nil, now); {
	case err != nil:
		detail = "failed: " + err.Error()
	case ok:
		return into
	}
	return append(into, Blocker{Reason: ReasonCondition, Number: number, Detail: detail})
}

func hasCondition(blockers []Blocker) bool {
	return slices.ContainsFunc(blockers, func(b Blocker) bool { return b.Reason == ReasonCondition })
}

// next reports whether the number is the one to be called next.
func (f *Facts) next(number blacklist.Number) bool {
	r := &f.Record
	return r.Next >= 0 && r.Next < len(r.Phones) && r.Phones[r.Next].Number == number
}

// calling are the facts with phone i as the one to be called next, as a
// condition is asked that decides whether it is.
func (f *Facts) calling(i int) *Facts {
	other := *f
	other.Record.Next = i
	return &other
}

// stood says in words what closed or holds the record: its qualifier, unless
// that says no more than the blocker, and its status.
func (r *Record) stood() string {
	words := ""
	if r.Qualifier != status.Closed {
		words = strings.ReplaceAll(r.Qualifier.String(), "_", " ")
	}
	if r.Status != "" {
		words = strings.TrimSpace(words + fmt.Sprintf(" status %q", r.Status))
	}
	return words
}

// askerBlockers appends what blocks the record for this asker only.
func (c *Campaign) askerBlockers(f *Facts, a *Asker, now time.Time, into []Blocker) []Blocker {
	r := &f.Record
	if a.Agent != "" && !c.Lists(a.Agent) {
		into = append(into, Blocker{Reason: ReasonOwner, Detail: fmt.Sprintf("agent %s does not work in the campaign", a.Agent)})
	}
	reservedOnly := r.NeedsAgent || r.Lane == status.LaneOwn || r.Lane == status.LaneProgressive
	if a.Kind != Taking && reservedOnly && !a.reserved() {
		into = append(into, Blocker{Reason: ReasonNeedsAgent, Detail: r.Lane.String()})
	}
	if r.Lane == status.LaneOwn && a.Agent != r.Owner && a.reserved() && !a.overrides(c, OverrideOwner) {
		if !c.isReleased(r.Due, now) {
			detail := fmt.Sprintf("own callback of agent %s", r.Owner)
			if !c.Lists(r.Owner) {
				detail += ", who no longer works in the campaign"
			}
			release, _ := c.ReleaseOf(r.Due)
			into = append(into, Blocker{Reason: ReasonOwner, Until: release, Detail: detail})
		}
	}
	return into
}

// phoneBlockers appends what blocks one number of the record.
func (c *Campaign) phoneBlockers(f *Facts, i int, home *class, a *Asker, now time.Time, into []Blocker) []Blocker {
	r := &f.Record
	p := &r.Phones[i]
	block := func(reason Reason, until time.Time, detail string) {
		into = append(into, Blocker{Reason: reason, Until: until, Number: p.Number, Detail: detail})
	}
	name, class := r.Class, home
	if i != r.Next || name == "" {
		name = c.classOf(p, "")
		class = c.class(name)
	}
	switch {
	case class == nil:
		block(ReasonZone, time.Time{}, "no time zone is known for it")
	case a.Kind == Dialing && a.Number == 0 && i == r.Next:
		// Checked for the record as a whole.
	default:
		if open, until := class.open(now); !open {
			block(ReasonHours, until, c.place(name))
		}
	}
	for k := range f.Listed {
		l := &f.Listed[k]
		switch {
		case l.Number != p.Number:
		case l.Err != nil:
			into = append(into, Blocker{Reason: ReasonChecker, Number: p.Number, Checker: l.Checker, Detail: l.Err.Error()})
		case l.Listed && l.Entry.Blocks(now):
			entry := l.Entry
			into = append(into, Blocker{Reason: ReasonBlacklisted, Until: entry.Until, Number: p.Number,
				Detail: "list " + string(entry.List), Checker: l.Checker, Entry: &entry})
		}
	}
	if now.Before(p.BlockedUntil) {
		block(ReasonBlacklisted, p.BlockedUntil, "refused by the switch")
	}
	if p.Out != "" {
		block(ReasonInvalid, time.Time{}, string(p.Out))
	}
	if n := c.cfg.Limits.NumberAttempts; n > 0 && p.Attempts >= n && !a.overrides(c, OverrideLimit) {
		block(ReasonLimit, time.Time{}, fmt.Sprintf("%d of %d attempts on this number", p.Attempts, n))
	}
	into = c.historyBlockers(f, &c.perNumber, p.Number, a, now, into)
	for _, h := range f.Busy {
		if h.Number == p.Number {
			block(ReasonInUse, h.Until, fmt.Sprintf("record %s of campaign %s", h.Ref.Record, h.Ref.Campaign))
		}
	}
	return into
}
