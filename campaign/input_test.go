package campaign_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// rows: Z19, Z20, Z21, Z22, Z23, Z24, Z26, D24, K20
func TestWhatIsGivenWithAStatusIsWhatItTakes(t *testing.T) {
	at := noon.Add(time.Hour)
	for _, tt := range []struct {
		name   string
		status status.ID
		input  campaign.Input
		wrong  []string
	}{
		{"redial takes nothing", "redial", campaign.Input{Date: "2026-03-03", Hour: "10:00", Zone: "UTC", Agent: bob}, []string{"date", "hour", "zone", "agent"}},
		{"not even an instant", "closed", campaign.Input{At: at}, []string{"at"}},
		{"a public callback takes no agent", "callback_at", campaign.Input{At: at, Agent: bob}, []string{"agent"}},
		{"and needs date and hour", "callback_at", campaign.Input{}, []string{"date", "hour"}},
		{"a missing time and a superfluous agent at once", "callback_at", campaign.Input{Agent: bob}, []string{"agent", "date", "hour"}},
		{"a date without an hour", "callback_at", campaign.Input{Date: "2026-03-03"}, []string{"hour"}},
		{"an hour without a date", "callback_at", campaign.Input{Hour: "10:00"}, []string{"date"}},
		{"an hour that is none", "callback_at", campaign.Input{Date: "2026-03-03", Hour: "24:00"}, []string{"hour"}},
		{"digits are all written", "callback_at", campaign.Input{Date: "2026-3-3", Hour: "9:00"}, []string{"date", "hour"}},
		{"a day that is none", "callback_at", campaign.Input{Date: "2026-02-29", Hour: "09:00"}, []string{"date"}},
		{"the year 0", "callback_at", campaign.Input{Date: "0000-12-31", Hour: "09:00"}, []string{"date"}},
		{"a zone nobody knows", "callback_at", campaign.Input{Date: "2026-03-03", Hour: "09:00", Zone: "Mars/Olympus"}, []string{"zone"}},
		{"the machine's zone", "callback_at", campaign.Input{Date: "2026-03-03", Hour: "09:00", Zone: "Local"}, []string{"zone"}},
		{"instant and local time", "callback_at", campaign.Input{At: at, Date: "2026-03-03", Hour: "09:00"}, []string{"at"}},
		{"an instant after 9999", "callback_at", campaign.Input{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, []string{"at"}},
		{"a relative callback takes no time", "callback_after", campaign.Input{At: at}, []string{"at"}},
		{"an own callback takes all", "own_callback_at", campaign.Input{At: at, Agent: bob}, nil},
		{"the last minute of all years", "callback_at", campaign.Input{Date: "9999-12-31", Hour: "23:59"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := given(t).idle()
			e := campaign.Set{Status: tt.status, Input: tt.input, Actor: supervisor}
			if tt.wrong == nil {
				x.must(e)
				return
			}
			assert.Equal(t, tt.wrong, inputErrors(x.refused(e)))
		})
	}
	assert.Equal(t, []string{"agent"}, inputErrors(given(t).refused(campaign.Result{Outcome: campaign.NoAnswer, Input: campaign.Input{Agent: bob}})),
		"without a status nothing is taken")
}

// rows: K6, Z26
func TestTheNextCallIsLocalTimeInTheZoneThatIsNamed(t *testing.T) {
	for _, tt := range []struct{ zone, want, kept string }{
		{"", "2026-03-03T08:30:00Z", "Europe/Warsaw"},
		{"callee", "2026-03-03T04:00:00Z", "Asia/Kolkata"},
		{"America/New_York", "2026-03-03T14:30:00Z", "America/New_York"},
	} {
		x := given(t)
		x.f.Record.Phones = []campaign.Phone{{Number: main}, {Number: second, Zones: []string{"Asia/Kolkata"}}}
		input := tomorrow()
		input.Zone = tt.zone
		r := x.must(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: input}).Record
		assert.Equal(t, tt.want, r.Due.Format(time.RFC3339), "the callee's zone is that of the number to be called next")
		assert.Equal(t, &campaign.LocalTime{Date: "2026-03-03", Hour: "09:30", Zone: tt.kept}, r.DueInput)
	}
	x := given(t, func(c *campaign.Config) { c.CalleeZone = "" })
	input := tomorrow()
	input.Zone = "callee"
	assert.Equal(t, []string{"zone"}, inputErrors(x.refused(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: input})))
}

func TestALocalTimeThatTheClocksSkipTakesTheOffsetBefore(t *testing.T) {
	for date, want := range map[string]string{"2026-03-29": "2026-03-29T01:30:00Z", "2026-10-25": "2026-10-25T00:30:00Z"} {
		r := given(t).must(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: campaign.Input{Date: date, Hour: "02:30"}}).Record
		assert.Equal(t, want, r.Due.Format(time.RFC3339))
	}
}

func TestATimeThatHasPassedIsDueNowWithAWarning(t *testing.T) {
	change := given(t).must(campaign.Result{Outcome: campaign.Answered, Status: "callback_at", Input: campaign.Input{Date: "2026-03-01", Hour: "09:30"}})
	assert.Equal(t, noon, change.Record.Due)
	assert.Equal(t, "2026-03-01", change.Record.DueInput.Date)
	assert.Len(t, change.Answer.Warnings, 1)
}

// rows: D19, D20, D21, D22, D26
func TestRequiredFieldsAndNextCallAreDemandedTogether(t *testing.T) {
	x := given(t)
	err := x.refused(campaign.Result{Outcome: campaign.Answered, Status: "strict"})
	var required *campaign.RequiredError
	require.ErrorAs(t, err, &required)
	assert.Equal(t, []string{"city", "age"}, required.Fields, "a hidden one is not demanded")
	assert.Equal(t, []string{"date", "hour"}, inputErrors(err))

	fields := campaign.Fields{"city": "Brno", "age": int64(0)}
	require.Nil(t, x.f.Record.Fields)
	assert.Equal(t, []string{"date", "hour"}, inputErrors(x.refused(campaign.Result{Outcome: campaign.Answered, Status: "strict", Fields: fields})))
	change := x.must(campaign.Result{Outcome: campaign.Answered, Status: "strict", Fields: fields, Input: tomorrow()})
	assert.Equal(t, fields, change.Record.Fields, "what is saved with the status counts")

	given(t).must(campaign.Result{Outcome: campaign.Answered, Status: "closed"}) // off: it can
}

// rows: D20, D21
func TestEverySaveByAPersonIsBoundWhileTheRecordHasTheStatus(t *testing.T) {
	x := given(t).idle()
	x.f.Record.Status = "valid"
	var required *campaign.RequiredError
	require.ErrorAs(t, x.refused(campaign.Edit{Fields: campaign.Fields{"pet": "cat"}, Actor: supervisor}), &required)
	require.ErrorAs(t, x.refused(campaign.Set{Status: "valid", Actor: supervisor}), &required)
	_, err := x.apply(campaign.Edit{Fields: campaign.Fields{"pet": "cat"}})
	require.NoError(t, err, "the engine is not bound")
	x.must(campaign.Edit{Fields: campaign.Fields{"city": "Brno", "age": int64(3)}, Actor: supervisor})
	require.ErrorAs(t, x.refused(campaign.Edit{Fields: campaign.Fields{"city": nil}, Actor: supervisor}), &required, "nor may one be emptied")
}

// rows: K5, K7, Z25, Z23
func TestWhoOwnsAnOwnCallback(t *testing.T) {
	x := given(t)
	result := func(id status.ID, agent campaign.AgentID) campaign.AgentID {
		input := tomorrow()
		input.Agent = agent
		return x.lease().must(campaign.Result{Outcome: campaign.Answered, Status: id, Input: input}).Record.Owner
	}
	assert.Equal(t, campaign.AgentID("eve"), result("bobs", "eve"), "the input's agent")
	assert.Equal(t, bob, result("bobs", ""), "else the status's")
	assert.Equal(t, ann, result("own_callback_at", ""), "else that of the call")
	x.lease().f.Lease.Agent = ""
	r := x.must(campaign.Result{Outcome: campaign.Answered, Status: "own_callback_at", Input: tomorrow(), Actor: campaign.Actor{Agent: "eve"}}).Record
	assert.Equal(t, campaign.AgentID("eve"), r.Owner, "who took the call is its agent")

	x.idle()
	var nobody *campaign.AgentError
	require.ErrorAs(t, x.refused(campaign.Set{Status: "own_callback_at", Input: tomorrow(), Actor: supervisor}), &nobody)
	assert.Empty(t, nobody.Agent, "in bulk it never is the actor")
	assert.Equal(t, bob, x.must(campaign.Set{Status: "bobs", Input: tomorrow(), Actor: supervisor}).Record.Owner)

	x = given(t, func(c *campaign.Config) { c.Agents = []campaign.AgentID{ann, bob} })
	input := tomorrow()
	input.Agent = "eve"
	require.ErrorAs(t, x.refused(campaign.Result{Outcome: campaign.Answered, Status: "own_callback_at", Input: input}), &nobody)
	assert.Equal(t, campaign.AgentID("eve"), nobody.Agent)
}

// rows: D8, D10, D11, D12, D16, D17
func TestAStatusListsTheNumberOfItsCallAndThatOneOnly(t *testing.T) {
	x := given(t)
	x.f.Lease.Number = second
	change := x.must(campaign.Result{Outcome: campaign.Answered, Status: "refusal", Actor: campaign.Actor{User: "anna", Agent: ann}})
	require.Len(t, change.List, 1)
	e := change.List[0]
	assert.Equal(t, second, e.Number)
	assert.Equal(t, blacklist.List("dnc"), e.List)
	assert.Equal(t, "anna", e.Author)
	assert.Contains(t, e.Reason, "Never again")
	assert.Equal(t, noon, e.Added)
	assert.True(t, e.Permanent(), "without an expiry it is permanent")
	assert.Equal(t, change.List, change.Answer.Listed)

	change = x.must(campaign.Set{Status: "redial", Actor: supervisor})
	assert.Empty(t, change.Unlist, "a later status takes no number off")

	change = x.lease().must(campaign.Result{Outcome: campaign.Answered, Status: "cooldown"})
	assert.Equal(t, noon.Add(7*24*time.Hour), change.List[0].Until)

	x = given(t)
	x.now = time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC)
	x.lease()
	var past *blacklist.ParseError
	require.ErrorAs(t, x.refused(campaign.Result{Outcome: campaign.Answered, Status: "cooldown"}), &past, "status and entry, or neither")
}

func TestAnActionHasOneIDForItsCall(t *testing.T) {
	x := given(t)
	a := x.must(campaign.Result{Outcome: campaign.Answered, Status: "send_mail"}).Actions
	require.Len(t, a, 1)
	assert.Equal(t, campaign.Action{ID: "c/r/c141/mail/hello", Kind: status.ActionMail, Campaign: "c", Record: "r", Contact: "p",
		Number: main, Status: "send_mail", Template: "hello", At: noon}, a[0])
	again := x.must(campaign.Correction{Call: 141, Status: "send_mail", Actor: supervisor}).Actions
	assert.Equal(t, a[0].ID, again[0].ID, "the store does not send it twice")
	other := x.must(campaign.Correction{Call: 141, Status: "send_sms", Actor: supervisor}).Actions
	assert.NotEqual(t, a[0].ID, other[0].ID)
	set := x.must(campaign.Set{Status: "send_sms", Actor: supervisor}).Actions
	assert.NotEqual(t, other[0].ID, set[0].ID, "another occasion")
}

func TestTextThatNoStoreKeepsIsRefused(t *testing.T) {
	for name, bad := range map[string]string{"not UTF-8": "\xff", "NUL": "a\x00b"} {
		t.Run(name, func(t *testing.T) {
			for _, e := range []campaign.Event{
				campaign.Result{Outcome: campaign.NoAnswer, AMD: bad}, campaign.Result{Outcome: campaign.NoAnswer, HangupBy: bad},
				campaign.Result{Outcome: campaign.NoAnswer, Note: bad}, campaign.Result{Outcome: campaign.NoAnswer, Actor: campaign.Actor{User: bad}},
				campaign.Result{Outcome: campaign.Answered, Status: "own_callback_after", Input: campaign.Input{Agent: campaign.AgentID(bad)}},
				campaign.Set{Status: "closed", Actor: supervisor, Operation: bad},
				campaign.Message{Channel: campaign.ChannelMail, Note: bad},
				campaign.Edit{Phones: []campaign.Phone{{Number: main, Label: bad}}},
			} {
				var field *campaign.FieldError
				require.ErrorAs(t, given(t).refused(e), &field)
			}
		})
	}
}

func FuzzInput(f *testing.F) {
	f.Add("2026-03-29", "02:30", "Europe/Warsaw", "ann")
	f.Add("0001-01-01", "00:00", "Pacific/Kiritimati", "")
	f.Add("9999-12-31", "23:59", "callee", "\xff")
	f.Add("2026-3-1", "9:5", "Local", "\x00")
	x := given(f)
	f.Fuzz(func(t *testing.T, date, hour, zone, agent string) {
		change, err := x.apply(campaign.Result{Outcome: campaign.Answered, Status: "own_callback_at",
			Input: campaign.Input{Date: date, Hour: hour, Zone: zone, Agent: campaign.AgentID(agent)}})
		if err != nil {
			assert.Equal(t, campaign.Change{}, change)
			return
		}
		r := change.Record
		local := r.DueInput
		loc, zoneErr := time.LoadLocation(local.Zone)
		require.NoError(t, zoneErr)
		assert.True(t, utf8.ValidString(string(r.Owner)))
		assert.False(t, r.Due.Before(noon))
		typed, parseErr := time.Parse("2006-01-02 15:04", local.Date+" "+local.Hour)
		require.NoError(t, parseErr)
		if r.Due.After(noon) {
			_, offset := r.Due.In(loc).Zone()
			wall := r.Due.Add(time.Duration(offset) * time.Second)
			assert.Less(t, wall.Sub(typed).Abs(), 25*time.Hour, "no further off than a clock is ever put")
		}
	})
}
