package rule

import (
	"errors"
	"fmt"
	"sync"

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
	calleeZone [1]string // as the zones of a phone are: a list
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
	set := &Set{campaign: c, calleeZone: [1]string{cfg.CalleeZone}}
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
