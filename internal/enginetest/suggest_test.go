package enginetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// names makes up names of people and companies, common and rare ones, from parts.
type names struct {
	*rand.Rand
}

func pick[T any](r *rand.Rand, list ...T) T {
	// The first are the most common.
	return list[int(float64(len(list))*r.Float64()*r.Float64())]
}

func (n names) word() string {
	stem := pick(n.Rand, "Kowal", "Nowak", "Wiś", "Łuk", "Ża", "Jan", "Ann", "Groß", "Sø", "O'", "Xian", "Ab", "Ba", "a")
	for range n.IntN(3) {
		stem += pick(n.Rand, "an", "ow", "a", "ik", "ew", "ó", "sz", "th", "k")
	}
	return stem + pick(n.Rand, "ski", "", "a", "icz", "neta", "e", "q")
}

func (n names) contact(id campaign.ContactID) *campaign.Contact {
	c := &campaign.Contact{ID: id}
	if n.IntN(10) > 0 {
		c.FirstName, c.LastName = pick(n.Rand, "Jan", "Anna", "Łukasz", "Žaneta", n.word(), "Jan Maria", ""), n.word()
	}
	if n.IntN(4) == 0 {
		c.Company = n.word() + pick(n.Rand, " Sp. z o.o.", " S.A.", "", " "+n.word(), " & "+n.word()+" "+n.word())
	}
	for range n.IntN(3) {
		c.Phones = append(c.Phones, blacklist.Number(pick(n.Rand, 48, 1, 420, 44)*1_000_000+n.IntN(2000)*499))
	}
	return c
}

// typed is something that somebody might type to find a contact.
func (n names) typed(c *campaign.Contact) string {
	cut := func(s string) string {
		all := []rune(s)
		if len(all) == 0 {
			return ""
		}
		from := n.IntN(len(all))
		return string(all[from:min(len(all), from+1+n.IntN(9))])
	}
	switch n.IntN(8) {
	case 0:
		return cut(c.Company)
	case 1:
		return cut(c.LastName + " " + c.FirstName)
	case 2:
		if len(c.Phones) > 0 {
			return cut(c.Phones[0].String()[n.IntN(3):])
		}
	case 3:
		return c.LastName
	case 4:
		return pick(n.Rand, "a", "k", "an", "0", "4", "q", "z", "ski j", "a k", "a", "an a", "nothing like it", "%", " ", "")
	}
	return cut(c.FirstName + " " + c.LastName)
}

// linear is a list of contacts in which every one is looked at.
type linear map[campaign.ContactID]*campaign.Contact

func (l linear) suggest(t campaign.Typed) []campaign.Suggestion {
	var list []campaign.Suggestion
	for _, c := range l {
		if s, ok := t.Match(c); ok {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, campaign.Suggestion.Compare)
	return list[:min(len(list), t.Most())]
}

func told(list []campaign.Suggestion) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, fmt.Sprintf("%d %s %s", s.Fit, s.Text, s.Contact.ID))
	}
	return out
}

func suggestsAsALinearScan(t *testing.T, store campaign.Store) {
	st := store.(campaign.ContactStore)
	n := names{rand.New(rand.NewPCG(7, 7))}
	all := make(linear)
	write := func(ch ...campaign.Change) {
		errs, err := store.Commit(t.Context(), ch...)
		require.NoError(t, err)
		require.Nil(t, errs)
	}
	for round := range 30 {
		var changes []campaign.Change
		for range 100 {
			id := campaign.ContactID(fmt.Sprint("c", n.IntN(2000)))
			if c := all[id]; c != nil && n.IntN(2) == 0 {
				delete(all, id)
				changes = append(changes, campaign.Change{Forget: id})
				continue
			}
			all[id] = n.contact(id)
			changes = append(changes, campaign.Change{Contact: all[id]})
		}
		write(changes...)
		some := make([]*campaign.Contact, 0, len(all))
		for _, c := range all {
			some = append(some, c)
		}
		slices.SortFunc(some, func(a, b *campaign.Contact) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) })
		for range 60 {
			typed := campaign.Typed{Text: n.typed(some[n.IntN(len(some))]), Limit: pick(n.Rand, 0, 3, 100, 1)}
			got, err := st.Suggest(t.Context(), typed)
			require.NoError(t, err)
			require.Equal(t, told(all.suggest(typed)), told(got), "round %d: %q, limit %d", round, typed.Text, typed.Limit)
		}
	}
}

// suggestsInACrowd asks for what so many words contain, end with or are followed by
// that they are not all read.
func suggestsInACrowd(t *testing.T, store campaign.Store) {
	const contacts = 5200
	all := make(linear)
	var changes []campaign.Change
	for i := range contacts {
		id := campaign.ContactID(fmt.Sprint("c", i*7919%contacts))
		last := string([]byte{'b' + byte(i%20), 'c' + byte(i/20%20), 'd' + byte(i/400)}) + "mmq"
		all[id] = &campaign.Contact{ID: id, FirstName: []string{"Karl", "Kim", "Łucja Ewa", "Karl"}[i%4], LastName: last}
		if i%600 == 599 {
			all[id].FirstName = "Rare"
		}
		changes = append(changes, campaign.Change{Contact: all[id]})
	}
	errs, err := store.Commit(t.Context(), changes...)
	require.NoError(t, err)
	require.Nil(t, errs)
	for _, text := range []string{"mm", "mmq", "q", "m", "zzz", "mq k", "mq kar", "mq rare", "mq rar", "q lucja e", "q lucja ewa", "q nobody", "fmmq k", "a ewa", "a e", "l bcdmmq", "l b", "im b"} {
		for _, limit := range []int{1, 0, 100} {
			typed := campaign.Typed{Text: text, Limit: limit}
			got, err := store.(campaign.ContactStore).Suggest(t.Context(), typed)
			require.NoError(t, err)
			require.Equal(t, told(all.suggest(typed)), told(got), "%q, limit %d", text, limit)
		}
	}
}

func TestSQLiteSuggestsAsALinearScan(t *testing.T) {
	s := sqliteStores{dir: t.TempDir(), path: make(map[campaign.Store]string), pragmas: []string{"synchronous(OFF)"}}
	suggestsAsALinearScan(t, s.open(t))
	suggestsInACrowd(t, s.open(t))
}

func TestPostgreSQLSuggestsAsALinearScan(t *testing.T) {
	p := newPostgresStores(t)
	suggestsAsALinearScan(t, p.open(t))
	suggestsInACrowd(t, p.open(t))
}
