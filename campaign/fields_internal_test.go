package campaign

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func person(t testing.TB) *Campaign {
	return mustCompile(t, Config{Zone: "UTC", RecordTypes: []RecordType{
		{Name: "person", Fields: []Field{
			{Name: "name", Required: true}, {Name: "age", Type: Int, Required: true}, {Name: "score", Type: Double},
			{Name: "vip", Type: Bool, Required: true}, {Name: "born", Type: Timestamp, Required: true},
			{Name: "tags", Type: Strings, Required: true}, {Name: "secret", Required: true, Hidden: true},
		}},
		{Name: "empty"},
	}})
}

// Values come as a host has them or as JSON left them, and are stored in one form.
func TestFieldsAreStoredInOneForm(t *testing.T) {
	c := person(t)
	born := time.Date(1980, 2, 29, 10, 0, 0, 1999, time.FixedZone("x", 3600))
	given := Fields{"name": "Łukasz", "age": float64(46), "score": int64(3), "vip": false, "born": born, "tags": []any{"a", "b"}, "secret": nil}
	got, err := c.checkFields("person", given)
	require.NoError(t, err)
	want := Fields{"name": "Łukasz", "age": int64(46), "score": float64(3), "vip": false,
		"born": born.UTC().Truncate(time.Microsecond), "tags": []string{"a", "b"}, "secret": nil}
	assert.Equal(t, want, got)
	assert.Equal(t, float64(46), given["age"], "what was given is not changed")

	text, err := json.Marshal(got)
	require.NoError(t, err)
	var back Fields
	require.NoError(t, json.Unmarshal(text, &back))
	back, err = c.checkFields("person", back)
	require.NoError(t, err)
	assert.Equal(t, want, back)

	tags := []string{"a"}
	got, err = c.checkFields("person", Fields{"tags": tags})
	require.NoError(t, err)
	tags[0] = "b"
	assert.Equal(t, []string{"a"}, got["tags"])
}

func TestFieldsThatAreWrong(t *testing.T) {
	c := person(t)
	for _, tt := range []struct {
		name string
		typ  string
		f    Fields
		path string
		msg  string
	}{
		{"unknown field", "person", Fields{"nam": "x"}, `fields["nam"]`, `did you mean "name"?`},
		{"unknown type", "persn", Fields{}, "type", `did you mean "person"?`},
		{"the type without fields", "", Fields{"name": "x"}, `fields["name"]`, "no such field"},
		{"a type without fields", "empty", Fields{"name": "x"}, `fields["name"]`, "no such field"},
		{"text for a number", "person", Fields{"age": "46"}, `fields["age"]`, "want a value of type int, not a string"},
		{"a fraction", "person", Fields{"age": 46.5}, `fields["age"]`, "whole number"},
		{"a number too large to be exact", "person", Fields{"age": 1e17}, `fields["age"]`, "whole number"},
		{"no number", "person", Fields{"age": math.NaN()}, `fields["age"]`, "whole number"},
		{"no number either", "person", Fields{"score": math.NaN()}, `fields["score"]`, "finite"},
		{"infinity", "person", Fields{"score": math.Inf(-1)}, `fields["score"]`, "finite"},
		{"not UTF-8", "person", Fields{"name": "\xff"}, `fields["name"]`, "UTF-8"},
		{"not UTF-8 in a list", "person", Fields{"tags": []string{"a", "\xff"}}, `fields["tags"]`, "UTF-8"},
		{"a number in a list", "person", Fields{"tags": []any{"a", 1}}, `fields["tags"]`, "element 1"},
		{"text for a list", "person", Fields{"tags": "a"}, `fields["tags"]`, "a list"},
		{"year 10000", "person", Fields{"born": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, `fields["born"]`, "1 to 9999"},
		{"year 0", "person", Fields{"born": time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)}, `fields["born"]`, "1 to 9999"},
		{"no time", "person", Fields{"born": "yesterday"}, `fields["born"]`, "2026-11-22T09:00:00Z"},
		{"number for bool", "person", Fields{"vip": 1}, `fields["vip"]`, "type bool"},
		{"an unknown Go type", "person", Fields{"name": struct{}{}}, `fields["name"]`, "type string"},
	} {
		got, err := c.checkFields(tt.typ, tt.f)
		assert.Nil(t, got, tt.name)
		var bad *FieldError
		require.ErrorAs(t, err, &bad, tt.name)
		assert.Equal(t, tt.path, bad.Path, tt.name)
		assert.Contains(t, bad.Msg, tt.msg, tt.name)
	}
	_, err := c.checkFields("person", Fields{"age": "x", "vip": "y", "other": 1})
	require.Len(t, unjoin(err), 3, "all mistakes at once")
}

// rows: D22
func TestRequiredFieldsAreDemandedUnlessHidden(t *testing.T) {
	c := person(t)
	assert.Equal(t, []string{"name", "age", "vip", "born", "tags"}, missingOf(c, "person", nil))
	assert.Equal(t, []string{"name", "age", "vip", "born", "tags"}, missingOf(c, "person",
		Fields{"name": " \t\u00a0", "age": nil, "born": time.Time{}, "tags": []string{" "}}))
	assert.Empty(t, missingOf(c, "person", Fields{"name": "x", "age": int64(0), "vip": false, "born": time.Unix(0, 0), "tags": []string{"a"}}))
	assert.Empty(t, missingOf(c, "", nil))
	assert.Empty(t, missingOf(c, "empty", nil))
}

// missingOf are the required fields that a record of c would lack.
func missingOf(c *Campaign, typ string, fields Fields) []string {
	var w Work
	d := w.begin(c, &Facts{Record: Record{Type: typ, Fields: fields}}, time.Unix(0, 0))
	names, _ := d.missing()
	return names
}
