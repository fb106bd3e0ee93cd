package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
)

// ContactID names a contact: a person or a company, whatever campaigns it is in.
type ContactID string

// Contact is a person or a company.
type Contact struct {
	ID        ContactID          `json:"id"`
	Company   string             `json:"company,omitempty"`
	FirstName string             `json:"first_name,omitempty"`
	LastName  string             `json:"last_name,omitempty"`
	Phones    []blacklist.Number `json:"phones,omitempty"`
	Emails    []string           `json:"emails,omitempty"`
	Keys      []string           `json:"keys,omitempty"`    // unique keys of the host's own
	Country   string             `json:"country,omitempty"` // ISO 3166 code, such as "PL"
	Fields    Fields             `json:"fields,omitempty"`

	Created   time.Time `json:"created,omitzero"`
	Updated   time.Time `json:"updated,omitzero"`
	Author    string    `json:"author,omitempty"`    // who made the last change: Actor.User, or "engine"
	Operation string    `json:"operation,omitempty"` // id of the larger operation that made the last change, or ""
	// Version grows by one with each commit that writes the contact. The store keeps it.
	Version int64 `json:"version,omitempty"`
}

// ContactKey is something that no two contacts should have: a phone number, an
// e-mail address, or a key of the host's own. It is normalised: see [Contact.Unique].
type ContactKey struct {
	Kind  KeyKind `json:"kind"`
	Value string  `json:"value"`
}

// KeyKind is a kind of [ContactKey].
type KeyKind string

// The kinds of keys.
const (
	KeyPhone KeyKind = "phone" // digits, beginning with the country code
	KeyEmail KeyKind = "email" // without space around it, in small letters
	KeyOwn   KeyKind = "key"   // as it is
)

// Unique lists the contact's keys, normalised, each once: its phones, e-mail
// addresses and keys, in this order. Empty ones are left out.
func (c *Contact) Unique() []ContactKey {
	var keys []ContactKey
	add := func(kind KeyKind, value string) {
		if k := (ContactKey{kind, value}); value != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, n := range c.Phones {
		add(KeyPhone, strings.TrimPrefix(n.String(), "+"))
	}
	for _, e := range c.Emails {
		add(KeyEmail, strings.ToLower(strings.TrimSpace(e)))
	}
	for _, k := range c.Keys {
		add(KeyOwn, k)
	}
	return keys
}

// ContactMatch is a key of a contact that another one has.
type ContactMatch struct {
	Key     ContactKey
	Contact ContactID // who has it
}

// ContactExistsError says that other contacts have keys of one that was to be written.
type ContactExistsError struct {
	Contact ContactID      // the one that was to be written
	Matches []ContactMatch // in the order of its keys, then of the ids
}

func (e *ContactExistsError) Error() string {
	m := e.Matches[0]
	return fmt.Sprintf("contact %q has the same %s %q as %d other(s), first contact %q: take that one, or allow the duplicate",
		e.Contact, m.Key.Kind, m.Key.Value, len(e.Matches), m.Contact)
}

// ContactStore is an optional ability of a Store: contacts on their own. What a
// Commit wrote of contacts is seen by whatever is asked after it. A store that does
// not have it refuses changes with UniqueContact, Merge or Forget.
type ContactStore interface {
	// Contacts reads contacts into a list as long as ids. One that does not exist
	// is nil; the id of one that became another (Change.Merge) gives that one.
	Contacts(ctx context.Context, ids ...ContactID) ([]*Contact, error)
	// ContactsWith returns for each key the ids of the contacts that have it, in
	// the order of their ids, bytes compared.
	ContactsWith(ctx context.Context, keys ...ContactKey) ([][]ContactID, error)
	// Suggest returns the contacts that match what was typed, the best first, as
	// [Typed.Match] ranks them; what is equal comes in the order of ids.
	Suggest(ctx context.Context, t Typed) ([]Suggestion, error)
}

// Actor is whoever changes something. The host authenticates; the library
// checks what the rules demand and records author and time.
type Actor struct {
	User      string  `json:"user"`                // recorded as the author; "" is the engine
	Agent     AgentID `json:"agent,omitempty"`     // "" for someone without an agent account
	Campaigns []ID    `json:"campaigns,omitempty"` // what they may use; none means all
}

// Engine is the author of what no person did.
const Engine = "engine"

// Name is the author to record: the user, else the agent, else the engine.
func (a Actor) Name() string {
	switch {
	case a.User != "":
		return a.User
	case a.Agent != "":
		return string(a.Agent)
	}
	return Engine
}

// Person reports whether the actor is somebody, not the engine.
func (a Actor) Person() bool { return a.User != "" || a.Agent != "" }

// MayUse returns an [*ActorError] if the actor may not use the campaign.
func (a Actor) MayUse(id ID) error {
	if len(a.Campaigns) == 0 || slices.Contains(a.Campaigns, id) {
		return nil
	}
	return &ActorError{Actor: a, Msg: fmt.Sprintf("may not use campaign %q, only %q", id, a.Campaigns)}
}
