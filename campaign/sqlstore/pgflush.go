package sqlstore

import (
	"slices"
	"strconv"

	"github.com/nextcall/nextcall/blacklist"
)

// column is an argument that holds one value of each of several rows.
type (
	numbers []int64
	words   []string
)

// records are the columns of records but for campaign and key.
type records struct {
	campaign                                                words
	rec                                                     numbers
	id, contact, list, status                               words
	qualifier, standing, lane                               numbers
	class                                                   words
	due                                                     numbers
	owner                                                   words
	sorting, sortKey, sequence, until, reason, parkRevision numbers
	operation                                               words
	version, latest                                         numbers
	body                                                    words
	external                                                words
	main                                                    numbers
	author, agent                                           words
	called                                                  numbers
	phones                                                  words // their numbers, see decimals
}

func (c *records) add(x *row) {
	r := &x.record
	c.campaign, c.rec, c.id = append(c.campaign, string(r.Campaign)), append(c.rec, x.rec), append(c.id, string(r.ID))
	c.contact, c.list, c.status = append(c.contact, string(r.Contact)), append(c.list, r.List), append(c.status, string(r.Status))
	c.qualifier, c.standing, c.lane = append(c.qualifier, int64(r.Qualifier)), append(c.standing, int64(r.Standing)), append(c.lane, int64(r.Lane))
	c.class, c.due, c.owner = append(c.class, r.Class), append(c.due, micros(r.Due)), append(c.owner, string(r.Owner))
	c.sorting, c.sortKey, c.sequence = append(c.sorting, r.Sort), append(c.sortKey, r.Key), append(c.sequence, r.Sequence)
	c.until, c.reason, c.parkRevision = append(c.until, micros(r.Park.Until)), append(c.reason, int64(r.Park.Reason)), append(c.parkRevision, r.Park.Revision)
	c.operation, c.version, c.latest = append(c.operation, r.Operation), append(c.version, r.Version), append(c.latest, int64(x.latest))
	c.body = append(c.body, x.body)
	c.external, c.main = append(c.external, r.ExternalID), append(c.main, int64(mainNumber(r)))
	c.author, c.agent, c.called = append(c.author, r.Author), append(c.agent, string(r.LastAgent)), append(c.called, micros(r.LastCall))
	c.phones = append(c.phones, decimals(x.numbers))
}

// args are the columns behind campaign, rec and id.
func (c *records) args() []any {
	return []any{strs(c.contact), strs(c.list), strs(c.status), ints(c.qualifier), ints(c.standing), ints(c.lane), strs(c.class), ints(c.due), strs(c.owner), ints(c.sorting),
		ints(c.sortKey), ints(c.sequence), ints(c.until), ints(c.reason), ints(c.parkRevision), strs(c.operation), ints(c.version), ints(c.latest), strs(c.body),
		strs(c.external), ints(c.main), strs(c.author), strs(c.agent), ints(c.called), strs(c.phones)}
}

// ints and strs are columns as drivers take them.
func ints(c numbers) []int64 { return c }
func strs(c words) []string  { return c }

// written collects what a flush writes.
type written struct {
	leftFrom, leftID, leftTo words
	leftRec                  numbers
	added, changed           records

	wideCampaign               words
	wideRecord                 words
	wideBody                   words
	dropCampaign               words
	dropNumber                 numbers
	dropRecord                 words
	numberCampaign             words
	number                     numbers
	numberRecord               words
	leftCampaign               words
	leftRecord                 words
	waitCampaign               words
	waitRecord                 words
	waitPlace, waitNumber      numbers
	waitPromised               numbers
	waitNumbers                words
	newCampaign, newRecord     words
	newCall                    numbers
	newHolder                  words
	newUntil                   numbers
	newBody                    words
	leaseCampaign, leaseRecord words
	leaseToken                 numbers
	leaseHolder                words
	leaseUntil                 numbers
	leaseBody                  words
	endCampaign, endRecord     words
	traits                     traits
	marks                      marks
	endings
}

// endings is what the end of a lease writes besides its record: guards that are
// given back, calls and the lines of histories.
type endings struct {
	freeNumber, freeCall  numbers
	freeContact           words
	freeContactCall       numbers
	callCampaign          words
	callToken             numbers
	callRecord            words
	callRec               numbers
	callContact           words
	callNumber, callEnded numbers
	callBody, callBefore  words
	entryCampaign         words
	entryRecord           words
	entryBody             words
}

// args are all of them.
func (w *endings) args() []any {
	return []any{ints(w.freeNumber), ints(w.freeCall), strs(w.freeContact), ints(w.freeContactCall),
		strs(w.callCampaign), ints(w.callToken), strs(w.callRecord), ints(w.callRec), strs(w.callContact), ints(w.callNumber), ints(w.callEnded), strs(w.callBody), strs(w.callBefore),
		strs(w.entryCampaign), strs(w.entryRecord), strs(w.entryBody)}
}

// flush writes everything in at most three statements, and what is rare one by one.
func (e postgres) flush(r *run) error {
	if r.guess != nil && !r.guess.right {
		return r.settle()
	}
	var w written
	for _, x := range r.dirty {
		w.record(x)
		if err := r.pass(x); err != nil {
			return err
		}
	}
	for _, l := range r.dirtyLeases {
		w.lease(l)
		if err := e.with(r, l); err != nil {
			return err
		}
	}
	for _, f := range r.frees {
		w.free(f)
	}
	for _, g := range r.dirtyGuards {
		if g.now != g.was && g.was != 0 {
			if g.now == 0 {
				w.free(free{g.guarded, g.was})
			} else if err := e.hand(r, g); err != nil {
				return err
			}
		}
	}
	for i := range r.calls {
		c := &r.calls[i]
		w.call(c)
		if c.late {
			// A token that no lease of this record gave may be in another campaign's log.
			if _, err := r.exec(pgForgetCall, int64(c.Token), string(c.at)); err != nil {
				return err
			}
		}
	}
	for i := range r.entries {
		w.entry(&r.entries[i])
	}
	for _, x := range r.strays {
		w.traits.called(x)
	}
	if err := w.flush(r); err != nil {
		return err
	}
	return e.flushPeople(r)
}

func (w *written) record(x *row) {
	id, rec := string(x.record.Campaign), string(x.record.ID)
	if old := x.from; old != nil {
		w.leftFrom, w.leftID = append(w.leftFrom, string(old.campaign)), append(w.leftID, string(old.record))
		w.leftTo, w.leftRec = append(w.leftTo, id), append(w.leftRec, x.rec)
		for _, n := range old.numbers {
			w.dropCampaign, w.dropNumber, w.dropRecord = append(w.dropCampaign, string(old.campaign)), append(w.dropNumber, int64(n)), append(w.dropRecord, rec)
		}
	}
	w.traits.add(x)
	switch {
	case x.changed&added != 0:
		w.added.add(x)
	case x.changed&^placed != 0:
		w.changed.add(x)
	}
	if x.changed&widened != 0 || x.changed&added != 0 && x.wide != "" {
		w.wideCampaign, w.wideRecord, w.wideBody = append(w.wideCampaign, id), append(w.wideRecord, rec), append(w.wideBody, x.wide)
	}
	if x.changed&(added|renumbered) != 0 {
		for _, n := range x.had {
			if !x.has(n) {
				w.dropCampaign, w.dropNumber, w.dropRecord = append(w.dropCampaign, id), append(w.dropNumber, int64(n)), append(w.dropRecord, rec)
			}
		}
		for _, n := range x.numbers {
			if !slices.Contains(x.had, n) {
				w.numberCampaign, w.number, w.numberRecord = append(w.numberCampaign, id), append(w.number, int64(n)), append(w.numberRecord, rec)
			}
		}
	}
	if x.waits {
		w.leftCampaign, w.leftRecord = append(w.leftCampaign, id), append(w.leftRecord, rec)
	}
	if x.waits = x.place != nowhere; !x.waits {
		return
	}
	w.marks.add(x)
	w.waitCampaign, w.waitRecord, w.waitPlace = append(w.waitCampaign, id), append(w.waitRecord, rec), append(w.waitPlace, int64(x.place))
	w.waitNumbers = append(w.waitNumbers, decimals(x.numbers))
	number, promised := x.offers()
	w.waitNumber, w.waitPromised = append(w.waitNumber, number), append(w.waitPromised, promised)
}

// offers is what of a record its row in the queue has besides columns: the number
// that is the next, and 1 if a call is promised.
func (x *row) offers() (number, promised int64) {
	r := &x.record
	if r.Next >= 0 && r.Next < len(r.Phones) {
		number = int64(r.Phones[r.Next].Number)
	}
	if r.Promised {
		promised = 1
	}
	return number, promised
}

// decimals are numbers as the queue keeps them.
func decimals(list []blacklist.Number) string {
	var b []byte
	for i, x := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(x), 10)
	}
	return string(b)
}

func (w *written) lease(l *lease) {
	c, r := string(l.on.campaign), string(l.on.record)
	switch {
	case l.ended && l.stored:
		w.endCampaign, w.endRecord = append(w.endCampaign, c), append(w.endRecord, r)
	case l.ended:
	case l.stored:
		w.leaseCampaign, w.leaseRecord, w.leaseToken = append(w.leaseCampaign, c), append(w.leaseRecord, r), append(w.leaseToken, int64(l.token))
		w.leaseHolder, w.leaseUntil, w.leaseBody = append(w.leaseHolder, l.holder), append(w.leaseUntil, l.until), append(w.leaseBody, l.body)
	default:
		w.newCampaign, w.newRecord, w.newCall = append(w.newCampaign, c), append(w.newRecord, r), append(w.newCall, int64(l.call))
		w.newHolder, w.newUntil, w.newBody = append(w.newHolder, l.holder), append(w.newUntil, l.until), append(w.newBody, l.body)
	}
}

func (w *endings) free(f free) {
	if f.contact != "" {
		w.freeContact, w.freeContactCall = append(w.freeContact, string(f.contact)), append(w.freeContactCall, int64(f.call))
		return
	}
	w.freeNumber, w.freeCall = append(w.freeNumber, int64(f.number)), append(w.freeCall, int64(f.call))
}

func (w *endings) call(c *call) {
	w.callCampaign, w.callToken, w.callRecord = append(w.callCampaign, string(c.at)), append(w.callToken, int64(c.Token)), append(w.callRecord, string(c.Record))
	w.callRec, w.callContact, w.callNumber = append(w.callRec, c.rec), append(w.callContact, string(c.Contact)), append(w.callNumber, int64(c.Number))
	w.callEnded, w.callBody, w.callBefore = append(w.callEnded, micros(c.Ended)), append(w.callBody, c.body), append(w.callBefore, c.before)
}

func (w *endings) entry(x *entry) {
	w.entryCampaign, w.entryRecord, w.entryBody = append(w.entryCampaign, string(x.on.campaign)), append(w.entryRecord, string(x.on.record)), append(w.entryBody, x.body)
}

// with writes what further records a lease holds.
func (e postgres) with(r *run, l *lease) error {
	if l.stored && !l.ended || l.ended && !l.stored {
		return nil
	}
	terms, err := r.termsOf(l)
	if err != nil {
		return err
	}
	for _, ref := range terms.With {
		if keyOf(ref) == l.on {
			continue
		}
		if l.ended {
			_, err = r.exec(pgDropWith, string(ref.Campaign), string(ref.Record), int64(l.call))
		} else {
			_, err = r.exec(pgAddWith, string(ref.Campaign), string(ref.Record), int64(l.call), string(l.on.campaign), string(l.on.record))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hand gives a guard from one lease to another.
func (postgres) hand(r *run, g *guard) error {
	l, err := r.leaseBy(g.now)
	if err != nil {
		return err
	}
	if g.contact != "" {
		_, err = r.exec(passContact, string(g.contact), int64(g.now), string(l.on.campaign), string(l.on.record))
	} else {
		_, err = r.exec(passNumber, int64(g.number), int64(g.now), string(l.on.campaign), string(l.on.record))
	}
	return err
}

func (w *written) flush(r *run) error {
	if len(w.leftID) > 0 {
		if _, err := r.exec(pgLeaveRecords, strs(w.leftFrom), strs(w.leftID), strs(w.leftTo), ints(w.leftRec)); err != nil {
			return err
		}
	}
	if len(w.added.rec) > 0 {
		a := &w.added
		if _, err := r.exec(pgAddRecords, append([]any{strs(a.campaign), ints(a.rec), strs(a.id)}, a.args()...)...); err != nil {
			return err
		}
	}
	if len(w.wideRecord)+len(w.dropRecord)+len(w.numberRecord) > 0 {
		_, err := r.exec(pgWriteBelongings, strs(w.wideCampaign), strs(w.wideRecord), strs(w.wideBody), strs(w.dropCampaign), ints(w.dropNumber), strs(w.dropRecord),
			strs(w.numberCampaign), ints(w.number), strs(w.numberRecord))
		if err != nil {
			return err
		}
	}
	if len(w.changed.rec)+len(w.leftRecord)+len(w.waitRecord)+len(w.newCall)+len(w.leaseToken)+len(w.endRecord)+len(w.freeNumber)+len(w.freeContact)+
		len(w.callToken)+len(w.entryRecord)+len(w.traits.kind) == 0 {
		return nil
	}
	args := append([]any{strs(w.changed.campaign), strs(w.changed.id)}, w.changed.args()...)
	args = append(args, strs(w.leftCampaign), strs(w.leftRecord),
		strs(w.waitCampaign), strs(w.waitRecord), ints(w.waitPlace), ints(w.waitNumber), ints(w.waitPromised), strs(w.waitNumbers),
		strs(w.newCampaign), strs(w.newRecord), ints(w.newCall), strs(w.newHolder), ints(w.newUntil), strs(w.newBody),
		strs(w.leaseCampaign), strs(w.leaseRecord), ints(w.leaseToken), strs(w.leaseHolder), ints(w.leaseUntil), strs(w.leaseBody),
		strs(w.endCampaign), strs(w.endRecord))
	_, err := r.exec(pgWriteRun, slices.Concat(args, w.endings.args(), w.traits.args(), w.marks.args())...)
	return err
}
