package sqlstore

import (
	"github.com/nextcall/nextcall/status"
)

// The places of a record: which of the indexes of its campaign it is in.
const (
	nowhere = 0 // leased, not queued, or without class
	dated   = 1 // in its lane by date; in the lanes fresh and last, until it is due
	keyed   = 2 // in the lane fresh or last by its key
	parked  = 3 // by the end of its park
)

// migrations bring the schema from each version to the next one. They are never
// changed once released: a new one is added behind the last.
//
// Whether a record matches is asked of its columns, each time. Its place only
// keeps those that cannot match out of the way, so a record in place 3 is parked
// whenever it is looked for, and one of the lanes fresh and last in place 1 is
// not yet due; Claim moves them before it looks.
var migrations = [...][]string{{
	`CREATE TABLE nextcall_counter (one BIGINT PRIMARY KEY, turn BIGINT NOT NULL, token BIGINT NOT NULL, sequence BIGINT NOT NULL, rec BIGINT NOT NULL)`,
	`INSERT INTO nextcall_counter (one, turn, token, sequence, rec) VALUES (1, 0, 0, 0, 0)`,

	`CREATE TABLE nextcall_campaign (id TEXT NOT NULL PRIMARY KEY, revision BIGINT NOT NULL) BY KEY`,
	`CREATE TABLE nextcall_lane (campaign TEXT NOT NULL, class TEXT NOT NULL, lane BIGINT NOT NULL,
		PRIMARY KEY (campaign, class, lane)) BY KEY`,

	`CREATE TABLE nextcall_record (rec BIGINT PRIMARY KEY, campaign TEXT NOT NULL, id TEXT NOT NULL,
		contact TEXT NOT NULL, list TEXT NOT NULL, status TEXT NOT NULL, qualifier BIGINT NOT NULL, standing BIGINT NOT NULL,
		lane BIGINT NOT NULL, class TEXT NOT NULL, due BIGINT NOT NULL, owner TEXT NOT NULL,
		sorting BIGINT NOT NULL, sort_key BIGINT NOT NULL, sequence BIGINT NOT NULL,
		park_until BIGINT NOT NULL, park_reason BIGINT NOT NULL, park_revision BIGINT NOT NULL,
		operation TEXT NOT NULL, version BIGINT NOT NULL, place BIGINT NOT NULL, lease BIGINT NOT NULL,
		latest BIGINT NOT NULL, body TEXT NOT NULL,
		external TEXT NOT NULL, main BIGINT NOT NULL, author TEXT NOT NULL, agent TEXT NOT NULL, called BIGINT NOT NULL)`,
	`CREATE UNIQUE INDEX nextcall_record_id ON nextcall_record (campaign, id)`,
	`CREATE INDEX nextcall_record_roll ON nextcall_record (campaign, sequence, rec)`,
	`CREATE INDEX nextcall_record_dated ON nextcall_record (campaign, lane, class, due, sorting, sequence, rec) WHERE place = 1`,
	`CREATE INDEX nextcall_record_owned ON nextcall_record (campaign, class, owner, lane, due, sorting, sequence, rec)
		WHERE place = 1 AND owner <> ''`,
	`CREATE INDEX nextcall_record_keyed ON nextcall_record (campaign, lane, class, sorting, sort_key, sequence, rec) WHERE place = 2`,
	`CREATE INDEX nextcall_record_early ON nextcall_record (campaign, lane, class, due) WHERE place = 2`,
	`CREATE INDEX nextcall_record_parked ON nextcall_record (campaign, park_until) WHERE place = 3`,
	`CREATE INDEX nextcall_record_wake ON nextcall_record (campaign, class, park_revision, park_until)
		WHERE place <> 0 AND park_until <> -62135596800000000`,
	`CREATE INDEX nextcall_record_ahead ON nextcall_record (campaign, park_revision) WHERE park_revision <> 0`,
	`CREATE INDEX nextcall_record_contact ON nextcall_record (contact, campaign) WHERE contact <> ''`,
	// What Find looks up, see filterPart: those that are not usual. A call writes
	// the entries of what it changes.
	`CREATE INDEX nextcall_record_list ON nextcall_record (campaign, list, sequence) WHERE list <> ''`,
	`CREATE INDEX nextcall_record_status ON nextcall_record (campaign, status, sequence) WHERE status <> ''`,
	`CREATE INDEX nextcall_record_qualifier ON nextcall_record (campaign, qualifier, sequence) WHERE qualifier NOT IN ` + usualQualifiers,
	`CREATE INDEX nextcall_record_owner ON nextcall_record (campaign, owner, sequence) WHERE owner <> ''`,
	`CREATE INDEX nextcall_record_agent ON nextcall_record (campaign, agent, sequence) WHERE agent <> ''`,
	`CREATE INDEX nextcall_record_author ON nextcall_record (campaign, author, sequence) WHERE author <> '' AND author <> 'engine'`,
	`CREATE INDEX nextcall_record_operation ON nextcall_record (campaign, operation, sequence) WHERE operation <> ''`,
	`CREATE INDEX nextcall_record_called ON nextcall_record (campaign, called, sequence) WHERE called > -62135596800000000`,
	`CREATE INDEX nextcall_record_due ON nextcall_record (campaign, due, sequence) WHERE due > -62135596800000000`,
	`CREATE INDEX nextcall_record_external ON nextcall_record (campaign, external, sequence) WHERE external <> ''`,
	`CREATE TABLE nextcall_wide (rec BIGINT PRIMARY KEY, body TEXT NOT NULL)`,
	`CREATE TABLE nextcall_number (number BIGINT NOT NULL, rec BIGINT NOT NULL, PRIMARY KEY (number, rec)) BY KEY`,
	`CREATE TABLE nextcall_contact (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)`,
	// Whose keys they are, and the contacts that the ids of merged ones give.
	`CREATE TABLE nextcall_contact_key (kind TEXT NOT NULL, value TEXT NOT NULL, contact TEXT NOT NULL, PRIMARY KEY (kind, value, contact)) BY KEY`,
	`CREATE TABLE nextcall_became (id TEXT NOT NULL PRIMARY KEY, contact TEXT NOT NULL) BY KEY`,
	`CREATE INDEX nextcall_became_contact ON nextcall_became (contact)`,
	// What a contact is found by while somebody types: see tail, and the words that
	// tails begin with, with what each ends in.
	`CREATE TABLE nextcall_tail (kind BIGINT NOT NULL, tail TEXT NOT NULL, contact TEXT NOT NULL, PRIMARY KEY (kind, tail, contact)) BY KEY`,
	`CREATE TABLE nextcall_word (word TEXT NOT NULL PRIMARY KEY) BY KEY`,
	`CREATE TABLE nextcall_suffix (suffix TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (suffix, word)) BY KEY`,

	`CREATE TABLE nextcall_lease (call BIGINT PRIMARY KEY, token BIGINT NOT NULL, campaign TEXT NOT NULL, record TEXT NOT NULL,
		holder TEXT NOT NULL, until BIGINT NOT NULL, body TEXT NOT NULL)`,
	`CREATE INDEX nextcall_lease_until ON nextcall_lease (campaign, until, token)`,
	`CREATE TABLE nextcall_held_number (number BIGINT PRIMARY KEY, call BIGINT NOT NULL)`,
	`CREATE TABLE nextcall_held_contact (contact TEXT NOT NULL PRIMARY KEY, call BIGINT NOT NULL) BY KEY`,

	`CREATE TABLE nextcall_call (token BIGINT PRIMARY KEY, campaign TEXT NOT NULL, record TEXT NOT NULL, rec BIGINT NOT NULL,
		contact TEXT NOT NULL, number BIGINT NOT NULL, ended BIGINT NOT NULL, body TEXT NOT NULL, before_call TEXT NOT NULL)`,
	`CREATE INDEX nextcall_call_record ON nextcall_call (rec, ended, token) WHERE rec <> 0`,
	`CREATE INDEX nextcall_call_contact ON nextcall_call (contact, ended, token) WHERE contact <> ''`,
	`CREATE INDEX nextcall_call_number ON nextcall_call (number, ended, token) WHERE number <> 0`,
	`CREATE TABLE nextcall_entry (entry COUNTED, rec BIGINT NOT NULL, body TEXT NOT NULL)`,
	`CREATE INDEX nextcall_entry_record ON nextcall_entry (rec, entry)`,

	`CREATE TABLE nextcall_action (place COUNTED, id TEXT NOT NULL,
		campaign TEXT NOT NULL, record TEXT NOT NULL, done BIGINT NOT NULL, body TEXT NOT NULL)`,
	`CREATE UNIQUE INDEX nextcall_action_id ON nextcall_action (id)`,
	`CREATE INDEX nextcall_action_open ON nextcall_action (place) WHERE done = 0`,
	`CREATE INDEX nextcall_action_record ON nextcall_action (campaign, record) WHERE done = 0`,
	`CREATE TABLE nextcall_listed (number BIGINT NOT NULL, list TEXT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL,
		added BIGINT NOT NULL, until BIGINT NOT NULL, PRIMARY KEY (number, list)) BY KEY`,

	`CREATE TABLE nextcall_definition (kind TEXT NOT NULL, id TEXT NOT NULL, revision BIGINT NOT NULL, body TEXT NOT NULL,
		PRIMARY KEY (kind, id, revision)) BY KEY`,
}}

// own is the own lane as the statements write it.
const (
	own     = "1"
	laneOwn = 1
)

// It does not compile if the own lane is another one.
var _ = [1]struct{}{}[status.LaneOwn-laneOwn]
