package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/dialer/sim"
	"github.com/nextcall/nextcall/status"
)

const campaignID campaign.ID = "autumn"

// monday is where the simulation begins, at midnight of the campaign's zone.
// Its week has holidays: 11 November in Poland and in the United States.
const monday = "2026-11-09"

// dictionary is what agents choose from, and what rules set.
func dictionary() (*status.Dictionary, error) {
	halfYear, err := blacklist.ParseExpiry("6 months")
	if err != nil {
		return nil, err
	}
	list := []status.Status{
		{ID: "call_again", Title: "Call again", Qualifier: status.Redial, Delay: status.Delay(3 * time.Hour), Class: status.ClassContact},
		{ID: "callback", Title: "Callback", Qualifier: status.CallbackAt, Class: status.ClassContact},
		{ID: "my_record", Title: "My record", Qualifier: status.OwnCallbackAt, Class: status.ClassContact},
		{ID: "sale", Title: "Sale", Qualifier: status.SuccessClosed, Class: status.ClassPositive},
		{ID: "send_offer", Title: "Send an offer", Qualifier: status.SendMail, Template: "offer", Class: status.ClassContact},
		{ID: "not_interested", Title: "Not interested", Qualifier: status.Closed, Class: status.ClassNegative},
		{ID: "wrong_number", Title: "Wrong number", Qualifier: status.Redial, EndsNumber: true, Class: status.ClassContact},
		{
			ID: "do_not_call", Title: "Do not call", Qualifier: status.Closed, Class: status.ClassRefusal,
			Blacklist: blacklist.Global, Expiry: halfYear,
		},
	}
	return status.New(append(list, ruled(halfYear)...)...)
}

// compile makes the campaign for a source.
func compile(s *source) (*campaign.Campaign, error) {
	dict, err := dictionary()
	if err != nil {
		return nil, err
	}
	working, err1 := campaign.ParseHours("mon-fri 08:00-20:00")
	callee, err2 := campaign.ParseHours("mon-sat 09:00-20:00; holiday none")
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	cfg := campaign.Config{
		ID: campaignID, Name: "Autumn offer", Revision: 1, Mode: campaign.Power,
		Start: monday, Zone: s.zone, CalleeZone: s.zone,
		RecordTypes: []campaign.RecordType{
			{Name: "person", Fields: []campaign.Field{{Name: "name"}, {Name: "balance", Type: campaign.Int}}},
			{Name: "client", Fields: []campaign.Field{{Name: "job"}, {Name: "age", Type: campaign.Int}, {Name: "balance", Type: campaign.Int}}},
		},
		Hours: working, CalleeHours: callee,
		Holidays: map[string]campaign.Holidays{
			"PL": {Country: "PL"}, "CZ": {Country: "CZ"}, "PT": {Country: "PT"}, "GB": {Country: "GB"}, "US": {Country: "US"},
		},
		Limits: campaign.Limits{
			Attempts: s.attempts,
			Gaps:     []campaign.Gap{{Per: campaign.PerNumber, Min: campaign.Delay(2 * time.Hour)}},
			Caps:     []campaign.Cap{{Per: campaign.PerRecord, Max: 3, Days: 1}},
		},
		Callbacks: campaign.Callbacks{Tries: 3, Release: campaign.Delay(4 * time.Hour)},
	}
	for _, st := range dict.All() {
		if st.AutoSet == "" || s.rules {
			cfg.Statuses = append(cfg.Statuses, st.ID)
		}
	}
	// The warnings are meant here: there is no limit on attempts for the bank's file,
	// and two rules may hold together, the first of which decides.
	c, _, err := campaign.Compile(cfg, dict, rule.Engine{})
	return c, err
}

// crew is n agents in two shifts, Monday to Friday.
func crew(n int, zone string) []sim.Agent {
	agents := make([]sim.Agent, n)
	for i := range agents {
		from := 8 * time.Hour
		if i%2 == 1 {
			from = 12 * time.Hour
		}
		agents[i] = sim.Agent{
			ID: campaign.AgentID(fmt.Sprintf("agent%02d", i+1)), WrapUp: 20 * time.Second,
			Shift: sim.Shift{
				Zone: zone, From: from, To: from + 8*time.Hour,
				Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
			},
		}
	}
	return agents
}

// listed are entries that are on the blacklist before the first call: every
// 150th made-up contact's first number, half of them until Wednesday noon.
func listed(s *source, start time.Time) []blacklist.Entry {
	var entries []blacklist.Entry
	if !s.listed {
		return nil
	}
	for i := 75; i < len(s.records); i += 150 {
		if len(s.records[i].Phones) == 0 {
			continue
		}
		e := blacklist.Entry{Number: s.records[i].Phones[0].Number, List: blacklist.Global, Author: "import", Reason: "asked by letter", Added: start}
		if i%300 == 75 {
			e.Until = start.Add(60 * time.Hour)
		}
		entries = append(entries, e)
	}
	return entries
}
