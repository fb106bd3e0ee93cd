package enginetest_test

import (
	"fmt"
	"strings"
	"testing"
)

// matrix is a table of engines side by side: a row for each thing decided.
type matrix struct {
	title string
	rows  [][]string // the first of each row is what it is about
}

func (m *matrix) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s |\n|---|%s\n", m.title, strings.Join(engines, " | "), strings.Repeat("---|", len(engines)))
	for _, r := range m.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r, " | "))
	}
	return b.String()
}

// mostRecords is how many records a list has that is filtered: more would need
// gigabytes for each engine, and show nothing else.
const mostRecords = 1_000_000

// rulesRows: the same conditions by each engine, on the same situations.
func rulesRows(t *testing.T, tb *table, n int) {
	var made []*process
	for _, name := range engines {
		made = append(made, begin(t, spec{Kind: "rules", Engine: name, N: min(n, mostRecords)}))
	}
	m := &matrix{title: fmt.Sprintf("decisions, %s records", sizeName(min(n, mostRecords)))}
	worst, most := 0.0, 0.0
	for _, what := range everyWhat() {
		got := race(t, *rounds, contest(t, made, what)...)
		cells := []string{what}
		for i := range got {
			each, allocs := got[i].each(perCycle), float64(got[i].Mallocs)/float64(got[i].Cycles)
			cell := nanos(each.all)
			if i > 0 {
				cell += fmt.Sprintf(", %.1f×", got[i].against(&got[0], perCycle).all)
			}
			if allocs >= 0.05 {
				cell += fmt.Sprintf(", %.1f allocs", allocs)
			}
			cells = append(cells, cell)
		}
		m.rows = append(m.rows, cells)

		ours, hand := &got[1], &got[0]
		ratio := ours.against(hand, perCycle)
		if what != whatCompile {
			most = max(most, float64(ours.Mallocs)/float64(ours.Cycles))
		}
		switch what {
		case whatSet:
			tb.set("set of six rules / hand-written", "", n, "%s", ratio.times())
		case whatHundred:
			tb.set("set of 100 rules / hand-written", "≤ 1.5×", n, "%s", ratio.times())
		case whatFilter:
			tb.set("filter of 1 M records", "≤ 60 ms", n, "%.0f ms", ours.each(perCycle).all)
			tb.set("filter / hand-written", "", n, "%s", ratio.times())
		case whatCompile:
			tb.set("compiling a rule", "≤ 0.2 ms", n, "%s", ours.each(perCycle).nanos())
		default:
			worst = max(worst, ratio.all)
			tb.set("one rule / hand-written, the dearest of six", "≤ 2.5×", n, "%.2f×", worst)
		}
	}
	tb.set("allocations of a decision, the most of all kinds", "0", n, "%.2f", most)
	tb.matrices = append(tb.matrices, m)
	for _, p := range made {
		p.finish(t)
	}
}

// contest has every engine decide all of it once, and returns them as entries if
// they agree: who decides otherwise is not measured.
func contest(t *testing.T, made []*process, what string) []entry {
	t.Helper()
	var entries []entry
	var replies []reply
	for _, p := range made {
		replies = append(replies, p.do(t, command{Do: "pass", What: what}))
		entries = append(entries, entry{p, command{Do: "decide", What: what, For: *slice}})
	}
	if err := agree(replies); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	return entries
}

// agree compares what the engines' decisions came to with the first one's.
func agree(replies []reply) error {
	want := replies[0]
	for i, r := range replies {
		if r.Sum != want.Sum || r.Cycles != want.Cycles {
			return fmt.Errorf("%s comes to %d in %d decisions, %s to %d in %d", engines[i], r.Sum, r.Cycles, engines[0], want.Sum, want.Cycles)
		}
	}
	return nil
}

// decisionsText says what the rows of a matrix are.
func decisionsText() string {
	var b strings.Builder
	b.WriteString("Each cell: time of a decision, how many times that of hand-written Go, and allocations if there are any. R1 to R6 find their variables made;\n" +
		"in the other rows making them counts. A set says which of its rules is the first that holds, none of the 100 does.\n\n")
	for i, x := range six() {
		fmt.Fprintf(&b, "    %s      %s\n", whatRule(i+1), x.text)
	}
	fmt.Fprintf(&b, "    filter  %s\n", filter().text)
	return b.String()
}
