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
)

const (
	first  = blacklist.Number(48600100200) // in Warsaw
	second = blacklist.Number(12125550100) // in New York
)

// abroad is an office with a record that has a number in Warsaw and one in New
// York, and a dial condition.
func abroad(t testing.TB, condition string) *office {
	o := newOffice(t, func(c *campaign.Config) { c.Condition = condition })
	_, err := o.q.Edit(context.Background(), o.ref(), campaign.Edit{Actor: ann, Phones: []campaign.Phone{
		{Number: first, Zones: []string{"Europe/Warsaw"}}, {Number: second, Zones: []string{"America/New_York"}},
	}})
	require.NoError(t, err)
	return o
}

func (o *office) explain(asker campaign.Asker) []string {
	o.t.Helper()
	e, err := o.q.Explain(context.Background(), o.ref(), asker)
	require.NoError(o.t, err)
	var lines []string
	for _, b := range e.Blockers {
		lines = append(lines, b.String())
	}
	return lines
}

// It is ten in Warsaw and four in New York: whichever way somebody comes to dial
// a number, the condition is asked about that number.
func TestTheDialConditionIsAskedAboutTheNumberThatIsDialled(t *testing.T) {
	ctx := context.Background()
	const text = `time_between("08:00", "21:00")`
	early := `+12125550100 dial condition: time_between("08:00", "21:00") is false: local(now) is Mon 2026-03-02 04:00 -05:00 America/New_York`

	// The agent picks the other number.
	o := abroad(t, text)
	s, err := o.q.Next(ctx, dialer.Ask{Agent: "ann"})
	require.NoError(t, err)
	require.Len(t, s.Calls, 1)
	require.Equal(t, first, s.Calls[0].Number.Number)
	_, err = o.q.Start(ctx, s.Calls[0].Ref, second)
	var blocked *dialer.BlockedError
	require.ErrorAs(t, err, &blocked)
	assert.Equal(t, campaign.ReasonCondition, blocked.Blockers[0].Reason)
	call, err := o.q.Start(ctx, s.Calls[0].Ref, 0)
	require.NoError(t, err, "the number that was proposed can still be dialled")
	assert.Equal(t, first, call.Number.Number)

	// The record is taken with the other number, and somebody asks why not.
	o = abroad(t, text)
	_, err = o.q.Take(ctx, dialer.Taking{Ref: o.ref(), Actor: ann, Number: second})
	require.ErrorAs(t, err, &blocked)
	assert.Equal(t, []string{early}, o.explain(campaign.Asker{Kind: campaign.Taking, Agent: "ann", Number: second}))
	assert.Empty(t, o.explain(campaign.Asker{Agent: "ann"}))

	// The first number is blacklisted, so the second is next in its place.
	require.NoError(t, o.q.List(ctx, blacklist.Entry{List: blacklist.Global, Number: first}))
	s, err = o.q.Next(ctx, dialer.Ask{Agent: "ann"})
	require.NoError(t, err)
	assert.Empty(t, s.Calls)
	assert.Equal(t, []string{`+48600100200 blacklisted: list global`, early}, o.explain(campaign.Asker{Agent: "ann"}))
	o.now = o.now.Add(6 * time.Hour)
	s, err = o.q.Next(ctx, dialer.Ask{Agent: "ann"})
	require.NoError(t, err)
	require.Len(t, s.Calls, 1, "%v", s.Skipped)
	assert.Equal(t, second, s.Calls[0].Number.Number)
}

// A number that the condition excludes is no reason not to dial the one that
// somebody names.
func TestANumberThatIsNamedIsJudgedByItself(t *testing.T) {
	ctx := context.Background()
	o := abroad(t, `phone.index == 2`)
	assert.Equal(t, []string{`dial condition: phone.index == 2 is false: phone.index is 1`}, o.explain(campaign.Asker{Agent: "ann"}))
	call, err := o.q.Take(ctx, dialer.Taking{Ref: o.ref(), Actor: ann, Number: second, Start: true})
	require.NoError(t, err)
	assert.Equal(t, second, call.Number.Number)
	o.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	o.now = o.now.Add(24 * time.Hour)
	_, err = o.q.Take(ctx, dialer.Taking{Ref: o.ref(), Actor: ann, Number: first, Start: true})
	require.Error(t, err)
	assert.Len(t, o.explain(campaign.Asker{Agent: "ann", Number: 48999999999}), 2, "a number that the record does not have")
}
