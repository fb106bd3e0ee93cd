package memstore

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAPoolGivesOutWhatIsEmpty(t *testing.T) {
	var p pool[[2]string]
	for range 2 * poolChunk {
		*p.at(p.add()) = [2]string{"a", "b"}
	}
	p.drop(3)
	p.drop(poolChunk + 1)
	assert.Equal(t, 2*poolChunk-2, p.len())
	assert.EqualValues(t, poolChunk+1, p.add())
	assert.EqualValues(t, 3, p.add())
	assert.Zero(t, *p.at(3))
	assert.Zero(t, *p.at(poolChunk + 1))
	assert.EqualValues(t, 2*poolChunk+1, p.add())
}
