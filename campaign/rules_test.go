package campaign_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

var errCondition = errors.New("line 1: no such key")

// book is an engine whose conditions are known by their text. "yes", "no" and
// "fail" need no entry.
type book struct {
	holds  map[string]func(f *campaign.Facts, call *campaign.Call) bool
	number map[string]func(f *campaign.Facts) float64
	time   map[string]func(f *campaign.Facts, call *campaign.Call, now time.Time) time.Time
	reads  campaign.Reads
	asked  map[string]int // how often each text was asked
}

func (b *book) engine() campaign.RuleEngine {
	b.asked = map[string]int{}
	return campaign.GoRules{
		Reads: b.reads,
		Holds: func(c *campaign.Condition, f *campaign.Facts, call *campaign.Call, _ time.Time) (bool, error) {
			b.asked[c.Text]++
			if (call == nil) != (c.Kind != campaign.AutoSet) {
				panic("only auto-set conditions have a call: " + c.Path)
			}
			switch c.Text {
			case "yes", "no":
				return c.Text == "yes", nil
			case "fail":
				return false, errCondition
			}
			return b.holds[c.Text](f, call), nil
		},
		Number: func(c *campaign.Condition, f *campaign.Facts, _ time.Time) (float64, error) {
			b.asked[c.Text]++
			if c.Text == "fail" {
				return 0, errCondition
			}
			return b.number[c.Text](f), nil
		},
		Time: func(c *campaign.Condition, f *campaign.Facts, call *campaign.Call, now time.Time) (time.Time, error) {
			b.asked[c.Text]++
			if c.Text == "fail" {
				return time.Time{}, errCondition
			}
			return b.time[c.Text](f, call, now), nil
		},
	}
}

// with compiles the fixture's campaign anew, with the book's conditions.
func (x *fixture) with(b *book, change ...func(*campaign.Config)) *fixture {
	x.t.Helper()
	cfg := x.c.Config()
	for i := range cfg.Own {
		cfg.Own[i].AutoSet = "" // those of the house are another engine's
	}
	for _, f := range change {
		f(&cfg)
	}
	c, _, err := campaign.Compile(cfg, nil, b.engine())
	require.NoError(x.t, err)
	x.c = c
	return x
}

// own changes a status of the house.
func own(id status.ID, change func(*status.Status)) func(*campaign.Config) {
	return func(c *campaign.Config) {
		for i := range c.Own {
			if c.Own[i].ID == id {
				change(&c.Own[i])
			}
		}
	}
}

func autoSet(id status.ID, text string) func(*campaign.Config) {
	return own(id, func(s *status.Status) { s.AutoSet = text })
}

// field changes a field of the record type "person".
func field(name string, change func(*campaign.Field)) func(*campaign.Config) {
	return func(c *campaign.Config) {
		for i := range c.RecordTypes[0].Fields {
			if f := &c.RecordTypes[0].Fields[i]; f.Name == name {
				change(f)
			}
		}
	}
}

func audited(c *campaign.Config) { c.Audit = true }

func TestEveryConditionHasAPlaceAndAPath(t *testing.T) {
	cfg := sound(t)
	cfg.Own = []status.Status{
		{ID: "off", Title: "off", Qualifier: status.Redial, AutoSet: "disabled", NextAt: "disabled", Disabled: true},
		{ID: "later", Title: "later", Qualifier: status.CallbackAt, AutoSet: "busy", NextAt: "in an hour"},
		{ID: "soon", Title: "soon", Qualifier: status.Redial, NextAt: "tomorrow"},
	}
	dict, err := status.New(status.Status{ID: "call", Title: "call", Qualifier: status.Redial, AutoSet: "quiet"},
		status.Status{ID: "do_not_call", Title: "no", Qualifier: status.Closed})
	require.NoError(t, err)
	cfg.Condition, cfg.Rank = "sunny", "1"
	cfg.RecordTypes = []campaign.RecordType{{Name: "plain", Fields: []campaign.Field{{Name: "x"}}},
		{Name: "lead", Fields: []campaign.Field{{Name: "a"}, {Name: "b", RequiredWhen: "a", ValidWhen: "b > 1"}, {Name: "c", ValidWhen: "c"}}}}
	var given []campaign.Condition
	engine := quiet
	c, _, err := campaign.Compile(cfg, dict, capture{engine, &given})
	require.NoError(t, err)
	want := []campaign.Condition{
		{Path: "statuses[0].auto_set", Kind: campaign.AutoSet, Text: "quiet", Status: "call"},
		{Path: "own[1].auto_set", Kind: campaign.AutoSet, Text: "busy", Status: "later"},
		{Path: "condition", Kind: campaign.DialWhen, Text: "sunny"},
		{Path: "rank", Kind: campaign.Rank, Text: "1"},
		{Path: "own[1].next_at", Kind: campaign.NextAt, Text: "in an hour", Status: "later"},
		{Path: "own[2].next_at", Kind: campaign.NextAt, Text: "tomorrow", Status: "soon"},
		{Path: "record_types[1].fields[1].required_when", Kind: campaign.Required, Text: "a", Type: "lead", Field: "b"},
		{Path: "record_types[1].fields[1].valid_when", Kind: campaign.ValidWhen, Text: "b > 1", Type: "lead", Field: "b"},
		{Path: "record_types[1].fields[2].valid_when", Kind: campaign.ValidWhen, Text: "c", Type: "lead", Field: "c"},
	}
	assert.Equal(t, want, given, "a status that nobody can set has none")
	assert.Equal(t, want, c.Conditions())
	c.Conditions()[0].Text = "scribbled"
	assert.Equal(t, want, c.Conditions())
	assert.NotNil(t, c.Rules())
	plain, _, err := campaign.Compile(sound(t), status.Default(), quiet)
	require.NoError(t, err)
	assert.Nil(t, plain.Rules(), "there is nothing to decide")
	assert.Empty(t, plain.Conditions())
}

// capture shows what an engine is given.
type capture struct {
	campaign.RuleEngine
	given *[]campaign.Condition
}

func (c capture) Rules(of *campaign.Campaign, conditions []campaign.Condition) (campaign.Rules, []campaign.Warning, error) {
	*c.given = append(*c.given, conditions...)
	rules, warnings, err := c.RuleEngine.Rules(of, conditions)
	conditions[0] = campaign.Condition{} // the list is the engine's
	return rules, append(warnings, campaign.Warning{Path: "rank", Msg: "odd"}), err
}

func TestMistakesInConditionsAreNamed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*campaign.Config)
		path   string
		says   string
	}{
		{"no UTF-8", func(c *campaign.Config) { c.Rank = "\xff" }, "rank", "UTF-8"},
		{"nothing but white space", func(c *campaign.Config) { c.Condition = " \n" }, "condition", "leave it empty"},
		{"endless", func(c *campaign.Config) { c.Rank = strings.Repeat("x", 10_001) }, "rank", "10001 characters: want at most 10000"},
		{"field", func(c *campaign.Config) {
			c.RecordTypes = []campaign.RecordType{{Name: "a", Fields: []campaign.Field{{Name: "f", ValidWhen: "\xff"}}}}
		}, "record_types[0].fields[0].valid_when", "UTF-8"},
		{"a contact's field twice", func(c *campaign.Config) { c.ContactFields = []campaign.Field{{Name: "a"}, {Name: "a"}} }, "contact_fields[1].name", "another field of contacts"},
		{"a contact's field of no type", func(c *campaign.Config) { c.ContactFields = []campaign.Field{{Name: "a", Type: "text"}} }, "contact_fields[0].type", "string"},
		{"a contact's field without a name", func(c *campaign.Config) { c.ContactFields = []campaign.Field{{}} }, "contact_fields[0].name", "want a name"},
		{"a contact's required field", func(c *campaign.Config) { c.ContactFields = []campaign.Field{{Name: "a", Required: true}} }, "contact_fields[0].required", "leave it out"},
		{"a contact's field required when", func(c *campaign.Config) { c.ContactFields = []campaign.Field{{Name: "a", RequiredWhen: "x"}} }, "contact_fields[0].required_when", "leave it out"},
		{"a contact's field valid when", func(c *campaign.Config) { c.ContactFields = []campaign.Field{{Name: "a", ValidWhen: "x"}} }, "contact_fields[0].valid_when", "leave it out"},
		{"a rule on a status that needs a time", func(c *campaign.Config) {
			c.Own = []status.Status{{ID: "at", Title: "at", Qualifier: status.CallbackAt, AutoSet: "yes"}}
		}, "own[0].auto_set", "one with next_at"},
		{"a computed time and a delay", func(c *campaign.Config) {
			c.Own = []status.Status{{ID: "at", Title: "at", Qualifier: status.Redial, Delay: 1, NextAt: "now"}}
		}, "own[0].next_at", "leave one of them out"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := sound(t)
			tt.change(&cfg)
			_, _, err := campaign.Compile(cfg, status.Default(), quiet)
			found := mistakes(t, err)
			require.Contains(t, found, tt.path)
			require.Len(t, found, 1)
			assert.Contains(t, found[tt.path].Msg, tt.says)
		})
	}
	t.Run("no engine", func(t *testing.T) {
		cfg := sound(t)
		cfg.Rank, cfg.Condition = "1", "yes"
		cfg.Own = []status.Status{{ID: "at", Title: "at", Qualifier: status.CallbackAt, NextAt: "now"}}
		_, _, err := campaign.Compile(cfg, status.Default(), nil)
		assert.Len(t, mistakes(t, err), 3)
		_, _, err = campaign.Compile(cfg, status.Default(), campaign.GoRules{})
		assert.ErrorContains(t, err, "GoRules has no function Number for it")
		assert.ErrorContains(t, err, "GoRules has no function Time for it")
		assert.ErrorContains(t, err, "GoRules has no function Holds for it")
	})
}

// An engine is asked about what is there, never about a part that is broken.
func TestAnEngineIsGivenASoundCampaign(t *testing.T) {
	for path, change := range map[string]func(*campaign.Config){
		"zone":        func(c *campaign.Config) { c.Zone = "Mars" },
		"statuses[0]": func(c *campaign.Config) { c.Statuses = []status.ID{"cal"} },
		"record_types[0].fields[0].type": func(c *campaign.Config) {
			c.RecordTypes = []campaign.RecordType{{Name: "a", Fields: []campaign.Field{{Name: "f", Type: "number"}}}}
		},
	} {
		cfg := sound(t)
		cfg.Rank = "1"
		change(&cfg)
		var given []campaign.Condition
		_, _, err := campaign.Compile(cfg, status.Default(), capture{quiet, &given})
		assert.Contains(t, mistakes(t, err), path)
		assert.Empty(t, given, path)
	}
	cfg := sound(t)
	cfg.Rank, cfg.RetryShare = "1", 101
	var given []campaign.Condition
	_, _, err := campaign.Compile(cfg, status.Default(), capture{quiet, &given})
	assert.Contains(t, mistakes(t, err), "retry_share")
	assert.Len(t, given, 1, "other mistakes do not hide those of conditions")
}

func TestConditionsThatDecideNothingAreWarnedOf(t *testing.T) {
	cfg := sound(t)
	cfg.Audit = true
	cfg.RecordTypes = []campaign.RecordType{{Name: "a", Fields: []campaign.Field{
		{Name: "f", RequiredWhen: "x"}, {Name: "g", RequiredWhen: "x", Required: true}, {Name: "h", RequiredWhen: "x", Hidden: true},
	}}}
	_, warnings, err := campaign.Compile(cfg, status.Default(), quiet)
	require.NoError(t, err)
	var paths []string
	for _, w := range warnings {
		paths = append(paths, w.Path)
	}
	assert.Equal(t, []string{"audit", "record_types[0].fields[1].required_when", "record_types[0].fields[2].required_when"}, paths)
}
