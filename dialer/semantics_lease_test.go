package dialer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// A host that never asks for the next call is not stuck with leases that ran
// out: whoever wants the record settles them, by the path of every ask.
func TestALeaseThatHasRunOutIsSettledByWhoeverWantsTheRecord(t *testing.T) {
	take := func(in campaign.ID, id string) func(h *house) error {
		return func(h *house) error {
			_, err := h.q.Take(ctx, dialer.Taking{Ref: ref(in, id), Actor: campaign.Actor{Agent: "bob"}})
			return err
		}
	}
	for name, want := range map[string]func(h *house) error{
		"taken": take("sales", "a"),
		"another record with its number, of another campaign, taken": take("other", "b"),
		"its person calls in": func(h *house) error {
			in, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "bob"})
			assert.NotZero(h.t, in.Token)
			assert.Len(h.t, in.Records, 2)
			for _, r := range in.Records {
				assert.False(h.t, r.Leased)
			}
			return err
		},
		"its person calls in, to another campaign": func(h *house) error {
			in, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "bob", Campaigns: []campaign.ID{"other"}})
			assert.NotZero(h.t, in.Token)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, conf("sales"), conf("other"))
			h.add(record("sales", "a", 1), record("other", "b", 1))
			call, err := h.q.Take(ctx, dialer.Taking{Ref: ref("sales", "a"), Actor: campaign.Actor{Agent: "ann"}, Start: true})
			require.NoError(t, err)
			h.at(in(2*time.Minute - time.Microsecond))
			if !strings.Contains(name, "calls in") {
				as[*campaign.LeasedError](t, want(h))
			}
			h.at(in(2 * time.Minute))
			require.NoError(t, want(h))
			log := h.calls("sales", "a")
			require.Len(t, log, 1)
			assert.Equal(t, call.Token, log[0].Token)
			assert.Equal(t, campaign.Unknown, log[0].Outcome)
			assert.Equal(t, 1, h.record("sales", "a").Attempts.Total, "it counted as an attempt")
		})
	}
}

func TestATakeThatIsRefusedSettlesNothing(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	h.one(engine)
	h.wait(30 * time.Second)
	h.list(1, time.Time{})
	before := h.explain("sales", "a", campaign.Asker{Kind: campaign.Taking})
	_, err := h.q.Take(ctx, taking("sales", "a"))
	assert.Equal(t, before.Blockers, as[*dialer.BlockedError](t, err).Blockers, "Explain says the same")
	assert.Equal(t, []campaign.Reason{campaign.ReasonBlacklisted}, reasons(before.Blockers), "what has run out blocks nobody")
	assert.Equal(t, before, h.explain("sales", "a", campaign.Asker{Kind: campaign.Taking}))
}

func TestATakeNoticesAPauseWhileItSettles(t *testing.T) {
	h := open(t, conf("sales"), conf("other"))
	h.add(record("sales", "a", 1), record("other", "b", 1))
	h.one(dialer.Ask{Campaigns: []campaign.ID{"other"}})
	h.wait(30 * time.Second)
	h.configure("other", paused)
	h.queue(dialer.Config{}) // another process knows already
	_, err := h.q.Take(ctx, taking("sales", "a"))
	require.NoError(t, err)
	assert.Equal(t, 1, h.record("other", "b").Skips, "the offer that ran out is a skip, paused or not")
}

func TestACallerIsGivenNobodyElsesToken(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	call := h.one(dialer.Ask{Agent: "ann", Start: true})
	in, err := h.q.Inbound(ctx, dialer.Caller{Number: number(1), Agent: "bob"})
	require.NoError(t, err)
	require.Len(t, in.Records, 1)
	require.True(t, in.Records[0].Leased)
	assert.Zero(t, in.Records[0].Token)
	_, err = h.q.Report(ctx, in.Records[0].Ref, chosen("no"))
	as[*dialer.LeaseLostError](t, err)
	h.report(call, chosen("call"))
	assert.Equal(t, status.Redial, h.record("sales", "a").Qualifier, "ann's call is hers to report")
}

// A call that is started with no number named dials the one proposed, or
// another that may be dialled if only that one may not; the answer says which.
func TestAStartGoesToAnotherNumberWhenTheProposedOneIsBlockedMeanwhile(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(several("sales", "a", 1, 2))
	call := h.one(agent("ann"))
	require.Equal(t, number(1), call.Number.Number)
	require.NoError(t, h.q.List(ctx, blacklist.Entry{Number: number(1), List: blacklist.Global}))
	call, err := h.q.Start(ctx, call.Ref, 0)
	require.NoError(t, err)
	assert.Equal(t, number(2), call.Number.Number)
	assert.Equal(t, number(2), call.Lease.Number)
	h.report(call, campaign.Result{Outcome: campaign.NoAnswer})
	assert.Equal(t, number(2), h.calls("sales", "a")[0].Number)
}

// rows: K3, N6
func TestACaseThatAPersonMakesIsHeldToItsStatus(t *testing.T) {
	h := open(t, conf("sales", func(c *campaign.Config) {
		c.RecordTypes = []campaign.RecordType{{Name: "person", Fields: []campaign.Field{{Name: "city", Required: true}}}}
	}))
	r := record("sales", "a", 1, func(r *campaign.Record) { r.Source, r.Type, r.Status = campaign.ChannelAgent, "person", "form" })
	add := func(actor campaign.Actor, r campaign.Record) error {
		added, err := h.q.Add(ctx, dialer.Adding{Actor: actor, Records: []campaign.Record{r}})
		require.NoError(t, err)
		return added[0].Err
	}
	assert.Equal(t, []string{"city"}, as[*campaign.RequiredError](t, add(ann, r)).Fields)
	r.Fields = campaign.Fields{"city": "Brno"}
	require.NoError(t, add(ann, r))
	r = record("sales", "b", 2, func(r *campaign.Record) { r.Type, r.Status = "person", "form" })
	require.NoError(t, add(campaign.Actor{}, r), "an import by the engine is not bound")
}
