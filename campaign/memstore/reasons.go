package memstore

import "github.com/nextcall/nextcall/campaign"

// whys are the reasons of an answer by their code, which begins at 1.
var whys = [...]campaign.Why{
	campaign.WhyChosen, campaign.WhyRule, campaign.WhyFallback, campaign.WhyCallbackKept, campaign.WhyCallbackGivenUp,
	campaign.WhyAttemptLimit, campaign.WhyUnansweredLimit, campaign.WhyNoNumberLeft, campaign.WhyCorrected,
	campaign.WhySkipped, campaign.WhySkipLimit, campaign.WhyLeaseExpired, campaign.WhyMessage, campaign.WhyAdded,
	campaign.WhyEdited, campaign.WhyReleased, campaign.WhyKept,
}

// mostReasons is how many reasons of one answer have room in a word.
const mostReasons = 8

// reasons keeps each list of reasons that an answer ever had once, and shares it
// with all readers. List 0 is the empty one.
type reasons struct {
	lists [][]campaign.Why
	known map[uint64]uint16 // by the codes, one in each byte
}

// id returns the number of a list, false for one that does not fit.
func (r *reasons) id(list []campaign.Why) (uint16, bool) {
	if len(list) == 0 {
		return 0, true
	}
	if len(list) > mostReasons {
		return 0, false
	}
	var codes uint64
	for _, w := range list {
		code := whyCode(w)
		if code == 0 {
			return 0, false
		}
		codes = codes<<8 | code
	}
	if id, ok := r.known[codes]; ok {
		return id, true
	}
	if len(r.lists) > 1<<16-1 {
		return 0, false
	}
	if r.known == nil {
		r.known = make(map[uint64]uint16)
		r.lists = append(r.lists, nil)
	}
	id := uint16(len(r.lists))
	own := make([]campaign.Why, len(list))
	for i, w := range list {
		own[i] = whys[whyCode(w)-1]
	}
	r.lists = append(r.lists, own)
	r.known[codes] = id
	return id, true
}

// of returns a list. It must not be written to.
func (r *reasons) of(id uint16) []campaign.Why {
	if id == 0 {
		return nil
	}
	return r.lists[id]
}

func whyCode(w campaign.Why) uint64 {
	for i := range whys {
		if whys[i] == w {
			return uint64(i + 1)
		}
	}
	return 0
}
