package modeltest

import (
	"errors"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// do carries an operation out and notes what the answer says.
func (w *world) do(o op) {
	p := w.queues[o.Queue%numQueues]
	w.ev.silent = p.failing
	switch o.Kind {
	case opClock:
		w.now = w.now.Add(o.In)
	case opCrash:
		w.restart(o.Queue % numQueues)
	case opChecker:
		p.failing = o.On
	case opConfigure:
		w.configure(o.Campaigns[0], o.Variant)
		if err := p.queue.Reload(ctx); err != nil {
			w.fail(17, "reload: %v", err)
		}
	case opAdd:
		w.add(p.queue, o)
	case opNext:
		w.next(p, o)
	case opTake:
		w.take(p.queue, o)
	case opInbound:
		w.callIn(p.queue, o)
	case opSet, opEdit, opMessage, opCorrect:
		w.change(p.queue, o)
	case opList:
		w.enlist(p.queue, o)
	case opUnlist:
		key := blacklist.Key{List: o.List, Number: number(o.Number)}
		switch err := p.queue.Unlist(ctx, key); {
		case w.injected(err) && w.stillListed(key):
			return
		case err != nil && !w.injected(err):
			w.fail(18, "unlist: %v", err)
		}
		delete(w.lists, key)
	case opDone:
		w.done(p, o)
	case opBulk:
		w.inBulk(o)
	case opProbe:
		w.probe(p, o)
	default:
		w.onLease(p.queue, o)
	}
}

func phonesOf(o op) []campaign.Phone {
	var phones []campaign.Phone
	for i, text := range o.Phones {
		p := campaign.Phone{Number: number(text)}
		if i < len(o.Zones) && o.Zones[i] != "" {
			p.Zones = []string{o.Zones[i]}
		}
		if i < len(o.Regions) {
			p.Region = o.Regions[i]
		}
		phones = append(phones, p)
	}
	return phones
}

func (w *world) add(q *dialer.Queue, o op) {
	r := o.Add
	r.ID, r.Phones, r.Consent = o.Record, phonesOf(o), o.Consent
	if o.Code != 0 {
		r.Fields = campaign.Fields{"code": o.Code}
	}
	if w.records[r.ID] != nil {
		return
	}
	added, err := q.Add(ctx, dialer.Adding{Actor: campaign.Actor{User: "import"}, Records: []campaign.Record{r}, AllowSameNumber: o.Same})
	switch {
	case w.injected(err):
		if !w.arrived(campaign.Ref{Campaign: r.Campaign, Record: r.ID}) {
			return
		}
	case err != nil || len(added) != 1:
		w.fail(0, "add: %d answers, %v", len(added), err)
		return
	default:
		w.admitted(o, added[0].Err, added[0].Warnings)
		if added[0].Err != nil {
			return
		}
	}
	w.order = append(w.order, r.ID)
	w.records[r.ID] = &record{ref: campaign.Ref{Campaign: r.Campaign, Record: r.ID}, contact: r.Contact,
		order: r.Order, consent: o.Consent, code: o.Code,
		tally: tally{byNumber: map[blacklist.Number]int{}, unrung: map[blacklist.Number]int{}, refused: map[blacklist.Number]time.Time{}}}
	w.ev.changed[r.ID] = "added"
}

func (w *world) next(p *process, o op) {
	ask := dialer.Ask{Agent: o.Agent, Reserved: o.Reserved, Start: o.Start, Limit: o.Limit, Campaigns: o.Campaigns}
	sel, err := p.queue.Next(ctx, ask)
	w.ev.err, w.ev.selected, w.ev.settled = err, err == nil, sel.Settled
	if wrong := (*dialer.AskError)(nil); err != nil && !w.injected(err) && !errors.As(err, &wrong) {
		w.fail(0, "next: %v", err)
	}
	if len(sel.Calls) > o.Limit {
		w.fail(0, "%d calls for a limit of %d", len(sel.Calls), o.Limit)
	}
	for _, c := range sel.Calls {
		w.grant(o, c, grant{started: o.Start, agent: o.Agent, unreserved: !o.Reserved && o.Agent == ""})
	}
}

// grant notes a call that was given out.
func (w *world) grant(o op, c dialer.Call, g grant) {
	if w.records[c.Record.ID] == nil {
		w.fail(5, "call for record %s, which nobody added", c.Record.ID)
		return
	}
	g.lease = &lease{ref: c.Ref, queue: o.Queue % numQueues, agent: o.Agent, phase: c.Lease.Phase, number: c.Number.Number,
		at: w.now, until: c.Lease.Until, dialed: c.Lease.Dialed, taken: g.taken, allowed: g.overrides}
	g.number = c.Number
	if c.Token == 0 || g.started != (c.Lease.Phase == campaign.Dialed) {
		w.fail(0, "call %+v: want a token, and a lease that is dialled only if it was asked for", c.Ref)
	}
	w.given(g.lease)
	w.ev.grants = append(w.ev.grants, g)
	w.ev.changed[c.Record.ID] = "leased"
}

func (w *world) take(q *dialer.Queue, o op) {
	r := w.records[o.Record]
	if r == nil {
		return
	}
	taking := dialer.Taking{Ref: r.ref, Actor: campaign.Actor{User: string(o.Agent), Agent: o.Agent}, Overrides: o.Overrides, Start: o.Start}
	if o.Number != "" {
		taking.Number = number(o.Number)
	}
	c, err := q.Take(ctx, taking)
	if w.ev.err = err; err != nil {
		return
	}
	if w.holder(o.Record) != nil && w.live(w.holder(o.Record)) {
		w.fail(1, "take of record %s, which is leased", o.Record)
	}
	w.grant(o, c, grant{started: o.Start, taken: true, overrides: o.Overrides, agent: o.Agent})
}

func (w *world) callIn(q *dialer.Queue, o op) {
	in, err := q.Inbound(ctx, dialer.Caller{Number: number(o.Number), Agent: o.Agent})
	if w.ev.err = err; err != nil {
		if !w.injected(err) {
			w.fail(0, "inbound: %v", err)
		}
		return
	}
	var l *lease
	for _, r := range in.Records {
		switch {
		case r.Leased:
		case w.records[r.Ref.Record] == nil || r.Token != in.Token || in.Token == 0:
			w.fail(0, "inbound record %+v under lease %d", r.Ref, in.Token)
			return
		case w.holder(r.Ref.Record) != nil && w.live(w.holder(r.Ref.Record)):
			w.fail(1, "an inbound call leased record %s, which is leased", r.Ref.Record)
		case l == nil:
			l = &lease{ref: r.Ref, queue: o.Queue % numQueues, agent: o.Agent, phase: campaign.Talking, number: number(o.Number),
				at: w.now, dialed: w.now, inbound: true}
			w.ev.changed[r.Ref.Record] = "leased"
		default:
			l.with = append(l.with, r.Ref)
			w.ev.changed[r.Ref.Record] = "leased"
		}
	}
	if l == nil {
		return
	}
	facts, err := looked(ctx, w.store, campaign.Need{NoCalls: true}, l.ref)
	if err == nil && len(facts) == 1 {
		l.until = facts[0].Lease.Until // the answer does not say it
	}
	w.given(l)
	for _, ref := range l.with {
		for _, p := range w.cur[ref.Record].Record.Phones {
			l.holds[p.Number] = true
		}
	}
	w.ev.grants = append(w.ev.grants, grant{lease: l, number: campaign.Phone{Number: l.number}, started: true, agent: o.Agent})
}

func (w *world) enlist(q *dialer.Queue, o op) {
	e := blacklist.Entry{Number: number(o.Number), List: o.List, Added: w.now, Author: "hand"}
	if o.In > 0 {
		e.Until = w.now.Add(o.In)
	}
	switch err := q.List(ctx, e); {
	case err == nil:
		w.list(e)
	case w.injected(err):
		w.adoptEntries(w.now, e.Number)
	default:
		w.fail(18, "list %v: %v", e, err)
	}
}

// change does what needs no lease: Set, Edit, Message, Correct.
func (w *world) change(q *dialer.Queue, o op) {
	r := w.records[o.Record]
	if r == nil {
		return
	}
	actor := campaign.Actor{User: string(o.Agent), Agent: o.Agent}
	ref := r.ref
	var answer campaign.Answer
	var err error
	switch o.Kind {
	case opSet:
		set := campaign.Set{Status: o.Status, Actor: actor, Input: o.input(w.now), Blacklist: o.Which}
		if o.Status == "" {
			set.Qualifier = status.Unused
		}
		answer, err = q.Set(ctx, ref, set)
	case opEdit:
		answer, err = q.Edit(ctx, ref, o.edit(actor))
	case opMessage:
		answer, err = q.Message(ctx, ref, campaign.Message{Channel: o.Channel, Note: "hello"})
	case opCorrect:
		l := w.named(o)
		if l == nil {
			return
		}
		ref = l.ref
		answer, err = q.Correct(ctx, ref, campaign.Correction{Status: o.Status, Actor: actor, Input: o.input(w.now)})
		w.ev.report = l
	}
	settled := w.settledFirst(o.Record)
	if w.injected(err) && !settled && w.changedBy(o) {
		answer, err = w.adoptAnswer(r.ref), nil
	}
	w.ev.err, w.ev.answer = err, answer
	if err != nil {
		w.ev.same[r.ref.Record] = !settled
		return
	}
	if l := w.holder(o.Record); l != nil && w.live(l) {
		w.fail(4, "%s changed record %s without the token of the lease that it is under", kindNames[o.Kind], o.Record)
	}
	if !settled || o.Kind == opSet || o.Kind == opCorrect {
		w.ev.changed[o.Record] = kindNames[o.Kind]
	}
	w.list(answer.Listed...)
	w.asked(answer)
	if o.Kind == opEdit {
		w.edited(r, o)
	}
	r.notBefore = time.Time{}
	if o.Kind == opMessage {
		return
	}
	if o.Kind != opEdit {
		r.misses, r.rung = 0, 0
	}
	if o.Kind == opSet && o.Status == "" {
		r.since, r.unanswered = 0, 0
	}
	if o.Kind == opCorrect { // it begins from the record as the call left it
		if c := w.calls[w.ev.report.ref.Token]; c != nil && w.ev.report.kept {
			c.counted = w.ev.report.truth
		}
		for _, p := range w.cur[o.Record].Record.Phones {
			if was := w.ev.report.from.Phone(p.Number); was < 0 {
				w.ev.report.after.byNumber[p.Number] = r.byNumber[p.Number]
			}
		}
		r.tally = w.ev.report.after.clone()
		r.forget(w.cur[o.Record].Record.Phones)
	}
	if o.Kind == opEdit && len(o.Phones) > 0 {
		r.forget(phonesOf(o))
	}
	if o.Kind == opCorrect && byStatus[o.Status].Blacklist != "" && !w.listsCall(answer.Listed, w.ev.report.number) {
		w.fail(19, "a correction to %s wrote no entry for %v: %v", o.Status, w.ev.report.number, answer.Listed)
	}
}

// named is the lease that an operation names, nil if there is none.
func (w *world) named(o op) *lease {
	all := w.of(o.Record)
	if o.Back < 0 || o.Back >= len(all) {
		return nil
	}
	return all[o.Back]
}

// onLease does what needs a token.
func (w *world) onLease(q *dialer.Queue, o op) {
	r := w.records[o.Record]
	if r == nil {
		return
	}
	l := w.named(o)
	ref := r.ref
	if o.Token != 0 {
		ref.Token = campaign.Token(o.Token)
		l = nil
		for _, x := range w.of(o.Record) {
			if x.ref.Token == ref.Token {
				l = x
			}
		}
	} else if l == nil {
		return
	} else {
		ref = l.ref
	}
	over := l == nil || l.ended
	switch o.Kind {
	case opReport:
		w.report(q, o, ref, l)
		return
	case opStart:
		var n blacklist.Number
		if o.Number != "" {
			n = number(o.Number)
		}
		c, err := q.Start(ctx, ref, n)
		w.ev.err = err
		switch {
		case err != nil:
		case over && w.stale() && l != nil && l.phase != campaign.Offered: // it had been started, and nothing was written
		case over:
			w.fail(4, "start of token %d, which is lost", ref.Token)
		case l.phase != campaign.Offered:
			if c.Number.Number != l.number {
				w.fail(1, "a second start dials %v while %v is dialled", c.Number.Number, l.number)
			}
		case !w.live(l):
			w.fail(6, "start of a lease that ran out at %v", l.until)
		default:
			l.phase, l.number, l.until, l.dialed = campaign.Dialed, c.Number.Number, c.Lease.Until, w.now
			l.holds[l.number] = true
			w.ev.grants = append(w.ev.grants, grant{lease: l, number: c.Number, started: true, agent: l.agent,
				taken: l.taken, overrides: l.allowed})
		}
	case opExtend:
		got, err := q.Extend(ctx, ref, dialer.Extension{Talking: o.Talking})
		w.ev.err = err
		switch {
		case err != nil:
		case over:
			w.fail(4, "token %d, which is lost, extended a lease", ref.Token)
		default:
			l.phase, l.until = got.Phase, got.Until
		}
	case opRelease:
		err := q.Release(ctx, ref)
		w.ev.err = err
		switch {
		case err != nil:
		case over:
			w.fail(4, "token %d, which is lost, was released", ref.Token)
		case l.phase != campaign.Offered:
			w.fail(5, "the call %d was released while %v is dialled: nobody could report it", ref.Token, l.number)
		default:
			l.ended = true
			w.ev.changed[o.Record] = "released"
		}
	case opSkip:
		_, err := q.Skip(ctx, ref, campaign.Actor{Agent: o.Agent})
		w.ev.err = err
		switch {
		case err != nil:
		case over:
			w.fail(4, "token %d, which is lost, skipped the record", ref.Token)
		case l.phase != campaign.Offered:
			w.fail(5, "the call %d was skipped while %v is dialled: nobody could report it", ref.Token, l.number)
		default:
			l.ended = true
			r.notBefore = w.now.Add(10 * time.Minute)
			w.ev.changed[o.Record] = "skipped"
		}
	}
	if blocked := (*dialer.BlockedError)(nil); w.ev.err != nil && !errors.As(w.ev.err, &blocked) && !w.injected(w.ev.err) {
		w.ev.same[o.Record] = true
	}
}

// edit is what an operation changes of what a record is.
func (o op) edit(actor campaign.Actor) campaign.Edit {
	e := campaign.Edit{Actor: actor, Note: "edited"}
	all := o.Part == partAll
	if all || o.Part == partPhones {
		e.Phones = phonesOf(o)
	}
	if all || o.Part == partFields {
		e.Fields = campaign.Fields{"code": nil}
		if o.Code != 0 {
			e.Fields["code"] = o.Code
		}
	}
	if all || o.Part == partOrder {
		e.Order = &o.Order
	}
	if all || o.Part == partConsent {
		e.Consent = &o.Consent
	}
	return e
}

// edited notes an edit that was accepted.
func (w *world) edited(r *record, o op) {
	all := o.Part == partAll
	if all || o.Part == partFields {
		r.code = o.Code
	}
	if all || o.Part == partOrder {
		r.order = o.Order
	}
	if all || o.Part == partConsent {
		r.consent = o.Consent
	}
}
