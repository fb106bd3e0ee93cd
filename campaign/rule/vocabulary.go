package rule

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// Variable is something that the conditions of a campaign can read: for
// documentation, and for editors that complete what is typed.
type Variable struct {
	Path     string   // as conditions write it, such as "call.outcome"
	Type     string   // "string", "int", "double", "bool", "timestamp", "duration" or "list of string"
	Optional bool     // it may be absent: ask has(...) first, or write orValue(...)
	Doc      string   // what it is, where the path does not say so; may be empty
	Values   []string // the only ones that a string can have; nil: any
	// Kinds are the kinds of conditions that may read it; nil: all.
	Kinds []campaign.Kind
}

// Variables are all that the conditions of the campaign can read, in the order
// in which they are documented, the campaign's own fields last.
func (s *Set) Variables() []Variable {
	var all []Variable
	for _, p := range s.env.schema.properties {
		all = append(all, p.variable())
	}
	return all
}

func (p *property) variable() Variable {
	v := Variable{Path: p.path, Type: p.kind.String(), Optional: p.optional, Doc: p.doc, Values: slices.Clone(p.enum)}
	if p.only != nil {
		for k := campaign.AutoSet; k <= campaign.NextAt; k++ {
			if p.only(k) {
				v.Kinds = append(v.Kinds, k)
			}
		}
	}
	return v
}

// Function is one that conditions can call beside those of CEL itself.
type Function struct {
	Form    string // how it is written, with the types of what it takes and gives
	Doc     string
	Example string // a condition that uses it
}

// Functions are those that conditions can call beside CEL's own, in the order in
// which they are documented.
func Functions() []Function {
	return []Function{
		{"count(string, duration) int", "how many of the record's dials had the outcome, from so long ago until now, this call included", `count("rejected", duration("720h")) >= 2`},
		{"streak(string) int", "how many dials in a row, up to the last, had the outcome", `streak("no_answer") >= 3`},
		{"since(timestamp) duration", "how long ago it was: now - t", `since(record.created) > duration("48h")`},
		{"local(timestamp) local", "the instant on the phone's clock, the first of its zones: its year, month (1 to 12), day, hour, minute, weekday (1 is Monday, 7 Sunday) and date (\"2026-03-02\")", `local(now).hour >= 18 && local(now).month == 12`},
		{"time_between(string, string) bool", "now is in that part of the day, the end not included, in every zone that the phone may be in; one that ends before it begins crosses midnight", `time_between("08:00", "21:00")`},
		{"weekday() int, weekday(timestamp) int", "the day of the week on the phone's clock: 1 is Monday, 7 Sunday; without an argument, now", `weekday() <= 5`},
		{"is_holiday() bool, is_holiday(timestamp) bool", "a holiday of the phone's region, on the phone's clock", `!is_holiday(now + duration("24h"))`},
		{"is_workday() bool, is_workday(timestamp) bool", "Monday to Friday, and no holiday", `is_workday()`},
		{"period(string) period", "calendar steps such as \"6 months\" or \"2 weeks, 3 days\", made on the phone's clock, to be added to a timestamp", `record.created + period("6 months") < now`},
		{"prefix(string, list of string) bool", "the text begins with one of them", `prefix(call.number, ["+48", "+49"])`},
		{"bucket(string, int) int", "one of so many buckets, from 0 on: the same one for the same text, on every machine, for trials on a part of the records", `bucket(record.id, 10) == 0`},
	}
}
