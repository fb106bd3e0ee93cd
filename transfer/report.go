package transfer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Kind is what a request does.
type Kind string

// The kinds of requests, as the verb of their report.
const (
	Changed Kind = "changed"
	Moved   Kind = "moved"
	Undone  Kind = "restored"
)

// Report is what a request came to, or with Dry what it would come to. It is
// plain data. Found is the sum of Changed, Already and all that were skipped.
type Report struct {
	Kind      Kind   `json:"kind"`
	Operation string `json:"operation,omitempty"`
	Dry       bool   `json:"dry,omitempty"` // nothing was written: it is a plan

	From campaign.ID `json:"from,omitempty"` // the source campaign
	To   campaign.ID `json:"to,omitempty"`   // the target campaign; of a Change the same
	// Statuses are those that the filter asks for; none: any.
	Statuses []status.ID `json:"statuses,omitempty"`
	// Status is the target; "" with Qualifier Unused.
	Status    status.ID        `json:"status,omitempty"`
	Qualifier status.Qualifier `json:"qualifier,omitempty"` // of the target status

	Found   int `json:"found"` // records that the filter found, until the limit was reached
	Changed int `json:"changed"`
	Already int `json:"already,omitempty"` // changed by the operation before this run
	// Skipped are the records that were left alone, by reason.
	Skipped []Skipped `json:"skipped,omitempty"`

	Listed  int    `json:"listed,omitempty"`  // entries on blacklists
	Actions int    `json:"actions,omitempty"` // mails and text messages that go out
	Lost    []Lost `json:"lost,omitempty"`    // fields that the other record type does not have
	// Warnings are what a person should know, such as a time that has passed.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Skipped are the records that were left alone for one reason.
type Skipped struct {
	Reason  Reason   `json:"reason"`
	Count   int      `json:"count"`
	Samples []Sample `json:"samples"` // the first ones
}

// Sample is a record that was left alone.
type Sample struct {
	Ref campaign.Ref `json:"ref"`
	Why string       `json:"why"` // in words
}

// Lost is a field whose value gets lost.
type Lost struct {
	Field   string `json:"field"`
	Records int    `json:"records"`
}

// Warning is something that holds for so many of the changed records.
type Warning struct {
	Text    string `json:"text"`
	Records int    `json:"records"`
}

const (
	maxSamples  = 5
	maxWarnings = 20
)

// SkippedFor is how many records were left alone for a reason.
func (r *Report) SkippedFor(reason Reason) int {
	for i := range r.Skipped {
		if r.Skipped[i].Reason == reason {
			return r.Skipped[i].Count
		}
	}
	return 0
}

// AllSkipped is how many records were left alone.
func (r *Report) AllSkipped() int {
	n := 0
	for i := range r.Skipped {
		n += r.Skipped[i].Count
	}
	return n
}

// String is the report in one line, for people:
//
//	moved 120 records from campaign "spring", status "no_interest", to campaign "autumn", status "call_again"; 3 skipped: 2 in progress, 1 limit reached
//
// That of a plan begins with "would move".
func (r *Report) String() string {
	var b strings.Builder
	verb := string(r.Kind)
	if r.Dry {
		verb = "would " + map[Kind]string{Changed: "change", Moved: "move", Undone: "restore"}[r.Kind]
	}
	fmt.Fprintf(&b, "%s %s", verb, records(r.Changed))
	switch r.Kind {
	case Changed:
		fmt.Fprintf(&b, " of campaign %q, %s, to %s", r.From, r.sources(), r.target())
	case Moved:
		fmt.Fprintf(&b, " from campaign %q, %s, to campaign %q, %s", r.From, r.sources(), r.To, r.target())
	}
	if r.Already > 0 {
		fmt.Fprintf(&b, "; %s already", records(r.Already))
	}
	if n := r.AllSkipped(); n > 0 {
		fmt.Fprintf(&b, "; %d skipped: ", n)
		for i, s := range r.Skipped {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%d %s", s.Count, s.Reason)
		}
	}
	return b.String()
}

func records(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}

func (r *Report) sources() string {
	switch len(r.Statuses) {
	case 0:
		return "any status"
	case 1:
		return fmt.Sprintf("status %q", r.Statuses[0])
	}
	return fmt.Sprintf("statuses %q", r.Statuses)
}

func (r *Report) target() string {
	if r.Status == "" {
		return r.Qualifier.String()
	}
	return fmt.Sprintf("status %q", r.Status)
}

// skip counts a record that is left alone.
func (r *Report) skip(reason Reason, ref campaign.Ref, why error) {
	at := slices.IndexFunc(r.Skipped, func(s Skipped) bool { return s.Reason == reason })
	if at < 0 {
		at = len(r.Skipped)
		r.Skipped = append(r.Skipped, Skipped{Reason: reason})
	}
	s := &r.Skipped[at]
	s.Count++
	if len(s.Samples) < maxSamples {
		ref.Token = 0
		s.Samples = append(s.Samples, Sample{Ref: ref, Why: why.Error()})
	}
}

// lose counts a field whose value gets lost.
func (r *Report) lose(field string) {
	at := slices.IndexFunc(r.Lost, func(l Lost) bool { return l.Field == field })
	if at < 0 {
		at = len(r.Lost)
		r.Lost = append(r.Lost, Lost{Field: field})
	}
	r.Lost[at].Records++
}

// warn counts a warning. Of many different ones the first are kept.
func (r *Report) warn(text string) {
	at := slices.IndexFunc(r.Warnings, func(w Warning) bool { return w.Text == text })
	if at < 0 {
		if at = len(r.Warnings); at == maxWarnings {
			return
		}
		r.Warnings = append(r.Warnings, Warning{Text: text})
	}
	r.Warnings[at].Records++
}

// sorted is the report with its lists in their order.
func (r Report) sorted() Report {
	r.Skipped = slices.Clone(r.Skipped)
	slices.SortFunc(r.Skipped, func(a, b Skipped) int {
		return cmp.Compare(slices.Index(reasons[:], a.Reason), slices.Index(reasons[:], b.Reason))
	})
	r.Lost = slices.Clone(r.Lost)
	slices.SortFunc(r.Lost, func(a, b Lost) int { return cmp.Compare(a.Field, b.Field) })
	return r
}
