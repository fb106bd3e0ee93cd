package sqlstore

import (
	"hash/fnv"
	"slices"

	"github.com/nextcall/nextcall/campaign"
)

// What of contacts two transactions must not write at the same time is guarded by
// locks that end with the transaction: whoever writes a contact has that of its id,
// and whoever wants a key alone that of the key. The key may be missing or that of
// several contacts, so no row and no unique index can be its guard. There are so
// many locks, as a server keeps few: what shares one waits for each other in vain,
// which is seldom and harmless. They come behind the rows of campaigns, all at once
// and in their order, so that nobody waits in a circle.
const (
	slots     = 1024
	slotClass = 0x6e787463 // "nxtc" in its bytes
)

// pgSlots takes the locks.
const pgSlots = `CREATE FUNCTION nextcall_slots(_class BIGINT, _slot BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	_s BIGINT;
BEGIN
	FOREACH _s IN ARRAY _slot LOOP
		PERFORM pg_advisory_xact_lock(_class::int, _s::int);
	END LOOP;
END $$`

// pgPeople reads contacts, and which ones ids have become. What is neither it leaves out.
const pgPeople = `CREATE FUNCTION nextcall_people(_id TEXT[]) RETURNS TABLE (id TEXT, became TEXT, body TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT u.id, ''::text, c.body FROM (SELECT * FROM unnest(_id) LIMIT cardinality(_id)) u(id)
		CROSS JOIN LATERAL (SELECT c.body FROM nextcall_contact c WHERE c.id = u.id LIMIT 1) c;
	RETURN QUERY SELECT u.id, b.contact, ''::text FROM (SELECT * FROM unnest(_id) LIMIT cardinality(_id)) u(id)
		CROSS JOIN LATERAL (SELECT b.contact FROM nextcall_became b WHERE b.id = u.id LIMIT 1) b;
END $$`

// pgOwners reads who has keys, in the order of ids.
const pgOwners = `CREATE FUNCTION nextcall_owners(_kind TEXT[], _value TEXT[]) RETURNS TABLE (n BIGINT, contact TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT u.n - 1, k.contact FROM (SELECT * FROM unnest(_kind, _value) WITH ORDINALITY LIMIT cardinality(_kind)) u(kind, value, n)
		CROSS JOIN LATERAL (SELECT k.contact FROM nextcall_contact_key k WHERE k.kind = u.kind AND k.value = u.value ORDER BY k.contact) k;
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
const pgCallsOfContact = `CREATE FUNCTION nextcall_calls_of_contact(_contact TEXT) RETURNS TABLE (body TEXT) LANGUAGE plpgsql VOLATILE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT c.body FROM nextcall_call c WHERE c.contact = _contact AND c.contact <> '' ORDER BY c.contact, c.ended, c.token FOR UPDATE;
END $$`

// pgWritePeople writes contacts, with what they are found by. Of words that no tail
// begins with any longer those stay that another transaction uses just now: it has
// them locked as rows that must not go, so a word that it counts on is there.
const pgWritePeople = `CREATE FUNCTION nextcall_write_people(_id TEXT[], _body TEXT[], _gone TEXT[],
	_drop_kind TEXT[], _drop_value TEXT[], _drop_contact TEXT[], _kind TEXT[], _value TEXT[], _contact TEXT[],
	_left_kind BIGINT[], _left_tail TEXT[], _left_contact TEXT[], _tail_kind BIGINT[], _tail TEXT[], _tail_contact TEXT[],
	_word TEXT[], _unused TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE` + planned + `AS $$
DECLARE
	_new TEXT[];
	_n BIGINT;
BEGIN
	DELETE FROM nextcall_contact c USING (SELECT * FROM unnest(_gone) LIMIT cardinality(_gone)) u(id) WHERE c.id = u.id;
	INSERT INTO nextcall_contact (id, body) SELECT u.* FROM unnest(_id, _body) u ON CONFLICT (id) DO UPDATE SET body = excluded.body;
	DELETE FROM nextcall_contact_key k USING (SELECT * FROM unnest(_drop_kind, _drop_value, _drop_contact) LIMIT cardinality(_drop_kind)) u(kind, value, contact)
		WHERE k.kind = u.kind AND k.value = u.value AND k.contact = u.contact;
	INSERT INTO nextcall_contact_key (kind, value, contact) SELECT u.* FROM unnest(_kind, _value, _contact) u ON CONFLICT DO NOTHING;
	DELETE FROM nextcall_tail t USING (SELECT * FROM unnest(_left_kind, _left_tail, _left_contact) LIMIT cardinality(_left_kind)) u(kind, tail, contact)
		WHERE t.kind = u.kind AND t.tail = u.tail AND t.contact = u.contact;
	INSERT INTO nextcall_tail (kind, tail, contact) SELECT u.* FROM unnest(_tail_kind, _tail, _tail_contact) u ON CONFLICT DO NOTHING;
	LOOP
		WITH w AS (INSERT INTO nextcall_word (word) SELECT u.* FROM unnest(_word) u ON CONFLICT DO NOTHING RETURNING word)
			SELECT array_agg(w.word) INTO _new FROM w;
		INSERT INTO nextcall_suffix (suffix, word) SELECT substr(u.word, i), u.word FROM unnest(_new) u(word), generate_series(2, char_length(u.word)) i
			ON CONFLICT DO NOTHING;
		PERFORM 1 FROM (SELECT * FROM unnest(_word) LIMIT cardinality(_word)) u(word)
			CROSS JOIN LATERAL (SELECT 1 FROM nextcall_word w WHERE w.word = u.word LIMIT 1 FOR KEY SHARE) w;
		GET DIAGNOSTICS _n = ROW_COUNT;
		EXIT WHEN _n >= COALESCE(cardinality(_word), 0);
	END LOOP;
	IF cardinality(_unused) > 0 THEN
		_new := ARRAY(SELECT u.word FROM (SELECT * FROM unnest(_unused) LIMIT cardinality(_unused)) u(word)
			CROSS JOIN LATERAL (SELECT 1 FROM nextcall_word w WHERE w.word = u.word LIMIT 1 FOR UPDATE SKIP LOCKED) w);
		-- What another transaction has written since is seen by a statement of its own.
		_new := ARRAY(SELECT u.word FROM (SELECT * FROM unnest(_new) LIMIT cardinality(_new)) u(word)
			WHERE NOT EXISTS (SELECT 1 FROM nextcall_tail t WHERE t.kind = 0 AND t.tail >= u.word AND t.tail < u.word || '!' LIMIT 1)
			AND NOT EXISTS (SELECT 1 FROM nextcall_tail t WHERE t.kind = 1 AND t.tail >= u.word AND t.tail < u.word || '!' LIMIT 1));
		DELETE FROM nextcall_word w USING (SELECT * FROM unnest(_new) LIMIT cardinality(_new)) u(word) WHERE w.word = u.word;
		DELETE FROM nextcall_suffix s USING (SELECT substr(u.word, i), u.word FROM unnest(_new) u(word), generate_series(2, char_length(u.word)) i
			LIMIT 1000000) u(suffix, word) WHERE s.suffix = u.suffix AND s.word = u.word;
	END IF;
END $$`

// slotsOf are the locks that changes need, in their order, each once.
func slotsOf(changes []*campaign.Change) []int64 {
	var list []int64
	add := func(kind, value string) {
		h := fnv.New32a()
		h.Write([]byte(kind))
		h.Write([]byte{0})
		h.Write([]byte(value))
		list = append(list, int64(h.Sum32()%slots))
	}
	ids, keys := peopleOf(changes)
	for _, id := range ids {
		add("", string(id))
	}
	for _, k := range keys {
		add(string(k.Kind), k.Value)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// lockPeople waits until nobody else writes the contacts of changes.
func (postgres) lockPeople(r *run, changes []*campaign.Change) error {
	list := slotsOf(changes)
	if len(list) == 0 {
		return nil
	}
	return r.each(func(scanner) error { return nil }, pgTakeSlots, slotClass, list)
}

func (postgres) people(r *run, ids []campaign.ContactID) error {
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		r.people.byID[id] = &person{id: id}
	}
	return r.each(func(from scanner) error {
		var id, became campaign.ContactID
		var body string
		if err := from.Scan(&id, &became, &body); err != nil {
			return err
		}
		return r.meet(id, became, body)
	}, pgReadPeople, texts(ids))
}

func (postgres) owners(r *run, keys []campaign.ContactKey) error {
	if len(keys) == 0 {
		return nil
	}
	var kinds, values []string
	for _, k := range keys {
		kinds, values = append(kinds, string(k.Kind)), append(values, keptValue(k))
		r.people.owners[k] = nil
	}
	return r.each(func(from scanner) error {
		var n int64
		var id campaign.ContactID
		err := from.Scan(&n, &id)
		if err == nil {
			r.people.owners[keys[n]] = append(r.people.owners[keys[n]], id)
		}
		return err
	}, pgReadOwners, kinds, values)
}

// ahead reads the contacts of changes and who has their keys, in one statement each.
func (e postgres) ahead(r *run, changes []*campaign.Change) error {
	ids, keys := peopleOf(changes)
	if len(ids) == 0 {
		return nil
	}
	if err := e.people(r, missing(ids, r.people.byID)); err != nil {
		return err
	}
	return e.owners(r, missing(keys, r.people.owners))
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
