package memstore_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign/memstore"
)

var snapshotSizes = []int{100_000, 1_000_000}

// saved is a store of n fresh records, and its snapshot.
func saved(b *testing.B, n int) (*memstore.Store, []byte) {
	st := memstore.New()
	fill(b, st, n, time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC))
	var stream bytes.Buffer
	if err := st.Snapshot(context.Background(), &stream); err != nil {
		b.Fatal(err)
	}
	return st, stream.Bytes()
}

func perRecord(b *testing.B, n int, used time.Duration) {
	b.ReportMetric(float64(used.Nanoseconds())/float64(b.N)/float64(n), "cpu-ns/record")
}

// BenchmarkSnapshot saves a store of fresh records.
func BenchmarkSnapshot(b *testing.B) {
	for _, n := range snapshotSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			st, stream := saved(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			begin := cpu()
			for b.Loop() {
				if err := st.Snapshot(context.Background(), io.Discard); err != nil {
					b.Fatal(err)
				}
			}
			perRecord(b, n, cpu()-begin)
			b.ReportMetric(float64(len(stream))/float64(n), "B/record")
		})
	}
}

// BenchmarkLoad loads it again.
func BenchmarkLoad(b *testing.B) {
	for _, n := range snapshotSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			_, stream := saved(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			begin := cpu()
			for b.Loop() {
				if _, err := memstore.Load(context.Background(), bytes.NewReader(stream)); err != nil {
					b.Fatal(err)
				}
			}
			perRecord(b, n, cpu()-begin)
		})
	}
}
