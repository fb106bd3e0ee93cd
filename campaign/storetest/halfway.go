package storetest

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// failingHalfWay is what is left of a write that failed.
var failingHalfWay = part{"HalfWay", []clause{
	{
		Name:  "ACommitThatFailsIsWholeOrNothing",
		Rule:  "Each change of a Commit that fails half-way is written whole or not at all: not, where errs says why, and either, where err says that nothing is known.",
		Needs: failing,
		holds: func(t *trial) {
			for n := range 1000 {
				st := t.open()
				deeds := []deed{prepare(t, st, "a1", shared), prepare(t, st, "b1", 48_600_555_777), prepare(t, st, "c1", 48_600_555_888)}
				changes := []campaign.Change{deeds[0].change(), deeds[1].change(), deeds[2].change()}
				t.options.FailWrite(t.TB, st, n)
				t.did("Commit: %s, with write %d failing", told(changes...), n)
				errs, err := st.Commit(t.ctx, changes...)
				t.options.FailWrite(t.TB, st, -1)
				if err == nil && errs == nil {
					for _, d := range deeds {
						d.all(t, st, "after a Commit that came through")
					}
					require.True(t, n > 0, "the write that should fail failed")
					return
				}
				if err == nil {
					require.Len(t, errs, len(changes))
				}
				for i, d := range deeds {
					written := d.wholeOrNot(t, st, "of change %d, when write %d failed", i, n)
					if err == nil {
						assert.Equal(t, errs[i] == nil, written, "change %d is written unless errs says why not", i)
					}
					if !written {
						commit(t, st, d.change()) // again, as a caller does
					}
					d.all(t, st, "of change %d, when it was committed again", i)
				}
			}
			t.broken(false, "a Commit of three changes", "at most 1,000 writes that can fail", "more")
		},
	},
	{
		Name:  "AMoveThatFailsIsWholeOrNothing",
		Rule:  "A record whose move fails half-way is either where it was, with all that it had, or where it goes to, with all of it, and can be moved again.",
		Needs: failing,
		holds: func(t *trial) {
			for n := range 1000 {
				st := t.open()
				r := filled[campaign.Record]()
				r.ID, r.Campaign, r.Park, r.Contact = "a1", one, campaign.Park{}, "p"
				r.Standing, r.Lane, r.Class, r.Due = status.StandingQueued, status.LaneFresh, zone, time.Time{}
				add(t, st, r, rec("b1"))
				ref := called(t, st, r, 20, shared)
				r = look1(t, st, refOf(r))
				ch := moves(r)
				ch.Entry, ch.Erase = &campaign.Entry{Note: "moved"}, true
				ch.List, ch.Actions = []blacklist.Entry{{List: "l", Number: shared}}, []campaign.Action{{ID: "x"}}
				t.options.FailWrite(t.TB, st, n)
				t.did("Commit: %s, with write %d failing", told(ch), n)
				errs, err := st.Commit(t.ctx, ch)
				t.options.FailWrite(t.TB, st, -1)
				for range 2 {
					f := look(t, st, ref)
					moved := f.Record.Campaign == other
					want := *r
					want.Campaign, want.Sequence = f.Record.Campaign, f.Record.Sequence
					if moved {
						want.Version++
					}
					require.NotNil(t, f.Call, "its call, when write %d failed", n)
					assert.Equal(t, want, f.Record, "when write %d failed", n)
					assert.Equal(t, moved, f.Call.Number == 0, "it is erased if it has moved, when write %d failed", n)
					assert.Len(t, find(t, st, campaign.Filter{}), 2, "each once, when write %d failed", n)
					isListed := len(listed(t, st, blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{shared}})) > 0
					assert.Equal(t, moved, isListed, "what else the change writes, when write %d failed", n)
					if t.options.History {
						lines, _ := lines(t, st, refOf(&f.Record))
						assert.Equal(t, moved, len(lines) == 2, "its line, when write %d failed", n)
					}
					if err == nil && errs == nil {
						assert.True(t, moved, "a Commit that came through")
						require.True(t, n > 0, "the write that should fail failed")
						return
					}
					if moved {
						break
					}
					commit(t, st, ch) // again, as a caller does
				}
			}
			t.broken(false, "a move", "at most 1,000 writes that can fail", "more")
		},
	},
	{
		Name:  "AClaimThatFailsLosesNothing",
		Rule:  "After a Claim that fails half-way every record is either leased with all that the lease holds, and comes back when it runs out, or not leased at all.",
		Needs: failing,
		holds: func(t *trial) {
			for n := range 1000 {
				st := t.open()
				add(t, st, rec("a1", phones(shared), person("p")), rec("b1", phones(48_600_555_777)), rec("w1", in(other), phones(shared), person("p")))
				t.options.FailWrite(t.TB, st, n)
				t.did("%s, with write %d failing", asked(all(noon)), n)
				var got campaign.Claimed
				err := st.Claim(t.ctx, all(noon), &got)
				t.options.FailWrite(t.TB, st, -1)
				if err == nil {
					assert.Equal(t, []string{"a1", "b1"}, ids(got.Leased))
					require.True(t, n > 0, "the write that should fail failed")
					return
				}
				a, w := look(t, st, refOf(rec("a1"))), look(t, st, refOf(rec("w1", in(other))))
				held := 0
				if a.Lease.Token != 0 {
					held = 2
				}
				assert.Len(t, w.Busy, held, "what the lease holds, when write %d failed", n)
				again := claim(t, st, all(at(1)))
				if len(again.Expired) > 0 {
					var ends []campaign.Change
					for _, f := range again.Expired {
						ends = append(ends, ended(f))
					}
					commit(t, st, ends...)
					again = claim(t, st, all(at(1)))
				}
				assert.Equal(t, []string{"a1", "b1"}, ids(again.Leased), "both come again, when write %d failed", n)
			}
			t.broken(false, "a Claim of two records", "at most 1,000 writes that can fail", "more")
		},
	},
}}
