package sqlstore

// pgHold makes leases hold numbers and contacts that nobody holds, and tells
// who holds each by then. They come in an order of their own, so that two
// transactions do not wait for each other. Who has one that was not there when
// the statement began, the next statement sees.
const pgHold = `CREATE FUNCTION nextcall_hold(_number BIGINT[], _campaign TEXT[], _record TEXT[], _call BIGINT[],
	_contact TEXT[], _contact_campaign TEXT[], _contact_record TEXT[], _contact_call BIGINT[]) RETURNS ` + pgFound + `
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
#variable_conflict use_column
DECLARE
	_n BIGINT := 0;
	_m BIGINT := 0;
BEGIN
	IF cardinality(_contact) > 0 THEN
		INSERT INTO nextcall_held_contact (contact, campaign, record, call)
			SELECT u.* FROM unnest(_contact, _contact_campaign, _contact_record, _contact_call) u ON CONFLICT DO NOTHING;
		GET DIAGNOSTICS _n = ROW_COUNT;
	END IF;
	INSERT INTO nextcall_held_number (number, campaign, record, call)
		SELECT u.* FROM unnest(_number, _campaign, _record, _call) u ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS _m = ROW_COUNT;
	IF _m < cardinality(_number) THEN
		RETURN QUERY SELECT 3::bigint, u.number, l.call, l.token, l.until, l.campaign, l.record, l.holder, l.body, ` + pgNoRecord + `
			FROM (SELECT * FROM unnest(_number, _call) LIMIT cardinality(_number)) u(number, call) CROSS JOIN LATERAL (SELECT * FROM nextcall_held_number h WHERE h.number = u.number LIMIT 1) h
			CROSS JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = h.campaign AND l.record = h.record AND l.call = h.call LIMIT 1) l WHERE h.call <> u.call;
	END IF;
	IF _n < cardinality(_contact) THEN
		RETURN QUERY SELECT 4::bigint, u.n - 1, l.call, l.token, l.until, l.campaign, l.record, l.holder, l.body, ` + pgNoRecord + `
			FROM (SELECT * FROM unnest(_contact, _contact_call) WITH ORDINALITY LIMIT cardinality(_contact)) u(contact, call, n) CROSS JOIN LATERAL (SELECT * FROM nextcall_held_contact h WHERE h.contact = u.contact LIMIT 1) h
			CROSS JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = h.campaign AND l.record = h.record AND l.call = h.call LIMIT 1) l WHERE h.call <> u.call;
	END IF;
END $$`

// pgAdvance moves the marks of campaigns to the first that is there, for which it
// looks behind the marks, or everywhere.
const pgAdvance = `CREATE FUNCTION nextcall_advance(_met TEXT[], _everywhere BOOLEAN) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	IF _everywhere THEN
		PERFORM nextcall_unmark(_met);
		UPDATE nextcall_campaign c SET mark_until = ` + pgMin + ` WHERE c.id = ANY(_met);
	END IF;
	UPDATE nextcall_lane z SET
		(date_due, date_sorting, date_sequence) = (SELECT COALESCE(q.due, ` + pgMax + `), COALESCE(q.sorting, ` + pgMax + `), COALESCE(q.sequence, ` + pgMax + `)
			FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT q.due, q.sorting, q.sequence FROM nextcall_queue q
				WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 1
				AND (q.due, q.sorting, q.sequence) >= (z.date_due, z.date_sorting, z.date_sequence)
				ORDER BY q.due, q.sorting, q.sequence LIMIT 1) q ON true),
		(key_sorting, key_key, key_sequence) = (SELECT COALESCE(q.sorting, ` + pgMax + `), COALESCE(q.sort_key, ` + pgMax + `), COALESCE(q.sequence, ` + pgMax + `)
			FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT q.sorting, q.sort_key, q.sequence FROM nextcall_queue q
				WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 2
				AND (q.sorting, q.sort_key, q.sequence) >= (z.key_sorting, z.key_key, z.key_sequence)
				ORDER BY q.sorting, q.sort_key, q.sequence LIMIT 1) q ON true)
		WHERE z.campaign = ANY(_met);
	UPDATE nextcall_campaign c SET
		(mark_until, mark_token) = (SELECT COALESCE(l.until, ` + pgMax + `), COALESCE(l.token, ` + pgMax + `)
			FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT l.until, l.token FROM nextcall_lease l
				WHERE l.campaign = c.id AND l.token > 0 AND (l.until, l.token) >= (c.mark_until, c.mark_token) ORDER BY l.until, l.token LIMIT 1) l ON true)
		WHERE c.id = ANY(_met);
END $$`

// pgLowerLeases lowers the marks of campaigns to leases that are new or run out at another time.
const (
	pgLowerLeases  = pgLower + `unnest(_campaign, _until, _token)` + pgBelow
	pgLowerNew     = pgLower + `unnest(_new_campaign, _new_until, _new_call)` + pgBelow
	pgLowerUpdated = pgLower + `unnest(_lease_campaign, _lease_until, _lease_token)` + pgBelow

	pgLower = `UPDATE nextcall_campaign c SET mark_until = u.until, mark_token = u.token FROM (SELECT DISTINCT ON (u.campaign) u.* FROM `
	pgBelow = ` u(campaign, until, token) ORDER BY u.campaign, u.until, u.token) u
			WHERE c.id = u.campaign AND (u.until, u.token) < (c.mark_until, c.mark_token);`
)

// pgGrant leases chosen records under new tokens, and reads them and all that is
// wanted of them and of their campaigns. It advances the marks once in 256 tokens:
// each time it writes rows that every Claim reads.
const pgGrant = `CREATE FUNCTION nextcall_grant(_campaign TEXT[], _record TEXT[], _holder TEXT[], _until BIGINT[], _body TEXT[],
	_number BIGINT[], _number_of BIGINT[], _contact TEXT[], _contact_of BIGINT[], _calls BOOLEAN, _since BIGINT, _contacts BOOLEAN,
	_met TEXT[], _now BIGINT, _agents TEXT[], _owners BOOLEAN) RETURNS ` + pgFound + `
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
#variable_conflict use_column
DECLARE
	_token BIGINT[];
	_first BIGINT;
	_last BIGINT;
BEGIN
	IF cardinality(_record) > 0 THEN
		_token := ARRAY(SELECT nextval('nextcall_token') FROM generate_series(1, cardinality(_record)));
		DELETE FROM nextcall_queue q USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_campaign, _record) LIMIT cardinality(_record)) u(campaign, record)
			CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_queue x WHERE x.campaign = u.campaign AND x.id = u.record LIMIT 1) x LIMIT cardinality(_record)) u WHERE q.ctid = u.at;
		INSERT INTO nextcall_lease (campaign, record, call, token, holder, until, body)
			SELECT u.campaign, u.record, u.token, u.token, u.holder, u.until, u.body
			FROM (SELECT * FROM unnest(_campaign, _record, _token, _holder, _until, _body) LIMIT cardinality(_campaign)) u(campaign, record, token, holder, until, body);
		` + pgLowerLeases + `
		` + pgGranted + `
		RETURN QUERY SELECT * FROM nextcall_hold(_number,
			ARRAY(SELECT _campaign[u.n] FROM unnest(_number_of) u(n)), ARRAY(SELECT _record[u.n] FROM unnest(_number_of) u(n)),
			ARRAY(SELECT _token[u.n] FROM unnest(_number_of) u(n)), _contact,
			ARRAY(SELECT _campaign[u.n] FROM unnest(_contact_of) u(n)), ARRAY(SELECT _record[u.n] FROM unnest(_contact_of) u(n)),
			ARRAY(SELECT _token[u.n] FROM unnest(_contact_of) u(n)));
		IF _calls THEN
			RETURN QUERY SELECT * FROM nextcall_history(_since, _campaign, _record, _contact, _contact_of, _number, _number_of);
		END IF;
		IF _contacts THEN
			` + pgBodiesOf + `
		END IF;
		` + pgAdvanced + `
	END IF;
	RETURN QUERY SELECT * FROM nextcall_heads(_met, _now, _agents, _owners);
END $$`

// Parts of functions that lease records. The records, their contacts, and the step
// that advances the marks.
const (
	pgGranted = `RETURN QUERY SELECT 2::bigint, u.n - 1, NULL::bigint, NULL::bigint, NULL::bigint, ''::text, ''::text, ''::text, ''::text,
			` + pgRecord + `0::bigint, u.token, r.latest, r.body, COALESCE(w.body, '')
			FROM (SELECT * FROM unnest(_campaign, _record, _token) WITH ORDINALITY LIMIT cardinality(_campaign)) u(campaign, record, token, n)
			CROSS JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = u.campaign AND r.id = u.record LIMIT 1) r
			LEFT JOIN LATERAL (SELECT w.body FROM nextcall_wide w WHERE w.campaign = r.campaign AND w.record = r.id LIMIT 1) w ON true;`
	pgBodiesOf = `RETURN QUERY SELECT 6::bigint, u.n - 1, NULL::bigint, NULL::bigint, NULL::bigint, ''::text, ''::text, ''::text, c.body, ` + pgNoRecord + `
				FROM (SELECT * FROM unnest(_contact, _contact_of) LIMIT cardinality(_contact)) u(contact, n) CROSS JOIN LATERAL (SELECT * FROM nextcall_contact c WHERE c.id = u.contact LIMIT 1) c;`
	pgAdvanced = `_first := _token[1] - 1;
		_last := _token[cardinality(_token)];
		IF _first / 256 <> _last / 256 THEN
			PERFORM nextcall_advance(_met, _first / 256000 <> _last / 256000);
		END IF;`
)

// pgAdd adds records, with what belongs to them.
const pgAdd = `CREATE FUNCTION nextcall_add(_campaign TEXT[], _rec BIGINT[], _id TEXT[], _contact TEXT[], _list TEXT[], _status TEXT[],
	_qualifier BIGINT[], _standing BIGINT[], _lane BIGINT[], _class TEXT[], _due BIGINT[], _owner TEXT[], _sorting BIGINT[], _sort_key BIGINT[],
	_sequence BIGINT[], _park_until BIGINT[], _park_reason BIGINT[], _park_revision BIGINT[], _operation TEXT[], _version BIGINT[],
	_latest BIGINT[], _body TEXT[], _external TEXT[], _main BIGINT[], _author TEXT[], _agent TEXT[], _called BIGINT[], _numbers TEXT[]) RETURNS VOID
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	INSERT INTO nextcall_record (campaign, rec, id, contact, list, status, qualifier, standing, lane, class, due, owner, sorting, sort_key,
		sequence, park_until, park_reason, park_revision, operation, version, latest, body, external, main, author, agent, called, numbers)
		SELECT u.* FROM unnest(_campaign, _rec, _id, _contact, _list, _status, _qualifier, _standing, _lane, _class, _due, _owner, _sorting,
		_sort_key, _sequence, _park_until, _park_reason, _park_revision, _operation, _version, _latest, _body, _external, _main, _author, _agent, _called, _numbers) u;
END $$`

// pgBelongings writes what changes seldom of records, and their numbers.
const pgBelongings = `CREATE FUNCTION nextcall_belongings(_wide_campaign TEXT[], _wide_record TEXT[], _wide_body TEXT[],
	_drop_campaign TEXT[], _drop_number BIGINT[], _drop_record TEXT[], _campaign TEXT[], _number BIGINT[], _record TEXT[]) RETURNS VOID
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	INSERT INTO nextcall_wide (campaign, record, body) SELECT u.* FROM unnest(_wide_campaign, _wide_record, _wide_body) u
		ON CONFLICT (campaign, record) DO UPDATE SET body = excluded.body;
	DELETE FROM nextcall_number d USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_drop_campaign, _drop_number, _drop_record)
			LIMIT cardinality(_drop_record)) u(campaign, number, record)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_number x WHERE x.campaign = u.campaign AND x.number = u.number AND x.record = u.record
			LIMIT 1) x LIMIT cardinality(_drop_record)) u WHERE d.ctid = u.at;
	INSERT INTO nextcall_number (campaign, number, record) SELECT u.* FROM unnest(_campaign, _number, _record) u ON CONFLICT DO NOTHING;
END $$`

// pgWrite writes what changes have changed: records, where they wait, leases,
// guards that are given back, calls and the lines of histories.
const pgWrite = `CREATE FUNCTION nextcall_write(_campaign TEXT[], _id TEXT[], _contact TEXT[], _list TEXT[], _status TEXT[],
	_qualifier BIGINT[], _standing BIGINT[], _lane BIGINT[], _class TEXT[], _due BIGINT[], _owner TEXT[], _sorting BIGINT[], _sort_key BIGINT[],
	_sequence BIGINT[], _park_until BIGINT[], _park_reason BIGINT[], _park_revision BIGINT[], _operation TEXT[], _version BIGINT[],
	_latest BIGINT[], _body TEXT[], _external TEXT[], _main BIGINT[], _author TEXT[], _agent TEXT[], _called BIGINT[], _numbers TEXT[],
	_left_campaign TEXT[], _left_id TEXT[],
	_wait_campaign TEXT[], _wait_id TEXT[], _wait_place BIGINT[], _wait_number BIGINT[], _wait_promised BIGINT[], _wait_numbers TEXT[],
	_new_campaign TEXT[], _new_record TEXT[], _new_call BIGINT[], _new_holder TEXT[], _new_until BIGINT[], _new_body TEXT[],
	_lease_campaign TEXT[], _lease_record TEXT[], _lease_token BIGINT[], _lease_holder TEXT[], _lease_until BIGINT[], _lease_body TEXT[],
	_end_campaign TEXT[], _end_record TEXT[],
	_number BIGINT[], _number_call BIGINT[], _held TEXT[], _held_call BIGINT[],
	_call_campaign TEXT[], _call_token BIGINT[], _call_record TEXT[], _call_rec BIGINT[], _call_contact TEXT[], _call_number BIGINT[],
	_call_ended BIGINT[], _call_body TEXT[], _call_before TEXT[],
	_entry_campaign TEXT[], _entry_record TEXT[], _entry_body TEXT[],
	_trait_campaign TEXT[], _trait_kind BIGINT[], _trait_value TEXT[], _trait_record TEXT[],
	` + pgMarks + `) RETURNS VOID
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	IF cardinality(_id) > 0 THEN
		UPDATE nextcall_record r SET contact = u.contact, list = u.list, status = u.status, qualifier = u.qualifier, standing = u.standing,
			lane = u.lane, class = u.class, due = u.due, owner = u.owner, sorting = u.sorting, sort_key = u.sort_key, sequence = u.sequence,
			park_until = u.park_until, park_reason = u.park_reason, park_revision = u.park_revision, operation = u.operation,
			version = u.version, latest = u.latest, body = u.body,
			external = u.external, main = u.main, author = u.author, agent = u.agent, called = u.called, numbers = u.numbers
			FROM (SELECT * FROM unnest(_campaign, _id, _contact, _list, _status, _qualifier, _standing, _lane, _class, _due, _owner, _sorting, _sort_key,
				_sequence, _park_until, _park_reason, _park_revision, _operation, _version, _latest, _body,
				_external, _main, _author, _agent, _called, _numbers)
				LIMIT cardinality(_id)) u(campaign, id, contact, list, status, qualifier, standing, lane, class, due, owner, sorting, sort_key,
				sequence, park_until, park_reason, park_revision, operation, version, latest, body,
				external, main, author, agent, called, numbers)
			CROSS JOIN LATERAL (SELECT x.ctid AS at FROM nextcall_record x WHERE x.campaign = u.campaign AND x.id = u.id LIMIT 1) x
			WHERE r.ctid = x.at;
	END IF;
	IF cardinality(_left_id) > 0 THEN
		DELETE FROM nextcall_queue q USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_left_campaign, _left_id) LIMIT cardinality(_left_id)) u(campaign, id)
			CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_queue x WHERE x.campaign = u.campaign AND x.id = u.id LIMIT 1) x LIMIT cardinality(_left_id)) u WHERE q.ctid = u.at;
	END IF;
	IF cardinality(_wait_id) > 0 THEN
		INSERT INTO nextcall_queue (campaign, rec, place, lane, class, due, owner, sorting, sort_key, sequence, park_until, park_revision,
			id, contact, number, promised, numbers)
			SELECT r.campaign, r.rec, u.place, r.lane, r.class, r.due, r.owner, r.sorting, r.sort_key, r.sequence, r.park_until, r.park_revision,
			r.id, r.contact, u.number, u.promised, u.numbers
			FROM (SELECT * FROM unnest(_wait_campaign, _wait_id, _wait_place, _wait_number, _wait_promised, _wait_numbers) LIMIT cardinality(_wait_campaign)) u(campaign, id, place, number, promised, numbers)
			CROSS JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = u.campaign AND r.id = u.id LIMIT 1) r;
	END IF;
	` + pgLowerLanes + `
	IF cardinality(_end_record) > 0 THEN
		DELETE FROM nextcall_lease l USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_end_campaign, _end_record) LIMIT cardinality(_end_record)) u(campaign, record)
			CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_lease x WHERE x.campaign = u.campaign AND x.record = u.record LIMIT 1) x LIMIT cardinality(_end_record)) u WHERE l.ctid = u.at;
	END IF;
	IF cardinality(_lease_record) > 0 THEN
		UPDATE nextcall_lease l SET token = u.token, holder = u.holder, until = u.until, body = u.body
			FROM (SELECT * FROM unnest(_lease_campaign, _lease_record, _lease_token, _lease_holder, _lease_until, _lease_body) LIMIT cardinality(_lease_campaign)) u(campaign, record, token, holder, until, body)
			CROSS JOIN LATERAL (SELECT x.ctid AS at FROM nextcall_lease x WHERE x.campaign = u.campaign AND x.record = u.record LIMIT 1) x
			WHERE l.ctid = x.at;
		` + pgLowerUpdated + `
	END IF;
	IF cardinality(_new_record) > 0 THEN
		INSERT INTO nextcall_lease (campaign, record, call, token, holder, until, body)
			SELECT u.campaign, u.record, u.call, u.call, u.holder, u.until, u.body
			FROM (SELECT * FROM unnest(_new_campaign, _new_record, _new_call, _new_holder, _new_until, _new_body) LIMIT cardinality(_new_campaign)) u(campaign, record, call, holder, until, body);
		` + pgLowerNew + `
	END IF;
	IF cardinality(_number) > 0 THEN
		DELETE FROM nextcall_held_number h USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_number, _number_call) LIMIT cardinality(_number)) u(number, call)
			CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_held_number x WHERE x.number = u.number AND x.call = u.call LIMIT 1) x LIMIT cardinality(_number)) u WHERE h.ctid = u.at;
	END IF;
	IF cardinality(_held) > 0 THEN
		DELETE FROM nextcall_held_contact h USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_held, _held_call) LIMIT cardinality(_held)) u(contact, call)
			CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_held_contact x WHERE x.contact = u.contact AND x.call = u.call LIMIT 1) x LIMIT cardinality(_held)) u WHERE h.ctid = u.at;
	END IF;
	IF cardinality(_call_token) > 0 THEN
		INSERT INTO nextcall_call (campaign, token, record, rec, contact, number, ended, body, before_call)
			SELECT u.* FROM unnest(_call_campaign, _call_token, _call_record, _call_rec, _call_contact, _call_number, _call_ended, _call_body, _call_before) u
			ON CONFLICT (campaign, token) DO UPDATE SET record = excluded.record, rec = excluded.rec, contact = excluded.contact,
			number = excluded.number, ended = excluded.ended, body = excluded.body, before_call = excluded.before_call;
	END IF;
	IF cardinality(_entry_record) > 0 THEN
		INSERT INTO nextcall_entry (campaign, record, body) SELECT u.* FROM unnest(_entry_campaign, _entry_record, _entry_body) u;
	END IF;
	` + pgNote + `
END $$`

// pgSaw makes a sequence that is given later larger than one that was seen. The
// lock is held for no longer than it takes to look and to write.
const pgSaw = `CREATE FUNCTION nextcall_saw(_seen BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM pg_advisory_lock(7954892334550739053);
	PERFORM setval('nextcall_sequence', GREATEST(_seen, s.last_value)) FROM nextcall_sequence s;
	PERFORM pg_advisory_unlock(7954892334550739053);
END $$`

// pgUnpark ends the parks of all records that have a number, in every campaign.
const pgUnpark = `CREATE FUNCTION nextcall_unpark(_number BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
DECLARE
	_met TEXT[];
	_campaign TEXT[];
	_record TEXT[];
BEGIN
	SELECT array_agg(x.campaign), array_agg(x.record) INTO _campaign, _record FROM nextcall_number x WHERE x.number = _number;
	IF _campaign IS NULL THEN
		RETURN;
	END IF;
	_met := ARRAY(SELECT DISTINCT u.campaign FROM unnest(_campaign) u(campaign));
	PERFORM nextcall_lock(_met);
	-- Records may have come while the locks were waited for.
	SELECT array_agg(x.campaign), array_agg(x.record) INTO _campaign, _record FROM nextcall_number x WHERE x.number = _number;
	UPDATE nextcall_record r SET park_until = -62135596800000000, park_reason = 0, park_revision = 0
		FROM (SELECT * FROM unnest(_campaign, _record) LIMIT cardinality(_campaign)) x(campaign, record) WHERE r.campaign = x.campaign AND r.id = x.record
		AND (r.park_until <> -62135596800000000 OR r.park_reason <> 0 OR r.park_revision <> 0);
	UPDATE nextcall_queue q SET park_until = -62135596800000000, park_revision = 0,
		place = CASE WHEN q.place = 3 THEN ` + pgUnindexed + ` ELSE q.place END
		FROM (SELECT * FROM unnest(_campaign, _record) LIMIT cardinality(_campaign)) x(campaign, record) WHERE q.campaign = x.campaign AND q.id = x.record
		AND (q.park_until <> -62135596800000000 OR q.park_revision <> 0);
	IF FOUND THEN
		PERFORM nextcall_unmark(_met);
	END IF;
END $$`
