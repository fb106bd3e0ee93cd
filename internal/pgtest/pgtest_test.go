package pgtest_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/nextcall/nextcall/internal/pgtest"
)

func TestAServerKeepsItsDataWhenItIsStartedAgain(t *testing.T) {
	c := pgtest.New(t)
	ask := func(statement string) string {
		t.Helper()
		out, err := c.Command(t.Context(), "psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", c.URL("postgres"), "-c", statement).CombinedOutput()
		if err != nil {
			t.Fatalf("psql: %v %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	c.Start(t, "fsync=off")
	ask("CREATE TABLE x AS SELECT 7 AS n")
	c.Stop()
	c.Stop() // twice is once
	c.Start(t, "work_mem=5MB")
	if got := ask("SELECT n, current_setting('work_mem'), current_setting('fsync') FROM x"); got != "7|5MB|on" {
		t.Errorf("%q", got)
	}
}

func TestNothingIsLeftOfAServer(t *testing.T) {
	var c *pgtest.Cluster
	t.Run("it runs", func(t *testing.T) {
		c = pgtest.New(t)
		c.Start(t, "fsync=off")
	})
	if c == nil {
		t.Skip(pgtest.Missing)
	}
	if _, err := os.Stat(c.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", c.Dir, err)
	}
	if err := c.Command(context.Background(), "pg_isready", "-h", c.Dir).Run(); err == nil {
		t.Error("it still answers")
	}
}
