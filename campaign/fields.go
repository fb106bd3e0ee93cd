package campaign

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// checkFields checks values against a record type and returns them with the Go
// types that [FieldType] names: what comes out of JSON, where every number is a
// float64 and a time is text, is put right. A nil value, which clears a field,
// stays nil. All mistakes are joined, each a [*FieldError]. f is not changed.
func (c *Campaign) checkFields(typ string, f Fields) (Fields, error) {
	t, ok := c.types[typ]
	if !ok && typ != "" {
		return nil, &FieldError{Path: "type", Value: typ,
			Msg: fmt.Sprintf("campaign %q has no such record type: want one of %s%s", c.cfg.ID, quoted(sortedKeys(c.types)), meant(typ, sortedKeys(c.types)))}
	}
	if len(f) == 0 {
		return f, nil
	}
	return CheckFields(fmt.Sprintf("record type %q has", typ), t.Fields, f)
}

// CheckFields checks values against the fields that somebody has ("contacts have",
// for messages), as those of records are checked, and returns them with the Go types
// that [FieldType] names. A nil value, which clears a field, stays nil. All mistakes
// are joined, each a [*FieldError]. f is not changed.
func CheckFields(have string, fields []Field, f Fields) (Fields, error) {
	types := make(map[string]FieldType, len(fields))
	for _, field := range fields {
		types[field.Name] = field.Type
	}
	var errs []error
	checked := make(Fields, len(f))
	for _, name := range sortedKeys(f) {
		path := fmt.Sprintf("fields[%q]", name)
		want, ok := types[name]
		if !ok {
			errs = append(errs, &FieldError{Path: path,
				Msg: fmt.Sprintf("%s no such field: want one of %s%s", have, quoted(sortedKeys(types)), meant(name, sortedKeys(types)))})
			continue
		}
		if want == "" {
			want = String
		}
		value, msg := fieldValue(want, f[name])
		if msg != "" {
			errs = append(errs, &FieldError{Path: path, Value: shown(f[name]), Msg: msg})
			continue
		}
		checked[name] = value
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return checked, nil
}

// shown is the beginning of a value, for people.
func shown(value any) string { return fmt.Sprintf("%.60s", fmt.Sprint(value)) }

// fieldValue gives a value the Go type of its field, or says what would be right.
func fieldValue(t FieldType, value any) (any, string) {
	if value == nil {
		return nil, ""
	}
	const notUTF8 = "want UTF-8"
	switch t {
	case String:
		s, ok := value.(string)
		if !ok {
			break
		}
		if !utf8.ValidString(s) {
			return nil, notUTF8
		}
		return s, ""
	case Int:
		switch n := value.(type) {
		case int64:
			return n, ""
		case int:
			return int64(n), ""
		case float64:
			// Beyond 2^53 a float64 is no longer one integer.
			if n == math.Trunc(n) && math.Abs(n) <= 1<<53 {
				return int64(n), ""
			}
			return nil, "want a whole number, at most 2^53 when it comes as a float64"
		}
	case Double:
		n, ok := value.(float64)
		switch i := value.(type) {
		case int64:
			n, ok = float64(i), true
		case int:
			n, ok = float64(i), true
		}
		if !ok {
			break
		}
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, "want a finite number"
		}
		return n, ""
	case Bool:
		if b, ok := value.(bool); ok {
			return b, ""
		}
	case Timestamp:
		at, ok := value.(time.Time)
		if text, isText := value.(string); isText {
			var err error
			at, err = time.Parse(time.RFC3339, text)
			ok = err == nil
		}
		if !ok {
			return nil, `want a time, as text such as "2026-11-22T09:00:00Z"`
		}
		at = at.UTC().Truncate(time.Microsecond)
		if at.Year() < 1 || at.Year() > 9999 {
			return nil, "want a time in the years 1 to 9999"
		}
		return at, ""
	case Strings:
		var list []string
		switch all := value.(type) {
		case []string:
			list = append([]string{}, all...)
		case []any:
			list = make([]string, len(all))
			for i, x := range all {
				s, ok := x.(string)
				if !ok {
					return nil, fmt.Sprintf("want a list of texts: element %d is a %T", i, x)
				}
				list[i] = s
			}
		default:
			return nil, fmt.Sprintf("want a list of texts, not a %T", value)
		}
		for _, s := range list {
			if !utf8.ValidString(s) {
				return nil, notUTF8
			}
		}
		return list, ""
	}
	return nil, fmt.Sprintf("want a value of type %s, not a %T", t, value)
}

// Blank reports whether a field's value is none, as required fields are asked:
// text of white space only, the zero time and an empty list are none, zero and
// false are values.
func Blank(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case time.Time:
		return v.IsZero()
	case []string:
		for _, s := range v {
			if strings.TrimSpace(s) != "" {
				return false
			}
		}
		return true
	}
	return false
}
