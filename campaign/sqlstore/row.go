package sqlstore

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// row is a record as the unit of work has it, with what belongs to it.
type row struct {
	rec     int64 // its place in the order of adding
	record  campaign.Record
	place   int
	lease   campaign.Token // the first token of the lease that holds it; 0: none
	latest  campaign.Token // the largest token in its log
	body    string         // until it is read into record, and when it is written
	wide    string         // the same, of what changes seldom
	numbers []blacklist.Number

	waits   bool               // PostgreSQL: the queue has it
	changed changed            // what of it is to be written
	had     []blacklist.Number // if its numbers have changed: those in the database
	from    *departure         // if it has moved: from where, in the database
	noted   int                // the flush before which its log or history was added to
	given   bool               // record is what a caller gave: finer than what is stored, and not ours
	was     shown              // what PostgreSQL has noted of it, or need not note
}

// departure is what has to be known of the place that a record has left.
type departure struct {
	key
	rec     int64
	numbers []blacklist.Number
}

// changed says what of a record is to be written.
type changed uint8

const (
	added      changed = 1 << iota // all of it: it is not in the database
	placed                         // place and lease
	moved                          // what a call moves
	judged                         // what a call moves seldom, and indexes have
	rewritten                      // all columns
	replaced                       // one of them that no call changes
	widened                        // wide
	renumbered                     // numbers
)

// wide is what of a record changes seldom, kept beside it.
type wide struct {
	Fields campaign.Fields `json:"fields"`
	Notes  []campaign.Note `json:"notes"`
	Tags   []string        `json:"tags"`
	Past   []campaign.ID   `json:"past"`
}

// scanner is a row of an answer.
type scanner interface{ Scan(into ...any) error }

// scan reads recordColumns, and more that comes behind them. What body and wide
// hold is not read yet.
func (x *row) scan(from scanner, more ...any) error {
	r := &x.record
	var qualifier, standing, lane, due, until, reason int64
	err := from.Scan(append([]any{&x.rec, &r.Campaign, &r.ID, &r.Contact, &r.List, &r.Status, &qualifier, &standing, &lane, &r.Class, &due, &r.Owner,
		&r.Sort, &r.Key, &r.Sequence, &until, &reason, &r.Park.Revision, &r.Operation, &r.Version, &x.place, &x.lease,
		&x.latest, &x.body, &x.wide}, more...)...)
	r.Qualifier, r.Standing, r.Lane = status.Qualifier(qualifier), status.Standing(standing), status.Lane(lane)
	r.Due, r.Park.Until, r.Park.Reason = instant(due), instant(until), campaign.Reason(reason)
	return err
}

// read reads body and wide into the record.
func (x *row) read(l layouts) error {
	columns := x.record
	x.record = campaign.Record{}
	if err := l.decode(x.body, &x.record); err != nil {
		return fmt.Errorf("record %q of campaign %q: %w", columns.ID, columns.Campaign, err)
	}
	onto(&x.record, &columns)
	if x.wide != "" {
		var w wide
		if err := l.decode(x.wide, &w); err != nil {
			return fmt.Errorf("record %q of campaign %q: %w", columns.ID, columns.Campaign, err)
		}
		x.record.Fields, x.record.Notes, x.record.Tags, x.record.Past = w.Fields, w.Notes, w.Tags, w.Past
	}
	x.numbers = numbersOf(&x.record)
	return nil
}

// own makes the record what is read of it when it has been written.
func (x *row) own(l layouts) error {
	if !x.given {
		return nil
	}
	r := &x.record
	r.Due, r.Park.Until = instant(micros(r.Due)), instant(micros(r.Park.Until))
	x.given = false
	return x.read(l)
}

// onto copies what is kept in columns from one record to another.
func onto(to, from *campaign.Record) {
	to.Campaign, to.ID, to.Contact, to.List, to.Status, to.Qualifier = from.Campaign, from.ID, from.Contact, from.List, from.Status, from.Qualifier
	to.Standing, to.Lane, to.Class, to.Due, to.Owner, to.Sort = from.Standing, from.Lane, from.Class, from.Due, from.Owner, from.Sort
	to.Key, to.Sequence, to.Park, to.Operation, to.Version = from.Key, from.Sequence, from.Park, from.Operation, from.Version
}

// texts are the body and the wide part of a record.
func (l layouts) texts(r *campaign.Record) (body, rest string) {
	x := *r
	onto(&x, &campaign.Record{})
	x.Fields, x.Notes, x.Tags, x.Past = nil, nil, nil, nil
	body = l.encode(&x)
	if len(r.Fields)+len(r.Notes)+len(r.Tags)+len(r.Past) > 0 {
		rest = l.encode(&wide{r.Fields, r.Notes, r.Tags, r.Past})
	}
	return body, rest
}

// columns are the arguments of writeRecord but for the first.
func (x *row) columns() []any {
	r := &x.record
	return []any{
		string(r.Contact), r.List, string(r.Status), int64(r.Qualifier), int64(r.Standing), int64(r.Lane), r.Class, micros(r.Due), string(r.Owner),
		r.Sort, r.Key, r.Sequence, micros(r.Park.Until), int64(r.Park.Reason), r.Park.Revision, r.Operation, r.Version, x.place, int64(x.lease),
		int64(x.latest), x.body,
		r.ExternalID, int64(mainNumber(r)), r.Author, string(r.LastAgent), micros(r.LastCall),
	}
}

// moves are the columns that each call moves, the arguments of moveRecord, and of
// judgeRecord with those behind them that a call moves seldom.
func (x *row) moves() []any {
	r := &x.record
	args := append(make([]any, 0, 15), x.rec, int64(r.Standing), int64(r.Lane), micros(r.Due), r.Version, x.place, int64(x.lease),
		int64(x.latest), x.body, micros(r.LastCall))
	if x.changed&judged != 0 {
		args = append(args, string(r.Status), int64(r.Qualifier), r.Operation, r.Author, string(r.LastAgent))
	}
	return args
}

// mainNumber is the record's first number, 0 without one.
func mainNumber(r *campaign.Record) blacklist.Number {
	if len(r.Phones) == 0 {
		return 0
	}
	return r.Phones[0].Number
}

// index finds the place of a record when the newest revision of its campaign is
// known.
func (x *row) index(revision int64) {
	r := &x.record
	switch {
	case x.lease != 0 || r.Standing != status.StandingQueued || r.Class == "" || r.Lane == status.LaneNone || int(r.Lane) >= status.NumLanes:
		x.place = nowhere
	case micros(r.Park.Until) != noTime && r.Park.Revision == revision:
		x.place = parked
	case byKey(r.Lane) && micros(r.Due) == noTime:
		x.place = keyed
	default:
		x.place = dated
	}
}

// unindexed is the place of a record that was parked and now waits.
func (x *row) unindexed() int {
	if byKey(x.record.Lane) && micros(x.record.Due) == noTime {
		return keyed
	}
	return dated
}

// open reports whether its numbers count when they must be unique.
func (x *row) open() bool { return x.record.Standing != status.StandingClosed }

func (x *row) has(n blacklist.Number) bool { return slices.Contains(x.numbers, n) }

func (x *row) key() key { return key{x.record.Campaign, x.record.ID} }

// byKey reports whether a lane is sorted by key once its records are due.
func byKey(l status.Lane) bool { return l == status.LaneFresh || l == status.LaneLast }

func (x *row) ref() campaign.Ref {
	return campaign.Ref{Campaign: x.record.Campaign, Record: x.record.ID}
}

// numbersOf returns the numbers of a record in the order of its phones, each once.
func numbersOf(r *campaign.Record) []blacklist.Number {
	numbers := make([]blacklist.Number, 0, len(r.Phones))
	for i := range r.Phones {
		if n := r.Phones[i].Number; n != 0 && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
