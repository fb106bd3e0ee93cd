package blacklist

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Query asks which of some numbers are blocked at an instant.
type Query struct {
	Now     time.Time
	Lists   []List   // asked besides Global, which always is; a Checker without lists ignores them
	Numbers []Number // in any order; Ask leaves out what is given twice
}

// Answer says that a number is listed, or that nobody knows.
type Answer struct {
	Number  Number
	Listed  bool   // the number is on a list and blocked at the query's Now
	Entry   Entry  // by which entry; a Checker may know only part of it, and a zero Until is permanent
	Checker string // who says so: the name that Ask was given
	Err     error  // why it is unknown whether the number is listed: it is not callable
}

// Blocks reports whether the answer forbids the call: listed, or unknown.
func (a Answer) Blocks() bool { return a.Listed || a.Err != nil }

// A Checker knows lists of numbers that must not be called: the host's own
// lists in its store, a national register, a central service. It is safe for
// concurrent use.
type Checker interface {
	// Check returns an answer for every number of q that is listed and blocked
	// at q.Now, on Global or one of q.Lists, and none for the others. A number
	// on several lists may have several answers. It returns an answer with Err
	// for a number about which it cannot say.
	//
	// Any failure means "not callable", never "not listed": an error is one
	// about all the numbers of q. What was committed to a list before the call
	// is seen by it. The numbers and lists of q are not kept or changed.
	Check(ctx context.Context, q Query) ([]Answer, error)
}

// Named is a Checker and the name under which its answers are reported.
type Named struct {
	Name    string
	Checker Checker
}

var errNoChecker = errors.New("no checker is configured under this name")

// Ask asks all checkers, in order, and returns their answers, each with the
// checker's name: for every number that is listed somewhere, or about which a
// checker failed. It fails closed: an error of a checker becomes one answer
// with that error for each number, whatever it said besides, and a nil Checker
// or a context that is done are such errors. A number without an answer is on
// no list.
func Ask(ctx context.Context, q Query, checkers ...Named) []Answer {
	var w Work
	return w.Ask(ctx, q, checkers...)
}

// Work is memory for asking one query after another. The zero value is ready.
// It is not safe for concurrent use.
type Work struct {
	asked   set
	unique  []Number
	answers []Answer
}

// Ask is [Ask] with the memory of w: the answers are good until w is used again.
func (w *Work) Ask(ctx context.Context, q Query, checkers ...Named) []Answer {
	w.asked.reset(len(q.Numbers))
	w.unique, w.answers = w.unique[:0], w.answers[:0]
	if len(q.Numbers) == 0 {
		return nil
	}
	for _, n := range q.Numbers {
		if w.asked.add(n) {
			w.unique = append(w.unique, n)
		}
	}
	q.Numbers = w.unique
	for _, c := range checkers {
		found, err := check(ctx, c.Checker, q)
		if err != nil {
			err = fmt.Errorf("blacklist: checker %q: %w", c.Name, err)
			for _, n := range q.Numbers {
				w.answers = append(w.answers, Answer{Number: n, Checker: c.Name, Err: err})
			}
			continue
		}
		for _, a := range found {
			// What nobody asked for, or says neither yes nor unknown, blocks nothing.
			if a.Blocks() && w.asked.has(a.Number) {
				a.Checker = c.Name
				w.answers = append(w.answers, a)
			}
		}
	}
	return w.answers
}

func check(ctx context.Context, c Checker, q Query) ([]Answer, error) {
	if c == nil {
		return nil, errNoChecker
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.Check(ctx, q)
}
