package campaign

import (
	"time"

	"github.com/nextcall/nextcall/blacklist"
)

// Order is the campaign's place among others: lower is served first, 0 last.
func (c *Campaign) Order() int { return c.cfg.Order }

// Parity is the campaign's weight among those of one order, at least 1.
func (c *Campaign) Parity() int { return max(1, c.cfg.Parity) }

// RetryShare is the share of calls, in percent, that due retries get while
// fresh records remain.
func (c *Campaign) RetryShare() int { return c.cfg.RetryShare }

// OfferTTL is how long a record stays offered.
func (c *Campaign) OfferTTL() time.Duration { return time.Duration(c.cfg.Leases.Offer) }

// DialTTL is how long a started call may go unanswered and unreported.
func (c *Campaign) DialTTL() time.Duration { return time.Duration(c.cfg.Leases.Dial) }

// TalkTTL is how long a talk may go unreported.
func (c *Campaign) TalkTTL() time.Duration { return time.Duration(c.cfg.Leases.Talk) }

// Blacklists are the lists asked besides the global one. The slice must not be
// written to.
func (c *Campaign) Blacklists() []blacklist.List { return c.cfg.Blacklists }

// MayOverride reports whether the campaign lets a named actor override something.
func (c *Campaign) MayOverride(what Override) bool { return c.overrides[what] }
