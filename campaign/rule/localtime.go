package rule

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
)

// errNoZone: the functions of local time fail where the zone is not known.
var errNoZone = fmt.Errorf("the zone of the phone is not known: give the phone a zone, or the campaign a default callee zone")

// local is an instant on the phone's clock: that of the first of its zones.
func (s *scope) local(t time.Time) (time.Time, error) {
	zones := s.locations()
	if len(zones) == 0 {
		return time.Time{}, errNoZone
	}
	return t.In(zones[0]), nil
}

// timeBetween reports whether now is in a half-open window of local time, in
// all zones that the phone may be in. One that ends before it begins crosses
// midnight.
func (s *scope) timeBetween(from, to string) (bool, error) {
	a, okA := clock(from)
	b, okB := clock(to)
	if !okA || !okB {
		bad := from
		if okA {
			bad = to
		}
		return false, fmt.Errorf(`%q is no time of day: want "08:00" to "24:00"`, bad)
	}
	zones := s.locations()
	if len(zones) == 0 {
		return false, errNoZone
	}
	for _, loc := range zones {
		at := s.now.In(loc)
		if !within(at.Hour()*60+at.Minute(), a, b) {
			return false, nil
		}
	}
	return true, nil
}

func within(minute, from, to int) bool {
	if from < to {
		return from <= minute && minute < to
	}
	return minute >= from || minute < to
}

// clock reads "08:00", in minutes of the day.
func clock(text string) (int, bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	h, m := int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')
	return h*60 + m, m < 60 && h*60+m <= 24*60
}

func (s *scope) holiday(t time.Time) (bool, error) {
	at, err := s.local(t)
	if err != nil {
		return false, err
	}
	return s.set.campaign.Holiday(s.region(), at), nil
}

// workday is a day from Monday to Friday that is no holiday.
func (s *scope) workday(t time.Time) (bool, error) {
	at, err := s.local(t)
	if err != nil {
		return false, err
	}
	return isoWeekday(at) <= 5 && !s.set.campaign.Holiday(s.region(), at), nil
}

// period reads calendar steps, to be made in the phone's zone.
func (s *scope) period(text string) (*periodValue, error) {
	steps, err := blacklist.ParseExpiry(text)
	if err != nil {
		return nil, err
	}
	zones := s.locations()
	if len(zones) == 0 {
		return nil, errNoZone
	}
	return &periodValue{opaque{periodCEL}, steps, zones[0]}, nil
}
