package pgtest

import "testing"

func TestWithoutTheProgramsATestIsSkippedAndInCIFails(t *testing.T) {
	var fake tb
	fake.TB = t
	for _, ci := range []string{"", "true"} {
		t.Setenv("CI", ci)
		fake.skipped, fake.failed = "", ""
		func() {
			defer func() { _ = recover() }()
			from(&fake, "")
		}()
		if ci == "" && fake.skipped != Missing || ci != "" && fake.failed != Missing {
			t.Errorf("CI=%q: skipped %q, failed %q", ci, fake.skipped, fake.failed)
		}
	}
}

// tb hears what a test is told.
type tb struct {
	testing.TB
	skipped, failed string
}

func (x *tb) Skip(args ...any)  { x.skipped = args[0].(string); panic(x) }
func (x *tb) Fatal(args ...any) { x.failed = args[0].(string); panic(x) }
func (x *tb) Helper()           {}
