package enginetest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// crewEnv holds the orders of a process that calls until it is killed.
const crewEnv = "NEXTCALL_CREW"

// orders are what such a process is told.
type orders struct {
	Driver, Source string
	Dialect        sqlstore.Dialect
	OnlyOpen       bool // make the tables, and wait for the end
	Journal        string
	Before         string // journal of one that was killed: what it left is reported
	Holder         string
	Agents         []campaign.AgentID // each works in a goroutine; "" is a machine
	Seed           uint64
	Ahead          time.Duration // by how much its clock is ahead of the real one
}

// crew is a process of agents who share a queue.
type crew struct {
	orders
	*journal
	store   *sqlstore.Store
	queue   *dialer.Queue
	reports atomic.Int64 // of several reports one is repeated
}

// TestCrew is the process that is killed. By itself it does nothing.
func TestCrew(t *testing.T) {
	text := os.Getenv(crewEnv)
	if text == "" {
		t.Skip("only as a process of the tests that kill")
	}
	// Whoever started it holds the other end: it does not outlive them.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	c := &crew{}
	if err := json.Unmarshal([]byte(text), &c.orders); err != nil {
		t.Fatal(err)
	}
	if err := c.work(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (c *crew) clock() time.Time { return crewClock(c.Ahead) }

// crewClock is the time of a process that is ahead.
func crewClock(ahead time.Duration) time.Time {
	return time.Now().Add(ahead).UTC().Truncate(time.Microsecond)
}

// crewLoader gives the campaigns as they are defined in the store.
func crewLoader(st *sqlstore.Store) dialer.Loader {
	return func(ctx context.Context) ([]*campaign.Campaign, error) {
		all, err := st.Definitions(ctx, sqlstore.CampaignKind)
		if err != nil {
			return nil, err
		}
		var campaigns []*campaign.Campaign
		for _, d := range all {
			var cfg campaign.Config
			if err := json.Unmarshal([]byte(d.Body), &cfg); err != nil {
				return nil, err
			}
			c, _, err := campaign.Compile(cfg, crewDictionary(), nil)
			if err != nil {
				return nil, err
			}
			campaigns = append(campaigns, c)
		}
		return campaigns, nil
	}
}

func (c *crew) work(ctx context.Context) (err error) {
	if c.journal, err = openJournal(c.Journal, c.clock); err != nil {
		return err
	}
	db, err := sql.Open(c.Driver, c.Source)
	if err != nil {
		return err
	}
	db.SetMaxIdleConns(len(c.Agents))
	c.until(func() error {
		c.store, err = sqlstore.Open(ctx, db, c.Dialect, sqlstore.Options{})
		return err
	})
	if c.OnlyOpen {
		c.write(note{What: noteReady})
		select {}
	}
	c.until(func() error {
		c.queue, err = dialer.New(ctx, c.store, crewLoader(c.store), dialer.Config{Now: c.clock, Holder: c.Holder})
		return err
	})
	c.write(note{What: noteReady})
	var all sync.WaitGroup
	if c.Before != "" {
		before, err := readJournal(c.Before)
		if err != nil {
			return err
		}
		all.Go(func() { c.inherit(ctx, before) })
	}
	for i, agent := range c.Agents {
		a := worker{crew: c, agent: agent, rnd: rand.New(rand.NewPCG(c.Seed, uint64(i)))}
		all.Go(func() {
			for {
				a.ask(ctx)
			}
		})
	}
	all.Wait()
	return nil
}

// until tries something until the store answers. Every failure is noted: there
// is a time in which the server is away, and none in any other.
func (c *crew) until(do func() error) {
	for {
		err := do()
		if err == nil {
			return
		}
		c.write(note{What: noteError, Text: err.Error()})
		time.Sleep(40 * time.Millisecond)
	}
}

// inherit reports calls of a process that was killed, as a host does that has
// kept its references: some in time, some too late.
func (c *crew) inherit(ctx context.Context, before []note) {
	a := worker{crew: c, rnd: rand.New(rand.NewPCG(c.Seed, 999))}
	open := map[campaign.Token]note{}
	for _, n := range before {
		switch n.What {
		case noteGiven, noteStarted:
			if n.What == noteStarted || n.Dialled {
				open[n.Ref.Token] = n
			}
		case noteReported:
			delete(open, n.Ref.Token)
		}
	}
	for _, n := range before { // in their order
		if _, ok := open[n.Ref.Token]; !ok || a.rnd.IntN(3) == 0 {
			continue
		}
		delete(open, n.Ref.Token)
		a.pause(40)
		a.report(ctx, n.Ref, a.fate())
	}
}

// worker is an agent, or a machine that dials for nobody in particular.
type worker struct {
	*crew
	agent campaign.AgentID
	rnd   *rand.Rand
}

func (a *worker) pause(upTo int) { time.Sleep(time.Duration(a.rnd.IntN(upTo*1000)) * time.Microsecond) }

// ask asks for calls and deals with them one after the other.
func (a *worker) ask(ctx context.Context) {
	ask := dialer.Ask{Agent: a.agent, Limit: 1, Start: a.rnd.IntN(5) < 2}
	if a.agent == "" {
		ask.Limit = 1 + a.rnd.IntN(4)
	}
	asked := a.write(note{What: noteAsking, Agent: a.agent, Limit: ask.Limit})
	sel, err := a.queue.Next(ctx, ask)
	for i := range sel.Calls {
		call := &sel.Calls[i]
		a.write(note{What: noteGiven, Ref: call.Ref, Agent: a.agent, Number: call.Number.Number, Contact: call.Record.Contact, Asked: asked,
			Dialled: call.Lease.Phase == campaign.Dialed, Until: call.Lease.Until, Lane: call.Record.Lane, Owner: call.Record.Owner, Due: call.Record.Due})
	}
	done := note{What: noteAsked, Agent: a.agent}
	if err != nil {
		done.Text = err.Error()
		a.write(note{What: noteError, Text: "next: " + done.Text})
	}
	a.write(done)
	for i := range sel.Calls {
		a.handle(ctx, &sel.Calls[i])
	}
	if len(sel.Calls) == 0 {
		a.pause(30)
	}
}

// handle dials a call, or does what else agents do.
func (a *worker) handle(ctx context.Context, call *dialer.Call) {
	if call.Lease.Phase != campaign.Dialed {
		switch u := a.rnd.IntN(100); {
		case u < 5:
			a.write(note{What: noteBack, Ref: call.Ref})
			a.unlessLost("release", a.queue.Release(ctx, call.Ref))
			return
		case u < 10:
			a.write(note{What: noteBack, Ref: call.Ref})
			_, err := a.queue.Skip(ctx, call.Ref, campaign.Actor{User: "skipper", Agent: a.agent})
			a.unlessLost("skip", err)
			return
		case u < 13:
			return // forgotten: the offer runs out
		}
		a.pause(20)
		if !a.start(ctx, call.Ref) {
			return
		}
	}
	a.pause(40)
	fate := a.fate()
	if fate.Outcome == campaign.Answered {
		lease, err := a.queue.Extend(ctx, call.Ref, dialer.Extension{Talking: true})
		if err == nil {
			a.write(note{What: noteExtended, Ref: call.Ref, Until: lease.Until})
		}
		a.unlessLost("extend", err)
		a.pause(60)
	}
	switch u := a.rnd.IntN(100); {
	case u < 4: // forgotten: the call runs out
	case u < 8: // remembered when it has run out
		late := worker{crew: a.crew, agent: a.agent, rnd: rand.New(rand.NewPCG(a.rnd.Uint64(), 0))}
		go func() {
			time.Sleep(crewTalk + time.Duration(late.rnd.IntN(600))*time.Millisecond)
			late.report(ctx, call.Ref, fate)
		}()
	default:
		a.report(ctx, call.Ref, fate)
	}
}

// start dials, and says whether it does.
func (a *worker) start(ctx context.Context, ref campaign.Ref) (ok bool) {
	a.write(note{What: noteStarting, Ref: ref})
	a.until(func() error {
		call, err := a.queue.Start(ctx, ref, 0)
		var blocked *dialer.BlockedError
		var leased *campaign.LeasedError
		switch {
		case err == nil:
			a.write(note{What: noteStarted, Ref: ref, Number: call.Number.Number, Contact: call.Record.Contact, Until: call.Lease.Until})
			ok = true
		case errors.As(err, &blocked), errors.As(err, &leased):
			a.unlessLost("release", a.queue.Release(ctx, ref))
		case errors.Is(err, campaign.ErrLeaseLost):
		default:
			return fmt.Errorf("start: %w", err)
		}
		return nil
	})
	return ok
}

// unlessLost notes an error that no lease explains.
func (a *worker) unlessLost(what string, err error) {
	if err != nil && !errors.Is(err, campaign.ErrLeaseLost) {
		a.write(note{What: noteError, Text: what + ": " + err.Error()})
	}
}

// fate is what comes of a call.
func (a *worker) fate() campaign.Result {
	r := campaign.Result{Actor: campaign.Actor{User: "crew", Agent: a.agent}}
	switch u := a.rnd.IntN(100); {
	case u < 30:
		r.Outcome = campaign.NoAnswer
	case u < 40:
		r.Outcome = campaign.LineBusy
	case u < 45:
		r.Outcome = campaign.Drop
	case u < 48:
		r.Outcome, r.Rang = campaign.Failed, a.rnd.IntN(2) == 0
	default:
		r.Outcome = campaign.Answered
		r.Status = []status.ID{"again", "again", "again", "soon", "soon", "mine", "no", "sold", "never"}[a.rnd.IntN(9)]
		if r.Status == "mine" {
			r.Input.Agent = crewAgents[a.rnd.IntN(len(crewAgents))]
		}
	}
	return r
}

// report reports a call until the report is taken, now and then once more.
func (a *worker) report(ctx context.Context, ref campaign.Ref, r campaign.Result) {
	r.Ended = a.write(note{What: noteHangup, Ref: ref, Outcome: r.Outcome, Status: r.Status})
	times := 1
	if a.reports.Add(1)%8 == 0 {
		times = 2
	}
	var first string
	for i := range times {
		a.until(func() error {
			answer, err := a.queue.Report(ctx, ref, r)
			n := note{What: noteReported, Ref: ref, Outcome: r.Outcome, Status: r.Status, Lost: errors.Is(err, campaign.ErrLeaseLost), Answer: &answer}
			var lost *dialer.LeaseLostError
			if errors.As(err, &lost) {
				n.Kept = lost.Kept
			}
			if err != nil && !n.Lost {
				return fmt.Errorf("report: %w", err)
			}
			a.write(n)
			text, err := json.Marshal(answer)
			if err != nil {
				return err
			}
			if i > 0 && string(text) != first {
				a.write(note{What: noteFault, Ref: ref, Text: fmt.Sprintf("the first report of call %d is answered %s, the second %s", ref.Token, first, text)})
			}
			first = string(text)
			return nil
		})
	}
}
