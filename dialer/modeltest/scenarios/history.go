package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// Whatever changes a record writes who did it, when, and by which operation; and
// all of it can be read again in its order, whichever store keeps it.
func scenario23TheHistoryOfARecord(t *testing.T, fresh opener) {
	cfg := office("c", "always")
	cfg.Callbacks.Release = campaign.Delay(time.Hour)
	d := sit(t, fresh, "2026-10-26 12:00", cfg)
	if _, ok := d.store.(campaign.HistoryStore); !ok {
		_, err := d.History(ctx, campaign.Ref{Campaign: "c", Record: "eve"})
		want.ErrorIs(t, err, dialer.ErrNoHistory)
		return
	}
	boss := campaign.Actor{User: "boss", Agent: "ann"}
	ref := campaign.Ref{Campaign: "c", Record: "eve"}
	var wanted []string
	// then notes what a step is to have written, at its instant.
	then := func(author, why, operation, from, to, note string) {
		t.Helper()
		wanted = append(wanted, fmt.Sprintf("%s %s: %s %q %q>%q %q", d.clock.In(warsaw).Format("15:04"), author, why, operation, from, to, note))
		d.later(10 * time.Minute)
	}
	_, err := d.Add(ctx, dialer.Adding{Actor: campaign.Actor{User: "import"}, Records: []campaign.Record{
		{ID: "eve", Campaign: "c", Operation: "import-7", Phones: []campaign.Phone{{Number: num("+48600100200")}}}}})
	want.NoError(t, err)
	then("import", "added", "import-7", "", "", "")

	_, err = d.Set(ctx, ref, campaign.Set{Status: "again", Actor: boss, Operation: "bulk-3", Note: "once more"})
	want.NoError(t, err)
	then("boss", "status chosen", "bulk-3", "", "again", "once more")

	order := uint16(7)
	_, err = d.Edit(ctx, ref, campaign.Edit{Order: &order, Actor: boss, Operation: "edit-4", Note: "sooner"})
	want.NoError(t, err)
	then("boss", "edited", "edit-4", "again", "again", "sooner")

	_, err = d.Message(ctx, ref, campaign.Message{Channel: campaign.ChannelSMS, Note: "she wrote"})
	want.NoError(t, err)
	then("engine", "message arrived", "", "again", "again", "she wrote")

	offer := func() dialer.Call {
		t.Helper()
		sel, err := d.Next(ctx, dialer.Ask{Agent: "ann"})
		want.NoError(t, err)
		want.Len(t, sel.Calls, 1)
		return sel.Calls[0]
	}
	_, err = d.Skip(ctx, offer().Ref, campaign.Actor{})
	want.NoError(t, err)
	then("ann", "skipped", "", "again", "again", "")

	offer() // nobody takes it
	d.later(10 * time.Minute)
	want.Equal(t, 1, d.ask("ann", 1).Settled)
	then("engine", "lease expired", "", "again", "again", "")

	call := d.dial("eve")
	d.say(call, campaign.Result{Outcome: campaign.NoAnswer, Note: "kept beside the record"})
	then("engine", "no_answer fallback of the outcome", "", "again", "again", "")

	d.later(time.Hour)
	call = d.dial("eve")
	d.say(call, campaign.Result{Outcome: campaign.Answered, Status: "cb", Input: campaign.Input{At: d.clock.Add(time.Hour)}})
	then("ann", "answered status chosen", "", "again", "cb", "")

	_, err = d.Correct(ctx, call.Ref, campaign.Correction{Status: "again", Actor: boss, Note: "no, she said"})
	want.NoError(t, err)
	then("boss", "corrected", "", "cb", "again", "no, she said")

	d.later(24 * time.Hour)
	lost := d.dial("eve") // and the line is cut
	d.later(time.Hour)
	want.Equal(t, 1, d.ask("ann", 1).Settled)
	then("engine", "unknown lease expired, fallback of the outcome", "", "again", "again", "")
	read := func() {
		t.Helper()
		lines, err := d.History(ctx, ref)
		want.NoError(t, err)
		var got []string
		for i, l := range lines {
			var why []string
			for _, w := range l.Why {
				why = append(why, string(w))
			}
			text := strings.Join(why, ", ")
			if l.Call != nil {
				text = l.Call.Outcome.String() + " " + text
				want.Equal(t, l.Call.Token, l.Token)
			}
			got = append(got, fmt.Sprintf("%s %s: %s %q %q>%q %q", l.At.In(warsaw).Format("15:04"), l.Author, text, l.Operation, l.From, l.To, l.Note))
			want.True(t, i == 0 || !l.At.Before(lines[i-1].At))
		}
		want.Equal(t, strings.Join(wanted, "\n"), strings.Join(got, "\n"))
		want.Equal(t, call.Token, lines[8].Token, "the correction names its call")
	}
	read()

	// The truth comes in after all: it stands where the unknown stood.
	_, err = d.Report(ctx, lost.Ref, campaign.Result{Outcome: campaign.Answered, Status: "dnc"})
	want.NoError(t, err)
	wanted = wanted[:len(wanted)-1]
	then("ann", "answered status chosen", "", "again", "dnc", "")
	read()

	_, err = d.History(ctx, campaign.Ref{Campaign: "c", Record: "nobody"})
	want.True(t, errors.Is(err, campaign.ErrNotFound), "%v", err)
}
