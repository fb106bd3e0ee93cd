package enginetest_test

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// situation is what one decision is about.
type situation struct {
	facts campaign.Facts
	call  campaign.Call
}

// situations are what is decided about. All contestants make the same ones.
type situations struct {
	calls   []situation      // after a call
	order   []uint16         // in which the calls are decided about
	records []campaign.Facts // records that are listed
	now     time.Time
}

// The calls fit into a cache: what a decision is about was just read. They are
// decided about in an order that no branch predictor learns by heart.
const (
	manyCalls = 256
	manyTurns = 8192
)

func newSituations(records int) *situations {
	s := &situations{calls: make([]situation, manyCalls), order: make([]uint16, manyTurns), records: make([]campaign.Facts, records), now: tenOClock}
	r := rand.New(rand.NewPCG(4, 4))
	for i := range s.calls {
		s.calls[i] = newSituation(r, i, 6)
	}
	for i := range s.order {
		s.order[i] = uint16(r.IntN(manyCalls))
	}
	for i := range s.records {
		s.records[i] = newFacts(r, i, 6)
	}
	return s
}

var (
	ruleStatuses = []status.ID{"", "sold", "refused", "r1", "r2", "r3"}
	qualified    = []status.Qualifier{status.Unused, status.Redial, status.Busy, status.Progressive, status.CallbackAt}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// newFacts draws a client. Counters go up to most.
func newFacts(r *rand.Rand, i, most int) campaign.Facts {
	var c campaign.Counters
	for _, o := range outcomes {
		n := r.IntN(most/3 + 1)
		c.ByOutcome[o] = uint16(n)
		c.Total += n
	}
	c.ByOutcome[campaign.Drop] = uint16(r.IntN(2))
	c.SinceReset = c.Total - r.IntN(c.Total+1)/4
	c.Unanswered = r.IntN(c.Total + 1)
	c.Streak = 1 + r.IntN(c.Total+1)
	c.Talks = r.IntN(2)
	last := tenOClock.Add(-time.Duration(1+r.IntN(100)) * time.Hour)
	record := campaign.Record{
		ID: campaign.RecordID("r" + strconv.Itoa(i)), Campaign: decideID, Type: "client", ExternalID: pick(r, []string{"VIP-", "STD-", "NEW-", "OLD-"}) + strconv.Itoa(i),
		Phones: []campaign.Phone{{
			Number: blacklist.Number(firstNumber + i), Zones: zones[i%len(zones) : i%len(zones)+1],
			Region: pick(r, []string{"PL", "CZ", "GB", "PT"}), Attempts: c.Total,
		}},
		Fields:  campaign.Fields{"city": "Kraków", "balance": float64(r.IntN(10_000)), "vip": r.IntN(10) == 0},
		Order:   uint16(r.IntN(5)),
		Created: last.AddDate(0, 0, -r.IntN(500)),
		Progress: campaign.Progress{
			Status: pick(r, ruleStatuses), Qualifier: pick(r, qualified), LastCall: last, LastOutcome: pick(r, outcomes[:]), Attempts: c,
		},
	}
	if r.IntN(3) == 0 {
		record.Phones = append(record.Phones, campaign.Phone{Number: blacklist.Number(firstNumber - 1 - i), Zones: zones[:1], Region: "PL"})
	}
	if r.IntN(4) == 0 {
		record.Tags = []string{pick(r, []string{"new", "gold", "old"})}
	}
	if r.IntN(4) == 0 {
		record.Owner = "ann"
	}
	return campaign.Facts{Record: record}
}

// newSituation draws a client, and a call to them that reached nobody.
func newSituation(r *rand.Rand, i, most int) situation {
	s := situation{facts: newFacts(r, i, most)}
	record := &s.facts.Record
	s.call = campaign.Call{
		Token: campaign.Token(i + 1), Campaign: decideID, Record: record.ID, Number: record.Phones[0].Number, Mode: campaign.Power,
		Outcome: record.LastOutcome, Dialed: tenOClock.Add(-time.Minute), Ended: tenOClock, Ring: time.Duration(r.IntN(30)) * time.Second, Counted: true,
		SIPCode: pick(r, []int{0, 486, 603}), AMD: pick(r, []string{"", "machine"}), HangupBy: pick(r, []string{"", "network", "callee"}),
	}
	return s
}
