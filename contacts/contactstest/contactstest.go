// Package contactstest tells what contacts and cases promise, on any store that keeps
// them: that nobody is in the book twice, what a case takes, what becomes of two
// contacts that are one, of somebody who is erased, and of each row of a file.
//
// [Run] tells all of it, for those who write a store; package storetest comes first.
package contactstest

import (
	"testing"

	"github.com/nextcall/nextcall/contacts"
)

// stories are what is told, in their order.
var stories = []struct {
	name string
	tell func(*desk)
}{
	{"AContactIsMadeOnItsOwn", alone},
	{"ASaveReplacesAndSaysWhoAndWhen", replaces},
	{"AContactThatIsThereIsNamedInsteadOfMadeTwice", named},
	{"AllThatIsWrongWithAContactIsSaidAtOnce", badContact},
	{"ARequiredFieldOfContactsIsDemanded", requiredOfContacts},
	{"PhonesOfAContactReachItsOpenRecords", phonesReach},
	{"AClosedRecordKeepsItsPhones", closedKeeps},
	{"RequiredFieldsOfARecordDoNotBindItsContact", requiredOfRecords},
	{"WhileARecordIsLeasedOnlyItsHolderChangesItsPhones", leasedSave},

	{"AContactIsFilledInUnderItsKey", filledIn},
	{"AKeyMustNameOneContact", oneKey},
	{"AContactThatIsUpsertedTwiceAtOnceIsMadeOnce", upsertedAtOnce},

	{"SevenChannelsMakeACaseAndTheContactIsTheEighth", channels},
	{"ACaseNeedsACampaignThatIsAvailableToThisUser", available},
	{"ACaseTakesContactStatusOwnerAndNote", wholeCase},
	{"ChoosingASuggestionLinksTheContactAndMakesNone", choosing},
	{"ContactsAreSuggestedFromTheFirstCharacter", suggestions},
	{"ThereIsOneCaseOfAContactInACampaign", oneCase},
	{"RequiredFieldsAndTheNextCallBlockTheSaveOfACase", requiredOfCases},
	{"InputsThatTheStatusDoesNotTakeAreMistakes", badInputs},
	{"AStatusWithABlacklistListsTheNumbersThatTheCaseNames", listsNumbers},
	{"ACaseIsCheckedWithItsContact", checkedTogether},
	{"ACaseIsOpenedWithThePhonesThatTheContactHas", phonesMeanwhile},
	{"ManyScreensAtOnceMakeNoDuplicates", manyScreens},

	{"TwoContactsBecomeOne", becomeOne},
	{"OfTwoRecordsInOneCampaignOneGoesOn", oneGoesOn},
	{"ARecordThatGaveWayDoesNotEndTheNextMerge", gaveWay},
	{"NothingIsMergedWhileARecordIsLeased", leasedMerge},
	{"ARecordThatComesWhileContactsAreMergedGoesAlong", comesMeanwhile},
	{"WhatIsSavedWhileContactsAreMergedIsNotLost", savedMeanwhile},
	{"WhoCannotBeMerged", notMerged},

	{"ErasedIsAllThatIsAboutThePerson", erased},
	{"ErasedAreTheRecordsOfAllWhoBecameTheContact", erasedAll},
	{"AContactWithOpenRecordsIsNotDeleted", notDeleted},
	{"NothingIsErasedWhileARecordIsLeased", leasedErase},

	{"EachChangeOfARecordIsALineOfItsHistory", histories},

	{"AFileBecomesContactsAndRecords", file},
	{"AFileIsReadAsAStream", streamed},
	{"AFileThatIsImportedAgainChangesNothing", fileAgain},
	{"AnImportThatWasCutOffGoesOn", cutOff},
	{"ADuplicateInsideAFileIsFound", twiceInAFile},
	{"WhoIsTheSameAndWhoIsNot", whoIsWho},
	{"ARowMayBeNamedByItsRecordAlone", recordIDs},
	{"BlacklistedRowsAreLeftOut", blacklisted},
	{"ANumberThatAnotherOpenRecordHasIsADuplicate", sameNumber},
	{"BadRowsCostOnlyThemselves", badRows},
	{"ACellThatIsNotUTF8CanBeDecoded", decoded},
	{"TheFormOfAFileIsFoundOut", forms},
	{"AllThatIsWrongWithAnImportIsSaidAtOnce", badImport},
}

// Run tells every story as a subtest, on stores that open makes: an empty one
// each time, which it closes by t.Cleanup if it must be closed. About sixty are
// opened, one after the other.
func Run(t *testing.T, open func(t testing.TB) contacts.Store) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			s.tell(newDesk(t, func() contacts.Store { return open(t) }))
		})
	}
}
