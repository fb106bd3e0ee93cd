package suggest_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nextcall/nextcall/internal/fold"
	"github.com/nextcall/nextcall/internal/suggest"
)

// crowd makes n contacts as a country has them: few first names, many surnames of
// which some are frequent, companies, numbers.
type crowd struct {
	r      *rand.Rand
	firsts []string
	lasts  []string
	trades []string
}

func newCrowd(surnames int) *crowd {
	c := &crowd{r: rand.New(rand.NewPCG(1, 2))}
	word := func(parts int) string {
		var b strings.Builder
		for range parts {
			b.WriteString([]string{"b", "br", "c", "cz", "d", "dz", "f", "g", "h", "j", "k", "kr", "l", "ł", "m", "n", "p", "r", "rz", "s", "sz", "st", "t", "tr", "w", "z", "ź", "ż"}[c.r.IntN(28)])
			b.WriteString([]string{"a", "ą", "e", "ę", "i", "o", "ó", "u", "y", "ia", "ie"}[c.r.IntN(11)])
		}
		return b.String()
	}
	title := func(s string) string { r := []rune(s); return strings.ToUpper(string(r[:1])) + string(r[1:]) }
	for range 800 {
		c.firsts = append(c.firsts, title(word(1+c.r.IntN(3)))+[]string{"", "a", "n", "sław"}[c.r.IntN(4)])
	}
	for range surnames {
		c.lasts = append(c.lasts, title(word(1+c.r.IntN(4)))+[]string{"", "k", "ski", "ska", "cki", "wicz", "czyk", "ak", "-Nowak"}[c.r.IntN(9)])
	}
	for range 3000 {
		c.trades = append(c.trades, word(2+c.r.IntN(2)))
	}
	return c
}

// often draws small numbers far more often than large ones.
func (c *crowd) often(n int) int {
	x := c.r.Float64()
	return int(x * x * x * float64(n))
}

func (c *crowd) one() suggest.Contact {
	x := suggest.Contact{First: c.firsts[c.often(len(c.firsts))], Last: c.lasts[c.often(len(c.lasts))], Numbers: []uint64{48500_000_000 + c.r.Uint64N(400_000_000)}}
	switch c.r.IntN(6) {
	case 0:
		x.Company = c.lasts[c.r.IntN(len(c.lasts))] + " " + c.trades[c.often(len(c.trades))] + " Sp. z o.o."
	case 1:
		x.First += " " + c.firsts[c.often(len(c.firsts))]
	}
	return x
}

// questions are what is typed on the way to contacts, by their kind.
func (c *crowd) questions(all []suggest.Contact, n int) map[string][]string {
	kinds := map[string][]string{}
	cut := func(text string, n int) string { r := []rune(text); return string(r[:min(n, len(r))]) }
	for range n {
		x := all[c.r.IntN(len(all))]
		add := func(kind, text string) { kinds[kind] = append(kinds[kind], text) }
		for _, n := range []int{1, 2, 3, 6} {
			add(fmt.Sprint(n, " letters"), cut(x.Last, n))
		}
		add("two words", x.Last+" "+cut(x.First, 3))
		r := []rune(strings.ToLower(x.Last))
		from := min(1+c.r.IntN(3), len(r)-1)
		for _, n := range []int{1, 2, 3} {
			add(fmt.Sprint(n, " letters inside"), string(r[from:min(from+n, len(r))]))
		}
		add("two words inside", cut(string([]rune(x.First)[1:]), 9)+" "+cut(x.Last, 3))
		add("a number", fmt.Sprint(x.Numbers[0])[2:2+1+c.r.IntN(9)])
		add("nobody, letters", "q"+cut(x.Last, 2)+"q")
		add("nobody, two words", x.Last[len(x.Last)-1:]+" qx")
		add("nobody, crossed", string(r[len(r)-1:])+" "+cut(x.Last, 2)+"q")
	}
	return kinds
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[int(q*float64(len(sorted)-1))].Nanoseconds()) / 1000
}

// BenchmarkSuggest asks an index of a million contacts, and looks at all of them
// for the same questions.
func BenchmarkSuggest(b *testing.B) {
	n := 1_000_000 // contacts
	c := newCrowd(300_000)
	all := make([]suggest.Contact, n)
	for i := range all {
		all[i] = c.one()
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("contact-", i*7919%n)
	}
	before, began := heap(), time.Now()
	x := suggest.New(func(c uint32) string { return names[c] })
	if err := x.Fill(func(yield func(uint32, *suggest.Contact) bool) {
		for i := range all {
			if !yield(uint32(i), &all[i]) {
				return
			}
		}
	}); err != nil {
		b.Fatal(err)
	}
	filled := time.Since(began)
	b.Logf("filled in %v, %.1f bytes a contact, %d distinct words", filled, float64(heap()-before)/float64(n), x.Words())
	began = time.Now()
	for i := range 20_000 {
		other := c.one()
		if err := x.Set(uint32(i*37%n), &other); err != nil {
			b.Fatal(err)
		}
		all[i*37%n] = other
	}
	b.Logf("%v a contact that changes", time.Since(began)/20_000)
	questions := c.questions(all, 500)
	var kinds []string
	for kind := range questions {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		b.Run(kind, func(b *testing.B) {
			var took []time.Duration
			var hits []suggest.Hit
			found := 0
			for i := 0; i < b.N; i++ {
				text := questions[kind][i%len(questions[kind])]
				// The best of five says what it costs, whoever else is on the machine.
				best := time.Hour
				for range 5 {
					began := time.Now()
					q := fold.NewQuery(text)
					hits = x.Search(&q, 10, hits[:0])
					best = min(best, time.Since(began))
				}
				took = append(took, best)
				found += len(hits)
			}
			slices.Sort(took)
			b.ReportMetric(quantile(took, 0.5), "µs-p50")
			b.ReportMetric(quantile(took, 0.99), "µs-p99")
			b.ReportMetric(quantile(took, 1), "µs-max")
			b.ReportMetric(float64(found)/float64(b.N), "hits")
		})
	}
	b.Run("a look at all", func(b *testing.B) {
		for i := 0; i < b.N; i++ {
			q := fold.NewQuery(questions["3 letters"][i%500])
			for j := range all {
				q.Names(fold.Names(all[j].First, all[j].Last, all[j].Company))
				q.Number(all[j].Numbers[0])
			}
		}
	})
}
