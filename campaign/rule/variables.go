package rule

import (
	"slices"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Agent is what conditions can read of an agent beside the id.
type Agent struct {
	Team   string
	Skills []string
}

// afterCalls are the kinds of conditions that are asked about a call.
func afterCalls(k campaign.Kind) bool { return k == campaign.AutoSet || k == campaign.NextAt }

// beforeCalls are the kinds that are asked when a call is about to be made.
func beforeCalls(k campaign.Kind) bool { return k == campaign.DialWhen }

var (
	contactNeeded = campaign.Reads{Contact: true}
	todayNeeded   = campaign.Reads{Today: true}
)

// variables are the properties that every campaign has. What a condition may
// say, what it costs and what its documentation lists all come from here.
func variables(cfg *campaign.Config, statuses []status.ID, agents map[campaign.AgentID]Agent) []*property {
	outcomes := outcomeNames()
	started, begun := startOf(cfg)
	id, mode, queue := string(cfg.ID), string(cfg.Mode), cfg.Queue
	all := []*property{
		{path: "now", doc: "the instant of the decision", when: func(s *scope) (time.Time, bool) { return s.now, true }},
		{path: "tz", doc: "the IANA zone of the phone", optional: true, text: (*scope).zoneName},
		{path: "blacklisted", doc: "a blacklist names one of the record's numbers", only: beforeCalls, flag: (*scope).blacklisted},

		{path: "campaign.id", text: func(*scope) (string, bool) { return id, true }},
		{path: "campaign.mode", enum: modes, text: func(*scope) (string, bool) { return mode, true }},
		{path: "campaign.started", doc: "the first instant of the start date", optional: true, when: func(*scope) (time.Time, bool) { return started, begun }},

		{path: "record.id", text: func(s *scope) (string, bool) { return string(s.r.ID), true }},
		{path: "record.external_id", text: func(s *scope) (string, bool) { return s.r.ExternalID, true }},
		{path: "record.status", doc: "\"\" is no status", enum: statusIDs(statuses), text: func(s *scope) (string, bool) { return string(s.r.Status), true }},
		{path: "record.qualifier", enum: qualifiers(), text: func(s *scope) (string, bool) { return s.r.Qualifier.String(), true }},
		{path: "record.owner", doc: "the assigned agent, \"\" is nobody", text: func(s *scope) (string, bool) { return string(s.r.Owner), true }},
		{path: "record.order", doc: "0 is unset", num: func(s *scope) (int64, bool) { return int64(s.r.Order), true }},
		{path: "record.attempts", doc: "counted dials since the last reset", num: func(s *scope) (int64, bool) { return int64(s.r.Attempts.SinceReset), true }},
		{path: "record.created", optional: true, when: func(s *scope) (time.Time, bool) { return moment(s.r.Created) }},
		{path: "record.updated", doc: "the last change", optional: true, when: func(s *scope) (time.Time, bool) { return moment(s.r.Updated) }},
		{path: "record.status_since", doc: "when status or qualifier were last set", optional: true, when: func(s *scope) (time.Time, bool) { return moment(s.r.StatusAt) }},
		{path: "record.next_call", optional: true, when: func(s *scope) (time.Time, bool) { return moment(s.r.Due) }},
		{path: "record.last_call", doc: "absent when never called", optional: true, when: func(s *scope) (time.Time, bool) { return moment(s.r.LastCall) }},
		{path: "record.tags", list: func(s *scope) ([]string, bool) { return s.r.Tags, true }},
		{path: "record.source", doc: "\"\" is an import", enum: sources, text: func(s *scope) (string, bool) { return string(s.r.Source), true }},

		{path: "attempts.total", doc: "counted dials, ever", num: counter(func(c *campaign.Counters) int { return c.Total })},
		{path: "attempts.today", doc: "counted dials of the record since midnight in the campaign's zone", reads: todayNeeded, num: (*scope).today},
		{path: "attempts.answered", num: outcomes.counted(campaign.Answered)},
		{path: "attempts.no_answer", num: outcomes.counted(campaign.NoAnswer)},
		{path: "attempts.busy", num: outcomes.counted(campaign.LineBusy)},
		{path: "attempts.voicemail", num: outcomes.counted(campaign.Voicemail)},
		{path: "attempts.drop", num: outcomes.counted(campaign.Drop)},
		{path: "attempts.invalid", num: outcomes.counted(campaign.Invalid)},
		{path: "attempts.conversations", doc: "inbound ones included", num: counter(func(c *campaign.Counters) int { return c.Talks })},
		{path: "attempts.since_reset", num: counter(func(c *campaign.Counters) int { return c.SinceReset })},
		{path: "attempts.streak_no_contact", doc: "calls that reached nobody since the last talk or reset", num: counter(func(c *campaign.Counters) int { return c.Unanswered })},
		{path: "attempts.first", optional: true, when: func(s *scope) (time.Time, bool) { return moment(s.r.Attempts.First) }},
		{path: "attempts.last", optional: true, when: func(s *scope) (time.Time, bool) { return moment(s.r.Attempts.Last) }},
		{path: "attempts.last_outcome", optional: true, enum: outcomes, text: func(s *scope) (string, bool) { return outcome(s.r.LastOutcome) }},

		{path: "phone.number", doc: "such as \"+48600100200\"", optional: true, text: (*scope).phoneNumber},
		{path: "phone.country", doc: "the phone's region", optional: true, text: func(s *scope) (string, bool) {
			p := s.phone()
			if p == nil || p.Region == "" {
				return "", false
			}
			return p.Region, true
		}},
		{path: "phone.index", doc: "1 is the record's first number", optional: true, num: func(s *scope) (int64, bool) { return int64(s.phoneIndex() + 1), s.phoneIndex() >= 0 }},
		{path: "phone.attempts", doc: "counted dials of this number for this record", optional: true, num: func(s *scope) (int64, bool) {
			p := s.phone()
			if p == nil {
				return 0, false
			}
			return int64(p.Attempts), true
		}},
		{path: "phone.last_outcome", optional: true, enum: outcomes, text: func(s *scope) (string, bool) {
			p := s.phone()
			if p == nil {
				return "", false
			}
			return outcome(p.LastOutcome)
		}},
		{path: "phone.valid", doc: "it may still be dialled", optional: true, flag: func(s *scope) (bool, bool) {
			p := s.phone()
			return p != nil && p.Out == "", p != nil
		}},
		{path: "phone.left", doc: "how many of the record's numbers may still be dialled", num: func(s *scope) (int64, bool) { return s.phonesLeft() }},

		{path: "contact.id", text: func(s *scope) (string, bool) { return string(s.r.Contact), true }},
		{path: "contact.kind", doc: "person or company", optional: true, enum: []string{"company", "person"}, reads: contactNeeded, text: (*scope).contactKind},
		{path: "contact.country", optional: true, reads: contactNeeded, text: func(s *scope) (string, bool) {
			if s.f.Contact == nil || s.f.Contact.Country == "" {
				return "", false
			}
			return s.f.Contact.Country, true
		}},

		{path: "agent.id", doc: "of the call, else the record's owner", optional: true, text: func(s *scope) (string, bool) { return string(s.agent()), s.agent() != "" }},
		{path: "agent.team", optional: true, text: func(s *scope) (string, bool) { a, ok := agents[s.agent()]; return a.Team, ok && a.Team != "" }},
		{path: "agent.skills", list: func(s *scope) ([]string, bool) { return agents[s.agent()].Skills, true }},
	}
	all = append(all, callVariables(queue, outcomes)...)
	for _, p := range all {
		p.settle()
	}
	return all
}

// settle finds the kind from the getter that is set, unless it is a duration.
func (p *property) settle() {
	switch {
	case p.when != nil:
		p.kind = kindTime
	case p.num != nil && p.kind != kindDuration:
		p.kind = kindInt
	case p.real != nil:
		p.kind = kindDouble
	case p.flag != nil:
		p.kind = kindBool
	case p.list != nil:
		p.kind = kindStrings
	}
}

// field is a property of a record type or of contacts.
func field(path, name string, k kind, of func(*scope) campaign.Fields, contact bool) *property {
	p := &property{path: path, kind: k, optional: true}
	if contact {
		p.reads = contactNeeded
	}
	switch k {
	case kindString:
		p.text = fieldOf(p, name, of, asText)
	case kindInt:
		p.num = fieldOf(p, name, of, asInt)
	case kindDouble:
		p.real = fieldOf(p, name, of, asDouble)
	case kindBool:
		p.flag = fieldOf(p, name, of, asFlag)
	case kindTime:
		p.when = fieldTime(p, name, of)
	case kindStrings:
		p.list = fieldOf(p, name, of, asList)
	}
	return p
}

func recordFields(s *scope) campaign.Fields { return s.r.Fields }

func contactFields(s *scope) campaign.Fields {
	if s.f.Contact == nil {
		return nil
	}
	return s.f.Contact.Fields
}

func counter(of func(*campaign.Counters) int) func(*scope) (int64, bool) {
	return func(s *scope) (int64, bool) { return int64(of(&s.r.Attempts)), true }
}

type names []string

func outcomeNames() names {
	var all names
	for o := campaign.Answered; int(o) < campaign.NumOutcomes; o++ {
		all = append(all, o.String())
	}
	return all
}

func (names) counted(o campaign.Outcome) func(*scope) (int64, bool) {
	return func(s *scope) (int64, bool) { return int64(s.r.Attempts.ByOutcome[o]), true }
}

var (
	modes   = []string{string(campaign.Preview), string(campaign.ProgressiveMode), string(campaign.Power), string(campaign.Predictive)}
	sources = []string{
		string(campaign.ChannelImport), string(campaign.ChannelAgent), string(campaign.ChannelCall), string(campaign.ChannelMail),
		string(campaign.ChannelFax), string(campaign.ChannelSMS), string(campaign.ChannelMMS), string(campaign.ChannelWeb),
	}
)

func qualifiers() []string {
	var all []string
	for _, q := range status.Qualifiers() {
		all = append(all, q.String())
	}
	return all
}

// statusIDs are those that a record can have; "" is no status.
func statusIDs(known []status.ID) []string {
	all := []string{""}
	for _, id := range known {
		all = append(all, string(id))
	}
	slices.Sort(all)
	return all
}

// startOf is the first instant of the campaign's start date.
func startOf(cfg *campaign.Config) (time.Time, bool) {
	loc, err := time.LoadLocation(cfg.Zone)
	if err != nil || cfg.Start == "" {
		return time.Time{}, false
	}
	d, err := time.Parse(time.DateOnly, cfg.Start)
	if err != nil {
		return time.Time{}, false
	}
	return startOfDay(d, loc).UTC(), true
}
