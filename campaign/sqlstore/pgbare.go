package sqlstore

import "github.com/nextcall/nextcall/status"

// pgBare writes changes of records that no lease holds, if the campaigns are at
// these revisions (-1 is any), and the records at the versions that the changes
// replace, with the contact, numbers, sequence and last call that they keep. Like
// nextcall_settle it is a Commit in one statement, and writes all or nothing.
//
// Who waits in the queue is not leased; of the others the leases tell. A row of the
// queue is written only if it differs, and a trait if the record had it not. Nobody
// else notes traits of these kinds of the campaign meanwhile, as its row is taken: they
// are looked for first, which costs some 2 µs a record less than ON CONFLICT.
const pgBare = `CREATE FUNCTION nextcall_bare(_met TEXT[], _revision BIGINT[],
	_campaign TEXT[], _id TEXT[], _was BIGINT[], _contact TEXT[], _sequence BIGINT[], _called BIGINT[], _numbers TEXT[],
	_list TEXT[], _status TEXT[], _qualifier BIGINT[], _standing BIGINT[], _lane BIGINT[], _class TEXT[], _due BIGINT[], _owner TEXT[],
	_sorting BIGINT[], _sort_key BIGINT[], _park_until BIGINT[], _park_reason BIGINT[], _park_revision BIGINT[],
	_operation TEXT[], _version BIGINT[], _body TEXT[], _external TEXT[], _main BIGINT[], _author TEXT[], _agent TEXT[],
	_wide TEXT[], _place BIGINT[], _next BIGINT[], _promised BIGINT[],
	_entry_campaign TEXT[], _entry_record TEXT[], _entry_body TEXT[],
	` + pgMarks + `) RETURNS VOID
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
DECLARE
	_n BIGINT;
BEGIN
	` + pgAsKnown + `
	WITH written AS (
		UPDATE nextcall_record r SET list = u.list, status = u.status, qualifier = u.qualifier, standing = u.standing, lane = u.lane,
			class = u.class, due = u.due, owner = u.owner, sorting = u.sorting, sort_key = u.sort_key,
			park_until = u.park_until, park_reason = u.park_reason, park_revision = u.park_revision,
			operation = u.operation, version = u.version, body = u.body,
			external = u.external, main = u.main, author = u.author, agent = u.agent
			FROM (SELECT * FROM unnest(_campaign, _id, _was, _contact, _sequence, _called, _numbers,
				_list, _status, _qualifier, _standing, _lane, _class, _due, _owner, _sorting, _sort_key, _park_until, _park_reason, _park_revision,
				_operation, _version, _body, _external, _main, _author, _agent) LIMIT cardinality(_id))
				u(campaign, id, was, contact, sequence, called, numbers,
				list, status, qualifier, standing, lane, class, due, owner, sorting, sort_key, park_until, park_reason, park_revision,
				operation, version, body, external, main, author, agent)
			CROSS JOIN LATERAL (SELECT x.ctid AS spot, x.status, x.qualifier, x.owner, x.agent, x.author, x.operation, x.due, x.standing, x.class, x.lane
				FROM nextcall_record x WHERE x.campaign = u.campaign AND x.id = u.id AND x.version = u.was AND x.contact = u.contact
				AND x.sequence + 0 = u.sequence AND x.called = u.called AND x.numbers = u.numbers LIMIT 1) x
			WHERE r.ctid = x.spot RETURNING r.campaign, r.id,
			CASE WHEN r.status <> x.status THEN r.status ELSE '' END AS status,
			CASE WHEN r.qualifier <> x.qualifier AND r.qualifier NOT IN ` + usualQualifiers + ` THEN r.qualifier::text ELSE '' END AS qualifier,
			CASE WHEN r.owner <> x.owner THEN r.owner ELSE '' END AS owner,
			CASE WHEN r.agent <> x.agent THEN r.agent ELSE '' END AS agent,
			CASE WHEN r.author <> x.author AND r.author <> 'engine' THEN r.author ELSE '' END AS author,
			CASE WHEN r.operation <> x.operation THEN r.operation ELSE '' END AS operation,
			` + pgAside + ` AND NOT (` + pgWasAside + `) AS aside),
	noted AS (
		INSERT INTO nextcall_trait (campaign, kind, value, record) SELECT t.* FROM (
			SELECT m.campaign, 1, m.status, m.id FROM written m WHERE m.status <> ''
			UNION ALL SELECT m.campaign, 2, m.qualifier, m.id FROM written m WHERE m.qualifier <> ''
			UNION ALL SELECT m.campaign, 3, m.owner, m.id FROM written m WHERE m.owner <> ''
			UNION ALL SELECT m.campaign, 4, m.agent, m.id FROM written m WHERE m.agent <> ''
			UNION ALL SELECT m.campaign, 5, m.author, m.id FROM written m WHERE m.author <> ''
			UNION ALL SELECT m.campaign, 6, m.operation, m.id FROM written m WHERE m.operation <> ''
			UNION ALL SELECT m.campaign, 8, 'x', m.id FROM written m WHERE m.aside) t(campaign, kind, value, record)
			LEFT JOIN LATERAL (SELECT n.kind FROM nextcall_trait n WHERE n.campaign = t.campaign AND n.kind = t.kind AND n.value = t.value
				AND n.record = t.record LIMIT 1) n ON true WHERE n.kind IS NULL)
	SELECT count(*) FROM written INTO _n;
	IF _n <> cardinality(_id) THEN
		RAISE EXCEPTION 'record' USING ERRCODE = '` + refused + `';
	END IF;
	WITH u AS MATERIALIZED (
		SELECT u.*, q.at FROM (SELECT * FROM unnest(_campaign, _id, _lane, _class, _due, _owner, _sorting, _sort_key, _park_until, _park_revision,
				_place, _next, _promised) LIMIT cardinality(_id))
			u(campaign, id, lane, class, due, owner, sorting, sort_key, park_until, park_revision, place, next, promised)
		LEFT JOIN LATERAL (SELECT q.ctid AS at, q.place = u.place AND q.lane = u.lane AND q.class = u.class AND q.due = u.due
				AND q.owner = u.owner AND q.sorting = u.sorting AND q.sort_key = u.sort_key AND q.park_until = u.park_until
				AND q.park_revision = u.park_revision AND q.number = u.next AND q.promised = u.promised AS same
			FROM nextcall_queue q WHERE q.campaign = u.campaign AND q.id = u.id LIMIT 1) q ON true WHERE q.same IS NOT TRUE),
	waits AS (
		UPDATE nextcall_queue q SET place = u.place, lane = u.lane, class = u.class, due = u.due, owner = u.owner,
			sorting = u.sorting, sort_key = u.sort_key, park_until = u.park_until, park_revision = u.park_revision,
			number = u.next, promised = u.promised
			FROM (SELECT * FROM u WHERE u.at IS NOT NULL AND u.place > 0 LIMIT cardinality(_id)) u WHERE q.ctid = u.at),
	gone AS (
		DELETE FROM nextcall_queue q USING (SELECT u.at FROM u WHERE u.at IS NOT NULL AND u.place = 0 LIMIT cardinality(_id)) u
			WHERE q.ctid = u.at),
	came AS (
		INSERT INTO nextcall_queue (campaign, rec, place, lane, class, due, owner, sorting, sort_key, sequence, park_until, park_revision,
			id, contact, number, promised, numbers)
			SELECT r.campaign, r.rec, u.place, r.lane, r.class, r.due, r.owner, r.sorting, r.sort_key, r.sequence, r.park_until, r.park_revision,
			r.id, r.contact, u.next, u.promised, r.numbers FROM (SELECT * FROM u WHERE u.at IS NULL AND u.place > 0 LIMIT cardinality(_id)) u
			CROSS JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = u.campaign AND r.id = u.id LIMIT 1) r)
	SELECT count(*) FROM (SELECT u.campaign, u.id FROM u WHERE u.at IS NULL LIMIT cardinality(_id)) u
		LEFT JOIN LATERAL (SELECT l.call FROM nextcall_lease l WHERE l.campaign = u.campaign AND l.record = u.id LIMIT 1) l ON true
		LEFT JOIN LATERAL (SELECT f.call FROM nextcall_with f WHERE f.campaign = u.campaign AND f.record = u.id LIMIT 1) f ON true
		WHERE l.call IS NOT NULL OR f.call IS NOT NULL INTO _n;
	IF _n > 0 THEN
		RAISE EXCEPTION 'lease' USING ERRCODE = '` + refused + `';
	END IF;
	INSERT INTO nextcall_entry (campaign, record, body) SELECT e.* FROM unnest(_entry_campaign, _entry_record, _entry_body) e;
	INSERT INTO nextcall_wide (campaign, record, body)
		SELECT u.campaign, u.id, u.body FROM (SELECT * FROM unnest(_campaign, _id, _wide) LIMIT cardinality(_id)) u(campaign, id, body)
		LEFT JOIN LATERAL (SELECT w.body FROM nextcall_wide w WHERE w.campaign = u.campaign AND w.record = u.id LIMIT 1) w ON true
		WHERE u.body <> COALESCE(w.body, '')
		ON CONFLICT (campaign, record) DO UPDATE SET body = excluded.body;
	` + pgLowerLanes + `
END $$`

// pgAsKnown takes the rows of campaigns if they are at revisions that are known.
const pgAsKnown = `FOR _i IN 1 .. cardinality(_met) LOOP
		PERFORM 1 FROM nextcall_campaign c WHERE c.id = _met[_i] AND (_revision[_i] < 0 OR c.revision = _revision[_i]) FOR NO KEY UPDATE;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'campaign' USING ERRCODE = '` + refused + `';
		END IF;
	END LOOP;`

// The conditions that a record is due and never in the queue, as [shown] has it, and
// that it was.
const (
	pgAside    = `r.due > ` + noneText + ` AND (r.standing <> 1 OR r.class = '' OR r.lane NOT BETWEEN 1 AND 6)`
	pgWasAside = `x.due > ` + noneText + ` AND (x.standing <> 1 OR x.class = '' OR x.lane NOT BETWEEN 1 AND 6)`
)

// It does not compile if these are other ones in pgAside.
var (
	_ = [1]struct{}{}[status.StandingQueued-1]
	_ = [1]struct{}{}[status.NumLanes-7]
)
