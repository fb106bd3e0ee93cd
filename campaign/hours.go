package campaign

import (
	"fmt"
	"strings"
)

// Hours are weekly windows of local time, such as
//
//	mon-fri 08:00-21:00; sat 09:00-13:00, 14:00-18:00; holiday none; eve 08:00-12:00
//
// A weekday that is not named has no window. "holiday" replaces the weekday's
// windows on a holiday and "eve" on the day before one; where both are named and
// both hold, holiday decides. One that is not named leaves the weekday's.
//
// Windows are half-open: at 21:00 the day above is over. One whose end is not
// after its start crosses midnight ("20:00-02:00") and belongs as a whole to
// the day on which it begins.
//
// The zero value is no restriction: always open. Hours are plain values: equal
// ones are equal in Go, and as text they are what String returns.
type Hours struct{ text string } // canonical, so that equality is equality

// IsZero reports whether there is no restriction.
func (h Hours) IsZero() bool { return h.text == "" }

// String returns the canonical text, "" for no restriction. Reading it gives
// the same Hours.
func (h Hours) String() string { return h.text }

// MarshalText writes the canonical text.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.text), nil }

// UnmarshalText reads hours as [ParseHours] does.
func (h *Hours) UnmarshalText(text []byte) error {
	parsed, err := ParseHours(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

// ParseError says where a text cannot be read, and what would be right there.
type ParseError struct {
	Text string
	Pos  int    // offset in bytes
	Want string // what would be right
}

func (e *ParseError) Error() string {
	rest := e.Text[min(e.Pos, len(e.Text)):]
	if len(rest) > 24 {
		rest = strings.ToValidUTF8(rest[:24], "") + "…"
	}
	if rest == "" {
		return fmt.Sprintf("hours %q: at the end: want %s", e.Text, e.Want)
	}
	return fmt.Sprintf("hours %q: at byte %d, %q: want %s", e.Text, e.Pos, rest, e.Want)
}

// The days that have windows of their own. Weekdays come first, Monday is 0.
const (
	dayHoliday = 7
	dayEve     = 8
	numDays    = 9
)

var dayNames = [numDays]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "eve"}

const minutesPerDay = 24 * 60

// window is half-open, in minutes of the day on which it begins. A window that
// crosses midnight ends after minutesPerDay.
type window struct{ from, to int }

// week is what a text of hours says.
type week struct {
	days  [numDays][]window // each sorted, without overlap
	given [numDays]bool     // whether the day was named; matters for holiday and eve
}

// ParseHours reads hours; see [Hours] for what they mean. The text is a list of
// days with windows, separated by ";":
//
//   - days are mon, tue, wed, thu, fri, sat, sun or their English names, ranges
//     of them ("mon-fri", "fri-mon"), weekend, holiday and eve, separated by
//     commas; daily is every weekday that is not named beside it;
//   - windows are "none" or "08:00-12:00, 13:00-24:00", separated by commas.
//
// "always" and "never" stand alone, "" is the zero value. Case and white space
// do not matter. A day named twice, windows that overlap and an empty window
// are refused. Windows that touch become one. The error is a [*ParseError].
func ParseHours(text string) (Hours, error) {
	w, err := parseWeek(text)
	if err != nil || w == nil {
		return Hours{}, err
	}
	return Hours{text: w.text()}, nil
}

// text writes the week in canonical form.
func (w *week) text() string {
	empty := true
	for _, day := range w.days {
		empty = empty && len(day) == 0
	}
	if empty {
		return "never"
	}
	var groups []string
	for first := 0; first < dayHoliday; {
		last := first
		for last+1 < dayHoliday && sameWindows(w.days[first], w.days[last+1]) {
			last++
		}
		if len(w.days[first]) > 0 {
			groups = append(groups, dayRange(first, last)+" "+windowsText(w.days[first]))
		}
		first = last + 1
	}
	for day := dayHoliday; day < numDays; day++ {
		if w.given[day] {
			groups = append(groups, dayNames[day]+" "+windowsText(w.days[day]))
		}
	}
	text := strings.Join(groups, "; ")
	if text == "daily 00:00-24:00" {
		return "always"
	}
	return text
}

func dayRange(first, last int) string {
	switch {
	case first == 0 && last == dayHoliday-1:
		return "daily"
	case first == last:
		return dayNames[first]
	}
	return dayNames[first] + "-" + dayNames[last]
}

func windowsText(windows []window) string {
	if len(windows) == 0 {
		return "none"
	}
	texts := make([]string, len(windows))
	for i, w := range windows {
		to := w.to
		if to > minutesPerDay {
			to -= minutesPerDay
		}
		texts[i] = fmt.Sprintf("%02d:%02d-%02d:%02d", w.from/60, w.from%60, to/60, to%60)
	}
	return strings.Join(texts, ", ")
}

func sameWindows(a, b []window) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
