// Package sim answers what would become of a campaign: it runs agents and
// people who answer, or do not, in virtual time, on the production code.
//
// [Run] is a host like any other. Its agents ask a [dialer.Queue] for calls,
// start them and report what a [Model] says came of them; nothing in the queue,
// the campaign or the store knows that the time is not real. A [Clock] stands
// still until the next event, and jumps there: a week takes as long as its
// calls take to decide.
//
// One seed decides everything. What a person does depends on the seed, the
// record and how often it was dialled, not on who calls when, so that two
// configurations can be compared on the same people.
//
// Simulated are agents who dial with themselves reserved, as in preview and
// progressive campaigns. Lines dialled ahead of free agents are not.
package sim
