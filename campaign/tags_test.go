package campaign_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

func TestTagsAreAListOfTheHostsOwn(t *testing.T) {
	x := given(t).idle()
	tags := []string{"vip", "żółty"}
	r := x.must(campaign.Edit{Tags: tags, Actor: supervisor}).Record
	tags[0] = "scribbled"
	assert.Equal(t, []string{"vip", "żółty"}, r.Tags)
	assert.Equal(t, []string{"vip", "żółty"}, x.must(campaign.Edit{Note: "n", Actor: supervisor}).Record.Tags, "nil leaves them")
	assert.Equal(t, []string{"cold"}, x.must(campaign.Edit{Tags: []string{"cold"}, Actor: supervisor}).Record.Tags)
	assert.Nil(t, x.must(campaign.Edit{Tags: []string{}, Actor: supervisor}).Record.Tags)

	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint("t", i)
	}
	for path, bad := range map[string][]string{
		"tags[1]": {"a", ""}, "tags[0]": {strings.Repeat("x", 201)}, "tags[2]": {"a", "b", "a"}, "tags": many,
		"tags[3]": {"a", "b", "c", "\xff"}, "tags[4]": {"a", "b", "c", "d", "x\x00"},
	} {
		var field *campaign.FieldError
		require.ErrorAs(t, x.refused(campaign.Edit{Tags: bad, Actor: supervisor}), &field)
		assert.Equal(t, path, field.Path)
		_, err := x.c.Admit(campaign.Record{ID: "new", Phones: []campaign.Phone{{Number: main}}, Tags: bad}, supervisor, noon)
		require.ErrorAs(t, err, &field)
		assert.Equal(t, path, field.Path)
	}
	tags = many[:100]
	change, err := x.c.Admit(campaign.Record{ID: "new", Phones: []campaign.Phone{{Number: blacklist.Number(48600100200)}}, Tags: tags}, supervisor, noon)
	require.NoError(t, err)
	tags[0] = "scribbled"
	assert.Equal(t, "t0", change.Record.Tags[0], "an admitted record shares nothing with the caller")
}
