package sim

import (
	"sync/atomic"
	"time"
)

// Clock is virtual time in UTC at microseconds. It stands still until it is
// set. Give its Now to the [dialer.Queue] that takes part in the simulation. It
// is safe for concurrent use.
type Clock struct{ micro atomic.Int64 }

// NewClock returns a clock that stands at start.
func NewClock(start time.Time) *Clock {
	c := &Clock{}
	c.Set(start)
	return c
}

// Now is the time on the clock.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.micro.Load()).UTC() }

// Set moves the clock, forwards or back.
func (c *Clock) Set(t time.Time) { c.micro.Store(t.UnixMicro()) }
