// Package contract tells whether a store keeps the contract of campaign.Store:
// each sentence of it is a named subtest that speaks to the interface alone.
//
// A store's own test calls [Run] with a function that opens an empty one. The
// optional abilities, campaign.HistoryStore and campaign.ActionStore, are part
// of what is tried.
package contract

import (
	"testing"

	"github.com/nextcall/nextcall/campaign"
)

// opener opens an empty store.
type opener = func(testing.TB) campaign.Store

// A sentence is one promise of the contract.
type sentence struct {
	name  string
	holds func(t *testing.T, open opener)
}

// Run tries every sentence of the contract on stores that open makes, an empty
// one each time. What open needs closed it closes by its Cleanup.
func Run(t *testing.T, open func(testing.TB) campaign.Store) {
	for _, part := range [][]sentence{claims, leases, commits, finds, marks} {
		for _, s := range part {
			t.Run(s.name, func(t *testing.T) { s.holds(t, open) })
		}
	}
}

var claims = []sentence{
	{"ClaimServesStepsThenSourcesThenTheLanesKey", claimServesStepsThenSourcesThenTheLanesKey},
	{"ClaimMergesOpenClassesByTheLanesKey", claimMergesOpenClassesByTheLanesKey},
	{"TheOrderOfAddingDecidesBetweenRecordsOfOneSequence", theOrderOfAddingDecidesBetweenRecordsOfOneSequence},
	{"OneCampaignMayComeSeveralTimesWithOtherSources", oneCampaignMayComeSeveralTimesWithOtherSources},
	{"OwnLaneByOwnerOrAnybody", ownLaneByOwnerOrAnybody},
	{"FewerThanTheLimitMeansNoneIsLeftUnlessAMaxCutItShort", fewerThanTheLimitMeansNoneIsLeftUnlessAMaxCutItShort},
	{"AClaimOfNothingIsAnErrorNotAnAnswer", aClaimOfNothingIsAnErrorNotAnAnswer},
	{"OnlyQueuedDueRecordsMatch", onlyQueuedDueRecordsMatch},
	{"DueIsTheSourcesNotTheClocks", dueIsTheSourcesNotTheClocks},
	{"TheClockMayBeSetBack", theClockMayBeSetBack},
	{"AParkCountsUntilItsTime", aParkCountsUntilItsTime},
	{"AParkCountsOnlyAtItsRevision", aParkCountsOnlyAtItsRevision},
	{"AParkMadeAtARevisionStillUnknownCountsOnceItIs", aParkMadeAtARevisionStillUnknownCountsOnceItIs},
	{"AParkEndsByWakeAndByUnlistInEveryCampaign", aParkEndsByWakeAndByUnlistInEveryCampaign},
	{"AnOlderRevisionLeasesNothing", anOlderRevisionLeasesNothing},
	{"ARevisionIsLearntFromACommit", aRevisionIsLearntFromACommit},
	{"ALeaseSaysWhoHasItAndWhatFor", aLeaseSaysWhoHasItAndWhatFor},
	{"ClassesTellHeadsOwnAndWake", classesTellHeadsOwnAndWake},
	{"NoTwoClaimsGetTheSameRecord", noTwoClaimsGetTheSameRecord},
}

var leases = []sentence{
	{"RunOutLeasesComeBackOldestFirstAndNothingElse", runOutLeasesComeBackOldestFirstAndNothingElse},
	{"NoMoreRunOutLeasesThanTheLimitAndAgainWhenNotSettled", noMoreRunOutLeasesThanTheLimitAndAgainWhenNotSettled},
	{"TheFirstTokenMayEndARunOutLeaseButNotExtendIt", theFirstTokenMayEndARunOutLeaseButNotExtendIt},
	{"ARunOutLeaseFreesNumbersAndContact", aRunOutLeaseFreesNumbersAndContact},
	{"ALeaseHoldsContactAndAllNumbersAcrossCampaigns", aLeaseHoldsContactAndAllNumbersAcrossCampaigns},
	{"AtMostOneLeaseHoldsANumber", atMostOneLeaseHoldsANumber},
	{"ALeaseIsFenced", aLeaseIsFenced},
	{"ALeasedRecordIsNotWrittenWithoutItsToken", aLeasedRecordIsNotWrittenWithoutItsToken},
	{"ExtendKeepsTheLeaseUnderNewTerms", extendKeepsTheLeaseUnderNewTerms},
	{"AnExtendedLeaseHidesNoOtherThatRanOut", anExtendedLeaseHidesNoOtherThatRanOut},
	{"TheNumberReallyDialledIsGuarded", theNumberReallyDialledIsGuarded},
	{"ANewLeaseNeedsRecordContactAndNumbersFree", aNewLeaseNeedsRecordContactAndNumbersFree},
	{"AnInboundLeaseHoldsFurtherRecordsUntilItEnds", anInboundLeaseHoldsFurtherRecordsUntilItEnds},
	{"ARecordsOtherNumbersAndContactCountAtOnce", aRecordsOtherNumbersAndContactCountAtOnce},
	{"AReleasedRecordIsAsItWas", aReleasedRecordIsAsItWas},
}

var commits = []sentence{
	{"AnAddedRecordGetsVersionAndSequence", anAddedRecordGetsVersionAndSequence},
	{"VersionsConflict", versionsConflict},
	{"DuplicatesAreNamed", duplicatesAreNamed},
	{"UnknownRecordsAreNotFound", unknownRecordsAreNotFound},
	{"AChangeIsWrittenWholeOrNotAtAll", aChangeIsWrittenWholeOrNotAtAll},
	{"ChangesToOneRecordSeeEachOther", changesToOneRecordSeeEachOther},
	{"WhatDoesNotFitTogetherIsRefused", whatDoesNotFitTogetherIsRefused},
	{"TheLogIsKeptByTokenAndReadByRecordContactAndNumber", theLogIsKeptByTokenAndReadByRecordContactAndNumber},
	{"ATokenBringsItsCallAndTheLatestItsBefore", aTokenBringsItsCallAndTheLatestItsBefore},
	{"ListsAreCheckedAsCommitted", listsAreCheckedAsCommitted},
	{"ActionsAreStoredOnceUntilAcknowledged", actionsAreStoredOnceUntilAcknowledged},
	{"TimesAreKeptInUTCAtMicroseconds", timesAreKeptInUTCAtMicroseconds},
	{"AnswersAreCopiesNotAliases", answersAreCopiesNotAliases},
	{"ACancelledContextDoesNothing", aCancelledContextDoesNothing},
}

var finds = []sentence{
	{"FindNarrowsByEveryPartOfTheFilter", findNarrowsByEveryPartOfTheFilter},
	{"FindBringsWhatIsNeeded", findBringsWhatIsNeeded},
	{"FindMeetsEachRecordOnceWhileOthersWrite", findMeetsEachRecordOnceWhileOthersWrite},
	{"TheCallerOfFindMayWriteOrStop", theCallerOfFindMayWriteOrStop},
	{"CountGroups", countGroups},
}
