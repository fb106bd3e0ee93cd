package main

import (
	"context"
	"os"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// campaign to choose: heating
	// not saved, fill in: address
	// case 004 of contact 003, next call 2 June 08:00
	// typed "l": Łucja Żak
	// typed "luc": Łucja Żak
	// typed "zak": Łucja Żak
	// typed "600 100": Łucja Żak
	// not saved: contact 003 has that phone
	// not opened: case 004 is there
	// saved; phones reached 1 case(s)
	// merged: contact 003 with [zak@example.org]; 007 gives 003
	// line 2 added 008
	// line 3 refused: line 3, column "rooms": "many": want a whole number…
	// line 4 updated 003
	// line 5 refused: line 5, column "phone": "600": blacklist: number "600": at b…
	// line 6 unchanged 008
	// 5 rows, 1 new contacts, 1 new cases
	// case 004, 09:02: added by ann, operation ""
	// case 004, 09:07: edited by ann, operation ""
	// case 004, 09:21: erased by ann, operation "gdpr-1"
}
