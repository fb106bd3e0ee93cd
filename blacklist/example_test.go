package blacklist_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
)

func ExampleParseNumber() {
	n, err := blacklist.ParseNumber("0048 600-100-200")
	fmt.Println(n, err)

	_, err = blacklist.ParseNumber("600 100 200")
	var wrong *blacklist.ParseError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Msg)
	}
	// Output:
	// +48600100200 <nil>
	// no + or 00 before the country code
}

func ExampleParseExpiry() {
	expiry, _ := blacklist.ParseExpiry("+6 DAYS 1 month")
	fmt.Println(expiry)

	warsaw, _ := time.LoadLocation("Europe/Warsaw")
	until, _ := expiry.At(time.Date(2024, 1, 25, 10, 0, 0, 0, warsaw), warsaw)
	fmt.Println(until.In(warsaw))

	_, err := blacklist.ParseExpiry("3 fortnights")
	fmt.Println(err)
	// Output:
	// 6 days, 1 month
	// 2024-02-29 10:00:00 +0100 CET
	// blacklist: expiry "3 fortnights": at byte 2: unknown unit "fortnights"; want terms such as 6 days or 2 weeks; units are hours, days, weeks, months, years
}

// A form shows when the number will leave the list, at each key stroke.
func ExamplePreviewExpiry() {
	now := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	for _, typed := range []string{"", "2", "2 weeks"} {
		preview, err := blacklist.PreviewExpiry(typed, now, time.UTC)
		switch {
		case err != nil:
			fmt.Printf("%q: cannot be saved yet\n", typed)
		case preview.Permanent:
			fmt.Printf("%q: for ever\n", typed)
		default:
			fmt.Printf("%q: until %s\n", typed, preview.Until.Format(time.RFC1123))
		}
	}
	// Output:
	// "": for ever
	// "2": cannot be saved yet
	// "2 weeks": until Mon, 20 May 2024 12:00:00 UTC
}

func ExampleMemory() {
	now := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	var own blacklist.Memory
	err := own.Add(blacklist.Entry{
		Number: 48600100200, List: "loans", Author: "eva", Reason: "asked not to be called",
		Added: now, Until: now.AddDate(0, 0, 7),
	})
	fmt.Println(err)

	answers := blacklist.Ask(context.Background(), blacklist.Query{
		Now:     now,
		Lists:   []blacklist.List{"loans"},
		Numbers: []blacklist.Number{48600100200, 48600100201},
	}, blacklist.Named{Name: "own", Checker: &own})
	for _, a := range answers {
		fmt.Println(a.Number, "is on", a.Entry.List, "until", a.Entry.Until.Format(time.DateOnly), "says", a.Checker)
	}
	// Output:
	// <nil>
	// +48600100200 is on loans until 2024-05-13 says own
}
