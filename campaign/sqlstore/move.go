package sqlstore

import (
	"github.com/nextcall/nextcall/campaign"
)

// move takes a record to another campaign. There it is written like one that is
// added, and what is kept by its old name goes with it.
func (r *run) move(p *plan) error {
	x := p.on
	to := key{p.Record.Campaign, p.Record.ID}
	if x.changed != 0 || x.noted > r.flushes || r.left[to] {
		// What is to be written of it is under its old name, or there still is
		// another one under the new.
		if err := r.flush(); err != nil {
			return err
		}
	}
	old := &departure{x.key(), x.rec, x.numbers}
	version := x.record.Version
	r.unlike(old.campaign)
	r.rows[old.key] = nil
	if r.left == nil {
		r.left = make(map[key]bool)
	}
	r.left[old.key] = true
	x.record = *p.Record
	x.record.Version = version + 1
	x.record.Park = campaign.Park{Until: instant(noTime)}
	x.waits = false // it leaves the queue with all else
	if err := r.come(x); err != nil {
		return err
	}
	x.from = old
	return nil
}

// note remembers that something is to be written under a record's name.
func (r *run) note(x *row) { x.noted = r.flushes + 1 }

// subject finds the record that a change is about, if it names one. What only adds to
// the log and the history of a call's record is about that record, wherever it is by
// now.
func (r *run) subject(p *plan) (err error) {
	if c := p.Call; c != nil && p.LogsOnly() {
		if p.made, p.was, err = r.strayed(campaign.Ref{Campaign: c.Campaign, Record: c.Record, Token: c.Token}); err != nil {
			return err
		}
		if p.made != nil && c.Campaign == p.Ref.Campaign && c.Record == p.Ref.Record {
			p.on = p.made
			return nil
		}
	}
	if p.Ref.Record == "" {
		return nil
	}
	p.on, err = r.record(p.Ref.Campaign, p.Ref.Record)
	return err
}

// strayed returns the record whose call a token names, by the name that the record
// had when the call was made to it, or nil, and that call if any record's has the
// token. Nobody else writes to the record's campaign from now on.
func (r *run) strayed(ref campaign.Ref) (*row, *campaign.Call, error) {
	if _, ok := r.callAt[ref.Token]; ok || len(r.left) > 0 {
		if err := r.flush(); err != nil {
			return nil, nil, err
		}
	}
	for {
		x, was, err := r.madeTo(ref)
		if err != nil || x == nil {
			return nil, was, err
		}
		if waited, err := r.engine.join(r, x.record.Campaign); err != nil || !waited {
			return x, was, err
		}
		delete(r.rows, x.key()) // somebody may have changed it
	}
}

// madeTo is strayed for whoever only reads.
func (r *run) madeTo(ref campaign.Ref) (x *row, was *campaign.Call, err error) {
	var at key
	var body string
	if err := r.row(homeOfCall, int64(ref.Token)).Scan(&at.campaign, &at.record, &body); none(err) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	was = new(campaign.Call)
	if err := r.st.layouts.decode(body, was); err != nil {
		return nil, nil, r.fail(err)
	}
	if was.Campaign == ref.Campaign && was.Record == ref.Record {
		x, err = r.record(at.campaign, at.record)
	}
	return x, was, err
}

// madeToOr is what a reference names that has found a record, or none: the token of
// a call names the record of that call, as long as it is not that of a live lease.
func (r *run) madeToOr(ref campaign.Ref, found *row) (*row, error) {
	if ref.Token == 0 {
		return found, nil
	}
	if found != nil {
		l, err := r.leaseOf(found)
		if err != nil {
			return nil, err
		}
		if l != nil && (ref.Token == l.token || ref.Token == l.call) {
			return found, nil
		}
	}
	x, _, err := r.madeTo(ref)
	if err != nil || x == nil {
		return found, err
	}
	return x, nil
}

// applyErase takes what is personal from the calls and the lines of a record, and
// withdraws its actions.
func (r *run) applyErase(p *plan) error {
	if !p.Erase {
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	x := p.on
	type line struct {
		entry int64
		campaign.Entry
	}
	var lines []line
	err := r.each(func(from scanner) error {
		var l line
		var body string
		if err := from.Scan(&l.entry, &body); err != nil {
			return err
		}
		err := r.st.layouts.decode(body, &l.Entry)
		lines = append(lines, l)
		return err
	}, linesOfRecord, r.st.byRecord(x.key(), x.rec)...)
	if err != nil {
		return err
	}
	for _, l := range lines {
		l.Note = ""
		if _, err := r.exec(writeEntry, r.st.byEntry(x.key(), l.entry, r.st.layouts.encode(&l.Entry))...); err != nil {
			return err
		}
	}
	calls, err := r.callsOf(x)
	if err != nil {
		return err
	}
	if _, err := r.exec(withdrawActions, string(x.record.Campaign), string(x.record.ID)); err != nil {
		return err
	}
	r.note(x)
	for _, c := range calls {
		erased := c.Erased()
		r.log(call{Call: &erased, at: x.record.Campaign, rec: x.rec, body: r.st.layouts.encode(&erased)})
	}
	return nil
}
