package campaign

import (
	"time"

	"github.com/nextcall/nextcall/internal/calendar"
	"github.com/nextcall/nextcall/status"
)

// calleeZone, as the zone of an input, is the zone of the number to be called next.
const calleeZone = "callee"

// verdictOf checks what was given with a status, and what the status demands of
// the record, and makes it a verdict. All mistakes are found at once.
func (d *draft) verdictOf(st *status.Status, person bool, in *Input) *verdict {
	v := &d.w.verdict
	*v = verdict{st: st, q: st.Qualifier, person: person}
	takes := st.Inputs()
	if !takes.Time {
		d.noTime(st.ID, in)
	}
	if !takes.Agent {
		d.noAgent(st.ID, in)
	}
	if takes.Time && person && (takes.TimeRequired || in.timed()) {
		v.due, v.local, v.timed = d.timeOf(st.ID, in)
	}
	if effectOf(st.Qualifier).Owner == status.OwnerSet {
		v.owner = d.ownerOf(st, person, in.Agent)
	}
	if !d.correction && d.barredBySuccess(st.Qualifier) {
		d.fail(&SuccessError{Status: st.ID, Qualifier: st.Qualifier, Success: d.r.Success})
	}
	return v
}

// timed reports whether any part of a time was given.
func (in *Input) timed() bool {
	return !in.At.IsZero() || in.Date != "" || in.Hour != "" || in.Zone != ""
}

// noInput refuses any input where no status takes one.
func (d *draft) noInput(id status.ID, in *Input) {
	d.noTime(id, in)
	d.noAgent(id, in)
}

func (d *draft) noTime(id status.ID, in *Input) {
	if !in.At.IsZero() {
		d.superfluous(id, "at", in.At.Format(time.RFC3339))
	}
	d.superfluous(id, "date", in.Date)
	d.superfluous(id, "hour", in.Hour)
	d.superfluous(id, "zone", in.Zone)
}

func (d *draft) noAgent(id status.ID, in *Input) { d.superfluous(id, "agent", string(in.Agent)) }

func (d *draft) superfluous(id status.ID, field, value string) {
	if value == "" {
		return
	}
	d.fail(&InputError{Status: id, Field: field, Value: value, Msg: "not taken here: leave it out, or choose a status that takes it"})
}

// ownerOf is who owns an own callback: the input's agent, else the status's,
// else that of the call.
func (d *draft) ownerOf(st *status.Status, person bool, input AgentID) AgentID {
	owner := input
	if owner == "" {
		owner = st.Agent
	}
	if owner == "" && d.call != nil {
		owner = d.call.Agent
	}
	switch {
	case !storable(string(owner)):
		d.text("input.agent", string(owner))
	case owner == "" || person && !d.c.Lists(owner):
		d.fail(&AgentError{Status: st.ID, Campaign: d.c.cfg.ID, Agent: owner})
	}
	return owner
}

// timeOf reads the time that was given: an instant, or a local date and hour in
// a zone. One that has passed is due now, with a warning; what was typed is kept.
func (d *draft) timeOf(id status.ID, in *Input) (at time.Time, local *LocalTime, ok bool) {
	failed := len(d.errs)
	wrong := func(field, value, msg string) {
		d.fail(&InputError{Status: id, Field: field, Value: value, Msg: msg})
	}
	if !in.At.IsZero() {
		if in.Date != "" || in.Hour != "" || in.Zone != "" {
			wrong("at", in.At.Format(time.RFC3339), "given besides date, hour or zone: give the instant or the local time, not both")
		}
		at = stored(in.At)
		if !inYears(at) {
			wrong("at", at.Format(time.RFC3339), "want a year from 1 to 9999")
		}
	} else {
		at, local = d.localTime(in, wrong)
	}
	if len(d.errs) > failed {
		return noTime, nil, false
	}
	if at.Before(d.now) {
		d.warn("the next call at %s has passed: it is due now", at.Format(time.RFC3339))
		at = d.now
	}
	return at, local, true
}

func inYears(t time.Time) bool {
	year := t.UTC().Year()
	return year >= calendar.MinYear && year <= calendar.MaxYear
}

// localTime reads date, hour and zone of an input.
func (d *draft) localTime(in *Input, wrong func(field, value, msg string)) (time.Time, *LocalTime) {
	day, okDate := parseDay(in.Date)
	if !okDate {
		wrong("date", in.Date, `want the date of the next call, such as "2026-03-31"`)
	}
	clock, okHour := parseClock(in.Hour)
	if !okHour {
		wrong("hour", in.Hour, `want the hour of the next call, "00:00" to "23:59"`)
	}
	zone, loc := d.inputZone(in.Zone, wrong)
	if loc == nil || !okDate || !okHour {
		return noTime, nil
	}
	year, month, dom := day.Date()
	at := calendar.Resolve(year, month, dom, clock.Hour(), clock.Minute(), 0, 0, loc)
	if !inYears(at) {
		wrong("date", in.Date, "want a moment in the years 1 to 9999, in UTC too")
		return noTime, nil
	}
	return stored(at), &LocalTime{Date: in.Date, Hour: in.Hour, Zone: zone}
}

// inputZone finds the zone that an input names.
func (d *draft) inputZone(name string, wrong func(field, value, msg string)) (string, *time.Location) {
	zone := name
	switch name {
	case "":
		return d.c.cfg.Zone, d.c.zone
	case calleeZone:
		zone = d.c.cfg.CalleeZone
		if i := d.r.Next; i >= 0 && i < len(d.r.Phones) && len(d.r.Phones[i].Zones) > 0 {
			zone = d.r.Phones[i].Zones[0]
		}
		if zone == "" {
			wrong("zone", name, "no zone is known for the next number: name one")
			return "", nil
		}
	}
	loc, ok := d.c.location(zone)
	if !ok {
		wrong("zone", zone, `want an IANA name such as "Europe/Warsaw", "callee", or nothing for the campaign's zone`)
		return "", nil
	}
	return zone, loc
}

// parseDay reads "2006-01-02", all digits written, years 1 to 9999.
func parseDay(text string) (time.Time, bool) {
	t, err := time.Parse("2006-01-02", text)
	return t, err == nil && len(text) == len("2006-01-02") && t.Year() >= calendar.MinYear
}

// parseClock reads "15:04", all digits written.
func parseClock(text string) (time.Time, bool) {
	t, err := time.Parse("15:04", text)
	return t, err == nil && len(text) == len("15:04")
}
