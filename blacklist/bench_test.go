package blacklist_test

import (
	"testing"

	"github.com/nextcall/nextcall/blacklist"
)

func BenchmarkParseNumber(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := blacklist.ParseNumber("+48 600-100-200"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExpiryAt(b *testing.B) {
	warsaw := zone(b, "Europe/Warsaw")
	e, err := blacklist.ParseExpiry("6 days, 19 months")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.At(noon, warsaw); err != nil {
			b.Fatal(err)
		}
	}
}

// Half of the numbers asked are listed.
func BenchmarkMemoryCheck(b *testing.B) {
	var m blacklist.Memory
	const size = 100_000
	for i := range blacklist.Number(size) {
		if err := m.Add(blacklist.Entry{Number: 48600000000 + 2*i, List: "loans", Added: noon}); err != nil {
			b.Fatal(err)
		}
	}
	q := blacklist.Query{Now: noon, Lists: []blacklist.List{"loans"}, Numbers: make([]blacklist.Number, 2)}
	next := blacklist.Number(0)
	b.ReportAllocs()
	for b.Loop() {
		next = (next + 7919) % size
		q.Numbers[0], q.Numbers[1] = 48600000000+2*next, 48600000001+2*next
		answers, err := m.Check(b.Context(), q)
		if err != nil || len(answers) != 1 {
			b.Fatal(answers, err)
		}
	}
}
