package memstore

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// forged is a stream in the making, with right checksums and totals.
type forged struct {
	t      *testing.T
	pieces []piece
	totals [numParts]uint64
}

// say adds a block of a part with n things.
func (f *forged) say(p part, n int, things func(*coder)) {
	c := new(coder)
	things(c)
	require.NoError(f.t, c.err)
	f.pieces = append(f.pieces, piece{p, c.buf})
	f.totals[p] += uint64(n)
}

func (f *forged) load() (*Store, error) {
	f.say(partEnd, 0, func(c *coder) {
		for _, n := range f.totals {
			c.number(n)
		}
	})
	return Load(background, bytes.NewReader(sealed(f.t, f.pieces...)))
}

func (f *forged) store(token campaign.Token, sequence int64) {
	f.say(partStore, 1, func(c *coder) { num(c, &token); num(c, &sequence) })
}

func (f *forged) line(id campaign.ID, n int) {
	f.say(partLine, 1, func(c *coder) { kept(c, &id); c.number(0); c.number(uint64(n)) })
}

func (f *forged) records(leased bool, records ...campaign.Record) {
	f.say(partRecords, len(records), func(c *coder) {
		for i := range records {
			c.record(&records[i])
			c.mask(false, leased, false, false, false)
		}
	})
}

func (f *forged) calls(calls ...campaign.Call) {
	f.say(partCalls, len(calls), func(c *coder) {
		for i := range calls {
			c.mask(false)
			name(c, &calls[i].Campaign)
			kept(c, &calls[i].Record)
			c.call(&calls[i])
		}
	})
}

// leases are on the records with these slots of the first campaign.
func (f *forged) leases(token campaign.Token, number blacklist.Number, slots ...uint64) {
	f.say(partLeases, len(slots), func(c *coder) {
		for _, s := range slots {
			c.lease(&campaign.Lease{Token: token})
			c.number(1)
			c.number(s)
			c.count(0)
			c.count(1)
			c.number(uint64(number))
			c.count(0)
		}
	})
}

func TestAForgedSnapshotMakesNoBrokenStore(t *testing.T) {
	one, two := campaign.Record{ID: "1"}, campaign.Record{ID: "2"}
	long := strings.Repeat("x", MaxText+1)
	late := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	for what, x := range map[string]struct {
		want  string
		forge func(f *forged)
	}{
		"nothing wrong": {"", func(f *forged) {
			f.line("c", 2)
			f.records(true, one, two)
			f.calls(campaign.Call{Token: 3}, campaign.Call{Token: 4})
			f.leases(5, 48_600_000_001, 1)
			f.leases(5, 48_600_000_002, 0)
		}},
		"a record twice":           {`record "1" of campaign "c" is there twice`, func(f *forged) { f.line("c", 2); f.records(false, one, one) }},
		"a record without an id":   {"an added record has a campaign and an id", func(f *forged) { f.line("c", 1); f.records(false, campaign.Record{}) }},
		"a campaign twice":         {`campaign "c" is there twice`, func(f *forged) { f.line("c", 0); f.line("c", 0) }},
		"fewer records":            {`campaign "c" has 1 records, not 2`, func(f *forged) { f.line("c", 2); f.records(false, one); f.line("d", 0) }},
		"fewer records at the end": {`campaign "c" has 1 records, not 2`, func(f *forged) { f.line("c", 2); f.records(false, one) }},
		"more records than fit":    {"want at most 268435455", func(f *forged) { f.line("c", MaxRecords+1) }},
		"records of no campaign":   {"the records come behind the store's counters", func(f *forged) { f.records(false, one) }},
		"a sequence not given":     {"has the sequence 10, and the last one given is 9", func(f *forged) { f.line("c", 1); f.records(false, campaign.Record{ID: "1", Sequence: 10}) }},
		"an id too long":           {"bytes of a record id: the store keeps at most 4096", func(f *forged) { f.line("c", 1); f.records(false, campaign.Record{ID: campaign.RecordID(long)}) }},
		"a contact's id too long": {"bytes of a contact id: the store keeps at most 4096", func(f *forged) {
			f.line("c", 1)
			f.records(false, campaign.Record{ID: "1", Contact: campaign.ContactID(long)})
		}},
		"a sort too large": {"sort from 0: the store keeps at most 131071", func(f *forged) { f.line("c", 1); f.records(false, campaign.Record{ID: "1", Sort: MaxSort + 1}) }},
		"a due time too late": {"year of due: the store keeps 1 to 9999", func(f *forged) {
			f.line("c", 1)
			f.records(false, campaign.Record{ID: "1", Progress: campaign.Progress{Due: late}})
		}},
		"a leased record, no lease": {errTwoLeases.Error(), func(f *forged) { f.line("c", 1); f.records(true, one) }},
		"a lease, no leased record": {errTwoLeases.Error(), func(f *forged) { f.line("c", 1); f.records(false, one); f.leases(5, 48_600_000_001, 0) }},
		"two leases of a record": {errTwoLeases.Error(), func(f *forged) {
			f.line("c", 1)
			f.records(true, one)
			f.leases(5, 48_600_000_001, 0)
			f.leases(6, 48_600_000_002, 0)
		}},
		"two leases of a number":    {errTwoLeases.Error(), func(f *forged) { f.line("c", 2); f.records(true, one, two); f.leases(5, 48_600_000_001, 0, 1) }},
		"a lease of the future":     {"a lease has the token 10, and the last one given is 9", func(f *forged) { f.line("c", 1); f.records(true, one); f.leases(10, 0, 0) }},
		"a lease on nothing":        {"record 1 of campaign 1 is none of 1", func(f *forged) { f.line("c", 1); f.records(true, one); f.leases(5, 0, 1) }},
		"a call twice":              {"call 3 is there twice", func(f *forged) { f.calls(campaign.Call{Token: 3}, campaign.Call{Token: 3}) }},
		"a call without a token":    {"a call has the token of its lease", func(f *forged) { f.calls(campaign.Call{}) }},
		"a call that ends too late": {"year of ended: the store keeps 1 to 9999", func(f *forged) { f.calls(campaign.Call{Token: 3, Ended: late}) }},
		"a number not to be listed": {"want 7 to 15 digits", func(f *forged) {
			f.say(partLists, 1, func(c *coder) { c.listed(&blacklist.Entry{Number: 1, List: "l"}) })
		}},
		"an action twice": {`action "a" is there twice`, func(f *forged) {
			f.say(partActions, 2, func(c *coder) {
				for range 2 {
					c.mask(false)
					c.action(&campaign.Action{ID: "a"})
				}
			})
		}},
		"a contact twice": {`contact "p" is there twice`, func(f *forged) {
			f.say(partPeople, 2, func(c *coder) {
				for range 2 {
					c.contact(&campaign.Contact{ID: "p"}, new([]string))
				}
			})
		}},
		"an id that became two contacts": {`cannot have become "q"`, func(f *forged) {
			f.say(partPeople, 2, func(c *coder) {
				c.contact(&campaign.Contact{ID: "p"}, &[]string{"x"})
				c.contact(&campaign.Contact{ID: "q"}, &[]string{"x"})
			})
		}},
		"a contact that became another one": {`cannot have become "q"`, func(f *forged) {
			f.say(partPeople, 2, func(c *coder) {
				c.contact(&campaign.Contact{ID: "p"}, new([]string))
				c.contact(&campaign.Contact{ID: "q"}, &[]string{"p"})
			})
		}},
		"a contact that became itself": {`cannot have become "p"`, func(f *forged) {
			f.say(partPeople, 1, func(c *coder) { c.contact(&campaign.Contact{ID: "p"}, &[]string{"p"}) })
		}},
		"a contact before its first version": {"is at version -1: want 1 or more", func(f *forged) {
			f.say(partPeople, 1, func(c *coder) { c.contact(&campaign.Contact{ID: "p", Version: -1}, new([]string)) })
		}},
		"records that a number does not have": {"it orders the records of a number or contact that has others", func(f *forged) {
			f.line("c", 2)
			f.records(false, one, two)
			f.say(partMembers, 1, func(c *coder) {
				c.mask(true)
				number := blacklist.Number(48_600_000_001)
				num(c, &number)
				c.count(2)
				for s := range uint64(2) {
					c.number(1)
					c.number(s)
				}
			})
		}},
	} {
		t.Run(what, func(t *testing.T) {
			f := &forged{t: t}
			f.store(9, 9)
			x.forge(f)
			st, err := f.load()
			if x.want == "" {
				require.NoError(t, err)
				st.audit(t)
				return
			}
			require.ErrorContains(t, err, x.want)
			var wrong *SnapshotError
			require.ErrorAs(t, err, &wrong)
			assert.Greater(t, wrong.Offset, int64(headLength), "the block is named")
			assert.Nil(t, st)
		})
	}
}

// What says how much there is may be wrong: memory is for what really comes.
func TestAForgedLengthTakesNoMemory(t *testing.T) {
	huge := sealed(t)
	huge = append(huge, byte(partStore), 0, 0, 0, 0x40) // a block of a GiB, which ends here
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Load(background, bytes.NewReader(huge))
	runtime.ReadMemStats(&after)
	assert.ErrorContains(t, err, "before the snapshot does")
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
	for name, n := range map[string]uint64{"some": 1 << 20, "many": 1 << 62} {
		c := &coder{}
		c.number(n)
		d := &coder{loads: true, text: string(c.buf)}
		var x []campaign.Phone
		d.phones(&x)
		assert.ErrorContains(t, d.err, "things do not fit into 0 bytes", name)
	}
}
