package rule

import (
	"fmt"
	"testing"

	"github.com/google/cel-go/common/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// propertyCases are all properties: what they are in facts in which all have a
// value, and what where none has; "" is absent there.
var propertyCases = []struct{ path, full, empty string }{
	{"now", `timestamp("2026-03-02T09:00:00Z")`, `timestamp("2026-03-02T09:00:00Z")`},
	{"tz", `"Europe/Warsaw"`, ``},
	{"blacklisted", `true`, `false`},
	{"campaign.id", `"spring"`, `"spring"`},
	{"campaign.mode", `"power"`, `"power"`},
	{"campaign.started", `timestamp("2026-01-31T23:00:00Z")`, ``},
	{"record.id", `"r1"`, `"r1"`},
	{"record.external_id", `"crm-7"`, `""`},
	{"record.status", `"later"`, `""`},
	{"record.qualifier", `"redial"`, `"none"`},
	{"record.owner", `"bob"`, `""`},
	{"record.order", `12`, `0`},
	{"record.attempts", `20`, `0`},
	{"record.created", `timestamp("2026-01-02T12:00:00Z")`, ``},
	{"record.updated", `timestamp("2026-01-03T12:00:00Z")`, ``},
	{"record.status_since", `timestamp("2026-01-04T12:00:00Z")`, ``},
	{"record.next_call", `timestamp("2026-01-05T12:00:00Z")`, ``},
	{"record.last_call", `timestamp("2026-01-06T12:00:00Z")`, ``},
	{"record.tags", `["new"]`, `[]`},
	{"record.source", `"web"`, `""`},
	{"record.fields.city", `"Kraków"`, ``},
	{"record.fields.age", `41`, ``},
	{"record.fields.balance", `120.5`, ``},
	{"record.fields.vip", `true`, ``},
	{"record.fields.signed", `timestamp("2026-01-01T12:00:00Z")`, ``},
	{"record.fields.products", `["card", "loan"]`, ``},
	{"attempts.total", `30`, `0`},
	{"attempts.today", `1`, `0`},
	{"attempts.answered", `1`, `0`},
	{"attempts.no_answer", `2`, `0`},
	{"attempts.busy", `3`, `0`},
	{"attempts.voicemail", `4`, `0`},
	{"attempts.drop", `5`, `0`},
	{"attempts.invalid", `6`, `0`},
	{"attempts.conversations", `3`, `0`},
	{"attempts.since_reset", `20`, `0`},
	{"attempts.streak_no_contact", `10`, `0`},
	{"attempts.first", `timestamp("2026-01-07T12:00:00Z")`, ``},
	{"attempts.last", `timestamp("2026-01-08T12:00:00Z")`, ``},
	{"attempts.last_outcome", `"busy"`, ``},
	{"phone.number", `"+48600100200"`, ``},
	{"phone.country", `"PL"`, ``},
	{"phone.index", `2`, ``},
	{"phone.attempts", `2`, ``},
	{"phone.last_outcome", `"busy"`, ``},
	{"phone.valid", `true`, ``},
	{"phone.left", `2`, `0`},
	{"contact.id", `"c1"`, `""`},
	{"contact.kind", `"company"`, ``},
	{"contact.country", `"PL"`, ``},
	{"contact.fields.city", `"Kraków"`, ``},
	{"contact.fields.age", `41`, ``},
	{"contact.fields.balance", `120.5`, ``},
	{"contact.fields.vip", `true`, ``},
	{"contact.fields.signed", `timestamp("2026-01-01T12:00:00Z")`, ``},
	{"contact.fields.products", `["card", "loan"]`, ``},
	{"agent.id", `"ann"`, ``},
	{"agent.team", `"red"`, ``},
	{"agent.skills", `["loans", "english"]`, `[]`},
	{"call.id", `9`, ``},
	{"call.mode", `"predictive"`, ``},
	{"call.outcome", `"drop"`, ``},
	{"call.amd", `"human"`, ``},
	{"call.hangup_by", `"callee"`, ``},
	{"call.agent", `"ann"`, ``},
	{"call.number", `"+48600100200"`, ``},
	{"call.sip_code", `200`, ``},
	{"call.q850", `16`, ``},
	{"call.ring", `duration("10s")`, ``},
	{"call.talk", `duration("20s")`, ``},
	{"call.wrap", `duration("30s")`, ``},
	{"call.queue", `"north"`, ``},
	{"call.abandoned", `true`, ``},
	{"call.dialed", `timestamp("2026-03-02T08:59:00Z")`, ``},
	{"call.answered", `timestamp("2026-03-02T08:59:10Z")`, ``},
	{"call.ended", `timestamp("2026-03-02T08:59:30Z")`, ``},
}

// rows: K21
func TestEveryPropertyIsReadAndIsAbsentWhereItHasNoValue(t *testing.T) {
	full := newProbe(t, probeConfig())
	full.f, full.call = probeFacts(), probeCall()
	cfg := probeConfig()
	cfg.CalleeZone, cfg.Start = "", ""
	empty := newProbe(t, cfg)
	covered := map[string]bool{}
	for _, tt := range propertyCases {
		covered[tt.path] = true
		p := full.set.env.schema.byPath[tt.path]
		require.NotNil(t, p, tt.path)
		full.is(tt.path+" == "+tt.full, fmt.Sprintf("type(%s) == type(%s)", tt.path, tt.full))
		reads(t, full, tt.path, true)
		parent, name, isField := cutLast(tt.path)
		if isField {
			full.is("has("+tt.path+")", fmt.Sprintf("has(dyn(%s).%s)", parent, name),
				fmt.Sprintf("%s.?%s.value() == %s", parent, name, tt.full), fmt.Sprintf("dyn(%s).%s == %s", parent, name, tt.full))
		}
		if tt.empty != "" {
			reads(t, empty, tt.path, true)
			empty.is(tt.path + " == " + tt.empty)
			if isField {
				empty.is("has("+tt.path+")", fmt.Sprintf("has(dyn(%s).%s)", parent, name))
			}
			assert.False(t, p.mayBeAbsent(campaign.NextAt), "%s is never absent", tt.path)
			continue
		}
		reads(t, empty, tt.path, false)
		assert.True(t, p.mayBeAbsent(campaign.NextAt), "%s may be absent", tt.path)
		empty.fails(tt.path+" == "+tt.full, tt.path+" has no value here")
		if isField {
			empty.isNot("has("+tt.path+")", fmt.Sprintf("has(dyn(%s).%s)", parent, name), fmt.Sprintf("%s.?%s.hasValue()", parent, name))
			empty.is(fmt.Sprintf("%s.?%s.orValue(%s) == %s", parent, name, tt.full, tt.full))
			empty.fails(fmt.Sprintf("dyn(%s).%s == %s", parent, name, tt.full), tt.path+" has no value here")
		}
	}
	for _, p := range full.set.env.schema.properties {
		assert.True(t, covered[p.path], "%s is in no case", p.path)
	}
}

// reads demands that the getter, the question for presence and the value that
// cel-go gets agree.
func reads(t *testing.T, p *probe, path string, present bool) {
	t.Helper()
	of := p.set.env.schema.byPath[path]
	s := p.set.see(p.f, p.call, p.now)
	defer p.set.done(s)
	v, ok := of.value(s)
	assert.Equal(t, present, ok, of.path)
	assert.Equal(t, present, of.has(s), of.path)
	if ok {
		assert.True(t, celTypes[of.kind].IsAssignableRuntimeType(v) || v.Type() == types.ListType, "%s is a %s", of.path, v.Type())
	}
}

func TestACallsPropertiesAreThereInAllKindsButANextCall(t *testing.T) {
	p := newProbe(t, probeConfig())
	outcome := p.set.env.schema.byPath["call.outcome"]
	assert.False(t, outcome.mayBeAbsent(campaign.AutoSet))
	assert.True(t, outcome.mayBeAbsent(campaign.NextAt), "a person sets a status without a call")
	assert.True(t, p.set.env.schema.byPath["call.ended"].mayBeAbsent(campaign.AutoSet))
}
