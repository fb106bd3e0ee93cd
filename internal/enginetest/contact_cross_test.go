package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
)

// crossed is what became of a change that met another one.
type crossed struct {
	errs []error
	err  error
}

func (c crossed) done() bool { return c.errs == nil && c.err == nil }

// crossing lets a change of each of two stores on one database meet where it hurts:
// the first has read all that it decides by, and has not written it yet, when the
// second begins. A table keeps the first from writing until the second has come as
// far as it can.
func crossing(t *testing.T, p *postgresStores, stores [2]campaign.Store, table string, first, second campaign.Change) (became [2]crossed) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	keeper, err := p.cluster.open(t, p.name[stores[0]]).Conn(ctx)
	require.NoError(t, err)
	defer keeper.Close()
	run := func(text string) {
		_, err := keeper.ExecContext(ctx, text)
		require.NoError(t, err)
	}
	run("BEGIN")
	run("LOCK TABLE " + table + " IN SHARE MODE")
	var all sync.WaitGroup
	var ended [2]chan struct{}
	for i, ch := range []campaign.Change{first, second} {
		ended[i] = make(chan struct{})
		all.Go(func() {
			defer close(ended[i])
			became[i].errs, became[i].err = stores[i].Commit(ctx, ch)
		})
		require.Eventually(t, func() bool {
			select {
			case <-ended[i]:
				return true
			default:
			}
			var waiting int
			err := p.admin.QueryRowContext(ctx, "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&waiting)
			return err == nil && waiting > i
		}, 30*time.Second, 2*time.Millisecond, "change %d neither ends nor waits", i)
	}
	run("ROLLBACK")
	all.Wait()
	for i := range became {
		require.NoError(t, became[i].err)
	}
	return became
}

// Whatever two processes do to the same contacts at the same time, it comes out as
// if one had come after the other.
func TestTwoStoresOnOnePostgreSQLMeetAtAContact(t *testing.T) {
	p := newPostgresStores(t)
	opened := p.open(t)
	stores := [2]campaign.Store{opened, p.at(t, p.name[opened])}
	book := opened.(campaign.ContactStore)
	db := p.cluster.open(t, p.name[opened])
	commit := func(t *testing.T, changes ...campaign.Change) {
		t.Helper()
		errs, err := opened.Commit(t.Context(), changes...)
		require.NoError(t, errors.Join(append(errs, err)...))
	}
	own := func(value string) campaign.ContactKey {
		return campaign.ContactKey{Kind: campaign.KeyOwn, Value: value}
	}
	person := func(id string, keys ...string) *campaign.Contact {
		return &campaign.Contact{ID: campaign.ContactID(id), LastName: "Nowak", Keys: keys}
	}
	ref := func(id string) campaign.Ref { return campaign.Ref{Campaign: "one", Record: campaign.RecordID(id)} }
	record := func(id, contact string) *campaign.Record {
		return &campaign.Record{ID: campaign.RecordID(id), Campaign: "one", Contact: campaign.ContactID(contact)}
	}
	added := func(id, contact string) campaign.Change {
		return campaign.Change{Ref: ref(id), Add: true, Record: record(id, contact)}
	}
	owners := func(t *testing.T, value string) []campaign.ContactID {
		t.Helper()
		lists, err := book.ContactsWith(t.Context(), own(value))
		require.NoError(t, err)
		return lists[0]
	}
	contact := func(t *testing.T, id string) *campaign.Contact {
		t.Helper()
		list, err := book.Contacts(t.Context(), campaign.ContactID(id))
		require.NoError(t, err)
		return list[0]
	}
	commit(t, added("begins", ""))

	for _, in := range []string{"no campaign", "one campaign", "two campaigns"} {
		t.Run("a key that both want, in "+in, func(t *testing.T) {
			a, b := "a "+in, "b "+in
			first := campaign.Change{Contact: person(a, "key "+in), UniqueContact: true}
			second := campaign.Change{Contact: person(b, "key "+in), UniqueContact: true}
			if in != "no campaign" {
				first.Ref, first.Add, first.Record = ref(a), true, record(a, a)
				second.Ref, second.Add, second.Record = ref(b), true, record(b, b)
			}
			if in == "two campaigns" {
				second.Ref.Campaign, second.Record.Campaign = "two", "two"
			}
			became := crossing(t, p, stores, "nextcall_contact", first, second)
			assert.True(t, became[0].done())
			var exists *campaign.ContactExistsError
			if assert.False(t, became[1].done()) {
				assert.ErrorAs(t, became[1].errs[0], &exists)
			}
			assert.Equal(t, []campaign.ContactID{campaign.ContactID(a)}, owners(t, "key "+in))
		})
	}
	t.Run("one contact that both have read", func(t *testing.T) {
		commit(t, campaign.Change{Contact: person("read")})
		first, second := person("read", "x1"), person("read", "x2")
		first.Version, second.Version = 1, 1
		became := crossing(t, p, stores, "nextcall_contact", campaign.Change{Contact: first}, campaign.Change{Contact: second})
		assert.True(t, became[0].done())
		if assert.False(t, became[1].done()) {
			assert.ErrorIs(t, became[1].errs[0], campaign.ErrConflict)
		}
		assert.Equal(t, []string{"x1"}, contact(t, "read").Keys)
		assert.Empty(t, owners(t, "x2"))
	})
	t.Run("a record gets who becomes another one", func(t *testing.T) {
		commit(t, campaign.Change{Contact: person("m1")})
		became := crossing(t, p, stores, "nextcall_contact", campaign.Change{Contact: person("m2"), Merge: "m1"}, added("m", "m1"))
		assert.True(t, became[0].done())
		assert.True(t, became[1].done())
		var got campaign.Looked
		require.NoError(t, opened.Look(t.Context(), campaign.Need{}, &got, ref("m")))
		assert.EqualValues(t, "m2", got.Facts[0].Record.Contact)
	})
	// The other way round there are several ways to give a record a contact.
	commit(t, added("c", ""), added("d", ""))
	gives := map[string]func(to string) campaign.Change{
		"is added": func(to string) campaign.Change { return added("added", to) },
		"is saved": func(to string) campaign.Change { return campaign.Change{Ref: ref("c"), Record: record("c", to)} },
		"is saved with another one": func(to string) campaign.Change {
			return campaign.Change{Ref: ref("c"), Entry: &campaign.Entry{Note: "n"}, Also: []campaign.Change{{Ref: ref("d"), Record: record("d", to)}}}
		},
	}
	for how, gives := range gives {
		t.Run("who becomes another one is a record's that "+how, func(t *testing.T) {
			old, survivor := "old "+how, "new "+how
			commit(t, campaign.Change{Contact: person(old)})
			became := crossing(t, p, stores, "nextcall_record", gives(old), campaign.Change{Contact: person(survivor), Merge: campaign.ContactID(old)})
			assert.True(t, became[0].done())
			if assert.False(t, became[1].done()) {
				assert.ErrorIs(t, became[1].errs[0], campaign.ErrConflict)
			}
			assert.EqualValues(t, old, contact(t, old).ID)
		})
	}
	t.Run("one becomes who becomes another one", func(t *testing.T) {
		commit(t, campaign.Change{Contact: person("p1")}, campaign.Change{Contact: person("p2")}, campaign.Change{Contact: person("p3")})
		became := crossing(t, p, stores, "nextcall_contact", campaign.Change{Contact: person("p2"), Merge: "p1"}, campaign.Change{Contact: person("p3"), Merge: "p2"})
		assert.True(t, became[0].done())
		assert.True(t, became[1].done())
		for _, id := range []string{"p1", "p2", "p3"} {
			assert.EqualValues(t, "p3", contact(t, id).ID, id)
		}
	})
	t.Run("who is deleted is saved", func(t *testing.T) {
		commit(t, campaign.Change{Contact: person("gone", "g1")})
		became := crossing(t, p, stores, "nextcall_contact", campaign.Change{Forget: "gone"}, campaign.Change{Contact: person("gone", "g1", "g2")})
		assert.True(t, became[0].done())
		assert.True(t, became[1].done())
		assert.EqualValues(t, 1, contact(t, "gone").Version, "it is a new one")
		assert.Equal(t, []campaign.ContactID{"gone"}, owners(t, "g1"))
		assert.Equal(t, []campaign.ContactID{"gone"}, owners(t, "g2"))
	})
	t.Run("who is saved is deleted", func(t *testing.T) {
		commit(t, campaign.Change{Contact: person("late", "l1")})
		became := crossing(t, p, stores, "nextcall_contact", campaign.Change{Contact: person("late", "l2")}, campaign.Change{Forget: "late"})
		assert.True(t, became[0].done())
		assert.True(t, became[1].done())
		assert.Nil(t, contact(t, "late"))
		assert.Empty(t, owners(t, "l1"))
		assert.Empty(t, owners(t, "l2"))
		var left int
		require.NoError(t, db.QueryRow("SELECT count(*) FROM nextcall_tail WHERE contact = 'late'").Scan(&left))
		assert.Zero(t, left)
	})
	t.Run("a word of the name of who is deleted", func(t *testing.T) {
		named := func(id string) campaign.Change {
			return campaign.Change{Contact: &campaign.Contact{ID: campaign.ContactID(id), LastName: "Wyjątkowska"}}
		}
		commit(t, named("before"))
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer tx.Rollback()
		errs, err := openSQL(t, db, sqlstore.PostgreSQL).CommitTx(t.Context(), tx, named("after"))
		require.NoError(t, errors.Join(append(errs, err)...))
		deleted := make(chan error, 1)
		go func() {
			errs, err := stores[1].Commit(t.Context(), campaign.Change{Forget: "before"})
			deleted <- errors.Join(append(errs, err)...)
		}()
		time.Sleep(100 * time.Millisecond) // it waits: whether the word is used is not known yet
		require.NoError(t, tx.Commit())
		require.NoError(t, <-deleted)
		var words, suffixes int
		require.NoError(t, db.QueryRow("SELECT (SELECT count(*) FROM nextcall_word WHERE word = 'wyjatkowska'), (SELECT count(*) FROM nextcall_suffix WHERE word = 'wyjatkowska')").Scan(&words, &suffixes))
		assert.Equal(t, 1, words)
		assert.Equal(t, len("wyjatkowska")-1, suffixes)
	})
	assert.Zero(t, p.deadlocks(t))
}

// A report that was decided before the person was erased comes when they are, from
// another process: it is refused, whichever campaign the record is in by now.
func TestTwoStoresOnOnePostgreSQLBringNobodyBackWhoIsErased(t *testing.T) {
	p := newPostgresStores(t)
	opened := p.open(t)
	stores := [2]campaign.Store{opened, p.at(t, p.name[opened])}
	for i, to := range []campaign.ID{"one", "two"} {
		ref := campaign.Ref{Campaign: "one", Record: campaign.RecordID(fmt.Sprint("r", i))}
		call := &campaign.Call{Token: campaign.Token(100 + i), Campaign: "one", Record: ref.Record, Number: 48_600_000_000, Ended: narrowNoon, Expired: true, Outcome: campaign.Unknown}
		r := &campaign.Record{ID: ref.Record, Campaign: "one"}
		errs, err := opened.Commit(t.Context(), campaign.Change{Ref: ref, Add: true, Record: r}, campaign.Change{Ref: ref, Call: call})
		require.NoError(t, errors.Join(append(errs, err)...))
		at := ref
		if at.Campaign = to; to != ref.Campaign {
			moved := *r
			moved.Campaign = to
			errs, err := opened.Commit(t.Context(), campaign.Change{Ref: ref, Move: true, Record: &moved})
			require.NoError(t, errors.Join(append(errs, err)...))
		}
		late := *call
		late.Expired, late.Outcome = false, campaign.Answered
		became := crossing(t, p, stores, "nextcall_call", campaign.Change{Ref: at, Erase: true}, campaign.Change{Ref: ref, Call: &late})
		assert.True(t, became[0].done())
		if assert.False(t, became[1].done(), "in %s", to) {
			assert.ErrorIs(t, became[1].errs[0], campaign.ErrConflict)
		}
		ref.Token = call.Token
		var got campaign.Looked
		require.NoError(t, opened.Look(t.Context(), campaign.Need{}, &got, ref))
		require.NotNil(t, got.Facts[0].Call)
		assert.Zero(t, got.Facts[0].Call.Number)
	}
	assert.Zero(t, p.deadlocks(t))
}
