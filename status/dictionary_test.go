package status_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

func dictionary(t *testing.T, statuses ...status.Status) *status.Dictionary {
	t.Helper()
	d, err := status.New(statuses...)
	require.NoError(t, err)
	return d
}

func get(t *testing.T, d *status.Dictionary, id status.ID) status.Status {
	t.Helper()
	s, ok := d.Get(id)
	require.True(t, ok, "no status %q", id)
	return s
}

func ids(statuses []status.Status) string {
	var all []string
	for _, s := range statuses {
		all = append(all, string(s.ID))
	}
	return strings.Join(all, " ")
}

// full has a value other than the zero one in every field a dictionary allows.
func full(t *testing.T) status.Status {
	return status.Status{
		ID: "promise", Title: "Slíbil", Description: "will pay\nlater", Color: "#00aa00",
		Qualifier: status.OwnCallbackAfter, Delay: 36 * hour, Agent: "eva",
		Blacklist: "debtors", Expiry: expiry(t, "6 days, 19 months"),
		Validate: true, NextCall: true, EndsNumber: true, Class: status.ClassPositive,
		AutoSet: "outcome == answered", AutoStop: true, AutoAdd: true, Hidden: true, Disabled: true,
		Relations: status.Relations{
			Categories: []string{"claims"}, Queues: []string{"sales", "support"}, RecordTypes: []string{"lead"},
		},
	}
}

// rows: K8, K9, K23
func TestTwoStatusesExistByDefault(t *testing.T) {
	d := status.Default()
	require.Equal(t, "call do_not_call", ids(d.All()))
	call, never := get(t, d, "call"), get(t, d, "do_not_call")
	assert.Equal(t, "Call", call.Title)
	assert.Equal(t, status.Redial, call.Qualifier)
	assert.Equal(t, "Do not call", never.Title)
	assert.Equal(t, status.Closed, never.Qualifier)
	assert.Equal(t, "call do_not_call", ids(d.AutoAdd()))
	assert.NoError(t, status.CheckAll(d.All()))
	assert.Empty(t, d.Warnings())

	require.NoError(t, d.Delete("call", 0))
	assert.Equal(t, 2, status.Default().Len(), "each default is its own")
}

// rows: D1, D2, D3, D8, D28, K1, K10
func TestAStatusIsAddedAtTheEndWithAllItSays(t *testing.T) {
	d := status.Default()
	want, given := full(t), full(t)
	require.NoError(t, d.Add(given))
	given.Relations.Queues[0] = "changed after adding"
	assert.Equal(t, "call do_not_call promise", ids(d.All()))
	assert.Equal(t, want, get(t, d, "promise"))
	_, ok := d.Get("nobody")
	assert.False(t, ok)
}

// rows: D5, D29
func TestAnEditChangesNothingUntilItIsSaved(t *testing.T) {
	added := full(t)
	d := dictionary(t, added)
	added.Relations.Queues[0] = "changed after adding"

	s := get(t, d, "promise")
	s.Title = "Zaplatí"
	s.Relations.Queues[0] = "changed"
	d.All()[0].Relations.Queues[1] = "changed"
	d.RelatedTo(status.RelationRecordType, "lead")[0].Relations.RecordTypes[0] = "changed"
	assert.Equal(t, full(t), get(t, d, "promise"), "nothing is saved")

	require.NoError(t, d.Edit(s))
	s.Relations.Queues[0] = "changed again"
	saved := get(t, d, "promise")
	assert.Equal(t, "Zaplatí", saved.Title)
	assert.Equal(t, []string{"changed", "support"}, saved.Relations.Queues)
	assert.Equal(t, 1, d.Len())

	require.ErrorIs(t, d.Edit(good(status.Redial)), status.ErrNotFound)
}

// rows: D5, D29
func TestAChangeThatWouldLeaveAMistakeChangesNothing(t *testing.T) {
	d := dictionary(t, full(t), good(status.Redial))
	before := d.All()

	bad := get(t, d, "s")
	bad.Title, bad.Color = "slíbil", "red"
	assert.ElementsMatch(t, []string{"title", "color"}, fields(t, d.Edit(bad)))
	bad.ID = "promise"
	assert.ElementsMatch(t, []string{"id", "title", "color"}, fields(t, d.Add(bad)))
	assert.Equal(t, []string{"id", "title"}, fields(t, d.Clone("s", "s", "S")))
	assert.Error(t, d.Move("s", 2))
	assert.Equal(t, before, d.All())
}

func TestAllMistakesOfADictionaryAreReportedTogether(t *testing.T) {
	a, b, c := good(status.Redial), good(status.Busy), good(status.Closed)
	a.ID, b.ID, c.ID = "a", "b", "a"
	a.Title, b.Title, c.Title = "One", "Two", "ONE"
	c.Campaign = "spring"
	d, err := status.New(a, b, c)
	assert.Nil(t, d)
	assert.Equal(t, []string{"qualifier", "id", "title", "campaign"}, fields(t, err))
}

// rows: D4
func TestACloneIsTheSameButForIDAndTitle(t *testing.T) {
	d := dictionary(t, full(t))
	require.NoError(t, d.Clone("promise", "promise2", "Slíbil znovu"))
	assert.Equal(t, "promise promise2", ids(d.All()))
	want := full(t)
	want.ID, want.Title = "promise2", "Slíbil znovu"
	assert.Equal(t, want, get(t, d, "promise2"))

	clone := get(t, d, "promise2")
	clone.Relations.Queues[0] = "elsewhere"
	require.NoError(t, d.Edit(clone))
	assert.Equal(t, full(t), get(t, d, "promise"), "the clone shares nothing with the original")

	assert.Equal(t, []string{"id"}, fields(t, d.Clone("promise", "promise", "Jiný")))
	assert.Equal(t, []string{"title"}, fields(t, d.Clone("promise", "other", "SLÍBIL")))
	assert.Equal(t, []string{"title"}, fields(t, d.Clone("promise", "other", "")))
	assert.ErrorIs(t, d.Clone("nobody", "other", "Other"), status.ErrNotFound)
}

// rows: D4, K28, K29
func TestAStatusOfOneCampaignIsNotInTheDictionary(t *testing.T) {
	own := good(status.Redial)
	own.Campaign = "spring"
	own.Relations.Queues = []string{"sales"}
	require.NoError(t, own.Check(), "in its campaign it is fine")

	d := status.Default()
	assert.Equal(t, []string{"campaign"}, fields(t, d.Add(own)))
	moved := get(t, d, "call")
	moved.Campaign = "spring"
	assert.Equal(t, []string{"campaign"}, fields(t, d.Edit(moved)))
	assert.Equal(t, []string{"campaign"}, fields(t, json.Unmarshal(
		[]byte(`[{"id":"a","title":"A","qualifier":"redial","campaign":"spring"}]`), d)))
	assert.Equal(t, "call do_not_call", ids(d.All()))

	clone := own.Clone("again", "Again")
	assert.Equal(t, "spring", clone.Campaign, "a clone stays in the campaign of its original")
	assert.NoError(t, status.CheckAll([]status.Status{own, clone}))
	clone.Relations.Queues[0] = "elsewhere"
	assert.Equal(t, []string{"sales"}, own.Relations.Queues)
}

// rows: K24
func TestAHiddenStatusIsOnlyNotOffered(t *testing.T) {
	s := good(status.Redial)
	s.Relations.Queues = []string{"sales"}
	s.AutoAdd = true
	d := dictionary(t, s)
	assert.Equal(t, "s", ids(d.PickList(status.RelationQueue, "sales")))

	require.NoError(t, d.Hide("s"))
	assert.Empty(t, d.PickList(status.RelationQueue, "sales"))
	assert.True(t, get(t, d, "s").UsableIn(status.RelationQueue, "sales"))
	assert.Equal(t, "s", ids(d.AutoAdd()))

	require.NoError(t, d.Show("s"))
	assert.Equal(t, "s", ids(d.PickList(status.RelationQueue, "sales")))
}

// rows: K23, K25
func TestADisabledStatusIsNewlySetByNobody(t *testing.T) {
	s := good(status.Redial)
	s.Relations.Queues = []string{"sales"}
	s.AutoAdd = true
	d := dictionary(t, s)
	assert.Equal(t, "s", ids(d.AutoAdd()))

	require.NoError(t, d.Disable("s"))
	assert.Empty(t, d.PickList(status.RelationQueue, "sales"))
	assert.False(t, get(t, d, "s").UsableIn(status.RelationQueue, "sales"))
	assert.Empty(t, d.AutoAdd(), "new campaigns start without it")
	require.Len(t, d.Warnings(), 1)
	assert.Equal(t, "auto_add", d.Warnings()[0].Field)
	assert.Equal(t, 1, d.Len(), "it is still there for the records that have it")

	require.NoError(t, d.Enable("s"))
	assert.Equal(t, "s", ids(d.AutoAdd()))
	assert.Equal(t, s, get(t, d, "s"))
}

// rows: K23
func TestNewCampaignsStartWithTheStatusesThatSaySo(t *testing.T) {
	d := status.Default()
	extra := good(status.Manual)
	require.NoError(t, d.Add(extra))
	assert.Equal(t, "call do_not_call", ids(d.AutoAdd()))
	d.AutoAdd()[0].Title = "changed"
	assert.Equal(t, "Call", get(t, d, "call").Title)
}

// rows: D30, D31, D33
func TestStatusesAndPlacesAreRelatedManyToMany(t *testing.T) {
	in := func(id status.ID, relations status.Relations) status.Status {
		s := good(status.Redial)
		s.ID, s.Title, s.Relations = id, string(id), relations
		return s
	}
	d := dictionary(t,
		in("both", status.Relations{Queues: []string{"sales", "support"}, Categories: []string{"claims"}}),
		in("one", status.Relations{Queues: []string{"sales"}, RecordTypes: []string{"claims"}}),
		in("none", status.Relations{}),
	)
	for place, want := range map[string]string{"sales": "both one", "support": "both", "elsewhere": "", "": ""} {
		assert.Equal(t, want, ids(d.RelatedTo(status.RelationQueue, place)), place)
		assert.Equal(t, want, ids(d.PickList(status.RelationQueue, place)), place)
	}
	assert.Equal(t, "both", ids(d.RelatedTo(status.RelationCategory, "claims")))
	assert.Equal(t, "one", ids(d.RelatedTo(status.RelationRecordType, "claims")))

	require.NoError(t, d.Hide("one"))
	assert.Equal(t, "both one", ids(d.RelatedTo(status.RelationQueue, "sales")), "related, though not offered")
}

func TestAStatusInUseIsNotDeleted(t *testing.T) {
	d := status.Default()
	var inUse *status.InUseError
	require.ErrorAs(t, d.Delete("call", 12), &inUse)
	assert.Equal(t, status.InUseError{Status: "call", Uses: 12}, *inUse)
	assert.ErrorContains(t, inUse, "disable it instead")
	assert.Equal(t, 2, d.Len())

	held := d.All()
	require.NoError(t, d.Delete("call", 0))
	assert.Equal(t, "do_not_call", ids(d.All()))
	assert.Equal(t, "call do_not_call", ids(held))
}

func TestEveryChangeOfAStatusThatIsNotThereSaysSo(t *testing.T) {
	d := status.Default()
	for name, err := range map[string]error{
		"edit": d.Edit(status.Status{ID: "x"}), "clone": d.Clone("x", "y", "Y"), "disable": d.Disable("x"), "enable": d.Enable("x"),
		"hide": d.Hide("x"), "show": d.Show("x"), "delete": d.Delete("x", 0), "delete in use": d.Delete("x", 3), "move": d.Move("x", 0),
	} {
		require.ErrorIs(t, err, status.ErrNotFound, name)
		assert.ErrorContains(t, err, `"x"`, name)
	}
}

func TestTheOrderOfTheListIsKeptAndChanged(t *testing.T) {
	d := &status.Dictionary{}
	for _, id := range []status.ID{"a", "b", "c", "d"} {
		s := good(status.Redial)
		s.ID, s.Title = id, string(id)
		require.NoError(t, d.Add(s))
	}
	tests := []struct {
		id   status.ID
		to   int
		want string
	}{
		{"a", 0, "a b c d"},
		{"a", 2, "b c a d"},
		{"d", 0, "d b c a"},
		{"b", 3, "d c a b"},
		{"c", 0, "c d a b"},
	}
	for _, test := range tests {
		require.NoError(t, d.Move(test.id, test.to))
		assert.Equal(t, test.want, ids(d.All()))
	}
	for _, position := range []int{-1, 4} {
		var wrong *status.PositionError
		require.ErrorAs(t, d.Move("a", position), &wrong)
		assert.Equal(t, status.PositionError{Status: "a", Position: position, Len: 4}, *wrong)
		assert.ErrorContains(t, wrong, "0 to 3")
	}
	assert.Equal(t, "c d a b", ids(d.All()))
}

func TestACopyOfTheDictionaryIsChangedAlone(t *testing.T) {
	d := dictionary(t, full(t), good(status.Closed))
	c := d.Copy()
	require.NoError(t, c.Disable("s"))
	require.NoError(t, c.Move("s", 0))
	s := get(t, c, "promise")
	s.Relations.Queues = []string{"x"}
	require.NoError(t, c.Edit(s))
	assert.Equal(t, "promise s", ids(d.All()))
	assert.False(t, get(t, d, "s").Disabled)
	assert.Equal(t, full(t), get(t, d, "promise"))
}

func TestADictionaryIsStoredAsJSON(t *testing.T) {
	least := good(status.Redial)
	d := dictionary(t, full(t), least)
	data, err := json.Marshal(d)
	require.NoError(t, err)
	byValue, err := json.Marshal(*d)
	require.NoError(t, err)
	assert.Equal(t, string(data), string(byValue))
	assert.Contains(t, string(data), `{"id":"s","title":"S","qualifier":"redial"}`, "what is not said is not written")
	assert.Contains(t, string(data), `"delay":"36h0m0s"`)
	assert.Contains(t, string(data), `"class":"positive"`)

	var back status.Dictionary
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, d.All(), back.All())

	data, err = json.Marshal(status.Dictionary{})
	require.NoError(t, err)
	assert.Equal(t, "[]", string(data))
}

func TestAStoredDictionaryIsCheckedWhenItIsRead(t *testing.T) {
	tests := []struct{ story, data, says string }{
		{"a field that no status has", `[{"id":"a","title":"A","qualifier":"redial","colour":"#000000"}]`, `unknown field "colour"`},
		{"a qualifier that is none", `[{"id":"a","title":"A","qualifier":"redail"}]`, `did you mean "redial"?`},
		{"a qualifier by number", `[{"id":"a","title":"A","qualifier":2}]`, "qualifier"},
		{"no qualifier", `[{"id":"a","title":"A"}]`, "every status names a qualifier"},
		{"an expiry that does not compute", `[{"id":"a","title":"A","qualifier":"closed","blacklist":"x","expiry":"6 fortnights"}]`, "fortnights"},
		{"a title twice", `[{"id":"a","title":"A","qualifier":"closed"},{"id":"b","title":"a","qualifier":"closed"}]`, "tell them apart"},
		{"a missing status", `[null]`, "every status has an id"},
		{"no list", `{"id":"a"}`, "reading the dictionary"},
		{"text that is not UTF-8", "[{\"id\":\"a\",\"title\":\"A\xff\",\"qualifier\":\"closed\"}]", "not UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			d := status.Default()
			err := json.Unmarshal([]byte(test.data), d)
			require.ErrorContains(t, err, test.says)
			assert.Equal(t, status.Default().All(), d.All(), "after an error the dictionary is as it was")
		})
	}
	d := status.Default()
	require.NoError(t, json.Unmarshal([]byte(`null`), d))
	assert.Equal(t, 2, d.Len())
	require.NoError(t, json.Unmarshal([]byte(`[]`), d))
	assert.Zero(t, d.Len())
}

func FuzzDictionaryJSON(f *testing.F) {
	f.Add([]byte(`[]`))
	f.Add([]byte(`[null]`))
	f.Add([]byte(`[{"id":"a","title":"A","qualifier":"redial","delay":"1h30m","auto_add":true,"relations":{"queues":["q"]}}]`))
	f.Add([]byte(`[{"id":"0","title":"0","qualifier":"redial","relations":{"queues":[]}}]`))
	f.Add([]byte(`[{"id":"b","title":"B","qualifier":"closed","blacklist":"global","expiry":"6 days, 19 months","class":"refusal"}]`))
	f.Add([]byte(`[{"ID":"a","title":"\u0000","qualifier":"send_mail","template":"x"}]`))
	f.Add([]byte("[{\"id\":\"\xff\"}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var d status.Dictionary
		if err := json.Unmarshal(data, &d); err != nil {
			if d.Len() != 0 {
				t.Fatal("an error left statuses behind")
			}
			return
		}
		if err := status.CheckAll(d.All()); err != nil {
			t.Fatalf("what was read has mistakes: %v", err)
		}
		written, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var again status.Dictionary
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if rewritten, _ := json.Marshal(again); string(rewritten) != string(written) {
			t.Fatalf("%s became %s", written, rewritten)
		}
	})
}

// The list a status names is only a name here: who manages the lists, and what
// is in them, is another package's business.
// rows: D9, D11, D12
func TestTheExpiryOfAStatusIsTheBlacklistsOwn(t *testing.T) {
	s := good(status.Closed)
	s.Blacklist = blacklist.Global
	d := dictionary(t, s)
	assert.Equal(t, blacklist.Expiry{}, get(t, d, "s").Expiry, "permanent")

	s.Expiry = expiry(t, "6 days")
	require.NoError(t, d.Edit(s))
	assert.Equal(t, expiry(t, "6 days"), get(t, d, "s").Expiry)
}
