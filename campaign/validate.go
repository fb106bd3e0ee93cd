package campaign

import (
	"fmt"

	"github.com/nextcall/nextcall/status"
)

// required demands the required fields, if the status does. Conditions see the
// record as it is to be.
func (d *draft) required(st *status.Status) {
	if !st.Validate || d.lenient {
		return
	}
	missing, failed := d.missing()
	if len(missing) > 0 {
		d.fail(&RequiredError{Status: st.ID, Type: d.r.Type, Fields: missing, Failed: failed})
	}
}

// requiredNow demands what the status demands that the record has already: it
// binds every save by a person while the record has it.
func (d *draft) requiredNow() {
	if st := d.c.status(d.r.Status); st != nil {
		d.required(st)
	}
}

// missing returns the fields that are required, always or by a condition, and
// have no value, in the type's order, with the conditions that failed: they
// demand the field all the same. A hidden field is never demanded. Zero and
// false are values; text of white space only, the zero time and an empty list
// are none.
func (d *draft) missing() (names []string, failed []error) {
	rules := d.c.fieldRules[d.r.Type]
	fields := d.c.types[d.r.Type].Fields
	for i := range fields {
		f := &fields[i]
		if f.Hidden || !Blank(d.r.Fields[f.Name]) {
			continue
		}
		demanded := f.Required
		if !demanded && rules != nil && rules[i].required != none {
			holds, err := d.c.rules.Holds(rules[i].required, d.seen(), nil, d.now)
			if err != nil {
				failed = append(failed, fmt.Errorf("whether %s is required could not be checked: %w", f.Name, err))
			}
			demanded = holds || err != nil
		}
		if demanded {
			names = append(names, f.Name)
		}
	}
	return names, failed
}

// valid checks the values of the record's fields against their conditions, if
// the event's save is bound by them. A field without a value is not asked about.
func (d *draft) valid() {
	if !d.judged {
		return
	}
	rules := d.c.fieldRules[d.r.Type]
	if rules == nil {
		return
	}
	fields := d.c.types[d.r.Type].Fields
	for i := range fields {
		value := d.r.Fields[fields[i].Name]
		if rules[i].valid == none || Blank(value) {
			continue
		}
		msg := ""
		switch holds, err := d.c.rules.Holds(rules[i].valid, d.seen(), nil, d.now); {
		case err != nil:
			msg = fmt.Sprintf("could not be checked by the condition %s: %v", fields[i].ValidWhen, err)
		case !holds:
			msg = fmt.Sprintf("not valid: want a value that meets the condition %s", fields[i].ValidWhen)
		default:
			continue
		}
		d.fail(&FieldError{Path: fmt.Sprintf("fields[%q]", fields[i].Name), Value: shown(value), Msg: msg})
	}
}
