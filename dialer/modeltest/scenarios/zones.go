package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

func scenario11ZonesFarAndOdd(t *testing.T, fresh opener) {
	for _, tc := range []struct{ zone, hours, from, opens string }{
		{"Pacific/Kiritimati", "daily 09:00-17:00", "2026-10-25 19:30", "2026-10-26T09:00:00+14:00"},
		{"Pacific/Chatham", "daily 09:00-17:00", "2026-10-25 20:00", "2026-10-26T09:00:00+13:45"},
		{"Etc/GMT+12", "daily 09:00-17:00", "2026-10-26 12:00", "2026-10-26T09:00:00-12:00"},
		{"Asia/Kathmandu", "daily 09:00-17:00", "2026-10-26 12:30", "2026-10-27T09:00:00+05:45"},
		{"Asia/Kolkata", "daily 09:00-17:00", "2026-10-26 12:31", "2026-10-27T09:00:00+05:30"},
		{"Australia/Lord_Howe", "daily 09:00-17:00", "2026-10-26 12:00", "2026-10-27T09:00:00+11:00"},
		{"America/Phoenix", "daily 09:00-17:00", "2026-07-01 12:00", "2026-07-01T09:00:00-07:00"},
		{"America/Denver", "daily 09:00-17:00", "2026-07-01 12:00", "2026-07-01T09:00:00-06:00"},
		// A window that begins in the hour that does not exist opens when the wall clock has passed it.
		{"America/New_York", "daily 02:30-05:00", "2027-03-14 01:00", "2027-03-14T03:00:00-04:00"},
		// One that occurs twice is the first.
		{"America/New_York", "daily 01:30-03:00", "2026-11-01 04:00", "2026-11-01T01:30:00-04:00"},
	} {
		t.Run(tc.zone+" "+tc.hours, func(t *testing.T) {
			opens, err := time.Parse(time.RFC3339, tc.opens)
			want.NoError(t, err)
			opens = opens.UTC()
			d := sit(t, fresh, tc.from, office("c", tc.hours))
			want.True(t, d.clock.Before(opens))
			d.add("c", "r", "+48600100200@"+tc.zone)
			d.nothing(opens)
			d.clock = opens.Add(-time.Microsecond)
			d.nothing(opens)
			d.clock = opens
			d.dial("r")
		})
	}
}

func scenario12WindowsOverMidnightAllDayAndSundaysOnly(t *testing.T, fresh opener) {
	open := func(hours string, yes, no []string) {
		t.Helper()
		d := sit(t, fresh, yes[0], office("c", hours))
		for i, text := range append(yes, no...) {
			d.at(text)
			d.add("c", campaign.RecordID(fmt.Sprint("r", i)), fmt.Sprintf("+4860010020%d", i))
			want.Equal(t, i < len(yes), len(d.ask("ann", 1).Calls) == 1, "%s at %s", hours, text)
		}
	}
	open("fri 20:00-02:00",
		[]string{"2026-10-23 20:00", "2026-10-23 23:59:59.999999", "2026-10-24 00:00", "2026-10-24 01:59:59.999999"},
		[]string{"2026-10-23 19:59:59.999999", "2026-10-24 02:00", "2026-10-23 01:00", "2026-10-24 20:00"})
	open("mon 00:00-24:00",
		[]string{"2026-10-26 00:00", "2026-10-26 23:59:59.999999"},
		[]string{"2026-10-25 23:59:59.999999", "2026-10-27 00:00"})
	open("sun 10:00-12:00",
		[]string{"2026-10-25 10:00", "2026-10-25 11:59:59.999999"},
		[]string{"2026-10-25 12:00", "2026-10-24 11:00", "2026-10-26 11:00"})
}
