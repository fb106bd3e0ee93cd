package storetest

import (
	"fmt"
	"sync"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// reading is what readers, and those who settle, may rely on while others write.
var reading = part{"Read", []clause{
	{
		Name: "ALeaseThatRanOutGoesToOneOnly",
		Rule: "A lease that ran out is handed out to one Claim, whoever asks at the same time.",
		holds: func(t *trial) {
			st := t.open()
			const n = 100
			records := make([]*campaign.Record, n)
			for i := range records {
				records[i] = rec(fmt.Sprint("r", i), phones(blacklist.Number(48_600_000_000+i)))
			}
			add(t, st, records...)
			require.Len(t, claim(t, st, all(noon)).Leased, n)
			var mu sync.Mutex
			seen := make(map[campaign.RecordID]int)
			t.together(callers, func(int) {
				var got campaign.Claimed
				for range n {
					if err := st.Claim(t.ctx, all(at(1), limit(5)), &got); err != nil || len(got.Expired) == 0 {
						assert.NoError(t, err)
						return
					}
					mu.Lock()
					for _, f := range got.Expired {
						seen[f.Record.ID]++
					}
					mu.Unlock()
				}
			})
			assert.Len(t, seen, n)
			for id, times := range seen {
				assert.Equal(t, 1, times, string(id))
			}
		},
	},
	{
		Name: "WhoSeesTheStatusSeesTheEntry",
		Rule: "What one change writes is seen at once: whoever sees the status that it set sees the blacklist entry that it wrote.",
		holds: func(t *trial) {
			st := t.open()
			const n = 50
			records := make([]*campaign.Record, n)
			for i := range records {
				records[i] = rec(fmt.Sprint("r", i), phones(blacklist.Number(48_600_000_000+i)))
			}
			add(t, st, records...)
			t.together(4, func(w int) {
				for i := range n {
					r := *records[i]
					if w == 0 {
						r.Status = "refused"
						errs, err := st.Commit(t.ctx, campaign.Change{Ref: refOf(&r), Record: &r, List: []blacklist.Entry{{List: "l", Number: r.Phones[0].Number}}})
						assert.NoError(t, err)
						assert.Nil(t, errs)
						continue
					}
					for range 20 {
						var into campaign.Looked
						if !assert.NoError(t, st.Look(t.ctx, campaign.Need{}, &into, refOf(&r))) || len(into.Facts) != 1 {
							return
						}
						if into.Facts[0].Record.Status == "" {
							continue
						}
						answers, err := st.Check(t.ctx, blacklist.Query{Now: noon, Lists: []blacklist.List{"l"}, Numbers: []blacklist.Number{r.Phones[0].Number}})
						assert.NoError(t, err)
						assert.Len(t, answers, 1, "on the list after the status was seen")
						break
					}
				}
			})
		},
	},
	{
		Name: "FindMeetsEachRecordOnceWhileOthersWrite",
		Rule: "Find brings each record that matches throughout exactly once, whoever writes meanwhile.",
		holds: func(t *trial) {
			st := t.open()
			const n = 1500
			numbered := func(i int) *campaign.Record {
				r := rec(fmt.Sprint("r", i), phones(blacklist.Number(48_600_000_000+i)))
				r.Sequence = int64(1 + (i*7919)%n) // not in the order of adding
				return r
			}
			var records []*campaign.Record
			for i := range n {
				records = append(records, numbered(i))
			}
			add(t, st, records...)
			var wg sync.WaitGroup
			stop := make(chan struct{})
			wg.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					r := rec(fmt.Sprint("x", i), phones(blacklist.Number(48_700_000_000+i)))
					r.Sequence, r.List = int64(1+i%n), "new"
					old := numbered(i % n)
					old.Due = at(i)
					errs, err := st.Commit(t.ctx, adding(r), campaign.Change{Ref: refOf(old), Record: old})
					assert.NoError(t, err)
					assert.Nil(t, errs)
				}
			})
			for range 5 {
				seen := map[campaign.RecordID]int{}
				var last int64
				for f, err := range st.Find(t.ctx, campaign.Filter{}, campaign.Need{}) {
					require.NoError(t, err)
					assert.True(t, last <= f.Record.Sequence, "sequences ascend")
					last = f.Record.Sequence
					seen[f.Record.ID]++
					if seen[f.Record.ID] > 1 {
						t.broken(false, string(f.Record.ID), "once", "twice")
					}
				}
				for i := range n {
					assert.Equal(t, 1, seen[numbered(i).ID])
				}
				counts, err := st.Count(t.ctx, campaign.Filter{}, campaign.ByState)
				require.NoError(t, err)
				assert.True(t, counts["ready"]+counts["waiting"] >= n, "counted %v", counts)
			}
			close(stop)
			t.within("the writer", wg.Wait)
		},
	},
}}
