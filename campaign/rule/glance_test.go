package rule

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// glances are conditions for each property that a glance reads, and for each way
// in which it compares.
func glances() []string {
	texts := []string{
		`call.outcome == "busy"`, `call.outcome != "busy" && record.attempts > 1`, `call.outcome in ["busy", "drop"]`, `!(call.outcome in ["busy", "drop"]) || attempts.total < 3`,
		`record.qualifier == "redial"`, `!(record.qualifier in ["redial", "busy"])`, `attempts.last_outcome == "busy"`, `phone.last_outcome in ["busy", "no_answer", "drop"]`,
		`has(call.outcome)`, `has(phone.country)`, `has(phone.last_outcome) && has(attempts.last_outcome)`, `has(record.fields.city)`, `has(record.fields.age)`,
		`has(record.fields.vip)`, `has(record.fields.balance)`, `has(record.fields.products)`, `has(record.tags)`, `has(record.last_call)`, `has(phone.index)`, `has(phone.valid)`,
		`record.fields.vip`, `!record.fields.vip`, `phone.valid`, `call.abandoned || !phone.valid`,
		`"new" in record.tags`, `!("a" in record.tags)`, `"" in record.fields.products`, `"card" in record.fields.products`,
		`record.fields.balance != 120.5`, `record.fields.balance > 100`, `3.0 >= record.fields.rate`, `record.fields.rate == 1.5`, `record.fields.?balance.orValue(7.5) < 8.0`,
		`record.fields.?age.orValue(30) <= 2`, `record.fields.?city.orValue("a") == "a"`, `phone.?country.orValue("XX") in ["PL", "XX"]`, `call.?sip_code.orValue(3) > 2`, `call.?amd.orValue("anna").startsWith("an")`,
		`record.fields.age * 2 + attempts.total > 5`, `(attempts.busy + attempts.no_answer) * 2 > attempts.total`, `attempts.total - attempts.busy * 3 - 1 != -attempts.drop + 2`,
		`3 - record.order * -2 >= phone.attempts + 10`, `record.fields.age - record.fields.debt < 40`,
		`record.attempts > 2 ? record.status == "busy" : record.owner == "anna"`, `record.fields.vip ? call.outcome == "busy" : attempts.busy > 1`,
		`streak("busy") > 1`, `streak("no_answer") == 0`, `local(now).hour >= 10`, `local(now).weekday == 1 || local(now).minute > 20`, `weekday() < 5`, `time_between("08:00", "21:00")`, `!time_between("21:00", "11:00")`,
		`record.attempts > 1 && count("busy", duration("24h")) > 0`, `(phone.country == "PL" || is_holiday()) && call.ring > duration("30s")`,
	}
	for path, at := range places {
		switch {
		case at.from.isNumber() && !at.from.isCode():
			if path == "call.ring" || path == "call.talk" {
				texts = append(texts, path+` > duration("30s")`, `duration("1h") != `+path)
				continue
			}
			texts = append(texts, path+" > 2", path+" == 1", "3 >= "+path, path+" != 0", path+" < 7")
		case at.from.isText():
			texts = append(texts, path+` == "anna"`, path+` != "b"`, path+` in ["PL", "", "anna"]`, path+`.startsWith("an")`, path+`.endsWith("na")`, path+`.contains("nn")`)
		case at.from.isInstant():
			texts = append(texts, path+` < now`, `now - duration("66h") <= `+path, path+` != now`, `now - `+path+` > duration("24h")`, `since(`+path+`) <= duration("66h")`, path+` > now + duration("1500ms")`)
		}
	}
	slices.Sort(texts)
	return texts
}

// glanceScenes are ordinary calls with values near those that the conditions name.
func glanceScenes(n int) []scene {
	g := rand.New(rand.NewPCG(9, 9))
	all := ordinary(n)
	text := func() string { return oneOf(g, "anna", "b", "", "PL", "ante", "una", "sunny") }
	for i := range all {
		x := &all[i]
		r, c := &x.facts.Record, x.call
		x.now = x.now.Add(time.Duration(g.Int64N(int64(7 * 24 * time.Hour))))
		if i%4 == 1 {
			x.now = x.now.Truncate(time.Second).Add(500 * time.Millisecond) // with 1500 ms more, a whole second
		}
		near := func() time.Time {
			return x.now.Add(oneOf(g, 0, -24*time.Hour, -24*time.Hour-1, -66*time.Hour, -66*time.Hour-1, 1500*time.Millisecond, 1500*time.Millisecond+1, 2*time.Second))
		}
		r.ID, r.ExternalID, r.Owner, r.Contact = campaign.RecordID(text()), text(), campaign.AgentID(text()), campaign.ContactID(text())
		r.Status, r.Source, r.Order, r.Tags = status.ID(text()), campaign.Channel(text()), uint16(g.IntN(9)), oneOf(g, nil, []string{"new"}, []string{"b", "a"})
		r.Created, r.Updated, r.StatusAt, r.Due, r.LastCall = near(), near(), near(), near(), near()
		r.LastOutcome = oneOf(g, campaign.LineBusy, campaign.NoAnswer)
		r.Attempts = campaign.Counters{Total: g.IntN(9), SinceReset: g.IntN(9), Unanswered: g.IntN(9), Talks: g.IntN(9), Streak: g.IntN(4), First: near(), Last: near()}
		for o := range r.Attempts.ByOutcome {
			r.Attempts.ByOutcome[o] = uint16(g.IntN(9))
		}
		r.Fields = campaign.Fields{
			"city": text(), "age": int64(g.IntN(50)), "debt": int64(g.IntN(50)), "balance": oneOf(g, 120.5, 119.5, 121.5, 7, 100, 100.5, 8, 7.5), "rate": oneOf(g, 0.5, 1.5, 2.5, 3, 4),
			"vip": g.IntN(2) == 0, "products": oneOf(g, []string{"card"}, []string{"", "b"}),
		}
		for range g.IntN(7) {
			r.Phones = append(r.Phones, campaign.Phone{Number: blacklist.Number(len(r.Phones)), Zones: oneOf(g, nil, []string{"Asia/Tokyo", "Europe/Warsaw"})})
		}
		for j := range r.Phones {
			p := &r.Phones[j]
			p.Attempts, p.LastOutcome, p.Region, p.Out = g.IntN(9), oneOf(g, campaign.LineBusy, campaign.Rejected), text(), oneOf(g, "", campaign.OutInvalid)
		}
		c.Number = r.Phones[g.IntN(len(r.Phones))].Number
		c.Token, c.SIPCode, c.Q850 = campaign.Token(g.IntN(9)), g.IntN(9), g.IntN(9)
		c.Ring, c.Talk = oneOf(g, 0, 30*time.Second, 30*time.Second+1, time.Hour, time.Hour+1), oneOf(g, 30*time.Second, 30*time.Second+1, time.Hour, time.Hour+1)
		c.Mode, c.AMD, c.HangupBy, c.Agent = campaign.Mode(text()), text(), text(), campaign.AgentID(text())
		if i%8 == 0 {
			r.Fields, r.Phones = campaign.Fields{}, nil // what is not there, and has another in its place
			x.call = nil
		}
	}
	return all
}

// glanced is what a glance says of a scene, and what cel-go says.
func glanced(set *Set, p *program, x scene) (says, truly answer) {
	s := set.see(x.facts, x.call, x.now)
	defer set.done(s)
	v, _, err := p.slow.Eval(s)
	if err == nil {
		truly = truth(v == types.True)
	}
	if p.fast.ruledOut(s.call) {
		return no, truly
	}
	return p.fast.glance.glance(&s.sight), truly
}

func TestAGlanceSaysWhatCELSaysOrNothing(t *testing.T) {
	set := sceneSet(t)
	ordinary, odd := glanceScenes(200), scenes(21, 60)
	told, silent, both := 0, 0, 0
	for _, text := range glances() {
		p := compiledAlone(t, set, campaign.AutoSet, text)
		require.NotNil(t, p, text)
		require.NotNil(t, p.fast.glance, text)
		held := 0
		for i, x := range slices.Concat(ordinary, odd) {
			says, truly := glanced(set, p, x)
			if says != ask {
				require.Equal(t, truly, says, "%s\n%v", text, x)
			}
			if i >= len(ordinary) || truly == ask {
				continue
			}
			if told++; says == ask {
				silent++
			}
			if truly == yes {
				held++
			}
		}
		if held > 0 && held < len(ordinary) {
			both++
		}
	}
	assert.Greater(t, both*10, len(glances())*9, "too many conditions always hold here, or never")
	t.Logf("%d told, of %d nothing", told, silent)
	assert.Less(t, silent*50, told, "a glance knows too little")
}

// looksOf are all looks of a glance.
func looksOf(t *look, found []*look) []*look {
	if t == nil || t.manner == ended || slices.Contains(found, t) {
		return found
	}
	return looksOf(t.no, looksOf(t.yes, append(found, t)))
}

// A comparison with cases that no defect would fail on proves nothing.
func TestABrokenLookIsFound(t *testing.T) {
	set := sceneSet(t)
	all := slices.Concat(glanceScenes(400), scenes(21, 40))
	breaks := map[string]func(*look) bool{
		"the other way":  func(l *look) bool { l.yes, l.no = l.no, l.yes; return l.manner != unknown },
		"a range moved":  func(l *look) bool { l.low++; return l.manner == inRange },
		"a longer range": func(l *look) bool { l.size++; return l.manner == inRange && l.size > 0 && l.size < 1<<62 },
		"a code more": func(l *look) bool {
			l.low ^= 1 << campaign.NoAnswer
			return l.manner == inSet && l.from == fromLastOutcome
		},
		"a code less":     func(l *look) bool { l.low &= l.low - 1; return l.manner == inSet },
		"less":            func(l *look) bool { l.orders ^= less; return l.manner == inOrder },
		"equal":           func(l *look) bool { l.orders ^= equal; return l.manner == inOrder },
		"more":            func(l *look) bool { l.orders ^= more; return l.manner == inOrder },
		"a second more":   func(l *look) bool { l.sec++; return l.manner == inOrder && l.from.isInstant() },
		"a nanosecond":    func(l *look) bool { l.nano++; return l.manner == inOrder && l.from.isInstant() },
		"a larger double": func(l *look) bool { l.real++; return l.manner == inOrder && l.from == fromRealField },
		"another text": func(l *look) bool {
			l.text += "x"
			return l.manner >= isText && l.manner <= hasElement && l.manner != isAny
		},
		"other texts": func(l *look) bool { l.texts = []string{"?"}; return l.manner == isAny },
		"a factor more": func(l *look) bool {
			l.sum = slices.Clone(l.sum)
			for i := range l.sum {
				l.sum[i].by += int64(1 - min(i, 1))
			}
			return l.from == fromSum
		},
		"no other value": func(l *look) bool { is := l.or != nil; l.or = &other{num: -100, real: 1e9, text: "?"}; return is },
		"another place": func(l *look) bool {
			was := l.from
			l.from++
			l.here = fromNowhere
			return l.manner != isPresent && (was.isNumber() && l.from.isNumber() && was != fromOutcome || was.isText() && l.from.isText())
		},
	}
	for _, text := range glances() {
		p := compiledAlone(t, set, campaign.AutoSet, text)
		if strings.Contains(text, "is_holiday") || strings.Contains(text, "count(") {
			continue // where a glance does not know all, it is not asked either
		}
		p.fast.not = 0
		for _, l := range looksOf(p.fast.glance, nil) {
			for what, change := range breaks {
				whole := *l
				if change(l) {
					assert.True(t, slices.ContainsFunc(all, func(x scene) bool {
						says, truly := glanced(set, p, x)
						return says != truly && (says != ask || truly != ask && l.from != whole.from)
					}), "%s, %s of %+v: nobody notices", text, what, whole)
				}
				*l = whole
			}
		}
	}
}
