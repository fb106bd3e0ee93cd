package rule

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// genNode is a generated condition or a part of one: a text with a place (%s)
// for each child. Kept as a tree, it can be made smaller when it fails.
type genNode struct {
	kind   kind
	format string
	kids   []*genNode
}

func (n *genNode) String() string {
	args := make([]any, len(n.kids))
	for i, k := range n.kids {
		args[i] = k.String()
	}
	return fmt.Sprintf(n.format, args...)
}

// generator makes well-typed conditions over a schema.
type generator struct {
	*rand.Rand
	schema *schema
	rare   int // one in so many parts is of a form that is not lowered; 0: none
}

func leafNode(k kind, format string, args ...any) *genNode {
	return &genNode{kind: k, format: strings.ReplaceAll(fmt.Sprintf(format, args...), "%", "%%")}
}

// of generates a part of a kind.
func (g *generator) of(k kind, depth int) *genNode {
	if depth <= 0 || g.IntN(8) == 0 {
		return g.leaf(k)
	}
	forms := genForms[k]
	form := forms[g.IntN(len(forms))]
	if g.rare > 0 && len(genRare[k]) > 0 && g.IntN(g.rare) == 0 {
		form = genRare[k][g.IntN(len(genRare[k]))]
	}
	n := &genNode{kind: k, format: form.format}
	for _, kid := range form.kids {
		n.kids = append(n.kids, g.kid(kid, depth-1))
	}
	return n
}

// kid generates a child. The letters are those of the forms.
func (g *generator) kid(letter rune, depth int) *genNode {
	switch letter {
	case 'o':
		return leafNode(kindString, "%q", g.pick(`busy`, `answered`, `no_answer`, `drop`, `voicemail`, `played`, `bussy`, ``))
	case 'c':
		return leafNode(kindString, "%q", g.pick("08:00", "21:00", "00:00", "24:00", "12:30", "23:59"))
	case 'p':
		return leafNode(kindString, "%q", g.pick("1 day", "2 weeks", "1 month", "1 year, 2 days", "5 hours", "9000 years"))
	case 'r':
		return leafNode(kindString, "%q", g.pick("^K", "^[a-z]*$", "", "ó", "^\\\\+48"))
	case 'z':
		return leafNode(kindString, "%q", g.pick("Europe/Warsaw", "America/New_York", "UTC", "", "+02:00"))
	case 'x':
		return g.optional()
	case 'P':
		return g.property(nil)
	case 'n':
		return leafNode(kindString, "%s", g.pick("phone.number", "call.number", "record.external_id"))
	}
	return g.of(genLetters[letter], depth)
}

// optional is what may be absent, of a random kind, as path.?name.
func (g *generator) optional() *genNode {
	n := g.property(func(p *property) bool { return strings.Contains(p.path, ".") })
	i := strings.LastIndex(n.format, ".")
	n.format = n.format[:i] + ".?" + n.format[i+1:]
	return n
}

func (g *generator) property(want func(*property) bool) *genNode {
	for {
		p := g.schema.properties[g.IntN(len(g.schema.properties))]
		if want == nil && strings.Contains(p.path, ".") || want != nil && want(p) {
			return leafNode(p.kind, "%s", p.path)
		}
	}
}

func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

// leaf is a property or a constant.
func (g *generator) leaf(k kind) *genNode {
	if g.IntN(3) > 0 {
		return g.property(func(p *property) bool { return p.kind == k })
	}
	switch k {
	case kindString:
		if g.IntN(2) == 0 {
			p := g.property(func(p *property) bool { return len(p.enum) > 0 })
			enum := g.schema.byPath[p.String()].enum
			return leafNode(k, "%q", enum[g.IntN(len(enum))])
		}
		return leafNode(k, "%q", g.pick("", "a", "Kraków", "PL", "+48600100200", "+48", "Europe/Warsaw", "żółć", "2026-03-02", "spring", "\x00", "r1", "ANNA"))
	case kindInt:
		return leafNode(k, "%s", g.pick("0", "1", "-1", "2", "3", "7", "41", "9223372036854775807", "-9223372036854775808", "4611686018427387904", "3037000500", "100"))
	case kindDouble:
		return leafNode(k, "%s", g.pick("0.0", "-0.0", "1.0", "3.0", "1.5", "-2.5", "120.5", "1e308", "-1e308", "9223372036854775807.0", "1e-320", "4503599627370497.5"))
	case kindBool:
		return leafNode(k, "%s", g.pick("true", "false"))
	case kindTime:
		return leafNode(k, "timestamp(%q)", g.pick("2026-03-02T09:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2026-03-29T01:30:00+01:00", "1969-12-31T23:59:59.5Z", "2262-04-11T23:47:16.854775807Z"))
	case kindDuration:
		return leafNode(k, "duration(%q)", g.pick("0s", "1h", "-1h", "48h", "1ns", "2562047h47m16.854775807s", "-2562047h47m16.854775808s", "1.5s", "10m"))
	}
	return leafNode(k, "%s", g.pick(`["a", "PL", "+48"]`, `[""]`))
}

// genForm is a way to make a part: the letters of kids say of which kind they
// are, those of genLetters or those of kid.
type genForm struct {
	format string
	kids   string
}

var genLetters = map[rune]kind{'S': kindString, 'I': kindInt, 'D': kindDouble, 'B': kindBool, 'T': kindTime, 'U': kindDuration, 'L': kindStrings}

var genForms = map[kind][]genForm{
	kindBool: {
		{"(%s && %s)", "BB"}, {"(%s || %s)", "BB"}, {"(%s && %s && %s)", "BBB"}, {"(%s || %s || %s)", "BBB"}, {"(%s && %s)", "BB"}, {"(%s || %s)", "BB"},
		{"!(%s)", "B"}, {"(%s ? %s : %s)", "BBB"},
		{"%s == %s", "SS"}, {"%s != %s", "SS"}, {"%s < %s", "SS"}, {"%s >= %s", "SS"}, {"%s == %s", "SS"}, {"%s == %s", "SS"},
		{"%s == %s", "II"}, {"%s != %s", "II"}, {"%s < %s", "II"}, {"%s <= %s", "II"}, {"%s > %s", "II"}, {"%s >= %s", "II"},
		{"%s == %s", "DD"}, {"%s != %s", "DD"}, {"%s < %s", "DD"}, {"%s <= %s", "DD"}, {"%s > %s", "DD"}, {"%s >= %s", "DD"},
		{"%s < %s", "ID"}, {"%s <= %s", "DI"}, {"%s > %s", "ID"}, {"%s >= %s", "DI"},
		{"%s == %s", "TT"}, {"%s != %s", "TT"}, {"%s < %s", "TT"}, {"%s >= %s", "TT"}, {"%s > %s", "TT"}, {"%s <= %s", "TT"},
		{"%s == %s", "UU"}, {"%s < %s", "UU"}, {"%s >= %s", "UU"}, {"%s != %s", "UU"}, {"%s > %s", "UU"},
		{"(%s) == (%s)", "BB"}, {"(%s) != (%s)", "BB"}, {"(%s) < (%s)", "BB"}, {"(%s) >= (%s)", "BB"},
		{"has(%s)", "P"}, {"has(%s)", "P"}, {"%s.hasValue()", "x"},
		{"%s in %s", "SL"}, {`%s in ["a", "PL", "Kraków", ""]`, "S"}, {`%s in [1, 3, -1, 9223372036854775807]`, "I"}, {`%s in [0.0, 1.5, 3.0]`, "D"},
		{`call.outcome in [%s, %s]`, "oo"}, {`call.outcome == %s`, "o"}, {`attempts.last_outcome != %s`, "o"}, {`phone.last_outcome == %s`, "o"}, {`record.qualifier in ["redial", "busy"]`, ""},
		{`%s == %s`, "nS"}, {`%s < %s`, "nS"}, {`%s in ["+48600100200", "+48600100201"]`, "n"}, {`%s in ["+48600100200", "x"]`, "n"},
		{"%s.contains(%s)", "SS"}, {"%s.startsWith(%s)", "SS"}, {"%s.endsWith(%s)", "SS"}, {"%s.matches(%s)", "Sr"}, {`%s.startsWith("+48")`, "n"},
		{"time_between(%s, %s)", "cc"}, {"is_holiday()", ""}, {"is_workday()", ""}, {"is_holiday(%s)", "T"}, {"is_workday(%s)", "T"},
		{`prefix(%s, ["+48", "+1", ""])`, "n"}, {`prefix(%s, ["a", "K"])`, "S"}, {"prefix(%s, %s)", "SL"},
		{`-(record.fields.debt) < %s`, "I"}, {`record.fields.debt / -1 > %s`, "I"}, {`record.fields.debt %% -1 == 0 || %s`, "B"},
		{`call.amd.lowerAscii() == call.amd || %s`, "B"}, {`record.fields.city.upperAscii() != record.fields.city`, ""},
		{`record.attempts > %s`, "I"}, {`record.attempts <= 3 && %s`, "B"}, {`attempts.busy >= 2 && %s`, "B"}, {`call.talk < duration("1s") || %s`, "B"}, {`call.ring != duration("0s") && %s`, "B"},
		{`call.id > -9223372036854775808 && record.fields.debt > 9223372036854775807 || %s`, "B"}, {`record.fields.debt < -9223372036854775808 || %s`, "B"}, {`!("a" in %s)`, "L"}, {`"new" in record.tags && %s`, "B"},
		{`phone.country == "PL" && %s`, "B"}, {`record.status != "busy" && %s`, "B"}, {`call.outcome != %s && %s && %s`, "oBB"}, {`%s && %s && call.outcome in [%s, %s]`, "BBoo"},
		{`local(%s).date == "2026-03-02"`, "T"}, {`local(%s).date >= "2026-12-24"`, "T"}, {`local(%s).date != %s`, "TS"},
	},
	kindInt: {
		{"(%s + %s)", "II"}, {"(%s - %s)", "II"}, {"(%s * %s)", "II"}, {"(%s / %s)", "II"}, {"(%s %% %s)", "II"}, {"-(%s)", "I"},
		{"(%s ? %s : %s)", "BII"}, {"size(%s)", "S"}, {"%s.size()", "S"}, {"size(%s)", "L"}, {"int(%s)", "D"}, {"int(%s)", "U"}, {"int(%s)", "T"}, {"int(%s)", "I"},
		{"record.fields.?age.orValue(%s)", "I"}, {"contact.fields.?score.or(record.fields.?age).orValue(%s)", "I"}, {"phone.?index.value()", ""},
		{"count(%s, %s)", "oU"}, {"count(%s, %s)", "SU"}, {"streak(%s)", "o"}, {"weekday()", ""}, {"weekday(%s)", "T"}, {"bucket(%s, %s)", "SI"},
		{"local(%s).hour", "T"}, {"local(%s).minute", "T"}, {"local(%s).weekday", "T"}, {"local(%s).month", "T"}, {"local(%s).year", "T"}, {"local(%s).day", "T"},
		{"(%s).getHours()", "U"}, {"(%s).getMinutes()", "U"}, {"(%s).getSeconds()", "U"}, {"(%s).getMilliseconds()", "U"},
		{"(%s).getFullYear()", "T"}, {"(%s).getMonth()", "T"}, {"(%s).getDate()", "T"}, {"(%s).getDayOfMonth()", "T"}, {"(%s).getDayOfYear()", "T"}, {"(%s).getDayOfWeek()", "T"},
		{"(%s).getHours()", "T"}, {"(%s).getMinutes()", "T"}, {"(%s).getSeconds()", "T"}, {"(%s).getMilliseconds()", "T"}, {`(%s).getHours("Europe/Warsaw")`, "T"}, {`(%s).getDate("America/New_York")`, "T"},
	},
	kindDouble: {
		{"(%s + %s)", "DD"}, {"(%s - %s)", "DD"}, {"(%s * %s)", "DD"}, {"(%s / %s)", "DD"}, {"-(%s)", "D"}, {"(%s ? %s : %s)", "BDD"}, {"double(%s)", "I"}, {"double(%s)", "D"},
		{"record.fields.?balance.orValue(%s)", "D"},
	},
	kindString: {
		{"(%s ? %s : %s)", "BSS"}, {"%s.lowerAscii()", "S"}, {"%s.upperAscii()", "S"}, {"(%s + %s)", "SS"}, {"string(%s)", "S"}, {"%s[%s]", "LI"}, {"local(%s).date", "T"},
		{"record.fields.?city.orValue(%s)", "S"}, {"contact.?kind.orValue(%s)", "S"}, {"call.?amd.orValue(%s)", "S"}, {"record.tags[0]", ""},
	},
	kindTime: {
		{"(%s + %s)", "TU"}, {"(%s + %s)", "UT"}, {"(%s - %s)", "TU"}, {"(%s ? %s : %s)", "BTT"}, {"(%s + period(%s))", "Tp"}, {"timestamp(%s)", "T"}, {"timestamp(%s)", "I"},
		{"record.?last_call.orValue(%s)", "T"}, {"record.fields.?signed.orValue(%s)", "T"},
	},
	kindDuration: {
		{"(%s - %s)", "TT"}, {"(%s + %s)", "UU"}, {"(%s - %s)", "UU"}, {"(%s ? %s : %s)", "BUU"}, {"since(%s)", "T"}, {"since(%s)", "T"}, {"duration(%s)", "U"},
	},
	kindStrings: {{"(%s ? %s : %s)", "BLL"}, {"record.fields.?products.orValue(%s)", "L"}},
}

// genRare are forms that are not lowered.
var genRare = map[kind][]genForm{
	kindBool: {
		{`%s.exists(t, t == "a")`, "L"}, {`%s.all(t, t in ["PL", "new"] || %s)`, "LB"}, {`%s.trim() == "a"`, "S"}, {`dyn(%s) == %s`, "ID"}, {`[%s, 2] == [1, 2]`, "I"},
		{`%s in [%s, 1]`, "II"}, {`(%s).getHours("+02:00") > 3`, "T"}, {`time_between(record.fields.city, "21:00") || %s`, "B"}, {`{"a": %s}["a"] == 3`, "I"}, {`%s.matches(%s)`, "SS"},
	},
	kindInt: {{"%s.indexOf(%s)", "SS"}, {`int(%s)`, "S"}},
}
