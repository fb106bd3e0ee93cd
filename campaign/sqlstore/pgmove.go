package sqlstore

import (
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// pgLeave takes records from the campaigns that they leave, with all that is led by
// a campaign: their calls, lines and actions go with them, the rest is written anew.
const pgLeave = `CREATE FUNCTION nextcall_leave(_campaign TEXT[], _id TEXT[], _to TEXT[], _rec BIGINT[]) RETURNS VOID
LANGUAGE plpgsql VOLATILE` + planned + `AS $$
BEGIN
	DELETE FROM nextcall_queue q USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_campaign, _id) LIMIT cardinality(_id)) u(campaign, id)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_queue x WHERE x.campaign = u.campaign AND x.id = u.id LIMIT 1) x LIMIT cardinality(_id)) u WHERE q.ctid = u.at;
	DELETE FROM nextcall_record r USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_campaign, _id) LIMIT cardinality(_id)) u(campaign, id)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_record x WHERE x.campaign = u.campaign AND x.id = u.id LIMIT 1) x LIMIT cardinality(_id)) u WHERE r.ctid = u.at;
	DELETE FROM nextcall_wide w USING (SELECT x.ctid AS at FROM (SELECT * FROM unnest(_campaign, _id) LIMIT cardinality(_id)) u(campaign, id)
		CROSS JOIN LATERAL (SELECT x.ctid FROM nextcall_wide x WHERE x.campaign = u.campaign AND x.record = u.id LIMIT 1) x LIMIT cardinality(_id)) u WHERE w.ctid = u.at;
	UPDATE nextcall_call c SET campaign = u.target, rec = u.rec
		FROM (SELECT * FROM unnest(_campaign, _id, _to, _rec) LIMIT cardinality(_id)) u(campaign, id, target, rec)
		CROSS JOIN LATERAL (SELECT x.ctid AS at FROM nextcall_call x WHERE x.campaign = u.campaign AND x.record = u.id AND x.rec <> 0 ORDER BY x.ended, x.token) x
		WHERE c.ctid = x.at;
	UPDATE nextcall_entry e SET campaign = u.target
		FROM (SELECT * FROM unnest(_campaign, _id, _to) LIMIT cardinality(_id)) u(campaign, id, target)
		CROSS JOIN LATERAL (SELECT x.ctid AS at FROM nextcall_entry x WHERE x.campaign = u.campaign AND x.record = u.id ORDER BY x.entry) x
		WHERE e.ctid = x.at;
	UPDATE nextcall_action a SET campaign = u.target
		FROM (SELECT * FROM unnest(_campaign, _id, _to) LIMIT cardinality(_id)) u(campaign, id, target)
		CROSS JOIN LATERAL (SELECT x.ctid AS at FROM nextcall_action x WHERE x.campaign = u.campaign AND x.record = u.id AND x.done = 0 ORDER BY x.place) x
		WHERE a.ctid = x.at;
END $$`

// pgHomeOfCall finds the record of a call in whatever campaign it is: a token leads
// no key, so that each campaign is asked.
const pgHomeOfCall = `CREATE FUNCTION nextcall_home_of_call(_token BIGINT) RETURNS TABLE (campaign TEXT, record TEXT, body TEXT)
LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT c.campaign, c.record, c.body FROM nextcall_campaign k
		CROSS JOIN LATERAL (SELECT * FROM nextcall_call c WHERE c.campaign = k.id AND c.token = _token LIMIT 1) c WHERE c.rec <> 0 LIMIT 1;
END $$`

// pgUniques finds the first record of campaigns that has a contact, and the first of
// another standing that has a number; those that nobody has it leaves out.
const pgUniques = `CREATE FUNCTION nextcall_uniques(_campaign TEXT[], _contact TEXT[], _number_campaign TEXT[], _number BIGINT[], _standing BIGINT)
RETURNS TABLE (kind BIGINT, n BIGINT, id TEXT) LANGUAGE plpgsql STABLE` + planned + `AS $$
#variable_conflict use_column
BEGIN
	IF cardinality(_contact) > 0 THEN
		RETURN QUERY SELECT 4::bigint, u.n - 1, f.id FROM (SELECT * FROM unnest(_campaign, _contact) WITH ORDINALITY LIMIT cardinality(_contact)) u(campaign, contact, n)
			CROSS JOIN LATERAL (SELECT r.id FROM nextcall_record r WHERE r.contact = u.contact AND r.contact <> '' AND r.campaign = u.campaign
				ORDER BY r.contact, r.campaign, r.rec LIMIT 1) f;
	END IF;
	IF cardinality(_number) > 0 THEN
		RETURN QUERY SELECT 3::bigint, u.n - 1, f.id FROM (SELECT * FROM unnest(_number_campaign, _number) WITH ORDINALITY LIMIT cardinality(_number)) u(campaign, number, n)
			CROSS JOIN LATERAL (SELECT f.id FROM nextcall_first_of_number(u.number, u.campaign, _standing) f) f;
	END IF;
END $$`

// ahead reads what must be unique of the records that come to campaigns.
func (postgres) ahead(r *run, changes []*campaign.Change) error {
	var contactsOf, contacts, numbersIn []string
	var list []int64
	var asked [2][]unique // numbers, contacts
	for _, ch := range changes {
		x := ch.Record
		if x == nil || !ch.Add && !ch.Move {
			continue
		}
		if x.Contact != "" {
			contactsOf, contacts = append(contactsOf, string(x.Campaign)), append(contacts, string(x.Contact))
			asked[1] = append(asked[1], unique{x.Campaign, guarded{contact: x.Contact}})
		}
		if !ch.UniqueNumbers {
			continue
		}
		for _, n := range numbersOf(x) {
			numbersIn, list = append(numbersIn, string(x.Campaign)), append(list, int64(n))
			asked[0] = append(asked[0], unique{x.Campaign, guarded{number: n}})
		}
	}
	if len(contacts)+len(list) < 2 {
		return nil
	}
	r.uniques = make(map[unique]campaign.RecordID)
	for _, u := range append(asked[0], asked[1]...) {
		r.uniques[u] = ""
	}
	return r.each(func(from scanner) error {
		var kind, n int64
		var id campaign.RecordID
		err := from.Scan(&kind, &n, &id)
		if err == nil {
			r.uniques[asked[kind-foundNumber][n]] = id
		}
		return err
	}, pgReadUniques, contactsOf, contacts, numbersIn, list, int64(status.StandingClosed))
}

// join takes the lock of a campaign whose lock begin has not taken. The locks are
// not taken in their order then: of two that wait for each other one begins again.
func (postgres) join(r *run, id campaign.ID) (bool, error) {
	if r.known[id] != nil {
		return false, nil
	}
	if _, err := r.exec(pgJoin, []string{string(id)}); err != nil {
		return false, err
	}
	_, err := r.campaign(id)
	return true, err
}
