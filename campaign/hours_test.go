package campaign_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

func hours(t testing.TB, text string) campaign.Hours {
	t.Helper()
	h, err := campaign.ParseHours(text)
	require.NoError(t, err)
	return h
}

func TestHoursAreWrittenInOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"":        "",
		"  \n":    "",
		"always":  "always",
		" Never ": "never",
		"mon-fri 08:00-21:00; sat 09:00-13:00, 14:00-18:00; sun none; holiday none; eve 08:00-12:00"://
		"mon-fri 08:00-21:00; sat 09:00-13:00, 14:00-18:00; holiday none; eve 08:00-12:00",
		"daily 00:00-24:00":                     "always",
		"daily 00:00-24:00; holiday none":       "daily 00:00-24:00; holiday none",
		"daily 08:00-20:00; sun none":           "mon-sat 08:00-20:00",
		"sun none; daily 08:00-20:00":           "mon-sat 08:00-20:00",
		"daily 08:00-20:00; wed 09:00-10:00":    "mon-tue 08:00-20:00; wed 09:00-10:00; thu-sun 08:00-20:00",
		"weekend 10:00-16:00":                   "sat-sun 10:00-16:00",
		"fri-mon 10:00-16:00":                   "mon 10:00-16:00; fri-sun 10:00-16:00",
		"Monday,WED , friday 10:00-16:00":       "mon 10:00-16:00; wed 10:00-16:00; fri 10:00-16:00",
		"mon 14:00-18:00, 09:00-13:00":          "mon 09:00-13:00, 14:00-18:00",
		"mon 09:00-12:00, 12:00-15:00":          "mon 09:00-15:00",
		"mon 20:00-02:00":                       "mon 20:00-02:00",
		"mon 20:00-00:00":                       "mon 20:00-24:00",
		"mon 12:00-24:00, 00:00-12:00":          "mon 00:00-24:00",
		"mon\t09:00 -\n12:00;":                  "mon 09:00-12:00",
		"mon none":                              "never",
		"daily none; holiday none":              "never",
		"holiday 10:00-12:00":                   "holiday 10:00-12:00",
		"holiday,eve 10:00-12:00; mon-sun none": "holiday 10:00-12:00; eve 10:00-12:00",
		"mon 23:00-01:00, 00:00-02:00":          "mon 00:00-02:00, 23:00-01:00",
		"mon 00:00-21:00, 21:00-00:01":          "mon 00:00-21:00, 21:00-00:01",
		"mon 12:00-20:00, 20:00-11:00":          "mon 12:00-11:00",
		"mon 12:00-20:00, 20:00-12:00":          "mon 12:00-20:00, 20:00-12:00",
	} {
		h := hours(t, text)
		assert.Equal(t, want, h.String(), text)
		assert.Equal(t, want == "", h.IsZero(), text)
		assert.Equal(t, h, hours(t, h.String()), text)
	}
}

// Every mistake says where it is and what would be right there.
func TestHoursThatAreWrong(t *testing.T) {
	for _, tt := range []struct {
		text string
		at   string // the rest of the text from the mistake on
		want string
	}{
		{"mon 09:00-09:00", "09:00-09:00", "not empty"},
		{"mon 25:00-26:00", "25:00-26:00", "00:00 to 24:00"},
		{"mon 08:00-24:30", "24:30", "00:00 to 24:00"},
		{"mon 8:00-12:00", "8:00-12:00", "08:30"},
		{"mon 08:60-12:00", "08:60-12:00", "08:30"},
		{"mon 08-12", "08-12", "08:30"},
		{"mon 08:00:00-12:00", "08:00:00-12:00", "08:30"},
		{"mon 8am-12:00", "8am-12:00", "08:30"},
		{"mon -08:00-12:00", "08:00-12:00", "a weekday"},
		{"mon 24:00-02:00", "24:00-02:00", "00:00 to 23:59"},
		{"mon 08:00", "", `"-"`},
		{"mon 08:00-", "", "08:30"},
		{"mon", "", "08:30"},
		{"mon maybe", "maybe", `"none"`},
		{"mon none, 08:00-12:00", ", 08:00-12:00", `";"`},
		{"mon 08:00-12:00 tue none", "tue none", `";"`},
		{"mon 08:00-12:00; mon 13:00-14:00", "mon 13:00-14:00", "mon is named twice"},
		{"mon-wed 08:00-12:00; tue none", "tue none", "tue is named twice"},
		{"daily none; daily 08:00-12:00", "daily 08:00-12:00", "named twice"},
		{"mon 08:00-12:00, 11:00-14:00", "11:00-14:00", "overlap 08:00-12:00"},
		{"mon 20:00-02:00, 22:00-23:00", "22:00-23:00", "overlap"},
		{"xyz 08:00-12:00", "xyz 08:00-12:00", "mon, tue"},
		{"08:00-12:00", "08:00-12:00", "mon, tue"},
		{"mon-holiday none", "holiday none", "weekday"},
		{"mon-", "", "weekday"},
		{";", ";", "mon, tue"},
		{"always; holiday none", "always; holiday none", "mon, tue"},
		{"mon 08:00–12:00", "–12:00", `"-"`},
		{"mon \xff", "\xff", "UTF-8"},
		{"\xff", "\xff", "UTF-8"},
	} {
		_, err := campaign.ParseHours(tt.text)
		var bad *campaign.ParseError
		require.ErrorAs(t, err, &bad, tt.text)
		assert.Equal(t, tt.text, bad.Text)
		assert.Equal(t, tt.at, tt.text[bad.Pos:], tt.text)
		assert.Contains(t, bad.Want, tt.want, tt.text)
		assert.Contains(t, err.Error(), tt.want, tt.text)
	}
	_, err := campaign.ParseHours(strings.Repeat("mon none;", 2000))
	require.Error(t, err)
}

func TestHoursTravelAsText(t *testing.T) {
	type box struct {
		Hours campaign.Hours `json:"hours,omitzero"`
	}
	text, err := json.Marshal(box{hours(t, "daily 09:00-17:00")})
	require.NoError(t, err)
	assert.JSONEq(t, `{"hours":"daily 09:00-17:00"}`, string(text))
	text, err = json.Marshal(box{})
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, string(text))

	b := box{hours(t, "never")}
	require.NoError(t, json.Unmarshal([]byte(`{"hours":""}`), &b))
	assert.True(t, b.Hours.IsZero())
	require.Error(t, json.Unmarshal([]byte(`{"hours":"mon 25:00-26:00"}`), &b))
}

func ExampleParseHours() {
	h, err := campaign.ParseHours("daily 08:00-21:00; sat 09:00-13:00, 14:00-18:00; sun none; holiday none")
	fmt.Println(h, err)

	_, err = campaign.ParseHours("mon-fri 8:00-21:00")
	fmt.Println(err)
	// Output:
	// mon-fri 08:00-21:00; sat 09:00-13:00, 14:00-18:00; holiday none <nil>
	// hours "mon-fri 8:00-21:00": at byte 8, "8:00-21:00": want a time from 00:00 to 24:00, such as 08:30
}

func FuzzParseHours(f *testing.F) {
	for _, text := range []string{
		"", "always", "never", "mon-fri 08:00-21:00; sat 09:00-13:00, 14:00-18:00; holiday none; eve 08:00-12:00",
		"daily 20:00-02:00; weekend none", "fri-mon 00:00-24:00", "mon 8:00", "mon 12:00-20:00, 20:00-12:00", ";", "\xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := campaign.ParseHours(text)
		if err != nil {
			var bad *campaign.ParseError
			if !errors.As(err, &bad) || bad.Pos < 0 || bad.Pos > len(text) || bad.Want == "" {
				t.Fatalf("%q: %#v", text, err)
			}
			_ = err.Error()
			return
		}
		again, err := campaign.ParseHours(h.String())
		if err != nil || again != h {
			t.Fatalf("%q: %q reads as %q, %v", text, h, again, err)
		}
	})
}
