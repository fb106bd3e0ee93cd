package campaign

import (
	"context"
	"iter"
	"time"
)

// Judge says of records, by all that is known about them, whether they are meant.
// A compiled condition is one: Filter of package rule. It adds to what a [Filter]
// tells from a record alone.
type Judge interface {
	// Campaign is the one whose records it can judge.
	Campaign() ID
	// Text is the condition as it was given.
	Text() string
	// Need says what must be known beside a record to judge it at now.
	Need(now time.Time) Need
	// Holds tells whether a record is meant. With an error nobody knows.
	Holds(f *Facts, now time.Time) (bool, error)
	// Find streams the records that where finds and that are meant, in the store's
	// order, with what Need says beside each. One that it cannot judge comes too,
	// with an error and its Record.ID; after an error without one nothing more comes.
	Find(ctx context.Context, store Store, where Filter, now time.Time) iter.Seq2[Facts, error]
}
