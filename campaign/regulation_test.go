package campaign_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/outside"
)

// regulated are windows as a rule of law states them, for one class of days.
var regulated = regexp.MustCompile(`^(\d\d:\d\d-\d\d:\d\d(;\d\d:\d\d-\d\d:\d\d)*|none)`)

// Every rule that states windows can be written as hours, and opens and closes
// at the called person's local time.
func TestRulesOfLawAreHours(t *testing.T) {
	file, err := os.Open(filepath.Join(outside.Dir(t), "vectors", "regulation_windows.csv"))
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	// A Wednesday, a Saturday, a Sunday and a Friday that is a holiday here.
	classes := []struct{ column, days, date string }{
		{"mon_fri", "mon-fri", "2026-11-18"}, {"sat", "sat", "2026-11-21"},
		{"sun", "sun", "2026-11-22"}, {"holidays", "holiday", "2026-11-20"},
	}
	tested := 0
	for _, row := range rows[1:] {
		var groups []string
		for _, class := range classes {
			if windows := regulated.FindString(row[column[class.column]]); windows != "" {
				groups = append(groups, class.days+" "+strings.ReplaceAll(windows, ";", ", "))
			}
		}
		if len(groups) == 0 {
			continue
		}
		tested++
		t.Run(row[column["id"]], func(t *testing.T) {
			zone := "America/New_York"
			if !strings.HasPrefix(row[column["id"]], "US") {
				zone = "Europe/Madrid"
			}
			if fixed, ok := strings.CutSuffix(row[column["tz_basis"]], " fixed"); ok {
				zone = fixed
			}
			c := compiled(t, campaign.Config{
				CalleeZone: zone, CalleeHours: hours(t, strings.Join(groups, "; ")),
				Holidays: map[string]campaign.Holidays{"": {Dates: []string{"2026-11-20"}}},
			})
			class := c.ClassOf(campaign.Phone{})
			for i, d := range classes {
				windows := regulated.FindString(row[column[d.column]])
				if windows == "" && i == 3 {
					windows = regulated.FindString(row[column["mon_fri"]]) // it says nothing: the weekday's
				}
				for _, window := range strings.Split(windows, ";") {
					from, to, ok := strings.Cut(window, "-")
					if !ok {
						open, _ := c.ClassOpen(class, in(t, zone, d.date+" 12:00"))
						assert.False(t, open, d.days)
						continue
					}
					opens, closes := in(t, zone, d.date+" "+from), in(t, zone, d.date+" "+to)
					open, until := c.ClassOpen(class, opens.Add(-time.Second))
					assert.False(t, open, "%s before %s", d.days, from)
					assert.Equal(t, opens, until)
					open, until = c.ClassOpen(class, opens)
					assert.True(t, open, "%s at %s", d.days, from)
					assert.Equal(t, closes, until)
					open, _ = c.ClassOpen(class, closes)
					assert.False(t, open, "%s at %s", d.days, to)
				}
			}
		})
	}
	assert.Greater(t, tested, 15)
}
