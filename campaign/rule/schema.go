package rule

import (
	"fmt"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// kind is the type of a property's values.
type kind uint8

const (
	kindString kind = iota
	kindInt
	kindDouble
	kindBool
	kindTime
	kindDuration
	kindStrings
)

var kindNames = [...]string{"string", "int", "double", "bool", "timestamp", "duration", "list of string"}

func (k kind) String() string { return kindNames[k] }

// property is something that a condition can read. Exactly one of its getters
// is set, that of its kind; each says whether there is a value. Where it says no
// and wrong is set, that may know of one which is not of the kind.
type property struct {
	path     string // as conditions write it: "call.outcome"
	kind     kind
	optional bool // it may be absent
	doc      string
	enum     []string                       // the only values it can have; nil: any
	only     func(campaign.Kind) bool       // the kinds of conditions that may read it; nil: all
	ofCall   bool                           // it is absent where there is no call
	reads    campaign.Reads                 // what must be known beside the record
	text     func(*scope) (string, bool)    // kindString
	num      func(*scope) (int64, bool)     // kindInt; kindDuration in nanoseconds
	real     func(*scope) (float64, bool)   // kindDouble
	flag     func(*scope) (bool, bool)      // kindBool
	when     func(*scope) (time.Time, bool) // kindTime, in UTC
	list     func(*scope) ([]string, bool)  // kindStrings, never written to
	wrong    func(*scope) error             // says what is wrong with a value that is there, and that the getter denies; nil: nothing ever is
	boxes    map[string]ref.Val             // of enum
}

// mayBeAbsent reports whether a condition of a kind may find no value. A status
// that a person sets has a next call and no call.
func (p *property) mayBeAbsent(k campaign.Kind) bool {
	return p.optional || p.ofCall && k == campaign.NextAt
}

// object is a group of properties, such as call or record.fields.
type object struct {
	path     string // "record.fields"
	typeName string // "nextcall.record.fields"
	names    []string
	fields   map[string]*property
	objects  map[string]*object
	index    int  // its place among the schema's objects
	inner    bool // of another object

	celType *types.Type
}

// schema is all that the conditions of one campaign can read.
type schema struct {
	cfg        *campaign.Config
	objects    []*object
	byType     map[string]*object
	properties []*property
	byPath     map[string]*property
	top        []*property // those without an object: now, tz, blacklisted
	clashes    map[string]string
	variables  map[string]variable // what cel-go asks the scope for
	boxes      map[*string]map[string]ref.Val
}

// variable is an object or a property without one.
type variable struct {
	object   *object
	property *property
}

// newSchema makes the schema of a configuration. statuses are the ids that a
// record's status can be.
func newSchema(cfg *campaign.Config, statuses []status.ID, agents map[campaign.AgentID]Agent) *schema {
	s := &schema{cfg: cfg, byType: map[string]*object{}, byPath: map[string]*property{}, clashes: map[string]string{}, boxes: map[*string]map[string]ref.Val{}}
	for _, path := range objectPaths {
		s.object(path)
	}
	for _, p := range variables(cfg, statuses, agents) {
		s.add(p)
	}
	for _, t := range cfg.RecordTypes {
		for i := range t.Fields {
			s.addField("record.fields", &t.Fields[i], recordFields, fmt.Sprintf("record type %q", t.Name))
		}
	}
	for i := range cfg.ContactFields {
		s.addField("contact.fields", &cfg.ContactFields[i], contactFields, "contacts")
	}
	s.variables = map[string]variable{}
	for _, o := range s.objects {
		if !o.inner {
			s.variables[o.path] = variable{object: o}
		}
	}
	for _, p := range s.top {
		s.variables[p.path] = variable{property: p}
	}
	return s
}

var objectPaths = []string{"call", "record", "record.fields", "attempts", "phone", "contact", "contact.fields", "campaign", "agent"}

func (s *schema) object(path string) *object {
	o := &object{path: path, typeName: "nextcall." + path, fields: map[string]*property{}, objects: map[string]*object{}, index: len(s.objects)}
	o.celType = types.NewObjectType(o.typeName)
	s.objects = append(s.objects, o)
	s.byType[o.typeName] = o
	if parent, name, ok := cutLast(path); ok {
		p := s.byType["nextcall."+parent]
		o.inner = true
		p.objects[name] = o
		p.names = append(p.names, name)
	}
	return o
}

func (s *schema) add(p *property) {
	parent, name, ok := cutLast(p.path)
	if !ok {
		s.top = append(s.top, p)
	}
	s.addTo(parent, name, p)
}

// addTo adds a property to an object; "" is none. A name may have a dot in it.
func (s *schema) addTo(parent, name string, p *property) {
	p.boxes = s.boxed(p.enum)
	s.properties = append(s.properties, p)
	s.byPath[p.path] = p
	if o := s.byType["nextcall."+parent]; o != nil {
		o.fields[name] = p
		o.names = append(o.names, name)
	}
}

// addField adds a field of a record type or of contacts. Two types may have a
// field of one name, but only with one type can conditions read it.
func (s *schema) addField(object string, f *campaign.Field, of func(*scope) campaign.Fields, where string) {
	k, ok := fieldKinds[f.Type]
	if !ok || f.Name == "" {
		return // the configuration's own check names it
	}
	path := object + "." + f.Name
	if old := s.byPath[path]; old != nil {
		if old.kind != k && s.clashes[path] == "" {
			s.clashes[path] = fmt.Sprintf("it is of type %s in one record type and of type %s in %s: give one of them another name", old.kind, k, where)
		}
		return
	}
	s.addTo(object, f.Name, field(path, f.Name, k, of, object == "contact.fields"))
}

var fieldKinds = map[campaign.FieldType]kind{
	campaign.String: kindString, campaign.Int: kindInt, campaign.Double: kindDouble, campaign.Bool: kindBool,
	campaign.Timestamp: kindTime, campaign.Strings: kindStrings, "": kindString,
}

// cutLast cuts a path at its last dot.
func cutLast(path string) (parent, name string, ok bool) {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[:i], path[i+1:], true
		}
	}
	return "", path, false
}
