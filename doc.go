// Package nextcall holds no code: it is the map of a library that decides
// whether, when and to whom the next outbound call goes.
//
// A host (a CRM, a dialer, a test suite) gives it statuses, campaigns and
// records. It answers "call this number now, for this agent", takes the result,
// and says what that changes. It owns no telephony, no process and no database:
// storage sits behind an interface, and time is an argument.
//
// # The packages
//
//	blacklist             may this number be called, and from when again?
//	status                what happened, and what does it mean?
//	campaign              whether and when, and what does it change?
//	campaign/rule         conditions in CEL, for those who want them
//	campaign/rule/ruletest   rules and cases in a text file, for a host's tests
//	campaign/memstore     a store in memory: the embedded default
//	campaign/sqlstore     a store in SQLite or PostgreSQL, through database/sql
//	campaign/storetest    what every store keeps, as tests for those who write one
//	campaign/storetest/faultstore   any store, failing on purpose
//	contacts              who is it, and are they known already?
//	contacts/contactstest   what contacts and cases keep, as tests on any store
//	transfer              which records change together?
//	transfer/transfertest   what bulk changes and moves keep, as tests on any store
//	dialer                whom to call now?
//	dialer/sim            campaigns in simulated time, from a seed
//	dialer/modeltest      what must never happen, as a seeded test on any store
//	dialer/modeltest/scenarios   what has happened to others, told on any store
//	internal/calendar     calendar steps and local times
//	internal/nearest      the name that a person most likely meant
//	internal/fold         what of a name or a number is compared while somebody types
//	internal/dense        containers without pointers, for many small things
//	internal/suggest      contacts as they are found while somebody types
//	internal/plainstore   the memory store as it would be without haste: the reference
//	internal/expect       whether what happened is what should have: for the kits
//	internal/twin         whether two stores give the same answers
//	internal/archtest     the rules below, as tests
//	internal/enginetest   a module of its own: baselines and real engines
//	internal/outside      finds test data that is not part of the repository
//	internal/pgtest       a PostgreSQL server of a test's own
//	examples              a module of its own: runnable programs, each a small host
//
// Imports run one way. "A <- B" reads "B imports A":
//
//	blacklist <- status <- campaign <- dialer <- dialer/sim, dialer/modeltest, dialer/modeltest/scenarios
//	                          ^
//	                          +-- contacts <- contacts/contactstest
//	                          +-- transfer <- transfer/transfertest
//	                          +-- campaign/memstore, campaign/sqlstore
//	                          +-- campaign/storetest, campaign/storetest/faultstore
//	                          +-- campaign/rule <- campaign/rule/ruletest
//
// # The way of a number
//
//	Next → Claim → Eligible → Start → Report → Apply → Commit
//
// A host asks dialer's Queue for the Next calls of an agent. The queue Claims
// due records from the store, which leases each record with its contact and all
// its numbers. The campaign's pure function Eligible judges every one of them:
// it is callable, or it has blockers, and then the record is parked until a
// stated moment, by a commit. The host Starts the call, which asks Eligible
// again at that instant, dials, and Reports the result. The campaign's pure
// function Apply turns it into a Change, everything that follows as data: the
// new record, the call to log, blacklist entries, actions and the reason. The
// store Commits the Change whole or not at all. Nothing calls back up.
//
// # Where to begin
//
// A host without a queue of its own begins with dialer and campaign/memstore, or
// with campaign/sqlstore where what happened must outlive the process. A test suite
// that simulates campaigns begins with dialer/sim. A host that keeps its own queue
// needs neither: it calls Eligible and Apply of campaign, and writes the Change. A
// host with tables of its own behind campaign.Store tests them with
// campaign/storetest. The page docs/stores.md is about all of them. The screens beside
// the calls, for contacts and cases, are contacts and docs/contacts.md.
//
// # What holds everywhere
//
//   - The packages that decide (blacklist, status, campaign, contacts, dialer) read no
//     clock, start no goroutine, log nothing, keep no global state and draw no
//     randomness. Only a Queue and a Book have a clock, their Now, and that can be replaced.
//   - Times are UTC at microseconds; zones are IANA names.
//   - Exported declarations name only the standard library's types and our own.
//   - "Nothing to call" is an answer with reasons and the next due time, never
//     an error.
//   - Mistakes in a configuration are reported all at once, each with its place
//     and with what would be right.
package nextcall
