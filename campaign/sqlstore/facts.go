package sqlstore

import (
	"context"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// facts fills in what is known about a record. Free says that no other lease is
// in its way, and history are the calls that it needs.
func (r *run) facts(x *row, free bool, history []logged, need *campaign.Need, into *campaign.Facts) error {
	if err := x.own(r.st.layouts); err != nil {
		return r.fail(err)
	}
	l, err := r.leaseOf(x)
	if err != nil {
		return err
	}
	*into = campaign.Facts{Record: x.record}
	if into.Lease, err = r.termsOf(l); err != nil {
		return err
	}
	if !free {
		if into.Busy, err = r.busy(x); err != nil {
			return err
		}
	}
	if need.Contact && x.record.Contact != "" {
		if into.Contact, err = r.contact(x.record.Contact); err != nil {
			return err
		}
	}
	if into.History, err = r.st.calls(history); err != nil {
		return r.fail(err)
	}
	return nil
}

// whole fills in what is known about records, each in its turn.
func (r *run) whole(rows []*row, need *campaign.Need, into func(i int) *campaign.Facts) error {
	if err := r.engine.around(r, rows); err != nil {
		return r.fail(err)
	}
	histories, err := r.around(rows, need)
	if err != nil {
		return err
	}
	for i, x := range rows {
		if err := r.facts(x, false, histories[i], need, into(i)); err != nil {
			return err
		}
	}
	return nil
}

// around reads the calls that are needed of records, and their contacts.
func (r *run) around(rows []*row, need *campaign.Need) ([][]logged, error) {
	if need.Contact {
		if err := r.engine.contacts(r, rows); err != nil {
			return nil, r.fail(err)
		}
	}
	if need.NoCalls {
		return make([][]logged, len(rows)), nil
	}
	histories, err := r.engine.histories(r, rows, micros(need.Since))
	if err != nil {
		return nil, r.fail(err)
	}
	return histories, nil
}

// contact reads a contact, or returns nil if there is none.
func (r *run) contact(id campaign.ContactID) (*campaign.Contact, error) {
	body, ok := r.bodies[id]
	if ok && body == "" {
		return nil, nil
	}
	if !ok {
		if err := r.row(readContact, string(id)).Scan(&body); none(err) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	c := new(campaign.Contact)
	if err := r.st.layouts.decode(body, c); err != nil {
		return nil, r.fail(err)
	}
	return c, nil
}

// logged is a call whose body has not been read.
type logged struct {
	ended int64
	token campaign.Token
	body  string
}

// calls reads the bodies of calls.
func (st *Store) calls(from []logged) ([]*campaign.Call, error) {
	if len(from) == 0 {
		return nil, nil
	}
	calls := make([]*campaign.Call, len(from))
	for i := range from {
		calls[i] = new(campaign.Call)
		if err := st.layouts.decode(from[i].body, calls[i]); err != nil {
			return nil, err
		}
	}
	return calls, nil
}

// Look implements campaign.Store.
func (st *Store) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	into.Facts = into.Facts[:0]
	if st.looks != nil {
		l := look{need: need, refs: slices.Clone(refs)}
		if err := st.looks.join(ctx, &job{size: len(refs), look: &l}); err != nil {
			return err
		}
		if !l.stray {
			into.Facts = append(into.Facts, l.facts...)
			return nil
		}
	}
	facts := slices.Grow(into.Facts, len(refs))[:len(refs)]
	clear(facts)
	err := st.read(ctx, func(r *run) error {
		keys := make([]key, len(refs))
		for i, ref := range refs {
			keys[i] = keyOf(ref)
		}
		if err := r.engine.load(r, keys); err != nil {
			return r.fail(err)
		}
		var rows []*row
		var at []int
		for i, k := range keys {
			x, err := r.record(k.campaign, k.record)
			if err != nil {
				return err
			}
			if x, err = r.madeToOr(refs[i], x); err != nil {
				return err
			}
			if x != nil {
				rows, at = append(rows, x), append(at, i)
			}
		}
		if err := r.whole(rows, &need, func(i int) *campaign.Facts { return &facts[at[i]] }); err != nil {
			return err
		}
		for i, x := range rows {
			var err error
			if facts[at[i]].Call, err = r.reported(x, refs[at[i]].Token, need.Before); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		into.Facts = facts
	}
	return err
}

// reported returns the call that a token of the record led to, or nil.
func (r *run) reported(x *row, token campaign.Token, before bool) (*campaign.Call, error) {
	if token == 0 {
		return nil, nil
	}
	var body, kept string
	var rec int64
	if err := r.row(readCall, r.st.byToken(x.record.Campaign, token)...).Scan(&body, &kept, &rec); none(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return r.told(x, token, before, logLine{body, kept, rec})
}

// logLine is a call of the log, as it is kept.
type logLine struct {
	body, before string
	rec          int64 // of the record that has it; 0: it was of none
}

// told reads a call of the log, if it is one to the record, with what was before
// it, if that is wanted and it is the latest.
func (r *run) told(x *row, token campaign.Token, before bool, line logLine) (*campaign.Call, error) {
	rec, kept := line.rec, line.before
	c := new(campaign.Call)
	if err := r.st.layouts.decode(line.body, c); err != nil {
		return nil, r.fail(err)
	}
	if rec != x.rec && (rec != 0 || c.Campaign != x.record.Campaign || c.Record != x.record.ID) {
		return nil, nil
	}
	if before && token == x.latest && kept != "" {
		c.Before = new(campaign.Before)
		if err := r.st.layouts.decode(kept, c.Before); err != nil {
			return nil, r.fail(err)
		}
	}
	return c, nil
}
