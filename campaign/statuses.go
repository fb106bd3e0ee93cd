package campaign

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/nextcall/nextcall/internal/nearest"
	"github.com/nextcall/nextcall/status"
)

// StatusError says why a status cannot be set in a campaign.
type StatusError struct {
	ID  status.ID
	Msg string // why, and what would be right
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %q: %s", string(e.ID), e.Msg) }

// Status returns an attached status.
func (c *Campaign) Status(id status.ID) (status.Status, bool) {
	i, ok := c.index[id]
	if !ok {
		return status.Status{}, false
	}
	return copyOf(c.statuses[i]), true
}

// Statuses returns copies of the attached statuses, in the order in which
// their auto-set conditions decide.
func (c *Campaign) Statuses() []status.Status {
	all := make([]status.Status, len(c.statuses))
	for i, s := range c.statuses {
		all[i] = copyOf(s)
	}
	return all
}

// PickList returns copies of the statuses that an agent is offered for a
// record: those attached, not hidden, not disabled, and related to the
// campaign's queue if it names one.
func (c *Campaign) PickList() []status.Status {
	var offered []status.Status
	for _, s := range c.statuses {
		if !s.Hidden && c.settable(&s) == "" {
			offered = append(offered, copyOf(s))
		}
	}
	return offered
}

// Inputs returns the inputs that a screen offers together with a status. The
// error is a [*StatusError]: the status cannot be set here.
func (c *Campaign) Inputs(id status.ID) (status.Inputs, error) {
	st, err := c.usable(id)
	if err != nil {
		return status.Inputs{}, err
	}
	return st.Inputs(), nil
}

// usable returns the attached status, in place, if it may newly be set on a
// record of the campaign, else a [*StatusError].
func (c *Campaign) usable(id status.ID) (*status.Status, error) {
	i, ok := c.index[id]
	if !ok {
		if slices.Contains(c.known, id) {
			return nil, &StatusError{ID: id, Msg: fmt.Sprintf("it is in the dictionary, but not attached to campaign %q: attach it, or use one of %s", c.cfg.ID, quoted(c.cfg.Statuses))}
		}
		return nil, &StatusError{ID: id, Msg: fmt.Sprintf("campaign %q has no such status%s", c.cfg.ID, meant(string(id), c.cfg.Statuses))}
	}
	if msg := c.settable(&c.statuses[i]); msg != "" {
		return nil, &StatusError{ID: id, Msg: msg}
	}
	return &c.statuses[i], nil
}

// settable says why an attached status cannot be set, "" if it can.
func (c *Campaign) settable(s *status.Status) string {
	switch {
	case s.Disabled:
		return "it is disabled: nobody can newly set it; enable it, or use another"
	case c.cfg.Queue != "" && !s.Relations.Has(status.RelationQueue, c.cfg.Queue):
		return fmt.Sprintf("it is not related to queue %q: relate it, or use another", c.cfg.Queue)
	}
	return ""
}

func copyOf(s status.Status) status.Status { return s.Clone(s.ID, s.Title) }

// meant is a hint at the known name that a person most likely meant, or "".
func meant[T ~string](typed string, known []T) string {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	if best := nearest.Name(typed, names); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
