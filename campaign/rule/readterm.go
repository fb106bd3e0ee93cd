package rule

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// reserved are words that CEL keeps for itself: none is a variable or a function.
var reserved = map[string]bool{
	"as": true, "break": true, "const": true, "continue": true, "else": true, "false": true, "for": true, "function": true,
	"if": true, "import": true, "in": true, "let": true, "loop": true, "package": true, "namespace": true, "null": true,
	"return": true, "true": true, "var": true, "void": true, "while": true,
}

// unary reads what may have ! or - before it. A - before a number is a part of
// the number, and two of either are none.
func (r *reader) unary() ast.Expr {
	mark := r.mark()
	if mark != "!" && (mark != "-" || r.signed()) {
		return r.member()
	}
	first, n := r.at, 0
	for r.take(mark) {
		n++
	}
	if n%2 == 0 {
		return r.member()
	}
	function := operators.LogicalNot
	if mark == "-" {
		function = operators.Negate
	}
	id := r.id(first, 1)
	return r.fac.NewCall(id, function, r.member())
}

// signed reports whether the next words are a number with a minus before it.
// Numbers of the unsigned type have none.
func (r *reader) signed() bool {
	return r.mark() == "-" && r.spans.kind(r.at+1) == lexNumber && !strings.ContainsAny(r.spans.word(r.at+1), "uU")
}

// member reads something with properties, methods and items of it.
func (r *reader) member() ast.Expr {
	x, depth := r.primary(), r.depth
	for {
		at, mark := r.at, r.mark()
		height := r.height
		switch mark {
		case ".", ".?":
			r.at++
			x = r.selection(x, at, mark)
		case "[", "[?":
			r.at++
			id := r.id(at, 1)
			function := operators.Index
			if mark == "[?" {
				function = operators.OptIndex
			}
			x = r.fac.NewCall(id, function, x, r.expr())
			if !r.take("]") {
				return r.leave()
			}
		default:
			r.depth = depth
			return x
		}
		r.above(height)
		r.deeper()
	}
}

// selection reads what follows the dot, which is word at.
func (r *reader) selection(x ast.Expr, at int, mark string) ast.Expr {
	word := r.at
	name, quoted, ok := r.name()
	switch {
	case !ok || !quoted && (name == "in" || name == "true" || name == "false" || name == "null"):
		return r.leave()
	case mark == ".?":
		field := r.fac.NewLiteral(r.id(word, len(r.spans.word(word))), types.String(name))
		return r.fac.NewCall(r.id(at, 1), operators.OptSelect, x, field)
	case !quoted && r.mark() == "(":
		return r.call(name, x)
	}
	return r.fac.NewSelect(r.id(at, 1), x, name)
}

// name reads a name, which may be quoted by backticks.
func (r *reader) name() (name string, quoted, ok bool) {
	if r.spans.kind(r.at) != lexName {
		return "", false, false
	}
	name = r.spans.word(r.at)
	r.at++
	if quoted = name[0] == '`'; quoted {
		name = name[1 : len(name)-1]
		return name, true, quotable(name)
	}
	for i := range len(name) {
		if name[i] > unicode.MaxASCII {
			return "", false, false
		}
	}
	return name, false, true
}

// call reads the arguments of a function.
func (r *reader) call(name string, target ast.Expr) ast.Expr {
	id := r.id(r.at, 1)
	r.at++
	args, height := []ast.Expr{}, 0
	if r.mark() != ")" {
		args = append(args, r.expr())
		for height = r.height; r.take(","); height = max(height, r.height) {
			args = append(args, r.expr())
		}
	}
	r.height = height
	if !r.take(")") {
		return r.leave()
	}
	if x := r.expanded(id, name, target, args); x != nil {
		return x
	}
	if target == nil {
		return r.fac.NewCall(id, name, args...)
	}
	return r.fac.NewMemberCall(id, name, target, args...)
}

func (r *reader) primary() ast.Expr {
	r.height = 0
	switch r.spans.kind(r.at) {
	case lexName:
		return r.ident("")
	case lexNumber:
		return r.number(r.at, "")
	case lexString:
		return r.quoted()
	case lexMark:
		switch r.mark() {
		case "(":
			r.at++
			if x := r.expr(); r.take(")") {
				return x
			}
		case "[", "[?":
			return r.list()
		case "-":
			if r.signed() {
				r.at++
				return r.number(r.at-1, "-")
			}
		case ".":
			if r.at++; r.spans.kind(r.at) == lexName {
				return r.ident(".")
			}
		}
	}
	return r.leave()
}

// ident reads a variable, a function or a constant. dot is what stands before it.
func (r *reader) ident(dot string) ast.Expr {
	at := r.at
	name, quoted, ok := r.name()
	if !ok || quoted {
		return r.leave()
	}
	if dot == "" {
		switch name {
		case "true", "false":
			return r.fac.NewLiteral(r.id(at, len(name)), types.Bool(name == "true"))
		case "null":
			return r.fac.NewLiteral(r.id(at, len(name)), types.NullValue)
		}
	}
	if reserved[name] {
		return r.leave()
	}
	if r.mark() == "(" {
		return r.call(dot+name, nil)
	}
	return r.fac.NewIdent(r.id(at, len(name)), dot+name)
}

// list reads a list, the elements of which may be optional.
func (r *reader) list() ast.Expr {
	first := r.mark()
	id := r.id(r.at, 1)
	r.at++
	elements, optional, height := []ast.Expr{}, []int32{}, 0
	for n := 0; r.mark() != "]" || n == 0 && first == "[?"; n++ {
		if n == 0 && first == "[?" || r.take("?") {
			optional = append(optional, int32(n))
		}
		elements = append(elements, r.expr())
		height = max(height, r.height)
		if !r.take(",") {
			break
		}
	}
	r.height = height
	if !r.take("]") {
		return r.leave()
	}
	return r.fac.NewList(id, elements, optional)
}

// number reads a number. sign is what stands before it, at its first word.
func (r *reader) number(first int, sign string) ast.Expr {
	text := r.spans.word(r.at)
	r.at++
	var v ref.Val
	var err error
	hex, isHex := strings.CutPrefix(text, "0x")
	switch {
	case strings.HasSuffix(text, "u"), strings.HasSuffix(text, "U"):
		digits, base := text[:len(text)-1], 10
		if isHex {
			digits, base = hex[:len(hex)-1], 16
		}
		var n uint64
		n, err = strconv.ParseUint(digits, base, 64)
		v = types.Uint(n)
	case isHex:
		var n int64
		n, err = strconv.ParseInt(sign+hex, 16, 64)
		v = types.Int(n)
	case strings.ContainsAny(text, ".eE"):
		if strings.Trim(text, "0123456789.eE+-") != "" {
			return r.leave() // Go knows more numbers than CEL
		}
		var f float64
		f, err = strconv.ParseFloat(sign+text, 64)
		v = types.Double(f)
	default:
		var n int64
		n, err = strconv.ParseInt(sign+text, 10, 64)
		v = types.Int(n)
	}
	if err != nil {
		return r.leave()
	}
	return r.fac.NewLiteral(r.id(first, len(sign)+len(text)), v)
}

// escapes are the characters after a backslash that stand for another one.
var escapes = map[byte]byte{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '\'': '\'', '"': '"', '`': '`', '?': '?',
}

// quoted reads a text on one line, with the shorter escapes.
func (r *reader) quoted() ast.Expr {
	at, word := r.at, r.spans.word(r.at)
	r.at++
	q := word[0]
	if q != '"' && q != '\'' || len(word) >= 6 && word[1] == q && word[2] == q {
		return r.leave() // raw, of bytes, or of several lines
	}
	text := word[1 : len(word)-1]
	if strings.IndexByte(text, '\\') >= 0 {
		plain := make([]byte, 0, len(text))
		for i := 0; i < len(text); i++ {
			c := text[i]
			if c == '\\' {
				var ok bool
				if i++; i == len(text) {
					return r.leave()
				}
				if c, ok = escapes[text[i]]; !ok {
					return r.leave()
				}
			}
			plain = append(plain, c)
		}
		text = string(plain)
	}
	return r.fac.NewLiteral(r.id(at, len(word)), types.String(text))
}
