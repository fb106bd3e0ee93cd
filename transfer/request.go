package transfer

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Request is what is to be done: a [Change], a [Move] or an [Undo]. The set is
// closed.
type Request interface {
	job(campaigns map[campaign.ID]*campaign.Campaign, now time.Time) (*job, error)
}

// Change sets a status on records of one campaign. Any record that is not leased
// may be changed; after a success only a success may follow, or its
// cancellation.
//
// The callbacks of an agent who is away become another's, each at its own time:
//
//	transfer.Change{
//		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Owners: []campaign.AgentID{"ann"},
//			Systems: []campaign.System{campaign.SystemMine}},
//		Set: campaign.Set{Status: "my_record", KeepDue: true, Input: campaign.Input{Agent: "bob"},
//			Actor: sue, Operation: "ann is ill"},
//	}
//
// A list is called again from its beginning, with its attempts forgotten:
//
//	transfer.Change{
//		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Lists: []string{"may.csv"}},
//		Set:    campaign.Set{Qualifier: status.Unused, Actor: sue, Operation: "may again"},
//	}
type Change struct {
	// Filter finds the records. One campaign is required; After and Limit are not
	// used, At is the moment of the request unless it is given.
	Filter campaign.Filter
	// Where is a further condition; nil is none. A record for which it cannot be
	// evaluated is skipped as [ConditionFailed].
	Where campaign.Judge
	// Limit is how many records are changed at the most, those that were added
	// first; 0 is all. Larger than the number that the filter finds it is a
	// *LimitError.
	Limit int
	// Set is what becomes of them. The actor must have an agent account. Run
	// demands an Operation: an id of the host's own, under which the request goes
	// on after it was stopped.
	Set campaign.Set
	// Began is when the operation was first asked for: a host that runs it again,
	// after a crash, gives it. Then a record that the operation has changed is known
	// for that by its history, and stays as it is, also if it was changed again since.
	// Zero is now: then it is known only as long as the operation was the last to
	// change it. What an agent has set since the first run is overwritten, and Limit
	// does not count that record as done.
	Began time.Time
}

// Move moves records to another campaign, and sets a status there. It is refused
// to own callbacks and successes; see [campaign.Receive] for what a record keeps
// and what it may become. A record whose contact, or whose id, is in the other
// campaign already is skipped as [Exists].
//
// With the campaign itself as To the records stay, and get the status by the
// same rules.
type Move struct {
	Filter campaign.Filter // as for a Change
	Where  campaign.Judge  // as for a Change
	Limit  int             // as for a Change
	To     campaign.ID     // required
	// Type is the record type in the other campaign. "" is the one of the same
	// name, else its only one, else none. Fields that it does not have are lost;
	// the plan names them.
	Type  string
	Set   campaign.Set // as for a Change; its status is one of To
	Began time.Time    // as for a Change
}

// Undo makes records again what they were before an operation changed them, in
// the campaign where they were. A record that something else has changed since
// is skipped as [MovedOn]; entries on blacklists stay, and so does what was sent.
type Undo struct {
	Undoes string // the operation to be undone
	// Log is what that run's Options.Log was given, in any order.
	Log   iter.Seq2[Before, error]
	Actor campaign.Actor // as for a Change
	Note  string
	// Operation is the id of the undoing, as for a Change.
	Operation string
}

// job is a request that was checked.
type job struct {
	kind   Kind
	from   *campaign.Campaign // nil for an Undo, whose records may be anywhere
	to     *campaign.Campaign
	find   campaign.Filter
	where  campaign.Judge
	limit  int
	actor  campaign.Actor
	set    *campaign.Set
	began  time.Time
	event  campaign.Event // but for an Undo
	undo   *Undo
	loaded map[campaign.ID]*campaign.Campaign

	operation string
}

func (r Change) job(campaigns map[campaign.ID]*campaign.Campaign, now time.Time) (*job, error) {
	set := r.Set
	j := &job{kind: Changed, find: r.Filter, where: r.Where, limit: r.Limit, actor: set.Actor, set: &set,
		began: r.Began, operation: set.Operation, loaded: campaigns}
	j.event = set
	errs := j.source(now)
	j.to = j.from
	return j.checked(append(errs, j.probe(now)...))
}

func (r Move) job(campaigns map[campaign.ID]*campaign.Campaign, now time.Time) (*job, error) {
	set := r.Set
	j := &job{kind: Moved, find: r.Filter, where: r.Where, limit: r.Limit, actor: set.Actor, set: &set,
		began: r.Began, operation: set.Operation, loaded: campaigns}
	j.event = campaign.Receive{Set: set, Type: r.Type}
	errs := append(j.source(now), j.movable()...)
	switch to := campaigns[r.To]; {
	case r.To == "":
		errs = append(errs, &campaign.FieldError{Path: "to", Msg: "want the campaign that the records go to"})
	case to == nil:
		errs = append(errs, &CampaignError{Path: "to", ID: r.To})
	default:
		j.to = to
	}
	errs = append(errs, j.probe(now)...)
	if j.from != nil && j.from != j.to {
		errs = append(errs, j.actor.MayUse(j.from.ID()))
	}
	return j.checked(errs)
}

func (r Undo) job(campaigns map[campaign.ID]*campaign.Campaign, _ time.Time) (*job, error) {
	j := &job{kind: Undone, actor: r.Actor, operation: r.Operation, undo: &r, loaded: campaigns}
	var errs []error
	if r.Undoes == "" {
		errs = append(errs, &campaign.FieldError{Path: "undoes", Msg: "want the operation to be undone"})
	} else if r.Undoes == r.Operation {
		errs = append(errs, &campaign.FieldError{Path: "operation", Value: r.Operation, Msg: "an undo is an operation of its own: want another id"})
	}
	if r.Log == nil {
		errs = append(errs, &campaign.FieldError{Path: "log", Msg: "want what the run's Log was given"})
	}
	errs = append(errs, needsAgent(r.Actor))
	return j.checked(errs)
}

// checked ends the checks of a request.
func (j *job) checked(errs []error) (*job, error) {
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return j, nil
}

// needsAgent demands an actor with an agent account.
func needsAgent(a campaign.Actor) error {
	if a.Agent != "" {
		return nil
	}
	return &campaign.ActorError{Actor: a, Msg: "many records are changed by users with an agent account: give the actor's agent"}
}

// source checks where the records come from.
func (j *job) source(now time.Time) (errs []error) {
	fail := func(path, value, msg string) {
		errs = append(errs, &campaign.FieldError{Path: path, Value: value, Msg: msg})
	}
	f := &j.find
	switch {
	case len(f.Campaigns) != 1:
		fail("filter.campaigns", fmt.Sprintf("%q", f.Campaigns), "want one campaign")
	case f.Campaigns[0] == "":
		fail("filter.campaigns", "", "want the campaign that the records are in")
	case j.loaded[f.Campaigns[0]] == nil:
		errs = append(errs, &CampaignError{Path: "filter.campaigns", ID: f.Campaigns[0]})
	default:
		j.from = j.loaded[f.Campaigns[0]]
	}
	if f.After != (campaign.Ref{}) {
		fail("filter.after", string(f.After.Record), "not used here: leave it out")
	}
	if f.Limit != 0 {
		fail("filter.limit", fmt.Sprint(f.Limit), "give the request's own limit instead")
	}
	if j.limit < 0 {
		fail("limit", fmt.Sprint(j.limit), "want 1 or more, or 0 for all")
	}
	if f.At.IsZero() {
		f.At = now
	}
	alone := *f
	alone.Limit = 0
	errs = append(errs, each(alone.Check())...)
	if j.from == nil {
		return errs
	}
	known := j.from.Known()
	for _, id := range f.Statuses {
		if id != "" && !slices.Contains(known, id) {
			errs = append(errs, &campaign.StatusError{ID: id, Msg: fmt.Sprintf("no record of campaign %q has it: want one of its statuses", j.from.ID())})
		}
	}
	if j.where != nil && j.where.Campaign() != j.from.ID() {
		fail("where", string(j.where.Campaign()), fmt.Sprintf("want a condition of campaign %q", j.from.ID()))
	}
	return errs
}

// movable refuses a source none of whose records can be moved. Where only some
// can, the others are skipped.
func (j *job) movable() (errs []error) {
	refuse := func(qualifiers ...status.Qualifier) {
		for _, q := range qualifiers {
			if q.Effect().MoveSource {
				return
			}
		}
		for _, q := range qualifiers {
			errs = append(errs, &campaign.MoveError{Qualifier: q})
		}
	}
	f := &j.find
	for _, q := range f.Qualifiers {
		refuse(q)
	}
	for _, s := range f.Systems {
		if s == campaign.SystemInProgress {
			errs = append(errs, &campaign.FieldError{Path: "filter.systems", Value: string(s), Msg: "records in progress are not moved: choose others"})
		}
		refuse(s.Qualifiers()...)
	}
	if j.from == nil || len(f.Qualifiers) > 0 {
		return errs
	}
	for _, id := range f.Statuses {
		// The engine may have given such a record another qualifier since: whoever
		// means those names that qualifier too.
		if st, ok := j.from.Status(id); ok {
			refuse(st.Qualifier)
		}
	}
	return errs
}
