package sqlstore

// statement is one of the statements that are prepared when a store is opened.
type statement int

const (
	takeTurn statement = iota
	endTurn
	readRevision
	writeRevision
	endParks
	beginParks
	wakeParked
	firstParked
	writeLane
	readLanes

	readRecord
	addRecord
	writeRecord
	moveRecord
	judgeRecord
	leaseRecord
	unparkNumber
	writeWide
	dropRecord
	dropWide
	addNumber
	dropNumber
	contactInCampaign
	numberInCampaign
	readContact
	contactsOf
	writeContact
	dropContact
	readPerson
	ownersOf
	addKey
	dropKey
	readAlias
	writeAlias
	passAliases
	dropAliases
	recordsWith
	callsOfContact
	passCall
	addTail
	dropTail
	addWord
	dropWord
	addSuffixes
	dropSuffixes
	readTails
	wordsIn
	wordsWith
	wordsEnding

	listDated
	listOwned
	listKeyed
	pickDated
	pickOwned
	pickKeyed
	firstEarly
	ripen
	readHeads
	readWakes
	readOwnHeads
	readOwners

	readLease
	addLease
	writeLease
	dropLease
	overLeases
	firstExpiry
	allLeases
	holdNumber
	holdContact
	numberHolder
	contactHolder
	freeNumber
	freeContact
	passNumber
	passContact

	readCall
	homeOfCall
	writeCall
	moveCalls
	callsOfRecord
	callsAround
	callsTogether
	callsOfNumber
	addEntry
	writeEntry
	moveEntries
	entriesOfRecord
	linesOfRecord

	addAction
	withdrawActions
	moveActions
	acknowledgeAction
	actionPlace
	openActions
	readListed
	readListedEntry
	writeListed
	dropListed

	allCampaigns
	rollPage
	recordsOfContact
	recordsOfNumber
	sequenceOf

	readDefinition
	newestDefinitions
	writeDefinition

	// What only PostgreSQL knows.
	pgBeginRun
	pgLoadRecords
	pgReadHolders
	pgTakeGuards
	pgReadHistory
	pgPick
	pgLease
	pgClaimAlone
	pgLeaveRecords
	pgReadUniques
	pgJoin
	pgAddRecords
	pgWriteBelongings
	pgWriteRun
	pgSettleRun
	pgSettleAlone
	pgBareRun
	pgRaiseSequence
	pgTokens
	pgRecs
	pgForgetCall
	pgAddWith
	pgDropWith
	pgMeetPeople
	pgReadTails
	pgFlushPeople
	pgTables
	pgLookAll
	pgReadListed

	numStatements
)

// recordColumns are what a row of a record is read from, see row.scan.
const recordColumns = recordItself + recordTables

const recordItself = `r.rec, r.campaign, r.id, r.contact, r.list, r.status, r.qualifier, r.standing, r.lane, r.class, r.due, r.owner,
	r.sorting, r.sort_key, r.sequence, r.park_until, r.park_reason, r.park_revision, r.operation, r.version, r.place, r.lease,
	r.latest, r.body, COALESCE(w.body, '')`

const recordTables = ` FROM nextcall_record r LEFT JOIN nextcall_wide w ON w.rec = r.rec `

// leaseColumns are those of the lease that holds the record, or of none.
const leaseColumns = `, COALESCE(l.token, 0), COALESCE(l.until, 0), COALESCE(l.campaign, ''), COALESCE(l.record, ''), COALESCE(l.holder, ''), COALESCE(l.body, '')`

// awake is what a record that is not parked matches: at the revision ?1 and the instant ?2.
const awake = `(+r.park_revision <> ?1 OR r.park_until <= ?2)`

// unindexed is the place of a record that was parked and now waits.
const unindexed = `CASE WHEN lane IN (4, 6) AND due = -62135596800000000 THEN 2 ELSE 1 END`

// inDate and inKey are the two orders in which records are served.
const (
	inDate = `ORDER BY r.due, r.sorting, r.sequence, r.rec `
	inKey  = `ORDER BY r.sorting, r.sort_key, r.sequence, r.rec `
)

// moves are the columns that each call moves. What it does not move a statement does
// not name: SQLite writes every index of which a column is named.
const moves = `standing = ?2, lane = ?3, due = ?4, version = ?5, place = ?6, lease = ?7, latest = ?8, body = ?9, called = ?10`

// suffixes are those of the word ?1.
const suffixes = `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < length(?1))
		SELECT substr(?1, i) AS suffix FROM n WHERE i <= length(?1)`

// A +column is one that the planner is not to look at. Records of the lanes fresh
// and last are read in their order, and few of those that come first are not due.
// And where SQLite compares an argument with the condition of an index, or finds
// one alone behind LIMIT, it plans the statement again at each use.
var statements = [numStatements]string{
	takeTurn:      `UPDATE nextcall_counter SET turn = turn + 1 WHERE one = 1 RETURNING turn, token, sequence, rec`,
	endTurn:       `UPDATE nextcall_counter SET token = ?1, sequence = ?2, rec = ?3 WHERE one = 1`,
	readRevision:  `SELECT revision FROM nextcall_campaign WHERE id = ?1`,
	writeRevision: `INSERT INTO nextcall_campaign (id, revision) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET revision = excluded.revision`,
	endParks:      `UPDATE nextcall_record SET place = ` + unindexed + ` WHERE campaign = ?1 AND place = 3 AND +park_revision <> ?2`,
	beginParks: `UPDATE nextcall_record SET place = 3 WHERE campaign = ?1 AND park_revision = ?2 AND park_revision <> 0
		AND place <> 0 AND park_until <> -62135596800000000`,
	wakeParked:  `UPDATE nextcall_record SET place = ` + unindexed + ` WHERE campaign = ?1 AND place = 3 AND park_until <= ?2`,
	firstParked: `SELECT park_until FROM nextcall_record WHERE campaign = ?1 AND place = 3 ORDER BY park_until LIMIT 1`,
	writeLane:   `INSERT INTO nextcall_lane (campaign, class, lane) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`,
	readLanes:   `SELECT class, lane FROM nextcall_lane WHERE campaign = ?1`,

	readRecord: `SELECT ` + recordItself + leaseColumns + recordTables + `LEFT JOIN nextcall_lease l ON l.call = r.lease
		WHERE r.campaign = ?1 AND r.id = ?2`,
	addRecord: `INSERT INTO nextcall_record (rec, campaign, id, contact, list, status, qualifier, standing, lane, class, due, owner,
		sorting, sort_key, sequence, park_until, park_reason, park_revision, operation, version, place, lease, latest, body, external, main, author, agent, called)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29)`,
	writeRecord: `UPDATE nextcall_record SET contact = ?2, list = ?3, status = ?4, qualifier = ?5, standing = ?6, lane = ?7, class = ?8,
		due = ?9, owner = ?10, sorting = ?11, sort_key = ?12, sequence = ?13, park_until = ?14, park_reason = ?15, park_revision = ?16,
		operation = ?17, version = ?18, place = ?19, lease = ?20, latest = ?21, body = ?22,
		external = ?23, main = ?24, author = ?25, agent = ?26, called = ?27 WHERE rec = ?1`,
	moveRecord:  `UPDATE nextcall_record SET ` + moves + ` WHERE rec = ?1`,
	judgeRecord: `UPDATE nextcall_record SET ` + moves + `, status = ?11, qualifier = ?12, operation = ?13, author = ?14, agent = ?15 WHERE rec = ?1`,
	leaseRecord: `UPDATE nextcall_record SET place = ?2, lease = ?3 WHERE rec = ?1`,
	unparkNumber: `UPDATE nextcall_record SET park_until = -62135596800000000, park_reason = 0, park_revision = 0,
		place = CASE WHEN place = 3 THEN ` + unindexed + ` ELSE place END
		WHERE rec IN (SELECT n.rec FROM nextcall_number n WHERE n.number = ?1)
		AND (park_until <> -62135596800000000 OR park_reason <> 0 OR park_revision <> 0)`,
	writeWide:         `INSERT INTO nextcall_wide (rec, body) VALUES (?1, ?2) ON CONFLICT (rec) DO UPDATE SET body = excluded.body`,
	dropRecord:        `DELETE FROM nextcall_record WHERE rec = ?1`,
	dropWide:          `DELETE FROM nextcall_wide WHERE rec = ?1`,
	addNumber:         `INSERT INTO nextcall_number (number, rec) VALUES (?1, ?2) ON CONFLICT DO NOTHING`,
	dropNumber:        `DELETE FROM nextcall_number WHERE number = ?1 AND rec = ?2`,
	contactInCampaign: `SELECT id FROM nextcall_record WHERE contact = ?1 AND contact <> '' AND campaign = ?2 ORDER BY rec LIMIT 1`,
	numberInCampaign: `SELECT r.id FROM nextcall_number n JOIN nextcall_record r ON r.rec = n.rec
		WHERE n.number = ?1 AND r.campaign = ?2 AND r.standing <> ?3 ORDER BY n.rec LIMIT 1`,
	contactsOf:   contactsTogether,
	readContact:  `SELECT body FROM nextcall_contact WHERE id = ?1`,
	writeContact: `INSERT INTO nextcall_contact (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
	dropContact:  `DELETE FROM nextcall_contact WHERE id = ?1`,
	readPerson: `SELECT COALESCE((SELECT contact FROM nextcall_became WHERE id = ?1), ''),
		COALESCE((SELECT body FROM nextcall_contact WHERE id = ?1), '')`,
	ownersOf:    `SELECT contact FROM nextcall_contact_key WHERE kind = ?1 AND value = ?2 ORDER BY contact`,
	addKey:      `INSERT INTO nextcall_contact_key (kind, value, contact) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`,
	dropKey:     `DELETE FROM nextcall_contact_key WHERE kind = ?1 AND value = ?2 AND contact = ?3`,
	readAlias:   `SELECT contact FROM nextcall_became WHERE id = ?1`,
	writeAlias:  `INSERT INTO nextcall_became (id, contact) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET contact = excluded.contact`,
	passAliases: `UPDATE nextcall_became SET contact = ?2 WHERE contact = ?1`,
	dropAliases: `DELETE FROM nextcall_became WHERE contact = ?1`,
	addTail:     `INSERT INTO nextcall_tail (kind, tail, contact) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`,
	dropTail:    `DELETE FROM nextcall_tail WHERE kind = ?1 AND tail = ?2 AND contact = ?3`,
	addWord:     `INSERT INTO nextcall_word (word) VALUES (?1) ON CONFLICT DO NOTHING`,
	dropWord: `DELETE FROM nextcall_word WHERE word = ?1
		AND NOT EXISTS (SELECT 1 FROM nextcall_tail t WHERE t.kind = 0 AND t.tail >= ?1 AND t.tail < ?1 || '!')
		AND NOT EXISTS (SELECT 1 FROM nextcall_tail t WHERE t.kind = 1 AND t.tail >= ?1 AND t.tail < ?1 || '!')`,
	addSuffixes:  `INSERT INTO nextcall_suffix (suffix, word) SELECT s.suffix, ?1 FROM (` + suffixes + `) s WHERE true ON CONFLICT DO NOTHING`,
	dropSuffixes: `DELETE FROM nextcall_suffix WHERE (suffix, word) IN (SELECT s.suffix, ?1 FROM (` + suffixes + `) s)`,
	readTails: `SELECT tail, contact FROM nextcall_tail WHERE kind = ?1 AND (tail, contact) > (?2, ?3) AND tail < ?4
		ORDER BY tail, contact LIMIT CAST(?5 AS BIGINT)`,
	wordsIn:        `SELECT word FROM nextcall_suffix WHERE suffix >= ?1 AND suffix < ?2 ORDER BY suffix, word LIMIT CAST(?3 AS BIGINT)`,
	wordsWith:      `SELECT word FROM nextcall_word WHERE word > ?2 AND instr(substr(word, 2), ?1) > 0 ORDER BY word LIMIT CAST(?3 AS BIGINT)`,
	wordsEnding:    `SELECT word FROM nextcall_suffix WHERE suffix = ?1 AND word > ?2 ORDER BY word LIMIT CAST(?3 AS BIGINT)`,
	recordsWith:    `SELECT COUNT(*) FROM nextcall_record WHERE contact = ?1 AND contact <> ''`,
	callsOfContact: `SELECT campaign, body FROM nextcall_call WHERE contact = ?1 AND contact <> ''`,
	passCall:       `UPDATE nextcall_call SET contact = ?1, body = ?2 WHERE token = ?3`,

	listDated: `SELECT ` + recordColumns + `WHERE r.campaign = ?1 AND r.lane = ?2 AND r.class = ?3 AND r.due <= ?4 AND r.place = 1 ` + inDate + `LIMIT CAST(?5 AS BIGINT)`,
	listOwned: `SELECT ` + recordColumns + `WHERE r.campaign = ?1 AND r.lane = ` + own + ` AND r.class = ?2 AND r.due <= ?3 AND r.place = 1
		AND r.owner <> '' AND r.owner = ?5 ` + inDate + `LIMIT CAST(?4 AS BIGINT)`,
	listKeyed: `SELECT ` + recordColumns + `WHERE r.campaign = ?1 AND r.lane = ?2 AND r.class = ?3 AND r.place = 2 ` + inKey + `LIMIT CAST(?4 AS BIGINT)`,
	pickDated: `SELECT ` + recordColumns + `WHERE ` + awake + ` AND r.campaign = ?3 AND r.lane = ?4 AND r.class = ?5 AND r.due <= ?6 AND r.place = 1 ` + inDate + `LIMIT 1`,
	pickOwned: `SELECT ` + recordColumns + `WHERE ` + awake + ` AND r.campaign = ?3 AND r.lane = ` + own + ` AND r.class = ?4 AND r.due <= ?5 AND r.place = 1
		AND r.owner <> '' AND r.owner = ?6 ` + inDate + `LIMIT 1`,
	pickKeyed:  `SELECT ` + recordColumns + `WHERE ` + awake + ` AND r.campaign = ?3 AND r.lane = ?4 AND r.class = ?5 AND +r.due <= ?6 AND r.place = 2 ` + inKey + `LIMIT 1`,
	firstEarly: `SELECT r.due FROM nextcall_record r WHERE r.campaign = ?1 AND r.lane = ?2 AND r.class = ?3 AND r.place = 1 ORDER BY r.due LIMIT 1`,
	ripen:      `UPDATE nextcall_record SET place = 2 WHERE campaign = ?1 AND lane = ?2 AND class = ?3 AND place = 1 AND due <= ?4`,
	readHeads: `SELECT l.class, l.lane,
		(SELECT r.due FROM nextcall_record r WHERE ` + awake + ` AND r.campaign = l.campaign AND r.lane = l.lane AND r.class = l.class AND r.place = 1
			ORDER BY r.due LIMIT 1),
		(SELECT r.due FROM nextcall_record r WHERE ` + awake + ` AND r.campaign = l.campaign AND r.lane = l.lane AND r.class = l.class AND r.place = 2
			ORDER BY r.due LIMIT 1)
		FROM nextcall_lane l WHERE l.campaign = ?3 ORDER BY l.class, l.lane`,
	readWakes: `SELECT c.class, (SELECT r.park_until FROM nextcall_record r WHERE r.campaign = ?3 AND r.class = c.class AND r.park_revision = ?1
		AND r.park_until > ?2 AND r.place <> 0 AND r.park_until <> -62135596800000000 ORDER BY r.park_until LIMIT 1)
		FROM (SELECT DISTINCT class FROM nextcall_lane WHERE campaign = ?3) c`,
	readOwnHeads: `SELECT l.class, (SELECT r.due FROM nextcall_record r WHERE ` + awake + ` AND r.campaign = l.campaign AND r.class = l.class
		AND r.place = 1 AND r.lane = ` + own + ` AND r.owner <> '' AND r.owner = ?4 ORDER BY r.due LIMIT 1)
		FROM nextcall_lane l WHERE l.campaign = ?3 AND l.lane = ` + own,
	readOwners: `SELECT r.class, r.owner, MIN(r.due) FROM nextcall_record r WHERE ` + awake + ` AND r.campaign = ?3
		AND r.place = 1 AND r.lane = ` + own + ` AND r.owner <> '' GROUP BY r.class, r.owner ORDER BY r.class, r.owner`,

	readLease:     `SELECT token, until, campaign, record, holder, body FROM nextcall_lease WHERE call = ?1`,
	addLease:      `INSERT INTO nextcall_lease (call, token, campaign, record, holder, until, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
	writeLease:    `UPDATE nextcall_lease SET token = ?2, holder = ?3, until = ?4, body = ?5 WHERE call = ?1`,
	dropLease:     `DELETE FROM nextcall_lease WHERE call = ?1`,
	overLeases:    `SELECT call, token, until, campaign, record FROM nextcall_lease WHERE campaign = ?1 AND until <= ?2 ORDER BY until, token LIMIT CAST(?3 AS BIGINT)`,
	firstExpiry:   `SELECT until FROM nextcall_lease WHERE campaign = ?1 ORDER BY until LIMIT 1`,
	allLeases:     `SELECT campaign, record, body FROM nextcall_lease`,
	holdNumber:    `INSERT INTO nextcall_held_number (number, call) VALUES (?1, ?2) ON CONFLICT DO NOTHING`,
	holdContact:   `INSERT INTO nextcall_held_contact (contact, call) VALUES (?1, ?2) ON CONFLICT DO NOTHING`,
	numberHolder:  `SELECT call FROM nextcall_held_number WHERE number = ?1`,
	contactHolder: `SELECT call FROM nextcall_held_contact WHERE contact = ?1`,
	freeNumber:    `DELETE FROM nextcall_held_number WHERE number = ?1 AND call = ?2`,
	freeContact:   `DELETE FROM nextcall_held_contact WHERE contact = ?1 AND call = ?2`,
	passNumber:    `UPDATE nextcall_held_number SET call = ?2 WHERE number = ?1`,
	passContact:   `UPDATE nextcall_held_contact SET call = ?2 WHERE contact = ?1`,

	readCall:   `SELECT body, before_call, rec FROM nextcall_call WHERE token = ?1`,
	homeOfCall: `SELECT r.campaign, r.id, c.body FROM nextcall_call c JOIN nextcall_record r ON r.rec = c.rec WHERE c.token = ?1`,
	moveCalls:  `UPDATE nextcall_call SET rec = ?2 WHERE rec = ?1 AND rec <> 0`,
	writeCall: `INSERT INTO nextcall_call (token, campaign, record, rec, contact, number, ended, body, before_call) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
		ON CONFLICT (token) DO UPDATE SET campaign = excluded.campaign, record = excluded.record, rec = excluded.rec, contact = excluded.contact,
		number = excluded.number, ended = excluded.ended, body = excluded.body, before_call = excluded.before_call`,
	callsOfRecord: `SELECT ended, token, body FROM nextcall_call WHERE rec = ?1 AND rec <> 0 AND ended >= ?2 ORDER BY ended, token`,
	callsAround: `SELECT ?5, ended, token, body FROM nextcall_call WHERE rec = ?1 AND rec <> 0 AND ended >= ?4
		UNION ALL SELECT ?5, ended, token, body FROM nextcall_call WHERE number = ?2 AND number <> 0 AND +rec <> ?1 AND ended >= ?4
		UNION ALL SELECT ?5, ended, token, body FROM nextcall_call WHERE contact = ?3 AND contact <> '' AND +rec <> ?1 AND ended >= ?4`,
	callsTogether:   readTogether,
	callsOfNumber:   `SELECT 0, ended, token, body FROM nextcall_call WHERE number = ?1 AND number <> 0 AND ended >= ?2`,
	addEntry:        `INSERT INTO nextcall_entry (rec, body) VALUES (?1, ?2)`,
	entriesOfRecord: `SELECT body FROM nextcall_entry WHERE rec = ?1 ORDER BY entry`,
	linesOfRecord:   `SELECT entry, body FROM nextcall_entry WHERE rec = ?1 ORDER BY entry`,
	writeEntry:      `UPDATE nextcall_entry SET body = ?2 WHERE entry = ?1`,
	moveEntries:     `UPDATE nextcall_entry SET rec = ?2 WHERE rec = ?1`,

	addAction:         `INSERT INTO nextcall_action (id, campaign, record, done, body) VALUES (?1, ?2, ?3, 0, ?4) ON CONFLICT (id) DO NOTHING`,
	withdrawActions:   `UPDATE nextcall_action SET done = 1, body = '' WHERE campaign = ?1 AND record = ?2 AND done = 0`,
	moveActions:       `UPDATE nextcall_action SET campaign = ?3 WHERE campaign = ?1 AND record = ?2 AND done = 0`,
	acknowledgeAction: `UPDATE nextcall_action SET done = 1, body = '' WHERE id = ?1 AND done = 0`,
	actionPlace:       `SELECT place FROM nextcall_action WHERE id = ?1`,
	openActions:       `SELECT campaign, body FROM nextcall_action WHERE done = 0 AND place > ?1 ORDER BY place LIMIT CAST(?2 AS BIGINT)`,
	readListed:        `SELECT list, author, reason, added, until FROM nextcall_listed WHERE number = ?1`,
	readListedEntry:   `SELECT author, reason, added, until FROM nextcall_listed WHERE number = ?1 AND list = ?2`,
	writeListed: `INSERT INTO nextcall_listed (number, list, author, reason, added, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
		ON CONFLICT (number, list) DO UPDATE SET author = excluded.author, reason = excluded.reason, added = excluded.added, until = excluded.until`,
	dropListed: `DELETE FROM nextcall_listed WHERE number = ?1 AND list = ?2`,

	allCampaigns: `SELECT id, revision FROM nextcall_campaign ORDER BY id`,
	rollPage: `SELECT ` + recordColumns + `WHERE r.campaign = ?1 AND (r.sequence, r.rec) > (?2, ?3)
		ORDER BY r.sequence, r.rec LIMIT CAST(?4 AS BIGINT)`,
	recordsOfContact: `SELECT campaign, sequence, rec, id FROM nextcall_record WHERE contact = ?1 AND contact <> ''`,
	recordsOfNumber:  `SELECT r.campaign, r.sequence, r.rec, r.id FROM nextcall_number n JOIN nextcall_record r ON r.rec = n.rec WHERE n.number = ?1`,
	sequenceOf:       `SELECT campaign, sequence, rec, id FROM nextcall_record WHERE campaign = ?1 AND id = ?2`,

	readDefinition: `SELECT revision, body FROM nextcall_definition WHERE kind = ?1 AND id = ?2 AND revision <= ?3 ORDER BY revision DESC LIMIT 1`,
	newestDefinitions: `SELECT d.id, d.revision, d.body FROM nextcall_definition d WHERE d.kind = ?1
		AND d.revision = (SELECT MAX(n.revision) FROM nextcall_definition n WHERE n.kind = d.kind AND n.id = d.id) ORDER BY d.id`,
	writeDefinition: `INSERT INTO nextcall_definition (kind, id, revision, body) VALUES (?1, ?2, ?3, ?4)`,
}
