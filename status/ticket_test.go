package status_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/nextcall/nextcall/status"
)

// Validation and next call bind campaign records when they are saved. For a
// ticket or an activity a status has one question only: is it related?
//
// rows: D27
func TestTicketsAndActivitiesAreNotBlockedByValidationOrNextCall(t *testing.T) {
	s := status.Status{ID: "form", Title: "Form", Qualifier: status.Redial, Validate: true, NextCall: true,
		Relations: status.Relations{Categories: []string{"complaints"}, Queues: []string{"hotline"}}}
	plain := s
	plain.Validate, plain.NextCall = false, false
	for _, place := range []struct {
		kind status.RelationKind
		name string
		want bool
	}{
		{status.RelationCategory, "complaints", true},
		{status.RelationCategory, "praise", false},
		{status.RelationQueue, "hotline", true},
		{status.RelationQueue, "sales", false},
	} {
		assert.Equal(t, place.want, s.UsableIn(place.kind, place.name), "%v %s", place.kind, place.name)
		assert.Equal(t, plain.UsableIn(place.kind, place.name), s.UsableIn(place.kind, place.name), "the flags change nothing")
	}
}
