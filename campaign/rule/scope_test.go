package rule

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

func TestANextCallWithoutACallSeesNoneOfItsProperties(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.f = probeFacts()
	p.is(`!has(call.outcome)`, `call.?outcome.orValue("none") == "none"`, `phone.number == "+48600100202"`, `agent.id == "bob"`, `has(record.fields)`)
	p.fails(`call.outcome == "busy"`, "call.outcome has no value here: ask has(...) first")

	cfg := probeConfig()
	c, _, err := campaign.Compile(cfg, nil, nil)
	require.NoError(t, err)
	set, _, err := Engine{}.Rules(c, []campaign.Condition{
		{Path: "next", Kind: campaign.NextAt, Text: `has(call.outcome) && call.outcome == "busy" ? duration("1h") : duration("2h")`},
		{Path: "bare", Kind: campaign.NextAt, Text: `call.talk`},
	})
	require.NoError(t, err)
	at, err := set.Time(0, p.f, nil, atTen)
	require.NoError(t, err)
	assert.Equal(t, atTen.Add(2*time.Hour), at)
	at, err = set.Time(0, p.f, &campaign.Call{Outcome: campaign.LineBusy}, atTen)
	require.NoError(t, err)
	assert.Equal(t, atTen.Add(time.Hour), at)
	_, err = set.Time(1, p.f, nil, atTen)
	assert.ErrorContains(t, err, "call.talk has no value here")
}

func TestARecordWithoutContactOrPhonesIsNoMistake(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.is(`!has(contact.country) && !has(contact.fields.age) && contact.fields.?age.orValue(3) == 3`, `!has(phone.number) && phone.left == 0`, `tz == "Europe/Warsaw"`, `local(now).hour == 10`, `weekday() == 1`)
	p.f.Record.Next = 5
	p.is(`!has(phone.index) && !has(phone.valid)`)
	p.fails(`phone.attempts > 0`, "phone.attempts has no value here")
	p.f.Record.Fields = campaign.Fields{"city": nil}
	p.is(`!has(record.fields.city)`)
}

func TestAnInboundCallFromANumberThatTheRecordDoesNotHave(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.f = probeFacts()
	p.call = &campaign.Call{Token: 3, Number: 4930123456, Inbound: true, Outcome: campaign.Answered, Dialed: atTen}
	p.is(`phone.number == "+4930123456"`, `!has(phone.index) && !has(phone.attempts) && !has(phone.country)`, `tz == "Europe/Warsaw"`,
		`count("answered", duration("1h")) == 0`, `attempts.today == 0`)
}

// rows: K21
func TestTheCallItselfIsCountedOnceAndOthersAreNot(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.call = probeCall()
	p.call.Outcome = campaign.LineBusy
	other := func(token campaign.Token, change func(*campaign.Call)) *campaign.Call {
		c := probeCall()
		c.Token, c.Outcome = token, campaign.LineBusy
		change(c)
		return c
	}
	inHistory := *p.call
	p.f.History = []*campaign.Call{
		other(1, func(c *campaign.Call) { c.Dialed = atTen.Add(-11 * time.Hour) }), // before midnight in Warsaw
		other(2, func(c *campaign.Call) { c.Dialed = atTen.Add(-10 * time.Hour) }), // at midnight
		other(3, func(c *campaign.Call) { c.Record = "r2" }),
		other(4, func(c *campaign.Call) { c.Campaign = "autumn" }),
		other(5, func(c *campaign.Call) { c.Inbound, c.Counted = true, false }),
		other(6, func(c *campaign.Call) { c.Counted = false }),
		other(7, func(c *campaign.Call) { c.Outcome = campaign.NoAnswer }),
		&inHistory,
	}
	p.is(`attempts.today == 3`, // 2, 7 and the call
		`count("busy", duration("24h")) == 4`, // 1, 2, 6 and the call
		`count("busy", duration("600m")) == 3`, `count("busy", duration("1h")) == 2`, `count("no_answer", duration("1h")) == 1`,
		`count("busy", duration("0s")) == 0`, `count("busy", duration("-1h")) == 0`, `count("fax", duration("1h")) == 0`)
	p.f.History = p.f.History[:7]
	p.is(`attempts.today == 3`, `count("busy", duration("24h")) == 4`)
	p.call = nil
	p.is(`attempts.today == 2`, `count("busy", duration("24h")) == 3`)
}

func TestALateReportCountsACallOnTheDayItWasMade(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.call = probeCall()
	p.now = atTen.Add(24 * time.Hour)
	p.is(`attempts.today == 0`, `count("drop", duration("1h")) == 0`, `count("drop", duration("25h")) == 1`, `call.wrap > duration("24h")`)
	p.now = atTen.Add(-time.Hour) // a clock that is behind that of the switch
	p.is(`call.wrap == duration("0s")`, `attempts.today == 1`)
}

func TestMonotonicClocksAndZonesOfAStoreChangeNothing(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	require.NoError(t, err)
	p := newProbe(t, probeConfig())
	p.now = atTen.In(warsaw)
	p.f.Record.Created = atTen.In(warsaw)
	p.f.Record.Fields = campaign.Fields{"signed": atTen.In(warsaw)}
	p.is(`string(now) == "2026-03-02T09:00:00Z"`, `string(record.created) == "2026-03-02T09:00:00Z"`, `string(record.fields.signed) == "2026-03-02T09:00:00Z"`,
		`record.created.getHours() == 9`, `record.created == now`)
}

func TestInstantsFromYear1ToYear9999(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.f.Record.Created = time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)
	p.f.Record.Due = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	p.f.Record.LastCall = time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)
	p.is(`record.created.getFullYear() == 1`, `record.next_call > now`, `record.last_call < timestamp("1970-01-01T00:00:00Z")`,
		`since(record.last_call) > duration("1h")`, `local(record.last_call).year == 1969`)
	p.fails(`since(record.created) > duration("1h")`, "overflow")
	p.fails(`record.next_call + duration("1h") > now`, "timestamp overflow")
	p.fails(`record.next_call + period("1 day") > now`, "9999")
	p.fails(`now + period("8000 years") > now`, "9999")
	p.f.Record.Fields = campaign.Fields{"signed": time.Time{}}
	p.is(`!has(record.fields.signed)`)
}

func TestAnObjectHandledAsDynIsStillTheObject(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.f, p.call = probeFacts(), probeCall()
	p.is(`dyn(record).fields.age == 41`, `dyn(record).?fields.?age.orValue(0) == 41`, `has(dyn(record).fields)`, `has(record.fields)`,
		`[record].exists(r, r.attempts == 20)`, `(now > timestamp("2026-01-01T00:00:00Z") ? record : record).owner == "bob"`,
		`optional.of(record).owner.value() == "bob"`, `optional.of(record).fields.?age.orValue(0) == 41`, `record.?fields.age.orValue(0) == 41`,
		`{"a": record}.a.owner == "bob"`, `{"a": [call.outcome]} == {"a": ["drop"]}`, `record == record`, `record in [record]`,
		`dyn(record) != dyn(1)`, `dyn(record) != dyn(contact)`, `local(now) == local(now)`, `period("1 week") == period("+1 WEEKS")`, `period("1 week") != period("7 days")`,
		`local(now) != local(record.created)`, `dyn(local(now)).hour == 10`, `dyn(local(now)).date == "2026-03-02"`, `record.?next_call.hasValue()`,
		`type(record) == type(record)`, `dyn(record)["owner"] == "bob"`)
	p.fails(`dyn(record).nonsense == 1`, "record has no property nonsense")
	p.fails(`has(dyn(record).nonsense)`, "record has no property nonsense")
	p.fails(`dyn(record)[1] == 1`, "record has no property 1")
	p.fails(`dyn(local(now)).century == 1`, "a local time has no part century")
	p.fails(`dyn(optional.of(local(now))).hour == 10 || dyn(record).fields.nonsense == 1`, "record.fields has no property nonsense")
	p.fails(`string(dyn(record)) == ""`, "")
	p.fails(`dyn(record) + dyn(record) == dyn(record)`, "")
	p.fails(`weekday(dyn("x")) == 1`, "no such overload")
	p.fails(`count(dyn(1), "busy", duration("1h")) == 1`, "no such overload")
}

func TestANameOfSomethingElseIsNotTakenForAVariable(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.f = probeFacts()
	p.is(`[timestamp("2000-01-01T00:00:00Z")].all(now, since(record.created) > duration("24h"))`,
		`[1, 2].exists(record, record == 2)`, `[1].all(count, count == 1)`, `[{"outcome": "x"}].exists(call, call.outcome == "x")`)
}

func TestConditionsMayBeAskedByManyAtOnce(t *testing.T) {
	p := newProbe(t, probeConfig())
	f, call := probeFacts(), probeCall()
	var programs []*program
	for _, text := range []string{
		`call.outcome == "drop" && count("drop", duration("1h")) == 1`, `local(now).hour == 10`, `now.getHours("Europe/Warsaw") == 10`,
		`time_between("08:00", "17:00") && is_workday()`, `bucket(record.id, 10) < 10`, `now + period("1 week") > now`, `dyn(1) + dyn("a") == dyn(2) || true`,
		`has(record.fields.city) && record.fields.city == "Kraków"`,
	} {
		programs = append(programs, p.program(text))
	}
	failing := p.program(`record.fields.?age.value() + int(record.fields.city) > 0`)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 100 {
				s := p.set.see(f, call, atTen.Add(time.Duration(i)*time.Second))
				for _, x := range programs {
					ok, err := x.holds(s)
					assert.NoError(t, err, x.condition.Text)
					assert.True(t, ok, x.condition.Text)
				}
				_, err := failing.holds(s)
				assert.Error(t, err)
				p.set.done(s)
			}
		})
	}
	wait.Wait()
}

func TestWhatAConditionReadsIsFoundHoweverItIsWritten(t *testing.T) {
	contact, today := campaign.Reads{Contact: true}, campaign.Reads{Today: true}
	for text, want := range map[string]campaign.Reads{
		`contact.country == "PL"`:                          contact,
		`contact.?country.orValue("") == "PL"`:             contact,
		`contact.fields.?age.orValue(0) > 1`:               contact,
		`contact.?fields.?age.orValue(0) > 1`:              contact,
		`has(contact.fields.age)`:                          contact,
		`dyn(contact).country == "PL"`:                     contact,
		`[contact].exists(c, c.country == "PL")`:           contact,
		`contact.id == "c1" && record.owner == ""`:         {},
		`attempts.today > 1`:                               today,
		`attempts.?today.orValue(0) > 1`:                   today,
		`dyn(attempts)["today"] == 1`:                      today,
		`contact.?id.orValue("") == ""`:                    {},
		`attempts.?total.orValue(0) == 0`:                  {},
		`attempts.total > 1`:                               {},
		`count("busy", duration("2h")) > 1`:                {Within: 2 * time.Hour},
		`count("busy", duration(record.owner)) > 1`:        {All: true},
		`[1].exists(x, count("busy", duration("1h")) > x)`: {Within: time.Hour},
		`contact.kind == "person" || attempts.today > 1`:   {Contact: true, Today: true},
		`record.tags.exists(x, x == contact.fields.city)`:  contact,
		`(record.fields.vip ? contact.country : "") == ""`: contact,
		`{"a": contact.country}.a == ""`:                   contact,
	} {
		p := newProbe(t, probeConfig())
		assert.Equal(t, want, p.set.env.readsOf(p.program(text).ast), text)
	}
}
