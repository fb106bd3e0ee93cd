// Package scenarios tells the stories that every release replays, on any store:
// crashes between two steps, a number in two campaigns, clocks that jump, hours
// that never open. Each comes from a defect that users of dialers reported.
//
// [Run] tells all of them. Where package modeltest looks for what nobody has
// thought of, these are what somebody has met.
package scenarios

import (
	"context"
	"fmt"
	"testing"

	"github.com/nextcall/nextcall/campaign"
)

// opener opens an empty store.
type opener = func() campaign.Store

// scenarios are the stories by their numbers.
var scenarios = []struct {
	number int
	name   string
	tell   func(t *testing.T, fresh opener)
}{
	{1, "FridayEveningsRetryWaitsForMonday", scenario01FridayEveningsRetryWaitsForMonday},
	{2, "OnlyWednesdayIsClosed", scenario02OnlyWednesdayIsClosed},
	{3, "TheWholeWeekIsClosed", scenario03TheWholeWeekIsClosed},
	{4, "ACallbackThatNobodyWasFreeForComesFirstInTheMorning", scenario04ACallbackThatNobodyWasFreeForComesFirstInTheMorning},
	{5, "Crashes", scenario05Crashes},
	{6, "TwoProcessesSelectAtOnce", scenario06TwoProcessesSelectAtOnce},
	{7, "OneNumberTwoSpellingsTwoCampaigns", scenario07OneNumberTwoSpellingsTwoCampaigns},
	{8, "Blacklisted", scenario08Blacklisted},
	{9, "TheCapHoldsInAnyOrderOfOutcomes", scenario09TheCapHoldsInAnyOrderOfOutcomes},
	{10, "LimitOneIsExactlyOneCall", scenario10LimitOneIsExactlyOneCall},
	{11, "ZonesFarAndOdd", scenario11ZonesFarAndOdd},
	{12, "WindowsOverMidnightAllDayAndSundaysOnly", scenario12WindowsOverMidnightAllDayAndSundaysOnly},
	{13, "PausedWithRetriesAndCallbacksDue", scenario13PausedWithRetriesAndCallbacksDue},
	{14, "ParityWithAnEmptyCampaign", scenario14ParityWithAnEmptyCampaign},
	{15, "TheClockJumps", scenario15TheClockJumps},
	{16, "TheRecordIsGoneWhileItIsLeased", scenario16TheRecordIsGoneWhileItIsLeased},
	{17, "AnUnknownOutcomeCode", scenario17AnUnknownOutcomeCode},
	{18, "TransferWhileSomeAreLeased", scenario18TransferWhileSomeAreLeased},
	{19, "TheListIsExhausted", scenario19TheListIsExhausted},
	{20, "TheStoreFailsOnEveryKthCall", scenario20TheStoreFailsOnEveryKthCall},
	{21, "HostsWithDifferentZoneData", scenario21HostsWithDifferentZoneData},
	{22, "ListsOfACampaign", scenario22ListsOfACampaign},
	{23, "TheHistoryOfARecord", scenario23TheHistoryOfARecord},
}

// Run tells every scenario as a subtest, on stores that open makes: an empty one
// each time, which it closes by t.Cleanup if it must be closed. About eighty are
// opened, one after the other. The program needs time zones: those of its system, or time/tzdata.
func Run(t *testing.T, open func(t testing.TB) campaign.Store) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(fmt.Sprintf("%02d-%s", s.number, s.name), func(t *testing.T) {
			s.tell(t, func() campaign.Store { return open(t) })
		})
	}
}

// ctx is the context of every call: the scenarios have no deadlines.
var ctx = context.Background()
