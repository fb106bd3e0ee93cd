package suggest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nextcall/nextcall/internal/fold"
)

// A Hit is a contact that matches.
type Hit struct {
	Contact uint32
	fold.Match
}

// perWord is how many contacts are looked at in the time that it takes to follow a
// word.
const perWord = 8

// Search appends the contacts that match, the best first, each once with its best
// match, up to most.
func (x *Index) Search(q *fold.Query, most int, into []Hit) []Hit {
	s := search{index: x, q: q, hits: into, from: len(into), most: most}
	s.whole()
	if q.Text != "" && !s.full() {
		s.walk(fold.WordStart, x.source(ofWord, q.Text))
	}
	if q.Text != "" && !s.full() {
		s.inside()
	}
	return s.hits
}

// search is a Search under way.
type search struct {
	index *Index
	q     *fold.Query
	hits  []Hit
	from  int // where its hits begin
	most  int
}

func (s *search) full() bool { return len(s.hits)-s.from >= s.most }

// add adds a hit, unless there is a better one of the contact.
func (s *search) add(contact uint32, m fold.Match) {
	if !slices.ContainsFunc(s.hits[s.from:], func(h Hit) bool { return h.Contact == contact }) {
		s.hits = append(s.hits, Hit{contact, m})
	}
}

// source is a walk along what begins with a text, or with just this word.
type source struct {
	cursor
	beginning string
	word      bool
}

// more goes on to the next entry, if there is one.
func (c *source) more() bool {
	return c.next(c.beginning) && (!c.word || firstWord(c.text) == c.beginning)
}

func (x *Index) source(k kind, beginning string) source {
	return source{cursor: x.order[k].seek(beginning), beginning: beginning}
}

// whole finds the names and numbers that begin with what was typed.
func (s *search) whole() {
	x, q := s.index, s.q
	var sources []source
	if q.Text != "" {
		sources = append(sources, x.source(ofName, q.Text))
	}
	for _, d := range q.International {
		sources = append(sources, x.source(ofNumber, d))
	}
	for _, d := range q.National {
		sources = append(sources, x.source(ofNational, d))
	}
	s.walk(fold.Prefix, sources...)
}

// walk adds what sources come to, in order, until there is enough. What is the
// whole of a name or number is exact where others are prefixes.
func (s *search) walk(fit fold.Fit, sources ...source) {
	n := 0
	for i := range sources {
		if sources[i].more() {
			sources[n] = sources[i]
			n++
		}
	}
	sources = sources[:n]
	matchOf := func(c *source) fold.Match {
		if fit == fold.Prefix && c.text == c.beginning {
			return fold.Match{Fit: fold.Exact, Text: c.text}
		}
		return fold.Match{Fit: fit, Text: c.text}
	}
	for len(sources) > 0 && !s.full() {
		best := 0
		for i := 1; i < len(sources); i++ {
			if s.before(&sources[i], matchOf(&sources[i]), &sources[best], matchOf(&sources[best])) {
				best = i
			}
		}
		c := &sources[best]
		s.add(c.entry.contact, matchOf(c))
		if !c.more() {
			sources = slices.Delete(sources, best, best+1)
		}
	}
}

func (s *search) before(a *source, m fold.Match, b *source, n fold.Match) bool {
	return cmp.Or(cmp.Compare(m.Fit, n.Fit), strings.Compare(m.Text, n.Text), strings.Compare(s.index.id(a.entry.contact), s.index.id(b.entry.contact))) < 0
}

// inside finds what is inside words. All better matches have been found by then.
func (s *search) inside() {
	first, rest, several := strings.Cut(s.q.Text, " ")
	if !several {
		s.index.words.holding(first, func(word string) bool {
			s.follow(word, "")
			return !s.full()
		})
		return
	}
	// Either the words that end like the first one are followed to where they go on
	// like the rest, or those who have the rest are asked for what is before it. How
	// many words there are is not known: as many are tried as cost what the others would.
	x := s.index
	left := (x.order[ofName].about(rest) + x.order[ofWord].about(rest)) / perWord
	found := len(s.hits)
	x.words.holding(first+" ", func(word string) bool {
		left--
		if left >= 0 {
			s.follow(word, " "+rest)
		}
		return left >= 0 && !s.full()
	})
	if left < 0 {
		s.hits = s.hits[:found]
		s.having(rest)
	}
}

// follow adds the tails that begin with a word, and those only that go on like
// more, if there is more.
func (s *search) follow(word, more string) {
	names, words := s.index.source(ofName, word+more), s.index.source(ofWord, word+more)
	names.word, words.word = more == "", more == ""
	s.walk(fold.Inside, names, words)
}

// having adds those of the contacts with a tail that begins with a text which match
// inside.
func (s *search) having(rest string) {
	x := s.index
	var more []Hit
	for k := ofName; k <= ofWord; k++ {
		for c := x.order[k].seek(rest); c.next(rest); {
			row := x.row(c.entry.contact)
			if !strings.Contains(row, s.q.Text) {
				continue
			}
			if m, found := s.q.Names(namesIn(row)); found && m.Fit == fold.Inside {
				more = append(more, Hit{c.entry.contact, m})
			}
		}
	}
	slices.SortFunc(more, func(a, b Hit) int {
		return cmp.Or(strings.Compare(a.Text, b.Text), strings.Compare(x.id(a.Contact), x.id(b.Contact)))
	})
	for _, h := range more {
		if s.full() {
			return
		}
		s.add(h.Contact, h.Match)
	}
}
