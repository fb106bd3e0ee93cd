package enginetest

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/sqlstore"
	"github.com/nextcall/nextcall/status"
)

// plans collects what the server did for each statement, those inside functions too.
type plans struct {
	mu   sync.Mutex
	list []string
}

func (p *plans) add(_ *pgconn.PgConn, n *pgconn.Notice) {
	if strings.Contains(n.Message, "plan:") {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.list = append(p.list, n.Message)
	}
}

func (p *plans) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.list
	p.list = nil
	return list
}

var (
	seqScan   = regexp.MustCompile(`Seq Scan on (nextcall_\w+)`)
	scanned   = regexp.MustCompile(`(?:Scan|Sort|Join|Loop).*\(actual rows=(\d+) loops=(\d+)\)`)
	discarded = regexp.MustCompile(`Rows Removed by (?:Filter|Index Recheck|Join Filter): (\d+)`)
)

// most is how many rows a statement may look at here.
const most = 600

// cheap fails for a plan that looks through a table.
func cheap(t *testing.T, doing, plan string) { cheapTo(t, doing, plan, most) }

// cheapTo is cheap for a statement that may look at so many rows.
func cheapTo(t *testing.T, doing, plan string, most int) {
	// There are few campaigns, and Find reads them all.
	if m := seqScan.FindStringSubmatch(plan); m != nil && m[1] != "nextcall_sequence" && m[1] != "nextcall_campaign" {
		t.Errorf("%s: reads all of %s:\n%s", doing, m[1], plan)
	}
	for _, m := range scanned.FindAllStringSubmatch(plan, -1) {
		rows, _ := strconv.Atoi(m[1])
		loops, _ := strconv.Atoi(m[2])
		if rows*loops > most {
			t.Errorf("%s: looks at %d rows:\n%s", doing, rows*loops, plan)
		}
	}
	for _, m := range discarded.FindAllStringSubmatch(plan, -1) {
		if n, _ := strconv.Atoi(m[1]); n > most {
			t.Errorf("%s: looks at %d rows in vain:\n%s", doing, n, plan)
		}
	}
}

// explaining is a database of one connection, so that all plans are those of one,
// and what collects them once "auto_explain.log_min_duration" is 0.
func explaining(t *testing.T) (*sql.DB, *plans) {
	c := startPostgres(t, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
	seen := new(plans)
	config, err := pgx.ParseConfig(c.URL("postgres"))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "-1", "auto_explain.log_nested_statements": "on",
		"auto_explain.log_analyze": "on", "auto_explain.log_timing": "off", "client_min_messages": "log",
	} {
		config.RuntimeParams[name] = value
	}
	config.OnNotice = seen.add
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(1) // so that all plans are those of one connection
	t.Cleanup(func() { _ = db.Close() })
	return db, seen
}

// It is what invariant 23 rests on. Every plan is made while the tables are empty,
// and must be right when they are not.
func TestNoStatementOfPostgreSQLLooksThroughATable(t *testing.T) {
	const records = 12_000
	ctx := context.Background()
	db, seen := explaining(t)
	st := openSQL(t, db, sqlstore.PostgreSQL)

	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	person := func(i int) *campaign.Record {
		r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint("r", i)), Campaign: "one", Class: "Europe/Warsaw", Sort: 7, Key: int64(i),
			Contact: campaign.ContactID(fmt.Sprint("c", i)), Phones: []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i)}, {Number: 48_700_000_000 + blacklist.Number(i)}},
			Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh}}
		later := noon.Add(time.Hour + time.Duration(i)*time.Second)
		switch i % 6 {
		case 1:
			r.Lane, r.Due = status.LaneAgain, noon.Add(-time.Duration(i)*time.Second)
		case 2:
			r.Lane, r.Due = status.LaneAgain, later
		case 3:
			r.Lane, r.Due, r.Owner = status.LaneOwn, later, campaign.AgentID(fmt.Sprint("agent", i%100))
		case 4:
			r.Due = later // fresh, but not yet
		case 5:
			r.Park = campaign.Park{Until: later, Reason: 1, Revision: 1}
		}
		return r
	}
	add := func(from, to int) {
		var changes []campaign.Change
		for i := from; i < to; i++ {
			r := person(i)
			changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Add: true, UniqueNumbers: true, Record: r, Contact: &campaign.Contact{ID: r.Contact}})
		}
		errs, err := st.Commit(ctx, changes...)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	var got campaign.Claimed
	now := noon
	claim := func(limit int, lanes ...status.Lane) []campaign.Facts {
		now = now.Add(time.Second)
		step := campaign.Step{Campaign: "one", Revision: 1, Open: []string{"Europe/Warsaw"}, Max: limit}
		for _, l := range lanes {
			step.Sources = append(step.Sources, campaign.Source{Lane: l, Owner: "agent3", Due: now})
		}
		require.NoError(t, st.Claim(ctx, campaign.Claim{Now: now, Until: now.Add(time.Minute), Holder: "h", Agent: "agent3", Limit: limit, Owners: limit == 3,
			From: []campaign.Step{step}, Need: campaign.Need{Since: noon.Add(-time.Hour), Contact: true}}, &got))
		return got.Leased
	}
	report := func(facts []campaign.Facts) {
		var changes []campaign.Change
		for i := range facts {
			r := facts[i].Record
			r.Lane, r.Due = status.LaneAgain, now.Add(time.Hour)
			changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID, Token: facts[i].Lease.Token}, Record: &r,
				Call:  &campaign.Call{Token: facts[i].Lease.Call, Campaign: "one", Record: r.ID, Contact: r.Contact, Number: r.Phones[0].Number, Ended: now},
				Entry: &campaign.Entry{At: now, Author: "ann"}})
		}
		errs, err := st.Commit(ctx, changes...)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	every := []status.Lane{status.LaneOwn, status.LaneProgressive, status.LanePublic, status.LaneFresh, status.LaneAgain, status.LaneLast}
	deeds := []struct {
		name string
		do   func()
	}{
		{"claim fresh", func() { report(claim(20, status.LaneFresh)) }},
		{"claim again", func() { report(claim(20, status.LaneAgain)) }},
		{"claim all, with owners", func() { report(claim(3, every...)) }},
		{"claim own", func() { claim(5, status.LaneOwn) }},
		{"wake", func() { now = noon.Add(time.Hour + 100*time.Second); report(claim(20, status.LaneFresh)) }},
		{"extend", func() {
			f := claim(1, status.LaneAgain)
			require.Len(t, f, 1)
			l := f[0].Lease
			l.Phase, l.Until = campaign.Dialed, now.Add(time.Hour)
			errs, err := st.Commit(ctx, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: f[0].Record.ID, Token: l.Token}, Lease: &l, Extend: true})
			require.NoError(t, err)
			require.Nil(t, errs)
		}},
		{"expire", func() { claim(20, status.LaneAgain); now = now.Add(2 * time.Minute); claim(20, every...) }},
		{"look", func() {
			var l campaign.Looked
			require.NoError(t, st.Look(ctx, campaign.Need{}, &l, campaign.Ref{Campaign: "one", Record: "r7", Token: 1}, campaign.Ref{Campaign: "one", Record: "r8"}))
		}},
		{"move", func() {
			var changes []campaign.Change
			for _, id := range []campaign.RecordID{"r1", "r9", "r13"} { // one of them called, none leased
				var l campaign.Looked
				require.NoError(t, st.Look(ctx, campaign.Need{NoCalls: true}, &l, campaign.Ref{Campaign: "one", Record: id}))
				if r := l.Facts[0].Record; r.ID != "" && l.Facts[0].Lease.Token == 0 {
					r.Campaign, r.Sequence = "other", 0
					changes = append(changes, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: id}, Move: true, UniqueNumbers: true, Record: &r,
						Erase: id == "r13", Entry: &campaign.Entry{At: now, Author: "ann"}})
				}
			}
			require.NotEmpty(t, changes)
			errs, err := st.Commit(ctx, changes...)
			require.NoError(t, err)
			require.Nil(t, errs)
			for i := range changes {
				changes[i].Ref.Campaign, changes[i].Record.Campaign, changes[i].Record.Version = "other", "one", 0
			}
			errs, err = st.Commit(ctx, changes...) // and back
			require.NoError(t, err)
			require.Nil(t, errs)
		}},
		{"change without a lease", func() {
			var refs []campaign.Ref
			for i := range 12 {
				refs = append(refs, campaign.Ref{Campaign: "one", Record: campaign.RecordID(fmt.Sprint("r", 15+i))})
			}
			for round := range 3 { // half of them close, and wait again
				var l campaign.Looked
				require.NoError(t, st.Look(ctx, campaign.Need{NoCalls: true}, &l, refs...))
				var changes []campaign.Change
				for i := range refs {
					r := &l.Facts[i].Record
					if l.Facts[i].Lease.Token != 0 {
						continue
					}
					if r.Standing = status.StandingQueued; i%2 == 0 && round != 1 {
						r.Standing = status.StandingClosed
					}
					r.Status, r.Author, r.Due, r.Lane = status.ID(fmt.Sprint("s", round)), "boss", now.Add(time.Hour), status.LaneAgain
					r.Fields = campaign.Fields{"round": fmt.Sprint(round)}
					changes = append(changes, campaign.Change{Ref: refs[i], Record: r, Entry: &campaign.Entry{At: now, Author: "boss"}})
				}
				require.Greater(t, len(changes), 5)
				errs, err := st.Commit(ctx, changes...)
				require.NoError(t, err)
				require.Nil(t, errs)
			}
		}},
		{"look by an old name", func() {
			var l campaign.Looked
			require.NoError(t, st.Look(ctx, campaign.Need{}, &l, campaign.Ref{Campaign: "gone", Record: "r1", Token: 1_000_001}))
		}},
		{"add", func() { add(records, records+10) }},
		{"unpark", func() {
			errs, err := st.Commit(ctx, campaign.Change{Wake: []blacklist.Number{48_600_000_005}, Unlist: []blacklist.Key{{Number: 48_600_000_011}}})
			require.NoError(t, err)
			require.Nil(t, errs)
		}},
		{"history", func() {
			_, _, err := st.History(ctx, campaign.Ref{Campaign: "one", Record: "r1"})
			require.NoError(t, err)
		}},
		{"find", func() {
			for _, f := range []campaign.Filter{{Numbers: []blacklist.Number{48_600_000_007}}, {Contacts: []campaign.ContactID{"c9"}}, {Records: []campaign.RecordID{"r9"}}, {Limit: 10}} {
				for _, err := range st.Find(ctx, f, campaign.Need{NoCalls: true}) {
					require.NoError(t, err)
				}
			}
		}},
	}
	// Once while the tables are empty, so that the plans are those of empty tables.
	_, err := db.Exec("VACUUM ANALYZE")
	require.NoError(t, err)
	add(0, 30)
	for _, d := range deeds[:len(deeds)-4] {
		d.do()
	}
	now = noon
	for i := 30; i < records; i += 990 {
		add(i, min(i+990, records))
	}
	var calls []campaign.Change
	for i := range 3000 {
		r := person(i)
		calls = append(calls, campaign.Change{Ref: campaign.Ref{Campaign: "one", Record: r.ID}, Entry: &campaign.Entry{At: now, Author: "ann"},
			Call: &campaign.Call{Token: campaign.Token(1_000_000 + i), Campaign: "one", Record: r.ID, Contact: r.Contact, Number: r.Phones[0].Number, Ended: noon}})
	}
	_, err = st.Commit(ctx, calls...)
	require.NoError(t, err)
	_, err = db.Exec("SET auto_explain.log_min_duration = 0")
	require.NoError(t, err)
	for _, d := range deeds {
		seen.take()
		d.do()
		list := seen.take()
		require.NotEmpty(t, list, d.name)
		for _, plan := range list {
			cheap(t, d.name, plan)
		}
	}
}
