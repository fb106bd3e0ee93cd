package dialer

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Ask asks for calls.
type Ask struct {
	// Agent is who will talk; "" nobody in particular. An ask with an agent is reserved.
	Agent campaign.AgentID
	// Reserved says that an agent waits for each call, whoever it is. Unreserved
	// asks get tiers 4 to 7 only.
	Reserved bool
	// Campaigns to take from. None: all that are loaded and that the agent works in.
	Campaigns []campaign.ID
	// Limit is how many calls at the most. Defaults to 1.
	Limit int
	// Start says that the calls are dialled now: they come back started.
	Start bool
	// MaxParks bounds how many uncallable records one ask puts aside before it
	// answers with what it has. Defaults to 1000.
	MaxParks int
}

// Selection is the answer to an Ask. Nothing to call is an answer, not an error.
type Selection struct {
	Calls []Call
	// Skipped are records that were found and were not callable, with the reasons.
	Skipped []Skipped
	// Reserve are, for an unreserved ask, the calls of tiers 1 to 3 that are due
	// and wait for a reserved agent.
	Reserve []Reserve
	// NextDue is when asking again may help, if there are fewer calls than asked
	// for; zero: no time will bring more.
	NextDue time.Time
	// NextExpiry is when the first of the leases that others hold runs out if
	// nobody ends it; zero: there is none. An ask then or later settles it, and
	// may find its record.
	NextExpiry time.Time
	// Settled are expired leases that were settled on the way.
	Settled int

	// What the calls' records and the skipped ones' blockers point to.
	phones   []campaign.Phone
	blockers []campaign.Blocker
}

// reset empties a selection and keeps its memory.
func (s *Selection) reset() {
	*s = Selection{
		Calls: s.Calls[:0], Skipped: s.Skipped[:0], Reserve: s.Reserve[:0],
		phones: s.phones[:0], blockers: s.blockers[:0],
	}
}

// keep copies a store's phones into the selection.
func (s *Selection) keep(phones []campaign.Phone) []campaign.Phone {
	if len(phones) == 0 {
		return nil
	}
	if len(s.phones)+len(phones) > cap(s.phones) {
		// What has been handed out stays where it is.
		s.phones = make([]campaign.Phone, 0, max(len(phones), 2*cap(s.phones)))
	}
	from := len(s.phones)
	s.phones = append(s.phones, phones...)
	return slices.Clip(s.phones[from:])
}

// Call is a record leased to the asker, and the number to dial.
type Call struct {
	campaign.Ref // all that a host must keep; Token is the call's id
	Number       campaign.Phone
	Tier         Tier
	Lease        campaign.Lease
	Record       campaign.Record
	Contact      *campaign.Contact // if the campaign's rules need it; shared, not to be written to
	// LastAttempt says that no other attempt is left behind this one (see
	// [campaign.Campaign.LastAttempt]).
	LastAttempt bool
}

// Skipped is a record that was found and is not callable.
type Skipped struct {
	campaign.Ref
	Blockers []campaign.Blocker
}

// Reserve says that calls wait for a reserved agent.
type Reserve struct {
	Campaign campaign.ID
	Agent    campaign.AgentID // "" any agent
	Tier     Tier
	Due      time.Time
}

// Tier is the rank in which a record is selected, 1 first.
type Tier int

// The tiers.
const (
	TierOwn         Tier = 1 // the agent's own callbacks
	TierProgressive Tier = 2 // after a drop, with an agent reserved
	TierReleased    Tier = 3 // own callbacks of others, past their release time
	TierPublic      Tier = 4 // public callbacks
	TierFresh       Tier = 5 // never called
	TierAgain       Tier = 6 // called before
	TierLast        Tier = 7 // end of queue
)

// tierOf is the tier of a record in a lane for an asker.
func tierOf(lane status.Lane, owner, agent campaign.AgentID) Tier {
	switch lane {
	case status.LaneOwn:
		if owner == agent {
			return TierOwn
		}
		return TierReleased
	case status.LaneProgressive:
		return TierProgressive
	case status.LanePublic:
		return TierPublic
	case status.LaneFresh:
		return TierFresh
	case status.LaneAgain:
		return TierAgain
	}
	return TierLast
}

// AskError says what is wrong with one value of an Ask, or of another question
// put to a Queue, and what would be right.
type AskError struct{ Field, Msg string }

func (e *AskError) Error() string { return fmt.Sprintf("ask: %s: %s", e.Field, e.Msg) }
