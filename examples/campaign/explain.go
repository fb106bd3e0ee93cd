package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// explained is one record: whether it can be called, why not, and its history.
type explained struct {
	Record    string      `json:"record"`
	At        time.Time   `json:"at"`
	LeftOut   bool        `json:"left_out,omitempty"` // blacklisted or there twice: it was not added
	Owner     string      `json:"owner,omitempty"`    // of an own callback
	Name      string      `json:"name,omitempty"`
	Phones    []phone     `json:"phones"`
	Status    string      `json:"status,omitempty"`
	Qualifier string      `json:"qualifier"`
	Standing  string      `json:"standing"`
	Attempts  int         `json:"attempts"`
	Callable  bool        `json:"callable"`
	Blockers  []hindrance `json:"blockers"`
	Earliest  time.Time   `json:"earliest,omitzero"`
	History   []line      `json:"history"`
}

// hindrance is a blocker.
type hindrance struct {
	Text  string    `json:"text"`
	Until time.Time `json:"until,omitzero"` // zero: only a change ends it
}

type phone struct {
	Number string `json:"number"`
	Label  string `json:"label,omitempty"`
	Out    string `json:"out,omitempty"`
}

type line struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// explain asks for the agent who could call the record: the owner of an own
// callback, else anybody.
func explain(ctx context.Context, queue *dialer.Queue, id campaign.RecordID, now time.Time) (*explained, error) {
	ref := campaign.Ref{Campaign: campaignID, Record: id}
	e, err := queue.Explain(ctx, ref, campaign.Asker{Reserved: true})
	if err == nil && e.Record.Lane == status.LaneOwn {
		e, err = queue.Explain(ctx, ref, campaign.Asker{Agent: e.Record.Owner})
	}
	if errors.Is(err, campaign.ErrNotFound) {
		return &explained{Record: string(id), At: now, LeftOut: true, Phones: []phone{}, Blockers: []hindrance{}, History: []line{}}, nil
	}
	if err != nil {
		return nil, err
	}
	return explainedOf(&e, now), nil
}

func explainedOf(e *dialer.Explanation, now time.Time) *explained {
	r := &e.Record
	x := &explained{
		Record: string(r.ID), At: now, Status: string(r.Status), Qualifier: r.Qualifier.String(), Standing: r.Standing.String(),
		Attempts: r.Attempts.Total, Callable: e.Callable, Earliest: e.Earliest,
		Phones: []phone{}, Blockers: []hindrance{}, History: []line{},
	}
	if r.Lane == status.LaneOwn {
		x.Owner = string(r.Owner)
	}
	x.Name, _ = r.Fields["name"].(string)
	for _, p := range r.Phones {
		x.Phones = append(x.Phones, phone{p.Number.String(), p.Label, string(p.Out)})
	}
	for _, b := range e.Blockers {
		until := b.Until
		b.Until = time.Time{} // told apart, in the campaign's zone
		x.Blockers = append(x.Blockers, hindrance{strings.TrimPrefix(b.String(), "closed: "), until})
	}
	x.History = append(x.History, historyOf(e)...)
	return x
}

// historyOf merges calls and changes by time. A change that a call made stands
// with its call.
func historyOf(e *dialer.Explanation) []line {
	var lines []line
	calls := e.Calls
	write := func(c *campaign.Call) {
		text := fmt.Sprintf("call to %s by %s: %s", c.Number, c.Agent, c.Outcome)
		if c.Talk > 0 {
			text += fmt.Sprintf(", talked %s", c.Talk)
		}
		by := "by rule"
		if c.Chosen {
			by = "chosen"
		}
		switch {
		case c.Status != "":
			text += fmt.Sprintf("; then %s, status %s %s", c.Qualifier, c.Status, by)
		case c.Qualifier != 0:
			text += fmt.Sprintf("; then %s", c.Qualifier)
		}
		lines = append(lines, line{c.Dialed, text})
	}
	for _, entry := range e.Entries {
		for len(calls) > 0 && !calls[0].Ended.After(entry.At) {
			write(calls[0])
			calls = calls[1:]
		}
		text := fmt.Sprintf("%s, by %s", entry.Why, entry.Author)
		if entry.To != "" {
			text += fmt.Sprintf(": status %s", entry.To)
		}
		if entry.Qualifier != 0 {
			text += fmt.Sprintf(" (%s)", entry.Qualifier)
		}
		lines = append(lines, line{entry.At, text})
	}
	for _, c := range calls {
		write(c)
	}
	return lines
}
