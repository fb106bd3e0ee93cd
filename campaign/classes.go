package campaign

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// class is a calling-hours class made ready.
type class struct {
	name   string
	list   int       // the place of the list it is of; -1: none that is declared
	at     int       // where the zones begin, behind the list
	zones  string    // as the name has them
	count  int       // how many; 0 for anyZone
	callee timetable // the callee hours in every zone
	both   timetable // and the campaign's working hours
}

// classTable are the classes that were asked for. A table is replaced, never
// written to, so that reading one takes no lock.
type classTable struct {
	named map[string]*class
	few   []*class          // the first of them: mostly these are all, and comparing a few texts beats a map
	zoned map[zoneIn]*class // those of one zone, and of none
}

// maxFew is how many classes are looked through before the map is asked.
const maxFew = 8

// zoneIn is what the class of a phone with one zone, or with none, depends on.
type zoneIn struct {
	zone, region string
	none         bool
}

// anyZone stands in a class for the campaign's CalleeZone, whatever that is at
// the time: a record keeps its class when the configuration changes.
const anyZone = "*"

// ClassOf returns the calling-hours class of a phone: its zones, sorted and
// joined by ",", then "|" and its region, as in "Europe/Warsaw|PL". For a phone
// without zones it is "*" and the region: the campaign's CalleeZone, and closed
// for ever while there is none. "" is no class: one of its zones is not a zone,
// so the phone is never called. Records of a list that the campaign declares have
// classes of their own: the list's name and ":" come first (see [Campaign.ClassIn]).
func (c *Campaign) ClassOf(p Phone) string { return c.classOf(&p, "") }

// classOf is ClassOf for a phone that probably has the class likely, whatever
// list that is of: then no text need be made.
func (c *Campaign) classOf(p *Phone, likely string) string {
	likely = likely[listedAt(likely):]
	if likely != "" {
		if k := c.class(likely); k != nil && k.spells(likely, p) {
			return likely
		}
	}
	if len(p.Zones) < 2 {
		key := zoneIn{region: p.Region, none: len(p.Zones) == 0}
		if !key.none {
			key.zone = p.Zones[0]
		}
		if k := c.classes.Load().zoned[key]; k != nil {
			return k.name
		}
	}
	name := c.spell(p)
	c.class(name) // known by its zone from now on
	return name
}

// spell makes the name of a phone's class.
func (c *Campaign) spell(p *Phone) string {
	for _, z := range p.Zones {
		if _, ok := c.location(z); !ok {
			return ""
		}
	}
	return spelled(p)
}

// spelled is the name of a phone's class where its zones are known.
func spelled(p *Phone) string {
	zones := p.Zones
	switch len(zones) {
	case 0:
		return anyZone + "|" + p.Region
	case 1:
		return zones[0] + "|" + p.Region
	}
	zones = slices.Clone(zones)
	slices.Sort(zones)
	return strings.Join(slices.Compact(zones), ",") + "|" + p.Region
}

// classedElsewhere reports whether a phone has a class that is given where more
// zones are known than here. No name of a zone has a mark of a class in it.
func classedElsewhere(p *Phone, class string) bool {
	return class != "" && class == spelled(p) &&
		!slices.ContainsFunc(p.Zones, func(z string) bool { return strings.ContainsAny(z, zoneMarks) })
}

// zoneMarks stand in the name of a class, and in no zone's.
const zoneMarks = ",|" + string(listMark)

// spells reports whether a phone, as it is written, has the class, when name is
// the class's name or differs in the region only, and is of no list. It may say no to a phone whose
// zones are not sorted. Zones are counted and measured, so that no text with a
// "," or "|" in it is taken for several zones.
func (k *class) spells(name string, p *Phone) bool {
	if len(p.Zones) != k.count || name[len(k.zones)+1:] != p.Region {
		return false
	}
	at := 0
	for i, z := range p.Zones {
		if i > 0 {
			if at >= len(k.zones) || name[at] != ',' {
				return false
			}
			at++
		}
		if at+len(z) > len(k.zones) || name[at:at+len(z)] != z {
			return false
		}
		at += len(z)
	}
	return k.count == 0 || at == len(k.zones)
}

// open reports whether people of a class may be called at t, and until when
// that holds. No class is closed for ever.
func (k *class) open(t time.Time) (bool, time.Time) {
	if k == nil {
		return false, time.Time{}
	}
	return k.callee.at(t)
}

// class returns what is ready for a class name, or nil for one that ClassOf
// does not give. A region without holidays of its own has the default's.
func (c *Campaign) class(name string) *class {
	table := c.classes.Load()
	for _, ready := range table.few {
		if ready.name == name {
			return ready
		}
	}
	if ready := table.named[name]; ready != nil {
		return ready
	}
	zones, region, ok := strings.Cut(name, "|")
	if !ok {
		return nil
	}
	// Only regions that the campaign knows and lists that it declares are kept:
	// records may hold any text.
	if _, known := c.regions[region]; !known && region != "" {
		return c.class(name[:len(zones)+1])
	}
	list, at := -1, strings.LastIndexByte(zones, listMark)+1
	if at > 0 {
		if list, ok = c.prefixes[zones[:at]]; !ok {
			return c.class(name[at:])
		}
	}
	made := c.newClass(name, zones[at:], region)
	if made == nil {
		return nil
	}
	made.list, made.at = list, at
	return c.keep(made)
}

// newClass makes a class ready, or returns nil if one of its zones is none.
func (c *Campaign) newClass(name, zones, region string) *class {
	made := &class{name: name, zones: zones}
	if zones == anyZone {
		zones = c.cfg.CalleeZone
	} else {
		made.count = strings.Count(zones, ",") + 1
	}
	var callee gates
	last := ""
	for z := range strings.SplitSeq(zones, ",") {
		loc, ok := c.location(z)
		if !ok || z <= last {
			return nil
		}
		last = z
		if c.calleePlan != nil {
			callee = append(callee, gate{c.calleePlan, loc, c.regions[region]})
		}
	}
	made.callee.gates = callee
	made.both.gates = append(slices.Clone(c.work.gates), callee...)
	return made
}

// keep puts a class into the table, unless somebody else was faster.
func (c *Campaign) keep(made *class) *class {
	c.making.Lock()
	defer c.making.Unlock()
	old := c.classes.Load()
	if ready := old.named[made.name]; ready != nil {
		return ready
	}
	// What a caller's name is cut out of may be far larger.
	made.name = strings.Clone(made.name)
	made.zones = made.name[made.at:][:len(made.zones)]
	table := &classTable{named: maps.Clone(old.named), zoned: maps.Clone(old.zoned)}
	table.named[made.name] = made
	table.few = old.few
	if len(table.few) < maxFew {
		table.few = append(slices.Clone(old.few), made)
	}
	switch region := made.name[made.at+len(made.zones)+1:]; {
	case made.list >= 0: // a phone has its class whatever the list
	case made.count == 0:
		table.zoned[zoneIn{region: region, none: true}] = made
	case made.count == 1:
		table.zoned[zoneIn{zone: made.zones, region: region}] = made
	}
	c.classes.Store(table)
	return made
}

// zoned reports whether a class has zones: whether its phones can ever be called.
func (c *Campaign) zoned(class string) bool { return class != "" && c.class(class) != nil }

// place is a class in words: its zones, and its region if it has one.
func (c *Campaign) place(class string) string {
	zones, region, _ := strings.Cut(class[listedAt(class):], "|")
	if zones == anyZone {
		zones = c.cfg.CalleeZone
	}
	if region != "" {
		zones += " (" + region + ")"
	}
	return zones
}

// location returns a zone by its IANA name. "" and "Local" are none: they would
// be UTC and the machine's own.
func (c *Campaign) location(name string) (*time.Location, bool) {
	if loc, ok := c.locations.Load(name); ok {
		return loc.(*time.Location), true
	}
	loc, ok := loadZone(name)
	if ok {
		c.locations.Store(name, loc)
	}
	return loc, ok
}

// loadZone loads a zone by its IANA name. The variants with leap seconds that
// some machines keep beside the others ("right/...") are not zones here: their
// clocks are half a minute off.
func loadZone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" || len(name) > 100 || strings.ContainsAny(name, zoneMarks) ||
		strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix/") {
		return nil, false
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}
