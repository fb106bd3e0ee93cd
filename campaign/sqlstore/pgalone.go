package sqlstore

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// alone does a Claim that is the only job of a transaction in one statement,
// without a transaction around it. It returns false if that cannot be done: then
// nothing is leased, and what else it did may stay.
func (e postgres) alone(r *run, jobs []*job) (done bool, err error) {
	if len(jobs) != 1 || jobs[0].claim == nil {
		return false, nil
	}
	j := jobs[0]
	empty(j.into) // it may have been tried before
	c := &claim{run: r, q: j.claim, into: j.into}
	args, ok := e.claimArgs(c)
	if !ok {
		return false, nil
	}
	b := round{run: r, claims: []*claim{c}, now: micros(c.q.Now)}
	same := args[len(args)-6].(string) // what the bodies of all leases end with
	a := leased{round: &b, of: func(f *found, x *row) (*claim, *lease) {
		l := &lease{call: f.row.lease, token: f.row.lease, on: f.row.key(), terms: terms(c.q, &x.record), read: true, stored: true}
		l.holder, l.until, l.body = l.terms.Holder, micros(l.terms.Until), bodyOf(&l.terms, same)
		return c, l
	}}
	done = true
	outdated := false
	err = e.ask(r, func(f *found) error {
		switch f.kind {
		case foundCampaign:
			outdated = true
			r.known[f.on.campaign] = &known{revision: f.call.Int64, stored: true}
		case foundExpiry:
			c.into.NextExpiry = instant(f.until.Int64)
		case foundExpired:
			done = false
		default:
			return a.add(f)
		}
		return nil
	}, pgClaimAlone, args...)
	if err != nil || !done {
		return false, err
	}
	if outdated {
		j.err = b.outdated(c)
		return true, nil
	}
	for i := range c.q.From {
		step := &c.q.From[i]
		r.known[step.Campaign] = &known{revision: step.Revision, stored: true}
	}
	return true, a.tell()
}

// claimArgs are what nextcall_claim takes. It is not for Claims whose steps name
// one campaign at several revisions.
func (e postgres) claimArgs(c *claim) (args []any, ok bool) {
	b := round{run: c.run, at: make(map[string]int)}
	var from, owners, opens []string
	var steps, stepMax, lanes, dues, most, opening []int64
	q := c.q
	for i := range q.From {
		step := &q.From[i]
		at := slices.Index(c.met, step.Campaign)
		if at < 0 {
			c.met = append(c.met, step.Campaign)
			b.revisions = append(b.revisions, step.Revision)
		} else if b.revisions[at] != step.Revision {
			return nil, false
		}
		open := b.open(step.Open)
		if int(open) > len(opens) {
			opens = append(opens, arrayOf(step.Open))
		}
		for k := range step.Sources {
			source := &step.Sources[k]
			if source.Lane == status.LaneNone || int(source.Lane) >= status.NumLanes {
				continue
			}
			owner, limit := "", source.Max
			if source.Lane == status.LaneOwn {
				owner = string(source.Owner)
			}
			if limit <= 0 {
				limit = math.MaxInt32
			}
			from, owners, steps = append(from, string(step.Campaign)), append(owners, owner), append(steps, int64(i))
			stepMax, lanes, dues = append(stepMax, int64(step.Max)), append(lanes, int64(source.Lane)), append(dues, micros(source.Due))
			most, opening = append(most, int64(limit)), append(opening, open)
		}
	}
	order := make([]int, len(c.met))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(c.met[x], c.met[y]) })
	met, revisions := make([]string, len(order)), make([]int64, len(order))
	for i, at := range order {
		met[i], revisions[i] = string(c.met[at]), b.revisions[at]
	}
	var agents []string
	if q.Agent != "" {
		agents = []string{string(q.Agent)}
	}
	// What differs between records is written before it.
	same := offer(q, 0, false, 0)
	terms := c.leaseBody(&same)[1:]
	if terms != "}" {
		terms = "," + terms
	}
	return []any{nonNil(met), nonNil(revisions), micros(q.Now), int64(q.Limit),
		nonNil(from), nonNil(steps), nonNil(stepMax), nonNil(lanes), nonNil(owners), nonNil(dues), nonNil(most), nonNil(opening), nonNil(opens),
		q.Holder, micros(q.Until), terms, !q.Need.NoCalls, micros(q.Need.Since), q.Need.Contact, nonNil(agents), q.Owners}, true
}

// arrayOf writes a list as PostgreSQL reads one.
func arrayOf(list []string) string {
	text := []byte{'{'}
	for i, s := range list {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, '"')
		for j := range len(s) {
			if s[j] == '"' || s[j] == '\\' {
				text = append(text, '\\')
			}
			text = append(text, s[j])
		}
		text = append(text, '"')
	}
	return string(append(text, '}'))
}

// nonNil makes an argument an empty list instead of none.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// bodyOf is the body of a lease as nextcall_claim has written it.
func bodyOf(terms *campaign.Lease, same string) string {
	b := strconv.AppendInt([]byte(`{"lane":`), int64(terms.Lane), 10)
	if n := terms.Number; n != 0 {
		b = strconv.AppendInt(append(b, `,"number":`...), int64(n), 10)
	}
	if terms.ForCallback {
		b = append(b, `,"for_callback":true`...)
	}
	return string(append(b, same...))
}
