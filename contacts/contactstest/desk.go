package contactstest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/internal/expect"
	"github.com/nextcall/nextcall/status"
)

var (
	noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	ann  = campaign.Actor{User: "ann", Agent: "a1"}

	assert, require = expect.Assert, expect.Require
)

// ctx is the context of every call.
var ctx = context.Background()

// desk is a book over a store, with all around it.
type desk struct {
	testing.TB
	fresh func() contacts.Store
	store contacts.Store
	book  *contacts.Book
	now   time.Time
	ids   int
}

func newDesk(t testing.TB, fresh func() contacts.Store) *desk {
	t.Helper()
	return (&desk{TB: t, fresh: fresh}).over(fresh())
}

// again is the same desk with an empty store.
func (d *desk) again() *desk { return newDesk(d.TB, d.fresh) }

// over is another desk, over a store that may be this one's.
func (d *desk) over(store contacts.Store, change ...func(*contacts.Config)) *desk {
	d.Helper()
	next := &desk{TB: d.TB, fresh: d.fresh, store: store, now: noon}
	cfg := contacts.Config{
		Now:    func() time.Time { return next.now },
		NewID:  func() string { next.ids++; return fmt.Sprintf("id%02d", next.ids) },
		Fields: []campaign.Field{{Name: "segment"}, {Name: "score", Type: campaign.Int}, {Name: "vip", Type: campaign.Bool}},
	}
	for _, c := range change {
		c(&cfg)
	}
	book, err := contacts.New(store, contacts.List{sales(d), care(d), inner(d)}, cfg)
	require.NoError(d, err)
	next.book = book
	return next
}

func compiled(t testing.TB, cfg campaign.Config, statuses ...status.Status) *campaign.Campaign {
	t.Helper()
	dict, err := status.New(statuses...)
	require.NoError(t, err)
	for _, s := range statuses {
		cfg.Statuses = append(cfg.Statuses, s.ID)
	}
	cfg.Zone, cfg.CalleeZone, cfg.Revision = "Europe/Warsaw", "Europe/Warsaw", 1
	c, _, err := campaign.Compile(cfg, dict, nil)
	require.NoError(t, err)
	return c
}

func sales(t testing.TB) *campaign.Campaign {
	return compiled(t, campaign.Config{
		ID: "sales", Blacklists: []blacklist.List{"dnc"},
		RecordTypes: []campaign.RecordType{{Name: "lead", Fields: []campaign.Field{
			{Name: "product", Required: true}, {Name: "budget", Type: campaign.Double}, {Name: "secret", Required: true, Hidden: true},
		}}},
	},
		status.Status{ID: "redial", Title: "Call again", Qualifier: status.Redial},
		status.Status{ID: "callback", Title: "Call back", Qualifier: status.CallbackAt},
		status.Status{ID: "mine", Title: "My record", Qualifier: status.OwnCallbackAt},
		status.Status{ID: "no", Title: "Do not call", Qualifier: status.Closed},
		status.Status{ID: "never", Title: "Never again", Qualifier: status.Closed, Blacklist: "dnc"},
		status.Status{ID: "strict", Title: "Checked", Qualifier: status.Redial, Validate: true},
		status.Status{ID: "dated", Title: "Dated", Qualifier: status.Redial, Validate: true, NextCall: true},
		status.Status{ID: "sold", Title: "Sold", Qualifier: status.Success},
	)
}

func care(t testing.TB) *campaign.Campaign {
	return compiled(t, campaign.Config{ID: "care"}, status.Status{ID: "redial", Title: "Call again", Qualifier: status.Redial},
		status.Status{ID: "callback", Title: "Call back", Qualifier: status.CallbackAt})
}

// inner is a campaign of one agent.
func inner(t testing.TB) *campaign.Campaign {
	return compiled(t, campaign.Config{ID: "inner", Agents: []campaign.AgentID{"z9"}})
}

// person is somebody with phones that end in some digits.
func person(first, last string, phones ...int) campaign.Contact {
	c := campaign.Contact{FirstName: first, LastName: last}
	for _, p := range phones {
		c.Phones = append(c.Phones, number(p))
	}
	return c
}

func number(end int) blacklist.Number { return blacklist.Number(48_600_000_000 + end) }

// saved saves a contact that nothing is wrong with.
func (d *desk) saved(c campaign.Contact) *campaign.Contact {
	d.Helper()
	s, err := d.book.Save(ctx, contacts.Saving{Contact: c, Actor: ann})
	require.NoError(d, err)
	return s.Contact
}

// opened opens a case that nothing is wrong with.
func (d *desk) opened(o contacts.Opening) contacts.Opened {
	d.Helper()
	if o.Campaign == "" {
		o.Campaign = "sales"
	}
	if o.Channel == "" {
		o.Channel = campaign.ChannelAgent
	}
	if o.Actor.User == "" {
		o.Actor = ann
	}
	got, err := d.book.Open(ctx, o)
	require.NoError(d, err)
	return got
}

func (d *desk) record(ref campaign.Ref) campaign.Facts {
	d.Helper()
	var looked campaign.Looked
	require.NoError(d, d.store.Look(ctx, campaign.Need{}, &looked, ref))
	return looked.Facts[0]
}

func (d *desk) get(id campaign.ContactID) *campaign.Contact {
	d.Helper()
	c, err := d.book.Get(ctx, id)
	require.NoError(d, err)
	return c
}

// told is the history of a record and its calls. A store that keeps none ends the
// story here.
func (d *desk) told(ref campaign.Ref) ([]campaign.Entry, []*campaign.Call) {
	d.Helper()
	store, ok := d.store.(campaign.HistoryStore)
	if !ok {
		d.Skip("the store tells no history")
	}
	entries, calls, err := store.History(ctx, ref)
	require.NoError(d, err)
	return entries, calls
}

// history is what a record's history says.
func (d *desk) history(ref campaign.Ref) []campaign.Entry {
	d.Helper()
	entries, _ := d.told(ref)
	return entries
}

// lease leases a record as a queue would, and returns its token.
func (d *desk) lease(ref campaign.Ref) campaign.Token {
	d.Helper()
	l := campaign.Lease{Holder: "queue", Agent: "a1", Until: d.now.Add(time.Minute)}
	d.commit(campaign.Change{Ref: ref, Lease: &l})
	return l.Token
}

func (d *desk) commit(ch campaign.Change) {
	d.Helper()
	errs, err := d.store.Commit(ctx, ch)
	require.NoError(d, err)
	require.NoError(d, errors.Join(errs...))
}

// numbers are those of a record, by their ends.
func numbers(r *campaign.Record) (ends []int) {
	for _, p := range r.Phones {
		ends = append(ends, int(p.Number-48_600_000_000))
	}
	return ends
}

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
