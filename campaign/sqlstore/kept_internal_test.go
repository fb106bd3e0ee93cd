package sqlstore

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/campaign"
)

// What a transaction takes out is kept no longer, or a process that works alone
// would keep every lease that it ever gave.
func TestWhatIsTakenIsKeptNoLonger(t *testing.T) {
	k, id := newKept(), key{"one", "a"}
	k.rows[id], k.leases[7] = &row{lease: 7}, &lease{call: 7}
	r := &run{unit: newUnit(), kept: k}
	assert.NotNil(t, k.record(r, id))
	assert.NotNil(t, r.leases[campaign.Token(7)])
	assert.Empty(t, k.rows)
	assert.Empty(t, k.leases)
}
