package nearest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/internal/nearest"
)

func TestTheNameThatWasMeant(t *testing.T) {
	names := []string{"answered", "busy", "no_answer", "own_callback_at"}
	for typed, want := range map[string]string{
		"bussy": "busy", "BUSY": "busy", "no answer": "no_answer", "OwnCallbackAt": "own_callback_at", "anwsered": "answered",
		"": "", "voicemail": "", strings.Repeat("busy", 20): "",
	} {
		assert.Equal(t, want, nearest.Name(typed, names), "typed %q", typed)
	}
	assert.Empty(t, nearest.Name("busy", nil))
}
