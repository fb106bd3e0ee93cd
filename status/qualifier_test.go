package status_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/status"
)

func TestQualifiersAreReadAsTheyAreWritten(t *testing.T) {
	for _, q := range append(status.Qualifiers(), status.None) {
		text, err := q.MarshalText()
		require.NoError(t, err)
		got, err := status.ParseQualifier(string(text))
		require.NoError(t, err)
		assert.Equal(t, q, got)
		assert.Equal(t, q.String(), string(text))
	}
	_, err := status.Qualifier(99).MarshalText()
	assert.Error(t, err)
	assert.Equal(t, "Qualifier(99)", status.Qualifier(99).String())
}

func TestAMistypedQualifierIsAnsweredWithTheNearestOne(t *testing.T) {
	for text, near := range map[string]string{
		"OwnCallbackAt":   "own_callback_at",
		"own callback at": "own_callback_at",
		"redail":          "redial",
		"Closed":          "closed",
		"sucess":          "success",
		"succes_canceled": "success_cancelled",
		"end-of-queue":    "end_of_queue",
		"xyz":             "",
		"":                "",
	} {
		t.Run(text, func(t *testing.T) {
			q, err := status.ParseQualifier(text)
			assert.Equal(t, status.None, q)
			var parse *status.ParseError
			require.ErrorAs(t, err, &parse)
			assert.Equal(t, text, parse.Text)
			assert.Equal(t, "qualifier", parse.Kind)
			assert.Equal(t, near, parse.Near)
			assert.Len(t, parse.Names, len(status.Qualifiers()))
			if near != "" {
				assert.Contains(t, err.Error(), `did you mean "`+near+`"?`)
			} else {
				assert.Contains(t, err.Error(), "the names are unused, redial, ")
			}
		})
	}
}

func TestAQualifierThatCannotBeReadLeavesTheOldOne(t *testing.T) {
	q := status.Closed
	require.Error(t, q.UnmarshalText([]byte("redail")))
	assert.Equal(t, status.Closed, q)
}

// text is a value that is stored as text.
type text interface {
	encoding.TextMarshaler
	String() string
}

func TestTheOtherNamesAreReadAsTheyAreWritten(t *testing.T) {
	readBack := func(written text, into encoding.TextUnmarshaler, want string) {
		t.Helper()
		bytes, err := written.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, want, string(bytes))
		assert.Equal(t, want, written.String())
		require.NoError(t, into.UnmarshalText(bytes))
		var parse *status.ParseError
		assert.ErrorAs(t, into.UnmarshalText([]byte("nonsense")), &parse)
	}
	for i, want := range []string{"keep", "queued", "held", "closed"} {
		var got status.Standing
		readBack(status.Standing(i), &got, want)
		assert.Equal(t, status.Standing(i), got)
	}
	for i, want := range []string{"none", "own", "progressive", "public", "fresh", "again", "last"} {
		var got status.Lane
		readBack(status.Lane(i), &got, want)
		assert.Equal(t, status.Lane(i), got)
	}
	for i, want := range []string{"none", "contact", "positive", "negative", "refusal"} {
		var got status.Class
		readBack(status.Class(i), &got, want)
		assert.Equal(t, status.Class(i), got)
	}
	for i, want := range []string{"none", "mail", "sms"} {
		var got status.ActionKind
		readBack(status.ActionKind(i), &got, want)
		assert.Equal(t, status.ActionKind(i), got)
	}
}

// A record never waits in "keep": it stands in the table only.
// What Effect returns is the caller's: writing to it changes no qualifier.
func TestAnEffectIsACopyOfItsRow(t *testing.T) {
	for _, q := range append(status.Qualifiers(), status.None, 200) {
		e := q.Effect()
		want := e
		e.Standing, e.Name, e.Qualifier = status.StandingClosed, "other", 77
		assert.Equal(t, want, q.Effect())
	}
	assert.Equal(t, status.None.Effect(), status.Qualifier(200).Effect(), "what is no qualifier has the row of none")
	assert.Equal(t, status.Busy, status.Busy.Effect().Qualifier)
}

func TestNoRecordIsStoredInTheLaneKeep(t *testing.T) {
	assert.Equal(t, "keep", status.LaneKeep.String())
	_, err := status.LaneKeep.MarshalText()
	require.Error(t, err)
	var lane status.Lane
	require.Error(t, lane.UnmarshalText([]byte("keep")))
	assert.Equal(t, 7, status.NumLanes)
	assert.Equal(t, status.Lane(status.NumLanes-1), status.LaneLast)
}

func TestADelayIsWrittenAsGoWritesDurations(t *testing.T) {
	in := status.Status{Delay: status.Delay(90 * 60e9)}
	data, err := json.Marshal(in)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"delay":"1h30m0s"`)

	var out status.Status
	require.NoError(t, json.Unmarshal([]byte(`{"delay":"1h30m"}`), &out))
	assert.Equal(t, in.Delay, out.Delay)

	for _, bad := range []string{"90", "1 hour", "", "in a while"} {
		err := out.Delay.UnmarshalText([]byte(bad))
		var parse *status.ParseError
		require.ErrorAs(t, err, &parse, bad)
		assert.Contains(t, err.Error(), `"1h30m"`)
	}
	assert.Equal(t, in.Delay, out.Delay, "a text that cannot be read changes nothing")
}

func FuzzParseQualifier(f *testing.F) {
	for _, q := range status.Qualifiers() {
		f.Add(q.String())
	}
	for _, seed := range []string{"", "none", "REDIAL", "own callback", "\xff", "żółty", "redial\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := status.ParseQualifier(text)
		if err == nil {
			if q.String() != text {
				t.Fatalf("%q was read as %s", text, q)
			}
			return
		}
		var parse *status.ParseError
		if !errors.As(err, &parse) || q != status.None || err.Error() == "" {
			t.Fatalf("%q: %v, %v", text, q, err)
		}
		if parse.Near != "" {
			if _, err := status.ParseQualifier(parse.Near); err != nil {
				t.Fatalf("%q: the suggestion %q is none", text, parse.Near)
			}
		}
	})
}
