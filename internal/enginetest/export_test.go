package enginetest

import "testing"

// StartPostgres starts a server to measure with, and returns the directory of
// its socket. It stops at the end of the test. Commits are durable, unless it is
// to be hasty.
func StartPostgres(t testing.TB, hasty bool, more ...string) (dir string) {
	t.Helper()
	durable := "on"
	if hasty {
		durable = "off"
	}
	settings := []string{"fsync=" + durable, "synchronous_commit=" + durable, "full_page_writes=" + durable, "shared_buffers=256MB",
		"max_wal_size=8GB", "checkpoint_timeout=30min", "max_connections=200", "random_page_cost=1.1"}
	return startPostgres(t, append(settings, more...)...).dir
}
