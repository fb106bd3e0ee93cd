package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// callers is how many use a store at once.
const callers = 16

// racing is what holds while many use the store at once.
var racing = part{"Race", []clause{
	{
		Name: "NoTwoClaimsGetTheSameRecord",
		Rule: "Of two concurrent Claims of a campaign one sees all that the other did: no record is leased twice, one Claim's leases come wholly before the other's, and none is cut short while something matches.",
		holds: func(t *trial) {
			st := t.open()
			const n, batch = 400, 7
			records := make([]*campaign.Record, n)
			for i := range records {
				records[i] = rec(fmt.Sprint(i), keyed(int64(i), 0), phones(blacklist.Number(48_600_000_000+i)))
			}
			add(t, st, records...)
			type block struct {
				token campaign.Token // the first
				sorts []int64
			}
			var mu sync.Mutex
			var blocks []block
			tokens := make(map[campaign.Token]bool)
			t.together(callers, func(int) {
				var got campaign.Claimed
				for range n {
					if err := st.Claim(t.ctx, all(noon, limit(batch)), &got); err != nil || len(got.Leased) == 0 {
						assert.NoError(t, err)
						return
					}
					var b block
					changes := make([]campaign.Change, 0, batch)
					mu.Lock()
					for _, f := range got.Leased {
						b.sorts = append(b.sorts, f.Record.Sort)
						if b.token == 0 || f.Lease.Token < b.token {
							b.token = f.Lease.Token
						}
						assert.False(t, tokens[f.Lease.Token], "token %d is of one lease", f.Lease.Token)
						tokens[f.Lease.Token] = true
						closed := f.Record
						closed.Standing, closed.Lane = status.StandingClosed, status.LaneNone
						changes = append(changes, campaign.Change{Ref: leaseRef(f), Record: &closed})
					}
					blocks = append(blocks, b)
					mu.Unlock()
					errs, err := st.Commit(t.ctx, changes...)
					assert.NoError(t, err)
					assert.Nil(t, errs)
				}
			})
			slices.SortFunc(blocks, func(a, b block) int { return cmp.Compare(a.token, b.token) })
			var got, want []int64
			short := 0
			for _, b := range blocks {
				got = append(got, b.sorts...)
				if len(b.sorts) < batch {
					short++
				}
			}
			for i := range int64(n) {
				want = append(want, i)
			}
			assert.Len(t, got, n, "each record once")
			assert.True(t, slices.Equal(want, got), "the order holds across all Claims: %v", got)
			assert.True(t, short <= 1, "%d Claims brought fewer than their limit, and only the last has a reason", short)
		},
	},
	{
		Name: "RecordsThatMoveToAndFroAreNeverLost",
		Rule: "Records that many move between two campaigns at the same time, while others claim and report there, come to an end of it: each is in one of them, once, with all of its calls.",
		holds: func(t *trial) {
			st := t.open()
			const n, each = 48, 30
			places := []campaign.ID{one, other}
			var records []*campaign.Record
			for i := range n {
				records = append(records, rec(fmt.Sprintf("r%02d", i), in(places[i%2]), phones(blacklist.Number(48_600_000_000+i))))
			}
			add(t, st, records...)
			var reported atomic.Int64
			t.together(callers, func(caller int) {
				var got campaign.Claimed
				var into campaign.Looked
				for i := range each {
					from, to := places[(caller+i)%2], places[(caller+i+1)%2]
					if caller%4 == 0 {
						if err := st.Claim(t.ctx, all(noon, campaigns(from, to), limit(3)), &got); err != nil {
							assert.NoError(t, err)
							return
						}
						for _, f := range got.Leased {
							ch := ended(f)
							ch.Call = &campaign.Call{Token: f.Lease.Call, Campaign: f.Record.Campaign, Record: f.Record.ID, Ended: noon}
							errs, err := st.Commit(t.ctx, ch)
							assert.NoError(t, err)
							assert.Nil(t, errs)
							reported.Add(1)
						}
						continue
					}
					var refs []campaign.Ref
					for k := range 5 {
						refs = append(refs, campaign.Ref{Campaign: from, Record: records[(caller*7+i*5+k*11)%n].ID})
					}
					if err := st.Look(t.ctx, campaign.Need{NoCalls: true}, &into, refs...); err != nil {
						assert.NoError(t, err)
						return
					}
					var changes []campaign.Change
					for j := range into.Facts {
						if r := into.Facts[j].Record; r.ID != "" {
							r.Campaign, r.Sequence = to, 0
							changes = append(changes, campaign.Change{Ref: refs[j], Move: true, Record: &r})
						}
					}
					errs, err := st.Commit(t.ctx, changes...)
					assert.NoError(t, err)
					for _, err := range errs {
						var held *campaign.LeasedError
						if err != nil && !errors.Is(err, campaign.ErrNotFound) && !errors.Is(err, campaign.ErrConflict) && !errors.As(err, &held) {
							assert.NoError(t, err, "a move that comes too late")
						}
					}
				}
			})
			found := find(t, st, campaign.Filter{})
			slices.Sort(found)
			var want []string
			for _, r := range records {
				want = append(want, string(r.ID))
			}
			assert.Equal(t, want, found, "each record once")
			calls := int64(0)
			for facts, err := range st.Find(t.ctx, campaign.Filter{}, campaign.Need{}) {
				require.NoError(t, err)
				calls += int64(len(facts.History))
			}
			assert.Equal(t, reported.Load(), calls, "each call with its record")
		},
	},
	{
		Name: "ClaimsOfManyCampaignsWaitForNobodyForEver",
		Rule: "Claims may name the same campaigns in any order at the same time: all come to an end, and no record is leased twice.",
		holds: func(t *trial) {
			st := t.open()
			names := []campaign.ID{"w", "x", "y", "z"}
			var records []*campaign.Record
			for i := range 160 {
				r := rec("r", in(names[i%4]), phones(blacklist.Number(48_600_000_000+i%50)))
				r.ID = campaign.RecordID(fmt.Sprint("r", i))
				records = append(records, r)
			}
			add(t, st, records...)
			var mu sync.Mutex
			seen := make(map[campaign.RecordID]int)
			t.together(callers, func(w int) {
				order := slices.Clone(names)
				if w%2 == 0 {
					slices.Reverse(order)
				}
				order[0], order[w%4] = order[w%4], order[0]
				var got campaign.Claimed
				for range records {
					if err := st.Claim(t.ctx, all(noon, campaigns(order...), limit(3)), &got); err != nil || len(got.Leased) == 0 {
						assert.NoError(t, err)
						return
					}
					changes := make([]campaign.Change, 0, len(got.Leased))
					mu.Lock()
					for _, f := range got.Leased {
						seen[f.Record.ID]++
						closed := f.Record
						closed.Standing, closed.Lane = status.StandingClosed, status.LaneNone
						changes = append(changes, campaign.Change{Ref: leaseRef(f), Record: &closed})
					}
					mu.Unlock()
					slices.Reverse(changes)
					errs, err := st.Commit(t.ctx, changes...)
					assert.NoError(t, err)
					assert.Nil(t, errs)
				}
			})
			assert.Len(t, seen, len(records))
			for id, n := range seen {
				assert.Equal(t, 1, n, string(id))
			}
		},
	},
	{
		Name: "AtMostOneLeaseHoldsANumber",
		Rule: "At most one live lease holds a number, across campaigns.",
		holds: func(t *trial) {
			st := t.open()
			for _, id := range []string{"a1", "b1", "c1", "d1", "e1", "f1"} {
				add(t, st, rec(id, phones(shared)), rec(id, in(other), phones(shared)))
			}
			var holding, held atomic.Int32
			t.together(callers, func(int) {
				var got campaign.Claimed
				for range 30 {
					if !assert.NoError(t, st.Claim(t.ctx, all(noon, campaigns(one, other), limit(1)), &got)) {
						return
					}
					for _, f := range got.Leased {
						if len(f.Busy) == 0 {
							held.Add(1)
							assert.EqualValues(t, 1, holding.Add(1), "leases that hold the number")
							runtime.Gosched()
							holding.Add(-1)
						}
						errs, err := st.Commit(t.ctx, ended(f))
						assert.NoError(t, err)
						assert.Nil(t, errs)
					}
				}
			})
			assert.NotZero(t, held.Load(), "leases that held the number")
			assert.Len(t, claim(t, st, all(noon, campaigns(one, other))).Leased, 12)
		},
	},
	{
		Name: "OneOfManyTakesANumber",
		Rule: "Of many who begin a lease on records with one number at once, one succeeds; the others get a *LeasedError that names it.",
		holds: func(t *trial) {
			st := t.open()
			records := make([]*campaign.Record, callers)
			for i := range records {
				records[i] = rec("r", phones(shared))
				records[i].ID = campaign.RecordID(fmt.Sprint("r", i))
				if i%2 == 0 {
					records[i].Campaign = other
				}
			}
			add(t, st, records...)
			for range 10 {
				var won atomic.Pointer[campaign.Change]
				t.together(callers, func(w int) {
					ch := campaign.Change{Ref: refOf(records[w]), Lease: &campaign.Lease{Until: at(1)}}
					errs, err := st.Commit(t.ctx, ch)
					if !assert.NoError(t, err) {
						return
					}
					if errs == nil {
						assert.True(t, won.CompareAndSwap(nil, &ch), "a second lease on the number")
						return
					}
					var held *campaign.LeasedError
					if len(errs) == 1 && assert.ErrorAs(t, errs[0], &held) {
						assert.Equal(t, shared, held.Hold.Number)
					}
				})
				ch := won.Load()
				require.NotNil(t, ch, "one of them succeeds")
				ch.Ref.Token = ch.Lease.Token
				commit(t, st, campaign.Change{Ref: ch.Ref})
			}
		},
	},
	{
		Name: "OneOfManyAddsTheSame",
		Rule: "Of many who add the same record, contact or unique number at once, one succeeds; the others get a *DuplicateError.",
		holds: func(t *trial) {
			st := t.open()
			for round := range 5 {
				number := blacklist.Number(48_600_000_000 + round)
				for what, make := range map[string]func(w int) campaign.Change{
					"record id": func(int) campaign.Change { return adding(rec(fmt.Sprint("same", round), phones())) },
					"contact in campaign": func(w int) campaign.Change {
						return adding(rec(fmt.Sprint("c", w, "-", round), phones(), person(campaign.ContactID(fmt.Sprint("p", round)))))
					},
					"number in campaign": func(w int) campaign.Change {
						ch := adding(rec(fmt.Sprint("n", w, "-", round), phones(number)))
						ch.UniqueNumbers = true
						return ch
					},
				} {
					var added atomic.Int32
					t.together(callers, func(w int) {
						errs, err := st.Commit(t.ctx, make(w))
						if !assert.NoError(t, err) {
							return
						}
						if errs == nil {
							added.Add(1)
							return
						}
						var duplicate *campaign.DuplicateError
						if len(errs) == 1 && assert.ErrorAs(t, errs[0], &duplicate) {
							assert.Equal(t, what, duplicate.What)
						}
					})
					assert.EqualValues(t, 1, added.Load(), "added with the same %s", what)
				}
			}
			assert.Len(t, find(t, st, campaign.Filter{}), 15)
		},
	},
	{
		Name: "NoWriteIsLostToAnother",
		Rule: "Of many who write a record at the version that they read, none overwrites another: ErrConflict tells those that came second.",
		holds: func(t *trial) {
			st := t.open()
			add(t, st, rec("a1"))
			const each = 5
			t.together(callers, func(int) {
				done := 0
				for tries := 0; done < each && tries < 10_000; tries++ {
					var into campaign.Looked
					if err := st.Look(t.ctx, campaign.Need{}, &into, refOf(rec("a1"))); err != nil || len(into.Facts) != 1 {
						assert.NoError(t, err)
						return
					}
					r := into.Facts[0].Record
					r.Changes++
					errs, err := st.Commit(t.ctx, campaign.Change{Ref: refOf(&r), Record: &r, Entry: &campaign.Entry{At: noon}})
					switch {
					case !assert.NoError(t, err):
						return
					case errs == nil:
						done++
					case !assert.ErrorIs(t, errs[0], campaign.ErrConflict):
						return
					}
				}
			})
			got := look(t, st, refOf(rec("a1"))).Record
			assert.EqualValues(t, callers*each, got.Changes, "written one after another")
			assert.EqualValues(t, 1+callers*each, got.Version)
			if entries, _ := lines(t, st, refOf(rec("a1"))); t.options.History {
				assert.Len(t, entries, callers*each, "lines of the history")
			}
		},
	},
}}
