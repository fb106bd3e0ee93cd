package enginetest

import "testing"

// StartPostgres starts a server whose commits are durable, and returns the
// directory of its socket. It stops at the end of the test.
func StartPostgres(t testing.TB) (dir string) {
	t.Helper()
	return startPostgres(t, "fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB",
		"max_wal_size=8GB", "checkpoint_timeout=30min", "max_connections=200", "random_page_cost=1.1").dir
}
