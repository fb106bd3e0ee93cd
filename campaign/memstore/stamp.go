package memstore

import "time"

// stamp is an instant in eight bytes without a pointer: microseconds since the
// zero time, so that a zeroed block of memory holds zero times. The years 1 to
// 9999 fit; a negative stamp stands for an instant outside.
type stamp int64

const (
	// zeroTime is the zero time in Unix microseconds: the smallest instant there is.
	zeroTime = -62135596800 * 1e6
	// yearOne is the zero time in Unix seconds, negated.
	yearOne = 62135596800
	// lastSecond is the last second of year 9999, from the zero time.
	lastSecond = 253402300799 + yearOne
	// noStamp stands for an instant outside the years that are kept. It stays
	// negative in an "or" with others.
	noStamp stamp = -1 << 63
)

// stampOf cuts an instant to whole microseconds, towards the past.
func stampOf(t time.Time) stamp {
	sec := t.Unix() + yearOne
	if uint64(sec) > lastSecond {
		return noStamp
	}
	return stamp(sec*1e6 + int64(t.Nanosecond()/1e3))
}

// stampOfKey is a Record.Key, which counts Unix microseconds, as an instant.
func stampOfKey(key int64) stamp {
	if key < zeroTime || key > (lastSecond-yearOne)*1e6+999999 {
		return noStamp
	}
	return stamp(key - zeroTime)
}

// time returns the instant, in UTC.
func (s stamp) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.UnixMicro(s.micros()).UTC()
}

// micros returns the instant in Unix microseconds, zeroTime for none.
func (s stamp) micros() int64 { return int64(s) + zeroTime }
