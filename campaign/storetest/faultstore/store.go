package faultstore

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// store is a store with faults around it.
type store struct {
	faults *Faults
	inner  campaign.Store
	kept   kept
}

// do does a call as it is hit. The error is that of the caller.
func (s *store) do(ctx context.Context, c Call, call func(ctx context.Context) error) error {
	h := s.faults.begin(c)
	return h.do(ctx, call)
}

func (h hit) do(ctx context.Context, call func(ctx context.Context) error) error {
	switch h.Kind {
	case Before:
		return &Error{h.Hit}
	case After:
		if err := call(ctx); err != nil {
			return err
		}
		return &Error{h.Hit}
	case Slow:
		if h.n%2 == 0 {
			h.wait()
		} else {
			defer h.wait()
		}
	case Cancel:
		ending, stop := endingAfter(ctx, h.n)
		defer stop()
		return call(ending)
	}
	return call(ctx)
}

func (s *store) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	return s.do(ctx, Claim, func(ctx context.Context) error { return s.inner.Claim(ctx, q, into) })
}

func (s *store) Commit(ctx context.Context, changes ...campaign.Change) (errs []error, err error) {
	err = s.do(ctx, Commit, func(ctx context.Context) (err error) {
		errs, err = s.inner.Commit(ctx, changes...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return errs, nil
}

func (s *store) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	h := s.faults.begin(Look)
	question := asked("look", ageless(need), refs)
	if old, ok := s.kept.before(question); ok && h.Kind == Stale && old.reaches(need) {
		into.Facts = into.Facts[:0]
		for _, facts := range old.facts {
			into.Facts = append(into.Facts, since(facts, need))
		}
		return nil
	}
	// What is kept must not be in memory that is used again.
	var own campaign.Looked
	err := h.do(ctx, func(ctx context.Context) error { return s.inner.Look(ctx, need, &own, refs...) })
	if err != nil {
		return err
	}
	into.Facts = append(into.Facts[:0], own.Facts...)
	s.kept.keep(question, answer{facts: own.Facts, need: need})
	return nil
}

func (s *store) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	return func(yield func(campaign.Facts, error) bool) {
		h := s.faults.begin(Find)
		about := f
		if len(f.States) == 0 {
			about.At = time.Time{} // it tells states alone
		}
		question := asked("find", about, ageless(need))
		if old, ok := s.kept.before(question); ok && h.Kind == Stale && old.reaches(need) {
			for _, facts := range old.facts {
				if !yield(since(facts, need), nil) {
					return
				}
			}
			return
		}
		var all []campaign.Facts
		stopped, n := false, 0
		err := h.do(ctx, func(ctx context.Context) error {
			for facts, err := range s.inner.Find(ctx, f, need) {
				if err != nil {
					return err
				}
				if n++; h.Kind == After && n > h.n {
					return nil
				}
				all = append(all, facts)
				if !yield(facts, nil) {
					stopped = true
					return nil
				}
			}
			return nil
		})
		switch {
		case stopped:
		case err != nil:
			yield(campaign.Facts{}, err)
		default:
			s.kept.keep(question, answer{facts: all, need: need})
		}
	}
}

func (s *store) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (counts map[string]int, err error) {
	h := s.faults.begin(Count)
	question := asked("count", f, by)
	if old, ok := s.kept.before(question); ok && h.Kind == Stale {
		return maps.Clone(old.counts), nil
	}
	err = h.do(ctx, func(ctx context.Context) (err error) {
		counts, err = s.inner.Count(ctx, f, by)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.kept.keep(question, answer{counts: maps.Clone(counts)})
	return counts, nil
}

func (s *store) Check(ctx context.Context, q blacklist.Query) (answers []blacklist.Answer, err error) {
	err = s.do(ctx, Check, func(ctx context.Context) (err error) {
		answers, err = s.inner.Check(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}

// historyStore is the ability to tell the history of a record.
type historyStore struct {
	around *store
	has    campaign.HistoryStore
}

func (s historyStore) History(ctx context.Context, ref campaign.Ref) (entries []campaign.Entry, calls []*campaign.Call, err error) {
	err = s.around.do(ctx, History, func(ctx context.Context) (err error) {
		entries, calls, err = s.has.History(ctx, ref)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return entries, calls, nil
}

// actionStore is the ability to list actions.
type actionStore struct {
	around *store
	has    campaign.ActionStore
}

func (s actionStore) Pending(ctx context.Context, after string, limit int) (actions []campaign.Action, err error) {
	err = s.around.do(ctx, Pending, func(ctx context.Context) (err error) {
		actions, err = s.has.Pending(ctx, after, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.Clone(actions), nil
}

// contactStore is the ability to keep contacts on their own.
type contactStore struct {
	around *store
	has    campaign.ContactStore
}

func (s contactStore) Contacts(ctx context.Context, ids ...campaign.ContactID) ([]*campaign.Contact, error) {
	return asking(ctx, s.around, func(ctx context.Context) ([]*campaign.Contact, error) { return s.has.Contacts(ctx, ids...) })
}

func (s contactStore) ContactsWith(ctx context.Context, keys ...campaign.ContactKey) ([][]campaign.ContactID, error) {
	return asking(ctx, s.around, func(ctx context.Context) ([][]campaign.ContactID, error) { return s.has.ContactsWith(ctx, keys...) })
}

func (s contactStore) Suggest(ctx context.Context, t campaign.Typed) ([]campaign.Suggestion, error) {
	return asking(ctx, s.around, func(ctx context.Context) ([]campaign.Suggestion, error) { return s.has.Suggest(ctx, t) })
}

// asking asks a store about contacts, unless that is hit.
func asking[T any](ctx context.Context, s *store, ask func(context.Context) ([]T, error)) (all []T, err error) {
	err = s.do(ctx, Contact, func(ctx context.Context) (err error) {
		all, err = ask(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
