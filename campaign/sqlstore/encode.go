package sqlstore

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// What no query asks for is kept as JSON: an object by the names of the json
// tags, without what is zero. Unlike encoding/json it takes every value of a
// type: numbers and enumerations are integers, instants are microseconds since
// 1970, and the values of Fields say what kind they are.

var timeType = reflect.TypeFor[time.Time]()

// member is a field of a struct that is kept.
type member struct {
	name  string
	key   string // the name as it is written, with the colon
	index []int
}

// members lists the fields of a struct; those of embedded structs are its own.
func members(t reflect.Type) []member {
	var list []member
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for _, m := range members(f.Type) {
				m.index = append([]int{i}, m.index...)
				list = append(list, m)
			}
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		list = append(list, member{name, string(append(appendText(nil, name), ':')), []int{i}})
	}
	return list
}

// layouts are the members of the structs that are kept, by type. They are worked
// out when a store is opened and never written to afterwards.
type layouts map[reflect.Type][]member

func newLayouts() layouts {
	l := make(layouts)
	for _, t := range []reflect.Type{
		reflect.TypeFor[campaign.Record](), reflect.TypeFor[wide](), reflect.TypeFor[campaign.Lease](), reflect.TypeFor[campaign.Call](),
		reflect.TypeFor[campaign.Contact](), reflect.TypeFor[campaign.Entry](), reflect.TypeFor[campaign.Action](),
	} {
		l.learn(t)
	}
	return l
}

func (l layouts) learn(t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		l.learn(t.Elem())
	case reflect.Struct:
		if t == timeType || l[t] != nil {
			return
		}
		l[t] = members(t)
		for _, m := range l[t] {
			l.learn(t.FieldByIndex(m.index).Type)
		}
	}
}

// encode returns what x points to as text.
func (l layouts) encode(x any) string {
	return string(l.value(make([]byte, 0, 512), reflect.ValueOf(x).Elem()))
}

func (l layouts) value(b []byte, v reflect.Value) []byte {
	switch t := v.Type(); t.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Pointer:
		return l.value(b, v.Elem()) // a nil one is left out
	case reflect.Slice, reflect.Array:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = l.value(b, v.Index(i))
		}
		return append(b, ']')
	case reflect.Struct:
		if t == timeType {
			return strconv.AppendInt(b, micros(*instantAt(v)), 10)
		}
		return l.object(b, v)
	case reflect.Map:
		return appendFields(b, v.Interface().(campaign.Fields))
	}
	panic(fmt.Sprintf("sqlstore: a %s cannot be kept", v.Type()))
}

func (l layouts) object(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	start := len(b)
	list := l[v.Type()]
	for i := range list {
		m := &list[i]
		f := v.FieldByIndex(m.index)
		if absent(f) {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(b, m.key...)
		b = l.value(b, f)
	}
	return append(b, '}')
}

// instantAt is where a field keeps its instant. A pointer to it costs no memory,
// as a copy of it in an interface would.
func instantAt(v reflect.Value) *time.Time { return v.Addr().Interface().(*time.Time) }

// absent reports whether a field need not be written: reading it back gives the same.
func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		if v.Type() == timeType {
			return micros(*instantAt(v)) == noTime
		}
	}
	return v.IsZero()
}

const hexDigits = "0123456789abcdef"

func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		if c < ' ' {
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		} else {
			b = append(b, '\\', c)
		}
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}

// appendFields writes a record's fields by name, so that equal ones are equal
// texts. Texts, bools and lists are what they are in JSON; the other kinds are
// objects that name the kind.
func appendFields(b []byte, fields campaign.Fields) []byte {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, name)
		b = append(b, ':')
		switch x := fields[name].(type) {
		case nil:
			b = append(b, "null"...)
		case string:
			b = appendText(b, x)
		case bool:
			b = strconv.AppendBool(b, x)
		case int64:
			b = strconv.AppendInt(append(b, `{"int":`...), x, 10)
			b = append(b, '}')
		case float64:
			b = appendText(append(b, `{"float":`...), strconv.FormatFloat(x, 'g', -1, 64))
			b = append(b, '}')
		case time.Time:
			b = strconv.AppendInt(append(b, `{"time":`...), micros(x), 10)
			b = append(b, '}')
		case []string:
			b = append(b, '[')
			for j, s := range x {
				if j > 0 {
					b = append(b, ',')
				}
				b = appendText(b, s)
			}
			b = append(b, ']')
		default:
			b = append(b, "null"...) // fieldKinds has refused it before
		}
	}
	return append(b, '}')
}

// fieldKinds reports a value of a kind that fields do not have.
func fieldKinds(of string, fields campaign.Fields) error {
	for name, value := range fields {
		switch value.(type) {
		case nil, string, bool, int64, float64, time.Time, []string:
		default:
			return fmt.Errorf("field %q of %s is a %T: want a string, int64, float64, bool, time.Time or []string", name, of, value)
		}
	}
	return nil
}
