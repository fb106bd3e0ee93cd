package sqlstore

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// pgLook tells of records all that a Look asks for, each by its place in the
// arguments, counted from 0: the record with its lease, who else holds its numbers
// and contact, the call of the token, the history, and the contact. A statement of
// its own sees one state of the database. A time beyond all asks for no history.
const pgLook = `CREATE FUNCTION nextcall_look(_campaign TEXT[], _record TEXT[], _call BIGINT[], _since BIGINT[], _persons BOOLEAN[]) RETURNS ` + pgFound + `
LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
DECLARE
	_number BIGINT[];
	_number_of BIGINT[];
	_contact TEXT[];
	_contact_of BIGINT[];
BEGIN
	RETURN QUERY SELECT 2::bigint, u.n - 1, ` + pgRecords + `(SELECT * FROM unnest(_campaign, _record) WITH ORDINALITY LIMIT cardinality(_campaign)) u(campaign, id, n)` + pgWithThem + `;
	SELECT array_agg(x.number), array_agg(x.n) INTO _number, _number_of
		FROM (SELECT (p.value->>'number')::bigint AS number, u.n FROM (SELECT * FROM unnest(_campaign, _record) WITH ORDINALITY LIMIT cardinality(_campaign)) u(campaign, id, n)
			CROSS JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = u.campaign AND r.id = u.id LIMIT 1) r
			CROSS JOIN LATERAL json_array_elements(r.body::json->'phones') p) x WHERE x.number <> 0;
	SELECT array_agg(r.contact), array_agg(u.n) INTO _contact, _contact_of
		FROM (SELECT * FROM unnest(_campaign, _record) WITH ORDINALITY LIMIT cardinality(_campaign)) u(campaign, id, n)
		CROSS JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = u.campaign AND r.id = u.id LIMIT 1) r WHERE r.contact <> '';
	IF _number IS NOT NULL THEN
		RETURN QUERY SELECT 3::bigint, u.number, l.call, l.token, l.until, l.campaign, l.record, l.holder, l.body, ` + pgNoRecord + `
			FROM (SELECT * FROM unnest(_number, _number_of) LIMIT cardinality(_number)) u(number, n)
			CROSS JOIN LATERAL (SELECT * FROM nextcall_held_number h WHERE h.number = u.number LIMIT 1) h
			CROSS JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = h.campaign AND l.record = h.record AND l.call = h.call LIMIT 1) l
			WHERE h.record <> _record[u.n] OR h.campaign <> _campaign[u.n];
	END IF;
	IF _contact IS NOT NULL THEN
		RETURN QUERY SELECT 4::bigint, u.n - 1, l.call, l.token, l.until, l.campaign, l.record, l.holder, l.body, ` + pgNoRecord + `
			FROM (SELECT * FROM unnest(_contact, _contact_of) LIMIT cardinality(_contact)) u(contact, n)
			CROSS JOIN LATERAL (SELECT * FROM nextcall_held_contact h WHERE h.contact = u.contact LIMIT 1) h
			CROSS JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = h.campaign AND l.record = h.record AND l.call = h.call LIMIT 1) l
			WHERE h.record <> _record[u.n] OR h.campaign <> _campaign[u.n];
	END IF;
	RETURN QUERY SELECT 13::bigint, u.n - 1, c.rec, c.token, c.ended, ''::text, ''::text, c.before_call, c.body, ` + pgNoRecord + `
		FROM (SELECT * FROM unnest(_campaign, _call) WITH ORDINALITY LIMIT cardinality(_campaign)) u(campaign, token, n)
		CROSS JOIN LATERAL (SELECT * FROM nextcall_call c WHERE c.campaign = u.campaign AND c.token = u.token AND u.token <> 0 LIMIT 1) c;
	IF ` + pgMax + ` > ANY(_since) THEN
		RETURN QUERY SELECT 5::bigint, u.n - 1, NULL::bigint, c.token, c.ended, ''::text, ''::text, ''::text, c.body, ` + pgNoRecord + `
			FROM (SELECT * FROM unnest(_campaign, _record, _since) WITH ORDINALITY LIMIT cardinality(_campaign)) u(campaign, record, since, n),
			LATERAL (SELECT * FROM nextcall_call c WHERE c.campaign = u.campaign AND c.record = u.record AND c.rec <> 0 AND c.ended >= u.since
				ORDER BY c.ended, c.token) c;
		IF _number IS NOT NULL THEN
			RETURN QUERY SELECT 5::bigint, u.n - 1, NULL::bigint, c.token, c.ended, ''::text, ''::text, ''::text, c.body, ` + pgNoRecord + `
				FROM (SELECT * FROM unnest(_number, _number_of) LIMIT cardinality(_number)) u(number, n) CROSS JOIN LATERAL (SELECT * FROM nextcall_call c
					WHERE c.number = u.number AND c.number <> 0 AND c.ended >= _since[u.n] ORDER BY c.ended, c.token) c;
		END IF;
		IF _contact IS NOT NULL THEN
			RETURN QUERY SELECT 5::bigint, u.n - 1, NULL::bigint, c.token, c.ended, ''::text, ''::text, ''::text, c.body, ` + pgNoRecord + `
				FROM (SELECT * FROM unnest(_contact, _contact_of) LIMIT cardinality(_contact)) u(contact, n) CROSS JOIN LATERAL (SELECT * FROM nextcall_call c
					WHERE c.contact = u.contact AND c.contact <> '' AND c.ended >= _since[u.n] ORDER BY c.ended, c.token) c;
		END IF;
	END IF;
	IF _contact IS NOT NULL AND true = ANY(_persons) THEN
		RETURN QUERY SELECT 6::bigint, u.n - 1, NULL::bigint, NULL::bigint, NULL::bigint, ''::text, ''::text, ''::text, c.body, ` + pgNoRecord + `
			FROM (SELECT * FROM unnest(_contact, _contact_of) LIMIT cardinality(_contact)) u(contact, n)
			CROSS JOIN LATERAL (SELECT * FROM nextcall_contact c WHERE c.id = u.contact LIMIT 1) c WHERE _persons[u.n];
	END IF;
END $$`

// readers returns what serves a line of those who only read. Its leader reads for
// all as long as its own context lasts. If that ends, the others are read for by
// the next of them; if something fails, each by itself, for it may be another's fault.
func (st *Store) readers(read func(context.Context, []*job) error) func(*job, []*job) []*job {
	patiently := func(own *job, batch []*job) (err error) {
		for i := 0; ; i++ {
			if err = read(own.ctx, batch); i == restarts || !crossed(err) {
				return err
			}
		}
	}
	return func(own *job, batch []*job) (left []*job) {
		err := patiently(own, batch)
		if err == nil {
			return nil
		}
		if len(batch) > 1 {
			left = slices.DeleteFunc(slices.Clone(batch), func(j *job) bool { return j == own })
			if own.ctx.Err() == nil {
				for _, j := range left {
					j.alone = true
				}
				err = patiently(own, []*job{own})
			}
		}
		if err != nil {
			own.err = reading(own.ctx, err)
		}
		return left
	}
}

// look is one Look.
type look struct {
	need  campaign.Need
	refs  []campaign.Ref
	facts []campaign.Facts // by place in refs

	run       *run // nothing of it is shared with others
	rows      []*row
	histories [][]logged
	calls     []logLine
	// stray says that a token names no lease and no call of the record that its Ref
	// names: perhaps that record has moved since. This is not found out here.
	stray bool
}

// begin makes room for the answer, which may have been tried before.
func (l *look) begin(st *Store, ctx context.Context) {
	n := len(l.refs)
	l.run, l.facts, l.rows = st.newRun(ctx, nil), make([]campaign.Facts, n), make([]*row, n)
	l.histories, l.calls = make([][]logged, n), make([]logLine, n)
	l.stray = false
}

// lookTogether reads for several who look, in one statement.
func (st *Store) lookTogether(ctx context.Context, jobs []*job) error {
	type place struct {
		*look
		i int
	}
	var places []place
	var campaigns, records []string
	var calls, sinces []int64
	var persons []bool
	for _, j := range jobs {
		j.look.begin(st, ctx)
		since := int64(math.MaxInt64)
		if !j.look.need.NoCalls {
			since = micros(j.look.need.Since)
		}
		for i, ref := range j.look.refs {
			places = append(places, place{j.look, i})
			campaigns, records = append(campaigns, string(ref.Campaign)), append(records, string(ref.Record))
			calls, sinces, persons = append(calls, int64(ref.Token)), append(sinces, since), append(persons, j.look.need.Contact)
		}
	}
	if len(places) == 0 {
		return nil
	}
	held := make(map[blacklist.Number]found)
	err := postgres{}.ask(st.newRun(ctx, nil), func(f *found) error {
		if f.kind == foundNumber {
			held[blacklist.Number(f.n)] = *f
			return nil
		}
		if f.n < 0 || f.n >= int64(len(places)) {
			return fmt.Errorf("nextcall_look tells of record %d of %d: %s", f.n, len(places), asMade)
		}
		return places[f.n].add(f, places[f.n].i)
	}, pgLookAll, campaigns, records, calls, sinces, persons)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if err := j.look.tell(held); err != nil {
			return err
		}
	}
	return nil
}

// add enters what was read of the i-th record.
func (l *look) add(f *found, i int) (err error) {
	if f.kind == foundRecord {
		if f.call.Valid {
			l.run.enterLease(f.lease())
		}
		x := f.row
		l.rows[i], err = l.run.enter(&x)
		return err
	}
	x := l.rows[i]
	if x == nil {
		return nil // the log may know it all the same
	}
	switch f.kind {
	case foundContact:
		l.holds(guarded{contact: x.record.Contact}, f)
	case foundCall:
		l.histories[i] = append(l.histories[i], f.logged())
	case foundBody:
		l.run.bodies[x.record.Contact] = f.text
	case foundReported:
		l.calls[i] = logLine{f.text, f.holder, f.call.Int64}
	}
	return nil
}

// holds enters who holds a number or contact.
func (l *look) holds(what guarded, f *found) {
	call := l.run.enterLease(f.lease()).call
	l.run.guards[what] = &guard{guarded: what, was: call, now: call}
}

// tell fills in the answer. What nobody but the record's own lease is told to hold,
// is in nobody's way.
func (l *look) tell(held map[blacklist.Number]found) error {
	r := l.run
	for i, x := range l.rows {
		token := l.refs[i].Token
		if x == nil {
			l.stray = l.stray || token != 0
			continue
		}
		for _, what := range x.needs(nil) {
			if r.guards[what] != nil {
				continue
			}
			r.guards[what] = &guard{guarded: what}
			if f, ok := held[what.number]; ok && what.contact == "" {
				l.holds(what, &f)
			}
		}
		if id := x.record.Contact; r.bodies[id] == "" {
			r.bodies[id] = ""
		}
		if err := r.facts(x, false, inOrder(l.histories[i]), &l.need, &l.facts[i]); err != nil {
			return err
		}
		if token == 0 {
			continue
		}
		if l.calls[i].body != "" {
			var err error
			if l.facts[i].Call, err = r.told(x, token, l.need.Before, l.calls[i]); err != nil {
				return err
			}
		}
		lease := &l.facts[i].Lease
		l.stray = l.stray || l.facts[i].Call == nil && token != lease.Token && token != lease.Call
	}
	return nil
}
