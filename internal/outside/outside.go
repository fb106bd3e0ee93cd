// Package outside finds the test data that is not part of this repository.
package outside

import (
	"os"
	"testing"
)

// Dir returns the directory named by the environment variable NEXTCALL_DATA.
// A test that needs it is skipped when the variable is unset; in continuous
// integration, where CI is set, a skip would hide a check, so it fails there.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("NEXTCALL_DATA")
	if dir != "" {
		return dir
	}
	if os.Getenv("CI") != "" {
		tb.Fatal("NEXTCALL_DATA is unset: name the directory with the outside test data")
	}
	tb.Skip("NEXTCALL_DATA is unset: this test needs the outside test data")
	return ""
}
