package sqlstore

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/campaign"
)

func TestEveryFieldComesBackAsItWas(t *testing.T) {
	l := newLayouts()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		w := wide{Fields: campaign.Fields{}, Tags: rapid.SliceOfN(text, 1, 3).Draw(t, "tags")}
		for i := range rapid.IntRange(1, 6).Draw(t, "fields") {
			name := text.Draw(t, "name")
			switch i {
			case 0:
				w.Fields[name] = text.Draw(t, "text")
			case 1:
				w.Fields[name] = rapid.Int64().Draw(t, "int")
			case 2:
				w.Fields[name] = rapid.Float64().Draw(t, "float")
			case 3:
				w.Fields[name] = rapid.Bool().Draw(t, "bool")
			case 4:
				w.Fields[name] = instant(rapid.Int64Range(noTime, micros(campaign.Forever)).Draw(t, "time"))
			case 5:
				w.Fields[name] = rapid.SliceOfN(text, 0, 3).Draw(t, "texts")
			}
		}
		var got wide
		require.NoError(t, l.decode(l.encode(&w), &got))
		assert.Equal(t, w, got)
	})
}

func TestWhatIsBrokenIsAnErrorAndNeverAPanic(t *testing.T) {
	l := newLayouts()
	r := campaign.Record{ID: "a", Phones: []campaign.Phone{{Number: 48_600_000_001, Label: `"home" \ ` + "\n"}}, Fields: campaign.Fields{"f": 2.5, "t": time.Unix(7, 0), "l": []string{"x"}}}
	text := l.encode(&r)
	require.NoError(t, l.decode(text, new(campaign.Record)))
	for i := range text {
		assert.Error(t, l.decode(text[:i], new(campaign.Record)), "cut off at %d: %s", i, text[:i])
	}
	var newer campaign.Record
	require.NoError(t, l.decode(`{"id":"a","to come":{"x":[1,{"y":null}],"z":"}"},"source":"web"}`, &newer))
	assert.Equal(t, campaign.Record{ID: "a", Source: "web"}, newer, "members that are not known are passed over")
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(text)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		_ = l.decode(string(b), new(campaign.Record))
	})
}

func TestInstantsOfAllYearsAreKept(t *testing.T) {
	assert.True(t, instant(noTime) == time.Time{}, "the zero time is the zero value again")
	assert.Equal(t, noTime, micros(time.Time{}))
	assert.Equal(t, campaign.Forever.UTC(), instant(micros(campaign.Forever)))
	early := time.Date(1, 1, 1, 0, 0, 0, 1999, time.UTC)
	assert.Equal(t, early.Truncate(time.Microsecond), instant(micros(early)))
	assert.Equal(t, int64(math.MaxInt64), micros(time.Unix(math.MaxInt64/1000, 0)))
	assert.Equal(t, int64(math.MinInt64), micros(time.Unix(math.MinInt64/1000, 0)))
}
