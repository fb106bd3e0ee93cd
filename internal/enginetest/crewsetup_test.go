package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// The campaigns that the crews work in. They share people and numbers.
const (
	north = campaign.ID("north")
	south = campaign.ID("south")
	east  = campaign.ID("east")
	rest  = campaign.ID("rest") // is paused on the way
)

var (
	crewCampaigns = []campaign.ID{north, south, east, rest}
	crewAgents    = []campaign.AgentID{"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"}
	// crewZones are on two sides of the world: when it is open in one, it is
	// closed in the other.
	crewZones = []string{"Etc/GMT+6", "Etc/GMT-6"}
)

// Leases are short, so that what the dead held runs out while others work.
const (
	crewOffer   = 1500 * time.Millisecond
	crewDial    = 2 * time.Second
	crewTalk    = 2500 * time.Millisecond
	crewGap     = 300 * time.Millisecond
	crewRelease = time.Second
	crewLimit   = 9 // attempts of a record
	crewNumber  = 6 // attempts of a number of a record
	crewTries   = 5 // calls to a number in crewSpan, of all campaigns
	crewSpan    = 4 * time.Second
)

var crewStatuses = []status.Status{
	{ID: "again", Title: "Call again", Qualifier: status.Redial, Delay: status.Delay(400 * time.Millisecond)},
	{ID: "soon", Title: "Call back soon", Qualifier: status.CallbackAfter, Delay: status.Delay(700 * time.Millisecond)},
	{ID: "mine", Title: "I call back soon", Qualifier: status.OwnCallbackAfter, Delay: status.Delay(500 * time.Millisecond)},
	{ID: "no", Title: "No", Qualifier: status.Closed},
	{ID: "sold", Title: "Sold", Qualifier: status.SuccessClosed},
	{ID: "never", Title: "Never call", Qualifier: status.Closed, Blacklist: blacklist.Global, Class: status.ClassRefusal},
}

func crewDictionary() *status.Dictionary {
	d, err := status.New(crewStatuses...)
	if err != nil {
		panic(err) // it is written above
	}
	return d
}

// crewConfig is a campaign as it is defined in the store.
func crewConfig(id campaign.ID) campaign.Config {
	hours, err := campaign.ParseHours("daily 06:00-18:00")
	if err != nil {
		panic(err)
	}
	short := campaign.Delay(300 * time.Millisecond)
	cfg := campaign.Config{
		ID: id, Revision: 1, Zone: "Europe/Warsaw", Mode: campaign.Predictive, CalleeHours: hours, Order: 1,
		Leases: campaign.Leases{Offer: campaign.Delay(crewOffer), Dial: campaign.Delay(crewDial), Talk: campaign.Delay(crewTalk)},
		Skips:  campaign.Skips{Delay: short}, Callbacks: campaign.Callbacks{Tries: 2, Release: campaign.Delay(crewRelease)},
		Retry: campaign.Retry{Delays: map[campaign.Outcome]campaign.Delay{campaign.NoAnswer: short, campaign.LineBusy: short,
			campaign.Unknown: short, campaign.Failed: short, campaign.Answered: short}},
		Limits: campaign.Limits{Attempts: crewLimit, NumberAttempts: crewNumber,
			Caps: []campaign.Cap{{Per: campaign.PerNumber, Max: crewTries, Within: campaign.Delay(crewSpan)}},
			Gaps: []campaign.Gap{{Per: campaign.PerNumber, Min: campaign.Delay(crewGap), Law: true}}},
	}
	switch id {
	case north:
		cfg.Parity = 2
	case east:
		cfg.Order = 2
	}
	for _, s := range crewStatuses {
		cfg.Statuses = append(cfg.Statuses, s.ID)
	}
	return cfg
}

// crewDefine makes a campaign known to all processes.
func crewDefine(ctx context.Context, st *sqlstore.Store, cfg campaign.Config) error {
	body, err := json.Marshal(cfg)
	if err != nil {
		return err
	}
	return st.Define(ctx, sqlstore.Definition{Kind: sqlstore.CampaignKind, ID: string(cfg.ID), Revision: cfg.Revision, Body: string(body)})
}

// crewRecords are so many people, each in two campaigns, most with a number that
// somebody else has too.
func crewRecords(people int) []campaign.Record {
	var all []campaign.Record
	for i := range people {
		r := campaign.Record{
			ID: campaign.RecordID(fmt.Sprintf("p%04d", i)), Contact: campaign.ContactID(fmt.Sprintf("c%04d", i)),
			Campaign: crewCampaigns[i%4],
			Phones:   []campaign.Phone{{Number: blacklist.Number(48_500_000_000 + i/2), Zones: []string{crewZones[i/2%2]}}},
		}
		if i%3 == 0 {
			r.Phones = append(r.Phones, campaign.Phone{Number: 48_500_100_000 + blacklist.Number(i/6), Zones: []string{crewZones[i/6%2]}})
		}
		if i%50 == 0 {
			r.Phones[0].Zones = nil // and the campaign does not say either
		}
		all = append(all, r)
		r.Campaign = crewCampaigns[(i+1)%4]
		all = append(all, r)
	}
	return all
}

// crewFill defines the campaigns and adds the people.
func crewFill(t testing.TB, st *sqlstore.Store, people int, now func() time.Time) []campaign.Record {
	for _, id := range crewCampaigns {
		require.NoError(t, crewDefine(t.Context(), st, crewConfig(id)))
	}
	q, err := dialer.New(t.Context(), st, crewLoader(st), dialer.Config{Now: now, Holder: "importer"})
	require.NoError(t, err)
	records := crewRecords(people)
	added, err := q.Add(t.Context(), dialer.Adding{Records: records, AllowSameNumber: true})
	require.NoError(t, err)
	for _, a := range added {
		require.NoError(t, a.Err)
	}
	return records
}
