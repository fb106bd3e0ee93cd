package enginetest

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/status"
)

var clerkSeed = flag.Uint64("clerk.seed", 0, "let clerks draw from this seed only")

// clerk works at a desk for contacts and cases, at random.
type clerk struct {
	*rand.Rand
	t     testing.TB
	store contacts.Store
	book  *contacts.Book
	now   time.Time
	ids   int
	held  []campaign.Ref
}

func newClerk(t testing.TB, store campaign.Store, seed uint64) *clerk {
	c := &clerk{Rand: rand.New(rand.NewPCG(seed, 1)), t: t, store: store.(contacts.Store), now: time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)}
	dict, err := status.New(
		status.Status{ID: "callback", Title: "Call back", Qualifier: status.CallbackAt},
		status.Status{ID: "redial", Title: "Call again", Qualifier: status.Redial},
		status.Status{ID: "no", Title: "Do not call", Qualifier: status.Closed, Blacklist: "dnc"},
	)
	require.NoError(t, err)
	var list contacts.List
	for _, id := range []campaign.ID{"a", "b", "c"} {
		compiled, _, err := campaign.Compile(campaign.Config{ID: id, Revision: 1, Zone: "UTC", CalleeZone: "UTC", Blacklists: []blacklist.List{"dnc"},
			Statuses: []status.ID{"callback", "redial", "no"}}, dict, nil)
		require.NoError(t, err)
		list = append(list, compiled)
	}
	c.book, err = contacts.New(c.store, list, contacts.Config{
		Now:    func() time.Time { return c.now },
		NewID:  func() string { c.ids++; return fmt.Sprintf("n%03d", c.ids) },
		Fields: []campaign.Field{{Name: "score", Type: campaign.Int}},
	})
	require.NoError(t, err)
	return c
}

func (c *clerk) oneIn(n int) bool { return c.IntN(n) == 0 }

func (c *clerk) id() campaign.ContactID {
	return campaign.ContactID(fmt.Sprintf("n%03d", 1+c.IntN(max(1, c.ids))))
}

func (c *clerk) actor() campaign.Actor {
	a := campaign.Actor{User: "ann", Agent: "ann"}
	if c.oneIn(8) {
		a.Campaigns = []campaign.ID{"a"}
	}
	return a
}

func (c *clerk) person() campaign.Contact {
	names := []string{"Łucja", "Jan", "Żaneta", "Ana", "Nowak", "Groß", "Kowalska-Nowak"}
	p := campaign.Contact{FirstName: names[c.IntN(len(names))], LastName: names[c.IntN(len(names))]}
	for range c.IntN(3) {
		p.Phones = append(p.Phones, blacklist.Number(48_600_000_000+c.IntN(60)))
	}
	if c.oneIn(3) {
		p.Emails = []string{fmt.Sprintf("p%d@x.org", c.IntN(40))}
	}
	if c.oneIn(3) {
		p.Keys = []string{fmt.Sprint("k", c.IntN(40))}
	}
	if c.oneIn(4) {
		p.Fields = campaign.Fields{"score": int64(c.IntN(9))}
	}
	return p
}

// step does something, and says what came of it.
func (c *clerk) step() string {
	c.now = c.now.Add(time.Minute)
	op := fmt.Sprint("op", c.IntN(1000))
	switch k := c.IntN(20); {
	case k < 4:
		s, err := c.book.Save(c.t.Context(), contacts.Saving{Contact: c.person(), Actor: c.actor(), AllowDuplicate: c.oneIn(3), Operation: op})
		return came("save", s, err)
	case k < 7:
		p := c.person()
		p.ID = c.id()
		s, err := c.book.Save(c.t.Context(), contacts.Saving{Contact: p, Actor: c.actor(), AllowDuplicate: c.oneIn(2), Held: c.held, Operation: op})
		return came("save "+string(p.ID), s, err)
	case k < 11:
		o := contacts.Opening{Campaign: campaign.ID("abcd"[c.IntN(4):][:1]), Actor: c.actor(), Channel: contacts.Channels()[c.IntN(7)], Chosen: c.id(), AllowSameNumber: c.oneIn(2)}
		if c.oneIn(3) {
			p := c.person()
			o.Chosen, o.New, o.AllowDuplicate = "", &p, c.oneIn(2)
		}
		switch c.IntN(4) {
		case 0:
			o.Status, o.Input = "callback", campaign.Input{At: c.now.Add(time.Duration(c.IntN(600)) * time.Minute)}
		case 1:
			o.Status, o.Blacklist = "no", campaign.WhichMain
		case 2:
			o.Status = "redial"
		}
		got, err := c.book.Open(c.t.Context(), o)
		return came("open", got, err)
	case k < 13:
		m := contacts.Merging{Survivor: c.id(), Other: c.id(), Actor: c.actor(), Operation: op}
		got, err := c.book.Merge(c.t.Context(), m)
		return came(fmt.Sprint("merge ", m.Survivor, m.Other), got, err)
	case k < 14:
		r := contacts.Removing{Contact: c.id(), Actor: c.actor(), Operation: op}
		do := c.book.Erase
		if c.oneIn(2) {
			do = c.book.Delete
		}
		got, err := do(c.t.Context(), r)
		return came("remove "+string(r.Contact), got, err)
	case k < 15:
		p := c.person()
		keys := append(p.Unique(), campaign.ContactKey{})
		got, err := c.book.Upsert(c.t.Context(), contacts.Upserting{Key: keys[0], Contact: p, Actor: c.actor(), Operation: op})
		return came("upsert", got, err)
	case k < 17:
		return c.file(op)
	case k < 19:
		return c.lease()
	}
	found, err := c.book.Suggest(c.t.Context(), campaign.Typed{Text: []string{"l", "no", "ja no", "600 00", "gros", "wak"}[c.IntN(6)]})
	return came("suggest", found, err)
}

// file imports a small file.
func (c *clerk) file(op string) string {
	var text strings.Builder
	text.WriteString("key,first,last,phone,mail\n")
	for range 1 + c.IntN(6) {
		p := c.person()
		row := []string{"", p.FirstName, p.LastName, "", ""}
		if len(p.Keys) > 0 {
			row[0] = p.Keys[0]
		}
		if len(p.Phones) > 0 {
			row[3] = p.Phones[0].String()
		}
		if len(p.Emails) > 0 {
			row[4] = p.Emails[0]
		}
		text.WriteString(strings.Join(row, ",") + "\n")
	}
	said := ""
	im := contacts.Importing{Actor: campaign.Actor{User: "ann"}, Operation: op, AllowSameNumber: c.oneIn(2), AllowDuplicate: c.oneIn(4), Columns: []contacts.Column{
		{Name: "key", To: contacts.ToKey}, {Name: "first", To: contacts.ToFirstName}, {Name: "last", To: contacts.ToLastName},
		{Name: "phone", To: contacts.ToPhone}, {Name: "mail", To: contacts.ToEmail},
	}, Row: func(r contacts.Row) error { said += fmt.Sprintf("\n\t%+v", r); return nil }}
	if c.oneIn(2) {
		im.Campaign, im.List = "b", "june"
	}
	done, err := c.book.Import(c.t.Context(), strings.NewReader(text.String()), im)
	return came("import", done, err) + said
}

// lease leases a record, or gives one back.
func (c *clerk) lease() string {
	if len(c.held) > 0 {
		ref := c.held[0]
		c.held = c.held[1:]
		errs, err := c.store.Commit(c.t.Context(), campaign.Change{Ref: ref})
		return came("release", ref, errors.Join(append(errs, err)...))
	}
	records, err := c.book.Cases(c.t.Context(), c.id())
	if err != nil || len(records) == 0 {
		return came("lease", nil, err)
	}
	l := campaign.Lease{Holder: "queue", Until: c.now.Add(time.Hour)}
	ref := campaign.Ref{Campaign: records[0].Campaign, Record: records[0].ID}
	errs, err := c.store.Commit(c.t.Context(), campaign.Change{Ref: ref, Lease: &l})
	if err = errors.Join(append(errs, err)...); err == nil {
		ref.Token = l.Token
		c.held = append(c.held, ref)
	}
	return came("lease", ref, err)
}

func came(what string, got any, err error) string {
	text, bad := json.Marshal(got)
	if bad != nil {
		return bad.Error()
	}
	return fmt.Sprintf("%s: %s %v", what, text, err)
}

var lineOfNumbers = regexp.MustCompile(`(?m)^.*number in campaign.*$`)

// anyOf leaves out which record of several a store has named that have a number.
func anyOf(said string) string {
	return lineOfNumbers.ReplaceAllStringFunc(said, func(line string) string { return regexp.MustCompile(`n\d{3}`).ReplaceAllString(line, "n…") })
}

// all is everything that the store knows of contacts and their records.
func (c *clerk) all() string {
	said := ""
	for i := range c.ids {
		got, err := c.book.Get(c.t.Context(), campaign.ContactID(fmt.Sprintf("n%03d", i+1)))
		said += "\n" + came("contact", got, err)
	}
	for f, err := range c.store.Find(c.t.Context(), campaign.Filter{At: c.now}, campaign.Need{}) {
		f.Contact = nil
		ref := campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID}
		entries, calls, bad := c.store.(campaign.HistoryStore).History(c.t.Context(), ref)
		said += "\n" + came("record", f, errors.Join(err, bad)) + came("", entries, nil) + came("", calls, nil)
	}
	return said
}

// rows: N1–N17
func TestADeskAnswersTheSameOnEveryStore(t *testing.T) {
	sqlite := sqliteStores{dir: t.TempDir(), path: make(map[campaign.Store]string), pragmas: []string{"synchronous(OFF)"}}
	stores := map[string]func(t *testing.T) campaign.Store{
		"memory": func(*testing.T) campaign.Store { return memstore.New() },
		"SQLite": func(t *testing.T) campaign.Store { return sqlite.open(t) },
		"PostgreSQL": func(t *testing.T) campaign.Store {
			return newPostgresStores(t).open(t)
		},
	}
	seed := *clerkSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-clerk.seed=%d", seed)
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			want, got := newClerk(t, plainstore.New(), seed), newClerk(t, open(t), seed)
			steps := 400
			if testing.Short() {
				steps = 150
			}
			done := make(map[string]int)
			for i := range steps {
				w, g := anyOf(want.step()), anyOf(got.step())
				require.Equal(t, w, g, "step %d", i)
				what, _, _ := strings.Cut(w, " ")
				if strings.HasSuffix(w, " <nil>") {
					done[what]++
				}
			}
			assert.Equal(t, want.all(), got.all())
			t.Log(done)
		})
	}
}
