package sqlstore

// pgLoad reads records with their leases.
const pgLoad = `CREATE FUNCTION nextcall_load(_campaign TEXT[], _record TEXT[]) RETURNS ` + pgFound + `
LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT 2::bigint, 0::bigint, ` + pgRecords + `(SELECT * FROM unnest(_campaign, _record) LIMIT cardinality(_campaign)) u(campaign, id)` + pgWithThem + `;
END $$`

// pgPage reads the records of a campaign behind one, by sequence.
const pgPage = `CREATE FUNCTION nextcall_page(_campaign TEXT, _sequence BIGINT, _rec BIGINT, _most BIGINT) RETURNS ` + pgFound + `
LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT 2::bigint, 0::bigint, ` + pgRecords + `
		(SELECT x.campaign, x.id, x.sequence, x.rec FROM nextcall_record x WHERE x.campaign = _campaign AND x.rec > 0
			AND (x.sequence, x.rec) > (_sequence, _rec) ORDER BY x.sequence, x.rec LIMIT _most) u` + pgWithThem + `
		ORDER BY u.sequence, u.rec;
END $$`

// pgHolders tells who holds numbers and contacts. Those that nobody holds it leaves out.
const pgHolders = `CREATE FUNCTION nextcall_holders(_number BIGINT[], _contact TEXT[]) RETURNS ` + pgFound + `
LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT 3::bigint, u.number, l.call, l.token, l.until, l.campaign, l.record, l.holder, l.body, ` + pgNoRecord + `
		FROM (SELECT * FROM unnest(_number) LIMIT cardinality(_number)) u(number) CROSS JOIN LATERAL (SELECT * FROM nextcall_held_number h WHERE h.number = u.number LIMIT 1) h
		CROSS JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = h.campaign AND l.record = h.record AND l.call = h.call LIMIT 1) l;
	RETURN QUERY SELECT 4::bigint, u.n - 1, l.call, l.token, l.until, l.campaign, l.record, l.holder, l.body, ` + pgNoRecord + `
		FROM (SELECT * FROM unnest(_contact) WITH ORDINALITY LIMIT cardinality(_contact)) u(contact, n) CROSS JOIN LATERAL (SELECT * FROM nextcall_held_contact h WHERE h.contact = u.contact LIMIT 1) h
		CROSS JOIN LATERAL (SELECT * FROM nextcall_lease l WHERE l.campaign = h.campaign AND l.record = h.record AND l.call = h.call LIMIT 1) l;
END $$`

// pgHistory reads the calls to records, their contacts and numbers. Those that
// belong to a record more than once come more than once.
const pgHistory = `CREATE FUNCTION nextcall_history(_since BIGINT, _campaign TEXT[], _record TEXT[], _contact TEXT[], _contact_of BIGINT[],
	_number BIGINT[], _number_of BIGINT[]) RETURNS ` + pgFound + `
LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	` + pgCallsOf + `
END $$`

// pgCallsOf is the same inside of a function that has these variables.
const pgCallsOf = `RETURN QUERY SELECT 5::bigint, u.n - 1, NULL::bigint, c.token, c.ended, ''::text, ''::text, ''::text, c.body, ` + pgNoRecord + `
		FROM (SELECT * FROM unnest(_campaign, _record) WITH ORDINALITY LIMIT cardinality(_campaign)) u(campaign, record, n),
		LATERAL (SELECT * FROM nextcall_call c WHERE c.campaign = u.campaign AND c.record = u.record AND c.rec <> 0 AND c.ended >= _since
			ORDER BY c.ended, c.token) c;
	RETURN QUERY SELECT 5::bigint, u.n - 1, NULL::bigint, c.token, c.ended, ''::text, ''::text, ''::text, c.body, ` + pgNoRecord + `
		FROM (SELECT * FROM unnest(_number, _number_of) LIMIT cardinality(_number)) u(number, n) CROSS JOIN LATERAL (SELECT * FROM nextcall_call c
			WHERE c.number = u.number AND c.number <> 0 AND c.ended >= _since ORDER BY c.ended, c.token) c;
	IF cardinality(_contact) > 0 THEN
		RETURN QUERY SELECT 5::bigint, u.n - 1, NULL::bigint, c.token, c.ended, ''::text, ''::text, ''::text, c.body, ` + pgNoRecord + `
			FROM (SELECT * FROM unnest(_contact, _contact_of) LIMIT cardinality(_contact)) u(contact, n) CROSS JOIN LATERAL (SELECT * FROM nextcall_call c
				WHERE c.contact = u.contact AND c.contact <> '' AND c.ended >= _since ORDER BY c.ended, c.token) c;
	END IF;`

// pgAwake is what a record that is not parked matches.
const pgAwake = `(q.park_revision + 0 <> m.revision OR q.park_until + 0 <= _now)`

// pgHeads tells of campaigns what waits in each of their classes: all lanes in one
// row. It is called by functions that have made the settings of its plans.
const pgHeads = `CREATE FUNCTION nextcall_heads(_met TEXT[], _now BIGINT, _agents TEXT[], _owners BOOLEAN) RETURNS ` + pgFound + `
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
	` + pgHeadsOf + `
END $$`

// pgHeadsOf is the same inside of a function that has these variables.
const pgHeadsOf = `RETURN QUERY SELECT 7::bigint, 0::bigint, NULL::bigint, NULL::bigint, NULL::bigint, ''::text, ''::text, ''::text,
			COALESCE(json_agg(json_build_array(z.campaign, z.class, z.lane,
			CASE WHEN z.date_due < ` + pgMax + ` THEN (SELECT q.due FROM nextcall_queue q WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 1
				AND (q.due, q.sorting, q.sequence) >= (z.date_due, z.date_sorting, z.date_sequence) AND ` + pgAwake + `
				ORDER BY q.due, q.sorting, q.sequence LIMIT 1) END,
			CASE WHEN z.lane IN (4, 6) AND z.key_sorting < ` + pgMax + ` THEN (SELECT q.due FROM nextcall_queue q WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 2
				AND (q.sorting, q.sort_key, q.sequence) >= (z.key_sorting, z.key_key, z.key_sequence) AND ` + pgAwake + `
				ORDER BY q.sorting, q.sort_key, q.sequence LIMIT 1) END,
			CASE WHEN z.lane IN (4, 6) THEN (SELECT q.due FROM nextcall_queue q WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = 4
				AND ` + pgAwake + ` ORDER BY q.due LIMIT 1) END))::text, '[]'), ` + pgNoRecord + `
		FROM nextcall_campaign m JOIN nextcall_lane z ON z.campaign = m.id WHERE m.id = ANY(_met);
	IF EXISTS (SELECT 1 FROM unnest(_met) m(id), LATERAL (SELECT 1 FROM nextcall_queue q
			WHERE q.campaign = m.id AND q.park_until <> -62135596800000000 ORDER BY q.park_revision LIMIT 1) q) THEN
		RETURN QUERY SELECT 8::bigint, 0::bigint, NULL::bigint, NULL::bigint, q.park_until, m.id, ''::text, ''::text, z.class, ` + pgNoRecord + `
			FROM nextcall_campaign m, LATERAL (SELECT DISTINCT z.class FROM nextcall_lane z WHERE z.campaign = m.id) z,
			LATERAL (SELECT q.park_until FROM nextcall_queue q WHERE q.campaign = m.id AND q.park_revision = m.revision AND q.class = z.class
				AND q.park_until > _now AND q.park_until <> -62135596800000000 ORDER BY q.park_until LIMIT 1) q WHERE m.id = ANY(_met);
	END IF;
	IF cardinality(_agents) > 0 OR _owners THEN
		RETURN QUERY SELECT 9::bigint, 0::bigint, NULL::bigint, NULL::bigint, q.due, m.id, ''::text, u.agent, z.class, ` + pgNoRecord + `
			FROM nextcall_campaign m JOIN nextcall_lane z ON z.campaign = m.id AND z.lane = ` + own + `, (SELECT * FROM unnest(_agents) LIMIT cardinality(_agents)) u(agent),
			LATERAL (SELECT q.due FROM nextcall_queue q WHERE q.campaign = m.id AND q.class = z.class AND q.owner = u.agent
				AND q.place = 1 AND q.lane = ` + own + ` AND q.owner <> '' AND ` + pgAwake + ` ORDER BY q.due, q.sorting, q.sequence, q.rec LIMIT 1) q
			WHERE m.id = ANY(_met);
	END IF;
	IF _owners THEN
		-- From one owner to the next, without those callbacks between that are not their first.
		RETURN QUERY WITH RECURSIVE o AS (
				SELECT z.campaign, z.class, ''::text COLLATE "C" AS owner, m.revision FROM nextcall_campaign m
					JOIN nextcall_lane z ON z.campaign = m.id AND z.lane = ` + own + ` WHERE m.id = ANY(_met)
				UNION ALL
				SELECT o.campaign, o.class, q.owner, o.revision FROM o, LATERAL (SELECT q.owner FROM nextcall_queue q
					WHERE q.campaign = o.campaign AND q.class = o.class AND q.owner > o.owner AND q.place = 1 AND q.lane = ` + own + ` AND q.owner <> ''
					ORDER BY q.owner LIMIT 1) q)
			SELECT 10::bigint, 0::bigint, NULL::bigint, NULL::bigint, q.due, m.campaign, ''::text, m.owner, m.class, ` + pgNoRecord + `
			FROM o m, LATERAL (SELECT q.due FROM nextcall_queue q WHERE q.campaign = m.campaign AND q.class = m.class AND q.owner = m.owner
				AND q.place = 1 AND q.lane = ` + own + ` AND q.owner <> '' AND ` + pgAwake + ` ORDER BY q.due, q.sorting, q.sequence, q.rec LIMIT 1) q;
	END IF;`

// What is looked up alone: the first record of a campaign that has a contact, the
// first of another standing that has a number, a contact, and entries of lists.
const (
	pgFirstOfContact = `CREATE FUNCTION nextcall_first_of_contact(_contact TEXT, _campaign TEXT) RETURNS TABLE (id TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT f.id FROM (SELECT r.id, r.rec FROM nextcall_record r WHERE r.contact = _contact AND r.contact <> '' AND r.campaign = _campaign
		ORDER BY r.contact, r.campaign, r.rec) f LIMIT 1;
END $$`
	pgFirstOfNumber = `CREATE FUNCTION nextcall_first_of_number(_number BIGINT, _campaign TEXT, _standing BIGINT) RETURNS TABLE (id TEXT)
LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT r.id FROM (SELECT x.campaign, x.record FROM nextcall_number x WHERE x.number = _number AND x.campaign = _campaign LIMIT 1000000) x,
		LATERAL (SELECT r.id, r.rec FROM nextcall_record r WHERE r.campaign = x.campaign AND r.id = x.record AND r.standing <> _standing LIMIT 1) r
		ORDER BY r.rec LIMIT 1;
END $$`

	pgContactOf = `CREATE FUNCTION nextcall_contact_of(_id TEXT) RETURNS TABLE (body TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT c.body FROM nextcall_contact c WHERE c.id = _id;
END $$`
	pgListedOf = `CREATE FUNCTION nextcall_listed_of(_number BIGINT) RETURNS SETOF nextcall_listed LANGUAGE plpgsql STABLE` + planned + `AS $$
BEGIN
	RETURN QUERY SELECT x.* FROM nextcall_listed x WHERE x.number = _number;
END $$`
	pgListedOfAll = `CREATE FUNCTION nextcall_listed_of_all(_number BIGINT[]) RETURNS SETOF nextcall_listed LANGUAGE plpgsql STABLE` + planned + `AS $$
BEGIN
	RETURN QUERY SELECT x.* FROM (SELECT DISTINCT * FROM unnest(_number) LIMIT cardinality(_number)) u(number)
		CROSS JOIN LATERAL (SELECT * FROM nextcall_listed x WHERE x.number = u.number ORDER BY x.number, x.list) x;
END $$`
	pgUnlist = `CREATE FUNCTION nextcall_unlist(_number BIGINT, _list TEXT) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	DELETE FROM nextcall_listed x WHERE x.number = _number AND x.list = _list;
END $$`
)
