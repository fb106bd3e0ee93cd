package campaign

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/status"
)

// act makes the action that the status asks for. Its id is the same for the
// same call, kind and template, so that a correction does not send it again.
func (d *draft) act(st *status.Status) {
	if st == nil {
		return
	}
	kind := effectOf(st.Qualifier).Action
	if kind == status.ActionNone {
		return
	}
	number := blacklist.Number(0)
	moment := "t" + strconv.FormatInt(d.now.UnixMicro(), 10)
	switch {
	case d.call != nil:
		number = d.call.Number
		moment = "c" + strconv.FormatInt(int64(d.call.Token), 10)
	case d.r.Next < len(d.r.Phones):
		number = d.r.Phones[d.r.Next].Number
	}
	d.actions = append(d.actions, Action{
		// Escaped, so that no two different records make the same id.
		ID: fmt.Sprintf("%s/%s/%s/%s/%s", url.PathEscape(string(d.c.cfg.ID)), url.PathEscape(string(d.r.ID)),
			moment, kind, url.PathEscape(st.Template)),
		Kind: kind, Campaign: d.c.cfg.ID, Record: d.r.ID, Contact: d.r.Contact, Number: number,
		Status: st.ID, Template: st.Template, At: d.now,
	})
}
