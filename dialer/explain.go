package dialer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Explanation says whether a record can be called now, and if not, why.
type Explanation struct {
	Record   campaign.Record
	State    campaign.State
	Callable bool
	// Number is the one that would be dialled, if it is callable.
	Number blacklist.Number
	// Blockers are all that stand in the way, in the order of their reasons.
	Blockers []campaign.Blocker
	// Earliest is when it becomes callable if nothing else changes: now if it is
	// callable, zero if no time will bring it.
	Earliest time.Time
	Lease    campaign.Lease
	// Entries and Calls are the record's history, if the store can tell it.
	Entries []campaign.Entry
	Calls   []*campaign.Call
}

// Explain evaluates a record for an asker with the same function that
// selection uses. It does not believe a park, and takes leases that have run
// out as settled, for whoever asks next settles them. The asker's own lease, if
// it names one, does not block.
func (q *Queue) Explain(ctx context.Context, ref campaign.Ref, asker campaign.Asker) (Explanation, error) {
	f, c, err := q.look(ctx, campaign.Need{NoCalls: true}, ref)
	if err != nil {
		return Explanation{}, err
	}
	if f.Record.Campaign != ref.Campaign { // the token is of a call before the record moved
		if c, err = q.Campaign(f.Record.Campaign); err != nil {
			return Explanation{}, err
		}
		ref.Campaign = f.Record.Campaign
	}
	now := q.now()
	facts := []campaign.Facts{*f}
	q.askLists(ctx, facts, now)
	f = &facts[0]
	e := Explanation{Record: f.Record, Lease: f.Lease, State: f.Record.StateAt(now, c.Revision(), f.Lease.Token != 0)}
	var phone int
	settled := runOut(c, f, asker, now)
	phone, e.Blockers = c.Eligible(settled, asker, now, nil)
	if e.Callable = len(e.Blockers) == 0; e.Callable {
		e.Number = f.Record.Phones[phone].Number
	}
	whyCondition(c, settled, e.Blockers, now)
	e.Earliest, _ = callableFrom(c, f, asker, now)
	if h, ok := q.store.(campaign.HistoryStore); ok {
		if e.Entries, e.Calls, err = h.History(ctx, ref); err != nil {
			return e, fmt.Errorf("history of record %s: %w", ref.Record, err)
		}
	}
	return e, nil
}

// whyCondition puts into the blockers of a dial condition what its rules engine
// says of each part, if it can. What failed stays said.
func whyCondition(c *campaign.Campaign, f *campaign.Facts, blockers []campaign.Blocker, now time.Time) {
	explainer, ok := c.Rules().(campaign.Explainer)
	if !ok {
		return
	}
	conditions := c.Conditions()
	place := slices.IndexFunc(conditions, func(x campaign.Condition) bool { return x.Kind == campaign.DialWhen })
	for i := range blockers {
		b := &blockers[i]
		if b.Reason != campaign.ReasonCondition {
			continue
		}
		about := *f
		if b.Number != 0 {
			about.Record.Next = f.Record.Phone(b.Number)
		}
		switch why := explainer.Why(place, &about, nil, now); {
		case why == "":
		case b.Detail == conditions[place].Text:
			b.Detail = why
		default: // it says why the condition failed
			b.Detail += "; " + why
		}
	}
}

// Outlook is what lies before a campaign.
type Outlook struct {
	Campaign campaign.ID
	Total    int
	Callable int // right now, for the asker who could
	// Blockers count the others by their first blocker. With Callable they sum to Total.
	Blockers map[campaign.Reason]int
	States   map[campaign.State]int
	// NextWake is the earliest instant at which one of the others becomes
	// callable by itself; zero: none will.
	NextWake time.Time
	// Forecast counts, hour by hour, the records that would be callable then if
	// nobody called any. The first hour is the current one, at this instant.
	Forecast []Hour
}

// Hour is one hour of a forecast.
type Hour struct {
	From     time.Time
	Callable int
}

// maxForecast bounds a forecast to four weeks.
const maxForecast = 28 * 24

// Outlook reads every record of a campaign and counts why they are not called,
// with a forecast of so many hours. Each record is judged for the asker who
// could call it: its owner for an own callback, else a reserved agent.
func (q *Queue) Outlook(ctx context.Context, id campaign.ID, hours int) (Outlook, error) {
	c, err := q.Campaign(id)
	if err != nil {
		return Outlook{}, err
	}
	if hours < 0 || hours > maxForecast {
		return Outlook{}, &AskError{Field: "hours", Msg: fmt.Sprintf("%d: want 0 to %d", hours, maxForecast)}
	}
	now := q.now()
	o := Outlook{Campaign: id, Blockers: map[campaign.Reason]int{}, States: map[campaign.State]int{}}
	for h := range hours {
		from := now
		if h > 0 {
			from = now.Truncate(time.Hour).Add(time.Duration(h) * time.Hour)
		}
		o.Forecast = append(o.Forecast, Hour{From: from})
	}
	const page = 500
	facts := make([]campaign.Facts, 0, page)
	flush := func() {
		q.askLists(ctx, facts, now)
		for i := range facts {
			o.count(c, &facts[i], now)
		}
		facts = facts[:0]
	}
	need := c.Need(now)
	for f, err := range q.store.Find(ctx, campaign.Filter{Campaigns: []campaign.ID{id}, At: now}, need) {
		if err != nil {
			return Outlook{}, fmt.Errorf("read campaign %s: %w", id, err)
		}
		if facts = append(facts, f); len(facts) == page {
			flush()
		}
	}
	flush()
	return o, nil
}

// count adds one record to the outlook.
func (o *Outlook) count(c *campaign.Campaign, f *campaign.Facts, now time.Time) {
	o.Total++
	o.States[f.Record.StateAt(now, c.Revision(), f.Lease.Token != 0)]++
	asker := campaign.Asker{Reserved: true}
	if f.Record.Lane == status.LaneOwn {
		asker.Agent = f.Record.Owner
	}
	_, blockers := c.Eligible(runOut(c, f, asker, now), asker, now, nil)
	if len(blockers) == 0 {
		o.Callable++
	} else {
		o.Blockers[blockers[0].Reason]++
	}
	earliest, ever := callableFrom(c, f, asker, now)
	if !ever {
		return
	}
	if earliest.After(now) && (o.NextWake.IsZero() || earliest.Before(o.NextWake)) {
		o.NextWake = earliest
	}
	for h := range o.Forecast {
		at := o.Forecast[h].From
		if at.Before(earliest) {
			continue
		}
		if _, blockers = c.Eligible(runOut(c, f, asker, at), asker, at, blockers[:0]); len(blockers) == 0 {
			o.Forecast[h].Callable++
		}
	}
}
