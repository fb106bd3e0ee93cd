package rule

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// twenty are conditions as campaigns have them.
var twenty = []string{
	`call.outcome == "busy" && record.attempts >= 3`,
	`call.outcome == "voicemail" && local(now).hour >= 17`,
	`call.outcome == "voicemail" && has(record.fields.balance) && record.fields.balance > 1000.0`,
	`call.outcome == "no_answer" && phone.left == 0`,
	`attempts.drop > 0 && call.outcome != "drop"`,
	`call.outcome == "rejected" && count("rejected", duration("720h")) >= 2`,
	`record.attempts >= 10 && attempts.conversations == 0`,
	`call.outcome in ["congestion", "failed"] && streak("congestion") >= 3`,
	`has(record.fields.signed) && now - record.fields.signed > duration("720h")`,
	`has(phone.number) && prefix(phone.number, ["+4822", "+4812"]) && !time_between("09:00", "17:00")`,
	`bucket(record.id, 10) == 0 && attempts.total >= 5`,
	`"vip" in record.tags && attempts.today >= 2`,
	`record.fields.?city.orValue("") == "Kraków" && call.ring > duration("30s")`,
	`call.amd == "machine" && phone.?country.orValue("") == "PL"`,
	`contact.?kind.orValue("person") == "company" && weekday() >= 6`,
	`record.source == "web" && attempts.no_answer >= 4`,
	`call.sip_code == 404 || call.q850 == 1`,
	`has(record.fields.products) && record.fields.products.exists(p, p.startsWith("loan")) && record.attempts > 2`,
	`!has(agent.id) || agent.?team.orValue("") == "north"`,
	`is_holiday() || !is_workday()`,
}

func twentyConditions() []campaign.Condition {
	var all []campaign.Condition
	for _, text := range twenty {
		all = append(all, campaign.Condition{Path: "auto_set", Kind: campaign.AutoSet, Text: text})
	}
	return all
}

// hundredConditions are the twenty five times, each time with another bound.
func hundredConditions() []campaign.Condition {
	var all []campaign.Condition
	for i := range 5 {
		for _, c := range twentyConditions() {
			c.Text = fmt.Sprintf("record.attempts >= %d && (%s)", 5-i, c.Text)
			all = append(all, c)
		}
	}
	return all
}

// The time of all rules of a campaign, and the memory that they hold.
func BenchmarkCompileCampaign(b *testing.B) {
	c, _, err := campaign.Compile(probeConfig(), nil, nil)
	require.NoError(b, err)
	for _, bb := range []struct {
		name       string
		conditions []campaign.Condition
	}{{"20rules", twentyConditions()}, {"100rules", hundredConditions()}, {"none", nil}} {
		b.Run(bb.name, func(b *testing.B) {
			kept := make([]campaign.Rules, 0, b.N)
			before := heapInUse()
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				rules, _, err := Engine{}.Rules(c, bb.conditions)
				if err != nil {
					b.Fatal(err)
				}
				if len(kept) < 100 {
					kept = append(kept, rules)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(heapInUse()-before)/float64(len(kept)), "held-B/campaign")
			if n := len(bb.conditions); n > 0 {
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/rule")
			}
			runtime.KeepAlive(kept)
		})
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What cel-go costs with the scope as its activation.
func BenchmarkEvalByCELGo(b *testing.B) {
	p := newProbe(b, probeConfig())
	p.f, p.call = probeFacts(), probeCall()
	for _, text := range twenty {
		made := p.program(text)
		b.Run(text, func(b *testing.B) {
			s := p.set.see(p.f, p.call, p.now)
			defer p.set.done(s)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := made.eval(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
