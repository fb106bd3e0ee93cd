package memstore

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// What the store can keep. A change that needs more is refused whole, with a
// [*LimitError]. Everything else that a record or call may hold is kept as it
// is: what does not fit the compact form is kept beside it, exactly, and only
// takes more memory.
const (
	// MaxRecords is the number of records of one campaign.
	MaxRecords = 1<<28 - 1
	// MaxCalls is the number of calls in the log of all campaigns.
	MaxCalls = 1<<28 - 1
	// MaxNumbers and MaxContacts are the numbers of distinct phone numbers and of
	// contacts that a store has ever been told of.
	MaxNumbers  = 1<<28 - 1
	MaxContacts = 1<<28 - 1
	// MaxEntries is the number of lines in the histories of one campaign's records.
	MaxEntries = 1<<28 - 1
	// MaxClasses, MaxStatuses and MaxLists are the numbers of distinct
	// calling-hours classes, statuses and import lists that the records of one
	// campaign have ever had.
	MaxClasses  = 1<<16 - 1
	MaxStatuses = 1<<16 - 1
	MaxLists    = 1<<16 - 1
	// MaxAgents and MaxOperations are the numbers of distinct agents and
	// operations that the records of one campaign have ever named.
	MaxAgents     = 1<<28 - 1
	MaxOperations = 1<<28 - 1
	// MaxText is the length of the texts that records are found by, in bytes: a
	// record's id, status, class, list, owner, last agent and operation.
	MaxText = 1 << 12
	// MaxTexts is the length of all record ids and external ids of one campaign
	// together, in bytes, and two for each. An external id that is replaced goes
	// on counting.
	MaxTexts = 3 << 30
	// MaxSort is the largest Record.Sort, the smallest is 0.
	MaxSort = 1<<17 - 1
	// MaxSequence is the largest Record.Sequence, the smallest is 0.
	MaxSequence = 1<<46 - 1
	// MaxVersion is the largest Record.Version, the smallest is 0.
	MaxVersion = 1<<32 - 1
	// MinYear and MaxYear bound the instants that records are sorted by: Due,
	// Key and the end of a park, and the end of a call.
	MinYear = 1
	MaxYear = 9999
)

// Tables whose limits nobody meets as an error: what comes later is kept beside
// the compact form.
const (
	maxAuthors  = 1<<16 - 1 // of a campaign's records
	maxZoneSets = 1<<16 - 1 // lists of zones with a region, of a campaign's phones
	maxOrigins  = 1<<16 - 1 // lists of campaigns that a campaign's records came from
	maxTypes    = 1<<8 - 1  // record types of a campaign
	maxNames    = 1<<28 - 1 // agents and holders in the log of calls
	maxIDBytes  = 3 << 30   // of the ids of contacts
	maxWords    = 1<<8 - 1  // modes, results of machine detection and so on in the log of calls
)

// LimitError says that a change needs more than the store can keep.
type LimitError struct {
	What  string // what there would be too much of, such as "bytes of a record id"
	Least int    // the smallest that is kept, mostly 0
	Limit int    // the largest that is kept
	Value string // what was asked for
}

func (e *LimitError) Error() string {
	if e.Least != 0 {
		return fmt.Sprintf("%s: the store keeps %d to %d, not %s", e.What, e.Least, e.Limit, e.Value)
	}
	return fmt.Sprintf("%s: the store keeps at most %d, not %s", e.What, e.Limit, e.Value)
}

// quoted is a text in an error: whole if it is short.
func quoted(s string) string {
	if len(s) <= 40 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d bytes)", s[:40], len(s))
}

// textFits checks the length of a text that has to be kept as a name.
func textFits(what, s string) error {
	if len(s) <= MaxText {
		return nil
	}
	return &LimitError{What: "bytes of " + what, Limit: MaxText, Value: quoted(s)}
}

// rangeFits checks a number that is part of an index key.
func rangeFits(what string, x, limit int64) error {
	if 0 <= x && x <= limit {
		return nil
	}
	return &LimitError{What: what + " from 0", Limit: int(limit), Value: fmt.Sprint(x)}
}

// timeFits checks an instant that is part of an index key.
func timeFits(what string, t time.Time) error {
	if stampOf(t) >= 0 {
		return nil
	}
	return &LimitError{What: "year of " + what, Least: MinYear, Limit: MaxYear, Value: fmt.Sprint(t.UTC().Year())}
}

// fits reports what of a record the rows cannot keep, before anything is
// written: add and write after it do not fail. Nothing is written here.
func (t *rows) fits(r *campaign.Record) error {
	if stampOf(r.Due)|stampOf(r.Park.Until)|stampOfKey(r.Key) < 0 {
		if err := timeFits("due", r.Due); err != nil {
			return err
		}
		if err := timeFits("park until", r.Park.Until); err != nil {
			return err
		}
		return &LimitError{What: "year of key (Unix microseconds)", Least: MinYear, Limit: MaxYear, Value: fmt.Sprint(r.Key)}
	}
	if err := rangeFits("sort", r.Sort, MaxSort); err != nil {
		return err
	}
	if err := rangeFits("sequence", r.Sequence, MaxSequence); err != nil {
		return err
	}
	if err := rangeFits("version", r.Version, MaxVersion); err != nil {
		return err
	}
	if len(r.ID)|len(r.Status)|len(r.Class)|len(r.List)|len(r.Owner)|len(r.LastAgent)|len(r.Operation) > MaxText {
		if err := t.textsFit(r); err != nil {
			return err
		}
	}
	if err := t.namesFit(r); err != nil {
		return err
	}
	if t.used >= t.max.records {
		if _, found := t.find(r.ID); !found {
			return &LimitError{What: "records of a campaign", Limit: t.max.records, Value: "one more, " + quoted(string(r.ID))}
		}
	}
	if t.bytes+len(r.ID)+len(r.ExternalID)+2*textHead > t.max.texts {
		return &LimitError{What: "bytes of ids of a campaign", Limit: t.max.texts, Value: "one more, " + quoted(string(r.ID))}
	}
	return nil
}

func (t *rows) textsFit(r *campaign.Record) error {
	for _, x := range [...]struct{ what, text string }{
		{"a record id", string(r.ID)}, {"a status", string(r.Status)}, {"a class", r.Class}, {"a list", r.List},
		{"an owner", string(r.Owner)}, {"a last agent", string(r.LastAgent)}, {"an operation", r.Operation},
	} {
		if err := textFits(x.what, x.text); err != nil {
			return err
		}
	}
	return nil
}

// namesFit checks that the record's names have places in their tables. While no
// table is nearly full that is known without looking them up.
func (t *rows) namesFit(r *campaign.Record) error {
	m := &t.max
	// Len counts "", too.
	if t.statuses.Len() <= m.statuses && t.classes.Len() <= m.classes && t.lists.Len() <= m.lists &&
		t.operations.Len() <= m.operations && t.agents.Len() < m.agents {
		return nil
	}
	for _, x := range [...]struct {
		what, name string
		of         interface {
			Lookup(string) (uint32, bool)
			Len() int
		}
		limit int
	}{
		{"statuses of a campaign", string(r.Status), &t.statuses, m.statuses},
		{"classes of a campaign", r.Class, &t.classes, m.classes},
		{"lists of a campaign", r.List, &t.lists, m.lists},
		{"operations of a campaign", r.Operation, &t.operations, m.operations},
		{"agents of a campaign", string(r.Owner), &t.agents, m.agents},
		{"agents of a campaign", string(r.LastAgent), &t.agents, m.agents},
	} {
		if _, known := x.of.Lookup(x.name); !known && x.of.Len() > x.limit {
			return &LimitError{What: x.what, Limit: x.limit, Value: "one more, " + quoted(x.name)}
		}
	}
	return t.bothAgentsFit(r)
}

// bothAgentsFit checks the case in which two new agents want the last place.
func (t *rows) bothAgentsFit(r *campaign.Record) error {
	if r.Owner == r.LastAgent || r.Owner == "" || r.LastAgent == "" || t.agents.Len() < t.max.agents {
		return nil
	}
	_, owner := t.agents.Lookup(string(r.Owner))
	_, last := t.agents.Lookup(string(r.LastAgent))
	if owner || last {
		return nil
	}
	return &LimitError{What: "agents of a campaign", Limit: t.max.agents, Value: "two more, " + quoted(string(r.Owner)) + " and " + quoted(string(r.LastAgent))}
}

// textHead is what a text takes beside its bytes, at the most.
const textHead = 2

// maxima are the limits of one campaign's tables. Only tests use smaller ones.
type maxima struct {
	records, texts                                                      int
	classes, statuses, lists, agents, operations, authors, zones, types int
	origins                                                             int
	entries                                                             int
}

func usualMaxima() maxima {
	return maxima{
		records: MaxRecords, texts: MaxTexts, entries: MaxEntries,
		classes: MaxClasses, statuses: MaxStatuses, lists: MaxLists, agents: MaxAgents, operations: MaxOperations,
		authors: maxAuthors, zones: maxZoneSets, origins: maxOrigins, types: maxTypes,
	}
}
