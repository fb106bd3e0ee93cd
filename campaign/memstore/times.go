package memstore

import (
	"maps"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// noTime is "none" for an instant.
var noTime time.Time

// micro is a time as it is stored: UTC, whole microseconds, no monotonic clock.
func micro(t time.Time) time.Time {
	if s := stampOf(t); s >= 0 {
		return s.time()
	}
	return t.UTC().Truncate(time.Microsecond)
}

func micros(times ...*time.Time) {
	for _, t := range times {
		*t = micro(*t)
	}
}

// storedRecord is a record as it is stored, but for its phones and DueInput.
func storedRecord(r *campaign.Record) campaign.Record {
	x := *r
	progressMicros(&x.Progress)
	micros(&x.Park.Until, &x.Created, &x.Updated)
	x.Fields, x.Notes = storedFields(x.Fields), storedNotes(x.Notes)
	return x
}

func progressMicros(p *campaign.Progress) {
	micros(&p.StatusAt, &p.Due, &p.SkipUntil, &p.SucceededAt, &p.LastCall, &p.Attempts.First, &p.Attempts.Last)
}

// storedFields and storedNotes return immutable values as they are: they are
// copied only where a time in them has to change.
func storedFields(fields campaign.Fields) campaign.Fields {
	result, copied := fields, false
	for name, value := range fields {
		t, ok := value.(time.Time)
		if !ok || t == micro(t) {
			continue
		}
		if !copied {
			result, copied = maps.Clone(fields), true
		}
		result[name] = micro(t)
	}
	return result
}

func storedNotes(notes []campaign.Note) []campaign.Note {
	rough := func(n campaign.Note) bool { return n.At != micro(n.At) }
	if !slices.ContainsFunc(notes, rough) {
		return notes
	}
	own := slices.Clone(notes)
	for i := range own {
		micros(&own[i].At)
	}
	return own
}
