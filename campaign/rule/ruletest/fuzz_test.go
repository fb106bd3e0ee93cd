package ruletest_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/campaign/rule/ruletest"
)

// No file does harm: it is read, or its mistakes are named with lines that it
// has; and what is read can be run, or its mistakes are named too.
func FuzzParse(f *testing.F) {
	// Short ones: a long file is made shorter for as long as the run lasts.
	f.Add("case a\nx = 1\n-> b")
	f.Add("given\nx = 1\ncase a\n-> b\n# c\ncase d\nx = 2\n-> also e\n-> fails f")
	f.Add("record_type a\nb = int\nb.required = true\ncontact_fields\nc = strings\nagents\nd.team = e\nd.skills = [\"f\"]\ncase g\n-> h")
	f.Add("campaign a\nzone = UTC\nholidays = PL\ncondition = true\n&& false\ncase g\n-> dial = no")
	f.Add("campaign a\nzone = UTC\nstatus b\nqualifier = redial\nexpiry = \"1 day\"\ndelay = 1h\nauto_set = true\ncase g\ncall.outcome = \"busy\"\n-> b")
	f.Add("campaign a\nzone = UTC\nstatus b\nauto_set = 1 <\n # c\n 2\ncase \"\"\nearlier_call = \"busy\" 1ns ago on phone 1\nrecord.phones = [\"+1\"]\nphone.left = 20\n-> \"b\"\n-> next_at b = in -3h")
	f.Fuzz(func(t *testing.T, text string) { harmless(t, text, ruletest.Options{}) })
}

// The same of cases alone, for a campaign that is compiled already.
func FuzzCases(f *testing.F) {
	for _, x := range factsSeen {
		f.Add("case it\n" + x.facts + "\n-> dial = yes")
	}
	for _, x := range afterCallSeen {
		f.Add("case it\n" + x.facts + "\n-> none\n-> fails broken\n-> also any")
	}
	f.Add("given\nnow = 0001-01-01T00:00:00Z\ncase it\nearlier_call = \"busy\" 200000h ago\n-> next_at later = in 3h\n-> rank = fails")
	suite, err := ruletest.Parse("rules.txt", []byte(withRules("case it\n-> dial = yes")))
	if err != nil {
		f.Fatal(err)
	}
	c, _, err := suite.Compile(rule.Engine{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) { harmless(t, text, ruletest.Options{Campaign: c}) })
}

func harmless(t *testing.T, text string, o ruletest.Options) {
	suite, err := ruletest.Parse("f", []byte(text))
	if err != nil {
		placed(t, text, err)
		return
	}
	report, err := suite.Run(o)
	if err != nil {
		placed(t, text, err)
		return
	}
	covered, missing := report.Covered(), report.Missing()
	if covered < 0 || covered > 1 || (covered == 1) != (len(missing) == 0) {
		t.Errorf("covered %v, and missing are %q", covered, missing)
	}
}

// placed checks that every mistake has a line of the file, or is about it all.
func placed(t *testing.T, text string, err error) {
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for _, err := range list {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			placed(t, text, errors.Join(joined.Unwrap()...))
			continue
		}
		var e *ruletest.Error
		if !errors.As(err, &e) {
			t.Fatalf("%T is no *Error: %v", err, err)
		}
		if e.Line < 0 || e.Line > strings.Count(text, "\n")+1 || e.Msg == "" {
			t.Errorf("line %d of %d: %q", e.Line, strings.Count(text, "\n")+1, e.Msg)
		}
	}
}
