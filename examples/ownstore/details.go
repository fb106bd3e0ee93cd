package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// caseDetails and customerDetails are what is written as JSON.
type caseDetails struct {
	campaign.Record
	Fields map[string]value `json:"fields,omitempty"`
}

type customerDetails struct {
	campaign.Contact
	Fields map[string]value `json:"fields,omitempty"`
}

// value is the value of a field and its kind: JSON alone knows one kind of number
// and no times.
type value struct {
	Kind string          `json:"kind"`
	JSON json.RawMessage `json:"value"`
}

func (t *tx) values(fields campaign.Fields) map[string]value {
	values := make(map[string]value)
	for name, x := range fields {
		switch x.(type) {
		case string, int64, float64, bool, time.Time, []string:
		default:
			t.fail(fmt.Errorf("field %q is a %T: want a string, int64, float64, bool, time.Time or []string", name, x))
		}
		values[name] = value{fmt.Sprintf("%T", x), json.RawMessage(t.write(x))}
	}
	return values
}

func (t *tx) fields(values map[string]value) campaign.Fields {
	if len(values) == 0 {
		return nil
	}
	fields := make(campaign.Fields)
	for name, v := range values {
		text := string(v.JSON)
		switch v.Kind {
		case "string":
			fields[name] = *read[string](t, text)
		case "int64":
			fields[name] = *read[int64](t, text)
		case "float64":
			fields[name] = *read[float64](t, text)
		case "bool":
			fields[name] = *read[bool](t, text)
		case "time.Time":
			fields[name] = *read[time.Time](t, text)
		case "[]string":
			fields[name] = *read[[]string](t, text)
		default:
			t.fail(fmt.Errorf("field %q is stored as a %s, which nothing here has written", name, v.Kind))
		}
	}
	return fields
}

// write is x as JSON.
func (t *tx) write(x any) string {
	text, err := json.Marshal(x)
	t.fail(err)
	return string(text)
}

// read is what write wrote.
func read[T any](t *tx, text string) *T {
	x := new(T)
	t.fail(json.Unmarshal([]byte(text), x))
	wholeTimes(reflect.ValueOf(x).Elem())
	return x
}

// whole is a time as a store keeps it: in UTC, cut off below the microsecond.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func wholeTimes(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			wholeTimes(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			wholeTimes(v.Index(i))
		}
	case reflect.Struct:
		if x, ok := v.Interface().(time.Time); ok {
			v.Set(reflect.ValueOf(whole(x)))
			return
		}
		for i := range v.NumField() {
			wholeTimes(v.Field(i))
		}
	}
}
