package transfer

import (
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Target is what records can be changed to, with what a screen shows beside it.
type Target struct {
	Status    status.ID        `json:"status,omitempty"` // "" is Unused, which is no status
	Title     string           `json:"title"`
	Qualifier status.Qualifier `json:"qualifier"`
	// Inputs are the active inputs. A value for one that is not active is a
	// mistake. With Set.KeepDue no time is given to a record that has one.
	Inputs status.Inputs `json:"inputs"`
	// Blacklist is where numbers are put: Set.Blacklist must then say which. "" is
	// none, and no answer is taken.
	Blacklist string `json:"blacklist,omitempty"`
}

// Targets lists what a [Change] may set in a campaign, in the order of its
// statuses, Unused first.
func Targets(c *campaign.Campaign) []Target {
	return targets(c, func(e status.Effect) bool { return e.ChangeTarget })
}

// MoveTargets lists what a [Move] may set in the campaign that it goes to.
func MoveTargets(c *campaign.Campaign) []Target {
	return targets(c, func(e status.Effect) bool { return e.MoveTarget })
}

func targets(c *campaign.Campaign, may func(status.Effect) bool) []Target {
	var all []Target
	if e := status.Unused.Effect(); may(e) {
		all = append(all, Target{Title: e.Title, Qualifier: status.Unused})
	}
	for _, st := range c.Statuses() {
		inputs, err := c.Inputs(st.ID)
		if err != nil || !may(st.Qualifier.Effect()) {
			continue
		}
		all = append(all, Target{Status: st.ID, Title: st.Title, Qualifier: st.Qualifier, Inputs: inputs, Blacklist: string(st.Blacklist)})
	}
	return all
}
