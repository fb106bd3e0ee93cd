package sqlstore

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// candidate is a record that may be leased, as its row in the queue tells.
type candidate struct {
	on       key
	contact  campaign.ContactID
	rec      int64
	number   blacklist.Number // the proposed one
	promised bool
	numbers  []blacklist.Number
	due      int64
	until    int64 // of its park
	revision int64 // of its park
}

// matches reports whether a source takes the candidate.
func (x *candidate) matches(source *campaign.Source, revision, now int64) bool {
	return x.due <= micros(source.Due) && (x.revision != revision || x.until <= now)
}

// round is Claims that are answered together: as if they came one after the
// other, in two statements.
type round struct {
	*run
	claims []*claim
	now    int64 // the latest of theirs
	most   int   // how many leases they want

	met       []campaign.ID
	revisions []int64 // that they name, of each of met
	sources   []asked
	at        map[string]int // the place in sources, by what is asked
	opens     []string       // sets of open classes, as the sources name them
	stop      bool           // sources that come later need not be looked at once there is enough

	over  []over // leases, the first to run out of each campaign
	lists [][]candidate
	gone  map[int64]bool // records that are leased
	given []chosen
}

// asked is one source of a round.
type asked struct {
	campaign campaign.ID
	lane     int64
	owner    string
	due      int64
	cap      int64 // how many of its records count when it is asked whether there is enough
	open     int64
}

// chosen is a record that a Claim takes.
type chosen struct {
	by *claim
	*candidate
	lane status.Lane
}

// claims does Claims in their order, as many at a time as can be.
func (e postgres) claims(r *run, all []*claim) error {
	if err := r.flush(); err != nil {
		return err
	}
	for len(all) > 0 {
		n := together(all)
		for {
			served, err := e.round(r, all[:n])
			if err != nil {
				return err
			}
			if served > 0 {
				all = all[served:]
				break
			}
			n = 1 // alone it is told exactly
		}
	}
	return nil
}

// together is how many of the first Claims can be answered in one round: those
// that name the same revisions, and whose leases do not run out before the round is over.
func together(all []*claim) int {
	revisions := make(map[campaign.ID]int64)
	latest, until := int64(math.MinInt64), int64(math.MaxInt64)
	for i, c := range all {
		latest, until = max(latest, micros(c.q.Now)), min(until, micros(c.q.Until))
		if i > 0 && latest >= until {
			return i
		}
		for j := range c.q.From {
			step := &c.q.From[j]
			if known, ok := revisions[step.Campaign]; ok && known != step.Revision {
				return max(i, 1)
			}
			revisions[step.Campaign] = step.Revision
		}
	}
	return len(all)
}

// round answers Claims, and returns how many; the first of them, if it is alone.
func (e postgres) round(r *run, claims []*claim) (served int, err error) {
	b := round{run: r, claims: claims, now: math.MinInt64, at: make(map[string]int), gone: make(map[int64]bool)}
	b.collect()
	if err := b.look(); err != nil {
		return 0, err
	}
	for _, c := range claims {
		if err := b.outdated(c); err != nil {
			if len(claims) > 1 {
				return 0, nil
			}
			c.err = err
			return 1, nil
		}
	}
	ran := slices.ContainsFunc(b.over, func(o over) bool { return o.until <= b.now })
	for _, c := range claims {
		done, err := b.serve(c, ran)
		if err != nil {
			return 0, err
		}
		if !done {
			break
		}
		served++
	}
	b.claims = claims[:served]
	if served == 0 {
		return 0, nil
	}
	return served, b.grant()
}

// outdated is the error of a Claim that names a revision older than the newest.
func (b *round) outdated(c *claim) error {
	for i := range c.q.From {
		if err := b.run.outdated(c.q.From[i].Campaign, c.q.From[i].Revision); err != nil {
			return err
		}
	}
	return nil
}

// collect lists what the Claims ask for, each once.
func (b *round) collect() {
	alone := len(b.claims) == 1
	first := make(map[string]bool) // lanes of campaigns
	b.stop = true
	var order []int
	for i, c := range b.claims {
		b.now = max(b.now, micros(c.q.Now))
		b.most += c.q.Limit
		var mine []int
		for j := range c.q.From {
			step := &c.q.From[j]
			if !slices.Contains(c.met, step.Campaign) {
				c.met = append(c.met, step.Campaign)
			}
			if !slices.Contains(b.met, step.Campaign) {
				b.met = append(b.met, step.Campaign)
			}
			open := b.open(step.Open)
			for k := range step.Sources {
				source := &step.Sources[k]
				place := b.source(step, source, open, alone)
				mine = append(mine, place)
				if place < 0 {
					continue
				}
				x := &b.sources[place]
				x.due = max(x.due, micros(source.Due))
				lane := string(step.Campaign) + "\x00" + strconv.Itoa(int(source.Lane))
				switch {
				case i > 0 || x.cap >= 0:
				case first[lane] || step.Max < c.q.Limit:
					x.cap = 0 // what it finds may be what is found already, or too much
				case source.Max > 0:
					x.cap = int64(source.Max)
				default:
					x.cap = int64(math.MaxInt32)
				}
				first[lane] = true
				if step.Max < c.q.Limit || source.Max > 0 {
					b.stop = b.stop && alone
				}
			}
		}
		if i == 0 {
			order = mine
		}
		b.stop = b.stop && slices.Equal(order, mine)
	}
	slices.Sort(b.met)
	b.revisions = make([]int64, len(b.met))
	for _, c := range b.claims {
		for j := range c.q.From {
			step := &c.q.From[j]
			i, _ := slices.BinarySearch(b.met, step.Campaign)
			b.revisions[i] = max(b.revisions[i], step.Revision)
		}
	}
	b.lists = make([][]candidate, len(b.sources))
}

// open returns the place of a set of classes in opens, counted from 1.
func (b *round) open(classes []string) int64 {
	text := []byte{'['}
	for i, class := range classes {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendText(text, class)
	}
	set := string(append(text, ']'))
	i := slices.Index(b.opens, set)
	if i < 0 {
		i = len(b.opens)
		b.opens = append(b.opens, set)
	}
	return int64(i + 1)
}

// source returns the place of a source in sources; -1 if nothing can be in it.
func (b *round) source(step *campaign.Step, source *campaign.Source, open int64, exact bool) int {
	if source.Lane == status.LaneNone || int(source.Lane) >= status.NumLanes {
		return -1
	}
	x := asked{campaign: step.Campaign, lane: int64(source.Lane), due: micros(source.Due), open: open, cap: -1}
	if source.Lane == status.LaneOwn {
		x.owner = string(source.Owner)
	}
	var name strings.Builder
	for _, n := range []int64{x.lane, open, int64(len(x.owner))} {
		name.WriteString(strconv.FormatInt(n, 10))
		name.WriteByte(' ')
	}
	if exact {
		name.WriteString(strconv.FormatInt(x.due, 10))
		name.WriteByte(' ')
	}
	name.WriteString(x.owner)
	name.WriteString(string(x.campaign))
	i, ok := b.at[name.String()]
	if !ok {
		i = len(b.sources)
		b.at[name.String()] = i
		b.sources = append(b.sources, x)
	}
	return i
}

// look reads the newest revisions, the first leases to run out, and candidates.
func (b *round) look() error {
	var campaigns, owners []string
	var lanes, dues, caps, opens []int64
	for i := range b.sources {
		x := &b.sources[i]
		campaigns, owners, lanes = append(campaigns, string(x.campaign)), append(owners, x.owner), append(lanes, x.lane)
		dues, caps, opens = append(dues, x.due), append(caps, max(x.cap, 0)), append(opens, x.open)
	}
	return b.each(func(from scanner) error {
		var kind, n, rec, number, promised, due, until, revision int64
		var id campaign.ID
		var record campaign.RecordID
		var contact campaign.ContactID
		var numbers string
		if err := from.Scan(&kind, &n, &id, &record, &contact, &numbers, &rec, &number, &promised, &due, &until, &revision); err != nil {
			return err
		}
		switch kind {
		case 0:
			b.known[id] = &known{revision: n, stored: true}
		case 1:
			b.over = append(b.over, over{call: campaign.Token(rec), token: campaign.Token(number), until: due, on: key{id, record}})
		case 2:
			b.lists[n-1] = append(b.lists[n-1], candidate{on: key{id, record}, contact: contact, rec: rec, number: blacklist.Number(number),
				promised: promised != 0, numbers: undecimals(numbers), due: due, until: until, revision: revision})
		}
		return nil
	}, pgPick, texts(b.met), b.revisions, b.now, b.most, b.stop, campaigns, lanes, owners, dues, caps, opens, b.opens)
}

// undecimals is the reverse of decimals.
func undecimals(text string) []blacklist.Number {
	if text == "" {
		return nil
	}
	list := make([]blacklist.Number, 0, 1+strings.Count(text, ","))
	for part := range strings.SplitSeq(text, ",") {
		n, _ := strconv.ParseInt(part, 10, 64)
		list = append(list, blacklist.Number(n))
	}
	return list
}

// serve chooses what a Claim gets. It returns false if that cannot be told in
// this round.
func (b *round) serve(c *claim, ran bool) (done bool, err error) {
	if ran {
		var mine []over
		now := micros(c.q.Now)
		for _, o := range b.over {
			if o.until <= now && slices.Contains(c.met, o.on.campaign) {
				mine = append(mine, o)
			}
		}
		if len(mine) == 0 {
			return false, nil
		}
		return true, b.expire(c, mine)
	}
	before := len(b.given)
	doubt := false
	for i := range c.q.From {
		step := &c.q.From[i]
		left := min(step.Max, c.q.Limit-(len(b.given)-before))
		open := b.open(step.Open)
		for j := range step.Sources {
			source := &step.Sources[j]
			if left <= 0 {
				break
			}
			place := b.source(step, source, open, len(b.claims) == 1)
			if place < 0 {
				continue
			}
			most := left
			if source.Max > 0 {
				most = min(most, source.Max)
			}
			n, sure := b.take(c, step, source, b.lists[place], most)
			doubt = doubt || !sure
			left -= n
		}
	}
	if doubt && len(b.claims) > 1 {
		for _, x := range b.given[before:] {
			delete(b.gone, x.rec)
		}
		b.given = b.given[:before]
		return false, nil
	}
	b.note(c)
	return true, nil
}

// take chooses up to most records of a source. It is not sure that there are no
// more if its list ends where it was cut.
func (b *round) take(c *claim, step *campaign.Step, source *campaign.Source, list []candidate, most int) (n int, sure bool) {
	now := micros(c.q.Now)
	for i := range list {
		x := &list[i]
		if n == most {
			break
		}
		if b.gone[x.rec] || !x.matches(source, step.Revision, now) {
			continue
		}
		b.gone[x.rec] = true
		b.given = append(b.given, chosen{c, x, source.Lane})
		n++
	}
	return n, n == most || len(list) < b.most
}

// note notes when the first of the leases runs out that were there before a Claim.
func (b *round) note(c *claim) {
	first := func(id campaign.ID, until int64) {
		if t := instant(until); slices.Contains(c.met, id) && (c.into.NextExpiry.IsZero() || t.Before(c.into.NextExpiry)) {
			c.into.NextExpiry = t
		}
	}
	for _, o := range b.over {
		first(o.on.campaign, o.until)
	}
	for _, x := range b.given {
		if x.by != c {
			first(x.on.campaign, micros(x.by.q.Until))
		}
	}
}
