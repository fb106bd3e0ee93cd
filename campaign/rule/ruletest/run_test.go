package ruletest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign/rule/ruletest"
)

// monday is the instant of a case that says none, in Warsaw.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestAFileOfRulesAndCasesRunsWithOneCall(t *testing.T) {
	report := ruletest.Run(t, "testdata/spring.txt", ruletest.Options{FullCoverage: true})
	assert.Empty(t, report.Failed())
	assert.Equal(t, 1.0, report.Covered())
	assert.Len(t, report.Cases, 16)
}

// childFile names, in a process of its own, the file that TestChild runs.
const childFile = "RULETEST_CHILD_FILE"

// TestChild is no test but in a process that another test starts.
func TestChild(t *testing.T) {
	file := os.Getenv(childFile)
	if file == "" {
		return
	}
	ruletest.Run(t, file, ruletest.Options{FullCoverage: os.Getenv("RULETEST_CHILD_FULL") != ""})
}

// child runs a file as a host's go test does, and gives what it prints.
func child(t *testing.T, text string, env ...string) (string, bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rules.txt")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
	cmd.Env = append(append(os.Environ(), childFile+"="+file), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func TestACaseThatDoesNotHoldFailsItsSubtestAndExplains(t *testing.T) {
	out, ok := child(t, withRules("case good\n-> dial = yes\ncase bad\ncall.outcome = \"busy\"\nrecord.fields.balance = 1\n-> later"))
	assert.False(t, ok, out)
	assert.Contains(t, out, "--- PASS: TestChild/good")
	assert.Contains(t, out, "--- FAIL: TestChild/bad")
	assert.Contains(t, out, `rules.txt:59: -> later: the rule of "any" decides`)
	assert.Contains(t, out, "record.attempts is 1")
	assert.Contains(t, out, "2 cases, 1 failed; ")
}

func TestAllThatHoldsPassesUnlessFullCoverageIsWanted(t *testing.T) {
	text := withRules("case good\n-> dial = yes")
	out, ok := child(t, text)
	assert.True(t, ok, out)
	assert.Contains(t, out, "record.attempts >= 3   <- not both")
	out, ok = child(t, text, "RULETEST_CHILD_FULL=1")
	assert.False(t, ok, out)
	assert.Contains(t, out, "not all branches were seen")
	assert.Contains(t, out, "later auto-set: no case asks it")
}

func TestAFileThatCannotBeReadEndsTheTest(t *testing.T) {
	out, ok := child(t, withRules("case bad\nrecord.atempts = 3\n-> dial = yes"))
	assert.False(t, ok, out)
	assert.Contains(t, out, `rules.txt:58: record.atempts: there is no such fact: did you mean "record.attempts"?`)
	out, ok = child(t, "", childFile+"="+filepath.Join(t.TempDir(), "none.txt"))
	assert.False(t, ok, out)
	assert.Contains(t, out, "none.txt")
}

// A file can be run outside of tests too: where its author edits it.
func ExampleParse() {
	suite, err := ruletest.Parse("rules.txt", []byte(`
campaign spring
zone = Europe/Warsaw

status later
qualifier = redial
auto_set = call.outcome == "busy" && record.attempts >= 3

case busy for the third time
call.outcome = "busy"
record.attempts = 3
-> later

case busy for the second time
call.outcome = "busy"
earlier_call = "no_answer" 2h ago
-> none
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := suite.Run(ruletest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(report)
	fmt.Println(report.Missing())
	// Output:
	// 2 cases, 0 failed; 75 % of the branches seen true and false
	// asked   true  false failed  condition
	//     2                       later auto-set
	//            2      0      0    call.outcome == "busy"   <- not both
	//            1      1      0    record.attempts >= 3
	// [later auto-set: column 1: call.outcome == "busy" was never false]
}
