package rule_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// everyKind is a campaign with conditions of every kind, some of which fail, go
// through lists, load zones or are left to CEL itself.
func everyKind(t testing.TB) *rule.Set {
	t.Helper()
	cfg := config()
	cfg.Condition = `is_workday() && time_between("08:00", "20:00") && now.getHours("America/New_York") < 20`
	cfg.Rank = `has(record.fields.balance) ? record.fields.balance + double(count("busy", duration("24h"))) : 5.0`
	for i := range 12 {
		cfg.Own = append(cfg.Own, auto(status.ID(fmt.Sprint("a", i)), status.Redial,
			fmt.Sprintf(`call.outcome == "busy" && record.attempts == %d || record.fields.age / (record.attempts - %d) == 7`, i, i)))
	}
	cfg.Own = append(cfg.Own,
		status.Status{ID: "half", Title: "half", Qualifier: status.Redial, NextAt: `now + period(record.fields.vip ? "6 months" : "1 week")`},
		status.Status{ID: "soon", Title: "soon", Qualifier: status.Redial, NextAt: `duration(string(record.attempts) + "h")`})
	f := cfg.RecordTypes[0].Fields
	f[0].RequiredWhen, f[0].ValidWhen = `record.tags.exists(x, x == "new")`, `record.fields.city.matches("^[A-ZŁ]") && contact.?country.orValue("") in ["PL", "CZ"]`
	f[1].ValidWhen = `record.fields.age / (record.attempts - 3) > 0`
	c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
	require.NoError(t, err)
	set, ok := rule.Of(c)
	require.True(t, ok)
	return set
}

// decisions are all that a set says of some facts, in words.
func decisions(set *rule.Set, conditions []campaign.Condition, f *campaign.Facts, call *campaign.Call, now time.Time) (lines []string) {
	say := func(x *campaign.Condition, v any, err error) {
		if err != nil {
			v = err
		}
		lines = append(lines, fmt.Sprintf("%s %s: %v", x.Kind, x.Path, v))
	}
	for i := range conditions {
		switch x := &conditions[i]; x.Kind {
		case campaign.Rank:
			v, err := set.Number(i, f, now)
			say(x, v, err)
		case campaign.NextAt:
			v, err := set.Time(i, f, call, now)
			say(x, v, err)
		case campaign.AutoSet:
			v, err := set.First(i, f, call, now)
			say(x, v, err)
			fallthrough
		default:
			given := call
			if x.Kind != campaign.AutoSet {
				given = nil
			}
			v, err := set.Holds(i, f, given, now)
			say(x, v, err)
			lines = append(lines, set.Explain(i, f, given, now).Why)
		}
	}
	return append(lines, set.ExplainCall(f, call, now).String())
}

// Sixteen at once ask for everything, each about facts of their own, and are
// told what one alone is told.
func TestConditionsOfAllKindsMayBeAskedByManyAtOnce(t *testing.T) {
	set := everyKind(t)
	conditions := set.Conditions()
	const many = 16
	type ask struct {
		f    *campaign.Facts
		call *campaign.Call
		now  time.Time
		want []string
	}
	asks := make([]ask, many)
	kinds := map[campaign.Kind]bool{}
	for i := range asks {
		f := facts()
		f.Record.ID = campaign.RecordID(fmt.Sprint("r", i))
		f.Record.Attempts.SinceReset = i
		f.Record.Fields = campaign.Fields{"city": []string{"Łódź", "kraków"}[i%2], "age": int64(7 * i), "vip": i%3 == 0}
		call := busyCall()
		call.Record, call.Outcome = f.Record.ID, []campaign.Outcome{campaign.LineBusy, campaign.NoAnswer}[i/2%2]
		asks[i] = ask{f: f, call: call, now: monday.Add(time.Duration(i) * time.Hour)}
		asks[i].want = decisions(set, conditions, f, call, asks[i].now)
	}
	for _, x := range conditions {
		kinds[x.Kind] = true
	}
	require.Len(t, kinds, 6, "all but filters")
	rounds := 20
	if testing.Short() {
		rounds = 2
	}
	var wait sync.WaitGroup
	for i := range many {
		wait.Go(func() {
			for round := range rounds {
				a := asks[(i+round)%many] // the facts of one record, by many at a time
				if !assert.Equal(t, a.want, decisions(set, conditions, a.f, a.call, a.now)) {
					return
				}
				runtime.Gosched()
			}
		})
	}
	wait.Wait()
}
