package sqlstore

import (
	"cmp"
	"database/sql"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// postgres is the engine of PostgreSQL. Whoever writes to a campaign has the lock
// of its row until the end of the transaction, so transactions of one campaign
// follow each other, and those of different ones go on at the same time; what
// they share are numbers and contacts, which are guarded by unique keys. Each step
// is one call of a function of the schema, however many rows it is about.
type postgres struct{}

var _ engine = postgres{}

// The kinds of rows in an answer of the schema's functions.
const (
	foundCampaign = iota // found.call is its newest revision
	foundSequence        // found.n is the largest sequence
	foundRecord          // with the lease that holds it
	foundNumber          // found.n is held by the lease
	foundContact         // that with the index found.n is held by the lease
	foundCall            // a call to the record with the index found.n
	foundBody            // of the contact of the record with the index found.n
	foundHeads           // found.text is the first of what waits in each lane
	foundWake            // when the first park of a class ends
	foundOwn             // an agent's first own callback
	foundOwner           // the same, of any agent
	foundExpiry          // when the first lease runs out
	foundExpired         // a lease has run out: nothing is leased
	foundReported        // the call of a token, found.holder is what was before it
)

// found is a row of such an answer.
type found struct {
	kind, n            int64
	call, token, until sql.NullInt64
	on                 key
	holder, text       string
	row                row
}

func (f *found) scan(from scanner) error {
	f.row = row{}
	err := f.row.scan(behind{from, []any{&f.kind, &f.n, &f.call, &f.token, &f.until, &f.on.campaign, &f.on.record, &f.holder, &f.text}})
	f.row.waits = f.row.place != nowhere
	return err
}

// behind scans columns that come behind others.
type behind struct {
	scanner
	first []any
}

func (b behind) Scan(into ...any) error { return b.scanner.Scan(append(b.first, into...)...) }

// lease is the lease of such a row.
func (f *found) lease() *lease {
	return &lease{call: campaign.Token(f.call.Int64), token: campaign.Token(f.token.Int64), on: f.on,
		holder: f.holder, until: f.until.Int64, body: f.text}
}

// ask calls read with each row of a function's answer.
func (postgres) ask(r *run, read func(*found) error, s statement, args ...any) error {
	var f found
	return r.each(func(from scanner) error {
		if err := f.scan(from); err != nil {
			return err
		}
		return read(&f)
	}, s, args...)
}

// begin takes the locks of the campaigns of jobs that write, and reads the records
// that they name. Claims take the locks of theirs when they begin: alone they
// need no other statement before.
func (e postgres) begin(r *run, jobs []*job) error {
	var keys []key
	writes := false
	for _, j := range jobs {
		writes = writes || j.claim == nil
		for i := range j.changes {
			ch := &j.changes[i]
			keys = keysOf(ch, keys)
			if ch.Add || ch.Move {
				r.adds++
			}
		}
	}
	if !writes {
		return nil
	}
	ids := campaignsOf(jobs)
	slices.Sort(ids)
	campaigns, records := e.split(r, keys)
	err := e.ask(r, func(f *found) error {
		switch f.kind {
		case foundCampaign:
			r.known[f.on.campaign] = &known{revision: f.call.Int64, stored: true}
		case foundSequence:
			r.last[sequences] = f.n
		case foundRecord:
			return e.enter(r, f)
		}
		return nil
	}, pgBeginRun, texts(ids), campaigns, records)
	if err != nil {
		return err
	}
	return e.meetPeople(r, changesOf(jobs))
}

// keysOf adds the records that a change names.
func keysOf(ch *campaign.Change, keys []key) []key {
	if ch.Ref.Record != "" {
		keys = append(keys, keyOf(ch.Ref))
	}
	if r := ch.Record; ch.Move && r != nil {
		keys = append(keys, key{r.Campaign, r.ID})
	}
	if c := ch.Call; c != nil && (c.Record != ch.Ref.Record || c.Campaign != ch.Ref.Campaign) {
		keys = append(keys, key{c.Campaign, c.Record})
	}
	if ch.Lease != nil && !ch.Extend {
		for _, ref := range ch.Lease.With {
			keys = append(keys, keyOf(ref))
		}
	}
	return keys
}

// split returns the campaigns and ids of records that the unit does not know, and
// enters them as records that do not exist until they are read.
func (postgres) split(r *run, keys []key) (campaigns, records []string) {
	for _, k := range keys {
		if _, ok := r.rows[k]; ok {
			continue
		}
		r.rows[k] = nil
		campaigns, records = append(campaigns, string(k.campaign)), append(records, string(k.record))
	}
	return campaigns, records
}

// enter enters a record that was read with its lease.
func (postgres) enter(r *run, f *found) error {
	if f.call.Valid {
		r.enterLease(f.lease())
	}
	x := f.row
	_, err := r.enter(&x)
	return err
}

func (e postgres) load(r *run, keys []key) error {
	campaigns, records := e.split(r, keys)
	if len(records) == 0 {
		return nil
	}
	return e.ask(r, func(f *found) error { return e.enter(r, f) }, pgLoadRecords, campaigns, records)
}

func (e postgres) record(r *run, k key) (*row, error) {
	err := e.load(r, []key{k})
	return r.rows[k], err
}

// lease is never asked for one that was not read with a record or guard.
func (postgres) lease(r *run, call campaign.Token) (*lease, error) {
	l := &lease{call: call}
	if err := r.row(readLease, int64(call)).Scan(&l.token, &l.until, &l.on.campaign, &l.on.record, &l.holder, &l.body); err != nil {
		return nil, err
	}
	return r.enterLease(l), nil
}

// contacts reads nothing: they come with the records that are leased or looked at.
func (postgres) contacts(*run, []*row) error { return nil }

func (e postgres) around(r *run, rows []*row) error {
	var wanted []guarded
	var campaigns, records []string
	for _, x := range rows {
		wanted = x.needs(wanted)
		if x.lease != 0 && r.leases[x.lease] == nil {
			campaigns, records = append(campaigns, string(x.record.Campaign)), append(records, string(x.record.ID))
		}
	}
	if len(records) > 0 {
		err := e.ask(r, func(f *found) error {
			if f.call.Valid {
				r.enterLease(f.lease())
			}
			return nil
		}, pgLoadRecords, campaigns, records)
		if err != nil {
			return err
		}
	}
	return e.holders(r, wanted)
}

// holders reads who holds numbers and contacts, as far as the unit does not know.
func (e postgres) holders(r *run, wanted []guarded) error {
	var numbers []int64
	var contacts []string
	read := make(map[guarded]*guard)
	for _, what := range wanted {
		if r.guards[what] != nil || read[what] != nil {
			continue
		}
		read[what] = &guard{guarded: what}
		if what.contact != "" {
			contacts = append(contacts, string(what.contact))
		} else {
			numbers = append(numbers, int64(what.number))
		}
	}
	if len(read) == 0 {
		return nil
	}
	err := e.ask(r, func(f *found) error {
		read[e.guarded(f, contacts)].was = e.holding(r, f)
		return nil
	}, pgReadHolders, numbers, contacts)
	if err != nil {
		return err
	}
	for _, g := range read {
		r.learned(g)
	}
	return nil
}

// guarded is what a row is about that tells a holder.
func (postgres) guarded(f *found, contacts []string) guarded {
	if f.kind == foundContact {
		return guarded{contact: campaign.ContactID(contacts[f.n])}
	}
	return guarded{number: blacklist.Number(f.n)}
}

// holding enters the lease of such a row.
func (postgres) holding(r *run, f *found) campaign.Token {
	return r.enterLease(f.lease()).call
}

func (e postgres) holder(r *run, g *guard) error {
	var contacts []string
	var numbers []int64
	if g.contact != "" {
		contacts = []string{string(g.contact)}
	} else {
		numbers = []int64{int64(g.number)}
	}
	return e.ask(r, func(f *found) error {
		g.was = e.holding(r, f)
		return nil
	}, pgReadHolders, numbers, contacts)
}

// wants are guards as a function takes them: numbers and contacts in an order
// that is the same for all, and the leases that want them.
type wants struct {
	numbers, calls                             []int64
	campaigns, records                         []string
	contacts, contactCampaigns, contactRecords []string
	contactCalls                               []int64
}

func (e postgres) hold(r *run, asked []*guard, tell bool) error {
	asked = slices.Clone(asked)
	slices.SortFunc(asked, func(a, b *guard) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.contact, b.contact))
	})
	var w wants
	for _, g := range asked {
		on := r.granting
		if l := r.leases[g.now]; l != nil {
			on = l.on
		}
		if g.contact != "" {
			w.contacts, w.contactCalls = append(w.contacts, string(g.contact)), append(w.contactCalls, int64(g.now))
			w.contactCampaigns, w.contactRecords = append(w.contactCampaigns, string(on.campaign)), append(w.contactRecords, string(on.record))
			continue
		}
		w.numbers, w.calls = append(w.numbers, int64(g.number)), append(w.calls, int64(g.now))
		w.campaigns, w.records = append(w.campaigns, string(on.campaign)), append(w.records, string(on.record))
	}
	for _, g := range asked {
		g.was = g.now
	}
	return e.ask(r, func(f *found) error {
		g := r.guards[e.guarded(f, w.contacts)]
		g.was = 0
		if tell || r.leases[campaign.Token(f.call.Int64)] != nil {
			g.was = e.holding(r, f)
		}
		return nil
	}, pgTakeGuards, w.numbers, w.campaigns, w.records, w.calls, w.contacts, w.contactCampaigns, w.contactRecords, w.contactCalls)
}

func (e postgres) histories(r *run, rows []*row, since int64) ([][]logged, error) {
	all := make([][]logged, len(rows))
	if len(rows) == 0 {
		return all, nil
	}
	var campaigns, records, contacts []string
	var contactOf, numbers, numberOf []int64
	for i, x := range rows {
		campaigns, records = append(campaigns, string(x.record.Campaign)), append(records, string(x.record.ID))
		if x.record.Contact != "" {
			contacts, contactOf = append(contacts, string(x.record.Contact)), append(contactOf, int64(i+1))
		}
		for _, n := range x.numbers {
			numbers, numberOf = append(numbers, int64(n)), append(numberOf, int64(i+1))
		}
	}
	err := e.ask(r, func(f *found) error {
		all[f.n] = append(all[f.n], f.logged())
		return nil
	}, pgReadHistory, since, campaigns, records, contacts, contactOf, numbers, numberOf)
	for i := range all {
		all[i] = inOrder(all[i])
	}
	return all, err
}

// logged is the call of a row.
func (f *found) logged() logged {
	return logged{ended: f.until.Int64, token: campaign.Token(f.token.Int64), body: f.text}
}

func (e postgres) next(r *run, c counter) (int64, error) {
	if c == sequences {
		r.counted = true
		r.last[c]++
		return r.last[c], nil
	}
	if len(r.pool[c]) == 0 {
		if err := e.fetch(r, c, 1); err != nil {
			return 0, err
		}
	}
	n := r.pool[c][0]
	r.pool[c] = r.pool[c][1:]
	return n, nil
}

// fetch gets n numbers of a kind.
func (postgres) fetch(r *run, c counter, n int) error {
	s := pgTokens
	if c == recs {
		s = pgRecs
		n = max(n, r.adds)
	}
	return r.each(func(from scanner) error {
		var n int64
		err := from.Scan(&n)
		r.pool[c] = append(r.pool[c], n)
		return err
	}, s, n)
}

func (postgres) saw(r *run, sequence int64) error {
	r.counted = true
	r.last[sequences] = max(r.last[sequences], sequence)
	return nil
}

// finish raises the largest sequence. It is not given back when the transaction
// fails, which leaves a gap.
func (postgres) finish(r *run) error {
	if !r.counted {
		return nil
	}
	_, err := r.exec(pgRaiseSequence, r.last[sequences])
	return err
}

// texts are ids as an argument.
func texts[T ~string](ids []T) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}
