package campaign

import (
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

func (k *checker) note(path, msg string, args ...any) {
	k.warnings = append(k.warnings, Warning{Path: path, Msg: fmt.Sprintf(msg, args...)})
}

// warn lists what is allowed and probably not meant.
func (k *checker) warn() {
	cfg, c := k.cfg, k.c
	k.warnHours()
	if c.redials() && !cfg.capped() {
		k.note("limits", "records are called again without end: set limits.attempts, limits.unanswered, limits.number_attempts or a cap without a window")
	}
	asked := func(l blacklist.List) bool { return l == blacklist.Global || slices.Contains(cfg.Blacklists, l) }
	own := false
	for _, s := range c.statuses {
		path := k.statusPath(s)
		e := s.Qualifier.Effect()
		own = own || e.Own
		if s.Qualifier == status.Progressive && !cfg.Mode.OverDials() {
			k.note(path, "status %q calls again with an agent reserved first, which only power and predictive campaigns know: here it calls again as redial does", string(s.ID))
		}
		if s.Blacklist != "" && !asked(s.Blacklist) {
			k.note(path, "status %q writes to blacklist %q, which the campaign does not ask: add it to blacklists", string(s.ID), string(s.Blacklist))
		}
		if s.Disabled {
			k.note(path, "status %q is disabled: nobody can set it", string(s.ID))
		}
		if cfg.Queue != "" && !s.Relations.Has(status.RelationQueue, cfg.Queue) {
			k.note(path, "status %q is not related to queue %q: nobody can set it here", string(s.ID), cfg.Queue)
		}
		if e.Own && s.Agent != "" && !c.Lists(s.Agent) {
			k.note(path, "agent %q of status %q is not among the campaign's agents", string(s.Agent), string(s.ID))
		}
	}
	if !cfg.Mode.OverDials() {
		for _, o := range sortedKeys(cfg.Retry.Fallback) {
			if cfg.Retry.Fallback[o] == status.Progressive {
				k.note(fmt.Sprintf("retry.fallback[%q]", o), "only power and predictive campaigns know progressive: here it acts as redial")
			}
		}
	}
	k.warnConditions()
	k.warnLists()
	if own && cfg.Callbacks.Release == 0 {
		k.note("callbacks.release", "own callbacks never pass to other agents: when their owner is away they wait")
	}
}

// warnConditions lists conditions that decide nothing.
func (k *checker) warnConditions() {
	if k.cfg.Audit && len(k.c.auto) == 0 {
		k.note("audit", "no status is set by a condition, so there is nothing to list")
	}
	for i, t := range k.cfg.RecordTypes {
		for j, f := range t.Fields {
			path := fmt.Sprintf("record_types[%d].fields[%d].required_when", i, j)
			switch {
			case f.RequiredWhen == "":
			case f.Hidden:
				k.note(path, "a hidden field is never demanded, so the condition decides nothing")
			case f.Required:
				k.note(path, "the field is required in any case, so the condition decides nothing")
			}
		}
	}
}

func (k *checker) warnHours() {
	cfg, c := k.cfg, k.c
	if cfg.CalleeHours.IsZero() {
		k.note("callee_hours", "people may be called at every hour of day and night")
	}
	if cfg.CalleeZone == "" {
		k.note("callee_zone", "numbers without a zone of their own are never called")
	}
	switch {
	case c.work.gates.never():
		k.note("hours", "never open: no record is ever called")
		return
	case c.calleePlan != nil && c.calleePlan.never:
		k.note("callee_hours", "never open: no record is ever called")
		return
	}
	// Without a clock, whether windows meet is asked at the campaign's start, or
	// else in some year: it is the same in every one.
	from := c.start
	if from.IsZero() {
		from = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
		if !c.end.IsZero() {
			from = c.end.AddDate(-1, 0, 0)
		}
	}
	if _, ok := c.into(&c.work, from); !ok {
		k.note("hours", "never open between the campaign's dates: no record is ever called")
	} else if cfg.CalleeZone != "" {
		if _, ok := c.intoHours(c.ClassOf(Phone{}), from); !ok {
			k.note("callee_hours", "never open in %s while the campaign works: no record there is ever called", cfg.CalleeZone)
		}
	}
}

// redials reports whether a call can lead to another one with nobody's doing,
// or by a status.
func (c *Campaign) redials() bool {
	queued := func(q status.Qualifier) bool { return q.Effect().Standing == status.StandingQueued }
	for _, s := range c.statuses {
		if !s.Disabled && queued(s.Qualifier) {
			return true
		}
	}
	return slices.ContainsFunc(c.fallback[1:], queued)
}

// capped reports whether some limit ends the calls to a record for good.
func (cfg *Config) capped() bool {
	l := &cfg.Limits
	return l.Attempts > 0 || l.Unanswered > 0 || l.NumberAttempts > 0 ||
		slices.ContainsFunc(l.Caps, func(x Cap) bool { return x.Max > 0 && x.Days == 0 && x.Within == 0 && !x.Talks })
}
