package sqlstore

import (
	"fmt"
	"maps"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// unit is the unit of work of a transaction: what it has read, as it is by now,
// and what of that is still to be written. Changes are checked against it and
// made in it; a flush writes it. Whoever asks the database something else than
// what has a key flushes first.
type unit struct {
	rows   map[key]*row // nil: there is no such record
	leases map[campaign.Token]*lease
	guards map[guarded]*guard

	dirty       []*row   // to be written, in the order of the changes
	dirtyLeases []*lease // the same
	dirtyGuards []*guard // the same; a guard may be there twice
	frees       []free   // guards to be deleted that have not been read
	calls       []call
	callAt      map[campaign.Token]int // the place in calls
	entries     []entry
	strays      []*row // those whose last call the log does not tell of

	people people

	bodies map[campaign.ContactID]string // of contacts that were read ahead; "" of one that is not there

	// What must be unique: that of records that came to their campaigns, what was
	// read ahead ("" is nobody), and the campaigns of which something has changed
	// since the last flush, so that the database has to be asked again.
	fresh   map[unique]*row
	uniques map[unique]campaign.RecordID
	moved   map[campaign.ID]bool

	left    map[key]bool // records that have moved from there since the last flush
	flushes int
}

// key names a record.
type key struct {
	campaign campaign.ID
	record   campaign.RecordID
}

func (k key) ref() campaign.Ref { return campaign.Ref{Campaign: k.campaign, Record: k.record} }

func keyOf(ref campaign.Ref) key { return key{ref.Campaign, ref.Record} }

// unique is a contact or number in a campaign.
type unique struct {
	campaign campaign.ID
	guarded
}

// call is one to be written to the log.
type call struct {
	*campaign.Call
	at           campaign.ID // of its record; of the call itself, if it has none
	rec          int64       // 0: of no record
	late         bool        // the log may have it already, wherever
	body, before string
}

// entry is a line of a record's history that is to be written.
type entry struct {
	on   key
	rec  int64
	body string
}

func newUnit() unit {
	return unit{
		rows:   make(map[key]*row),
		leases: make(map[campaign.Token]*lease),
		guards: make(map[guarded]*guard),
		people: newPeople(),
		bodies: make(map[campaign.ContactID]string),
	}
}

// record returns a record, or nil if there is none.
func (r *run) record(id campaign.ID, record campaign.RecordID) (*row, error) {
	k := key{id, record}
	if x, ok := r.rows[k]; ok {
		return x, nil
	}
	if x := r.kept.record(r, k); x != nil {
		return x, nil
	}
	return r.engine.record(r, k)
}

// enter puts what was read of a record into the unit. A record that is there
// becomes what was read: it is the same place of memory afterwards.
func (r *run) enter(x *row) (*row, error) {
	if err := x.read(r.st.layouts); err != nil {
		return nil, r.fail(err)
	}
	x.was = x.shown()
	k := x.key()
	if known := r.rows[k]; known != nil {
		*known = *x
		return known, nil
	}
	r.rows[k] = x
	return x, nil
}

// leaseOf returns the lease that holds a record, or nil.
func (r *run) leaseOf(x *row) (*lease, error) {
	if x.lease == 0 {
		return nil, nil
	}
	l, err := r.leaseBy(x.lease)
	if err != nil {
		return nil, r.fail(fmt.Errorf("lease %d of record %q of campaign %q: %w", x.lease, x.record.ID, x.record.Campaign, err))
	}
	return l, nil
}

// leaseBy returns the lease of a call.
func (r *run) leaseBy(call campaign.Token) (*lease, error) {
	if l := r.leases[call]; l != nil {
		return l, nil
	}
	if l := r.kept.lease(r, call); l != nil {
		return l, nil
	}
	return r.engine.lease(r, call)
}

// touch marks a record as one that is to be written, with what of it has changed.
func (r *run) touch(x *row, change changed) {
	if x.changed == 0 {
		r.dirty = append(r.dirty, x)
	}
	x.changed |= change
}

// touchLease marks a lease as one that is to be written.
func (r *run) touchLease(l *lease) {
	if !l.changed {
		l.changed = true
		r.dirtyLeases = append(r.dirtyLeases, l)
	}
}

// log enters a call into the log, instead of the one with the same token.
func (r *run) log(c call) {
	if i, ok := r.callAt[c.Token]; ok {
		if x := r.rows[key{r.calls[i].Campaign, r.calls[i].Record}]; x != nil {
			r.strays = append(r.strays, x)
		}
		r.calls[i] = c
		return
	}
	if r.callAt == nil {
		r.callAt = make(map[campaign.Token]int)
	}
	r.callAt[c.Token] = len(r.calls)
	r.calls = append(r.calls, c)
}

// flush writes what is to be written.
func (r *run) flush() error {
	if r.err != nil {
		return r.err
	}
	if g := r.guess; g != nil && !g.whole {
		return r.fail(errGuess) // the rest of it cannot be compared together with this
	}
	if len(r.dirty)+len(r.dirtyLeases)+len(r.dirtyGuards)+len(r.frees)+len(r.calls)+len(r.entries)+len(r.people.dirty) > 0 {
		if err := r.engine.flush(r); err != nil {
			return r.fail(err)
		}
		r.written()
	}
	if len(r.moved) > 0 {
		maps.DeleteFunc(r.fresh, func(u unique, _ *row) bool { return r.moved[u.campaign] })
		maps.DeleteFunc(r.uniques, func(u unique, _ campaign.RecordID) bool { return r.moved[u.campaign] })
		clear(r.moved)
	}
	return nil
}

// unlike notes that what must be unique of a campaign's records has changed.
func (r *run) unlike(id campaign.ID) {
	if r.moved == nil {
		r.moved = make(map[campaign.ID]bool)
	}
	r.moved[id] = true
}

// written notes that the database is as the unit is.
func (r *run) written() {
	for _, x := range r.dirty {
		x.changed, x.had, x.from, x.was = 0, nil, nil, x.shown()
	}
	for _, l := range r.dirtyLeases {
		l.stored, l.changed = !l.ended, false
	}
	for _, g := range r.dirtyGuards {
		g.was = g.now
	}
	clear(r.dirty)
	clear(r.dirtyLeases)
	clear(r.dirtyGuards)
	clear(r.calls)
	r.dirty, r.dirtyLeases, r.dirtyGuards, r.frees, r.calls, r.entries, r.strays =
		r.dirty[:0], r.dirtyLeases[:0], r.dirtyGuards[:0], r.frees[:0], r.calls[:0], r.entries[:0], r.strays[:0]
	clear(r.callAt)
	r.people.written()
	clear(r.left)
	r.flushes++
}

// eachOf calls do with every known record of a campaign. What a statement does to
// records by another condition than their keys is done to them too.
func (r *run) eachOf(id campaign.ID, do func(*row)) {
	for k, x := range r.rows {
		if x != nil && k.campaign == id {
			do(x)
		}
	}
}

// isNew keeps what must be unique of an added record.
func (r *run) isNew(x *row) {
	if r.fresh == nil {
		r.fresh = make(map[unique]*row)
	}
	keep := func(g guarded) {
		u := unique{x.record.Campaign, g}
		if r.fresh[u] == nil {
			r.fresh[u] = x
		}
	}
	if x.record.Contact != "" {
		keep(guarded{contact: x.record.Contact})
	}
	if x.open() {
		for _, n := range x.numbers {
			keep(guarded{number: n})
		}
	}
}

// holding returns the first record of a campaign that has a contact, or the first
// open one that has a number; "" is none.
func (r *run) holding(id campaign.ID, what guarded) (found campaign.RecordID, err error) {
	if r.moved[id] {
		if err := r.flush(); err != nil {
			return "", err
		}
	}
	if found, known := r.uniques[unique{id, what}]; known {
		if x := r.fresh[unique{id, what}]; found == "" && x != nil {
			found = x.record.ID
		}
		return found, nil
	}
	var stored answer
	if what.contact != "" {
		stored = r.row(contactInCampaign, string(what.contact), string(id))
	} else {
		stored = r.row(numberInCampaign, int64(what.number), string(id), int64(status.StandingClosed))
	}
	if err = stored.Scan(&found); !none(err) {
		return found, err
	}
	if x := r.fresh[unique{id, what}]; x != nil {
		return x.record.ID, nil
	}
	return "", nil
}

// unpark ends the parks of all records that have a number, in every campaign.
func (r *run) unpark(n blacklist.Number) error {
	if err := r.flush(); err != nil {
		return err
	}
	if _, err := r.exec(unparkNumber, int64(n)); err != nil {
		return err
	}
	r.kept.forget(n)
	for _, x := range r.rows {
		if x == nil || !x.has(n) {
			continue
		}
		x.record.Park = campaign.Park{Until: instant(noTime)}
		if x.place == parked {
			x.place = x.unindexed()
		}
	}
	return nil
}
