package ruletest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// reader reads the values of one case.
type reader struct {
	now  time.Time
	zone *time.Location // of times that name none
}

func readText(v string) (string, error) {
	if len(v) < 2 || v[0] != '"' {
		return "", fmt.Errorf("%s: want a text in double quotes", clip(v))
	}
	s, err := strconv.Unquote(v)
	if err != nil {
		return "", fmt.Errorf("%s: want a text in double quotes, with \\\" for one inside", clip(v))
	}
	return s, nil
}

func readInt(v string) (int64, error) {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: want a whole number, without quotes", clip(v))
	}
	return n, nil
}

// readCount reads a number of things: 0 or more, and no more than we count.
func readCount(v string) (int, error) {
	n, err := readInt(v)
	if err == nil && (n < 0 || n > 1_000_000) {
		return 0, fmt.Errorf("%s: want 0 to 1000000", clip(v))
	}
	return int(n), err
}

func readReal(v string) (float64, error) {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || n != n || n-n != 0 || strings.ContainsAny(v, "xX_") {
		return 0, fmt.Errorf("%s: want a number, such as 120.5, without quotes", clip(v))
	}
	return n, nil
}

func readBool(v string) (bool, error) {
	switch v {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%s: want true or false", clip(v))
}

func readDuration(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s: want a duration such as 90s, 2h or 1h30m", clip(v))
	}
	return d, nil
}

// readList reads ["a", "b"].
func readList(v string) ([]string, error) {
	wrong := fmt.Errorf(`%s: want a list such as ["a", "b"]`, clip(v))
	if len(v) < 2 || v[0] != '[' || v[len(v)-1] != ']' {
		return nil, wrong
	}
	list, rest := []string{}, strings.TrimSpace(v[1:len(v)-1])
	for rest != "" {
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil || rest[0] != '"' {
			return nil, wrong
		}
		s, err := readText(quoted)
		if err != nil {
			return nil, wrong
		}
		list = append(list, s)
		rest = strings.TrimSpace(rest[len(quoted):])
		if rest == "" {
			break
		}
		more, ok := strings.CutPrefix(rest, ",")
		if rest = strings.TrimSpace(more); !ok || rest == "" {
			return nil, wrong
		}
	}
	return list, nil
}

// readTime reads an instant: as local time, with a zone or in the case's; in
// UTC; or as seen from now.
func (r *reader) readTime(v string) (time.Time, error) {
	wrong := fmt.Errorf("%s: want a time such as 2026-03-02T10:00, 2026-03-02T10:00 Europe/Warsaw, 2026-03-02T09:00:00Z, 3h ago or in 30m", clip(v))
	if v == "now" {
		return r.now, nil
	}
	if d, ok := strings.CutSuffix(v, " ago"); ok {
		ago, err := readDuration(strings.TrimSpace(d))
		return r.now.Add(-ago), err
	}
	if d, ok := strings.CutPrefix(v, "in "); ok {
		ahead, err := readDuration(strings.TrimSpace(d))
		return r.now.Add(ahead), err
	}
	local, name, named := strings.Cut(v, " ")
	loc := r.zone
	if named {
		var err error
		if loc, err = time.LoadLocation(strings.TrimSpace(name)); err != nil || strings.TrimSpace(name) == "Local" {
			return time.Time{}, fmt.Errorf("%s: %q is no IANA zone such as Europe/Warsaw", clip(v), clip(name))
		}
	} else if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return inYears(at, wrong)
	}
	for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(form, local, loc); err == nil {
			if at.Format(form) != local { // Go takes another one
				return time.Time{}, fmt.Errorf("%s: there is no such time in %s: the clocks go forward then", clip(v), loc)
			}
			return inYears(at, wrong)
		}
	}
	return time.Time{}, wrong
}

// inYears refuses what no store keeps. The zero time would be no time at all.
func inYears(at time.Time, wrong error) (time.Time, error) {
	at = at.UTC().Truncate(time.Microsecond)
	if at.Year() < 1 || at.Year() > 9999 || at.IsZero() {
		return time.Time{}, wrong
	}
	return at, nil
}
