package campaign_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

// rows: D20, D22
func TestAFieldIsRequiredWhenItsConditionHoldsOrFails(t *testing.T) {
	full := campaign.Fields{"city": "Warsaw", "age": 3}
	for _, tt := range []struct {
		name, text string
		hidden     bool
		value      any
		missing    bool
	}{
		{"holds", "yes", false, nil, true},
		{"does not hold", "no", false, nil, false},
		{"fails", "fail", false, nil, true},
		{"hidden", "yes", true, nil, false},
		{"hidden, fails", "fail", true, nil, false},
		{"filled in", "yes", false, "cat", false},
		{"white space", "yes", false, " ", true},
		{"the status as it is to be", "valid", false, nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := &book{holds: map[string]func(*campaign.Facts, *campaign.Call) bool{
				"valid": func(f *campaign.Facts, _ *campaign.Call) bool { return f.Record.Status == "valid" },
			}}
			x := given(t).with(b, field("pet", func(f *campaign.Field) { f.RequiredWhen, f.Hidden = tt.text, tt.hidden })).idle()
			fields := campaign.Fields{"pet": tt.value, "city": full["city"], "age": full["age"]}
			x.must(campaign.Edit{Fields: fields, Actor: supervisor}) // the status demands nothing
			_, err := x.apply(campaign.Set{Status: "valid", Actor: campaign.Actor{}})
			require.NoError(t, err, "the engine is not bound")
			_, err = x.apply(campaign.Set{Status: "valid", Actor: supervisor})
			if !tt.missing {
				require.NoError(t, err)
				return
			}
			var required *campaign.RequiredError
			require.ErrorAs(t, err, &required)
			assert.Equal(t, []string{"pet"}, required.Fields)
			if tt.text == "fail" {
				assert.ErrorContains(t, err, "fill in pet; whether pet is required could not be checked: line 1: no such key")
				assert.ErrorIs(t, err, errCondition)
			} else {
				assert.Empty(t, required.Failed)
			}
			x.f.Record.Status = "valid"
			require.ErrorAs(t, x.refused(campaign.Edit{Note: "n", Actor: supervisor}), &required, "every save by a person is bound")
		})
	}
}

// rows: D22
func TestAValueIsValidOnlyWhenItsConditionHolds(t *testing.T) {
	adult := func(f *campaign.Facts, _ *campaign.Call) bool { return f.Record.Fields["age"].(int64) >= 18 }
	b := &book{holds: map[string]func(*campaign.Facts, *campaign.Call) bool{"age >= 18": adult}}
	age := func(text string) func(*campaign.Config) {
		return field("age", func(f *campaign.Field) { f.ValidWhen, f.Required = text, false })
	}
	saves := map[string]func(campaign.Fields, campaign.Actor) campaign.Event{
		"set": func(f campaign.Fields, a campaign.Actor) campaign.Event {
			return campaign.Set{Status: "redial", Fields: f, Actor: a}
		},
		"edit": func(f campaign.Fields, a campaign.Actor) campaign.Event { return campaign.Edit{Fields: f, Actor: a} },
		"result": func(f campaign.Fields, a campaign.Actor) campaign.Event {
			return campaign.Result{Outcome: campaign.NoAnswer, Fields: f, Actor: a}
		},
	}
	for name, save := range saves {
		x := given(t).with(b, age("age >= 18"))
		if name != "result" {
			x.idle()
		}
		err := x.refused(save(campaign.Fields{"age": 17, "pet": "cat"}, supervisor))
		var bad *campaign.FieldError
		require.ErrorAs(t, err, &bad, name)
		assert.Equal(t, &campaign.FieldError{Path: `fields["age"]`, Value: "17", Msg: "not valid: want a value that meets the condition age >= 18"}, bad)
		_, err = x.apply(save(campaign.Fields{"age": 18}, supervisor))
		assert.NoError(t, err, name)
		_, err = x.apply(save(campaign.Fields{"age": nil}, supervisor))
		assert.NoError(t, err, "a field without a value is not asked about")
		_, err = x.apply(save(campaign.Fields{"age": 17}, campaign.Actor{}))
		assert.NoError(t, err, "the engine's own saves are not bound: %s", name)

		x.f.Record.Fields = campaign.Fields{"age": int64(5)} // from before the condition
		require.Error(t, x.refused(save(campaign.Fields{"pet": "cat"}, supervisor)), "every value of the record is asked about: %s", name)
		_, err = x.apply(save(nil, supervisor))
		assert.NoError(t, err, "who saves no fields is not stopped: %s", name)

		x = given(t).with(b, age("fail"))
		if name != "result" {
			x.idle()
		}
		err = x.refused(save(campaign.Fields{"age": 40}, supervisor))
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, "could not be checked by the condition fail: line 1: no such key", bad.Msg)
	}

	x := given(t).with(b, age("age >= 18"))
	chosen := campaign.Result{Outcome: campaign.NoAnswer, Status: "redial", Fields: campaign.Fields{"age": 17}}
	require.Error(t, x.refused(chosen), "a chosen status is a person's doing")
	x.must(campaign.Result{Outcome: campaign.NoAnswer, Status: "redial"})
	correction := campaign.Correction{Call: x.f.Call.Token, Status: "slow", Fields: campaign.Fields{"age": 17}, Actor: supervisor}
	require.Error(t, x.refused(correction))
	correction.Fields["age"] = 18
	x.must(correction)

	for _, actor := range []campaign.Actor{{}, supervisor} {
		r := campaign.Record{ID: "new", Type: "person", Fields: campaign.Fields{"age": 17}, Phones: []campaign.Phone{{Number: main}}}
		_, err := x.c.Admit(r, actor, noon)
		assert.ErrorContains(t, err, `fields["age"] "17": not valid: want a value that meets the condition age >= 18`, "bad data is not imported")
		r.Fields["age"] = 18
		_, err = x.c.Admit(r, actor, noon)
		assert.NoError(t, err)
	}
}

func TestAllThatIsWrongWithASaveIsSaidAtOnce(t *testing.T) {
	x := given(t).with(&book{}, field("age", func(f *campaign.Field) { f.ValidWhen = "no" }), field("pet", func(f *campaign.Field) { f.ValidWhen = "fail" }))
	err := x.idle().refused(campaign.Set{Status: "strict", Actor: supervisor, Input: campaign.Input{Agent: bob}, Fields: campaign.Fields{"age": 1, "pet": "cat"}})
	assert.Equal(t, []string{"agent", "date", "hour"}, inputErrors(err))
	assert.ErrorContains(t, err, "fill in city")
	assert.ErrorContains(t, err, `fields["age"]`)
	assert.ErrorContains(t, err, `fields["pet"]`)
}
