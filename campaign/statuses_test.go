package campaign_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func ids(statuses []status.Status) []status.ID {
	var all []status.ID
	for _, s := range statuses {
		all = append(all, s.ID)
	}
	return all
}

// rows: K24, K25, K26, K27, K28, K29, K30, D30
func TestACampaignListsItsStatuses(t *testing.T) {
	sales := status.Relations{Queues: []string{"sales"}}
	dict, err := status.New(
		status.Status{ID: "call", Title: "Call", Qualifier: status.Redial, Relations: sales},
		status.Status{ID: "hidden", Title: "Hidden", Qualifier: status.Redial, Relations: sales, Hidden: true},
		status.Status{ID: "off", Title: "Off", Qualifier: status.Closed, Relations: sales, Disabled: true},
		status.Status{ID: "elsewhere", Title: "Elsewhere", Qualifier: status.Closed},
		status.Status{ID: "later", Title: "Later", Qualifier: status.CallbackAt, Relations: sales},
		status.Status{ID: "loose", Title: "Loose", Qualifier: status.Closed, Relations: sales},
	)
	require.NoError(t, err)
	cfg := sound(t)
	cfg.Queue = "sales"
	cfg.Statuses = []status.ID{"later", "call", "hidden", "off", "elsewhere"}
	cfg.Own = []status.Status{{ID: "vip", Title: "VIP", Qualifier: status.Success, Relations: sales}}
	c, warnings, err := campaign.Compile(cfg, dict, nil)
	require.NoError(t, err)

	assert.Equal(t, []status.ID{"later", "call", "hidden", "off", "elsewhere", "vip"}, ids(c.Statuses()))
	assert.Equal(t, []status.ID{"later", "call", "vip"}, ids(c.PickList()))
	var about []string
	for _, w := range warnings {
		about = append(about, w.Path)
	}
	assert.Equal(t, []string{"statuses[3]", "statuses[4]"}, about)
	_, inDictionary := dict.Get("vip")
	assert.False(t, inDictionary)

	inputs, err := c.Inputs("later")
	require.NoError(t, err)
	assert.Equal(t, status.Inputs{Time: true, TimeRequired: true}, inputs)
	_, err = c.Inputs("hidden")
	require.NoError(t, err, "hidden ones may be set, they are only not offered")
	for id, want := range map[status.ID]string{
		"off":       "disabled",
		"elsewhere": `not related to queue "sales"`,
		"loose":     "not attached",
		"cal":       `did you mean "call"?`,
		"":          "no such status",
		"nonsense":  "no such status",
	} {
		_, err := c.Inputs(id)
		var bad *campaign.StatusError
		require.ErrorAs(t, err, &bad, id)
		assert.Equal(t, id, bad.ID)
		assert.Contains(t, err.Error(), want)
	}

	cfg.Queue = ""
	c, _, err = campaign.Compile(cfg, dict, nil)
	require.NoError(t, err)
	assert.Equal(t, []status.ID{"later", "call", "elsewhere", "vip"}, ids(c.PickList()), "without a queue, relations do not matter")

	s, ok := c.Status("vip")
	assert.True(t, ok)
	assert.Equal(t, "spring", s.Campaign)
	_, ok = c.Status("loose")
	assert.False(t, ok)
	other, _, err := campaign.Compile(sound(t), status.Default(), nil)
	require.NoError(t, err)
	_, err = other.Inputs("vip")
	require.Error(t, err, "a status made in a campaign is valid only there")
}

// A change of the dictionary reaches a campaign when it is compiled again.
func TestACompiledCampaignKeepsItsStatuses(t *testing.T) {
	dict := status.Default()
	c, _, err := campaign.Compile(sound(t), dict, nil)
	require.NoError(t, err)
	require.NoError(t, dict.Disable("call"))
	_, err = c.Inputs("call")
	require.NoError(t, err)
}

func TestWhoWorksInACampaign(t *testing.T) {
	assert.True(t, compiled(t, campaign.Config{}).Lists("eva"), "none listed is everybody")
	c := compiled(t, campaign.Config{Agents: []campaign.AgentID{"eva"}})
	assert.True(t, c.Lists("eva"))
	assert.False(t, c.Lists("jan"))
}

// Rules are used mostly where a machine dials, and allowed everywhere.
//
// rows: K21, K22
func TestARuleMayBeUsedInEveryMode(t *testing.T) {
	for _, mode := range []campaign.Mode{campaign.Preview, campaign.ProgressiveMode, campaign.Power, campaign.Predictive} {
		cfg := sound(t)
		cfg.Mode = mode
		cfg.Own = []status.Status{{ID: "vip", Title: "VIP", Qualifier: status.Redial, AutoSet: "true", Hidden: true}}
		_, warnings, err := campaign.Compile(cfg, status.Default(), quiet)
		require.NoError(t, err, mode)
		assert.Empty(t, warnings, mode)
	}
}
