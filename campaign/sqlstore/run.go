package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// run is a transaction while it goes on: its statements, its unit of work, and
// what is known of the campaigns as long as nobody else can change them.
type run struct {
	unit
	st     *Store
	engine engine
	ctx    context.Context
	tx     *sql.Tx // nil: each statement is one of its own
	stmts  [numStatements]*sql.Stmt
	err    error // the first failure of the database: nothing of the run is to stay

	last    [numCounters]int64 // numbers given, or the largest sequence seen
	counted bool               // one of them has grown
	spare   campaign.Token     // the last one given, which nobody has used; 0: none
	known   map[campaign.ID]*known
	lanes   []lane // that were added to the table
	ours    bool   // the transaction is the store's own
	kept    *kept  // from the transaction before; nil: this one has nothing to do with others
	turn    int64  // which makes known whether kept is good
	wrote   bool   // something else than the turn
	denied  bool   // a change was refused
	guess   *guess // it works with what the process remembers; nil: with what the database tells
	idle    bool   // it has nothing to commit

	adds     int                  // how many changes add a record
	pool     [numCounters][]int64 // numbers that are the next
	granting key                  // the record that a lease is about to be given for

	queues map[campaign.ID]*queue // that Claims have looked at
	more   int                    // leases that the Claims to come want
}

// known is what a run knows of a campaign.
type known struct {
	revision int64 // the newest known
	stored   bool  // the table of campaigns has it
}

// errEnd says that it was the end of a transaction that failed.
var errEnd = errors.New("commit, which may have been written all the same")

func (st *Store) newRun(ctx context.Context, tx *sql.Tx) *run {
	return &run{unit: newUnit(), st: st, engine: st.engine, ctx: ctx, tx: tx, known: make(map[campaign.ID]*known)}
}

// restarts is how often a transaction is begun again that others have kept from
// its end.
const restarts = 8

// transact does jobs in one transaction. An error means that nothing of them is
// known to be written.
func (st *Store) transact(ctx context.Context, jobs []*job) error {
	// What others wait for does not end because the leader's caller has gone.
	ctx = context.WithoutCancel(ctx)
	for i := 0; ; i++ {
		err := st.transactOnce(ctx, jobs)
		if err == nil || i == restarts || !crossed(err) {
			return err
		}
	}
}

// crossed reports whether a transaction failed only because it met another one:
// a deadlock or a serialization failure of PostgreSQL. Nothing of it is written.
func crossed(err error) bool {
	s := stateOf(err)
	return s == "40P01" || s == "40001"
}

// stateOf is the SQLSTATE that an error names, or "".
func stateOf(err error) string {
	var state interface{ SQLState() string }
	if !errors.As(err, &state) {
		return ""
	}
	return state.SQLState()
}

func (st *Store) transactOnce(ctx context.Context, jobs []*job) error {
	r := st.newRun(ctx, nil)
	if done, err := st.engine.alone(r, jobs); err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	} else if done {
		st.mine.keep(r)
		return nil
	}
	if done, err := st.transactGuessing(ctx, jobs); done {
		return err
	}
	err := st.patiently(ctx, func() (err error) {
		r, err = st.begin(ctx, jobs)
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlstore: begin: %w", err)
	}
	done := false
	defer func() {
		if !done { // a panic as well
			_ = r.tx.Rollback()
		}
	}()
	if err := r.do(jobs); err != nil {
		return fmt.Errorf("sqlstore: %w", err)
	}
	if r.idle {
		r.turn-- // nobody has taken it
		r.keep()
		return nil
	}
	done = true
	if err := r.tx.Commit(); err != nil {
		return fmt.Errorf("sqlstore: %w: %w", errEnd, err)
	}
	st.remember(r.lanes)
	r.keep()
	st.mine.keep(r)
	return nil
}

// begin begins a transaction that nobody else writes beside.
func (st *Store) begin(ctx context.Context, jobs []*job) (*run, error) {
	tx, err := st.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	r := st.newRun(ctx, tx)
	r.ours = true
	if err := r.engine.begin(r, jobs); err != nil {
		_ = tx.Rollback()
		return nil, err
	}
	return r, nil
}

// do does all jobs and writes what is to be written: first those that write, so
// that what they have changed is written once, then those that claim.
func (r *run) do(jobs []*job) error {
	if changes := changesOf(jobs); len(changes) > 0 {
		if err := r.engine.ahead(r, changes); err != nil {
			return r.fail(err)
		}
	}
	for _, j := range jobs {
		if j.claim != nil {
			continue
		}
		if j.err = j.do(r); r.err != nil {
			return r.err
		}
	}
	if r.guess != nil {
		r.guess.whole = true
	}
	if err := r.flush(); err != nil {
		return err
	}
	if r.guess != nil && !r.guess.right {
		return r.fail(errGuess)
	}
	if err := r.claim(jobs); err != nil {
		return err
	}
	if err := r.engine.finish(r); err != nil {
		return r.fail(err)
	}
	return nil
}

// changesOf lists the changes of jobs, with the further ones that they carry.
func changesOf(jobs []*job) []*campaign.Change {
	var changes []*campaign.Change
	for _, j := range jobs {
		for i := range j.changes {
			ch := &j.changes[i]
			changes = append(changes, ch)
			for k := range ch.Also {
				changes = append(changes, &ch.Also[k])
			}
		}
	}
	return changes
}

// claim does the Claims among jobs.
func (r *run) claim(jobs []*job) error {
	var all []*claim
	for _, j := range jobs {
		if j.claim != nil {
			empty(j.into) // it may have been tried before
			all = append(all, &claim{run: r, q: j.claim, into: j.into})
		}
	}
	if len(all) == 0 {
		return nil
	}
	if err := r.engine.claims(r, all); err != nil {
		return r.fail(err)
	}
	for _, j := range jobs {
		if j.claim != nil {
			j.err, all = all[0].err, all[1:]
		}
	}
	return r.flush()
}

// token gives the next token.
func (r *run) token() (campaign.Token, error) {
	if t := r.spare; t != 0 {
		r.spare = 0
		return t, nil
	}
	n, err := r.engine.next(r, tokens)
	if err != nil {
		return 0, r.fail(err)
	}
	return campaign.Token(n), nil
}

// fail notes a failure of the database and returns it.
func (r *run) fail(err error) error {
	if r.err == nil {
		r.err = err
	}
	return err
}

// may reports whether a statement may be run. As long as a run works with what the
// process remembers it asks nothing: what it needs to ask, it does not remember.
func (r *run) may(s statement) bool {
	if r.err == nil && r.guess != nil && !r.guess.right && s != pgSettleRun && s != pgSettleAlone && s != pgBareRun {
		r.err = errGuess
	}
	return r.err == nil
}

func (r *run) stmt(s statement) *sql.Stmt {
	if r.tx == nil {
		return r.st.prepared[s]
	}
	if r.stmts[s] == nil {
		r.stmts[s] = r.tx.StmtContext(r.ctx, r.st.prepared[s])
	}
	return r.stmts[s]
}

// exec returns how many rows a statement wrote.
func (r *run) exec(s statement, args ...any) (int64, error) {
	if !r.may(s) {
		return 0, r.err
	}
	result, err := r.stmt(s).ExecContext(r.ctx, args...)
	if err != nil {
		return 0, r.fail(err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, r.fail(err)
	}
	r.wrote = r.wrote || n > 0
	return n, nil
}

// answer is one row, or what went wrong.
type answer struct {
	r   *run
	row *sql.Row
}

func (r *run) row(s statement, args ...any) answer {
	if !r.may(s) {
		return answer{r: r}
	}
	return answer{r, r.stmt(s).QueryRowContext(r.ctx, args...)}
}

// Scan reads the row. That there is none is sql.ErrNoRows, and no failure.
func (a answer) Scan(into ...any) error {
	if a.row == nil {
		return a.r.err
	}
	err := a.row.Scan(into...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return a.r.fail(err)
	}
	return err
}

// rows calls read with each row of an answer.
func (r *run) each(read func(scanner) error, s statement, args ...any) error {
	if !r.may(s) {
		return r.err
	}
	rows, err := r.stmt(s).QueryContext(r.ctx, args...)
	return r.through(rows, err, read)
}

// none reports whether an error says that there is no such row.
func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// read runs do on one state of the database, which it does not write to.
func (st *Store) read(ctx context.Context, do func(*run) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &sql.TxOptions{ReadOnly: true}
	if st.dialect == PostgreSQL {
		o.Isolation = sql.LevelRepeatableRead
	}
	tx, err := st.db.BeginTx(ctx, o)
	if err != nil {
		return reading(ctx, err)
	}
	r := st.newRun(ctx, tx)
	err = do(r)
	if r.err != nil {
		err = reading(ctx, r.err)
	}
	if end := tx.Rollback(); err == nil && end != nil && !errors.Is(end, sql.ErrTxDone) {
		err = reading(ctx, end)
	}
	return err
}

// reading is the error of a read: the context's own if it is that which ended.
func reading(ctx context.Context, err error) error {
	if gone := ctx.Err(); gone != nil {
		return gone
	}
	return fmt.Errorf("sqlstore: %w", err)
}
