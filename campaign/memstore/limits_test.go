package memstore

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

func TestWhatDoesNotFitIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	long := strings.Repeat("x", MaxText+1)
	for _, c := range []struct {
		what string
		bad  func(*campaign.Record)
		good func(*campaign.Record) // the largest that fits
	}{
		{"bytes of a record id", func(r *campaign.Record) { r.ID = campaign.RecordID(long) }, func(r *campaign.Record) { r.ID = campaign.RecordID(long[1:]) }},
		{"bytes of a status", func(r *campaign.Record) { r.Status = status.ID(long) }, func(r *campaign.Record) { r.Status = status.ID(long[1:]) }},
		{"bytes of a class", func(r *campaign.Record) { r.Class = long }, func(r *campaign.Record) { r.Class = long[1:] }},
		{"bytes of a list", func(r *campaign.Record) { r.List = long }, func(r *campaign.Record) { r.List = long[1:] }},
		{"bytes of an owner", func(r *campaign.Record) { r.Owner = campaign.AgentID(long) }, func(r *campaign.Record) { r.Owner = campaign.AgentID(long[1:]) }},
		{"bytes of a last agent", func(r *campaign.Record) { r.LastAgent = campaign.AgentID(long) }, func(r *campaign.Record) { r.LastAgent = campaign.AgentID(long[1:]) }},
		{"bytes of an operation", func(r *campaign.Record) { r.Operation = long }, func(r *campaign.Record) { r.Operation = long[1:] }},
		{"sort", func(r *campaign.Record) { r.Sort = MaxSort + 1 }, func(r *campaign.Record) { r.Sort = MaxSort }},
		{"sort", func(r *campaign.Record) { r.Sort = -1 }, func(r *campaign.Record) { r.Sort = 0 }},
		{"sequence", func(r *campaign.Record) { r.Sequence = MaxSequence + 1 }, func(r *campaign.Record) { r.Sequence = MaxSequence }},
		{"sequence", func(r *campaign.Record) { r.Sequence = -1 }, func(r *campaign.Record) { r.Sequence = 0 }},
		{"version", func(r *campaign.Record) { r.Version = MaxVersion + 1 }, func(r *campaign.Record) { r.Version = MaxVersion }},
		{"version", func(r *campaign.Record) { r.Version = -1 }, func(r *campaign.Record) { r.Version = 0 }},
		{"year of key", func(r *campaign.Record) { r.Key = dense.MaxTime + 1 }, func(r *campaign.Record) { r.Key = dense.MaxTime }},
		{"year of key", func(r *campaign.Record) { r.Key = dense.MinTime - 1 }, func(r *campaign.Record) { r.Key = dense.MinTime }},
		{"year of due", func(r *campaign.Record) { r.Due = time.UnixMicro(dense.MaxTime + 1) }, func(r *campaign.Record) { r.Due = time.UnixMicro(dense.MaxTime) }},
		{"year of due", func(r *campaign.Record) { r.Due = time.UnixMicro(dense.MinTime - 1) }, func(r *campaign.Record) { r.Due = time.UnixMicro(dense.MinTime) }},
		{"year of park until", func(r *campaign.Record) { r.Park.Until = time.UnixMicro(dense.MaxTime + 1) }, func(r *campaign.Record) { r.Park.Until = time.UnixMicro(dense.MaxTime) }},
	} {
		x := newTable()
		r := &campaign.Record{ID: "a", Campaign: "c", Sort: usualSort(0)}
		c.bad(r)
		var limit *LimitError
		require.ErrorAs(t, x.fits(r), &limit, c.what)
		assert.Contains(t, limit.Error(), c.what)
		assert.Contains(t, limit.Error(), fmt.Sprint(limit.Limit), "it says what would be right")
		assert.Less(t, len(limit.Error()), 200, "and is short, whatever it was given")
		c.good(r)
		s := x.put(t, r)
		assert.Equal(t, keptRecord(r), x.get(s), c.what)
		_, err := dense.DateKey(x.due(s), r.Sort, r.Sequence)
		assert.NoError(t, err, "what fits has a key")
	}
}

func TestAFullTableRefusesWhatIsNewInItAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		what string
		set  func(*maxima)
		name func(r *campaign.Record, s string)
	}{
		{"statuses", func(m *maxima) { m.statuses = 2 }, func(r *campaign.Record, s string) { r.Status = status.ID(s) }},
		{"classes", func(m *maxima) { m.classes = 2 }, func(r *campaign.Record, s string) { r.Class = s }},
		{"lists", func(m *maxima) { m.lists = 2 }, func(r *campaign.Record, s string) { r.List = s }},
		{"operations", func(m *maxima) { m.operations = 2 }, func(r *campaign.Record, s string) { r.Operation = s }},
		{"agents", func(m *maxima) { m.agents = 2 }, func(r *campaign.Record, s string) { r.Owner = campaign.AgentID(s) }},
		{"agents", func(m *maxima) { m.agents = 2 }, func(r *campaign.Record, s string) { r.LastAgent = campaign.AgentID(s) }},
	} {
		x := newTable()
		c.set(&x.max)
		record := func(id, name string) *campaign.Record {
			r := &campaign.Record{ID: campaign.RecordID(id), Campaign: "c", Sort: usualSort(0)}
			c.name(r, name)
			return r
		}
		x.put(t, record("1", "a"))
		x.put(t, record("2", "b"))
		x.put(t, record("3", "b"))
		x.put(t, record("4", ""))
		var limit *LimitError
		require.ErrorAs(t, x.fits(record("5", "c")), &limit, c.what)
		assert.Equal(t, c.what+" of a campaign", limit.What)
		assert.Equal(t, 4, x.len())
		assert.Zero(t, x.wides.used, "all that fitted went into the row")
	}
}

func TestTwoNewAgentsDoNotFitInOnePlace(t *testing.T) {
	x := newTable()
	x.max.agents = 2
	record := func(owner, last campaign.AgentID) *campaign.Record {
		return &campaign.Record{ID: "a", Campaign: "c", Sort: usualSort(0), Progress: campaign.Progress{Owner: owner, LastAgent: last}}
	}
	x.put(t, record("anna", ""))
	var limit *LimitError
	require.ErrorAs(t, x.fits(record("jan", "piotr")), &limit)
	for _, r := range []*campaign.Record{record("jan", "anna"), record("anna", "jan"), record("jan", "jan")} {
		x.put(t, r)
	}
}

func TestAFullCampaignStillTakesWhatItHas(t *testing.T) {
	x := newTable()
	x.max.records = 2
	a := &campaign.Record{ID: "a", Campaign: "c", Sort: usualSort(0)}
	x.put(t, a)
	x.put(t, &campaign.Record{ID: "b", Campaign: "c", Sort: usualSort(0)})
	assert.NoError(t, x.fits(a))
	var limit *LimitError
	require.ErrorAs(t, x.fits(&campaign.Record{ID: "c", Campaign: "c", Sort: usualSort(0)}), &limit)
	assert.Equal(t, `records of a campaign: the store keeps at most 2, not one more, "c"`, limit.Error())
	_, err := x.add(&campaign.Record{ID: "c", Campaign: "c"}, 0, nil)
	require.Error(t, err)
	_, found := x.find("c")
	assert.False(t, found)
	assert.Equal(t, 2, x.len())

	y := newTable()
	y.max.texts = 20
	y.put(t, &campaign.Record{ID: "abcd", ExternalID: "efgh", Campaign: "c", Sort: usualSort(0)})
	require.ErrorAs(t, y.fits(&campaign.Record{ID: "ijklm", Campaign: "c", Sort: usualSort(0)}), &limit)
	y.put(t, &campaign.Record{ID: "ijkl", Campaign: "c", Sort: usualSort(0)})
}

func TestTablesThatNobodyAsksGoOnBesideTheRow(t *testing.T) {
	x := newTable()
	x.max.authors, x.max.types, x.max.zones = 1, 1, 1
	for i := range 4 {
		name := fmt.Sprint(i)
		r := &campaign.Record{
			ID: campaign.RecordID(name), Campaign: "c", Author: name, Type: name, ExternalID: strings.Repeat(name, MaxText*i),
			Sort: usualSort(0), Phones: []campaign.Phone{{Number: 48600100200, Zones: []string{name}}},
		}
		assert.Equal(t, keptRecord(r), x.get(x.put(t, r)))
	}
	assert.Equal(t, 3, x.wides.len())
}

func TestWhereRecordsCameFromIsKeptOnceForAllOfThem(t *testing.T) {
	x := newTable()
	x.max.origins = 2
	put := func(i int, past ...campaign.ID) {
		r := &campaign.Record{ID: campaign.RecordID(fmt.Sprint(i)), Campaign: "c", Past: past, Sort: usualSort(0)}
		assert.Equal(t, keptRecord(r), x.get(x.put(t, r)))
	}
	for i := range 100 {
		put(i)
		put(i, "a")
		put(100+i, "a", "b")
		put(i, "a", "b")
	}
	assert.Len(t, x.origins.lists, 3)
	assert.Zero(t, x.wides.used, "nothing is kept beside the rows")
	put(7, "ab")
	put(8, "b")
	assert.Equal(t, 2, x.wides.len(), "the table is full")
	put(7, "a")
	put(8)
	assert.Zero(t, x.wides.len())
}

func TestTheLogRefusesACallThatEndedOutsideTheYears(t *testing.T) {
	var c calls
	var limit *LimitError
	require.ErrorAs(t, c.fits(&campaign.Call{Ended: time.UnixMicro(dense.MaxTime + 1)}), &limit)
	assert.Equal(t, "year of ended: the store keeps 1 to 9999, not 10000", limit.Error())
	assert.NoError(t, c.fits(&campaign.Call{Ended: time.UnixMicro(dense.MaxTime)}))
	assert.NoError(t, c.fits(&campaign.Call{}))
}
