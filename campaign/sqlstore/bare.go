package sqlstore

import (
	"github.com/nextcall/nextcall/campaign"
)

// supposed is a record that a change names without a lease, and the version that it
// replaces. Nothing of it has been read: it is taken to be as the change says in all
// that the change keeps, and nextcall_bare compares that before it writes.
type supposed struct {
	version int64
}

// bare reports whether a change writes a record, and a line of its history, and needs
// to know nothing but that no lease holds the record and that it is at the version
// that the change replaces.
func bare(ch *campaign.Change) bool {
	r := ch.Record
	return r != nil && r.Version != 0 && r.Sequence != 0 && keyOf(ch.Ref) == key{r.Campaign, r.ID} && ch.Ref.Token == 0 &&
		!ch.Add && !ch.Move && !ch.Extend && !ch.Erase && ch.Lease == nil && ch.Call == nil && ch.Contact == nil && ch.Forget == "" &&
		len(ch.List)+len(ch.Unlist)+len(ch.Wake)+len(ch.Actions)+len(ch.Done)+len(ch.Also) == 0
}

// anyRevision is that of a campaign of which none is known, and none is needed.
const anyRevision = -1

// suppose enters the record of a bare change. It returns false if the newest revision
// of its campaign must be known for that, and is not.
func (r *run) suppose(ch *campaign.Change) bool {
	k := keyOf(ch.Ref)
	if _, ok := r.rows[k]; ok {
		return true // two changes of one record
	}
	if r.known[k.campaign] == nil {
		revision, ok := r.st.mine.known[k.campaign]
		if !ok && ch.Revision != 0 {
			revision, ok = ch.Revision, true
		}
		if !ok {
			revision = anyRevision
		}
		r.known[k.campaign] = &known{revision: revision, stored: ok}
		r.guess.met = append(r.guess.met, k.campaign)
	}
	if r.known[k.campaign].revision == anyRevision && micros(ch.Record.Park.Until) != noTime {
		return false
	}
	r.rows[k] = &row{record: *ch.Record, given: true, numbers: numbersOf(ch.Record)}
	r.guess.supposed[k] = supposed{ch.Record.Version}
	return true
}

// shy is for how many times bare changes are read first, after they were not as they
// were supposed to be: twice as often each time, up to mostShy.
type shy struct{ now, left int }

const mostShy = 64

func (s *shy) refused() {
	s.now = min(max(1, 2*s.now), mostShy)
	s.left = s.now
}

// passes reports whether this time nothing is supposed.
func (s *shy) passes() bool {
	if s.left == 0 {
		return false
	}
	s.left--
	return true
}

// bared are the arguments of nextcall_bare.
type bared struct {
	records
	was                   numbers
	wide                  words
	place, next, promised numbers
	marks                 marks
}

func (b *bared) add(x *row, was supposed) {
	b.records.add(x)
	b.was, b.wide = append(b.was, was.version), append(b.wide, x.wide)
	number, promised := x.offers()
	b.place, b.next, b.promised = append(b.place, int64(x.place)), append(b.next, number), append(b.promised, promised)
	b.marks.add(x)
	x.waits = x.place != nowhere
}

// args are the arguments behind the campaigns and their revisions.
func (b *bared) args(met []string, revisions []int64, e *endings) []any {
	args := []any{met, revisions, strs(b.campaign), strs(b.id), ints(b.was), strs(b.contact), ints(b.sequence), ints(b.called), strs(b.phones),
		strs(b.list), strs(b.status), ints(b.qualifier), ints(b.standing), ints(b.lane), strs(b.class), ints(b.due), strs(b.owner),
		ints(b.sorting), ints(b.sortKey), ints(b.until), ints(b.reason), ints(b.parkRevision),
		strs(b.operation), ints(b.version), strs(b.body), strs(b.external), ints(b.main), strs(b.author), strs(b.agent),
		strs(b.wide), ints(b.place), ints(b.next), ints(b.promised),
		strs(e.entryCampaign), strs(e.entryRecord), strs(e.entryBody)}
	return append(args, b.marks.args()...)
}
