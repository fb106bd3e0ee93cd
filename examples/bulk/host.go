package main

import (
	"context"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// warsaw is where everybody is.
var warsaw = zone("Europe/Warsaw")

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	check(err)
	return loc
}

// host is what stands behind the screens: two campaigns on a store in memory.
type host struct {
	store          campaign.Store
	spring, autumn *campaign.Campaign
	queue          *dialer.Queue
	bulk           *transfer.Bulk
	titles         map[status.ID]string
	now            time.Time
}

func (h *host) titleOf(id status.ID) string {
	if id == "" {
		return "–"
	}
	return h.titles[id]
}

// open makes the campaigns, and a store with two thousand made-up records on which
// agents have worked for a while.
func open(ctx context.Context) (*host, error) {
	h := &host{store: memstore.New(), titles: map[status.ID]string{}, now: time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)}
	statuses := []status.Status{
		{ID: "call_again", Title: "Call again", Qualifier: status.Redial},
		{ID: "callback", Title: "Not before", Qualifier: status.CallbackAt},
		{ID: "my_record", Title: "My record", Qualifier: status.OwnCallbackAt},
		{ID: "no_interest", Title: "No interest", Qualifier: status.Closed},
		{ID: "never", Title: "Never again", Qualifier: status.Closed, Blacklist: "never"},
		{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed},
	}
	dict, err := status.New(statuses...)
	if err != nil {
		return nil, err
	}
	var ids []status.ID
	for _, s := range statuses {
		ids = append(ids, s.ID)
		h.titles[s.ID] = s.Title
	}
	lead := func(fields ...string) []campaign.RecordType {
		t := campaign.RecordType{Name: "lead"}
		for _, name := range fields {
			t.Fields = append(t.Fields, campaign.Field{Name: name})
		}
		return []campaign.RecordType{t}
	}
	agents := []campaign.AgentID{"ann", "bob", "sue"}
	h.spring, _, err = campaign.Compile(campaign.Config{ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Agents: agents,
		Statuses: ids, RecordTypes: lead("city", "tariff"), Blacklists: []blacklist.List{"never"}}, dict, nil)
	if err != nil {
		return nil, err
	}
	h.autumn, _, err = campaign.Compile(campaign.Config{ID: "autumn", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Agents: agents,
		Statuses: ids, RecordTypes: lead("city"), Limits: campaign.Limits{Attempts: 5}, Blacklists: []blacklist.List{"never"}}, dict, nil)
	if err != nil {
		return nil, err
	}
	load := dialer.Static(h.spring, h.autumn)
	if h.queue, err = dialer.New(ctx, h.store, load, dialer.Config{Now: func() time.Time { return h.now }}); err != nil {
		return nil, err
	}
	if h.bulk, err = transfer.New(h.store, load); err != nil {
		return nil, err
	}
	return h, h.fill(ctx)
}

// fill imports the records, and does what the agents have done.
func (h *host) fill(ctx context.Context) error {
	cities := []string{"Kraków", "Łódź", "Gdynia"}
	records := make([]campaign.Record, 2000)
	for i := range records {
		id, list := fmt.Sprintf("lead-%04d", i), "june.csv"
		if i%10 == 9 {
			list = "may.csv"
		}
		records[i] = campaign.Record{ID: campaign.RecordID(id), Campaign: "spring", Contact: campaign.ContactID("contact of " + id),
			List: list, Type: "lead", Order: uint16(1 + i%9),
			Fields: campaign.Fields{"city": cities[i%3], "tariff": "old"}, Phones: []campaign.Phone{{Number: blacklist.Number(48600100000 + i)}}}
		if i%4 == 0 { // it comes from another system, where it was called before
			records[i].Status, records[i].Attempts = "no_interest", campaign.Counters{Total: i % 28 / 4, SinceReset: i % 28 / 4}
		}
	}
	added, err := h.queue.Add(ctx, dialer.Adding{Actor: campaign.Actor{User: "import"}, Records: records})
	if err != nil {
		return err
	}
	// Some of the contacts are in the other campaign already.
	there := []campaign.Record{{ID: "old-1", Campaign: "autumn", Contact: "contact of lead-0020"}, {ID: "old-2", Campaign: "autumn", Contact: "contact of lead-0044"}}
	if _, err := h.queue.Add(ctx, dialer.Adding{Actor: campaign.Actor{User: "import"}, Records: there}); err != nil {
		return err
	}
	for i, a := range added {
		if a.Err != nil {
			return a.Err
		}
		set := campaign.Set{Actor: campaign.Actor{User: "ann.agent", Agent: "ann"}}
		switch {
		case i%50 == 17 || i%50 == 3:
			set.Status, set.Input = "my_record", campaign.Input{At: h.now.Add(time.Duration(i) * time.Minute), Agent: "ann"}
		case i%50 == 5:
			set.Status = "sold"
		default:
			continue
		}
		if _, err := h.queue.Set(ctx, a.Ref, set); err != nil {
			return err
		}
	}
	// Bob talks to somebody right now.
	_, err = h.queue.Take(ctx, dialer.Taking{Ref: campaign.Ref{Campaign: "spring", Record: "lead-0019"}, Start: true,
		Actor: campaign.Actor{User: "bob.agent", Agent: "bob"}})
	return err
}

// call is a whole call to one record, which nobody answers.
func (h *host) call(ctx context.Context, in campaign.ID, id campaign.RecordID) error {
	call, err := h.queue.Take(ctx, dialer.Taking{Ref: campaign.Ref{Campaign: in, Record: id}, Actor: campaign.Actor{User: "bob.agent", Agent: "bob"}, Start: true})
	if err != nil {
		return err
	}
	_, err = h.queue.Report(ctx, call.Ref, campaign.Result{Outcome: campaign.NoAnswer})
	return err
}
