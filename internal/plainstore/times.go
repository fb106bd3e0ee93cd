package plainstore

import (
	"maps"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// micro is a time as it is stored: UTC, whole microseconds, no monotonic clock.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func micros(times ...*time.Time) {
	for _, t := range times {
		*t = micro(*t)
	}
}

// storedRecord is a record as it is stored. Fields, Notes and Tags are immutable
// values: they are copied only where a time in them has to change.
func (st *Store) storedRecord(r *campaign.Record) campaign.Record {
	x := *r
	x.Contact = st.current(x.Contact)
	progressMicros(&x.Progress)
	micros(&x.Park.Until, &x.Created, &x.Updated)
	x.Phones = storedPhones(x.Phones)
	x.Fields = storedFields(x.Fields)
	rough := func(n campaign.Note) bool { return n.At != micro(n.At) }
	if slices.ContainsFunc(x.Notes, rough) {
		x.Notes = slices.Clone(x.Notes)
		for i := range x.Notes {
			micros(&x.Notes[i].At)
		}
	}
	return x
}

func progressMicros(p *campaign.Progress) {
	micros(&p.StatusAt, &p.Due, &p.SkipUntil, &p.SucceededAt, &p.LastCall, &p.Attempts.First, &p.Attempts.Last)
}

func storedPhones(phones []campaign.Phone) []campaign.Phone {
	phones = slices.Clone(phones)
	for i := range phones {
		micros(&phones[i].BlockedUntil, &phones[i].LastCall)
	}
	return phones
}

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

func storedLease(l *campaign.Lease) campaign.Lease {
	x := *l
	micros(&x.At, &x.Dialed, &x.Answered, &x.Until)
	x.With = slices.Clone(x.With)
	x.Overrides = slices.Clone(x.Overrides)
	return x
}

func storedCall(c *campaign.Call) *campaign.Call {
	x := *c
	micros(&x.Dialed, &x.Answered, &x.Ended, &x.Answer.Due)
	x.Answer.Listed = slices.Clone(x.Answer.Listed)
	for i := range x.Answer.Listed {
		micros(&x.Answer.Listed[i].Added, &x.Answer.Listed[i].Until)
	}
	x.Answer.Actions = slices.Clone(x.Answer.Actions)
	for i := range x.Answer.Actions {
		x.Answer.Actions[i] = storedAction(x.Answer.Actions[i])
	}
	x.Answer.Why = slices.Clone(x.Answer.Why)
	x.Answer.Also, x.Answer.Warnings = slices.Clone(x.Answer.Also), slices.Clone(x.Answer.Warnings)
	if c.Before != nil {
		before := *c.Before
		progressMicros(&before.Progress)
		before.Phones = storedPhones(before.Phones)
		x.Before = &before
	}
	return &x
}

func storedAction(a campaign.Action) campaign.Action {
	micros(&a.At)
	return a
}

func storedContact(c *campaign.Contact) *campaign.Contact {
	x := *c
	micros(&x.Created, &x.Updated)
	x.Phones = slices.Clone(x.Phones)
	x.Emails = slices.Clone(x.Emails)
	x.Keys = slices.Clone(x.Keys)
	x.Fields = storedFields(maps.Clone(x.Fields))
	return &x
}
