package rule

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// agreesEverywhere compares both ways of conditions in scenes.
func agreesEverywhere(t *testing.T, texts []string, all []scene) {
	t.Helper()
	set := sceneSet(t)
	values := 0
	for _, text := range texts {
		p := compiledAlone(t, set, campaign.AutoSet, text)
		require.NotNil(t, p, text)
		require.True(t, p.fast.isSet() && p.fast.islands == 0, text)
		for _, x := range all {
			s := set.see(x.facts, x.call, x.now)
			how, what := judged(p, s)
			set.done(s)
			require.Contains(t, []agreement{agree, handed}, how, "%s: %s\n%v", text, what, x)
			if how == agree {
				values++
			}
		}
	}
	t.Logf("%d conditions, %d values", len(texts), values)
	require.Greater(t, values, len(texts)*len(all)/2)
}

var comparisonSigns = []string{"==", "!=", "<", "<=", ">", ">="}

func TestInstantsComparedInPlaceSayWhatCELSays(t *testing.T) {
	var texts []string
	for _, path := range []string{"record.created", "record.updated", "record.status_since", "record.next_call", "record.last_call", "attempts.first", "attempts.last"} {
		texts = append(texts, "has("+path+")")
		for _, sign := range comparisonSigns {
			for _, other := range []string{"now", `now - duration("24h")`, `now + duration("24h")`, `duration("1us") + now`, `now - duration("-24h")`, `now - duration("24h") - duration("1h")`, `now - duration("1752000h")`} {
				texts = append(texts, path+" "+sign+" "+other, other+" "+sign+" "+path)
			}
			texts = append(texts, "now - "+path+" "+sign+` duration("24h")`, `duration("0s") `+sign+" now - "+path, path+" - now "+sign+` duration("1us")`, "since("+path+") "+sign+` duration("-1us")`)
		}
	}
	g := rand.New(rand.NewPCG(3, 4))
	var all []scene
	for range 60 {
		now := oneOf(g, sceneMonday, sceneMonday, sceneMonday.In(time.FixedZone("", 7200)), time.Now(),
			time.Date(1, 1, 1, 3, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 20, 0, 0, 0, time.UTC))
		near := func() time.Time {
			if g.IntN(8) == 0 {
				return time.Time{}
			}
			at := now.Add(oneOf(g, 0, time.Microsecond, -time.Microsecond, 24*time.Hour, -24*time.Hour, 25*time.Hour, -25*time.Hour, time.Hour, -time.Hour))
			return oneOf(g, at, at.Local(), at.Round(0).UTC())
		}
		r := ordinaryRecord(1)
		r.Created, r.Updated, r.StatusAt, r.Due, r.LastCall, r.Attempts.First, r.Attempts.Last = near(), near(), near(), near(), near(), near(), near()
		all = append(all, scene{&campaign.Facts{Record: r}, ordinary(1)[0].call, now})
	}
	agreesEverywhere(t, texts, all)
}

func TestCountersAskedTogetherSayWhatCELSays(t *testing.T) {
	paths := []string{
		"record.attempts", "attempts.since_reset", "attempts.total", "attempts.streak_no_contact", "attempts.answered", "attempts.no_answer",
		"attempts.busy", "attempts.voicemail", "attempts.drop", "attempts.invalid",
	}
	g := rand.New(rand.NewPCG(5, 6))
	one := func() string {
		n := fmt.Sprint(oneOf(g, 0, 1, 2, 3, 1, 2, -9223372036854775807, 9223372036854775807))
		path, sign := oneOf(g, paths...), oneOf(g, comparisonSigns...)
		if g.IntN(2) == 0 {
			return n + " " + sign + " " + path
		}
		return path + " " + sign + " " + n
	}
	other := []string{`call.outcome == "busy"`, `call.outcome != "busy"`, `"vip" in record.tags`, `!("new" in record.tags)`, `phone.country == "PL"`, `record.fields.age > 30`, `record.fields.signed < now`}
	var texts []string
	for range 400 {
		parts := []string{one(), one()}
		for range g.IntN(3) {
			parts = append(parts, one())
		}
		for range g.IntN(3) {
			parts = append(parts, oneOf(g, other...))
		}
		g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		text := parts[0]
		for _, p := range parts[1:] {
			text = oneOf(g, text+" && "+p, text+" || "+p, "("+text+") && "+p, "!("+text+" || "+p+")")
		}
		texts = append(texts, text)
	}
	var all []scene
	for i, x := range ordinary(40) {
		a := &x.facts.Record.Attempts
		*a = campaign.Counters{Total: g.IntN(4), SinceReset: g.IntN(4), Unanswered: g.IntN(4)}
		for o := range a.ByOutcome {
			a.ByOutcome[o] = uint16(g.IntN(4))
		}
		if i%3 == 0 {
			x.facts.Record.Tags = oneOf(g, nil, []string{"vip"}, []string{"VIP", "vip", "new"})
		}
		all = append(all, x)
	}
	agreesEverywhere(t, texts, all)
}
