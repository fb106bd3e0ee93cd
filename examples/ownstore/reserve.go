package main

import (
	"fmt"
	"slices"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// thing is what a reservation holds beside its cases: a number or a customer.
type thing struct {
	number   blacklist.Number
	customer campaign.ContactID
}

func (x thing) key() string {
	if x.number != 0 {
		return x.number.String()
	}
	return "customer " + string(x.customer)
}

// numbers are those of a record in the order of its phones, each once.
func numbers(r *campaign.Record) (all []blacklist.Number) {
	for i := range r.Phones {
		if n := r.Phones[i].Number; n != 0 && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// things are what a reservation of a case needs.
func things(r *campaign.Record) (all []thing) {
	if r.Contact != "" {
		all = append(all, thing{customer: r.Contact})
	}
	for _, n := range numbers(r) {
		all = append(all, thing{number: n})
	}
	return all
}

// lease reads a reservation, and the case that it was made for.
func (t *tx) lease(attempt campaign.Token) (l campaign.Lease, on campaign.Ref) {
	var text string
	if t.one(`SELECT r.details, c.project, c.reference FROM reservations r JOIN cases c ON c.no = r.case_no WHERE r.attempt = ?`,
		list{attempt}, list{&text, &on.Campaign, &on.Record}) {
		l = *read[campaign.Lease](t, text)
	}
	return l, on
}

// hold is what others may know of a reservation. It names no token: that is the key to it.
func (t *tx) hold(attempt campaign.Token) campaign.Hold {
	l, on := t.lease(attempt)
	return campaign.Hold{Ref: on, Holder: l.Holder, Until: l.Until}
}

// holder says who holds a thing, if somebody else than this attempt does.
func (t *tx) holder(x thing, but campaign.Token) (h campaign.Hold, held bool) {
	var attempt campaign.Token
	if !t.one(`SELECT attempt FROM held WHERE thing = ? AND attempt <> ?`, list{x.key(), but}, list{&attempt}) {
		return h, false
	}
	h = t.hold(attempt)
	h.Number, h.Contact = x.number, x.customer
	return h, true
}

// free returns an error if somebody holds what a reservation of a record needs.
func (t *tx) free(attempt campaign.Token, r *campaign.Record) error {
	if attempt != 0 {
		return &campaign.LeasedError{Hold: t.hold(attempt)}
	}
	return t.freeOf(0, things(r)...)
}

func (t *tx) freeOf(but campaign.Token, all ...thing) error {
	for _, x := range all {
		if h, held := t.holder(x, but); held {
			return &campaign.LeasedError{Hold: h}
		}
	}
	return nil
}

// keep writes a reservation of a case.
func (t *tx) keep(l *campaign.Lease, no int64) {
	t.exec(`INSERT OR REPLACE INTO reservations (attempt, token, case_no, until, details) VALUES (?, ?, ?, ?, ?)`,
		l.Call, l.Token, no, micros(l.Until), t.write(l))
}

// reserve begins a reservation: the cases must be free.
func (t *tx) reserve(l *campaign.Lease, cases ...*file) {
	l.Token = campaign.Token(t.next("token"))
	l.Call = l.Token
	t.keep(l, cases[0].no)
	for _, f := range cases {
		f.attempt = l.Call
		t.exec(`UPDATE cases SET reserved_by = ? WHERE no = ?`, l.Call, f.no)
	}
	t.guard(l, cases)
}

// guard lets a reservation hold what its cases need, and the number that is really
// dialled, as far as nobody else holds it.
func (t *tx) guard(l *campaign.Lease, cases []*file) {
	t.release(l.Call)
	all := []thing{}
	for _, f := range cases {
		all = append(all, things(&f.record)...)
	}
	if l.Number != 0 {
		all = append(all, thing{number: l.Number})
	}
	for _, x := range all {
		t.exec(`INSERT INTO held (thing, attempt) VALUES (?, ?) ON CONFLICT DO NOTHING`, x.key(), l.Call)
	}
}

// release lets go of what a reservation holds beside its cases.
func (t *tx) release(attempt campaign.Token) {
	t.exec(`DELETE FROM held WHERE attempt = ?`, attempt)
}

// of reads the cases of a reservation, the one that it was made for first.
func (t *tx) of(attempt campaign.Token) []*file {
	return t.files(`WHERE reserved_by = ?1 ORDER BY no <> (SELECT case_no FROM reservations WHERE attempt = ?1), no`, attempt)
}

func notFound(ref campaign.Ref) error {
	return fmt.Errorf("record %q of campaign %q: %w", ref.Record, ref.Campaign, campaign.ErrNotFound)
}

func lost(ref campaign.Ref) error {
	return fmt.Errorf("token %d of record %q of campaign %q: %w", ref.Token, ref.Record, ref.Campaign, campaign.ErrLeaseLost)
}
