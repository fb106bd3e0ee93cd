package modeltest

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// The lists that records are imported with; "" is none. Green is never declared.
var listNames = []string{"", "red", "blue", "green"}

// listsOf are the lists that a campaign declares in one variant of it. From one to
// the next they are declared and no more, switched off, run out, and weighed.
func listsOf(id campaign.ID, variant int, date func(days int) string) []campaign.List {
	switch {
	case id == alpha && variant == otherHours:
		return []campaign.List{{Name: "red", Off: true}, {Name: "blue", Weight: 2}}
	case id == alpha && variant == tighter:
		return []campaign.List{{Name: "red", Weight: 1}, {Name: "blue", Until: date(-1)}}
	case id == alpha && variant != ended:
		return []campaign.List{{Name: "red", Weight: 3}, {Name: "blue", Until: date(0)}}
	case id == gamma && variant == otherHours:
		return []campaign.List{{Name: "blue"}}
	case id == gamma && variant == tighter:
		return []campaign.List{{Name: "blue", Off: true}, {Name: "red", Weight: 2}}
	}
	return nil
}

// ruleList: the record's list is on, and not over.
func ruleList(w *world, g grant, f campaign.Facts) string {
	if l, closed := w.closedList(f); closed && !w.overridden(g, f, campaign.OverrideList) {
		return fmt.Sprintf("record %s of list %q is called at %v: it is off %v, and called until %q", f.Record.ID, l.Name, w.now, l.Off, l.Until)
	}
	return ""
}

// closedList is the declared list of a record, and whether it is not called now.
func (w *world) closedList(f campaign.Facts) (campaign.List, bool) {
	s := w.settings[f.Record.Campaign]
	at := slices.IndexFunc(s.cfg.Lists, func(l campaign.List) bool { return l.Name == f.Record.List })
	if at < 0 {
		return campaign.List{}, false
	}
	l := s.cfg.Lists[at]
	return l, l.Off || l.Until != "" && w.now.In(location(s.cfg.Zone)).Format("2006-01-02") > l.Until
}

// namesList says what is wrong with what is said of a record's list: that it is
// closed is named if and only if it is.
func (w *world) namesList(f campaign.Facts, blockers []campaign.Blocker) string {
	named := slices.ContainsFunc(blockers, func(b campaign.Blocker) bool { return b.Reason == campaign.ReasonList })
	if l, closed := w.closedList(f); closed != named {
		return fmt.Sprintf("record %s of list %q (%+v) at %v is blocked by %v", f.Record.ID, f.Record.List, l, w.now, blockers)
	}
	return ""
}

// listWarned says whether an import is told that nobody declared the list, by the
// configuration that the process knows.
func (w *world) listWarned(o op) bool {
	c, err := w.queues[o.Queue%numQueues].queue.Campaign(o.Add.Campaign)
	return err == nil && o.Add.List != "" && len(c.DeclaredLists()) > 0 &&
		!slices.ContainsFunc(c.DeclaredLists(), func(l campaign.List) bool { return l.Name == o.Add.List })
}
