package plainstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// log is a list of calls, oldest first by (Ended, Token). Its calls carry no
// Before: they are shared with whoever reads them.
type log []*campaign.Call

func byEnd(a, b *campaign.Call) int {
	return cmp.Or(a.Ended.Compare(b.Ended), cmp.Compare(a.Token, b.Token))
}

func (l *log) add(c *campaign.Call) {
	at, _ := slices.BinarySearchFunc(*l, c, byEnd)
	*l = slices.Insert(*l, at, c)
}

func (l *log) remove(c *campaign.Call) {
	if at, found := slices.BinarySearchFunc(*l, c, byEnd); found {
		*l = slices.Delete(*l, at, at+1)
	}
}

// since returns the calls that ended at t or later.
func (l log) since(t time.Time) log {
	at, _ := slices.BinarySearchFunc(l, t, func(c *campaign.Call, t time.Time) int {
		if c.Ended.Before(t) {
			return -1
		}
		return 1
	})
	return l[at:]
}

// history merges the calls to a record, its contact and its numbers.
func (s *stored) history(since time.Time) []*campaign.Call {
	calls := slices.Clone(s.calls.since(since))
	if s.contact != nil {
		calls = append(calls, s.contact.calls.since(since)...)
	}
	for _, n := range s.numbers {
		calls = append(calls, n.calls.since(since)...)
	}
	if len(calls) == 0 {
		return nil
	}
	slices.SortFunc(calls, byEnd)
	return slices.Compact(calls)
}

// write logs a call, instead of the one with the same token if there is one.
func (st *Store) write(given *campaign.Call) {
	call := storedCall(given)
	before := call.Before
	call.Before = nil
	s := st.madeTo(campaign.Ref{Campaign: call.Campaign, Record: call.Record, Token: call.Token})
	if s == nil {
		s = st.record(call.Campaign, call.Record)
	}
	st.enlist(&logged{call, s})
	if s != nil && call.Token >= s.latest {
		s.latest = call.Token
		s.before = before // only that of the latest call can be corrected
	}
}

// logged is a call in the log.
type logged struct {
	*campaign.Call         // without Before
	of             *stored // whose call it is; nil if there was no such record
}

// madeTo returns the record whose call a token names, by the name that the record
// had when the call was made to it, or nil.
func (st *Store) madeTo(ref campaign.Ref) *stored {
	c := st.calls[ref.Token]
	if c == nil || c.Campaign != ref.Campaign || c.Record != ref.Record {
		return nil
	}
	return c.of
}

// enlist puts a call into the lists that it belongs to, instead of the one with
// its token.
func (st *Store) enlist(c *logged) {
	if old := st.calls[c.Token]; old != nil {
		for _, l := range st.logs(old) {
			l.remove(old.Call)
		}
	}
	st.calls[c.Token] = c
	for _, l := range st.logs(c) {
		l.add(c.Call)
	}
}

// erase takes what is personal from the calls and the lines of a record.
func (st *Store) erase(s *stored) {
	for _, call := range slices.Clone(s.calls) {
		erased := call.Erased()
		st.enlist(&logged{&erased, s})
	}
	s.before = nil
	for i := range s.entries {
		s.entries[i].Note = ""
	}
}

// logs returns the lists that a call belongs to.
func (st *Store) logs(c *logged) []*log {
	logs := make([]*log, 0, 3)
	if c.of != nil {
		logs = append(logs, &c.of.calls)
	}
	if c.Contact != "" {
		logs = append(logs, &st.contact(c.Contact).calls)
	}
	if c.Number != 0 {
		logs = append(logs, &st.number(c.Number).calls)
	}
	return logs
}

// reported returns the call that a token of the record led to, or nil.
func (st *Store) reported(s *stored, token campaign.Token, before bool) *campaign.Call {
	call := st.calls[token]
	if call == nil || call.of != s && (call.of != nil || call.Campaign != s.rec.Campaign || call.Record != s.rec.ID) {
		return nil
	}
	if before && token == s.latest && s.before != nil {
		whole := *call.Call
		whole.Before = s.before
		return &whole
	}
	return call.Call
}

// History implements campaign.HistoryStore. A record that does not exist is
// campaign.ErrNotFound.
func (st *Store) History(ctx context.Context, ref campaign.Ref) ([]campaign.Entry, []*campaign.Call, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.record(ref.Campaign, ref.Record)
	if s == nil {
		return nil, nil, notFound(ref)
	}
	return slices.Clone(s.entries), slices.Clone(s.calls), nil
}
