package rule

import (
	"fmt"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Checker checks the texts of conditions one by one, for an editor in which
// somebody is writing one. The configuration they belong to need not be complete
// or right. A Checker is safe for concurrent use.
type Checker struct{ env *environment }

// Checker makes a checker for the conditions of a configuration, whose record
// types and fields they can read. dictionary has the statuses beside the
// campaign's own; nil is none.
func (e Engine) Checker(cfg campaign.Config, dictionary *status.Dictionary) (*Checker, error) {
	var known []status.ID
	if dictionary != nil {
		for _, s := range dictionary.All() {
			known = append(known, s.ID)
		}
	}
	for _, s := range cfg.Own {
		known = append(known, s.ID)
	}
	env, err := newEnvironment(newSchema(&cfg, known, e.Agents))
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	env.maxCost = e.MaxCost
	return &Checker{env}, nil
}

// Check says what is wrong with a condition, and what is probably not meant:
// errors first, each in the order of the text. Nil is nothing. Of the condition
// Kind and Text are needed, and Field where the condition is about one.
//
// What only shows beside other conditions, such as one that never decides, is
// found by [campaign.Compile].
func (c *Checker) Check(x campaign.Condition) []Problem { return c.env.lint(x).problems }
