package rule

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
)

func TestMatchingSaysOfManyRecordsWhatHoldsSaysOfEach(t *testing.T) {
	set := setOf(t, campaign.DialWhen,
		`record.fields.age > 30 && record.attempts < 4`, // fails where there is no age
		`phone.country == "PL" || is_holiday(record.created)`,
		`record.tags.exists(t, t == "a") && local(now).hour > 8`)
	var records []campaign.Record
	for _, x := range scenes(11, 300) {
		records = append(records, x.facts.Record)
	}
	for i := range set.programs {
		type said struct {
			at  int
			err string
		}
		var want, got []said
		failed := 0
		for at := range records {
			ok, err := set.Holds(i, &campaign.Facts{Record: records[at]}, nil, sceneMonday)
			switch {
			case err != nil:
				failed++
				want = append(want, said{at, err.Error()})
			case ok:
				want = append(want, said{at, ""})
			}
		}
		require.NotEmpty(t, want)
		require.NotZero(t, failed)
		for at, err := range set.Matching(i, records, sceneMonday) {
			if err != nil {
				got = append(got, said{at, err.Error()})
				continue
			}
			got = append(got, said{at, ""})
		}
		assert.Equal(t, want, got, set.programs[i].condition.Text)
		for at := range set.Matching(i, records, sceneMonday) {
			assert.Equal(t, want[0].at, at)
			break
		}
	}
}
