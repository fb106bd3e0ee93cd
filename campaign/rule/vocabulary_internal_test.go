package rule

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Every function of ours is documented, with every number of arguments, and
// nothing is documented that there is not.
func TestTheVocabularyNamesEveryFunction(t *testing.T) {
	want := map[string]bool{"since/1": true, "bucket/2": true, "prefix/2": true}
	for _, f := range contextuals() {
		want[fmt.Sprintf("%s/%d", f.name, len(f.args))] = true
	}
	got := map[string]bool{}
	for _, f := range Functions() {
		for _, form := range strings.SplitAfter(f.Form, ") ") {
			name, args, ok := strings.Cut(strings.TrimSuffix(form, ") "), "(")
			if !ok {
				continue
			}
			name = name[strings.LastIndexByte(name, ' ')+1:]
			n := 0
			if args != "" {
				n = strings.Count(args, ",") + 1
			}
			got[fmt.Sprintf("%s/%d", name, n)] = true
			assert.Contains(t, f.Example, name+"(")
		}
		c, _, err := campaign.Compile(campaign.Config{ID: "c", Zone: "UTC", CalleeZone: "UTC", Own: []status.Status{
			{ID: "s", Title: "S", Qualifier: status.Redial, AutoSet: f.Example},
		}}, nil, Engine{})
		require.NoError(t, err, f.Example)
		assert.NotNil(t, c.Rules(), f.Example)
	}
	assert.Equal(t, want, got)
}
