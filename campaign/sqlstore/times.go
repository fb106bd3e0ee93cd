package sqlstore

import (
	"math"
	"time"
)

// noTime is the zero time as it is stored.
const noTime int64 = -62135596800000000

// micros is an instant as it is stored: whole microseconds since 1970, UTC. Of
// instants too far away for that it is the nearest.
func micros(t time.Time) int64 {
	switch s := t.Unix(); {
	case s < math.MinInt64/1_000_000+1:
		return math.MinInt64
	case s > math.MaxInt64/1_000_000-1:
		return math.MaxInt64
	}
	return t.UnixMicro()
}

// instant is the reverse of micros.
func instant(n int64) time.Time { return time.UnixMicro(n).UTC() }

// oldest is before every instant.
const oldest int64 = math.MinInt64
