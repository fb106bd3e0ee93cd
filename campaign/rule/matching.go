package rule

import (
	"iter"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Matching goes through records at now and gives the places of those for which
// condition i holds, and of those for which it fails, with the error. It is
// [Set.Holds] of each, without a call, contact or history, and without a copy
// of the record: for conditions that need none of these (see [Set.Needs]).
func (s *Set) Matching(i int, records []campaign.Record, now time.Time) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		none := campaign.Facts{}
		x := s.see(&none, nil, now)
		p := s.programs[i]
		for at := range records {
			x.turn(&records[at])
			if ok, err := p.holds(x); (ok || err != nil) && !yield(at, err) {
				break
			}
		}
		s.done(x) // not after a panic, which may leave it in any state
	}
}
