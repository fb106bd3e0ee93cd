package sqlstore

import (
	"strconv"
	"strings"

	"github.com/nextcall/nextcall/campaign"
)

// pgShared are the statements that PostgreSQL reads as SQLite does.
var pgShared = []statement{readRevision, writeRevision, writeLane, writeContact, sequenceOf, allCampaigns,
	addAction, withdrawActions, acknowledgeAction, actionPlace, openActions, writeListed,
	readDefinition, newestDefinitions, writeDefinition}

// pgStatements are the other ones that it knows.
var pgStatements = map[statement]string{
	endParks:     `SELECT nextcall_learn(?1, ?2)`,
	beginParks:   `SELECT ?1::text, ?2::bigint`, // endParks has done it
	unparkNumber: `SELECT nextcall_unpark(?1)`,

	rollPage:          `SELECT ` + pgRecordColumns + `FROM nextcall_page(?1, ?2, ?3, ?4)`,
	readContact:       `SELECT body FROM nextcall_contact_of(?1)`,
	readListed:        `SELECT list, author, reason, added, until FROM nextcall_listed_of(?1)`,
	readListedEntry:   `SELECT author, reason, added, until FROM nextcall_listed_of(?1) WHERE list = ?2`,
	dropListed:        `SELECT nextcall_unlist(?1, ?2)`,
	contactInCampaign: `SELECT id FROM nextcall_first_of_contact(?1, ?2)`,
	numberInCampaign:  `SELECT id FROM nextcall_first_of_number(?1, ?2, ?3)`,

	readLease:       `SELECT token, until, campaign, record, holder, body FROM nextcall_lease WHERE call = ?1`,
	passNumber:      `UPDATE nextcall_held_number SET call = ?2, campaign = ?3, record = ?4 WHERE number = ?1`,
	passContact:     `UPDATE nextcall_held_contact SET call = ?2, campaign = ?3, record = ?4 WHERE contact = ?1`,
	readCall:        `SELECT body, before_call, rec FROM nextcall_call WHERE token = ?1 AND campaign = ?2`,
	homeOfCall:      `SELECT campaign, record, body FROM nextcall_home_of_call(?1)`,
	linesOfRecord:   `SELECT entry, body FROM nextcall_entry WHERE record = ?1 AND campaign = ?2 ORDER BY entry`,
	writeEntry:      `UPDATE nextcall_entry SET body = ?2 WHERE entry = ?1 AND record = ?3 AND campaign = ?4`,
	callsOfRecord:   `SELECT ended, token, body FROM nextcall_call WHERE record = ?1 AND rec <> 0 AND ended >= ?2 AND campaign = ?3 ORDER BY ended, token`,
	entriesOfRecord: `SELECT body FROM nextcall_entry WHERE record = ?1 AND campaign = ?2 ORDER BY entry`,

	readAlias:      `SELECT contact FROM nextcall_current(?1)`,
	writeAlias:     `SELECT ?1::text, ?2::text`, // passAliases has done it
	passAliases:    `SELECT nextcall_alias(?1, ?2)`,
	dropAliases:    `SELECT nextcall_alias(?1, '')`,
	recordsWith:    `SELECT nextcall_records_with(?1)`,
	callsOfContact: `SELECT campaign, body FROM nextcall_calls_of_contact(?1)`,
	passCall:       `SELECT nextcall_pass_call(?1, ?2, ?3, ?4)`,
	wordsIn:        `SELECT word FROM nextcall_words_in(?1, ?2, ?3)`,
	wordsWith:      `SELECT word FROM nextcall_words_with(?1, ?2, ?3)`,
	wordsEnding:    `SELECT word FROM nextcall_words_ending(?1, ?2, ?3)`,
	pgMeetPeople:   `SELECT kind, n, id, body FROM nextcall_meet(?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
	pgReadTails:    `SELECT n, tail, contact FROM nextcall_tails(?1, ?2, ?3, ?4, ?5, ?6)`,
	pgFlushPeople:  `SELECT nextcall_write_people(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)`,

	pgBeginRun:        `SELECT * FROM nextcall_begin(?1, ?2, ?3)`,
	pgLoadRecords:     `SELECT * FROM nextcall_load(?1, ?2)`,
	pgReadHolders:     `SELECT * FROM nextcall_holders(?1, ?2)`,
	pgTakeGuards:      `SELECT * FROM nextcall_hold(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
	pgReadHistory:     `SELECT * FROM nextcall_history(?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
	pgPick:            `SELECT * FROM nextcall_candidates(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)`,
	pgLease:           `SELECT * FROM nextcall_grant(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)`,
	pgClaimAlone:      `SELECT * FROM nextcall_claim(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)`,
	pgLeaveRecords:    `SELECT nextcall_leave(?1, ?2, ?3, ?4)`,
	pgReadUniques:     `SELECT kind, n, id FROM nextcall_uniques(?1, ?2, ?3, ?4, ?5)`,
	pgJoin:            `SELECT nextcall_lock(?1)`,
	pgAddRecords:      invoke("nextcall_add", 28),
	pgWriteBelongings: `SELECT nextcall_belongings(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
	pgWriteRun:        invoke("nextcall_write", 76),
	pgSettleRun:       invoke("nextcall_settle", 72),
	pgSettleAlone:     invoke("nextcall_settle_one", 45),
	pgBareRun:         invoke("nextcall_bare", 43),
	pgRaiseSequence:   `SELECT nextcall_saw(?1)`,
	pgTokens:          `SELECT nextval('nextcall_token') FROM generate_series(1, ?1)`,
	pgRecs:            `SELECT nextval('nextcall_rec') FROM generate_series(1, ?1)`,
	pgForgetCall:      `DELETE FROM nextcall_call c USING nextcall_campaign k WHERE c.campaign = k.id AND c.token = ?1 AND c.campaign <> ?2`,
	pgAddWith:         `INSERT INTO nextcall_with (campaign, record, call, lead_campaign, lead_record) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING`,
	pgTables:          pgAllColumns,
	pgLookAll:         `SELECT * FROM nextcall_look(?1, ?2, ?3, ?4, ?5)`,
	pgReadListed:      `SELECT number, list, author, reason, added, until FROM nextcall_listed_of_all(?1)`,
	pgDropWith:        `DELETE FROM nextcall_with WHERE campaign = ?1 AND record = ?2 AND call = ?3`,
}

// invoke is a statement that calls a function with so many arguments.
func invoke(function string, args int) string {
	places := make([]string, args)
	for i := range places {
		places[i] = "?" + strconv.Itoa(i+1)
	}
	return "SELECT " + function + "(" + strings.Join(places, ", ") + ")"
}

// pgAllColumns names what the functions of the schema need, and nothing but their
// first call would miss. It is prepared when a store is opened, and never run.
const pgAllColumns = `SELECT 1 FROM
	(SELECT id, revision, mark_until, mark_token FROM nextcall_campaign) a,
	(SELECT campaign, lane, class, date_due, date_sorting, date_sequence, key_sorting, key_key, key_sequence FROM nextcall_lane) b,
	(SELECT campaign, rec, id, contact, list, status, qualifier, standing, lane, class, due, owner, sorting, sort_key, sequence,
		park_until, park_reason, park_revision, operation, version, latest, body,
		external, main, author, agent, called, numbers FROM nextcall_record) c,
	(SELECT campaign, record, body FROM nextcall_wide) d,
	(SELECT campaign, number, record FROM nextcall_number) e,
	(SELECT id, body FROM nextcall_contact) f,
	(SELECT campaign, rec, place, lane, class, due, owner, sorting, sort_key, sequence, park_until, park_revision,
		id, contact, number, promised, numbers FROM nextcall_queue) g,
	(SELECT campaign, record, call, token, holder, until, body FROM nextcall_lease) h,
	(SELECT campaign, record, call, lead_campaign, lead_record FROM nextcall_with) i,
	(SELECT number, campaign, record, call FROM nextcall_held_number) j,
	(SELECT contact, campaign, record, call FROM nextcall_held_contact) k,
	(SELECT campaign, token, record, rec, contact, number, ended, body, before_call FROM nextcall_call) l,
	(SELECT campaign, record, entry, body FROM nextcall_entry) m,
	(SELECT number, list, author, reason, added, until FROM nextcall_listed) n,
	(SELECT kind, value, contact FROM nextcall_contact_key) o,
	(SELECT id, contact FROM nextcall_became) p,
	(SELECT kind, tail, contact FROM nextcall_tail) q,
	(SELECT word FROM nextcall_word) r,
	(SELECT suffix, word FROM nextcall_suffix) s,
	(SELECT campaign, kind, value, record FROM nextcall_trait) t`

// pgRecordColumns are recordColumns in the answer of a function.
const pgRecordColumns = `rec, campaign, id, contact, list, status, qualifier, standing, lane, class, due, owner, sorting, sort_key, sequence,
	park_until, park_reason, park_revision, operation, version, place, lease, latest, body, wide `

// byRecord are the arguments of a statement about a record: its key, more, and the
// campaign, where keys are led by it.
func (st *Store) byRecord(k key, rec int64, more ...any) []any {
	if st.dialect == PostgreSQL {
		return append(append([]any{string(k.record)}, more...), string(k.campaign))
	}
	return append([]any{rec}, more...)
}

// byEntry are the arguments of a statement about a line of a record's history.
func (st *Store) byEntry(k key, entry int64, body string) []any {
	if st.dialect == PostgreSQL {
		return []any{entry, body, string(k.record), string(k.campaign)}
	}
	return []any{entry, body}
}

// byToken are the arguments of a statement about a call.
func (st *Store) byToken(id campaign.ID, token campaign.Token) []any {
	if st.dialect == PostgreSQL {
		return []any{int64(token), string(id)}
	}
	return []any{int64(token)}
}
