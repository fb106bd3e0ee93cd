// Package memstore is being rebuilt.
package memstore

import "github.com/nextcall/nextcall/internal/plainstore"

// Store is the plain store.
type Store = plainstore.Store

// New returns an empty store.
func New() *Store { return plainstore.New() }
