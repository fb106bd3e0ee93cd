// Package dense answers how tens of millions of small things are kept in order
// and found again without a pointer for each of them.
//
// The garbage collector follows every pointer in every cycle, and a pointer
// costs 8 bytes where a number of 4 does. So the containers here keep plain
// numbers and bytes in few large pieces, and name a thing by its number:
//
//	Slab    values of one type, by number
//	Texts   strings in a byte arena, by handle
//	Names   few distinct strings, as small numbers
//	Index   from a hash to numbers
//	Key     two words that sort like (due, sort, sequence) or (sort, key, sequence)
//	Heap    numbers by Key, the first one first
//	Run     numbers in the order they came
//	Timers  what ends when, mostly in the order it began
//
// The zero value of each is ready for use. None has a lock: the owner holds one
// whenever it changes a container. Slab.At, Texts.Get and Names.Name may be
// called while somebody else adds, for what has been added before: the caller
// learned the number by a way that orders the two (a lock, a channel, an atomic).
//
// A number that a container never gave out is a fault of the program, and like
// an index out of range it panics. Too much of something is a *FullError, and a
// value that does not fit in a Key a *RangeError.
package dense

import "fmt"

// MaxNumber is the largest number of a thing: four bits of a word are left for
// the marks that an Index keeps.
const MaxNumber = 1<<28 - 1

// FullError says that a container holds all that it can.
type FullError struct {
	What  string // of what there are too many, with its article: "the list of agents"
	Limit int
}

func (e *FullError) Error() string { return fmt.Sprintf("%s is full: at most %d", e.What, e.Limit) }
