package scenarios

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// desk is a host for one story: a store, a clock, campaigns and queues.
type desk struct {
	t      *testing.T
	store  campaign.Store
	clock  time.Time
	loaded []*campaign.Campaign
	*dialer.Queue
}

var warsaw, _ = time.LoadLocation("Europe/Warsaw")

// clock reads a time on the wall in Warsaw, or in a named zone.
func clock(text string, zone ...string) time.Time {
	loc := warsaw
	if len(zone) > 0 {
		loc, _ = time.LoadLocation(zone[0])
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05.999999", text+strings.Repeat(":00", 2-strings.Count(text, ":")), loc)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func hours(text string) campaign.Hours {
	h, err := campaign.ParseHours(text)
	if err != nil {
		panic(err)
	}
	return h
}

func num(text string) blacklist.Number {
	n, err := blacklist.ParseNumber(text)
	if err != nil {
		panic(err)
	}
	return n
}

func expiry(text string) blacklist.Expiry {
	e, err := blacklist.ParseExpiry(text)
	if err != nil {
		panic(err)
	}
	return e
}

var storyStatuses = []status.Status{
	{ID: "again", Title: "Call again", Qualifier: status.Redial},
	{ID: "cb", Title: "Call back at", Qualifier: status.CallbackAt},
	{ID: "own", Title: "I call back at", Qualifier: status.OwnCallbackAt},
	{ID: "dnc", Title: "Never call", Qualifier: status.Closed, Blacklist: blacklist.Global},
	{ID: "rest", Title: "Not for an hour", Qualifier: status.Redial, Blacklist: blacklist.Global, Expiry: expiry("1 hour")},
}

// office is a campaign that everything is left to the defaults in, but for the
// hours and zones.
func office(id campaign.ID, open string) campaign.Config {
	return campaign.Config{ID: id, Revision: 1, Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", CalleeHours: hours(open),
		Statuses: []status.ID{"again", "cb", "own", "dnc", "rest"}}
}

func compile(t *testing.T, cfg campaign.Config) *campaign.Campaign {
	t.Helper()
	dict, err := status.New(storyStatuses...)
	want.NoError(t, err)
	c, _, err := campaign.Compile(cfg, dict, nil)
	want.NoError(t, err)
	return c
}

func sit(t *testing.T, fresh opener, at string, cfgs ...campaign.Config) *desk {
	return sitOn(t, fresh(), at, cfgs...)
}

func sitOn(t *testing.T, store campaign.Store, at string, cfgs ...campaign.Config) *desk {
	t.Helper()
	d := &desk{t: t, store: store, clock: clock(at)}
	for _, cfg := range cfgs {
		d.loaded = append(d.loaded, compile(t, cfg))
	}
	d.Queue = d.process("one")
	return d
}

// process is another queue on the same store.
func (d *desk) process(holder string) *dialer.Queue {
	d.t.Helper()
	load := func(context.Context) ([]*campaign.Campaign, error) { return d.loaded, nil }
	q, err := dialer.New(ctx, d.store, load, dialer.Config{Now: func() time.Time { return d.clock }, Holder: holder})
	want.NoError(d.t, err)
	return q
}

// configure replaces a campaign and tells one queue of it.
func (d *desk) configure(q *dialer.Queue, cfg campaign.Config) {
	d.t.Helper()
	for i, c := range d.loaded {
		if c.ID() == cfg.ID {
			d.loaded = append([]*campaign.Campaign(nil), d.loaded...)
			d.loaded[i] = compile(d.t, cfg)
		}
	}
	want.NoError(d.t, q.Reload(ctx))
}

func (d *desk) at(text string)            { d.clock = clock(text) }
func (d *desk) later(after time.Duration) { d.clock = d.clock.Add(after) }

// add imports a record; a number may name its zone: "+1 212 555 0100@America/New_York".
func (d *desk) add(id campaign.ID, record campaign.RecordID, numbers ...string) campaign.Ref {
	d.t.Helper()
	r := campaign.Record{ID: record, Campaign: id}
	for _, text := range numbers {
		text, zone, zoned := strings.Cut(text, "@")
		p := campaign.Phone{Number: num(text)}
		if zoned {
			p.Zones = []string{zone}
		}
		r.Phones = append(r.Phones, p)
	}
	added, err := d.Add(ctx, dialer.Adding{Records: []campaign.Record{r}, AllowSameNumber: true})
	want.NoError(d.t, err)
	want.NoError(d.t, added[0].Err)
	return added[0].Ref
}

// ask asks for calls that are dialled now, for an agent.
func (d *desk) ask(agent campaign.AgentID, limit int) dialer.Selection {
	d.t.Helper()
	return d.askOn(d.Queue, dialer.Ask{Agent: agent, Limit: limit, Start: true})
}

func (d *desk) askOn(q *dialer.Queue, a dialer.Ask) dialer.Selection {
	d.t.Helper()
	sel, err := q.Next(ctx, a)
	want.NoError(d.t, err)
	return sel
}

// nothing asserts that nobody is called, and when asking again may help.
func (d *desk) nothing(next time.Time) {
	d.t.Helper()
	sel := d.ask("ann", 5)
	want.Empty(d.t, sel.Calls, "at %v", d.clock.In(warsaw))
	want.True(d.t, next.Equal(sel.NextDue), "at %v the next due time is %v, want %v", d.clock.In(warsaw), sel.NextDue.In(warsaw), next.In(warsaw))
}

// dial asserts that exactly this record is called.
func (d *desk) dial(record campaign.RecordID) dialer.Call {
	d.t.Helper()
	sel := d.ask("ann", 1)
	want.Len(d.t, sel.Calls, 1, "at %v: %v", d.clock.In(warsaw), sel.Skipped)
	want.Equal(d.t, record, sel.Calls[0].Record.ID)
	return sel.Calls[0]
}

func (d *desk) end(c dialer.Call, o campaign.Outcome) campaign.Answer {
	d.t.Helper()
	return d.say(c, campaign.Result{Outcome: o})
}

func (d *desk) say(c dialer.Call, r campaign.Result) campaign.Answer {
	d.t.Helper()
	answer, err := d.Report(ctx, c.Ref, r)
	want.NoError(d.t, err)
	return answer
}

func (d *desk) explain(ref campaign.Ref) dialer.Explanation {
	d.t.Helper()
	ref.Token = 0
	e, err := d.Explain(ctx, ref, campaign.Asker{Agent: "ann", Reserved: true})
	want.NoError(d.t, err)
	return e
}

// calls are those of the log to a record.
func (d *desk) calls(ref campaign.Ref) (calls []*campaign.Call) {
	d.t.Helper()
	var into campaign.Looked
	want.NoError(d.t, d.store.Look(ctx, campaign.Need{}, &into, ref))
	want.Len(d.t, into.Facts, 1)
	for _, c := range into.Facts[0].History {
		if c.Record == ref.Record {
			calls = append(calls, c)
		}
	}
	return calls
}

// blocked asserts that a record is not callable, and for which reasons.
func (d *desk) blocked(ref campaign.Ref, wanted ...campaign.Reason) dialer.Explanation {
	d.t.Helper()
	e := d.explain(ref)
	var got []campaign.Reason
	for _, b := range e.Blockers {
		got = append(got, b.Reason)
	}
	want.Equal(d.t, wanted, got)
	return e
}
