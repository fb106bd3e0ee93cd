package status

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// ErrNotFound says that the dictionary has no status with the id.
var ErrNotFound = errors.New("status: no such status")

// InUseError says that a status cannot be deleted, because it is in use.
type InUseError struct {
	Status ID
	Uses   int // records that have it and campaigns that list it
}

// Error says how much the status is used and what to do instead.
func (e *InUseError) Error() string {
	return fmt.Sprintf("status %q is in use %d times and cannot be deleted; disable it instead", string(e.Status), e.Uses)
}

// PositionError says that a list has no such position.
type PositionError struct {
	Status   ID
	Position int
	Len      int // how many statuses there are
}

// Error names the positions that there are.
func (e *PositionError) Error() string {
	return fmt.Sprintf("status %q: no position %d; the positions are 0 to %d", string(e.Status), e.Position, e.Len-1)
}

// Dictionary is the ordered list of statuses that campaigns share. It is checked
// as a whole: a change that would leave a mistake in it changes nothing and
// returns all mistakes joined, each a *FieldError. Statuses go in and come out
// as copies, so an edit is saved by Edit and by nothing else.
//
// The zero value is an empty dictionary. A Dictionary may be read by several
// goroutines at once, but not while it is changed: change a Copy and swap it in.
type Dictionary struct {
	list []Status
}

// New returns a dictionary of the statuses, in the order given.
func New(statuses ...Status) (*Dictionary, error) {
	d := &Dictionary{}
	if err := d.save(copies(statuses)); err != nil {
		return nil, err
	}
	return d, nil
}

// Default returns the dictionary that exists before anybody changes it: "Call",
// which calls again, and "Do not call", which closes. New campaigns start with
// both.
func Default() *Dictionary {
	return &Dictionary{list: []Status{
		{ID: "call", Title: "Call", Qualifier: Redial, AutoAdd: true},
		{ID: "do_not_call", Title: "Do not call", Qualifier: Closed, AutoAdd: true},
	}}
}

// Copy returns a dictionary that shares nothing with d.
func (d *Dictionary) Copy() *Dictionary { return &Dictionary{list: copies(d.list)} }

// Len returns the number of statuses.
func (d *Dictionary) Len() int { return len(d.list) }

// Get returns a copy of the status, and whether there is one.
func (d *Dictionary) Get(id ID) (Status, bool) {
	i := d.index(id)
	if i < 0 {
		return Status{}, false
	}
	return d.list[i].copy(), true
}

// All returns copies of all statuses in order.
func (d *Dictionary) All() []Status { return copies(d.list) }

// AutoAdd returns copies of the statuses that a new campaign starts with, in
// order. Disabled ones are left out.
func (d *Dictionary) AutoAdd() []Status {
	return d.choose(func(s Status) bool { return s.AutoAdd && !s.Disabled })
}

// PickList returns copies of the statuses offered to agents in a place: those
// related to it that are neither hidden nor disabled, in order. Hidden ones may
// still be set there, by a rule or by hand; they are only not offered.
func (d *Dictionary) PickList(kind RelationKind, name string) []Status {
	return d.choose(func(s Status) bool { return !s.Hidden && s.UsableIn(kind, name) })
}

// RelatedTo returns copies of all statuses related to a place, in order,
// whether or not they are offered there.
func (d *Dictionary) RelatedTo(kind RelationKind, name string) []Status {
	return d.choose(func(s Status) bool { return s.Relations.Has(kind, name) })
}

// Warnings returns the warnings of all statuses in order.
func (d *Dictionary) Warnings() []Warning {
	var all []Warning
	for _, s := range d.list {
		all = append(all, s.Warnings()...)
	}
	return all
}

// Add appends a status.
func (d *Dictionary) Add(s Status) error {
	return d.save(append(d.list, s.copy()))
}

// Edit replaces the status that has the id of s. Records that have the status
// are not changed. It returns ErrNotFound if there is none.
func (d *Dictionary) Edit(s Status) error {
	return d.change(s.ID, func(old *Status) { *old = s.copy() })
}

// Clone appends a copy of a status under a new id and title: every attribute
// and relation is the same. It returns ErrNotFound if there is no such status,
// and refuses an id or title that is taken, the original's included.
func (d *Dictionary) Clone(id, newID ID, newTitle string) error {
	s, ok := d.Get(id)
	if !ok {
		return notFound(id)
	}
	return d.Add(s.Clone(newID, newTitle))
}

// Disable makes that nobody can newly set the status, neither people nor its
// rule; records that have it keep it and its effect. It returns ErrNotFound if
// there is no such status, as do Enable, Hide and Show.
func (d *Dictionary) Disable(id ID) error {
	return d.change(id, func(s *Status) { s.Disabled = true })
}

// Enable undoes Disable.
func (d *Dictionary) Enable(id ID) error {
	return d.change(id, func(s *Status) { s.Disabled = false })
}

// Hide leaves the status out of agents' pick lists, and changes nothing else.
func (d *Dictionary) Hide(id ID) error {
	return d.change(id, func(s *Status) { s.Hidden = true })
}

// Show undoes Hide.
func (d *Dictionary) Show(id ID) error {
	return d.change(id, func(s *Status) { s.Hidden = false })
}

// Delete removes a status. The caller says how many records have it and
// campaigns list it: a status in use is kept, and the error is an *InUseError.
// It returns ErrNotFound if there is no such status.
func (d *Dictionary) Delete(id ID, uses int) error {
	i := d.index(id)
	if i < 0 {
		return notFound(id)
	}
	if uses != 0 {
		return &InUseError{Status: id, Uses: uses}
	}
	d.list = slices.Delete(d.list, i, i+1)
	return nil
}

// Move puts a status at a position, counted from 0; those between move up or
// down by one. It returns ErrNotFound if there is no such status, and a
// *PositionError if there is no such position.
func (d *Dictionary) Move(id ID, position int) error {
	i := d.index(id)
	if i < 0 {
		return notFound(id)
	}
	if position < 0 || position >= len(d.list) {
		return &PositionError{Status: id, Position: position, Len: len(d.list)}
	}
	s := d.list[i]
	d.list = slices.Insert(slices.Delete(d.list, i, i+1), position, s)
	return nil
}

// MarshalJSON writes the list of statuses.
func (d Dictionary) MarshalJSON() ([]byte, error) {
	if d.list == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(d.list)
}

// UnmarshalJSON reads a list of statuses and checks it as New does. Fields that
// a status does not have, and text that is not UTF-8, are refused. After an
// error the dictionary is as it was, and so it is after null, as is usual in Go.
func (d *Dictionary) UnmarshalJSON(data []byte) error {
	if string(bytes.TrimSpace(data)) == "null" {
		return nil
	}
	if !utf8.Valid(data) {
		return errors.New("status: the dictionary is not UTF-8")
	}
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	var list []Status
	if err := in.Decode(&list); err != nil {
		return fmt.Errorf("status: reading the dictionary: %w", err)
	}
	return d.save(copies(list))
}

// save makes list the dictionary if it has no mistake.
func (d *Dictionary) save(list []Status) error {
	errs := checkAll(list)
	for _, s := range list {
		if s.Campaign != "" {
			errs = append(errs, &FieldError{
				Status: s.ID, Field: "campaign", Value: s.Campaign,
				Msg: "a status of one campaign is valid only there and not in the dictionary",
			})
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	d.list = list
	return nil
}

// change edits a copy of the list and saves it.
func (d *Dictionary) change(id ID, edit func(*Status)) error {
	i := d.index(id)
	if i < 0 {
		return notFound(id)
	}
	list := slices.Clone(d.list)
	edit(&list[i])
	return d.save(list)
}

func (d *Dictionary) index(id ID) int {
	return slices.IndexFunc(d.list, func(s Status) bool { return s.ID == id })
}

func (d *Dictionary) choose(keep func(Status) bool) []Status {
	var chosen []Status
	for _, s := range d.list {
		if keep(s) {
			chosen = append(chosen, s.copy())
		}
	}
	return chosen
}

func notFound(id ID) error { return fmt.Errorf("%w: %q", ErrNotFound, string(id)) }

func copies(statuses []Status) []Status {
	all := make([]Status, 0, len(statuses))
	for _, s := range statuses {
		all = append(all, s.copy())
	}
	return all
}
