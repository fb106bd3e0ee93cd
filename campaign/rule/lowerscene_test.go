package rule

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// scene is what a condition may be asked about.
type scene struct {
	facts *campaign.Facts
	call  *campaign.Call
	now   time.Time
}

func (x scene) String() string {
	r := &x.facts.Record
	return fmt.Sprintf("now %v, call %+v, contact %+v, fields %v, phones %+v, progress %+v", x.now, x.call, x.facts.Contact, r.Fields, r.Phones, r.Progress)
}

var sceneMonday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// sceneConfig has a field of each type, two of some.
func sceneConfig() campaign.Config {
	return campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Start: "2026-02-01", Mode: campaign.Power, Queue: "q",
		Holidays: map[string]campaign.Holidays{"": {Country: "PL"}},
		Own: []status.Status{
			{ID: "redial", Title: "Again", Qualifier: status.Redial}, {ID: "busy", Title: "Busy", Qualifier: status.Redial},
		},
		RecordTypes: []campaign.RecordType{{Name: "client", Fields: []campaign.Field{
			{Name: "city"}, {Name: "age", Type: campaign.Int}, {Name: "debt", Type: campaign.Int}, {Name: "balance", Type: campaign.Double}, {Name: "rate", Type: campaign.Double},
			{Name: "vip", Type: campaign.Bool}, {Name: "signed", Type: campaign.Timestamp}, {Name: "paid", Type: campaign.Timestamp}, {Name: "products", Type: campaign.Strings},
		}}},
		ContactFields: []campaign.Field{{Name: "score", Type: campaign.Int}, {Name: "nick"}},
	}
}

var sceneAgents = map[campaign.AgentID]Agent{"anna": {Team: "A", Skills: []string{"pl", "en"}}, "bob": {}}

// scenes are seeded situations: ordinary ones, and the edges of all types.
func scenes(seed uint64, n int) []scene {
	g := rand.New(rand.NewPCG(seed, 2))
	all := make([]scene, n)
	for i := range all {
		all[i] = newScene(g)
	}
	return all
}

func oneOf[T any](g *rand.Rand, of ...T) T { return of[g.IntN(len(of))] }

func sceneTime(g *rand.Rand) time.Time {
	return oneOf(g, time.Time{}, sceneMonday, sceneMonday.Add(-66*time.Hour), sceneMonday.Add(-time.Nanosecond), sceneMonday.Add(30*time.Hour),
		time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 500, time.UTC), time.Date(2026, 12, 25, 12, 0, 0, 0, time.FixedZone("", 7200)), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(-5, 1, 1, 0, 0, 0, 7, time.UTC), sceneMonday.Add(time.Duration(g.Int64N(int64(4*365*24*time.Hour)))))
}

func sceneInt(g *rand.Rand) int64 {
	return oneOf(g, 0, 1, -1, 2, 3, 41, 100, math.MaxInt64, math.MinInt64, math.MaxInt64-1, 1<<53+1, g.Int64N(10))
}

func sceneDouble(g *rand.Rand) float64 {
	return oneOf(g, 0, math.Copysign(0, -1), 1, 3, 1.5, 120.5, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324, 1<<53+2, -1<<63, 1<<63, g.NormFloat64()*100)
}

func sceneText(g *rand.Rand) string {
	return oneOf(g, "", "a", "Kraków", "PL", "ANNA", "anna", "żółć", "\xff\xfeA", "+48", "Ą", "a\x00", "2026-03-02", "Europe/Warsaw")
}

func sceneOutcome(g *rand.Rand) campaign.Outcome {
	if g.IntN(20) == 0 {
		return 200 // of a later version
	}
	return campaign.Outcome(g.IntN(campaign.NumOutcomes))
}

func newScene(g *rand.Rand) scene {
	numbers := []blacklist.Number{48600100200, 48600100201, 12125550100, 5}
	r := campaign.Record{
		ID: oneOf(g, campaign.RecordID("r1"), "", "żółć"), Campaign: "spring", ExternalID: oneOf(g, "", "+48600100200", "x"), Contact: oneOf(g, campaign.ContactID("c1"), ""),
		Type: "client", Tags: oneOf(g, nil, []string{"new"}, []string{"a", "PL", "new"}), Source: oneOf(g, campaign.ChannelImport, campaign.ChannelWeb),
		Order: oneOf(g, uint16(0), 7, 65535), Created: sceneTime(g), Updated: sceneTime(g), Fields: campaign.Fields{},
		Progress: campaign.Progress{
			Status: oneOf(g, status.ID(""), "redial", "busy", "gone"), Qualifier: status.Qualifier(g.IntN(len(status.Qualifiers()) + 2)), StatusAt: sceneTime(g), Due: sceneTime(g),
			Owner: oneOf(g, campaign.AgentID(""), "anna", "bob", "nobody"), LastCall: sceneTime(g), LastOutcome: sceneOutcome(g), Next: g.IntN(4) - 1,
			Attempts: campaign.Counters{Total: g.IntN(9), SinceReset: g.IntN(6), Unanswered: g.IntN(5), Talks: g.IntN(3), Streak: g.IntN(4), First: sceneTime(g), Last: sceneTime(g)},
		},
	}
	for i := range r.Attempts.ByOutcome {
		r.Attempts.ByOutcome[i] = uint16(g.IntN(4))
	}
	for range g.IntN(4) {
		r.Phones = append(r.Phones, campaign.Phone{
			Number: oneOf(g, numbers...), Region: oneOf(g, "", "PL", "US"), Attempts: g.IntN(4), LastOutcome: sceneOutcome(g), Out: oneOf(g, "", campaign.OutInvalid),
			Zones: oneOf(g, nil, []string{"Europe/Warsaw"}, []string{"America/New_York", "America/Los_Angeles"}, []string{"Nowhere/City"}),
		})
	}
	for _, field := range []struct {
		name  string
		value func() any
	}{
		{"city", func() any { return sceneText(g) }}, {"age", func() any { return sceneInt(g) }}, {"debt", func() any { return sceneInt(g) }},
		{"balance", func() any { return sceneDouble(g) }}, {"rate", func() any { return sceneDouble(g) }}, {"vip", func() any { return g.IntN(2) == 0 }},
		{"signed", func() any { return sceneTime(g) }}, {"paid", func() any { return sceneTime(g) }},
		{"products", func() any { return oneOf(g, []string{}, []string{"card", "a"}, []string{"Kraków", "", "PL"}) }},
	} {
		switch g.IntN(8) {
		case 0, 1:
		case 2:
			r.Fields[field.name] = oneOf[any](g, 7, nil, "text", int64(3)) // of another type, as a careless import leaves it
		default:
			r.Fields[field.name] = field.value()
		}
	}
	f := &campaign.Facts{Record: r, Listed: oneOf(g, nil, []blacklist.Answer{{}})}
	if g.IntN(4) > 0 {
		f.Contact = &campaign.Contact{ID: "c1", FirstName: oneOf(g, "", "Jan"), Company: oneOf(g, "", "ACME"), Country: oneOf(g, "", "PL"), Fields: campaign.Fields{"nick": sceneText(g)}}
		if g.IntN(2) == 0 {
			f.Contact.Fields["score"] = sceneInt(g)
		}
	}
	x := scene{facts: f, now: oneOf(g, sceneMonday, sceneMonday.Add(12*time.Hour), time.Date(2026, 12, 25, 20, 30, 0, 0, time.UTC), time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 12, 0, 0, 0, time.UTC))}
	for i := range g.IntN(4) {
		f.History = append(f.History, &campaign.Call{Token: campaign.Token(i), Record: oneOf(g, r.ID, "r2"), Campaign: "spring", Outcome: sceneOutcome(g), Dialed: oneOf(g, x.now.Add(-time.Hour), x.now.Add(-50*time.Hour), time.Time{}), Counted: g.IntN(2) == 0})
	}
	if g.IntN(8) > 0 {
		x.call = &campaign.Call{
			Token: campaign.Token(g.IntN(5)), Campaign: "spring", Record: r.ID, Number: oneOf(g, append(numbers, 0)...), Mode: oneOf(g, campaign.Power, campaign.Preview, ""), Outcome: sceneOutcome(g),
			Agent: oneOf(g, campaign.AgentID(""), "anna"), AMD: sceneText(g), HangupBy: oneOf(g, "", "caller"), SIPCode: oneOf(g, 0, 486), Q850: oneOf(g, 0, 17),
			Dialed: sceneTime(g), Answered: sceneTime(g), Ended: sceneTime(g), Ring: time.Duration(g.Int64N(int64(time.Minute))), Talk: oneOf(g, 0, time.Hour, math.MaxInt64), Counted: true,
		}
	}
	return x
}
