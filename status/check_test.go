package status_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

const hour = status.Delay(time.Hour)

// fieldErrors takes a joined error apart, however deep.
func fieldErrors(t *testing.T, err error) []*status.FieldError {
	t.Helper()
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*status.FieldError
		for _, one := range joined.Unwrap() {
			all = append(all, fieldErrors(t, one)...)
		}
		return all
	}
	var field *status.FieldError
	require.ErrorAs(t, err, &field)
	return []*status.FieldError{field}
}

// fields names the fields with mistakes, in the order reported.
func fields(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var names []string
	for _, field := range fieldErrors(t, err) {
		names = append(names, field.Field)
	}
	return names
}

func expiry(t *testing.T, text string) blacklist.Expiry {
	t.Helper()
	e, err := blacklist.ParseExpiry(text)
	require.NoError(t, err)
	return e
}

// good returns the least status that makes sense with a qualifier.
func good(q status.Qualifier) status.Status {
	s := status.Status{ID: "s", Title: "S", Qualifier: q}
	if q.Effect().Next == status.NextDelay {
		s.Delay = hour
	}
	if q.Effect().Action != status.ActionNone {
		s.Template = "letter"
	}
	return s
}

// rows: K4, K10, K11, K12
func TestAStatusIsANameAndAQualifierThatPeopleMayChoose(t *testing.T) {
	choosable := map[status.Qualifier]bool{
		status.Redial: true, status.Progressive: true, status.CallbackAt: true, status.CallbackAfter: true,
		status.OwnCallbackAt: true, status.OwnCallbackAfter: true, status.EndOfQueue: true, status.Manual: true,
		status.SendMail: true, status.SendSMS: true, status.NewMessage: true, status.Closed: true,
		status.Success: true, status.SuccessClosed: true, status.SuccessCancelled: true,
	}
	for _, q := range append(status.Qualifiers(), status.None, status.Qualifier(99)) {
		t.Run(q.String(), func(t *testing.T) {
			err := good(q).Check()
			if choosable[q] {
				assert.NoError(t, err)
				return
			}
			errs := fieldErrors(t, err)
			require.Len(t, errs, 1)
			assert.Equal(t, "qualifier", errs[0].Field)
			assert.Equal(t, status.ID("s"), errs[0].Status)
			assert.Equal(t, q.String(), errs[0].Value)
		})
	}
	assert.ErrorContains(t, good(status.None).Check(), "every status names a qualifier")
	assert.ErrorContains(t, good(status.Busy).Check(), "only the engine sets it")
	assert.ErrorContains(t, good(status.Unused).Check(), "only import, bulk change and move set it")
}

// rows: D6, D7, D8, D28
func TestWhatAStatusMayAndMustSay(t *testing.T) {
	long := strings.Repeat("ž", 201)
	tests := []struct {
		story string
		edit  func(*status.Status)
		wrong string // the field with the mistake; empty if there is none
		says  string
	}{
		{"nothing but id, title and qualifier", func(s *status.Status) {}, "", ""},
		{"no id", func(s *status.Status) { s.ID = "" }, "id", "every status has an id"},
		{"an id of white space", func(s *status.Status) { s.ID = " \t" }, "id", "every status has an id"},
		{"an id in two words", func(s *status.Status) { s.ID = "do not" }, "id", "no white space"},
		{"an id that is too long", func(s *status.Status) { s.ID = status.ID(long) }, "id", "at most 200"},
		{"an id that is not UTF-8", func(s *status.Status) { s.ID = "a\xff" }, "id", "not UTF-8"},
		{"no title", func(s *status.Status) { s.Title = "" }, "title", "every status has a title"},
		{"a title of white space", func(s *status.Status) { s.Title = "  " }, "title", "every status has a title"},
		{"a title with white space around it", func(s *status.Status) { s.Title = " Call " }, "title", `write "Call"`},
		{"a title that is not UTF-8", func(s *status.Status) { s.Title = "Zavola\xff" }, "title", "not UTF-8"},
		{"a title of two lines", func(s *status.Status) { s.Title = "Call\nagain" }, "title", "control character"},
		{"a title with diacritics", func(s *status.Status) { s.Title = "Žádost o zavolání" }, "", ""},
		{"a title of 200 letters", func(s *status.Status) { s.Title = long[:400] }, "", ""},
		{"a title of 201 letters", func(s *status.Status) { s.Title = long }, "title", "201 characters; at most 200"},
		{"a description of two lines", func(s *status.Status) { s.Description = "one\n\ttwo" }, "", ""},
		{"a description with a bell", func(s *status.Status) { s.Description = "one\a" }, "description", "control character"},
		{"a colour", func(s *status.Status) { s.Color = "#Ff8800" }, "", ""},
		{"a colour by name", func(s *status.Status) { s.Color = "red" }, "color", `"#rrggbb"`},
		{"a short colour", func(s *status.Status) { s.Color = "#f80" }, "color", `"#rrggbb"`},
		{"a colour with a wrong digit", func(s *status.Status) { s.Color = "#ff88g0" }, "color", `"#rrggbb"`},
		{"a colour without #", func(s *status.Status) { s.Color = "ff88000" }, "color", `"#rrggbb"`},
		{"one blacklist", func(s *status.Status) { s.Blacklist = blacklist.Global }, "", ""},
		{"a blacklist of white space", func(s *status.Status) { s.Blacklist = " " }, "blacklist", "white space"},
		{"a blacklist for a time", func(s *status.Status) {
			s.Blacklist, s.Expiry = "debtors", expiry(t, "6 days")
		}, "", ""},
		{"a time without a blacklist", func(s *status.Status) { s.Expiry = expiry(t, "6 days") }, "expiry", "needs a blacklist"},
		{"both flags", func(s *status.Status) { s.Validate, s.NextCall = true, true }, "", ""},
		{"a class that is none", func(s *status.Status) { s.Class = 9 }, "class", "no such class"},
		{"a condition of white space", func(s *status.Status) { s.AutoSet = " \n" }, "auto_set", "leave it empty"},
		{"a condition that stops the search", func(s *status.Status) { s.AutoSet, s.AutoStop = "true", true }, "", ""},
		{"a stop without a condition", func(s *status.Status) { s.AutoStop = true }, "auto_stop", "give auto_set"},
		{"a computed next call", func(s *status.Status) { s.NextAt = "now + period(\"2 weeks\")" }, "", ""},
		{"a computed next call of white space", func(s *status.Status) { s.NextAt = " " }, "next_at", "leave it empty"},
		{"a computed next call that is not UTF-8", func(s *status.Status) { s.NextAt = "\xff" }, "next_at", "not UTF-8"},
		{"a computed next call and a delay", func(s *status.Status) { s.NextAt, s.Delay = "now", hour }, "next_at", "leave one of them out"},
		{"an own delay", func(s *status.Status) { s.Delay = hour }, "", ""},
		{"a negative delay", func(s *status.Status) { s.Delay = -1 }, "delay", "not negative"},
		{"a delay of ten years", func(s *status.Status) { s.Delay = 10 * 365 * 24 * hour }, "", ""},
		{"a delay of more", func(s *status.Status) { s.Delay = 10*365*24*hour + 1 }, "delay", "longer than 10 years"},
		{"a campaign", func(s *status.Status) { s.Campaign = "spring" }, "", ""},
		{"a campaign that is not UTF-8", func(s *status.Status) { s.Campaign = "\xff" }, "campaign", "not UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			s := good(status.Redial)
			test.edit(&s)
			err := s.Check()
			if test.wrong == "" {
				assert.NoError(t, err)
				return
			}
			assert.Equal(t, []string{test.wrong}, fields(t, err))
			assert.ErrorContains(t, err, test.says)
		})
	}
}

func TestAFieldThatNothingWouldReadIsAMistake(t *testing.T) {
	wrong := func(q status.Qualifier, edit func(*status.Status)) []string {
		s := good(q)
		edit(&s)
		return fields(t, s.Check())
	}
	for _, q := range status.Qualifiers() {
		e := q.Effect()
		if !e.Definable {
			continue
		}
		t.Run(q.String(), func(t *testing.T) {
			delay := wrong(q, func(s *status.Status) { s.Delay = 2 * hour })
			next := wrong(q, func(s *status.Status) { s.Delay, s.NextAt = 0, "now" })
			template := wrong(q, func(s *status.Status) { s.Template = "letter" })
			agent := wrong(q, func(s *status.Status) { s.Agent = "eva" })
			switch q {
			case status.Redial, status.Progressive, status.EndOfQueue, status.CallbackAfter, status.OwnCallbackAfter:
				assert.Empty(t, delay)
			default:
				assert.Equal(t, []string{"delay"}, delay)
			}
			switch q {
			case status.Redial, status.Progressive, status.EndOfQueue, status.CallbackAfter, status.OwnCallbackAfter,
				status.CallbackAt, status.OwnCallbackAt:
				assert.Empty(t, next)
			default:
				assert.Equal(t, []string{"next_at"}, next)
			}
			switch q {
			case status.SendMail, status.SendSMS:
				assert.Empty(t, template)
				assert.Equal(t, []string{"template"}, wrong(q, func(s *status.Status) { s.Template = "" }))
			default:
				assert.Equal(t, []string{"template"}, template)
			}
			switch q {
			case status.OwnCallbackAt, status.OwnCallbackAfter:
				assert.Empty(t, agent)
			default:
				assert.Equal(t, []string{"agent"}, agent)
			}
		})
	}
	none := func(s *status.Status) { s.Delay = 0 }
	computed := func(s *status.Status) { s.Delay, s.NextAt = 0, "now" }
	assert.Empty(t, wrong(status.CallbackAfter, computed), "what is computed replaces the delay")
	assert.Empty(t, wrong(status.OwnCallbackAfter, computed))
	assert.Equal(t, []string{"delay"}, wrong(status.CallbackAfter, none))
	assert.Equal(t, []string{"delay"}, wrong(status.OwnCallbackAfter, none))
}

// A status that both ends a record and requires a next call cannot be meant.
// rows: D23, D26
func TestANextCallIsRequiredOnlyWhereThereIsOne(t *testing.T) {
	for _, q := range status.Qualifiers() {
		if !q.Effect().Definable {
			continue
		}
		s := good(q)
		s.NextCall = true
		s.Validate = true // independent of it
		switch q {
		case status.Redial, status.Progressive, status.EndOfQueue, status.CallbackAt, status.CallbackAfter,
			status.OwnCallbackAt, status.OwnCallbackAfter:
			assert.NoError(t, s.Check(), q)
		default:
			assert.Equal(t, []string{"next_call"}, fields(t, s.Check()), q)
		}
	}
}

func TestAllMistakesOfAStatusAreReportedTogether(t *testing.T) {
	s := status.Status{
		Title: "\xff", Color: "blue", Qualifier: status.Closed, Delay: -hour, Template: "letter", Agent: "eva",
		NextCall: true, Expiry: expiry(t, "1 day"), Class: 77, Description: "\x00",
		Relations: status.Relations{Queues: []string{"sales", "sales", ""}},
	}
	err := s.Check()
	assert.ElementsMatch(t, []string{
		"id", "title", "description", "color", "class", "delay", "template", "agent", "next_call", "expiry",
		"relations.queues", "relations.queues",
	}, fields(t, err))
	assert.ErrorContains(t, err, `status "": color "blue": a colour is written "#rrggbb"`)
}

func TestALongValueDoesNotFillTheMessage(t *testing.T) {
	s := good(status.Redial)
	s.Title = strings.Repeat("x", 5000)
	assert.Less(t, len(s.Check().Error()), 200)
}

// rows: D30, D31, D32
func TestANewStatusIsRelatedToNothing(t *testing.T) {
	s := good(status.Redial)
	kinds := []status.RelationKind{status.RelationCategory, status.RelationQueue, status.RelationRecordType}
	for _, kind := range kinds {
		assert.False(t, s.UsableIn(kind, "sales"), kind)
		assert.False(t, s.UsableIn(kind, ""), kind)
	}
	s.Relations = status.Relations{
		Categories: []string{"claims", "orders"}, Queues: []string{"sales"}, RecordTypes: []string{"lead"},
	}
	require.NoError(t, s.Check())
	assert.True(t, s.UsableIn(status.RelationCategory, "claims"))
	assert.True(t, s.UsableIn(status.RelationCategory, "orders"))
	assert.True(t, s.UsableIn(status.RelationQueue, "sales"))
	assert.True(t, s.UsableIn(status.RelationRecordType, "lead"))
	for _, kind := range kinds {
		places := 0
		for _, name := range []string{"claims", "orders", "sales", "lead"} {
			if s.UsableIn(kind, name) {
				places++
			}
		}
		assert.Len(t, s.Relations.Of(kind), places, "a relation of one kind is none of another: %s", kind)
	}
	assert.False(t, s.UsableIn(status.RelationKind(9), "sales"))

	s.Disabled = true
	assert.False(t, s.UsableIn(status.RelationQueue, "sales"), "a disabled status cannot be newly set")
}

// rows: D32
func TestTheRelationsOfAKindAreASet(t *testing.T) {
	for field, relations := range map[string]status.Relations{
		"relations.categories":   {Categories: []string{"a", "b", "a"}},
		"relations.queues":       {Queues: []string{"a", ""}},
		"relations.record_types": {RecordTypes: []string{"\xff"}},
	} {
		s := good(status.Redial)
		s.Relations = relations
		assert.Equal(t, []string{field}, fields(t, s.Check()))
	}
	s := good(status.Redial)
	s.Relations = status.Relations{Categories: []string{"a"}, Queues: []string{"a"}, RecordTypes: []string{"a"}}
	assert.NoError(t, s.Check(), "the same name may be a place of each kind")
}

// rows: K20, Z20, Z21, Z22, Z23, Z24, D24, D25
func TestAScreenIsToldWhichInputsAreActive(t *testing.T) {
	time := status.Inputs{Time: true, TimeRequired: true}
	tests := []struct {
		qualifier       status.Qualifier
		plain, nextCall status.Inputs
	}{
		{status.Redial, status.Inputs{}, time},
		{status.Progressive, status.Inputs{}, time},
		{status.EndOfQueue, status.Inputs{}, time},
		{status.CallbackAt, time, time},
		{status.CallbackAfter, status.Inputs{}, time},
		{
			status.OwnCallbackAt,
			status.Inputs{Time: true, TimeRequired: true, Agent: true, AgentRequired: true},
			status.Inputs{Time: true, TimeRequired: true, Agent: true, AgentRequired: true},
		},
		{
			status.OwnCallbackAfter,
			status.Inputs{Agent: true, AgentRequired: true},
			status.Inputs{Time: true, TimeRequired: true, Agent: true, AgentRequired: true},
		},
		{status.Manual, status.Inputs{}, status.Inputs{}},
		{status.SendMail, status.Inputs{}, status.Inputs{}},
		{status.SendSMS, status.Inputs{}, status.Inputs{}},
		{status.NewMessage, status.Inputs{}, status.Inputs{}},
		{status.Closed, status.Inputs{}, status.Inputs{}},
		{status.Success, status.Inputs{}, status.Inputs{}},
		{status.SuccessClosed, status.Inputs{}, status.Inputs{}},
		{status.SuccessCancelled, status.Inputs{}, status.Inputs{}},
	}
	for _, test := range tests {
		t.Run(test.qualifier.String(), func(t *testing.T) {
			s := good(test.qualifier)
			assert.Equal(t, test.plain, s.Inputs())
			s.NextCall = true
			assert.Equal(t, test.nextCall, s.Inputs())
		})
	}
	s := good(status.OwnCallbackAt)
	s.Agent = "eva"
	assert.Equal(t, status.Inputs{Time: true, TimeRequired: true, Agent: true}, s.Inputs(),
		"a status that names the responsible agent asks for no other")
}

// rows: K21, K25
func TestWhatIsAllowedAndProbablyNotMeantIsAWarning(t *testing.T) {
	tests := []struct {
		story string
		q     status.Qualifier
		edit  func(*status.Status)
		field string
	}{
		{"nothing odd", status.Redial, func(s *status.Status) { s.AutoSet = "outcome == busy"; s.AutoAdd = true }, ""},
		{"the rule of a disabled status", status.Redial, func(s *status.Status) { s.Disabled, s.AutoSet = true, "true" }, "auto_set"},
		{"a disabled status for new campaigns", status.Redial, func(s *status.Status) { s.Disabled, s.AutoAdd = true, true }, "auto_add"},
		{"a rule without a time", status.CallbackAt, func(s *status.Status) { s.AutoSet = "true" }, "auto_set"},
		{"a rule without a required time", status.Redial, func(s *status.Status) { s.AutoSet, s.NextCall = "true", true }, "auto_set"},
		{"a rule whose time is computed", status.CallbackAt, func(s *status.Status) { s.AutoSet, s.NextAt = "true", "now" }, ""},
		{"a rule without an agent", status.OwnCallbackAfter, func(s *status.Status) { s.AutoSet = "true" }, "auto_set"},
		{"a rule with an agent", status.OwnCallbackAfter, func(s *status.Status) { s.AutoSet, s.Agent = "true", "eva" }, ""},
		{"a hidden status with a rule", status.Redial, func(s *status.Status) { s.AutoSet, s.Hidden = "true", true }, ""},
		{"the last number", status.Closed, func(s *status.Status) { s.EndsNumber = true }, "ends_number"},
		{"one of its numbers", status.Redial, func(s *status.Status) { s.EndsNumber = true }, ""},
		{"a time required twice", status.CallbackAt, func(s *status.Status) { s.NextCall = true }, "next_call"},
		{"a refusal that is called again", status.Redial, func(s *status.Status) { s.Class = status.ClassRefusal }, "class"},
		{"a refusal", status.Closed, func(s *status.Status) { s.Class = status.ClassRefusal }, ""},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			s := good(test.q)
			test.edit(&s)
			require.NoError(t, s.Check())
			warnings := s.Warnings()
			if test.field == "" {
				assert.Empty(t, warnings)
				return
			}
			require.Len(t, warnings, 1)
			assert.Equal(t, test.field, warnings[0].Field)
			assert.Equal(t, status.ID("s"), warnings[0].Status)
			assert.Contains(t, warnings[0].String(), `status "s": `+test.field)
		})
	}
}

func TestStatusesSideBySideAreToldApart(t *testing.T) {
	a, b, c := good(status.Redial), good(status.Closed), good(status.Manual)
	a.ID, a.Title = "a", "Žluťásek"
	b.ID, b.Title = "b", "ŽLUŤÁSEK"
	c.ID, c.Title = "a", "Other"
	errs := fieldErrors(t, status.CheckAll([]status.Status{a, b, c}))
	require.Len(t, errs, 2)
	assert.Equal(t, status.FieldError{
		Status: "b", Field: "title", Value: "ŽLUŤÁSEK", Msg: `status "a" has this title too: people could not tell them apart`,
	}, *errs[0])
	assert.Equal(t, "id", errs[1].Field)
	assert.Equal(t, status.ID("a"), errs[1].Status)

	// Two mistakes of the same kind are two mistakes, and an empty id or title is
	// none that another could have.
	errs = fieldErrors(t, status.CheckAll([]status.Status{{}, {}}))
	assert.Len(t, errs, 6)
	assert.NoError(t, status.CheckAll(nil))
}
