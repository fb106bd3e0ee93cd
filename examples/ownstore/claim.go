package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// waiting says in SQL whether a case may be claimed at all; parked, whether the
// verdict that it cannot be called still counts, at now under a revision.
const (
	waiting = `queue <> 0 AND reserved_by = 0`
	parked  = `(parked_under = ? AND parked_until > ?)`
)

// Claim implements campaign.Store.
func (s Store) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	*into = campaign.Claimed{}
	if q.Limit < 1 {
		return fmt.Errorf("claim of %d leases: want at least 1", q.Limit)
	}
	q.Now, q.Until = whole(q.Now), whole(q.Until)
	var refused error
	err := s.within(ctx, func(t *tx) {
		var projects []campaign.ID // each once
		for _, step := range q.From {
			t.learn(step.Campaign, step.Revision)
			if !slices.Contains(projects, step.Campaign) {
				projects = append(projects, step.Campaign)
			}
		}
		for _, step := range q.From {
			if refused = t.outdated(step.Campaign, step.Revision); refused != nil {
				return
			}
		}
		t.expire(&q, projects, into)
		var until int64
		if t.one(`SELECT until FROM reservations WHERE case_no IN (SELECT no FROM cases WHERE project IN (SELECT value FROM json_each(?)))
			ORDER BY until`, list{asJSON(projects)}, list{&until}) {
			into.NextExpiry = instant(until)
		}
		if len(into.Expired) == 0 {
			for i := range q.From {
				t.serve(&q, &q.From[i], into)
			}
		}
		for _, id := range projects {
			t.report(&q, id, into)
		}
	})
	if err == nil {
		err = refused // what was learnt is kept
	}
	if err != nil {
		*into = campaign.Claimed{}
	}
	return err
}

// revision is the newest known of a project, or 0.
func (t *tx) revision(id campaign.ID) (newest int64) {
	t.one(`SELECT revision FROM projects WHERE id = ?`, list{id}, list{&newest})
	return newest
}

func (t *tx) learn(id campaign.ID, revision int64) {
	t.exec(`INSERT INTO projects (id, revision) VALUES (?, ?) ON CONFLICT DO UPDATE SET revision = MAX(revision, excluded.revision)`, id, revision)
}

// outdated returns an error if a newer revision than this one is known.
func (t *tx) outdated(id campaign.ID, revision int64) error {
	if newest := t.revision(id); newest > revision {
		return fmt.Errorf("campaign %s at revision %d, the newest is %d: %w", id, revision, newest, campaign.ErrConfigChanged)
	}
	return nil
}

// expire hands out the reservations that have run out, oldest first. They hold
// nothing but their cases from now on, and have a new token.
func (t *tx) expire(q *campaign.Claim, projects []campaign.ID, into *campaign.Claimed) {
	var over []campaign.Token
	var attempt campaign.Token
	t.each(`SELECT r.attempt FROM reservations r JOIN cases c ON c.no = r.case_no WHERE r.until <= ? AND c.project IN (SELECT value FROM json_each(?))
		ORDER BY r.until, r.token LIMIT ?`, list{micros(q.Now), asJSON(projects), q.Limit}, list{&attempt}, func() { over = append(over, attempt) })
	for _, attempt := range over {
		t.release(attempt)
	}
	for _, attempt := range over {
		l, _ := t.lease(attempt)
		f := t.of(attempt)[0]
		l.Token, l.Until = campaign.Token(t.next("token")), q.Until
		t.keep(&l, f.no)
		into.Expired = append(into.Expired, t.facts(f, q.Need))
	}
}

// serve reserves cases for one step of a Claim. The order is all in the query:
// the queues fresh and last go by rank, the others by the time to call.
func (t *tx) serve(q *campaign.Claim, step *campaign.Step, into *campaign.Claimed) {
	left := min(step.Max, q.Limit-len(into.Leased))
	for _, source := range step.Sources {
		most := max(left, 0)
		if source.Max > 0 {
			most = min(most, source.Max)
		}
		owner := source.Owner
		if source.Lane != status.LaneOwn {
			owner = ""
		}
		ranked := source.Lane == status.LaneFresh || source.Lane == status.LaneLast
		found := t.files(`WHERE project = ? AND queue = ? AND desk IN (SELECT value FROM json_each(?)) AND call_at <= ? AND (agent = ?5 OR ?5 = '')
			AND `+waiting+` AND NOT `+parked+` ORDER BY IIF(?8, 0, call_at), priority, IIF(?8, rank, 0), position, no LIMIT ?9`,
			step.Campaign, source.Lane, asJSON(step.Open), micros(source.Due), owner, step.Revision, micros(q.Now), ranked, most)
		for _, f := range found {
			l := campaign.Lease{
				Holder: q.Holder, Agent: q.Agent, Phase: campaign.Offered, Lane: source.Lane, ForCallback: f.record.Promised,
				Reserved: q.Reserved, At: q.Now, Until: q.Until,
			}
			if next := f.record.Next; next >= 0 && next < len(f.record.Phones) {
				l.Number = f.record.Phones[next].Number
			}
			t.reserve(&l, f)
			into.Leased = append(into.Leased, t.facts(f, q.Need))
		}
		left -= len(found)
	}
}

// report tells for each desk of a project what waits there, and from when on.
func (t *tx) report(q *campaign.Claim, id campaign.ID, into *campaign.Claimed) {
	var desk string
	var lane status.Lane
	var owner campaign.AgentID
	var aside bool
	var due, wake int64
	from := len(into.Classes)
	t.each(`SELECT desk, queue, agent, `+parked+` AS aside, MIN(call_at), MIN(parked_until) FROM cases WHERE project = ? AND `+waiting+`
		GROUP BY desk, queue, agent, aside ORDER BY desk, agent`, list{t.revision(id), micros(q.Now), id},
		list{&desk, &lane, &owner, &aside, &due, &wake}, func() {
			if n := len(into.Classes); n == from || into.Classes[n-1].Name != desk {
				into.Classes = append(into.Classes, campaign.Class{Campaign: id, Name: desk})
			}
			c := &into.Classes[len(into.Classes)-1]
			if aside {
				c.Wake = earlier(c.Wake, !c.Wake.IsZero(), instant(wake))
				return
			}
			c.Heads[lane] = earlier(c.Heads[lane], c.Waiting>>lane&1 != 0, instant(due))
			c.Waiting |= 1 << lane
			if lane != status.LaneOwn || owner == "" {
				return
			}
			if owner == q.Agent {
				c.Own, c.HasOwn = instant(due), true
			}
			if q.Owners {
				into.Owners = append(into.Owners, campaign.OwnerHead{Campaign: id, Class: desk, Owner: owner, Due: instant(due)})
			}
		})
}

// earlier is the earlier of two times, of which the first may not be set.
func earlier(a time.Time, set bool, b time.Time) time.Time {
	if set && a.Before(b) {
		return a
	}
	return b
}
