package twin

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unsafe"

	"github.com/nextcall/nextcall/campaign"
)

// comparer says whether the values at two places are the same.
type comparer func(a, b unsafe.Pointer) bool

// Two answers are the same if every field is. A list or map that is empty is the
// same as none.
var (
	factsSame  = comparing(reflect.TypeFor[campaign.Facts]())
	entrySame  = comparing(reflect.TypeFor[[]campaign.Entry]())
	callsSame  = comparing(reflect.TypeFor[[]*campaign.Call]())
	actionSame = comparing(reflect.TypeFor[[]campaign.Action]())

	contactsSame  = comparing(reflect.TypeFor[[]*campaign.Contact]())
	suggestedSame = comparing(reflect.TypeFor[[]campaign.Suggestion]())
)

// comparing makes the comparer of a type. Millions of answers are compared, which
// reflection at each of them would make slow.
func comparing(t reflect.Type) comparer {
	if t == reflect.TypeFor[time.Time]() {
		return func(a, b unsafe.Pointer) bool { return *(*time.Time)(a) == *(*time.Time)(b) }
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Uint8, reflect.Int8:
		return func(a, b unsafe.Pointer) bool { return *(*uint8)(a) == *(*uint8)(b) }
	case reflect.Uint16, reflect.Int16:
		return func(a, b unsafe.Pointer) bool { return *(*uint16)(a) == *(*uint16)(b) }
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return func(a, b unsafe.Pointer) bool { return *(*int64)(a) == *(*int64)(b) }
	case reflect.String:
		return func(a, b unsafe.Pointer) bool { return *(*string)(a) == *(*string)(b) }
	case reflect.Struct:
		type field struct {
			at   uintptr
			same comparer
		}
		var fields []field
		for i := range t.NumField() {
			fields = append(fields, field{t.Field(i).Offset, comparing(t.Field(i).Type)})
		}
		return func(a, b unsafe.Pointer) bool {
			for _, f := range fields {
				if !f.same(unsafe.Add(a, f.at), unsafe.Add(b, f.at)) {
					return false
				}
			}
			return true
		}
	case reflect.Pointer:
		same := comparing(t.Elem())
		return func(a, b unsafe.Pointer) bool {
			x, y := *(*unsafe.Pointer)(a), *(*unsafe.Pointer)(b)
			return x == y || x != nil && y != nil && same(x, y)
		}
	case reflect.Array:
		return list(t.Elem(), func(p unsafe.Pointer) (unsafe.Pointer, int) { return p, t.Len() })
	case reflect.Slice:
		return list(t.Elem(), func(p unsafe.Pointer) (unsafe.Pointer, int) {
			s := *(*[]struct{})(p) // only its beginning and its length are asked for
			return unsafe.Pointer(unsafe.SliceData(s)), len(s)
		})
	}
	return func(a, b unsafe.Pointer) bool {
		x, y := reflect.NewAt(t, a).Elem(), reflect.NewAt(t, b).Elem()
		if t.Kind() == reflect.Map && x.Len()+y.Len() == 0 {
			return true
		}
		return reflect.DeepEqual(x.Interface(), y.Interface())
	}
}

// list compares lists, whose first element and length is what open tells.
func list(elem reflect.Type, open func(unsafe.Pointer) (unsafe.Pointer, int)) comparer {
	same, size := comparing(elem), elem.Size()
	return func(a, b unsafe.Pointer) bool {
		x, n := open(a)
		y, m := open(b)
		if n != m {
			return false
		}
		for i := range n {
			if !same(unsafe.Add(x, uintptr(i)*size), unsafe.Add(y, uintptr(i)*size)) {
				return false
			}
		}
		return true
	}
}

// where names the first difference between two values, or "".
func where(path string, want, got reflect.Value) string {
	differ := func() string { return fmt.Sprintf("%s: want %+v, got %+v", path, want, got) }
	if want.Type() == reflect.TypeFor[time.Time]() {
		if want.Interface() == got.Interface() {
			return ""
		}
		return fmt.Sprintf("%s: want %v, got %v", path, want, got)
	}
	switch want.Kind() {
	case reflect.Pointer:
		if want.IsNil() || got.IsNil() {
			if want.IsNil() == got.IsNil() {
				return ""
			}
			return differ()
		}
		return where(path, want.Elem(), got.Elem())
	case reflect.Struct:
		for i := range want.NumField() {
			if d := where(path+"."+want.Type().Field(i).Name, want.Field(i), got.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice, reflect.Array:
		if want.Len() != got.Len() {
			return differ()
		}
		for i := range want.Len() {
			if d := where(fmt.Sprintf("%s[%d]", path, i), want.Index(i), got.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Map:
		if want.Len()+got.Len() == 0 {
			return ""
		}
	}
	if reflect.DeepEqual(want.Interface(), got.Interface()) {
		return ""
	}
	return differ()
}

// facts names the first difference between the facts of two stores, or "".
func facts(what string, want, got []campaign.Facts) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%s: want %d %v, got %d %v", what, len(want), names(want), len(got), names(got))
	}
	for i := range want {
		if !factsSame(unsafe.Pointer(&want[i]), unsafe.Pointer(&got[i])) {
			return where(fmt.Sprintf("%s[%d] %s", what, i, want[i].Record.ID), reflect.ValueOf(want[i]), reflect.ValueOf(got[i]))
		}
	}
	return ""
}

// values names the first difference between two answers, or "".
func values[T any](same comparer, what string, want, got T) string {
	if same(unsafe.Pointer(&want), unsafe.Pointer(&got)) {
		return ""
	}
	return where(what, reflect.ValueOf(want), reflect.ValueOf(got))
}

// short writes a value without what is zero in it.
func short(b *strings.Builder, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		short(b, v.Elem())
		return
	case v.Kind() == reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(' ')
			}
			short(b, v.Index(i))
		}
		b.WriteByte(']')
		return
	case v.Kind() != reflect.Struct:
		fmt.Fprintf(b, "%v", v)
		return
	}
	if t, ok := v.Interface().(time.Time); ok {
		b.WriteString(t.Format("2006-01-02T15:04:05.999999999Z07:00"))
		return
	}
	b.WriteByte('{')
	for i, first := 0, true; i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			continue
		}
		if !first {
			b.WriteByte(' ')
		}
		first = false
		b.WriteString(v.Type().Field(i).Name + ":")
		short(b, v.Field(i))
	}
	b.WriteByte('}')
}

func names(facts []campaign.Facts) (names []string) {
	for _, f := range facts {
		names = append(names, string(f.Record.Campaign)+"/"+string(f.Record.ID))
	}
	return names
}
