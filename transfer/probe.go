package transfer

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// probe finds the mistakes that a request would make on every record: it applies
// the event to a record that lacks nothing. So the errors are those that a single
// [campaign.Set] gives. What depends on a record is left to the records.
func (j *job) probe(now time.Time) []error {
	var errs []error
	if j.actor.Agent == "" && !j.actor.Person() {
		errs = append(errs, needsAgent(j.actor)) // of a person the event says so itself
	}
	if j.to == nil {
		return errs
	}
	facts := campaign.Facts{Record: campaign.Record{
		ID: "probe", Campaign: j.to.ID(),
		Phones: []campaign.Phone{{Number: 48600000000, Zones: []string{j.to.Zone().String()}, LastCall: now.Add(-time.Hour)}},
		Progress: campaign.Progress{
			Qualifier: status.Redial, Standing: status.StandingQueued, Lane: status.LaneAgain, Due: now,
		},
	}}
	if st, ok := j.to.Status(j.set.Status); ok {
		facts.Record.Success = st.Qualifier.Effect().RequiresSuccess
	}
	_, err := j.to.Apply(&facts, probing(j.event), now)
	for _, err := range each(err) {
		if _, required := err.(*campaign.RequiredError); !required {
			errs = append(errs, err)
		}
	}
	return errs
}

// probing is an event without the fields that it saves: their types depend on
// the record's.
func probing(e campaign.Event) campaign.Event {
	switch e := e.(type) {
	case campaign.Set:
		e.Fields = nil
		return e
	case campaign.Receive:
		e.Set.Fields = nil
		return e
	}
	return e
}

// each returns the errors that were joined. Those that carry others inside stay whole.
func each(err error) []error {
	switch e := err.(type) {
	case nil:
		return nil
	case *campaign.RequiredError:
		return []error{e}
	case interface{ Unwrap() []error }:
		var all []error
		for _, one := range e.Unwrap() {
			all = append(all, each(one)...)
		}
		return all
	}
	return []error{err}
}
