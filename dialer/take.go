package dialer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Taking asks for a record by name.
type Taking struct {
	Ref    campaign.Ref     // Token is ignored
	Number blacklist.Number // one of the record's; 0: the next one
	// Actor takes it; an override needs a named one. Actor.Agent will talk.
	Actor campaign.Actor
	// Overrides are what of the campaign's own rules the actor sets aside; only
	// what the campaign allows.
	Overrides []campaign.Override
	Start     bool // the number is dialled now
}

// OverrideError says that something may not be overridden.
type OverrideError struct {
	What campaign.Override
	Msg  string
}

func (e *OverrideError) Error() string { return fmt.Sprintf("override %q: %s", e.What, e.Msg) }

// Take leases a record by name. It goes through the eligibility function, and
// ignores only its tier, due time, skip, park and that it is held. What blocks
// it is a *BlockedError; if only another lease does, a *campaign.LeasedError.
func (q *Queue) Take(ctx context.Context, t Taking) (Call, error) {
	if err := checkAgent(t.Actor.Agent); err != nil {
		return Call{}, err
	}
	if may := t.Actor.Campaigns; len(may) > 0 && !slices.Contains(may, t.Ref.Campaign) {
		return Call{}, &campaign.ActorError{Actor: t.Actor, Msg: fmt.Sprintf("may not use campaign %q, only %q", t.Ref.Campaign, may)}
	}
	for try := 0; ; try++ {
		call, err := q.take(ctx, t)
		if err == nil {
			return call, nil
		}
		var leased *campaign.LeasedError
		if errors.As(err, &leased) && !q.now().Before(leased.Hold.Until) && try+1 < maxTries {
			// It has run out: settle it, as the next ask would.
			if err := q.settleAll(ctx); err != nil {
				return Call{}, err
			}
			continue
		}
		if retry, err := q.again(ctx, err, try); !retry {
			return Call{}, err
		}
	}
}

func (q *Queue) take(ctx context.Context, t Taking) (Call, error) {
	t.Ref.Token = 0
	f, c, err := q.look(ctx, campaign.Need{NoCalls: true}, t.Ref)
	if err != nil {
		return Call{}, err
	}
	for _, o := range t.Overrides {
		switch {
		case !c.MayOverride(o):
			return Call{}, &OverrideError{What: o, Msg: fmt.Sprintf("campaign %s does not allow it; only gap, limit, owner and list can be allowed at all, in Config.Overrides", c.ID())}
		case !t.Actor.Person():
			return Call{}, &OverrideError{What: o, Msg: "want a named actor (Taking.Actor)"}
		}
	}
	now := q.now()
	facts := []campaign.Facts{*f}
	q.askLists(ctx, facts, now)
	f = &facts[0]
	asker := campaign.Asker{Kind: campaign.Taking, Agent: t.Actor.Agent, Reserved: true, Number: t.Number, Overrides: t.Overrides}
	// A lease that has run out blocks nobody. The store names it, then it is settled.
	g := runOut(c, f, asker, now)
	phone, blockers := c.Eligible(g, asker, now, nil)
	if hold, ok := held(g, blockers); ok {
		return Call{}, &campaign.LeasedError{Hold: hold}
	}
	if len(blockers) > 0 {
		blocked := &BlockedError{Ref: t.Ref, Blockers: blockers}
		blocked.Earliest, _ = callableFrom(c, f, asker, now)
		return Call{}, blocked
	}
	lease := campaign.Lease{
		Holder: q.cfg.Holder, Agent: t.Actor.Agent, Number: f.Record.Phones[phone].Number, Lane: f.Record.Lane,
		ForCallback: f.Record.Promised && !now.Before(f.Record.Due),
		Reserved:    true, Taken: true, Overrides: t.Overrides, At: now, Until: now.Add(c.OfferTTL()),
	}
	if t.Start {
		lease.Phase, lease.Dialed, lease.Until = campaign.Dialed, now, now.Add(c.DialTTL())
	}
	// Nothing is leased while it is judged: with its record as it was seen, a call
	// that was made meanwhile is a conflict, and it is judged again.
	record := f.Record
	if err := q.one(ctx, campaign.Change{Ref: t.Ref, Record: &record, Lease: &lease, Revision: c.Revision()}); err != nil {
		return Call{}, err
	}
	f.Lease = lease
	return callOf(c, f, phone, t.Actor.Agent), nil
}

// held says which other lease stands in the way of a record, if nothing else does.
func held(f *campaign.Facts, blockers []campaign.Blocker) (campaign.Hold, bool) {
	for _, b := range blockers {
		if b.Reason != campaign.ReasonLeased && b.Reason != campaign.ReasonInUse {
			return campaign.Hold{}, false
		}
	}
	switch {
	case len(blockers) == 0:
		return campaign.Hold{}, false
	case f.Lease.Token != 0:
		return campaign.Hold{Ref: campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}, Holder: f.Lease.Holder, Until: f.Lease.Until}, true
	}
	return f.Busy[0], true
}

// Caller is somebody who calls in.
type Caller struct {
	Number    blacklist.Number
	Agent     campaign.AgentID // who answers
	Campaigns []campaign.ID    // where to look; none: in all that are loaded
}

// InboundCall is a caller's records under one lease. Without a token nobody
// leased anything: no free record has the number.
type InboundCall struct {
	Token   campaign.Token // the call's id; report it on the record that the talk was about
	Records []InboundRecord
}

// InboundRecord is one record of the caller's.
type InboundRecord struct {
	campaign.Ref
	Record campaign.Record
	// Blockers are remarks: an outgoing call would be refused for them.
	Blockers []campaign.Blocker
	// Leased says that another lease holds it, so it is not part of this call.
	Leased bool
}

// maxInbound bounds how many records of one number are shown.
const maxInbound = 100

// Inbound leases every free record with the caller's number, under one lease
// and one call id. All that an outgoing call would be refused for is named, but
// only leases keep a record out. Its report counts as a conversation, not as an
// attempt. Of a number that more than 100 records have, the first 100 are taken.
func (q *Queue) Inbound(ctx context.Context, in Caller) (InboundCall, error) {
	if in.Number == 0 {
		return InboundCall{}, &AskError{Field: "number", Msg: "want the caller's number"}
	}
	if err := checkAgent(in.Agent); err != nil {
		return InboundCall{}, err
	}
	ids := slices.Clone(in.Campaigns) // the caller's slice is the caller's
	for _, id := range ids {
		if _, err := q.Campaign(id); err != nil {
			return InboundCall{}, err
		}
	}
	if len(ids) == 0 {
		for _, c := range q.all() {
			ids = append(ids, c.ID())
		}
	}
	for try := 0; ; try++ {
		call, err := q.inbound(ctx, in, ids)
		if err == nil {
			return call, nil
		}
		// Somebody leased one of the records in this instant: look again.
		if _, leased := err.(*campaign.LeasedError); !leased || try+1 >= maxTries {
			return InboundCall{}, err
		}
	}
}

// callers are the records of some campaigns that have a number.
func (q *Queue) callers(ctx context.Context, n blacklist.Number, ids []campaign.ID, need campaign.Need, now time.Time) ([]campaign.Facts, error) {
	var facts []campaign.Facts
	filter := campaign.Filter{Campaigns: ids, Numbers: []blacklist.Number{n}, AnyNumber: true, At: now, Limit: maxInbound}
	for f, err := range q.store.Find(ctx, filter, need) {
		if err != nil {
			return nil, fmt.Errorf("find the caller's records: %w", err)
		}
		facts = append(facts, f)
	}
	return facts, nil
}

func (q *Queue) inbound(ctx context.Context, in Caller, ids []campaign.ID) (InboundCall, error) {
	now := q.now()
	var need campaign.Need
	need.NoCalls = true
	talk := time.Duration(0)
	for _, id := range ids {
		if c, err := q.Campaign(id); err == nil {
			need = wider(need, c.Need(now))
			talk = max(talk, c.TalkTTL())
		}
	}
	facts, err := q.callers(ctx, in.Number, ids, need, now)
	if err == nil && slices.ContainsFunc(facts, func(f campaign.Facts) bool { return ranOut(&f, now) }) {
		if err = q.settleAll(ctx); err == nil {
			facts, err = q.callers(ctx, in.Number, ids, need, now)
		}
	}
	if err != nil {
		return InboundCall{}, err
	}
	q.askLists(ctx, facts, now)
	var call InboundCall
	var free []int
	for i := range facts {
		f := &facts[i]
		ref := campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID} // another's token is none of theirs
		r := InboundRecord{Ref: ref, Record: f.Record, Leased: f.Lease.Token != 0 || len(f.Busy) > 0}
		if c, err := q.Campaign(f.Record.Campaign); err == nil {
			_, r.Blockers = c.Eligible(f, campaign.Asker{Kind: campaign.Answering, Agent: in.Agent, Reserved: true, Number: in.Number}, now, nil)
		}
		if !r.Leased {
			free = append(free, i)
		}
		call.Records = append(call.Records, r)
	}
	if len(free) == 0 {
		return call, nil
	}
	lease := campaign.Lease{
		Holder: q.cfg.Holder, Agent: in.Agent, Phase: campaign.Talking, Number: in.Number, Inbound: true, Reserved: true,
		At: now, Dialed: now, Answered: now, Until: now.Add(talk),
	}
	for _, i := range free[1:] {
		lease.With = append(lease.With, call.Records[i].Ref)
	}
	if err := q.one(ctx, campaign.Change{Ref: call.Records[free[0]].Ref, Lease: &lease}); err != nil {
		return InboundCall{}, err
	}
	call.Token = lease.Token
	for _, i := range free {
		call.Records[i].Token = lease.Token
	}
	return call, nil
}
