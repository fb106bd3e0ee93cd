package dialer_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
)

// Two queues on one store, eight agents each, who also dial other numbers,
// skip, talk, stop reporting and blacklist; the clock runs all the while.
func TestManyAgentsNeverCallANumberTwiceAtOnceAndCountEveryAttemptOnce(t *testing.T) {
	soon := func(c *campaign.Config) {
		c.Retry.Delays = map[campaign.Outcome]campaign.Delay{}
		for _, o := range []campaign.Outcome{campaign.LineBusy, campaign.NoAnswer, campaign.Voicemail, campaign.Drop, campaign.Answered} {
			c.Retry.Delays[o] = campaign.Delay(time.Second)
		}
	}
	h := open(t, conf("a", soon), conf("b", soon, gap(time.Second)))
	other := h.queue(dialer.Config{Holder: "other"})
	const records = 30
	var list []campaign.Record
	for i := range records {
		// Each number is in both campaigns; the main one is the same.
		list = append(list, several("a", fmt.Sprintf("r%d", i), i, records+i), several("b", fmt.Sprintf("r%d", i), i, records+i))
	}
	h.add(list...)

	var busy [2 * records]atomic.Int32 // calls on a number right now
	var mu sync.Mutex
	reported := map[campaign.Token]campaign.Ref{}
	var wg sync.WaitGroup
	for g := range 16 {
		q := h.q
		if g%2 == 1 {
			q = other
		}
		wg.Go(func() {
			for i := range 60 {
				h.wait(100 * time.Millisecond)
				sel, err := q.Next(ctx, dialer.Ask{Limit: 1 + g%3, Start: g%4 == 0})
				if !assert.NoError(t, err) {
					return
				}
				var started []dialer.Call
				for _, call := range sel.Calls {
					if call.Lease.Phase == campaign.Offered {
						if (g+i)%7 == 0 {
							if _, err := q.Skip(ctx, call.Ref, ann); err != nil {
								assert.ErrorIs(t, err, campaign.ErrLeaseLost)
							}
							continue
						}
						if call, err = q.Start(ctx, call.Ref, 0); err != nil {
							continue // blocked meanwhile, or too late
						}
					}
					n := busy[call.Number.Number-number(0)].Add(1)
					assert.Equal(t, int32(1), n, "number %v is called twice at once", call.Number.Number)
					started = append(started, call)
				}
				runtime.Gosched()
				for _, call := range started {
					r := campaign.Result{Outcome: campaign.Outcome(2 + (g+i)%4)}
					if (g+i)%11 == 0 {
						r = chosen("call")
					}
					busy[call.Number.Number-number(0)].Add(-1)
					if _, err := q.Report(ctx, call.Ref, r); assert.NoError(t, err) {
						mu.Lock()
						assert.NotContains(t, reported, call.Token)
						reported[call.Token] = call.Ref
						mu.Unlock()
					}
					if (g+i)%9 == 0 { // a host that is not sure reports again
						_, err := q.Report(ctx, call.Ref, campaign.Result{Outcome: campaign.NoAnswer})
						assert.NoError(t, err)
					}
				}
				if g == 5 && i%10 == 0 {
					assert.NoError(t, q.List(ctx, blacklist.Entry{Number: number(i), List: blacklist.Global}))
				}
			}
		})
	}
	wg.Wait()
	require.NotEmpty(t, reported)

	counted := map[campaign.Ref]int{}
	for _, r := range reported {
		r.Token = 0
		counted[r]++
	}
	total := 0
	for i := range records {
		for _, in := range []campaign.ID{"a", "b"} {
			id := fmt.Sprintf("r%d", i)
			n := counted[ref(in, id)]
			assert.Equal(t, n, h.record(in, id).Attempts.Total, "%s in %s", id, in)
			assert.Len(t, h.calls(in, id), n)
			total += n
		}
	}
	assert.Len(t, reported, total)
	t.Logf("%d calls", total)
}
