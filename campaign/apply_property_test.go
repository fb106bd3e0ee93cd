package campaign_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// deep is everything that v holds, as text.
func deep(t require.TestingT, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

var outcomes = func() (all []campaign.Outcome) {
	for o := campaign.Answered; int(o) < campaign.NumOutcomes; o++ {
		all = append(all, o)
	}
	return all
}()

func drawInput(t *rapid.T) campaign.Input {
	return rapid.SampledFrom([]campaign.Input{
		{}, {}, tomorrow(), {At: noon.Add(time.Hour)}, {Agent: bob}, {Date: "2026-03-03", Hour: "09:30", Agent: bob}, {At: noon.Add(-time.Hour), Agent: ann},
	}).Draw(t, "input")
}

func drawStatus(t *rapid.T) status.ID {
	ids := []status.ID{"", "", "", "", "nowhere"}
	for _, s := range house() {
		ids = append(ids, s.ID)
	}
	return rapid.SampledFrom(ids).Draw(t, "status")
}

func drawEvent(t *rapid.T, x *fixture) campaign.Event {
	note := rapid.SampledFrom([]string{"", "", "busy man", "a\x00b"}).Draw(t, "note")
	switch rapid.IntRange(0, 13).Draw(t, "event") {
	case 0:
		return campaign.Set{Status: drawStatus(t), Input: drawInput(t), Actor: supervisor, KeepDue: rapid.Bool().Draw(t, "keep"), Note: note,
			Blacklist: rapid.SampledFrom([]campaign.Which{"", campaign.WhichNone, campaign.WhichAll, campaign.WhichLast}).Draw(t, "which")}
	case 1:
		return campaign.Set{Qualifier: status.Unused, Actor: supervisor}
	case 2:
		token := campaign.Token(0)
		if x.f.Call != nil {
			token = x.f.Call.Token
		}
		return campaign.Correction{Call: token, Status: drawStatus(t), Input: drawInput(t), Actor: supervisor}
	case 3:
		return campaign.Skip{}
	case 4:
		return campaign.Expiry{}
	case 5:
		return campaign.Message{Channel: campaign.ChannelMail, Note: note}
	case 6:
		phones := append([]campaign.Phone(nil), x.f.Record.Phones...)
		if len(phones) > 0 && rapid.Bool().Draw(t, "drop phone") {
			phones = phones[1:]
		} else if x.f.Record.Phone(third) < 0 {
			phones = append(phones, campaign.Phone{Number: third, Zones: []string{"Asia/Tokyo"}})
		}
		return campaign.Edit{Phones: phones, Fields: campaign.Fields{"city": "Brno", "age": int64(1)}}
	}
	return campaign.Result{Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"), Rang: rapid.Bool().Draw(t, "rang"),
		Status: drawStatus(t), Input: drawInput(t), Note: note, Ring: time.Duration(rapid.IntRange(-1, 30).Draw(t, "ring")) * time.Second,
		Fields: rapid.SampledFrom([]campaign.Fields{nil, nil, {"city": "Opole"}, {"city": nil}, {"nothing": 1}}).Draw(t, "fields")}
}

// holdsTogether checks what is true of every record at every time.
func holdsTogether(t *rapid.T, x *fixture, change campaign.Change) {
	r := change.Record
	queued := r.Standing == status.StandingQueued
	require.Contains(t, []status.Standing{status.StandingQueued, status.StandingHeld, status.StandingClosed}, r.Standing)
	require.Equal(t, queued, r.Lane != status.LaneNone, "waits in a lane if and only if it is queued")
	require.NotEqual(t, status.LaneKeep, r.Lane)
	require.True(t, r.Next == 0 || r.Next < len(r.Phones))
	require.Zero(t, r.Due.Nanosecond()%1000)
	require.False(t, r.Agreed && !queued, "a promise is kept or over")
	require.False(t, r.Lane == status.LaneOwn && r.Owner == "", "an own callback has an owner")
	if r.NeedsAgent && queued {
		require.Contains(t, []status.Lane{status.LaneOwn, status.LaneProgressive}, r.Lane)
	}
	if r.Class != "" {
		require.Equal(t, x.c.ClassOf(r.Phones[r.Next]), r.Class)
		require.Empty(t, r.Phones[r.Next].Out)
	}
	require.GreaterOrEqual(t, r.Attempts.Total, r.Attempts.SinceReset)
	require.Equal(t, r.Qualifier, change.Answer.Qualifier)
	require.Equal(t, r.Version, x.f.Record.Version, "only the store counts versions")
	switch {
	case change.Call == nil:
		require.NotNil(t, change.Entry, "everything but a result leaves a line")
	case change.Entry == nil: // a correction leaves the log's answer as the report got it
		require.Equal(t, change.Answer, change.Call.Answer)
	}
}

func TestAnyOrderOfEventsHoldsTogether(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(0, 6).Draw(rt, "limit")
		x := given(t, func(c *campaign.Config) {
			c.Mode = rapid.SampledFrom([]campaign.Mode{campaign.Preview, campaign.Predictive}).Draw(rt, "mode")
			c.Limits.Attempts = limit
			c.Limits.NumberAttempts = rapid.IntRange(0, 4).Draw(rt, "number limit")
			c.Skips.Max = rapid.IntRange(0, 2).Draw(rt, "skips")
			c.Retry.IntoHours = rapid.Bool().Draw(rt, "into hours")
		})
		holds := rapid.SampledFrom([]status.ID{"", "auto1", "auto2", "auto3"}).Draw(rt, "rule")
		x.rules = func(id status.ID, _ *campaign.Facts, _ *campaign.Call) (bool, error) { return id == holds, nil }
		x.f.Record.Attempts, x.f.Record.Phones[0].Attempts = campaign.Counters{}, 0
		x.idle()
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			x.now = x.now.Add(time.Duration(rapid.IntRange(0, 300).Draw(rt, "minutes")) * time.Minute)
			r := &x.f.Record
			callable := r.Standing == status.StandingQueued && !x.now.Before(r.Due) && r.Class != "" && (limit == 0 || r.Attempts.SinceReset < limit)
			if callable && rapid.IntRange(0, 3).Draw(rt, "lease") > 0 {
				call := x.f.Call
				x.lease().f.Lease.Phase = rapid.SampledFrom([]campaign.Phase{campaign.Offered, campaign.Dialed, campaign.Dialed, campaign.Talking}).Draw(rt, "phase")
				if rapid.Bool().Draw(rt, "old call") {
					x.f.Call = call
				}
			}
			e := drawEvent(rt, x)
			before := deep(rt, x.f)
			change, err := x.apply(e)
			require.Equal(rt, before, deep(rt, x.f), "the facts are never changed")
			again, againErr := x.apply(e)
			require.Equal(rt, fmt.Sprint(err), fmt.Sprint(againErr))
			require.Equal(rt, deep(rt, change), deep(rt, again), "the same arguments give the same change")
			if err != nil {
				require.True(rt, reflect.DeepEqual(campaign.Change{}, change))
				continue
			}
			if change.Record != nil {
				holdsTogether(rt, x, change)
				if limit > 0 {
					require.LessOrEqual(rt, change.Record.Attempts.SinceReset, limit, "a limit is at most n")
				}
				x.commit(change)
			} else {
				x.idle()
			}
		}
	})
}

// The cap holds whatever the order of outcomes, and what is counted does not
// depend on it.
func TestTheOrderOfOutcomesIsIrrelevantToTheCap(t *testing.T) {
	counted := []campaign.Outcome{campaign.LineBusy, campaign.NoAnswer, campaign.Voicemail, campaign.Rejected, campaign.Drop, campaign.Unknown}
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(rapid.SampledFrom(counted), 5, 5).Draw(rt, "outcomes")
		m := rapid.SampledFrom([]campaign.Mode{campaign.Preview, campaign.Predictive}).Draw(rt, "mode")
		end := func(order []campaign.Outcome) campaign.Record {
			x := given(t, mode(m), func(c *campaign.Config) { c.Limits.Attempts = 5 })
			x.f.Record.Attempts = campaign.Counters{}
			for i, o := range order {
				r := x.call(o).Record
				require.Equal(rt, i == 4, r.Qualifier == status.Exhausted, "at most five, and not fewer")
			}
			return x.f.Record
		}
		one, other := end(list), end(rapid.Permutation(list).Draw(rt, "order"))
		require.Equal(rt, one.Attempts.ByOutcome, other.Attempts.ByOutcome)
		require.Equal(rt, one.Attempts.Total, other.Attempts.Total)
		require.Equal(rt, one.Attempts.Unanswered, other.Attempts.Unanswered)
	})
}

func BenchmarkApply(b *testing.B) {
	x := given(b)
	for name, e := range map[string]campaign.Event{
		"no answer": campaign.Result{Outcome: campaign.NoAnswer},
		"chosen":    campaign.Result{Outcome: campaign.Answered, Status: "callback_after"},
		"set":       campaign.Set{Status: "closed", Actor: supervisor},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := x.apply(e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
