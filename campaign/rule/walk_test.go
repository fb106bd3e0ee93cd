package rule

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// partly writes conditions whose parts hold, do not hold and fail in all ways.
type partly struct{ *rand.Rand }

func (g partly) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g partly) truth(depth int) string {
	if depth == 0 {
		return g.pick(
			`true`, `record.fields.vip`, `record.attempts > 2`, `has(record.next_call)`, `has(record.fields.city)`,
			`record.next_call > now`, `record.fields.city == "Kraków"`, `"card" in record.fields.products`,
			`dyn(record.attempts) < dyn(record.fields.city)`, `time_between("08:00", "20:00")`,
			`record.fields.?city.orValue("x") == "x"`, `since(record.last_call) > duration("1h")`,
		)
	}
	switch g.IntN(9) {
	case 0, 1:
		return fmt.Sprintf("(%s && %s)", g.truth(depth-1), g.truth(depth-1))
	case 2, 3:
		return fmt.Sprintf("(%s || %s)", g.truth(depth-1), g.truth(depth-1))
	case 4:
		return "!" + g.truth(depth-1)
	case 5:
		return fmt.Sprintf("(%s ? %s : %s)", g.truth(depth-1), g.truth(depth-1), g.truth(depth-1))
	case 6:
		element := g.pick("p", "tz") // one hides a variable
		return fmt.Sprintf(`record.fields.products.%s(%s, %s == "card" && %s)`, g.pick("exists", "all", "exists_one"), element, element, g.truth(depth-1))
	case 7:
		return fmt.Sprintf("%s == %s", g.number(depth-1), g.number(depth-1))
	}
	return fmt.Sprintf("%s %s %s", g.number(depth-1), g.pick("<", ">=", "!="), g.number(depth-1))
}

func (g partly) number(depth int) string {
	if depth == 0 {
		return g.pick("1", "record.attempts", "record.fields.age", "attempts.busy", "size(record.fields.products)", "record.fields.?age.orValue(7)")
	}
	switch g.IntN(4) {
	case 0:
		return fmt.Sprintf("(%s ? %s : %s)", g.truth(depth-1), g.number(depth-1), g.number(depth-1))
	case 1:
		return fmt.Sprintf(`{"a": 1, "b": %s}[record.fields.?city.orValue("a")]`, g.number(depth-1))
	}
	return fmt.Sprintf("(%s %s %s)", g.number(depth-1), g.pick("+", "-", "*", "/", "%"), g.number(depth-1))
}

// What is said of the parts is what cel-go does with them: it comes to the same
// result, and the part that failed is found in the same place whether cel-go has
// named it or it was searched for.
func TestThePartsOfAConditionComeToWhatTheConditionIs(t *testing.T) {
	c, _, err := campaign.Compile(campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", Condition: "true",
		RecordTypes: []campaign.RecordType{{Name: "client", Fields: []campaign.Field{
			{Name: "city"}, {Name: "age", Type: campaign.Int}, {Name: "vip", Type: campaign.Bool}, {Name: "products", Type: campaign.Strings},
		}}},
	}, nil, Engine{})
	require.NoError(t, err)
	set, _ := Of(c)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	all := []campaign.Fields{
		{},
		{"city": "Kraków", "age": int64(0), "vip": true, "products": []string{"card", "loan"}},
		{"city": "b", "age": int64(3), "vip": false, "products": []string{}},
		{"vip": true, "products": []string{"loan", "card", "lease"}},
	}
	const seed = 11
	g := partly{rand.New(rand.NewPCG(seed, 0))}
	failed, placed := 0, 0
	for n := range 600 {
		text := g.truth(1 + n%4)
		checked, issues := set.env.checked(text)
		if issues.Err() != nil {
			continue // a constant part that cannot be
		}
		p, err := set.env.compile(campaign.Condition{Path: "condition", Kind: campaign.DialWhen, Text: text}, checked)
		if err != nil {
			continue
		}
		for i, fields := range all {
			f := &campaign.Facts{Record: campaign.Record{ID: "r1", Campaign: "spring", Type: "client", Fields: fields}}
			f.Record.Attempts.SinceReset = i
			s := set.see(f, nil, now)
			val, err := p.eval(s)
			w := asking{scope: s, left: 100_000}
			x := w.find(p.told.parts(p, set.env).root, s)
			if err == nil {
				if !assert.Equal(t, types.True, val.Equal(x.val), "seed %d: %s: %v is %v, its parts come to %v", seed, text, fields, val, x.val) {
					return
				}
			} else if assert.True(t, x.failed(), "seed %d: %s: %v: %v, its parts come to %v", seed, text, fields, err, x.val) {
				failed++
				found := asking{scope: s, left: 100_000}
				if at, named := found.search(p.told.parts(p, set.env).root, s).spot, err.(*Failure); named.Column > 0 {
					placed++
					assert.Equal(t, deepest(&x).spot, at, "seed %d: %s: %v: %v", seed, text, fields, err)
					if !assert.Equal(t, spot{named.Line, named.Column, named.Expr}, at, "seed %d: %s: %v: %v", seed, text, fields, err) {
						return
					}
				}
			}
			set.done(s)
		}
	}
	assert.Greater(t, failed, 200)
	assert.Greater(t, placed*100, failed*99, "a part is named nearly always")
}

// deepest is the part that failed first, of those inside each other the
// innermost.
func deepest(x *found) *piece {
	for i := range x.parts {
		if x.parts[i].failed() {
			return deepest(&x.parts[i])
		}
	}
	return x.piece
}
