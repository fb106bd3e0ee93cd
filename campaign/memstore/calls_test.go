package memstore

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// journal is a log with the handles that a store would keep beside it.
type journal struct {
	calls
	of table
}

func newJournal() *journal {
	x := newTable()
	return &journal{calls: calls{people: x.people}, of: x}
}

func (j *journal) home(c *campaign.Call) home {
	var at home
	if s, found := j.of.find(c.Record); found {
		at.rows, at.slot = j.of.rows, s
	}
	if c.Number != 0 {
		at.number, _ = j.of.people.numberFor(c.Number)
	}
	if c.Contact != "" {
		at.contact, _ = j.of.people.contactFor(c.Contact)
	}
	return at
}

// get reads a call, over one that has something everywhere.
func (j *journal) get(h uint32) campaign.Call {
	now := time.Unix(99, 0)
	c := campaign.Call{
		Token: 9, Campaign: "x", Record: "x", Contact: "x", Number: 9, Agent: "x", Holder: "x", Mode: "x", Lane: 3, Inbound: true,
		Dialed: now, Answered: now, Ended: now, Ring: 9, Talk: 9, Outcome: 9, Rang: true, Counted: true, AMD: "x", HangupBy: "x",
		SIPCode: 9, Q850: 9, Status: "x", Qualifier: 3, Chosen: true, Expired: true, Changes: 9, Before: &campaign.Before{},
		Answer: campaign.Answer{Call: 9, Outcome: 9, Status: "x", Qualifier: 3, Standing: 2, Lane: 3, Due: now, Owner: "x", Attempts: 9,
			Why: allWhys, Listed: make([]blacklist.Entry, 1), Actions: make([]campaign.Action, 1), Also: []status.ID{"x"}, Warnings: []string{"x"}},
	}
	j.read(h, &c)
	return c
}

func TestACallIsReadAsItWasKept(t *testing.T) {
	for _, wild := range []bool{false, true} {
		rapid.Check(t, func(rt *rapid.T) {
			g := gen{rt, wild}
			j := newJournal()
			j.of.put(rt, g.record("a"))
			j.of.put(rt, g.record("b"))
			var want []campaign.Call
			for range 1 + g.below(8) {
				call := g.call(campaign.RecordID(g.of("a", "b")))
				if g.odd() {
					call.Record, call.Campaign = campaign.RecordID(g.of("a", "nobody")), campaign.ID(g.of("c", "elsewhere"))
				}
				require.NoError(rt, j.fits(call))
				kept := keptCall(call)
				if i := g.below(2 * (len(want) + 1)); i < len(want) {
					want[i] = kept
					j.replace(uint32(i+1), call, j.home(call))
				} else {
					h, err := j.add(call, j.home(call))
					require.NoError(rt, err)
					want = append(want, kept)
					require.EqualValues(rt, len(want), h)
				}
				for i := range call.Answer.Why {
					call.Answer.Why[i] = "spoiled"
				}
				clear(call.Answer.Listed)
				clear(call.Answer.Actions)
				clear(call.Answer.Also)
				clear(call.Answer.Warnings)
			}
			for i := range want {
				h := uint32(i + 1)
				require.Equal(rt, want[i], j.get(h))
				require.EqualValues(rt, want[i].Token, j.at(h).token)
				require.Equal(rt, want[i].Ended.UnixMicro(), j.at(h).ended.micros())
				require.Equal(rt, j.home(&want[i]), j.homeOf(h), "whatever campaign it names")
			}
			require.LessOrEqual(rt, len(j.wholes), len(want))
		})
	}
}

func TestAnOrdinaryCallTakesNoMoreThanItsRow(t *testing.T) {
	j := newJournal()
	j.of.put(t, &campaign.Record{ID: "a", Campaign: "c", Sort: usualSort(0)})
	whole := ordinaryCall("a")
	whole.Answer.Warnings = []string{"x"}
	h, err := j.add(whole, j.home(whole))
	require.NoError(t, err)
	assert.Len(t, j.wholes, 1)
	call := ordinaryCall("a")
	j.replace(h, call, j.home(call))
	assert.Empty(t, j.wholes, "what did not fit is forgotten when it is replaced by what does")
	assert.Equal(t, keptCall(call), j.get(h))
}

func TestACallIsOfTheRecordThatItNames(t *testing.T) {
	j := newJournal()
	for _, id := range []campaign.RecordID{"a", "b"} {
		j.of.put(t, &campaign.Record{ID: id, Campaign: "c", Sort: usualSort(0)})
	}
	call := ordinaryCall("a")
	h, err := j.add(call, j.home(ordinaryCall("b")))
	require.NoError(t, err)
	assert.Equal(t, keptCall(call), j.get(h), "wherever it was filed")
}

func ordinaryCall(id campaign.RecordID) *campaign.Call {
	now := time.Unix(1.8e9, 123456000).UTC()
	return &campaign.Call{
		Token: 17, Campaign: "c", Record: id, Contact: "anna", Number: 48600100200, Agent: "jan", Holder: "dialer-1", Mode: campaign.Power,
		Lane: 4, Dialed: now, Answered: now.Add(5 * time.Second), Ended: now.Add(time.Minute), Ring: 5 * time.Second, Talk: 55 * time.Second,
		Outcome: campaign.Answered, Rang: true, Counted: true, AMD: "human", HangupBy: "callee", SIPCode: 200, Q850: 16, Status: "sold",
		Qualifier: 3, Chosen: true, Changes: 4,
		Answer: campaign.Answer{Call: 17, Outcome: campaign.Answered, Status: "sold", Qualifier: 3, Standing: 3, Attempts: 2,
			Why: []campaign.Why{campaign.WhyChosen}},
	}
}

func TestACallAnswersWithTheReasonsOfItsOwn(t *testing.T) {
	// Lists that are alike but for their order, their length or one member.
	lists := [][]campaign.Why{
		{campaign.WhyRule, campaign.WhyChosen}, {campaign.WhyChosen, campaign.WhyRule}, {campaign.WhyRule},
		{campaign.WhyRule, campaign.WhyRule}, {campaign.WhyKept}, nil,
	}
	var r reasons
	ids := make([]uint16, len(lists))
	for range 2 {
		for i, list := range lists {
			id, ok := r.id(list)
			require.True(t, ok)
			ids[i] = id
		}
	}
	for i, list := range lists {
		assert.Equal(t, list, r.of(ids[i]))
	}
	assert.Len(t, r.lists, len(lists), "each is kept once")
	long := slices.Repeat([]campaign.Why{campaign.WhyKept}, mostReasons)
	id, ok := r.id(long)
	assert.True(t, ok)
	assert.Equal(t, long, r.of(id))
	_, ok = r.id(append(long, campaign.WhyKept))
	assert.False(t, ok)
}

func TestEveryReasonHasACode(t *testing.T) {
	for i, w := range whys {
		assert.EqualValues(t, i+1, whyCode(w), "%q comes twice", w)
	}
	assert.Zero(t, whyCode("no reason at all"))
}

func TestChainsHaveTheNewestCallFirst(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := gen{rt, false}
		var c calls
		type in struct {
			ended time.Time
			token int
			h     uint32
		}
		kinds := []chainKind{ofRecord, ofNumber, ofContact}
		heads := [3]uint32{}
		chains := [3][]in{}
		for token := range 12 {
			call := &campaign.Call{Token: campaign.Token(token + 1), Ended: time.Unix(int64(g.below(4)), 0)}
			h, err := c.add(call, home{})
			require.NoError(rt, err)
			for _, k := range kinds {
				if g.bool() {
					c.link(k, &heads[k], h)
					chains[k] = append(chains[k], in{call.Ended, token, h})
				}
			}
			for _, k := range kinds {
				if len(chains[k]) > 0 && g.one(4) {
					i := g.below(len(chains[k]))
					require.True(rt, c.unlink(k, &heads[k], chains[k][i].h))
					require.False(rt, c.unlink(k, &heads[k], chains[k][i].h), "it is out")
					chains[k] = slices.Delete(chains[k], i, i+1)
				}
				slices.SortFunc(chains[k], func(a, b in) int { return cmp.Or(b.ended.Compare(a.ended), cmp.Compare(b.token, a.token)) })
				var want, got []uint32
				for _, x := range chains[k] {
					want = append(want, x.h)
				}
				for h := heads[k]; h != 0; h = c.next(k, h) {
					got = append(got, h)
				}
				require.Equal(rt, want, got)
			}
		}
	})
}
