package rule

import (
	"math"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// BenchmarkRatio compares a condition by hand, in a set, and asked alone. The ways
// take turns in slices of some microseconds, and of each the fastest slice
// counts: so what else the machine does is left out.
func BenchmarkRatio(b *testing.B) {
	set := sceneSet(b)
	six := realistic(set.campaign)
	rules := setOf(b, campaign.AutoSet, textsOf(six)...)
	calls := ordinary(64)
	var scopes []*scope
	for _, x := range calls {
		scopes = append(scopes, rules.see(x.facts, x.call, x.now))
	}
	for i, c := range six {
		p, held := rules.programs[i], 0
		ways := []struct {
			name string
			ask  func(n int)
		}{
			{"by-hand-ns", func(n int) {
				for at := range n {
					if x := &calls[at&63]; c.hand(x.facts, x.call, x.now) {
						held++
					}
				}
			}},
			{"in-a-set-ns", func(n int) {
				for at := range n {
					s := scopes[at&63]
					s.turn(s.r)
					if ok, _ := p.holds(s); ok {
						held++
					}
				}
			}},
			{"alone-ns", func(n int) {
				for at := range n {
					x := &calls[at&63]
					if ok, _ := rules.Holds(i, x.facts, x.call, x.now); ok {
						held++
					}
				}
			}},
		}
		b.Run(c.name, func(b *testing.B) {
			const slice = 1024
			best := []float64{math.Inf(1), math.Inf(1), math.Inf(1)}
			for b.Loop() {
				for w := range ways {
					start := time.Now()
					ways[w].ask(slice)
					best[w] = min(best[w], float64(time.Since(start).Nanoseconds())/slice)
				}
			}
			for w := range ways {
				b.ReportMetric(best[w], ways[w].name)
			}
			b.ReportMetric(best[2]/best[0], "alone/by-hand")
			b.ReportMetric(best[1]/best[0], "set/by-hand")
		})
	}
}
