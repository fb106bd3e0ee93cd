package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Commit implements campaign.Store: all changes in one transaction, each checked
// first and written then, so that one that is refused has written nothing.
func (s Store) Commit(ctx context.Context, changes ...campaign.Change) (errs []error, err error) {
	leases := make([]campaign.Lease, len(changes))
	err = s.within(ctx, func(t *tx) {
		for i := range changes {
			if refused := t.commit(&changes[i], &leases[i]); refused != nil {
				if errs == nil {
					errs = make([]error, len(changes))
				}
				errs[i] = refused
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for i, l := range leases {
		if l.Token != 0 { // a new one: only now is it known to be written
			changes[i].Lease.Token, changes[i].Lease.Call = l.Token, l.Call
		}
	}
	return errs, nil
}

// errNoBook refuses what only a campaign.ContactStore can do.
var errNoBook = errors.New("contacts are this CRM's own: it neither looks for duplicates of them, nor merges nor deletes them, for a campaign")

// commit makes one change. If it begins a lease, that is given back in given.
func (t *tx) commit(ch *campaign.Change, given *campaign.Lease) error {
	if err := ch.Check(); err != nil {
		return err
	}
	if ch.UniqueContact || ch.Merge != "" || ch.Forget != "" {
		return errNoBook
	}
	plans := make([]planned, 0, 1+len(ch.Also))
	for i := range ch.Also {
		p, err := t.plan(&ch.Also[i])
		if err != nil {
			return err
		}
		plans = append(plans, p)
	}
	p, err := t.plan(ch)
	if err != nil {
		return err
	}
	for _, p := range append(plans, p) {
		t.make(&p, given)
	}
	return nil
}

// planned is a change that has been checked, with the cases that it is about.
type planned struct {
	*campaign.Change
	on   *file
	with []*file
}

// plan checks a change, and writes nothing.
func (t *tx) plan(ch *campaign.Change) (p planned, err error) {
	p.Change = ch
	if ch.Revision != 0 {
		if err := t.outdated(ch.Decided(), ch.Revision); err != nil {
			return p, err
		}
	}
	if c := ch.Call; c != nil {
		var text string
		if t.one(`SELECT details FROM call_attempts WHERE token = ? AND case_no <> 0`, list{c.Token}, list{&text}) && ch.BringsBack(read[campaign.Call](t, text)) {
			return p, fmt.Errorf("call %d was erased: %w", c.Token, campaign.ErrConflict)
		}
	}
	if ch.Ref.Record != "" {
		p.on = t.subject(ch)
		if err = t.allowed(ch, p.on); err == nil && ch.Lease != nil && !ch.Extend {
			p.with, err = t.leasable(ch, p.on)
		}
	}
	return p, err
}

// make makes a checked change.
func (t *tx) make(p *planned, given *campaign.Lease) {
	ch, on, with := p.Change, p.on, p.with
	if ch.Revision != 0 {
		t.learn(ch.Decided(), ch.Revision)
	}
	if c := ch.Contact; c != nil {
		t.exec(`INSERT OR REPLACE INTO customers (id, details) VALUES (?, ?)`, c.ID, t.write(customerDetails{*c, t.values(c.Fields)}))
	}
	if ch.Record != nil {
		on = t.put(ch, on)
	}
	if ch.Erase {
		t.erase(on)
	}
	switch {
	case ch.Extend:
		l, _ := t.lease(on.attempt)
		if ch.Lease != nil {
			token, call, with := l.Token, l.Call, l.With
			l = *ch.Lease
			l.Token, l.Call, l.With = token, call, with
		}
		cases := t.of(on.attempt)
		t.keep(&l, cases[0].no)
		t.guard(&l, cases)
	case ch.Lease != nil:
		*given = *ch.Lease
		t.reserve(given, append([]*file{on}, with...)...)
	case ch.Ref.Token != 0:
		t.release(on.attempt)
		t.exec(`UPDATE cases SET reserved_by = 0 WHERE reserved_by = ?`, on.attempt)
		t.exec(`DELETE FROM reservations WHERE attempt = ?`, on.attempt)
	}
	if c := ch.Call; c != nil {
		f := t.madeTo(campaign.Ref{Campaign: c.Campaign, Record: c.Record, Token: c.Token})
		if f == nil {
			f = t.file(c.Campaign, c.Record)
		}
		no := int64(0)
		if f != nil {
			no = f.no
		}
		t.log(c, no)
	}
	if ch.Entry != nil {
		t.exec(`INSERT INTO case_notes (case_no, details) VALUES (?, ?)`, on.no, t.write(ch.Entry))
	}
	t.lists(ch)
	for _, a := range ch.Actions {
		t.exec(`INSERT INTO errands (id, project, reference, done, details) VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`, a.ID, a.Campaign, a.Record, t.write(a))
	}
	for _, id := range ch.Done {
		t.exec(`UPDATE errands SET done = 1 WHERE id = ?`, id)
	}
}

// allowed checks the token and the version of a change of a case, or looks for what
// must be unique if it is new.
func (t *tx) allowed(ch *campaign.Change, on *file) error {
	token := ch.Ref.Token
	switch {
	case ch.Add:
		return t.unique(ch, on)
	case on == nil:
		return notFound(ch.Ref)
	case token != 0:
		// The first token may still end a lease that was handed out to be settled.
		l, _ := t.lease(on.attempt)
		if on.attempt == 0 || token != l.Token && (token != l.Call || ch.Extend) {
			return lost(ch.Ref)
		}
		if !ch.Phases.Allow(l.Phase) {
			return fmt.Errorf("the lease on record %q of campaign %q is in phase %d by now: %w", ch.Ref.Record, ch.Ref.Campaign, l.Phase, campaign.ErrConflict)
		}
	case on.attempt != 0 && !ch.LogsOnly():
		return &campaign.LeasedError{Hold: t.hold(on.attempt)}
	case on.attempt == 0 && ch.Extend:
		return lost(ch.Ref)
	}
	if r := ch.Record; r != nil && r.Version != 0 && r.Version != on.record.Version {
		return fmt.Errorf("record %q of campaign %q is at version %d, not %d: %w", r.ID, r.Campaign, on.record.Version, r.Version, campaign.ErrConflict)
	}
	if ch.Move {
		return t.unique(ch, t.file(ch.Record.Campaign, ch.Record.ID))
	}
	if ch.Extend && ch.Lease != nil && ch.Lease.Phase != campaign.Offered {
		return t.freeOf(on.attempt, thing{number: ch.Lease.Number}) // what is dialled must be nobody else's
	}
	return nil
}

func (t *tx) unique(ch *campaign.Change, on *file) error {
	r, twice := ch.Record, campaign.DuplicateError{Existing: campaign.Ref{Campaign: ch.Record.Campaign}}
	existing := &twice.Existing.Record
	switch {
	case on != nil:
		return &campaign.DuplicateError{What: "record id", Value: string(r.ID), Existing: on.ref()}
	case ch.Ref.Token != 0 || ch.Extend:
		return lost(ch.Ref)
	case r.Contact != "" && t.one(`SELECT reference FROM cases WHERE project = ? AND customer = ?`, list{r.Campaign, r.Contact}, list{existing}):
		twice.What, twice.Value = "contact in campaign", string(r.Contact)
		return &twice
	case !ch.UniqueNumbers:
		return nil
	}
	for _, n := range numbers(r) {
		if t.one(`SELECT c.reference FROM phone_numbers p JOIN cases c ON c.no = p.case_no WHERE p.number = ? AND c.project = ? AND NOT c.closed`,
			list{n, r.Campaign}, list{existing}) {
			twice.What, twice.Value = "number in campaign", n.String()
			return &twice
		}
	}
	return nil
}

// leasable checks that all which a new lease needs is there and free, and returns
// its further cases.
func (t *tx) leasable(ch *campaign.Change, on *file) (with []*file, err error) {
	as := file{}
	if on != nil {
		as = *on
	}
	if ch.Record != nil {
		as.record = *ch.Record // as it will be
	}
	err = t.free(as.attempt, &as.record)
	for _, ref := range ch.Lease.With {
		f := t.file(ref.Campaign, ref.Record)
		switch {
		case err != nil:
		case f == nil:
			err = notFound(ref)
		case f.no != as.no && !slices.ContainsFunc(with, func(g *file) bool { return f.no == g.no }):
			err = t.free(f.attempt, &f.record)
			with = append(with, f)
		}
	}
	if err == nil && ch.Lease.Number != 0 {
		err = t.freeOf(0, thing{number: ch.Lease.Number})
	}
	return with, err
}

// put writes the record of a change, new or not, with the columns that are asked for.
func (t *tx) put(ch *campaign.Change, on *file) *file {
	r := *ch.Record
	r.Version = 1
	from := on
	if ch.Move {
		r.Version, r.Park = from.record.Version+1, campaign.Park{}
	}
	if on == nil || ch.Move {
		on = &file{}
		t.one(`INSERT INTO cases (project, reference, customer, closed, queue, desk, call_at, agent, priority, rank, position, parked_until, parked_why,
			parked_under, details) VALUES (?, ?, '', 0, 0, '', 0, '', 0, 0, 0, 0, 0, 0, '') RETURNING no`, list{r.Campaign, r.ID}, list{&on.no})
	} else {
		r.Version = on.record.Version + 1
		if r.Sequence == 0 {
			r.Sequence = on.record.Sequence
		}
	}
	if r.Sequence == 0 {
		r.Sequence = t.next("position")
	}
	t.exec(`UPDATE counters SET value = MAX(value, ?) WHERE name = 'position'`, r.Sequence)
	lane := r.Lane
	if r.Standing != status.StandingQueued || r.Class == "" || int(lane) >= status.NumLanes {
		lane = status.LaneNone
	}
	t.exec(`UPDATE cases SET customer = ?, closed = ?, queue = ?, desk = ?, call_at = ?, agent = ?, priority = ?, rank = ?, position = ?,
		parked_until = ?, parked_why = ?, parked_under = ?, details = ? WHERE no = ?`,
		r.Contact, r.Standing == status.StandingClosed, lane, r.Class, micros(r.Due), r.Owner, r.Sort, r.Key, r.Sequence,
		micros(r.Park.Until), r.Park.Reason, r.Park.Revision, t.write(caseDetails{r, t.values(r.Fields)}), on.no)
	t.exec(`DELETE FROM phone_numbers WHERE case_no = ?`, on.no)
	for _, n := range numbers(&r) {
		t.exec(`INSERT INTO phone_numbers (number, case_no) VALUES (?, ?)`, n, on.no)
	}
	if ch.Move {
		t.exec(`UPDATE call_attempts SET case_no = ? WHERE case_no = ?`, on.no, from.no)
		t.exec(`UPDATE case_notes SET case_no = ? WHERE case_no = ?`, on.no, from.no)
		t.exec(`UPDATE errands SET project = ? WHERE project = ? AND reference = ?`, r.Campaign, ch.Ref.Campaign, r.ID)
		t.exec(`DELETE FROM phone_numbers WHERE case_no = ?`, from.no)
		t.exec(`DELETE FROM cases WHERE no = ?`, from.no)
	}
	on.record = r
	return on
}

// log keeps a call of a case, instead of the one with its token.
func (t *tx) log(c *campaign.Call, no int64) {
	t.exec(`INSERT OR REPLACE INTO call_attempts (token, case_no, customer, number, ended, details) VALUES (?, ?, ?, ?, ?, ?)`,
		c.Token, no, c.Contact, c.Number, micros(c.Ended), t.write(c))
}

// erase takes what is personal from the calls and the notes of a case, and withdraws
// its errands.
func (t *tx) erase(f *file) {
	t.exec(`UPDATE errands SET done = 1, details = '' WHERE project = ? AND reference = ? AND done = 0`, f.record.Campaign, f.record.ID)
	for _, c := range t.calls(`case_no = ?`, f.no) {
		erased := c.Erased()
		t.log(&erased, f.no)
	}
	notes := make(map[int64]*campaign.Entry)
	var no int64
	var text string
	t.each(`SELECT no, details FROM case_notes WHERE case_no = ?`, list{f.no}, list{&no, &text}, func() { notes[no] = read[campaign.Entry](t, text) })
	for no, e := range notes {
		e.Note = ""
		t.exec(`UPDATE case_notes SET details = ? WHERE no = ?`, t.write(e), no)
	}
}

// lists writes the do-not-call entries of a change, removals first, and ends the
// parks of cases with a number that was removed or is to be woken.
func (t *tx) lists(ch *campaign.Change) {
	wake := slices.Clone(ch.Wake)
	for _, k := range ch.Unlist {
		t.exec(`DELETE FROM do_not_call WHERE number = ? AND list = ?`, k.Number, k.List)
		wake = append(wake, k.Number)
	}
	for _, e := range ch.List {
		e.Added, e.Until = whole(e.Added), whole(e.Until)
		for _, old := range t.listed(e.Number) {
			if old.List == e.List {
				e = old.Merge(e)
			}
		}
		t.exec(`INSERT OR REPLACE INTO do_not_call (number, list, author, reason, added, until) VALUES (?, ?, ?, ?, ?, ?)`,
			e.Number, e.List, e.Author, e.Reason, micros(e.Added), micros(e.Until))
	}
	for _, n := range wake {
		t.exec(`UPDATE cases SET parked_until = ?, parked_why = 0, parked_under = 0 WHERE no IN (SELECT case_no FROM phone_numbers WHERE number = ?)`,
			micros(campaign.Park{}.Until), n)
	}
}
