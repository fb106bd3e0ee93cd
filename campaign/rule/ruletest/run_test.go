package ruletest_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/campaign/rule/ruletest"
)

func TestAFileOfRulesAndCasesRunsWithOneCall(t *testing.T) {
	report := ruletest.Run(t, "testdata/spring.txt", ruletest.Options{FullCoverage: true})
	assert.Empty(t, report.Failed())
	assert.Equal(t, 1.0, report.Covered())
	assert.Len(t, report.Cases, 16)
}

// monday is the instant of a case that says none, in Warsaw.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
