package ruletest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

var (
	channels = []string{"agent", "call", "mail", "fax", "sms", "mms", "web"}
	modes    = []string{string(campaign.Preview), string(campaign.ProgressiveMode), string(campaign.Power), string(campaign.Predictive)}
)

// maxPhones is how many numbers a case can have.
const maxPhones = 20

func (b *builder) setZone(v string) error {
	name, err := readText(v)
	if err != nil {
		return err
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return fmt.Errorf("%q is no IANA zone such as Europe/Warsaw", name)
	}
	b.phoneZone = name
	return nil
}

func (b *builder) setPhones(v string) error {
	list, err := readList(v)
	if err != nil {
		return err
	}
	if len(list) > maxPhones {
		return fmt.Errorf("%d numbers: want at most %d", len(list), maxPhones)
	}
	b.r.Phones = nil
	for _, text := range list {
		n, err := blacklist.ParseNumber(text)
		if err != nil {
			return err
		}
		if b.r.Phone(n) >= 0 {
			return fmt.Errorf("%s comes twice: leave one out", n)
		}
		b.r.Phones = append(b.r.Phones, campaign.Phone{Number: n})
	}
	return nil
}

// setNumber is said of the phone, or of the call: both are one.
func (b *builder) setNumber(v string) error {
	text, err := readText(v)
	if err != nil {
		return err
	}
	n, err := blacklist.ParseNumber(text)
	if err != nil {
		return err
	}
	if b.number != 0 && b.number != n {
		return fmt.Errorf("phone.number and call.number are one: leave one out")
	}
	b.number = n
	return nil
}

func (b *builder) setIndex(v string) error {
	n, err := readInt(v)
	if err == nil && (n < 1 || n > maxPhones) {
		err = fmt.Errorf("%d: want 1 for the record's first number, up to %d", n, maxPhones)
	}
	b.index = int(n)
	return err
}

// numbers finds the phone that the case is about. Numbers that the case speaks
// of without listing them are made up.
func (b *builder) numbers() {
	line := max(b.given["phone.index"], b.given["phone.number"], b.given["call.number"])
	_, listed := b.given["record.phones"]
	b.at = max(b.index, 1) - 1
	for n := defaultNumber; !listed && len(b.r.Phones) <= b.at; {
		n++
		b.r.Phones = append(b.r.Phones, campaign.Phone{Number: n})
	}
	switch i := b.r.Phone(b.number); {
	case b.number == 0:
	case i >= 0 && b.index == 0:
		b.at = i
	case listed && i < 0:
		b.fail(line, "%s is none of record.phones", b.number)
	case listed && i != b.at:
		b.fail(line, "%s is number %d of record.phones, not %d", b.number, i+1, b.index)
	case !listed:
		b.r.Phones[b.at].Number = b.number
	}
	if b.at >= len(b.r.Phones) {
		if line > 0 && len(b.errs) == 0 {
			b.fail(line, "phone.index = %d: record.phones has %d", b.at+1, len(b.r.Phones))
		}
		b.at = -1
		return
	}
	b.r.Next = b.at
	for i := range b.r.Phones {
		b.r.Phones[i].Region = b.country
	}
	if b.phoneZone != "" {
		b.r.Phones[b.at].Zones = []string{b.phoneZone}
	}
}

func (b *builder) setValid(v string) error {
	valid, err := readBool(v)
	if err != nil {
		return err
	}
	return onPhone(func(_ *builder, p *campaign.Phone, _ string) error {
		p.Out = campaign.OutEnded
		if valid {
			p.Out = ""
		}
		return nil
	})(b, v)
}

// setLeft leaves so many numbers that may be dialled, that of the case last.
func (b *builder) setLeft(v string) error {
	want, err := readInt(v)
	if err != nil || want < 0 || want > maxPhones {
		return fmt.Errorf("%s: want 0 to %d", clip(v), maxPhones)
	}
	left := int64(0)
	for i := range b.r.Phones {
		if b.r.Phones[i].Out == "" {
			left++
		}
	}
	_, listed := b.given["record.phones"]
	for ; left < want && !listed; left++ {
		next := b.r.Phones[len(b.r.Phones)-1].Number + 1
		b.r.Phones = append(b.r.Phones, campaign.Phone{Number: next, Region: b.country})
	}
	for i := len(b.r.Phones) - 1; i >= 0 && left > want; i-- {
		if p := &b.r.Phones[i]; i != b.at && p.Out == "" {
			p.Out = campaign.OutEnded
			left--
		}
	}
	if left == 1 && want == 0 {
		b.r.Phones[b.at].Out = campaign.OutEnded
		left--
	}
	if left != want {
		return fmt.Errorf("%d: of the record's %d numbers %d can be dialled", want, len(b.r.Phones), left)
	}
	return nil
}

func (b *builder) setStatus(v string) error {
	id, err := readText(v)
	if err != nil {
		return err
	}
	known := b.run.c.Known()
	if id != "" && !slices.Contains(known, status.ID(id)) {
		var names []string
		for _, k := range known {
			names = append(names, string(k))
		}
		return fmt.Errorf("%q is no status of the campaign%s", clip(id), meant(id, names))
	}
	b.r.Status = status.ID(id)
	for _, st := range b.run.c.Statuses() {
		if _, said := b.given["record.qualifier"]; st.ID == b.r.Status && !said {
			b.r.Qualifier = st.Qualifier
		}
	}
	return nil
}

func (b *builder) setSource(v string) error {
	name, err := readText(v)
	if err == nil && name != "" && !slices.Contains(channels, name) {
		err = fmt.Errorf("%q is no source: want \"\" for an import, or one of %s%s", clip(name), strings.Join(channels, ", "), meant(name, channels))
	}
	b.r.Source = campaign.Channel(name)
	return err
}

func (b *builder) setOrder(v string) error {
	n, err := readInt(v)
	if err == nil && (n < 0 || n > 1<<16-1) {
		err = fmt.Errorf("%d: want 0 to 65535", n)
	}
	b.r.Order = uint16(n)
	return err
}

func (b *builder) setMode(v string) error {
	name, err := readText(v)
	if err == nil && !slices.Contains(modes, name) {
		err = fmt.Errorf("%q is no mode: want one of %s%s", clip(name), strings.Join(modes, ", "), meant(name, modes))
	}
	b.mode = campaign.Mode(name)
	return err
}

func (b *builder) setCall(v string) error {
	n, err := readInt(v)
	if err == nil && n <= int64(len(b.earlier)) {
		err = fmt.Errorf("%d: want more than %d, the number of earlier calls", n, len(b.earlier))
	}
	b.id = campaign.Token(n)
	return err
}

func (b *builder) setContactKind(v string) error {
	name, err := readText(v)
	c := b.contact()
	switch {
	case err != nil:
		return err
	case name == "company":
		c.Company, c.FirstName, c.LastName = "Acme", "", ""
	case name != "person":
		return fmt.Errorf(`%q: want "person" or "company"`, clip(name))
	}
	return nil
}

// typed finds the record type: the case's, else the first that has all fields
// that the case speaks of. wanted are the fields that its results name.
func (b *builder) typed(facts []setting, wanted []string) {
	names := slices.Clone(wanted)
	for _, s := range facts {
		if name, ok := strings.CutPrefix(s.name, "record.fields."); ok {
			names = append(names, name)
		}
	}
	types := b.run.cfg.RecordTypes
	line, said := b.given["record.type"]
	if said {
		known := []string{}
		for _, t := range types {
			known = append(known, t.Name)
		}
		if b.r.Type != "" && !slices.Contains(known, b.r.Type) {
			b.fail(line, "record.type: %q is none of the record types %q%s", clip(b.r.Type), known, meant(b.r.Type, known))
		}
		return
	}
	for _, t := range types {
		if !slices.ContainsFunc(names, func(n string) bool { return fieldOf(t.Fields, n) == nil }) {
			b.r.Type = t.Name
			return
		}
	}
}

func fieldOf(fields []campaign.Field, name string) *campaign.Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

// field reads a fact about a field, if it is one.
func (b *builder) field(s setting) {
	name, ofRecord := strings.CutPrefix(s.name, "record.fields.")
	fields, where := b.run.cfg.ContactFields, "contacts have"
	if ofRecord {
		where = "the campaign's record types have"
		if b.r.Type != "" {
			where = fmt.Sprintf("record type %q has", b.r.Type)
		}
		fields = nil
		for _, t := range b.run.cfg.RecordTypes {
			if t.Name == b.r.Type {
				fields = t.Fields
			}
		}
	} else {
		var ok bool
		if name, ok = strings.CutPrefix(s.name, "contact.fields."); !ok {
			return
		}
	}
	f := fieldOf(fields, name)
	if f == nil {
		b.fail(s.line, "%s: %s no such field%s", clip(s.name), where, meant(s.name, b.run.fieldNames))
		return
	}
	v, err := b.fieldValue(f.Type, s.value)
	if err != nil {
		b.fail(s.line, "%s is of type %s: %v", s.name, f.Type, err)
		return
	}
	into := &b.r.Fields
	if !ofRecord {
		into = &b.contact().Fields
	}
	if *into == nil {
		*into = campaign.Fields{}
	}
	(*into)[name] = v
}

func (b *builder) fieldValue(t campaign.FieldType, v string) (any, error) {
	switch t {
	case campaign.Int:
		return readInt(v)
	case campaign.Double:
		return readReal(v)
	case campaign.Bool:
		return readBool(v)
	case campaign.Timestamp:
		return b.readTime(v)
	case campaign.Strings:
		return readList(v)
	}
	return readText(v)
}
