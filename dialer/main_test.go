package dialer_test

import (
	"testing"

	"go.uber.org/goleak"
)

// The library starts no goroutine: none is left when all tests have run.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
