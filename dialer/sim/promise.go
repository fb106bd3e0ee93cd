package sim

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// promise is a callback that was agreed.
type promise struct {
	due    time.Time
	owner  campaign.AgentID // of an own callback, else ""
	dialed bool             // it has been tried
}

// promises keeps the books on callbacks: at most one is pending for a record.
type promises struct {
	pending map[campaign.Ref]promise
	onTime  time.Duration
	queue   *dialer.Queue
	count   *Callbacks
}

func key(ref campaign.Ref) campaign.Ref {
	return campaign.Ref{Campaign: ref.Campaign, Record: ref.Record}
}

// dial notes that a call is made for a pending promise.
func (p *promises) dial(c *Call) error {
	k := key(c.Ref)
	made, ok := p.pending[k]
	if !ok || made.dialed {
		return nil
	}
	opening, err := p.opening(k.Campaign, c.Record.Class, made.due)
	if err != nil {
		return err
	}
	if c.At.After(opening.Add(p.onTime)) {
		p.count.Late++
	} else {
		p.count.OnTime++
	}
	if made.owner != "" && made.owner != c.Agent {
		p.count.Passed++
	}
	made.dialed = true
	p.pending[k] = made
	return nil
}

// report notes what a call came to.
func (p *promises) report(c *Call, outcome campaign.Outcome, a *campaign.Answer) {
	k := key(c.Ref)
	decided := a.Has(campaign.WhyChosen) || a.Has(campaign.WhyRule)
	waits := a.Standing == status.StandingQueued && (a.Lane == status.LaneOwn || a.Lane == status.LanePublic)
	if _, ok := p.pending[k]; ok {
		switch {
		case outcome.Reached():
			p.count.Reached++
		case a.Has(campaign.WhyCallbackGivenUp):
			p.count.GivenUp++
		case waits && !decided:
			return // the promise stands, the next try is later
		default:
			p.count.Ended++
		}
		delete(p.pending, k)
	}
	if !decided || !waits {
		return
	}
	made := promise{due: a.Due}
	p.count.Made++
	if a.Lane == status.LaneOwn {
		made.owner = a.Owner
		p.count.Own++
	}
	p.pending[k] = made
}

// finish counts what is still pending at the end.
func (p *promises) finish(end time.Time, classOf func(campaign.Ref) string) error {
	for ref, made := range p.pending {
		if made.dialed {
			p.count.Trying++
			continue
		}
		opening, err := p.opening(ref.Campaign, classOf(ref), made.due)
		if err != nil {
			return err
		}
		if opening.Before(end) {
			p.count.Overdue++
		} else {
			p.count.NotDue++
		}
	}
	return nil
}

// maxOpenings bounds the search for a moment at which two timetables are open;
// each step passes the next opening of one of them.
const maxOpenings = 1000

// opening is the first moment from t on at which the campaign calls people of
// the class, and t itself if there is none.
func (p *promises) opening(id campaign.ID, class string, t time.Time) (time.Time, error) {
	c, err := p.queue.Campaign(id)
	if err != nil {
		return t, err
	}
	at := t
	for range maxOpenings {
		open, until := c.ClassOpen(class, at)
		if open {
			if open, until, _ = c.Running(at); open {
				return at, nil
			}
		}
		if !until.After(at) {
			return t, nil
		}
		at = until
	}
	return t, nil
}
