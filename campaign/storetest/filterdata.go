package storetest

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// variety fills a store with records that differ in all that a filter looks at,
// two of them leased, and returns what the store has of them, in the order of Find.
func variety(t *trial, st campaign.Store) []campaign.Facts {
	var records []*campaign.Record
	qualifiers := append(status.Qualifiers(), status.None)
	pick := func(i int, from ...string) string { return from[i%len(from)] }
	for i := range 2 * len(qualifiers) {
		main := blacklist.Number(48_600_100_000 + i)
		r := rec(fmt.Sprintf("r%02d", i), phones(main, main+1, main+2))
		r.Qualifier = qualifiers[i%len(qualifiers)]
		r.Standing = r.Qualifier.Effect().Standing
		if r.Standing != status.StandingQueued {
			r.Lane = status.LaneNone
		}
		r.Status = status.ID(pick(i, "", "sold", "SOLD", "again", ""))
		r.List = pick(i, "spring", "", "autumn")
		if i%4 > 1 {
			r.Contact = campaign.ContactID(map[int]string{2: "p", 7: "p", 3: "q", 6: "q"}[i])
		}
		r.Owner, r.LastAgent = campaign.AgentID(pick(i, "", "", "ola", "jan")), campaign.AgentID(pick(i, "", "ola", "ewa"))
		r.Author, r.Operation = pick(i, "engine", "anna", "", "engine", "Anna"), pick(i, "", "", "", "op-1", "op-2", "")
		r.ExternalID = pick(i, "", fmt.Sprintf("CRM-%03d/x", i), fmt.Sprintf("crm-%03d", i), "100%_ł*?")
		if i%3 > 0 {
			r.LastCall = noon.Add(-time.Duration(i) * time.Hour)
		}
		if i%4 > 1 {
			r.Due = at(60 * (i%7 - 3)).Add(time.Duration(i) * time.Microsecond)
		}
		if i%9 == 8 {
			r.Park = campaign.Park{Until: at(9), Reason: campaign.ReasonGap}
		}
		if i%4 == 3 {
			r.Campaign = other
		}
		if i == 10 || i == 30 {
			r.Phones = nil
		}
		records = append(records, r)
	}
	// The id of one record is written as the number of another one.
	records[5].ID = campaign.RecordID(records[7].Phones[0].Number.String())
	add(t, st, records...)
	require.Len(t, claim(t, st, all(noon, limit(2))).Leased, 2, "two records are leased")
	commit(t, st, campaign.Change{Ref: refOf(records[20]), Record: keptBy(t, st, records[20], func(r *campaign.Record) { r.List = "spring" })})
	var all []campaign.Facts
	t.did("Find all")
	for f, err := range st.Find(t.ctx, campaign.Filter{}, campaign.Need{NoCalls: true}) {
		require.NoError(t, err)
		all = append(all, f)
	}
	require.Len(t, all, len(records), "an empty filter finds all records")
	return all
}

// keptBy is a record as the store has it, edited.
func keptBy(t *trial, st campaign.Store, of *campaign.Record, edit func(*campaign.Record)) *campaign.Record {
	r := look(t, st, refOf(of)).Record
	edit(&r)
	return &r
}

// asking is a filter by a name.
type asking struct {
	name   string
	filter campaign.Filter
}

// askings are filters by each part, and by several, for what variety keeps. Each
// finds some of it and leaves some out, but for those whose names say otherwise.
func askings() []asking {
	number := func(i int) blacklist.Number { return blacklist.Number(48_600_100_000 + i) }
	list := []asking{
		{"a campaign", campaign.Filter{Campaigns: []campaign.ID{other}}},
		{"records", campaign.Filter{Records: []campaign.RecordID{"r31", "r02", "r31", "none"}}},
		{"a contact", campaign.Filter{Contacts: []campaign.ContactID{"p"}}},
		{"no contact, or one", campaign.Filter{Contacts: []campaign.ContactID{"", "q"}}},
		{"main numbers", campaign.Filter{Numbers: []blacklist.Number{number(8), number(9), 0}}},
		{"any numbers", campaign.Filter{Numbers: []blacklist.Number{number(8), number(9)}, AnyNumber: true}},
		{"no number finds nothing", campaign.Filter{Numbers: []blacklist.Number{0}}},
		{"terms that are ids", campaign.Filter{Terms: []campaign.Term{{ID: "r40"}, {ID: "R03"}, {ID: "r4"}, {ID: "r07"}}}},
		{"terms that are numbers", campaign.Filter{Terms: []campaign.Term{{ID: "x", Number: number(8)}, {ID: "y", Number: number(12)}}}},
		{"terms that are numbers, any of a record", campaign.Filter{Terms: []campaign.Term{{ID: "x", Number: number(8)}, {ID: "r40"}}, AnyNumber: true}},
		{"a term that is one record's id and another one's number", campaign.Filter{Terms: []campaign.Term{{ID: campaign.RecordID(number(7).String()), Number: number(7)}}}},
		{"a part of the external id", campaign.Filter{ExternalID: "CRM-0"}},
		{"a part with signs of patterns", campaign.Filter{ExternalID: "%_ł*"}},
		{"a part in the middle", campaign.Filter{ExternalID: "1/"}},
		{"one letter of the external id", campaign.Filter{ExternalID: "M"}},
		{"the external id of none finds nothing", campaign.Filter{ExternalID: "cRm"}},
		{"a list", campaign.Filter{Lists: []string{"autumn"}}},
		{"no list, or one", campaign.Filter{Lists: []string{"", "spring"}}},
		{"a status", campaign.Filter{Statuses: []status.ID{"sold"}}},
		{"a status, or none", campaign.Filter{Statuses: []status.ID{"", "SOLD"}}},
		{"qualifiers", campaign.Filter{Qualifiers: []status.Qualifier{status.Redial, status.Success, status.None}}},
		{"states", campaign.Filter{States: []campaign.State{campaign.StateHeld, campaign.StateParked}}},
		{"leased", campaign.Filter{States: []campaign.State{campaign.StateLeased}}},
		{"an owner", campaign.Filter{Owners: []campaign.AgentID{"ola"}}},
		{"an owner, or none", campaign.Filter{Owners: []campaign.AgentID{"", "jan"}}},
		{"the agent of the last call", campaign.Filter{Agents: []campaign.AgentID{"ewa"}}},
		{"an agent, or none", campaign.Filter{Agents: []campaign.AgentID{"ola", ""}}},
		{"authors", campaign.Filter{Authors: []string{"Anna"}}},
		{"the engine, or nobody", campaign.Filter{Authors: []string{"engine", ""}}},
		{"an operation", campaign.Filter{Operation: "op-1"}},
		{"called in a span", campaign.Filter{Called: campaign.Span{From: noon.Add(-20 * time.Hour), To: noon.Add(-7 * time.Hour)}}},
		{"called since", campaign.Filter{Called: campaign.Span{From: noon.Add(-20 * time.Hour)}}},
		{"called before", campaign.Filter{Called: campaign.Span{To: noon.Add(-20 * time.Hour)}}},
		{"called before a part of a microsecond", campaign.Filter{Called: campaign.Span{To: noon.Add(-20*time.Hour + 1)}}},
		{"called since a part of a microsecond", campaign.Filter{Called: campaign.Span{From: noon.Add(-20*time.Hour + 1)}}},
		{"an instant that is no span finds nothing", campaign.Filter{Called: campaign.Span{From: noon.Add(-20 * time.Hour), To: noon.Add(-20 * time.Hour)}}},
		{"due in a span", campaign.Filter{Due: campaign.Span{From: at(-60), To: at(61)}}},
		{"due since", campaign.Filter{Due: campaign.Span{From: at(60)}}},
		{"due before", campaign.Filter{Due: campaign.Span{To: noon}}},

		{"a campaign and a system status", campaign.Filter{Campaigns: []campaign.ID{one}, Systems: []campaign.System{campaign.SystemToCall, campaign.SystemInProgress}}},
		{"a status and a system status", campaign.Filter{Statuses: []status.ID{"sold", "again"}, Systems: []campaign.System{campaign.SystemToCall, campaign.SystemDoNotCall, campaign.SystemMine}}},
		{"a qualifier and its system status", campaign.Filter{Qualifiers: []status.Qualifier{status.Redial, status.Closed}, Systems: []campaign.System{campaign.SystemDoNotCall}}},
		{"numbers and terms", campaign.Filter{Numbers: []blacklist.Number{number(8), number(9)}, Terms: []campaign.Term{{ID: "r08"}, {ID: "r12"}}}},
		{"a record and what it is not finds nothing", campaign.Filter{Records: []campaign.RecordID{"r08"}, Authors: []string{"anna"}}},
		{"a list and a span", campaign.Filter{Lists: []string{"autumn"}, Called: campaign.Span{From: noon.Add(-30 * time.Hour)}}},
		{"an owner, an agent and a due time", campaign.Filter{Owners: []campaign.AgentID{"ola", "jan"}, Agents: []campaign.AgentID{"ola", "ewa"}, Due: campaign.Span{From: at(-120)}}},
		{"an external id and a state", campaign.Filter{ExternalID: "crm", States: []campaign.State{campaign.StateReady, campaign.StateClosed}}},
		{"an operation in a campaign", campaign.Filter{Operation: "op-2", Campaigns: []campaign.ID{one}}},
		{"contacts and authors", campaign.Filter{Contacts: []campaign.ContactID{"p", "q"}, Authors: []string{"anna", "Anna"}}},
	}
	for _, s := range campaign.Systems() {
		list = append(list, asking{string(s), campaign.Filter{Systems: []campaign.System{s}}})
	}
	for i := range list {
		list[i].filter.At = noon
	}
	return list
}

// among are those of the facts that match a filter.
func among(all []campaign.Facts, f campaign.Filter) (found []campaign.Facts) {
	for i := range all {
		if f.Match(&all[i].Record, all[i].Lease.Token != 0, 0) {
			found = append(found, all[i])
		}
	}
	return found
}
