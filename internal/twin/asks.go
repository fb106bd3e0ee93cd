package twin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func (p *pair) claimSome(seed uint64) {
	q := campaign.Claim{Now: p.now, Until: p.now.Add(time.Duration(1+p.IntN(600)) * time.Second), Holder: p.text("h"), Agent: p.agent(),
		Reserved: p.flag(), Limit: 1 + p.IntN(4), Owners: p.oneIn(4), Need: p.need()}
	switch {
	case p.oneIn(100):
		q.Limit = 0
	case p.oneIn(20):
		q.Limit = 50
	}
	for range 1 + p.IntN(3) {
		id := p.campaign()
		step := campaign.Step{Campaign: id, Revision: p.revision[id], Open: p.open(), Max: 100, Sources: p.sources()}
		if p.oneIn(5) {
			step.Max = p.IntN(4)
		}
		if p.oneIn(60) {
			step.Revision += int64(p.IntN(4)) - 2
		}
		q.From = append(q.From, step)
	}
	p.claim(q)
}

func (p *pair) need() campaign.Need {
	n := campaign.Need{NoCalls: p.oneIn(5), Contact: p.flag(), Before: p.flag()}
	if p.oneIn(2) {
		n.Since = p.instant()
	}
	return n
}

// misfit commits what does not fit together.
func (p *pair) misfit(seed uint64) {
	p.commit(seed, func(int) []campaign.Change {
		ref, l := p.ref(), p.lease()
		token := ref
		token.Token = 1 + campaign.Token(p.IntN(5))
		bad := []campaign.Change{
			{Ref: token, Lease: l},
			{Ref: ref, Add: true},
			{Add: true, Record: &campaign.Record{Campaign: ref.Campaign}},
			{Ref: ref, Record: p.record(p.ref(), 0)},
			{Entry: p.line(0)},
			{Lease: l},
			{Call: &campaign.Call{Campaign: ref.Campaign, Record: ref.Record}},
			{Contact: &campaign.Contact{Company: "c"}},
			{Contact: &campaign.Contact{ID: "p0"}, Merge: "p0"},
			{Contact: &campaign.Contact{ID: "p0"}, Merge: "p1", Forget: "p1"},
			{Merge: "p0"},
			{Contact: &campaign.Contact{ID: "p0"}, MergeVersion: 1},
			{UniqueContact: true, Forget: "p0"},
			{Actions: []campaign.Action{{Template: "t"}}},
			{List: []blacklist.Entry{{List: "l", Number: 1}, {Number: p.number()}}},
			{Ref: token, Add: true, Record: p.record(ref, 0)},
			{Ref: ref, Extend: true},
			{Ref: ref, Add: true, Extend: true, Record: p.record(ref, 0)},
			{},
		}
		return bad[p.IntN(len(bad)):][:1]
	})
}

func (p *pair) lookAtSome(uint64) {
	var refs []campaign.Ref
	for range 1 + p.IntN(3) {
		ref := p.ref()
		if len(p.old) > 0 && p.oneIn(2) {
			ref = p.old[p.IntN(len(p.old))]
		}
		if live, ok := p.anyLive(); ok && p.oneIn(3) {
			ref = live
		}
		refs = append(refs, ref)
	}
	p.look(p.need(), refs...)
}

// read asks one of the questions that change nothing.
func (p *pair) read(uint64) {
	switch p.IntN(6) {
	case 0:
		groups := []campaign.Group{campaign.ByNothing, campaign.ByState, campaign.ByStatus, campaign.ByQualifier, campaign.ByOwner, campaign.ByClass, campaign.ByCampaign, "colour"}
		p.find(p.filter(), p.need(), groups[p.IntN(len(groups))])
	case 1, 2:
		p.check(blacklist.Query{Now: p.now, Lists: []blacklist.List{p.list(), p.list()}, Numbers: []blacklist.Number{p.number(), p.number(), p.number()}})
	case 3, 4:
		p.history(p.ref())
	case 5:
		p.pending(p.action().ID, p.IntN(6))
	}
}

func (p *pair) clock(uint64) {
	by := []time.Duration{time.Microsecond, time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour, -time.Minute, -3 * time.Minute}[p.IntN(8)]
	if p.oneIn(60) {
		by = time.Duration(p.IntN(72)-24) * time.Hour
	}
	p.now = p.now.Add(by)
}

func (p *pair) revise(uint64) {
	if p.oneIn(3) {
		p.revision[p.campaign()]++
	}
}

// cancelled asks with a context that is done.
func (p *pair) cancelled(uint64) {
	done, cancel := context.WithCancel(ctx)
	cancel()
	for _, st := range p.st {
		ref := p.ref()
		errs, err := st.Commit(done, campaign.Change{Ref: ref, Add: true, Record: &campaign.Record{ID: ref.Record, Campaign: ref.Campaign, Class: "x", Progress: campaign.Progress{Lane: status.LaneFresh, Standing: status.StandingQueued}}})
		if errs != nil || !errors.Is(err, context.Canceled) {
			p.differ(fmt.Sprintf("commit of a context that is done: %v, %v", errs, err))
		}
	}
}

// swap gives each store the memory that the other has filled.
func (p *pair) swap(uint64) {
	p.held = nil
	p.claimed[0], p.claimed[1] = p.claimed[1], p.claimed[0]
	p.looked[0], p.looked[1] = p.looked[1], p.looked[0]
}

// everything compares all that both stores hold.
func (p *pair) everything() {
	p.find(campaign.Filter{At: p.now}, campaign.Need{Contact: true}, campaign.ByState)
	for id := range p.records {
		if id%7 == 0 {
			p.history(campaign.Ref{Campaign: p.campaign(), Record: campaign.RecordID(fmt.Sprint("r", id/p.campaigns))})
		}
	}
	p.pending("", 0)
	p.everybody()
	p.last()
}
