package enginetest_test

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

const decideID campaign.ID = "decide"

// kept hands on to an engine, and keeps what it makes.
type kept struct {
	campaign.RuleEngine
	rules      campaign.Rules
	conditions []campaign.Condition
	campaign   *campaign.Campaign
}

func (k *kept) Rules(c *campaign.Campaign, conditions []campaign.Condition) (campaign.Rules, []campaign.Warning, error) {
	rules, warnings, err := k.RuleEngine.Rules(c, conditions)
	k.rules, k.conditions, k.campaign = rules, conditions, c
	return rules, warnings, err
}

// compiledWith compiles conditions as a campaign has them: those of statuses,
// and a filter as its dial condition.
func compiledWith(with campaign.RuleEngine, rules []decided, dial string) (*kept, error) {
	ids := append([]status.ID(nil), ruleStatuses[1:]...)
	for i := range rules {
		if i >= 3 {
			ids = append(ids, status.ID(fmt.Sprintf("r%d", i+1)))
		}
	}
	var list []status.Status
	for i, id := range ids {
		st := status.Status{ID: id, Title: "Status " + string(id), Qualifier: status.Redial}
		if k := i - 2; k >= 0 && k < len(rules) { // after sold and refused
			st.AutoSet = rules[k].text
		}
		list = append(list, st)
	}
	dict, err := status.New(list...)
	if err != nil {
		return nil, err
	}
	k := &kept{RuleEngine: with}
	_, _, err = campaign.Compile(campaign.Config{
		ID: decideID, Zone: zones[0], CalleeZone: zones[0], Mode: campaign.Power, Statuses: ids, Condition: dial,
		RecordTypes: []campaign.RecordType{{Name: "client", Fields: []campaign.Field{
			{Name: "city"}, {Name: "balance", Type: campaign.Double}, {Name: "vip", Type: campaign.Bool},
		}}},
	}, dict, k)
	return k, err
}

// ourEngine is campaign/rule, as the dialer uses it.
type ourEngine struct {
	*situations
	six, hundred *kept
}

func newOurEngine(s *situations) (*ourEngine, error) {
	e := &ourEngine{situations: s}
	var err error
	if e.six, err = compiledWith(rule.Engine{}, six(), filter().text); err != nil {
		return nil, err
	}
	e.hundred, err = compiledWith(rule.Engine{}, hundred(), "")
	return e, err
}

// compile compiles conditions alone: the campaign's part is not a rules engine's.
func (e *ourEngine) compile() (int, error) {
	rules, _, err := e.hundred.RuleEngine.Rules(e.hundred.campaign, e.hundred.conditions)
	e.hundred.rules = rules
	return len(e.hundred.conditions), err
}

func (e *ourEngine) rule(i, first, n int) (sum int, _ error) {
	for _, k := range e.order[first : first+n] {
		x := &e.calls[k]
		ok, err := e.six.rules.Holds(i, &x.facts, &x.call, e.now)
		if err != nil {
			return 0, err
		}
		if ok {
			sum++
		}
	}
	return sum, nil
}

func (e *ourEngine) set(hundred bool, first, n int) (sum int, _ error) {
	rules := e.six.rules
	if hundred {
		rules = e.hundred.rules
	}
	for _, k := range e.order[first : first+n] {
		x := &e.calls[k]
		i, err := rules.First(0, &x.facts, &x.call, e.now)
		if err != nil {
			return 0, err
		}
		sum += i
	}
	return sum, nil
}

func (e *ourEngine) filter(first, n int) (sum int, _ error) {
	dial := slices.IndexFunc(e.six.conditions, func(c campaign.Condition) bool { return c.Kind == campaign.DialWhen })
	for k := range e.records[first : first+n] {
		ok, err := e.six.rules.Holds(dial, &e.records[first+k], nil, e.now)
		if err != nil {
			return 0, err
		}
		if ok {
			sum++
		}
	}
	return sum, nil
}
