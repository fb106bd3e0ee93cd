package memstore

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// together makes a change and its further ones: all of them are checked before the
// first is written. Nobody else is in the store.
func (w *writer) together(p *plan) error {
	also := make([]plan, len(p.Also))
	lines := make(map[*line]int)
	all := slices.Clone(p.Change.Also)
	sum := need{contacts: 3, numbers: 4} // as much as the change itself may add, see fits
	if p.Record != nil {
		sum.numbers += len(p.Record.Phones)
	}
	if c := p.Contact; c != nil {
		sum.keys = len(c.Phones) + len(c.Emails) + len(c.Keys)
	}
	for i := range also {
		x := &also[i]
		*x = plan{Change: &all[i], st: w.st, alone: true, line: w.st.byID[all[i].Ref.Campaign]}
		if x.line == nil {
			return notFound(x.Ref)
		}
		if err := x.check(); err != nil {
			return err
		}
		sum.contacts += x.need.contacts
		sum.numbers += x.need.numbers
		lines[x.line] += 2
	}
	if err := w.st.people.room(sum, &campaign.Change{}); err != nil {
		return err
	}
	for l, n := range lines {
		if err := l.past.room(n + 2); err != nil {
			return err
		}
	}
	if err := w.try(p); err != nil {
		return err
	}
	for i := range also {
		// It was not outdated, whatever the change itself has taught since.
		also[i].line.learn(all[i].Revision)
		all[i].Revision = 0
		if err := w.write(&also[i], also[i].line); err != nil {
			return err // there is room, and nobody has been here since
		}
	}
	return nil
}
