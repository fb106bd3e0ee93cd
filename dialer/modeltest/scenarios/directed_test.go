package scenarios

import (
	"archive/zip"
	"context"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// Invariants that no single step shows.

// everyZone are the names of all zones that Go comes with.
func everyZone(t *testing.T) []string {
	t.Helper()
	archive, err := zip.OpenReader(filepath.Join(build.Default.GOROOT, "lib", "time", "zoneinfo.zip"))
	if os.IsNotExist(err) {
		t.Skip("this Go comes without its zones")
	}
	require.NoError(t, err)
	defer archive.Close()
	var names []string
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" {
			names = append(names, f.Name)
		}
	}
	require.Greater(t, len(names), 400)
	return names
}

func TestInvariant13TheEffectiveConfigurationIsListedWithOrigins(t *testing.T) {
	onEveryStore(t, invariant13TheEffectiveConfigurationIsListedWithOrigins)
}

func invariant13TheEffectiveConfigurationIsListedWithOrigins(t *testing.T, fresh opener) {
	cfg := office("c", weekOnly)
	cfg.Limits.Attempts = 4
	cfg.Retry.Delays = map[campaign.Outcome]campaign.Delay{campaign.LineBusy: campaign.Delay(7 * time.Minute)}
	c := compile(t, cfg)
	got := map[string]campaign.Setting{}
	for _, s := range c.Settings() {
		require.NotContains(t, got, s.Path)
		require.NotEmpty(t, s.Origin, s.Path)
		got[s.Path] = s
	}
	require.Equal(t, campaign.Setting{Path: "limits.attempts", Value: "4", Origin: campaign.OriginSet}, got["limits.attempts"])
	require.Equal(t, "7m0s", got[`retry.delays["busy"]`].Value)
	require.Equal(t, campaign.OriginSet, got[`retry.delays["busy"]`].Origin)
	require.Equal(t, campaign.OriginDefault, got[`retry.delays["no_answer"]`].Origin)
	require.Equal(t, "1h0m0s", got[`retry.delays["no_answer"]`].Value)
	require.Equal(t, campaign.OriginDefault, got["callbacks.tries"].Origin)

	// What is listed is what is in force: every delay and every fallback decides
	// a call with its outcome as the list says.
	for o := campaign.Answered; int(o) < campaign.NumOutcomes; o++ {
		d := sit(t, fresh, "2026-10-26 10:00", cfg)
		d.add("c", "r", "+48600100200", "+48600100201")
		answer := d.end(d.dial("r"), o)
		fallback := got[fmt.Sprintf("retry.fallback[%q]", o)].Value
		if fallback != "" && fallback != status.None.String() {
			require.Equal(t, fallback, answer.Qualifier.String(), o)
		}
		if answer.Standing == status.StandingQueued && o != campaign.Barred { // refused by the switch: nothing changes
			delay, err := time.ParseDuration(got[fmt.Sprintf("retry.delays[%q]", o)].Value)
			require.NoError(t, err)
			require.Equal(t, d.clock.Add(delay), answer.Due, o)
		}
	}
}

func TestInvariant14ACampaignThatCanRedialForEverIsReported(t *testing.T) {
	dict, err := status.New(storyStatuses...)
	require.NoError(t, err)
	warned := func(cfg campaign.Config) bool {
		_, warnings, err := campaign.Compile(cfg, dict, nil)
		require.NoError(t, err)
		for _, w := range warnings {
			if strings.HasPrefix(w.Path, "limits") {
				return true
			}
		}
		return false
	}
	cfg := office("c", weekOnly)
	require.True(t, warned(cfg))
	cfg.Limits.Attempts = 3
	require.False(t, warned(cfg))
}

// counting counts what a store is asked and what it brings.
type counting struct {
	campaign.Store
	claims, commits, facts int
}

func (s *counting) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	err := s.Store.Claim(ctx, q, into)
	s.claims++
	s.facts += len(into.Leased) + len(into.Expired)
	return err
}

func (s *counting) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	s.commits++
	return s.Store.Commit(ctx, changes...)
}

func TestInvariant23FinishedAndFutureRecordsCostASelectionNothing(t *testing.T) {
	onEveryStore(t, invariant23FinishedAndFutureRecordsCostASelectionNothing)
}

func invariant23FinishedAndFutureRecordsCostASelectionNothing(t *testing.T, fresh opener) {
	type cost struct{ claims, commits, facts int }
	measure := func(n int) (cost, float64) {
		store := &counting{Store: fresh()}
		cfg := office("c", "always")
		cfg.Limits.Attempts = 3
		d := sitOn(t, store, "2026-10-26 12:00", cfg)
		actor := campaign.Actor{User: "ann", Agent: "ann"}
		for i := range n {
			ref := d.add("c", campaign.RecordID(fmt.Sprint("r", i)), fmt.Sprintf("+4860%07d", i))
			set := campaign.Set{Status: "dnc", Actor: actor, Blacklist: campaign.WhichNone}
			if i%2 == 0 {
				set = campaign.Set{Status: "cb", Actor: actor, Input: campaign.Input{At: d.clock.Add(24 * time.Hour)}}
			}
			_, err := d.Set(ctx, ref, set)
			require.NoError(t, err)
		}
		for i := range 20 {
			d.add("c", campaign.RecordID(fmt.Sprint("due", i)), fmt.Sprintf("+4861%07d", i))
		}
		once := func() {
			sel, err := d.Next(ctx, dialer.Ask{Agent: "ann", Limit: 5})
			require.NoError(t, err)
			require.Len(t, sel.Calls, 5)
			for _, c := range sel.Calls {
				require.NoError(t, d.Release(ctx, c.Ref))
			}
		}
		once()
		*store = counting{Store: store.Store}
		allocs := testing.AllocsPerRun(20, once)
		return cost{store.claims, store.commits, store.facts}, allocs
	}
	few, fewAllocs := measure(100)
	many, manyAllocs := measure(4000)
	require.Equal(t, few, many)
	if !raced { // the race detector empties pools at random
		require.InDelta(t, fewAllocs, manyAllocs, 3+fewAllocs/10)
	}
}
