package memstore

import (
	"context"
	"io"
)

// Snapshot writes all that the store knows, for [Load] to read: so a host can be
// stopped and started again. It is no durability: what happened after it is lost
// when the host ends otherwise. Write it to a new file, sync that, and give it
// the name of the old one, so that there is always a whole one.
//
// It is the store at one instant: nobody else is in the store meanwhile, and all
// calls wait until it is written, some seconds for millions of records. Only ctx
// ends it before. On an error what was written is of no use.
//
// A snapshot says what is stored and not how, with a version, and with checksums
// throughout. Two stores that answer alike have the same one, byte for byte, if
// their records, calls and actions came in the same order. The values of fields
// are string, int64, int, float64, bool, time.Time and []string; with one of
// another type there is no snapshot, but an error that names it.
func (st *Store) Snapshot(ctx context.Context, w io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.save(ctx, w)
}

// Load makes a store of what [Store.Snapshot] wrote: it answers as that one
// would, and gives the same tokens. The time that has passed is for the host to
// say, as ever; leases that have run out come back from the next Claim.
//
// r is read to its end. A stream that is not whole, was altered, is of another
// version, or says what no store would, is refused with a [*SnapshotError]; then
// there is no store.
func Load(ctx context.Context, r io.Reader) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return load(ctx, r)
}
