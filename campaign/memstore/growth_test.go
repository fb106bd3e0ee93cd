package memstore

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// year is a store on which years of work are done in a moment.
type year struct {
	t        *testing.T
	st       *Store
	random   *rand.Rand
	now      time.Time
	revision int64
	sequence int64
	actions  int
	calls    int
	lines    int
	far      []campaign.Record // are put off again and again, and never due
	got      campaign.Claimed
}

const (
	yearRecords = 2000
	yearBlock   = 20
	yearFar     = 10
)

var yearClasses = []string{"X", "Y", "Z"}

func newYear(t *testing.T) *year {
	y := &year{t: t, st: New(), random: rand.New(rand.NewPCG(1, 2)), now: noon, revision: 1}
	for i := range yearRecords {
		r := fresh(i)
		r.Contact = campaign.ContactID(fmt.Sprint("k", i))
		r.Phones = append(r.Phones, campaign.Phone{Number: blacklist.Number(48_700_000_000 + i/3)})
		if i < yearFar {
			r.Lane, r.Due = status.LaneAgain, y.now.AddDate(10, 0, 0)
			y.far = append(y.far, *r)
		}
		put(t, y.st, campaign.Change{Add: true, Record: r})
	}
	y.sequence = yearRecords
	return y
}

func (y *year) commit(ch campaign.Change) {
	errs, err := y.st.Commit(background, ch)
	require.NoError(y.t, err)
	require.Nil(y.t, errs)
}

// block is a Claim and what is done with what it brings. It returns how many cycles that were.
func (y *year) block() int {
	y.now = y.now.Add(7 * time.Second)
	q := campaign.Claim{Now: y.now, Until: y.now.Add(time.Minute), Limit: yearBlock, Owners: true, Agent: "p"}
	step := campaign.Step{Campaign: "c", Open: yearClasses, Max: yearBlock, Revision: y.revision}
	for _, lane := range []status.Lane{status.LaneOwn, status.LanePublic, status.LaneAgain, status.LaneFresh, status.LaneLast} {
		step.Sources = append(step.Sources, campaign.Source{Lane: lane, Due: y.now, Max: yearBlock / 4})
	}
	q.From = []campaign.Step{step}
	require.NoError(y.t, y.st.Claim(background, q, &y.got))
	for _, facts := range [][]campaign.Facts{y.got.Leased, y.got.Expired} {
		for i := range facts {
			y.cycle(&facts[i])
		}
	}
	r := y.far[y.random.IntN(yearFar)]
	if r.Due = r.Due.Add(time.Duration(y.random.IntN(1e6)) * time.Second); y.random.IntN(4) == 0 {
		r.Park = campaign.Park{Until: r.Due, Revision: y.revision}
	}
	put(y.t, y.st, campaign.Change{Record: &r})
	return len(y.got.Leased) + len(y.got.Expired)
}

func (y *year) cycle(f *campaign.Facts) {
	ref := campaign.Ref{Campaign: "c", Record: f.Record.ID, Token: f.Lease.Token}
	for range y.random.IntN(4) { // renewals, to and fro
		l := f.Lease
		l.Until = y.now.Add(time.Duration(1+y.random.IntN(3)) * time.Minute)
		y.commit(campaign.Change{Ref: ref, Extend: true, Lease: &l})
	}
	switch y.random.IntN(20) {
	case 0:
		y.commit(campaign.Change{Ref: ref}) // released
		return
	case 1:
		return // runs out
	}
	y.commit(campaign.Change{Ref: ref, Record: y.next(&f.Record), Call: y.call(f), Entry: y.entry()})
	if y.random.IntN(10) == 0 { // set by somebody
		r := y.next(&f.Record)
		r.Version = 0
		y.commit(campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: ref.Record}, Record: r,
			Actions: []campaign.Action{{ID: fmt.Sprint(y.actions)}}, Done: []string{fmt.Sprint(y.actions - 5)}})
		y.actions++
	}
}

// next is a record as it goes on: anywhere.
func (y *year) next(was *campaign.Record) *campaign.Record {
	r := *was
	n := y.random.IntN
	r.Park, r.Due, r.Owner, r.Key, r.Fields = campaign.Park{}, y.now.Add(time.Duration(n(600))*time.Second), "", 0, nil
	r.Lane = status.Lane(1 + n(status.NumLanes-1))
	if r.Lane == status.LaneProgressive {
		r.Lane = status.LaneAgain
	}
	switch n(6) {
	case 0:
		r.Due = time.Time{}
	case 1:
		r.Key = y.now.UnixMicro()
	case 2:
		r.Park = campaign.Park{Until: y.now.Add(time.Hour), Revision: y.revision + int64(n(3)) - 1}
	case 3:
		r.Class = yearClasses[n(3)]
	case 4:
		r.Order, r.Sort = uint16(n(100)), 0
		if r.Sort = usualSort(r.Order); n(9) == 0 {
			y.sequence++
			r.Sequence = y.sequence
		}
	case 5:
		r.Fields = campaign.Fields{"a": "b"}
	}
	if r.Lane == status.LaneOwn {
		r.Owner = campaign.AgentID(fmt.Sprint("p", n(20)))
	}
	if n(10) == 0 { // gets rid of a phone, or gets one; one that seldom phones have
		r.Phones = append([]campaign.Phone(nil), r.Phones[:1]...)
		if n(2) == 0 {
			r.Phones = append(r.Phones, campaign.Phone{Number: blacklist.Number(48_700_000_000 + n(700)), Label: []string{"", "work"}[n(2)]})
		}
	}
	return &r
}

func (y *year) call(f *campaign.Facts) *campaign.Call {
	if y.random.IntN(20) != 0 {
		return nil
	}
	y.calls++
	before := &campaign.Before{Progress: f.Record.Progress, Phones: f.Record.Phones}
	return &campaign.Call{Token: f.Lease.Call, Campaign: "c", Record: f.Record.ID, Contact: f.Record.Contact, Number: f.Lease.Number, Ended: y.now, Before: before}
}

func (y *year) entry() *campaign.Entry {
	if y.random.IntN(20) != 0 {
		return nil
	}
	y.lines++
	return &campaign.Entry{At: y.now, Author: "w"}
}

// Whatever is done, and however long, the store is as large as what lives in it
// and what the log and the histories say.
func TestALongRunLeavesNothingBehindButTheLog(t *testing.T) {
	y := newYear(t)
	cycles, reload, start := 0, 2000, time.Now()
	for cycles < 200_000 && (time.Since(start) < 3*time.Second || cycles < 10_000) {
		cycles += y.block()
		if cycles > reload {
			y.revision++
			reload += 2000
		}
	}
	t.Log(cycles, "cycles")
	y.st.audit(t)
	y.assertSmall()
}

func (y *year) assertSmall() {
	t, l, pe := y.t, y.st.byID["c"], y.st.people
	most := func(limit, n int, what string) {
		t.Helper()
		t.Logf("%s: %d of %d", what, n, limit)
		assert.LessOrEqual(t, n, limit, what)
	}
	room := 60 * yearBlock // leases at a time: nothing runs longer than four minutes
	most(room, l.recent.live, "live leases")
	most(room, pe.leases.Len(), "leases")
	most(4*room, len(l.recent.given), "recent tokens")
	most(2*l.recent.live+100, l.leases.Len(), "timers")
	most(2*yearRecords, len(l.ahead), "records that wait for a revision")
	most(yearRecords+1, l.rows.pasts.Len(), "pasts")
	most(yearRecords+1, l.rows.befores.Len(), "earlier progress")
	most(yearRecords, int(l.rows.wides.used), "wide records")
	most(yearRecords, int(l.rows.wholes.used), "whole earlier progress")
	most(3*yearRecords, l.rows.furthers.Len(), "further phones")
	most(5*yearRecords, pe.links.Len(), "links")
	most(2*yearRecords, pe.numbers.Len(), "numbers")
	most(yearRecords+1, pe.contacts.Len(), "contacts")
	most(y.calls+1, pe.calls.slab.Len(), "calls")
	most(y.lines+yearRecords+1, l.past.slab.Len(), "lines of histories")
	most(20, len(y.st.actions.list), "actions")
	most(100, l.rows.agents.Len()+l.rows.classes.Len()+l.rows.statuses.Len()+l.past.names.Len()+pe.calls.names.Len(), "names")
	most(int(pe.token)/tokenPage+1, len(pe.byToken.pages), "pages of tokens")
	assert.Empty(t, pe.byToken.foreign)
	inRoll := 0
	for _, b := range l.roll.blocks {
		inRoll += len(b)
	}
	assert.Equal(t, yearRecords, inRoll)
	inRuns, inHeaps := 0, 0
	heap := func(h *dense.Heap) { inHeaps += h.Len() }
	for _, c := range l.sorted {
		heap(&c.parked.heap)
		for i := range c.lanes {
			x := &c.lanes[i]
			heap(&x.waiting.heap)
			heap(&x.strays.heap)
			heap(&x.early.heap)
			for _, r := range x.runs.list {
				inRuns += r.queue.Len()
			}
		}
		for _, o := range c.owners.sorted {
			heap(&o.heap)
		}
	}
	most(yearRecords*3, inRuns, "in runs")
	most(2*3*yearRecords+sweepFrom*len(yearClasses)*(4*status.NumLanes+20), inHeaps, "in heaps")
}
