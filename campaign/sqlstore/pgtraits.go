package sqlstore

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// What a call changes of a record has no index there, or each call would write all
// indexes of the record anew. Instead whatever writes records notes what they have
// become, if it is not usual: a trait is noted once for a record, and stays when the
// record has another one. So traits tell where to look, and the record itself
// whether it matches. The queue has those that are due and wait, and the log those
// that were called: what is noted are the others.
const (
	pgTraits = `CREATE TABLE nextcall_trait (campaign TEXT NOT NULL, kind BIGINT NOT NULL, value TEXT NOT NULL, record TEXT NOT NULL,
		PRIMARY KEY (campaign, kind, value, record))`

	// pgDay is the day of an instant, from the year 1 on: as texts they are in order.
	// It is what dayOf is.
	pgDay = `CREATE FUNCTION nextcall_day(_at BIGINT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
	SELECT lpad((GREATEST(LEAST(_at, 9000000000000000000) + 62135596800000000, 0) / 86400000000)::text, 9, '0')
$$`

	// pgNote writes traits that are new, in a function that is given them.
	pgNote = `IF cardinality(_trait_kind) > 0 THEN
		INSERT INTO nextcall_trait (campaign, kind, value, record)
			SELECT u.* FROM unnest(_trait_campaign, _trait_kind, _trait_value, _trait_record) u ON CONFLICT DO NOTHING;
	END IF;`

	// pgNoteCall notes when a record was called whose call the log has no longer as it
	// was. A trigger does it: who replaces a call need not know the one that was there.
	// Of one that goes with its record to another campaign the record is noted there.
	pgNoteCall = `CREATE FUNCTION nextcall_note_call() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO nextcall_trait (campaign, kind, value, record) SELECT r.campaign, 7, nextcall_day(r.called), r.id FROM nextcall_record r
		WHERE r.campaign = OLD.campaign AND r.id = OLD.record AND r.called > ` + noneText + ` ON CONFLICT DO NOTHING;
	RETURN NULL;
END $$`
	pgNoteReplaced = `CREATE TRIGGER nextcall_replaced AFTER UPDATE ON nextcall_call FOR EACH ROW
		WHEN (OLD.campaign = NEW.campaign AND (OLD.record <> NEW.record OR OLD.ended <> NEW.ended)) EXECUTE FUNCTION nextcall_note_call()`
	pgNoteDropped = `CREATE TRIGGER nextcall_dropped AFTER DELETE ON nextcall_call FOR EACH ROW EXECUTE FUNCTION nextcall_note_call()`
	pgCallEnded   = `CREATE INDEX nextcall_call_ended ON nextcall_call (campaign, ended) WHERE token > 0`

	noneText = `-62135596800000000`

	// Parts of texts have an index where the server has pg_trgm, and lets it be used.
	pgTrigrams = `DO $$ BEGIN
	CREATE EXTENSION IF NOT EXISTS pg_trgm;
	CREATE INDEX nextcall_record_external ON nextcall_record USING gin (external gin_trgm_ops) WHERE external <> '';
EXCEPTION WHEN OTHERS THEN
	NULL;
END $$`
)

// shown is what of a record is noted when it becomes it.
type shown struct {
	status         status.ID
	qualifier      status.Qualifier
	owner, agent   campaign.AgentID
	author         string
	operation      string
	called, latest int64
	aside          bool // it is due and never in the queue, so that only its trait tells of it
}

func (x *row) shown() shown {
	r := &x.record
	return shown{r.Status, r.Qualifier, r.Owner, r.LastAgent, r.Author, r.Operation, micros(r.LastCall), int64(x.latest),
		micros(r.Due) > noTime && (r.Standing != status.StandingQueued || r.Class == "" || r.Lane == status.LaneNone || int(r.Lane) >= status.NumLanes)}
}

// traits are those that records newly have.
type traits struct {
	campaign words
	kind     numbers
	value    words
	record   words
}

// add adds those of a record that it had not when it was read or written, all of
// one that is new in its campaign. When it was called tells the log, see [row.witnessed]: most calls reach nobody, and note
// nothing.
func (t *traits) add(x *row) {
	was, is, all := x.was, x.shown(), x.changed&added != 0
	note := func(kind int64, value string, differs bool) {
		if value != "" && (differs || all) {
			t.note(x, kind, value)
		}
	}
	note(traitStatus, string(is.status), is.status != was.status)
	if !slices.Contains(usual[:], is.qualifier) {
		note(traitQualifier, strconv.Itoa(int(is.qualifier)), is.qualifier != was.qualifier)
	}
	note(traitOwner, string(is.owner), is.owner != was.owner)
	note(traitAgent, string(is.agent), is.agent != was.agent)
	if is.author != campaign.Engine {
		note(traitAuthor, is.author, is.author != was.author)
	}
	note(traitOperation, is.operation, is.operation != was.operation)
	if all || is.called != was.called && is.latest == was.latest {
		t.called(x)
	}
	if is.aside {
		note(traitDue, "x", !was.aside)
	}
}

// called adds the day on which a record was called, if it was.
func (t *traits) called(x *row) {
	if at := micros(x.record.LastCall); at > noTime {
		t.note(x, traitCalled, dayOf(at))
	}
}

func (t *traits) note(x *row, kind int64, value string) {
	t.campaign, t.kind = append(t.campaign, string(x.record.Campaign)), append(t.kind, kind)
	t.value, t.record = append(t.value, value), append(t.record, string(x.record.ID))
}

func (t *traits) args() []any {
	return []any{strs(t.campaign), ints(t.kind), strs(t.value), strs(t.record)}
}

// dayOf is nextcall_day.
func dayOf(at int64) string {
	const day = 86400000000
	return fmt.Sprintf("%09d", max(min(at, 9000000000000000000)-noTime, 0)/day)
}
