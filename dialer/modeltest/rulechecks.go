package modeltest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// checkRuled: a call that reached no agent, and for which nobody chose a status,
// takes the first one whose rule holds, and the answer lists the others; a rule
// that fails is passed over, and the answer says so.
func checkRuled(w *world) string {
	for id, cause := range w.ev.changed {
		if cause != "reported" && cause != "expired" {
			continue
		}
		l, outcome := w.ev.report, campaign.Unknown
		if cause == "reported" {
			if l == nil || w.ev.result == nil || l.kept || w.ev.result.Status != "" {
				continue
			}
			outcome = w.calls[l.ref.Token].outcome
		} else if i := slices.IndexFunc(w.ev.expired, func(l *lease) bool { return l.ref.Record == id && l.expired }); i >= 0 {
			l = w.ev.expired[i]
		} else {
			continue
		}
		answer, ok := w.answerOf(id)
		if !ok || w.settings[l.ref.Campaign].rules == nil || l.inbound || outcome.Reached() || w.prev[id].Record.Success || l.phase == campaign.Offered {
			continue
		}
		want, also := status.ID(""), []status.ID(nil)
		if all := rulings(outcome, l.number); len(all) > 0 {
			want, also = all[0], all[1:]
		}
		if answer.Has(campaign.WhyRule) != (want != "") || want != "" && answer.Status != want || !slices.Equal(answer.Also, also) {
			return fmt.Sprintf("call %d of record %s to %v came to %v: the answer is status %q (%q), also %q, want %q, also %q",
				l.ref.Token, id, l.number, outcome, answer.Status, answer.Why, answer.Also, want, also)
		}
		for _, broken := range []string{`"r-broken"`, `"r-broken2"`} {
			if !slices.ContainsFunc(answer.Warnings, func(text string) bool { return strings.Contains(text, broken) }) {
				return fmt.Sprintf("the rule of %s failed for call %d, and the answer does not say so: %q", broken, l.ref.Token, answer.Warnings)
			}
		}
	}
	return ""
}

// checkRank: a record is sorted by its order, and where a campaign has a rank, in
// the lanes that it orders, by that.
func checkRank(w *world) string {
	for _, id := range w.order {
		r, known := w.cur[id].Record, w.records[id]
		want := int64(known.order)
		if want == 0 {
			want = 1 << 16
		}
		if w.settings[known.ref.Campaign].cfg.Rank != "" && (r.Lane == status.LaneFresh || r.Lane == status.LaneLast) {
			want = ranks[known.code]
		}
		if r.Sort != want {
			return fmt.Sprintf("record %s of campaign %s in lane %v, with order %d and code %d, is sorted as %d: want %d",
				id, known.ref.Campaign, r.Lane, known.order, known.code, r.Sort, want)
		}
	}
	return ""
}

// checkComputed: a status that computes its next call has that time, if nobody
// gave one; what has passed is due now; what fails goes by the retry policy. A
// callback it is in any case.
func checkComputed(w *world) string {
	for id, cause := range w.ev.changed {
		r := w.cur[id].Record
		if byStatus[r.Status].NextAt == "" || !r.StatusAt.Equal(w.now) || r.Standing != status.StandingQueued || w.ev.faulted {
			continue
		}
		want := w.now.Add(computedSpan)
		switch code := w.records[id].code; {
		case cause != "set" && cause != "correct" && cause != "reported" && cause != "expired":
			continue
		case w.op.In != 0 && w.op.Status == r.Status:
			if want = w.now; w.op.In > 0 {
				want = w.now.Add(w.op.In)
			}
		case code == codePast:
			want = w.now
		case code == codeBroken && cause == "set":
			want = w.now // nothing was dialled that a delay could begin with
		case code == codeBroken && w.ev.result != nil && w.ev.result.Outcome == campaign.LineBusy:
			want = w.now.Add(10 * time.Minute)
		case code == codeBroken:
			continue
		}
		if !r.Due.Equal(want) || !r.Promised {
			return fmt.Sprintf("record %s with code %d got status %s at %v (%s), given %v: it is due at %v, promised %v: want %v",
				id, w.records[id].code, r.Status, w.now, cause, w.op.In, r.Due, r.Promised, want)
		}
	}
	return ""
}

// checkFields: what is required by a condition is demanded, and a value that a
// condition refuses, or cannot judge, is not saved; nothing else is refused so.
func checkFields(w *world) string {
	known := w.records[w.op.Record]
	if known == nil {
		return ""
	}
	code, saves := known.code, w.op.Kind == opEdit && (w.op.Part == partFields || w.op.Part == partAll)
	if saves {
		code = w.op.Code
	}
	bad := code == codeInvalid || code == codeUnsure
	demanded := code == codeReason || code == codePast
	r := w.cur[w.op.Record].Record
	var cause string
	if cause = w.ev.changed[w.op.Record]; cause == "reported" && (w.ev.result == nil || w.ev.result.Status == "") {
		cause = ""
	}
	decided := cause == "set" || cause == "correct" || cause == "reported"
	required := (*campaign.RequiredError)(nil)
	switch {
	case saves && bad && cause == "edit":
		return fmt.Sprintf("record %s was saved with the code %d", r.ID, code)
	case !(saves && bad) && refusedByCondition(w.ev.err):
		return fmt.Sprintf("record %s with the code %d was refused: %v", r.ID, code, w.ev.err)
	case r.Type == lead && r.Status == calc.ID && demanded && w.ev.err == nil && (decided || cause == "edit"):
		return fmt.Sprintf("record %s with the code %d was saved (%s) with status %s, and has no reason", r.ID, code, cause, r.Status)
	case refusedTime(w.ev.err) && w.op.Status == calc.ID && w.op.In == 0:
		return fmt.Sprintf("status %s was refused for record %s without a time, which it computes: %v", calc.ID, r.ID, w.ev.err)
	case errors.As(w.ev.err, &required) && !(r.Type == lead && demanded && slices.Equal(required.Fields, []string{"reason"})):
		return fmt.Sprintf("record %s with the code %d: %v", r.ID, code, w.ev.err)
	}
	return ""
}

func refusedTime(err error) bool {
	bad := (*campaign.InputError)(nil)
	return errors.As(err, &bad) && bad.Field != "agent"
}

func refusedByCondition(err error) bool {
	bad := (*campaign.FieldError)(nil)
	return errors.As(err, &bad) && strings.Contains(bad.Msg, "condition not 70")
}

// admitted looks at what an import was told of a record.
func (w *world) admitted(o op, err error, warnings []string) {
	ruled := o.Add.Campaign == delta && o.Add.Type == lead
	bad := ruled && (o.Code == codeInvalid || o.Code == codeUnsure)
	if bad && err == nil || !bad && refusedByCondition(err) {
		w.fail(0, "record %s of campaign %s with the code %d was added: %v", o.Record, o.Add.Campaign, o.Code, err)
	}
	warned := ruled && o.Code == codeBroken || w.listWarned(o)
	if err == nil && (len(warnings) > 0) != warned {
		w.fail(0, "record %s of campaign %s with the code %d was added with the warnings %q", o.Record, o.Add.Campaign, o.Code, warnings)
	}
}
