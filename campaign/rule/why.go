package rule

import (
	"fmt"
	"slices"
	"strings"
)

// maxReasons is how many of the parts that decided a line names.
const maxReasons = 3

// why says in a line which parts decided, with the values they read.
func why(root *Part) string {
	var deciding []*Part
	decided(root, &deciding)
	var lines []string
	for _, p := range deciding {
		if line := because(p); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if n := len(lines) - maxReasons; n > 0 {
		lines = append(lines[:maxReasons], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(lines, "; ")
}

// decided gathers the parts that made the result what it is: the false ones of a
// false "and", the true ones of a true "or", all of the others.
func decided(p *Part, into *[]*Part) {
	switch p.form {
	case formAnd, formOr:
		for i := range p.Parts {
			if part := &p.Parts[i]; part.Result == p.Result {
				decided(part, into)
			}
		}
	case formNot:
		for i := range p.Parts {
			decided(&p.Parts[i], into)
		}
	case formChoice:
		for i := range p.Parts {
			if p.Parts[i].Result != NotAsked {
				decided(&p.Parts[i], into)
			}
		}
	default:
		*into = append(*into, p)
	}
}

// because is a part with the values that it reads.
func because(p *Part) string {
	line := p.says()
	if read := values(p); read != "" && p.Result != Failed {
		line += ": " + read
	}
	return line
}

// values are those that a part reads.
func values(p *Part) string {
	var list []string
	for i := range p.Parts {
		if part := &p.Parts[i]; part.Result != NotAsked && part.Element == "" {
			list = append(list, part.says())
		}
	}
	return strings.Join(list, ", ")
}

// failed is the innermost part that failed.
func (p *Part) failed() *Part {
	for i := range p.Parts {
		if p.Parts[i].Result == Failed {
			return p.Parts[i].failed()
		}
	}
	return p
}
