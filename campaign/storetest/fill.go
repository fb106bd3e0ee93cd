package storetest

import (
	"fmt"
	"reflect"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// filled returns a value in which every field is set, each to another value where
// its type allows, so that a store that loses or confuses one is found out. A
// field that is new is filled as well.
func filled[T any]() *T {
	x := new(T)
	n := 0
	fill(reflect.ValueOf(x).Elem(), &n)
	return x
}

// eachAlone calls try with copies of base in which one more field is set, each
// field once; those of structs inside are fields as well.
func eachAlone[T any](base T, try func(path string, x *T)) {
	whole := reflect.ValueOf(filled[T]()).Elem()
	var walk func(path string, index []int, v reflect.Value)
	walk = func(path string, index []int, v reflect.Value) {
		if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, append(index[:len(index):len(index)], i), v.Field(i))
			}
			return
		}
		x := base
		reflect.ValueOf(&x).Elem().FieldByIndex(index).Set(v)
		try(path, &x)
	}
	walk("", nil, whole)
}

// known are values for types that take only some, and for those that a clause
// needs to be plausible.
func known(t reflect.Type, n int) (any, bool) {
	switch t {
	case reflect.TypeFor[time.Time]():
		return noon.Add(time.Duration(n)*time.Minute + time.Duration(n)*time.Microsecond), true
	case reflect.TypeFor[time.Duration]():
		return time.Duration(n)*time.Second + time.Duration(n)*time.Microsecond, true
	case reflect.TypeFor[blacklist.Number]():
		return blacklist.Number(48_600_000_000 + n), true
	case reflect.TypeFor[campaign.Fields]():
		return campaign.Fields{"text": "x", "int": int64(n), "float": 2.5, "yes": true, "time": at(n), "texts": []string{"a", "b"}}, true
	case reflect.TypeFor[status.Standing]():
		return status.StandingQueued, true
	case reflect.TypeFor[status.Lane]():
		return status.LaneAgain, true
	case reflect.TypeFor[status.Qualifier]():
		return status.Redial, true
	case reflect.TypeFor[status.ActionKind]():
		return status.ActionMail, true
	case reflect.TypeFor[campaign.Outcome]():
		return campaign.NoAnswer, true
	case reflect.TypeFor[campaign.Phase]():
		return campaign.Dialed, true
	case reflect.TypeFor[campaign.Reason]():
		return campaign.ReasonGap, true
	case reflect.TypeFor[campaign.Out]():
		return campaign.OutEnded, true
	case reflect.TypeFor[campaign.LocalTime]():
		return campaign.LocalTime{Date: "2026-06-02", Hour: "09:30", Zone: zone}, true
	}
	return nil, false
}

func fill(v reflect.Value, n *int) {
	*n++
	if x, ok := known(v.Type(), *n); ok {
		v.Set(reflect.ValueOf(x))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(1 + *n%100))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(1 + *n%100))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic(fmt.Sprintf("storetest: no value is known for a %v", v.Type()))
	}
}
