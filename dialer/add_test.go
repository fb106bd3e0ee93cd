package dialer_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

func TestGoodRecordsAreNotLostBecauseOthersAreBad(t *testing.T) {
	h := open(t, conf("sales"), conf("other"))
	h.list(7, in(time.Hour))
	records := []campaign.Record{
		record("sales", "good", 1),
		record("sales", "good", 2),      // the id again, in the same import
		record("sales", "same", 1),      // the number again
		record("other", "elsewhere", 1), // the number in another campaign
		record("nowhere", "lost", 3),
		{Campaign: "sales", Phones: phones(4)},                                   // no id
		{ID: "short", Campaign: "sales", Phones: []campaign.Phone{{Number: 12}}}, // no number
		{ID: "zone", Campaign: "sales", Phones: []campaign.Phone{{Number: number(5), Zones: []string{"Mars/Olympus"}}}},
		record("sales", "text\xff", 6),
		record("sales", "listed", 7),
		several("sales", "half", 7, 8), // one number is free
		record("sales", "fine", 9),
	}
	added, err := h.q.Add(ctx, dialer.Adding{Records: records, Actor: boss})
	require.NoError(t, err)
	require.Len(t, added, len(records))
	good := map[int]bool{0: true, 3: true, 10: true, 11: true}
	for i, a := range added {
		assert.Equal(t, records[i].ID, a.Ref.Record)
		if good[i] {
			assert.NoError(t, a.Err, i)
		} else {
			assert.Error(t, a.Err, i)
		}
	}
	dup := as[*campaign.DuplicateError](t, added[1].Err)
	assert.Equal(t, "record id", dup.What)
	dup = as[*campaign.DuplicateError](t, added[2].Err)
	assert.Equal(t, campaign.RecordID("good"), dup.Existing.Record, "it names the one that exists")
	as[*dialer.CampaignError](t, added[4].Err)
	for _, i := range []int{5, 6, 7, 8} {
		as[*campaign.FieldError](t, added[i].Err)
	}
	listed := as[*campaign.ListedError](t, added[9].Err)
	assert.Equal(t, number(7), listed.Answers[0].Number)
	assert.Contains(t, listed.Error(), "2026-03-02T10:00:00Z")
	assert.Contains(t, listed.Error(), "AllowBlacklisted")
	assert.ElementsMatch(t, []string{"5:good", "5:half", "5:fine"}, h.order(dialer.Ask{Campaigns: []campaign.ID{"sales"}}))
}

func TestTheSameNumberAndBlacklistedOnesAreTakenIfTheHostSaysSo(t *testing.T) {
	h := open(t, conf("sales"))
	h.list(2, time.Time{})
	h.add(record("sales", "a", 1))
	added, err := h.q.Add(ctx, dialer.Adding{Records: []campaign.Record{record("sales", "b", 1), record("sales", "c", 2)},
		AllowSameNumber: true, AllowBlacklisted: true})
	require.NoError(t, err)
	for _, a := range added {
		assert.NoError(t, a.Err)
	}
	sel := h.next(dialer.Ask{Limit: 9})
	assert.Equal(t, []string{"a"}, ids(sel), "and are not called all the same")
	assert.Len(t, sel.Skipped, 2)
}

func TestAClosedRecordDoesNotKeepItsNumberFromANewOne(t *testing.T) {
	h := open(t, conf("sales"))
	h.add(record("sales", "a", 1))
	h.set("sales", "a", "no", campaign.Input{})
	added, err := h.q.Add(ctx, dialer.Adding{Records: []campaign.Record{record("sales", "b", 1)}})
	require.NoError(t, err)
	assert.NoError(t, added[0].Err)
}

func TestAContactIsInACampaignOnce(t *testing.T) {
	h := open(t, conf("sales"))
	person := func(r *campaign.Record) { r.Contact = "jan" }
	added, err := h.q.Add(ctx, dialer.Adding{Records: []campaign.Record{record("sales", "a", 1, person), record("sales", "b", 2, person)}})
	require.NoError(t, err)
	assert.NoError(t, added[0].Err)
	assert.Equal(t, "contact in campaign", as[*campaign.DuplicateError](t, added[1].Err).What)
}

func TestANumberThatCannotBeCheckedIsLeftOut(t *testing.T) {
	r := &register{err: errors.New("line down")}
	h := withRegister(t, r, conf("sales"))
	added, err := h.q.Add(ctx, dialer.Adding{Records: []campaign.Record{record("sales", "a", 1)}})
	require.NoError(t, err)
	listed := as[*campaign.ListedError](t, added[0].Err)
	assert.Contains(t, listed.Error(), "line down")
	assert.Equal(t, "register", listed.Answers[0].Checker)
}

func TestAnImportOfThousandsKeepsItsOrder(t *testing.T) {
	h := open(t, conf("sales"))
	h.fill(1234, "sales")
	sel := h.next(dialer.Ask{Limit: 2000})
	require.Len(t, sel.Calls, 1234)
	for i := 1; i < len(sel.Calls); i++ {
		require.Less(t, sel.Calls[i-1].Record.Sequence, sel.Calls[i].Record.Sequence)
	}
}

func TestAnEmptyAddIsNoError(t *testing.T) {
	h := open(t, conf("sales"))
	added, err := h.q.Add(ctx, dialer.Adding{})
	require.NoError(t, err)
	assert.Empty(t, added)
	require.NoError(t, h.q.List(ctx))
	require.NoError(t, h.q.Unlist(ctx, blacklist.Key{List: "own", Number: number(1)}), "removing what is not there changes nothing")
}
