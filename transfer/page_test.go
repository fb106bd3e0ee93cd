package transfer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// The code of docs/transfer.md: it is shown there as it stands here, and run below.

func callAgain(ctx context.Context, bulk *transfer.Bulk, list string, by campaign.Actor, now time.Time) (transfer.Report, error) {
	request := transfer.Change{
		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Lists: []string{list}},
		Set:    campaign.Set{Status: "call_again", Actor: by, Operation: "call " + list + " again"},
	}
	plan, err := bulk.Plan(ctx, request, now)
	if err != nil || plan.Changed == 0 {
		return plan, err
	}
	return bulk.Run(ctx, request, now, transfer.Options{})
}

func reassign(ctx context.Context, bulk *transfer.Bulk, away, to campaign.AgentID, by campaign.Actor, now time.Time) (transfer.Report, error) {
	return bulk.Run(ctx, transfer.Change{
		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Owners: []campaign.AgentID{away}, Systems: []campaign.System{campaign.SystemMine}},
		Set: campaign.Set{Status: "my_record", KeepDue: true, Input: campaign.Input{Agent: to}, Actor: by,
			Operation: fmt.Sprintf("%s for %s, %s", to, away, now.Format(time.DateOnly))},
	}, now, transfer.Options{})
}

func reset(ctx context.Context, bulk *transfer.Bulk, list string, by campaign.Actor, now time.Time) (transfer.Report, error) {
	return bulk.Run(ctx, transfer.Change{
		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Lists: []string{list}},
		Set:    campaign.Set{Qualifier: status.Unused, Actor: by, Operation: "reset " + list},
	}, now, transfer.Options{})
}

func runWithLog(ctx context.Context, bulk *transfer.Bulk, r transfer.Request, now time.Time, file io.Writer) (transfer.Report, error) {
	lines := json.NewEncoder(file)
	return bulk.Run(ctx, r, now, transfer.Options{Log: func(befores []transfer.Before) error {
		for i := range befores {
			if err := lines.Encode(befores[i]); err != nil {
				return err
			}
		}
		return nil
	}})
}

func undo(ctx context.Context, bulk *transfer.Bulk, operation string, file io.Reader, by campaign.Actor, now time.Time) (transfer.Report, error) {
	lines := json.NewDecoder(file)
	return bulk.Run(ctx, transfer.Undo{
		Undoes: operation, Actor: by, Operation: "undo of " + operation,
		Log: func(yield func(transfer.Before, error) bool) {
			for {
				var b transfer.Before
				err := lines.Decode(&b)
				if err == io.EOF || !yield(b, err) || err != nil {
					return
				}
			}
		},
	}, now, transfer.Options{})
}

func TestThePageShowsTheCodeThatIsRunHere(t *testing.T) {
	page, err := os.ReadFile("../docs/transfer.md")
	require.NoError(t, err)
	code, err := os.ReadFile("page_test.go")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(page, -1)
	require.Len(t, blocks, 4)
	for _, b := range blocks {
		assert.Contains(t, string(code), string(b[1]), "docs/transfer.md shows other code than this file has")
	}
	for _, reason := range transfer.Reasons() {
		assert.Contains(t, string(page), "\n| "+string(reason)+" | ")
	}
	assert.Equal(t, len(transfer.Reasons()), strings.Count(string(page[bytes.Index(page, []byte("| Reason |")):]), "\n| "), "reasons that there are not")
}

func TestTheCodeOfThePage(t *testing.T) {
	own := []status.Status{
		{ID: "call_again", Title: "Call again", Qualifier: status.Redial},
		{ID: "my_record", Title: "My record", Qualifier: status.OwnCallbackAt},
	}
	compiled, _, err := campaign.Compile(campaign.Config{ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Own: own}, nil, nil)
	require.NoError(t, err)
	store := memstore.New()
	b, err := transfer.New(store, func(context.Context) ([]*campaign.Campaign, error) { return []*campaign.Campaign{compiled}, nil })
	require.NoError(t, err)
	for i, list := range []string{"may", "may", "june", "june"} {
		r := campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", i)), List: list, Phones: []campaign.Phone{{Number: blacklist.Number(48600000000 + i)}}}
		if i > 0 {
			r.Status, r.Owner, r.Due = "my_record", "ann", now.Add(time.Duration(i)*time.Hour)
		}
		change, err := compiled.Admit(r, sue, now)
		require.NoError(t, err)
		errs, err := store.Commit(ctx, change)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	records := func() (all []string) {
		for f, err := range store.Find(ctx, campaign.Filter{At: now}, campaign.Need{NoCalls: true}) {
			require.NoError(t, err)
			r := f.Record
			all = append(all, fmt.Sprintf("%s %s %s %d", r.Status, r.Qualifier, r.Owner, max(0, r.Due.Sub(now)/time.Hour)))
		}
		return all
	}
	report, err := callAgain(ctx, b, "may", sue, now)
	require.NoError(t, err)
	assert.Equal(t, `changed 2 records of campaign "spring", any status, to status "call_again"`, report.String())
	report, err = callAgain(ctx, b, "none", sue, now)
	require.NoError(t, err)
	assert.True(t, report.Dry)
	_, err = reassign(ctx, b, "ann", "bob", sue, now)
	require.NoError(t, err)
	assert.Equal(t, []string{"call_again redial  0", "call_again redial  0", "my_record own_callback_at bob 2", "my_record own_callback_at bob 3"}, records())

	before := records()
	var file bytes.Buffer
	_, err = runWithLog(ctx, b, transfer.Change{Filter: spring, Set: set("call_again")}, now, &file)
	require.NoError(t, err)
	require.NotEqual(t, before, records())
	report, err = undo(ctx, b, "op", &file, sue, now)
	require.NoError(t, err)
	assert.Equal(t, "restored 4 records", report.String())
	assert.Equal(t, before, records())

	_, err = reset(ctx, b, "june", sue, now)
	require.NoError(t, err)
	assert.Equal(t, []string{"call_again redial  0", "call_again redial  0", " unused  0", " unused  0"}, records())
}
