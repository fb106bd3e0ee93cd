package campaign

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// RecordID names a record inside its campaign. It is the host's to choose.
type RecordID string

// AgentID names an agent: somebody who talks.
type AgentID = status.AgentID

// Record is one contact in one campaign: what is called, what has been said
// about it, and when it may be called again. It is plain data. Phones, Fields,
// Notes, Tags and Past are immutable values: they are replaced, never written to, so
// copies of a record may share them.
type Record struct {
	ID         RecordID  `json:"id"`
	Campaign   ID        `json:"campaign"`
	ExternalID string    `json:"external_id,omitempty"`
	Contact    ContactID `json:"contact,omitempty"`
	// Past are the campaigns that the record was moved from, each once. The calls
	// that it had there are its own: see Owns.
	Past   []ID    `json:"past,omitempty"`
	Type   string  `json:"type,omitempty"` // record type; "" is the type without fields
	List   string  `json:"list,omitempty"` // the batch it was imported with
	Phones []Phone `json:"phones,omitempty"`
	Fields Fields  `json:"fields,omitempty"`
	Notes  []Note  `json:"notes,omitempty"`
	// Tags are the host's own marks, none of them empty or twice.
	Tags    []string `json:"tags,omitempty"`
	Source  Channel  `json:"source,omitempty"`
	Consent bool     `json:"consent,omitempty"` // the person agreed to be called

	// Order is the record's place among fresh ones, 1 to 65535; 0 is unset and comes last.
	Order uint16 `json:"order,omitempty"`
	// Sequence is the import sequence. A store gives the next one to an added record that has 0.
	Sequence int64 `json:"sequence,omitempty"`
	// Class is the calling-hours class of the next number (see [Campaign.ClassOf]).
	// "" is no class at all: the record cannot be dialled, and is never claimed.
	Class string `json:"class,omitempty"`
	// Sort and Key are the index form of the order: fresh and last lanes are
	// sorted by (Sort, Key, Sequence), dated lanes by (Due, Sort, Sequence).
	// Apply and Admit keep them. Sort is the order, or the campaign's rank, 1 to
	// 65535; 65536 is none of them.
	Sort int64 `json:"sort,omitempty"`
	Key  int64 `json:"key,omitempty"`

	Progress

	Park Park `json:"park,omitzero"`

	Created time.Time `json:"created,omitzero"`
	Updated time.Time `json:"updated,omitzero"` // last change by a person or the engine
	Author  string    `json:"author,omitempty"` // who made the last change: Actor.User, or "engine"
	// Operation is the id of the larger operation that made the last change, or "".
	Operation string `json:"operation,omitempty"`
	// Changes grows by one with each event that is applied to the record. A park
	// is none: a call's late report counts as late only if something happened since.
	Changes int64 `json:"changes,omitempty"`
	// Version grows by one with each commit that writes the record. The store keeps it.
	Version int64 `json:"version,omitempty"`
}

// Progress is the part of a record that calls and statuses move. A finished
// call keeps a copy from before it, so that a correction can begin there.
type Progress struct {
	Status    status.ID        `json:"status,omitempty"` // "" is no status
	Qualifier status.Qualifier `json:"qualifier,omitempty"`
	StatusAt  time.Time        `json:"status_at,omitzero"` // when status or qualifier were last set
	Standing  status.Standing  `json:"standing,omitempty"` // queued, held or closed
	Lane      status.Lane      `json:"lane,omitempty"`     // the index it waits in; LaneNone unless queued

	// Due is the next call: the record is not called before it. Zero is at once.
	Due time.Time `json:"due,omitzero"`
	// DueInput is what a person typed for Due, kept beside the instant.
	DueInput *LocalTime `json:"due_input,omitempty"`
	// Owner is the agent of an own callback, else information.
	Owner AgentID `json:"owner,omitempty"`
	// Promised says that a callback is pending: that of a callback qualifier, or
	// of a status with the next-call flag, whatever lane it waits in.
	Promised bool `json:"promised,omitempty"`
	// Agreed says that the pending callback was agreed in a conversation: it is
	// exempt from the campaign's own gap and from UnansweredLimit.
	Agreed bool `json:"agreed,omitempty"`
	// Tries counts the calls for the pending callback that reached nobody.
	Tries int `json:"tries,omitempty"`
	// NeedsAgent is set by a drop and cleared by the next call that reaches an
	// agent: until then no unreserved ask gets the record.
	NeedsAgent bool `json:"needs_agent,omitempty"`
	// Next is the index in Phones of the number to be called next.
	Next int `json:"next,omitempty"`

	Attempts Counters `json:"attempts,omitzero"`

	Skips     int       `json:"skips,omitempty"` // offers skipped since the last call
	SkipUntil time.Time `json:"skip_until,omitzero"`

	Success     bool      `json:"success,omitempty"`
	SucceededAt time.Time `json:"succeeded_at,omitzero"`
	Attention   bool      `json:"attention,omitempty"` // a person should look at it

	LastCall    time.Time `json:"last_call,omitzero"` // when the last call was dialled
	LastOutcome Outcome   `json:"last_outcome,omitempty"`
	LastAgent   AgentID   `json:"last_agent,omitempty"`
	LastToken   Token     `json:"last_token,omitempty"` // id of the last call
}

// Phone is one number of a record, with what is known about it.
type Phone struct {
	Number    blacklist.Number `json:"number"`
	Extension string           `json:"extension,omitempty"`
	Label     string           `json:"label,omitempty"`
	// Zones are the IANA zones the number may be in; with several, all must be
	// open. None means the campaign's default callee zone.
	Zones []string `json:"zones,omitempty"`
	// Region picks the holidays (a key of Config.Holidays). "" is the default.
	Region string `json:"region,omitempty"`

	Out          Out       `json:"out,omitempty"`          // why it is never dialled again, or ""
	BlockedUntil time.Time `json:"blocked_until,omitzero"` // the switch reported it as blacklisted
	Attempts     int       `json:"attempts,omitempty"`     // counted dials of this number for this record
	Unrung       int       `json:"unrung,omitempty"`       // failures in a row that did not ring
	LastCall     time.Time `json:"last_call,omitzero"`     //
	LastOutcome  Outcome   `json:"last_outcome,omitempty"` //
}

// Out says why a number of a record is not dialled any more; "" means that it is.
type Out string

// Why a number is out.
const (
	OutInvalid Out = "invalid" // the network says that it does not exist, or a fax answered
	OutEnded   Out = "ended"   // a status with the flag "ends number" was set
)

// Counters count the dials of a record.
type Counters struct {
	Total      int `json:"total,omitempty"`       // counted dials, ever
	SinceReset int `json:"since_reset,omitempty"` // since Unused was last set; the lifetime limit reads it
	Unanswered int `json:"unanswered,omitempty"`  // calls that reached nobody since the last talk or reset
	Talks      int `json:"talks,omitempty"`       // conversations, inbound ones included
	Streak     int `json:"streak,omitempty"`      // dials in a row with the last outcome
	// ByOutcome counts dials by outcome.
	ByOutcome [NumOutcomes]uint16 `json:"by_outcome,omitzero"`
	First     time.Time           `json:"first,omitzero"`
	Last      time.Time           `json:"last,omitzero"`
}

// Park is a cached verdict: the record was found not callable, and need not be
// looked at before Until. It is an index, never an answer: it counts only at
// the campaign revision it was made at, and Explain does not believe it.
type Park struct {
	Until    time.Time `json:"until,omitzero"` // zero: not parked
	Reason   Reason    `json:"reason,omitempty"`
	Revision int64     `json:"revision,omitempty"`
}

// Live reports whether the park still counts at t under a campaign's revision.
func (p Park) Live(t time.Time, revision int64) bool {
	return p.Revision == revision && t.Before(p.Until)
}

// LocalTime is a moment as a person gave it: date, hour and zone.
type LocalTime struct {
	Date string `json:"date"` // 2006-01-02
	Hour string `json:"hour"` // 15:04
	Zone string `json:"zone"` // IANA name
}

// Channel is the way a record came in.
type Channel string

// The channels of a record.
const (
	ChannelImport Channel = ""
	ChannelAgent  Channel = "agent"
	ChannelCall   Channel = "call"
	ChannelMail   Channel = "mail"
	ChannelFax    Channel = "fax"
	ChannelSMS    Channel = "sms"
	ChannelMMS    Channel = "mms"
	ChannelWeb    Channel = "web"
)

// Fields are the values of a record's own fields by name. A value is a string,
// int64, float64, bool, time.Time or []string, as the field's type says; an
// absent one is unset.
type Fields map[string]any

// Note is a remark on a record.
type Note struct {
	At     time.Time `json:"at"`
	Author string    `json:"author"`
	Text   string    `json:"text"`
}

// State is what a record is at an instant, derived from what is stored.
type State uint8

// The states; the first that holds, in the order leased, closed, held, parked,
// waiting, ready.
const (
	StateReady State = iota
	StateWaiting
	StateParked
	StateHeld
	StateClosed
	StateLeased
)

var stateNames = [...]string{"ready", "waiting", "parked", "held", "closed", "leased"}

// String returns the state's name.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// StateAt derives the record's state at t. leased says whether a live lease holds it.
func (r *Record) StateAt(t time.Time, revision int64, leased bool) State {
	switch {
	case leased:
		return StateLeased
	case r.Standing == status.StandingClosed:
		return StateClosed
	case r.Standing == status.StandingHeld:
		return StateHeld
	case r.Park.Live(t, revision):
		return StateParked
	case t.Before(r.Due):
		return StateWaiting
	}
	return StateReady
}

// Owns reports whether a call was one to this record, in the campaign where it is
// or in one that it was moved from. Limits and gaps of a record count those.
func (r *Record) Owns(call *Call) bool {
	return call.Record == r.ID && (call.Campaign == r.Campaign || slices.Contains(r.Past, call.Campaign))
}

// Phone returns the index of a number among the record's phones, or -1.
func (r *Record) Phone(n blacklist.Number) int {
	for i := range r.Phones {
		if r.Phones[i].Number == n {
			return i
		}
	}
	return -1
}
