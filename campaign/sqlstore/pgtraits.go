package sqlstore

import "github.com/nextcall/nextcall/status"

// It does not compile if these are other ones in nextcall_note.
var (
	_ = [1]struct{}{}[status.StandingQueued-1]
	_ = [1]struct{}{}[status.NumLanes-7]
)

// What a call changes of a record has no index there, or each call would write all
// indexes of the record anew. Instead a statement that writes records notes what
// they have become, if it is not usual: a trait is noted once for a record, and
// stays when the record has another one. So traits tell where to look, and the
// record itself whether it matches. A lane has those that are due and wait.
const (
	pgTraits = `CREATE TABLE nextcall_trait (campaign TEXT NOT NULL, kind BIGINT NOT NULL, value TEXT NOT NULL, record TEXT NOT NULL,
		PRIMARY KEY (campaign, kind, value, record))`

	// pgDay is the day of an instant, from the year 1 on: as texts they are in order.
	pgDay = `CREATE FUNCTION nextcall_day(_at BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
	SELECT lpad((GREATEST(LEAST(_at, 9000000000000000000) + 62135596800000000, 0) / 86400000000)::text, 9, '0')
$$`

	pgNote = `CREATE FUNCTION nextcall_note() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO nextcall_trait (campaign, kind, value, record)
		SELECT r.campaign, t.kind, t.value, r.id FROM changed r CROSS JOIN LATERAL (VALUES
			(1, r.status),
			(2, CASE WHEN r.qualifier IN ` + usualQualifiers + ` THEN '' ELSE r.qualifier::text END),
			(3, r.owner),
			(4, r.agent),
			(5, CASE WHEN r.author = 'engine' THEN '' ELSE r.author END),
			(6, r.operation),
			(7, CASE WHEN r.called > -62135596800000000 THEN nextcall_day(r.called) ELSE '' END),
			(8, CASE WHEN r.due > -62135596800000000 AND (r.standing <> 1 OR r.class = '' OR r.lane NOT BETWEEN 1 AND 6) THEN 'x' ELSE '' END)
		) t(kind, value) WHERE t.value <> '' ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$`

	pgNoteAdded = `CREATE TRIGGER nextcall_added AFTER INSERT ON nextcall_record REFERENCING NEW TABLE AS changed
		FOR EACH STATEMENT EXECUTE FUNCTION nextcall_note()`
	pgNoteWritten = `CREATE TRIGGER nextcall_written AFTER UPDATE ON nextcall_record REFERENCING NEW TABLE AS changed
		FOR EACH STATEMENT EXECUTE FUNCTION nextcall_note()`

	// Parts of texts have an index where the server has pg_trgm, and lets it be used.
	pgTrigrams = `DO $$ BEGIN
	CREATE EXTENSION IF NOT EXISTS pg_trgm;
	CREATE INDEX nextcall_record_external ON nextcall_record USING gin (external gin_trgm_ops) WHERE external <> '';
EXCEPTION WHEN OTHERS THEN
	NULL;
END $$`
)
