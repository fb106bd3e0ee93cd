package status_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/status"
)

// rows: K21, D23
func TestATimeThatIsComputedCanBeGivenButNeedNot(t *testing.T) {
	for _, q := range status.Qualifiers() {
		if !q.Effect().Definable {
			continue
		}
		plain := good(q)
		computed := plain
		computed.Delay, computed.NextAt = 0, "now"
		want := plain.Inputs()
		want.TimeRequired = false
		assert.Equal(t, want, computed.Inputs(), q)
	}
	dated := status.Status{ID: "d", Title: "d", Qualifier: status.Redial, NextCall: true, NextAt: "now"}
	require.NoError(t, dated.Check())
	assert.Equal(t, status.Inputs{Time: true}, dated.Inputs())
}

func TestAComputedNextCallAndAStopGoThroughJSONAndClones(t *testing.T) {
	s := status.Status{ID: "later", Title: "Later", Qualifier: status.OwnCallbackAt, AutoSet: "true", AutoStop: true,
		NextAt: "now + duration(\"2h\")"}
	text, err := json.Marshal(s)
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"later","title":"Later","qualifier":"own_callback_at","auto_set":"true","auto_stop":true,
		"next_at":"now + duration(\"2h\")"}`, string(text))
	var back status.Status
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, s, back)
	clone := s.Clone("other", "Other")
	clone.ID, clone.Title = s.ID, s.Title
	assert.Equal(t, s, clone)

	d, err := status.New(s)
	require.NoError(t, err)
	text, err = json.Marshal(d)
	require.NoError(t, err)
	var read status.Dictionary
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, d.All(), read.All())
}
