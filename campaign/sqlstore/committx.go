package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// CommitTx is Commit as a part of a transaction of the host's on the same
// database: what it writes is written if and when the host commits. After an err
// the host must roll back; errs are as those of Commit, and what they refuse has
// written nothing. No other Commit or Claim goes on until the transaction ends,
// so it should be short, and must not wait for one. A transaction that has only
// read until now SQLite may refuse to let write: call CommitTx before it reads.
//
// New leases tell their tokens at once; they are good if the host commits.
func (st *Store) CommitTx(ctx context.Context, tx *sql.Tx, changes ...campaign.Change) (errs []error, err error) {
	if tx == nil {
		return nil, errors.New("sqlstore: the transaction is nil: begin one with the database that the store was opened with")
	}
	if err := ctx.Err(); err != nil || len(changes) == 0 {
		return nil, err
	}
	var b batch
	j := &job{changes: changes, do: func(r *run) error { return b.do(r, changes) }}
	r := st.newRun(ctx, tx)
	if err := r.engine.begin(r, []*job{j}); err != nil {
		return nil, fmt.Errorf("sqlstore: begin: %w", err)
	}
	if err := r.do([]*job{j}); err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	b.tell()
	return b.errs, nil
}
