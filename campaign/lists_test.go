package campaign_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

func TestMistakesInListsAreNamed(t *testing.T) {
	for _, tt := range []struct {
		name      string
		lists     []campaign.List
		path, msg string
	}{
		{"without a name", []campaign.List{{Name: "a"}, {Weight: 1}}, "lists[1].name", "want a name"},
		{"twice", []campaign.List{{Name: "a"}, {Name: "a"}}, "lists[1].name", "another list"},
		{"in two lines", []campaign.List{{Name: "a\nb"}}, "lists[0].name", "one line"},
		{"too long", []campaign.List{{Name: strings.Repeat("a", 201)}}, "lists[0].name", "at most 200"},
		{"no UTF-8", []campaign.List{{Name: "\xff"}}, "lists[0].name", "UTF-8"},
		{"negative weight", []campaign.List{{Name: "a", Weight: -1}}, "lists[0].weight", "0 to"},
		{"absurd weight", []campaign.List{{Name: "a", Weight: 1_000_001}}, "lists[0].weight", "0 to"},
		{"until some day", []campaign.List{{Name: "a", Until: "soon"}}, "lists[0].until", `"2026-12-24"`},
		{"until no day", []campaign.List{{Name: "a", Until: "2026-02-30"}}, "lists[0].until", "want a date"},
		{"until an hour without a zone", []campaign.List{{Name: "a", Until: "2026-02-03 18:00"}}, "lists[0].until", "instant"},
		{"until an instant that is none", []campaign.List{{Name: "a", Until: "2026-02-30T18:00:00Z"}}, "lists[0].until", "instant"},
		{"until before all time", []campaign.List{{Name: "a", Until: "0000-12-31T18:00:00Z"}}, "lists[0].until", "instant"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := sound(t)
			cfg.Lists = tt.lists
			c, _, err := campaign.Compile(cfg, status.Default(), nil)
			assert.Nil(t, c)
			found := mistakes(t, err)
			require.Contains(t, found, tt.path, "%v", err)
			assert.Contains(t, found[tt.path].Msg, tt.msg)
			assert.Len(t, found, 1, "%v", err)
		})
	}
	cfg := sound(t)
	for i := range 1001 {
		cfg.Lists = append(cfg.Lists, campaign.List{Name: fmt.Sprint(i)})
	}
	_, _, err := campaign.Compile(cfg, status.Default(), nil)
	assert.Contains(t, mistakes(t, err)["lists"].Msg, "at most 1000")
	cfg.Lists = cfg.Lists[:1000]
	_, _, err = campaign.Compile(cfg, status.Default(), nil)
	assert.NoError(t, err)
}

func TestAListThatEndsBeforeTheCampaignStartsIsWarnedOf(t *testing.T) {
	cfg := sound(t)
	cfg.Start = "2026-12-01"
	cfg.Lists = []campaign.List{{Name: "late", Until: "2026-11-30"}, {Name: "fine", Until: "2026-12-01"}, {Name: "off", Off: true, Until: "2026-11-30T23:00:00Z"}}
	_, warnings, err := campaign.Compile(cfg, status.Default(), nil)
	require.NoError(t, err)
	require.Len(t, warnings, 2)
	assert.Equal(t, "lists[0].until", warnings[0].Path)
	assert.Contains(t, warnings[0].Msg, `"late" ends before`)
	assert.Equal(t, "lists[2].until", warnings[1].Path, "midnight of the first day is no time to call")
}

// One weight makes the others 1; none makes none.
func TestAListWithoutAWeightWeighsOneAmongOthers(t *testing.T) {
	c := compiled(t, campaign.Config{Lists: []campaign.List{{Name: "a"}, {Name: "b", Weight: 7}, {Name: "c", Off: true}}})
	assert.True(t, c.Weighted())
	assert.Equal(t, []campaign.List{{Name: "a", Weight: 1}, {Name: "b", Weight: 7}, {Name: "c", Weight: 1, Off: true}}, c.DeclaredLists())
	assert.True(t, compiled(t, c.Config()).Weighted(), "compiled again it is the same")
	for _, s := range c.Settings() {
		switch s.Path {
		case "lists[0].weight":
			assert.Equal(t, campaign.Setting{Path: s.Path, Value: "1", Origin: campaign.OriginDefault}, s)
		case "lists[1].weight":
			assert.Equal(t, campaign.Setting{Path: s.Path, Value: "7", Origin: campaign.OriginSet}, s)
		}
	}
	c = compiled(t, campaign.Config{Lists: []campaign.List{{Name: "a"}, {Name: "b", Until: "2026-12-24"}}})
	assert.False(t, c.Weighted())
	assert.False(t, compiled(t, c.Config()).Weighted())
	assert.False(t, compiled(t, campaign.Config{}).Weighted())

	var read campaign.Config
	require.NoError(t, json.Unmarshal([]byte(`{"lists":[{"name":"a","off":true},{"name":"b","weight":3,"until":"2026-12-24"}]}`), &read))
	assert.Equal(t, []campaign.List{{Name: "a", Off: true}, {Name: "b", Weight: 3, Until: "2026-12-24"}}, read.Lists)
}

// A class is open while the callee hours are and the list is called.
func TestTheClassOfAListIsOpenWhileTheListIsCalled(t *testing.T) {
	const zone = "Europe/Warsaw"
	c := compiled(t, campaign.Config{
		Zone: zone, CalleeZone: zone, CalleeHours: hours(t, "mon-fri 08:00-20:00"),
		Lists: []campaign.List{{Name: "day", Until: "2026-11-20"}, {Name: "hour", Until: "2026-11-20T18:00:00+01:00"},
			{Name: "off", Off: true}, {Name: "open"}, {Name: "monday", Until: "2026-11-23"}, {Name: "eight", Until: "2026-11-23T08:00:00+01:00"}},
	})
	at := func(local string) time.Time { return in(t, zone, local) }
	none := time.Time{}
	const friday, evening, weekend = "2026-11-20 12:00", "2026-11-20 20:00", "2026-11-21 12:00"
	for _, tt := range []struct {
		list, at string
		open     bool
		until    time.Time
	}{
		{"open", friday, true, at(evening)}, {"none", friday, true, at(evening)},
		{"open", weekend, false, at("2026-11-23 08:00")}, {"none", weekend, false, at("2026-11-23 08:00")},
		{"day", friday, true, at(evening)}, {"day", evening, false, none}, {"day", weekend, false, none},
		{"hour", friday, true, at("2026-11-20 18:00")}, {"hour", "2026-11-20 18:00", false, none}, {"hour", weekend, false, none},
		{"off", friday, false, none}, {"off", weekend, false, none},
		{"monday", weekend, false, at("2026-11-23 08:00")}, {"eight", weekend, false, none},
	} {
		class := tt.list + ":*|"
		open, until := c.ClassOpen(class, at(tt.at))
		assert.Equal(t, tt.open, open, "%s at %s", tt.list, tt.at)
		assert.True(t, tt.until.Equal(until), "%s at %s: until %s, want %s", tt.list, tt.at, until, tt.until)
	}
	always := compiled(t, campaign.Config{CalleeZone: "UTC", Lists: []campaign.List{{Name: "a", Until: "2026-11-20"}}})
	open, until := always.ClassOpen("a:*|", at(friday))
	assert.True(t, open)
	assert.Equal(t, time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), until, "the list ends what is always open")
}

// The last day of a list ends as the campaign's does: with the day in its zone,
// whatever the clocks do.
func TestAListEndsWithItsDayInTheCampaignsZone(t *testing.T) {
	for _, day := range []string{"2026-03-29", "2026-10-25", "2026-11-20"} {
		c := compiled(t, campaign.Config{Zone: "Europe/Warsaw", CalleeZone: "Pacific/Apia", End: day, Lists: []campaign.List{{Name: "a", Until: day}}})
		first := in(t, "Europe/Warsaw", day+" 00:00")
		_, want, _ := c.Running(first)
		_, until := c.ClassOpen("a:*|", first)
		assert.Equal(t, want, until)
	}
}

func TestARecordOfADeclaredListHasAClassOfTheList(t *testing.T) {
	phone := campaign.Phone{Number: main, Zones: []string{"Europe/Warsaw"}, Region: "PL"}
	cfg := campaign.Config{ID: "c", CalleeZone: "UTC", Lists: []campaign.List{{Name: "a"}, {Name: "a|b:c%", Off: true}, {Name: "100%7C"}}}
	c, before := compiled(t, cfg), compiled(t, campaign.Config{ID: "c", CalleeZone: "UTC"})
	for list, want := range map[string]struct {
		class string
		place int
	}{
		"": {"Europe/Warsaw|PL", -1}, "b": {"Europe/Warsaw|PL", -1}, "a": {"a:Europe/Warsaw|PL", 0},
		"a|b:c%": {"a%7Cb:c%25:Europe/Warsaw|PL", 1}, "100%7C": {"100%257C:Europe/Warsaw|PL", 2},
	} {
		r := campaign.Record{ID: "r", Campaign: "c", List: list, Phones: []campaign.Phone{phone}}
		admitted := func(c *campaign.Campaign) campaign.Record {
			change, err := c.Admit(r, campaign.Actor{}, noon)
			require.NoError(t, err)
			return *change.Record
		}
		now, old := admitted(c), admitted(before)
		assert.Equal(t, want.class, now.Class)
		assert.Equal(t, want.place, c.ClassList(now.Class))
		assert.Equal(t, want.class, c.ClassIn(&now))
		assert.Equal(t, "Europe/Warsaw|PL", old.Class)
		assert.Equal(t, want.class, c.ClassIn(&old), "it was written before the list was declared")
		assert.Equal(t, now.Class, before.ClassIn(&now), "a class of a list that is no more is as good as none")
		assert.Equal(t, -1, before.ClassList(now.Class))

		open, _ := c.ClassOpen(now.Class, noon)
		assert.Equal(t, want.place != 1, open)
		open, _ = before.ClassOpen(now.Class, noon)
		assert.True(t, open)

		// Every event writes the class anew, without making a text of what is the same.
		edited, err := before.Apply(&campaign.Facts{Record: now}, campaign.Edit{Note: "x"}, noon)
		require.NoError(t, err)
		assert.Equal(t, old.Class, edited.Record.Class)
		edited, err = c.Apply(&campaign.Facts{Record: old}, campaign.Edit{Note: "x"}, noon)
		require.NoError(t, err)
		assert.Equal(t, want.class, edited.Record.Class)

		// The blocker names the list and hides none of the others.
		for _, r := range []campaign.Record{now, old} {
			_, blockers := c.Eligible(&campaign.Facts{Record: r}, campaign.Asker{Reserved: true}, noon, nil)
			if want.place != 1 {
				assert.Empty(t, blockers)
				continue
			}
			assert.Equal(t, []campaign.Blocker{{Reason: campaign.ReasonList, Detail: fmt.Sprintf("list %q is off", list)}}, blockers)
			assert.Equal(t, campaign.Park{Until: campaign.Forever, Reason: campaign.ReasonList}, c.ParkFor(blockers, noon))
		}
	}
	nobody := campaign.Record{List: "a"}
	assert.Empty(t, c.ClassIn(&nobody), "a record that cannot be dialled has no class in any list")
	elsewhere := campaign.Record{List: "", Class: "a:Europe/Newland|"}
	assert.Equal(t, "Europe/Newland|", c.ClassIn(&elsewhere), "nor in one that it is not of")
}

// A host that does not know a zone leaves the class to those who do, in whatever list.
func TestAClassFromElsewhereStaysInItsList(t *testing.T) {
	c := compiled(t, campaign.Config{ID: "c", Lists: []campaign.List{{Name: "a"}}})
	for class, want := range map[string]string{"Europe/Newland|": "a:Europe/Newland|", "a:Europe/Newland|": "a:Europe/Newland|", "b:Europe/Newland|": "a:Europe/Newland|"} {
		r := campaign.Record{ID: "r", Campaign: "c", List: "a", Class: class, Phones: []campaign.Phone{{Number: main, Zones: []string{"Europe/Newland"}}}}
		change, err := c.Apply(&campaign.Facts{Record: r}, campaign.Edit{Note: "x"}, noon)
		require.NoError(t, err)
		assert.Equal(t, want, change.Record.Class)
		open, until := c.ClassOpen(want, noon)
		assert.False(t, open)
		assert.Zero(t, until)
	}
}

func TestAnEditMovesARecordToAnotherList(t *testing.T) {
	c := compiled(t, campaign.Config{ID: "c", CalleeZone: "UTC", Lists: []campaign.List{{Name: "a"}, {Name: "b", Off: true}}})
	r := campaign.Record{ID: "r", Campaign: "c", List: "a", Phones: []campaign.Phone{{Number: main}}}
	for _, tt := range []struct{ list, class, warning string }{
		{"b", "b:*|", ""}, {"a", "a:*|", ""}, {"", "*|", ""}, {"A", "*|", "not among the campaign's lists"},
	} {
		change, err := c.Apply(&campaign.Facts{Record: r}, campaign.Edit{List: &tt.list}, noon)
		require.NoError(t, err)
		r = *change.Record
		assert.Equal(t, tt.list, r.List)
		assert.Equal(t, tt.class, r.Class)
		if tt.warning == "" {
			assert.Empty(t, change.Answer.Warnings)
		} else {
			assert.Contains(t, change.Answer.Warnings[0], tt.warning)
		}
	}
	bad := "a\x00"
	_, err := c.Apply(&campaign.Facts{Record: r}, campaign.Edit{List: &bad}, noon)
	assert.ErrorContains(t, err, "want UTF-8 without NUL")
}
