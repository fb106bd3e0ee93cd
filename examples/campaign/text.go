package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nextcall/nextcall/campaign"
)

func (d *document) writeJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(d)
}

// grid is a table for people: the first columns are text, numbers are on the right.
type grid struct {
	head []string
	rows [][]string
	text int // how many columns are text; the others are numbers
	foot bool
}

func (g *grid) row(cells ...string) { g.rows = append(g.rows, cells) }

// total is the last row, under a line.
func (g *grid) total(cells ...string) {
	g.foot = true
	g.row(cells...)
}

func (g *grid) write(w io.Writer) {
	widths := make([]int, len(g.head))
	for _, r := range append([][]string{g.head}, g.rows...) {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	print := func(cells []string) {
		var b strings.Builder
		for i, c := range cells {
			gap := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i < g.text {
				b.WriteString("  " + c + gap)
			} else {
				b.WriteString("  " + gap + c)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	rule := make([]string, len(g.head))
	for i := range rule {
		rule[i] = strings.Repeat("─", widths[i])
	}
	print(g.head)
	print(rule)
	for i, r := range g.rows {
		if g.foot && i == len(g.rows)-1 {
			print(rule)
		}
		print(r)
	}
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}

func (d *document) writeText(w io.Writer) error {
	out := bufio.NewWriter(w) // keeps the first error for Flush
	d.heading(out)
	d.results(out)
	d.rules(out)
	d.callbacks(out)
	d.blacklist(out)
	d.attempts(out)
	d.open(out)
	d.forecast(out)
	d.agents(out)
	if d.Explained != nil {
		d.explanation(out)
	}
	return out.Flush()
}

func (d *document) at(t time.Time) string { return t.In(d.zone).Format("Mon 2006-01-02 15:04") }

func title(w io.Writer, text string) { fmt.Fprintf(w, "\n%s\n\n", strings.ToUpper(text)) }

func (d *document) heading(w io.Writer) {
	c := &d.Contacts
	fmt.Fprintf(w, "%s: %s, seed %d\n", d.Campaign, d.Source, d.Seed)
	fmt.Fprintf(w, "%s to %s in %s, %s agents\n", d.at(d.From), d.at(d.To), d.Zone, grouped(len(d.Agents)))
	d.summary(w)
	title(w, "Contacts")
	g := grid{head: []string{"", "contacts"}, text: 1}
	g.row("added to the campaign", grouped(c.Records))
	g.row("left out: every number is blacklisted", grouped(c.Barred))
	g.row("left out: another has the id or number", grouped(c.Twice))
	g.row("bad rows", grouped(c.BadRows))
	g.total("read", grouped(c.Rows))
	g.write(w)
}

// summary is what a reader in a hurry needs.
func (d *document) summary(w io.Writer) {
	talks, sales := 0, 0
	for _, a := range d.Agents {
		talks += a.Talks
	}
	for _, r := range d.Results {
		if r.Status == d.titles["sale"] {
			sales += r.Calls
		}
	}
	fmt.Fprintf(w, "%s calls, %s talks, %s sales", grouped(d.Calls), grouped(talks), grouped(sales))
	if d.CutOff > 0 {
		fmt.Fprintf(w, "; %s more were cut off when the program was killed", grouped(d.CutOff))
	}
	if b := &d.Backs; b.Made > 0 {
		fmt.Fprintf(w, "; %s callbacks made, %s of those that fell due dialled on time", grouped(b.Made), percent(b.OnTime, b.OnTime+b.Late+b.Overdue))
	}
	fmt.Fprintln(w)
}

func (d *document) results(w io.Writer) {
	title(w, "Calls by outcome and status")
	g := grid{head: []string{"outcome", "status", "the record is then", "calls", "share"}, text: 3}
	last := ""
	sales := 0
	for _, r := range d.Results {
		outcome := strings.ReplaceAll(r.Outcome, "_", " ")
		if r.Outcome == last {
			outcome = ""
		}
		last = r.Outcome
		st := r.Status
		if st == "" {
			st = "–"
		}
		if r.Status == d.titles["sale"] {
			sales += r.Calls
		}
		g.row(outcome, st, strings.ReplaceAll(r.Qualifier, "_", " "), grouped(r.Calls), percent(r.Calls, d.Calls))
	}
	g.total("all", "", "", grouped(d.Calls), percent(d.Calls, d.Calls))
	g.write(w)
	fmt.Fprintln(w, "\n  What \"the record is then\" makes of it: docs/qualifiers.md.")
	if d.bankFile {
		fmt.Fprintf(w, "\n  The file says that %s clients buy; %s of them have bought so far.\n", grouped(d.bankYes), grouped(sales))
	}
}

func (d *document) rules(w io.Writer) {
	if len(d.Rules) == 0 {
		return
	}
	title(w, "Rules: how often each won")
	unanswered, won := 0, 0
	for _, r := range d.Results {
		if r.Outcome != campaign.Answered.String() {
			unanswered += r.Calls
		}
	}
	g := grid{head: []string{"rule", "the record is then", "calls", "share"}, text: 2}
	for _, r := range d.Rules {
		g.row(r.Status, strings.ReplaceAll(r.Qualifier, "_", " "), grouped(r.Won), percent(r.Won, unanswered))
		won += r.Won
	}
	g.row("none: as the campaign has it", "", grouped(unanswered-won), percent(unanswered-won, unanswered))
	g.total("calls that reached no agent", "", grouped(unanswered), percent(unanswered, unanswered))
	g.write(w)
	fmt.Fprintln(w, "\n  The conditions, in CEL: examples/campaign/rules.go, or -json. The first that holds wins.")
}

func (d *document) callbacks(w io.Writer) {
	b := &d.Backs
	title(w, "Callbacks")
	if b.Made == 0 {
		fmt.Fprintln(w, "  None was made.")
		return
	}
	g := grid{head: []string{"first dialled", "callbacks", "share"}, text: 1}
	g.row("on time: within 15 min of the time, or of the opening after it", grouped(b.OnTime), percent(b.OnTime, b.Made))
	g.row("late", grouped(b.Late), percent(b.Late, b.Made))
	g.row("still waiting, overdue", grouped(b.Overdue), percent(b.Overdue, b.Made))
	g.row("still waiting, not due yet", grouped(b.NotDue), percent(b.NotDue, b.Made))
	g.total("made", grouped(b.Made), percent(b.Made, b.Made))
	g.write(w)
	due := b.OnTime + b.Late
	fmt.Fprintln(w)
	g = grid{head: []string{"what came of it", "callbacks", "share"}, text: 1}
	g.row("the person was reached", grouped(b.Reached), percent(b.Reached, due))
	g.row("given up: 3 calls reached nobody", grouped(b.GivenUp), percent(b.GivenUp, due))
	g.row("ended by a limit or a rule", grouped(b.Ended), percent(b.Ended, due))
	g.row("still being tried", grouped(b.Trying), percent(b.Trying, due))
	g.total("dialled", grouped(due), percent(due, due))
	g.write(w)
	if b.Late+b.Overdue > 0 {
		fmt.Fprintln(w, "\n  Late ones waited for their owner's shift, for the next day after three calls in one, or in the rush of an opening.")
	}
	fmt.Fprintf(w, "\n  %s were promises of one agent; %s of these were first dialled by another, after their release.\n", grouped(b.Own), grouped(b.Passed))
}

func (d *document) blacklist(w io.Writer) {
	title(w, "Blacklisted")
	if len(d.Listed) == 0 {
		fmt.Fprintln(w, "  Nobody.")
		return
	}
	g := grid{head: []string{"list", "until", "numbers", "of them before the first call"}, text: 2}
	numbers, before := 0, 0
	for _, l := range d.Listed {
		g.row(l.List, l.Until, grouped(l.Numbers), grouped(l.Before))
		numbers, before = numbers+l.Numbers, before+l.Before
	}
	g.total("all", "", grouped(numbers), grouped(before))
	g.write(w)
}

func (d *document) attempts(w io.Writer) {
	title(w, "Attempts per record")
	most := 1
	for _, a := range d.Attempts {
		most = max(most, a.Records)
	}
	g := grid{head: []string{"attempts", "records", "share", ""}}
	const folded = 12 // the bank's file has clients with 63
	rest := 0
	for i, a := range d.Attempts {
		if i > folded {
			rest += a.Records
			continue
		}
		g.row(grouped(a.Attempts), grouped(a.Records), percent(a.Records, d.Contacts.Records), bars(a.Records, most))
	}
	if rest > 0 {
		g.row(fmt.Sprintf("%d–%d", folded+1, len(d.Attempts)-1), grouped(rest), percent(rest, d.Contacts.Records), bars(rest, most))
	}
	g.total("all", grouped(d.Contacts.Records), percent(d.Contacts.Records, d.Contacts.Records), bars(0, 1))
	g.write(w)
}

const barWidth = 30

// bars is a bar of a chart, filled up with spaces so that it stays on the left.
func bars(n, most int) string {
	k := (n*barWidth + most - 1) / most
	return strings.Repeat("█", k) + strings.Repeat(" ", barWidth-k)
}

// meanings are what the blockers of this campaign are about, for people.
var meanings = map[string]string{
	"closed":                "done: sold, refused, or called as often as allowed",
	"held":                  "waits for a person's decision, not for a time",
	"not due":               "a callback or the next try is later",
	"outside calling hours": "night, Sunday or a holiday where the person is",
	"campaign inactive":     "the campaign's own hours are over",
	"blacklisted":           "every number left is on a blacklist",
	"limit reached":         "called three times today",
	"too soon":              "called less than two hours ago",
	"no number":             "no phone that could be dialled",
}

func (d *document) open(w io.Writer) {
	title(w, "Why nobody calls them now: first blocker of each record, "+d.at(d.To))
	o := &d.Open
	g := grid{head: []string{"blocker", "which is", "records", "share"}, text: 2}
	g.row("none", "callable", grouped(o.Callable), percent(o.Callable, o.Total))
	for _, b := range o.Blockers {
		g.row(b.Reason, meanings[b.Reason], grouped(b.Records), percent(b.Records, o.Total))
	}
	g.total("all", "", grouped(o.Total), percent(o.Total, o.Total))
	g.write(w)
	if d.Contacts.Mute > 0 {
		fmt.Fprintf(w, "\n  %s of them have no phone at all, behind the blocker that is counted here.\n", grouped(d.Contacts.Mute))
	}
	if !o.NextWake.IsZero() {
		fmt.Fprintf(w, "\n  The next one is callable on %s.\n", d.at(o.NextWake))
	}
}

func (d *document) forecast(w io.Writer) {
	title(w, fmt.Sprintf("Forecast: callable in the next %d hours if nobody called any", forecastHours))
	g := grid{head: []string{"from", "to", "callable"}, text: 2}
	hours := d.Open.Forecast
	for i := 0; i < len(hours); {
		k := i + 1
		for k < len(hours) && hours[k].Callable == hours[i].Callable {
			k++
		}
		to := d.at(hours[k-1].From.Truncate(time.Hour).Add(time.Hour))
		g.row(d.at(hours[i].From), to, grouped(hours[i].Callable))
		i = k
	}
	g.write(w)
}

func (d *document) agents(w io.Writer) {
	title(w, "Agents")
	calls, talks, seconds, busy := 0, 0, 0, 0.0
	least, most := 1e9, 0.0
	for _, a := range d.Agents {
		calls, talks, seconds, busy = calls+a.Calls, talks+a.Talks, seconds+a.Seconds, busy+a.Busy
		least, most = min(least, a.Busy), max(most, a.Busy)
	}
	talked := (time.Duration(seconds) * time.Second).String()
	if hours := (seconds + 1800) / 3600; hours >= 10 {
		talked = grouped(hours) + " hours"
	}
	fmt.Fprintf(w, "  %s calls, %s talks of %s in all; busy %.1f %% of the shifts (the least busy %.1f %%, the busiest %.1f %%)\n",
		grouped(calls), grouped(talks), talked, 100*busy/float64(len(d.Agents)), 100*least, 100*most)
}

func (d *document) explanation(w io.Writer) {
	e := d.Explained
	fmt.Fprintf(w, "\nRECORD %s\n\n", e.Record) // an id is not put in capitals
	if e.LeftOut {
		fmt.Fprintln(w, "  It was left out: its numbers are blacklisted, or another record has its id or number.")
		return
	}
	if e.Name != "" {
		fmt.Fprintf(w, "  %s\n", e.Name)
	}
	for _, p := range e.Phones {
		fmt.Fprint(w, strings.TrimRight("  "+p.Number+" "+p.Label, " "))
		if p.Out != "" {
			fmt.Fprintf(w, ", not dialled any more: %s", p.Out)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "  %s (%s), attempts: %d", strings.ReplaceAll(e.Qualifier, "_", " "), e.Standing, e.Attempts)
	if e.Status != "" {
		fmt.Fprintf(w, ", status %q", d.titles[e.Status])
	}
	if e.Owner != "" {
		fmt.Fprintf(w, ", for %s", e.Owner)
	}
	fmt.Fprintln(w)
	if e.Callable {
		fmt.Fprintf(w, "\n  Callable at %s.\n", d.at(e.At))
	} else {
		fmt.Fprintf(w, "\n  Not callable at %s:\n", d.at(e.At))
		for _, b := range e.Blockers {
			fmt.Fprintf(w, "    %s", b.Text)
			if !b.Until.IsZero() {
				fmt.Fprintf(w, ", until %s", d.at(b.Until))
			}
			fmt.Fprintln(w)
		}
		if e.Earliest.IsZero() {
			fmt.Fprintln(w, "  No time alone makes it callable.")
		} else {
			fmt.Fprintf(w, "  Callable from %s if nothing else changes.\n", d.at(e.Earliest))
		}
	}
	fmt.Fprintln(w, "\n  History:")
	for _, l := range e.History {
		fmt.Fprintf(w, "    %s  %s\n", d.at(l.At), l.Text)
	}
}
