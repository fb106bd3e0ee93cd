package dialer

import (
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// loaded are the campaigns as the Loader gave them. It is made by Reload and
// never written to. A campaign's place is its index in the order of service.
type loaded struct {
	campaigns []*campaign.Campaign // by order, then id
	ids       []campaign.ID        // by place
	marks     []uint64             // by place: a hash of the id
	places    map[campaign.ID]int
	offer     time.Duration // the shortest time that one of them offers a record
}

func newLoaded(campaigns []*campaign.Campaign) *loaded {
	l := &loaded{campaigns: slices.Clone(campaigns), places: make(map[campaign.ID]int, len(campaigns))}
	slices.SortFunc(l.campaigns, func(a, b *campaign.Campaign) int {
		if d := rankOf(a) - rankOf(b); d != 0 {
			return d
		}
		return strings.Compare(string(a.ID()), string(b.ID()))
	})
	for place, c := range l.campaigns {
		l.ids = append(l.ids, c.ID())
		l.marks = append(l.marks, markOf(c.ID()))
		l.places[c.ID()] = place
		if d := c.OfferTTL(); place == 0 || d < l.offer {
			l.offer = d
		}
	}
	return l
}

// rankOf is a campaign's place: lower first, 0 last.
func rankOf(c *campaign.Campaign) int {
	if o := c.Order(); o > 0 {
		return o
	}
	return int(^uint(0) >> 2)
}

// place is that of a campaign, or -1. What is asked for next is mostly what was
// asked for last, or the one behind it: that place, or -1, spares the look-up.
func (l *loaded) place(id campaign.ID, last int) int {
	if uint(last) < uint(len(l.ids)) && l.ids[last] == id {
		return last
	}
	if uint(last+1) < uint(len(l.ids)) && l.ids[last+1] == id {
		return last + 1
	}
	if place, ok := l.places[id]; ok {
		return place
	}
	return -1
}

// maxStretch bounds how long a view is believed.
const maxStretch = 24 * time.Hour

// view is what a queue knows: its campaigns, the calling-hours classes that hold
// records, and which of all of them are open for a stretch of time. It is never
// written to: what changes makes a new one.
type view struct {
	*loaded
	known map[campaign.ID][]string // classes that hold records, sorted; of campaigns that were loaded once, too

	// What follows holds from an instant until another, exclusive.
	from, until time.Time
	running     []bool     // by place
	classes     [][]string // by place: those known
	open        [][]string // by place: those known that are open
	shelves     [][]shelf  // by place: the same by list, where lists share the fresh records
}

// holds reports whether what a view says of hours is so at now.
func (v *view) holds(now time.Time) bool { return !now.Before(v.from) && now.Before(v.until) }

// lit makes a view at now: which campaigns run and which classes are open, and
// until when nothing of that can change.
func lit(l *loaded, known map[campaign.ID][]string, now time.Time) *view {
	v := &view{
		loaded: l, known: known, from: now, until: now.Add(maxStretch),
		running: make([]bool, len(l.campaigns)), classes: make([][]string, len(l.campaigns)), open: make([][]string, len(l.campaigns)),
		shelves: make([][]shelf, len(l.campaigns)),
	}
	changes := func(t time.Time) {
		if t.After(now) && t.Before(v.until) {
			v.until = t
		}
	}
	for place, c := range l.campaigns {
		var until time.Time
		v.running[place], until, _ = c.Running(now)
		changes(until)
		v.classes[place] = known[l.ids[place]]
		for _, class := range v.classes[place] {
			open, until := c.ClassOpen(class, now)
			changes(until)
			if open {
				v.open[place] = append(v.open[place], class)
			}
		}
		v.shelves[place] = shelve(c, v.open[place])
	}
	return v
}

// viewAt is the queue's view, good at now.
func (q *Queue) viewAt(now time.Time) *view {
	v := q.view.Load()
	if v.holds(now) {
		return v
	}
	fresh := lit(v.loaded, v.known, now)
	// If somebody has replaced it meanwhile, theirs stays: it may know more.
	q.view.CompareAndSwap(v, fresh)
	return fresh
}

// install makes campaigns the queue's. Which of them run, the next ask finds out.
func (q *Queue) install(l *loaded) {
	for {
		v := q.view.Load()
		if q.view.CompareAndSwap(v, &view{loaded: l, known: v.known}) {
			return
		}
	}
}

// learn remembers the classes that hold records, and reports whether one that
// is open now was not known to the view that the claim was made with: then the
// claim must be made again, or records of that class would be passed over.
func (q *Queue) learn(v *view, classes []campaign.Class, now time.Time) (again bool) {
	place, next := -1, 0 // a store mostly gives the classes in our order
	news := false
	for i := range classes {
		class := &classes[i]
		if at := v.place(class.Campaign, place); at != place {
			place, next = at, 0
		}
		if place < 0 || class.Name == "" {
			continue
		}
		known := v.classes[place]
		if next < len(known) && known[next] == class.Name {
			next++
			continue
		}
		at, found := slices.BinarySearch(known, class.Name)
		if next = at + 1; found {
			continue
		}
		news = true
		open, _ := v.campaigns[place].ClassOpen(class.Name, now)
		again = again || open && v.running[place]
	}
	if news {
		q.remember(classes, now)
	}
	return again
}

// remember makes classes known.
func (q *Queue) remember(classes []campaign.Class, now time.Time) {
	for {
		v := q.view.Load()
		known := make(map[campaign.ID][]string, len(v.known)+1)
		for id, names := range v.known {
			known[id] = names
		}
		for i := range classes {
			names := known[classes[i].Campaign]
			at, found := slices.BinarySearch(names, classes[i].Name)
			if !found && classes[i].Name != "" {
				known[classes[i].Campaign] = slices.Insert(slices.Clone(names), at, classes[i].Name)
			}
		}
		if q.view.CompareAndSwap(v, lit(v.loaded, known, now)) {
			return
		}
	}
}

// Campaign returns a loaded campaign.
func (q *Queue) Campaign(id campaign.ID) (*campaign.Campaign, error) {
	l := q.view.Load().loaded
	if place := l.place(id, -1); place >= 0 {
		return l.campaigns[place], nil
	}
	return nil, &CampaignError{ID: id}
}

// Campaigns are those that are loaded, in the order in which they are served;
// parity decides among those of one order.
func (q *Queue) Campaigns() []*campaign.Campaign { return slices.Clone(q.all()) }

// all are the loaded campaigns. The slice must not be written to.
func (q *Queue) all() []*campaign.Campaign { return q.view.Load().campaigns }
