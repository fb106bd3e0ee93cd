package suggest_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/internal/fold"
	"github.com/nextcall/nextcall/internal/suggest"
)

// plain is the index as it would be without haste.
type plain map[uint32]known

// known is a contact with its folded names.
type known struct {
	suggest.Contact
	names []string
}

func knownOf(c suggest.Contact) known { return known{c, fold.Names(c.First, c.Last, c.Company)} }

// id gives ids that are not in the order of the numbers.
func id(contact uint32) string { return fmt.Sprint("id", contact%7, "-", contact) }

func (p plain) search(q *fold.Query, most int) []suggest.Hit {
	var hits []suggest.Hit
	for contact, c := range p {
		best, found := q.Names(c.names)
		for _, n := range c.Numbers[:min(len(c.Numbers), fold.MaxNumbers)] {
			if m, ok := q.Number(n); ok && (!found || m.Less(best)) {
				best, found = m, true
			}
		}
		if found {
			hits = append(hits, suggest.Hit{Contact: contact, Match: best})
		}
	}
	slices.SortFunc(hits, func(a, b suggest.Hit) int {
		return cmp.Or(cmp.Compare(a.Fit, b.Fit), strings.Compare(a.Text, b.Text), strings.Compare(id(a.Contact), id(b.Contact)))
	})
	return slices.Clip(hits[:min(len(hits), most)])
}

// parts of names: few enough for many contacts to have the same, with some that are
// parts of others.
var syllables = strings.Fields("a ja jan ka ko kow wal al ska ski an na o e ła Łu ż gro ß é 4 48")

func name(r *rand.Rand, words int) string {
	var b strings.Builder
	for i := range r.IntN(words + 1) {
		if i > 0 {
			b.WriteString([]string{" ", "-", "  "}[r.IntN(3)])
		}
		for range 1 + r.IntN(3) {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
	}
	return b.String()
}

func contact(r *rand.Rand) suggest.Contact {
	c := suggest.Contact{First: name(r, 2), Last: name(r, 2)}
	if r.IntN(3) == 0 {
		c.Company = name(r, 5)
	}
	if r.IntN(200) == 0 {
		c.Last = strings.Repeat(name(r, 2)+" ", 100)
	}
	for range r.IntN(3) {
		c.Numbers = append(c.Numbers, []uint64{48600_000_000, 49600_000_000, 1600_000_0000, 0}[r.IntN(4)]+r.Uint64N(300)*[]uint64{0, 1, 1000}[r.IntN(3)])
	}
	return c
}

// typed is cut out of a contact, or made up.
func typed(r *rand.Rand, c suggest.Contact) string {
	text := strings.Join([]string{c.First, c.Last, c.First, c.Company}, " ")
	switch r.IntN(5) {
	case 0:
		text = name(r, 3)
	case 1:
		if len(c.Numbers) > 0 && c.Numbers[0] != 0 {
			text = []string{"+", "", "0", "00"}[r.IntN(4)] + strings.TrimPrefix(fmt.Sprint(c.Numbers[0]), []string{"", "48"}[r.IntN(2)])
			return text[:1+r.IntN(len(text))]
		}
	}
	letters := []rune(text)
	if len(letters) == 0 {
		return text
	}
	from := r.IntN(len(letters))
	return string(letters[from:min(len(letters), from+1+r.IntN(12))])
}

// Whatever is entered, changed and taken out, what is found is what a look at every
// contact finds.
//
// rows: N9, N12, N13
func TestTheIndexFindsWhatALookAtAllFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		n := uint32(rapid.SampledFrom([]int{1, 5, 40, 40, 300, 1500}).Draw(t, "contacts"))
		x, all := suggest.New(id), make(plain)
		if r.IntN(2) == 0 {
			for c := range r.Uint32N(n) {
				all[c] = knownOf(contact(r))
			}
			require.NoError(t, x.Fill(func(yield func(uint32, *suggest.Contact) bool) {
				for c, data := range all {
					if !yield(c, &data.Contact) {
						return
					}
				}
			}))
			require.NoError(t, x.Audit())
		}
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			for range r.Uint32N(n) {
				c := r.Uint32N(n)
				if r.IntN(4) == 0 {
					x.Remove(c)
					delete(all, c)
					continue
				}
				data := contact(r)
				require.NoError(t, x.Set(c, &data))
				all[c] = knownOf(data)
			}
			require.NoError(t, x.Audit())
			for range 20 {
				text := typed(r, all[r.Uint32N(n)].Contact)
				q := fold.NewQuery(text)
				most := 1 + r.IntN(20)
				require.Equal(t, all.search(&q, most), x.Search(&q, most, nil), "%q, at most %d", text, most)
			}
		}
		for c := range all {
			x.Remove(c)
		}
		require.NoError(t, x.Audit())
		require.True(t, x.Empty())
	})
}
