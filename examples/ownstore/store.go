package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Store keeps the records of nextcall in the CRM's tables. Each call is one
// transaction, and SQLite lets only one of them write: that is all there is to
// "safe for concurrent use", in one process or in several.
type Store struct{ db *sql.DB }

var (
	_ campaign.Store        = Store{}
	_ campaign.HistoryStore = Store{}
	_ campaign.ActionStore  = Store{}
)

// Open makes the tables that are missing. A transaction of db must lock the file
// when it begins: _txlock=immediate in the name of the driver modernc.org/sqlite.
// Of several connections all but one would wait for that lock, and not in turn.
func Open(ctx context.Context, db *sql.DB) (Store, error) {
	db.SetMaxOpenConns(1)
	_, err := db.ExecContext(ctx, schema)
	return Store{db}, err
}

// tx is a transaction that remembers the first error of the database: from then on
// it does nothing, and in the end it is taken back. So no statement below is
// followed by a question whether it went well.
type tx struct {
	*sql.Tx
	ctx context.Context
	err error
}

// list are the arguments of a statement, or what its rows are read into.
type list = []any

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// within runs do in a transaction, which is written if all of it went well.
func (s Store) within(ctx context.Context, do func(t *tx)) error {
	inner, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer inner.Rollback()
	t := &tx{Tx: inner, ctx: ctx}
	do(t)
	if t.err != nil {
		return t.err
	}
	return inner.Commit()
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(text string, args ...any) (changed int64) {
	if t.err != nil {
		return 0
	}
	result, err := t.ExecContext(t.ctx, text, args...)
	if err == nil {
		changed, err = result.RowsAffected()
	}
	t.fail(err)
	return changed
}

// each reads row after row into the same variables, and calls do after each.
func (t *tx) each(text string, args, into list, do func()) {
	if t.err != nil {
		return
	}
	rows, err := t.QueryContext(t.ctx, text, args...)
	if err != nil {
		t.fail(err)
		return
	}
	defer rows.Close()
	for rows.Next() && t.err == nil {
		t.fail(rows.Scan(into...))
		do()
	}
	t.fail(rows.Err())
}

// one reads the first row, and says whether there is one.
func (t *tx) one(text string, args, into list) bool {
	if t.err != nil {
		return false
	}
	err := t.QueryRowContext(t.ctx, text, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false
	}
	t.fail(err)
	return err == nil
}

// next is a new token or position.
func (t *tx) next(counter string) (value int64) {
	t.one(`UPDATE counters SET value = value + 1 WHERE name = ? RETURNING value`, list{counter}, list{&value})
	return value
}

func micros(t time.Time) int64  { return whole(t).UnixMicro() }
func instant(n int64) time.Time { return time.UnixMicro(n).UTC() }

// asJSON is a list of texts as json_each takes it.
func asJSON[T ~string](texts []T) string {
	text, _ := json.Marshal(append([]T{}, texts...)) // texts always can be written; none are [], not null
	return string(text)
}

// file is a case as it is stored.
type file struct {
	no      int64
	attempt campaign.Token // that it is reserved for, or 0
	record  campaign.Record
}

// files reads cases; which says so in SQL, and in what order.
func (t *tx) files(which string, args ...any) (files []*file) {
	var f file
	var until int64
	var park campaign.Park
	var text string
	t.each(`SELECT no, reserved_by, parked_until, parked_why, parked_under, details FROM cases `+which, args,
		list{&f.no, &f.attempt, &until, &park.Reason, &park.Revision, &text}, func() {
			d := read[caseDetails](t, text)
			f.record, f.record.Fields = d.Record, t.fields(d.Fields)
			park.Until = instant(until)
			f.record.Park = park
			copy := f
			files = append(files, &copy)
		})
	return files
}

// file reads a case, or returns nil if there is none.
func (t *tx) file(project campaign.ID, reference campaign.RecordID) *file {
	if found := t.files(`WHERE project = ? AND reference = ?`, project, reference); len(found) > 0 {
		return found[0]
	}
	return nil
}

// madeTo reads the case of a call, by the name that it had when the call was made:
// since then it may have moved to another project.
func (t *tx) madeTo(ref campaign.Ref) *file {
	var no int64
	var text string
	if !t.one(`SELECT case_no, details FROM call_attempts WHERE token = ? AND case_no <> 0`, list{ref.Token}, list{&no, &text}) {
		return nil
	}
	if c := read[campaign.Call](t, text); c.Campaign != ref.Campaign || c.Record != ref.Record {
		return nil
	}
	if found := t.files(`WHERE no = ?`, no); len(found) > 0 {
		return found[0]
	}
	return nil
}

// subject reads the case that a change is about.
func (t *tx) subject(ch *campaign.Change) *file {
	if c := ch.Call; c != nil && ch.LogsOnly() && c.Campaign == ch.Ref.Campaign && c.Record == ch.Ref.Record {
		if f := t.madeTo(campaign.Ref{Campaign: c.Campaign, Record: c.Record, Token: c.Token}); f != nil {
			return f
		}
	}
	return t.file(ch.Ref.Campaign, ch.Ref.Record)
}

func (f *file) ref() campaign.Ref {
	return campaign.Ref{Campaign: f.record.Campaign, Record: f.record.ID}
}

// facts are what is known about a case.
func (t *tx) facts(f *file, need campaign.Need) (facts campaign.Facts) {
	facts.Record = f.record
	if f.attempt != 0 {
		facts.Lease, _ = t.lease(f.attempt)
	}
	for _, x := range things(&f.record) {
		if h, held := t.holder(x, f.attempt); held {
			facts.Busy = append(facts.Busy, h)
		}
	}
	var text string
	if need.Contact && t.one(`SELECT details FROM customers WHERE id = ?`, list{f.record.Contact}, list{&text}) {
		d := read[customerDetails](t, text)
		facts.Contact = &d.Contact
		facts.Contact.Fields = t.fields(d.Fields)
	}
	if !need.NoCalls {
		facts.History = t.calls(`(case_no = ?1 OR customer = ?2 AND ?2 <> '' OR number IN (SELECT number FROM phone_numbers WHERE case_no = ?1))
			AND ended >= ?3`, f.no, f.record.Contact, micros(need.Since))
	}
	return facts
}

// calls reads calls, oldest first, without what they would be corrected from.
func (t *tx) calls(which string, args ...any) (calls []*campaign.Call) {
	var text string
	t.each(`SELECT details FROM call_attempts WHERE `+which+` ORDER BY ended, token`, args, list{&text}, func() {
		c := read[campaign.Call](t, text)
		c.Before = nil
		calls = append(calls, c)
	})
	return calls
}

// Look implements campaign.Store.
func (s Store) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	into.Facts = make([]campaign.Facts, len(refs))
	return s.within(ctx, func(t *tx) {
		for i, ref := range refs {
			f := t.madeTo(ref)
			if f == nil {
				f = t.file(ref.Campaign, ref.Record)
			}
			if f == nil {
				continue
			}
			into.Facts[i] = t.facts(f, need)
			var text string
			var latest campaign.Token
			t.one(`SELECT MAX(token) FROM call_attempts WHERE case_no = ? HAVING MAX(token) > 0`, list{f.no}, list{&latest})
			if ref.Token == 0 || !t.one(`SELECT details FROM call_attempts WHERE token = ? AND case_no = ?`, list{ref.Token, f.no}, list{&text}) {
				continue
			}
			into.Facts[i].Call = read[campaign.Call](t, text)
			if !need.Before || ref.Token != latest {
				into.Facts[i].Call.Before = nil
			}
		}
	})
}

// History implements campaign.HistoryStore.
func (s Store) History(ctx context.Context, ref campaign.Ref) (entries []campaign.Entry, calls []*campaign.Call, err error) {
	missing := false
	err = s.within(ctx, func(t *tx) {
		f := t.file(ref.Campaign, ref.Record)
		if missing = f == nil; missing {
			return
		}
		var text string
		t.each(`SELECT details FROM case_notes WHERE case_no = ? ORDER BY no`, list{f.no}, list{&text}, func() {
			entries = append(entries, *read[campaign.Entry](t, text))
		})
		calls = t.calls(`case_no = ?`, f.no)
	})
	if err == nil && missing {
		err = notFound(ref)
	}
	return entries, calls, err
}

// Pending implements campaign.ActionStore.
func (s Store) Pending(ctx context.Context, after string, limit int) (actions []campaign.Action, err error) {
	if limit < 1 {
		limit = -1 // SQLite's word for no limit
	}
	err = s.within(ctx, func(t *tx) {
		var text string
		var project campaign.ID // where its case is by now
		t.each(`SELECT project, details FROM errands WHERE done = 0 AND no > COALESCE((SELECT no FROM errands WHERE id = ?), 0) ORDER BY no LIMIT ?`,
			list{after, limit}, list{&project, &text}, func() {
				a := *read[campaign.Action](t, text)
				a.Campaign = project
				actions = append(actions, a)
			})
	})
	return actions, err
}

// Check implements blacklist.Checker.
func (s Store) Check(ctx context.Context, q blacklist.Query) (answers []blacklist.Answer, err error) {
	err = s.within(ctx, func(t *tx) {
		for _, n := range q.Numbers {
			for _, e := range t.listed(n) {
				if (e.List == blacklist.Global || slices.Contains(q.Lists, e.List)) && e.Blocks(q.Now) {
					answers = append(answers, blacklist.Answer{Number: n, Listed: true, Entry: e})
				}
			}
		}
	})
	return answers, err
}

func (t *tx) listed(n blacklist.Number) (entries []blacklist.Entry) {
	e := blacklist.Entry{Number: n}
	var added, until int64
	t.each(`SELECT list, author, reason, added, until FROM do_not_call WHERE number = ? ORDER BY list`, list{n},
		list{&e.List, &e.Author, &e.Reason, &added, &until}, func() {
			e.Added, e.Until = instant(added), instant(until)
			entries = append(entries, e)
		})
	return entries
}
