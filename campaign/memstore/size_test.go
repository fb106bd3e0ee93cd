package memstore

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

func TestRowsStaySmall(t *testing.T) {
	assert.EqualValues(t, 88, unsafe.Sizeof(row{}))
	assert.EqualValues(t, 24, unsafe.Sizeof(marks{}))
	assert.LessOrEqual(t, unsafe.Sizeof(past{}), uintptr(192))
	assert.LessOrEqual(t, unsafe.Sizeof(earlier{}), uintptr(160))
	assert.LessOrEqual(t, unsafe.Sizeof(callRow{}), uintptr(128))
	t.Log(unsafe.Sizeof(past{}), unsafe.Sizeof(earlier{}), unsafe.Sizeof(callRow{}))
}
