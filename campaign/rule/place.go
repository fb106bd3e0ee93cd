package rule

import (
	"strings"

	"github.com/nextcall/nextcall/campaign"
)

// place is where a glance reads a value.
type place struct {
	from  source
	which uint8  // of counters by outcome, the outcome; of how long ago, the instant's source
	name  string // of a field; of a streak, the outcome; of a local time, the part
	or    *other // taken where there is no value; nil: none is
}

// other is the constant of orValue, of the place's kind.
type other struct {
	num  int64
	real float64
	text string
}

// source is a property that can be read without a scope.
type source uint8

// The sources, by what is read there. Those up to fromPhoneOutcome are numbers
// too: a code is one.
const (
	fromNowhere source = iota // no glance tells: ask

	fromSinceReset
	fromTotal
	fromUnanswered
	fromByOutcome
	fromOutcome // codes, from here on
	fromQualifier
	fromLastOutcome
	fromPhoneOutcome
	fromTalks // numbers again
	fromStreak
	fromOrder
	fromPhoneIndex
	fromPhoneAttempts
	fromPhonesLeft
	fromToken
	fromSIPCode
	fromQ850
	fromRing
	fromTalk
	fromAgo
	fromLocal
	fromIntField

	fromSum // of numbers, each times a constant

	fromStatus // texts
	fromRecord
	fromExternalID
	fromOwner
	fromChannel
	fromContact
	fromMode
	fromAMD
	fromHangup
	fromAgent
	fromCountry
	fromTextField

	fromRealField // doubles

	fromValid // bools
	fromAbandoned
	fromFlagField
	fromWindow

	fromTags // lists
	fromListField

	fromCreated // instants
	fromUpdated
	fromStatusAt
	fromDue
	fromLastCall
	fromFirst
	fromLast
)

// places are those of the properties' own, by path.
var places = map[string]place{
	"record.attempts": {from: fromSinceReset}, "attempts.since_reset": {from: fromSinceReset}, "attempts.total": {from: fromTotal},
	"attempts.streak_no_contact": {from: fromUnanswered}, "attempts.conversations": {from: fromTalks},
	"attempts.answered":   {from: fromByOutcome, which: uint8(campaign.Answered)},
	"attempts.no_answer":  {from: fromByOutcome, which: uint8(campaign.NoAnswer)},
	"attempts.busy":       {from: fromByOutcome, which: uint8(campaign.LineBusy)},
	"attempts.voicemail":  {from: fromByOutcome, which: uint8(campaign.Voicemail)},
	"attempts.drop":       {from: fromByOutcome, which: uint8(campaign.Drop)},
	"attempts.invalid":    {from: fromByOutcome, which: uint8(campaign.Invalid)},
	"call.outcome":        {from: fromOutcome},
	"record.qualifier":    {from: fromQualifier},
	"phone.last_outcome":  {from: fromPhoneOutcome},
	"record.order":        {from: fromOrder},
	"phone.index":         {from: fromPhoneIndex},
	"phone.attempts":      {from: fromPhoneAttempts},
	"phone.left":          {from: fromPhonesLeft},
	"call.id":             {from: fromToken},
	"call.sip_code":       {from: fromSIPCode},
	"call.q850":           {from: fromQ850},
	"call.ring":           {from: fromRing},
	"call.talk":           {from: fromTalk},
	"record.status":       {from: fromStatus},
	"record.id":           {from: fromRecord},
	"record.external_id":  {from: fromExternalID},
	"record.owner":        {from: fromOwner},
	"record.source":       {from: fromChannel},
	"contact.id":          {from: fromContact},
	"call.mode":           {from: fromMode},
	"call.amd":            {from: fromAMD},
	"call.hangup_by":      {from: fromHangup},
	"call.agent":          {from: fromAgent},
	"phone.country":       {from: fromCountry},
	"phone.valid":         {from: fromValid},
	"call.abandoned":      {from: fromAbandoned},
	"record.tags":         {from: fromTags},
	"record.created":      {from: fromCreated},
	"record.updated":      {from: fromUpdated},
	"record.status_since": {from: fromStatusAt},
	"record.next_call":    {from: fromDue},
	"record.last_call":    {from: fromLastCall},
	"attempts.first":      {from: fromFirst},
	"attempts.last":       {from: fromLast}, "attempts.last_outcome": {from: fromLastOutcome},
}

// place is where a property is read, nil if no glance can.
func (p *property) place() *place {
	if at, ok := places[p.path]; ok {
		return &at
	}
	name, ok := strings.CutPrefix(p.path, "record.fields.")
	if !ok {
		return nil
	}
	switch p.kind {
	case kindString:
		return &place{from: fromTextField, name: name}
	case kindInt:
		return &place{from: fromIntField, name: name}
	case kindDouble:
		return &place{from: fromRealField, name: name}
	case kindBool:
		return &place{from: fromFlagField, name: name}
	case kindStrings:
		return &place{from: fromListField, name: name}
	}
	return nil
}

func (s source) isNumber() bool  { return s >= fromSinceReset && s <= fromIntField }
func (s source) isCode() bool    { return s >= fromOutcome && s <= fromPhoneOutcome }
func (s source) isText() bool    { return s >= fromStatus && s <= fromTextField }
func (s source) isFlag() bool    { return s >= fromValid && s <= fromFlagField }
func (s source) isInstant() bool { return s >= fromCreated && s <= fromLast }

func (s source) isField() bool {
	switch s {
	case fromIntField, fromTextField, fromRealField, fromFlagField, fromListField:
		return true
	}
	return false
}
