package status_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/status"
)

// row says in words what the table says in fields, so that a slip in one of
// them is seen in the other. Lists are separated by spaces.
type row struct {
	name     string
	terms    string
	standing string
	next     string
	owner    string
	lane     string
	tier     string
	// marks: reset (attempts), ends (number), time, agent (inputs), flag (may
	// have the next-call flag), on, off (success), needs (a success), after (a
	// success), mail, sms, attention, callback, own
	marks string
	// set: definition, engine, person, import
	set string
	// transfer: change, to, from
	transfer string
}

// The table of the specification, row by row.
var rows = []row{
	{"unused", "Do dzwonienia (freshly added) / Nieużyty", "queued", "clear", "clear", "fresh", "5", "reset", "import", "change to from"},
	{"redial", "Do dzwonienia, Dzwonić", "queued", "policy", "keep_by_engine", "again", "6; 5 if never called", "flag", "definition engine person", "change to from"},
	{"progressive", "Dzwonić progressive", "queued", "policy", "keep_by_engine", "progressive", "2 in power and predictive, else as redial", "flag", "definition engine person", "change to from"},
	{"callback_at", "Kontakt nie wcześniej niż / publiczne bezwzględne", "queued", "input", "clear", "public", "4", "time flag callback", "definition person", "change to from"},
	{"callback_after", "publiczne względne", "queued", "delay", "clear", "public", "4", "flag callback", "definition person", "change to from"},
	{"own_callback_at", "Mój rekord / prywatne bezwzględne", "queued", "input", "set", "own", "1, others 3 after release", "time agent flag callback own", "definition person", "change to"},
	{"own_callback_after", "prywatne względne", "queued", "delay", "set", "own", "1, others 3 after release", "agent flag callback own", "definition person", "change to"},
	{"end_of_queue", "na koniec kolejki", "queued", "policy", "clear", "last", "7", "flag", "definition person", "change to from"},
	{"manual", "Brak", "held", "clear", "keep", "none", "–", "", "definition engine person", "change from"},
	{"send_mail", "Akcja – wyślij MAIL", "held", "clear", "keep", "none", "–", "mail", "definition person", "change to from"},
	{"send_sms", "Akcja – wyślij SMS", "held", "clear", "keep", "none", "–", "sms", "definition person", "change to from"},
	{"new_message", "Nowa wiadomość", "keep", "keep", "keep", "keep", "as before", "attention", "definition engine person", "change to from"},
	{"closed", "Nie dzwonić / Kończący", "closed", "clear", "clear", "none", "–", "", "definition person", "change to from"},
	{"success", "Sukces", "held", "clear", "keep", "none", "–", "on after", "definition person", "change to"},
	{"success_closed", "Sukces kończący", "closed", "clear", "keep", "none", "–", "on after", "definition person", "change to"},
	{"success_cancelled", "Anuluj sukces i zamknij", "closed", "clear", "clear", "none", "–", "off needs after", "definition person", "change to from"},
	{"exhausted", "Odrzucony po n próbach", "closed", "clear", "clear", "none", "–", "", "engine", "from"},
	{"busy", "Zajęte", "queued", "policy", "keep", "again", "as redial", "", "engine", "from"},
	{"invalid_number", "Nieprawidłowy numer", "queued", "policy", "keep", "again", "as busy; – when no number is left", "ends", "engine", "from"},
	{"fax_sent", "Fax wysłany", "closed", "clear", "clear", "none", "–", "", "engine", "from"},
	{"sms_sent", "SMS wysłany", "closed", "clear", "clear", "none", "–", "", "engine", "from"},
	{"played", "Odsłuchane – pełne", "closed", "clear", "clear", "none", "–", "", "engine", "from"},
	{"fax_failed", "Fax – nieudana wysyłka", "queued", "policy", "keep", "again", "as redial", "", "engine", "from"},
	{"sms_failed", "SMS niewysłany", "queued", "policy", "keep", "again", "as redial", "", "engine", "from"},
	{"played_partly", "Odsłuchane – niepełne", "queued", "policy", "keep", "again", "as redial", "", "engine", "from"},
}

// words joins the words whose condition holds.
func words(pairs ...any) string {
	text := ""
	for i := 0; i < len(pairs); i += 2 {
		if !pairs[i+1].(bool) {
			continue
		}
		if text != "" {
			text += " "
		}
		text += pairs[i].(string)
	}
	return text
}

func describe(e status.Effect) row {
	return row{
		name: e.Name, terms: e.Terms,
		standing: e.Standing.String(), next: e.Next.String(), owner: e.Owner.String(), lane: e.Lane.String(), tier: e.ByTier,
		marks: words("reset", e.ResetAttempts, "ends", e.EndsNumber, "time", e.NeedsTime, "agent", e.NeedsAgent,
			"flag", e.MayFlagNextCall, "on", e.Success == status.SuccessOn, "off", e.Success == status.SuccessOff,
			"needs", e.RequiresSuccess, "after", e.AfterSuccess,
			"mail", e.Action == status.ActionMail, "sms", e.Action == status.ActionSMS,
			"attention", e.Attention, "callback", e.Callback, "own", e.Own),
		set:      words("definition", e.Definable, "engine", e.Engine, "person", e.Person, "import", e.ByImport),
		transfer: words("change", e.ChangeTarget, "to", e.MoveTarget, "from", e.MoveSource),
	}
}

// rows: K2, K11, K12, P4, P5, P6, P16, P17, P18, P19, P20, Z20, Z21, Z22, Z23, Z24
func TestTheTableSaysWhatTheSpecificationSays(t *testing.T) {
	all := status.Qualifiers()
	require.Len(t, all, len(rows))
	for i, want := range rows {
		q := all[i]
		t.Run(want.name, func(t *testing.T) {
			e := q.Effect()
			assert.Equal(t, q, e.Qualifier)
			assert.NotEmpty(t, e.Title)
			assert.Equal(t, want, describe(e))
		})
	}
}

func TestTheConstantsNameTheRows(t *testing.T) {
	constants := []status.Qualifier{
		status.Unused, status.Redial, status.Progressive, status.CallbackAt, status.CallbackAfter,
		status.OwnCallbackAt, status.OwnCallbackAfter, status.EndOfQueue, status.Manual, status.SendMail,
		status.SendSMS, status.NewMessage, status.Closed, status.Success, status.SuccessClosed,
		status.SuccessCancelled, status.Exhausted, status.Busy, status.InvalidNumber, status.FaxSent,
		status.SMSSent, status.Played, status.FaxFailed, status.SMSFailed, status.PlayedPartly,
	}
	require.Equal(t, constants, status.Qualifiers())
	for i, q := range constants {
		assert.Equal(t, rows[i].name, q.String())
	}
}

// No status keeps everything and lets nothing through; so does a value that is
// no qualifier, because a newer version's value must not close a record.
func TestNoStatusKeepsEverything(t *testing.T) {
	want := row{
		name: "none", terms: "NUMERY BEZ STATUSU",
		standing: "keep", next: "keep", owner: "keep", lane: "keep", tier: "imported 5, made as a case –",
	}
	assert.Equal(t, want, describe(status.None.Effect()))
	assert.Equal(t, status.None.Effect(), status.Qualifier(200).Effect())
}

// What must hold between the columns, whatever the rows say.
func TestTheColumnsAgree(t *testing.T) {
	for _, q := range status.Qualifiers() {
		t.Run(q.String(), func(t *testing.T) {
			e := q.Effect()
			assert.Equal(t, e.Standing == status.StandingQueued, e.Lane != status.LaneNone && e.Lane != status.LaneKeep,
				"a record waits in a lane exactly when it is queued")
			if e.MayFlagNextCall {
				assert.Equal(t, status.StandingQueued, e.Standing, "what ends a record cannot require a next call")
			}
			if e.Own {
				assert.True(t, e.Callback)
				assert.Equal(t, status.OwnerSet, e.Owner)
				assert.True(t, e.NeedsAgent)
			}
			assert.Equal(t, e.Next == status.NextInput, e.NeedsTime)
			assert.True(t, e.Engine || e.Person || e.ByImport, "somebody can set it")
			assert.Equal(t, e.Definable, e.Person, "people choose statuses, and nothing else")
			if e.MoveTarget {
				assert.True(t, e.ChangeTarget)
			}
			if e.RequiresSuccess {
				assert.True(t, e.AfterSuccess)
			}
		})
	}
}
