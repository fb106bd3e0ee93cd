package twin

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// ctx is the context of most calls.
var ctx = context.Background()

// start is when the clock begins.
var start = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const (
	reference = iota
	tested
)

// pair is two stores that are asked the same, and what the asking needs to know
// of them: which leases are live and which revisions are the newest.
type pair struct {
	*gen
	st      [2]campaign.Store
	claimed [2]campaign.Claimed // one memory for all Claims
	looked  [2]campaign.Looked
	latest  time.Time // the latest instant of a Claim

	revision map[campaign.ID]int64
	live     []campaign.Ref // with tokens, the latest last
	old      []campaign.Ref // tokens that were handed out, and calls that were logged
	lastEnd  time.Time      // of the latest lease

	held []campaign.Facts // a copy of what the tested store's Claimed holds
	kept []kept

	met  map[string]int
	diff string           // the first difference
	log  *strings.Builder // what is done is written here, if set
}

// kept is an immutable value that was taken out of an answer, and what it was.
type kept struct {
	value any
	text  string
}

func newPair(open [2]func() campaign.Store, s setting, met map[string]int) *pair {
	p := &pair{gen: newGen(s), st: [2]campaign.Store{open[reference](), open[tested]()},
		revision: map[campaign.ID]int64{}, met: met}
	p.now, p.latest = start, start
	return p
}

// differ notes the first difference; d is "" if there is none.
func (p *pair) differ(d string) {
	if p.diff == "" {
		p.diff = d
	}
}

// say writes down what is asked of the stores, if anybody wants to read it.
func (p *pair) say(what string, args ...any) {
	if p.log == nil {
		return
	}
	p.log.WriteString(what)
	for _, arg := range args {
		p.log.WriteByte(' ')
		short(p.log, reflect.ValueOf(arg))
	}
	p.log.WriteByte('\n')
}

// meet counts a branch, if it was reached.
func (p *pair) meet(branch string, reached bool) {
	if reached {
		p.met[branch]++
	}
}

// claim asks both stores for leases.
func (p *pair) claim(q campaign.Claim) {
	p.say("claim", q)
	if p.held != nil { // what the last one brought has been left alone since
		p.differ(facts("held Leased", p.held, p.claimed[tested].Leased))
		p.held = nil
	}
	var errs [2]error
	for i, st := range p.st {
		mine := q
		mine.From = slices.Clone(q.From)
		errs[i] = st.Claim(ctx, mine, &p.claimed[i])
	}
	want, got := &p.claimed[reference], &p.claimed[tested]
	p.errors("claim", errs[0], errs[1])
	p.differ(facts("Leased", want.Leased, got.Leased))
	p.differ(facts("Expired", want.Expired, got.Expired))
	if want.NextExpiry != got.NextExpiry {
		p.differ(fmt.Sprintf("NextExpiry: want %v, got %v", want.NextExpiry, got.NextExpiry))
	}
	p.classes(q.Now.Before(p.latest))
	p.owners()
	if p.diff != "" {
		return
	}
	for _, step := range q.From {
		p.revision[step.Campaign] = max(p.revision[step.Campaign], step.Revision)
	}
	p.branches(&q, errs[reference])
	p.latest = later(p.latest, q.Now)
	for _, f := range want.Expired { // their tokens have changed
		p.live = slices.DeleteFunc(p.live, func(r campaign.Ref) bool {
			return r.Token < f.Lease.Token && r.Record == f.Record.ID && r.Campaign == f.Record.Campaign
		})
	}
	for _, f := range slices.Concat(want.Leased, want.Expired) {
		p.live = append(p.live, campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token})
	}
	if len(p.live) > 100 {
		p.old = append(p.old, p.live[:50]...)
		p.live = slices.Delete(p.live, 0, 50)
	}
	if len(p.old) > 200 {
		p.old = slices.Delete(p.old, 0, 100)
	}
	if p.oneIn(8) {
		p.held = copied(got.Leased)
	}
	p.keep(got.Leased)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// keep takes some immutable values out of an answer, to see that they last.
func (p *pair) keep(facts []campaign.Facts) {
	if len(p.kept) >= 100 || !p.oneIn(64) {
		return
	}
	for _, f := range facts {
		for _, value := range []any{f.Record.Fields, f.Record.Notes, f.Record.Tags, f.Contact} {
			p.kept = append(p.kept, kept{value, fmt.Sprintf("%+v", value)})
		}
	}
}

// last looks whether all that was kept is as it was.
func (p *pair) last() {
	for _, k := range p.kept {
		if now := fmt.Sprintf("%+v", k.value); now != k.text {
			p.differ(fmt.Sprintf("what was taken from an answer was %s, and became %s", k.text, now))
		}
	}
}

// look asks both stores for facts; they stay in p.looked.
func (p *pair) look(need campaign.Need, refs ...campaign.Ref) {
	p.say("look", need, refs)
	var errs [2]error
	for i, st := range p.st {
		errs[i] = st.Look(ctx, need, &p.looked[i], refs...)
	}
	p.errors("look", errs[0], errs[1])
	p.differ(facts("Looked", p.looked[reference].Facts, p.looked[tested].Facts))
	for i, f := range p.looked[reference].Facts {
		p.meet("look: by an old name", f.Record.ID != "" && f.Record.Campaign != refs[i].Campaign)
		p.meet("look: call of a token", f.Call != nil)
		p.meet("look: call with its before", f.Call != nil && f.Call.Before != nil)
		p.meet("look: nobody", f.Record.ID == "")
		p.meet("look: lease over several", len(f.Lease.With) > 0)
	}
}

// commit writes the same to both stores. build makes the changes for each of
// them, from what that store answered; afterwards all that they must have copied
// is overwritten. It returns the reference's answer about each change.
func (p *pair) commit(seed uint64, build func(store int) []campaign.Change) []error {
	var changes [2][]campaign.Change
	var errs [2][]error
	var err [2]error
	for i, st := range p.st {
		p.reseed(seed)
		changes[i] = build(i)
		if i == reference {
			for _, ch := range changes[i] {
				p.say("commit", ch)
			}
		}
		errs[i], err[i] = st.Commit(ctx, changes[i]...)
	}
	p.errors("commit", err[0], err[1])
	if (errs[reference] == nil) != (errs[tested] == nil) || len(errs[reference]) != len(errs[tested]) {
		p.differ(fmt.Sprintf("commit: want %v, got %v", errs[reference], errs[tested]))
		return nil
	}
	result := make([]error, len(changes[reference]))
	for i := range changes[reference] {
		want, got := &changes[reference][i], &changes[tested][i]
		if errs[reference] != nil {
			result[i] = errs[reference][i]
			p.errors("commit", errs[reference][i], errs[tested][i])
		}
		if want.Lease != nil && (want.Lease.Token != got.Lease.Token || want.Lease.Call != got.Lease.Call) {
			p.differ(fmt.Sprintf("commit: want the lease under token %d, got %d", want.Lease.Token, got.Lease.Token))
		}
		p.written(want, result[i])
		scribble(want)
		scribble(got)
	}
	return result
}

// written takes note of what a change did.
func (p *pair) written(ch *campaign.Change, err error) {
	var duplicate *campaign.DuplicateError
	var leased *campaign.LeasedError
	switch {
	case errors.As(err, &duplicate):
		p.meet("commit: duplicate "+duplicate.What, true)
	case errors.As(err, &leased):
		p.meet("commit: leased record", leased.Hold.Number == 0 && leased.Hold.Contact == "")
		p.meet("commit: held number", leased.Hold.Number != 0 && !ch.Extend)
		p.meet("commit: held contact", leased.Hold.Contact != "")
		p.meet("commit: dialled number is held", leased.Hold.Number != 0 && ch.Extend)
	case p.exists(err):
	case err != nil:
		k := kind(err)
		p.meet("commit: "+k, true)
	default:
		p.meet("commit: added", ch.Add)
		p.meet("commit: added under a lease", ch.Add && ch.Lease != nil)
		p.meet("commit: extended", ch.Extend)
		p.meet("commit: released", ch.Ref.Token != 0 && !ch.Extend && ch.Record == nil)
		p.meet("commit: reported", ch.Ref.Token != 0 && !ch.Extend && ch.Record != nil && ch.Call != nil)
		p.meet("commit: taken", ch.Lease != nil && !ch.Extend)
		p.meet("commit: taken with others", ch.Lease != nil && !ch.Extend && len(ch.Lease.With) > 0)
		p.meet("commit: late report", ch.Ref.Token == 0 && ch.Call != nil)
		p.meet("commit: without a record", ch.Ref.Record == "")
		p.meet("commit: late report of a moved record", p.strayed(ch))
		if ch.Revision != 0 {
			p.revision[ch.Decided()] = max(p.revision[ch.Decided()], ch.Revision)
		}
		if ch.Ref.Token != 0 && !ch.Extend {
			p.live = slices.DeleteFunc(p.live, func(r campaign.Ref) bool { return r == ch.Ref })
			p.old = append(p.old, ch.Ref)
		}
		if ch.Call != nil {
			p.old = append(p.old, campaign.Ref{Campaign: ch.Call.Campaign, Record: ch.Call.Record, Token: ch.Call.Token})
		}
		if ch.Lease != nil && !ch.Extend {
			p.live = append(p.live, campaign.Ref{Campaign: ch.Ref.Campaign, Record: ch.Ref.Record, Token: ch.Lease.Token})
		}
		if ch.Lease != nil {
			p.meet("lease: ends before the one begun before it", ch.Lease.Until.Before(p.lastEnd))
			p.lastEnd = ch.Lease.Until
		}
	}
}

// strayed reports whether a late report is of a call whose record has moved.
func (p *pair) strayed(ch *campaign.Change) bool {
	if ch.Call == nil || !ch.LogsOnly() {
		return false
	}
	ref := ch.Ref
	ref.Token = ch.Call.Token
	var into campaign.Looked
	err := p.st[reference].Look(ctx, campaign.Need{NoCalls: true}, &into, ref)
	return err == nil && into.Facts[0].Record.ID != "" && into.Facts[0].Record.Campaign != ref.Campaign
}

// errors compares errors: their kind, what they carry, and what they say. Of
// what does not fit together a store may name more than another.
func (p *pair) errors(what string, want, got error) {
	if want == nil && got == nil {
		return
	}
	if p.otherDuplicate(want, got) {
		return
	}
	if k := kind(want); k != kind(got) || k != misfit && want.Error() != got.Error() {
		p.differ(fmt.Sprintf("%s: want the error %s (%v), got %s (%v)", what, kind(want), want, kind(got), got))
	}
}

// otherDuplicate says whether two stores refuse a duplicate and name another of
// several records that have the same number or contact: either will do.
func (p *pair) otherDuplicate(want, got error) bool {
	var a, b *campaign.DuplicateError
	if !errors.As(want, &a) || !errors.As(got, &b) || a.What != b.What || a.Value != b.Value || a.Existing == b.Existing {
		return false
	}
	var into campaign.Looked
	if err := p.st[reference].Look(ctx, campaign.Need{NoCalls: true}, &into, b.Existing); err != nil {
		return false
	}
	r := &into.Facts[0].Record
	number, _ := blacklist.ParseNumber(b.Value)
	same := string(r.Contact) == p.current(b.Value) || r.Phone(number) >= 0 && r.Standing != status.StandingClosed
	p.meet("commit: one of several duplicates", same)
	return same && a.Existing.Campaign == b.Existing.Campaign && a.What != "record id"
}

// current is the id of the contact that an id gives, to the reference.
func (p *pair) current(id string) string {
	if st, ok := p.st[reference].(campaign.ContactStore); ok {
		if list, err := st.Contacts(ctx, campaign.ContactID(id)); err == nil && list[0] != nil {
			return string(list[0].ID)
		}
	}
	return id
}

// misfit is the kind of all errors that say what is wrong with a question.
const misfit = "misfit"

// kind is what a caller can tell errors apart by.
func kind(err error) string {
	var leased *campaign.LeasedError
	var duplicate *campaign.DuplicateError
	var exists *campaign.ContactExistsError
	switch {
	case err == nil:
		return "none"
	case errors.As(err, &exists):
		return fmt.Sprintf("%+v", *exists)
	case errors.As(err, &leased):
		return fmt.Sprintf("%+v", leased.Hold)
	case errors.As(err, &duplicate):
		return fmt.Sprintf("%+v", *duplicate)
	}
	for _, known := range []error{campaign.ErrLeaseLost, campaign.ErrConflict, campaign.ErrNotFound, campaign.ErrConfigChanged, context.Canceled} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return misfit
}
