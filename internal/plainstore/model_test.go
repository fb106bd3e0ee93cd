package plainstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// audit finds what is inconsistent inside a store: every record is in exactly
// the queues it belongs to, and leases and what they hold name each other.
func (st *Store) audit(t require.TestingT) {
	for id, l := range st.campaigns {
		require.Contains(t, st.order, l)
		require.Equal(t, id, l.id)
		met := map[*stored]int{}
		for _, c := range l.sorted {
			require.Same(t, c, l.classes[c.name])
			in := func(q *queue, p place, first bool) {
				for i, s := range q.list {
					require.Equal(t, p, s.place)
					require.Same(t, c, s.class)
					require.Equal(t, c.name, s.rec.Class)
					require.Equal(t, i, s.pos[q.slot])
					if i > 0 {
						require.False(t, q.before(s, q.list[(i-1)/2]), "a heap")
					}
					if first {
						met[s]++
					}
				}
			}
			in(&c.parked, parked, true)
			for _, s := range c.parked.list {
				require.Equal(t, l.revision, s.rec.Park.Revision)
			}
			owned := 0
			for i := range c.lanes {
				in(&c.lanes[i].waiting, waiting, true)
				in(&c.lanes[i].ready, ready, true)
				in(&c.lanes[i].early, ready, false)
				require.Len(t, c.lanes[i].early.list, len(c.lanes[i].ready.list))
				for _, s := range c.lanes[i].waiting.list {
					require.EqualValues(t, i, s.rec.Lane)
					if s.ofOwner() {
						owned++
					}
				}
			}
			for owner, q := range c.owners {
				in(q, waiting, false)
				require.NotEmpty(t, q.list)
				owned -= len(q.list)
				for _, s := range q.list {
					require.Equal(t, owner, s.rec.Owner)
				}
			}
			require.Zero(t, owned)
		}
		var rolled []*stored
		for _, b := range l.roll.blocks {
			require.NotEmpty(t, b)
			rolled = append(rolled, b...)
		}
		require.True(t, slices.IsSortedFunc(rolled, inOrder))
		require.Len(t, rolled, len(l.records))
		for id, s := range l.records {
			require.Equal(t, id, s.rec.ID)
			waits := s.lease == nil && s.rec.Standing == status.StandingQueued && s.rec.Class != "" && s.rec.Lane != status.LaneNone
			require.Equal(t, waits, met[s] == 1, "%s is in one place if it waits", id)
			require.Equal(t, waits, s.place != nowhere)
			delete(met, s)
			if s.lease != nil {
				require.Contains(t, slices.Collect(s.lease.records), s)
				require.Same(t, s.lease, s.lease.on.line.leases[s.lease.pos])
			}
			require.Len(t, s.numbers, len(numbersOf(&s.rec)))
			for i, n := range numbersOf(&s.rec) {
				require.Same(t, st.numbers[n], s.numbers[i])
				require.Contains(t, s.numbers[i].records, s)
			}
		}
		require.Empty(t, met)
		for i, x := range l.leases {
			require.Equal(t, i, x.pos)
			for s := range x.records {
				require.Same(t, x, s.lease)
			}
			for _, n := range x.numbers {
				require.Same(t, x, n.lease)
			}
			for _, c := range x.contacts {
				require.Same(t, x, c.lease)
			}
		}
	}
	for _, n := range st.numbers {
		require.True(t, slices.IsSortedFunc(n.calls, byEnd))
		if n.lease != nil {
			require.Contains(t, n.lease.numbers, n)
			require.Same(t, n.lease, n.lease.on.line.leases[n.lease.pos], "a live one")
		}
	}
	for _, c := range st.contacts {
		if c.lease != nil {
			require.Contains(t, c.lease.contacts, c)
			require.Same(t, c.lease, c.lease.on.line.leases[c.lease.pos], "a live one")
		}
	}
}

// expect is the naive answer to a Claim: it scans and sorts everything.
func (st *Store) expect(q campaign.Claim) (leased, expired []campaign.Ref) {
	var out []*lease
	for _, l := range st.order {
		asked := slices.ContainsFunc(q.From, func(s campaign.Step) bool { return s.Campaign == l.id })
		for _, x := range l.leases {
			if asked && !x.Until.After(q.Now) {
				out = append(out, x)
			}
		}
	}
	slices.SortFunc(out, func(a, b *lease) int { return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.Token, b.Token)) })
	for _, x := range out[:min(len(out), q.Limit)] {
		expired = append(expired, x.on.ref())
	}
	if len(expired) > 0 {
		return nil, expired
	}
	for _, step := range q.From {
		ofStep := 0
		for _, src := range step.Sources {
			var match []*stored
			if l := st.campaigns[step.Campaign]; l != nil {
				for _, s := range l.records {
					r := &s.rec
					if s.lease == nil && !slices.Contains(leased, s.ref()) && r.Standing == status.StandingQueued && r.Lane == src.Lane &&
						r.Class != "" && slices.Contains(step.Open, r.Class) && !r.Due.After(src.Due) &&
						!(r.Park.Revision == step.Revision && q.Now.Before(r.Park.Until)) &&
						(src.Lane != status.LaneOwn || src.Owner == "" || src.Owner == r.Owner) {
						match = append(match, s)
					}
				}
			}
			slices.SortFunc(match, func(a, b *stored) int {
				x, y := &a.rec, &b.rec
				if src.Lane == status.LaneFresh || src.Lane == status.LaneLast {
					return cmp.Or(cmp.Compare(x.Sort, y.Sort), cmp.Compare(x.Key, y.Key), cmp.Compare(x.Sequence, y.Sequence), cmp.Compare(a.added, b.added))
				}
				return cmp.Or(x.Due.Compare(y.Due), cmp.Compare(x.Sort, y.Sort), cmp.Compare(x.Sequence, y.Sequence), cmp.Compare(a.added, b.added))
			})
			n := min(len(match), step.Max-ofStep, q.Limit-len(leased))
			if src.Max > 0 {
				n = min(n, src.Max)
			}
			for _, s := range match[:n] {
				leased = append(leased, s.ref())
			}
			ofStep += n
		}
	}
	return leased, nil
}

// heads is the naive answer to what classes hold after a Claim.
func (st *Store) heads(q campaign.Claim) map[string]campaign.Class {
	classes := map[string]campaign.Class{}
	for _, l := range st.order {
		if !slices.ContainsFunc(q.From, func(s campaign.Step) bool { return s.Campaign == l.id }) {
			continue
		}
		for _, s := range l.records {
			r := &s.rec
			if s.lease != nil || r.Standing != status.StandingQueued || r.Class == "" {
				continue
			}
			key := fmt.Sprint(l.id, "/", r.Class)
			c := classes[key]
			c.Campaign, c.Name = l.id, r.Class
			if r.Park.Live(q.Now, l.revision) {
				if c.Wake.IsZero() || r.Park.Until.Before(c.Wake) {
					c.Wake = r.Park.Until
				}
			} else {
				if c.Waiting&(1<<r.Lane) == 0 || r.Due.Before(c.Heads[r.Lane]) {
					c.Heads[r.Lane] = r.Due
				}
				c.Waiting |= 1 << r.Lane
				if r.Lane == status.LaneOwn && r.Owner == q.Agent && (!c.HasOwn || r.Due.Before(c.Own)) {
					c.Own, c.HasOwn = r.Due, true
				}
			}
			classes[key] = c
		}
	}
	return classes
}

func refs(facts []campaign.Facts) (refs []campaign.Ref) {
	for _, f := range facts {
		refs = append(refs, campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID})
	}
	return refs
}

func TestClaimsAgreeWithAScanOfEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		st := New()
		start := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
		now, setBack := start, false
		revision := map[campaign.ID]int64{"a": 1, "b": 1}
		camp := rapid.SampledFrom([]campaign.ID{"a", "b"})
		someClass := rapid.SampledFrom([]string{"X", "Y", "Z", ""})
		minutes := rapid.IntRange(-20, 20)
		small := rapid.IntRange(0, 3)
		shape := func(r *campaign.Record) {
			r.Class = someClass.Draw(t, "class")
			r.Lane = status.Lane(rapid.IntRange(1, status.NumLanes-1).Draw(t, "lane"))
			r.Standing = status.StandingQueued
			r.Due, r.Park, r.Owner = time.Time{}, campaign.Park{}, ""
			if rapid.Bool().Draw(t, "dated") {
				r.Due = now.Add(time.Duration(minutes.Draw(t, "due")) * time.Minute)
			}
			r.Sort, r.Key = int64(small.Draw(t, "sort")), int64(small.Draw(t, "key"))
			if small.Draw(t, "owned") > 0 {
				r.Owner = rapid.SampledFrom([]campaign.AgentID{"p", "q"}).Draw(t, "owner")
			}
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				r.Standing, r.Lane = status.StandingClosed, status.LaneNone
			case 1, 2, 3:
				r.Park = campaign.Park{Until: now.Add(time.Duration(minutes.Draw(t, "park")) * time.Minute),
					Revision: revision[r.Campaign] - int64(small.Draw(t, "age")/3)}
			}
			r.Phones = nil
			for range small.Draw(t, "phones") {
				r.Phones = append(r.Phones, campaign.Phone{Number: blacklist.Number(48_600_000_000 + small.Draw(t, "number"))})
			}
			r.Contact = campaign.ContactID(rapid.SampledFrom([]string{"", "u", "v"}).Draw(t, "contact"))
		}
		var live []campaign.Ref
		var known []campaign.Ref
		added := 0
		write := func(ch campaign.Change) {
			_, err := st.Commit(ctx, ch)
			require.NoError(t, err)
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) { st.audit(t) },
			"add": func(*rapid.T) {
				added++
				r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint(added)), Campaign: camp.Draw(t, "campaign")}
				shape(r)
				r.Sequence = int64(rapid.SampledFrom([]int{0, 100_000 - added, 7}).Draw(t, "sequence"))
				known = append(known, campaign.Ref{Campaign: r.Campaign, Record: r.ID})
				write(campaign.Change{Ref: known[len(known)-1], Add: true, Record: r})
			},
			"edit": func(*rapid.T) {
				if len(known) == 0 {
					return
				}
				ref := rapid.SampledFrom(known).Draw(t, "record")
				facts, err := lookedAt(st, ref)
				require.NoError(t, err)
				r := facts[0].Record
				if r.ID == "" {
					return // its contact was in the campaign already
				}
				shape(&r)
				write(campaign.Change{Ref: ref, Record: &r})
			},
			"end or extend": func(*rapid.T) {
				if len(live) == 0 {
					return
				}
				ref := rapid.SampledFrom(live).Draw(t, "lease")
				facts, err := lookedAt(st, ref)
				require.NoError(t, err)
				r := facts[0].Record
				ch := campaign.Change{Ref: ref, Extend: small.Draw(t, "extend") == 0}
				if rapid.Bool().Draw(t, "write") {
					shape(&r)
					ch.Record = &r
				}
				if ch.Extend {
					ch.Lease = &campaign.Lease{Until: now.Add(time.Duration(minutes.Draw(t, "until")) * time.Minute)}
				} else {
					ch.Call = &campaign.Call{Token: ref.Token, Campaign: ref.Campaign, Record: ref.Record, Contact: r.Contact,
						Number: 48_600_000_001, Ended: now}
				}
				write(ch)
			},
			"take": func(*rapid.T) {
				if len(known) < 2 {
					return
				}
				l := &campaign.Lease{Until: now.Add(5 * time.Minute), With: []campaign.Ref{rapid.SampledFrom(known).Draw(t, "with")}}
				ref := rapid.SampledFrom(known).Draw(t, "record")
				write(campaign.Change{Ref: ref, Lease: l})
				if ref.Token = l.Token; l.Token != 0 {
					live = append(live, ref)
				}
			},
			"wake":   func(*rapid.T) { write(campaign.Change{Wake: []blacklist.Number{48_600_000_001}}) },
			"reload": func(*rapid.T) { revision[camp.Draw(t, "campaign")]++ },
			"pass": func(*rapid.T) {
				by := rapid.SampledFrom([]int{1, 5, 10, 30, -10}).Draw(t, "minutes")
				setBack = setBack || by < 0
				now = now.Add(time.Duration(by) * time.Minute)
			},
			"claim": func(*rapid.T) {
				q := campaign.Claim{Now: now, Until: now.Add(time.Duration(1+small.Draw(t, "ttl")) * time.Minute), Agent: "p", Limit: rapid.IntRange(1, 6).Draw(t, "limit")}
				for range rapid.IntRange(1, 3).Draw(t, "steps") {
					step := campaign.Step{Campaign: camp.Draw(t, "campaign"), Max: rapid.IntRange(0, 5).Draw(t, "max"),
						Open: rapid.SliceOfN(someClass, 0, 3).Draw(t, "open")}
					step.Revision = revision[step.Campaign]
					for range rapid.IntRange(0, 4).Draw(t, "sources") {
						step.Sources = append(step.Sources, campaign.Source{
							Lane:  status.Lane(rapid.IntRange(0, status.NumLanes).Draw(t, "lane")),
							Owner: rapid.SampledFrom([]campaign.AgentID{"", "p", "q"}).Draw(t, "owner"),
							Due:   now.Add(-time.Duration(small.Draw(t, "release")) * time.Minute), Max: small.Draw(t, "of source"),
						})
					}
					q.From = append(q.From, step)
				}
				for _, step := range q.From {
					st.line(step.Campaign).learn(step.Revision)
				}
				leased, expired := st.expect(q)
				var got campaign.Claimed
				require.NoError(t, st.Claim(ctx, q, &got))
				require.Equal(t, leased, refs(got.Leased))
				require.Equal(t, expired, refs(got.Expired))
				for _, f := range slices.Concat(got.Leased, got.Expired) {
					live = append(live, campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token})
				}
				want := st.heads(q)
				for _, c := range got.Classes {
					expected := want[fmt.Sprint(c.Campaign, "/", c.Name)]
					if setBack {
						// Parks that count again are met when their records come to the head.
						expected.Wake, c.Wake = time.Time{}, time.Time{}
					}
					assert.Equal(t, expected, c)
					delete(want, fmt.Sprint(c.Campaign, "/", c.Name))
				}
				for name, c := range want {
					assert.True(t, setBack && c.Waiting == 0, "class %s is missing", name)
				}
			},
		})
	})
}

// Invariant 23.
func TestTheCostOfACycleDoesNotGrowWithFinishedOrFutureRecords(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	cost := func(idle int) (compared int, allocated float64) {
		st := New()
		add := func(r *campaign.Record) {
			errs, err := st.Commit(ctx, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: true, Record: r})
			require.NoError(t, err)
			require.Nil(t, errs)
		}
		for i := range idle {
			r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("idle", i)), Campaign: "c", Class: "X"}
			if r.Standing = status.StandingClosed; i%2 == 0 {
				r.Standing, r.Lane, r.Due = status.StandingQueued, status.LaneFresh, now.AddDate(0, 1, i%100)
			}
			add(r)
		}
		for i := range 64 {
			add(&campaign.Record{ID: campaign.RecordID(fmt.Sprint("live", i)), Campaign: "c", Class: "X", Key: int64(i),
				Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}},
				Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}})
		}
		count := func(q *queue) {
			before := q.before
			q.before = func(a, b *stored) bool { compared++; return before(a, b) }
		}
		for i := range st.campaigns["c"].classes["X"].lanes {
			l := &st.campaigns["c"].classes["X"].lanes[i]
			count(&l.waiting)
			count(&l.ready)
			count(&l.early)
		}
		q := campaign.Claim{Now: now, Until: now.Add(time.Minute), Limit: 1, From: []campaign.Step{{
			Campaign: "c", Open: []string{"X"}, Max: 1, Sources: []campaign.Source{{Lane: status.LaneFresh, Due: now}}}}}
		var got campaign.Claimed
		allocated = testing.AllocsPerRun(100, func() {
			require.NoError(t, st.Claim(ctx, q, &got))
			f := &got.Leased[0]
			f.Record.Key += 1000
			_, err := st.Commit(ctx, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: f.Record.ID, Token: f.Lease.Token}, Record: &f.Record})
			require.NoError(t, err)
		})
		return compared, allocated
	}
	fewCompared, fewAllocated := cost(1_000)
	manyCompared, manyAllocated := cost(100_000)
	assert.NotZero(t, fewCompared)
	assert.Equal(t, fewCompared, manyCompared, "comparisons of records")
	assert.Equal(t, fewAllocated, manyAllocated, "allocations")
}

func lookedAt(st *Store, ref campaign.Ref) ([]campaign.Facts, error) {
	var into campaign.Looked
	err := st.Look(context.Background(), campaign.Need{}, &into, ref)
	return into.Facts, err
}
