package sqlstore

import (
	"github.com/nextcall/nextcall/campaign"
)

// engine is how a transaction speaks to its database. What it reads it puts into
// the run's unit of work, and what it writes it takes from there. Every error is
// one of the database and ends the transaction.
type engine interface {
	// alone does jobs without a transaction around them, if it can.
	alone(r *run, jobs []*job) (done bool, err error)
	// begin waits until no other transaction writes to the campaigns of the jobs.
	// It is the first that a transaction does.
	begin(r *run, jobs []*job) error
	// ahead reads what changes will ask for, as far as that is better done
	// together. It may read nothing: what is missing is read when it is asked for.
	ahead(r *run, changes []*campaign.Change) error
	// load is the same for records that somebody wants to look at.
	load(r *run, keys []key) error
	// around is the same for the leases that hold records, and for who holds what
	// the records need.
	around(r *run, rows []*row) error

	// record reads a record with the lease that holds it, and enters both. One
	// that does not exist is entered as nil.
	record(r *run, k key) (*row, error)
	// lease reads a lease and enters it. That it is missing is an error.
	lease(r *run, call campaign.Token) (*lease, error)
	// join waits until no other transaction writes to a campaign, if begin has not.
	// It reports whether it had to: then what was read of it may be old.
	join(r *run, id campaign.ID) (waited bool, err error)
	// hold writes each of these guards that nobody has for the call that it asks
	// for, at once: another transaction may try the same. With tell, the was of
	// the others becomes who holds them.
	hold(r *run, asked []*guard, tell bool) error
	// holders reads who holds numbers and contacts, as far as that is better done
	// together.
	holders(r *run, wanted []guarded) error
	// holder reads into was who holds a guard.
	holder(r *run, g *guard) error
	// histories reads the calls to records, their contacts and numbers that ended
	// at an instant or later, each record's in the order of their ends.
	histories(r *run, rows []*row, since int64) ([][]logged, error)

	// contacts reads the contacts of records into the run's bodies, as far as that is
	// better done together.
	contacts(r *run, rows []*row) error

	// people reads contacts by their ids, and enters each. None of them is known yet.
	people(r *run, ids []campaign.ContactID) error
	// owners reads who has keys, and enters it for each. None of them is known yet.
	owners(r *run, keys []campaign.ContactKey) error

	// tails reads the first rows of ranges, in their order: of each so many, until
	// there are most in all. Those that follow stay as they are.
	tails(r *run, ranges []*tailRange, each, most int) error
	// flushPeople writes the contacts of the unit.
	flushPeople(r *run) error

	// claims does Claims in their order; why one is refused it writes there.
	claims(r *run, all []*claim) error

	// next gives the next number of a kind. Within a campaign they grow.
	next(r *run, c counter) (int64, error)
	// saw is told the sequence of a record that came with one: those given later are larger.
	saw(r *run, sequence int64) error
	// flush writes all that the unit has to write.
	flush(r *run) error
	// finish is the last before a transaction is committed. It may find that there
	// is nothing to commit.
	finish(r *run) error
}

// counter is a kind of number that a store gives.
type counter int

const (
	tokens counter = iota
	sequences
	recs
	numCounters
)

// campaignsOf lists the campaigns that jobs are known to write to, each once.
func campaignsOf(jobs []*job) []campaign.ID {
	var list []campaign.ID
	seen := make(map[campaign.ID]bool)
	add := func(id campaign.ID) {
		if id != "" && !seen[id] {
			seen[id] = true
			list = append(list, id)
		}
	}
	for _, j := range jobs {
		add(j.defines)
		for i := range j.changes {
			ch := &j.changes[i]
			add(ch.Ref.Campaign)
			add(ch.Decided())
			for k := range ch.Also {
				add(ch.Also[k].Ref.Campaign)
			}
			if ch.Call != nil {
				add(ch.Call.Campaign)
			}
			if ch.Lease != nil {
				for _, ref := range ch.Lease.With {
					add(ref.Campaign)
				}
			}
		}
		if j.claim != nil {
			for i := range j.claim.From {
				add(j.claim.From[i].Campaign)
			}
		}
	}
	return list
}
