package sqlstore

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/nextcall/nextcall/campaign"
)

// decode reads what encode wrote into what x points to, which must be zero.
func (l layouts) decode(text string, x any) error {
	d := decoder{layouts: l, text: text}
	d.value(reflect.ValueOf(x).Elem())
	if d.err != nil {
		return fmt.Errorf("at byte %d of the stored %T: %w", d.at, x, d.err)
	}
	return nil
}

// decoder reads a text once from its beginning to its end. After an error it
// reads no more.
type decoder struct {
	layouts
	text string
	at   int
	err  error
}

var errBroken = errors.New("it is not as it was written")

func (d *decoder) fail() {
	if d.err == nil {
		d.err = errBroken
	}
}

// peek returns the next byte behind blanks, or 0 at the end.
func (d *decoder) peek() byte {
	for d.at < len(d.text) {
		if c := d.text[d.at]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
		d.at++
	}
	return 0
}

func (d *decoder) take(c byte) bool {
	if d.err == nil && d.peek() == c {
		d.at++
		return true
	}
	return false
}

func (d *decoder) want(c byte) {
	if !d.take(c) {
		d.fail()
	}
}

// each calls read at the beginning of each element up to the closing byte.
func (d *decoder) each(open, end byte, read func()) {
	d.want(open)
	if d.take(end) {
		return
	}
	for d.err == nil {
		read()
		if d.take(end) {
			return
		}
		d.want(',')
	}
}

func (d *decoder) key() string {
	name := d.str()
	d.want(':')
	return name
}

func (d *decoder) value(v reflect.Value) {
	switch t := v.Type(); t.Kind() {
	case reflect.Bool:
		v.SetBool(d.word() == "true")
	case reflect.String:
		v.SetString(d.str())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(d.integer())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		n, err := strconv.ParseUint(d.word(), 10, 64)
		if err != nil {
			d.fail()
		}
		v.SetUint(n)
	case reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		d.value(v.Elem())
	case reflect.Slice:
		d.each('[', ']', func() {
			if v.Len() == v.Cap() {
				v.Grow(max(1, v.Len()))
			}
			v.SetLen(v.Len() + 1)
			last := v.Index(v.Len() - 1)
			last.SetZero()
			d.value(last)
		})
	case reflect.Array:
		i := 0
		d.each('[', ']', func() {
			if i >= v.Len() {
				d.fail()
				return
			}
			d.value(v.Index(i))
			i++
		})
	case reflect.Struct:
		if t == timeType {
			*instantAt(v) = instant(d.integer())
			return
		}
		d.object(v)
	case reflect.Map:
		fields := make(campaign.Fields)
		d.each('{', '}', func() {
			name := d.key()
			fields[name] = d.field()
		})
		v.Set(reflect.ValueOf(fields))
	default:
		d.fail()
	}
}

// object reads a struct. A member that is not known is passed over: a newer
// version of this package wrote it.
func (d *decoder) object(v reflect.Value) {
	list := d.layouts[v.Type()]
	next := 0 // members come in their order
	d.each('{', '}', func() {
		name := d.key()
		for i := range list {
			m := &list[(next+i)%len(list)]
			if m.name == name {
				next += i + 1
				d.value(v.FieldByIndex(m.index))
				return
			}
		}
		d.skip()
	})
}

func (d *decoder) field() any {
	switch d.peek() {
	case '"':
		return d.str()
	case '[':
		list := []string{}
		d.each('[', ']', func() { list = append(list, d.str()) })
		return list
	case '{':
		var value any
		d.each('{', '}', func() {
			switch d.key() {
			case "int":
				value = d.integer()
			case "time":
				value = instant(d.integer())
			case "float":
				f, err := strconv.ParseFloat(d.str(), 64)
				if err != nil {
					d.fail()
				}
				value = f
			default:
				d.fail()
			}
		})
		return value
	}
	switch d.word() {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	d.fail()
	return nil
}

// skip passes over any value.
func (d *decoder) skip() {
	switch d.peek() {
	case '"':
		d.str()
	case '[':
		d.each('[', ']', d.skip)
	case '{':
		d.each('{', '}', func() { d.key(); d.skip() })
	default:
		if d.word() == "" {
			d.fail()
		}
	}
}

// word reads a number, true, false or null.
func (d *decoder) word() string {
	d.peek()
	from := d.at
	for ; d.at < len(d.text); d.at++ {
		switch d.text[d.at] {
		case ',', ']', '}', ':', ' ', '\n':
			return d.text[from:d.at]
		}
	}
	return d.text[from:]
}

func (d *decoder) integer() int64 {
	n, err := strconv.ParseInt(d.word(), 10, 64)
	if err != nil {
		d.fail()
	}
	return n
}

// str reads a text. One without escapes is a part of what is read.
func (d *decoder) str() string {
	d.want('"')
	if d.err != nil {
		return ""
	}
	from, rest := d.at, d.text[d.at:]
	n := strings.IndexByte(rest, '"')
	if n < 0 {
		d.fail()
		return ""
	}
	escaped := strings.IndexByte(rest[:n], '\\')
	if escaped < 0 {
		d.at += n + 1
		return rest[:n]
	}
	d.at += escaped
	b := []byte(d.text[from:d.at])
	for d.at < len(d.text) {
		c := d.text[d.at]
		d.at++
		switch c {
		case '"':
			return string(b)
		case '\\':
			b = d.escape(b)
		default:
			b = append(b, c)
		}
	}
	d.fail()
	return ""
}

func (d *decoder) escape(b []byte) []byte {
	if d.at >= len(d.text) {
		d.fail()
		return b
	}
	c := d.text[d.at]
	d.at++
	switch c {
	case 'b':
		return append(b, '\b')
	case 'f':
		return append(b, '\f')
	case 'n':
		return append(b, '\n')
	case 'r':
		return append(b, '\r')
	case 't':
		return append(b, '\t')
	case 'u':
		r := d.hex()
		if utf16.IsSurrogate(r) && strings.HasPrefix(d.text[d.at:], `\u`) {
			d.at += 2
			r = utf16.DecodeRune(r, d.hex())
		}
		return utf8.AppendRune(b, r)
	}
	return append(b, c)
}

func (d *decoder) hex() rune {
	if d.at+4 > len(d.text) {
		d.fail()
		return utf8.RuneError
	}
	n, err := strconv.ParseUint(d.text[d.at:d.at+4], 16, 32)
	if err != nil {
		d.fail()
	}
	d.at += 4
	return rune(n)
}
