package campaign

import "github.com/nextcall/nextcall/blacklist"

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
