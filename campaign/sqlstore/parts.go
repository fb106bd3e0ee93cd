package sqlstore

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// The kinds of traits, see shown.
const (
	traitStatus = 1 + iota
	traitQualifier
	traitOwner
	traitAgent
	traitAuthor
	traitOperation
	traitCalled // the day, of one that the log does not tell of
	traitDue    // that it is due, and not in the queue
	traitList   // is no trait: the table of records has an index
)

// filterPart is one part of a filter with what an index has of it.
type filterPart struct {
	only   campaign.Filter // the filter with nothing but this part
	index  string          // SQLite's index of the table of records
	trait  int             // PostgreSQL's kind of trait; 0: trigrams of the external id
	values []string        // of the trait
}

// partsOf lists the parts of a filter that an index has, those first that mostly
// find few.
func partsOf(f *campaign.Filter) (parts []filterPart) {
	add := func(p filterPart) { parts = append(parts, p) }
	if f.Operation != "" {
		add(filterPart{campaign.Filter{Operation: f.Operation}, "operation", traitOperation, plain([]string{f.Operation})})
	}
	if utf8.RuneCountInString(f.ExternalID) >= 3 && isText(f.ExternalID) { // fewer letters are no trigram
		add(filterPart{only: campaign.Filter{ExternalID: f.ExternalID}, index: "external"})
	}
	if !f.Called.Open() {
		add(filterPart{campaign.Filter{Called: f.Called}, "called", traitCalled, nil})
	}
	if !f.Due.Open() {
		add(filterPart{campaign.Filter{Due: f.Due}, "due", traitDue, nil})
	}
	if rare := rareQualifiers(f); len(rare) > 0 {
		names := make([]string, len(rare))
		for i, q := range rare {
			names[i] = strconv.Itoa(int(q))
		}
		add(filterPart{campaign.Filter{Qualifiers: rare}, "qualifier", traitQualifier, names})
	}
	named := func(values []string, index string, trait int, only campaign.Filter, but ...string) {
		if len(values) > 0 && len(values) <= mostNamed && !slices.ContainsFunc(values, func(v string) bool { return v == "" || slices.Contains(but, v) }) {
			add(filterPart{only, index, trait, values})
		}
	}
	named(plain(f.Agents), "agent", traitAgent, campaign.Filter{Agents: f.Agents})
	named(plain(f.Authors), "author", traitAuthor, campaign.Filter{Authors: f.Authors}, campaign.Engine)
	named(plain(f.Owners), "owner", traitOwner, campaign.Filter{Owners: f.Owners})
	named(plain(f.Statuses), "status", traitStatus, campaign.Filter{Statuses: f.Statuses})
	named(plain(f.Lists), "list", traitList, campaign.Filter{Lists: f.Lists})
	return parts
}

// rareQualifiers are those that a filter finds by Qualifiers, else by Systems, if
// an index has them all.
func rareQualifiers(f *campaign.Filter) []status.Qualifier {
	list := f.Qualifiers
	if len(list) == 0 {
		for _, s := range f.Systems {
			if s == campaign.SystemNone || s == campaign.SystemInProgress {
				return nil
			}
			list = append(list, s.Qualifiers()...)
		}
	}
	if slices.ContainsFunc(list, func(q status.Qualifier) bool { return slices.Contains(usual[:], q) }) {
		return nil
	}
	return list
}

// lookUp makes the query of up to so many records of campaigns that the part
// finds, and perhaps of others that it once found, some of them twice; one that
// has no campaign is none.
func (p *filterPart) lookUp(q *query, campaigns []string, most int) {
	const marks = "SELECT COALESCE(r.campaign, ''), COALESCE(r.sequence, 0), COALESCE(r.rec, 0), COALESCE(r.id, '') FROM "
	switch {
	case q.dialect == SQLite:
		q.add(marks, "nextcall_record r INDEXED BY nextcall_record_", p.index, " WHERE r.campaign IN (", arguments(q, campaigns), ")")
	case p.trait == 0:
		// An index of campaigns is none for the parts of texts.
		q.add(marks, "nextcall_record r WHERE (r.campaign || '') = ANY(", q.arg(campaigns), ")")
	default:
		// One that has gone to another campaign counts, or a list that was cut would
		// look as if it were whole.
		q.add(marks, "(")
		p.traits(q, q.arg(campaigns), q.arg(most))
		q.add(") t LEFT JOIN LATERAL (SELECT * FROM nextcall_record r WHERE r.campaign = t.campaign AND r.id = t.record LIMIT 1) r ON true")
		return
	}
	for _, condition := range conditions(q, &p.only, 0).all {
		q.add(" AND ", condition)
	}
	q.add(" LIMIT ", q.arg(most))
}

// traits adds what lists the campaigns and ids of records that PostgreSQL has
// noted. campaigns and most are the places of these arguments.
func (p *filterPart) traits(q *query, campaigns, most string) {
	// However little the planner knows of the values, each is looked up.
	from := "(SELECT t.campaign, t.record FROM unnest(" + campaigns + "::text[]) c(campaign)"
	of := func(kind int, and string) {
		q.add(from, " CROSS JOIN LATERAL (SELECT t.campaign, t.record FROM nextcall_trait t WHERE t.campaign = c.campaign AND t.kind = ",
			strconv.Itoa(kind), and, " LIMIT ", most, ") t LIMIT ", most, ")")
	}
	each := func() string { return " CROSS JOIN unnest(" + q.arg(p.values) + "::text[]) v(value)" }
	switch p.trait {
	case traitList:
		q.add(from, each(), ` CROSS JOIN LATERAL (SELECT r.campaign, r.id AS record FROM nextcall_record r
			WHERE r.campaign = c.campaign AND r.list = v.value AND r.list <> '' LIMIT `, most, ") t LIMIT ", most, ")")
	case traitCalled:
		span, ended := "", ""
		if s := p.only.Called; !s.From.IsZero() {
			at := q.arg(upward(s.From))
			span += " AND t.value >= nextcall_day(" + at + ")"
			ended += " AND l.ended >= " + at
		}
		if s := p.only.Called; !s.To.IsZero() {
			at := q.arg(upward(s.To))
			span += " AND t.value <= nextcall_day(" + at + ")"
			ended += " AND l.ended < LEAST(" + at + ", 9000000000000000000) + " + strconv.FormatInt(longCall.Microseconds(), 10)
		}
		q.add(from, ` CROSS JOIN LATERAL (SELECT l.campaign, l.record FROM nextcall_call l WHERE l.campaign = c.campaign AND l.token > 0`, ended,
			" ORDER BY l.ended LIMIT ", most, ") t LIMIT ", most, ") UNION ALL ")
		of(traitCalled, span)
		q.add(" LIMIT ", most)
	case traitDue:
		span := ""
		if s := p.only.Due; !s.From.IsZero() {
			span += " AND q.due >= " + q.arg(upward(s.From))
		}
		if s := p.only.Due; !s.To.IsZero() {
			span += " AND q.due < " + q.arg(upward(s.To))
		}
		for _, place := range []string{"1", "4"} {
			q.add(`(SELECT q.campaign, q.id AS record FROM nextcall_lane z CROSS JOIN LATERAL (SELECT q.campaign, q.id FROM nextcall_queue q
				WHERE q.campaign = z.campaign AND q.lane = z.lane AND q.class = z.class AND q.place = `, place, " AND ", someTime("q.due"), span,
				` ORDER BY q.due LIMIT `, most, ") q WHERE z.campaign = ANY(", campaigns, ") LIMIT ", most, ") UNION ALL ")
		}
		q.add(`(SELECT q.campaign, q.id FROM unnest(`, campaigns, `::text[]) c(campaign) CROSS JOIN LATERAL (SELECT q.campaign, q.id FROM nextcall_queue q
				WHERE q.campaign = c.campaign AND q.place = 3`, span, " ORDER BY q.park_until LIMIT ", most, ") q LIMIT ", most, `)
			UNION ALL SELECT l.campaign, l.record FROM nextcall_lease l WHERE l.campaign = ANY(`, campaigns, `)
			UNION ALL SELECT l.campaign, l.record FROM nextcall_with l WHERE l.campaign = ANY(`, campaigns, `)
			UNION ALL `)
		of(traitDue, "")
		q.add(" LIMIT ", most)
	default:
		q.add(from, each(), " CROSS JOIN LATERAL (SELECT t.campaign, t.record FROM nextcall_trait t WHERE t.campaign = c.campaign AND t.kind = ",
			strconv.Itoa(p.trait), " AND t.value = v.value LIMIT ", most, ") t LIMIT ", most, ")")
	}
}
