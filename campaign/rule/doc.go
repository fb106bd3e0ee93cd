// Package rule answers what a campaign's conditions mean: it compiles those that
// a configuration has in CEL, such as
//
//	call.outcome == "busy" && record.attempts >= 3
//
// and decides them. An [Engine] is given to [campaign.Compile]; nothing else need
// be done: from then on calls that reached no agent set statuses by themselves,
// and the campaign's dial condition, its rank, the fields that are required or
// valid when, and the computed next calls are decided here.
//
// The pages of docs/rules.md say what conditions can read, show ten rules, and
// name the traps. Package ruletest runs rules and cases from a text file in the
// host's own tests.
//
// # What holds
//
//   - A condition is checked when the campaign is compiled: names, types, and the
//     type of its result. All mistakes are found at once, each with its place.
//   - It is true, false or failed, as CEL says. Failed is a [*Failure] with the
//     record and the part that failed; it is never taken for false.
//   - It reads the facts that it is given and nothing else: no clock, no
//     randomness, no input or output. The same facts give the same result.
//   - A [Set] is immutable, and safe for concurrent use.
//   - On demand a decision is explained part by part, with its values: see
//     [Set.ExplainCall] and [Set.Explain]. What a campaign's set is, [Of] says.
//
// CEL is evaluated by cel-go, which only hosts that import this package link. No
// declaration names a type of it.
package rule
