package main

// schema is the CRM's own. What it calls a case is a record here, a customer is a
// contact, a project a campaign, an attempt a call, and a desk a class of calling
// hours. What it has no column for is in details, as JSON.
//
// A case waits in a queue, or in none (0): that is the lane of a record that may be
// claimed. Instants are microseconds since 1970.
const schema = `
CREATE TABLE IF NOT EXISTS projects (id TEXT PRIMARY KEY, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cases (
	no INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, reference TEXT NOT NULL, customer TEXT NOT NULL,
	closed INTEGER NOT NULL, queue INTEGER NOT NULL, desk TEXT NOT NULL, call_at INTEGER NOT NULL, agent TEXT NOT NULL,
	priority INTEGER NOT NULL, rank INTEGER NOT NULL, position INTEGER NOT NULL,
	parked_until INTEGER NOT NULL, parked_why INTEGER NOT NULL, parked_under INTEGER NOT NULL,
	reserved_by INTEGER NOT NULL DEFAULT 0, details TEXT NOT NULL, UNIQUE (project, reference));
CREATE INDEX IF NOT EXISTS cases_of_customer ON cases (customer);
CREATE INDEX IF NOT EXISTS cases_waiting ON cases (project, queue, desk) WHERE queue <> 0 AND reserved_by = 0;
CREATE TABLE IF NOT EXISTS phone_numbers (number INTEGER NOT NULL, case_no INTEGER NOT NULL, PRIMARY KEY (number, case_no));
CREATE INDEX IF NOT EXISTS phone_numbers_of_case ON phone_numbers (case_no);

CREATE TABLE IF NOT EXISTS reservations (
	attempt INTEGER PRIMARY KEY, token INTEGER NOT NULL, case_no INTEGER NOT NULL, until INTEGER NOT NULL, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS held (thing TEXT PRIMARY KEY, attempt INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO counters VALUES ('token', 0), ('position', 0);

CREATE TABLE IF NOT EXISTS call_attempts (
	token INTEGER PRIMARY KEY, case_no INTEGER NOT NULL, customer TEXT NOT NULL, number INTEGER NOT NULL, ended INTEGER NOT NULL, details TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS call_attempts_of_case ON call_attempts (case_no);
CREATE INDEX IF NOT EXISTS call_attempts_of_customer ON call_attempts (customer);
CREATE INDEX IF NOT EXISTS call_attempts_of_number ON call_attempts (number);
CREATE TABLE IF NOT EXISTS case_notes (no INTEGER PRIMARY KEY, case_no INTEGER NOT NULL, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS errands (no INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, project TEXT NOT NULL, reference TEXT NOT NULL,
	done INTEGER NOT NULL, details TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS errands_of_case ON errands (project, reference) WHERE done = 0;
CREATE TABLE IF NOT EXISTS do_not_call (
	number INTEGER NOT NULL, list TEXT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL, added INTEGER NOT NULL, until INTEGER NOT NULL,
	PRIMARY KEY (number, list));
`
