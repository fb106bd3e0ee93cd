package rule_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
)

// failing are conditions that fail for the facts of these tests, and where.
var failing = []struct {
	text         string
	line, column int
	expr, reason string
}{
	{`record.next_call > now`, 1, 1, `record.next_call`, "record.next_call has no value here"},
	{`"Łódź" != "" && record.next_call > now`, 1, 17, `record.next_call`, "record.next_call has no value here"},
	{`10 / (record.attempts - 3) > 1`, 1, 1, `10 / (record.attempts - 3)`, "division by zero"},
	{`record.attempts > 1 && 10 % (record.attempts - 3) > 1`, 1, 24, `10 % (record.attempts - 3)`, "division by zero"},
	{`record.attempts * 9223372036854775807 > 0`, 1, 1, `record.attempts * 9223372036854775807`, "integer overflow"},
	{"record.attempts >= 3 &&\n  // comment\n  since(record.next_call) > duration(\"1h\")", 3, 9, `record.next_call`, "record.next_call has no value here"},
	{`record.fields.vip ? record.next_call > now : false`, 1, 21, `record.next_call`, "record.next_call has no value here"},
	{`(record.fields.vip ? record.next_call : now) > now`, 1, 22, `record.next_call`, "record.next_call has no value here"},
	{`(record.fields.vip ? record.next_call : now) > record.next_call`, 1, 22, `record.next_call`, "record.next_call has no value here"},
	{`record.fields.products.exists(p, p == "loan" && record.next_call > now)`, 1, 49, `record.next_call`, "record.next_call has no value here"},
	{`record.fields.products.all(p, 1 / (size(p) - 4) > 5)`, 1, 31, `1 / (size(p) - 4)`, "division by zero"},
	{`record.fields.products[7] == "card"`, 1, 1, `record.fields.products[7]`, "the list has no element 7"},
	{`{"a": 1}[record.fields.city] == 1`, 1, 1, `{"a": 1}[record.fields.city]`, "the map has no key Kraków"},
	{`(record.fields.vip ? {"a": 1}[record.fields.city] : 2) == 1`, 1, 22, `{"a": 1}[record.fields.city]`, "the map has no key Kraków"},
	{`timestamp(9223372036854775807 - record.attempts) > now`, 1, 1, `timestamp(9223372036854775807 - record.attempts)`, "timestamp overflow"},
	{`dyn(record.attempts) + dyn(record.fields.city) == dyn(3)`, 1, 1, `dyn(record.attempts) + dyn(record.fields.city)`, "no such overload, these values do not go together: int + string"},
	{`dyn(record.attempts) && true`, 1, 1, `dyn(record.attempts) && true`, "no such overload: these values do not go together"},
	{`weekday(dyn(record.fields.city)) == 1`, 1, 1, `weekday(dyn(record.fields.city))`, "no such overload, these values do not go together: weekday(string)"},
	{`int(record.fields.city) > 3`, 1, 1, `int(record.fields.city)`, "type conversion error from 'string' to 'int'"},
	{`!(record.next_call > now)`, 1, 3, `record.next_call`, "record.next_call has no value here"},
	{`record.?next_call.orValue(record.created) > now`, 1, 27, `record.created`, "record.created has no value here"},
	{`bucket(record.id, record.attempts - 3) == 0`, 1, 1, `bucket(record.id, record.attempts - 3)`, "bucket: want one bucket or more"},
	{`local(record.next_call).hour > 3`, 1, 7, `record.next_call`, "record.next_call has no value here"},
}

func TestAFailureSaysWhichPartFailedAndWhy(t *testing.T) {
	for _, x := range failing {
		cfg := config()
		cfg.Own = later(x.text)
		c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
		if !assert.NoError(t, err, x.text) {
			continue
		}
		set, _ := rule.Of(c)
		holds, err := set.Holds(0, facts(), busyCall(), monday)
		assert.False(t, holds)
		var f *rule.Failure
		if !assert.True(t, errors.As(err, &f), "%s: %v", x.text, err) {
			continue
		}
		assert.Equal(t, x.expr, f.Expr, x.text)
		assert.Equal(t, x.line, f.Line, x.text)
		assert.Equal(t, x.column, f.Column, x.text)
		assert.Contains(t, f.Reason(), x.reason, x.text)
		assert.Equal(t, []any{"own[0].auto_set", "later", "spring", "r1"}, []any{f.Path, string(f.Status), string(f.Campaign), string(f.Record)})
		assert.NotContains(t, f.Error(), "ERROR:")
	}
}

// Two errors of cel-go are one value in the whole process. Conditions that fail
// with them at the same time must not take each other's place in the text.
func TestFailuresKeepTheirPlacesWhenManyFailAtOnce(t *testing.T) {
	texts := []string{
		`dyn(record.attempts).matches("a")`,
		`record.attempts + 1 + 1 + 1 + 1 > 100 || dyn(record.attempts).matches("a")`,
		`size(size("a") > 1 ? "a" : "b") + size("b") * size("c") + size("d") < 1 || dyn(record.attempts).matches("a")`,
		`dyn(dyn(dyn(dyn(dyn(dyn(2))))))> 100 || dyn(record.attempts).matches("a")`,
		`record.attempts == 3 && dyn(record.fields.city) < dyn(record.attempts)`,
		`record.attempts == 3 && record.fields.vip && timestamp(9223372036854775807 - record.attempts) > now`,
		`timestamp(9223372036854775800 + record.attempts) > now`,
		`record.attempts + 1 + 1 + 1 + 1 + 1 + 1 > 100 || timestamp(9223372036854775800 + record.attempts) > now`,
		`prefix(record.id, []) || now - now - duration("1h") - duration("1h") < now - now && timestamp(9223372036854775800 + record.attempts) > now`,
		`record.fields.vip && record.next_call > now`,
	}
	var sets []*rule.Set
	var want []string
	for _, text := range texts {
		set := autoSet(t, text)
		_, err := set.Holds(0, facts(), busyCall(), monday)
		require.Error(t, err, text)
		sets, want = append(sets, set), append(want, err.Error())
	}
	for i, text := range want {
		assert.Contains(t, text, "at column ")
		for _, part := range []string{"timestamp(", "dyn(record.attempts).matches("} {
			if strings.Contains(texts[i], part) {
				assert.Contains(t, text, ", "+part, "the part that fails is named")
			}
		}
	}
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 200 {
				k := (i + n) % len(sets)
				_, err := sets[k].Holds(0, facts(), busyCall(), monday)
				if err == nil || err.Error() != want[k] {
					t.Errorf("%s: %v", texts[k], err)
					return
				}
			}
		})
	}
	all.Wait()
}

// What a failure costs is bounded: see the figures beside one that holds.
func BenchmarkFailing(b *testing.B) {
	for _, x := range []struct{ name, text string }{
		{"decided", `record.last_call > now`},
		{"absent", `record.next_call > now`},
		{"absent-twice", `record.next_call > now || record.next_call == now`},
		{"choice", `(record.fields.vip ? {"a": 1}[record.fields.city] : 2) == 1`},
		{"division", `10 / (record.attempts - 3) > 1`},
		{"shared", `dyn(record.attempts) + dyn(record.fields.city) == dyn(3)`},
		{"shared-deep", `record.attempts == 3 && record.fields.vip && timestamp(9223372036854775807 - record.attempts) > now`},
		{"loop", `record.fields.products.all(p, record.next_call > now || record.next_call == now)`},
	} {
		b.Run(x.name, func(b *testing.B) {
			set, f, call := autoSet(b, x.text), facts(), busyCall()
			b.ReportAllocs()
			for b.Loop() {
				_, err := set.Holds(0, f, call, monday)
				if (err == nil) != (x.name == "decided") {
					b.Fatal(err)
				}
			}
		})
	}
}

func ExampleFailure() {
	cfg := config()
	cfg.Own = later(`record.attempts > 2 && record.next_call > now`)
	c, _, _ := campaign.Compile(cfg, nil, rule.Engine{})
	set, _ := rule.Of(c)
	_, err := set.Holds(0, facts(), busyCall(), monday)
	var f *rule.Failure
	if errors.As(err, &f) {
		fmt.Println(f.Path, f.Status, f.Record, f.Line, f.Column, f.Expr)
	}
	// Output: own[0].auto_set later r1 1 24 record.next_call
}
