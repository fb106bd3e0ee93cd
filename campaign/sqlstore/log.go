package sqlstore

import (
	"context"

	"github.com/nextcall/nextcall/campaign"
)

// applyCall logs a call, instead of the one with the same token if there is one.
// It belongs to the log of its record if that exists by now.
func (r *run) applyCall(p *plan) (err error) {
	if p.Call == nil {
		return nil
	}
	c := *p.Call
	before := ""
	late := p.lease == nil || p.lease.call != c.Token
	if !late {
		terms, err := r.termsOf(p.lease)
		if err != nil {
			return err
		}
		late = len(terms.With) > 0 // it may have been logged as a call to another of them
	}
	x := p.made
	if x == nil && late {
		if x, _, err = r.strayed(campaign.Ref{Campaign: c.Campaign, Record: c.Record, Token: c.Token}); err != nil {
			return err
		}
	}
	if x == nil {
		x = p.on
		if x == nil || x.record.Campaign != c.Campaign || x.record.ID != c.Record {
			if x, err = r.record(c.Campaign, c.Record); err != nil {
				return err
			}
		}
	}
	at, rec, last := c.Campaign, int64(0), false
	if x != nil {
		at, rec, last = x.record.Campaign, x.rec, c.Token >= x.latest
		r.note(x)
	}
	if c.Before != nil && last {
		before = r.st.layouts.encode(c.Before) // only that of a record's latest call can be corrected
	}
	c.Before = nil
	r.log(call{Call: p.Call, at: at, rec: rec, late: late, body: r.st.layouts.encode(&c), before: before})
	if last && x.latest != c.Token {
		x.latest = c.Token
		r.touch(x, moved)
	}
	return nil
}

func (r *run) applyEntry(p *plan) error {
	if p.Entry != nil {
		r.note(p.on)
		r.entries = append(r.entries, entry{p.on.key(), p.on.rec, r.st.layouts.encode(p.Entry)})
	}
	return nil
}

// History implements campaign.HistoryStore. A record that does not exist is
// campaign.ErrNotFound.
func (st *Store) History(ctx context.Context, ref campaign.Ref) (entries []campaign.Entry, calls []*campaign.Call, err error) {
	err = st.read(ctx, func(r *run) error {
		x, err := r.record(ref.Campaign, ref.Record)
		if err != nil {
			return err
		}
		if x == nil {
			return notFound(ref)
		}
		err = r.each(func(from scanner) error {
			var body string
			if err := from.Scan(&body); err != nil {
				return err
			}
			entries = append(entries, campaign.Entry{})
			return st.layouts.decode(body, &entries[len(entries)-1])
		}, entriesOfRecord, st.byRecord(x.key(), x.rec)...)
		if err != nil {
			return err
		}
		calls, err = r.callsOf(x)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return entries, calls, nil
}

// callsOf reads the calls that are a record's own, oldest first.
func (r *run) callsOf(x *row) ([]*campaign.Call, error) {
	var own []logged
	err := r.each(func(from scanner) error {
		var c logged
		err := from.Scan(&c.ended, &c.token, &c.body)
		own = append(own, c)
		return err
	}, callsOfRecord, r.st.byRecord(x.key(), x.rec, oldest)...)
	if err != nil {
		return nil, err
	}
	calls, err := r.st.calls(own)
	if err != nil {
		return nil, r.fail(err)
	}
	return calls, nil
}
