package memstore

import (
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// slot is the number of a record inside its campaign: its place in the rows.
type slot = uint32

// row is what every record needs, in 88 bytes without a pointer. Names are
// numbers of their tables; what only some records have lies behind past and aside.
type row struct {
	marks

	seq     int64 // Sequence
	created stamp

	id        uint32 // Texts: the record's id
	contact   uint32 // people: the contact
	number    uint32 // people: the first of the record's distinct numbers
	gen       uint32 // the queues': entries of another generation are dead
	version   uint32
	changes   uint32
	past      uint32 // the block of a record that something happened to; 0 is none
	aside     uint32 // what does not fit: a chain of phones or a wide, see beside and chain; 0 is none
	external  uint32 // Texts: the external id
	operation uint32

	list, author uint16
	sort         uint16 // Sort; 0 is 65,536
	kind         uint8  // Type

	place uint8 // the queues': where the record waits
}

// marks are the part of a record's progress that it is found and sorted by.
type marks struct {
	due       stamp
	owner     uint32 // agents
	status    uint16
	class     uint16 // no part of the progress; 0 is no class
	zones     uint16 // of the first phone
	flags     flags
	qualifier status.Qualifier
	standing  status.Standing
	lane      status.Lane
	next      uint8
}

// flags are yes or no; the highest bits are the record's Channel.
type flags uint16

const (
	flagPromised flags = 1 << iota
	flagAgreed
	flagNeedsAgent
	flagSuccess
	flagAttention
	flagConsent
	flagRanked  // Sort is not that of Order, which is 0 or wide.order
	flagOddSort // Sort is not one that a row keeps: that of wide.whole

	// The next are the store's own: write leaves them alone.
	flagLeased // a live lease holds the record
	flagAdded  // the history begins with the line that Admit makes
	flagGone   // there is no record, or none any more: it has moved

	sourceShift       = 13
	sourceMask  flags = (1<<3 - 1) << sourceShift
	ownFlags          = flagLeased | flagAdded
)

// usualSort is the Sort that goes with an Order: the order, or 65,536 without one.
// It is the form that a row keeps a Sort in, too.
func usualSort(order uint16) int64 {
	if order == 0 {
		return 1 << 16
	}
	return int64(order)
}

// sources are the channels by their code.
var sources = [...]campaign.Channel{
	campaign.ChannelImport, campaign.ChannelAgent, campaign.ChannelCall, campaign.ChannelMail,
	campaign.ChannelFax, campaign.ChannelSMS, campaign.ChannelMMS, campaign.ChannelWeb,
}

func sourceCode(c campaign.Channel) (flags, bool) {
	for i, s := range sources {
		if s == c {
			return flags(i) << sourceShift, true
		}
	}
	return 0, false
}

// outs are the reasons why a number is out, by their code.
var outs = [...]campaign.Out{"", campaign.OutInvalid, campaign.OutEnded}

func outCode(o campaign.Out) (uint8, bool) {
	for i, x := range outs {
		if x == o {
			return uint8(i), true
		}
	}
	return 0, false
}

// past is what a record needs once something happened to it: a call, a park, a
// change. A record without one was never touched since it was created: Updated
// and StatusAt are Created, all else here is zero.
type past struct {
	figures
	phone phoneFigures // of the first phone

	updated stamp
	key     int64 // Record.Key
	park    stamp // Park.Until
	parkRev int64 // Park.Revision
	latest  int64 // the largest token of the record's calls

	log     uint32 // calls: the newest of the record's
	before  uint32 // what was before the latest call: see keepBefore
	entries uint32 // the store's: the lines of the history

	origins uint16          // Past
	reason  campaign.Reason // Park.Reason
}

// wide is what few records have, and what holds pointers. Phones are copied out
// to readers; the rest is shared with them, so it is replaced, never written to.
type wide struct {
	// whole is the record as it is, when a value does not fit the row. The row's
	// fields are set all the same, so that it is found and sorted like any other;
	// sequence, version and park are those of the row.
	whole *campaign.Record

	phones  []campaign.Phone // all of them, when one has what phones seldom have
	numbers []uint32         // then: the handles of their distinct numbers
	further uint32           // furthers: else the phones behind the first
	order   uint16           // Order, of a ranked record
	fields  campaign.Fields
	notes   []campaign.Note
	tags    []string
	past    []campaign.ID       // if the table of origins is full
	input   *campaign.LocalTime // DueInput
}
