package sqlstore

import (
	"context"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
)

// applyLists removes and adds entries, and ends the parks of the numbers that
// were removed or are to be woken. That is no new version of their records: a
// park is an index, not what the record is.
func (r *run) applyLists(p *plan) error {
	for _, key := range p.Unlist {
		if _, err := r.exec(dropListed, int64(key.Number), string(key.List)); err != nil {
			return err
		}
	}
	for _, e := range p.List {
		if err := r.list(e); err != nil {
			return err
		}
	}
	for _, key := range p.Unlist {
		if err := r.unpark(key.Number); err != nil {
			return err
		}
	}
	for _, n := range p.Wake {
		if err := r.unpark(n); err != nil {
			return err
		}
	}
	return nil
}

// list adds an entry, merged with the one that is there.
func (r *run) list(e blacklist.Entry) error {
	e.Added, e.Until = instant(micros(e.Added)), instant(micros(e.Until))
	old := blacklist.Entry{Number: e.Number, List: e.List}
	var added, until int64
	err := r.row(readListedEntry, int64(e.Number), string(e.List)).Scan(&old.Author, &old.Reason, &added, &until)
	if err != nil && !none(err) {
		return err
	}
	if err == nil {
		old.Added, old.Until = instant(added), instant(until)
		if e = old.Merge(e); e == old {
			return nil
		}
	}
	_, err = r.exec(writeListed, int64(e.Number), string(e.List), e.Author, e.Reason, micros(e.Added), micros(e.Until))
	return err
}

// Check implements blacklist.Checker for the host's own lists. Its answers come
// in the order of the numbers, and for one number Global first, then the lists
// in their order.
func (st *Store) Check(ctx context.Context, q blacklist.Query) (answers []blacklist.Answer, err error) {
	if st.checks != nil {
		l := listed{numbers: slices.Clone(q.Numbers)}
		if err := st.checks.join(ctx, &job{size: len(q.Numbers), listed: &l}); err != nil {
			return nil, err
		}
		for i, n := range q.Numbers {
			answers = answersTo(answers, &q, n, l.entries[i])
		}
		return answers, nil
	}
	err = st.read(ctx, func(r *run) error {
		for _, n := range q.Numbers {
			var entries []blacklist.Entry
			err := r.each(func(from scanner) error {
				e, err := scanListed(from, n)
				entries = append(entries, e)
				return err
			}, readListed, int64(n))
			if err != nil {
				return err
			}
			answers = answersTo(answers, &q, n, entries)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}

// scanListed reads an entry of a number's, and more that comes before it.
func scanListed(from scanner, n blacklist.Number, before ...any) (blacklist.Entry, error) {
	e := blacklist.Entry{Number: n}
	var added, until int64
	err := from.Scan(append(before, &e.List, &e.Author, &e.Reason, &added, &until)...)
	e.Added, e.Until = instant(added), instant(until)
	return e, err
}

// answersTo adds what a query is told of a number.
func answersTo(answers []blacklist.Answer, q *blacklist.Query, n blacklist.Number, entries []blacklist.Entry) []blacklist.Answer {
	tell := func(l blacklist.List) {
		for _, e := range entries {
			if e.List == l && e.Blocks(q.Now) {
				answers = append(answers, blacklist.Answer{Number: n, Listed: true, Entry: e})
			}
		}
	}
	if len(entries) == 0 {
		return answers
	}
	tell(blacklist.Global)
	for i, l := range q.Lists {
		if l != blacklist.Global && !slices.Contains(q.Lists[:i], l) {
			tell(l)
		}
	}
	return answers
}

// listed is what those who ask about lists share: all entries of some numbers.
type listed struct {
	numbers []blacklist.Number
	entries [][]blacklist.Entry // by place in numbers
}

// checkTogether reads for several who ask about lists.
func (st *Store) checkTogether(ctx context.Context, jobs []*job) error {
	var numbers []int64
	for _, j := range jobs {
		l := j.listed
		l.entries = make([][]blacklist.Entry, len(l.numbers)) // it may have been tried before
		for _, n := range l.numbers {
			numbers = append(numbers, int64(n))
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	found := make(map[int64][]blacklist.Entry)
	err := st.newRun(ctx, nil).each(func(from scanner) error {
		var n int64
		e, err := scanListed(from, 0, &n)
		e.Number = blacklist.Number(n)
		found[n] = append(found[n], e)
		return err
	}, pgReadListed, numbers)
	if err != nil || len(found) == 0 {
		return err
	}
	for _, j := range jobs {
		for i, n := range j.listed.numbers {
			j.listed.entries[i] = found[int64(n)]
		}
	}
	return nil
}
