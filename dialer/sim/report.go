package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Report is what came of a simulation.
type Report struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"` // when the last call was reported, at least Config.Until

	Calls   int      `json:"calls"`   // dialled and reported: the sum of Results
	Results []Result `json:"results"` // by outcome, then status, then qualifier
	Blocked int      `json:"blocked"` // offered, but not callable any more when the agent wanted to dial
	Lost    int      `json:"lost"`    // reported after the lease had run out
	Settled int      `json:"settled"` // leases that ran out and were settled

	Callbacks Callbacks         `json:"callbacks"`
	Listed    []blacklist.Entry `json:"listed"` // put on a blacklist, in order

	Records   int            `json:"records"`   // in the store, at the end
	Standings map[string]int `json:"standings"` // of the records at the end: queued, held, closed
	Attempts  []int          `json:"attempts"`  // how many records had 0, 1, 2, … counted attempts
	Successes int            `json:"successes"` // records whose success flag is on

	Agents []AgentReport `json:"agents"` // in the order of Config.Agents
}

// Result counts calls of one outcome, status and qualifier.
type Result struct {
	Outcome   campaign.Outcome `json:"outcome"`
	Status    status.ID        `json:"status"`    // set by the agent or a rule; "" by neither
	Qualifier status.Qualifier `json:"qualifier"` // the record's afterwards
	Calls     int              `json:"calls"`
}

// Callbacks says what became of promises to call back. A promise is made when a
// status with a time to call back is set after a call.
//
// Made = OnTime + Late + Overdue + NotDue, by the first dial, and
// OnTime + Late = Reached + GivenUp + Ended + Trying, by what came of it.
type Callbacks struct {
	Made int `json:"made"`
	Own  int `json:"own"` // of Made: promises of one agent

	OnTime  int `json:"on_time"` // dialled within Config.OnTime of the due time, or of the first opening after it
	Late    int `json:"late"`    // dialled later
	Overdue int `json:"overdue"` // due, and not dialled until the end
	NotDue  int `json:"not_due"` // due after the end

	Passed int `json:"passed"` // of OnTime and Late: own ones first dialled by another agent, after their release

	Reached int `json:"reached"`  // the person was reached
	GivenUp int `json:"given_up"` // given up after the campaign's number of tries
	Ended   int `json:"ended"`    // ended by a limit or a rule
	Trying  int `json:"trying"`   // still being tried
}

// AgentReport says how an agent spent the shifts.
type AgentReport struct {
	ID    campaign.AgentID `json:"id"`
	Calls int              `json:"calls"`
	Talks int              `json:"talks"`
	// Shift is the time on shift within the simulation; what of it was not spent
	// otherwise was idle. A call may run over a shift's end.
	Shift   time.Duration `json:"shift"`
	Preview time.Duration `json:"preview"`
	Ring    time.Duration `json:"ring"`
	Talk    time.Duration `json:"talk"`
	WrapUp  time.Duration `json:"wrap_up"`
}

// Busy is the share of the shift that was spent on calls, from 0 to 1; more if
// calls ran over its end. Without a shift it is 0.
func (a AgentReport) Busy() float64 {
	if a.Shift <= 0 {
		return 0
	}
	return float64(a.Preview+a.Ring+a.Talk+a.WrapUp) / float64(a.Shift)
}

type resultKey struct {
	outcome   campaign.Outcome
	status    status.ID
	qualifier status.Qualifier
}

func sortResults(counts map[resultKey]int) []Result {
	results := make([]Result, 0, len(counts))
	for k, n := range counts {
		results = append(results, Result{Outcome: k.outcome, Status: k.status, Qualifier: k.qualifier, Calls: n})
	}
	slices.SortFunc(results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Qualifier, b.Qualifier))
	})
	return results
}
