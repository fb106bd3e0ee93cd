package ruletest_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/nextcall/nextcall/campaign/rule/ruletest"
)

// No file does harm: it is read, or its mistakes are named with lines that it
// has; and what is read can be run, or its mistakes are named too.
func FuzzParse(f *testing.F) {
	spring, err := os.ReadFile("testdata/spring.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(spring))
	f.Add(withRules("case it\ncall.outcome = \"busy\"\n-> none"))
	for _, x := range factsSeen {
		f.Add(withRules("case it\n" + x.facts + "\n-> dial = yes"))
	}
	for _, x := range afterCallSeen {
		f.Add(withRules("case it\n" + x.facts + "\n-> none\n-> fails broken"))
	}
	f.Add("campaign a\nzone = UTC\nstatus b\nauto_set = 1 <\n # c\n 2\ncase \"\"\nearlier_call = \"busy\" 1ns ago on phone 1\nrecord.phones = [\"+1\"]\nphone.left = 20\n-> \"b\"\n-> next_at b = in -3h")
	f.Fuzz(func(t *testing.T, text string) {
		suite, err := ruletest.Parse("f", []byte(text))
		if err != nil {
			placed(t, text, err)
			return
		}
		report, err := suite.Run(ruletest.Options{})
		if err != nil {
			placed(t, text, err)
			return
		}
		covered, missing := report.Covered(), report.Missing()
		if covered < 0 || covered > 1 || (covered == 1) != (len(missing) == 0) {
			t.Errorf("covered %v, and missing are %q", covered, missing)
		}
	})
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
