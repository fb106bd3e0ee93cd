package memstore

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// filler gives every field of a value something that is not zero.
type filler struct{ n int }

func (f *filler) fill(t *testing.T, v reflect.Value) {
	f.n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(midday.Add(time.Duration(f.n) * time.Minute)))
		return
	case campaign.Fields:
		v.Set(reflect.ValueOf(campaign.Fields{
			"text": fmt.Sprint("text", f.n), "number": int64(-f.n), "small": f.n, "part": 1 / float64(f.n), "yes": true, "no": false, "none": nil,
			"time": midday, "early": time.Date(-40, 1, 1, 0, 0, 0, 7000, time.UTC), "late": time.Date(400_000, 1, 1, 0, 0, 0, 0, time.UTC),
			"list": []string{"a", ""}, "empty": []string{}, "nil": []string(nil), "": "unnamed",
		}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("s", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Uint8:
		v.SetUint(uint64(f.n%5 + 1))
	case reflect.Uint16:
		v.SetUint(uint64(f.n))
	case reflect.Uint64:
		v.SetUint(uint64(48_600_000_000 + f.n))
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(t, v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(t, v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			f.fill(t, v.Index(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(t, v.Elem())
	default:
		t.Fatalf("a field of type %s: say how it is filled", v.Type())
	}
}

// full wants no field of a value to be zero, so that what is compared says something.
func full(t *testing.T, path string, v reflect.Value) {
	if _, isTime := v.Interface().(time.Time); !isTime {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				full(t, path+"."+v.Type().Field(i).Name, v.Field(i))
			}
			return
		case reflect.Slice, reflect.Array:
			require.NotZero(t, v.Len(), path)
			for i := range v.Len() {
				full(t, fmt.Sprint(path, "[", i, "]"), v.Index(i))
			}
			return
		case reflect.Pointer:
			require.False(t, v.IsNil(), path)
			full(t, path, v.Elem())
			return
		}
	}
	assert.False(t, v.IsZero(), "%s was not filled", path)
}

// everything is a store in which each field of whatever it keeps has a value.
func everything(t *testing.T) (st *Store, ref campaign.Ref) {
	st, f := New(), new(filler)
	fill := func(x any) { f.fill(t, reflect.ValueOf(x).Elem()) }
	written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: "other"}, Add: true, Record: &campaign.Record{ID: "other", Campaign: "c"}})
	var r campaign.Record
	fill(&r)
	r.ID, r.Campaign, r.Sort, r.Version = "all", "c", 77, 0
	r.Attempts.ByOutcome[3] = 60_000
	ref = campaign.Ref{Campaign: "c", Record: "all"}
	var l campaign.Lease
	fill(&l)
	l.With = []campaign.Ref{{Campaign: "c", Record: "other", Token: 5}}
	written(t, st, campaign.Change{Ref: ref, Add: true, Record: &r, Lease: &l, Revision: 9})
	ch := campaign.Change{Ref: ref, Call: new(campaign.Call), Entry: new(campaign.Entry), Contact: new(campaign.Contact),
		List: make([]blacklist.Entry, 2), Actions: make([]campaign.Action, 3)}
	fill(ch.Call)
	fill(ch.Entry)
	fill(ch.Contact)
	ch.Call.Campaign, ch.Call.Record, ch.Contact.ID, ch.Contact.Version = "c", "all", r.Contact, 0
	ch.Merge = "gone"
	for i := range ch.List {
		fill(&ch.List[i])
	}
	for i := range ch.Actions {
		fill(&ch.Actions[i])
	}
	ch.Done = []string{ch.Actions[1].ID}
	written(t, st, ch)
	ref.Token = ch.Call.Token
	return st, ref
}

// told is all that can be asked about a record, the blacklists and the outbox.
type told struct {
	Facts   campaign.Facts
	Entries []campaign.Entry
	Calls   []*campaign.Call
	Listed  []blacklist.Entry
	Actions []campaign.Action
	Gone    []*campaign.Contact // what the id of a merged contact gives
	Having  [][]campaign.ContactID
}

func tell(t require.TestingT, st *Store, ref campaign.Ref) (all told) {
	var looked campaign.Looked
	require.NoError(t, st.Look(background, campaign.Need{Contact: true, Before: true}, &looked, ref))
	all.Facts = looked.Facts[0]
	var err error
	all.Entries, all.Calls, err = st.History(background, campaign.Ref{Campaign: ref.Campaign, Record: ref.Record})
	require.NoError(t, err)
	all.Listed = st.lists.Entries(nil)
	all.Actions, err = st.Pending(background, "", 0)
	require.NoError(t, err)
	all.Gone, err = st.Contacts(background, "gone")
	require.NoError(t, err)
	all.Having, err = st.ContactsWith(background, all.Facts.Contact.Unique()...)
	require.NoError(t, err)
	return all
}

func TestASnapshotHoldsEveryField(t *testing.T) {
	st, ref := everything(t)
	want := tell(t, st, ref)
	full(t, "record", reflect.ValueOf(want.Facts.Record))
	full(t, "contact", reflect.ValueOf(*want.Facts.Contact))
	require.Equal(t, want.Facts.Contact, want.Gone[0])
	full(t, "having", reflect.ValueOf(want.Having))
	full(t, "lease", reflect.ValueOf(want.Facts.Lease))
	full(t, "call", reflect.ValueOf(*want.Facts.Call))
	full(t, "entries", reflect.ValueOf(want.Entries))
	full(t, "listed", reflect.ValueOf(want.Listed))
	full(t, "actions", reflect.ValueOf(want.Actions))
	require.Len(t, want.Actions, 2)
	got := tell(t, reloaded(t, st), ref)
	assert.Equal(t, want, got)
}

func TestAFieldAloneComesBackAlone(t *testing.T) {
	// Each field with all others zero: a mask that names the wrong one is seen.
	kinds := []any{campaign.Record{}, campaign.Before{}, campaign.Phone{}, campaign.Entry{}, campaign.Contact{}, campaign.Lease{}, campaign.Call{},
		campaign.Answer{}, blacklist.Entry{}, campaign.Action{}, campaign.Note{}, campaign.Counters{}, campaign.Progress{}}
	for _, kind := range kinds {
		typ := reflect.TypeOf(kind)
		eachField(t, typ, nil, func(path string, value reflect.Value) {
			switch path {
			case "Record.Campaign", "Call.Campaign", "Call.Record", "Call.Before":
				return // said elsewhere
			}
			c := &coder{buf: make([]byte, 0, 100)}
			copied := reflect.New(typ)
			copied.Elem().Set(value)
			c.any(t, copied.Interface())
			require.NoError(t, c.err, path)
			read := reflect.New(typ)
			d := &coder{loads: true, text: string(c.buf)}
			d.any(t, read.Interface())
			require.NoError(t, d.err, path)
			assert.Empty(t, d.text, path)
			assert.Equal(t, value.Interface(), read.Elem().Interface(), path)
		})
	}
}

// eachField calls try with a value for each field in which only that is set, down to
// the fields of embedded and inner structs.
func eachField(t *testing.T, typ reflect.Type, index []int, try func(string, reflect.Value)) {
	outer := typ
	var path strings.Builder
	path.WriteString(typ.Name())
	for _, i := range index {
		path.WriteString("." + outer.Field(i).Name)
		outer = outer.Field(i).Type
	}
	for i := range outer.NumField() {
		at := append(slices.Clone(index), i)
		if field := outer.Field(i); field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() {
			eachField(t, typ, at, try)
			continue
		}
		value := reflect.New(typ).Elem()
		new(filler).fill(t, value.FieldByIndex(at))
		try(path.String()+"."+outer.Field(i).Name, value)
	}
}

func (c *coder) any(t *testing.T, x any) {
	switch x := x.(type) {
	case *campaign.Record:
		c.record(x)
		if len(x.Phones) == 0 {
			x.Phones = nil
		}
	case *campaign.Before:
		c.before(x)
	case *campaign.Phone:
		c.phone(x)
	case *campaign.Entry:
		c.entry(x)
	case *campaign.Contact:
		c.contact(x, new([]string))
	case *campaign.Lease:
		c.lease(x)
	case *campaign.Call:
		c.call(x)
	case *campaign.Answer:
		c.answer(x)
	case *blacklist.Entry:
		c.listed(x)
	case *campaign.Action:
		c.action(x)
	case *campaign.Note:
		c.note(x)
	case *campaign.Counters:
		c.counters(x)
	case *campaign.Progress:
		c.progress(x)
	default:
		t.Fatalf("%T has no form", x)
	}
}
