package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// mapping says which columns hold what. Phones are in order, the first is
// called first.
type mapping map[string][]string

// targets are what a column can hold.
var targets = []string{"id", "phone", "name", "zone", "region"}

// defaultMapping is used for what -map does not name: columns of these names,
// in any case, are used if the file has them.
func defaultMapping() mapping {
	return mapping{
		"id":     {"id"},
		"phone":  {"phone", "phone2", "phone3"},
		"name":   {"name", "first_name", "last_name"},
		"zone":   {"zone"},
		"region": {"region"},
	}
}

// parseMapping reads "phone=mobile+home,name=client".
func parseMapping(text string) (mapping, error) {
	m := mapping{}
	if text == "" {
		return m, nil
	}
	const want = "want such as phone=mobile+home,name=client"
	for _, part := range strings.Split(text, ",") {
		target, columns, ok := strings.Cut(part, "=")
		target = strings.ToLower(strings.TrimSpace(target))
		switch {
		case !ok || strings.TrimSpace(columns) == "":
			return nil, fmt.Errorf("%q: %s", part, want)
		case !slices.Contains(targets, target):
			return nil, fmt.Errorf("%q: nothing is mapped to %q: %s, with %s before the =", part, target, want, strings.Join(targets, ", "))
		case m[target] != nil:
			return nil, fmt.Errorf("%q: %s is mapped twice: join columns with +, %s", part, target, want)
		}
		for _, c := range strings.Split(columns, "+") {
			if c = strings.TrimSpace(c); c == "" {
				return nil, fmt.Errorf("%q: a column has no name: %s", part, want)
			}
			m[target] = append(m[target], c)
		}
	}
	return m, nil
}

// columns are the indexes of a table's columns by target.
func (m mapping) columns(t *table) (map[string][]int, error) {
	found := map[string][]int{}
	var errs []error
	for _, target := range targets {
		for _, name := range m[target] {
			if i := t.column(name); i >= 0 {
				found[target] = append(found[target], i)
			} else {
				errs = append(errs, &inputError{File: t.name, Line: 1, Column: name, Msg: fmt.Sprintf("there is no such column for -map %s=…: want one of %s", target, list(t.header))})
			}
		}
		if m[target] == nil {
			for _, name := range defaultMapping()[target] {
				if i := t.column(name); i >= 0 {
					found[target] = append(found[target], i)
				}
			}
		}
	}
	for _, target := range targets {
		for _, i := range found[target] {
			if twice := slices.IndexFunc(t.header[i+1:], func(h string) bool { return strings.EqualFold(h, t.header[i]) }); twice >= 0 {
				errs = append(errs, &inputError{File: t.name, Line: 1, Column: t.header[i], Msg: fmt.Sprintf("is the name of columns %d and %d: want a name of its own for each that is used", i+1, i+twice+2)})
			}
		}
	}
	if len(errs) == 0 && len(found["phone"]) == 0 {
		msg := fmt.Sprintf("there is no column \"phone\": want one, or say which of %s holds the number, such as -map 'phone=%s'", list(t.header), clip(t.header[0], 40))
		if len(t.header) == 1 {
			msg += "; columns are parted by comma, semicolon, tab or |"
		}
		errs = append(errs, &inputError{File: t.name, Line: 1, Msg: msg})
	}
	return found, errors.Join(errs...)
}

// fromFile reads contacts. A row that cannot be read is left out and listed in
// source.bad; the others are not lost.
func fromFile(arg, mapText, prefix, zone string) (*source, error) {
	m, err := parseMapping(mapText)
	if err != nil {
		return nil, &flagError{Flag: "map", Err: err}
	}
	name, data, err := readFile(arg)
	if err != nil {
		return nil, err
	}
	t, err := readTable(name, data)
	if err != nil {
		return nil, err
	}
	return fromTable(t, m, prefix, zone)
}

func fromTable(t *table, m mapping, prefix, zone string) (*source, error) {
	if len(m) == 0 && isBank(t) {
		return fromBank(t), nil
	}
	found, err := m.columns(t)
	if err != nil {
		return nil, err
	}
	s := &source{name: t.name, zone: zone, bad: t.bad, read: len(t.rows) + len(t.bad), attempts: 6, rules: true}
	given := map[campaign.RecordID]bool{} // ids of the file
	for _, r := range t.rows {
		for _, column := range found["id"] {
			given[campaign.RecordID(strings.TrimSpace(r.cells[column]))] = true
		}
	}
	for _, r := range t.rows {
		record, err := contact(t, r, found, prefix)
		if err != nil {
			s.bad = append(s.bad, err)
			continue
		}
		if record.ID == "" {
			record.ID = campaign.RecordID("line" + strconv.Itoa(r.line))
			for given[record.ID] {
				record.ID += "_"
			}
		}
		s.add(record, t.name, r.line)
	}
	s.sortBad()
	return s, nil
}

func (s *source) add(r campaign.Record, file string, line int) {
	s.records = append(s.records, r)
	s.places = append(s.places, fmt.Sprintf("%s:%d", file, line))
}

// sortBad puts bad rows in the order of their lines.
func (s *source) sortBad() {
	line := func(err error) int {
		if e := (*inputError)(nil); errors.As(err, &e) {
			return e.Line
		}
		return 0
	}
	slices.SortStableFunc(s.bad, func(a, b error) int { return line(a) - line(b) })
}

// contact makes a record of a row, without an id if the row has none, or says
// what is wrong with the row.
func contact(t *table, r row, found map[string][]int, prefix string) (campaign.Record, error) {
	record := campaign.Record{Campaign: campaignID, Type: "person"}
	var errs []error
	bad := func(column int, format string, args ...any) {
		errs = append(errs, &inputError{File: t.name, Line: r.line, Column: t.header[column], Msg: fmt.Sprintf(format, args...)})
	}
	cell := func(target string) (text string, column int) {
		for _, column = range found[target] {
			if text = strings.TrimSpace(r.cells[column]); text != "" {
				return text, column
			}
		}
		return "", column
	}
	if id, _ := cell("id"); id != "" {
		record.ID = campaign.RecordID(id)
	}
	var name []string
	for _, column := range found["name"] {
		if text := strings.TrimSpace(r.cells[column]); text != "" {
			name = append(name, text)
		}
	}
	if len(name) > 0 {
		record.Fields = campaign.Fields{"name": strings.Join(name, " ")}
	}
	var zones []string
	if text, column := cell("zone"); text != "" {
		if _, err := time.LoadLocation(text); err != nil || text == "Local" {
			bad(column, "zone %q is not known: want an IANA name such as Europe/Warsaw", clip(text, 60))
		}
		zones = []string{text}
	}
	region, _ := cell("region")
	for _, column := range found["phone"] {
		text := strings.TrimSpace(r.cells[column])
		if text == "" {
			continue
		}
		if prefix != "" && !strings.HasPrefix(text, "+") && !strings.HasPrefix(text, "00") {
			text = prefix + " " + text
		}
		number, err := blacklist.ParseNumber(text)
		if e := (*blacklist.ParseError)(nil); errors.As(err, &e) {
			hint := ""
			if prefix == "" {
				hint = ", or -prefix for numbers without a country code"
			}
			bad(column, "number %q: %s; want %s%s", clip(e.Input, 60), e.Msg, e.Want, hint)
			continue
		}
		if record.Phone(number) >= 0 {
			continue // the same number in two columns is one phone
		}
		record.Phones = append(record.Phones, campaign.Phone{Number: number, Label: t.header[column], Zones: zones, Region: region})
	}
	if len(errs) == 0 && len(record.Phones) == 0 {
		bad(found["phone"][0], "is empty: want a phone number")
	}
	if len(errs) > 0 {
		return record, errs[0] // one line of a file, one line of the list
	}
	return record, nil
}
