package contacts

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Column says what a column of a CSV file is.
type Column struct {
	Name string // in the file's first line, in any case
	To   Target
	// Field names the field, for ToField and ToRecordField. Defaults to Name.
	Field string
}

// Target is what a column of a CSV file is read into.
type Target string

// The targets. Several columns may be phones, e-mail addresses, keys, notes and tags.
const (
	ToCompany   Target = "company"
	ToFirstName Target = "first_name"
	ToLastName  Target = "last_name"
	ToCountry   Target = "country"
	ToPhone     Target = "phone"
	ToEmail     Target = "email"
	ToKey       Target = "key"   // a unique key of the contact
	ToField     Target = "field" // a custom field of the contact
	// What follows is of the record, and needs a campaign.
	ToRecordID    Target = "record_id"
	ToExternalID  Target = "external_id"
	ToRecordField Target = "record_field"
	ToOrder       Target = "order"   // 1 to 65535
	ToConsent     Target = "consent" // as a bool: see Importing
	ToNote        Target = "note"
	ToTag         Target = "tag"
)

var targets = []Target{
	ToCompany, ToFirstName, ToLastName, ToCountry, ToPhone, ToEmail, ToKey, ToField,
	ToRecordID, ToExternalID, ToRecordField, ToOrder, ToConsent, ToNote, ToTag,
}

// many are the targets that several columns may have.
var many = []Target{ToPhone, ToEmail, ToKey, ToNote, ToTag, ToField, ToRecordField}

// placed is a column as it stands in the file.
type placed struct {
	Column
	at   int                // its place in a row
	kind campaign.FieldType // of a field
}

// place finds the columns in the header. All mistakes are joined; c is nil for an
// import of contacts alone.
func place(columns []Column, header []string, comma byte, own []campaign.Field, c *campaign.Campaign, recordType string) ([]placed, []string, error) {
	var errs []error
	wrong := func(name, format string, args ...any) {
		errs = append(errs, &FileError{Line: 1, Column: name, Msg: fmt.Sprintf(format, args...)})
	}
	var record []campaign.Field
	if c != nil {
		for _, t := range c.Config().RecordTypes {
			if t.Name == recordType {
				record = t.Fields
			}
		}
	}
	var out []placed
	used := make(map[int]bool)
	for _, col := range columns {
		p := placed{Column: col, at: -1}
		for i, name := range header {
			if strings.EqualFold(name, strings.TrimSpace(col.Name)) {
				if p.at >= 0 {
					wrong(col.Name, "the file has two columns of this name: rename one")
				}
				p.at = i
			}
		}
		switch {
		case p.at < 0 && len(header) == 1:
			wrong(col.Name, "is not there: the first line is one column, %q, if the delimiter is %q; want another delimiter", clipped(header[0]), comma)
		case p.at < 0:
			wrong(col.Name, "is not there: the first line names %q", clippedAll(header))
		case used[p.at]:
			wrong(col.Name, "is read into two things: want one for each column")
		}
		used[p.at] = true
		if p.Field == "" {
			p.Field = strings.TrimSpace(col.Name)
		}
		switch i := slices.Index(targets, col.To); {
		case i < 0:
			wrong(col.Name, "is to be %q: want one of %q", col.To, targets)
		case i >= slices.Index(targets, ToRecordID) && c == nil:
			wrong(col.Name, "%s belongs to a record: name the campaign, or leave the column out", col.To)
		case col.To == ToField:
			p.kind = kindOf(own, p.Field)
		case col.To == ToRecordField:
			p.kind = kindOf(record, p.Field)
		}
		if (col.To == ToField || col.To == ToRecordField && c != nil) && p.kind == "" {
			wrong(col.Name, "there is no field %q of a %s: declare it, or leave the column out", p.Field, map[Target]string{ToField: "contact", ToRecordField: "record of type \"" + recordType + "\""}[col.To])
		}
		if !slices.Contains(many, col.To) && slices.ContainsFunc(out, func(o placed) bool { return o.To == col.To }) {
			wrong(col.Name, "another column is the %s already: want one", col.To)
		}
		out = append(out, p)
	}
	if len(columns) == 0 {
		errs = append(errs, &FileError{Msg: "no column is read: say what the columns are (Importing.Columns)"})
	}
	var ignored []string
	for i, name := range header {
		if !used[i] {
			ignored = append(ignored, name)
		}
	}
	return out, ignored, errors.Join(errs...)
}

func clippedAll(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list[:min(30, len(list))] {
		out = append(out, clipped(s))
	}
	return out
}

func kindOf(fields []campaign.Field, name string) campaign.FieldType {
	for _, f := range fields {
		if f.Name == name {
			if f.Type == "" {
				return campaign.String
			}
			return f.Type
		}
	}
	return ""
}

// valueOf reads a field's value as text, or says what would be right.
func valueOf(kind campaign.FieldType, text string) (any, string) {
	text = strings.TrimSpace(text)
	switch kind {
	case campaign.Int:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, ""
		}
		return nil, "want a whole number"
	case campaign.Double:
		if x, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(x, 0) && !math.IsNaN(x) {
			return x, ""
		}
		return nil, "want a number with a point, such as 12.50"
	case campaign.Bool:
		switch strings.ToLower(text) {
		case "true", "yes", "1":
			return true, ""
		case "false", "no", "0":
			return false, ""
		}
		return nil, "want true or false, yes or no, 1 or 0"
	case campaign.Timestamp:
		for _, layout := range []string{time.RFC3339, "2006-01-02"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t.UTC().Truncate(time.Microsecond), ""
			}
		}
		return nil, "want a time such as 2026-11-22T09:00:00Z, or a date such as 2026-11-22"
	case campaign.Strings:
		var list []string
		for _, part := range strings.Split(text, "|") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return list, ""
	}
	return text, ""
}
