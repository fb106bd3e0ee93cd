package memstore

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/status"
)

// pair are this store and the plain one, which are asked the same.
type pair struct {
	ours     *Store
	plain    *plainstore.Store
	claimed  campaign.Claimed // used again and again
	looked   campaign.Looked
	clockSet bool
}

var background = context.Background()

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// commit gives both the same changes; each gets a lease of its own to write to.
func (p *pair) commit(t require.TestingT, changes ...campaign.Change) []error {
	ours := make([]campaign.Change, len(changes))
	for i, ch := range changes {
		ours[i] = ch
		if ch.Lease != nil {
			l := *ch.Lease
			ours[i].Lease = &l
		}
	}
	got, err := p.ours.Commit(background, ours...)
	require.NoError(t, err)
	want, err := p.plain.Commit(background, changes...)
	require.NoError(t, err)
	require.Equal(t, len(want), len(got), "%v, not %v", got, want)
	for i := range want {
		require.Equal(t, text(want[i]), text(got[i]))
		for _, is := range []error{campaign.ErrConflict, campaign.ErrLeaseLost, campaign.ErrNotFound, campaign.ErrConfigChanged} {
			require.Equal(t, errors.Is(want[i], is), errors.Is(got[i], is))
		}
	}
	for i := range changes {
		require.Equal(t, changes[i].Lease, ours[i].Lease)
	}
	return got
}

func (p *pair) claim(t require.TestingT, q campaign.Claim) []campaign.Facts {
	var want campaign.Claimed
	wantErr := p.plain.Claim(background, q, &want)
	err := p.ours.Claim(background, q, &p.claimed)
	require.Equal(t, text(wantErr), text(err))
	if err != nil {
		return nil
	}
	got := p.claimed
	p.same(t, want.Leased, got.Leased)
	p.same(t, want.Expired, got.Expired)
	if p.clockSet {
		// Parks that count again are met when their records come to the head.
		for _, classes := range [][]campaign.Class{want.Classes, got.Classes} {
			for i := range classes {
				classes[i].Wake = time.Time{}
			}
		}
	}
	require.Len(t, got.Classes, len(want.Classes))
	for i := range want.Classes {
		require.Equal(t, want.Classes[i], got.Classes[i])
	}
	require.Equal(t, want.NextExpiry, got.NextExpiry)
	require.Len(t, got.Owners, len(want.Owners))
	for i := range want.Owners {
		require.Equal(t, want.Owners[i], got.Owners[i])
	}
	return append(append([]campaign.Facts(nil), want.Leased...), want.Expired...)
}

func (p *pair) same(t require.TestingT, want, got []campaign.Facts) {
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, want[i], got[i])
	}
}

func (p *pair) look(t require.TestingT, need campaign.Need, refs ...campaign.Ref) []campaign.Facts {
	var want campaign.Looked
	require.NoError(t, p.plain.Look(background, need, &want, refs...))
	require.NoError(t, p.ours.Look(background, need, &p.looked, refs...))
	p.same(t, want.Facts, p.looked.Facts)
	return want.Facts
}

func TestItAnswersAsThePlainStoreDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &pair{ours: New(), plain: plainstore.New()}
		now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
		revision := map[campaign.ID]int64{"a": 1, "b": 1}
		camp := rapid.SampledFrom([]campaign.ID{"a", "b"})
		someClass := rapid.SampledFrom([]string{"X", "Y", "Z", ""})
		agent := rapid.SampledFrom([]campaign.AgentID{"p", "q", ""})
		minutes := rapid.IntRange(-20, 20)
		small := rapid.IntRange(0, 3)
		number := rapid.Map(small, func(i int) blacklist.Number { return blacklist.Number(48_600_000_000 + i) })
		shape := func(r *campaign.Record) {
			r.Class = someClass.Draw(t, "class")
			r.Lane = status.Lane(rapid.IntRange(1, status.NumLanes-1).Draw(t, "lane"))
			r.Standing = status.StandingQueued
			r.Due, r.Park, r.Owner = time.Time{}, campaign.Park{}, ""
			if rapid.Bool().Draw(t, "dated") {
				r.Due = now.Add(time.Duration(minutes.Draw(t, "due")) * time.Minute)
			}
			r.Order, r.Key = uint16(small.Draw(t, "order")), int64(max(0, small.Draw(t, "key")-2))
			if r.Sort = int64(r.Order); r.Order == 0 {
				r.Sort = 1 << 16
			}
			if small.Draw(t, "odd") == 0 {
				r.Sort = int64(small.Draw(t, "sort"))
			}
			r.Owner = agent.Draw(t, "owner")
			r.Promised = rapid.Bool().Draw(t, "promised")
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				r.Standing, r.Lane = status.StandingClosed, status.LaneNone
			case 1, 2, 3:
				r.Park = campaign.Park{Until: now.Add(time.Duration(minutes.Draw(t, "park")) * time.Minute),
					Revision: revision[r.Campaign] + int64(rapid.IntRange(-1, 1).Draw(t, "of revision"))}
			}
			r.Phones = nil
			for range small.Draw(t, "phones") {
				r.Phones = append(r.Phones, campaign.Phone{Number: number.Draw(t, "number")})
			}
			r.Next = small.Draw(t, "next")
			r.Contact = campaign.ContactID(rapid.SampledFrom([]string{"", "u", "v"}).Draw(t, "contact"))
			r.List = rapid.SampledFrom([]string{"", "l"}).Draw(t, "list")
			r.Author = rapid.SampledFrom([]string{"", "w"}).Draw(t, "author")
		}
		var live, known []campaign.Ref
		added := 0
		token := func(ref campaign.Ref) campaign.Ref {
			if rapid.IntRange(0, 9).Draw(t, "other token") == 0 {
				ref.Token = campaign.Token(rapid.IntRange(0, 20).Draw(t, "token"))
			}
			return ref
		}
		call := func(ref campaign.Ref) *campaign.Call {
			c := &campaign.Call{Token: max(1, ref.Token-campaign.Token(small.Draw(t, "token")/3)), Campaign: ref.Campaign, Record: ref.Record, Number: number.Draw(t, "of number"),
				Ended: now.Add(-time.Duration(small.Draw(t, "ended")) * time.Minute), Outcome: campaign.NoAnswer}
			if small.Draw(t, "of contact") == 0 {
				c.Contact = "u"
			}
			if rapid.Bool().Draw(t, "before") {
				c.Before = &campaign.Before{Progress: campaign.Progress{Status: "s"}}
			}
			return c
		}
		entry := func() *campaign.Entry {
			if rapid.Bool().Draw(t, "no entry") {
				return nil
			}
			return &campaign.Entry{At: now, Author: "w", Why: campaign.WhyAdded, Note: rapid.SampledFrom([]string{"", "note"}).Draw(t, "note")}
		}
		record := func() (campaign.Ref, *campaign.Record) {
			if len(known) == 0 {
				return campaign.Ref{}, nil
			}
			ref := rapid.SampledFrom(known).Draw(t, "record")
			r := p.look(t, campaign.Need{Contact: true}, ref)[0].Record
			if r.ID == "" {
				return ref, nil // it was refused
			}
			return ref, &r
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) { p.ours.audit(t) },
			"add": func(*rapid.T) {
				added++
				r := &campaign.Record{ID: campaign.RecordID(fmt.Sprintf("%05d", added)), Campaign: camp.Draw(t, "campaign"), Created: now}
				shape(r)
				if rapid.Bool().Draw(t, "fresh") {
					r.Class, r.Lane, r.Standing, r.Due, r.Park, r.Key, r.Sort, r.Order = "X", status.LaneFresh, status.StandingQueued, time.Time{}, campaign.Park{}, 0, 1<<16, 0
				}
				r.Sequence = int64(rapid.SampledFrom([]int{0, 0, 0, 0, 0, 100_000 - added, 7}).Draw(t, "sequence"))
				ch := campaign.Change{Ref: campaign.Ref{Campaign: r.Campaign, Record: r.ID}, Add: true, Record: r, Entry: entry(),
					UniqueNumbers: small.Draw(t, "unique") == 0}
				known = append(known, ch.Ref)
				if small.Draw(t, "inbound") == 0 {
					ch.Lease = &campaign.Lease{Until: now.Add(time.Minute), Number: number.Draw(t, "dialled")}
				}
				p.commit(t, ch)
				if ch.Lease != nil && ch.Lease.Token != 0 {
					ch.Ref.Token = ch.Lease.Token
					live = append(live, ch.Ref)
				}
			},
			"edit": func(*rapid.T) {
				ref, r := record()
				if r == nil {
					return
				}
				if rapid.Bool().Draw(t, "another shape") {
					shape(r)
				} else {
					r.List = "l"
				}
				if small.Draw(t, "another sequence") == 0 {
					r.Sequence = int64(rapid.IntRange(0, 20).Draw(t, "sequence"))
				}
				p.commit(t, campaign.Change{Ref: ref, Record: r, Entry: entry(), Revision: int64(small.Draw(t, "revision") / 3)})
			},
			"end or extend": func(*rapid.T) {
				if len(live) == 0 {
					return
				}
				ref := rapid.SampledFrom(live).Draw(t, "lease")
				r := p.look(t, campaign.Need{Before: true}, ref)[0].Record
				ch := campaign.Change{Ref: token(ref), Extend: small.Draw(t, "extend") == 0, Entry: entry()}
				if rapid.Bool().Draw(t, "write") {
					shape(&r)
					ch.Record = &r
				}
				if ch.Extend {
					if rapid.Bool().Draw(t, "new terms") {
						ch.Lease = &campaign.Lease{Until: now.Add(time.Duration(minutes.Draw(t, "until")) * time.Minute),
							Phase: campaign.Phase(small.Draw(t, "phase") % 3), Number: number.Draw(t, "dialled")}
					}
				} else {
					ch.Call = call(ref)
				}
				p.commit(t, ch)
			},
			"late": func(*rapid.T) {
				ref, r := record()
				if r == nil {
					return
				}
				ch := campaign.Change{Ref: ref, Call: call(ref), Entry: entry()}
				ch.Call.Token = campaign.Token(rapid.IntRange(1, 9).Draw(t, "token"))
				if rapid.Bool().Draw(t, "of another") {
					ch.Call.Campaign, ch.Call.Record = camp.Draw(t, "campaign"), campaign.RecordID(fmt.Sprintf("%05d", small.Draw(t, "record")))
				}
				p.commit(t, ch)
			},
			"take": func(*rapid.T) {
				ref, r := record()
				if r == nil {
					return
				}
				l := &campaign.Lease{Until: now.Add(5 * time.Minute)}
				if rapid.Bool().Draw(t, "with others") {
					l.With = []campaign.Ref{rapid.SampledFrom(known).Draw(t, "with"), rapid.SampledFrom(known).Draw(t, "with")}
				}
				p.commit(t, campaign.Change{Ref: ref, Lease: l})
				if ref.Token = l.Token; l.Token != 0 {
					live = append(live, ref)
					for _, with := range l.With {
						with.Token = l.Token
						live = append(live, with)
					}
				}
			},
			"move": func(*rapid.T) {
				ref, r := record()
				if r == nil {
					return
				}
				to := rapid.SampledFrom([]campaign.ID{"a", "b", "c"}).Draw(t, "to")
				if to == r.Campaign {
					return
				}
				if rapid.Bool().Draw(t, "another shape") {
					shape(r)
				}
				r.Campaign = to
				if small.Draw(t, "sequence") > 0 {
					r.Sequence = 0
				}
				ref.Token = 0
				p.commit(t, campaign.Change{Ref: ref, Move: true, Record: r, Entry: entry(), Erase: small.Draw(t, "erase") == 0,
					UniqueNumbers: small.Draw(t, "unique") == 0, Revision: int64(small.Draw(t, "revision") / 3)})
				known = append(known, campaign.Ref{Campaign: to, Record: r.ID})
			},
			"erase": func(*rapid.T) {
				if ref, r := record(); r != nil {
					p.commit(t, campaign.Change{Ref: ref, Erase: true, Entry: entry()})
				}
			},
			"wake":    func(*rapid.T) { p.commit(t, campaign.Change{Wake: []blacklist.Number{number.Draw(t, "number")}}) },
			"person":  func(*rapid.T) { p.commit(t, campaign.Change{Contact: &campaign.Contact{ID: "u", Company: "c"}}) },
			"restart": func(*rapid.T) { p.ours = reloaded(t, p.ours) },
			"lists": func(*rapid.T) {
				ch := campaign.Change{}
				e := blacklist.Entry{List: "l", Number: number.Draw(t, "number"), Author: rapid.SampledFrom([]string{"", "w"}).Draw(t, "author"),
					Until: now.Add(time.Duration(small.Draw(t, "until")) * time.Minute)}
				switch small.Draw(t, "change") {
				case 0:
					ch.Unlist = []blacklist.Key{e.Key()}
				case 1:
					ch.List = []blacklist.Entry{e}
				case 2:
					ch.Actions = []campaign.Action{{ID: rapid.StringMatching("[a-e]").Draw(t, "id"), Template: "t", At: now}}
				case 3:
					ch.Done = []string{rapid.StringMatching("[a-e]").Draw(t, "id")}
				}
				p.commit(t, ch)
				q := blacklist.Query{Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{e.Number}, Now: now}
				want, err := p.plain.Check(background, q)
				require.NoError(t, err)
				got, err := p.ours.Check(background, q)
				require.NoError(t, err)
				require.Equal(t, want, got)
				after, limit := rapid.StringMatching("[a-e]?").Draw(t, "after"), small.Draw(t, "limit")
				actions, err := p.plain.Pending(background, after, limit)
				require.NoError(t, err)
				ours, err := p.ours.Pending(background, after, limit)
				require.NoError(t, err)
				require.Equal(t, actions, ours)
			},
			"reload": func(*rapid.T) { revision[camp.Draw(t, "campaign")]++ },
			"pass": func(*rapid.T) {
				by := rapid.SampledFrom([]int{1, 5, 10, 30, -10}).Draw(t, "minutes")
				p.clockSet = p.clockSet || by < 0
				now = now.Add(time.Duration(by) * time.Minute)
			},
			"find": func(*rapid.T) {
				f := campaign.Filter{At: now, Limit: small.Draw(t, "limit")}
				switch small.Draw(t, "by") {
				case 0:
					f.Numbers, f.AnyNumber = []blacklist.Number{number.Draw(t, "number")}, rapid.Bool().Draw(t, "any")
				case 1:
					f.Contacts = []campaign.ContactID{"u"}
				case 2:
					f.Campaigns = []campaign.ID{camp.Draw(t, "campaign")}
				}
				if len(known) > 0 && rapid.Bool().Draw(t, "after") {
					f.After = rapid.SampledFrom(known).Draw(t, "record")
				}
				var found [2][]campaign.Facts
				var failed [2]string
				for i, st := range []campaign.Store{p.plain, p.ours} {
					for facts, err := range st.Find(background, f, campaign.Need{}) {
						if err != nil {
							failed[i] = text(err)
							break
						}
						found[i] = append(found[i], facts)
					}
				}
				require.Equal(t, failed[0], failed[1])
				p.same(t, found[0], found[1])
				for _, by := range []campaign.Group{campaign.ByState, campaign.ByClass, campaign.ByOwner} {
					f.After = campaign.Ref{}
					want, err := p.plain.Count(background, f, by)
					require.NoError(t, err)
					got, err := p.ours.Count(background, f, by)
					require.NoError(t, err)
					require.Equal(t, want, got)
				}
			},
			"history": func(*rapid.T) {
				ref, r := record()
				if r == nil {
					return
				}
				entries, calls, err := p.plain.History(background, ref)
				require.NoError(t, err)
				gotEntries, gotCalls, err := p.ours.History(background, ref)
				require.NoError(t, err)
				require.Len(t, gotEntries, len(entries))
				for i := range entries {
					require.Equal(t, entries[i], gotEntries[i])
				}
				require.Len(t, gotCalls, len(calls))
				for i := range calls {
					require.Equal(t, calls[i], gotCalls[i])
				}
				ref.Token = campaign.Token(rapid.IntRange(1, 9).Draw(t, "token"))
				p.look(t, campaign.Need{Since: now.Add(-time.Minute), Before: true}, ref)
			},
			"claim": func(*rapid.T) {
				q := campaign.Claim{Now: now, Until: now.Add(time.Duration(1+small.Draw(t, "ttl")) * time.Minute), Agent: agent.Draw(t, "agent"), Limit: rapid.IntRange(1, 6).Draw(t, "limit")}
				q.Owners = rapid.Bool().Draw(t, "owners")
				q.Need.Contact, q.Need.NoCalls = rapid.Bool().Draw(t, "contact"), rapid.Bool().Draw(t, "no calls")
				for range rapid.IntRange(1, 3).Draw(t, "steps") {
					step := campaign.Step{Campaign: camp.Draw(t, "campaign"), Max: rapid.IntRange(0, 5).Draw(t, "max"),
						Open: rapid.SliceOfN(someClass, 0, 4).Draw(t, "open")}
					step.Revision = revision[step.Campaign]
					for range rapid.IntRange(0, 4).Draw(t, "sources") {
						step.Sources = append(step.Sources, campaign.Source{
							Lane:  status.Lane(rapid.IntRange(0, status.NumLanes).Draw(t, "lane")),
							Owner: agent.Draw(t, "owner"),
							Due:   now.Add(-time.Duration(small.Draw(t, "release")) * time.Minute), Max: small.Draw(t, "of source"),
						})
					}
					q.From = append(q.From, step)
				}
				for _, f := range p.claim(t, q) {
					live = append(live, campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token})
				}
			},
		})
	})
}
