package campaign

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nextcall/nextcall/internal/calendar"
)

// maxBatches is how many lists a campaign may declare: each has calling-hours
// classes of its own, and an ask looks at them all.
const maxBatches = 1000

// List declares a list of a campaign: the batch of its records whose
// Record.List is the name. A list that no campaign declares is called like the
// records of no list at all, and shares their weight.
//
// Records that were written before their list was declared are called by it as
// well; dialer.Queue.Refile moves them to it at once.
type List struct {
	Name string `json:"name"`
	// Off says that none of its records is called, callbacks included. It costs
	// nothing to have any number of records in it.
	Off bool `json:"off,omitempty"`
	// Weight is the list's share of the calls to fresh records (tier 5) against
	// the weights of the others that have some. Records of no declared list weigh
	// 1 together. 0 is 1 if some list of the campaign has a weight. If none has,
	// fresh records are called in their order, whichever list they are in.
	Weight int `json:"weight,omitempty"`
	// Until ends the calls: a date ("2006-01-02"), inclusive, in the campaign's
	// zone, or an instant (RFC 3339, such as "2006-01-02T15:04:05+01:00") from
	// which on nobody is called. "" is open.
	Until string `json:"until,omitempty"`
}

// batch is a declared list made ready.
type batch struct {
	prefix string // of its classes
	off    bool
	end    time.Time // the first instant at which it is not called; zero: open
}

// open reports whether a list is called at t, and until when that holds; zero:
// only a change of the configuration ends it.
func (b *batch) open(t time.Time) (bool, time.Time) {
	if b.off || !b.end.IsZero() && !t.Before(b.end) {
		return false, time.Time{}
	}
	return true, b.end
}

// listMark ends the list's part of a class. No zone has it in its name.
const listMark = ':'

// inList is the beginning of the classes of a list's records: its name and the
// mark, with whatever would end the zones written otherwise.
func inList(name string) string {
	name = strings.ReplaceAll(name, "%", "%25")
	return strings.ReplaceAll(name, "|", "%7C") + string(listMark)
}

// listedAt is where the class of the phone begins in the class of a record: 0 if
// it is of no list.
func listedAt(class string) int {
	zones, _, _ := strings.Cut(class, "|")
	return strings.LastIndexByte(zones, listMark) + 1
}

// listed is the class of a record in a list, if its phone has the class. likely
// is what it probably is: then no text need be made.
func (c *Campaign) listed(list, class, likely string) string {
	place := c.batch(list)
	if place < 0 || class == "" {
		return class
	}
	prefix := c.batches[place].prefix
	if len(likely) == len(prefix)+len(class) && likely[:len(prefix)] == prefix && likely[len(prefix):] == class {
		return likely
	}
	return prefix + class
}

// batch is the place of a list among those that are declared, or -1.
func (c *Campaign) batch(list string) int {
	if place, ok := c.listAt[list]; ok {
		return place
	}
	return -1
}

// DeclaredLists are the lists that the configuration declares, with every
// default filled in, in its order. The slice must not be written to.
func (c *Campaign) DeclaredLists() []List { return c.cfg.Lists }

// Weighted reports whether fresh records are shared among lists by weight.
func (c *Campaign) Weighted() bool {
	return len(c.cfg.Lists) > 0 && c.cfg.Lists[0].Weight > 0 // then all have one
}

// ClassList is the place among [Campaign.DeclaredLists] of the list whose
// records have a calling-hours class, or -1: they are in no declared list, or
// were written before it was declared.
func (c *Campaign) ClassList(class string) int {
	if k := c.class(class); k != nil {
		return k.list
	}
	return -1
}

// ClassIn is the calling-hours class of a record's next number (see
// [Campaign.ClassOf]) as its list is declared now. It differs from Record.Class
// only if that was written before the list was declared, or while it was. A
// record without a class has none in any list.
func (c *Campaign) ClassIn(r *Record) string {
	at := listedAt(r.Class)
	if _, declared := c.prefixes[r.Class[:at]]; !declared && c.batch(r.List) < 0 {
		return r.Class
	}
	return c.listed(r.List, r.Class[at:], r.Class)
}

// inList warns of a list that the campaign does not declare, where it declares others.
func (d *draft) inList() {
	if list := d.r.List; list != "" && len(d.c.batches) > 0 && d.c.batch(list) < 0 {
		d.warn("list %q is not among the campaign's lists: the record is called as one without a list", list)
	}
}

// listBlocker appends what the record's list has against a call.
func (c *Campaign) listBlocker(r *Record, a *Asker, now time.Time, into []Blocker) []Blocker {
	place := c.batch(r.List)
	if place < 0 || a.overrides(c, OverrideList) {
		return into
	}
	if open, _ := c.batches[place].open(now); open {
		return into
	}
	detail := fmt.Sprintf("list %q is off", r.List)
	if !c.batches[place].off {
		detail = fmt.Sprintf("list %q was called until %s", r.List, c.cfg.Lists[place].Until)
	}
	return append(into, Blocker{Reason: ReasonList, Detail: detail})
}

// fillWeights gives every list a weight if one has.
func fillWeights(lists []List) {
	for i := range lists {
		if lists[i].Weight != 0 {
			for i := range lists {
				orElse(&lists[i].Weight, 1)
			}
			return
		}
	}
}

// lists checks the declared lists and makes them ready.
func (k *checker) lists() {
	cfg, c := k.cfg, k.c
	if len(cfg.Lists) > maxBatches {
		k.fail("lists", strconv.Itoa(len(cfg.Lists)), "want at most %d", maxBatches)
		return
	}
	c.listAt = make(map[string]int, len(cfg.Lists))
	c.prefixes = make(map[string]int, len(cfg.Lists))
	for i := range cfg.Lists {
		l := &cfg.Lists[i]
		path := fmt.Sprintf("lists[%d]", i)
		if _, twice := c.listAt[l.Name]; twice {
			k.fail(path+".name", l.Name, "another list of the campaign has this name")
		} else if l.Name == "" {
			k.fail(path+".name", "", "want a name: records without one are in no list")
		}
		k.name(path+".name", l.Name)
		k.count(path+".weight", l.Weight, maxCount)
		end, ok := k.listEnd(l.Until)
		if !ok {
			k.fail(path+".until", l.Until, `want a date such as "2026-12-24", or an instant such as "2026-12-24T18:00:00+01:00"`)
		}
		c.listAt[l.Name] = i
		c.batches = append(c.batches, batch{prefix: inList(l.Name), off: l.Off, end: end})
		c.prefixes[c.batches[i].prefix] = i
	}
}

// listEnd is the first instant at which a list is not called any more.
func (k *checker) listEnd(until string) (end time.Time, ok bool) {
	if until == "" {
		return end, true
	}
	if d, ok := parseDate(until); ok {
		if k.c.zone == nil { // said of the zone
			return end, true
		}
		y, m, day := d.Date()
		return calendar.StartOfDay(y, m, day+1, k.c.zone), true
	}
	end, err := time.Parse(time.RFC3339, until)
	return stored(end), err == nil && inYears(end)
}

// warnLists lists declarations that keep their records from ever being called.
func (k *checker) warnLists() {
	for i := range k.c.batches {
		if end := k.c.batches[i].end; !end.IsZero() && !k.c.start.IsZero() && !end.After(k.c.start) {
			k.note(fmt.Sprintf("lists[%d].until", i), "list %q ends before the campaign starts: none of its records is ever called", k.cfg.Lists[i].Name)
		}
	}
}
