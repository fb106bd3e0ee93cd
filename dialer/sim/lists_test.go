package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/dialer/sim"
)

// Three agents call a campaign of three batches for a week, in two zones, with
// retries and callbacks between: fresh records go by the batches' weights from the
// first call on, one batch is over on Tuesday evening, and one is off.
func TestBatchesAreCalledByTheirWeights(t *testing.T) {
	var records []campaign.Record
	for i, list := range []string{"big", "mid", "short", "off"} {
		for n := range 2000 {
			zone := []string{"Europe/Warsaw", "Europe/Lisbon"}[n%2]
			records = append(records, campaign.Record{ID: campaign.RecordID(fmt.Sprint(list, n)), List: list,
				Phones: phone(blacklist.Number(48600000000+10_000*i+n), zone)})
		}
	}
	w := newWorld(t, func(c *campaign.Config) {
		c.Lists = []campaign.List{{Name: "big", Weight: 5}, {Name: "mid", Weight: 3}, {Name: "short", Weight: 2, Until: "2026-11-17"}, {Name: "off", Off: true, Weight: 90}}
	}, records...)
	w.cfg.Agents = append(w.cfg.Agents, officeAgent("bob"), officeAgent("cid"))
	tuesday := monday.Add(48 * time.Hour)
	early, late := map[string]int{}, map[string]int{}
	w.cfg.Trace = func(e sim.Event) {
		if e.Kind != sim.KindStarted {
			return
		}
		list := e.Call.Record.List
		require.NotEqual(t, "off", list)
		if !e.At.Before(tuesday) {
			require.NotEqual(t, "short", list, "%s", e)
		}
		if e.Call.Tier != dialer.TierFresh {
			return
		}
		if e.At.Before(tuesday) {
			early[list]++
			n := early["big"] + early["mid"] + early["short"]
			for list, weight := range map[string]int{"big": 5, "mid": 3, "short": 2} {
				require.InDelta(t, float64(n*weight)/10, early[list], 2, "%s of %d: %s", list, n, e)
			}
			return
		}
		late[list]++
		n := late["big"] + late["mid"]
		require.InDelta(t, float64(n)*5/8, late["big"], 2, "big of %d: %s", n, e)
	}
	w.run(t, mixed)
	assert.Greater(t, early["big"], 100)
	assert.Greater(t, late["big"], 100)
	t.Logf("until Tuesday %v, then %v", early, late)
}
