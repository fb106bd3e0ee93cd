package sqlstore

import (
	"hash/fnv"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// What of contacts two transactions must not do at the same time is guarded by
// locks that end with the transaction. Whoever writes a contact has that of its id
// alone, whoever gives a contact to a record has it with others, and whoever wants a
// key to be of one contact has that of the key. Rows and unique indexes are no such
// guard: the contact may be missing, and a key may be that of several. There are so
// many locks, as a server has room for few: what shares one waits for each other in
// vain, which is seldom and harmless. They are taken behind the rows of campaigns,
// all at once and in their order, so that nobody waits in a circle.
const (
	slots     = 256
	slotClass = 0x6e787463 // "nxtc" in its bytes

	wordsLock = `1853387875, 256` // slotClass, and behind its slots: that of all words of names
)

// The kinds of rows of nextcall_meet.
const (
	metPerson = iota // the contact n, with its body
	metAlias         // the id n, which has become another
	metOwner         // who has the key n
)

// pgMeet takes locks, those in _with together with others, and reads contacts, which
// ones ids have become, and who has keys, in the order of ids.
const pgMeet = `CREATE FUNCTION nextcall_meet(_class BIGINT, _lock BIGINT[], _with BIGINT[], _id TEXT[], _bodies BIGINT, _kind TEXT[], _value TEXT[])
	RETURNS TABLE (kind BIGINT, n BIGINT, id TEXT, body TEXT) LANGUAGE plpgsql VOLATILE` + planned + `AS $$
#variable_conflict use_column
DECLARE
	_s BIGINT;
BEGIN
	FOR _s IN SELECT s FROM generate_series(0, COALESCE(GREATEST(_lock[cardinality(_lock)], _with[cardinality(_with)]), -1)) s
		WHERE s = ANY(_lock) OR s = ANY(_with) ORDER BY s LOOP
		IF _s = ANY(_lock) THEN
			PERFORM pg_advisory_xact_lock(_class::int, _s::int);
		ELSE
			PERFORM pg_advisory_xact_lock_shared(_class::int, _s::int);
		END IF;
	END LOOP;
	IF cardinality(_id) > 0 THEN
		RETURN QUERY SELECT 0::bigint, u.n - 1, ''::text, c.body FROM (SELECT * FROM unnest(_id) WITH ORDINALITY LIMIT _bodies) u(id, n)
			CROSS JOIN LATERAL (SELECT c.body FROM nextcall_contact c WHERE c.id = u.id LIMIT 1) c;
		RETURN QUERY SELECT 1::bigint, u.n - 1, b.contact, ''::text FROM (SELECT * FROM unnest(_id) WITH ORDINALITY LIMIT cardinality(_id)) u(id, n)
			CROSS JOIN LATERAL (SELECT b.contact FROM nextcall_became b WHERE b.id = u.id LIMIT 1) b;
	END IF;
	IF cardinality(_kind) > 0 THEN
		RETURN QUERY SELECT 2::bigint, u.n - 1, k.contact, ''::text
			FROM (SELECT * FROM unnest(_kind, _value) WITH ORDINALITY LIMIT cardinality(_kind)) u(kind, value, n)
			CROSS JOIN LATERAL (SELECT k.contact FROM nextcall_contact_key k WHERE k.kind = u.kind AND k.value = u.value ORDER BY k.kind, k.value, k.contact) k;
	END IF;
END $$`

// pgCurrent reads which contact an id has become.
const pgCurrent = `CREATE FUNCTION nextcall_current(_id TEXT) RETURNS TABLE (contact TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT b.contact FROM nextcall_became b WHERE b.id = _id;
END $$`

// pgRecordsWith counts the records that have a contact.
const pgRecordsWith = `CREATE FUNCTION nextcall_records_with(_contact TEXT) RETURNS BIGINT LANGUAGE plpgsql STABLE` + planned + `AS $$
BEGIN
	RETURN (SELECT count(*) FROM (SELECT 1 FROM nextcall_record r WHERE r.contact = _contact AND r.contact <> '' ORDER BY r.contact, r.campaign, r.rec) r);
END $$`

// pgAlias makes an id, and those that gave it, give another contact, or none.
const pgAlias = `CREATE FUNCTION nextcall_alias(_id TEXT, _to TEXT) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	IF _to = '' THEN
		DELETE FROM nextcall_became b WHERE b.contact = _id;
		RETURN;
	END IF;
	UPDATE nextcall_became b SET contact = _to WHERE b.contact = _id;
	INSERT INTO nextcall_became (id, contact) VALUES (_id, _to) ON CONFLICT (id) DO UPDATE SET contact = excluded.contact;
END $$`

// pgCallsOfContact reads the calls of a contact, which nobody else writes from then on.
const pgCallsOfContact = `CREATE FUNCTION nextcall_calls_of_contact(_contact TEXT) RETURNS TABLE (campaign TEXT, body TEXT) LANGUAGE plpgsql VOLATILE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT c.campaign, c.body FROM nextcall_call c WHERE c.contact = _contact AND c.contact <> '' ORDER BY c.contact, c.ended, c.token FOR UPDATE;
END $$`

// pgPassCall gives a call to another contact.
const pgPassCall = `CREATE FUNCTION nextcall_pass_call(_contact TEXT, _body TEXT, _token BIGINT, _campaign TEXT) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	UPDATE nextcall_call c SET contact = _contact, body = _body WHERE c.token = _token AND c.campaign = _campaign;
END $$`

// pgUseWords writes words, which come in their order, with what each ends in.
const pgUseWords = `CREATE FUNCTION nextcall_use_words(_word TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	WITH w AS (INSERT INTO nextcall_word (word) SELECT u.* FROM unnest(_word) u ON CONFLICT DO NOTHING RETURNING word)
		INSERT INTO nextcall_suffix (suffix, word) SELECT substr(w.word, i), w.word FROM w, generate_series(2, char_length(w.word)) i
		ON CONFLICT DO NOTHING;
END $$`

// pgDropWords deletes words that no tail begins with, and what they end in. NOT EXISTS
// would be planned as a join, which reads all tails if there were few when it was.
const pgDropWords = `CREATE FUNCTION nextcall_drop_words(_word TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	_suffix TEXT[];
BEGIN
	_word := ARRAY(SELECT u.word FROM (SELECT * FROM unnest(_word) LIMIT cardinality(_word)) u(word)
		WHERE (SELECT 1 FROM nextcall_tail t WHERE t.kind = 0 AND t.tail >= u.word AND t.tail < u.word || '!' LIMIT 1) IS NULL
		AND (SELECT 1 FROM nextcall_tail t WHERE t.kind = 1 AND t.tail >= u.word AND t.tail < u.word || '!' LIMIT 1) IS NULL);
	DELETE FROM nextcall_word w USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_word) LIMIT cardinality(_word)) u(word)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_word x WHERE x.word = u.word LIMIT 1) x LIMIT cardinality(_word)) u WHERE w.ctid = u.at;
	_suffix := ARRAY(SELECT substr(u.word, i) FROM unnest(_word) u(word), generate_series(2, char_length(u.word)) i);
	_word := ARRAY(SELECT u.word FROM unnest(_word) u(word), generate_series(2, char_length(u.word)));
	DELETE FROM nextcall_suffix s USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_suffix, _word) LIMIT cardinality(_word)) u(suffix, word)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_suffix x WHERE x.suffix = u.suffix AND x.word = u.word LIMIT 1) x
		LIMIT cardinality(_word)) u WHERE s.ctid = u.at;
END $$`

// pgWritePeople writes contacts, with what they are found by. Whoever writes or deletes
// words is alone with them until the transaction ends, so that nobody begins to use one
// that is deleted, and so that of two who delete the last tails of a word one sees that
// there is none left. Locks of the words would be waited for in a circle: a
// transaction may write contacts more than once, and each time it begins at the first.
const pgWritePeople = `CREATE FUNCTION nextcall_write_people(_id TEXT[], _body TEXT[], _gone TEXT[],
	_drop_kind TEXT[], _drop_value TEXT[], _drop_contact TEXT[], _kind TEXT[], _value TEXT[], _contact TEXT[],
	_left_kind BIGINT[], _left_tail TEXT[], _left_contact TEXT[], _tail_kind BIGINT[], _tail TEXT[], _tail_contact TEXT[],
	_word TEXT[], _unused TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	DELETE FROM nextcall_contact c USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_gone) LIMIT cardinality(_gone)) u(id)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_contact x WHERE x.id = u.id LIMIT 1) x LIMIT cardinality(_gone)) u WHERE c.ctid = u.at;
	INSERT INTO nextcall_contact (id, body) SELECT u.* FROM unnest(_id, _body) u ON CONFLICT (id) DO UPDATE SET body = excluded.body;
	DELETE FROM nextcall_contact_key k USING (SELECT x.ctid AS at
		FROM (SELECT * FROM unnest(_drop_kind, _drop_value, _drop_contact) LIMIT cardinality(_drop_kind)) u(kind, value, contact)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_contact_key x WHERE x.kind = u.kind AND x.value = u.value AND x.contact = u.contact LIMIT 1) x
		LIMIT cardinality(_drop_kind)) u WHERE k.ctid = u.at;
	INSERT INTO nextcall_contact_key (kind, value, contact) SELECT u.* FROM unnest(_kind, _value, _contact) u ON CONFLICT DO NOTHING;
	DELETE FROM nextcall_tail t USING (SELECT x.ctid AS at
		FROM (SELECT * FROM unnest(_left_kind, _left_tail, _left_contact) LIMIT cardinality(_left_kind)) u(kind, tail, contact)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_tail x WHERE x.kind = u.kind AND x.tail = u.tail AND x.contact = u.contact LIMIT 1) x
		LIMIT cardinality(_left_kind)) u WHERE t.ctid = u.at;
	INSERT INTO nextcall_tail (kind, tail, contact) SELECT u.* FROM unnest(_tail_kind, _tail, _tail_contact) u ON CONFLICT DO NOTHING;
	IF COALESCE(cardinality(_word), 0) + COALESCE(cardinality(_unused), 0) > 0 THEN
		PERFORM pg_advisory_xact_lock(` + wordsLock + `);
		PERFORM nextcall_use_words(_word);
		PERFORM nextcall_drop_words(_unused);
	END IF;
END $$`

// meeting is what a transaction wants of contacts.
type meeting struct {
	lock, with []int64 // locks, in their order
	ids        []campaign.ContactID
	bodies     int // of so many of them the contacts are read; of the others only what they have become
	keys       []campaign.ContactKey
}

// slot is the lock of an id, of kind "", or of a key.
func slot(kind, value string) int64 {
	h := fnv.New32a()
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write([]byte(value))
	return int64(h.Sum32() % slots)
}

// meetingOf is what changes want.
func meetingOf(r *run, changes []*campaign.Change) (m meeting) {
	var ids, given []campaign.ContactID
	for _, ch := range changes {
		if c := ch.Contact; c != nil {
			ids = append(ids, c.ID)
			if ch.UniqueContact {
				m.keys = append(m.keys, c.Unique()...)
			}
		}
		for _, id := range []campaign.ContactID{ch.Merge, ch.Forget} {
			if id != "" {
				ids = append(ids, id)
			}
		}
		if x := ch.Record; x != nil && x.Contact != "" {
			if was := r.rows[keyOf(ch.Ref)]; was == nil || was.record.Contact != x.Contact {
				given = append(given, x.Contact)
			}
		}
	}
	for _, id := range ids {
		m.lock = append(m.lock, slot("", string(id)))
	}
	for _, k := range m.keys {
		m.lock = append(m.lock, slot(string(k.Kind), k.Value))
	}
	for _, id := range given {
		m.with = append(m.with, slot("", string(id)))
	}
	slices.Sort(m.lock)
	slices.Sort(m.with)
	m.lock, m.with = slices.Compact(m.lock), slices.Compact(m.with)
	m.ids = missing(ids, r.people.byID)
	m.bodies = len(m.ids)
	m.ids = append(m.ids, missing(given, r.people.byID)...)
	m.keys = missing(m.keys, r.people.owners)
	return m
}

// meetPeople waits until nobody else does to the contacts of changes what must not
// be done at the same time, and reads what will be asked of them.
func (e postgres) meetPeople(r *run, changes []*campaign.Change) error {
	return e.meet(r, meetingOf(r, changes))
}

func (postgres) meet(r *run, m meeting) error {
	if len(m.ids)+len(m.keys) == 0 {
		return nil
	}
	for _, id := range m.ids[:m.bodies] {
		r.people.byID[id] = &person{id: id}
	}
	for _, id := range m.ids[m.bodies:] {
		r.people.current[id] = id
	}
	kinds, values := make([]string, 0, len(m.keys)), make([]string, 0, len(m.keys))
	for _, k := range m.keys {
		kinds, values = append(kinds, string(k.Kind)), append(values, keptValue(k))
		r.people.owners[k] = nil
	}
	return r.each(func(from scanner) error {
		var kind, n int64
		var id campaign.ContactID
		var body string
		if err := from.Scan(&kind, &n, &id, &body); err != nil {
			return err
		}
		switch kind {
		case metPerson:
			return r.met(m.ids[n], "", body)
		case metAlias:
			if int(n) < m.bodies {
				return r.met(m.ids[n], id, "")
			}
			r.people.current[m.ids[n]] = id
		case metOwner:
			k := m.keys[n]
			r.people.owners[k] = append(r.people.owners[k], id)
		}
		return nil
	}, pgMeetPeople, slotClass, m.lock, m.with, texts(m.ids), m.bodies, kinds, values)
}

func (e postgres) people(r *run, ids []campaign.ContactID) error {
	return e.meet(r, meeting{ids: ids, bodies: len(ids)})
}

func (e postgres) owners(r *run, keys []campaign.ContactKey) error {
	return e.meet(r, meeting{keys: keys})
}

// flushPeople writes contacts in one statement.
func (postgres) flushPeople(r *run) error {
	if len(r.people.dirty) == 0 {
		return nil
	}
	var w peopleWritten
	for _, x := range r.people.dirty {
		w.add(r.st.layouts, x)
	}
	w.finish()
	return r.each(func(scanner) error { return nil }, pgFlushPeople, strs(w.id), strs(w.body), strs(w.gone),
		strs(w.dropped.kind), strs(w.dropped.value), strs(w.dropped.contact), strs(w.added.kind), strs(w.added.value), strs(w.added.contact),
		ints(w.left.kind), strs(w.left.text), strs(w.left.contact), ints(w.tails.kind), strs(w.tails.text), strs(w.tails.contact),
		strs(w.word), strs(w.unused))
}
