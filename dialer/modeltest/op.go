package modeltest

import (
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/storetest/faultstore"
	"github.com/nextcall/nextcall/status"
)

// kind is what an operation does.
type kind int

const (
	opAdd kind = iota
	opNext
	opStart
	opExtend
	opReport
	opRelease
	opSkip
	opTake
	opInbound
	opCorrect
	opSet
	opEdit
	opMessage
	opList
	opUnlist
	opConfigure
	opClock
	opCrash
	opChecker
	opDone
	opBulk
	opProbe // compares Explain with what Next then does; only at the end
)

var kindNames = []string{"add", "next", "start", "extend", "report", "release", "skip", "take", "inbound", "correct",
	"set", "edit", "message", "list", "unlist", "configure", "clock", "crash", "checker", "done", "bulk", "probe"}

// op is one operation as data, so that it can be replayed without the ones
// before it: it names records and the place of a lease in its record's, and
// does nothing where there is no such record or lease.
type op struct {
	Kind  kind
	Queue int // which queue does it

	Record campaign.RecordID
	Back   int   // which lease of the record: 0 its latest, 1 the one before, ...
	Token  int64 // if not 0, this token instead: one that nobody was given

	Agent     campaign.AgentID
	Reserved  bool
	Start     bool
	Limit     int
	Campaigns []campaign.ID
	Overrides []campaign.Override

	Number  string // as somebody writes it; "" none
	Outcome campaign.Outcome
	Status  status.ID
	Rang    bool
	Talking bool
	Which   campaign.Which

	In      time.Duration // for clocks, entries and inputs of time: from now; 0: none
	Add     campaign.Record
	Phones  []string // of Add and of an edit, as somebody writes them
	Zones   []string // one a phone
	Regions []string // one a phone
	Code    int64    // the field "code" of Add and of an edit; 0: none
	Consent bool
	Order   uint16
	Part    string // of an edit: what it changes
	Channel campaign.Channel
	Same    bool // allow a number that another record has
	List    blacklist.List
	Variant int         // of the configuration
	N       int         // of a bulk: how many records one commit changes
	To      campaign.ID // of a bulk: where the records go; "" nowhere
	On      bool        // of a failing checker

	// Fault lets one of the store's calls fail: the k-th one of this operation; 0: none.
	Fault int
	How   faultstore.Kind // it fails
	Reads bool            // calls that read count too
	Luck  uint64          // decides what How leaves open
}

// String is the operation in one line, without what is unset.
func (o op) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s q%d", kindNames[o.Kind], o.Queue)
	say := func(name string, value any, set bool) {
		if set {
			fmt.Fprintf(&b, " %s=%v", name, value)
		}
	}
	say("record", o.Record, o.Record != "")
	say("back", o.Back, o.Back != 0)
	say("token", o.Token, o.Token != 0)
	say("agent", o.Agent, o.Agent != "")
	say("reserved", o.Reserved, o.Reserved)
	say("start", o.Start, o.Start)
	say("limit", o.Limit, o.Limit != 0)
	say("campaigns", o.Campaigns, len(o.Campaigns) > 0)
	say("overrides", o.Overrides, len(o.Overrides) > 0)
	say("number", o.Number, o.Number != "")
	say("outcome", o.Outcome, o.Outcome != 0)
	say("status", o.Status, o.Status != "")
	say("rang", o.Rang, o.Rang)
	say("talking", o.Talking, o.Talking)
	say("which", string(o.Which), o.Which != "")
	say("in", o.In, o.In != 0)
	say("campaign", o.Add.Campaign, o.Add.Campaign != "")
	say("contact", o.Add.Contact, o.Add.Contact != "")
	say("of list", o.Add.List, o.Add.List != "")
	say("phones", o.Phones, len(o.Phones) > 0)
	say("zones", fmt.Sprintf("%q", o.Zones), len(o.Zones) > 0)
	say("regions", fmt.Sprintf("%q", o.Regions), len(o.Regions) > 0)
	say("code", o.Code, o.Code != 0)
	say("consent", o.Consent, o.Consent)
	say("order", o.Order, o.Order != 0)
	say("part", o.Part, o.Part != "")
	say("channel", o.Channel, o.Channel != "")
	say("same", o.Same, o.Same)
	say("list", o.List, o.List != "")
	say("variant", variantNames[o.Variant], o.Kind == opConfigure)
	say("to", o.To, o.To != "")
	say("on", o.On, o.On)
	say("fault", fmt.Sprint(o.Fault, " ", o.How), o.Fault != 0)
	say("of reads too", o.Reads, o.Fault != 0 && o.Reads)
	return b.String()
}
