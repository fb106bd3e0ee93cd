package status

import (
	"fmt"
	"strings"
)

// Qualifier is what a status makes the engine do with a record. It is a closed
// set. The zero value, None, is "no status", which is not a qualifier. As text
// a qualifier is written in snake case: "own_callback_at".
type Qualifier uint8

// The qualifiers, in the order of the table in docs/qualifiers.md.
const (
	None             Qualifier = iota // no status: not a qualifier
	Unused                            // never dialled, counters reset
	Redial                            // call again, by the retry policy
	Progressive                       // call again with an agent reserved first
	CallbackAt                        // anyone calls back at a time given
	CallbackAfter                     // anyone calls back after the status's delay
	OwnCallbackAt                     // one agent calls back at a time given
	OwnCallbackAfter                  // one agent calls back after the status's delay
	EndOfQueue                        // call again after everybody else
	Manual                            // open, called by hand only
	SendMail                          // held, and a mail is sent
	SendSMS                           // held, and a text message is sent
	NewMessage                        // a message arrived: somebody has to look
	Closed                            // never call again
	Success                           // success, the record stays open
	SuccessClosed                     // success, and done
	SuccessCancelled                  // the success is taken back, and done
	Exhausted                         // the attempts are used up
	Busy                              // the number was busy
	InvalidNumber                     // the number does not exist
	FaxSent                           // the fax was sent
	SMSSent                           // the text message was sent
	Played                            // the message was heard to its end
	FaxFailed                         // the fax was not sent
	SMSFailed                         // the text message was not sent
	PlayedPartly                      // the message was heard in part
)

// Effect is one row of the table of qualifiers: everything the engine does, and
// everything a screen offers, because a record has the qualifier.
type Effect struct {
	Qualifier Qualifier
	Name      string // the text form, "own_callback_at"
	Title     string // in words, for documentation
	Terms     string // what Thulium and Systell call it, for documentation

	Standing Standing // where the record stands afterwards
	Next     NextCall // where the time of the next call comes from
	Owner    OwnerRule
	// Lane is the lane the record waits in. The engine turns LaneAgain into
	// LaneFresh for a record that was never called, and LaneProgressive into
	// LaneAgain (or LaneFresh) in campaigns that do not over-dial.
	Lane          Lane
	ByTier        string // the tier in words, for documentation
	ResetAttempts bool   // the record's lifetime counter starts anew
	EndsNumber    bool   // the called number is out; the record closes when none is left

	NeedsTime       bool // the input of date and time is active and required
	NeedsAgent      bool // the input of an agent is active; left empty, the owner's defaults apply
	MayFlagNextCall bool // a status with it may have the next-call flag

	Definable bool // a status definition may have it
	Engine    bool // the engine sets it on its own
	Person    bool // a person sets it, by choosing a status that has it
	ByImport  bool // import sets it

	ChangeTarget bool // a bulk change may set it
	MoveTarget   bool // a move to another campaign may set it
	MoveSource   bool // records that have it may be moved

	Success         SuccessRule // what becomes of the success flag
	RequiresSuccess bool        // only a record whose success flag is on may get it
	AfterSuccess    bool        // may follow a success

	Action    ActionKind // the message that goes out when it is set
	Attention bool       // somebody has to look at the record
	Callback  bool       // a promise to call back
	Own       bool       // a promise of one agent
}

// effects is the one table of qualifiers. Apply, the inputs of a screen, the
// rules of transfer and docs/qualifiers.md all read it. A row's index is its
// qualifier.
var effects = [...]Effect{
	None: {
		Name: "none", Title: "No status", Terms: "NUMERY BEZ STATUSU",
		Standing: StandingKeep, Next: NextKeep, Owner: OwnerKeep, Lane: LaneKeep,
		ByTier: "imported 5, made as a case –",
	},
	Unused: {
		Name: "unused", Title: "Unused", Terms: "Do dzwonienia (freshly added) / Nieużyty",
		Standing: StandingQueued, Next: NextClear, Owner: OwnerClear, Lane: LaneFresh, ByTier: "5",
		ResetAttempts: true, ByImport: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true,
	},
	Redial: {
		Name: "redial", Title: "Call again", Terms: "Do dzwonienia, Dzwonić",
		Standing: StandingQueued, Next: NextPolicy, Owner: OwnerKeepByEngine, Lane: LaneAgain,
		ByTier:          "6; 5 if never called",
		MayFlagNextCall: true, Definable: true, Engine: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true,
	},
	Progressive: {
		Name: "progressive", Title: "Call again, agent reserved first", Terms: "Dzwonić progressive",
		Standing: StandingQueued, Next: NextPolicy, Owner: OwnerKeepByEngine, Lane: LaneProgressive,
		ByTier:          "2 in power and predictive, else as redial",
		MayFlagNextCall: true, Definable: true, Engine: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true,
	},
	CallbackAt: {
		Name: "callback_at", Title: "Public callback at a time", Terms: "Kontakt nie wcześniej niż / publiczne bezwzględne",
		Standing: StandingQueued, Next: NextInput, Owner: OwnerClear, Lane: LanePublic, ByTier: "4",
		NeedsTime: true, MayFlagNextCall: true, Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true, Callback: true,
	},
	CallbackAfter: {
		Name: "callback_after", Title: "Public callback after a delay", Terms: "publiczne względne",
		Standing: StandingQueued, Next: NextDelay, Owner: OwnerClear, Lane: LanePublic, ByTier: "4",
		MayFlagNextCall: true, Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true, Callback: true,
	},
	OwnCallbackAt: {
		Name: "own_callback_at", Title: "Own callback at a time", Terms: "Mój rekord / prywatne bezwzględne",
		Standing: StandingQueued, Next: NextInput, Owner: OwnerSet, Lane: LaneOwn, ByTier: "1, others 3 after release",
		NeedsTime: true, NeedsAgent: true, MayFlagNextCall: true, Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, Callback: true, Own: true,
	},
	OwnCallbackAfter: {
		Name: "own_callback_after", Title: "Own callback after a delay", Terms: "prywatne względne",
		Standing: StandingQueued, Next: NextDelay, Owner: OwnerSet, Lane: LaneOwn, ByTier: "1, others 3 after release",
		NeedsAgent: true, MayFlagNextCall: true, Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, Callback: true, Own: true,
	},
	EndOfQueue: {
		Name: "end_of_queue", Title: "To the end of the queue", Terms: "na koniec kolejki",
		Standing: StandingQueued, Next: NextPolicy, Owner: OwnerClear, Lane: LaneLast, ByTier: "7",
		MayFlagNextCall: true, Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true,
	},
	Manual: {
		Name: "manual", Title: "By hand only", Terms: "Brak",
		Standing: StandingHeld, Next: NextClear, Owner: OwnerKeep, ByTier: "–",
		Definable: true, Engine: true, Person: true,
		ChangeTarget: true, MoveSource: true,
	},
	SendMail: {
		Name: "send_mail", Title: "Send a mail", Terms: "Akcja – wyślij MAIL",
		Standing: StandingHeld, Next: NextClear, Owner: OwnerKeep, ByTier: "–",
		Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true, Action: ActionMail,
	},
	SendSMS: {
		Name: "send_sms", Title: "Send a text message", Terms: "Akcja – wyślij SMS",
		Standing: StandingHeld, Next: NextClear, Owner: OwnerKeep, ByTier: "–",
		Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true, Action: ActionSMS,
	},
	NewMessage: {
		// Keep holds for a record that is ready or waiting; any other one is held.
		Name: "new_message", Title: "New message", Terms: "Nowa wiadomość",
		Standing: StandingKeep, Next: NextKeep, Owner: OwnerKeep, Lane: LaneKeep, ByTier: "as before",
		Definable: true, Engine: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true, Attention: true,
	},
	Closed: {
		Name: "closed", Title: "Do not call", Terms: "Nie dzwonić / Kończący",
		Standing: StandingClosed, Next: NextClear, Owner: OwnerClear, ByTier: "–",
		Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true,
	},
	Success: {
		Name: "success", Title: "Success", Terms: "Sukces",
		Standing: StandingHeld, Next: NextClear, Owner: OwnerKeep, ByTier: "–",
		Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, Success: SuccessOn, AfterSuccess: true,
	},
	SuccessClosed: {
		Name: "success_closed", Title: "Success, closed", Terms: "Sukces kończący",
		Standing: StandingClosed, Next: NextClear, Owner: OwnerKeep, ByTier: "–",
		Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, Success: SuccessOn, AfterSuccess: true,
	},
	SuccessCancelled: {
		Name: "success_cancelled", Title: "Success cancelled, closed", Terms: "Anuluj sukces i zamknij",
		Standing: StandingClosed, Next: NextClear, Owner: OwnerClear, ByTier: "–",
		Definable: true, Person: true,
		ChangeTarget: true, MoveTarget: true, MoveSource: true,
		Success: SuccessOff, RequiresSuccess: true, AfterSuccess: true,
	},
	Exhausted: {
		Name: "exhausted", Title: "Attempts used up", Terms: "Odrzucony po n próbach",
		Standing: StandingClosed, Next: NextClear, Owner: OwnerClear, ByTier: "–",
		Engine: true, MoveSource: true,
	},
	Busy: {
		Name: "busy", Title: "Busy", Terms: "Zajęte",
		Standing: StandingQueued, Next: NextPolicy, Owner: OwnerKeep, Lane: LaneAgain, ByTier: "as redial",
		Engine: true, MoveSource: true,
	},
	InvalidNumber: {
		// The row says what holds while numbers are left. When none is, the record
		// is closed, with next call and owner cleared.
		Name: "invalid_number", Title: "Invalid number", Terms: "Nieprawidłowy numer",
		Standing: StandingQueued, Next: NextPolicy, Owner: OwnerKeep, Lane: LaneAgain, ByTier: "as busy; – when no number is left",
		EndsNumber: true, Engine: true, MoveSource: true,
	},
	FaxSent: {
		Name: "fax_sent", Title: "Fax sent", Terms: "Fax wysłany",
		Standing: StandingClosed, Next: NextClear, Owner: OwnerClear, ByTier: "–",
		Engine: true, MoveSource: true,
	},
	SMSSent: {
		Name: "sms_sent", Title: "Text message sent", Terms: "SMS wysłany",
		Standing: StandingClosed, Next: NextClear, Owner: OwnerClear, ByTier: "–",
		Engine: true, MoveSource: true,
	},
	Played: {
		Name: "played", Title: "Heard to the end", Terms: "Odsłuchane – pełne",
		Standing: StandingClosed, Next: NextClear, Owner: OwnerClear, ByTier: "–",
		Engine: true, MoveSource: true,
	},
	FaxFailed: {
		Name: "fax_failed", Title: "Fax not sent", Terms: "Fax – nieudana wysyłka",
		Standing: StandingQueued, Next: NextPolicy, Owner: OwnerKeep, Lane: LaneAgain, ByTier: "as redial",
		Engine: true, MoveSource: true,
	},
	SMSFailed: {
		Name: "sms_failed", Title: "Text message not sent", Terms: "SMS niewysłany",
		Standing: StandingQueued, Next: NextPolicy, Owner: OwnerKeep, Lane: LaneAgain, ByTier: "as redial",
		Engine: true, MoveSource: true,
	},
	PlayedPartly: {
		Name: "played_partly", Title: "Heard in part", Terms: "Odsłuchane – niepełne",
		Standing: StandingQueued, Next: NextPolicy, Owner: OwnerKeep, Lane: LaneAgain, ByTier: "as redial",
		Engine: true, MoveSource: true,
	},
}

// Effect returns the qualifier's row of the table. A value that is no qualifier
// has the row of None, which keeps everything as it was.
func (q Qualifier) Effect() Effect {
	if int(q) >= len(effects) {
		q = None
	}
	e := effects[q]
	e.Qualifier = q
	return e
}

// row is the row in place, without its Qualifier. It must not be written to.
func (q Qualifier) row() *Effect {
	if int(q) >= len(effects) {
		q = None
	}
	return &effects[q]
}

// Qualifiers returns all qualifiers in the order of the table, without None.
func Qualifiers() []Qualifier {
	all := make([]Qualifier, 0, len(effects)-1)
	for q := Unused; int(q) < len(effects); q++ {
		all = append(all, q)
	}
	return all
}

// String returns the text form, "own_callback_at"; None is "none".
func (q Qualifier) String() string {
	if int(q) >= len(effects) {
		return fmt.Sprintf("Qualifier(%d)", uint8(q))
	}
	return effects[q].Name
}

// MarshalText writes the text form. A value outside the table is an error.
func (q Qualifier) MarshalText() ([]byte, error) {
	if int(q) >= len(effects) {
		return nil, &ParseError{Kind: "qualifier", Text: q.String()}
	}
	return []byte(effects[q].Name), nil
}

// UnmarshalText reads the text form as ParseQualifier does.
func (q *Qualifier) UnmarshalText(text []byte) error {
	parsed, err := ParseQualifier(string(text))
	if err != nil {
		return err
	}
	*q = parsed
	return nil
}

// ParseQualifier reads the text form of a qualifier, exactly as String writes
// it. "none" is None. Anything else is a *ParseError that names the nearest
// qualifier, if one is near.
func ParseQualifier(text string) (Qualifier, error) {
	for q := range effects {
		if effects[q].Name == text {
			return Qualifier(q), nil
		}
	}
	names := make([]string, 0, len(effects)-1)
	for _, q := range Qualifiers() {
		names = append(names, q.String())
	}
	return None, newParseError("qualifier", text, names)
}

// ParseError says that a text names nothing of the kind asked for.
type ParseError struct {
	Kind  string   // what was expected: "qualifier", "lane", "class", …
	Text  string   // what was given
	Near  string   // the nearest name that would be right; empty if none is near
	Names []string // all names that would be right
}

// Error says what was given and what would be right.
func (e *ParseError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "status: %q is not a %s", e.Text, e.Kind)
	switch {
	case e.Near != "":
		fmt.Fprintf(&b, "; did you mean %q?", e.Near)
	case len(e.Names) > 0:
		fmt.Fprintf(&b, "; the names are %s", strings.Join(e.Names, ", "))
	}
	return b.String()
}
