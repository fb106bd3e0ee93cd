package sqlstore

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/nextcall/nextcall/campaign"
)

// line is where callers wait for their turn: those who write, and with PostgreSQL
// those who look, and those who ask about lists. The first of them leads: it does
// its own work and that of those who came meanwhile in one transaction, and hands
// the lead on.
type line struct {
	mu      sync.Mutex
	waiting []*job
	led     bool // somebody leads
	last    int  // how many jobs a turn has had of late

	// serve does a batch, in which the leader's own job is. It returns those that
	// are to be done anew, each led by its own caller.
	serve func(own *job, batch []*job) (left []*job)
	most  int  // what the sizes of a batch may come to
	reads bool // a caller may go while others do its job: nothing comes of it
}

// job is what one caller wants done in a transaction.
type job struct {
	ctx   context.Context
	size  int // how many changes it has, leases it wants, or records or numbers it is about
	do    func(*run) error
	err   error
	alone bool // it is done by itself: a batch with it has failed
	gone  bool // its caller no longer waits

	// What it will write to, as far as that can be told beforehand.
	changes []campaign.Change
	claim   *campaign.Claim // it is a Claim
	into    *campaign.Claimed
	defines campaign.ID // it teaches the revision of a campaign

	look   *look   // it is a Look
	listed *listed // it asks about lists

	done chan struct{} // closed when it is done
	lead chan struct{} // closed when its caller is to lead
}

// write does something in a transaction, perhaps together with what others want.
// The error is that of do, unless the transaction failed.
func (st *Store) write(ctx context.Context, j *job) error { return st.line.join(ctx, j) }

// join does a job, or has it done.
func (l *line) join(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.ctx, j.done, j.lead = ctx, make(chan struct{}), make(chan struct{})
	l.mu.Lock()
	l.waiting = append(l.waiting, j)
	leads := !l.led
	l.led = true
	l.mu.Unlock()
	if !leads {
		select {
		case <-j.done:
			return j.err
		case <-j.lead:
		case <-ctx.Done():
			if l.leave(j) {
				return ctx.Err()
			}
			select {
			case <-j.done:
				return j.err
			case <-j.lead:
			}
		}
	}
	l.turn(j)
	return j.err
}

// leave takes a job back that nobody has begun. One that only reads may be begun.
func (l *line) leave(j *job) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-j.lead:
		return false // it was made the leader just now
	default:
	}
	if i := slices.Index(l.waiting, j); i >= 0 {
		l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
		return true
	}
	j.gone = l.reads
	return j.gone
}

// gather lets others run first where several come at a time: those whose work was
// done just now may want more at once, and then they need not wait for the disk
// again. It ends when nobody new has come.
func (l *line) gather() {
	before := 0
	for stalls := 0; stalls < 64; stalls++ {
		l.mu.Lock()
		n, last := len(l.waiting), l.last
		l.mu.Unlock()
		if n >= last {
			return
		}
		if n > before {
			before, stalls = n, 0
		}
		runtime.Gosched()
	}
}

// take returns the jobs of the next transaction, in the order of coming.
func (l *line) take() []*job {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for n < len(l.waiting) && (n == 0 || size+l.waiting[n].size <= l.most && !l.waiting[n].alone && !l.waiting[0].alone) {
		size += l.waiting[n].size
		n++
	}
	batch := append([]*job(nil), l.waiting[:n]...)
	l.waiting = append(l.waiting[:0:0], l.waiting[n:]...)
	l.last = max(n, l.last*3/4)
	return batch
}

// turn does the first batch, in which the leader's own job is, and hands the
// lead on: a caller does not work for others once its own work is done.
func (l *line) turn(own *job) {
	var batch, left []*job
	served := false
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, j := range batch {
			if j == own || slices.Contains(left, j) {
				continue
			}
			if !served {
				j.err = errPanic
			}
			close(j.done)
		}
		left = slices.DeleteFunc(left, func(j *job) bool { return j.gone })
		l.waiting = append(left, l.waiting...)
		if len(l.waiting) > 0 {
			close(l.waiting[0].lead)
		} else {
			l.led = false
		}
	}()
	l.gather()
	batch = l.take()
	left = l.serve(own, batch)
	served = true
}

// errPanic is told to those whose work a caller did who panicked.
var errPanic = errors.New("sqlstore: another caller, who did this work together with its own, panicked")

// serve writes what a batch wants.
func (st *Store) serve(own *job, batch []*job) []*job {
	err := st.transact(own.ctx, batch)
	if err == nil {
		return nil
	}
	if len(batch) == 1 || errors.Is(err, errEnd) {
		// Perhaps all of it was written: it must not be tried again.
		for _, j := range batch {
			j.err = err
		}
		return nil
	}
	// Something of one of them cannot be written: each by itself, so that the
	// others need not suffer for it.
	for _, j := range batch {
		if err := st.transact(j.ctx, []*job{j}); err != nil {
			j.err = err
		}
	}
	return nil
}
