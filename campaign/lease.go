package campaign

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// Ref names a record, and with a token one lease of it. It is all that a host
// must keep of a call.
type Ref struct {
	Campaign ID       `json:"campaign"`
	Record   RecordID `json:"record"`
	Token    Token    `json:"token,omitempty"`
}

// Phase is how far a lease has come.
type Phase uint8

// The phases of a lease.
const (
	Offered Phase = iota // given to somebody; nothing dialled
	Dialed               // the number is being dialled
	Talking              // somebody answered
)

// Phases is a set of phases. The zero value is no condition: any phase will do.
type Phases uint8

// Only is the set of this phase alone.
func (p Phase) Only() Phases { return 1 << p }

// Allow reports whether a lease in this phase will do.
func (s Phases) Allow(p Phase) bool { return s == 0 || s&p.Only() != 0 }

// Lease is a record given to somebody for a time. It holds the record, its
// contact and all its numbers, across campaigns.
type Lease struct {
	Token  Token   `json:"token"` // zero: no lease
	Call   Token   `json:"call"`  // the lease's first token: the id of its call
	Holder string  `json:"holder,omitempty"`
	Agent  AgentID `json:"agent,omitempty"`
	Phase  Phase   `json:"phase,omitempty"`
	// Number is the one being dialled; while offered, the one proposed.
	Number blacklist.Number `json:"number,omitempty"`
	Lane   status.Lane      `json:"lane,omitempty"` // the lane it was taken from
	// ForCallback says that the call is made for a due callback: the record was
	// Promised when it was claimed.
	ForCallback bool `json:"for_callback,omitempty"`
	Reserved    bool `json:"reserved,omitempty"` // an agent waits for the call
	// Taken says that somebody took this record by name, and Overrides what of
	// the campaign's own rules they overrode.
	Taken     bool       `json:"taken,omitempty"`
	Overrides []Override `json:"overrides,omitempty"`
	Inbound   bool       `json:"inbound,omitempty"`
	At        time.Time  `json:"at"` // when it was given
	Dialed    time.Time  `json:"dialed,omitzero"`
	Answered  time.Time  `json:"answered,omitzero"`
	Until     time.Time  `json:"until"` // when it runs out
	// With are the further records that an inbound lease holds.
	With []Ref `json:"with,omitempty"`
}

// Hold is what another live lease holds of a record's: its contact or a number.
type Hold struct {
	Ref     Ref              `json:"ref"`               // the record that the other lease is on
	Number  blacklist.Number `json:"number,omitempty"`  // zero when it is the contact that is held
	Contact ContactID        `json:"contact,omitempty"` //
	Holder  string           `json:"holder,omitempty"`
	Until   time.Time        `json:"until"` // when the other lease runs out
}

// Facts are a record and what is known about it: the argument of Eligible,
// Apply and the rules.
type Facts struct {
	Record  Record
	Contact *Contact // if the campaign's rules need it and it is known
	Lease   Lease    // the record's lease; zero token: none
	Busy    []Hold   // what other live leases hold of it
	// History are the calls to the record, its contact and its numbers, of all
	// campaigns, as far back as Need says, oldest first.
	History []*Call
	// Listed are the answers of every blacklist asked about its numbers: those
	// that are listed, and those that could not be asked. Empty means that all
	// were asked and none objects: a host with a queue of its own asks them with
	// blacklist.Ask before it calls Eligible.
	Listed []blacklist.Answer
	// Call is the call that a reported token led to, when one was looked up.
	Call *Call
}
