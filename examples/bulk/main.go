// What a supervisor does on the screens "bulk status change" and "transfer", on a
// store in memory: looks for records, is told what a change would come to, makes
// it, is told what was left alone and why, moves a list to another campaign, and
// takes that back.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

func main() {
	check(show(context.Background(), os.Stdout))
}

func show(ctx context.Context, out io.Writer) error {
	h, err := open(ctx)
	if err != nil {
		return err
	}
	d := &desk{host: h, out: out, sue: campaign.Actor{User: "sue.supervisor", Agent: "sue"}}
	for _, step := range []func(context.Context) error{
		d.targets, d.search, d.absentAgent, d.again, d.move, d.mistakes,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// desk is a supervisor's.
type desk struct {
	*host
	out io.Writer
	sue campaign.Actor
}

func (d *desk) title(text string) {
	fmt.Fprintf(d.out, "%s\n%s\n\n", strings.ToUpper(text), strings.Repeat("─", len([]rune(text))))
}

// table writes rows of columns, the first of which are the headings.
func (d *desk) table(rows ...[]string) {
	w := tabwriter.NewWriter(d.out, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, "  "+strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	check(w.Flush())
	fmt.Fprintln(d.out)
}

// targets are what the screen offers, with the inputs that it shows for each.
func (d *desk) targets(context.Context) error {
	d.title("What a record can be changed to")
	rows := [][]string{{"status", "the record is then", "date and hour", "agent", "blacklist"}}
	for _, t := range transfer.Targets(d.spring) {
		rows = append(rows, []string{t.Title, t.Qualifier.String(), active(t.Inputs.Time, t.Inputs.TimeRequired),
			active(t.Inputs.Agent, t.Inputs.AgentRequired), t.Blacklist})
	}
	d.table(rows...)
	return nil
}

func active(shown, required bool) string {
	switch {
	case required:
		return "required"
	case shown:
		return "may be given"
	}
	return "–"
}

// search finds what somebody has pasted: ids and numbers in one field.
func (d *desk) search(ctx context.Context) error {
	d.title("Found by what was pasted: lead-0003  lead-0017  +48 600 100 005")
	number := func(text string) (blacklist.Number, error) { return blacklist.ParseNumber(text) }
	f := campaign.Filter{Campaigns: []campaign.ID{"spring"}, At: d.now, Terms: campaign.Terms("lead-0003\tlead-0017  +48600100005", number)}
	rows := [][]string{{"campaign", "agent", "author", "number", "last call", "next call", "system status", "status", "order"}}
	for facts, err := range d.store.Find(ctx, f, campaign.Need{NoCalls: true}) {
		if err != nil {
			return err
		}
		r := &facts.Record
		rows = append(rows, []string{string(r.Campaign), string(r.Owner), r.Author, r.Phones[0].Number.String(), local(r.LastCall), local(r.Due),
			string(r.System(facts.Lease.Token != 0)), d.titleOf(r.Status), fmt.Sprint(r.Order)})
	}
	d.table(rows...)
	return nil
}

func local(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(warsaw).Format("02 Jan 15:04")
}

// absentAgent gives an agent's callbacks to another one, each at its own time.
func (d *desk) absentAgent(ctx context.Context) error {
	d.title("Ann is ill: her callbacks become Bob's")
	return d.do(ctx, transfer.Change{
		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Owners: []campaign.AgentID{"ann"}, Systems: []campaign.System{campaign.SystemMine}},
		Set:    campaign.Set{Status: "my_record", KeepDue: true, Input: campaign.Input{Agent: "bob"}, Actor: d.sue, Operation: "ann is ill"},
	}, transfer.Options{})
}

// again lets a list be called from its beginning, but for those who live in one city.
func (d *desk) again(ctx context.Context) error {
	d.title("The list may.csv is called again, but for Gdynia")
	where, _, err := rule.Engine{}.Filter(d.spring, `record.fields.city != "Gdynia"`)
	if err != nil {
		return err
	}
	return d.do(ctx, transfer.Change{
		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Lists: []string{"may.csv"}},
		Where:  where,
		Set:    campaign.Set{Qualifier: status.Unused, Actor: d.sue, Operation: "may again"},
	}, transfer.Options{})
}

// move moves records to another campaign, and takes that back.
func (d *desk) move(ctx context.Context) error {
	d.title("300 records without interest go to the autumn campaign, the oldest first")
	var kept []transfer.Before // a host keeps them where they outlive a crash
	err := d.do(ctx, transfer.Move{
		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Statuses: []status.ID{"no_interest"}},
		Limit:  300, To: "autumn",
		Set: campaign.Set{Status: "callback", Input: campaign.Input{Date: "2026-09-01", Hour: "09:00"}, Actor: d.sue, Operation: "autumn"},
	}, transfer.Options{
		Batch:    150,
		Progress: func(p transfer.Progress) { fmt.Fprintf(d.out, "  … %d moved, %d skipped\n", p.Changed, p.Skipped) },
		Log:      func(befores []transfer.Before) error { kept = append(kept, befores...); return nil },
	})
	if err != nil {
		return err
	}

	d.title("That was the wrong list: it is taken back")
	// One of them was called meanwhile.
	if err := d.call(ctx, "autumn", kept[0].Record.ID); err != nil {
		return err
	}
	return d.do(ctx, transfer.Undo{Undoes: "autumn", Actor: d.sue, Operation: "autumn undone",
		Log: func(yield func(transfer.Before, error) bool) {
			for _, b := range kept {
				if !yield(b, nil) {
					return
				}
			}
		}}, transfer.Options{})
}

// mistakes are all told at once.
func (d *desk) mistakes(ctx context.Context) error {
	d.title("A request with mistakes changes nothing")
	_, err := d.bulk.Run(ctx, transfer.Move{
		Filter: campaign.Filter{Campaigns: []campaign.ID{"spring"}, Qualifiers: []status.Qualifier{status.Success}},
		To:     "autumn",
		Set:    campaign.Set{Status: "my_record", Actor: campaign.Actor{User: "clerk"}, Operation: "wrong"},
	}, d.now, transfer.Options{})
	for line := range strings.Lines(err.Error()) {
		fmt.Fprint(d.out, "  - ", line)
	}
	fmt.Fprintln(d.out)
	return nil
}

// do plans a request, shows what it would come to, and makes it.
func (d *desk) do(ctx context.Context, r transfer.Request, o transfer.Options) error {
	plan, err := d.bulk.Plan(ctx, r, d.now)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.out, " ", &plan)
	for _, lost := range plan.Lost {
		fmt.Fprintf(d.out, "  the field %q gets lost in %d of them\n", lost.Field, lost.Records)
	}
	for _, s := range plan.Skipped {
		fmt.Fprintf(d.out, "  %s, for example %s: %s\n", s.Reason, s.Samples[0].Ref.Record, s.Samples[0].Why)
	}
	report, err := d.bulk.Run(ctx, r, d.now, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "  %s\n\n", &report)
	return nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
