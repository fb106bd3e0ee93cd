package campaign

import (
	"slices"

	"github.com/nextcall/nextcall/status"
)

// Receive sets a status on a record that comes from another campaign. It is
// applied by the campaign that the record goes to, with the facts as they are
// where it is; the Change has Move set. When it is in that campaign already it
// stays there, and gets the status by the same rules.
//
// The record keeps its id, contact, notes, calls (limits count them: no move buys
// any), what is known about its
// numbers, and those fields that its record type has here too, with a type that
// takes the value. Nobody owns it, unless the status is an own callback, and it
// gets a new place in the order of import.
//
// Own callbacks, successes and other qualifiers whose [status.Effect] is no
// MoveSource do not move, nor does a record that waits as an own callback though
// a message has arrived: [*MoveError], as for a status whose qualifier is no
// MoveTarget. One that a lifetime limit would end at once is a [*LimitError].
type Receive struct {
	Set Set
	// Type is the record type here. "" is the one of the same name, else the only
	// one that the campaign has, else none.
	Type string
}

func (d *draft) receive(e *Receive) (*Change, error) {
	from := d.r.Campaign
	d.r.Campaign = d.c.cfg.ID
	moves := from != d.r.Campaign
	d.movable(&e.Set)
	d.carry(e.Type, moves)
	d.r.Owner = ""
	why := WhyChosen
	if moves {
		why = WhyMoved
		d.why(WhyMoved)
		d.r.Sequence = 0
		d.r.Past = past(d.r.Past, from, d.c.cfg.ID)
	}
	d.setting(&e.Set)
	d.reached()
	change, err := d.finish(0, d.entry(Entry{Why: why, Note: e.Set.Note}))
	if err != nil {
		return nil, err
	}
	change.Ref.Campaign, change.Move = from, moves
	return change, nil
}

// past are the campaigns that a record was moved from, when it goes on.
func past(before []ID, from, to ID) []ID {
	var all []ID
	for _, id := range append(slices.Clone(before), from) {
		if id != to && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// movable checks the qualifiers at both ends.
func (d *draft) movable(e *Set) {
	r := d.r
	if !effectOf(r.Qualifier).MoveSource || r.Standing == status.StandingQueued && r.Lane == status.LaneOwn {
		d.fail(&MoveError{Qualifier: r.Qualifier})
	}
	if st := d.c.status(e.Status); st != nil && !effectOf(st.Qualifier).MoveTarget {
		d.fail(&MoveError{Status: st.ID, Qualifier: st.Qualifier, Target: true})
	}
}

// carry gives the record its type here, and of its fields those that the type has.
func (d *draft) carry(typ string, moves bool) {
	r, c := d.r, d.c
	switch _, same := c.types[r.Type]; {
	case typ != "":
		if _, ok := c.types[typ]; !ok {
			d.fail(&FieldError{Path: "type", Value: typ, Msg: "the campaign has no such record type" + meant(typ, sortedKeys(c.types))})
			return
		}
		r.Type = typ
	case !moves || same || r.Type == "":
	case len(c.cfg.RecordTypes) == 1:
		r.Type = c.cfg.RecordTypes[0].Name
	default:
		r.Type = ""
	}
	if len(r.Fields) == 0 || !moves && r.Type == d.f.Record.Type {
		return
	}
	fields := c.types[r.Type].Fields
	kept := make(Fields, len(r.Fields))
	for name, value := range r.Fields {
		at := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
		if at < 0 {
			continue
		}
		if v, wrong := fieldValue(fields[at].Type, value); wrong == "" && v != nil {
			kept[name] = v
		}
	}
	if len(kept) == 0 {
		kept = nil
	}
	r.Fields = kept
}

// reached refuses a record that would be called here, if a lifetime limit of the
// campaign has been reached for it, or for every number that it has left.
func (d *draft) reached() {
	r, limits := d.r, &d.c.cfg.Limits
	if r.Standing != status.StandingQueued {
		return
	}
	if why, n, most := d.c.spent(r); why != "" {
		d.fail(&LimitError{Campaign: d.c.cfg.ID, Why: why, Reached: n, Max: most})
		return
	}
	if d.anyLeft() {
		return
	}
	for i := range r.Phones {
		if p := &r.Phones[i]; p.Out == "" { // not out, so at its limit
			d.fail(&LimitError{Campaign: d.c.cfg.ID, Why: WhyNoNumberLeft, Reached: p.Attempts, Max: limits.NumberAttempts})
			return
		}
	}
}
