package campaign

import "maps"

// save writes fields and a note. What a person saves must be valid.
func (d *draft) save(fields Fields, note string, person bool) {
	d.saveFields(fields, person)
	d.note(note)
}

// saveFields replaces values by name; nil clears one, others stay. judged says
// that all of the record's values must be valid then.
func (d *draft) saveFields(fields Fields, judged bool) {
	if len(fields) == 0 {
		return
	}
	checked, err := d.c.checkFields(d.r.Type, fields)
	if err != nil {
		d.fail(err)
		return
	}
	merged := maps.Clone(d.r.Fields)
	if merged == nil {
		merged = make(Fields, len(checked))
	}
	for name, value := range checked {
		if value == nil {
			delete(merged, name)
		} else {
			merged[name] = value
		}
	}
	if len(merged) == 0 {
		merged = nil
	}
	d.r.Fields, d.judged = merged, judged
}
