package dialer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// several is a record with several phones.
func several(in campaign.ID, id string, numbers ...int) campaign.Record {
	return campaign.Record{ID: campaign.RecordID(id), Campaign: in, Phones: phones(numbers...)}
}

// dialled dials the only due record, reports the outcome and says which number it was.
func (h *house) dialled(ask dialer.Ask, outcome campaign.Outcome) blacklist.Number {
	h.t.Helper()
	ask.Start = true
	call := h.one(ask)
	h.report(call, campaign.Result{Outcome: outcome})
	return call.Number.Number
}

// rows: K19
func TestAfterADropTheSameNumberIsNextElseTheNextRoundAndRound(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2, 3))
	var got []blacklist.Number
	for _, o := range []campaign.Outcome{campaign.Drop, campaign.NoAnswer, campaign.LineBusy, campaign.Drop, campaign.Voicemail, campaign.NoAnswer, campaign.Congestion, campaign.NoAnswer} {
		got = append(got, h.dialled(reserved, o))
		h.wait(5 * time.Hour)
	}
	assert.Equal(t, []blacklist.Number{number(1), number(1), number(2), number(3), number(3), number(1), number(2), number(2)}, got)
}

func TestANumberThatDoesNotExistIsOutAndTheRecordGoesOn(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	assert.Equal(t, number(1), h.dialled(engine, campaign.Invalid))
	assert.Equal(t, number(2), h.dialled(engine, campaign.NoAnswer), "at once: the delay of a wrong number is 0")
	h.wait(time.Hour)
	assert.Equal(t, number(2), h.dialled(engine, campaign.Fax))
	r := h.record("sales", "a")
	assert.Equal(t, status.StandingClosed, r.Standing)
	assert.Equal(t, status.InvalidNumber, r.Qualifier)
	e := h.explain("sales", "a", campaign.Asker{})
	assert.Equal(t, []campaign.Reason{campaign.ReasonClosed, campaign.ReasonInvalid, campaign.ReasonInvalid}, reasons(e.Blockers))
}

func TestAStatusMayEndTheCalledNumberOnly(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	h.report(call, campaign.Result{Outcome: campaign.Answered, Status: "wrong"})
	h.wait(48 * time.Hour)
	assert.Equal(t, number(2), h.dialled(engine, campaign.NoAnswer))
	h.wait(48 * time.Hour)
	assert.Equal(t, number(2), h.dialled(engine, campaign.NoAnswer), "the first one is never dialled again")
}

// rows: D10
func TestABlacklistedNumberIsPassedOverWhileAnotherIsFree(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	h.list(1, in(24*time.Hour))
	sel := h.next(dialer.Ask{Start: true})
	assert.Empty(t, sel.Skipped, "one number is free: nothing blocks the record")
	assert.Equal(t, number(2), sel.Calls[0].Number.Number)
	assert.Equal(t, number(2), sel.Calls[0].Lease.Number, "the number that is dialled is the one that is guarded")
	h.report(sel.Calls[0], campaign.Result{Outcome: campaign.NoAnswer})
	h.wait(25 * time.Hour)
	assert.Equal(t, number(1), h.dialled(engine, campaign.NoAnswer))
}

func TestANumberThatTheSwitchRefusesRestsForADay(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	assert.Equal(t, number(1), h.dialled(engine, campaign.Barred))
	assert.Equal(t, 0, h.record("sales", "a").Attempts.Total, "it was not dialled")
	assert.Equal(t, number(2), h.dialled(engine, campaign.NoAnswer))
	h.wait(time.Hour)
	assert.Equal(t, number(2), h.dialled(engine, campaign.NoAnswer))
	h.at(in(24 * time.Hour))
	assert.Equal(t, []string{"6:a"}, h.order(engine))
}

func TestARestBetweenNumbersIsShorterInsideARound(t *testing.T) {
	minute := campaign.Delay(time.Minute)
	h := open(t, conf("sales", func(c *campaign.Config) { c.Retry.BetweenNumbers = &minute }))
	h.add(several("sales", "a", 1, 2))
	assert.Equal(t, number(1), h.dialled(engine, campaign.NoAnswer))
	assert.Equal(t, in(time.Minute), h.none(engine).NextDue)
	h.wait(time.Minute)
	assert.Equal(t, number(2), h.dialled(engine, campaign.NoAnswer))
	assert.Equal(t, in(time.Minute+time.Hour), h.none(engine).NextDue, "the round is over: the delay of the outcome")
}

func TestTheHoursThatCountAreThoseOfTheNextNumber(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.CalleeHours = hours(t, "mon-fri 08:00-18:00") }))
	h.add(campaign.Record{ID: "a", Campaign: "sales", Phones: []campaign.Phone{
		{Number: number(1), Zones: []string{warsaw}}, {Number: number(2), Zones: []string{"America/New_York"}},
	}})
	assert.Equal(t, number(1), h.dialled(engine, campaign.NoAnswer))
	h.wait(2 * time.Hour) // 12:00 in Warsaw, where it would be allowed; 06:00 in New York
	sel := h.none(engine)
	assert.Equal(t, time.Date(2026, 3, 2, 13, 0, 0, 0, time.UTC), sel.NextDue)
	h.at(sel.NextDue)
	assert.Equal(t, number(2), h.dialled(engine, campaign.NoAnswer))
}

func TestANumberThatMayBeInSeveralZonesIsCalledWhenAllAreOpen(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) { c.CalleeHours = hours(t, "mon-fri 08:00-18:00") }))
	h.add(campaign.Record{ID: "a", Campaign: "sales", Phones: []campaign.Phone{{Number: number(1), Zones: []string{"America/New_York", "America/Los_Angeles"}}}})
	sel := h.none(engine)
	assert.Equal(t, time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC), sel.NextDue, "08:00 in Los Angeles")
	h.at(time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC))
	h.none(engine) // 18:00 in New York
	h.at(sel.NextDue)
	assert.Equal(t, []string{"5:a"}, h.order(engine))
}

func TestAnAgentMayDialAnotherOfTheRecordsNumbers(t *testing.T) {
	h := open(t, conf("a"), conf("b"))
	h.add(several("a", "one", 1, 2), record("b", "two", 2))
	offered := h.one(dialer.Ask{Agent: "ann", Campaigns: []campaign.ID{"a"}})
	assert.Equal(t, number(1), offered.Number.Number)
	call, err := h.q.Start(ctx, offered.Ref, number(2))
	require.NoError(t, err)
	assert.Equal(t, number(2), call.Number.Number)
	assert.Equal(t, campaign.ReasonInUse, reason(t, h.none(dialer.Ask{Campaigns: []campaign.ID{"b"}})))
	h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	r := h.record("a", "one")
	assert.Equal(t, []int{0, 1}, []int{r.Phones[0].Attempts, r.Phones[1].Attempts})
	assert.Equal(t, number(2), h.calls("a", "one")[0].Number)
}

func TestAForeignNumberIsNotDialled(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2), record("sales", "b", 9))
	offered := h.one(agent("ann"))
	_, err := h.q.Start(ctx, offered.Ref, number(9))
	blocked := as[*dialer.BlockedError](t, err)
	assert.Equal(t, []campaign.Reason{campaign.ReasonNoNumber}, reasons(blocked.Blockers))
	assert.Contains(t, err.Error(), "not a number of this record")
	_, err = h.q.Start(ctx, offered.Ref, 0) // the lease is still there
	require.NoError(t, err)
}

func TestABlockedNumberLeavesTheLeaseForAnother(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	offered := h.one(agent("ann"))
	h.list(2, time.Time{})
	_, err := h.q.Start(ctx, offered.Ref, number(2))
	assert.Equal(t, []campaign.Reason{campaign.ReasonBlacklisted}, reasons(as[*dialer.BlockedError](t, err).Blockers))
	call, err := h.q.Start(ctx, offered.Ref, 0)
	require.NoError(t, err)
	assert.Equal(t, number(1), call.Number.Number)
}

func TestANumberBlockedForEverDoesNotParkTheOthersLonger(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	offered := h.one(agent("ann"))
	h.list(1, in(time.Hour))
	h.list(2, time.Time{})
	_, err := h.q.Start(ctx, offered.Ref, number(2))
	as[*dialer.BlockedError](t, err)
	assert.Equal(t, in(time.Hour), h.none(agent("ann")).NextDue, "the other number is free in an hour")
	h.wait(time.Hour)
	assert.Equal(t, []string{"5:a"}, h.order(agent("ann")))
}
