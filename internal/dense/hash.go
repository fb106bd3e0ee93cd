package dense

import "math/bits"

// HashText spreads texts evenly over all 64-bit numbers. The same text has the
// same hash on every machine and in every process.
func HashText(s string) uint64 {
	h := uint64(len(s)) * 0x9e37_79b9_7f4a_7c15
	for ; len(s) >= 8; s = s[8:] {
		h = fold(h ^ word(s))
	}
	var rest uint64
	for i := range len(s) {
		rest = rest<<8 | uint64(s[i])
	}
	return HashNumber(fold(h ^ rest))
}

func word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// fold multiplies with an odd number of no pattern and lays the upper half of
// the product over the lower one, so that every bit moves both ways.
func fold(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db)
	return hi ^ lo
}

// HashNumber spreads numbers evenly over all 64-bit numbers; different numbers
// have different hashes. It is the last step of SplitMix64 (Steele, Lea, Flood:
// Fast splittable pseudorandom number generators, 2014).
func HashNumber(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58_476d_1ce4_e5b9
	n = (n ^ n>>27) * 0x94d0_49bb_1331_11eb
	return n ^ n>>31
}
