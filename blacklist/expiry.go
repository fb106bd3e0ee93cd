package blacklist

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/nextcall/nextcall/internal/calendar"
)

// Expiry says how long an entry holds: steps from the moment at which it is
// made, such as "6 days, 19 months". It is a value that never changes; two are
// equal (==) if they have the same terms. The zero value is permanent.
type Expiry struct {
	text string // canonical
}

// ParseExpiry reads terms of a number and a unit: "6 days", "+1 month",
// "6 days, 19 months". Units are hours, days, weeks, months and years, singular
// or plural, in any case; a unit may come twice; terms are separated by white
// space, a comma or both, and keep their order. A + may stand right before a
// number. Everything else is a *ParseError: an empty text (permanent is the
// zero Expiry, not a text) or term, a bare number or unit, zero, negative
// numbers, fractions, other units and abbreviations, a unit that touches its
// number, digits of other scripts, and what would be past the year 9999 from
// any start.
func ParseExpiry(text string) (Expiry, error) {
	terms, err := parseTerms(nil, text)
	if err != nil {
		return Expiry{}, err
	}
	var canonical strings.Builder
	for i, t := range terms {
		if i > 0 {
			canonical.WriteString(", ")
		}
		canonical.WriteString(strconv.FormatInt(t.n, 10))
		unit := t.unit.String()
		if t.n == 1 {
			unit = strings.TrimSuffix(unit, "s")
		}
		canonical.WriteString(" " + unit)
	}
	return Expiry{text: canonical.String()}, nil
}

// IsPermanent reports whether e is the zero value: it never ends.
func (e Expiry) IsPermanent() bool { return e.text == "" }

// At returns the instant at which an entry made at from leaves the list, in UTC
// and whole microseconds: the terms applied from left to right, hours as
// absolute time, all others as steps on the calendar of loc that keep its wall
// clock. A month that is too short ends the step on its last day. A permanent
// expiry gives the zero time. The error is a *ParseError at the term of String()
// that leads past the year 9999, or at the first if loc is nil or from is out of
// the years 1 to 9999.
func (e Expiry) At(from time.Time, loc *time.Location) (time.Time, error) {
	if e.IsPermanent() {
		return time.Time{}, nil
	}
	return end(e.text, from, loc)
}

// end reads text and applies its terms. Storing and preview both come here.
func end(text string, from time.Time, loc *time.Location) (time.Time, error) {
	var room [4]term // more are rare
	terms, err := parseTerms(room[:0], text)
	if err != nil {
		return time.Time{}, err
	}
	until, failed, err := apply(terms, from, loc)
	if err != nil {
		refusal := &ParseError{What: "expiry", Input: text, Pos: terms[failed].pos, Msg: err.Error(), Want: wantExpiry}
		if step := (*calendar.Error)(nil); errors.As(err, &step) {
			refusal.Msg = "from " + step.From.UTC().Format(time.RFC3339) + ": " + step.Msg
			refusal.Want = step.Want
		}
		return time.Time{}, refusal
	}
	return until, nil
}

// String returns the canonical text, which ParseExpiry reads back: "6 days, 1
// month". Permanent is "".
func (e Expiry) String() string { return e.text }

// MarshalText returns what String does.
func (e Expiry) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what ParseExpiry does; an empty text is permanent.
func (e *Expiry) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*e = Expiry{}
		return nil
	}
	parsed, err := ParseExpiry(string(text))
	if err != nil {
		return err
	}
	*e = parsed
	return nil
}

// Preview is what a text for an expiry comes to.
type Preview struct {
	Expiry    Expiry    `json:"expiry,omitzero"`
	Permanent bool      `json:"permanent,omitempty"` // no text was given: the number stays listed
	Until     time.Time `json:"until,omitzero"`      // when the number leaves the list, UTC; zero if permanent
}

// PreviewExpiry shows what an entry made at from with this text would be, while
// somebody types: the text as UnmarshalText reads it ("" is permanent), then
// At, which are the steps that storing takes, so both give the same moment. The
// error is a *ParseError that points into text.
func PreviewExpiry(text string, from time.Time, loc *time.Location) (Preview, error) {
	if text == "" {
		return Preview{Permanent: true}, nil
	}
	expiry, err := ParseExpiry(text)
	if err != nil {
		return Preview{}, err
	}
	until, err := end(text, from, loc)
	if err != nil {
		return Preview{}, err
	}
	return Preview{Expiry: expiry, Until: until}, nil
}
