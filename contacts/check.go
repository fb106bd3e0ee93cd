package contacts

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nextcall/nextcall/campaign"
)

// Bounds of a contact's data.
const (
	maxID    = 200 // bytes of an id or a key: every engine can index it
	maxName  = 500 // characters of a first name, last name or company
	maxEmail = 254 // bytes, by RFC 5321
	maxList  = 100 // phones, e-mail addresses or keys
)

// check returns the contact as it is to be saved: texts without white space around
// them, fields with the types that Config.Fields names. All mistakes are joined, each
// a *[campaign.FieldError]. c is not changed.
func (b *Book) check(c *campaign.Contact) (*campaign.Contact, error) {
	var k checker
	out := *c
	out.FirstName = k.name("first_name", c.FirstName)
	out.LastName = k.name("last_name", c.LastName)
	out.Company = k.name("company", c.Company)
	out.Country = strings.ToUpper(strings.TrimSpace(c.Country))
	if len(out.Country) != 0 && (len(out.Country) != 2 || strings.Trim(out.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		k.wrong("country", out.Country, `want two letters by ISO 3166, such as "PL"`)
	}
	if len(c.ID) > maxID {
		k.wrong("id", clipped(string(c.ID)), fmt.Sprintf("%d bytes: want at most %d", len(c.ID), maxID))
	}
	k.text("id", string(c.ID))
	out.Phones = slices.Clone(c.Phones)
	k.list("phones", len(c.Phones))
	for i, n := range c.Phones {
		path := fmt.Sprintf("phones[%d]", i)
		if !n.Valid() {
			k.wrong(path, fmt.Sprint(uint64(n)), "want 7 to 15 digits beginning with the country code")
		}
		k.once(path, n.String(), slices.Index(c.Phones, n), i)
	}
	k.list("emails", len(c.Emails))
	out.Emails = nil
	for i, e := range c.Emails {
		path := fmt.Sprintf("emails[%d]", i)
		e = strings.TrimSpace(e)
		k.email(path, e)
		same := slices.IndexFunc(out.Emails, func(o string) bool { return strings.EqualFold(o, e) })
		if out.Emails = append(out.Emails, e); same >= 0 {
			k.once(path, e, same, i)
		}
	}
	k.list("keys", len(c.Keys))
	out.Keys = slices.Clone(c.Keys)
	for i, key := range c.Keys {
		path := fmt.Sprintf("keys[%d]", i)
		if key == "" || len(key) > maxID {
			k.wrong(path, clipped(key), fmt.Sprintf("want 1 to %d bytes", maxID))
		}
		k.text(path, key)
		k.once(path, key, slices.Index(c.Keys, key), i)
	}
	out.Fields = k.fields(b.cfg.Fields, c.Fields)
	if out.FirstName == "" && out.LastName == "" && out.Company == "" && len(out.Phones)+len(out.Emails)+len(out.Keys) == 0 {
		k.wrong("contact", "", "says nothing: want a name, a company, a phone, an e-mail address or a key")
	}
	if len(k.errs) > 0 {
		return nil, errors.Join(k.errs...)
	}
	return &out, nil
}

// checker collects mistakes.
type checker struct{ errs []error }

func (k *checker) wrong(path, value, msg string) {
	k.errs = append(k.errs, &campaign.FieldError{Path: path, Value: value, Msg: msg})
}

// text refuses what no store keeps.
func (k *checker) text(path, s string) {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		k.wrong(path, clipped(s), "want UTF-8 without NUL bytes")
	}
}

func (k *checker) name(path, s string) string {
	s = strings.TrimSpace(s)
	k.text(path, s)
	if n := utf8.RuneCountInString(s); n > maxName {
		k.wrong(path, clipped(s), fmt.Sprintf("%d characters: want at most %d", n, maxName))
	}
	return s
}

func (k *checker) list(path string, n int) {
	if n > maxList {
		k.wrong(path, fmt.Sprint(n), fmt.Sprintf("want at most %d", maxList))
	}
}

// once refuses value i of a list that is the same as an earlier one.
func (k *checker) once(path, value string, first, i int) {
	if first >= 0 && first < i {
		k.wrong(path, clipped(value), fmt.Sprintf("the same as number %d of them: leave one out", first))
	}
}

// email refuses what cannot be an address. Whether there is such a mailbox only a
// mail can tell, so little is asked: one @ with something on both sides.
func (k *checker) email(path, e string) {
	local, domain, found := strings.Cut(e, "@")
	if !found || local == "" || domain == "" || len(e) > maxEmail || strings.Contains(domain, "@") ||
		strings.ContainsFunc(e, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		k.wrong(path, clipped(e), fmt.Sprintf(`want an address such as "name@example.org", at most %d bytes`, maxEmail))
		return
	}
	k.text(path, e)
}

// fields checks values and leaves out those that are cleared.
func (k *checker) fields(fields []campaign.Field, values campaign.Fields) campaign.Fields {
	checked, err := campaign.CheckFields("contacts have", fields, values)
	if err != nil {
		k.errs = append(k.errs, err)
		return nil
	}
	kept := maps.Clone(checked)
	maps.DeleteFunc(kept, func(_ string, v any) bool { return v == nil })
	for _, f := range fields {
		if f.Required && !f.Hidden && campaign.Blank(kept[f.Name]) {
			k.wrong(fmt.Sprintf("fields[%q]", f.Name), "", "is required: fill it in")
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// clipped is the beginning of a text, for messages.
func clipped(s string) string {
	if len(s) <= 60 {
		return s
	}
	return fmt.Sprintf("%.50s…", s)
}

// same reports whether two contacts are the same but for who wrote them and when.
func same(a, b *campaign.Contact) bool {
	return a.ID == b.ID && a.Company == b.Company && a.FirstName == b.FirstName && a.LastName == b.LastName && a.Country == b.Country &&
		slices.Equal(a.Phones, b.Phones) && slices.Equal(a.Emails, b.Emails) && slices.Equal(a.Keys, b.Keys) &&
		maps.EqualFunc(a.Fields, b.Fields, func(x, y any) bool { return reflect.DeepEqual(x, y) })
}

// addsKeys reports whether a contact gets keys that it has not had. old may be nil.
func addsKeys(old, c *campaign.Contact) bool {
	if old == nil {
		return true
	}
	had := old.Unique()
	return slices.ContainsFunc(c.Unique(), func(k campaign.ContactKey) bool { return !slices.Contains(had, k) })
}
