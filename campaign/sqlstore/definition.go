package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/nextcall/nextcall/campaign"
)

// Definition is a document of the host's that all its processes share: a
// campaign's configuration, statuses, record types. The store does not read it.
type Definition struct {
	Kind     string // "campaign" teaches the store the revision of the campaign ID; others are the host's own
	ID       string
	Revision int64 // at least 1; each is written once and kept
	Body     string
}

// CampaignKind is the kind of a campaign's definition.
const CampaignKind = "campaign"

// Define writes a definition. One that is there at the same revision with the
// same body is nothing new; with another body, or at an older revision than the
// newest, it is campaign.ErrConflict. From then on a Claim that names an older
// revision of a campaign gets campaign.ErrConfigChanged, in all processes.
func (st *Store) Define(ctx context.Context, d Definition) error {
	switch {
	case d.Kind == "" || d.ID == "":
		return errors.New("a definition has a kind and an id")
	case d.Revision < 1:
		return fmt.Errorf("definition of %s %q at revision %d: want 1 or more", d.Kind, d.ID, d.Revision)
	}
	j := &job{size: 1}
	if d.Kind == CampaignKind {
		j.defines = campaign.ID(d.ID)
	}
	j.do = func(r *run) error {
		var newest int64
		var body string
		err := r.row(readDefinition, d.Kind, d.ID, newestRevision).Scan(&newest, &body)
		switch {
		case err != nil && !none(err):
			return err
		case err == nil && newest == d.Revision && body == d.Body:
			return nil
		case err == nil && newest >= d.Revision:
			return fmt.Errorf("definition of %s %q at revision %d, the newest is %d: %w", d.Kind, d.ID, d.Revision, newest, campaign.ErrConflict)
		}
		if _, err := r.exec(writeDefinition, d.Kind, d.ID, d.Revision, d.Body); err != nil {
			return err
		}
		if d.Kind != CampaignKind {
			return nil
		}
		return r.learn(campaign.ID(d.ID), d.Revision)
	}
	return st.write(ctx, j)
}

const newestRevision = int64(1<<63 - 1)

// Definition reads the newest definition of a kind and id whose revision is not
// above this one; 0 is the newest of all. One that does not exist is
// campaign.ErrNotFound.
func (st *Store) Definition(ctx context.Context, kind, id string, revision int64) (Definition, error) {
	d := Definition{Kind: kind, ID: id}
	if revision == 0 {
		revision = newestRevision
	}
	err := st.read(ctx, func(r *run) error {
		err := r.row(readDefinition, kind, id, revision).Scan(&d.Revision, &d.Body)
		if none(err) {
			return fmt.Errorf("definition of %s %q: %w", kind, id, campaign.ErrNotFound)
		}
		return err
	})
	if err != nil {
		return Definition{}, err
	}
	return d, nil
}

// Definitions reads the newest definition of each id of a kind, by id.
func (st *Store) Definitions(ctx context.Context, kind string) (all []Definition, err error) {
	err = st.read(ctx, func(r *run) error {
		return r.each(func(from scanner) error {
			d := Definition{Kind: kind}
			err := from.Scan(&d.ID, &d.Revision, &d.Body)
			all = append(all, d)
			return err
		}, newestDefinitions, kind)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
