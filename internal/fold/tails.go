package fold

import (
	"slices"
	"strings"
)

// Names returns the folded names of a contact, each once: the first name before
// the last, the last before the first, and the company. Empty ones are left out.
func Names(first, last, company string) []string {
	names := make([]string, 0, 3)
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add(Text(first + " " + last))
	add(Text(last + " " + first))
	add(Text(company))
	return names
}

// Tail is a name from one of its words on.
type Tail struct {
	Text string
	Name bool // from the first word on: it is the whole name
}

// Tails returns what the folded names of a contact can be entered at: the names,
// and what follows of them from each further word on. Of the latter those are left
// out that another tail begins with: whatever such a one matches, the other does.
func Tails(names []string) []Tail {
	tails := make([]Tail, 0, 2*len(names))
	for _, name := range names {
		tails = append(tails, Tail{name, true})
	}
	for _, name := range names {
		for at := strings.IndexByte(name, ' '); at >= 0; {
			name = name[at+1:]
			tails = addTail(tails, name)
			at = strings.IndexByte(name, ' ')
		}
	}
	return tails
}

// addTail adds what a further word begins, unless a tail begins with it, and
// takes away those further ones that it begins with.
func addTail(tails []Tail, text string) []Tail {
	if slices.ContainsFunc(tails, func(t Tail) bool { return strings.HasPrefix(t.Text, text) }) {
		return tails
	}
	tails = slices.DeleteFunc(tails, func(t Tail) bool { return !t.Name && strings.HasPrefix(text, t.Text) })
	return append(tails, Tail{text, false})
}
