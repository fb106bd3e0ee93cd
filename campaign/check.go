package campaign

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nextcall/nextcall/status"
)

// What a value may be at the most: far beyond any real one, and far below what
// overflows a date or a counter.
const (
	maxText     = 200       // characters of a name
	maxCount    = 1_000_000 // calls, places, weights
	maxDays     = 3650
	maxSpan     = Delay(maxDays * 24 * time.Hour)
	maxLease    = Delay(30 * 24 * time.Hour)
	maxElements = 10_000 // of a list
)

// checker collects the mistakes of a configuration, and fills in what is
// compiled from its sound parts.
type checker struct {
	c        *Campaign
	cfg      *Config
	errs     []error
	warnings []Warning
}

func (k *checker) fail(path, value, msg string, args ...any) {
	k.errs = append(k.errs, &FieldError{Path: path, Value: value, Msg: fmt.Sprintf(msg, args...)})
}

// name checks a name in one line. An empty one is left to the caller.
func (k *checker) name(path, value string) {
	switch {
	case !utf8.ValidString(value):
		k.fail(path, value, "want UTF-8")
	case utf8.RuneCountInString(value) > maxText:
		k.fail(path, string([]rune(value)[:20])+"…", "%d characters: want at most %d", utf8.RuneCountInString(value), maxText)
	case strings.ContainsFunc(value, unicode.IsControl):
		k.fail(path, value, "want a name in one line, without control characters")
	case strings.TrimSpace(value) != value:
		k.fail(path, value, "white space around it: want %q", strings.TrimSpace(value))
	}
}

// names checks a list of names: none empty, none twice.
func names[T ~string](k *checker, path string, values []T) {
	if len(values) > maxElements {
		k.fail(path, strconv.Itoa(len(values)), "want at most %d", maxElements)
		return
	}
	seen := make(map[T]bool, len(values))
	for i, v := range values {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case v == "":
			k.fail(at, "", "is empty: name it or leave it out")
		case seen[v]:
			k.fail(at, string(v), "named twice")
		default:
			k.name(at, string(v))
		}
		seen[v] = true
	}
}

func (k *checker) count(path string, n, most int) {
	if n < 0 || n > most {
		k.fail(path, strconv.Itoa(n), "want 0 to %d", most)
	}
}

func (k *checker) span(path string, d, most Delay) {
	if d < 0 || d > most {
		k.fail(path, d.String(), "want 0s to %s", most)
	}
}

// oneOf checks a value of a small set, and says which is near.
func oneOf[T ~string](k *checker, path string, value T, known ...T) bool {
	if slices.Contains(known, value) {
		return true
	}
	k.fail(path, string(value), "want one of %s%s", quoted(known), meant(string(value), known))
	return false
}

func (k *checker) identity() {
	cfg := k.cfg
	if cfg.ID == "" {
		k.fail("id", "", "every campaign has an id")
	}
	k.name("id", string(cfg.ID))
	k.name("name", cfg.Name)
	k.name("queue", cfg.Queue)
	if cfg.Revision < 0 {
		k.fail("revision", strconv.FormatInt(cfg.Revision, 10), "want 0 or more")
	}
	oneOf(k, "mode", cfg.Mode, Preview, ProgressiveMode, Power, Predictive)
	k.count("order", cfg.Order, maxCount)
	if cfg.Parity < 1 || cfg.Parity > maxCount {
		k.fail("parity", strconv.Itoa(cfg.Parity), "want 1 to %d, or 0 for the default of 1", maxCount)
	}
}

const wantZone = `want an IANA zone such as "Europe/Warsaw"`

func (k *checker) times() {
	cfg, c := k.cfg, k.c
	if cfg.Zone == "" {
		k.fail("zone", "", wantZone)
	} else if loc, ok := c.location(cfg.Zone); !ok {
		k.fail("zone", cfg.Zone, wantZone)
	} else {
		c.zone = loc
	}
	if cfg.CalleeZone != "" {
		if _, ok := c.location(cfg.CalleeZone); !ok {
			k.fail("callee_zone", cfg.CalleeZone, wantZone)
		}
	}
	const wantDate = `want a date such as "2026-12-24"`
	sound := true
	for _, d := range []struct{ path, value string }{{"start", cfg.Start}, {"end", cfg.End}} {
		if _, ok := parseDate(d.value); !ok && d.value != "" {
			k.fail(d.path, d.value, wantDate)
			sound = false
		}
	}
	if sound && cfg.Start != "" && cfg.End != "" && cfg.End < cfg.Start {
		k.fail("end", cfg.End, "want the start, %s, or a later date", cfg.Start)
	}
	if c.zone != nil {
		c.dates(cfg.Start, cfg.End)
	}
}

func (k *checker) hours() {
	cfg, c := k.cfg, k.c
	c.regions = make(map[string]*holidays, len(cfg.Holidays))
	for _, region := range sortedKeys(cfg.Holidays) {
		path := "holidays"
		if region != "" {
			path = fmt.Sprintf("holidays[%q]", region)
			k.name(path, region)
		}
		days, errs := newHolidays(cfg.Holidays[region], path)
		k.errs = append(k.errs, errs...)
		c.regions[region] = days
	}
	c.calleePlan = newPlan(cfg.CalleeHours)
	if p := newPlan(cfg.Hours); p != nil && c.zone != nil {
		c.work.gates = gates{{p, c.zone, c.regions[""]}}
	}
}

func (k *checker) people() {
	names(k, "agents", k.cfg.Agents)
	k.c.agents = make(map[AgentID]struct{}, len(k.cfg.Agents))
	for _, a := range k.cfg.Agents {
		k.c.agents[a] = struct{}{}
	}
	names(k, "blacklists", k.cfg.Blacklists)
	k.c.overrides = make(map[Override]bool, len(k.cfg.Overrides))
	for i, o := range k.cfg.Overrides {
		path := fmt.Sprintf("overrides[%d]", i)
		if oneOf(k, path, o, OverrideGap, OverrideLimit, OverrideOwner, OverrideList) && k.c.overrides[o] {
			k.fail(path, string(o), "named twice")
		}
		k.c.overrides[o] = true
	}
}

// attach finds the attached statuses, in the dictionary and among the own ones.
func (k *checker) attach(dict *status.Dictionary) {
	cfg, c := k.cfg, k.c
	for _, s := range dict.All() {
		c.known = append(c.known, s.ID)
	}
	own := make(map[status.ID]int, len(cfg.Own))
	for i, s := range cfg.Own {
		path := fmt.Sprintf("own[%d]", i)
		if _, twice := own[s.ID]; twice && s.ID != "" {
			k.fail(path+".id", string(s.ID), "another status of the campaign has this id: want another")
			continue // the rest of it would be said of the other
		}
		own[s.ID] = i
		if s.Campaign != string(cfg.ID) {
			k.fail(path+".campaign", s.Campaign, "want %q or nothing: a status made in a campaign is valid only there", cfg.ID)
		}
		if _, ok := dict.Get(s.ID); ok {
			k.fail(path+".id", string(s.ID), "the dictionary has a status with this id: want another")
		}
	}
	c.index = make(map[status.ID]int, len(cfg.Statuses))
	for i, id := range cfg.Statuses {
		path := fmt.Sprintf("statuses[%d]", i)
		if _, twice := c.index[id]; twice {
			k.fail(path, string(id), "named twice")
			continue
		}
		s, ok := dict.Get(id)
		if n, isOwn := own[id]; isOwn {
			s, ok = cfg.Own[n], true
		}
		if !ok {
			k.fail(path, string(id), "no such status in the dictionary or among the campaign's own%s", meant(string(id), c.known))
			continue
		}
		c.index[id] = len(c.statuses)
		c.statuses = append(c.statuses, s)
	}
	for _, err := range unjoin(status.CheckAll(c.statuses)) {
		var bad *status.FieldError
		if !errors.As(err, &bad) {
			k.errs = append(k.errs, err)
			continue
		}
		path := fmt.Sprintf("statuses[%q].%s", string(bad.Status), bad.Field)
		if i, ok := own[bad.Status]; ok {
			path = fmt.Sprintf("own[%d].%s", i, bad.Field)
		}
		k.fail(path, bad.Value, "%s", bad.Msg)
	}
}

// unjoin gives the errors that errors.Join has joined.
func unjoin(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// statusPath is where the configuration names a status.
func (k *checker) statusPath(s status.Status) string {
	if i := slices.IndexFunc(k.cfg.Own, func(o status.Status) bool { return o.ID == s.ID }); i >= 0 {
		return fmt.Sprintf("own[%d]", i)
	}
	return fmt.Sprintf("statuses[%d]", slices.Index(k.cfg.Statuses, s.ID))
}

func (k *checker) recordTypes() {
	types := make(map[string]RecordType, len(k.cfg.RecordTypes))
	for i, t := range k.cfg.RecordTypes {
		path := fmt.Sprintf("record_types[%d]", i)
		if t.Name == "" {
			k.fail(path+".name", "", `want a name: records of type "" have no fields`)
		}
		k.name(path+".name", t.Name)
		if _, twice := types[t.Name]; twice {
			k.fail(path+".name", t.Name, "another record type has this name")
		}
		types[t.Name] = t
		k.fields(path+".fields", t.Fields, "another field of the type has this name")
	}
	k.c.types = types
	k.fields("contact_fields", k.cfg.ContactFields, "another field of contacts has this name")
	for i, f := range k.cfg.ContactFields {
		const meaningless = "contacts are saved by the host, which no record's status binds: leave it out"
		at := fmt.Sprintf("contact_fields[%d]", i)
		if f.Required {
			k.fail(at+".required", "true", meaningless)
		}
		if f.RequiredWhen != "" {
			k.fail(at+".required_when", f.RequiredWhen, meaningless)
		}
		if f.ValidWhen != "" {
			k.fail(at+".valid_when", f.ValidWhen, meaningless)
		}
	}
}

// fields checks names and types of fields that live side by side.
func (k *checker) fields(path string, fields []Field, twice string) {
	seen := make(map[string]bool, len(fields))
	for i, f := range fields {
		at := fmt.Sprintf("%s[%d]", path, i)
		if f.Name == "" {
			k.fail(at+".name", "", "want a name")
		} else if seen[f.Name] {
			k.fail(at+".name", f.Name, "%s", twice)
		}
		seen[f.Name] = true
		k.name(at+".name", f.Name)
		oneOf(k, at+".type", f.Type, String, Int, Double, Bool, Timestamp, Strings)
	}
}

func (k *checker) retry() {
	r := &k.cfg.Retry
	for _, o := range sortedKeys(r.Delays) {
		path := fmt.Sprintf("retry.delays[%q]", o)
		if o == OutcomeNone || int(o) >= NumOutcomes {
			k.fail(path, "", "no such outcome: want one of %s", quoted(outcomeNames[1:]))
			continue
		}
		k.span(path, r.Delays[o], maxSpan)
		k.c.delays[o] = time.Duration(r.Delays[o])
	}
	if r.BetweenNumbers != nil {
		k.span("retry.between_numbers", *r.BetweenNumbers, maxSpan)
	}
	for _, o := range sortedKeys(r.Fallback) {
		path, q := fmt.Sprintf("retry.fallback[%q]", o), r.Fallback[o]
		if o == OutcomeNone || int(o) >= NumOutcomes {
			k.fail(path, "", "no such outcome: want one of %s", quoted(outcomeNames[1:]))
			continue
		}
		switch e := q.Effect(); {
		case q != status.None && e.Qualifier != q:
			k.fail(path, q.String(), "no such qualifier")
		case e.NeedsTime || e.NeedsAgent:
			k.fail(path, q.String(), "it needs an input, and nobody gives one: want a qualifier without")
		case e.Next == status.NextDelay:
			k.fail(path, q.String(), "its delay comes from a status, and there is none: want redial, with a retry delay")
		case e.Action != status.ActionNone:
			k.fail(path, q.String(), "its template comes from a status, and there is none: want manual")
		case e.ResetAttempts || e.RequiresSuccess:
			k.fail(path, q.String(), "a call cannot lead to it: it is set by hand only")
		}
		k.c.fallback[o] = q
	}
}

func (k *checker) limits() {
	l := &k.cfg.Limits
	k.count("limits.attempts", l.Attempts, maxCount)
	k.count("limits.unanswered", l.Unanswered, maxCount)
	k.count("limits.number_attempts", l.NumberAttempts, maxCount)
	for i, limit := range l.Caps {
		path := fmt.Sprintf("limits.caps[%d]", i)
		oneOf(k, path+".per", limit.Per, PerRecord, PerNumber, PerContact)
		k.count(path+".max", limit.Max, maxCount)
		k.count(path+".days", limit.Days, maxDays)
		k.span(path+".within", limit.Within, maxSpan)
		if limit.Days != 0 && limit.Within != 0 {
			k.fail(path+".within", limit.Within.String(), "want days or within, not both: list two caps")
		}
	}
	for i, gap := range l.Gaps {
		path := fmt.Sprintf("limits.gaps[%d]", i)
		oneOf(k, path+".per", gap.Per, PerRecord, PerNumber, PerContact)
		k.span(path+".min", gap.Min, maxSpan)
	}
}

func (k *checker) policies() {
	cfg := k.cfg
	k.count("callbacks.tries", cfg.Callbacks.Tries, maxCount)
	k.span("callbacks.release", cfg.Callbacks.Release, maxSpan)
	k.span("skips.delay", cfg.Skips.Delay, maxSpan)
	k.count("skips.max", cfg.Skips.Max, maxCount)
	for _, l := range []struct {
		path string
		d    Delay
	}{{"leases.offer", cfg.Leases.Offer}, {"leases.dial", cfg.Leases.Dial}, {"leases.talk", cfg.Leases.Talk}} {
		if l.d <= 0 || l.d >= maxLease {
			k.fail(l.path, l.d.String(), "want more than 0s and less than %s", maxLease)
		}
	}
	if cfg.RetryShare < 0 || cfg.RetryShare > 100 {
		k.fail("retry_share", strconv.Itoa(cfg.RetryShare), "want a percentage, 0 to 100")
	}
	k.span("correction_window", cfg.CorrectionWindow, maxSpan)
}
