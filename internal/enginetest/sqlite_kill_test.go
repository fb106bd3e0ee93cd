package enginetest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
)

var (
	kills    = flag.Int("kills", 100, "how many times TestSQLiteOutlivesKills kills a process")
	killSeed = flag.Uint64("kill.seed", 0, "when it does so; 0: another one each time")
)

// sqliteKills is a file that processes work on until they are killed.
type sqliteKills struct {
	t       *testing.T
	rnd     *rand.Rand
	run     *crewRun
	path    string
	records []campaign.Record
	ahead   time.Duration // of the processes' clocks: time passes while nobody works
	last    *crewProcess
	calls   int // in the log, when it was last read
}

// Killed at any moment, in the middle of a commit or while the tables are made,
// the file is sound when it is opened again: every record is there in one state,
// no call is lost that was reported as written, and none is counted twice. What
// the dead held runs out, as every lease does.
//
// A process that is killed loses nothing that it has handed to the operating
// system. So this shows that a commit is whole, and written when it is reported;
// that it outlasts the machine is SQLite's synchronous, and is not shown here.
func TestSQLiteOutlivesKills(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-kill.seed=%d", seed)
	n := *kills
	if raced {
		n = min(n, 12)
	}
	k := &sqliteKills{t: t, rnd: rand.New(rand.NewPCG(seed, 0)), path: filepath.Join(t.TempDir(), "killed.db")}
	k.run = newCrewRun(t, orders{})
	k.begin()
	made := 0
	for i := range n {
		if i%8 == 7 {
			made++
			k.killOpening(fmt.Sprintf("new%d.db", i))
			continue
		}
		k.killWorking()
		if i%10 == 0 {
			k.audit()
		}
		if t.Failed() {
			t.Fatalf("after kill %d of seed %d", i+1, seed)
		}
	}
	a, e := k.audit()
	a.t.Logf("%d kills, %d of them while the tables were made; %d processes came to work; %s", k.run.kills, made, e.ready, a.stats())
	assert.Greater(t, a.inLog, n, "somebody was called")
}

func (k *sqliteKills) orders(path string) orders {
	return orders{Driver: "sqlite", Source: "file:" + path + "?_pragma=busy_timeout(10000)", Dialect: sqlstore.SQLite,
		Seed: k.rnd.Uint64(), Ahead: k.ahead, Agents: []campaign.AgentID{crewAgents[0], crewAgents[1], ""}}
}

// begin makes the file.
func (k *sqliteKills) begin() {
	db := sqliteFile(k.t, k.path)
	st := openSQL(k.t, db, sqlstore.SQLite)
	k.records = crewFill(k.t, st, 400, func() time.Time { return crewClock(0) })
	require.NoError(k.t, st.Close())
	require.NoError(k.t, db.Close())
}

// killWorking lets a process call for a moment, or two that share the file, and
// looks at what it leaves. Now and then it is killed before it works.
func (k *sqliteKills) killWorking() {
	switch k.rnd.IntN(4) {
	case 0: // those who come next meet what the dead held
	default:
		k.ahead += time.Duration(k.rnd.IntN(5000)) * time.Millisecond
	}
	before := k.last
	crews := []*crewProcess{k.run.start(k.orders(k.path), before)}
	if k.rnd.IntN(4) == 0 {
		o := k.orders(k.path)
		o.Agents = crewAgents[2:4]
		crews = append(crews, k.run.start(o, nil))
	}
	if k.rnd.IntN(8) > 0 {
		for _, p := range crews {
			p.ready(k.t)
		}
	}
	for _, p := range crews {
		busy(k.rnd.Int64N(8000), time.Second, crews...)
		time.Sleep(time.Duration(k.rnd.IntN(8000)) * time.Microsecond)
		k.run.kill(p)
	}
	k.last = crews[0]
	k.sound(k.path, len(k.records))
}

// killOpening kills a process while it makes the tables. Whoever opens the file
// next finishes them.
func (k *sqliteKills) killOpening(name string) {
	path := filepath.Join(filepath.Dir(k.path), name)
	o := k.orders(path)
	o.OnlyOpen = true
	p := k.run.start(o, nil)
	time.Sleep(time.Duration(k.rnd.IntN(60_000)) * time.Microsecond)
	k.run.kill(p)
	k.sound(path, 0)
}

// sound opens a file after a kill: the database is whole, and every record is in
// one state.
func (k *sqliteKills) sound(path string, records int) {
	k.t.Helper()
	db := sqliteFile(k.t, path)
	defer db.Close()
	var integrity string
	require.NoError(k.t, db.QueryRow(`PRAGMA integrity_check`).Scan(&integrity))
	assert.Equal(k.t, "ok", integrity)
	st, err := sqlstore.Open(k.t.Context(), db, sqlstore.SQLite, sqlstore.Options{})
	require.NoError(k.t, err)
	defer st.Close()
	counts, err := st.Count(k.t.Context(), campaign.Filter{At: crewClock(k.ahead)}, campaign.ByState)
	require.NoError(k.t, err)
	sum := 0
	for _, n := range counts {
		sum += n
	}
	assert.Equal(k.t, records, sum, "the states %v sum to the records", counts)
	if records > 0 {
		k.holds(st)
	}
}

// holds: who is being called is held against all others. An offer that was made
// while somebody else had the contact or number holds neither, nor does a lease
// that somebody had begun to settle.
func (k *sqliteKills) holds(st *sqlstore.Store) {
	ctx := k.t.Context()
	var leased []campaign.Record
	for f, err := range st.Find(ctx, campaign.Filter{At: crewClock(k.ahead), States: []campaign.State{campaign.StateLeased}}, campaign.Need{NoCalls: true}) {
		require.NoError(k.t, err)
		if f.Lease.Token == 0 || f.Lease.Until.IsZero() {
			k.t.Errorf("record %s of %s is leased and has no lease: %v", f.Record.ID, f.Record.Campaign, f.Lease)
		}
		if f.Lease.Token == f.Lease.Call && f.Lease.Phase != campaign.Offered {
			leased = append(leased, f.Record)
		}
	}
	for i := range leased {
		r := &leased[i]
		for f, err := range st.Find(ctx, campaign.Filter{Contacts: []campaign.ContactID{r.Contact}}, campaign.Need{NoCalls: true}) {
			require.NoError(k.t, err)
			if f.Record.Campaign != r.Campaign && len(f.Busy) == 0 && f.Lease.Token == 0 {
				k.t.Errorf("record %s of %s is called, and nothing holds its contact and number against %s", r.ID, r.Campaign, f.Record.Campaign)
			}
		}
	}
}

// audit sets all journals beside the file, when all leases have run out.
func (k *sqliteKills) audit() (*audit, *evidence) {
	k.t.Helper()
	db := sqliteFile(k.t, k.path)
	defer db.Close()
	st, err := sqlstore.Open(k.t.Context(), db, sqlstore.SQLite, sqlstore.Options{})
	require.NoError(k.t, err)
	defer st.Close()
	k.ahead += 10 * time.Second
	e := gather(k.t, k.run.journals)
	for _, n := range e.errors {
		k.t.Errorf("at %v: %s", n.At, n.Text)
	}
	a := newAudit(k.t, e, st, k.records, crewClock(k.ahead))
	a.all()
	assert.GreaterOrEqual(k.t, a.inLog, k.calls, "the log keeps what it had")
	k.calls = a.inLog
	return a, e
}
