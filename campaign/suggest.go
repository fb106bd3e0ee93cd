package campaign

// Typed is what somebody has typed so far to find a contact.
type Typed struct {
	Text string
	// Limit is how many suggestions come at the most; 0 is 10, more than 100 is 100.
	Limit int
}

// Suggestion is a contact that matches what was typed.
type Suggestion struct {
	Contact *Contact
	Fit     Fit
	// Word is what the match begins in, folded: a word of a name, or the digits of
	// a phone. Suggestions of one fit are ordered by it, then by the contact's id.
	Word string
}

// Fit says how well a name or a phone matches what was typed. Less is better.
type Fit uint8

// The fits, the best first.
const (
	FitExact     Fit = iota // the whole name or number
	FitPrefix               // the name or number begins with it
	FitWordStart            // a further word of the name begins with it
	FitInside               // it is somewhere else inside the name
)
