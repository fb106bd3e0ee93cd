package sqlstore

// pgSettleOne is nextcall_settle for one lease. What a statement costs here is
// mostly to begin it, so these look for one row by its key each.
const pgSettleOne = `CREATE FUNCTION nextcall_settle_one(_revision BIGINT,
	_campaign TEXT, _id TEXT, _call BIGINT, _token BIGINT, _holder TEXT, _until BIGINT, _terms TEXT,
	_was_version BIGINT, _was_latest BIGINT, _was_park BIGINT, _was_parked_at BIGINT,
	_status TEXT, _qualifier BIGINT, _standing BIGINT, _lane BIGINT, _class TEXT, _due BIGINT, _owner TEXT,
	_park_until BIGINT, _park_reason BIGINT, _park_revision BIGINT, _operation TEXT, _version BIGINT, _latest BIGINT, _body TEXT,
	_author TEXT, _agent TEXT, _called BIGINT,
	_place BIGINT, _next BIGINT, _promised BIGINT, _numbers TEXT, _number BIGINT[], _contact TEXT,
	_call_token BIGINT, _call_rec BIGINT, _call_contact TEXT, _call_number BIGINT, _call_ended BIGINT, _call_body TEXT, _call_before TEXT,
	_entry TEXT, _trait_kind BIGINT[], _trait_value TEXT[]) RETURNS VOID
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
DECLARE
	_r RECORD;
BEGIN
	PERFORM 1 FROM nextcall_campaign c WHERE c.id = _campaign AND c.revision = _revision FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'campaign' USING ERRCODE = '` + refused + `';
	END IF;
	DELETE FROM nextcall_lease l WHERE l.campaign = _campaign AND l.record = _id AND l.call = _call AND l.token = _token AND l.holder = _holder
		AND l.until + 0 = _until AND l.body = _terms;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'lease' USING ERRCODE = '` + refused + `';
	END IF;
	UPDATE nextcall_record r SET status = _status, qualifier = _qualifier, standing = _standing, lane = _lane, class = _class,
		due = _due, owner = _owner, park_until = _park_until, park_reason = _park_reason, park_revision = _park_revision,
		operation = _operation, version = _version, latest = _latest, body = _body,
		author = _author, agent = _agent, called = _called
		WHERE r.campaign = _campaign AND r.id = _id AND r.version = _was_version AND r.latest = _was_latest
		AND r.park_until = _was_park AND r.park_revision = _was_parked_at RETURNING r.rec, r.contact, r.sorting, r.sort_key, r.sequence INTO _r;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'record' USING ERRCODE = '` + refused + `';
	END IF;
	IF _place > 0 THEN
		INSERT INTO nextcall_queue (campaign, rec, place, lane, class, due, owner, sorting, sort_key, sequence, park_until, park_revision,
			id, contact, number, promised, numbers)
			VALUES (_campaign, _r.rec, _place, _lane, _class, _due, _owner, _r.sorting, _r.sort_key, _r.sequence, _park_until, _park_revision,
			_id, _r.contact, _next, _promised, _numbers);
		IF _place = 1 THEN
			UPDATE nextcall_lane z SET date_due = _due, date_sorting = _r.sorting, date_sequence = _r.sequence
				WHERE z.campaign = _campaign AND z.lane = _lane AND z.class = _class
				AND (_due, _r.sorting, _r.sequence) < (z.date_due, z.date_sorting, z.date_sequence);
		ELSIF _place = 2 THEN
			UPDATE nextcall_lane z SET key_sorting = _r.sorting, key_key = _r.sort_key, key_sequence = _r.sequence
				WHERE z.campaign = _campaign AND z.lane = _lane AND z.class = _class
				AND (_r.sorting, _r.sort_key, _r.sequence) < (z.key_sorting, z.key_key, z.key_sequence);
		END IF;
	END IF;
	DELETE FROM nextcall_held_number h WHERE h.number = ANY(_number) AND h.call = _call;
	IF _contact <> '' THEN
		DELETE FROM nextcall_held_contact h WHERE h.contact = _contact AND h.call = _call;
	END IF;
	IF _call_token <> 0 THEN
		INSERT INTO nextcall_call (campaign, token, record, rec, contact, number, ended, body, before_call)
			VALUES (_campaign, _call_token, _id, _call_rec, _call_contact, _call_number, _call_ended, _call_body, _call_before)
			ON CONFLICT (campaign, token) DO UPDATE SET record = excluded.record, rec = excluded.rec, contact = excluded.contact,
			number = excluded.number, ended = excluded.ended, body = excluded.body, before_call = excluded.before_call;
	END IF;
	IF _entry <> '' THEN
		INSERT INTO nextcall_entry (campaign, record, body) VALUES (_campaign, _id, _entry);
	END IF;
	IF cardinality(_trait_kind) > 0 THEN
		INSERT INTO nextcall_trait (campaign, kind, value, record)
			SELECT _campaign, u.kind, u.value, _id FROM unnest(_trait_kind, _trait_value) u(kind, value) ON CONFLICT DO NOTHING;
	END IF;
END $$`
