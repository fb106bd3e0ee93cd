package blacklist

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nextcall/nextcall/internal/calendar"
)

// List is the name of a blacklist. A valid one is not empty and is UTF-8
// without NUL bytes; upper and lower case differ.
type List string

// Global is the list that is asked for every call, whatever a campaign names.
const Global List = "global"

// Key names an entry: a number is on a list at most once.
type Key struct {
	List   List   `json:"list"`
	Number Number `json:"number"`
}

// Entry is a number on a list. It blocks until the instant Until, exclusive;
// the zero Until is permanent. No later change of a status ends it.
type Entry struct {
	Number Number    `json:"number"`
	List   List      `json:"list"`
	Author string    `json:"author,omitempty"` // who listed it; may be empty
	Reason string    `json:"reason,omitempty"` // why, for people; may be empty
	Added  time.Time `json:"added,omitzero"`   // since when; zero if unknown
	Until  time.Time `json:"until,omitzero"`   // the first instant at which it no longer blocks; zero is never
}

// Key returns the list and number of e.
func (e Entry) Key() Key { return Key{List: e.List, Number: e.Number} }

// Permanent reports whether e never ends.
func (e Entry) Permanent() bool { return e.Until.IsZero() }

// Blocks reports whether calls to the number are blocked at t: until the very
// instant Until, at which they are free again.
func (e Entry) Blocks(t time.Time) bool { return e.Permanent() || t.Before(e.Until) }

// Merge returns the one of two entries of the same key that a list keeps: the
// one that ends later, whole, with its author, reason and time; permanent ends
// last. If both end at the same instant e stays, so adding an entry again
// changes nothing. Listing a number for a shorter time never shortens.
func (e Entry) Merge(other Entry) Entry {
	switch {
	case e.Permanent():
		return e
	case other.Permanent(), other.Until.After(e.Until):
		return other
	}
	return e
}

// EntryError says which field of an entry is wrong.
type EntryError struct {
	Key   Key    // of the entry
	Field string // "number", "list", "author", "reason", "added" or "until"
	Value string // what it holds
	Want  string // what would be right
}

func (e *EntryError) Error() string {
	number := strconv.FormatUint(uint64(e.Key.Number), 10)
	return fmt.Sprintf("blacklist: entry of %s on list %s: %s is %s, want %s",
		number, quote(string(e.Key.List)), e.Field, quote(e.Value), e.Want)
}

// Check returns all that is wrong with e, as joined *EntryErrors, or nil.
// A Reason and an Author may be empty; a zero Added is unknown.
func (e Entry) Check() error {
	var errs []error
	wrong := func(field, value, want string) {
		errs = append(errs, &EntryError{Key: e.Key(), Field: field, Value: value, Want: want})
	}
	if !e.Number.Valid() {
		wrong("number", strconv.FormatUint(uint64(e.Number), 10), "7 to 15 digits beginning with the country code")
	}
	if e.List == "" {
		wrong("list", "", "a name")
	}
	for _, text := range []struct{ field, value string }{
		{"list", string(e.List)}, {"author", e.Author}, {"reason", e.Reason},
	} {
		// A NUL is valid UTF-8, but PostgreSQL cannot keep it.
		if !utf8.ValidString(text.value) || strings.ContainsRune(text.value, 0) {
			wrong(text.field, text.value, "UTF-8 without NUL bytes")
		}
	}
	inYears := func(field string, t time.Time) {
		if year := t.UTC().Year(); year < calendar.MinYear || year > calendar.MaxYear {
			wrong(field, strconv.Itoa(year), "a year from 1 to 9999")
		}
	}
	inYears("added", e.Added)
	inYears("until", e.Until)
	// Compared as they are stored: an entry of less than a microsecond is none.
	if n := e.normal(); !e.Permanent() && !n.Until.After(n.Added) {
		wrong("until", e.Until.UTC().Format(time.RFC3339Nano), "a time after added, "+e.Added.UTC().Format(time.RFC3339Nano))
	}
	return errors.Join(errs...)
}

// normal returns e as it is stored: times in UTC and whole microseconds.
func (e Entry) normal() Entry {
	e.Added = e.Added.UTC().Truncate(time.Microsecond)
	e.Until = e.Until.UTC().Truncate(time.Microsecond)
	return e
}
