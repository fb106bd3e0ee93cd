package twin

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// branches counts what a Claim met, as the reference answers.
func (p *pair) branches(q *campaign.Claim, err error) {
	got := &p.claimed[reference]
	p.meet("claim: configuration changed", err != nil && kind(err) == campaign.ErrConfigChanged.Error())
	p.meet("claim: refused", err != nil && kind(err) == misfit)
	if err != nil {
		return
	}
	p.meet("claim: leased", len(got.Leased) > 0)
	p.meet("claim: as many as asked for", len(got.Leased) == q.Limit)
	p.meet("claim: none left", len(got.Leased) > 0 && len(got.Leased) < q.Limit)
	p.meet("claim: several campaigns", len(q.From) > 1 && len(got.Leased) > 1 && got.Leased[0].Record.Campaign != got.Leased[len(got.Leased)-1].Record.Campaign)
	p.meet("claim: expired", len(got.Expired) > 0)
	p.meet("claim: more expired than the limit", len(got.Expired) == q.Limit)
	p.meet("claim: owners", len(got.Owners) > 0)
	p.meet("claim: the clock is set back", q.Now.Before(p.latest))
	p.meet("claim: a live lease runs on", !got.NextExpiry.IsZero())
	for i := range got.Classes {
		c := &got.Classes[i]
		p.meet("class: own callbacks", c.HasOwn)
		p.meet("class: parked", !c.Wake.IsZero())
		p.meet("class: all parked", c.Waiting == 0)
	}
	for i := range got.Expired {
		l := &got.Expired[i].Lease
		before := func(r campaign.Ref) bool {
			return r.Token > l.Call && r.Record == got.Expired[i].Record.ID && r.Campaign == got.Expired[i].Record.Campaign
		}
		p.meet("expired: not for the first time", slices.ContainsFunc(p.live, before))
		p.meet("expired: one over several records", len(l.With) > 0)
		p.meet("expired: dialled", l.Phase != campaign.Offered)
	}
	for i := range got.Leased {
		f := &got.Leased[i]
		r := &f.Record
		p.meet("leased: from "+r.Lane.String(), true)
		p.meet("leased: anybody's own callback", r.Lane == status.LaneOwn && r.Owner != q.Agent)
		p.meet("leased: calls to others", slices.ContainsFunc(f.History, func(c *campaign.Call) bool { return c.Record != r.ID || c.Campaign != r.Campaign }))
		p.meet("leased: contact known", f.Contact != nil)
		p.meet("leased: a park that is over", !r.Park.Until.IsZero() && !q.Now.Before(r.Park.Until))
		p.meet("leased: a park of another revision", q.Now.Before(r.Park.Until))
		for _, h := range f.Busy {
			p.meet("busy: number", h.Number != 0)
			p.meet("busy: contact", h.Contact != "")
		}
		if i > 0 {
			b := &got.Leased[i-1].Record
			tie := b.Campaign == r.Campaign && b.Lane == r.Lane && b.Sort == r.Sort && b.Sequence == r.Sequence
			keyed := r.Lane == status.LaneFresh || r.Lane == status.LaneLast
			p.meet("leased: a tie", tie && (keyed && b.Key == r.Key || !keyed && b.Due == r.Due))
			p.meet("leased: classes are merged", b.Campaign == r.Campaign && b.Lane == r.Lane && b.Class != r.Class)
		}
	}
}

// demanded are the branches that every run of some length must meet: what is
// never met is not compared.
var demanded = []string{
	"claim: leased", "claim: as many as asked for", "claim: none left", "claim: several campaigns", "claim: expired",
	"claim: more expired than the limit", "claim: owners", "claim: the clock is set back", "claim: a live lease runs on",
	"claim: configuration changed", "claim: refused",
	"class: own callbacks", "class: parked", "class: all parked",
	"expired: not for the first time", "expired: one over several records", "expired: dialled",
	"leased: from own", "leased: from progressive", "leased: from public", "leased: from fresh", "leased: from again", "leased: from last",
	"leased: anybody's own callback", "leased: calls to others", "leased: contact known", "leased: a park that is over",
	"leased: a park of another revision", "leased: a tie", "leased: classes are merged", "busy: number", "busy: contact",
	"lease: ends before the one begun before it",
	"commit: added", "commit: added under a lease", "commit: extended", "commit: released", "commit: reported", "commit: taken",
	"commit: taken with others", "commit: late report", "commit: without a record",
	"commit: duplicate record id", "commit: duplicate contact in campaign", "commit: duplicate number in campaign",
	"commit: leased record", "commit: held number", "commit: held contact", "commit: dialled number is held",
	"commit: lease lost", "commit: record changed since it was read", "commit: record not found", "commit: campaign configuration changed", "commit: " + misfit,
	"wake: a park ends", "sequence: moved", "number: moved", "the first token ends a lease that ran out",
	"move: done", "move: of a record that was called", "erase: of a record that was called", "commit: late report of a moved record",
	"look: by an old name", "look: call of a token", "look: call with its before", "look: nobody", "look: lease over several",
	"find: some", "find: behind a record", "find: behind nobody", "count: several groups",
	"check: listed", "history: calls", "history: entries", "pending: some",
}

// unmet are the demanded branches that were never met.
func unmet(met map[string]int) (missing []string) {
	for _, branch := range demanded {
		if met[branch] == 0 {
			missing = append(missing, branch)
		}
	}
	return missing
}
