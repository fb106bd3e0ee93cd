package memstore

import (
	"context"

	"github.com/nextcall/nextcall/campaign"
)

// Commit implements campaign.Store. Changes to one record are applied in their
// order, each checked against what the one before it left.
func (st *Store) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, ok := st.writers.Get().(*writer)
	if !ok {
		w = new(writer)
	}
	w.st = st
	defer st.keepUp()
	st.mu.RLock()
	defer w.leave()
	var errs []error
	for i := range changes {
		if err := w.commit(&changes[i]); err != nil {
			if errs == nil {
				errs = make([]error, len(changes))
			}
			errs[i] = err
		}
	}
	return errs, nil
}

// writer holds the locks of a Commit: the one of the campaign it is in, or all.
type writer struct {
	st    *Store
	line  *line
	alone bool
	plan  plan
}

// enter takes the lock of a campaign, and leaves that of the one before.
func (w *writer) enter(l *line) {
	if w.alone || w.line == l {
		return
	}
	if w.line != nil {
		w.line.mu.Unlock()
	}
	if w.line = l; l != nil {
		l.mu.Lock()
	}
}

// expel waits until nobody else is in the store. It stays so until the end of
// the Commit.
func (w *writer) expel() {
	if !w.alone {
		w.enter(nil)
		w.st.mu.RUnlock()
		w.st.mu.Lock()
		w.alone = true
	}
}

func (w *writer) leave() {
	if w.alone {
		w.st.mu.Unlock()
	} else {
		w.enter(nil)
		w.st.mu.RUnlock()
	}
	st := w.st
	*w = writer{}
	st.writers.Put(w)
}

// plan is a change on its way.
type plan struct {
	*campaign.Change
	st    *Store
	line  *line // of the record as it will be; nil if there is no such campaign
	alone bool  // nobody else is in the store

	slot  slot
	found bool   // the record is there
	from  *line  // of the record that moves
	left  slot   // there: which it leaves
	lease uint32 // that holds it
	with  []held // further records that a new lease is to hold
	need  need

	contact uint32   // of the record, as it will be
	numbers []uint32 // of the record, as they will be
	number  uint32   // of the lease, as it will be
	moved   bool     // contact or numbers are not what they were

	call   uint32 // the logged one that the call replaces
	callAt home   // where it belongs
	keeps  bool   // it is the record's latest, the one that can be corrected

	own, others [8]uint32 // room for numbers
}

// ends reports whether the change ends the lease that its token names.
func (p *plan) ends() bool { return p.Ref.Token != 0 && !p.Extend }

// begins reports whether the change is to begin a lease.
func (p *plan) begins() bool { return p.Lease != nil && !p.Extend }

// commit checks everything first and writes then: nothing fails half way.
func (w *writer) commit(ch *campaign.Change) error {
	p := &w.plan
	*p = plan{Change: ch, st: w.st}
	if err := p.Check(); err != nil {
		return err
	}
	if len(ch.Also) > 0 {
		w.expel()
	}
	if err := w.people(p); err != nil {
		return err
	}
	if alone(ch) {
		w.expel()
	}
	if len(ch.Also) > 0 {
		return w.together(p)
	}
	err := w.try(p)
	if err == errAlone {
		w.expel()
		*p = plan{Change: ch, st: w.st}
		err = w.try(p)
	}
	return err
}

func (w *writer) try(p *plan) error {
	if p.Move {
		if err := p.leave(); err != nil {
			return err
		}
	}
	l := w.st.byID[p.Decided()]
	if l == nil && (p.Add || p.Move || p.Revision != 0) {
		w.expel()
		known := len(w.st.lines)
		var err error
		if l, err = w.st.make(p.Decided()); err != nil {
			return err
		}
		if err = w.write(p, l); err != nil && len(w.st.lines) > known {
			w.st.unmake(l)
		}
		return err
	}
	if c := p.Call; c != nil && p.LogsOnly() && c.Campaign == p.Ref.Campaign && c.Record == p.Ref.Record {
		// The record may have moved since the call was made to it.
		ref := campaign.Ref{Campaign: c.Campaign, Record: c.Record, Token: c.Token}
		if at, _ := w.st.people.madeTo(&ref); at.made != nil {
			if !w.alone {
				return errAlone
			}
			l = w.st.byID[at.rows.id]
		}
	}
	return w.write(p, l)
}

// write makes the change in its campaign, nil if there is none.
func (w *writer) write(p *plan, l *line) error {
	if l == nil && p.Ref.Record != "" {
		return notFound(p.Ref)
	}
	w.enter(l)
	p.line, p.alone = l, w.alone
	if err := p.check(); err != nil {
		return err
	}
	p.st.people.mu.Lock()
	err := p.settle()
	p.st.people.mu.Unlock()
	if err == nil {
		p.finish()
	}
	return err
}
