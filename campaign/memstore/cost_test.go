package memstore

import (
	"fmt"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func TestRowsStaySmall(t *testing.T) {
	assert.EqualValues(t, 88, unsafe.Sizeof(row{}))
	assert.LessOrEqual(t, unsafe.Sizeof(past{}), uintptr(176))
	assert.LessOrEqual(t, unsafe.Sizeof(earlier{}), uintptr(160))
	assert.LessOrEqual(t, unsafe.Sizeof(further{}), uintptr(48))
	assert.EqualValues(t, 128, unsafe.Sizeof(callRow{}))
}

// freshRecord is one as an import makes it.
func freshRecord(i int) *campaign.Record {
	now := time.Unix(1.8e9, 0).UTC()
	return &campaign.Record{
		ID: campaign.RecordID(fmt.Sprintf("r%08d", i)), Campaign: "c", List: "may", Sequence: int64(i + 1), Sort: usualSort(0),
		Class: "Europe/Warsaw|PL", Created: now, Updated: now, Author: "import", Changes: 1, Version: 1,
		Phones:   []campaign.Phone{{Number: blacklist.Number(48600000000 + i), Zones: []string{"Europe/Warsaw"}, Region: "PL"}},
		Progress: campaign.Progress{Qualifier: status.Unused, StatusAt: now, Standing: status.StandingQueued, Lane: status.LaneFresh},
	}
}

// calledRecord is the same after a call, with a second phone.
func calledRecord(i int) *campaign.Record {
	r := freshRecord(i)
	r.Phones = append(r.Phones, campaign.Phone{Number: blacklist.Number(48700000000 + i), Zones: []string{"Europe/Warsaw"}})
	at := r.Created.Add(time.Hour)
	r.Status, r.Qualifier, r.Lane, r.StatusAt, r.Due = "later", status.Redial, status.LaneAgain, at, at.Add(time.Hour)
	r.Updated, r.Author, r.Changes, r.Version = at, "jan", 2, 3
	r.Attempts = campaign.Counters{Total: 1, SinceReset: 1, Unanswered: 1, Streak: 1, First: at, Last: at}
	r.Attempts.ByOutcome[campaign.NoAnswer] = 1
	r.LastCall, r.LastOutcome, r.LastAgent, r.LastToken = at, campaign.NoAnswer, "jan", 17
	p := &r.Phones[0]
	p.Attempts, p.LastCall, p.LastOutcome = 1, at, campaign.NoAnswer
	return r
}

// costs are rows with a fresh record and a called one, and a log with a call.
type costs struct {
	*journal
	fresh, called *campaign.Record
	slots         [2]slot
	numbers       [2][]uint32
	before        *campaign.Before
	call          *campaign.Call
	at            home
	h             uint32
	into          campaign.Record
	earlier       campaign.Before
	intoCall      campaign.Call
	arena         []campaign.Phone
}

func newCosts(t require.TestingT) *costs {
	x := &costs{journal: newJournal(), fresh: freshRecord(0), called: calledRecord(1), arena: make([]campaign.Phone, 0, 8)}
	x.slots = [2]slot{x.of.put(t, x.fresh), x.of.put(t, x.called)}
	_, x.numbers[0] = x.of.handles(x.fresh)
	_, x.numbers[1] = x.of.handles(x.called)
	x.before = &campaign.Before{Progress: freshRecord(1).Progress, Phones: calledRecord(1).Phones}
	x.of.keepBefore(x.slots[1], x.before)
	x.call = ordinaryCall(x.called.ID)
	x.at = x.home(x.call)
	h, err := x.add(x.call, x.at)
	require.NoError(t, err)
	x.h = h
	return x
}

// operations are what happens all the time.
func (x *costs) operations() map[string]func() {
	of := x.of.rows
	return map[string]func(){
		"find":         func() { of.find(x.called.ID) },
		"fits":         func() { _ = of.fits(x.called) },
		"read fresh":   func() { x.arena = of.read(x.slots[0], &x.into, x.arena[:0]) },
		"read called":  func() { x.arena = of.read(x.slots[1], &x.into, x.arena[:0]) },
		"write fresh":  func() { of.write(x.slots[0], x.fresh, 0, x.numbers[0]) },
		"write called": func() { of.write(x.slots[1], x.called, 0, x.numbers[1]) },
		"keep before":  func() { of.keepBefore(x.slots[1], x.before) },
		"read before":  func() { x.arena, _ = of.before(x.slots[1], &x.earlier, x.arena[:0]) },
		"read call":    func() { x.read(x.h, &x.intoCall) },
		"write call":   func() { x.replace(x.h, x.call, x.at) },
		"park":         func() { of.setPark(x.slots[1], campaign.Park{Until: x.called.Due, Revision: 1}) },
		"keys":         func() { of.dateKey(x.slots[1]); of.orderKey(x.slots[1]) },
	}
}

func TestWhatHappensAllTheTimeAsksForNoMemory(t *testing.T) {
	x := newCosts(t)
	for name, do := range x.operations() {
		assert.Zero(t, testing.AllocsPerRun(100, do), name)
	}
	assert.Equal(t, keptCall(x.call), x.get(x.h))
	assert.Zero(t, x.of.wides.len())
	assert.Zero(t, x.of.wholes.len())
}

func BenchmarkRows(b *testing.B) {
	x := newCosts(b)
	for _, name := range []string{
		"find", "fits", "read fresh", "read called", "write fresh", "write called", "keep before", "read before", "read call", "write call", "park", "keys",
	} {
		do := x.operations()[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}

// BenchmarkFresh adds fresh records: what one takes of memory, but for its number
// and its contact.
func BenchmarkFresh(b *testing.B) {
	const n = 1 << 18
	var before, after runtime.MemStats
	for b.Loop() {
		p := newPeople()
		number, _ := p.numberFor(48600000000)
		t := newRows("c", p)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range n {
			r := freshRecord(i)
			if _, err := t.add(r, 0, []uint32{number}); err != nil {
				b.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/record")
		runtime.KeepAlive(t)
	}
}
