package faultstore

import (
	"context"
	"sync/atomic"
)

// ending is a context that ends when it has been asked often enough whether it has.
type ending struct {
	context.Context
	left   atomic.Int64
	cancel context.CancelFunc
}

// endingAfter returns a context that ends when it is asked the n+1st time, 0:
// at once. Which instant that is depends on how often the store asks.
func endingAfter(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	inner, cancel := context.WithCancel(ctx)
	e := &ending{Context: inner, cancel: cancel}
	e.left.Store(int64(n))
	if n == 0 {
		cancel()
	}
	return e, cancel
}

func (e *ending) ask() {
	if e.left.Add(-1) < 0 {
		e.cancel()
	}
}

// Done implements context.Context.
func (e *ending) Done() <-chan struct{} {
	e.ask()
	return e.Context.Done()
}

// Err implements context.Context.
func (e *ending) Err() error {
	e.ask()
	return e.Context.Err()
}
