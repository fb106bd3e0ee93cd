// Package rule compiles conditions written in CEL, such as
//
//	call.outcome == "busy" && record.attempts >= 3
//
// for the places of a campaign's configuration that take one: auto-set
// conditions of statuses, the dial condition, fields that are required or valid
// when, a rank, and the time of the next call.
package rule
