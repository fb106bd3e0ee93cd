package campaign

import "time"

// ReleaseOf returns when an own callback due at due passes to other agents:
// when the release time has passed in working hours. It is false if it never does.
func (c *Campaign) ReleaseOf(due time.Time) (time.Time, bool) {
	release := time.Duration(c.cfg.Callbacks.Release)
	if release <= 0 {
		return time.Time{}, false
	}
	return c.work.advance(due, release, min(due.Unix()+workHorizon, lastSecond))
}

// isReleased reports whether an own callback due at due has passed to other
// agents at now: whether ReleaseOf is not after now.
func (c *Campaign) isReleased(due, now time.Time) bool {
	// What was released is known; beyond the horizon the two look at other times.
	if now.Before(due.Add(workHorizon * time.Second)) {
		latest, ok := c.Released(now)
		return ok && !due.After(latest)
	}
	release, ever := c.ReleaseOf(due)
	return ever && !now.Before(release)
}

// Released returns the instant at or before which own callbacks were due that
// are released at now: those for which ReleaseOf is not after now. It is false
// if none is.
func (c *Campaign) Released(now time.Time) (due time.Time, ok bool) {
	release := time.Duration(c.cfg.Callbacks.Release)
	if release <= 0 || c.work.gates.never() {
		return time.Time{}, false
	}
	if len(c.work.gates) == 0 {
		return now.Add(-release), true
	}
	if s := c.released.Load(); s != nil && !now.Before(s.from) && now.Before(s.to) {
		return s.at(now), true
	}
	due, ok = c.releasedAnew(now, release)
	if ok {
		if s := c.work.gates.stretch(now, due); now.Before(s.to) {
			c.released.Store(s)
		}
	}
	return due, ok
}

// releasedAnew finds what was released at now.
func (c *Campaign) releasedAnew(now time.Time, release time.Duration) (due time.Time, ok bool) {
	// Working time is counted forward only, so begin ever further back until
	// enough has passed since then.
	for back := time.Duration(2*secondsPerDay)*time.Second + 2*release; ; back *= 2 {
		back = min(back, workHorizon*time.Second)
		from := time.Unix(now.Add(-back).Unix(), 0).UTC()
		if worked := c.work.gates.worked(from, now); worked >= release {
			return c.work.gates.latest(from, worked-release), true
		}
		if back == workHorizon*time.Second {
			return time.Time{}, false
		}
	}
}

// stretch is a time in which what is released moves evenly, or stays: neither
// it nor the clock comes to an opening or a closing.
type stretch struct {
	from, to time.Time
	due      time.Time // what was released at from
	moves    bool      // as the clock does
}

func (s *stretch) at(now time.Time) time.Time {
	if s.moves {
		return s.due.Add(now.Sub(s.from))
	}
	return s.due
}

// stretch begins at now, when callbacks due at due were released.
func (gs gates) stretch(now, due time.Time) *stretch {
	open, until := gs.at(now.Unix())
	s := &stretch{from: now.Round(0), to: time.Unix(until, 0).UTC(), due: due, moves: open}
	if open {
		_, end := gs.at(due.Unix())
		if to := s.from.Add(time.Unix(end, 0).Sub(due)); to.Before(s.to) {
			s.to = to
		}
	}
	// Nobody looks back further than the horizon.
	if to := due.Add(workHorizon * time.Second); to.Before(s.to) {
		s.to = to
	}
	return s
}

// worked returns how much open time lies between two instants.
func (gs gates) worked(from, to time.Time) time.Duration {
	var sum time.Duration
	for from.Before(to) {
		open, until := gs.at(from.Unix())
		next := time.Unix(until, 0).UTC()
		if to.Before(next) {
			next = to
		}
		if open {
			sum += next.Sub(from)
		}
		from = next
	}
	return sum
}

// latest returns the latest instant at which no more than d of open time have
// passed since from.
func (gs gates) latest(from time.Time, d time.Duration) time.Time {
	for {
		open, until := gs.at(from.Unix())
		next := time.Unix(until, 0).UTC()
		if open {
			if left := next.Sub(from); d < left {
				return from.Add(d)
			} else {
				d -= left
			}
		}
		from = next
	}
}
