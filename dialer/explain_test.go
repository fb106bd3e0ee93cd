package dialer_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// obstacle is one way in which a record cannot be called.
type obstacle struct {
	edit    func(*campaign.Config)
	rules   *condition
	checker *register
	phones  func(*campaign.Record)
	prepare func(h *house)
	asker   campaign.Asker
	until   time.Duration // when it lifts, from monday on; 0: by no time
}

// obstacles has one for every reason; each is the only blocker.
func obstacles(t *testing.T) map[campaign.Reason]obstacle {
	nothing := func(*house) {}
	return map[campaign.Reason]obstacle{
		campaign.ReasonLeased:   {prepare: func(h *house) { h.one(engine) }, until: 10*time.Minute + 30*time.Second},
		campaign.ReasonClosed:   {prepare: func(h *house) { h.set("sales", "a", "no", campaign.Input{}) }},
		campaign.ReasonHeld:     {prepare: func(h *house) { h.set("sales", "a", "manual", campaign.Input{}) }},
		campaign.ReasonNotDue:   {prepare: func(h *house) { h.called("sales", "a", campaign.NoAnswer) }, until: time.Hour},
		campaign.ReasonHours:    {prepare: nothing, edit: func(c *campaign.Config) { c.CalleeHours = hours(t, "tue 08:00-18:00") }, until: 22 * time.Hour},
		campaign.ReasonInactive: {prepare: nothing, edit: func(c *campaign.Config) { c.Hours = hours(t, "tue 08:00-18:00") }, until: 22 * time.Hour},
		campaign.ReasonList: {prepare: nothing, phones: func(r *campaign.Record) { r.List = "march" },
			edit: func(c *campaign.Config) { c.Lists = []campaign.List{{Name: "march", Off: true}} }},
		campaign.ReasonBlacklisted: {prepare: func(h *house) { h.list(1, in(time.Hour)) }, until: time.Hour},
		campaign.ReasonInvalid: {prepare: nothing, phones: func(r *campaign.Record) {
			r.Phones = []campaign.Phone{{Number: number(1), Out: campaign.OutEnded}}
		}},
		campaign.ReasonLimit: {edit: limit(campaign.Cap{Per: campaign.PerRecord, Max: 1, Within: campaign.Delay(5 * time.Hour)}),
			prepare: func(h *house) { h.called("sales", "a", campaign.NoAnswer); h.wait(time.Hour) }, until: 5 * time.Hour},
		campaign.ReasonGap: {edit: gap(5 * time.Hour),
			prepare: func(h *house) { h.called("sales", "a", campaign.NoAnswer); h.wait(time.Hour) }, until: 5 * time.Hour},
		campaign.ReasonConsent:   {prepare: nothing, edit: func(c *campaign.Config) { c.RequireConsent = true }},
		campaign.ReasonCondition: {prepare: nothing, rules: &condition{}, edit: func(c *campaign.Config) { c.Condition = "fine" }},
		campaign.ReasonNeedsAgent: {edit: power, prepare: func(h *house) { h.called("sales", "a", campaign.Drop) },
			asker: campaign.Asker{}},
		campaign.ReasonOwner: {edit: release(2 * time.Hour), prepare: func(h *house) { h.mine("sales", "a", "ann", monday) },
			asker: campaign.Asker{Agent: "bob"}, until: 2 * time.Hour},
		campaign.ReasonInUse: {prepare: func(h *house) {
			h.add(record("sales", "other", 1))
			_, err := h.q.Take(ctx, taking("sales", "other"))
			require.NoError(h.t, err)
		}, until: 30 * time.Second},
		campaign.ReasonSkipped: {prepare: func(h *house) {
			_, err := h.q.Skip(ctx, h.one(engine).Ref, ann)
			require.NoError(h.t, err)
		}, until: 10 * time.Minute},
		campaign.ReasonNoNumber: {prepare: nothing, phones: func(r *campaign.Record) { r.Phones = nil }},
		campaign.ReasonChecker:  {prepare: nothing, checker: &register{err: errors.New("line down")}},
		campaign.ReasonZone:     {prepare: nothing, edit: func(c *campaign.Config) { c.CalleeZone = "" }},
	}
}

// house builds the obstacle around record a of campaign sales.
func (o obstacle) house(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{t: monday}, store: open(t).store}
	if o.rules != nil {
		h.rules = o.rules.engine()
	}
	cfg := conf("sales")
	if o.edit != nil {
		o.edit(&cfg)
	}
	h.cfgs = []campaign.Config{cfg}
	qc := dialer.Config{}
	if o.checker != nil {
		qc.Checkers = []blacklist.Named{{Name: "register", Checker: o.checker}}
	}
	h.q = h.queue(qc)
	r := record("sales", "a", 1)
	if o.phones != nil {
		o.phones(&r)
	}
	h.add(r)
	o.prepare(h)
	return h
}

// rows: K2
func TestExplainNamesEveryReasonAndWhenItLifts(t *testing.T) {
	all := obstacles(t)
	require.Len(t, all, campaign.NumReasons-1, "every reason can be shown")
	for want, o := range all {
		t.Run(want.String(), func(t *testing.T) {
			h := o.house(t)
			e := h.explain("sales", "a", o.asker)
			assert.False(t, e.Callable)
			assert.Zero(t, e.Number)
			assert.Equal(t, []campaign.Reason{want}, reasons(e.Blockers))
			if o.until == 0 {
				assert.Zero(t, e.Earliest, "no time lifts it")
			} else {
				assert.Equal(t, in(o.until), e.Earliest)
				h.at(e.Earliest.Add(-time.Microsecond))
				assert.False(t, h.explain("sales", "a", o.asker).Callable)
			}
			// Selection says the same: nothing before, the record at that instant.
			// (What is said of an asker's own rights differs by asker.)
			ask := dialer.Ask{Agent: o.asker.Agent, Reserved: o.asker.Reserved}
			h.none(ask)
			if o.until != 0 && want != campaign.ReasonLeased {
				h.at(e.Earliest)
				assert.Equal(t, []string{"a"}, ids(h.next(ask)))
			}
		})
	}
}

func TestExplainListsAllBlockersInTheOrderOfTheirReasons(t *testing.T) {
	h := open(t, conf("sales", paused, gap(48*time.Hour), func(c *campaign.Config) {
		c.Paused = false
		c.RequireConsent = true
		c.CalleeHours = hours(t, "mon 08:00-18:00")
		c.Agents = []campaign.AgentID{"ann", "bob"}
		c.Limits.Attempts = 9
		c.Limits.Caps = []campaign.Cap{{Per: campaign.PerNumber, Max: 1, Days: 7}}
		c.Callbacks.Release = campaign.Delay(500 * time.Hour)
	}))
	yes, no := true, false
	h.add(several("sales", "a", 1, 2))
	_, err := h.q.Edit(ctx, ref("sales", "a"), campaign.Edit{Consent: &yes, Actor: boss})
	require.NoError(t, err)
	call, err := h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a"), Actor: ann, Start: true})
	require.NoError(t, err)
	h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	h.mine("sales", "a", "ann", in(24*time.Hour))
	_, err = h.q.Edit(ctx, ref("sales", "a"), campaign.Edit{Consent: &no, Actor: boss})
	require.NoError(t, err)
	h.list(1, time.Time{})
	h.list(2, in(72*time.Hour))
	h.configure("sales", func(c *campaign.Config) { c.Paused = true })
	require.NoError(t, h.q.Reload(ctx))
	h.at(clockTime(18, 0))

	e := h.explain("sales", "a", campaign.Asker{Agent: "bob"})
	got := reasons(e.Blockers)
	assert.True(t, slices.IsSorted(got), "%v", got)
	assert.Equal(t, []campaign.Reason{campaign.ReasonNotDue, campaign.ReasonHours, campaign.ReasonHours, campaign.ReasonInactive,
		campaign.ReasonBlacklisted, campaign.ReasonBlacklisted, campaign.ReasonLimit, campaign.ReasonGap, campaign.ReasonConsent,
		campaign.ReasonOwner}, got)
	for _, b := range e.Blockers {
		assert.NotEmpty(t, b.String())
	}
	assert.Equal(t, campaign.StateWaiting, e.State)
	assert.Zero(t, e.Earliest)
}

func TestExplainNamesAnOwnerWhoLeft(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.Agents = []campaign.AgentID{"ann", "bob"} }))
	h.add(record("sales", "a", 1))
	h.mine("sales", "a", "ann", monday)
	h.configure("sales", func(c *campaign.Config) { c.Agents = []campaign.AgentID{"bob"} })
	require.NoError(t, h.q.Reload(ctx))
	e := h.explain("sales", "a", campaign.Asker{Agent: "bob"})
	require.Len(t, e.Blockers, 1)
	assert.Contains(t, e.Blockers[0].Detail, "ann, who no longer works")
}

func TestExplainTellsTheRecordsHistoryAndDoesNotBelieveAPark(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	h.called("sales", "a", campaign.NoAnswer)
	h.wait(time.Hour)
	h.list(1, time.Time{})
	h.none(engine)
	e := h.explain("sales", "a", campaign.Asker{})
	assert.Equal(t, campaign.StateParked, e.State)
	require.Len(t, e.Calls, 1)
	assert.Equal(t, campaign.NoAnswer, e.Calls[0].Outcome)
	require.NotEmpty(t, e.Entries)
	assert.Equal(t, campaign.WhyAdded, e.Entries[0].Why)

	// The entry is gone behind the queue's back: the park stands, the answer not.
	_, err := h.store.Commit(ctx, campaign.Change{Unlist: []blacklist.Key{{List: blacklist.Global, Number: number(1)}}})
	require.NoError(t, err)
	e = h.explain("sales", "a", campaign.Asker{})
	assert.True(t, e.Callable)
	assert.Equal(t, number(1), e.Number)
	assert.Equal(t, h.now(), e.Earliest)
}

func TestTheOutlookSumsUpAndLooksAhead(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.CalleeHours = hours(t, "mon-fri 08:00-12:00") }))
	h.add(record("sales", "fresh", 1), record("sales", "fresh too", 2), record("sales", "soon", 3), record("sales", "tomorrow", 4),
		record("sales", "closed", 5), record("sales", "held", 6), record("sales", "listed", 7), record("sales", "mine", 8),
		record("sales", "leased", 9))
	h.set("sales", "soon", "back", campaign.Input{At: in(90 * time.Minute)})
	h.set("sales", "tomorrow", "back", campaign.Input{At: in(3 * time.Hour)})
	h.set("sales", "closed", "no", campaign.Input{})
	h.set("sales", "held", "manual", campaign.Input{})
	h.list(5, time.Time{}) // closed and listed counts as closed, its first blocker
	h.list(7, time.Time{})
	h.mine("sales", "mine", "ann", monday)
	_, err := h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "leased"), Actor: boss, Start: true})
	require.NoError(t, err)

	h.at(in(time.Minute)) // 10:01 in Warsaw
	o, err := h.q.Outlook(ctx, "sales", 26)
	require.NoError(t, err)
	assert.Equal(t, 9, o.Total)
	assert.Equal(t, 3, o.Callable, "two fresh ones, and ann's own for ann")
	sum := o.Callable
	for _, n := range o.Blockers {
		sum += n
	}
	assert.Equal(t, o.Total, sum)
	assert.Equal(t, map[campaign.Reason]int{campaign.ReasonNotDue: 2, campaign.ReasonClosed: 1, campaign.ReasonHeld: 1,
		campaign.ReasonBlacklisted: 1, campaign.ReasonLeased: 1}, o.Blockers)
	sum = 0
	for _, n := range o.States {
		sum += n
	}
	assert.Equal(t, o.Total, sum)
	assert.Equal(t, in(62*time.Minute), o.NextWake, "the lease runs out, and the call is repeated an hour later")
	require.Len(t, o.Forecast, 26)
	assert.Equal(t, dialer.Hour{From: in(time.Minute), Callable: 3}, o.Forecast[0])
	assert.Equal(t, dialer.Hour{From: in(time.Hour), Callable: 3}, o.Forecast[1], "11:00: nothing new")
	assert.Equal(t, dialer.Hour{From: in(2 * time.Hour), Callable: 0}, o.Forecast[2], "12:00: closed")
	assert.Equal(t, dialer.Hour{From: in(22 * time.Hour), Callable: 6}, o.Forecast[22], "08:00: everybody who waits")

	for _, bad := range []int{-1, 28*24 + 1} {
		_, err := h.q.Outlook(ctx, "sales", bad)
		assert.Contains(t, as[*dialer.AskError](t, err).Error(), "0 to 672")
	}
	_, err = h.q.Outlook(ctx, "nowhere", 1)
	as[*dialer.CampaignError](t, err)
}

func TestAnExhaustedListSaysWhenItGoesOn(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1), record("sales", "b", 2))
	h.called("sales", "a", campaign.NoAnswer)
	h.set("sales", "b", "no", campaign.Input{})
	o, err := h.q.Outlook(ctx, "sales", 0)
	require.NoError(t, err)
	assert.Zero(t, o.Callable)
	assert.Equal(t, in(time.Hour), o.NextWake)
	assert.Equal(t, in(time.Hour), h.none(engine).NextDue)
	h.wait(time.Hour)
	h.reported("sales", "a", campaign.Result{Outcome: campaign.Answered, Status: "no"})
	o, err = h.q.Outlook(ctx, "sales", 0)
	require.NoError(t, err)
	assert.Zero(t, o.NextWake)
	assert.Zero(t, h.none(engine).NextDue)
}

func TestALeaseThatHasRunOutBlocksNobody(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(record("a", "one", 1), record("b", "two", 1))
	h.one(dialer.Ask{Campaigns: []campaign.ID{"a"}})
	h.wait(30 * time.Second) // and nobody has settled it
	assert.True(t, h.explain("b", "two", campaign.Asker{}).Callable)
	e := h.explain("a", "one", campaign.Asker{})
	assert.Equal(t, []campaign.Reason{campaign.ReasonSkipped}, reasons(e.Blockers), "its offer is a skip by then")
	assert.Equal(t, h.now().Add(10*time.Minute), e.Earliest)
	assert.Equal(t, []string{"5:two"}, h.order(dialer.Ask{Campaigns: []campaign.ID{"b"}}))
}
