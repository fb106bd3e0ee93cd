package sqlstore

// migrationsPG are the migrations of PostgreSQL; see migrations.
//
// A record's row has no index on what a call changes, so PostgreSQL writes it in
// place (a heap-only tuple). What makes it wait is a narrow row of its own in the
// queue, which a lease deletes and the end of the lease writes anew: a lease
// itself touches no index of the record. That a record is leased says the lease.
//
// Each statement must find one index only that serves it: where a table is small,
// or was when the statement was planned, all cost the same, and PostgreSQL takes any.
// So an index beside the key has a predicate, true of every row, by which a statement
// asks for it, or it is asked for by its order, as the functions allow no sorting.
//
// Every key is led by the campaign, but for those of the tables that guard
// numbers and contacts, of the host's lists, of contacts, actions and definitions.
var migrationsPG = [...][]string{{
	// Nothing is lost if a token is: it only must not come twice. The sequences
	// continue behind the largest one, see nextcall_saw.
	`CREATE SEQUENCE nextcall_token`,
	`CREATE SEQUENCE nextcall_rec`,
	`CREATE SEQUENCE nextcall_sequence MINVALUE -9223372036854775808 START 0`,
	`SELECT setval('nextcall_sequence', 0)`,

	// Leases that run out before the mark do not exist.
	`CREATE TABLE nextcall_campaign (id TEXT NOT NULL PRIMARY KEY, revision BIGINT NOT NULL,
		mark_until BIGINT NOT NULL DEFAULT -9223372036854775808, mark_token BIGINT NOT NULL DEFAULT -9223372036854775808) WITH (fillfactor = 50)`,
	// Records of a lane in place 1 before the date mark do not exist, and none in
	// place 2 before the key mark.
	`CREATE TABLE nextcall_lane (campaign TEXT NOT NULL, lane BIGINT NOT NULL, class TEXT NOT NULL,
		date_due BIGINT NOT NULL DEFAULT -9223372036854775808, date_sorting BIGINT NOT NULL DEFAULT -9223372036854775808,
		date_sequence BIGINT NOT NULL DEFAULT -9223372036854775808,
		key_sorting BIGINT NOT NULL DEFAULT -9223372036854775808, key_key BIGINT NOT NULL DEFAULT -9223372036854775808,
		key_sequence BIGINT NOT NULL DEFAULT -9223372036854775808,
		PRIMARY KEY (campaign, lane, class)) WITH (fillfactor = 50)`,

	`CREATE TABLE nextcall_record (campaign TEXT NOT NULL, rec BIGINT NOT NULL, id TEXT NOT NULL,
		contact TEXT NOT NULL, list TEXT NOT NULL, status TEXT NOT NULL, qualifier BIGINT NOT NULL, standing BIGINT NOT NULL,
		lane BIGINT NOT NULL, class TEXT NOT NULL, due BIGINT NOT NULL, owner TEXT NOT NULL,
		sorting BIGINT NOT NULL, sort_key BIGINT NOT NULL, sequence BIGINT NOT NULL,
		park_until BIGINT NOT NULL, park_reason BIGINT NOT NULL, park_revision BIGINT NOT NULL,
		operation TEXT NOT NULL, version BIGINT NOT NULL, latest BIGINT NOT NULL, body TEXT NOT NULL,
		external TEXT NOT NULL, main BIGINT NOT NULL, author TEXT NOT NULL, agent TEXT NOT NULL, called BIGINT NOT NULL, numbers TEXT NOT NULL,
		PRIMARY KEY (campaign, id)) WITH (fillfactor = 70, ` + vacuumOften + `)`,
	`CREATE INDEX nextcall_record_roll ON nextcall_record (campaign, sequence, rec) WHERE rec > 0`,
	`CREATE INDEX nextcall_record_contact ON nextcall_record (contact, campaign, rec) WHERE contact <> ''`,
	`CREATE INDEX nextcall_record_list ON nextcall_record (campaign, list, sequence, rec) WHERE list <> ''`,
	pgTraits,
	`CREATE TABLE nextcall_wide (campaign TEXT NOT NULL, record TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (campaign, record))`,
	`CREATE TABLE nextcall_number (campaign TEXT NOT NULL, number BIGINT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (campaign, number, record))`,
	`CREATE INDEX nextcall_number_number ON nextcall_number (number)`,
	`CREATE TABLE nextcall_contact (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)`,
	// Whose keys they are, and the contacts that the ids of merged ones give.
	`CREATE TABLE nextcall_contact_key (kind TEXT NOT NULL, value TEXT NOT NULL, contact TEXT NOT NULL, PRIMARY KEY (kind, value, contact))`,
	`CREATE TABLE nextcall_became (id TEXT NOT NULL PRIMARY KEY, contact TEXT NOT NULL)`,
	`CREATE INDEX nextcall_became_contact ON nextcall_became (contact)`,
	// What a contact is found by while somebody types: see tail, and the words that
	// tails begin with, with what each ends in.
	`CREATE TABLE nextcall_tail (kind BIGINT NOT NULL, tail TEXT NOT NULL, contact TEXT NOT NULL, PRIMARY KEY (kind, tail, contact))`,
	`CREATE TABLE nextcall_word (word TEXT NOT NULL PRIMARY KEY)`,
	`CREATE TABLE nextcall_suffix (suffix TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (suffix, word))`,

	// The records that wait. Its columns are copies, so that a Claim reads nothing
	// else to choose; numbers are in decimals, with commas.
	`CREATE TABLE nextcall_queue (campaign TEXT NOT NULL, rec BIGINT NOT NULL, place BIGINT NOT NULL,
		lane BIGINT NOT NULL, class TEXT NOT NULL, due BIGINT NOT NULL, owner TEXT NOT NULL,
		sorting BIGINT NOT NULL, sort_key BIGINT NOT NULL, sequence BIGINT NOT NULL,
		park_until BIGINT NOT NULL, park_revision BIGINT NOT NULL,
		id TEXT NOT NULL, contact TEXT NOT NULL, number BIGINT NOT NULL, promised BIGINT NOT NULL, numbers TEXT NOT NULL,
		PRIMARY KEY (campaign, id)) WITH (` + vacuumOften + `)`,
	`CREATE INDEX nextcall_queue_dated ON nextcall_queue (campaign, lane, class, due, sorting, sequence, rec) WHERE place = 1`,
	`CREATE INDEX nextcall_queue_owned ON nextcall_queue (campaign, class, owner, due, sorting, sequence, rec)
		WHERE place = 1 AND lane = ` + own + ` AND owner <> ''`,
	`CREATE INDEX nextcall_queue_keyed ON nextcall_queue (campaign, lane, class, sorting, sort_key, sequence, rec) WHERE place = 2`,
	`CREATE INDEX nextcall_queue_ripe ON nextcall_queue (campaign, lane, class, sorting, sort_key, sequence, rec) WHERE place = 4`,
	`CREATE INDEX nextcall_queue_early ON nextcall_queue (campaign, lane, class, due) WHERE place = 4`,
	`CREATE INDEX nextcall_queue_parked ON nextcall_queue (campaign, park_until) WHERE place = 3`,
	`CREATE INDEX nextcall_queue_wake ON nextcall_queue (campaign, park_revision, class, park_until) WHERE park_until <> -62135596800000000`,

	`CREATE TABLE nextcall_lease (campaign TEXT NOT NULL, record TEXT NOT NULL, call BIGINT NOT NULL, token BIGINT NOT NULL,
		holder TEXT NOT NULL, until BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (campaign, record)) WITH (` + vacuumOften + `)`,
	`CREATE INDEX nextcall_lease_until ON nextcall_lease (campaign, until, token) WHERE token > 0`,
	// The further records of a lease that holds several.
	`CREATE TABLE nextcall_with (campaign TEXT NOT NULL, record TEXT NOT NULL, call BIGINT NOT NULL,
		lead_campaign TEXT NOT NULL, lead_record TEXT NOT NULL, PRIMARY KEY (campaign, record))`,
	`CREATE TABLE nextcall_held_number (number BIGINT PRIMARY KEY, campaign TEXT NOT NULL, record TEXT NOT NULL, call BIGINT NOT NULL)
		WITH (` + vacuumOften + `)`,
	`CREATE TABLE nextcall_held_contact (contact TEXT NOT NULL PRIMARY KEY, campaign TEXT NOT NULL, record TEXT NOT NULL, call BIGINT NOT NULL)
		WITH (` + vacuumOften + `)`,

	`CREATE TABLE nextcall_call (campaign TEXT NOT NULL, token BIGINT NOT NULL, record TEXT NOT NULL, rec BIGINT NOT NULL,
		contact TEXT NOT NULL, number BIGINT NOT NULL, ended BIGINT NOT NULL, body TEXT NOT NULL, before_call TEXT NOT NULL,
		PRIMARY KEY (campaign, token))`,
	`CREATE INDEX nextcall_call_record ON nextcall_call (campaign, record, ended, token) WHERE rec <> 0`,
	`CREATE INDEX nextcall_call_contact ON nextcall_call (contact, ended, token) WHERE contact <> ''`,
	pgCallEnded,
	`CREATE INDEX nextcall_call_number ON nextcall_call (number, ended, token) WHERE number <> 0`,
	`CREATE TABLE nextcall_entry (campaign TEXT NOT NULL, record TEXT NOT NULL, entry BIGINT GENERATED BY DEFAULT AS IDENTITY,
		body TEXT NOT NULL, PRIMARY KEY (campaign, record, entry))`,

	`CREATE TABLE nextcall_action (place BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, id TEXT NOT NULL,
		campaign TEXT NOT NULL, record TEXT NOT NULL, done BIGINT NOT NULL, body TEXT NOT NULL)`,
	`CREATE UNIQUE INDEX nextcall_action_id ON nextcall_action (id)`,
	`CREATE INDEX nextcall_action_open ON nextcall_action (place) WHERE done = 0`,
	`CREATE INDEX nextcall_action_record ON nextcall_action (campaign, record) WHERE done = 0`,
	`CREATE TABLE nextcall_listed (number BIGINT NOT NULL, list TEXT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL,
		added BIGINT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (number, list))`,
	`CREATE TABLE nextcall_definition (kind TEXT NOT NULL, id TEXT NOT NULL, revision BIGINT NOT NULL, body TEXT NOT NULL,
		PRIMARY KEY (kind, id, revision))`,

	pgUnmark, pgLearn, pgLock, pgLoad, pgPage, pgBegin, pgCandidates, pgHold, pgHolders, pgHistory, pgHeads, pgAdvance, pgGrant, pgClaim, pgAdd, pgLeave, pgUniques, pgHomeOfCall, pgBelongings, pgWrite, pgSettle, pgSettleOne, pgBare, pgSaw, pgUnpark, pgFirstOfContact, pgFirstOfNumber, pgContactOf, pgListedOf, pgListedOfAll, pgLook, pgUnlist,
	pgMeet, pgCurrent, pgRecordsWith, pgAlias, pgCallsOfContact, pgPassCall, pgUseWords, pgDropWords, pgWritePeople, pgTailsOf, pgWordsIn, pgWordsWith, pgWordsEnding,
	pgDay, pgNoteCall, pgNoteReplaced, pgNoteDropped, pgTrigrams,
}}

// vacuumOften makes autovacuum go by a number of dead rows: a share of a large
// table is too many of them at the head of an index.
const vacuumOften = `autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 1,
		autovacuum_analyze_scale_factor = 0.2, autovacuum_analyze_threshold = 500`
