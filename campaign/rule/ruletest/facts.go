package ruletest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// phase is when a fact is read: later ones look at what earlier ones made.
type phase uint8

const (
	shaping  phase = iota // the numbers and the type of the record
	calling               // what is known of the call, before it is counted
	settling              // what the record shall be, whatever the calls made of it
)

// fact is something that a case can say.
type fact struct {
	phase phase
	set   func(b *builder, v string) error
}

// factTable are all facts but fields and earlier calls.
var factTable = map[string]fact{
	"tz":               {shaping, func(b *builder, v string) error { return b.setZone(v) }},
	"record.phones":    {shaping, func(b *builder, v string) error { return b.setPhones(v) }},
	"phone.number":     {shaping, func(b *builder, v string) error { return b.setNumber(v) }},
	"phone.index":      {shaping, func(b *builder, v string) error { return b.setIndex(v) }},
	"phone.country":    {shaping, func(b *builder, v string) error { return into(&b.country, v, readText) }},
	"phone.left":       {settling, func(b *builder, v string) error { return b.setLeft(v) }},
	"phone.valid":      {settling, func(b *builder, v string) error { return b.setValid(v) }},
	"record.type":      {shaping, func(b *builder, v string) error { return into(&b.r.Type, v, readText) }},
	"blacklisted":      {settling, func(b *builder, v string) error { return b.setListed(v) }},
	"contact.kind":     {settling, func(b *builder, v string) error { return b.setContactKind(v) }},
	"contact.id":       {settling, func(b *builder, v string) error { return into(&b.contact().ID, v, readText) }},
	"contact.country":  {settling, func(b *builder, v string) error { return into(&b.contact().Country, v, readText) }},
	"phone.attempts":   {settling, onPhone(func(b *builder, p *campaign.Phone, v string) error { return into(&p.Attempts, v, readCount) })},
	"record.success":   {settling, func(b *builder, v string) error { return into(&b.r.Success, v, readBool) }},
	"record.status":    {settling, func(b *builder, v string) error { return b.setStatus(v) }},
	"record.qualifier": {settling, func(b *builder, v string) error { return into(&b.r.Qualifier, v, quoted(status.ParseQualifier)) }},
	"record.source":    {settling, func(b *builder, v string) error { return b.setSource(v) }},
	"record.order":     {settling, func(b *builder, v string) error { return b.setOrder(v) }},
	"record.tags":      {settling, func(b *builder, v string) error { return into(&b.r.Tags, v, readList) }},

	"record.id":          {settling, func(b *builder, v string) error { return into(&b.r.ID, v, readText) }},
	"record.external_id": {settling, func(b *builder, v string) error { return into(&b.r.ExternalID, v, readText) }},
	"record.owner":       {settling, func(b *builder, v string) error { return into(&b.r.Owner, v, readText) }},

	"record.created":      {settling, atTime(func(b *builder) *time.Time { return &b.r.Created })},
	"record.updated":      {settling, atTime(func(b *builder) *time.Time { return &b.r.Updated })},
	"record.status_since": {settling, atTime(func(b *builder) *time.Time { return &b.r.StatusAt })},
	"record.next_call":    {settling, atTime(func(b *builder) *time.Time { return &b.r.Due })},
	"record.last_call":    {settling, atTime(func(b *builder) *time.Time { return &b.r.LastCall })},
	"attempts.first":      {settling, atTime(func(b *builder) *time.Time { return &b.r.Attempts.First })},
	"attempts.last":       {settling, atTime(func(b *builder) *time.Time { return &b.r.Attempts.Last })},

	"record.attempts":            {settling, count(func(b *builder) *int { return &b.r.Attempts.SinceReset })},
	"attempts.since_reset":       {settling, count(func(b *builder) *int { return &b.r.Attempts.SinceReset })},
	"attempts.total":             {settling, count(func(b *builder) *int { return &b.r.Attempts.Total })},
	"attempts.conversations":     {settling, count(func(b *builder) *int { return &b.r.Attempts.Talks })},
	"attempts.streak_no_contact": {settling, count(func(b *builder) *int { return &b.r.Attempts.Unanswered })},
	"attempts.streak":            {settling, count(func(b *builder) *int { return &b.r.Attempts.Streak })},
	"attempts.answered":          {settling, byOutcome(campaign.Answered)},
	"attempts.no_answer":         {settling, byOutcome(campaign.NoAnswer)},
	"attempts.busy":              {settling, byOutcome(campaign.LineBusy)},
	"attempts.voicemail":         {settling, byOutcome(campaign.Voicemail)},
	"attempts.drop":              {settling, byOutcome(campaign.Drop)},
	"attempts.invalid":           {settling, byOutcome(campaign.Invalid)},
	"attempts.last_outcome":      {settling, func(b *builder, v string) error { return into(&b.r.LastOutcome, v, quoted(readOutcome)) }},
	"phone.last_outcome": {settling, onPhone(func(b *builder, p *campaign.Phone, v string) error {
		return into(&p.LastOutcome, v, quoted(readOutcome))
	})},

	"call.outcome":   {calling, func(b *builder, v string) error { return into(&b.result.Outcome, v, quoted(readOutcome)) }},
	"call.amd":       {calling, func(b *builder, v string) error { return into(&b.result.AMD, v, readText) }},
	"call.hangup_by": {calling, func(b *builder, v string) error { return into(&b.result.HangupBy, v, readText) }},
	"call.agent":     {calling, func(b *builder, v string) error { return into(&b.lease.Agent, v, readText) }},
	"call.inbound":   {calling, func(b *builder, v string) error { return into(&b.lease.Inbound, v, readBool) }},
	"call.rang":      {calling, func(b *builder, v string) error { return into(&b.result.Rang, v, readBool) }},
	"call.sip_code":  {calling, func(b *builder, v string) error { return into(&b.result.SIPCode, v, readCount) }},
	"call.q850":      {calling, func(b *builder, v string) error { return into(&b.result.Q850, v, readCount) }},
	"call.ring":      {calling, func(b *builder, v string) error { return into(&b.result.Ring, v, readDuration) }},
	"call.talk":      {calling, func(b *builder, v string) error { return into(&b.result.Talk, v, readDuration) }},
	"call.wrap":      {calling, func(b *builder, v string) error { return into(&b.wrap, v, readDuration) }},
	"call.dialed":    {calling, atTime(func(b *builder) *time.Time { return &b.result.Dialed })},
	"call.answered":  {calling, atTime(func(b *builder) *time.Time { return &b.result.Answered })},
	"call.ended":     {calling, atTime(func(b *builder) *time.Time { return &b.result.Ended })},
	"call.number":    {shaping, func(b *builder, v string) error { return b.setNumber(v) }},
	"call.id":        {calling, func(b *builder, v string) error { return b.setCall(v) }},
	"call.mode":      {calling, func(b *builder, v string) error { return b.setMode(v) }},

	"call.queue":       elsewhere("it is the campaign's: set queue in the campaign block"),
	"call.abandoned":   elsewhere(`it follows from the outcome: give call.outcome = "drop"`),
	"attempts.today":   elsewhere("it is counted: give the calls of today as earlier_call"),
	"agent.id":         elsewhere("it is that of the call, else the owner: give call.agent or record.owner"),
	"agent.team":       elsewhere("it belongs to the agent: set it in the agents block, or in the engine's Agents"),
	"agent.skills":     elsewhere("they belong to the agent: set them in the agents block, or in the engine's Agents"),
	"campaign.id":      elsewhere("it is the campaign's own"),
	"campaign.mode":    elsewhere("it is the campaign's: set mode in the campaign block"),
	"campaign.started": elsewhere("it follows from the campaign's start: set start in the campaign block"),
}

// Facts that are read on their own.
const (
	nowFact     = "now"
	earlierCall = "earlier_call"
)

// factNames are all names of facts, but those of fields.
func factNames() []string {
	return append(slices.Sorted(maps.Keys(factTable)), nowFact, earlierCall)
}

// elsewhere is a variable that a case cannot say, and where it comes from.
func elsewhere(from string) fact {
	return fact{shaping, func(*builder, string) error { return fmt.Errorf("a case cannot say it: %s", from) }}
}

func into[D, T any](to *D, v string, read func(string) (T, error)) error {
	x, err := read(v)
	if err != nil {
		return err
	}
	switch to := any(to).(type) {
	case *T:
		*to = x
	case *campaign.RecordID:
		*to = campaign.RecordID(any(x).(string))
	case *campaign.AgentID:
		*to = campaign.AgentID(any(x).(string))
	case *campaign.ContactID:
		*to = campaign.ContactID(any(x).(string))
	}
	return nil
}

// quoted reads a name in quotes, such as that of an outcome.
func quoted[T any](read func(string) (T, error)) func(string) (T, error) {
	return func(v string) (T, error) {
		name, err := readText(v)
		if err != nil {
			var zero T
			return zero, err
		}
		return read(name)
	}
}

// readOutcome reads an outcome's name, of a call that was made.
func readOutcome(name string) (campaign.Outcome, error) {
	o, err := campaign.ParseOutcome(name)
	if err != nil || o == campaign.OutcomeNone {
		var names []string
		for o := campaign.Answered; int(o) < campaign.NumOutcomes; o++ {
			names = append(names, o.String())
		}
		return 0, fmt.Errorf("%q is no outcome: want one of %s%s", clip(name), strings.Join(names, ", "), meant(name, names))
	}
	return o, nil
}

func atTime(of func(*builder) *time.Time) func(*builder, string) error {
	return func(b *builder, v string) error { return into(of(b), v, b.readTime) }
}

func count(of func(*builder) *int) func(*builder, string) error {
	return func(b *builder, v string) error { return into(of(b), v, readCount) }
}

func byOutcome(o campaign.Outcome) func(*builder, string) error {
	return func(b *builder, v string) error {
		n, err := readCount(v)
		if err == nil && n > 1<<16-1 {
			return fmt.Errorf("%d: want 0 to 65535", n)
		}
		b.r.Attempts.ByOutcome[o] = uint16(n)
		return err
	}
}

func onPhone(set func(*builder, *campaign.Phone, string) error) func(*builder, string) error {
	return func(b *builder, v string) error {
		if b.at < 0 {
			return errNoPhone
		}
		return set(b, &b.r.Phones[b.at], v)
	}
}

var errNoPhone = fmt.Errorf("the record has no number: leave record.phones out, or give one")

// defaultNumber is that of a record whose case names none; further ones follow.
const defaultNumber blacklist.Number = 48600100200
