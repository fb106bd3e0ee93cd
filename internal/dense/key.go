package dense

import (
	"cmp"
	"fmt"
)

// What a Key can hold. The first time is the zero time.Time, so that "no time"
// sorts before all others.
const (
	MinTime     = -62_135_596_800_000_000 // 0001-01-01T00:00:00 UTC, in Unix microseconds
	MaxTime     = 253_402_300_799_999_999 // 9999-12-31T23:59:59.999999 UTC
	MaxSort     = 1<<sortBits - 1
	MaxSequence = 1<<sequenceBits - 1
)

const (
	timeBits     = 59
	sortBits     = 17
	sequenceBits = 46
)

// Key is a record's place in a lane, in two words. Two Keys of one kind compare
// as what they were made of does; Keys of different kinds are not compared.
//
// Invariant: a DateKey is due, sort and sequence as one number of 122 bits, the
// due time counted from the year 1 on; an OrderKey is sort, key and sequence. The
// upper 64 of the 122 bits are Hi.
type Key struct{ Hi, Lo uint64 }

const lowBits = sortBits + timeBits + sequenceBits - 64 // what of the 122 bits is in Lo

// DateKey sorts by due time, then by sort, then by sequence. The due time is in
// Unix microseconds. A value out of its limits is a *RangeError.
func DateKey(due, sort, seq int64) (Key, error) {
	if outside(due, sort, seq) {
		return Key{}, rangeError("due time", due, sort, seq)
	}
	k := uint64(sort)<<sequenceBits | uint64(seq) // 63 bits
	return Key{uint64(due-MinTime)<<(64-timeBits) | k>>lowBits, k & (1<<lowBits - 1)}, nil
}

// OrderKey sorts by sort, then by key, then by sequence. The key is a time in
// Unix microseconds, or 0. A value out of its limits is a *RangeError.
func OrderKey(sort, key, seq int64) (Key, error) {
	if outside(key, sort, seq) {
		return Key{}, rangeError("key", key, sort, seq)
	}
	const low = lowBits - sequenceBits // the bits of the key that are in Lo
	biased := uint64(key - MinTime)
	return Key{uint64(sort)<<(64-sortBits) | biased>>low, biased&(1<<low-1)<<sequenceBits | uint64(seq)}, nil
}

// Due returns the due time of a DateKey.
func (k Key) Due() int64 { return int64(k.Hi>>(64-timeBits)) + MinTime }

// Less says whether a Key sorts before another.
func (k Key) Less(o Key) bool { return k.Hi < o.Hi || k.Hi == o.Hi && k.Lo < o.Lo }

// Compare is negative, zero or positive as k sorts before, with or after o.
func (k Key) Compare(o Key) int { return cmp.Or(cmp.Compare(k.Hi, o.Hi), cmp.Compare(k.Lo, o.Lo)) }

// CheckTime returns a *RangeError for a time, in Unix microseconds, that is not
// in the years 1 to 9999.
func CheckTime(micros int64) error {
	if micros < MinTime || micros > MaxTime {
		return &RangeError{"time", micros, MinTime, MaxTime}
	}
	return nil
}

func outside(time, sort, seq int64) bool {
	return time < MinTime || time > MaxTime || uint64(sort) > MaxSort || uint64(seq) > MaxSequence
}

func rangeError(name string, time, sort, seq int64) error {
	switch {
	case CheckTime(time) != nil:
		return &RangeError{name, time, MinTime, MaxTime}
	case uint64(sort) > MaxSort:
		return &RangeError{"sort", sort, 0, MaxSort}
	}
	return &RangeError{"sequence", seq, 0, MaxSequence}
}

// RangeError says that a value does not fit in a Key.
type RangeError struct {
	What            string
	Value, Min, Max int64
}

func (e *RangeError) Error() string {
	if e.Min == MinTime {
		return fmt.Sprintf("%s %d: want the Unix microseconds of a time in the years 1 to 9999 (%d to %d)", e.What, e.Value, e.Min, e.Max)
	}
	return fmt.Sprintf("%s %d: want %d to %d", e.What, e.Value, e.Min, e.Max)
}
