package campaign

import (
	"fmt"
)

// Group is what Count counts by.
type Group string

// The groups of Count.
const (
	ByNothing   Group = "" // one count, under ""
	ByState     Group = "state"
	ByStatus    Group = "status"
	ByQualifier Group = "qualifier"
	ByOwner     Group = "owner"
	ByClass     Group = "class"
	ByCampaign  Group = "campaign"
)

// Check reports a group that is none.
func (g Group) Check() error {
	switch g {
	case ByNothing, ByState, ByStatus, ByQualifier, ByOwner, ByClass, ByCampaign:
		return nil
	}
	return fmt.Errorf("records cannot be counted by %q: want one of state, status, qualifier, owner, class, campaign", g)
}

// Of is the key under which a record is counted whose state is s.
func (g Group) Of(r *Record, s State) string {
	switch g {
	case ByState:
		return s.String()
	case ByStatus:
		return string(r.Status)
	case ByQualifier:
		return r.Qualifier.String()
	case ByOwner:
		return string(r.Owner)
	case ByClass:
		return r.Class
	case ByCampaign:
		return string(r.Campaign)
	}
	return ""
}
