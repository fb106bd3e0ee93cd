package sqlstore

// refused is the SQLSTATE by which nextcall_settle says that something is not as
// the process remembers it. Nothing is written then.
const refused = "NC001"

// pgSettle ends leases and writes what their calls have changed, if the campaigns
// are at these revisions, and the leases and records as the process that leased
// them remembers them. It is a Commit in one statement: whoever comes first takes
// the campaigns' rows, so nothing of it can change while it is looked at. Where a
// lease has ended, its record may wait again: nothing is put into the queue then.
// Leases may also go on under other terms; a mark that they come to lie before is lowered.
const pgSettle = `CREATE FUNCTION nextcall_settle(_met TEXT[], _revision BIGINT[],
	_campaign TEXT[], _id TEXT[], _call BIGINT[], _token BIGINT[], _holder TEXT[], _until BIGINT[], _terms TEXT[],
	_was_version BIGINT[], _was_latest BIGINT[], _was_park BIGINT[], _was_parked_at BIGINT[],
	_status TEXT[], _qualifier BIGINT[], _standing BIGINT[], _lane BIGINT[], _class TEXT[], _due BIGINT[], _owner TEXT[],
	_park_until BIGINT[], _park_reason BIGINT[], _park_revision BIGINT[], _operation TEXT[], _version BIGINT[], _latest BIGINT[], _body TEXT[],
	_author TEXT[], _agent TEXT[], _called BIGINT[],
	_place BIGINT[], _next BIGINT[], _promised BIGINT[], _numbers TEXT[],
	_number BIGINT[], _number_call BIGINT[], _held TEXT[], _held_call BIGINT[],
	_call_campaign TEXT[], _call_token BIGINT[], _call_record TEXT[], _call_rec BIGINT[], _call_contact TEXT[], _call_number BIGINT[],
	_call_ended BIGINT[], _call_body TEXT[], _call_before TEXT[],
	_entry_campaign TEXT[], _entry_record TEXT[], _entry_body TEXT[],
	_on_campaign TEXT[], _on_id TEXT[], _on_call BIGINT[], _on_token BIGINT[], _on_was_holder TEXT[], _on_was_until BIGINT[], _on_was_terms TEXT[],
	_on_version BIGINT[], _on_holder TEXT[], _on_until BIGINT[], _on_terms TEXT[],
	_trait_campaign TEXT[], _trait_kind BIGINT[], _trait_value TEXT[], _trait_record TEXT[],
	` + pgMarks + `) RETURNS VOID
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
DECLARE
	_n BIGINT;
	_ended BIGINT;
BEGIN
	` + pgAsKnown + `
	IF cardinality(_on_id) > 0 THEN
		UPDATE nextcall_lease l SET holder = u.holder, until = u.until, body = u.terms
			FROM (SELECT * FROM unnest(_on_campaign, _on_id, _on_call, _on_token, _on_was_holder, _on_was_until, _on_was_terms, _on_version, _on_holder, _on_until, _on_terms)
				LIMIT cardinality(_on_id)) u(campaign, id, call, token, was_holder, was_until, was_terms, version, holder, until, terms)
			CROSS JOIN LATERAL (SELECT x.ctid AS at FROM nextcall_lease x WHERE x.campaign = u.campaign AND x.record = u.id AND x.call = u.call
				AND x.token = u.token AND x.holder = u.was_holder AND x.until + 0 = u.was_until AND x.body = u.was_terms LIMIT 1) x
			CROSS JOIN LATERAL (SELECT 1 FROM nextcall_record r WHERE r.campaign = u.campaign AND r.id = u.id AND r.version = u.version LIMIT 1) r
			WHERE l.ctid = x.at;
		GET DIAGNOSTICS _n = ROW_COUNT;
		IF _n <> cardinality(_on_id) THEN
			RAISE EXCEPTION 'lease' USING ERRCODE = '` + refused + `';
		END IF;
		` + pgLower + `unnest(_on_campaign, _on_until, _on_token)` + pgBelow + `
		IF cardinality(_id) = 0 THEN
			RETURN;
		END IF;
	END IF;
	WITH u AS MATERIALIZED (
		SELECT * FROM unnest(_campaign, _id, _call, _token, _holder, _until, _terms, _was_version, _was_latest, _was_park, _was_parked_at,
			_status, _qualifier, _standing, _lane, _class, _due, _owner, _park_until, _park_reason, _park_revision, _operation, _version, _latest, _body,
			_author, _agent, _called,
			_place, _next, _promised, _numbers)
			u(campaign, id, call, token, holder, until, terms, was_version, was_latest, was_park, was_parked_at,
			status, qualifier, standing, lane, class, due, owner, park_until, park_reason, park_revision, operation, version, latest, body,
			author, agent, called,
			place, next, promised, numbers) LIMIT cardinality(_id)),
	ended AS (
		DELETE FROM nextcall_lease l USING (SELECT x.ctid AS at FROM u CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_lease x
			WHERE x.campaign = u.campaign AND x.record = u.id AND x.call = u.call AND x.token = u.token AND x.holder = u.holder
			AND x.until + 0 = u.until AND x.body = u.terms LIMIT 1) x LIMIT cardinality(_id)) d
			WHERE l.ctid = d.at RETURNING 1),
	moved AS (
		UPDATE nextcall_record r SET status = u.status, qualifier = u.qualifier, standing = u.standing, lane = u.lane, class = u.class,
			due = u.due, owner = u.owner, park_until = u.park_until, park_reason = u.park_reason, park_revision = u.park_revision,
			operation = u.operation, version = u.version, latest = u.latest, body = u.body,
			author = u.author, agent = u.agent, called = u.called
			FROM u CROSS JOIN LATERAL (SELECT x.ctid AS at FROM nextcall_record x WHERE x.campaign = u.campaign AND x.id = u.id
				AND x.version = u.was_version AND x.latest = u.was_latest AND x.park_until = u.was_park AND x.park_revision = u.was_parked_at LIMIT 1) x
			WHERE r.ctid = x.at RETURNING r.rec, r.campaign, r.id, r.contact, r.sorting, r.sort_key, r.sequence, r.lane, r.class, r.due, r.owner,
			r.park_until, r.park_revision, u.place, u.next, u.promised, u.numbers),
	waits AS (
		INSERT INTO nextcall_queue (campaign, rec, place, lane, class, due, owner, sorting, sort_key, sequence, park_until, park_revision,
			id, contact, number, promised, numbers)
			SELECT m.campaign, m.rec, m.place, m.lane, m.class, m.due, m.owner, m.sorting, m.sort_key, m.sequence, m.park_until, m.park_revision,
			m.id, m.contact, m.next, m.promised, m.numbers FROM moved m WHERE m.place > 0 AND (SELECT count(*) FROM ended) = cardinality(_id) RETURNING 1),
	dropped AS (
		DELETE FROM nextcall_held_number h USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_number, _number_call) LIMIT cardinality(_number)) f(number, call)
			CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_held_number x WHERE x.number = f.number AND x.call = f.call LIMIT 1) x LIMIT cardinality(_number)) d
			WHERE h.ctid = d.at),
	freed AS (
		DELETE FROM nextcall_held_contact h USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_held, _held_call) LIMIT cardinality(_held)) f(contact, call)
			CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_held_contact x WHERE x.contact = f.contact AND x.call = f.call LIMIT 1) x LIMIT cardinality(_held)) d
			WHERE h.ctid = d.at),
	logged AS (
		INSERT INTO nextcall_call (campaign, token, record, rec, contact, number, ended, body, before_call)
			SELECT c.* FROM unnest(_call_campaign, _call_token, _call_record, _call_rec, _call_contact, _call_number, _call_ended, _call_body, _call_before) c
			ON CONFLICT (campaign, token) DO UPDATE SET record = excluded.record, rec = excluded.rec, contact = excluded.contact,
			number = excluded.number, ended = excluded.ended, body = excluded.body, before_call = excluded.before_call),
	noted AS (
		INSERT INTO nextcall_entry (campaign, record, body) SELECT e.* FROM unnest(_entry_campaign, _entry_record, _entry_body) e)
	SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM ended) INTO _n, _ended;
	IF _n <> cardinality(_id) OR _ended <> _n THEN
		RAISE EXCEPTION 'lease' USING ERRCODE = '` + refused + `';
	END IF;
	` + pgLowerLanes + `
	` + pgNote + `
END $$`
