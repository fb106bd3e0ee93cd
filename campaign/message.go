package campaign

import (
	"slices"

	"github.com/nextcall/nextcall/status"
)

var channels = []Channel{
	ChannelImport, ChannelAgent, ChannelCall, ChannelMail, ChannelFax, ChannelSMS, ChannelMMS, ChannelWeb,
}

// message makes somebody look at the record: one that waits to be called goes
// on waiting, any other is held. A success stays one.
func (d *draft) message(e *Message) (*Change, error) {
	d.author = e.Actor.Name()
	d.actorText(&e.Actor)
	d.may(&e.Actor)
	if !slices.Contains(channels, e.Channel) {
		d.fail(&FieldError{Path: "channel", Value: string(e.Channel), Msg: "want agent, call, mail, fax, sms, mms or web"})
	}
	d.note(e.Note)
	d.why(WhyMessage)
	if d.r.Success {
		d.r.Attention = true
	} else {
		d.settle(&verdict{q: status.NewMessage})
	}
	return d.finish(0, d.entry(Entry{Why: WhyMessage, Note: e.Note}))
}
