package sqlstore

import (
	"context"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/fold"
)

// How much is looked at before it is done in another way: beyond it there is so much
// that the first words, in their order, are soon enough.
const (
	fewSuffixes = 1000 // of words that contain what was typed
	fewEndings  = 500  // of words that end with the first that was typed
	fewRests    = 1000 // of tails that begin with what follows
)

const (
	mostWords   = 512  // that are met at a time
	mostEndings = 4096 // words that are met at all, where each may have nothing of what follows behind it
)

// Suggest implements campaign.ContactStore. What begins with what was typed is read
// in order from an index, to the limit and no further. What contains it elsewhere is
// looked for only if that was not enough, by the words that it can be in: no more
// than the words of all names are looked through, once, however many contacts have
// them.
//
// One thing may be missing from the end of an answer: if several words were typed of
// which the first is the end of a word, more than 500 words end so, and more than
// 1,000 names go on with what follows at one of their words, then only the first 4,096 of the
// words that end so are asked for it.
func (st *Store) Suggest(ctx context.Context, t campaign.Typed) ([]campaign.Suggestion, error) {
	s := search{typed: t, most: t.Most(), query: fold.NewQuery(t.Text), seen: make(map[campaign.ContactID]bool)}
	var list []campaign.Suggestion
	err := st.read(ctx, func(r *run) error {
		if err := s.do(r); err != nil {
			return err
		}
		ids := make([]campaign.ContactID, len(s.hits))
		for i, h := range s.hits {
			ids[i] = h.contact
		}
		if err := r.engine.people(r, missing(ids, r.people.byID)); err != nil {
			return r.fail(err)
		}
		for _, h := range s.hits {
			if c := r.people.byID[h.contact].contact; c != nil {
				list = append(list, campaign.Suggestion{Contact: c, Fit: campaign.Fit(h.fit), Text: h.text})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// search looks for contacts, the best first.
type search struct {
	typed campaign.Typed
	query fold.Query
	most  int
	seen  map[campaign.ContactID]bool
	hits  []hit
}

// hit is a contact that matches.
type hit struct {
	fit     fold.Fit
	text    string
	contact campaign.ContactID
}

func (s *search) full() bool { return len(s.hits) >= s.most }

// add adds a contact, unless it is there with a better match.
func (s *search) add(h hit) {
	if !s.full() && !s.seen[h.contact] {
		s.seen[h.contact] = true
		s.hits = append(s.hits, h)
	}
}

func (s *search) do(r *run) error {
	if err := s.beginnings(r); err != nil || s.full() || s.query.Text == "" {
		return err
	}
	first, rest, several := strings.Cut(s.query.Text, " ")
	if several {
		return s.insideSeveral(r, first, rest)
	}
	return s.insideOne(r, first)
}

// beginnings adds what begins with what was typed.
func (s *search) beginnings(r *run) error {
	var all []*tailRange
	if q := s.query.Text; q != "" {
		all = append(all, beginningWith(wholeName, q), beginningWith(furtherWord, q))
	}
	for _, q := range s.query.International {
		all = append(all, beginningWith(wholeNumber, q))
	}
	for _, q := range s.query.National {
		all = append(all, beginningWith(national, q))
	}
	if len(all) == 0 {
		return nil
	}
	each := s.most + 4
	if err := r.engine.tails(r, all, each, each*len(all)); err != nil {
		return r.fail(err)
	}
	return s.merge(r, all)
}

// merge adds what ranges have, in the order of suggestions, until there is enough.
func (s *search) merge(r *run, ranges []*tailRange) error {
	for !s.full() {
		var best *tailRange
		for _, x := range ranges {
			if err := x.fill(r, s.most); err != nil {
				return err
			}
			if len(x.rows) > 0 && (best == nil || x.first().before(best.first())) {
				best = x
			}
		}
		if best == nil {
			return nil
		}
		s.add(best.first())
		best.rows = best.rows[1:]
	}
	return nil
}

func (h hit) before(o hit) bool {
	a, b := fold.Match{Fit: h.fit, Text: h.text}, fold.Match{Fit: o.fit, Text: o.text}
	return a.Less(b) || a == b && h.contact < o.contact
}

// insideOne adds what contains a single word that was typed.
func (s *search) insideOne(r *run, q string) error {
	words, err := r.words(wordsIn, q, beyond(q), fewSuffixes+1)
	if err != nil {
		return err
	}
	if len(words) <= fewSuffixes {
		slices.Sort(words)
		return s.inside(r, slices.Compact(words), "")
	}
	return s.insideMany(r, wordsWith, q, "", math.MaxInt)
}

// insideSeveral adds what contains several words that were typed: a word that ends
// with the first of them, and what follows.
func (s *search) insideSeveral(r *run, first, rest string) error {
	words, err := r.words(wordsEnding, first, "", fewEndings+1)
	if err != nil {
		return err
	}
	if len(words) <= fewEndings {
		return s.inside(r, words, rest)
	}
	if done, err := s.insideFew(r, rest); done || err != nil {
		return err
	}
	return s.insideMany(r, wordsEnding, first, rest, mostEndings)
}

// insideFew does so by what follows, if few contacts have it: in a name of theirs
// it begins at a word, so one of their tails begins with it.
func (s *search) insideFew(r *run, rest string) (done bool, err error) {
	ranges := []*tailRange{beginningWith(wholeName, rest), beginningWith(furtherWord, rest)}
	if err := r.engine.tails(r, ranges, fewRests+1, 2*(fewRests+1)); err != nil {
		return false, r.fail(err)
	}
	var ids []campaign.ContactID
	for _, x := range ranges {
		if x.more {
			return false, nil
		}
		for _, h := range x.rows {
			ids = append(ids, h.contact)
		}
	}
	if err := r.engine.people(r, missing(ids, r.people.byID)); err != nil {
		return false, r.fail(err)
	}
	var hits []hit
	for _, id := range ids {
		if m, ok := s.typed.Match(r.people.byID[id].contact); ok {
			hits = append(hits, hit{fold.Fit(m.Fit), m.Text, id})
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		switch {
		case a.before(b):
			return -1
		case b.before(a):
			return 1
		}
		return 0
	})
	for _, h := range hits {
		s.add(h)
	}
	return true, nil
}

// insideMany meets the words of a statement page by page, so many at the most.
func (s *search) insideMany(r *run, from statement, q, rest string, most int) error {
	after := ""
	for n := s.page(); !s.full() && most > 0; n = min(2*n, mostWords) {
		words, err := r.words(from, q, after, n)
		if err != nil {
			return err
		}
		if err := s.inside(r, words, rest); err != nil || len(words) < n {
			return err
		}
		most -= n
		after = words[len(words)-1]
	}
	return nil
}

// page is how many words are met at first: nearly each is that of a contact.
func (s *search) page() int { return s.most + 6 }

// inside adds the contacts of words, in the order of both: those that have one of
// the words and, if it is not "", the rest behind it.
func (s *search) inside(r *run, words []string, rest string) error {
	for n := s.page(); len(words) > 0 && !s.full(); n = min(2*n, mostWords) {
		n = min(n, len(words))
		ranges := make([]*tailRange, 0, 2*n)
		for _, w := range words[:n] {
			for kind := wholeName; kind <= furtherWord; kind++ {
				x := &tailRange{kind: kind, fit: fold.Inside, from: w, below: w + "!", more: true} // what follows a word is a space
				if rest != "" {
					x.from = w + " " + rest
					x.below = beyond(x.from)
				}
				ranges = append(ranges, x)
			}
		}
		each := s.most + 4
		if err := r.engine.tails(r, ranges, each, 4*each); err != nil {
			return r.fail(err)
		}
		for i := 0; i < len(ranges) && !s.full(); i += 2 {
			if err := s.merge(r, ranges[i:i+2]); err != nil {
				return err
			}
		}
		words = words[n:]
	}
	return nil
}

// words reads words.
func (r *run) words(from statement, args ...any) (words []string, err error) {
	err = r.each(func(from scanner) error {
		var w string
		err := from.Scan(&w)
		words = append(words, w)
		return err
	}, from, args...)
	return words, err
}

// tailRange is a part of the table of tails that is read in its order, page by page.
type tailRange struct {
	kind    tailKind
	fit     fold.Fit           // of what it has
	whole   string             // fits exactly, if it is not ""
	from    string             // the tail and
	contact campaign.ContactID // the contact that those to come are behind
	below   string             // the first tail behind it
	rows    []hit
	more    bool // there may be more in the table
}

// beginningWith is what begins with a text.
func beginningWith(k tailKind, text string) *tailRange {
	x := &tailRange{kind: k, fit: fold.Prefix, whole: text, from: text, below: beyond(text), more: true}
	if k == furtherWord {
		x.fit, x.whole = fold.WordStart, ""
	}
	return x
}

// first is the first row that has not been taken.
func (x *tailRange) first() hit { return x.rows[0] }

// fill reads the next page, if there is none.
func (x *tailRange) fill(r *run, n int) error {
	if len(x.rows) > 0 || !x.more {
		return nil
	}
	if err := r.engine.tails(r, []*tailRange{x}, n, n); err != nil {
		return r.fail(err)
	}
	return nil
}

// add adds a row of a page.
func (x *tailRange) add(text string, id campaign.ContactID) {
	h := hit{x.fit, text, id}
	if text == x.whole {
		h.fit = fold.Exact
	}
	x.rows = append(x.rows, h)
}

// read notes that a page has been read: all of it, or not.
func (x *tailRange) read(all bool) {
	x.more = !all
	if n := len(x.rows); n > 0 {
		x.from, x.contact = x.rows[n-1].text, x.rows[n-1].contact
	}
}

// beyond is the first text, bytes compared, that comes behind all that begin with
// another one.
func beyond(text string) string {
	for text != "" {
		last, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
		switch {
		case last == 0xD7FF:
			return text + "\uE000"
		case last < utf8.MaxRune:
			return text + string(last+1)
		}
	}
	return strings.Repeat(string(utf8.MaxRune), fold.Max/4+1)
}
