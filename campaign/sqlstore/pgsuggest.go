package sqlstore

import "github.com/nextcall/nextcall/campaign"

// pgTailsOf reads the first tails of ranges: of each so many, until there are _most.
const pgTailsOf = `CREATE FUNCTION nextcall_tails(_kind BIGINT[], _tail TEXT[], _contact TEXT[], _below TEXT[], _each BIGINT, _most BIGINT)
	RETURNS TABLE (n BIGINT, tail TEXT, contact TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT u.n - 1, t.tail, t.contact
		FROM (SELECT * FROM unnest(_kind, _tail, _contact, _below) WITH ORDINALITY LIMIT cardinality(_kind)) u(kind, tail, contact, below, n)
		CROSS JOIN LATERAL (SELECT t.tail, t.contact FROM nextcall_tail t WHERE t.kind = u.kind AND (t.tail, t.contact) > (u.tail, u.contact)
			AND t.tail < u.below ORDER BY t.tail, t.contact LIMIT _each) t LIMIT _most;
END $$`

// The words that have a suffix in a range, in the order of suffixes; those that
// contain a text, but not at their beginning, and those that end with one, in the
// order of words.
const (
	pgWordsIn = `CREATE FUNCTION nextcall_words_in(_from TEXT, _below TEXT, _most BIGINT) RETURNS TABLE (word TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT s.word FROM nextcall_suffix s WHERE s.suffix >= _from AND s.suffix < _below ORDER BY s.suffix, s.word LIMIT _most;
END $$`
	pgWordsWith = `CREATE FUNCTION nextcall_words_with(_text TEXT, _after TEXT, _most BIGINT) RETURNS TABLE (word TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT w.word FROM nextcall_word w WHERE w.word > _after AND strpos(substr(w.word, 2), _text) > 0 ORDER BY w.word LIMIT _most;
END $$`
	pgWordsEnding = `CREATE FUNCTION nextcall_words_ending(_text TEXT, _after TEXT, _most BIGINT) RETURNS TABLE (word TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT s.word FROM nextcall_suffix s WHERE s.suffix = _text AND s.word > _after ORDER BY s.suffix, s.word LIMIT _most;
END $$`
)

func (postgres) tails(r *run, ranges []*tailRange, each, most int) error {
	var kinds []int64
	var from, below, contacts []string
	for _, x := range ranges {
		kinds, from, below = append(kinds, int64(x.kind)), append(from, x.from), append(below, x.below)
		contacts = append(contacts, string(x.contact))
	}
	read := make([]int, len(ranges))
	total, last := 0, -1
	err := r.each(func(row scanner) error {
		var n int
		var text string
		var id campaign.ContactID
		if err := row.Scan(&n, &text, &id); err != nil {
			return err
		}
		ranges[n].add(text, id)
		read[n]++
		total++
		last = max(last, n)
		return nil
	}, pgReadTails, kinds, from, contacts, below, each, most)
	if err != nil {
		return err
	}
	for i, x := range ranges {
		if total == most && i >= last {
			if i == last {
				x.read(false)
			}
			continue // it ended before
		}
		x.read(read[i] < each)
	}
	return nil
}

func (rowwise) tails(r *run, ranges []*tailRange, each, most int) error {
	for _, x := range ranges {
		if most <= 0 {
			return nil
		}
		n := 0
		err := r.each(func(row scanner) error {
			var text string
			var id campaign.ContactID
			if err := row.Scan(&text, &id); err != nil {
				return err
			}
			x.add(text, id)
			n++
			return nil
		}, readTails, int64(x.kind), x.from, string(x.contact), x.below, each)
		if err != nil {
			return err
		}
		x.read(n < each)
		most -= n
	}
	return nil
}
