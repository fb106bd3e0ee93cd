package status_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/internal/outside"
	"github.com/nextcall/nextcall/status"
)

// vicidial is one line of the statuses that VICIdial ships.
type vicidial map[string]string

func (v vicidial) yes(flag string) bool { return v[flag] == "Y" }

// states are VICIdial's names for what is no status here: the record is fresh,
// chosen, or leased.
var states = map[string]bool{"NEW": true, "QUEUE": true, "INCALL": true}

// agentless are calls that people answered and no agent was free for.
var agentless = map[string]bool{
	"DROP": true, "XDROP": true, "PDROP": true, "TIMEOT": true, "AFTHRS": true, "NANQUE": true,
}

// translate is the mapping, first match wins:
//
//	sale            -> success and closed, positive
//	do not call     -> closed, a refusal; on the global blacklist when an agent
//	                   set it (the other two say that the number is on one)
//	callback        -> public callback at a time, a contact
//	unworkable      -> the number is done, the next one is called
//	not interested  -> closed, negative
//	customer contact-> held for a person to decide, a contact
//	no agent free   -> called again with an agent reserved
//	message or survey played -> closed
//	everything else -> called again
//
// What agents could not select there is hidden here.
func translate(v vicidial) status.Status {
	s := status.Status{
		ID: status.ID(v["status"]), Title: v["status_name"], Hidden: !v.yes("selectable"), Qualifier: status.Redial,
	}
	switch {
	case v.yes("sale"):
		s.Qualifier, s.Class = status.SuccessClosed, status.ClassPositive
	case v.yes("dnc"):
		s.Qualifier, s.Class = status.Closed, status.ClassRefusal
		if v.yes("selectable") {
			s.Blacklist = blacklist.Global
		}
	case v.yes("scheduled_callback"):
		s.Qualifier, s.Class = status.CallbackAt, status.ClassContact
	case v.yes("unworkable"):
		s.EndsNumber = true
	case v.yes("not_interested"):
		s.Qualifier, s.Class = status.Closed, status.ClassNegative
	case v.yes("customer_contact"):
		s.Qualifier, s.Class = status.Manual, status.ClassContact
	case agentless[v["status"]]:
		s.Qualifier = status.Progressive
	case v["status"] == "PM" || v["status"] == "AL" || v["status"] == "SVYREC":
		s.Qualifier = status.Closed
	}
	return s
}

func TestTheStatusesOfVicidialMakeADictionary(t *testing.T) {
	file, err := os.Open(filepath.Join(outside.Dir(t), "vectors", "vicidial_default_statuses.csv"))
	require.NoError(t, err)
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, 40)

	d := &status.Dictionary{}
	for _, line := range lines[1:] {
		v := vicidial{}
		for i, name := range lines[0] {
			v[name] = line[i]
		}
		if !states[v["status"]] {
			require.NoError(t, d.Add(translate(v)), v["status"])
		}
	}
	require.Equal(t, 36, d.Len())
	assert.Empty(t, d.Warnings())

	count := map[status.Qualifier]int{}
	for _, s := range d.All() {
		count[s.Qualifier]++
	}
	assert.Equal(t, map[status.Qualifier]int{
		status.SuccessClosed: 1, status.Closed: 7, status.CallbackAt: 2, status.Manual: 2,
		status.Progressive: 6, status.Redial: 18,
	}, count)

	never := get(t, d, "DNC")
	assert.Equal(t, blacklist.Global, never.Blacklist)
	assert.Equal(t, status.ClassRefusal, never.Class)
	assert.Empty(t, get(t, d, "DNCL").Blacklist)
	assert.True(t, get(t, d, "DC").EndsNumber)
	assert.True(t, get(t, d, "CALLBK").Inputs().TimeRequired)
	assert.False(t, get(t, d, "SALE").Hidden)
	assert.True(t, get(t, d, "AA").Hidden)

	data, err := json.Marshal(d)
	require.NoError(t, err)
	var back status.Dictionary
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, d.All(), back.All())
}
