package campaign

import (
	"fmt"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// listCall puts the number of the call on the status's blacklist: that one
// number, whatever else the record has. A call that has none, as its record was
// erased, lists nothing, and its report goes on.
func (d *draft) listCall(st *status.Status, person bool) {
	if st == nil || st.Blacklist == "" {
		return
	}
	if d.call.Number == 0 {
		d.warn("status %q put nothing on blacklist %q: the call has no number, or not any more", st.ID, st.Blacklist)
		return
	}
	d.listNumbers(st, person, d.call.Number)
}

// listNumbers makes the entries of a status with a blacklist. An expiry that
// cannot be computed is refused to a person; a rule's entry is then permanent,
// for a call's result is not lost, nor is a number left callable.
func (d *draft) listNumbers(st *status.Status, person bool, numbers ...blacklist.Number) {
	until, err := st.Expiry.At(d.now, d.c.zone)
	if err != nil {
		if person {
			d.fail(fmt.Errorf("status %q: the entry on blacklist %q: %w", st.ID, st.Blacklist, err))
			return
		}
		d.warn("status %q: the entry on blacklist %q is permanent: %v", st.ID, st.Blacklist, err)
		until = time.Time{}
	}
	for _, n := range numbers {
		e := blacklist.Entry{
			Number: n, List: st.Blacklist, Author: d.author,
			Reason: fmt.Sprintf("status %s (%s)", st.Title, st.ID), Added: d.now, Until: until,
		}
		if err := e.Check(); err != nil {
			d.fail(err)
			continue
		}
		d.list = append(d.list, e)
	}
}

// which returns the numbers that a status set without a call lists.
func (d *draft) which(st *status.Status, w Which) []blacklist.Number {
	wrong := func(msg string) []blacklist.Number {
		d.fail(&FieldError{Path: "blacklist", Value: string(w), Msg: msg})
		return nil
	}
	if st.Blacklist == "" {
		if w != "" {
			return wrong(fmt.Sprintf("status %q lists no number: leave the answer out", st.ID))
		}
		return nil
	}
	const choices = `want "last called", "main", "all numbers" or "no entry"`
	phones := d.r.Phones
	switch w {
	case WhichNone:
		return nil
	case WhichLast:
		last := -1
		for i := range phones {
			if !phones[i].LastCall.IsZero() && (last < 0 || phones[i].LastCall.After(phones[last].LastCall)) {
				last = i
			}
		}
		if last < 0 {
			return wrong("the record was never called: " + choices)
		}
		return []blacklist.Number{phones[last].Number}
	case WhichMain:
		if len(phones) == 0 {
			return wrong(`the record has no number: want "no entry"`)
		}
		return []blacklist.Number{phones[0].Number}
	case WhichAll:
		if len(phones) == 0 {
			return wrong(`the record has no number: want "no entry"`)
		}
		var all []blacklist.Number
		for i := range phones {
			all = append(all, phones[i].Number)
		}
		return all
	}
	return wrong(fmt.Sprintf("status %q puts numbers on blacklist %q: %s", st.ID, st.Blacklist, choices))
}
