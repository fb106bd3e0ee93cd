package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Agent is somebody who talks.
type Agent struct {
	ID    campaign.AgentID
	Shift Shift
	// WrapUp is how long the agent is busy after a talk, from the report on.
	WrapUp time.Duration
	// Preview is how long the agent looks at an offered record before dialling.
	// 0: calls come already started.
	Preview time.Duration
	// Campaigns the agent asks for. None: all in which the agent works.
	Campaigns []campaign.ID
}

// Shift is when an agent asks for calls. The zero value is round the clock, on
// every day. A call that is on when a shift ends is finished.
type Shift struct {
	Zone string         // IANA name; "" is UTC
	Days []time.Weekday // on which a shift begins; none: every day
	// From and To are wall-clock times, counted from midnight, at least 0 and
	// less than 24 hours. A To that is not after From is on the next day.
	From, To time.Duration
}

// shift is a Shift ready for questions, with its latest answer: the shift that
// was on at the last question, or the first after it.
type shift struct {
	plan     Shift
	loc      *time.Location
	from, to time.Time
}

const day = 24 * time.Hour

func (s Shift) compile() (*shift, error) {
	var errs []error
	loc, err := time.LoadLocation(s.Zone)
	if err != nil {
		errs = append(errs, fmt.Errorf("zone %q: want an IANA name such as Europe/Warsaw: %w", s.Zone, err))
	}
	for _, at := range []struct {
		name string
		time time.Duration
	}{{"from", s.From}, {"to", s.To}} {
		if at.time < 0 || at.time >= day {
			errs = append(errs, fmt.Errorf("%s %v: want a time of day, from 0 to less than 24h", at.name, at.time))
		}
	}
	for _, d := range s.Days {
		if d < time.Sunday || d > time.Saturday {
			errs = append(errs, fmt.Errorf("day %d: want a time.Weekday", int(d)))
		}
	}
	return &shift{plan: s, loc: loc}, errors.Join(errs...)
}

// at returns the shift that is on at t, or else the first one after t.
func (s *shift) at(t time.Time) (from, to time.Time) {
	if !s.from.IsZero() && !t.Before(s.from) && t.Before(s.to) {
		return s.from, s.to
	}
	y, m, d := t.In(s.loc).Date()
	// A shift over midnight began yesterday; with one day a week the next is 7 days away.
	for i := -1; i <= 8; i++ {
		date := time.Date(y, m, d+i, 0, 0, 0, 0, s.loc)
		if len(s.plan.Days) > 0 && !slices.Contains(s.plan.Days, date.Weekday()) {
			continue
		}
		end := d + i
		if s.plan.To <= s.plan.From {
			end++
		}
		from = time.Date(y, m, d+i, 0, 0, 0, int(s.plan.From), s.loc)
		to = time.Date(y, m, end, 0, 0, 0, int(s.plan.To), s.loc)
		if t.Before(to) {
			s.from, s.to = from.UTC(), to.UTC()
			return s.from, s.to
		}
	}
	return s.from, s.to // not reached: there is a shift within 8 days
}

// within is how much of the shifts lies from one time to another.
func (s *shift) within(from, to time.Time) time.Duration {
	var sum time.Duration
	for t := from; t.Before(to); {
		begin, end := s.at(t)
		if !begin.Before(to) {
			break
		}
		if begin.Before(t) {
			begin = t
		}
		t = end
		if end.After(to) {
			end = to
		}
		sum += end.Sub(begin)
	}
	return sum
}
