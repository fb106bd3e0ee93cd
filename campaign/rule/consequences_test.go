package rule_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

func expiry(t testing.TB, text string) blacklist.Expiry {
	t.Helper()
	e, err := blacklist.ParseExpiry(text)
	require.NoError(t, err)
	return e
}

// A callback survives a call that reached nobody, unless a rule decides.
//
// rows: K21
func TestARuleThatHoldsEndsACallbackAndOneThatDoesNotKeepsIt(t *testing.T) {
	o := newOffice(t, func(c *campaign.Config) { c.Callbacks.Tries = 5 },
		status.Status{ID: "mine", Title: "Mine", Qualifier: status.OwnCallbackAt},
		auto("twice", status.EndOfQueue, `call.outcome == "busy" && streak("busy") >= 2 && record.qualifier == "own_callback_at" && record.owner == "ann"`))
	call := o.dial()
	o.report(call, campaign.Result{Outcome: campaign.Answered, Status: "mine", Actor: ann, Input: campaign.Input{At: o.now.Add(time.Hour), Agent: "ann"}})
	o.now = o.now.Add(2 * time.Hour)

	a := o.report(o.dial(), campaign.Result{Outcome: campaign.LineBusy})
	require.True(t, a.Has(campaign.WhyCallbackKept), "%v", a.Why)
	assert.Equal(t, status.OwnCallbackAt, a.Qualifier)
	assert.Equal(t, 1, o.record().Tries)

	o.now = o.now.Add(2 * time.Hour)
	a = o.report(o.dial(), campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, []campaign.Why{campaign.WhyRule}, a.Why)
	assert.Equal(t, status.ID("twice"), a.Status)
	r := o.record()
	assert.Equal(t, status.EndOfQueue, r.Qualifier)
	assert.Equal(t, status.LaneLast, r.Lane)
	assert.Empty(t, r.Owner)
	assert.False(t, r.Promised || r.Agreed)
	assert.Zero(t, r.Tries)
	assert.Equal(t, r.StatusAt.UnixMicro(), r.Key)
}

// A limit beats a rule that would dial again, and nothing of the rule's is lost:
// its status, its entry and its action.
//
// rows: K21, D10, D12
func TestALimitEndsWhatARuleWouldDialAgain(t *testing.T) {
	again := auto("again", status.Redial, `call.outcome == "rejected"`)
	again.Blacklist, again.Expiry = blacklist.Global, expiry(t, "2 days")
	o := newOffice(t, func(c *campaign.Config) { c.Limits.Attempts = 1 }, again)
	a := o.call(campaign.Result{Outcome: campaign.Rejected})
	assert.Equal(t, []campaign.Why{campaign.WhyRule, campaign.WhyAttemptLimit}, a.Why)
	assert.Equal(t, status.Exhausted, a.Qualifier)
	assert.Equal(t, status.StandingClosed, a.Standing)
	assert.Equal(t, status.ID("again"), a.Status)
	assert.Equal(t, 1, a.Attempts)
	require.Len(t, a.Listed, 1)
	assert.Equal(t, first, a.Listed[0].Number)

	// What a rule holds or closes stands, whatever the limits say.
	o = newOffice(t, func(c *campaign.Config) { c.Limits.Attempts = 1 }, auto("hold", status.Manual, `attempts.total == 1`))
	a = o.call(campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, []campaign.Why{campaign.WhyRule}, a.Why)
	assert.Equal(t, status.Manual, a.Qualifier)
	assert.Equal(t, status.StandingHeld, a.Standing)
}

// rows: K21, D10, D12
func TestARuleListsTheCalledNumberForMonthsOfTheCalendar(t *testing.T) {
	rejected := auto("rejected", status.Closed, `call.outcome == "rejected" && count("rejected", duration("720h")) >= 2`)
	rejected.Blacklist, rejected.Expiry = blacklist.Global, expiry(t, "6 months")
	o := newOffice(t, nil, rejected)
	require.NoError(t, func() error {
		_, err := o.q.Edit(context.Background(), o.ref(), campaign.Edit{Actor: ann, Phones: []campaign.Phone{{Number: first}}})
		return err
	}())
	a := o.call(campaign.Result{Outcome: campaign.Rejected})
	require.Empty(t, a.Listed)
	o.now = o.now.Add(48 * time.Hour)
	a = o.call(campaign.Result{Outcome: campaign.Rejected})
	require.Equal(t, status.ID("rejected"), a.Status)
	require.Len(t, a.Listed, 1)
	assert.Equal(t, first, a.Listed[0].Number)
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	require.NoError(t, err)
	want := o.now.In(warsaw).AddDate(0, 6, 0) // the same hour, though the clocks have changed
	assert.True(t, a.Listed[0].Until.Equal(want), "until %s, want %s", a.Listed[0].Until, want)
	assert.NotContains(t, a.Listed[0].Author, "ann")
	assert.Contains(t, o.explain(campaign.Asker{Agent: "ann"}), `closed: status "rejected"`)
}

// rows: K21
func TestARuleGivesAnOwnCallbackToTheStatussAgentOrToThatOfTheCall(t *testing.T) {
	own := auto("own", status.OwnCallbackAfter, `call.outcome == "drop" || call.outcome == "voicemail"`)
	own.Delay, own.Agent = status.Delay(time.Hour), "bob"
	o := newOffice(t, nil, own)
	a := o.call(campaign.Result{Outcome: campaign.Voicemail, Actor: ann})
	assert.Equal(t, campaign.AgentID("bob"), a.Owner)
	assert.Equal(t, o.now.Add(time.Hour), a.Due)
	assert.Equal(t, status.LaneOwn, a.Lane)
	assert.False(t, o.record().Agreed, "nobody has agreed to anything")

	own.Agent = ""
	cfg := config()
	cfg.Own = []status.Status{own}
	_, _, err := campaign.Compile(cfg, nil, nil)
	assert.ErrorContains(t, err, "a rule gives none: name the responsible agent")
}

// A next call is computed on the phone's clock, and moves into its hours.
//
// rows: K21, K6
func TestANextCallIsComputedAcrossTheChangeOfClocksAndOverHolidays(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	require.NoError(t, err)
	hours, err := campaign.ParseHours("mon-fri 09:00-17:00; holiday none")
	require.NoError(t, err)
	for _, tt := range []struct {
		name, now, text, want string
		into                  bool
	}{
		{"a day of the calendar in spring", "2026-03-28 10:00", `now + period("1 day")`, "2026-03-29 10:00", false},
		{"24 hours in spring", "2026-03-28 10:00", `now + duration("24h")`, "2026-03-29 11:00", false},
		{"24 hours from now", "2026-03-28 10:00", `duration("24h")`, "2026-03-29 11:00", false},
		{"a period from now", "2026-03-28 10:00", `period("1 day")`, "2026-03-29 10:00", false},
		{"a period in autumn", "2026-10-24 10:00", `period("1 day")`, "2026-10-25 10:00", false},
		{"an hour that there is not", "2026-03-28 02:30", `period("1 day")`, "2026-03-29 03:30", false},
		{"a Saturday", "2026-03-27 10:00", `period("1 day")`, "2026-03-30 09:00", true},
		{"the first of May", "2026-04-30 10:00", `period("1 day")`, "2026-05-04 09:00", true},
		{"what the machine was and what the day", "2026-04-30 10:00",
			`has(call.outcome) && call.outcome == "voicemail" && is_holiday(now + duration("24h")) ? period("5 days") : period("1 day")`, "2026-05-05 10:00", false},
	} {
		later := auto("later", status.Redial, `call.outcome == "voicemail"`)
		later.NextAt = tt.text
		o := newOffice(t, func(c *campaign.Config) {
			if tt.into {
				c.Retry.IntoHours, c.CalleeHours = true, hours
			}
		}, later)
		o.now, err = time.ParseInLocation("2006-01-02 15:04", tt.now, warsaw)
		require.NoError(t, err)
		o.now = o.now.Add(-30 * time.Second)
		a := o.call(campaign.Result{Outcome: campaign.Voicemail})
		require.Empty(t, a.Warnings, tt.name)
		assert.Equal(t, tt.want, a.Due.In(warsaw).Format("2006-01-02 15:04"), tt.name)
	}
}

// rows: K21
func TestANextCallThatFailsOrHasPassedIsSaidAndNothingIsLost(t *testing.T) {
	later := auto("later", status.Redial, `call.outcome == "busy"`)
	later.NextAt = `record.fields.signed + period("1 day")` // which was on Friday
	o := newOffice(t, nil, later)
	a := o.call(campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, o.now, a.Due)
	require.Len(t, a.Warnings, 1)
	assert.Contains(t, a.Warnings[0], "which has passed: it is due now")

	later.NextAt = `record.next_call + period("1 day")` // it has none
	o = newOffice(t, nil, later)
	a = o.call(campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, status.ID("later"), a.Status)
	assert.Equal(t, o.now.Add(10*time.Minute), a.Due, "the retry policy's delay")
	require.Len(t, a.Warnings, 1)
	assert.Contains(t, a.Warnings[0], `own[0].next_at failed for record "r1" at column 1: record.next_call has no value here`)
}

// Each puts the record behind those that were put there before, and a second
// time behind those that came since.
//
// rows: K21
func TestARuleThatSetsTheEndOfTheQueueAgainPutsTheRecordBehindTheOthers(t *testing.T) {
	o := newOffice(t, nil, auto("last", status.EndOfQueue, `call.outcome == "no_answer"`))
	o.add(campaign.Record{ID: "r2", Phones: []campaign.Phone{{Number: 48600100300}}})
	next := func() campaign.RecordID {
		s, err := o.q.Next(context.Background(), dialer.Ask{Agent: "ann", Start: true})
		require.NoError(t, err)
		require.Len(t, s.Calls, 1)
		a := o.report(s.Calls[0], campaign.Result{Outcome: campaign.NoAnswer})
		require.Equal(t, status.LaneLast, a.Lane)
		o.now = o.now.Add(2 * time.Hour)
		return s.Calls[0].Record.ID
	}
	var order []campaign.RecordID
	for range 6 {
		order = append(order, next())
	}
	assert.Equal(t, []campaign.RecordID{"r1", "r2", "r1", "r2", "r1", "r2"}, order)
}
