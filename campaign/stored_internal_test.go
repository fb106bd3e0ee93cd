package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestStoredIsTruncate(t *testing.T) {
	now := time.Now()
	assert.Equal(t, now.UTC().Truncate(time.Microsecond), stored(now), "without its monotonic clock")
	east := time.FixedZone("east", 3600)
	rapid.Check(t, func(t *rapid.T) {
		sec := rapid.Int64Range(-1<<37, 1<<38).Draw(t, "seconds")
		at := time.Unix(sec, rapid.Int64Range(-2e9, 2e9).Draw(t, "nanoseconds"))
		if rapid.Bool().Draw(t, "zone") {
			at = at.In(east)
		}
		if want := at.UTC().Truncate(time.Microsecond); stored(at) != want {
			t.Fatalf("%v: %v, want %v", at, stored(at), want)
		}
	})
	assert.Equal(t, time.Time{}, stored(time.Time{}))
}
