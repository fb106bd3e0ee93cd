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
	lists := []blacklist.List{blacklist.Global}
	for _, l := range q.Lists {
		if !slices.Contains(lists, l) {
			lists = append(lists, l)
		}
	}
	err = st.read(ctx, func(r *run) error {
		for _, n := range q.Numbers {
			on := make([]*blacklist.Entry, len(lists))
			err := r.each(func(from scanner) error {
				e := blacklist.Entry{Number: n}
				var added, until int64
				err := from.Scan(&e.List, &e.Author, &e.Reason, &added, &until)
				e.Added, e.Until = instant(added), instant(until)
				if i := slices.Index(lists, e.List); i >= 0 && e.Blocks(q.Now) {
					on[i] = &e
				}
				return err
			}, readListed, int64(n))
			if err != nil {
				return err
			}
			for _, e := range on {
				if e != nil {
					answers = append(answers, blacklist.Answer{Number: n, Listed: true, Entry: *e})
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}
