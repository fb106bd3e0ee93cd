package rule

import "github.com/nextcall/nextcall/campaign"

// compiled checks and compiles a condition, with what the linter found out. The
// error is a [*CheckError] that says everything that is wrong.
func (e *environment) compiled(c campaign.Condition) (*program, *verdict, error) {
	v := e.lint(c)
	if err := v.errors(c.Text); err != nil {
		return nil, v, err
	}
	p, err := e.compile(c, v.ast)
	return p, v, err
}
