// Package sqlstore is a [campaign.Store] on a database of the host's: SQLite from
// 3.35 on, embedded in the process, or PostgreSQL from 13 on.
//
//	db, err := sql.Open("sqlite", "file:calls.db?_pragma=busy_timeout(10000)")
//	store, err := sqlstore.Open(ctx, db, sqlstore.SQLite, sqlstore.Options{})
//
// It works through database/sql with whatever driver the host imports, and imports
// none itself. [Open] makes the tables, or brings older ones up to date.
//
// What Claim and Commit write is durable when they return. Callers that come at
// the same time are joined in one transaction, so that they wait for the disk
// together: the first of them does the work of all, and no goroutine is left behind.
// A transaction that fails wrote nothing of any of them.
//
// Instants are kept as microseconds since 1970, in UTC, and ids compare by their
// bytes. The tables are named nextcall_..., and what a query may want to search
// is in columns of its own; the rest of a record, lease or call is JSON beside
// them. Another program may read them; only a store should write them.
package sqlstore
