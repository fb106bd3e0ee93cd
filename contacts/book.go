// Package contacts answers who somebody is, and whether they are known already.
// A [Book] saves people and companies without duplicates, suggests them while
// somebody types, opens cases (a case is a record: the one link of a contact and a
// campaign), merges and erases contacts, and imports them from CSV.
//
// It works over any store that keeps contacts. What it writes of a contact and of
// the contact's records is one change: both are written, or neither.
package contacts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// Store is a store that keeps records and contacts.
type Store interface {
	campaign.Store
	campaign.ContactStore
}

// Campaigns gives the host's campaigns, compiled, as they are configured now. A
// dialer.Queue is one, and so is a [List].
type Campaigns interface{ Campaigns() []*campaign.Campaign }

// List are campaigns that do not change.
type List []*campaign.Campaign

// Campaigns returns the list.
func (l List) Campaigns() []*campaign.Campaign { return l }

// Config are the settings of a Book.
type Config struct {
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	// NewID makes an id that no contact and no record has: a UUID, a number of a
	// sequence of the host's. It should say nothing about the person, for it stays
	// when the person is erased. Without it contacts and cases need ids of the host's.
	NewID func() string
	// Fields are the custom fields of contacts, with their types. A required one
	// must have a value. A hidden one is never demanded; conditions are not taken.
	// A campaign that reads one names it in its Config.ContactFields, with the same type.
	Fields []campaign.Field
	// Phone is what is known about a number of a contact that becomes a record's:
	// its zones and region. Defaults to the number alone, whose zone is the
	// campaign's default.
	Phone func(blacklist.Number) campaign.Phone
	// Checkers are asked about every number besides the store's own lists, as
	// those of a queue are.
	Checkers []blacklist.Named
}

// Book keeps contacts and their cases. It is safe for concurrent use, if the
// functions of its Config are.
type Book struct {
	store     Store
	campaigns Campaigns
	cfg       Config
	checkers  []blacklist.Named // the store's own lists, then those of cfg
}

// maxTries is how often an operation is tried that finds a record or contact changed
// under its hands.
const maxTries = 8

// New makes a Book. All mistakes of the configuration are joined.
func New(store Store, campaigns Campaigns, cfg Config) (*Book, error) {
	if store == nil {
		return nil, errors.New("contacts: a Book needs a store that keeps contacts, such as memstore.New()")
	}
	if campaigns == nil {
		return nil, errors.New("contacts: a Book needs the host's campaigns: a dialer.Queue, or a contacts.List")
	}
	var errs []error
	cfg.Fields = slices.Clone(cfg.Fields)
	types := make(map[string]campaign.FieldType, len(cfg.Fields))
	for i := range cfg.Fields {
		f := &cfg.Fields[i]
		if f.Type == "" {
			f.Type = campaign.String
		}
		wrong := func(part, value, msg string) {
			errs = append(errs, &campaign.FieldError{Path: fmt.Sprintf("fields[%d].%s", i, part), Value: value, Msg: msg})
		}
		if _, twice := types[f.Name]; twice || f.Name == "" {
			wrong("name", f.Name, "want a name that no other field has")
		}
		if !slices.Contains(fieldTypes, f.Type) {
			wrong("type", string(f.Type), "want string, int, double, bool, timestamp or strings")
		}
		if f.RequiredWhen != "" || f.ValidWhen != "" {
			wrong("required_when", "", "contacts' fields have no conditions: leave them out")
		}
		types[f.Name] = f.Type
	}
	for _, c := range campaigns.Campaigns() {
		for _, f := range c.Config().ContactFields {
			if t, ok := types[f.Name]; ok && t != f.Type {
				errs = append(errs, fmt.Errorf("contacts: field %q is of type %s here and of type %s in campaign %q: want one type", f.Name, t, f.Type, c.ID()))
			}
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Phone == nil {
		cfg.Phone = func(n blacklist.Number) campaign.Phone { return campaign.Phone{Number: n} }
	}
	b := &Book{store: store, campaigns: campaigns, cfg: cfg}
	b.checkers = append([]blacklist.Named{{Checker: store}}, cfg.Checkers...)
	return b, nil
}

var fieldTypes = []campaign.FieldType{
	campaign.String, campaign.Int, campaign.Double, campaign.Bool, campaign.Timestamp, campaign.Strings,
}

// now is the book's clock at the store's resolution.
func (b *Book) now() time.Time { return b.cfg.Now().UTC().Truncate(time.Microsecond) }

// newID is a new id for what: "contact" or "record".
func (b *Book) newID(what string) (string, error) {
	if b.cfg.NewID != nil {
		if id := b.cfg.NewID(); id != "" {
			return id, nil
		}
	}
	return "", &campaign.FieldError{Path: what, Msg: "want an id, or a Config.NewID that makes one"}
}

// Available lists the campaigns that somebody may open cases in: those that they may
// use, and where they talk with an agent account, those that the agent works in.
func (b *Book) Available(actor campaign.Actor) []*campaign.Campaign {
	var list []*campaign.Campaign
	for _, c := range b.campaigns.Campaigns() {
		if available(c, &actor) {
			list = append(list, c)
		}
	}
	return list
}

func available(c *campaign.Campaign, actor *campaign.Actor) bool {
	return (len(actor.Campaigns) == 0 || slices.Contains(actor.Campaigns, c.ID())) && (actor.Agent == "" || c.Lists(actor.Agent))
}

// campaign returns a campaign that the actor may use, or a *[CampaignError].
func (b *Book) campaign(id campaign.ID, actor *campaign.Actor) (*campaign.Campaign, error) {
	e := &CampaignError{ID: id}
	for _, c := range b.campaigns.Campaigns() {
		if !available(c, actor) {
			e.Known = e.Known || c.ID() == id
			continue
		}
		if c.ID() == id {
			return c, nil
		}
		e.Available = append(e.Available, c.ID())
	}
	return nil, e
}

// byCampaign are the campaigns by their ids.
func (b *Book) byCampaign() map[campaign.ID]*campaign.Campaign {
	all := b.campaigns.Campaigns()
	m := make(map[campaign.ID]*campaign.Campaign, len(all))
	for _, c := range all {
		m[c.ID()] = c
	}
	return m
}

// everywhere is the actor without the bounds of campaigns: what is saved of a
// contact reaches all its records, whoever may use their campaigns.
func everywhere(actor campaign.Actor) campaign.Actor {
	actor.Campaigns = nil
	return actor
}

// commit commits one change and gives its own error.
func (b *Book) commit(ctx context.Context, change campaign.Change) error {
	errs, err := b.store.Commit(ctx, change)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return nil
}

// again tries an operation anew while what it has read is changed by others.
func again(try func() error) error {
	for n := 1; ; n++ {
		err := try()
		var named *versionError
		if !errors.Is(err, campaign.ErrConflict) || errors.As(err, &named) || n == maxTries {
			return err
		}
	}
}
