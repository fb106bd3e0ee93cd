package campaign_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// quiet is a rules engine whose conditions never hold, and whose expressions are
// worth nothing.
var quiet = campaign.GoRules{
	Holds: func(*campaign.Condition, *campaign.Facts, *campaign.Call, time.Time) (bool, error) { return false, nil },
	Number: func(*campaign.Condition, *campaign.Facts, time.Time) (float64, error) {
		return 0, nil
	},
	Time: func(_ *campaign.Condition, _ *campaign.Facts, _ *campaign.Call, now time.Time) (time.Time, error) {
		return now, nil
	},
}

// sound is a configuration without mistakes or warnings.
func sound(t testing.TB) campaign.Config {
	return campaign.Config{
		ID: "spring", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", CalleeHours: hours(t, "daily 08:00-20:00"),
		Statuses: []status.ID{"call", "do_not_call"}, Limits: campaign.Limits{Attempts: 5},
	}
}

// mistakes are the errors that were joined, each by its path.
func mistakes(t testing.TB, err error) map[string]*campaign.FieldError {
	t.Helper()
	found := map[string]*campaign.FieldError{}
	if err == nil {
		return found
	}
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok, "%v", err)
	for _, e := range joined.Unwrap() {
		var bad *campaign.FieldError
		require.True(t, errors.As(e, &bad), "%v", e)
		assert.NotEmpty(t, bad.Msg)
		found[bad.Path] = bad
	}
	return found
}

func TestASoundConfigurationHasNothingToSay(t *testing.T) {
	c, warnings, err := campaign.Compile(sound(t), status.Default(), nil)
	require.NoError(t, err)
	assert.Empty(t, warnings)
	assert.Equal(t, campaign.ID("spring"), c.ID())
}

// rows: K26, K28, K29
func TestEveryMistakeIsNamedWithItsPath(t *testing.T) {
	long := strings.Repeat("x", 201)
	negative, far := campaign.Delay(-time.Second), campaign.Delay(11*365*24*time.Hour)
	redial := func(id status.ID) status.Status {
		return status.Status{ID: id, Title: string(id), Qualifier: status.Redial}
	}
	for _, tt := range []struct {
		name string
		edit func(*campaign.Config)
		path string
		msg  string
	}{
		{"no id", func(c *campaign.Config) { c.ID = "" }, "id", "every campaign"},
		{"id not UTF-8", func(c *campaign.Config) { c.ID = "\xff" }, "id", "UTF-8"},
		{"id too long", func(c *campaign.Config) { c.ID = campaign.ID(long) }, "id", "at most 200"},
		{"name in two lines", func(c *campaign.Config) { c.Name = "a\nb" }, "name", "one line"},
		{"queue with a space", func(c *campaign.Config) { c.Queue = " q" }, "queue", `"q"`},
		{"revision", func(c *campaign.Config) { c.Revision = -1 }, "revision", "0 or more"},
		{"mode", func(c *campaign.Config) { c.Mode = "predictiv" }, "mode", `did you mean "predictive"?`},
		{"no zone", func(c *campaign.Config) { c.Zone = "" }, "zone", "IANA"},
		{"zone", func(c *campaign.Config) { c.Zone = "Warsaw" }, "zone", "IANA"},
		{"the machine's zone", func(c *campaign.Config) { c.Zone = "Local" }, "zone", "IANA"},
		{"callee zone", func(c *campaign.Config) { c.CalleeZone = "CEST" }, "callee_zone", "IANA"},
		{"30 February", func(c *campaign.Config) { c.Start = "2026-02-30" }, "start", "a date"},
		{"short date", func(c *campaign.Config) { c.Start = "2026-2-3" }, "start", "a date"},
		{"date with time", func(c *campaign.Config) { c.End = "2026-02-03T10:00:00Z" }, "end", "a date"},
		{"year 0", func(c *campaign.Config) { c.End = "0000-02-03" }, "end", "a date"},
		{"end before start", func(c *campaign.Config) { c.Start, c.End = "2026-02-03", "2026-02-02" }, "end", "2026-02-03"},
		{"order", func(c *campaign.Config) { c.Order = -1 }, "order", "0 to"},
		{"parity", func(c *campaign.Config) { c.Parity = -1 }, "parity", "1 to"},
		{"absurd parity", func(c *campaign.Config) { c.Parity = 1e9 }, "parity", "1 to"},
		{"agent twice", func(c *campaign.Config) { c.Agents = []campaign.AgentID{"a", "b", "a"} }, "agents[2]", "twice"},
		{"agent empty", func(c *campaign.Config) { c.Agents = []campaign.AgentID{""} }, "agents[0]", "empty"},
		{"status unknown", func(c *campaign.Config) { c.Statuses = []status.ID{"cal"} }, "statuses[0]", `did you mean "call"?`},
		{"status twice", func(c *campaign.Config) { c.Statuses = []status.ID{"call", "call"} }, "statuses[1]", "twice"},
		{"own of another campaign", func(c *campaign.Config) {
			s := redial("vip")
			s.Campaign = "autumn"
			c.Own = []status.Status{s}
		}, "own[0].campaign", `"spring"`},
		{"own with an id of the dictionary", func(c *campaign.Config) { c.Own = []status.Status{redial("call")} }, "own[0].id", "dictionary"},
		{"own twice", func(c *campaign.Config) { c.Own = []status.Status{redial("vip"), redial("vip")} }, "own[1].id", "another status"},
		{"own without a qualifier", func(c *campaign.Config) { c.Own = []status.Status{{ID: "vip", Title: "VIP"}} }, "own[0].qualifier", "qualifier"},
		{"own with a title of the dictionary", func(c *campaign.Config) {
			c.Own = []status.Status{{ID: "vip", Title: "CALL", Qualifier: status.Redial}}
		}, "own[0].title", "title"},
		{"record type without a name", func(c *campaign.Config) { c.RecordTypes = []campaign.RecordType{{}} }, "record_types[0].name", "name"},
		{"record type twice", func(c *campaign.Config) { c.RecordTypes = []campaign.RecordType{{Name: "a"}, {Name: "a"}} }, "record_types[1].name", "another"},
		{"field twice", func(c *campaign.Config) {
			c.RecordTypes = []campaign.RecordType{{Name: "a", Fields: []campaign.Field{{Name: "f"}, {Name: "f"}}}}
		}, "record_types[0].fields[1].name", "another"},
		{"field type", func(c *campaign.Config) {
			c.RecordTypes = []campaign.RecordType{{Name: "a", Fields: []campaign.Field{{Name: "f", Type: "integer"}}}}
		}, "record_types[0].fields[0].type", `"int"`},
		{"country", func(c *campaign.Config) { c.Holidays = map[string]campaign.Holidays{"": {Country: "XX"}} }, "holidays.country", "PL"},
		{"country in small letters", func(c *campaign.Config) { c.Holidays = map[string]campaign.Holidays{"x": {Country: "pl"}} }, `holidays["x"].country`, `"PL"`},
		{"holiday", func(c *campaign.Config) {
			c.Holidays = map[string]campaign.Holidays{"": {Dates: []string{"2026-12-24", "2026-02-29"}}}
		}, "holidays.dates[1]", "2026-12-24"},
		{"holiday twice", func(c *campaign.Config) {
			c.Holidays = map[string]campaign.Holidays{"": {Dates: []string{"12-24", "12-24"}}}
		}, "holidays.dates[1]", "twice"},
		{"retry delay negative", func(c *campaign.Config) {
			c.Retry.Delays = map[campaign.Outcome]campaign.Delay{campaign.LineBusy: negative}
		}, `retry.delays["busy"]`, "0s to"},
		{"retry delay of ages", func(c *campaign.Config) {
			c.Retry.Delays = map[campaign.Outcome]campaign.Delay{campaign.NoAnswer: far}
		}, `retry.delays["no_answer"]`, "0s to"},
		{"retry delay of no outcome", func(c *campaign.Config) { c.Retry.Delays = map[campaign.Outcome]campaign.Delay{0: 1} }, `retry.delays[""]`, "busy"},
		{"retry delay of an unknown outcome", func(c *campaign.Config) { c.Retry.Delays = map[campaign.Outcome]campaign.Delay{99: 1} }, `retry.delays["outcome(99)"]`, "busy"},
		{"between numbers", func(c *campaign.Config) { c.Retry.BetweenNumbers = &negative }, "retry.between_numbers", "0s to"},
		{"fallback that needs a time", func(c *campaign.Config) {
			c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{campaign.Answered: status.CallbackAt}
		}, `retry.fallback["answered"]`, "nobody gives"},
		{"fallback that needs an agent", func(c *campaign.Config) {
			c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{campaign.Answered: status.OwnCallbackAfter}
		}, `retry.fallback["answered"]`, "nobody gives"},
		{"fallback that needs a delay", func(c *campaign.Config) {
			c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{campaign.Answered: status.CallbackAfter}
		}, `retry.fallback["answered"]`, "delay"},
		{"fallback that needs a template", func(c *campaign.Config) {
			c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{campaign.Answered: status.SendSMS}
		}, `retry.fallback["answered"]`, "template"},
		{"fallback that forgets the attempts", func(c *campaign.Config) {
			c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{campaign.NoAnswer: status.Unused}
		}, `retry.fallback["no_answer"]`, "by hand"},
		{"fallback to nothing known", func(c *campaign.Config) {
			c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{campaign.NoAnswer: 99}
		}, `retry.fallback["no_answer"]`, "no such qualifier"},
		{"fallback of no outcome", func(c *campaign.Config) {
			c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{0: status.Redial}
		}, `retry.fallback[""]`, "busy"},
		{"attempts", func(c *campaign.Config) { c.Limits.Attempts = -1 }, "limits.attempts", "0 to"},
		{"absurd attempts", func(c *campaign.Config) { c.Limits.Attempts = 2_000_000 }, "limits.attempts", "0 to"},
		{"unanswered", func(c *campaign.Config) { c.Limits.Unanswered = -1 }, "limits.unanswered", "0 to"},
		{"number attempts", func(c *campaign.Config) { c.Limits.NumberAttempts = -1 }, "limits.number_attempts", "0 to"},
		{"cap without scope", func(c *campaign.Config) { c.Limits.Caps = []campaign.Cap{{Max: 1}} }, "limits.caps[0].per", `"number"`},
		{"cap with both windows", func(c *campaign.Config) {
			c.Limits.Caps = []campaign.Cap{{Per: campaign.PerNumber, Max: 1, Days: 1, Within: 1}}
		}, "limits.caps[0].within", "not both"},
		{"cap of too many days", func(c *campaign.Config) {
			c.Limits.Caps = []campaign.Cap{{Per: campaign.PerNumber, Max: 1, Days: 3651}}
		}, "limits.caps[0].days", "3650"},
		{"negative cap", func(c *campaign.Config) { c.Limits.Caps = []campaign.Cap{{Per: campaign.PerNumber, Max: -1}} }, "limits.caps[0].max", "0 to"},
		{"negative window", func(c *campaign.Config) {
			c.Limits.Caps = []campaign.Cap{{Per: campaign.PerNumber, Max: 1, Within: negative}}
		}, "limits.caps[0].within", "0s to"},
		{"gap scope", func(c *campaign.Config) { c.Limits.Gaps = []campaign.Gap{{Per: "numbre", Min: 1}} }, "limits.gaps[0].per", `did you mean "number"?`},
		{"negative gap", func(c *campaign.Config) {
			c.Limits.Gaps = []campaign.Gap{{Per: campaign.PerRecord, Min: negative}}
		}, "limits.gaps[0].min", "0s to"},
		{"callback tries", func(c *campaign.Config) { c.Callbacks.Tries = -1 }, "callbacks.tries", "0 to"},
		{"callback release", func(c *campaign.Config) { c.Callbacks.Release = negative }, "callbacks.release", "0s to"},
		{"skip delay", func(c *campaign.Config) { c.Skips.Delay = negative }, "skips.delay", "0s to"},
		{"skips", func(c *campaign.Config) { c.Skips.Max = -1 }, "skips.max", "0 to"},
		{"offer", func(c *campaign.Config) { c.Leases.Offer = negative }, "leases.offer", "more than 0s"},
		{"dial", func(c *campaign.Config) { c.Leases.Dial = far }, "leases.dial", "less than"},
		{"talk", func(c *campaign.Config) { c.Leases.Talk = campaign.Delay(30 * 24 * time.Hour) }, "leases.talk", "less than"},
		{"blacklist", func(c *campaign.Config) { c.Blacklists = []blacklist.List{"a", ""} }, "blacklists[1]", "empty"},
		{"override", func(c *campaign.Config) { c.Overrides = []campaign.Override{"blacklist"} }, "overrides[0]", `"gap"`},
		{"override twice", func(c *campaign.Config) {
			c.Overrides = []campaign.Override{campaign.OverrideGap, campaign.OverrideGap}
		}, "overrides[1]", "twice"},
		{"retry share", func(c *campaign.Config) { c.RetryShare = 101 }, "retry_share", "0 to 100"},
		{"correction window", func(c *campaign.Config) { c.CorrectionWindow = negative }, "correction_window", "0s to"},
		{"condition without rules", func(c *campaign.Config) { c.Condition = "true" }, "condition", "rules engine"},
		{"rule without rules", func(c *campaign.Config) {
			s := redial("vip")
			s.AutoSet = "true"
			c.Own = []status.Status{s}
		}, "own[0].auto_set", "rules engine"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := sound(t)
			tt.edit(&cfg)
			c, _, err := campaign.Compile(cfg, status.Default(), nil)
			assert.Nil(t, c)
			found := mistakes(t, err)
			require.Contains(t, found, tt.path, "%v", err)
			assert.Contains(t, found[tt.path].Msg, tt.msg)
			assert.Len(t, found, 1, "%v", err)
		})
	}
}

func TestAllMistakesAreNamedAtOnce(t *testing.T) {
	_, _, err := campaign.Compile(campaign.Config{
		Zone: "Nowhere", Mode: "x", Start: "soon", Order: -1, RetryShare: 200, Statuses: []status.ID{"x"},
		Own: []status.Status{{}}, Condition: "\xff", CalleeZone: "x", Hours: hours(t, "daily 08:00-20:00"),
	}, nil, nil)
	found := mistakes(t, err)
	for _, path := range []string{"id", "zone", "mode", "start", "order", "retry_share", "statuses[0]", "own[0].id", "own[0].title", "own[0].qualifier", "condition", "callee_zone"} {
		assert.Contains(t, found, path)
	}
}

// A rule gives no time and no agent.
func TestARuleOnAStatusThatNeedsAnInput(t *testing.T) {
	own := func(q status.Qualifier, agent status.AgentID, nextCall bool) campaign.Config {
		cfg := sound(t)
		s := status.Status{ID: "vip", Title: "VIP", Qualifier: q, AutoSet: "true", Agent: agent, NextCall: nextCall}
		if q.Effect().Next == status.NextDelay {
			s.Delay = status.Delay(time.Hour)
		}
		cfg.Own = []status.Status{s}
		cfg.Callbacks.Release = campaign.Delay(time.Hour)
		return cfg
	}
	for _, tt := range []struct {
		name string
		cfg  campaign.Config
		want string
	}{
		{"a time", own(status.CallbackAt, "", false), "time of the next call"},
		{"the flag", own(status.Redial, "", true), "time of the next call"},
		{"an agent", own(status.OwnCallbackAfter, "", false), "needs an agent"},
		{"the responsible agent is one", own(status.OwnCallbackAfter, "eva", false), ""},
		{"a delay is in the status", own(status.CallbackAfter, "", false), ""},
	} {
		_, _, err := campaign.Compile(tt.cfg, status.Default(), quiet)
		if tt.want == "" {
			assert.NoError(t, err, tt.name)
			continue
		}
		found := mistakes(t, err)
		require.Contains(t, found, "own[0].auto_set", tt.name)
		assert.Contains(t, found["own[0].auto_set"].Msg, tt.want, tt.name)
	}
}

// rows: K18, K25
func TestWarnings(t *testing.T) {
	own := func(s status.Status) func(*campaign.Config) {
		s.ID, s.Title = "vip", "VIP"
		return func(c *campaign.Config) { c.Own = []status.Status{s} }
	}
	for _, tt := range []struct {
		name string
		edit func(*campaign.Config)
		path string
		msg  string
	}{
		{"working hours never", func(c *campaign.Config) { c.Hours = hours(t, "never") }, "hours", "never open"},
		{"callee hours never", func(c *campaign.Config) { c.CalleeHours = hours(t, "never") }, "callee_hours", "never open"},
		{"never at the same time", func(c *campaign.Config) { c.Hours = hours(t, "daily 20:00-08:00") }, "callee_hours", "never open in Europe/Warsaw"},
		{"closed between its dates", func(c *campaign.Config) {
			c.Hours, c.Start, c.End = hours(t, "mon-fri 08:00-20:00"), "2026-11-21", "2026-11-22"
		}, "hours", "between the campaign's dates"},
		{"redial without a cap", func(c *campaign.Config) { c.Limits.Attempts = 0 }, "limits", "without end"},
		{"a cap per day is no end", func(c *campaign.Config) {
			c.Limits = campaign.Limits{Caps: []campaign.Cap{{Per: campaign.PerNumber, Max: 3, Days: 1}}}
		}, "limits", "without end"},
		{"progressive in preview", own(status.Status{Qualifier: status.Progressive}), "own[0]", "power and predictive"},
		{"progressive by fallback in preview", func(c *campaign.Config) {
			c.Retry.Fallback = map[campaign.Outcome]status.Qualifier{campaign.Drop: status.Progressive}
		}, `retry.fallback["drop"]`, "power and predictive"},
		{"a blacklist that is not asked", own(status.Status{Qualifier: status.Closed, Blacklist: "refused"}), "own[0]", `"refused"`},
		{"a disabled status", own(status.Status{Qualifier: status.Closed, Disabled: true}), "own[0]", "disabled"},
		{"own callbacks for ever", own(status.Status{Qualifier: status.OwnCallbackAt}), "callbacks.release", "never pass"},
		{"no callee hours", func(c *campaign.Config) { c.CalleeHours = campaign.Hours{} }, "callee_hours", "day and night"},
		{"no callee zone", func(c *campaign.Config) { c.CalleeZone = "" }, "callee_zone", "never called"},
		{"responsible agent elsewhere", func(c *campaign.Config) {
			own(status.Status{Qualifier: status.OwnCallbackAt, Agent: "eva"})(c)
			c.Agents, c.Callbacks.Release = []campaign.AgentID{"jan"}, campaign.Delay(time.Hour)
		}, "own[0]", `"eva"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := sound(t)
			tt.edit(&cfg)
			_, warnings, err := campaign.Compile(cfg, status.Default(), nil)
			require.NoError(t, err)
			require.Len(t, warnings, 1)
			assert.Equal(t, tt.path, warnings[0].Path)
			assert.Contains(t, warnings[0].String(), tt.msg)
		})
	}
	for name, edit := range map[string]func(*campaign.Config){
		"a lifetime cap ends it": func(c *campaign.Config) {
			c.Limits = campaign.Limits{Caps: []campaign.Cap{{Per: campaign.PerNumber, Max: 3}}}
		},
		"so does a limit per number": func(c *campaign.Config) { c.Limits = campaign.Limits{NumberAttempts: 3} },
		"predictive knows progressive": func(c *campaign.Config) {
			own(status.Status{Qualifier: status.Progressive})(c)
			c.Mode = campaign.Predictive
		},
		"the global blacklist is asked":   own(status.Status{Qualifier: status.Closed, Blacklist: blacklist.Global}),
		"explicitly calling at all hours": func(c *campaign.Config) { c.CalleeHours = hours(t, "always") },
		"its own blacklist is one of these": func(c *campaign.Config) {
			own(status.Status{Qualifier: status.Closed, Blacklist: "refused"})(c)
			c.Blacklists = []blacklist.List{"refused"}
		},
	} {
		cfg := sound(t)
		edit(&cfg)
		_, warnings, err := campaign.Compile(cfg, status.Default(), nil)
		require.NoError(t, err, name)
		assert.Empty(t, warnings, name)
	}
}

// A compiled campaign shares nothing with what it was compiled from, or gives out.
func TestACampaignIsImmutable(t *testing.T) {
	between := campaign.Delay(time.Minute)
	cfg := full(t)
	cfg.Retry.BetweenNumbers = &between
	c, _, err := campaign.Compile(cfg, status.Default(), quiet)
	require.NoError(t, err)
	before, err := json.Marshal(c.Config())
	require.NoError(t, err)
	spoil := func(cfg campaign.Config) {
		cfg.Agents[0], cfg.Statuses[0], cfg.Own[0].Title, cfg.Own[0].Relations.Queues[0] = "x", "x", "x", "x"
		cfg.ContactFields[0].Name = "x"
		cfg.RecordTypes[0].Fields[0].Name, cfg.Holidays["PL"].Dates[0] = "x", "x"
		cfg.Holidays["x"] = campaign.Holidays{}
		cfg.Retry.Delays[campaign.LineBusy], cfg.Retry.Fallback[campaign.LineBusy], *cfg.Retry.BetweenNumbers = 1, status.Closed, 1
		cfg.Limits.Caps[0].Max, cfg.Limits.Gaps[0].Min, cfg.Blacklists[0], cfg.Overrides[0] = 1, 1, "x", "x"
	}
	spoil(cfg)
	spoil(c.Config())
	c.Statuses()[0].Title = "x"
	after, err := json.Marshal(c.Config())
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

func TestDefaultsAreFilledIn(t *testing.T) {
	c, _, err := campaign.Compile(campaign.Config{ID: "c", Zone: "UTC", Own: []status.Status{
		{ID: "vip", Title: "VIP", Qualifier: status.Redial},
	}, RecordTypes: []campaign.RecordType{{Name: "a", Fields: []campaign.Field{{Name: "f"}}}}, ContactFields: []campaign.Field{{Name: "f"}}}, nil, nil)
	require.NoError(t, err)
	cfg := c.Config()
	assert.Equal(t, campaign.Preview, cfg.Mode)
	assert.Equal(t, 1, cfg.Parity)
	assert.Equal(t, 3, cfg.Callbacks.Tries)
	assert.Equal(t, campaign.Delay(10*time.Minute), cfg.Skips.Delay)
	assert.Equal(t, campaign.Leases{Offer: campaign.Delay(30 * time.Second), Dial: campaign.Delay(2 * time.Minute), Talk: campaign.Delay(4 * time.Hour)}, cfg.Leases)
	assert.Equal(t, []status.ID{"vip"}, cfg.Statuses)
	assert.Equal(t, "c", cfg.Own[0].Campaign)
	assert.Equal(t, campaign.String, cfg.RecordTypes[0].Fields[0].Type)
	assert.Equal(t, campaign.String, cfg.ContactFields[0].Type)
	assert.Equal(t, campaign.Delay(10*time.Minute), cfg.Retry.Delays[campaign.LineBusy])
	assert.Len(t, cfg.Retry.Delays, campaign.NumOutcomes-1)
	assert.Equal(t, campaign.DefaultFallback(campaign.Preview), cfg.Retry.Fallback)

	again, _, err := campaign.Compile(cfg, nil, nil)
	require.NoError(t, err)
	assert.Equal(t, cfg, again.Config())
}

// Whatever JSON says, compiling it answers, and what compiles keeps its meaning.
func FuzzConfigJSON(f *testing.F) {
	f.Add([]byte(`{"id":"c","zone":"Europe/Warsaw"}`))
	f.Add([]byte(`{"id":"c","zone":"UTC","hours":"mon-fri 08:00-20:00","retry":{"delays":{"busy":"10m"},"fallback":{"busy":"closed"}},"limits":{"caps":[{"per":"number","max":1,"days":7}]}}`))
	f.Add([]byte(`{"id":"c","zone":"UTC","start":"2026-02-28","end":"2026-02-30","own":[{"id":"x","title":"X","qualifier":"redial"}],"holidays":{"":{"country":"PL","dates":["12-24"]}}}`))
	f.Add([]byte(`{"id":"0","zone":"UTC","limits":{"caps":[],"gaps":[]},"retry":{"delays":{},"fallback":{}},"overrides":[]}`))
	f.Add([]byte(`{"id":"","parity":-1,"leases":{"offer":"-1s"},"record_types":[{"name":"a","fields":[{"name":"b","type":"x"}]}]}`))
	f.Add([]byte(`{"id":"c","zone":"UTC","rank":"1","audit":true,"condition":"x","contact_fields":[{"name":"a","type":"int"}],"own":[{"id":"x","title":"X","qualifier":"callback_at","auto_set":"a","auto_stop":true,"next_at":"b"}],"record_types":[{"name":"a","fields":[{"name":"b","required_when":"x","valid_when":"y"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var cfg campaign.Config
		if json.Unmarshal(data, &cfg) != nil {
			return
		}
		c, _, err := campaign.Compile(cfg, status.Default(), quiet)
		if err != nil {
			_ = err.Error()
			return
		}
		text, err := json.Marshal(c.Config())
		if err != nil {
			t.Fatal(err)
		}
		var back campaign.Config
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		again, _, err := campaign.Compile(back, status.Default(), quiet)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		other, err := json.Marshal(again.Config())
		if err != nil || string(other) != string(text) {
			t.Fatalf("%s\n%s\n%v", text, other, err)
		}
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		c.Running(now)
		c.ClassOpen(c.ClassOf(campaign.Phone{}), now)
		c.Need(now)
		c.Settings()
	})
}
