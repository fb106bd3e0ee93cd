package modeltest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/dialer/modeltest"
	"github.com/nextcall/nextcall/status"
)

// broken is a store with one fault; what is nil works as it should.
type broken struct {
	campaign.Store
	claim  func(b *broken, q campaign.Claim, into *campaign.Claimed) error
	change func(b *broken, c *campaign.Change) // what it makes of a change before it is written
	lose   func(b *broken, changes []campaign.Change) bool
	errs   func(b *broken, changes []campaign.Change, errs []error) []error
	facts  func(b *broken, ref campaign.Ref, f *campaign.Facts)
	find   func(n int) int // how often the n-th record found is found
	count  func(map[string]int)
	check  func([]blacklist.Answer) []blacklist.Answer
	n      int
}

func (b *broken) Claim(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
	if b.claim != nil {
		return b.claim(b, q, into)
	}
	return b.Store.Claim(ctx, q, into)
}

func (b *broken) Commit(ctx context.Context, changes ...campaign.Change) ([]error, error) {
	if b.lose != nil && b.lose(b, changes) {
		return nil, nil
	}
	if b.change != nil {
		for i := range changes {
			if r := changes[i].Record; r != nil {
				copied := *r
				changes[i].Record = &copied
			}
			b.change(b, &changes[i])
		}
	}
	errs, err := b.Store.Commit(ctx, changes...)
	if b.errs != nil {
		errs = b.errs(b, changes, errs)
	}
	return errs, err
}

func (b *broken) Look(ctx context.Context, need campaign.Need, into *campaign.Looked, refs ...campaign.Ref) error {
	err := b.Store.Look(ctx, need, into, refs...)
	for i := range into.Facts {
		if b.facts != nil {
			b.facts(b, refs[i], &into.Facts[i])
		}
	}
	return err
}

func (b *broken) Find(ctx context.Context, f campaign.Filter, need campaign.Need) iter.Seq2[campaign.Facts, error] {
	if b.find == nil {
		return b.Store.Find(ctx, f, need)
	}
	return func(yield func(campaign.Facts, error) bool) {
		n := 0
		for f, err := range b.Store.Find(ctx, f, need) {
			for range b.find(n) {
				if !yield(f, err) {
					return
				}
			}
			n++
		}
	}
}

func (b *broken) Count(ctx context.Context, f campaign.Filter, by campaign.Group) (map[string]int, error) {
	counts, err := b.Store.Count(ctx, f, by)
	if b.count != nil {
		b.count(counts)
	}
	return counts, err
}

func (b *broken) Check(ctx context.Context, q blacklist.Query) ([]blacklist.Answer, error) {
	answers, err := b.Store.Check(ctx, q)
	if b.check != nil {
		answers = b.check(answers)
	}
	return answers, err
}

// faults are stores that are wrong in one way, and the invariants by whose
// checks that may be seen.
var faults = []struct {
	name  string
	seen  []int
	crash bool
	store broken
	from  uint64 // the seed to begin with, for faults that show rarely; 0: 1
}{
	{name: "forgets that another lease holds a number", seen: []int{1}, store: broken{
		claim: func(b *broken, q campaign.Claim, into *campaign.Claimed) error {
			err := b.Store.Claim(ctx, q, into)
			for i := range into.Leased {
				into.Leased[i].Busy = nil
			}
			return err
		}}},
	{name: "writes a call under two ids", seen: []int{2}, store: broken{
		change: func(b *broken, c *campaign.Change) {
			if c.Call != nil && c.Call.Token%3 == 0 {
				again := *c.Call
				again.Token += 1_000_000
				_, _ = b.Store.Commit(ctx, campaign.Change{Ref: campaign.Ref{Campaign: c.Ref.Campaign, Record: c.Ref.Record}, Call: &again})
			}
		}}},
	{name: "forgets what a token was reported with", seen: []int{2}, store: broken{
		facts: func(_ *broken, _ campaign.Ref, f *campaign.Facts) {
			if f.Call != nil && !f.Call.Expired {
				f.Call = nil
			}
		}}},
	{name: "brings no history with a lease", seen: []int{3, 12}, store: broken{
		claim: func(b *broken, q campaign.Claim, into *campaign.Claimed) error {
			err := b.Store.Claim(ctx, q, into)
			for i := range into.Leased {
				into.Leased[i].History = nil
			}
			return err
		}}},
	{name: "takes a token that is lost for a live one", seen: []int{4}, store: broken{
		facts: func(_ *broken, ref campaign.Ref, f *campaign.Facts) {
			if ref.Token != 0 && f.Lease.Token == 0 && f.Call == nil && f.Record.ID != "" {
				f.Lease = campaign.Lease{Token: ref.Token, Call: ref.Token, Until: f.Record.Created.AddDate(1, 0, 0)}
			}
		},
		errs: func(_ *broken, _ []campaign.Change, errs []error) []error {
			for i := range errs {
				if errors.Is(errs[i], campaign.ErrLeaseLost) {
					errs[i] = nil
				}
			}
			return errs
		}}},
	{name: "lets anybody write to a leased record", seen: []int{4, 6}, store: broken{
		errs: func(b *broken, changes []campaign.Change, errs []error) []error {
			for i, err := range errs {
				if leased := (*campaign.LeasedError)(nil); errors.As(err, &leased) && changes[i].Record != nil {
					facts, _ := looked(ctx, b.Store, campaign.Need{NoCalls: true}, changes[i].Ref)
					changes[i].Ref.Token = facts[0].Lease.Token
					_, _ = b.Store.Commit(ctx, changes[i])
					errs[i] = nil
				}
			}
			return errs
		}}},
	{name: "loses a record from what it finds", seen: []int{5}, store: broken{find: func(n int) int { return b2i(n != 3) }}},
	{name: "finds a record twice", seen: []int{5}, store: broken{find: func(n int) int { return 1 + b2i(n == 3) }}},
	{name: "counts wrongly", seen: []int{5}, store: broken{count: func(m map[string]int) {
		for k := range m {
			m[k]++
			return
		}
	}}},
	{name: "loses every seventh commit of a result", seen: []int{2, 4, 5, 12}, store: broken{
		lose: func(b *broken, changes []campaign.Change) bool {
			if len(changes) != 1 || changes[0].Call == nil || changes[0].Record == nil {
				return false
			}
			b.n++
			return b.n%7 == 0
		}}},
	{name: "lets leases run out an hour early", seen: []int{6}, store: broken{
		claim: func(b *broken, q campaign.Claim, into *campaign.Claimed) error {
			q.Now = q.Now.Add(time.Hour)
			return b.Store.Claim(ctx, q, into)
		}}},
	{name: "logs an unreported call as one that was not answered", seen: []int{6}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Call != nil && c.Call.Expired {
				call := *c.Call
				call.Outcome, call.Expired = campaign.NoAnswer, false
				c.Call = &call
			}
		}}},
	{name: "never lets a lease run out", seen: []int{7}, crash: true, store: broken{
		claim: func(b *broken, q campaign.Claim, into *campaign.Claimed) error {
			q.Now = q.Now.AddDate(-1, 0, 0)
			return b.Store.Claim(ctx, q, into)
		}}},
	{name: "puts the next call an hour off", seen: []int{11, 20}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Record != nil && c.Call != nil && !c.Record.Due.IsZero() {
				c.Record.Due = c.Record.Due.Add(time.Hour)
			}
		}}},
	{name: "counts attempts twice", seen: []int{12}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Record != nil && c.Call != nil && c.Call.Counted {
				c.Record.Attempts.Total++
			}
		}}},
	{name: "forgets how often a number was dialled", seen: []int{12}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Record != nil && c.Call != nil {
				c.Record.Phones = slices.Clone(c.Record.Phones)
				for i := range c.Record.Phones {
					c.Record.Phones[i].Attempts = 0
				}
			}
		}}},
	{name: "parks for ever", seen: []int{15}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Record != nil && c.Record.Park.Until.After(c.Record.Created) {
				c.Record.Park.Until = campaign.Forever
			}
		}}},
	{name: "knows of no newer configuration", seen: []int{17, 21}, store: broken{
		claim: func(b *broken, q campaign.Claim, into *campaign.Claimed) error {
			q.From = slices.Clone(q.From)
			for i := range q.From {
				q.From[i].Revision = 1_000_000
			}
			return b.Store.Claim(ctx, q, into)
		},
		change: func(_ *broken, c *campaign.Change) { c.Revision = 0 }}},
	{name: "has no answer about what is listed for a time", seen: []int{18, 19}, store: broken{
		check: func(answers []blacklist.Answer) []blacklist.Answer {
			return slices.DeleteFunc(answers, func(a blacklist.Answer) bool { return !a.Entry.Permanent() })
		}}},
	{name: "keeps entries past their end", seen: []int{19}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			c.List = slices.Clone(c.List)
			for i := range c.List {
				c.List[i].Until = time.Time{}
			}
		}}},
	{name: "drops the entries of a status", seen: []int{19}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Record != nil {
				c.List = nil
			}
		}}},
	{name: "writes the entry without the status when it fails", seen: []int{19}, crash: true, store: broken{
		lose: func(b *broken, changes []campaign.Change) bool {
			if len(changes) == 1 && changes[0].Record != nil && len(changes[0].List) > 0 {
				_, _ = b.Store.Commit(ctx, campaign.Change{List: changes[0].List, Revision: 0})
				changes[0].Ref.Token = -1
			}
			return false
		}}},
	{name: "turns callbacks into plain records", seen: []int{20}, from: 25, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Record != nil && c.Call != nil && !c.Call.Chosen && c.Record.Qualifier.Effect().Callback {
				c.Record.Qualifier, c.Record.Lane, c.Record.Owner = status.Redial, status.LaneAgain, ""
			}
		}}},
	{name: "forgets whose a callback is", seen: []int{5, 20}, from: 17, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Record != nil && c.Call == nil && c.Record.Lane == status.LaneOwn {
				c.Record.Owner = "cid"
			}
		}}},
	{name: "forgets by which operation a record was changed", seen: []int{22}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Record != nil {
				c.Record.Operation = ""
			}
		}}},
	{name: "says that it has written a change of many, and has not", seen: []int{22}, store: broken{
		change: func(b *broken, c *campaign.Change) {
			if c.Record != nil && c.Record.Operation != "" {
				if b.n++; b.n%3 == 0 {
					*c = campaign.Change{}
				}
			}
		}}},
	{name: "leaves a record where it was that is to move", seen: []int{22}, store: broken{
		change: func(_ *broken, c *campaign.Change) {
			if c.Move {
				c.Move, c.Record.Campaign = false, c.Ref.Campaign
			}
		}}},
}

var ctx = context.Background()

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestEveryFaultOfAStoreIsSeen(t *testing.T) {
	runs := 30
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			open := func() campaign.Store {
				b := fault.store
				b.Store = memstore.New()
				return &b
			}
			v := modeltest.Check(open, modeltest.Options{Seed: max(fault.from, 1), Runs: runs, Steps: 150, Crash: fault.crash, Replays: 3, NoShrink: true})
			require.NotNil(t, v, "nobody saw it")
			t.Logf("seed %d: %.300s", v.Seed, v.Error())
			require.Contains(t, fault.seen, v.Invariant, "it was seen, but not for what it is: %v", v)
		})
	}
}

// looked is a Look with memory of its own.
func looked(ctx context.Context, st campaign.Store, need campaign.Need, refs ...campaign.Ref) ([]campaign.Facts, error) {
	var into campaign.Looked
	err := st.Look(ctx, need, &into, refs...)
	return into.Facts, err
}
