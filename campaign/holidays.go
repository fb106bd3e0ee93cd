package campaign

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/ee"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/hu"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lu"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
	"github.com/rickb777/date/v2"
)

// Holidays are the holidays of a region: those of a country and further dates.
// The zero value has none.
type Holidays struct {
	// Country is an ISO 3166 code, such as "PL", whose nation-wide public
	// holidays count, on their own date and on the one on which they are made up
	// for. [Countries] lists the codes. "" is no country.
	Country string `json:"country,omitempty"`
	// Dates are further ones: "2026-12-24" is one day, "12-24" that day of every year.
	Dates []string `json:"dates,omitempty"`
}

// Countries returns the codes that Holidays.Country may have, sorted.
func Countries() []string { return slices.Sorted(maps.Keys(countries())) }

func countries() map[string][]*cal.Holiday {
	return map[string][]*cal.Holiday{
		"AT": at.Holidays, "BE": be.Holidays, "BG": bg.Holidays, "BR": br.Holidays, "CA": ca.Holidays,
		"CH": ch.Holidays, "CZ": cz.Holidays, "DE": de.Holidays, "DK": dk.Holidays, "EE": ee.Holidays,
		"ES": es.Holidays, "FI": fi.Holidays, "FR": fr.Holidays, "GB": gb.Holidays, "GR": gr.Holidays,
		"HR": hr.Holidays, "HU": hu.Holidays, "IE": ie.Holidays, "IT": it.Holidays, "LT": lt.Holidays,
		"LU": lu.Holidays, "LV": lv.Holidays, "NL": nl.Holidays, "NO": no.Holidays, "NZ": nz.Holidays,
		"PL": pl.Holidays, "PT": pt.Holidays, "RO": ro.Holidays, "SE": se.Holidays, "SI": si.Holidays,
		"SK": sk.Holidays, "UA": ua.Holidays, "US": us.Holidays, "ZA": za.Holidays,
	}
}

// holidays answers whether a day is a holiday. Its years are computed when they
// are first asked for, and kept: the answer depends on nothing but the day.
type holidays struct {
	country []*cal.Holiday
	dates   map[int64]bool // days since 1 January 1970
	yearly  map[int]bool   // month*100 + day
	years   [keptYears]atomic.Pointer[yearDays]
}

// The years whose holidays are kept; others are computed each time.
const (
	firstYear = 1970
	keptYears = 256
)

// yearDays has a bit for every day of a year, counted from 1.
type yearDays [6]uint64

// newHolidays makes holidays ready, or returns everything that is wrong.
func newHolidays(h Holidays, path string) (*holidays, []error) {
	s := &holidays{dates: map[int64]bool{}, yearly: map[int]bool{}}
	var errs []error
	if h.Country != "" {
		known := countries()
		list, ok := known[h.Country]
		if !ok {
			msg := fmt.Sprintf("no country with holidays that are known; these are: %s", strings.Join(Countries(), " "))
			if _, ok := known[strings.ToUpper(strings.TrimSpace(h.Country))]; ok {
				msg = fmt.Sprintf("did you mean %q?", strings.ToUpper(strings.TrimSpace(h.Country)))
			}
			errs = append(errs, &FieldError{Path: path + ".country", Value: h.Country, Msg: msg})
		}
		s.country = list
	}
	seen := map[string]bool{}
	for i, text := range h.Dates {
		at := fmt.Sprintf("%s.dates[%d]", path, i)
		if seen[text] {
			errs = append(errs, &FieldError{Path: at, Value: text, Msg: "named twice"})
			continue
		}
		seen[text] = true
		if d, ok := parseDate(text); ok {
			s.dates[dayNumberOf(d.Date())] = true
		} else if d, ok := parseDate("2000-" + text); ok { // a leap year: it has 02-29
			_, month, day := d.Date()
			s.yearly[int(month)*100+day] = true
		} else {
			errs = append(errs, &FieldError{Path: at, Value: text, Msg: `want a date such as "2026-12-24", or "12-24" for every year`})
		}
	}
	return s, errs
}

// has reports whether the day, counted from 1 January 1970, is a holiday. A nil
// set has none.
func (s *holidays) has(day int64) bool {
	if s == nil {
		return false
	}
	if s.dates[day] {
		return true
	}
	if s.country == nil && len(s.yearly) == 0 {
		return false
	}
	t := time.Unix(day*secondsPerDay, 0).UTC()
	year, month, dom := t.Date()
	if s.yearly[int(month)*100+dom] {
		return true
	}
	if s.country == nil || year < 1 || year > 9999 {
		return false
	}
	n := t.YearDay()
	return s.year(year)[n/64]&(1<<(n%64)) != 0
}

func (s *holidays) year(year int) *yearDays {
	kept := year >= firstYear && year < firstYear+keptYears
	if kept {
		if days := s.years[year-firstYear].Load(); days != nil {
			return days
		}
	}
	days := s.compute(year)
	if kept {
		s.years[year-firstYear].Store(days)
	}
	return days
}

// compute finds the country's holidays of a year. A holiday of the years beside
// it may be made up for in this one.
func (s *holidays) compute(year int) *yearDays {
	days := &yearDays{}
	for _, h := range s.country {
		for y := year - 1; y <= year+1; y++ {
			actual, observed := h.Calc(y)
			for _, t := range [...]time.Time{actual, observed} {
				if t.IsZero() {
					continue
				}
				// The calendar works in the machine's own zone, where a midnight
				// may be skipped and the day before be returned; a few hours on it
				// is the right date wherever that is.
				t = t.Add(3 * time.Hour)
				if t.Year() == year {
					n := t.YearDay()
					days[n/64] |= 1 << (n % 64)
				}
			}
		}
	}
	return days
}

// parseDate reads "2006-01-02", years 1 to 9999. The library accepts 30
// February and much else, hence the comparison with what it would write.
func parseDate(text string) (date.Date, bool) {
	d, err := date.ParseISO(text)
	if err != nil || d.Format(date.ISO8601) != text || len(text) != len(date.ISO8601) || d.Year() < 1 || d.Year() > 9999 {
		return 0, false
	}
	return d, true
}

// dayNumberOf counts days from 1 January 1970.
func dayNumberOf(year int, month time.Month, day int) int64 {
	return floorDiv(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix(), secondsPerDay)
}
