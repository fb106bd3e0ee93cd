package scenarios

import (
	"testing"
	_ "time/tzdata"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/internal/plainstore"
)

// stores are those that every story is told on.
var stores = []struct {
	name string
	open opener
}{
	{"memstore", func() campaign.Store { return memstore.New() }},
	{"plainstore", func() campaign.Store { return plainstore.New() }},
}

// onEveryStore tells a story on each of the stores.
func onEveryStore(t *testing.T, story func(t *testing.T, fresh opener)) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) { story(t, s.open) })
	}
}

func TestScenarios(t *testing.T) {
	onEveryStore(t, func(t *testing.T, fresh opener) {
		Run(t, func(testing.TB) campaign.Store { return fresh() })
	})
}
