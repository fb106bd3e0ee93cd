// Package ruletest answers whether a campaign's rules do what their author
// means: rules and cases stand in a text file that people can read, and a host
// runs it in its own go test with one call:
//
//	func TestRules(t *testing.T) {
//		ruletest.Run(t, "testdata/rules.txt", ruletest.Options{})
//	}
//
// # The file
//
// A file is a list of lines. Blank lines count for nothing, nor do lines that
// begin with #. A line such as "status later" opens a block; what belongs to it
// follows, in lines of the form "name = value".
//
//	campaign spring
//	zone = Europe/Warsaw
//	callee_zone = Europe/Warsaw
//
//	record_type client
//	balance = double
//
//	status later
//	qualifier = redial
//	delay = 2h
//	auto_set = call.outcome == "busy" && record.attempts >= 3
//
//	case busy for the third time
//	call.outcome = "busy"
//	record.attempts = 3
//	-> later
//
//	case busy for the first time
//	call.outcome = "busy"
//	-> none
//
// The blocks:
//
//   - campaign ID, status ID, record_type NAME, contact_fields and agents say
//     what the rules are. The names are those of the configuration as JSON has
//     it. They are left out where the host gives its own compiled campaign, see
//     [Options]. A condition is not quoted; it goes on in the next line where
//     that begins, or the line before ends, with an operator or a bracket.
//   - given holds facts for all cases that follow, until the next given. What a
//     case says itself takes their place; its earlier calls that of all given ones.
//   - case NAME is one case: facts, and what must come of them.
//
// # Facts
//
// A fact is a variable of the conditions and its value: a text in double quotes,
// a number, true or false, a list such as ["a", "b"], a duration such as 90s or
// 2h, and a time: 2026-03-02T10:00 in the campaign's zone, 2026-03-02T10:00
// Europe/Prague, 2026-03-02T09:00:00Z, or as seen from now: 72h ago, in 30m.
// The value absent takes back what given says.
//
// A case says what the condition sees. A call is already counted: what a case
// does not say is what a first call with that outcome, and the earlier calls,
// have made of a new record with one number. Beside the variables there are
//
//	now = 2026-03-02T10:00           the instant of the decision; this one if it is not given, a Monday
//	earlier_call = "busy" 3h ago     a call before; there may be several, and "on phone 2" may follow
//	record.phones = ["+48600100200"] the record's numbers
//	record.type = "client"           needed only if several record types have the fields
//	record.success = true            a success was reached before
//	call.inbound = true, call.rang = true
//	attempts.streak = 3              what streak() counts
//
// # What must come of them
//
//	-> later                             the rule of status later decides
//	-> none                              no rule decides, the fallback holds
//	-> also voicemail                    and this one would have, were it not for an earlier one
//	-> fails broken                      this condition can be neither true nor false
//	-> dial = yes                        the dial condition; also no, fails
//	-> required city = yes               a field's required_when; also no, fails
//	-> valid city = no                   a field's valid_when; also yes, fails
//	-> rank = 120                        the number, before it is rounded; also fails
//	-> next_at later = 2026-03-03T09:00  the computed next call; also fails
//
// A condition that fails where the case does not say so fails the case.
//
// # Coverage
//
// A rule that was true in some case and false in another may still hold a
// mistake. So the [Report] counts, for each condition, whether each of its
// branches (what stands between && and ||, see [rule.Branch]) was seen true and
// seen false where it was really asked.
package ruletest
