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
