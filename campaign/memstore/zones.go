package memstore

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/nextcall/nextcall/campaign"
)

// zoneTable keeps each distinct list of zones with its region once: few phones
// have one of their own. Set 0 is none of both. The lists are immutable and
// shared with whoever reads a phone.
type zoneTable struct {
	sets  []zoneSet
	known map[string]uint16
	key   []byte // kept for its capacity
}

type zoneSet struct {
	zones  []string
	region string
}

func (z *zoneTable) is(id uint16, p *campaign.Phone) bool {
	if id == 0 {
		return len(p.Zones) == 0 && p.Region == ""
	}
	s := &z.sets[id]
	return s.region == p.Region && slices.Equal(s.zones, p.Zones)
}

// id returns the phone's set. hint is a guess, best the set it had before.
func (z *zoneTable) id(p *campaign.Phone, hint uint16, limit int) (uint16, bool) {
	if z.is(hint, p) {
		return hint, true
	}
	if len(p.Zones) == 0 && p.Region == "" {
		return 0, true
	}
	key := appendText(z.key[:0], p.Region)
	for _, zone := range p.Zones {
		key = appendText(key, zone)
	}
	z.key = key
	if id, ok := z.known[string(key)]; ok {
		return id, true
	}
	if max(len(z.sets), 1) > limit || len(key) > MaxText {
		return 0, false
	}
	if z.known == nil {
		z.known = make(map[string]uint16)
		z.sets = append(z.sets, zoneSet{})
	}
	id := uint16(len(z.sets))
	z.sets = append(z.sets, zoneSet{zones: ownZones(p.Zones), region: strings.Clone(p.Region)})
	z.known[string(key)] = id
	return id, true
}

// appendText appends a text of a key with its length before it, so that no two lists
// of texts have the same key.
func appendText(key []byte, s string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(s))), s...)
}

// put writes the set into a phone.
func (z *zoneTable) put(id uint16, p *campaign.Phone) {
	if id == 0 {
		p.Zones, p.Region = nil, ""
		return
	}
	s := &z.sets[id]
	p.Zones, p.Region = s.zones, s.region
}

// ownZones copies a list of zones; an empty one is none.
func ownZones(zones []string) []string {
	if len(zones) == 0 {
		return nil
	}
	own := make([]string, len(zones))
	for i, zone := range zones {
		own[i] = strings.Clone(zone)
	}
	return own
}
