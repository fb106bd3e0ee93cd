package rule_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

var ann = campaign.Actor{User: "ann", Agent: "ann"}

// record is the office's record as it stands.
func (o *office) record() campaign.Record {
	o.t.Helper()
	return o.looked().Record
}

// dial starts a call to the office's record, to a number of it or to the next one.
func (o *office) dial() dialer.Call {
	o.t.Helper()
	call, err := o.q.Take(context.Background(), dialer.Taking{Ref: o.ref(), Actor: ann, Start: true})
	require.NoError(o.t, err)
	return call
}

// report takes the result of a call half a minute after it was started.
func (o *office) report(call dialer.Call, r campaign.Result) campaign.Answer {
	o.t.Helper()
	o.now = o.now.Add(30 * time.Second)
	a, err := o.q.Report(context.Background(), call.Ref, r)
	require.NoError(o.t, err)
	return a
}

// Each of these holds after the third busy call of the day, and not before.
//
// rows: K21
func TestEveryCounterIncludesTheCallThatIsDecided(t *testing.T) {
	for _, text := range []string{
		`call.outcome == "busy" && record.attempts == 3`,
		`attempts.total == 3 && attempts.since_reset == 3`,
		`attempts.busy == 3`,
		`attempts.today == 3`,
		`attempts.streak_no_contact == 3`,
		`count("busy", duration("1h")) == 3`,
		`streak("busy") == 3`,
		`attempts.last == call.dialed && attempts.total == 3`,
		`attempts.last_outcome == "busy" && streak("busy") == 3 && phone.last_outcome == "busy"`,
		`record.last_call == call.dialed && record.attempts == 3`,
		// Two numbers in turn: the third call is to the first number again, which
		// was brought with two attempts.
		`phone.index == 1 && phone.attempts == 4`,
		`phone.number == call.number && phone.attempts == 4 && phone.left == 2`,
		`since(attempts.first) > duration("1m") && count("busy", duration("30s")) == 1 && attempts.total == 3`,
	} {
		o := newOffice(t, nil, auto("third", status.Closed, text))
		for n := 1; n <= 3; n++ {
			a := o.call(campaign.Result{Outcome: campaign.LineBusy})
			if n < 3 {
				assert.Empty(t, a.Status, "%s after call %d: %v", text, n, a.Warnings)
			} else {
				assert.Equal(t, status.ID("third"), a.Status, "%s: %v", text, a.Warnings)
			}
			o.now = o.now.Add(time.Minute)
		}
	}
}

// A rank and the conditions of fields have no call of their own, but what they
// count is what the record has had, and that call with it.
//
// rows: K21
func TestARankCountsTheCallThatChangedTheRecord(t *testing.T) {
	for _, text := range []string{
		`100 + count("busy", duration("24h"))`, `100 + attempts.today`, `100 + attempts.busy`, `100 + streak("busy")`, `100 + attempts.total`,
	} {
		o := newOffice(t, func(c *campaign.Config) { c.Rank = text }, auto("last", status.EndOfQueue, `call.outcome == "busy"`))
		for n := int64(1); n <= 3; n++ {
			o.call(campaign.Result{Outcome: campaign.LineBusy})
			assert.Equal(t, 100+n, o.record().Sort, "%s after call %d", text, n)
			o.now = o.now.Add(time.Minute)
		}
		// The same number, whatever makes the record change afterwards.
		_, err := o.q.Edit(context.Background(), o.ref(), campaign.Edit{Tags: []string{"x"}, Actor: ann})
		require.NoError(t, err)
		assert.Equal(t, int64(103), o.record().Sort, text)
	}
}

func TestAFieldThatIsRequiredByWhatWasCountedIsRequiredByTheCallItself(t *testing.T) {
	change := func(c *campaign.Config) {
		c.RecordTypes[0].Fields = append(c.RecordTypes[0].Fields,
			campaign.Field{Name: "reason", RequiredWhen: `count("answered", duration("24h")) >= 1`},
			campaign.Field{Name: "note", ValidWhen: `attempts.today < 1 || record.fields.note != "?"`})
	}
	o := newOffice(t, change, status.Status{ID: "done", Title: "Done", Qualifier: status.Closed, Validate: true})
	call := o.dial()
	_, err := o.q.Report(context.Background(), call.Ref, campaign.Result{Outcome: campaign.Answered, Status: "done", Actor: ann, Fields: campaign.Fields{"note": "?"}})
	var missing *campaign.RequiredError
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, []string{"reason"}, missing.Fields)
	assert.ErrorContains(t, err, `fields["note"]`)
	a := o.report(call, campaign.Result{Outcome: campaign.Answered, Status: "done", Actor: ann, Fields: campaign.Fields{"note": "!", "reason": "bought"}})
	assert.Equal(t, status.ID("done"), a.Status)
}

// rows: K21
func TestALateReportIsDecidedAnewAndCountedOnce(t *testing.T) {
	o := newOffice(t, nil,
		auto("lost", status.EndOfQueue, `call.outcome == "unknown" && count("unknown", duration("24h")) == 1`),
		auto("busy", status.CallbackAfter, `call.outcome == "busy" && attempts.total == 1 && attempts.busy == 1 && attempts.today == 1 &&
			count("busy", duration("24h")) == 1 && count("unknown", duration("24h")) == 0 && streak("busy") == 1 && streak("unknown") == 0 &&
			phone.index == 1 && phone.attempts == 3 && record.qualifier == "unused"`))
	call := o.dial()
	o.now = o.now.Add(time.Hour)
	_, err := o.q.Next(context.Background(), dialer.Ask{Agent: "bob"}) // settles what has run out
	require.NoError(t, err)
	require.Equal(t, status.ID("lost"), o.record().Status, "nobody reported the call")
	require.Equal(t, status.EndOfQueue, o.record().Qualifier)
	o.now = o.now.Add(time.Minute)
	a := o.report(call, campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, status.ID("busy"), a.Status, "%v", a.Warnings)
	assert.Equal(t, 1, o.record().Attempts.Total)
	assert.Equal(t, status.CallbackAfter, o.record().Qualifier)
	assert.Zero(t, o.record().Key)
}

// rows: K21
func TestACorrectionTakesThePlaceOfWhatARuleHasSetAndCountsNothing(t *testing.T) {
	o := newOffice(t, func(c *campaign.Config) { c.Rank = `100 + count("busy", duration("24h"))` },
		auto("rule", status.Closed, `call.outcome == "busy"`), status.Status{ID: "last", Title: "Last", Qualifier: status.EndOfQueue})
	call := o.dial()
	a := o.report(call, campaign.Result{Outcome: campaign.LineBusy})
	require.Equal(t, status.ID("rule"), a.Status)
	a, err := o.q.Correct(context.Background(), call.Ref, campaign.Correction{Status: "last", Actor: ann})
	require.NoError(t, err)
	assert.Equal(t, status.ID("last"), a.Status)
	r := o.record()
	assert.Equal(t, 1, r.Attempts.Total)
	assert.Equal(t, int64(101), r.Sort, "the corrected call is counted once")
	assert.Equal(t, status.ID("last"), o.looked().Call.Status)
}
