package ruletest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
)

// setup makes the configuration that a file describes.
type setup struct {
	suite  *Suite
	cfg    campaign.Config
	agents map[campaign.AgentID]rule.Agent
	lines  map[string]int // where a path of the configuration is in the file
	errs   []error
}

// Compile makes a campaign of the blocks that say what the rules are, with
// engine, whose agents those of the file join. The error joins all mistakes,
// each an [*Error].
func (s *Suite) Compile(engine rule.Engine) (*campaign.Campaign, []campaign.Warning, error) {
	u := &setup{suite: s, lines: map[string]int{}, agents: maps.Clone(engine.Agents)}
	if u.agents == nil {
		u.agents = map[campaign.AgentID]rule.Agent{}
	}
	for i := range s.blocks {
		u.block(&s.blocks[i])
	}
	if u.cfg.ID == "" && len(u.errs) == 0 {
		u.fail(0, `there are no rules: begin with a line such as "campaign spring", or give a campaign in Options`)
	}
	if len(u.errs) > 0 {
		return nil, nil, errors.Join(u.errs...)
	}
	c, warnings, err := campaign.Compile(u.cfg, nil, rule.Engine{Agents: u.agents})
	if err != nil {
		return nil, nil, u.placed(err)
	}
	return c, warnings, nil
}

func (u *setup) fail(line int, format string, args ...any) {
	u.errs = append(u.errs, &Error{File: u.suite.name, Line: line, Msg: fmt.Sprintf(format, args...)})
}

// placed gives the mistakes of a configuration their lines.
func (u *setup) placed(err error) error {
	list := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		list = joined.Unwrap()
	}
	for _, err := range list {
		line := 0
		if e := (*campaign.FieldError)(nil); errors.As(err, &e) {
			// The longest path that begins the error's is the nearest place.
			for path := e.Path; path != "" && line == 0; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
				line = u.lines[path]
			}
		}
		u.fail(line, "%v", err)
	}
	return errors.Join(u.errs...)
}

func (u *setup) block(b *block) {
	switch b.kind {
	case "campaign":
		u.cfg.ID = campaign.ID(b.name)
		u.each(b, "", u.campaign())
	case "status":
		st := &status.Status{ID: status.ID(b.name), Title: b.name}
		path := fmt.Sprintf("own[%d]", len(u.cfg.Own))
		u.lines[path] = b.line
		u.each(b, path+".", statusSettings(st))
		u.cfg.Own = append(u.cfg.Own, *st)
	case "record_type":
		path := fmt.Sprintf("record_types[%d]", len(u.cfg.RecordTypes))
		u.lines[path] = b.line
		u.cfg.RecordTypes = append(u.cfg.RecordTypes, campaign.RecordType{Name: b.name, Fields: u.fields(b, path+".fields")})
	case "contact_fields":
		u.lines["contact_fields"] = b.line
		u.cfg.ContactFields = u.fields(b, "contact_fields")
	case "agents":
		u.people(b)
	}
}

// each reads a block's settings with the function of each name.
func (u *setup) each(b *block, path string, read map[string]func(string) error) {
	for _, s := range b.settings {
		u.lines[path+s.name] = s.line
		f := read[s.name]
		if f == nil {
			names := slices.Sorted(maps.Keys(read))
			u.fail(s.line, "%s: a %s has no such setting here: want one of %s%s", clip(s.name), b.kind, strings.Join(names, ", "), meant(s.name, names))
			continue
		}
		if err := f(s.value); err != nil {
			u.fail(s.line, "%s: %v", s.name, err)
		}
	}
}

// word is a setting's text: with or without quotes.
func word[T ~string](to *T) func(string) error {
	return func(v string) error {
		s := v
		if v[0] == '"' {
			var err error
			if s, err = readText(v); err != nil {
				return err
			}
		}
		*to = T(s)
		return nil
	}
}

// expression is a condition as it stands: its quotes are its own.
func expression(to *string) func(string) error {
	return func(v string) error { *to = v; return nil }
}

func truth(to *bool) func(string) (err error) {
	return func(v string) (err error) { *to, err = readBool(v); return err }
}

func (u *setup) campaign() map[string]func(string) error {
	cfg := &u.cfg
	return map[string]func(string) error{
		"mode": word(&cfg.Mode), "zone": word(&cfg.Zone), "callee_zone": word(&cfg.CalleeZone), "start": word(&cfg.Start),
		"queue": word(&cfg.Queue), "condition": expression(&cfg.Condition), "rank": expression(&cfg.Rank), "audit": truth(&cfg.Audit),
		"limits.attempts":   func(v string) error { return into(&cfg.Limits.Attempts, v, readCount) },
		"limits.unanswered": func(v string) error { return into(&cfg.Limits.Unanswered, v, readCount) },
		// The holidays of a country, for numbers of that region and for those of none.
		"holidays": func(v string) error {
			var country string
			if err := word(&country)(v); err != nil {
				return err
			}
			cfg.Holidays = map[string]campaign.Holidays{"": {Country: country}, country: {Country: country}}
			return nil
		},
	}
}

func statusSettings(st *status.Status) map[string]func(string) error {
	return map[string]func(string) error{
		"title": word(&st.Title), "auto_set": expression(&st.AutoSet), "next_at": expression(&st.NextAt),
		"auto_stop": truth(&st.AutoStop), "next_call": truth(&st.NextCall), "ends_number": truth(&st.EndsNumber),
		"disabled": truth(&st.Disabled), "agent": word(&st.Agent), "template": word(&st.Template), "blacklist": word(&st.Blacklist),
		"qualifier": func(v string) (err error) {
			var name string
			if err = word(&name)(v); err == nil {
				st.Qualifier, err = status.ParseQualifier(name)
			}
			return err
		},
		"delay": func(v string) error {
			d, err := readDuration(v)
			st.Delay = status.Delay(d)
			return err
		},
		"expiry": func(v string) (err error) {
			var text string
			if err = word(&text)(v); err == nil {
				err = st.Expiry.UnmarshalText([]byte(text))
			}
			return err
		},
	}
}

var (
	fieldTypes = []string{"string", "int", "double", "bool", "timestamp", "strings"}
	fieldParts = []string{"required", "hidden", "required_when", "valid_when"}
)

// fields reads "balance = double", then what else is said of the field:
// "balance.required_when = …".
func (u *setup) fields(b *block, path string) []campaign.Field {
	var fields []campaign.Field
	for _, s := range b.settings {
		name, part, more := strings.Cut(s.name, ".")
		i := slices.IndexFunc(fields, func(f campaign.Field) bool { return f.Name == name })
		if !more {
			if !slices.Contains(fieldTypes, s.value) {
				u.fail(s.line, "%s = %s: want a type, one of %s%s", name, clip(s.value), strings.Join(fieldTypes, ", "), meant(s.value, fieldTypes))
			}
			fields = append(fields, campaign.Field{Name: name, Type: campaign.FieldType(s.value)})
			u.lines[path+"["+strconv.Itoa(len(fields)-1)+"]"] = s.line
			continue
		}
		if i < 0 {
			u.fail(s.line, "%s: the field is not there: want %q before it", clip(s.name), name+" = string")
			continue
		}
		f := &fields[i]
		u.lines[fmt.Sprintf("%s[%d].%s", path, i, part)] = s.line
		read := map[string]func(string) error{
			"required": truth(&f.Required), "hidden": truth(&f.Hidden),
			"required_when": expression(&f.RequiredWhen), "valid_when": expression(&f.ValidWhen),
		}[part]
		if read == nil {
			u.fail(s.line, "%s: want one of %s behind the field's name%s", clip(s.name), strings.Join(fieldParts, ", "), meant(part, fieldParts))
		} else if err := read(s.value); err != nil {
			u.fail(s.line, "%s: %v", s.name, err)
		}
	}
	return fields
}

// people reads what conditions can read of agents: "ann.team = sales",
// `ann.skills = ["de"]`.
func (u *setup) people(b *block) {
	for _, s := range b.settings {
		name, part, _ := strings.Cut(s.name, ".")
		id := campaign.AgentID(name)
		a := u.agents[id]
		var err error
		switch part {
		case "team":
			err = word(&a.Team)(s.value)
		case "skills":
			a.Skills, err = readList(s.value)
		default:
			u.fail(s.line, `%s: want an agent's team or skills, such as "%s.team = sales"`, clip(s.name), name)
			continue
		}
		if err != nil {
			u.fail(s.line, "%s: %v", s.name, err)
		}
		u.agents[id] = a
	}
}
