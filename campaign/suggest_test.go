package campaign_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// rows: N9, N12, N13
func TestAContactIsFoundByWhatIsTyped(t *testing.T) {
	c := &campaign.Contact{
		ID: "c", FirstName: "Łukasz Jan", LastName: "Kowalska-Groß", Company: "„ŻÓŁW” Sp. z o.o.",
		Phones: []blacklist.Number{48600123456, 390612345678},
	}
	for _, x := range []struct {
		typed string
		fit   campaign.Fit
		text  string
	}{
		{"Łukasz Jan Kowalska-Groß", campaign.FitExact, "lukasz jan kowalska gross"},
		{"kowalska gross, łukasz jan", campaign.FitExact, "kowalska gross lukasz jan"},
		{"Żółw sp. z o.o.", campaign.FitExact, "zolw sp z o o"},
		{"l", campaign.FitPrefix, "lukasz jan kowalska gross"},
		{" KOW", campaign.FitPrefix, "kowalska gross lukasz jan"},
		{"zol", campaign.FitPrefix, "zolw sp z o o"},
		{"jan kow", campaign.FitWordStart, "jan kowalska gross"},
		{"GROẞ", campaign.FitWordStart, "gross lukasz jan"},
		{"s", campaign.FitWordStart, "sp z o o"},
		{"ukasz", campaign.FitInside, "lukasz jan kowalska gross"},
		{"an kow", campaign.FitInside, "jan kowalska gross"},
		{"w sp", campaign.FitInside, "zolw sp z o o"},
		{"+48 600 123 456", campaign.FitExact, "48600123456"},
		{"0048600123456", campaign.FitExact, "48600123456"},
		{"600-123-456", campaign.FitExact, "600123456"},
		{"0600123456", campaign.FitExact, "600123456"},
		{"6", campaign.FitPrefix, "600123456"},
		{"48", campaign.FitPrefix, "48600123456"},
		{"0", campaign.FitPrefix, "0612345678"},
		{"06", campaign.FitPrefix, "0612345678"},
		{"061", campaign.FitPrefix, "0612345678"},
	} {
		s, found := campaign.Typed{Text: x.typed}.Match(c)
		require.True(t, found, x.typed)
		require.Equal(t, campaign.Suggestion{Contact: c, Fit: x.fit, Text: x.text}, s, x.typed)
	}
	for _, typed := range []string{"", " ", "?", "+", "00", "lukaszjan", "+600", "00123", "123456", "x", "kowalski", "gross kowalska"} {
		_, found := campaign.Typed{Text: typed}.Match(c)
		require.False(t, found, typed)
	}
	_, found := campaign.Typed{Text: "a"}.Match(nil)
	require.False(t, found)
}

// rows: N13
func TestSuggestionsComeBestFirst(t *testing.T) {
	contacts := []*campaign.Contact{
		{ID: "7", LastName: "Adamek"},
		{ID: "6", FirstName: "Anna", LastName: "Kadam"},
		{ID: "5", Company: "Bar Adam"},
		{ID: "4", FirstName: "Adam", LastName: "Żak"},
		{ID: "3", FirstName: "Adam", LastName: "Bak"},
		{ID: "2", Company: "ADAM"},
		{ID: "1", LastName: "Ádám"},
	}
	var got []campaign.Suggestion
	for _, c := range contacts {
		if s, found := (campaign.Typed{Text: "adam"}).Match(c); found {
			got = append(got, s)
		}
	}
	slices.SortFunc(got, campaign.Suggestion.Compare)
	var ids []string
	for _, s := range got {
		ids = append(ids, string(s.Contact.ID))
	}
	require.Equal(t, []string{"1", "2", "3", "4", "7", "5", "6"}, ids)
}

func TestTenThousandCharactersAreHarmless(t *testing.T) {
	long := strings.Repeat("Ż ", 5_000)
	c := &campaign.Contact{ID: "c", FirstName: long, LastName: "Nowak", Company: strings.Repeat("x", 10_000), Phones: make([]blacklist.Number, 10_000)}
	c.Phones[99], c.Phones[100] = 48600123456, 48600123457
	for typed, fit := range map[string]campaign.Fit{
		long:                        campaign.FitExact, // as far as it is compared
		"now":                       campaign.FitPrefix,
		strings.Repeat("x", 10_000): campaign.FitExact,
		strings.Repeat("x", 100):    campaign.FitPrefix,
		"48600123456":               campaign.FitExact,
	} {
		s, found := campaign.Typed{Text: typed}.Match(c)
		require.True(t, found, "%.20s", typed)
		require.Equal(t, fit, s.Fit, "%.20s", typed)
	}
	for _, typed := range []string{"48600123457", strings.Repeat("6", 10_000)} {
		_, found := campaign.Typed{Text: typed}.Match(c)
		require.False(t, found, "%.20s", typed)
	}
}

func TestTheLimitOfSuggestions(t *testing.T) {
	for limit, want := range map[int]int{0: 10, -1: 10, 1: 1, 100: 100, 101: 100} {
		require.Equal(t, want, campaign.Typed{Limit: limit}.Most())
	}
}
