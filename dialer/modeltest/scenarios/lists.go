package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// A campaign gets its records in batches. It weighs them against each other,
// switches one off, ends one on its last day, and declares one that it had before.
func scenario22ListsOfACampaign(t *testing.T, fresh opener) {
	cfg := office("c", "daily 08:00-20:00")
	cfg.Lists = []campaign.List{{Name: "june", Weight: 3}, {Name: "july"}, {Name: "august", Off: true}}
	d := sit(t, fresh, "2026-10-26 12:00", cfg)
	phone := 0
	for _, list := range []string{"june", "july", "august", "september"} {
		var batch []campaign.Record
		for i := range 60 {
			phone++
			batch = append(batch, campaign.Record{ID: campaign.RecordID(fmt.Sprint(list, "-", i)), Campaign: "c", List: list,
				Phones: []campaign.Phone{{Number: num(fmt.Sprintf("+48600%06d", phone))}}})
		}
		added, err := d.Add(ctx, dialer.Adding{Records: batch})
		want.NoError(t, err)
		for _, a := range added {
			want.NoError(t, a.Err)
		}
	}
	refTo := func(id string) campaign.Ref { return campaign.Ref{Campaign: "c", Record: campaign.RecordID(id)} }
	const at = "2026-10-26 13:00"
	_, err := d.Set(ctx, refTo("july-59"), campaign.Set{Status: "cb", Input: campaign.Input{At: clock(at)}, Actor: campaign.Actor{User: "boss", Agent: "boss"}})
	want.NoError(t, err)
	_, err = d.Set(ctx, refTo("august-59"), campaign.Set{Status: "cb", Input: campaign.Input{At: clock(at)}, Actor: campaign.Actor{User: "boss", Agent: "boss"}})
	want.NoError(t, err)

	// Fresh records go by the weights: june 3, july and what nobody declared 1 each.
	got := map[string]int{}
	take := func(n, limit int) {
		t.Helper()
		for taken := 0; taken < n; {
			calls := d.ask("ann", min(limit, n-taken)).Calls
			want.NotEmpty(t, calls)
			for _, c := range calls {
				want.Equal(t, campaign.RecordID(fmt.Sprint(c.Record.List, "-", got[c.Record.List])), c.Record.ID)
				got[c.Record.List]++
				taken++
			}
		}
	}
	take(25, 1)
	want.Equal(t, map[string]int{"june": 15, "july": 5, "september": 5}, got)
	take(25, 7)
	want.Equal(t, map[string]int{"june": 30, "july": 10, "september": 10}, got)

	// What is off is named, counted, and costs nothing; a promise in it waits too.
	d.at(at)
	d.blocked(refTo("august-0"), campaign.ReasonList)
	d.blocked(refTo("august-59"), campaign.ReasonList)
	d.dial("july-59")
	o, err := d.Outlook(ctx, "c", 0)
	want.NoError(t, err)
	want.Equal(t, 60, o.Blockers[campaign.ReasonList])

	// august is switched on, june ends with today, september is declared and off.
	cfg.Revision++
	cfg.Lists = []campaign.List{{Name: "june", Weight: 3, Until: "2026-10-26"}, {Name: "july"}, {Name: "august"}, {Name: "september", Off: true}}
	d.configure(d.Queue, cfg)
	d.blocked(refTo("september-20"), campaign.ReasonList)
	moved, err := d.Refile(ctx, "c")
	want.NoError(t, err)
	want.Equal(t, 60, moved, "ten of them were called")
	d.dial("august-59")
	d.at("2026-10-27 08:00") // what was dialled before is unknown, and due again
	d.blocked(refTo("june-40"), campaign.ReasonList)
	d.blocked(refTo("june-0"), campaign.ReasonList)
	got["august"] = 0
	take(90, 9)
	want.Equal(t, map[string]int{"june": 30, "july": 55, "august": 45, "september": 10}, got)
	sel := d.ask("ann", 2)
	want.Empty(t, sel.Skipped, "nothing of june or september is put aside: one each of the others is called")

	// Its last records are called when nobody declares anything any more.
	cfg.Revision++
	cfg.Lists = nil
	d.configure(d.Queue, cfg)
	left := map[string]int{}
	for {
		sel := d.ask("ann", 50)
		if len(sel.Calls) == 0 {
			break
		}
		for _, c := range sel.Calls {
			if c.Tier == dialer.TierFresh {
				left[c.Record.List]++
			}
		}
		d.later(time.Second)
	}
	want.Equal(t, map[string]int{"june": 30, "july": 3, "august": 13, "september": 50}, left)
}
