// Package transfertest tells what bulk changes, moves and their undoing promise,
// on any store: what becomes of the records, what a plan says beforehand, and
// what is found after a crash.
//
// [Run] tells all of it, for those who write a store; package storetest comes first.
package transfertest

import (
	"context"
	"testing"

	"github.com/nextcall/nextcall/campaign"
)

// stories are what is told, in their order.
var stories = []struct {
	name string
	tell func(*house)
}{
	{"AScreenShowsHowManyThereAre", counted},
	{"NumbersAndIdsArePastedIntoOneField", pasted},
	{"AScreenShowsTheInputsOfItsTarget", activeInputs},
	{"WhatIsRefusedChangesNothing", refused},
	{"OneRecordOrAllThatAreFound", oneRecordOrAll},
	{"AChangeNamesAuthorTimeAndOperation", authorTimeAndOperation},
	{"TheTargetSaysWhichInputsItTakes", inputs},
	{"AnAbsentAgentsCallbacksKeepTheirTimes", absentAgent},
	{"AListBeginsAgain", listBeginsAgain},
	{"AMoveKeepsWhatTheRecordIs", moveKeeps},
	{"AttemptsAreKeptButForUnused", attempts},
	{"WhatMayBeMoved", sources},
	{"WhereRecordsMayBeMovedTo", destinations},
	{"TheSameCampaignIsAllowed", sameCampaign},
	{"ALimitTakesTheOldest", limits},
	{"ARecordThatIsThereAlreadyStays", exists},
	{"ARecordThatTheLimitWouldEndStays", spent},
	{"RequiredFieldsBindManyAsTheyBindOne", required},
	{"NumbersThatABlacklistGets", blacklists},
	{"LeasedRecordsAreLeftAlone", leased},
	{"AConditionAddsToTheFilter", condition},
	{"ASecondRunChangesNothing", secondRun},
	{"ACrashBetweenBatchesLosesNothing", crashes},
	{"WhatHasChangedSinceTheCrashIsNotChangedTwice", changedSinceTheCrash},
	{"ALimitCountsWhatWasDoneBeforeTheCrash", limitAfterACrash},
	{"ARunCanBeStopped", stopped},
	{"TwoAtOnceChangeEachRecordOnce", twoAtOnce},
	{"ARecordThatChangesMeanwhileIsJudgedAgain", meanwhile},
	{"ANewConfigurationStopsTheRun", reconfigured},
	{"ThePlanIsTheRun", planIsRun},
	{"AChangeIsUndone", undoChange},
	{"AMoveIsUndone", undoMove},
	{"WhatHasMovedOnIsNotUndone", undoMovedOn},
	{"AnUndoGoesOnAfterACrash", undoCrashes},
}

// Run tells every story as a subtest, on stores that open makes: an empty one
// each time, which it closes by t.Cleanup if it must be closed. About a hundred
// are opened, one after the other.
func Run(t *testing.T, open func(t testing.TB) campaign.Store) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			s.tell(newHouse(t, func() campaign.Store { return open(t) }))
		})
	}
}

// ctx is the context of every call but those that are to be stopped.
var ctx = context.Background()
