package sqlstore

import (
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// campaign returns what is known of a campaign, even of one that nobody has heard of.
func (r *run) campaign(id campaign.ID) (*known, error) {
	if k := r.known[id]; k != nil {
		return k, nil
	}
	if r.kept != nil {
		if k := r.kept.known[id]; k != nil {
			r.known[id] = k
			return k, nil
		}
	}
	k := &known{stored: true}
	if err := r.row(readRevision, string(id)).Scan(&k.revision); none(err) {
		k.stored = false
	} else if err != nil {
		return nil, err
	}
	r.known[id] = k
	return k, nil
}

// learn makes a revision the newest known if it is newer. Parks of older
// revisions end; those made at this one begin to count.
func (r *run) learn(id campaign.ID, revision int64) error {
	k, err := r.campaign(id)
	if err != nil || revision <= k.revision {
		return err
	}
	if err := r.flush(); err != nil {
		return err
	}
	if _, err := r.exec(writeRevision, string(id), revision); err != nil {
		return err
	}
	k.revision, k.stored = revision, true
	if _, err := r.exec(endParks, string(id), revision); err != nil {
		return err
	}
	if _, err = r.exec(beginParks, string(id), revision); err != nil {
		return err
	}
	r.eachOf(id, func(x *row) { x.index(revision) })
	delete(r.queues, id)
	return nil
}

// enroll sees to it that the table of campaigns has one.
func (r *run) enroll(id campaign.ID) (*known, error) {
	k, err := r.campaign(id)
	if err != nil || k.stored {
		return k, err
	}
	_, err = r.exec(writeRevision, string(id), k.revision)
	k.stored = err == nil
	return k, err
}

// outdated returns an error if a newer revision than this one is known.
func (r *run) outdated(id campaign.ID, revision int64) error {
	k, err := r.campaign(id)
	if err != nil {
		return err
	}
	if k.revision > revision {
		return fmt.Errorf("campaign %s at revision %d, the newest is %d: %w", id, revision, k.revision, campaign.ErrConfigChanged)
	}
	return nil
}

// pass sees to it that the table of lanes has the one in which a record waits.
func (r *run) pass(x *row) error {
	if x.place == nowhere {
		return nil
	}
	l := lane{x.record.Campaign, x.record.Class, int64(x.record.Lane)}
	if r.st.remembers(l) {
		return nil
	}
	for _, added := range r.lanes {
		if added == l {
			return nil
		}
	}
	r.lanes = append(r.lanes, l)
	_, err := r.exec(writeLane, string(l.campaign), l.class, l.lane)
	return err
}

func (st *Store) remembers(l lane) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.lanes[l]
}

// remember notes lanes once they are committed; they are never taken out again.
func (st *Store) remember(lanes []lane) {
	if len(lanes) == 0 {
		return
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, l := range lanes {
		st.lanes[l] = true
	}
}
