package rule

import (
	"math/bits"
	"slices"

	"github.com/google/cel-go/common/ast"
)

// index tells, out of the values of a few properties, which of the auto-set
// conditions may hold or fail. All others are certainly false, and no decision
// needs them; none of those left out would have failed.
type index struct {
	words    int // of a bitset of all conditions
	tables   []table
	programs int
}

// table has the conditions that are left for each value of one property.
type table struct {
	// row is that of the property's value; nil if it has none: then any of the
	// conditions may fail.
	row     func(*scope) []uint64
	decides int // for how many conditions a value that none mentions is enough
}

// worthwhile is for how many conditions a property must decide before it is
// looked at: reading it costs about as much as evaluating one or two. Beyond so
// many properties, a further one decides little.
const (
	worthwhile = 4
	mostTables = 6
)

// newIndex makes the index of the auto-set conditions, or nil where it would not
// save anything.
func (s *schema) newIndex(programs []*program) *index {
	x := &index{words: (len(programs) + 63) / 64, programs: len(programs)}
	if len(programs) < worthwhile {
		return nil
	}
	all := besides(programs)
	for _, p := range s.properties {
		if p.text == nil || numberOf(p.path) != nil || len(all[p.path]) == 0 {
			continue
		}
		if t := x.table(p, all[p.path], programs); t.decides >= worthwhile {
			x.tables = append(x.tables, t)
		}
	}
	if len(x.tables) == 0 {
		return nil
	}
	slices.SortStableFunc(x.tables, func(a, b table) int { return b.decides - a.decides })
	x.tables = x.tables[:min(len(x.tables), mostTables)]
	return x
}

// table makes the table of a property, for the constants that conditions compare
// it with, and for all other values.
func (x *index) table(p *property, values []string, programs []*program) table {
	slices.Sort(values)
	other := values[len(values)-1] + "\x00"
	rest, decides := x.row(p.path, other, programs)
	rows := make(map[string][]uint64, len(values))
	for _, v := range slices.Compact(values) {
		rows[v], _ = x.row(p.path, v, programs)
	}
	t := table{decides: decides}
	if c := p.codes(); c != nil {
		t.row = byCode(c, rows, rest)
		return t
	}
	get := p.text
	t.row = func(s *scope) []uint64 {
		v, ok := get(s)
		if !ok {
			return nil
		}
		if row, ok := rows[v]; ok {
			return row
		}
		return rest
	}
	return t
}

// byCode finds a row by a small number.
func byCode(c *codes, rows map[string][]uint64, rest []uint64) func(*scope) []uint64 {
	var all [256][]uint64
	for i := range all {
		all[i] = rest
	}
	for i := range all {
		name, ok := c.name(i)
		if !ok {
			break
		}
		if row, ok := rows[name]; ok {
			all[i] = row
		}
	}
	return func(s *scope) []uint64 {
		code, ok := c.get(s)
		if !ok {
			return nil
		}
		return all[code]
	}
}

// row is the bitset of the conditions that are not certainly false, and how many
// are.
func (x *index) row(path, value string, programs []*program) ([]uint64, int) {
	k, row, out := knowing{path, value}, make([]uint64, x.words), 0
	for i, p := range programs {
		if k.judge(p.ast.NativeRep().Expr()) == never {
			out++
			continue
		}
		row[i/64] |= 1 << (i % 64)
	}
	return row, out
}

// besides are the constants beside which the conditions name a path.
func besides(programs []*program) map[string][]string {
	all := map[string][]string{}
	for _, p := range programs {
		ast.PreOrderVisit(p.ast.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
			if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
				return
			}
			a, b := e.AsCall().Args()[0], e.AsCall().Args()[1]
			if path, ok := pathOf(a); ok {
				all[path] = append(all[path], texts(b)...)
			}
			if path, ok := pathOf(b); ok {
				all[path] = append(all[path], texts(a)...)
			}
		}))
	}
	return all
}

// texts are a constant text, or those of a list.
func texts(x ast.Expr) []string {
	parts := []ast.Expr{x}
	if x.Kind() == ast.ListKind {
		parts = x.AsList().Elements()
	}
	var all []string
	for _, part := range parts {
		if text, ok := constantText(part); ok {
			all = append(all, text)
		}
	}
	return all
}

// first goes on from condition at to the first that holds or, with an error, that
// fails. at is always the one that is being asked.
func (s *Set) first(at *int, x *scope) error {
	if s.index != nil {
		return s.index.first(at, x, s.programs)
	}
	for ; *at < s.auto; *at++ {
		if ok, err := s.programs[*at].holds(x); ok || err != nil {
			return err
		}
	}
	*at = s.auto
	return nil
}

// first asks those of the conditions that are left, in order.
func (x *index) first(at *int, s *scope, programs []*program) error {
	var room [mostTables][]uint64
	rows := room[:0]
	for t := range x.tables {
		if row := x.tables[t].row(s); row != nil {
			rows = append(rows, row)
		}
	}
	from := *at
	for word := from / 64; word < x.words; word++ {
		left := ^uint64(0)
		for _, row := range rows {
			left &= row[word]
		}
		if word == from/64 {
			left &= ^uint64(0) << (from % 64)
		}
		for ; left != 0; left &= left - 1 {
			*at = word*64 + bits.TrailingZeros64(left)
			if *at >= x.programs {
				break
			}
			if ok, err := programs[*at].holds(s); ok || err != nil {
				return err
			}
		}
	}
	*at = x.programs
	return nil
}
