package sqlstore

// planned makes a function's plans independent of what is known of the tables,
// which may have been empty when they were made: each statement has one index
// that serves it, and is planned once for a connection.
const planned = ` SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
	SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off `

// What is given to a function it joins as SELECT * FROM unnest(…) LIMIT n, of which the
// planner expects one row, whatever n is: so each of them is looked up by its key,
// even by a plan that was made when there was nearly nothing to look through.

// pgMin and pgMax are the marks before and behind everything.
const (
	pgMin = `-9223372036854775808`
	pgMax = `9223372036854775807`
)

// pgFound is an answer of several kinds: see found.
const pgFound = `TABLE (kind BIGINT, n BIGINT, call BIGINT, token BIGINT, until BIGINT, on_campaign TEXT, on_record TEXT, holder TEXT, terms TEXT,
	rec BIGINT, campaign TEXT, id TEXT, contact TEXT, list TEXT, status TEXT, qualifier BIGINT, standing BIGINT, lane BIGINT, class TEXT,
	due BIGINT, owner TEXT, sorting BIGINT, sort_key BIGINT, sequence BIGINT, park_until BIGINT, park_reason BIGINT, park_revision BIGINT,
	operation TEXT, version BIGINT, place BIGINT, lease BIGINT, latest BIGINT, body TEXT, wide TEXT)`

// pgRecord are the columns of a record in such an answer.
const pgRecord = `r.rec, r.campaign, r.id, r.contact, r.list, r.status, r.qualifier, r.standing, r.lane, r.class,
	r.due, r.owner, r.sorting, r.sort_key, r.sequence, r.park_until, r.park_reason, r.park_revision,
	r.operation, r.version, `

// pgNoRecord is in their place.
const pgNoRecord = `0::bigint, ''::text, ''::text, ''::text, ''::text, ''::text, 0::bigint, 0::bigint, 0::bigint, ''::text, 0::bigint, ''::text, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, ''::text, 0::bigint, 0::bigint, 0::bigint, 0::bigint, ''::text, ''::text`

// pgRecords reads records with their leases. What gives their campaigns and ids follows.
const pgRecords = `l.call, l.token, l.until, COALESCE(l.campaign, ''), COALESCE(l.record, ''), COALESCE(l.holder, ''), COALESCE(l.body, ''),
	` + pgRecord + `COALESCE(q.place, 0), COALESCE(l.call, 0), r.latest, r.body, COALESCE(w.body, '')
	FROM `

// pgWithThem follows what gives campaigns and ids as u.
const pgWithThem = `
	CROSS JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = u.campaign AND r.id = u.id LIMIT 1) r
	LEFT JOIN LATERAL (SELECT q.place FROM nextcall_queue q WHERE q.campaign = r.campaign AND q.id = r.id LIMIT 1) q ON true
	LEFT JOIN LATERAL (SELECT w.body FROM nextcall_wide w WHERE w.campaign = r.campaign AND w.record = r.id LIMIT 1) w ON true
	LEFT JOIN LATERAL (SELECT * FROM nextcall_with f WHERE f.campaign = r.campaign AND f.record = r.id LIMIT 1) f ON true
	LEFT JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = COALESCE(f.lead_campaign, r.campaign)
		AND l.record = COALESCE(f.lead_record, r.id) LIMIT 1) l ON true `

// pgLock takes the rows of campaigns, which it makes if they are missing.
const pgLock = `CREATE FUNCTION nextcall_lock(_met TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	_n BIGINT;
BEGIN
	PERFORM 1 FROM nextcall_campaign c WHERE c.id = ANY(_met) ORDER BY c.id FOR NO KEY UPDATE;
	GET DIAGNOSTICS _n = ROW_COUNT;
	IF _n < cardinality(_met) THEN
		INSERT INTO nextcall_campaign (id, revision) SELECT u.id, 0 FROM unnest(_met) u(id) ORDER BY u.id COLLATE "C" ON CONFLICT DO NOTHING;
		PERFORM 1 FROM nextcall_campaign c WHERE c.id = ANY(_met) ORDER BY c.id FOR NO KEY UPDATE;
	END IF;
END $$`

// pgBegin takes the rows of campaigns and reads records with their leases. It
// also tells the newest revisions, and the largest sequence.
const pgBegin = `CREATE FUNCTION nextcall_begin(_met TEXT[], _campaign TEXT[], _record TEXT[]) RETURNS ` + pgFound + `
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	PERFORM nextcall_lock(_met);
	RETURN QUERY SELECT 0::bigint, 0::bigint, c.revision, c.mark_token, c.mark_until, c.id, ''::text, ''::text, ''::text, ` + pgNoRecord + `
		FROM nextcall_campaign c WHERE c.id = ANY(_met);
	RETURN QUERY SELECT 1::bigint, s.last_value, NULL::bigint, NULL::bigint, NULL::bigint, ''::text, ''::text, ''::text, ''::text, ` + pgNoRecord + `
		FROM nextcall_sequence s;
	IF cardinality(_record) > 0 THEN
		RETURN QUERY SELECT 2::bigint, 0::bigint, ` + pgRecords + `(SELECT * FROM unnest(_campaign, _record) LIMIT cardinality(_campaign)) u(campaign, id)` + pgWithThem + `;
	END IF;
END $$`

// pgUnindexed is the place of a record that was parked and now waits.
const pgUnindexed = `CASE WHEN q.lane IN (4, 6) AND q.due = -62135596800000000 THEN 2 ELSE 1 END`

// pgUnmark takes the marks of campaigns' lanes back: records may wait before them.
const pgUnmark = `CREATE FUNCTION nextcall_unmark(_met TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	UPDATE nextcall_lane z SET date_due = ` + pgMin + `, key_sorting = ` + pgMin + `
		WHERE z.campaign = ANY(_met) AND (z.date_due <> ` + pgMin + ` OR z.key_sorting <> ` + pgMin + `);
END $$`

// pgLearn makes a revision the newest known. Parks of others end; those made at
// it begin to count.
const pgLearn = `CREATE FUNCTION nextcall_learn(_campaign TEXT, _revision BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
DECLARE
	_ids TEXT[];
BEGIN
	UPDATE nextcall_campaign c SET revision = _revision WHERE c.id = _campaign;
	_ids := ARRAY(SELECT q.id FROM nextcall_queue q WHERE q.campaign = _campaign AND q.place = 3 AND q.park_revision + 0 <> _revision
		ORDER BY q.park_until);
	IF cardinality(_ids) > 0 THEN
		UPDATE nextcall_queue q SET place = ` + pgUnindexed + ` FROM (SELECT _campaign, x.* FROM unnest(_ids) x LIMIT cardinality(_ids)) u(campaign, id)
			WHERE q.campaign = u.campaign AND q.id = u.id;
		PERFORM nextcall_unmark(ARRAY[_campaign]);
	END IF;
	_ids := ARRAY(SELECT q.id FROM nextcall_queue q WHERE q.campaign = _campaign AND q.park_revision = _revision AND q.park_revision <> 0
		AND q.park_until <> -62135596800000000 AND q.place <> 3 ORDER BY q.park_revision, q.class, q.park_until);
	UPDATE nextcall_queue q SET place = 3 FROM (SELECT _campaign, x.* FROM unnest(_ids) x LIMIT cardinality(_ids)) u(campaign, id)
		WHERE q.campaign = u.campaign AND q.id = u.id;
END $$`

// pgCandidates begins Claims: it takes the rows of their campaigns and teaches
// them the newest revisions, lists the first leases to run out, and of each source
// the first records that match. Nothing is leased yet.
//
// An ask is sources in their order. With _stop, which sources that cannot have
// records in common are asked for with, the rest is not looked at once there is
// enough.
const pgCandidates = `CREATE FUNCTION nextcall_candidates(_met TEXT[], _revision BIGINT[], _now BIGINT, _most BIGINT, _stop BOOLEAN,
	_campaign TEXT[], _lane BIGINT[], _owner TEXT[], _due BIGINT[], _cap BIGINT[], _opening BIGINT[], _open TEXT[])
RETURNS TABLE (kind BIGINT, n BIGINT, campaign TEXT, record TEXT, contact TEXT, numbers TEXT, rec BIGINT, number BIGINT, promised BIGINT,
	due BIGINT, park_until BIGINT, park_revision BIGINT)
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
#variable_conflict use_column
DECLARE
	_rev BIGINT;
	_found BIGINT;
	_enough BIGINT := 0;
	_classes TEXT[];
	_ids TEXT[];
	_c TEXT;
	_l BIGINT;
	_d BIGINT;
BEGIN
	PERFORM nextcall_lock(_met);
	FOR _i IN 1 .. COALESCE(cardinality(_met), 0) LOOP
		SELECT c.revision INTO _rev FROM nextcall_campaign c WHERE c.id = _met[_i];
		IF _revision[_i] > _rev THEN
			PERFORM nextcall_learn(_met[_i], _revision[_i]);
			_rev := _revision[_i];
		ELSIF _revision[_i] < _rev THEN
			_enough := -1;
		END IF;
		_revision[_i] := _rev;
	END LOOP;
	RETURN QUERY SELECT 0::bigint, c.revision, c.id, ''::text, ''::text, ''::text, c.mark_until, c.mark_token, 0::bigint, 0::bigint, 0::bigint, 0::bigint
		FROM nextcall_campaign c WHERE c.id = ANY(_met);
	IF _enough < 0 THEN
		RETURN;
	END IF;
	FOR _i IN 1 .. COALESCE(cardinality(_met), 0) LOOP
		_ids := ARRAY(SELECT q.id FROM nextcall_queue q WHERE q.campaign = _met[_i] AND q.place = 3 AND q.park_until <= _now ORDER BY q.park_until);
		IF cardinality(_ids) > 0 THEN
			UPDATE nextcall_queue q SET place = ` + pgUnindexed + ` FROM (SELECT _met[_i], x.* FROM unnest(_ids) x LIMIT cardinality(_ids)) u(campaign, id)
				WHERE q.campaign = u.campaign AND q.id = u.id;
			PERFORM nextcall_unmark(_met);
		END IF;
	END LOOP;
	RETURN QUERY SELECT 1::bigint, 0::bigint, l.campaign, l.record, ''::text, ''::text, l.call, l.token, 0::bigint, l.until, 0::bigint, 0::bigint
		FROM nextcall_campaign c, LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = c.id AND l.token > 0
			AND (l.until, l.token) >= (c.mark_until, c.mark_token) AND l.until <= _now ORDER BY l.until, l.token LIMIT _most + 1) l
		WHERE c.id = ANY(_met);
	IF FOUND THEN
		_most := 0;
	END IF;
	RETURN QUERY SELECT 1::bigint, 0::bigint, l.campaign, l.record, ''::text, ''::text, l.call, l.token, 0::bigint, l.until, 0::bigint, 0::bigint
		FROM nextcall_campaign c, LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = c.id AND l.token > 0
			AND (l.until, l.token) >= (c.mark_until, c.mark_token) AND l.until > _now ORDER BY l.until, l.token LIMIT 1) l
		WHERE c.id = ANY(_met);
	IF _most = 0 THEN
		RETURN;
	END IF;
	FOR _i IN 1 .. COALESCE(cardinality(_campaign), 0) LOOP
		_c := _campaign[_i];
		_l := _lane[_i];
		_d := _due[_i];
		_rev := _revision[array_position(_met, _c)];
		IF _i = 1 OR _opening[_i] <> _opening[_i-1] THEN
			_classes := ARRAY(SELECT jsonb_array_elements_text(_open[_opening[_i]]::jsonb));
		END IF;
		IF _l IN (4, 6) THEN
			` + pgRipen + `
			RETURN QUERY SELECT 2::bigint, _i::bigint, q.campaign, q.id, q.contact, q.numbers, q.rec, q.number, q.promised, q.due, q.park_until, q.park_revision
				` + pgKeyed + `;
		ELSIF _l = ` + own + ` AND _owner[_i] <> '' THEN
			RETURN QUERY SELECT 2::bigint, _i::bigint, q.campaign, q.id, q.contact, q.numbers, q.rec, q.number, q.promised, q.due, q.park_until, q.park_revision
				` + pgOwned + `;
		ELSE
			RETURN QUERY SELECT 2::bigint, _i::bigint, q.campaign, q.id, q.contact, q.numbers, q.rec, q.number, q.promised, q.due, q.park_until, q.park_revision
				` + pgDated + `;
		END IF;
		IF _stop THEN
			GET DIAGNOSTICS _found = ROW_COUNT;
			_enough := _enough + LEAST(_found, _cap[_i]);
			EXIT WHEN _enough >= _most;
		END IF;
	END LOOP;
END $$`

// pgRipen gives the records of a keyed lane that have become due their places by
// key. Like those below it stands in a function that has these variables.
const pgRipen = `_ids := ARRAY(SELECT q.id FROM nextcall_lane z, LATERAL (
					SELECT q.id FROM nextcall_queue q WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 1
						AND (q.due, q.sorting, q.sequence) >= (z.date_due, z.date_sorting, z.date_sequence) AND q.due <= _d
						ORDER BY q.due, q.sorting, q.sequence) q
				WHERE z.campaign = _c AND z.lane = _l AND z.class = ANY(_classes));
			IF cardinality(_ids) > 0 THEN
				UPDATE nextcall_queue q SET place = 4 FROM (SELECT _c, x.* FROM unnest(_ids) x LIMIT cardinality(_ids)) u(campaign, id)
					WHERE q.campaign = u.campaign AND q.id = u.id;
			END IF;`

// The first _most records of a source of campaign _c, in its order: in a keyed
// lane, an agent's own callbacks, and in a dated lane.
const (
	pgKeyed = `FROM nextcall_lane z, LATERAL (
					(SELECT q.*, q.ctid AS at FROM nextcall_queue q WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 2
						AND (q.sorting, q.sort_key, q.sequence) >= (z.key_sorting, z.key_key, z.key_sequence)
						AND q.due + 0 <= _d AND (q.park_revision + 0 <> _rev OR q.park_until + 0 <= _now)
						ORDER BY q.sorting, q.sort_key, q.sequence, q.rec LIMIT _most)
					UNION ALL
					(SELECT q.*, q.ctid AS at FROM nextcall_queue q WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 4
						AND q.due + 0 <= _d AND (q.park_revision + 0 <> _rev OR q.park_until + 0 <= _now)
						ORDER BY q.sorting, q.sort_key, q.sequence, q.rec LIMIT _most)) q
				WHERE z.campaign = _c AND z.lane = _l AND z.class = ANY(_classes)
				ORDER BY q.sorting, q.sort_key, q.sequence, q.rec LIMIT _most`
	pgOwned = `FROM nextcall_lane z, LATERAL (
					SELECT q.*, q.ctid AS at FROM nextcall_queue q WHERE q.campaign = z.campaign AND q.class = z.class AND q.owner = _owner[_i]
						AND q.place = 1 AND q.lane = ` + own + ` AND q.owner <> '' AND q.due <= _d
						AND (q.park_revision + 0 <> _rev OR q.park_until + 0 <= _now)
						ORDER BY q.due, q.sorting, q.sequence, q.rec LIMIT _most) q
				WHERE z.campaign = _c AND z.lane = _l AND z.class = ANY(_classes)
				ORDER BY q.due, q.sorting, q.sequence, q.rec LIMIT _most`
	pgDated = `FROM nextcall_lane z, LATERAL (
					SELECT q.*, q.ctid AS at FROM nextcall_queue q WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 1
						AND (q.due, q.sorting, q.sequence) >= (z.date_due, z.date_sorting, z.date_sequence) AND q.due <= _d
						AND (q.park_revision + 0 <> _rev OR q.park_until + 0 <= _now)
						ORDER BY q.due, q.sorting, q.sequence, q.rec LIMIT _most) q
				WHERE z.campaign = _c AND z.lane = _l AND z.class = ANY(_classes)
				ORDER BY q.due, q.sorting, q.sequence, q.rec LIMIT _most`
)
