package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// noon is when most clauses begin.
var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const (
	zone              = "Europe/Warsaw"
	one   campaign.ID = "one"
	other campaign.ID = "other"

	// usual is the Sort of a record that was given no order.
	usual = 1 << 16

	// shared is a number that several records have.
	shared blacklist.Number = 48_600_555_666
)

func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// rec is a fresh record of campaign one with a number of its own: no two texts
// share a first letter in these tests.
func rec(id string, edits ...func(*campaign.Record)) *campaign.Record {
	r := &campaign.Record{
		ID: campaign.RecordID(id), Campaign: one, Class: zone, Sort: usual,
		Phones:   []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + uint64(id[0])*1000 + uint64(id[len(id)-1]))}},
		Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh},
	}
	for _, edit := range edits {
		edit(r)
	}
	return r
}

func in(id campaign.ID) func(*campaign.Record) { return func(r *campaign.Record) { r.Campaign = id } }
func class(name string) func(*campaign.Record) { return func(r *campaign.Record) { r.Class = name } }
func due(l status.Lane, t time.Time) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Lane, r.Due = l, t }
}
func keyed(sort, key int64) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Sort, r.Key = sort, key }
}
func owner(a campaign.AgentID, t time.Time) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Lane, r.Due, r.Owner = status.LaneOwn, t, a }
}
func person(id campaign.ContactID) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Contact = id }
}
func park(until time.Time, revision int64) func(*campaign.Record) {
	return func(r *campaign.Record) {
		r.Park = campaign.Park{Until: until, Reason: campaign.ReasonGap, Revision: revision}
	}
}
func standing(s status.Standing) func(*campaign.Record) {
	return func(r *campaign.Record) { r.Standing, r.Lane = s, status.LaneNone }
}
func phones(numbers ...blacklist.Number) func(*campaign.Record) {
	return func(r *campaign.Record) {
		r.Phones = nil
		for _, n := range numbers {
			r.Phones = append(r.Phones, campaign.Phone{Number: n})
		}
	}
}

func refOf(r *campaign.Record) campaign.Ref {
	return campaign.Ref{Campaign: r.Campaign, Record: r.ID}
}

func leaseRef(f campaign.Facts) campaign.Ref {
	return campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token}
}

func adding(r *campaign.Record) campaign.Change {
	return campaign.Change{Ref: refOf(r), Add: true, Record: r}
}

// add adds records, in this order.
func add(t *trial, st campaign.Store, records ...*campaign.Record) {
	t.Helper()
	changes := make([]campaign.Change, len(records))
	for i, r := range records {
		changes[i] = adding(r)
	}
	commit(t, st, changes...)
}

// commit wants everything written.
func commit(t *trial, st campaign.Store, changes ...campaign.Change) {
	t.Helper()
	t.did("Commit: %s", told(changes...))
	errs, err := st.Commit(t.ctx, changes...)
	require.NoError(t, err)
	require.Nil(t, errs, "errs is nil if all changes were written")
}

// refused wants one change refused, and returns why.
func refused(t *trial, st campaign.Store, ch campaign.Change) error {
	t.Helper()
	t.did("Commit: %s", told(ch))
	errs, err := st.Commit(t.ctx, ch)
	require.NoError(t, err)
	require.Len(t, errs, 1, "an error for each change")
	require.Error(t, errs[0])
	return errs[0]
}

// commitAll returns what became of each change.
func commitAll(t *trial, st campaign.Store, changes ...campaign.Change) []error {
	t.Helper()
	t.did("Commit: %s", told(changes...))
	errs, err := st.Commit(t.ctx, changes...)
	require.NoError(t, err)
	if errs == nil {
		errs = make([]error, len(changes))
	}
	require.Len(t, errs, len(changes), "an error for each change")
	return errs
}

func look(t *trial, st campaign.Store, ref campaign.Ref) campaign.Facts {
	t.Helper()
	return lookAll(t, st, campaign.Need{Contact: true, Before: true}, ref)[0]
}

// lookAll is a Look with memory of its own.
func lookAll(t *trial, st campaign.Store, need campaign.Need, refs ...campaign.Ref) []campaign.Facts {
	t.Helper()
	names := make([]string, len(refs))
	for i := range refs {
		names[i] = named(refs[i])
	}
	t.did("Look at %s", strings.Join(names, " "))
	var into campaign.Looked
	require.NoError(t, st.Look(t.ctx, need, &into, refs...))
	require.Len(t, into.Facts, len(refs), "facts for each ref")
	return into.Facts
}

// reported is the call that a token led to.
func reported(t *trial, st campaign.Store, ref campaign.Ref) *campaign.Call {
	t.Helper()
	c := look(t, st, ref).Call
	require.NotNil(t, c, "the call of token %d", ref.Token)
	return c
}

// lines are a record's history: a store that has none brings none.
func lines(t *trial, st campaign.Store, ref campaign.Ref) ([]campaign.Entry, []*campaign.Call) {
	t.Helper()
	if !t.options.History {
		return nil, nil
	}
	h, ok := st.(campaign.HistoryStore)
	require.True(t, ok, "the store is declared to be a campaign.HistoryStore")
	t.did("History of %s", named(ref))
	entries, calls, err := h.History(t.ctx, ref)
	require.NoError(t, err)
	return entries, calls
}

// pending are the ids of actions: a store that keeps none brings none.
func pending(t *trial, st campaign.Store, after string, limit int) []campaign.Action {
	t.Helper()
	if !t.options.Actions {
		return nil
	}
	a, ok := st.(campaign.ActionStore)
	require.True(t, ok, "the store is declared to be a campaign.ActionStore")
	t.did("Pending behind %q, at most %d", after, limit)
	actions, err := a.Pending(t.ctx, after, limit)
	require.NoError(t, err)
	return actions
}

// all is an ask of everything that is due at now in campaign one.
func all(now time.Time, edits ...func(*campaign.Claim)) campaign.Claim {
	q := campaign.Claim{
		Now: now, Until: now.Add(time.Minute), Holder: "holder", Agent: "agent", Limit: 100,
		From: []campaign.Step{{Campaign: one, Open: []string{zone}, Max: 100, Sources: sources(now)}},
	}
	for _, edit := range edits {
		edit(&q)
	}
	return q
}

// sources are all lanes, in the order of the tiers.
func sources(due time.Time) []campaign.Source {
	return []campaign.Source{
		{Lane: status.LaneOwn, Due: due}, {Lane: status.LaneProgressive, Due: due}, {Lane: status.LanePublic, Due: due},
		{Lane: status.LaneFresh, Due: due}, {Lane: status.LaneAgain, Due: due}, {Lane: status.LaneLast, Due: due},
	}
}

func limit(n int) func(*campaign.Claim) { return func(q *campaign.Claim) { q.Limit = n } }
func revision(n int64) func(*campaign.Claim) {
	return func(q *campaign.Claim) {
		for i := range q.From {
			q.From[i].Revision = n
		}
	}
}
func campaigns(ids ...campaign.ID) func(*campaign.Claim) {
	return func(q *campaign.Claim) {
		step := q.From[0]
		q.From = nil
		for _, id := range ids {
			step.Campaign = id
			q.From = append(q.From, step)
		}
	}
}

func claim(t *trial, st campaign.Store, q campaign.Claim) campaign.Claimed {
	t.Helper()
	t.did("%s", asked(q))
	var got campaign.Claimed
	require.NoError(t, st.Claim(t.ctx, q, &got))
	return got
}

// lease brings the first record that an ask leases.
func lease(t *trial, st campaign.Store, q campaign.Claim) campaign.Facts {
	t.Helper()
	return first(t, claim(t, st, q).Leased)
}

func first(t *trial, facts []campaign.Facts) campaign.Facts {
	t.Helper()
	require.True(t, len(facts) > 0, "facts are brought")
	return facts[0]
}

func ids(facts []campaign.Facts) (ids []string) {
	for _, f := range facts {
		ids = append(ids, string(f.Record.ID))
	}
	return ids
}

func leased(t *trial, st campaign.Store, q campaign.Claim) []string {
	t.Helper()
	got := claim(t, st, q)
	require.Empty(t, got.Expired, "no lease has run out")
	return ids(got.Leased)
}

func find(t *trial, st campaign.Store, f campaign.Filter) (found []string) {
	t.Helper()
	t.did("Find %+v", f)
	for facts, err := range st.Find(t.ctx, f, campaign.Need{}) {
		require.NoError(t, err)
		found = append(found, string(facts.Record.ID))
	}
	return found
}

// listed asks the host's own lists.
func listed(t *trial, st campaign.Store, q blacklist.Query) []blacklist.Answer {
	t.Helper()
	t.did("Check %+v", q)
	answers, err := st.Check(t.ctx, q)
	require.NoError(t, err)
	return answers
}

func ended(f campaign.Facts) campaign.Change { return campaign.Change{Ref: leaseRef(f)} }

// told says in words what changes are.
func told(changes ...campaign.Change) string {
	var all []string
	for i, ch := range changes {
		if i == 5 {
			all = append(all, fmt.Sprintf("and %d more", len(changes)-i))
			break
		}
		var parts []string
		part := func(is bool, format string, args ...any) {
			if is {
				parts = append(parts, fmt.Sprintf(format, args...))
			}
		}
		part(ch.Add, "add it")
		if ch.Move && ch.Record != nil {
			part(true, "move it to %s", ch.Record.Campaign)
		}
		part(ch.Record != nil && !ch.Add && !ch.Move, "write it")
		part(ch.Erase, "erase what is personal")
		part(ch.Extend, "extend its lease")
		part(ch.Ref.Token != 0 && !ch.Extend, "end its lease")
		part(ch.Lease != nil && !ch.Extend, "lease it")
		part(ch.Call != nil, "log a call")
		part(ch.Entry != nil, "append a line")
		part(ch.Contact != nil, "write a contact")
		for _, e := range ch.List {
			part(true, "put %s on list %q until %s", e.Number, e.List, e.Until.Format(time.RFC3339Nano))
		}
		for _, k := range ch.Unlist {
			part(true, "take %s off list %q", k.Number, k.List)
		}
		part(len(ch.Wake) > 0, "wake %v", ch.Wake)
		part(len(ch.Actions) > 0, "store %d actions", len(ch.Actions))
		part(len(ch.Done) > 0, "acknowledge %q", ch.Done)
		part(ch.Revision != 0, "revision %d", ch.Revision)
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s", named(ch.Ref), strings.Join(parts, ", "))))
	}
	return strings.Join(all, "; ")
}

// named says in words what a Ref names: [record of campaign, token 7].
func named(ref campaign.Ref) string {
	switch {
	case ref == campaign.Ref{}:
		return ""
	case ref.Token != 0:
		return fmt.Sprintf("[%s of %s, token %d]", ref.Record, ref.Campaign, ref.Token)
	}
	return fmt.Sprintf("[%s of %s]", ref.Record, ref.Campaign)
}

// asked says in words what a Claim asks for.
func asked(q campaign.Claim) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Claim at %s until %s for agent %q, at most %d", q.Now.Format("15:04:05.999999"), q.Until.Format("15:04:05.999999"), q.Agent, q.Limit)
	for _, step := range q.From {
		fmt.Fprintf(&b, "; from %s at revision %d, open %q, at most %d:", step.Campaign, step.Revision, step.Open, step.Max)
		for _, s := range step.Sources {
			fmt.Fprintf(&b, " %s", s.Lane)
			if s.Owner != "" {
				fmt.Fprintf(&b, " of %s", s.Owner)
			}
			if !s.Due.Equal(q.Now) {
				fmt.Fprintf(&b, " due by %s", s.Due.Format("15:04:05.999999"))
			}
			if s.Max != 0 {
				fmt.Fprintf(&b, " at most %d", s.Max)
			}
		}
	}
	return b.String()
}
