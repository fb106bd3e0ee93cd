package sim

import (
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Kind is what an [Event] is about.
type Kind string

// The kinds of events.
const (
	KindIdle     Kind = "idle"     // an agent asked and there was nothing; Next is when the agent asks again
	KindOffered  Kind = "offered"  // a record was offered, not dialled yet
	KindStarted  Kind = "started"  // a call is being dialled
	KindBlocked  Kind = "blocked"  // an offered record could not be dialled any more, and was given back
	KindAnswered Kind = "answered" // somebody answered
	KindReported Kind = "reported" // a call ended and was reported; Answer is what it came to
	KindLost     Kind = "lost"     // the report came too late: the lease had run out
)

// Event is one step of a simulation. Call and Answer must not be kept.
type Event struct {
	At     time.Time
	Kind   Kind
	Agent  campaign.AgentID
	Call   *Call            // but for idle
	Answer *campaign.Answer // of reported
	Err    error            // of blocked and lost
	Next   time.Time        // of idle; zero: with the next report
}

// String is the event in one line, without anything that differs between two
// runs from one seed.
func (e Event) String() string {
	var b strings.Builder
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
	fmt.Fprintf(&b, "%s %-8s agent=%s", stamp(e.At), e.Kind, e.Agent)
	if c := e.Call; c != nil {
		fmt.Fprintf(&b, " campaign=%s record=%s token=%d number=%s tier=%d dial=%d", c.Campaign, c.Record.ID, c.Token, c.Number.Number, c.Tier, c.Dial)
	}
	if a := e.Answer; a != nil {
		fmt.Fprintf(&b, " outcome=%s status=%q qualifier=%s standing=%s lane=%s attempts=%d", a.Outcome, string(a.Status), a.Qualifier, a.Standing, a.Lane, a.Attempts)
		if !a.Due.IsZero() {
			fmt.Fprintf(&b, " due=%s", stamp(a.Due))
		}
		if a.Owner != "" {
			fmt.Fprintf(&b, " owner=%s", a.Owner)
		}
		for _, why := range a.Why {
			fmt.Fprintf(&b, " why=%q", string(why))
		}
		for _, l := range a.Listed {
			fmt.Fprintf(&b, " listed=%s:%s", l.List, l.Number)
			if !l.Until.IsZero() {
				fmt.Fprintf(&b, "<%s", stamp(l.Until))
			}
		}
	}
	if !e.Next.IsZero() {
		fmt.Fprintf(&b, " next=%s", stamp(e.Next))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, " error=%q", e.Err)
	}
	return b.String()
}
