package sim_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// counting counts the claims that reach a store.
type counting struct {
	campaign.Store
	claims int
}

func (c *counting) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	c.claims++
	return c.Store.Claim(ctx, q, into)
}

// Each due record wakes all who wait, but only as many ask as there is news:
// the work of a simulation does not grow with the square of the idle agents.
func TestManyIdleAgentsDoNotAllAskForOneRecord(t *testing.T) {
	claims := func(agents int) (claims, calls int) {
		w := newWorld(t, nil, crowd(40)...)
		counted := &counting{Store: w.store}
		c, err := w.queue.Campaign("c")
		assert.NoError(t, err)
		w.queue, err = dialer.New(t.Context(), counted, dialer.Static(c), dialer.Config{Now: w.cfg.Clock.Now})
		assert.NoError(t, err)
		w.cfg.Queue, w.cfg.Agents = w.queue, nil
		for i := range agents {
			w.cfg.Agents = append(w.cfg.Agents, officeAgent(campaign.AgentID(fmt.Sprintf("agent%03d", i))))
		}
		r, _ := w.run(t, mixed)
		return counted.claims, r.Calls
	}
	few, calls := claims(50)
	many, _ := claims(200)
	assert.Greater(t, calls, 40)
	assert.Less(t, few, 10*calls, "claims with 50 agents, for %d calls", calls)
	assert.Less(t, many, 2*few, "claims with 200 agents, against 50")
}
