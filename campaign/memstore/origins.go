package memstore

import (
	"slices"
	"strings"

	"github.com/nextcall/nextcall/campaign"
)

// origins keeps each distinct list of campaigns that records came from once: those
// that move together have the same one. List 0 is none. The lists are immutable
// and shared with whoever reads a record.
type origins struct {
	lists [][]campaign.ID
	known map[string]uint16
	key   []byte // kept for its capacity
}

// id returns the number of a list. hint is a guess.
func (o *origins) id(list []campaign.ID, hint uint16, limit int) (uint16, bool) {
	if slices.Equal(list, o.at(hint)) {
		return hint, true
	}
	if len(list) == 0 {
		return 0, true
	}
	o.key = o.key[:0]
	for _, id := range list {
		o.key = appendText(o.key, string(id))
	}
	if id, ok := o.known[string(o.key)]; ok {
		return id, true
	}
	if max(len(o.lists), 1) > limit || len(o.key) > MaxText {
		return 0, false
	}
	if o.known == nil {
		o.known, o.lists = make(map[string]uint16), make([][]campaign.ID, 1)
	}
	own := make([]campaign.ID, len(list))
	for i, id := range list {
		own[i] = campaign.ID(strings.Clone(string(id)))
	}
	id := uint16(len(o.lists))
	o.lists = append(o.lists, own)
	o.known[string(o.key)] = id
	return id, true
}

// at returns the list that has a number.
func (o *origins) at(id uint16) []campaign.ID {
	if id == 0 {
		return nil
	}
	return o.lists[id]
}
