package rule

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// The bounds of a value that is shown.
const (
	maxShownValue = 120 // bytes of a string
	maxList       = 10  // elements of a list
)

// show is a value as a person reads it.
func (s *scope) show(v ref.Val) string { return s.showIn(v, 3) }

// showIn shows a value with so many levels of lists inside each other.
func (s *scope) showIn(v ref.Val, levels int) string {
	switch v := v.(type) {
	case types.String:
		return strconv.Quote(cut(string(v), maxShownValue))
	case types.Double:
		return showDouble(float64(v))
	case types.Timestamp:
		return s.showTime(v.Time)
	case types.Duration:
		return showDuration(v.Duration)
	case *types.Optional:
		if !v.HasValue() {
			return "absent"
		}
		return s.showIn(v.GetValue(), levels)
	case *localValue:
		return showClock(v.at)
	case *periodValue:
		return v.steps.String()
	case types.Bool, types.Int, types.Uint:
		return fmt.Sprint(v.Value())
	case types.Null:
		return "null"
	case types.Bytes:
		return "b" + strconv.Quote(cut(string(v), maxShownValue))
	case ref.Type:
		return v.TypeName()
	case traits.Mapper:
		if levels > 0 {
			return s.showMap(v, levels-1)
		}
		return "{…}"
	case traits.Lister:
		if levels > 0 {
			return s.showList(v, levels-1)
		}
		return "[…]"
	}
	return v.Type().TypeName()
}

func (s *scope) showList(list traits.Lister, levels int) string {
	var parts []string
	for it := list.Iterator(); it.HasNext() == types.True; {
		if len(parts) == maxList {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, s.showIn(it.Next(), levels))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (s *scope) showMap(m traits.Mapper, levels int) string {
	var parts []string
	for it := m.Iterator(); it.HasNext() == types.True; {
		if len(parts) == maxList {
			parts = append(parts, "…")
			break
		}
		key := it.Next()
		parts = append(parts, s.showIn(key, levels)+": "+s.showIn(m.Get(key), levels))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// showDouble writes a double so that it is not taken for an int.
func showDouble(f float64) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if exp := strings.IndexByte(text, 'e'); exp < 0 && !strings.ContainsAny(text, ".IN") {
		text += ".0"
	}
	return text
}

// showTime writes an instant on the clock of the phone, else of the campaign.
func (s *scope) showTime(t time.Time) string {
	loc := s.set.campaign.Zone()
	if zones := s.locations(); len(zones) > 0 {
		loc = zones[0]
	}
	return showClock(t.In(loc))
}

func showClock(t time.Time) string {
	layout := "Mon 2006-01-02 15:04"
	switch {
	case t.Nanosecond() != 0:
		layout += ":05.999999999"
	case t.Second() != 0:
		layout += ":05"
	}
	text := t.Format(layout + " -07:00")
	if zone := t.Location().String(); zone != "" && zone != "Local" {
		return strings.TrimSuffix(text, " +00:00") + " " + zone
	}
	return text
}

// showNow is the local time of now, in every zone that the phone may be in.
func (s *scope) showNow() string {
	var all []string
	for _, loc := range s.locations() {
		all = append(all, showClock(s.now.In(loc)))
	}
	return strings.Join(all, " and ")
}

// showDuration writes 72h as a duration is written in a condition, and in days
// where there are some.
func showDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	const day = 24 * time.Hour
	if d < 2*day && d > -2*day {
		return text
	}
	days := fmt.Sprintf("%d days", d/day)
	if rest := (d % day).Abs(); rest > 0 {
		days += " " + showDuration(rest)
	}
	return text + " (" + days + ")"
}
