package sqlstore

import "slices"

// marks are the lowest places of records that wait from now on, one for each lane:
// the marks of lanes go no further, see the table of lanes.
type marks struct {
	campaign              words
	lane                  numbers
	class                 words
	place                 numbers
	first, second, sorted numbers // what the place is ordered by

	at map[markOf]int
}

type markOf struct {
	lane
	place int
}

// add adds a record that waits.
func (m *marks) add(x *row) {
	r := &x.record
	var key [3]int64
	switch x.place {
	case dated:
		key = [3]int64{micros(r.Due), r.Sort, r.Sequence}
	case keyed:
		key = [3]int64{r.Sort, r.Key, r.Sequence}
	default:
		return
	}
	l := markOf{lane{r.Campaign, r.Class, int64(r.Lane)}, x.place}
	i, ok := m.at[l]
	if !ok {
		if m.at == nil {
			m.at = make(map[markOf]int)
		}
		m.at[l] = len(m.place)
		m.campaign, m.lane, m.class = append(m.campaign, string(l.campaign)), append(m.lane, l.lane.lane), append(m.class, l.class)
		m.place, m.first = append(m.place, int64(x.place)), append(m.first, key[0])
		m.second, m.sorted = append(m.second, key[1]), append(m.sorted, key[2])
	} else if slices.Compare(key[:], []int64{m.first[i], m.second[i], m.sorted[i]}) < 0 {
		m.first[i], m.second[i], m.sorted[i] = key[0], key[1], key[2]
	}
}

func (m *marks) args() []any {
	return []any{strs(m.campaign), ints(m.lane), strs(m.class), ints(m.place), ints(m.first), ints(m.second), ints(m.sorted)}
}

// What lowers the marks of lanes, in a function that has these parameters.
const (
	pgMarks = `_mark_campaign TEXT[], _mark_lane BIGINT[], _mark_class TEXT[], _mark_place BIGINT[], _mark_a BIGINT[], _mark_b BIGINT[], _mark_c BIGINT[]`

	pgLowerLanes = `IF 1 = ANY(_mark_place) THEN
		UPDATE nextcall_lane z SET date_due = u.a, date_sorting = u.b, date_sequence = u.c
			` + pgMarked + `1 AND (u.a, u.b, u.c) < (x.date_due, x.date_sorting, x.date_sequence)` + pgOfMark + `
	END IF;
	IF 2 = ANY(_mark_place) THEN
		UPDATE nextcall_lane z SET key_sorting = u.a, key_key = u.b, key_sequence = u.c
			` + pgMarked + `2 AND (u.a, u.b, u.c) < (x.key_sorting, x.key_key, x.key_sequence)` + pgOfMark + `
	END IF;`
	pgMarked = `FROM (SELECT * FROM unnest(_mark_campaign, _mark_lane, _mark_class, _mark_place, _mark_a, _mark_b, _mark_c)
				LIMIT cardinality(_mark_place)) u(campaign, lane, class, place, a, b, c)
			CROSS JOIN LATERAL (SELECT x.ctid AS at FROM nextcall_lane x
				WHERE x.campaign = u.campaign AND x.lane = u.lane AND x.class = u.class AND u.place = `
	pgOfMark = ` LIMIT 1) x WHERE z.ctid = x.at;`
)
