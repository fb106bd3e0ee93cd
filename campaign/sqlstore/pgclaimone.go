package sqlstore

// pgClaim does a Claim that is alone, whole: it is its own transaction. It answers
// with what was granted, or with one row that says why nothing was: a newer
// revision is known, or a lease has run out. These are for the longer way.
//
// A source takes its records out of the queue before the next one is looked at.
// A lease's terms begin with what differs between records; _terms is the rest.
const pgClaim = `CREATE FUNCTION nextcall_claim(_met TEXT[], _revision BIGINT[], _now BIGINT, _limit BIGINT,
	_from TEXT[], _step BIGINT[], _step_max BIGINT[], _lane BIGINT[], _owner TEXT[], _due BIGINT[], _max BIGINT[], _opening BIGINT[], _open TEXT[],
	_holder TEXT, _until BIGINT, _terms TEXT, _calls BOOLEAN, _since BIGINT, _contacts BOOLEAN, _agents TEXT[], _owners BOOLEAN) RETURNS ` + pgFound + `
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
#variable_conflict use_column
DECLARE
	_revs BIGINT[];
	_marks BIGINT[];
	_first BIGINT;
	_last BIGINT;
	_rev BIGINT;
	_ids TEXT[];
	_has INT; -- the lanes that any of the campaigns has ever had, a bit for each
	_classes TEXT[];
	_c TEXT;
	_l BIGINT;
	_d BIGINT;
	_most BIGINT;
	_n BIGINT := 0;
	_given BIGINT := 0;
	_before BIGINT := 0;
	_at TID[];
	_some TEXT[];
	_whom TEXT[];
	_called TEXT[];
	_proposed BIGINT[];
	_promised BIGINT[];
	_campaign TEXT[] := '{}';
	_record TEXT[] := '{}';
	_by BIGINT[] := '{}';
	_persons TEXT[] := '{}';
	_numbers TEXT[] := '{}';
	_next BIGINT[] := '{}';
	_promise BIGINT[] := '{}';
	_token BIGINT[];
	_number BIGINT[];
	_number_of BIGINT[];
	_contact TEXT[];
	_contact_of BIGINT[];
BEGIN
	LOOP
		SELECT array_agg(x.revision), array_agg(x.mark_until) INTO _revs, _marks
			FROM (SELECT c.revision, c.mark_until FROM nextcall_campaign c WHERE c.id = ANY(_met) ORDER BY c.id FOR NO KEY UPDATE) x;
		EXIT WHEN cardinality(_revs) = cardinality(_met) OR cardinality(_met) = 0;
		PERFORM nextcall_lock(_met);
	END LOOP;
	FOR _i IN 1 .. cardinality(_met) LOOP
		IF _revision[_i] > _revs[_i] THEN
			PERFORM nextcall_learn(_met[_i], _revision[_i]);
		ELSIF _revision[_i] < _revs[_i] THEN
			_before := -1;
		END IF;
	END LOOP;
	IF _before < 0 THEN
		RETURN QUERY SELECT 0::bigint, 0::bigint, c.revision, NULL::bigint, NULL::bigint, c.id, ''::text, ''::text, ''::text, ` + pgNoRecord + `
			FROM nextcall_campaign c WHERE c.id = ANY(_met);
		RETURN;
	END IF;
	SELECT min((SELECT l.until FROM nextcall_lease l WHERE l.campaign = c.id AND l.token > 0
				AND (l.until, l.token) >= (c.mark_until, c.mark_token) ORDER BY l.until, l.token LIMIT 1)),
			min((SELECT q.park_until FROM nextcall_queue q WHERE q.campaign = c.id AND q.place = 3 ORDER BY q.park_until LIMIT 1)),
			bit_or((SELECT bit_or(1 << z.lane::int) FROM nextcall_lane z WHERE z.campaign = c.id AND z.lane BETWEEN 0 AND 30))
		INTO _first, _last, _has FROM nextcall_campaign c WHERE c.id = ANY(_met);
	IF _last <= _now THEN
		FOR _i IN 1 .. cardinality(_met) LOOP
			_ids := ARRAY(SELECT q.id FROM nextcall_queue q WHERE q.campaign = _met[_i] AND q.place = 3 AND q.park_until <= _now ORDER BY q.park_until);
			IF cardinality(_ids) > 0 THEN
				UPDATE nextcall_queue q SET place = ` + pgUnindexed + ` FROM (SELECT _met[_i], x.* FROM unnest(_ids) x LIMIT cardinality(_ids)) u(campaign, id)
					WHERE q.campaign = u.campaign AND q.id = u.id;
				PERFORM nextcall_unmark(_met);
			END IF;
		END LOOP;
	END IF;
	IF _first IS NOT NULL THEN
		RETURN QUERY SELECT CASE WHEN _first <= _now THEN 12::bigint ELSE 11::bigint END, 0::bigint, NULL::bigint, NULL::bigint, _first,
			''::text, ''::text, ''::text, ''::text, ` + pgNoRecord + `;
		IF _first <= _now THEN
			RETURN;
		END IF;
	END IF;
	FOR _i IN 1 .. cardinality(_from) LOOP
		IF _i = 1 OR _step[_i] <> _step[_i-1] THEN
			_before := _given;
		END IF;
		_c := _from[_i];
		_l := _lane[_i];
		_most := LEAST(_limit - _given, _step_max[_i] - (_given - _before), _max[_i]);
		CONTINUE WHEN _most <= 0 OR _has & (1 << _l::int) = 0;
		_d := _due[_i];
		_rev := _revision[array_position(_met, _c)];
		IF _n <> _opening[_i] THEN
			_n := _opening[_i];
			_classes := _open[_n]::text[];
		END IF;
		IF _l IN (4, 6) THEN
			` + pgRipen + `
			` + pgPicked + pgKeyed + `) p;
		ELSIF _l = ` + own + ` AND _owner[_i] <> '' THEN
			` + pgPicked + pgOwned + `) p;
		ELSE
			` + pgPicked + pgDated + `) p;
		END IF;
		IF _at IS NOT NULL THEN
			DELETE FROM nextcall_queue q WHERE q.ctid = ANY(_at);
			_campaign := _campaign || array_fill(_c, ARRAY[cardinality(_at)]);
			_by := _by || array_fill(_i::bigint, ARRAY[cardinality(_at)]);
			_record := _record || _some;
			_persons := _persons || _whom;
			_numbers := _numbers || _called;
			_next := _next || _proposed;
			_promise := _promise || _promised;
			_given := cardinality(_record);
			EXIT WHEN _given = _limit;
		END IF;
	END LOOP;
	IF _given > 0 THEN
		IF _given = 1 THEN
			_token := ARRAY[nextval('nextcall_token')];
		ELSE
			_token := ARRAY(SELECT nextval('nextcall_token') FROM generate_series(1, _given));
		END IF;
		INSERT INTO nextcall_lease (campaign, record, call, token, holder, until, body)
			SELECT u.campaign, u.record, u.token, u.token, _holder, _until, '{"lane":' || _lane[u.by]
				|| CASE WHEN u.number <> 0 THEN ',"number":' || u.number ELSE '' END
				|| CASE WHEN u.promised <> 0 THEN ',"for_callback":true' ELSE '' END || _terms
			FROM unnest(_campaign, _record, _token, _by, _next, _promise) u(campaign, record, token, by, number, promised);
		IF _until <= ANY(_marks) THEN
			` + pgLower + `(SELECT x.campaign, _until, x.token FROM unnest(_campaign, _token) x(campaign, token))` + pgBelow + `
		END IF;
		` + pgGranted + `
		IF _given = 1 AND _numbers[1] = _next[1]::text THEN
			_number := _next;
			_number_of := ARRAY[1];
		ELSE
			SELECT array_agg(w.number), array_agg(w.n) INTO _number, _number_of FROM (SELECT DISTINCT x.number, u.n
				FROM unnest(_numbers, _next) WITH ORDINALITY u(numbers, next, n), unnest(string_to_array(u.numbers, ',')::bigint[] || u.next) x(number)
				WHERE x.number <> 0 ORDER BY x.number, u.n) w;
		END IF;
		IF _given = 1 THEN
			IF _persons[1] <> '' THEN
				_contact := _persons;
				_contact_of := ARRAY[1];
			END IF;
		ELSE
			SELECT array_agg(w.contact), array_agg(w.n) INTO _contact, _contact_of FROM (SELECT u.contact, u.n
				FROM unnest(_persons) WITH ORDINALITY u(contact, n) WHERE u.contact <> '' ORDER BY u.contact COLLATE "C", u.n) w;
		END IF;
		IF _contact IS NOT NULL THEN
			INSERT INTO nextcall_held_contact (contact, campaign, record, call)
				SELECT u.contact, _campaign[u.n], _record[u.n], _token[u.n] FROM unnest(_contact, _contact_of) u(contact, n) ON CONFLICT DO NOTHING;
			GET DIAGNOSTICS _n = ROW_COUNT;
			IF _n < cardinality(_contact) THEN
				RETURN QUERY SELECT 4::bigint, u.n - 1, l.call, l.token, l.until, l.campaign, l.record, l.holder, l.body, ` + pgNoRecord + `
					FROM (SELECT * FROM unnest(_contact, _contact_of) LIMIT cardinality(_contact)) u(contact, n)
					CROSS JOIN LATERAL (SELECT * FROM nextcall_held_contact h WHERE h.contact = u.contact LIMIT 1) h
					CROSS JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = h.campaign AND l.record = h.record AND l.call = h.call LIMIT 1) l
					WHERE h.call <> _token[u.n];
			END IF;
		END IF;
		IF _number IS NOT NULL THEN
			INSERT INTO nextcall_held_number (number, campaign, record, call)
				SELECT u.number, _campaign[u.n], _record[u.n], _token[u.n] FROM unnest(_number, _number_of) u(number, n) ON CONFLICT DO NOTHING;
			GET DIAGNOSTICS _n = ROW_COUNT;
			IF _n < cardinality(_number) THEN
				RETURN QUERY SELECT 3::bigint, u.number, l.call, l.token, l.until, l.campaign, l.record, l.holder, l.body, ` + pgNoRecord + `
					FROM (SELECT * FROM unnest(_number, _number_of) LIMIT cardinality(_number)) u(number, n)
					CROSS JOIN LATERAL (SELECT * FROM nextcall_held_number h WHERE h.number = u.number LIMIT 1) h
					CROSS JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = h.campaign AND l.record = h.record AND l.call = h.call LIMIT 1) l
					WHERE h.call <> _token[u.n];
			END IF;
		END IF;
		IF _calls THEN
			` + pgCallsOf + `
		END IF;
		IF _contacts THEN
			` + pgBodiesOf + `
		END IF;
		` + pgAdvanced + `
	END IF;
	` + pgHeadsOf + `
END $$`

// pgPicked begins to keep what one of the sources' statements finds.
const pgPicked = `SELECT array_agg(p.at), array_agg(p.id), array_agg(p.contact), array_agg(p.numbers), array_agg(p.number), array_agg(p.promised)
				INTO _at, _some, _whom, _called, _proposed, _promised FROM (SELECT q.* `
