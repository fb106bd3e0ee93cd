package contacts_test

import (
	"context"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
)

// contextOf is for tests that have a ctx of their own.
type contextOf = context.Context

// meddler does something in the moment before the first Commit, as another process
// would.
type meddler struct {
	contacts.Store
	before func()
}

func (m *meddler) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if before := m.before; before != nil {
		m.before = nil
		before()
	}
	return m.Store.Commit(ctx, changes...)
}
