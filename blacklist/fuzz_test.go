package blacklist_test

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nextcall/nextcall/blacklist"
)

// refusedWell fails unless err is a *ParseError whose parts make sense.
func refusedWell(t *testing.T, text string, err error) {
	t.Helper()
	var typed *blacklist.ParseError
	if !errors.As(err, &typed) {
		t.Fatalf("%q: %v is no *ParseError", text, err)
	}
	if typed.Input != text || typed.Pos < 0 || typed.Pos > len(text) || typed.Msg == "" || typed.Want == "" {
		t.Fatalf("%q: %+v", text, typed)
	}
	if !utf8.ValidString(err.Error()) {
		t.Fatalf("%q: the message %q is not UTF-8", text, err)
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, text := range []string{
		"", "+48600100200", "0048 600 100 200", "+1 (201) 555-0123", "+44 (0)20 7946 0958", "\u202a+48600100200\u202c",
		"+48\u00a0600\xff", "600100200", "+1234567890123456", "+48600100200, +48600100201", "+٤٨", "00", "(", "+1000000",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := blacklist.ParseNumber(text)
		if err != nil {
			refusedWell(t, text, err)
			return
		}
		if !n.Valid() {
			t.Fatalf("%q is read as %d, which is not valid", text, n)
		}
		for _, again := range []string{n.String(), "00" + n.String()[1:], " " + n.String() + "\u200e"} {
			if m, err := blacklist.ParseNumber(again); m != n || err != nil {
				t.Fatalf("%q is %d, %q is %d, %v", text, n, again, m, err)
			}
		}
		if m, err := blacklist.NumberFrom(n.Uint64()); m != n || err != nil {
			t.Fatalf("%d is not its own digits: %d, %v", n, m, err)
		}
		digits := ""
		for _, r := range text {
			if r >= '0' && r <= '9' {
				digits += string(r)
			}
		}
		if plain := n.String()[1:]; digits != plain && digits != "00"+plain {
			t.Fatalf("%q has the digits %s, the number is %s", text, digits, plain)
		}
	})
}

func FuzzParseExpiry(f *testing.F) {
	for _, text := range []string{
		"", "6 days, 19 months", "+1 HOUR", "1 day 1 day", "007 years", "1.5 days", "3days", "0 days", "9999 years",
		"99999999999999999999 hours", "1\u00a0week", "3 day\u017f", ",", "1 day,", "1 month\t2 weeks , 3 hours", "4000 years 4000 years",
	} {
		f.Add(text, int64(1706693400), int64(3600), uint8(0))
	}
	var zones []*time.Location
	for _, name := range []string{"UTC", "Europe/Warsaw", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe", "Pacific/Chatham"} {
		zones = append(zones, zone(f, name))
	}
	f.Fuzz(func(t *testing.T, text string, unix, later int64, which uint8) {
		e, err := blacklist.ParseExpiry(text)
		if err != nil {
			refusedWell(t, text, err)
			if e != (blacklist.Expiry{}) {
				t.Fatalf("%q is refused and %v", text, e)
			}
			return
		}
		if e.IsPermanent() {
			t.Fatalf("%q is permanent", text)
		}
		if again, err := blacklist.ParseExpiry(e.String()); again != e || err != nil {
			t.Fatalf("%q is %v, its text is %v, %v", text, e, again, err)
		}
		const century = 100 * 366 * 86400
		loc := zones[int(which)%len(zones)]
		from := time.Unix(unix%century, unix%1e9)
		until, err := e.At(from, loc)
		preview, previewErr := blacklist.PreviewExpiry(text, from, loc)
		if err != nil {
			refusedWell(t, e.String(), err)
			refusedWell(t, text, previewErr)
			return
		}
		if previewErr != nil || preview.Until != until || preview.Expiry != e {
			t.Fatalf("%q: stored %v, preview %v, %v", text, until, preview, previewErr)
		}
		if !until.After(from) || until.Location() != time.UTC || until.Nanosecond()%1000 != 0 || until.Year() > 9999 {
			t.Fatalf("%q from %v is %v", text, from, until)
		}
		// The same days and months later never end earlier. (In a zone they
		// may, by an hour, if the starts lie in the two halves of an overlap.)
		begin := from.UTC()
		a, errA := e.At(begin, time.UTC)
		b, errB := e.At(begin.Add(time.Duration(max(later, -later)%century)*time.Second), time.UTC)
		if errA == nil && errB == nil && b.Before(a) {
			t.Fatalf("%q: a later start ends earlier: %v, %v", text, a, b)
		}
	})
}
