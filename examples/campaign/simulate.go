package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/dialer/sim"
)

// document is everything that is shown, as tables or as JSON.
type document struct {
	Campaign string    `json:"campaign"`
	Source   string    `json:"source"`
	Seed     uint64    `json:"seed"`
	Zone     string    `json:"zone"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`

	Contacts contacts    `json:"contacts"`
	Calls    int         `json:"calls"`             // reported
	CutOff   int         `json:"cut_off,omitempty"` // dialled by a run that was killed, and never reported
	Results  []result    `json:"results"`           // sum to Calls
	Rules    []ruleWon   `json:"rules"`             // in the order in which they are asked
	Backs    callbacks   `json:"callbacks"`
	Listed   []untilDate `json:"blacklisted"`
	Attempts []attempts  `json:"attempts_per_record"` // sum to the records
	Open     outlook     `json:"outlook"`
	Agents   []worker    `json:"agents"`

	Explained *explained `json:"explanation,omitempty"`

	titles   map[string]string // of statuses
	zone     *time.Location
	bankYes  int // clients who buy, by the bank's file
	bankFile bool
}

// contacts is what became of what was read: Rows = BadRows + LeftOut + Records.
type contacts struct {
	Rows    int `json:"rows"`
	BadRows int `json:"bad_rows"` // could not be read
	Twice   int `json:"twice"`    // an id or number that another record has
	Barred  int `json:"barred"`   // every number is on the blacklist
	Records int `json:"records"`
	Mute    int `json:"without_phone"` // of Records: never callable
}

type result struct {
	Outcome   string `json:"outcome"`
	Status    string `json:"status"` // title; "" is none
	Qualifier string `json:"qualifier"`
	Calls     int    `json:"calls"`
}

// ruleWon is how often a rule set its status: on calls that reached no agent,
// where no rule before it held.
type ruleWon struct {
	Status    string `json:"status"`    // title
	Condition string `json:"condition"` // in CEL
	Qualifier string `json:"qualifier"` // what it makes of the record
	Won       int    `json:"won"`
}

// callbacks: see sim.Callbacks for the sums.
type callbacks struct {
	sim.Callbacks
	Waiting int `json:"waiting"` // not done at the end: overdue, not due, or still being tried
}

type untilDate struct {
	List    string `json:"list"`
	Until   string `json:"until"` // a date in the campaign's zone, or "for good"
	Numbers int    `json:"numbers"`
	Before  int    `json:"before"` // of them: listed before the first call
}

type attempts struct {
	Attempts int `json:"attempts"`
	Records  int `json:"records"`
}

// outlook is why what is left is not called: Callable and Blockers sum to Total.
type outlook struct {
	Total    int       `json:"total"`
	Callable int       `json:"callable"`
	Blockers []blocker `json:"blockers"`
	NextWake time.Time `json:"next_wake,omitzero"`
	Forecast []hour    `json:"forecast"`
}

type blocker struct {
	Reason  string `json:"reason"`
	Records int    `json:"records"`
}

type hour struct {
	From     time.Time `json:"from"`
	Callable int       `json:"callable"`
}

type worker struct {
	ID      string  `json:"id"`
	Calls   int     `json:"calls"`
	Talks   int     `json:"talks"`
	Seconds int     `json:"talk_seconds"`
	Busy    float64 `json:"busy"` // share of the shifts, 0 to 1
}

// forecastHours reach over a weekend.
const forecastHours = 72

// simulate runs the campaign and gathers what is shown. It says what happens on the
// way that is not part of that.
func simulate(ctx context.Context, s *source, o *options, progress func(done, total time.Duration), say func(format string, args ...any)) (_ *document, err error) {
	c, err := compile(s)
	if err != nil {
		return nil, err
	}
	loc, err := time.LoadLocation(s.zone)
	if err != nil {
		return nil, err
	}
	start, err := time.ParseInLocation(time.DateOnly, monday, loc)
	if err != nil {
		return nil, err
	}
	doc := newDocument(c, s, o, loc, start)
	clock := sim.NewClock(start)
	before := listed(s, start)
	var store campaign.Store = memstore.New()
	queue, err := dialer.New(ctx, store, dialer.Static(c), dialer.Config{Now: clock.Now, Holder: "example"})
	if err != nil {
		return nil, err
	}
	good, err := doc.add(ctx, queue, s, before)
	if err != nil {
		return nil, err
	}
	cfg := sim.Config{
		Queue: queue, Store: store, Clock: clock, Until: doc.To, Seed: o.seed,
		Agents: crew(o.agents, s.zone), Model: people{seed: o.seed, zone: s.zone}, Progress: progress,
	}
	if s.scripts != nil {
		cfg.Model = clients(s.scripts)
	}
	if o.store != nil {
		kept, err := o.store.open(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, kept.Close()) }()
		if err := kept.goOn(ctx, &cfg, c, s, o, good, before); err != nil {
			return nil, err
		}
		if now := clock.Now(); now.After(start) {
			say("campaign: goes on from %s\n", now.In(loc).Format("Mon 2006-01-02 15:04:05"))
		}
	}
	report, err := runNoted(ctx, cfg, o.calls)
	if err != nil {
		return nil, err
	}
	doc.take(report, before)
	doc.won(c, report)
	ahead, err := cfg.Queue.Outlook(ctx, campaignID, forecastHours)
	if err != nil {
		return nil, err
	}
	doc.look(&ahead)
	if o.explain != "" {
		if doc.Explained, err = explain(ctx, cfg.Queue, campaign.RecordID(o.explain), clock.Now()); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// newDocument is what is known before the first call.
func newDocument(c *campaign.Campaign, s *source, o *options, loc *time.Location, start time.Time) *document {
	doc := &document{
		Campaign: c.Config().Name, Source: s.name, Seed: o.seed, Zone: s.zone, From: start.UTC(), To: start.AddDate(0, 0, o.days).UTC(),
		Contacts: contacts{Rows: s.read}, Results: []result{}, Rules: []ruleWon{}, Listed: []untilDate{}, titles: map[string]string{}, zone: loc, bankFile: s.scripts != nil,
	}
	for _, st := range c.Statuses() {
		doc.titles[string(st.ID)] = st.Title
	}
	for _, sc := range s.scripts {
		if sc.yes {
			doc.bankYes++
		}
	}
	return doc
}

// runNoted runs, and notes the calls in a file if it is named.
func runNoted(ctx context.Context, cfg sim.Config, file string) (*sim.Report, error) {
	if file == "" {
		return sim.Run(ctx, cfg)
	}
	book, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	var wrote error
	cfg.Trace = func(e sim.Event) {
		if wrote == nil {
			wrote = note(book, e)
		}
	}
	report, err := sim.Run(ctx, cfg)
	return report, errors.Join(err, wrote, book.Close())
}

// note writes a line of a call that is started or was reported.
func note(w io.Writer, e sim.Event) error {
	if e.Kind != sim.KindStarted && e.Kind != sim.KindReported {
		return nil
	}
	outcome, status := "", ""
	if e.Answer != nil {
		outcome, status = e.Answer.Outcome.String(), string(e.Answer.Status)
	}
	_, err := fmt.Fprintf(w, "%s,%s,%d,%s,%s,%s,%s,%s\n",
		e.At.UTC().Format(time.RFC3339Nano), e.Kind, e.Call.Token, e.Call.Record.ID, e.Call.Number.Number, e.Agent, outcome, status)
	return err
}

// add puts the records into an empty queue, where some numbers are listed before.
// Those that it refuses are bad rows, but for two good reasons, which are counted;
// the others are returned.
func (d *document) add(ctx context.Context, queue *dialer.Queue, s *source, before []blacklist.Entry) (good []campaign.Record, err error) {
	if len(before) > 0 {
		if err := queue.List(ctx, before...); err != nil {
			return nil, err
		}
	}
	added, err := queue.Add(ctx, dialer.Adding{Actor: campaign.Actor{User: "import"}, Records: s.records})
	if err != nil {
		return nil, err
	}
	places := make(map[campaign.RecordID]int, len(added))
	for i, a := range added {
		if a.Err == nil {
			places[s.records[i].ID] = i
		}
	}
	for i, a := range added {
		var twice *campaign.DuplicateError
		var barred *campaign.ListedError
		switch {
		case a.Err == nil:
			d.Contacts.Records++
			good = append(good, s.records[i])
			if len(s.records[i].Phones) == 0 {
				d.Contacts.Mute++
			}
			continue
		case errors.As(a.Err, &twice):
			d.Contacts.Twice++
			if k, ok := places[twice.Existing.Record]; ok {
				s.bad = append(s.bad, fmt.Errorf("%s: left out: %q is that of %s", s.places[i], twice.Value, s.places[k]))
				continue
			}
		case errors.As(a.Err, &barred):
			d.Contacts.Barred++
			continue
		default:
			d.Contacts.BadRows++
		}
		s.bad = append(s.bad, fmt.Errorf("%s: left out: %w", s.places[i], a.Err))
	}
	d.Contacts.BadRows = d.Contacts.Rows - d.Contacts.Records - d.Contacts.Twice - d.Contacts.Barred
	return good, nil
}

// take copies what is shown of a report.
func (d *document) take(r *sim.Report, before []blacklist.Entry) {
	d.Calls, d.CutOff = r.Calls, -r.Calls
	for _, x := range r.Results {
		d.Results = append(d.Results, result{x.Outcome.String(), d.titles[string(x.Status)], x.Qualifier.String(), x.Calls})
	}
	d.Backs = callbacks{Callbacks: r.Callbacks, Waiting: r.Callbacks.Overdue + r.Callbacks.NotDue + r.Callbacks.Trying}
	for n, records := range r.Attempts {
		d.Attempts = append(d.Attempts, attempts{n, records})
	}
	for i, entries := range [][]blacklist.Entry{before, r.Listed} {
		for _, e := range entries {
			until := "for good"
			if !e.Permanent() {
				until = e.Until.In(d.zone).Format(time.DateOnly)
			}
			k := slices.IndexFunc(d.Listed, func(u untilDate) bool { return u.List == string(e.List) && u.Until == until })
			if k < 0 {
				k = len(d.Listed)
				d.Listed = append(d.Listed, untilDate{List: string(e.List), Until: until})
			}
			d.Listed[k].Numbers++
			if i == 0 {
				d.Listed[k].Before++
			}
		}
	}
	slices.SortFunc(d.Listed, func(a, b untilDate) int { // "for good" comes after every date
		switch {
		case a.Until < b.Until:
			return -1
		case a.Until > b.Until:
			return 1
		}
		return 0
	})
	for _, a := range r.Agents {
		d.CutOff += a.Calls
		d.Agents = append(d.Agents, worker{string(a.ID), a.Calls, a.Talks, int(a.Talk / time.Second), a.Busy()})
	}
}

// won counts for each rule. Agents do not choose the statuses that rules set.
func (d *document) won(c *campaign.Campaign, r *sim.Report) {
	for _, st := range c.Statuses() {
		if st.AutoSet == "" {
			continue
		}
		w := ruleWon{Status: st.Title, Condition: st.AutoSet, Qualifier: st.Qualifier.String()}
		for _, x := range r.Results {
			if x.Status == st.ID {
				w.Won += x.Calls
			}
		}
		d.Rules = append(d.Rules, w)
	}
}

// look copies what is shown of an outlook.
func (d *document) look(o *dialer.Outlook) {
	d.Open = outlook{Total: o.Total, Callable: o.Callable, NextWake: o.NextWake, Blockers: []blocker{}}
	for reason := range campaign.NumReasons {
		if n := o.Blockers[campaign.Reason(reason)]; n > 0 {
			d.Open.Blockers = append(d.Open.Blockers, blocker{campaign.Reason(reason).String(), n})
		}
	}
	for _, h := range o.Forecast {
		d.Open.Forecast = append(d.Open.Forecast, hour{h.From, h.Callable})
	}
}
