package sqlstore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// inGroup is how many records a statement reads something of: one statement for
// them costs a fraction of as many. Of fewer than half of that each is read alone.
const inGroup = 16

// The statements for so many records. Their arguments have no numbers: drivers
// look for those by name.
var (
	readTogether = `WITH w(n, rec, number, contact) AS MATERIALIZED (VALUES ` + groupPlaces() + `)
		SELECT w.n, c.ended, c.token, c.body FROM w CROSS JOIN nextcall_call c WHERE c.rec = w.rec AND c.rec <> 0 AND c.ended >= ` + sinceTogether + `
		UNION ALL SELECT w.n, c.ended, c.token, c.body FROM w CROSS JOIN nextcall_call c
			WHERE c.number = w.number AND c.number <> 0 AND +c.rec <> w.rec AND c.ended >= ` + sinceTogether + `
		UNION ALL SELECT w.n, c.ended, c.token, c.body FROM w CROSS JOIN nextcall_call c
			WHERE c.contact = w.contact AND c.contact <> '' AND +c.rec <> w.rec AND c.ended >= ` + sinceTogether
	contactsTogether = `SELECT id, body FROM nextcall_contact WHERE id IN (` + strings.Repeat("?, ", inGroup-1) + `?)`
)

// sinceTogether is the argument behind those of all records.
var sinceTogether = fmt.Sprint("?", 3*inGroup+1)

// groupPlaces are the places of what is asked of each record.
func groupPlaces() string {
	rows := make([]string, inGroup)
	for i := range rows {
		rows[i] = fmt.Sprintf("(%d, ?, ?, ?)", i)
	}
	return strings.Join(rows, ", ")
}

func (rowwise) histories(r *run, rows []*row, since int64) ([][]logged, error) {
	all := make([][]logged, len(rows))
	args := make([]any, 0, 3*inGroup+1)
	first := 0 // of those that are read together
	read := func(from scanner) error {
		var c logged
		var n int
		err := from.Scan(&n, &c.ended, &c.token, &c.body)
		all[first+n] = append(all[first+n], c)
		return err
	}
	for group := range slices.Chunk(rows, inGroup) {
		args = args[:0]
		for _, x := range group {
			args = append(args, x.rec, int64(x.firstNumber()), string(x.record.Contact))
		}
		var err error
		if len(group) >= inGroup/2 {
			for len(args) < 3*inGroup {
				args = append(args, int64(0), int64(0), "") // what no call has
			}
			err = r.each(read, callsTogether, append(args, since)...)
		} else {
			for n := 0; n < len(group) && err == nil; n++ {
				err = r.each(read, callsAround, append(args[3*n:3*n+3:3*n+3], since, n)...)
			}
		}
		if err != nil {
			return nil, err
		}
		first += len(group)
	}
	for i, x := range rows {
		for _, n := range x.numbers[min(1, len(x.numbers)):] {
			first = i
			if err := r.each(read, callsOfNumber, int64(n), since); err != nil {
				return nil, err
			}
		}
		all[i] = inOrder(all[i])
	}
	return all, nil
}

// firstNumber is the record's first number, 0 without one.
func (x *row) firstNumber() blacklist.Number {
	if len(x.numbers) == 0 {
		return 0
	}
	return x.numbers[0]
}

// inOrder sorts calls by their ends and leaves each once.
func inOrder(calls []logged) []logged {
	slices.SortFunc(calls, byEnd)
	return slices.CompactFunc(calls, func(a, b logged) bool { return a.token == b.token })
}

func byEnd(a, b logged) int {
	return cmp.Or(cmp.Compare(a.ended, b.ended), cmp.Compare(a.token, b.token))
}

func (rowwise) contacts(r *run, rows []*row) error {
	var missing []campaign.ContactID
	for _, x := range rows {
		id := x.record.Contact
		if _, known := r.bodies[id]; id != "" && !known {
			r.bodies[id] = ""
			missing = append(missing, id)
		}
	}
	if len(missing) == 1 {
		delete(r.bodies, missing[0]) // which is read when it is asked for
		return nil
	}
	for group := range slices.Chunk(missing, inGroup) {
		args := make([]any, inGroup)
		for i := range args {
			args[i] = string(group[min(i, len(group)-1)])
		}
		err := r.each(func(from scanner) error {
			var id campaign.ContactID
			var body string
			err := from.Scan(&id, &body)
			r.bodies[id] = body
			return err
		}, contactsOf, args...)
		if err != nil {
			return err
		}
	}
	return nil
}
