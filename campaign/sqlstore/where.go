package sqlstore

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// where are the conditions of a filter on records r of one campaign, as far as a
// database can compare.
type where struct {
	*query
	all   []string
	exact bool // they are all of the filter's
	never bool // nothing meets them
}

// usual are the qualifiers that most records have: none of them is looked for in
// an index, and a call that sets one of them writes none.
var usual = [...]status.Qualifier{status.None, status.Unused, status.Redial, status.EndOfQueue, status.Busy}

// usualQualifiers are they as the schema writes them.
const usualQualifiers = `(0, 1, 2, 8, 18)`

// None of these compiles if the qualifiers are other ones.
var (
	_ = [1]struct{}{}[status.None]
	_ = [1]struct{}{}[status.Unused-1]
	_ = [1]struct{}{}[status.Redial-2]
	_ = [1]struct{}{}[status.EndOfQueue-8]
	_ = [1]struct{}{}[status.Busy-18]
)

// conditions are those of a filter in a campaign whose parks count at a revision.
func conditions(q *query, f *campaign.Filter, revision int64) *where {
	w := &where{query: q, exact: true}
	w.oneOf("r.id", plain(f.Records), len(f.Records))
	w.oneOf("r.contact", plain(f.Contacts), len(f.Contacts), "")
	w.oneOf("r.list", plain(f.Lists), len(f.Lists), "")
	w.oneOf("r.status", plain(f.Statuses), len(f.Statuses), "")
	w.oneOf("r.owner", plain(f.Owners), len(f.Owners), "")
	w.oneOf("r.agent", plain(f.Agents), len(f.Agents), "")
	w.oneOf("r.author", plain(f.Authors), len(f.Authors), "", campaign.Engine)
	if f.Operation != "" {
		w.oneOf("r.operation", plain([]string{f.Operation}), 1, "")
	}
	w.qualifiers(f.Qualifiers)
	w.systems(f.Systems)
	w.states(f, revision)
	w.span("r.called", f.Called)
	w.span("r.due", f.Due)
	w.external(f.ExternalID)
	w.main(f)
	return w
}

func (w *where) and(condition string) {
	w.all = append(w.all, condition)
	w.never = w.never || condition == nothing
}

// oneOf wants one of the values that a part of the filter names, of which there
// are so many with those that cannot be asked for. but are values that an index of
// the column leaves out: that is said where none of them is named.
func (w *where) oneOf(column string, values []string, named int, but ...string) {
	if named == 0 {
		return
	}
	condition, can := oneOf(w.query, column, values)
	if !can {
		w.exact = false
		return
	}
	w.and(condition)
	if slices.ContainsFunc(but, func(b string) bool { return slices.Contains(values, b) }) {
		return
	}
	for _, b := range but {
		w.all = append(w.all, column+" <> '"+b+"'")
	}
}

func (w *where) qualifiers(list []status.Qualifier) {
	if len(list) > 0 {
		w.and(ofQualifiers(list))
	}
}

// ofQualifiers is written with literals, so that an index without the usual ones is
// known to have all.
func ofQualifiers(list []status.Qualifier) string {
	names := make([]string, len(list))
	rare := true
	for i, q := range list {
		names[i] = strconv.Itoa(int(q))
		rare = rare && !slices.Contains(usual[:], q)
	}
	condition := "r.qualifier IN (" + strings.Join(names, ", ") + ")"
	if rare {
		condition += " AND r.qualifier NOT IN " + usualQualifiers
	}
	return condition
}

// leased is the condition that a live lease holds the record.
func (d Dialect) leased() string {
	if d == PostgreSQL {
		return `(EXISTS (SELECT 1 FROM nextcall_lease l WHERE l.campaign = r.campaign AND l.record = r.id)
			OR EXISTS (SELECT 1 FROM nextcall_with l WHERE l.campaign = r.campaign AND l.record = r.id))`
	}
	return `r.lease <> 0`
}

func (w *where) systems(list []campaign.System) {
	if len(list) == 0 {
		return
	}
	var any []string
	var qualifiers []status.Qualifier
	for _, s := range list {
		switch s {
		case campaign.SystemNone:
			any = append(any, `r.status = ''`)
		case campaign.SystemInProgress:
			any = append(any, w.dialect.leased())
		}
		qualifiers = append(qualifiers, s.Qualifiers()...)
	}
	if len(qualifiers) > 0 {
		any = append(any, ofQualifiers(qualifiers))
	}
	w.and("(" + strings.Join(any, " OR ") + ")")
}

// state is the expression of a record's state.
func (q *query) state(f *campaign.Filter, revision int64) string {
	now := q.arg(micros(f.At))
	return fmt.Sprintf(`CASE WHEN %s THEN %d WHEN r.standing = %d THEN %d WHEN r.standing = %d THEN %d
		WHEN r.park_revision = %s AND r.park_until > %s THEN %d WHEN r.due > %s THEN %d ELSE %d END`,
		q.dialect.leased(), campaign.StateLeased, status.StandingClosed, campaign.StateClosed, status.StandingHeld, campaign.StateHeld,
		q.arg(revision), now, campaign.StateParked, now, campaign.StateWaiting, campaign.StateReady)
}

func (w *where) states(f *campaign.Filter, revision int64) {
	if len(f.States) == 0 {
		return
	}
	names := make([]string, len(f.States))
	for i, s := range f.States {
		names[i] = strconv.Itoa(int(s))
	}
	w.and("(" + w.state(f, revision) + ") IN (" + strings.Join(names, ", ") + ")")
}

// someTime is the condition that there is a time at all, as the indexes have it.
func someTime(column string) string { return column + ` > -62135596800000000` }

func (w *where) span(column string, s campaign.Span) {
	if s.Open() {
		return
	}
	w.all = append(w.all, someTime(column))
	if !s.From.IsZero() {
		w.and(column + " >= " + w.arg(upward(s.From)))
	}
	if !s.To.IsZero() {
		w.and(column + " < " + w.arg(upward(s.To)))
	}
}

// upward is the first stored instant that is not before t.
func upward(t time.Time) int64 {
	n := micros(t)
	if t.Nanosecond()%1000 != 0 && n < math.MaxInt64 {
		n++
	}
	return n
}

func (w *where) external(part string) {
	switch {
	case part == "":
	case strings.IndexByte(part, 0) >= 0:
		w.and(nothing)
	case !isText(part):
		// A part of a letter, which only bytes can be compared with.
		w.all, w.exact = append(w.all, `r.external <> ''`), false
	case w.dialect == PostgreSQL:
		w.all = append(w.all, `r.external <> ''`, "r.external LIKE "+w.arg(pattern(part)))
	default:
		w.all = append(w.all, `r.external <> ''`, "instr(r.external, "+w.arg(part)+") > 0")
	}
}

// pattern is what LIKE finds a part of a text by.
func pattern(part string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(part) + "%"
}

// main wants the filter's numbers and terms.
func (w *where) main(f *campaign.Filter) {
	if len(f.Numbers) > 0 {
		if condition, can := w.having(f, numbersIn(f.Numbers)); can {
			w.and(condition)
		} else {
			w.exact = false
		}
	}
	if len(f.Terms) == 0 {
		return
	}
	ids, numbers := termsOf(f)
	byID, can := oneOf(w.query, "r.id", ids)
	byNumber, also := w.having(f, numbers)
	if !can || !also {
		w.exact = false
		return
	}
	w.and("(" + byID + " OR " + byNumber + ")")
}

// having is the condition that a record has one of the numbers where the filter looks.
func (w *where) having(f *campaign.Filter, numbers []int64) (string, bool) {
	if !f.AnyNumber {
		return oneOf(w.query, "r.main", numbers)
	}
	if w.dialect == PostgreSQL {
		return `(r.campaign, r.id) IN (SELECT n.campaign, n.record FROM unnest(` + w.arg(numbers) + `::bigint[]) v(number)
			CROSS JOIN LATERAL (SELECT n.campaign, n.record FROM nextcall_number n WHERE n.number = v.number LIMIT 1000000) n)`, true
	}
	condition, can := oneOf(w.query, "n.number", numbers)
	return "r.rec IN (SELECT n.rec FROM nextcall_number n WHERE " + condition + ")", can
}

// numbersIn are the numbers but for 0, which is none.
func numbersIn(list []blacklist.Number) []int64 {
	all := make([]int64, 0, len(list))
	for _, n := range list {
		if n != 0 {
			all = append(all, int64(n))
		}
	}
	return all
}

// termsOf are the ids and the numbers that the filter's terms may be.
func termsOf(f *campaign.Filter) (ids []string, numbers []int64) {
	for _, t := range f.Terms {
		if isText(string(t.ID)) {
			ids = append(ids, string(t.ID))
		}
		if t.Number != 0 {
			numbers = append(numbers, int64(t.Number))
		}
	}
	return ids, numbers
}
