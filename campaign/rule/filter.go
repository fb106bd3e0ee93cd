package rule

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/calendar"
)

// Filter is a compiled condition over the records of a campaign: what a listing
// shows, and what a change in bulk is about. It is immutable and safe for
// concurrent use.
type Filter struct{ set *Set }

var _ campaign.Judge = (*Filter)(nil)

// Filter compiles a condition over the campaign's records, such as
//
//	record.attempts >= 3 && record.fields.city == "Kraków"
//
// It can read what a dial condition can, but for blacklisted: no blacklist is
// asked. The error joins all mistakes, each a [*campaign.FieldError]; warnings
// refuse nothing.
func (e Engine) Filter(c *campaign.Campaign, text string) (*Filter, []campaign.Warning, error) {
	if c == nil {
		return nil, nil, errors.New("rule: no campaign: a filter is about the records of one")
	}
	rules, warnings, err := e.Rules(c, []campaign.Condition{{Path: "filter", Kind: campaign.Where, Text: text}})
	if err != nil {
		return nil, nil, err
	}
	return &Filter{rules.(*Set)}, warnings, nil
}

// Text is the condition as it was given.
func (f *Filter) Text() string { return f.set.programs[0].condition.Text }

// Campaign is the one whose records it can judge.
func (f *Filter) Campaign() campaign.ID { return f.set.campaign.ID() }

// Need says what must be known beside a record to judge it at now.
func (f *Filter) Need(now time.Time) campaign.Need {
	reads := f.set.reads
	need := campaign.Need{Contact: reads.Contact}
	switch {
	case reads.All:
	case reads.Within == 0 && !reads.Today:
		need.NoCalls = true
	default:
		need.Since = now.Add(-reads.Within)
		if midnight := calendar.Midnight(now, f.set.campaign.Zone()); reads.Today && midnight.Before(need.Since) {
			need.Since = midnight
		}
	}
	return need
}

// Holds tells whether a record matches. The error is a [*Failure]: the record
// then neither matches nor not. Without facts there is an error, too.
func (f *Filter) Holds(facts *campaign.Facts, now time.Time) (bool, error) {
	return f.set.Holds(0, facts, nil, now)
}

// Explain says why a record matches, or why not.
func (f *Filter) Explain(facts *campaign.Facts, now time.Time) Explanation {
	return f.set.Explain(0, facts, nil, now)
}

// glance is what can be told of a record without its facts, which nothing then
// needs to keep.
func (f *Filter) glance(r *campaign.Record, now time.Time) answer {
	var x sight
	x.set, x.r, x.now = f.set, r, now
	if g := f.set.programs[0].fast.glance; g != nil {
		return g.glance(&x)
	}
	return ask
}

// recordsBetweenLooks is after how many records a search looks whether it is
// still wanted.
const recordsBetweenLooks = 256

// Find streams the records that where finds and the condition holds for, in the
// store's order. The facts hold a contact and calls as far as the condition
// reads them.
//
// A record for which the condition fails comes too, with its [*Failure]: it is
// never left out, and never taken for one that does not match. After any other
// error nothing more comes.
//
// where.Campaigns is the filter's campaign, or empty for it. where.Limit is how
// many records that match come at the most, failed ones beside; where.After
// resumes behind a record that came.
func (f *Filter) Find(ctx context.Context, store campaign.Store, where campaign.Filter, now time.Time) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		where, err := f.within(where)
		if err != nil {
			yield(campaign.Facts{}, err)
			return
		}
		limit, left := where.Limit, where.Limit
		where.Limit = 0
		var facts campaign.Facts // one place for all: a condition sees it through a pointer
		seen := 0
		for found, err := range store.Find(ctx, where, f.Need(now)) {
			if err != nil {
				yield(campaign.Facts{}, err)
				return
			}
			// A store looks at ctx when it reads; what it has read may be much.
			if seen++; seen%recordsBetweenLooks == 0 && ctx.Err() != nil {
				yield(campaign.Facts{}, ctx.Err())
				return
			}
			if f.glance(&found.Record, now) == no {
				continue
			}
			facts = found
			ok, err := f.Holds(&facts, now)
			if !ok && err == nil {
				continue
			}
			if !yield(found, err) {
				return
			}
			if err != nil {
				continue
			}
			if left--; limit > 0 && left == 0 {
				return
			}
		}
	}
}

// within keeps a search to the filter's campaign, whose conditions know only
// its own record types and statuses.
func (f *Filter) within(where campaign.Filter) (campaign.Filter, error) {
	id := f.Campaign()
	switch {
	case len(where.Campaigns) == 0:
		where.Campaigns = []campaign.ID{id}
	case len(where.Campaigns) > 1 || where.Campaigns[0] != id:
		return where, &campaign.FieldError{Path: "campaigns", Value: fmt.Sprint(where.Campaigns),
			Msg: fmt.Sprintf("the condition was compiled for campaign %q: give that one, or none", string(id))}
	}
	return where, nil
}
