package modeltest

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// The setting in which everything happens: who, which campaigns, which statuses.

const (
	alpha campaign.ID = "alpha" // strict: office hours, caps, gaps, callbacks
	beta  campaign.ID = "beta"  // over-dials at night, delays in open hours, laws
	gamma campaign.ID = "gamma" // round the clock, two attempts, short leases
	delta campaign.ID = "delta" // rules of its own, consent, holidays by region
)

var campaignIDs = []campaign.ID{alpha, beta, gamma, delta}

var agents = []campaign.AgentID{"ann", "bob", "cid"}

// shop is a blacklist that only some campaigns ask.
const shop blacklist.List = "shop"

// office are alpha's hours for people, work its own.
var (
	office = spans{{weekdays, 9 * 60, 20 * 60}, {saturday, 10 * 60, 14 * 60}, {freeDays, 10 * 60, 12 * 60}}
	work   = spans{{weekdays, 8 * 60, 21 * 60}, {saturday, 8 * 60, 21 * 60}, {freeDays, 9 * 60, 13 * 60}}
	days   = spans{{allDays, 7 * 60, 22 * 60}, {freeDays, 22 * 60, 26 * 60}}
	nights = spans{{allDays, 20 * 60, 26 * 60}, {allDays, 10 * 60, 15 * 60}}
)

// settings are a campaign's configuration and what the model reads instead of
// the compiled one.
type settings struct {
	cfg    campaign.Config
	people spans // calling hours
	works  spans // working hours
	rules  campaign.RuleEngine
	days   map[string]holidays // by region
}

// free are the holidays of a region; one that the campaign does not know has
// the default's.
func (s settings) free(region string) holidays {
	if days, ok := s.days[region]; ok {
		return days
	}
	return s.days[""]
}

// variants are what an edit of the configuration may change.
const (
	asItWas = iota
	paused
	ended
	notStarted
	otherHours
	tighter
	numVariants
)

var variantNames = [numVariants]string{"as it was", "paused", "ended", "not started", "other hours", "tighter limits"}

// settingsOf gives a campaign in one variant, as of a day.
func settingsOf(id campaign.ID, variant int, revision int64, today time.Time) settings {
	delay := func(d time.Duration) campaign.Delay { return campaign.Delay(d) }
	s := settings{cfg: campaign.Config{ID: id, Name: string(id), Revision: revision, Zone: "Europe/Warsaw", Statuses: statusIDs}}
	c := &s.cfg
	switch id {
	case alpha:
		c.Mode, c.CalleeZone, c.Order = campaign.ProgressiveMode, "Europe/Warsaw", 1
		s.people, s.works = office, work
		c.Blacklists = []blacklist.List{shop}
		c.Limits = campaign.Limits{Attempts: 5, NumberAttempts: 3,
			Caps: []campaign.Cap{{Per: campaign.PerNumber, Max: 2, Days: 1}},
			Gaps: []campaign.Gap{{Per: campaign.PerNumber, Min: delay(30 * time.Minute)}}}
		c.Callbacks = campaign.Callbacks{Tries: 2, Release: delay(time.Hour)}
		c.Overrides = []campaign.Override{campaign.OverrideGap, campaign.OverrideLimit, campaign.OverrideOwner, campaign.OverrideList}
	case beta:
		c.Mode, c.Order = campaign.Predictive, 2
		s.people = nights
		c.Retry = campaign.Retry{OpenHours: true, Delays: map[campaign.Outcome]campaign.Delay{campaign.NoAnswer: delay(90 * time.Minute)}}
		c.Limits = campaign.Limits{Unanswered: 4,
			Caps: []campaign.Cap{{Per: campaign.PerRecord, Max: 3, Within: delay(6 * time.Hour)}, {Per: campaign.PerContact, Max: 4, Days: 2, Law: true}},
			Gaps: []campaign.Gap{{Per: campaign.PerContact, Min: delay(10 * time.Minute)}, {Per: campaign.PerNumber, Min: delay(20 * time.Minute), Law: true}}}
		c.Callbacks = campaign.Callbacks{Release: delay(30 * time.Minute)}
	case gamma:
		c.Mode, c.Order, c.Zone, c.CalleeZone = campaign.Preview, 2, "Asia/Kathmandu", "Pacific/Chatham"
		c.Limits = campaign.Limits{Attempts: 2}
		c.Skips = campaign.Skips{Max: 2}
		c.Leases = campaign.Leases{Offer: delay(10 * time.Second), Dial: delay(time.Minute), Talk: delay(10 * time.Minute)}
		c.Agents = []campaign.AgentID{"ann", "bob"}
	case delta:
		c.Mode, c.CalleeZone, c.Order, c.Parity = campaign.Power, "Europe/Warsaw", 2, 2
		s.people, s.rules = days, ruleBook
		c.Condition, c.RequireConsent = "code is neither 13 nor 99", true
		c.Rank, c.Audit = "10.4 - 4 * code", true
		c.RecordTypes = []campaign.RecordType{{Name: lead, Fields: []campaign.Field{
			{Name: "code", Type: campaign.Int, ValidWhen: "not 70"}, {Name: "reason", RequiredWhen: "the code is 1"},
		}}}
		c.Statuses = append(slices.Concat(ruledIDs, statusIDs), calc.ID)
		c.Callbacks = campaign.Callbacks{Tries: 2, Release: delay(time.Hour)}
		c.Limits = campaign.Limits{NumberAttempts: 4}
	}
	s.holiday(c, id)
	date := func(days int) string {
		return today.In(location(c.Zone)).AddDate(0, 0, days).Format(time.DateOnly)
	}
	switch variant {
	case paused:
		c.Paused = true
	case ended:
		c.End = date(-1)
	case notStarted:
		c.Start = date(1)
	case otherHours:
		s.people = spans{{allDays, 0, 12 * 60}, {freeDays, 0, 24 * 60}}
	case tighter:
		c.Limits.Attempts = 1
	}
	c.Lists = listsOf(id, variant, date)
	c.CalleeHours, c.Hours = hoursOf(s.people), hoursOf(s.works)
	return s
}

func hoursOf(s spans) (h campaign.Hours) {
	if err := h.UnmarshalText([]byte(s.text())); err != nil {
		panic(fmt.Sprintf("modeltest: hours %q: %v", s.text(), err))
	}
	return h
}

// running says whether the campaign may place calls at t.
func (s settings) running(t time.Time) bool {
	zone := location(s.cfg.Zone)
	date := t.In(zone).Format(time.DateOnly)
	return !s.cfg.Paused && (s.cfg.Start == "" || s.cfg.Start <= date) && (s.cfg.End == "" || date <= s.cfg.End) && s.works.open(t, zone, s.free(""))
}

// begun is t, or the campaign's first day where that is later: before it there
// are no open hours to count.
func (s settings) begun(t time.Time) time.Time {
	if first, err := time.ParseInLocation(time.DateOnly, s.cfg.Start, location(s.cfg.Zone)); err == nil && first.After(t) {
		return first
	}
	return t
}

// zonesOf are the zones a phone may be in; ok is false if one is not known.
func (s settings) zonesOf(p campaign.Phone) (zones []*time.Location, ok bool) {
	names := p.Zones
	if len(names) == 0 {
		names = []string{s.cfg.CalleeZone}
	}
	for _, name := range names {
		z := location(name)
		if z == nil {
			return nil, false
		}
		zones = append(zones, z)
	}
	return zones, true
}

// delay is how long after a call with this outcome the next one is due.
func (s settings) delay(o campaign.Outcome) time.Duration {
	if d, ok := s.cfg.Retry.Delays[o]; ok {
		return time.Duration(d)
	}
	switch o {
	case campaign.LineBusy:
		return 10 * time.Minute
	case campaign.NoAnswer, campaign.Unknown:
		return time.Hour
	case campaign.Voicemail, campaign.Rejected:
		return 4 * time.Hour
	}
	return 0
}

func (s settings) offer() time.Duration { return or(s.cfg.Leases.Offer, 30*time.Second) }
func (s settings) dial() time.Duration  { return or(s.cfg.Leases.Dial, 2*time.Minute) }
func (s settings) talk() time.Duration  { return or(s.cfg.Leases.Talk, 4*time.Hour) }
func (s settings) tries() int           { return max(s.cfg.Callbacks.Tries, 3*b2i(s.cfg.Callbacks.Tries == 0)) }

func or(d campaign.Delay, def time.Duration) time.Duration {
	if d != 0 {
		return time.Duration(d)
	}
	return def
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// twoHours is the expiry of the status dnc2h.
var twoHours = func() blacklist.Expiry {
	e, err := blacklist.ParseExpiry("2 hours")
	if err != nil {
		panic(err)
	}
	return e
}()

// statuses are all that the campaigns have.
var statuses = []status.Status{
	{ID: "again", Title: "Call again", Qualifier: status.Redial},
	{ID: "again2h", Title: "Call again in two hours", Qualifier: status.Redial, Delay: status.Delay(2 * time.Hour)},
	{ID: "reserved", Title: "Call again with an agent", Qualifier: status.Progressive},
	{ID: "cb", Title: "Call back at", Qualifier: status.CallbackAt},
	{ID: "cb3h", Title: "Call back in three hours", Qualifier: status.CallbackAfter, Delay: status.Delay(3 * time.Hour)},
	{ID: "own", Title: "I call back at", Qualifier: status.OwnCallbackAt},
	{ID: "own2h", Title: "I call back in two hours", Qualifier: status.OwnCallbackAfter, Delay: status.Delay(2 * time.Hour)},
	{ID: "last", Title: "To the end of the queue", Qualifier: status.EndOfQueue},
	{ID: "manual", Title: "By hand", Qualifier: status.Manual},
	{ID: "mail", Title: "Send a mail", Qualifier: status.SendMail, Template: "offer"},
	{ID: "closed", Title: "Do not call", Qualifier: status.Closed},
	{ID: "dnc", Title: "Never call", Qualifier: status.Closed, Blacklist: blacklist.Global, Class: status.ClassRefusal},
	{ID: "dnc2h", Title: "Not for two hours", Qualifier: status.Redial, Blacklist: shop, Expiry: twoHours},
	{ID: "win", Title: "Success", Qualifier: status.Success},
	{ID: "sale", Title: "Success, closed", Qualifier: status.SuccessClosed},
	{ID: "undo", Title: "Success cancelled", Qualifier: status.SuccessCancelled},
	{ID: "badnum", Title: "Wrong number", Qualifier: status.Redial, EndsNumber: true},
}

var (
	statusIDs  []status.ID
	ruledIDs   []status.ID
	byStatus   = map[status.ID]status.Status{}
	dictionary *status.Dictionary
)

func init() {
	for _, s := range statuses {
		statusIDs = append(statusIDs, s.ID)
		byStatus[s.ID] = s
	}
	for _, s := range ruled {
		ruledIDs = append(ruledIDs, s.ID)
		byStatus[s.ID] = s
	}
	byStatus[calc.ID] = calc
	// One that the dictionary has and no campaign: setting it is refused.
	stranger := status.Status{ID: "stranger", Title: "Attached nowhere", Qualifier: status.Closed}
	d, err := status.New(append(slices.Concat(statuses, ruled), calc, stranger)...)
	if err != nil {
		panic(fmt.Sprintf("modeltest: dictionary: %v", err))
	}
	dictionary = d
}

// spellings are the ways in which one number is written.
func spelling(n int, style int) string {
	last := fmt.Sprintf("%03d", 200+n)
	switch style % 4 {
	case 1:
		return "0048600100" + last
	case 2:
		return "+48 600-100-" + last
	case 3:
		return "+48.600.100." + last
	}
	return "+48600100" + last
}

const numNumbers = 7

// number reads a spelling; one that cannot be read is a mistake of this package.
func number(text string) blacklist.Number {
	n, err := blacklist.ParseNumber(text)
	if err != nil {
		panic(fmt.Sprintf("modeltest: %v", err))
	}
	return n
}

var zoneNames = []string{"", "", "Europe/Warsaw", "America/New_York", "Pacific/Chatham", "Asia/Kathmandu", "Mars/Phobos"}
