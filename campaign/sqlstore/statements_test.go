package sqlstore

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A statement of SQLite is planned again each time it is used if the planner has
// looked at the value of an argument. That costs more than to run it.
func TestNoStatementIsPlannedByItsArguments(t *testing.T) {
	limit := regexp.MustCompile(`LIMIT\s*\?`)
	// What indexes have in their conditions, compared with an argument.
	condition := regexp.MustCompile(`[^+.\w](?:\w\.)?(place|park_until|park_revision|contact|owner|rec|number|done) <> \?`)
	for _, text := range statements {
		assert.False(t, limit.MatchString(text), "a bare argument of LIMIT: %s", text)
		assert.False(t, condition.MatchString(text), "an argument compared as the condition of an index is: %s", text)
	}
}
