//go:build unix

package rule

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// BenchmarkCompileParts is what the parts of compiling take, for the twenty and
// for the hundred: what cel-go alone takes to parse and check, which is the least
// that compiling through it alone could take, and what ours do. cpu-ns/rule is the
// time of the processor, which other programs on the machine change less.
func BenchmarkCompileParts(b *testing.B) {
	c, _, err := campaign.Compile(probeConfig(), nil, nil)
	require.NoError(b, err)
	cfg := c.Config()
	env, err := newEnvironment(newSchema(&cfg, c.Known(), nil))
	require.NoError(b, err)
	for _, conditions := range [][]campaign.Condition{twentyConditions(), hundredConditions()} {
		parsed, checked := make([]*cel.Ast, len(conditions)), make([]*cel.Ast, len(conditions))
		for i, c := range conditions {
			parsed[i], _ = env.cel.Parse(c.Text)
			checked[i], _ = env.cel.Check(parsed[i])
		}
		for _, part := range []struct {
			name string
			run  func(i int)
		}{
			{"cel-go-parses", func(i int) { parsed[i], _ = env.cel.Parse(conditions[i].Text) }},
			{"read", func(i int) { parsed[i] = env.read(newSpans(conditions[i].Text)) }},
			{"cel-go-checks", func(i int) { checked[i], _ = env.cel.Check(parsed[i]) }},
			{"cel-go-plans", func(i int) { _, _ = env.plan(checked[i].NativeRep()) }},
			{"linted", func(i int) { env.lint(conditions[i]) }},
			{"compiled", func(i int) { _, _, _ = env.compiled(conditions[i]) }},
			{"all", func(i int) {
				if i == 0 {
					_, _, _ = Engine{}.Rules(c, conditions)
				}
			}},
		} {
			b.Run(fmt.Sprintf("%d/%s", len(conditions), part.name), func(b *testing.B) {
				b.ReportAllocs()
				before := cpuTime()
				for b.Loop() {
					for i := range conditions {
						part.run(i)
					}
				}
				rules := float64(b.N) * float64(len(conditions))
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/rules, "ns/rule")
				b.ReportMetric(float64((cpuTime()-before).Nanoseconds())/rules, "cpu-ns/rule")
			})
		}
	}
}

// cpuTime is the time of the processor that this process has used, its garbage
// collector included.
func cpuTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
