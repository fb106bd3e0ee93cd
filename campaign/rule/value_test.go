package rule

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// A host's own store may give other Go types than those that a record was saved
// with. What means the same is read, and all else fails.
func TestFieldsOfAnotherGoTypeAreReadOrFailAndAreNeverAbsent(t *testing.T) {
	p := newProbe(t, probeConfig())
	var stored campaign.Fields
	require.NoError(t, json.Unmarshal([]byte(`{"city":"Kraków","age":41,"balance":120,"vip":true,"signed":"2026-01-01T13:00:00+01:00","products":["card","loan"]}`), &stored))
	for _, fields := range []campaign.Fields{
		stored,
		{"city": "Kraków", "age": 41, "balance": 120, "vip": true, "signed": "2026-01-01T12:00:00Z", "products": []any{"card", "loan"}},
		{"city": "Kraków", "age": int32(41), "balance": float32(120), "vip": true, "signed": "2026-01-01T12:00:00Z", "products": []string{"card", "loan"}},
	} {
		p.f.Record.Fields = fields
		p.is(`record.fields.city == "Kraków" && record.fields.age == 41 && record.fields.balance == 120.0 && record.fields.vip`,
			`record.fields.signed == timestamp("2026-01-01T12:00:00Z") && record.fields.products == ["card", "loan"]`,
			`string(record.fields.signed) == "2026-01-01T12:00:00Z"`,
			`has(record.fields.age) && dyn(record.fields).age == 41`, `record.fields.?balance.orValue(0.0) > 1.0`)
	}
	p.f.Record.Fields = campaign.Fields{"city": 1, "age": "41", "balance": "much", "vip": 1, "signed": "yesterday", "products": []any{"card", 2, strings.Repeat("ą", 100)}}
	for text, why := range map[string]string{
		`record.fields.city == ""`:                      "record.fields.city holds 1, of Go type int: want a value of type string",
		`record.fields.age > 40`:                        "record.fields.age holds 41, of Go type string: want a value of type int",
		`record.fields.?age.orValue(0) == 0`:            "record.fields.age holds 41",
		`dyn(record).fields.age == 0`:                   "record.fields.age holds 41",
		`record.fields.balance > 1.0`:                   "want a value of type double",
		`record.fields.vip`:                             "want a value of type bool",
		`!has(record.fields.vip) || record.fields.vip`:  "want a value of type bool",
		`record.fields.signed < now`:                    "want a value of type timestamp",
		`"card" in record.fields.products`:              "want a value of type list of string",
		`size(record.fields.products) == 2`:             "want a value of type list of string",
		`has(record.fields.age) && record.fields.age>0`: "record.fields.age holds 41",
	} {
		p.fails(text, why)
	}
	p.is(`has(record.fields.age)`, `has(dyn(record.fields).age)`, `record.fields.vip || true`)
	p.f.Record.Fields = campaign.Fields{"age": 1.5}
	p.fails(`record.fields.age > 1`, "want a value of type int")
}

func TestFieldsMayHaveAnyName(t *testing.T) {
	cfg := probeConfig()
	cfg.RecordTypes[0].Fields = append(cfg.RecordTypes[0].Fields, campaign.Field{Name: "order-id"}, campaign.Field{Name: "a.b", Type: campaign.Int},
		campaign.Field{Name: "in", Type: campaign.Int}, campaign.Field{Name: "package", Type: campaign.Int}, campaign.Field{Name: "größe", Type: campaign.Int})
	p := newProbe(t, cfg)
	p.f.Record.Fields = campaign.Fields{"order-id": "7", "a.b": int64(1), "in": int64(2), "package": int64(3)}
	p.is("record.fields.`order-id` == \"7\"", "has(record.fields.`a.b`) && record.fields.`a.b` == 1", "record.fields.`in` == 2", "record.fields.`package` == 3")
}

// To read a property allocates nothing where its value is one of a known few, a
// bool or a small number; a text or an instant is one allocation, cel-go's own.
func TestCELGoEvaluatesWithTheScopeWithoutAllocations(t *testing.T) {
	p := newProbe(t, probeConfig())
	p.f, p.call = probeFacts(), probeCall()
	for text, want := range map[string]float64{
		`call.outcome == "drop" && record.attempts >= 3`:                          0,
		`call.outcome in ["drop", "busy"] && attempts.drop > 0 && phone.left > 0`: 0,
		`has(record.fields.balance) && has(contact.country) && !has(agent.team)`:  0,
		`record.qualifier == "redial" && record.status == "later"`:                0,
		`record.fields.vip && call.abandoned && phone.valid`:                      0,
		`campaign.mode == "power" && record.source == "web"`:                      0,
		`time_between("08:00", "17:00") && is_workday() && !is_holiday()`:         3, // lists of arguments
		`record.owner == "bob"`:       1,
		`record.next_call < now`:      2,
		`record.fields.balance > 1.5`: 1,
	} {
		made := p.program(text)
		s := p.set.see(p.f, p.call, p.now)
		got := testing.AllocsPerRun(200, func() {
			if _, err := made.eval(s); err != nil {
				t.Fatal(err)
			}
		})
		p.set.done(s)
		assert.LessOrEqual(t, got, want, text)
	}
}
