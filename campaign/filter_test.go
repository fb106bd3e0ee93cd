package campaign_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// rows: Z4
func TestTheSystemStatusesAreTheSixteenOfTheScreens(t *testing.T) {
	assert.Len(t, campaign.Systems(), 16)
	found := make(map[status.Qualifier]campaign.System)
	for _, s := range campaign.Systems() {
		for _, q := range s.Qualifiers() {
			assert.Empty(t, found[q], "%s is found by %q and by %q", q, found[q], s)
			found[q] = s
		}
	}
	assert.Equal(t, campaign.SystemToCall, found[status.Unused])
	assert.Equal(t, campaign.SystemToCall, found[status.Redial])
	assert.Equal(t, campaign.SystemToCall, found[status.EndOfQueue])
	for _, q := range status.Qualifiers() {
		if q.Effect().Standing == status.StandingClosed {
			assert.NotEmpty(t, found[q], "%s is closed: if no other system status finds it, %q does", q, campaign.SystemDoNotCall)
		}
	}
	for _, q := range campaign.SystemDoNotCall.Qualifiers() {
		assert.Equal(t, status.StandingClosed, q.Effect().Standing, q)
	}
	for _, s := range []campaign.System{campaign.SystemNone, campaign.SystemInProgress, "busy ", ""} {
		assert.Empty(t, s.Qualifiers())
	}
}

// rows: Z4, Z15
func TestTheSystemStatusThatIsShownFindsTheRecord(t *testing.T) {
	for _, q := range append(status.Qualifiers(), status.None) {
		for _, st := range []status.ID{"", "s"} {
			for _, leased := range []bool{false, true} {
				r := campaign.Record{Progress: campaign.Progress{Qualifier: q, Status: st}}
				s := r.System(leased)
				switch {
				case s != "":
					f := campaign.Filter{Systems: []campaign.System{s}}
					assert.True(t, f.Match(&r, leased, 0), "%s, status %q, leased %v: %q is shown and does not find it", q, st, leased, s)
				default:
					assert.NotEmpty(t, st, q)
					for _, s := range campaign.Systems() {
						f := campaign.Filter{Systems: []campaign.System{s}}
						assert.False(t, f.Match(&r, leased, 0), "%s, status %q: nothing is shown and %q finds it", q, st, s)
					}
				}
			}
		}
	}
	r := campaign.Record{Progress: campaign.Progress{Qualifier: status.Success, Status: "sold"}}
	assert.Equal(t, campaign.SystemInProgress, r.System(true))
	assert.Empty(t, r.System(false), "a success is a campaign status: no system status is it")
}

// rows: Z5, Z8
func TestASpanHasOpenEndsAndLeavesOutWhatNeverWas(t *testing.T) {
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	before, after := noon.Add(-time.Microsecond), noon.Add(time.Microsecond)
	for name, c := range map[string]struct {
		span campaign.Span
		want []time.Time
	}{
		"no end":                  {campaign.Span{}, []time.Time{{}, before, noon, after}},
		"no end, in another zone": {campaign.Span{From: time.Time{}.In(time.FixedZone("x", 3600))}, []time.Time{{}, before, noon, after}},
		"from":                    {campaign.Span{From: noon}, []time.Time{noon, after}},
		"to":                      {campaign.Span{To: noon}, []time.Time{before}},
		"both":                    {campaign.Span{From: noon, To: after}, []time.Time{noon}},
		"one instant is empty":    {campaign.Span{From: noon, To: noon}, nil},
	} {
		var got []time.Time
		for _, at := range []time.Time{{}, before, noon, after} {
			if c.span.Holds(at) {
				got = append(got, at)
			}
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestAFilterTellsAllThatIsWrongWithIt(t *testing.T) {
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	f := campaign.Filter{
		Systems: []campaign.System{campaign.SystemBusy, "bussy", ""}, States: []campaign.State{campaign.StateLeased, 6},
		Called: campaign.Span{From: noon, To: noon.Add(-time.Second)}, Due: campaign.Span{From: noon.Add(1), To: noon}, Limit: -1,
	}
	_, err := f.Prepare()
	require.Error(t, err)
	assert.Equal(t, err, f.Check())
	var paths []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var wrong *campaign.FieldError
		require.True(t, errors.As(e, &wrong))
		paths = append(paths, wrong.Path)
	}
	assert.Equal(t, []string{"filter.systems[1]", "filter.systems[2]", "filter.states[1]", "filter.called", "filter.due", "filter.limit"}, paths)
	assert.ErrorContains(t, err, `filter.systems[1] "bussy": did you mean "busy"?`)
	assert.ErrorContains(t, err, `it ends before it begins`)
	f = campaign.Filter{Called: campaign.Span{From: noon}, Due: campaign.Span{From: noon, To: noon}}
	assert.NoError(t, f.Check(), "an open end and an empty span are no mistakes")
}

// rows: Z10, Z11, Z13
func TestOneFieldTakesNumbersAndIdsBetweenAnyWhiteSpace(t *testing.T) {
	text := "\ufeff+48600100200\t r-17\r\n\u00a0\u2003abc\u200b+48600100200 \v0048600100200\f\u2028Łódź\u3000r-17\u0085"
	assert.Equal(t, []campaign.Term{
		{ID: "+48600100200", Number: 48600100200}, {ID: "r-17"}, {ID: "abc"}, {ID: "0048600100200", Number: 48600100200}, {ID: "Łódź"},
	}, campaign.Terms(text, blacklist.ParseNumber))
	assert.Equal(t, []campaign.Term{{ID: "+48600100200"}}, campaign.Terms("+48600100200", nil))
	assert.Empty(t, campaign.Terms(" \t\n", blacklist.ParseNumber))
	assert.Empty(t, campaign.Terms("", nil))
	broken := func(string) (blacklist.Number, error) { return 5, errors.New("no") }
	assert.Equal(t, []campaign.Term{{ID: "1"}}, campaign.Terms("1", broken), "what is refused is no number")
}

// rows: Z10, Z11
func TestTenThousandPastedNumbersAreQuick(t *testing.T) {
	var text strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&text, "+4860%07d\tid%d\n", i, i)
	}
	f := campaign.Filter{Terms: campaign.Terms(text.String(), blacklist.ParseNumber)}
	require.Len(t, f.Terms, 20_000)
	start := time.Now()
	m, err := f.Prepare()
	require.NoError(t, err)
	found := 0
	for i := range 100_000 {
		r := campaign.Record{ID: campaign.RecordID(fmt.Sprint("id", i)), Phones: []campaign.Phone{{Number: 1}}}
		if m.Match(&r, false, 0) {
			found++
		}
	}
	assert.Equal(t, 10_000, found)
	assert.Less(t, time.Since(start), 5*time.Second, "looked through one by one it is minutes")
}

// anyFilter draws a filter about few values, so that it finds something.
func anyFilter(t *rapid.T) campaign.Filter {
	var f campaign.Filter
	texts := func(name string) []string {
		return rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "ab", "c"}), 0, 12).Draw(t, name)
	}
	span := func(name string) campaign.Span {
		from, to := rapid.IntRange(-1, 4).Draw(t, name), rapid.IntRange(-1, 4).Draw(t, name)
		if from >= 0 && to >= 0 {
			from, to = min(from, to), max(from, to)
		}
		return campaign.Span{From: instant(from), To: instant(to)}
	}
	part := map[string]func(){
		"campaigns": func() { f.Campaigns = as[campaign.ID](texts("campaigns")) },
		"records":   func() { f.Records = as[campaign.RecordID](texts("records")) },
		"contacts":  func() { f.Contacts = as[campaign.ContactID](texts("contacts")) },
		"numbers": func() {
			f.Numbers = numbersOf(rapid.SliceOfN(rapid.Uint64Range(0, 20), 0, 12).Draw(t, "numbers"))
			f.AnyNumber = rapid.Bool().Draw(t, "any")
		},
		"terms": func() {
			for i, s := range texts("terms") {
				f.Terms = append(f.Terms, campaign.Term{ID: campaign.RecordID(s), Number: blacklist.Number(i % 4)})
			}
		},
		"external": func() { f.ExternalID = rapid.SampledFrom([]string{"a", "b", "ab"}).Draw(t, "external") },
		"lists":    func() { f.Lists = texts("lists") },
		"statuses": func() { f.Statuses = as[status.ID](texts("statuses")) },
		"qualifiers": func() {
			f.Qualifiers = rapid.SliceOfN(rapid.Map(rapid.Uint8Range(0, 26), func(n uint8) status.Qualifier { return status.Qualifier(n) }), 0, 5).Draw(t, "qualifiers")
		},
		"systems":   func() { f.Systems = rapid.SliceOfN(rapid.SampledFrom(campaign.Systems()), 0, 12).Draw(t, "systems") },
		"states":    func() { f.States = []campaign.State{campaign.State(rapid.IntRange(0, 5).Draw(t, "state")), 2} },
		"owners":    func() { f.Owners = as[campaign.AgentID](texts("owners")) },
		"agents":    func() { f.Agents = as[campaign.AgentID](texts("agents")) },
		"authors":   func() { f.Authors = texts("authors") },
		"called":    func() { f.Called = span("called") },
		"due":       func() { f.Due = span("due") },
		"operation": func() { f.Operation = rapid.SampledFrom([]string{"", "a"}).Draw(t, "operation") },
	}
	names := make([]string, 0, len(part))
	for name := range part {
		names = append(names, name)
	}
	slices.Sort(names)
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		part[rapid.SampledFrom(names).Draw(t, "part")]()
	}
	f.At = instant(rapid.IntRange(0, 4).Draw(t, "at"))
	return f
}

func instant(n int) time.Time {
	if n < 0 {
		return time.Time{}
	}
	return time.Date(2026, 6, 1, 12, n, 0, 0, time.UTC)
}

func as[T, S ~string](list []S) []T {
	var all []T
	for _, s := range list {
		all = append(all, T(s))
	}
	return all
}

func numbersOf(list []uint64) []blacklist.Number {
	var all []blacklist.Number
	for _, n := range list {
		all = append(all, blacklist.Number(n))
	}
	return all
}

// rows: Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z13, Z14
func TestAPreparedFilterFindsWhatThePlainOneDoes(t *testing.T) {
	found, asked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f := anyFilter(t)
		m, err := f.Prepare()
		require.NoError(t, err)
		text := rapid.SampledFrom([]string{"", "a", "b", "ab", "c"})
		for range 20 {
			r := campaign.Record{
				ID: campaign.RecordID(text.Draw(t, "id")), Campaign: campaign.ID(text.Draw(t, "campaign")), Contact: campaign.ContactID(text.Draw(t, "contact")),
				List: text.Draw(t, "list"), ExternalID: text.Draw(t, "external"), Author: text.Draw(t, "author"), Operation: text.Draw(t, "operation"),
				Phones: rapid.SliceOfN(rapid.Map(rapid.Uint64Range(0, 5), func(n uint64) campaign.Phone { return campaign.Phone{Number: blacklist.Number(n)} }), 0, 3).Draw(t, "phones"),
				Park:   campaign.Park{Until: instant(rapid.IntRange(-1, 4).Draw(t, "park"))},
				Progress: campaign.Progress{
					Status: status.ID(text.Draw(t, "status")), Qualifier: status.Qualifier(rapid.IntRange(0, 26).Draw(t, "qualifier")),
					Standing: status.Standing(rapid.IntRange(0, 3).Draw(t, "standing")), Owner: campaign.AgentID(text.Draw(t, "owner")),
					Due: instant(rapid.IntRange(-1, 4).Draw(t, "due")), LastCall: instant(rapid.IntRange(-1, 4).Draw(t, "call")), LastAgent: campaign.AgentID(text.Draw(t, "agent")),
				},
			}
			leased, revision := rapid.Bool().Draw(t, "leased"), int64(rapid.IntRange(0, 1).Draw(t, "revision"))
			want := f.Match(&r, leased, revision)
			assert.Equal(t, want, m.Match(&r, leased, revision), "%+v finds %+v", f, r)
			asked++
			if want {
				found++
			}
		}
	})
	assert.Greater(t, found, asked/50, "the filters find too little to tell anything")
}

func TestTheNumberZeroIsNoneAndFindsNothing(t *testing.T) {
	r := campaign.Record{Phones: []campaign.Phone{{Number: 0}}}
	for _, f := range []campaign.Filter{{Numbers: []blacklist.Number{0}}, {Numbers: []blacklist.Number{0}, AnyNumber: true}, {Terms: []campaign.Term{{ID: "x"}}}} {
		m, err := f.Prepare()
		require.NoError(t, err)
		assert.False(t, f.Match(&r, false, 0))
		assert.False(t, m.Match(&r, false, 0))
	}
}
