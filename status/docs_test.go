package status_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/status"
)

var update = flag.Bool("update", false, "write docs/qualifiers.md anew")

// docs/qualifiers.md is written from the table, so it cannot say anything else.
func TestTheDocumentationIsTheTable(t *testing.T) {
	path := filepath.Join("..", "docs", "qualifiers.md")
	want := document()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run go test ./status -run Documentation -update")
}

func document() string {
	var b strings.Builder
	b.WriteString(`# Qualifiers

A status names one qualifier: what the engine does with a record that gets the status. This page is written from the
table in ` + "`status/qualifier.go`" + ` by its test; read ` + "`status.Qualifier.Effect`" + ` for the same in a program.

## What a qualifier does

- **the record**: *queued* waits for its next call, *held* is open and called by hand only, *closed* is done. *keep*
  leaves a record that is ready or waiting as it is, and holds any other.
- **next call**: *policy* is the status's delay, else the campaign's retry policy; *delay* is the status's delay from
  now; *input* is the time given with the status; *clear* is none. Where there is one, a status may compute it
  (next_at) when no time is given.
- **owner**: *set* is the agent given, else the one the status names, else the one of the call. *keep, by the engine*
  clears the owner when a person sets it.
- **tier**: the order in which calls are chosen, 1 first.
- **input**: what a screen asks for. *flag* means that a status may demand date and time of the next call: the record
  then waits as a callback, a public one unless the qualifier is an own callback. An agent left empty is the owner's
  default.

| qualifier | in words | Thulium / Systell | the record | next call | owner | tier | attempts | success | input | also |
|---|---|---|---|---|---|---|---|---|---|---|
`)
	for _, q := range status.Qualifiers() {
		e := q.Effect()
		line(&b, "`"+e.Name+"`", e.Title, e.Terms, e.Standing.String(), e.Next.String(), owner(e.Owner), e.ByTier,
			either(e.ResetAttempts, "reset", "keep"), success(e), list(
				"time", e.NeedsTime, "agent", e.NeedsAgent, "flag", e.MayFlagNextCall && !e.NeedsTime),
			list("sends a mail", e.Action == status.ActionMail, "sends a text message", e.Action == status.ActionSMS,
				"attention", e.Attention, "the number is out; closed when none is left", e.EndsNumber))
	}
	b.WriteString(`
A record without a status has no qualifier of its own: imported it is ` + "`unused`" + `, made as a case it is ` + "`manual`" + `.

## Who may set it

- **status**: a status definition may have it, so people can choose it.
- **engine**: the engine sets it without being told; **import**: a new record gets it.
- **change to**: a bulk change may set it; **move to**: a move to another campaign may; **move from**: records that
  have it may be moved.
- **after a success**: may be set while the success flag is on; *only* means that it needs the flag.

| qualifier | status | engine | import | change to | move to | move from | after a success |
|---|---|---|---|---|---|---|---|
`)
	for _, q := range status.Qualifiers() {
		e := q.Effect()
		after := tick(e.AfterSuccess)
		if e.RequiresSuccess {
			after = "only"
		}
		line(&b, "`"+e.Name+"`", tick(e.Definable), tick(e.Engine), tick(e.ByImport),
			tick(e.ChangeTarget), tick(e.MoveTarget), tick(e.MoveSource), after)
	}
	return b.String()
}

func line(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func list(pairs ...any) string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1].(bool) {
			all = append(all, pairs[i].(string))
		}
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, ", ")
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func tick(set bool) string { return either(set, "yes", "–") }

func owner(rule status.OwnerRule) string {
	if rule == status.OwnerKeepByEngine {
		return "keep, by the engine"
	}
	return rule.String()
}

func success(e status.Effect) string {
	if e.Success == status.SuccessKeep {
		return "–"
	}
	return e.Success.String()
}
