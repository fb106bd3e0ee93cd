package campaign

import (
	"fmt"

	"github.com/nextcall/nextcall/blacklist"
)

// ListedError says that a new record was left out because each of its numbers is
// blacklisted, or could not be checked.
type ListedError struct{ Answers []blacklist.Answer }

func (e *ListedError) Error() string {
	a := e.Answers[0]
	if a.Err != nil {
		return fmt.Sprintf("number %v: no blacklist answer: %v", a.Number, a.Err)
	}
	s := fmt.Sprintf("number %v is on list %q", a.Number, a.Entry.List)
	if !a.Entry.Permanent() {
		s += " until " + a.Entry.Until.UTC().Format("2006-01-02T15:04:05Z07:00")
	}
	return s + ": left out (AllowBlacklisted takes it all the same)"
}

// AllListed returns a *[ListedError] if each of the record's numbers is
// blacklisted, or unknown, as f.Listed says. A record without numbers is not.
func (f *Facts) AllListed() error {
	if len(f.Record.Phones) == 0 {
		return nil
	}
	for i := range f.Record.Phones {
		listed := false
		for _, a := range f.Listed {
			listed = listed || a.Number == f.Record.Phones[i].Number
		}
		if !listed {
			return nil
		}
	}
	return &ListedError{Answers: f.Listed}
}
