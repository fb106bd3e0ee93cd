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
	x := p.on
	if x == nil || x.record.Campaign != c.Campaign || x.record.ID != c.Record {
		if x, err = r.record(c.Campaign, c.Record); err != nil {
			return err
		}
	}
	rec, last := int64(0), false
	if x != nil {
		rec, last = x.rec, c.Token >= x.latest
	}
	if c.Before != nil && last {
		before = r.st.layouts.encode(c.Before) // only that of a record's latest call can be corrected
	}
	c.Before = nil
	late := p.lease == nil || p.lease.call != c.Token
	r.log(call{Call: p.Call, rec: rec, late: late, body: r.st.layouts.encode(&c), before: before})
	if last && x.latest != c.Token {
		x.latest = c.Token
		r.touch(x, moved)
	}
	return nil
}

func (r *run) applyEntry(p *plan) error {
	if p.Entry != nil {
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
		var own []logged
		err = r.each(func(from scanner) error {
			var c logged
			err := from.Scan(&c.ended, &c.token, &c.body)
			own = append(own, c)
			return err
		}, callsOfRecord, st.byRecord(x.key(), x.rec, oldest)...)
		if err != nil {
			return err
		}
		calls, err = st.calls(own)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return entries, calls, nil
}
