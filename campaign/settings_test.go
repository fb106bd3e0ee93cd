package campaign_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// full is a configuration that sets every field there is.
func full(t testing.TB) campaign.Config {
	between := campaign.Delay(time.Minute)
	expiry, err := blacklist.ParseExpiry("6 days")
	require.NoError(t, err)
	return campaign.Config{
		ID: "full", Name: "Full", Revision: 3, Mode: campaign.Predictive, Paused: true, Start: "2026-01-01", End: "2026-12-31",
		Zone: "Europe/Warsaw", CalleeZone: "Europe/Prague", Order: 2, Parity: 4, Queue: "sales",
		Agents: []campaign.AgentID{"eva", "jan"}, Statuses: []status.ID{"call", "vip", "sms"},
		Own: []status.Status{
			{
				ID: "vip", Title: "VIP", Description: "d", Color: "#ff8800", Qualifier: status.OwnCallbackAfter,
				Delay: status.Delay(time.Hour), Agent: "eva", Blacklist: "refused", Expiry: expiry, Validate: true, NextCall: true,
				EndsNumber: true, Class: status.ClassPositive, AutoAdd: true, Hidden: true, Disabled: true,
				Relations: status.Relations{Categories: []string{"a"}, Queues: []string{"sales"}, RecordTypes: []string{"b"}},
				Campaign:  "full",
			},
			{ID: "sms", Title: "SMS", Qualifier: status.SendSMS, Template: "hello", AutoSet: "true", AutoStop: true},
			{ID: "soon", Title: "Soon", Qualifier: status.CallbackAt, NextAt: "now"},
		},
		RecordTypes: []campaign.RecordType{{Name: "person", Fields: []campaign.Field{
			{Name: "age", Type: campaign.Int, Required: true, Hidden: true}, {Name: "pet", RequiredWhen: "true", ValidWhen: "true"},
		}}},
		Lists: []campaign.List{{Name: "march", Off: true, Weight: 2, Until: "2026-12-24"}},
		Hours: hours(t, "mon-fri 08:00-20:00"), CalleeHours: hours(t, "daily 09:00-21:00"),
		Holidays: map[string]campaign.Holidays{"PL": {Country: "PL", Dates: []string{"12-24"}}},
		Retry: campaign.Retry{
			Delays: map[campaign.Outcome]campaign.Delay{campaign.LineBusy: 0}, OpenHours: true, IntoHours: true, BetweenNumbers: &between,
			Fallback: map[campaign.Outcome]status.Qualifier{campaign.LineBusy: status.Redial},
		},
		Limits: campaign.Limits{
			Attempts: 5, Unanswered: 4, NumberAttempts: 3,
			Caps: []campaign.Cap{
				{Per: campaign.PerNumber, Max: 3, Days: 7, Talks: true, Law: true},
				{Per: campaign.PerNumber, Max: 3, Within: campaign.Delay(time.Hour)},
			},
			Gaps: []campaign.Gap{{Per: campaign.PerContact, Min: campaign.Delay(time.Hour), Talks: true, Law: true}},
		},
		Callbacks:  campaign.Callbacks{Tries: 2, Release: campaign.Delay(time.Hour)},
		Skips:      campaign.Skips{Delay: campaign.Delay(time.Minute), Max: 3, Disallow: true},
		Leases:     campaign.Leases{Offer: 1e9, Dial: 2e9, Talk: 3e9},
		Blacklists: []blacklist.List{"refused"}, RequireConsent: true, Condition: "true", RetryShare: 20,
		ContactFields: []campaign.Field{{Name: "segment", Type: campaign.Strings, Hidden: true}}, Rank: "1", Audit: true,
		CorrectionWindow: campaign.Delay(time.Hour), Overrides: []campaign.Override{campaign.OverrideGap},
	}
}

// leafPaths lists the JSON paths of all values that a type can hold, with [] for
// any element.
func leafPaths(into map[string]bool, path string, typ reflect.Type) {
	if typ.Implements(reflect.TypeFor[interface{ MarshalText() ([]byte, error) }]()) && typ.Kind() != reflect.Pointer {
		into[path] = true
		return
	}
	switch typ.Kind() {
	case reflect.Struct:
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if path != "" {
				name = path + "." + name
			}
			leafPaths(into, name, typ.Field(i).Type)
		}
	case reflect.Slice, reflect.Map:
		leafPaths(into, path+"[]", typ.Elem())
	case reflect.Pointer:
		leafPaths(into, path, typ.Elem())
	default:
		into[path] = true
	}
}

// refusedThere are values that no configuration can set.
var refusedThere = map[string]bool{
	"contact_fields[].required": true, "contact_fields[].required_when": true, "contact_fields[].valid_when": true,
}

// Invariant 13: no hidden rules. Every value of the configuration is listed.
func TestSettingsListEveryValue(t *testing.T) {
	want := map[string]bool{}
	leafPaths(want, "", reflect.TypeFor[campaign.Config]())
	require.Greater(t, len(want), 60)

	c, _, err := campaign.Compile(full(t), status.Default(), quiet)
	require.NoError(t, err)
	element := regexp.MustCompile(`\[[^\]]*\]`)
	seen, set := map[string]bool{}, map[string]bool{}
	paths := map[string]bool{}
	for _, s := range c.Settings() {
		require.False(t, paths[s.Path], "%s twice", s.Path)
		paths[s.Path] = true
		general := element.ReplaceAllString(s.Path, "[]")
		seen[general] = true
		set[general] = set[general] || s.Origin == campaign.OriginSet
	}
	for path := range want {
		assert.True(t, seen[path], "%s is not listed", path)
		if !refusedThere[path] {
			assert.True(t, set[path], "%s was set", path)
		}
	}
}

func TestSettingsSayWhereAValueComesFrom(t *testing.T) {
	cfg := campaign.Config{
		ID: "c", Zone: "UTC", Hours: hours(t, "mon-fri 08:00-20:00"),
		Retry:  campaign.Retry{Delays: map[campaign.Outcome]campaign.Delay{campaign.Drop: 0, campaign.NoAnswer: campaign.Delay(time.Minute)}},
		Limits: campaign.Limits{Caps: []campaign.Cap{{Per: campaign.PerNumber, Max: 2}}},
	}
	found := map[string]campaign.Setting{}
	for _, s := range compiled(t, cfg).Settings() {
		found[s.Path] = s
	}
	for path, want := range map[string]campaign.Setting{
		"id":                          {Value: "c", Origin: campaign.OriginSet},
		"mode":                        {Value: "preview", Origin: campaign.OriginDefault},
		"parity":                      {Value: "1", Origin: campaign.OriginDefault},
		"hours":                       {Value: "mon-fri 08:00-20:00", Origin: campaign.OriginSet},
		"callee_hours":                {Value: "", Origin: campaign.OriginDefault},
		"skips.delay":                 {Value: "10m0s", Origin: campaign.OriginDefault},
		`retry.delays["no_answer"]`:   {Value: "1m0s", Origin: campaign.OriginSet},
		`retry.delays["busy"]`:        {Value: "10m0s", Origin: campaign.OriginDefault},
		`retry.delays["drop"]`:        {Value: "0s", Origin: campaign.OriginSet},
		`retry.fallback["no_answer"]`: {Value: "redial", Origin: campaign.OriginDefault},
		"retry.between_numbers":       {Value: "", Origin: campaign.OriginDefault},
		"limits.caps[0].max":          {Value: "2", Origin: campaign.OriginSet},
		"limits.caps[0].days":         {Value: "0", Origin: campaign.OriginDefault},
		"agents":                      {Value: "", Origin: campaign.OriginDefault},
	} {
		want.Path = path
		assert.Equal(t, want, found[path])
	}
}

func TestConfigurationTravelsAsJSON(t *testing.T) {
	cfg := full(t)
	text, err := json.Marshal(cfg)
	require.NoError(t, err)
	var back campaign.Config
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, cfg, back)
	require.Error(t, json.Unmarshal([]byte(`{"retry":{"delays":{"engaged":"1m"}}}`), &back))
}
