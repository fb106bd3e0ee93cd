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
// record itself whether it matches. The queue has those that are due and wait, and
// the log those that were called: what is noted are the others.
const (
	pgTraits = `CREATE TABLE nextcall_trait (campaign TEXT NOT NULL, kind BIGINT NOT NULL, value TEXT NOT NULL, record TEXT NOT NULL,
		PRIMARY KEY (campaign, kind, value, record))`

	// pgDay is the day of an instant, from the year 1 on: as texts they are in order.
	pgDay = `CREATE FUNCTION nextcall_day(_at BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
	SELECT lpad((GREATEST(LEAST(_at, 9000000000000000000) + 62135596800000000, 0) / 86400000000)::text, 9, '0')
$$`

	// pgNote notes what records are that were added.
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
			(7, CASE WHEN r.called > ` + noneText + ` THEN nextcall_day(r.called) ELSE '' END),
			(8, CASE WHEN ` + unqueued + ` THEN 'x' ELSE '' END)
		) t(kind, value) WHERE t.value <> '' ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$`

	// pgNoteChange notes what a record has become that it was not. When it was called
	// tells the log, or [pgNoteStray] where it does not, see [row.witnessed]: most calls
	// reach nobody, and note nothing. One that moves is added anew.
	pgNoteChange = `CREATE FUNCTION nextcall_note_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO nextcall_trait (campaign, kind, value, record)
		SELECT NEW.campaign, t.kind, t.value, NEW.id FROM (VALUES
			(1, CASE WHEN NEW.status <> OLD.status THEN NEW.status ELSE '' END),
			(2, CASE WHEN NEW.qualifier <> OLD.qualifier AND NEW.qualifier NOT IN ` + usualQualifiers + ` THEN NEW.qualifier::text ELSE '' END),
			(3, CASE WHEN NEW.owner <> OLD.owner THEN NEW.owner ELSE '' END),
			(4, CASE WHEN NEW.agent <> OLD.agent THEN NEW.agent ELSE '' END),
			(5, CASE WHEN NEW.author <> OLD.author AND NEW.author <> 'engine' THEN NEW.author ELSE '' END),
			(6, CASE WHEN NEW.operation <> OLD.operation THEN NEW.operation ELSE '' END),
			(8, CASE WHEN ` + newUnqueued + ` THEN 'x' ELSE '' END)
		) t(kind, value) WHERE t.value <> '' ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$`

	// pgNoteCall notes when a record was called whose call the log has no longer as it was.
	pgNoteCall = `CREATE FUNCTION nextcall_note_call() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO nextcall_trait (campaign, kind, value, record) SELECT r.campaign, 7, nextcall_day(r.called), r.id FROM nextcall_record r
		WHERE r.campaign = OLD.campaign AND r.id = OLD.record AND r.called > ` + noneText + ` ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$`
	pgNoteLogged = `CREATE TRIGGER nextcall_logged AFTER UPDATE OR DELETE ON nextcall_call FOR EACH ROW EXECUTE FUNCTION nextcall_note_call()`
	pgCallEnded  = `CREATE INDEX nextcall_call_ended ON nextcall_call (campaign, ended) WHERE token > 0`

	// The conditions that a record is due and not in the queue, so that only its
	// trait tells of it.
	unqueued    = `r.due > ` + noneText + ` AND (r.standing <> 1 OR r.class = '' OR r.lane NOT BETWEEN 1 AND 6)`
	newUnqueued = `NEW.due > ` + noneText + ` AND (NEW.standing <> 1 OR NEW.class = '' OR NEW.lane NOT BETWEEN 1 AND 6)`
	noneText    = `-62135596800000000`

	pgNoteAdded = `CREATE TRIGGER nextcall_added AFTER INSERT ON nextcall_record REFERENCING NEW TABLE AS changed
		FOR EACH STATEMENT EXECUTE FUNCTION nextcall_note()`
	pgNoteWritten = `CREATE TRIGGER nextcall_written AFTER UPDATE ON nextcall_record FOR EACH ROW WHEN (
		NEW.status <> OLD.status AND NEW.status <> '' OR NEW.qualifier <> OLD.qualifier AND NEW.qualifier NOT IN ` + usualQualifiers + `
		OR NEW.owner <> OLD.owner AND NEW.owner <> '' OR NEW.agent <> OLD.agent AND NEW.agent <> ''
		OR NEW.author <> OLD.author AND NEW.author NOT IN ('', 'engine') OR NEW.operation <> OLD.operation AND NEW.operation <> ''
		OR ` + newUnqueued + `) EXECUTE FUNCTION nextcall_note_change()`

	// Parts of texts have an index where the server has pg_trgm, and lets it be used.
	pgTrigrams = `DO $$ BEGIN
	CREATE EXTENSION IF NOT EXISTS pg_trgm;
	CREATE INDEX nextcall_record_external ON nextcall_record USING gin (external gin_trgm_ops) WHERE external <> '';
EXCEPTION WHEN OTHERS THEN
	NULL;
END $$`
)
