package sqlstore

import "slices"

// settled are the arguments of nextcall_settle: each record with its lease, and
// what the ends of the leases write besides.
type settled struct {
	campaign, id                              words
	first, token                              numbers
	holder                                    words
	until                                     numbers
	terms                                     words
	wasVersion, wasLatest, wasPark, wasParked numbers
	status                                    words
	qualifier, standing, lane                 numbers
	class                                     words
	due                                       numbers
	owner                                     words
	parkUntil, parkReason, parkRevision       numbers
	operation                                 words
	version, latest                           numbers
	body                                      words
	author, agent                             words
	called                                    numbers
	place, next, promised                     numbers
	phones                                    words
	endings

	// Leases that go on under other terms.
	onCampaign, onID words
	onCall, onToken  numbers
	onWasHolder      words
	onWasUntil       numbers
	onWasTerms       words
	onVersion        numbers
	onHolder         words
	onUntil          numbers
	onTerms          words

	traits traits
	marks  marks
}

// goesOn adds a lease that goes on, and how it was.
func (s *settled) goesOn(l *lease, w *was) {
	s.onCampaign, s.onID = append(s.onCampaign, string(l.on.campaign)), append(s.onID, string(l.on.record))
	s.onCall, s.onToken = append(s.onCall, int64(l.call)), append(s.onToken, int64(l.token))
	s.onWasHolder, s.onWasUntil, s.onWasTerms = append(s.onWasHolder, w.lease.holder), append(s.onWasUntil, w.lease.until), append(s.onWasTerms, w.lease.body)
	s.onVersion = append(s.onVersion, w.version)
	s.onHolder, s.onUntil, s.onTerms = append(s.onHolder, l.holder), append(s.onUntil, l.until), append(s.onTerms, l.body)
}

// add adds a record whose lease ends, and how it was.
func (s *settled) add(x *row, w *was) {
	r, l := &x.record, &w.lease
	s.campaign, s.id = append(s.campaign, string(r.Campaign)), append(s.id, string(r.ID))
	s.first, s.token, s.holder = append(s.first, int64(l.call)), append(s.token, int64(l.token)), append(s.holder, l.holder)
	s.until, s.terms = append(s.until, l.until), append(s.terms, l.body)
	s.wasVersion, s.wasLatest = append(s.wasVersion, w.version), append(s.wasLatest, w.latest)
	s.wasPark, s.wasParked = append(s.wasPark, w.park), append(s.wasParked, w.parkedAt)
	s.status, s.qualifier = append(s.status, string(r.Status)), append(s.qualifier, int64(r.Qualifier))
	s.standing, s.lane, s.class = append(s.standing, int64(r.Standing)), append(s.lane, int64(r.Lane)), append(s.class, r.Class)
	s.due, s.owner = append(s.due, micros(r.Due)), append(s.owner, string(r.Owner))
	s.parkUntil, s.parkReason = append(s.parkUntil, micros(r.Park.Until)), append(s.parkReason, int64(r.Park.Reason))
	s.parkRevision, s.operation = append(s.parkRevision, r.Park.Revision), append(s.operation, r.Operation)
	s.version, s.latest, s.body = append(s.version, r.Version), append(s.latest, int64(x.latest)), append(s.body, x.body)
	s.author, s.agent, s.called = append(s.author, r.Author), append(s.agent, string(r.LastAgent)), append(s.called, micros(r.LastCall))
	number, promised := x.offers()
	s.place, s.next, s.promised = append(s.place, int64(x.place)), append(s.next, number), append(s.promised, promised)
	s.phones = append(s.phones, decimals(x.numbers))
	s.traits.add(x)
	s.marks.add(x)
	x.waits = x.place != nowhere
}

// args are the arguments behind the campaigns and their revisions.
func (s *settled) args(met []string, revisions []int64) []any {
	args := []any{met, revisions, strs(s.campaign), strs(s.id), ints(s.first), ints(s.token), strs(s.holder), ints(s.until), strs(s.terms),
		ints(s.wasVersion), ints(s.wasLatest), ints(s.wasPark), ints(s.wasParked),
		strs(s.status), ints(s.qualifier), ints(s.standing), ints(s.lane), strs(s.class), ints(s.due), strs(s.owner),
		ints(s.parkUntil), ints(s.parkReason), ints(s.parkRevision), strs(s.operation), ints(s.version), ints(s.latest), strs(s.body),
		strs(s.author), strs(s.agent), ints(s.called),
		ints(s.place), ints(s.next), ints(s.promised), strs(s.phones)}
	args = append(args, s.endings.args()...)
	args = append(args, strs(s.onCampaign), strs(s.onID), ints(s.onCall), ints(s.onToken), strs(s.onWasHolder), ints(s.onWasUntil), strs(s.onWasTerms),
		ints(s.onVersion), strs(s.onHolder), ints(s.onUntil), strs(s.onTerms))
	return slices.Concat(args, s.traits.args(), s.marks.args())
}

// one are the arguments of nextcall_settle_one, or nil if it is not one record with
// at most one contact, call and line of history of its own.
func (s *settled) one(revisions []int64) []any {
	if len(revisions) != 1 || len(s.id) != 1 || len(s.onID) > 0 || len(s.freeContact) > 1 || len(s.callToken) > 1 || len(s.entryBody) > 1 {
		return nil
	}
	for _, call := range append(slices.Clone(s.freeCall), s.freeContactCall...) {
		if call != s.first[0] {
			return nil
		}
	}
	var contact, callContact, body, before, entry string
	var token, rec, number, ended int64
	if len(s.freeContact) > 0 {
		contact = s.freeContact[0]
	}
	if len(s.callToken) > 0 {
		if s.callCampaign[0] != s.campaign[0] || s.callRecord[0] != s.id[0] {
			return nil
		}
		token, rec, callContact = s.callToken[0], s.callRec[0], s.callContact[0]
		number, ended, body, before = s.callNumber[0], s.callEnded[0], s.callBody[0], s.callBefore[0]
	}
	if len(s.entryBody) > 0 {
		if s.entryCampaign[0] != s.campaign[0] || s.entryRecord[0] != s.id[0] {
			return nil
		}
		entry = s.entryBody[0]
	}
	return []any{revisions[0], s.campaign[0], s.id[0], s.first[0], s.token[0], s.holder[0], s.until[0], s.terms[0],
		s.wasVersion[0], s.wasLatest[0], s.wasPark[0], s.wasParked[0],
		s.status[0], s.qualifier[0], s.standing[0], s.lane[0], s.class[0], s.due[0], s.owner[0],
		s.parkUntil[0], s.parkReason[0], s.parkRevision[0], s.operation[0], s.version[0], s.latest[0], s.body[0],
		s.author[0], s.agent[0], s.called[0],
		s.place[0], s.next[0], s.promised[0], s.phones[0], ints(s.freeNumber), contact,
		token, rec, callContact, number, ended, body, before, entry, ints(s.traits.kind), strs(s.traits.value)}
}
