package rule

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// Engine compiles conditions written in CEL. The zero value is ready:
//
//	c, warnings, err := campaign.Compile(cfg, dictionary, rule.Engine{})
type Engine struct {
	// Agents are what conditions can read of agents beside their id. It is not
	// written to, and must not be changed any more.
	Agents map[campaign.AgentID]Agent
	// MaxCost refuses conditions that may cost more, by what they do and the
	// sizes of what they read, before they ever run. One unit is about what
	// reading and comparing a property takes. Defaults to [DefaultMaxCost].
	MaxCost uint64
}

// Set are the compiled conditions of one campaign. It is what
// [campaign.Campaign.Rules] returns for a campaign that an Engine compiled.
type Set struct {
	campaign   *campaign.Campaign
	calleeZone string
	env        *environment
	programs   []*program
	auto       int    // how many of the first set a status
	index      *index // of those; nil: there is none
	rules      []lintedRule
	reads      campaign.Reads
	scopes     sync.Pool
}

// Rules compiles the conditions of c.
func (e Engine) Rules(c *campaign.Campaign, conditions []campaign.Condition) (campaign.Rules, []campaign.Warning, error) {
	cfg := c.Config()
	set := &Set{campaign: c, calleeZone: cfg.CalleeZone}
	var err error
	set.env, err = newEnvironment(newSchema(&cfg, c.Known(), e.Agents))
	if err != nil {
		return nil, nil, fmt.Errorf("rule: %w", err)
	}
	set.scopes.New = func() any { return set.newScope() }
	set.env.maxCost = e.MaxCost
	var errs []error
	found := linted{cfg: &cfg, statuses: c.Statuses()}
	for _, x := range conditions {
		p, v, err := set.env.compiled(x)
		if err != nil {
			// Without the value: the message shows the text with the places.
			errs = append(errs, &campaign.FieldError{Path: x.Path, Msg: err.Error(), Err: err})
			continue
		}
		found.add(x, v)
		if x.Kind == campaign.AutoSet {
			set.auto++
		}
		set.programs = append(set.programs, p)
		set.reads = wider(set.reads, set.env.readsOf(p.ast))
	}
	if len(errs) > 0 {
		return nil, nil, errors.Join(errs...)
	}
	set.index = set.env.schema.newIndex(set.programs[:set.auto])
	set.rules = found.rules
	return set, found.warnings(), nil
}

func (s *Set) newScope() *scope {
	x := &scope{set: s, values: make([]objectValue, len(s.env.schema.objects))}
	for i, o := range s.env.schema.objects {
		x.values[i] = objectValue{x, o}
	}
	x.self.scope = x
	return x
}

// see takes a scope that sees the facts; it must be given back with done.
func (s *Set) see(f *campaign.Facts, call *campaign.Call, now time.Time) *scope {
	x := s.scopes.Get().(*scope)
	x.reset(f, call, now)
	return x
}

func (s *Set) done(x *scope) {
	x.f, x.r, x.call = nil, nil, nil
	s.scopes.Put(x)
}

// end gives a scope back. A panic of condition i becomes a Failure; the scope
// then may be in any state, and is not used again. It must be deferred itself.
func (s *Set) end(x *scope, i *int, err *error) {
	if what := recover(); what != nil {
		*err = s.missing(*i)
		if *err == nil {
			*err = s.programs[*i].broken(x, what)
		}
		return
	}
	s.done(x)
}

// Needs says what the conditions read beside the record.
func (s *Set) Needs() campaign.Reads { return s.reads }

// First returns the first of the auto-set conditions from place i on that holds
// or, with an error, that fails; their number if there is none.
func (s *Set) First(i int, f *campaign.Facts, call *campaign.Call, now time.Time) (at int, err error) {
	x := s.see(f, call, now)
	at = i
	defer s.end(x, &at, &err)
	err = s.first(&at, x)
	return at, err
}

// Holds tells whether condition i holds.
func (s *Set) Holds(i int, f *campaign.Facts, call *campaign.Call, now time.Time) (v bool, err error) {
	x := s.see(f, call, now)
	defer s.end(x, &i, &err)
	return s.programs[i].holds(x)
}

// Number is the value of a rank.
func (s *Set) Number(i int, f *campaign.Facts, now time.Time) (v float64, err error) {
	x := s.see(f, nil, now)
	defer s.end(x, &i, &err)
	return s.programs[i].number(x)
}

// Time is the value of a next call.
func (s *Set) Time(i int, f *campaign.Facts, call *campaign.Call, now time.Time) (v time.Time, err error) {
	x := s.see(f, call, now)
	defer s.end(x, &i, &err)
	return s.programs[i].time(x)
}
