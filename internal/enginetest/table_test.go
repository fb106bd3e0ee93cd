package enginetest_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	wantTable = flag.Bool("table", false, "measure, and print the table")
	sizesFlag = flag.String("sizes", "100k,1m", "with -table: numbers of records, such as 100k,1m,10m")
	goalsFlag = flag.String("goals", "cycle,memory,latency,dormant,campaigns,rules,written", "with -table: what to measure")
	rulesFlag = flag.String("rules", "cel", "with -table: how the queue's twenty conditions are written: cel or hand")
	rounds    = flag.Int("rounds", 20, "with -table: slices of each contestant")
	hold      = flag.Duration("hold", 15*time.Second, "with -table and the goal snapshot: how long each works while a snapshot is held")
	slice     = flag.Duration("slice", 50*time.Millisecond, "with -table: how long a contestant runs at a time")
)

// table is what is printed in the end: a row for each figure, a column for each size.
type table struct {
	sizes    []int
	rows     []*row
	matrices []*matrix // of the goal "rules", one for each size
}

type row struct {
	what, goal string
	cells      map[int]string
}

// set writes one cell. Rows stand in the order in which they are first named.
func (tb *table) set(what, goal string, size int, format string, args ...any) {
	i := slices.IndexFunc(tb.rows, func(r *row) bool { return r.what == what })
	if i < 0 {
		i = len(tb.rows)
		tb.rows = append(tb.rows, &row{what: what, goal: goal, cells: map[int]string{}})
	}
	tb.rows[i].cells[size] = fmt.Sprintf(format, args...)
}

func (tb *table) String() string {
	var b strings.Builder
	b.WriteString("| what | goal |")
	for _, n := range tb.sizes {
		fmt.Fprintf(&b, " %s |", sizeName(n))
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(tb.sizes)) + "\n")
	for _, r := range tb.rows {
		fmt.Fprintf(&b, "| %s | %s |", r.what, r.goal)
		for _, n := range tb.sizes {
			fmt.Fprintf(&b, " %s |", tb.cell(r.what, n))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// The rows that the README shows, a column each.
const (
	rowOne     = "cycle, asks of one"
	rowHundred = "cycle, asks of 100"
	rowHeap    = "container/heap of pointers, no rules"
)

// short is the part that the README shows, with a row for each size.
func (tb *table) short() string {
	var b strings.Builder
	b.WriteString("| records | ask of one | asks of 100 | a bare heap of pointers, no rules |\n|---|---|---|---|\n")
	for _, n := range tb.sizes {
		fmt.Fprintf(&b, "| %s |", sizeName(n))
		for _, what := range []string{rowOne, rowHundred, rowHeap} {
			cell, _, _ := strings.Cut(tb.cell(what, n), " (")
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	return b.String() + "\n"
}

// cell is what stands in a row for a size.
func (tb *table) cell(what string, n int) string {
	for _, r := range tb.rows {
		if r.what == what && r.cells[n] != "" {
			return r.cells[n]
		}
	}
	return "–"
}

func sizeName(n int) string {
	switch {
	case n%1_000_000 == 0:
		return strconv.Itoa(n/1_000_000) + " M"
	case n%1000 == 0:
		return strconv.Itoa(n/1000) + " k"
	}
	return strconv.Itoa(n)
}

func parseSizes(text string) ([]int, error) {
	var sizes []int
	for part := range strings.SplitSeq(strings.ToLower(text), ",") {
		digits, unit := strings.TrimSpace(part), 1
		if d, ok := strings.CutSuffix(digits, "k"); ok {
			digits, unit = d, 1000
		} else if d, ok := strings.CutSuffix(digits, "m"); ok {
			digits, unit = d, 1_000_000
		}
		n, err := strconv.Atoi(digits)
		if err != nil || n < 1 || n*unit%10_000 != 0 {
			return nil, fmt.Errorf("size %q: want ten thousands of records, such as 100k or 1m", part)
		}
		sizes = append(sizes, n*unit)
	}
	return sizes, nil
}

// goal is something that can be measured.
type goal struct {
	name    string
	measure func(*testing.T, *table, int)
}

var goals = []goal{
	{"cycle", cycleRows}, {"memory", memoryRows}, {"latency", latencyRows}, {"dormant", dormantRows}, {"campaigns", campaignRows},
	{"rules", rulesRows}, {"written", writtenRows},
	{"sqlite", sqliteRows}, {"postgres", postgresRows}, {"big", bigRows}, {"snapshot", snapshotRows},
}

// TestTable measures what docs and README say about speed, and prints it. It
// asserts that the work was done, and nothing about the time it took.
func TestTable(t *testing.T) {
	if !*wantTable {
		t.Skip("measures for minutes: go test ./internal/enginetest -run TestTable -timeout 60m -table")
	}
	sizes, err := parseSizes(*sizesFlag)
	if err != nil {
		t.Fatal(err)
	}
	if *rulesFlag != "cel" && *rulesFlag != "hand" {
		t.Fatalf("-rules: %q: want cel or hand", *rulesFlag)
	}
	wanted := strings.Split(*goalsFlag, ",")
	for _, name := range wanted {
		if !slices.ContainsFunc(goals, func(g goal) bool { return g.name == name }) {
			t.Fatalf("-goals: nothing is called %q", name)
		}
	}
	tb := &table{sizes: sizes}
	for _, g := range goals {
		for _, n := range sizes {
			if slices.Contains(wanted, g.name) {
				fmt.Fprintf(os.Stderr, "%s: %s of %s records\n", time.Now().Format(time.TimeOnly), g.name, sizeName(n))
				t.Run(g.name+" "+sizeName(n), func(t *testing.T) { g.measure(t, tb, n) })
			}
		}
	}
	fmt.Printf("\n%s\n", tb)
	for _, m := range tb.matrices {
		fmt.Printf("%s\n", m)
	}
	if len(tb.matrices) > 0 {
		fmt.Println(decisionsText())
	}
	if slices.Contains(wanted, "cycle") {
		fmt.Print(tb.short())
	}
	fmt.Printf("CPU time, with databases wall time, of %d rounds of %v in all; in brackets the median of the rounds, and what half of them lie between. %s, GOMAXPROCS %d, %s/%s.\n",
		*rounds, *slice, runtime.Version(), runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH)
}
