package ruletest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// want is one thing that must come of a case.
type want struct {
	line   int
	word   string // one of wantWords, or "" for a status that must win
	status status.ID
	field  string
	answer string // "yes", "no" or "fails"; "" is a value
	number float64
	at     time.Time
	text   string // as it stands in the file
}

var (
	wantWords = []string{"none", "also", "fails", "dial", "required", "valid", "rank", "next_at"}
	yesNo     = []string{"yes", "no", "fails"}
)

// asksCall reports whether a rule after a call must decide.
func (w *want) asksCall() bool { return slices.Contains([]string{"", "none", "also", "fails"}, w.word) }

// readWant reads what follows "->". b reads times.
func (run *runner) readWant(s setting, times *reader) (want, error) {
	w := want{line: s.line, text: "-> " + s.value}
	word, rest, _ := strings.Cut(s.value, " ")
	rest = strings.TrimSpace(rest)
	if !slices.Contains(wantWords, word) {
		id, err := statusName(s.value)
		if err != nil {
			return w, fmt.Errorf("%w, or one of %s%s", err, strings.Join(wantWords, ", "), meant(word, wantWords))
		}
		w.status = id
		return w, run.decides(id, campaign.AutoSet)
	}
	w.word = word
	subject, value, given := strings.Cut(rest, "=")
	subject, value = strings.TrimSpace(subject), strings.TrimSpace(value)
	switch word {
	case "none":
		if rest != "" {
			return w, fmt.Errorf("none: %q is one too many", clip(rest))
		}
		return w, nil
	case "also", "fails":
		id, err := statusName(rest)
		if err != nil {
			return w, fmt.Errorf("%s: %w", word, err)
		}
		w.status = id
		return w, run.decides(id, campaign.AutoSet)
	}
	if !given || value == "" {
		return w, fmt.Errorf(`%s: want "=" and what must come of it, such as "-> %s"`, word, wantExamples[word])
	}
	w.answer = value
	switch word {
	case "dial", "rank":
		if subject != "" {
			return w, fmt.Errorf("%s: %q is one too many", word, clip(subject))
		}
	case "next_at":
		id, err := statusName(subject)
		if err != nil {
			return w, fmt.Errorf("next_at: %w", err)
		}
		w.status = id
	default:
		w.field = subject
	}
	if err := run.has(&w); err != nil {
		return w, err
	}
	if value == "fails" {
		return w, nil
	}
	var err error
	switch word {
	case "rank":
		w.answer = ""
		w.number, err = readReal(value)
	case "next_at":
		w.answer = ""
		w.at, err = times.readTime(value)
	default:
		if !slices.Contains(yesNo, value) {
			err = fmt.Errorf("%s: want yes, no or fails", clip(value))
		}
	}
	return w, err
}

var wantExamples = map[string]string{
	"dial": "dial = yes", "required": "required city = yes", "valid": "valid city = no",
	"rank": "rank = 120", "next_at": "next_at later = in 2h",
}

// statusName reads a status, with or without quotes.
func statusName(text string) (status.ID, error) {
	if strings.HasPrefix(text, `"`) {
		id, err := readText(text)
		return status.ID(id), err
	}
	if text == "" || strings.ContainsAny(text, " =") {
		return "", fmt.Errorf("%q: want a status", clip(text))
	}
	return status.ID(text), nil
}

// decides makes sure that a condition of the status is asked at all.
func (run *runner) decides(id status.ID, k campaign.Kind) error {
	for _, x := range run.conditions {
		if x.Kind == k && x.Status == id {
			return nil
		}
	}
	var ids, with []string
	for _, st := range run.c.Statuses() {
		ids = append(ids, string(st.ID))
	}
	for _, x := range run.conditions {
		if x.Kind == k {
			with = append(with, string(x.Status))
		}
	}
	if slices.Contains(ids, string(id)) {
		return fmt.Errorf("status %q has no %s condition that is asked: it has none, or is disabled; there is one for %s", clip(string(id)), k, strings.Join(with, ", "))
	}
	return fmt.Errorf("%q is no status of the campaign%s", clip(string(id)), meant(string(id), ids))
}

// has makes sure that there is a condition of that kind.
func (run *runner) has(w *want) error {
	switch w.word {
	case "next_at":
		return run.decides(w.status, campaign.NextAt)
	case "dial", "rank":
		if slices.ContainsFunc(run.conditions, func(x campaign.Condition) bool { return x.Kind == wantKinds[w.word] }) {
			return nil
		}
		return fmt.Errorf("%s: the campaign has no %s", w.word, wantKinds[w.word])
	}
	var with []string
	for _, x := range run.conditions {
		if x.Kind == wantKinds[w.word] {
			with = append(with, x.Field)
		}
	}
	if slices.Contains(with, w.field) {
		return nil
	}
	return fmt.Errorf("%s: no field %q has such a condition: there is one for %q%s", w.word, clip(w.field), with, meant(w.field, with))
}

var wantKinds = map[string]campaign.Kind{
	"dial": campaign.DialWhen, "required": campaign.Required, "valid": campaign.ValidWhen, "rank": campaign.Rank, "next_at": campaign.NextAt,
}
