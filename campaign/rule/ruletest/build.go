package ruletest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// built is what a case says, as the rules are given it.
type built struct {
	facts campaign.Facts
	call  *campaign.Call // nil: the case has no call
	now   time.Time
}

// builder makes the facts of one case.
type builder struct {
	reader
	run       *runner
	file      string
	out       built
	r         *campaign.Record
	at        int // index of the phone that it is about; -1: none
	listed    bool
	country   string
	number    blacklist.Number // as the case names it
	index     int              // from 1; 0: not said
	phoneZone string
	result    campaign.Result
	lease     campaign.Lease
	wrap      time.Duration
	mode      campaign.Mode
	id        campaign.Token
	earlier   []earlier
	given     map[string]int // the line of each fact
	errs      []error
}

// earlier is a call before.
type earlier struct {
	outcome campaign.Outcome
	at      time.Time
	phone   int
	line    int
}

func (b *builder) fail(line int, format string, args ...any) {
	b.errs = append(b.errs, &Error{File: b.file, Line: line, Msg: fmt.Sprintf(format, args...)})
}

// build makes the facts of a case, or says everything that is wrong with them.
func (run *runner) build(c *testCase, wanted []string) (built, error) {
	b := &builder{run: run, file: run.suite.name, given: map[string]int{}, mode: run.cfg.Mode}
	b.zone = run.zone
	b.out.facts.Record = campaign.Record{ID: "record", Campaign: run.cfg.ID, Phones: []campaign.Phone{{Number: defaultNumber}}}
	b.r = &b.out.facts.Record
	facts := slices.DeleteFunc(slices.Clone(c.facts), func(s setting) bool { return s.value == "absent" && b.known(s) })
	b.now = time.Date(2026, 3, 2, 10, 0, 0, 0, run.zone).UTC()
	for _, s := range facts {
		if s.name == nowFact {
			b.setNow(s)
		}
		b.given[s.name] = s.line
	}
	b.out.now = b.now
	b.all(facts, shaping)
	b.numbers()
	b.typed(facts, wanted)
	for _, s := range facts {
		if s.name == earlierCall {
			b.before(s)
		}
	}
	b.all(facts, calling)
	if len(b.errs) == 0 {
		b.calls(c, facts)
	}
	b.all(facts, settling)
	for _, s := range facts {
		b.field(s)
	}
	if c := b.out.facts.Contact; c != nil {
		b.r.Contact = c.ID
	}
	if len(b.errs) == 0 {
		b.agree()
	}
	return b.out, errors.Join(b.errs...)
}

func (b *builder) setNow(s setting) {
	if strings.HasSuffix(s.value, " ago") || strings.HasPrefix(s.value, "in ") || s.value == nowFact {
		b.fail(s.line, "now: want a time such as 2026-03-02T10:00, not one that is seen from now")
		return
	}
	at, err := b.readTime(s.value)
	if err != nil {
		b.fail(s.line, "now: %v", err)
		return
	}
	b.now = at
}

// known reports whether the fact exists, and says so if it does not.
func (b *builder) known(s setting) bool {
	if _, ok := factTable[s.name]; ok || s.name == nowFact || s.name == earlierCall || isField(s.name) {
		return true
	}
	names := append(factNames(), b.run.fieldNames...)
	b.fail(s.line, "%s: there is no such fact%s", clip(s.name), meant(s.name, names))
	return false
}

func isField(name string) bool {
	return strings.HasPrefix(name, "record.fields.") || strings.HasPrefix(name, "contact.fields.")
}

// all reads the facts of one phase.
func (b *builder) all(facts []setting, p phase) {
	for _, s := range facts {
		f, ok := factTable[s.name]
		switch {
		case !ok && p == shaping:
			b.known(s)
		case ok && f.phase == p:
			if err := f.set(b, s.value); err != nil {
				b.fail(s.line, "%s: %v", s.name, err)
			}
		}
	}
}

// before reads `"busy" 3h ago on phone 2`.
func (b *builder) before(s setting) {
	name, rest, _ := strings.Cut(s.value, " ")
	e := earlier{line: s.line}
	var err error
	if e.outcome, err = quoted(readOutcome)(name); err != nil {
		b.fail(s.line, `%s: %v; want such as "busy" 3h ago`, s.name, err)
		return
	}
	when, phone, onPhone := strings.Cut(strings.TrimSpace(rest), " on phone ")
	if onPhone {
		n, err := strconv.Atoi(strings.TrimSpace(phone))
		if err != nil || n < 1 || n > len(b.r.Phones) {
			b.fail(s.line, "%s: on phone %s: the record has %d: want 1 for the first", s.name, clip(phone), len(b.r.Phones))
			return
		}
		e.phone = n - 1
	}
	if e.at, err = b.readTime(strings.TrimSpace(when)); err != nil {
		b.fail(s.line, `%s: %v; want such as "busy" 3h ago`, s.name, err)
		return
	}
	switch {
	case e.at.After(b.now):
		b.fail(s.line, "%s: %s is after now, %s", s.name, clip(when), b.now.In(b.zone).Format(time.RFC3339))
	case len(b.r.Phones) == 0:
		b.fail(s.line, "%s: %v", s.name, errNoPhone)
	default:
		b.earlier = append(b.earlier, e)
	}
}

// calls has the earlier calls, and the case's own, counted as the campaign
// counts: the record gets what they made of it.
func (b *builder) calls(c *testCase, facts []setting) {
	slices.SortStableFunc(b.earlier, func(x, y earlier) int { return x.at.Compare(y.at) })
	for i, e := range b.earlier {
		lease := campaign.Lease{Token: campaign.Token(i + 1), Number: b.r.Phones[e.phone].Number}
		call := b.counted(e.line, lease, campaign.Result{Outcome: e.outcome, Dialed: e.at, Ended: e.at}, e.at)
		b.out.facts.History = append(b.out.facts.History, call)
	}
	first := slices.IndexFunc(facts, func(s setting) bool { return strings.HasPrefix(s.name, "call.") })
	if first < 0 {
		return
	}
	if b.result.Outcome == campaign.OutcomeNone {
		b.fail(facts[first].line, `case %q has a call: say how it ended, such as call.outcome = "busy"`, clip(c.name))
		return
	}
	if b.at < 0 {
		b.fail(facts[first].line, "case %q has a call: %v", clip(c.name), errNoPhone)
		return
	}
	b.lease.Token, b.lease.Number = campaign.Token(len(b.earlier)+1), b.r.Phones[b.at].Number
	ended := b.result.Ended
	if ended.IsZero() {
		ended = b.now.Add(-b.wrap)
	} else if _, ok := b.given["call.wrap"]; ok && !ended.Equal(b.now.Add(-b.wrap)) {
		b.fail(b.given["call.wrap"], "call.wrap: it contradicts call.ended: leave one out")
	}
	b.result.Ended = ended
	if b.result.Dialed.IsZero() {
		b.result.Dialed = ended.Add(-b.result.Talk - b.result.Ring)
	}
	call := b.counted(facts[first].line, b.lease, b.result, b.now)
	if call == nil {
		return
	}
	call.Mode = b.mode
	if b.id != 0 {
		call.Token, b.r.LastToken = b.id, b.id
	}
	b.out.call = call
}

// counted counts a call on the record. What a campaign without rules decides
// besides is not the case's.
func (b *builder) counted(line int, lease campaign.Lease, result campaign.Result, now time.Time) *campaign.Call {
	lease.Call, lease.Phase, lease.At, lease.Dialed = lease.Token, campaign.Dialed, result.Dialed, result.Dialed
	r := b.r
	bare := campaign.Record{ID: r.ID, Campaign: r.Campaign, Phones: r.Phones, Progress: campaign.Progress{
		Attempts: r.Attempts, LastCall: r.LastCall, LastOutcome: r.LastOutcome, LastAgent: r.LastAgent, LastToken: r.LastToken,
		NeedsAgent: r.NeedsAgent, Qualifier: r.Qualifier, Next: b.at,
	}}
	change, err := b.run.plain.Apply(&campaign.Facts{Record: bare, Lease: lease}, result, now)
	if err != nil {
		b.fail(line, "the call cannot be: %v", err)
		return nil
	}
	for _, w := range change.Answer.Warnings {
		b.fail(line, "the call cannot be: %s", w)
	}
	after := change.Record
	r.Attempts, r.LastCall, r.LastOutcome, r.LastAgent, r.LastToken = after.Attempts, after.LastCall, after.LastOutcome, after.LastAgent, after.LastToken
	r.NeedsAgent, r.Phones = after.NeedsAgent, slices.Clone(after.Phones)
	change.Call.Before = nil
	return change.Call
}

// agree puts right what follows from what the case says, and refuses what
// cannot be.
func (b *builder) agree() {
	a := &b.r.Attempts
	has := func(name string) bool { return b.given[name] > 0 }
	sum := 0 // of the outcomes that a case can say: each is an attempt
	for _, o := range []campaign.Outcome{campaign.Answered, campaign.NoAnswer, campaign.LineBusy, campaign.Voicemail, campaign.Drop, campaign.Invalid} {
		sum += int(a.ByOutcome[o])
	}
	since := has("record.attempts") || has("attempts.since_reset")
	switch {
	case has("record.attempts") && has("attempts.since_reset"):
		b.fail(b.given["attempts.since_reset"], "attempts.since_reset is the same as record.attempts: leave one out")
	case !since && has("attempts.total"):
		a.SinceReset = a.Total
	case !since:
		a.SinceReset = max(a.SinceReset, sum)
	}
	if !has("attempts.total") {
		a.Total = max(a.Total, a.SinceReset, sum)
	}
	if a.Total < a.SinceReset {
		b.fail(b.given["attempts.total"], "attempts.total = %d is less than record.attempts = %d, which begins anew with a reset", a.Total, a.SinceReset)
	}
	call := b.out.call
	if call == nil {
		return
	}
	if call.Counted {
		for _, name := range []string{"record.attempts", "attempts.since_reset", "attempts.total", "phone.attempts"} {
			n := map[string]int{"attempts.total": a.Total, "phone.attempts": b.r.Phones[b.at].Attempts}
			v, ok := n[name]
			if !ok {
				v = a.SinceReset
			}
			if has(name) && v < 1 {
				b.fail(b.given[name], "%s = 0: the call itself is an attempt: want 1 or more", name)
			}
		}
	}
	if !call.Inbound && b.r.LastOutcome != call.Outcome {
		b.fail(b.given["attempts.last_outcome"], "attempts.last_outcome = %q: the last call is this one, and was %q", b.r.LastOutcome.String(), call.Outcome.String())
	}
	name := "attempts." + call.Outcome.String()
	if call.Outcome == campaign.Invalid {
		name = "attempts.invalid"
	}
	if !call.Inbound && has(name) && a.ByOutcome[call.Outcome] < 1 {
		b.fail(b.given[name], "%s = 0: the call itself is one: want 1 or more", name)
	}
}

// contact is the record's, made when it is first asked for.
func (b *builder) contact() *campaign.Contact {
	if b.out.facts.Contact == nil {
		b.out.facts.Contact = &campaign.Contact{ID: "contact", FirstName: "Jan", LastName: "Kowalski"}
	}
	return b.out.facts.Contact
}

func (b *builder) setListed(v string) error {
	if err := into(&b.listed, v, readBool); err != nil || !b.listed {
		return err
	}
	if b.at < 0 {
		return errNoPhone
	}
	b.out.facts.Listed = []blacklist.Answer{{
		Number: b.r.Phones[b.at].Number, Listed: true, Entry: blacklist.Entry{Number: b.r.Phones[b.at].Number, List: blacklist.Global},
	}}
	return nil
}
