// A store of the host's own: the tables of a small CRM, in SQLite, behind
// campaign.Store. Cases wait to be called, an agent calls, and the CRM's tables
// show what came of it.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"
	_ "time/tzdata" // zones without files of the machine

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

func main() {
	dir, err := os.MkdirTemp("", "crm")
	if err == nil {
		err = errors.Join(run(context.Background(), filepath.Join(dir, "crm.db"), os.Stdout), os.RemoveAll(dir))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// source is the name of a database file for the driver modernc.org/sqlite.
func source(path string) string {
	return "file:" + path + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"
}

// run adds four cases, makes three calls, and shows the tables.
func run(ctx context.Context, path string, out io.Writer) (err error) {
	db, err := sql.Open("sqlite", source(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := Open(ctx, db)
	if err != nil {
		return err
	}
	claims, err := compile()
	if err != nil {
		return err
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) // a host leaves Now out: time.Now
	queue, err := dialer.New(ctx, store, dialer.Static(claims), dialer.Config{Now: func() time.Time { return now }})
	if err != nil {
		return err
	}
	adding := dialer.Adding{Actor: campaign.Actor{User: "import"}}
	for i, id := range []campaign.RecordID{"C-1001", "C-1002", "C-1003", "C-1004"} {
		adding.Records = append(adding.Records, campaign.Record{
			ID: id, Campaign: "claims", Phones: []campaign.Phone{{Number: blacklist.Number(48600100201 + i)}},
		})
	}
	if _, err := queue.Add(ctx, adding); err != nil {
		return err
	}
	for _, result := range []campaign.Result{
		{Outcome: campaign.Answered, Status: "callback", Input: campaign.Input{Date: "2026-11-24", Hour: "10:30"}},
		{Outcome: campaign.Answered, Status: "do_not_call"},
		{Outcome: campaign.NoAnswer},
	} {
		next, err := queue.Next(ctx, dialer.Ask{Agent: "ann"})
		if err != nil {
			return err
		}
		if len(next.Calls) == 0 {
			return fmt.Errorf("nothing to call: %v", next.Skipped)
		}
		call, err := queue.Start(ctx, next.Calls[0].Ref, 0) // dial call.Number.Number, then report
		if err != nil {
			return err
		}
		now = now.Add(2 * time.Minute)
		if _, err := queue.Report(ctx, call.Ref, result); err != nil {
			return err
		}
	}
	return show(ctx, db, out)
}

// compile makes the campaign, which a host reads from its own configuration.
func compile() (*campaign.Campaign, error) {
	dict, err := status.New(
		status.Status{ID: "callback", Title: "Callback", Qualifier: status.CallbackAt},
		status.Status{ID: "do_not_call", Title: "Asked not to be called", Qualifier: status.Closed, Blacklist: blacklist.Global})
	if err != nil {
		return nil, err
	}
	hours, err := campaign.ParseHours("mon-fri 09:00-20:00")
	if err != nil {
		return nil, err
	}
	c, _, err := campaign.Compile(campaign.Config{
		ID: "claims", Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw", CalleeHours: hours,
		Statuses: []status.ID{"callback", "do_not_call"}, Limits: campaign.Limits{Attempts: 6},
	}, dict, nil)
	return c, err
}

// show prints what the CRM's own reports would: its tables hold all of it.
func show(ctx context.Context, db *sql.DB, out io.Writer) error {
	for _, report := range []struct{ title, query string }{
		{"CASES: THE NEXT CALL, UTC", `SELECT reference, '+' || number, IIF(closed, 'closed', details->>'status'), IIF(closed, '', IIF(call_at > 0, DATETIME(call_at / 1000000, 'unixepoch'), 'at once'))
			FROM cases JOIN phone_numbers ON case_no = cases.no ORDER BY cases.no`},
		{"CALL ATTEMPTS", `SELECT reference, a.details->>'agent', a.details->>'outcome', DATETIME(ended / 1000000, 'unixepoch')
			FROM call_attempts a JOIN cases ON cases.no = case_no ORDER BY token`},
		{"DO NOT CALL", `SELECT '+' || number, list, reason, author FROM do_not_call`},
	} {
		rows, err := db.QueryContext(ctx, report.query)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, report.title)
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for rows.Next() {
			var cells [4]sql.NullString
			if err := rows.Scan(&cells[0], &cells[1], &cells[2], &cells[3]); err != nil {
				return errors.Join(err, rows.Close())
			}
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", cells[0].String, cells[1].String, cells[2].String, cells[3].String)
		}
		if err := errors.Join(rows.Err(), table.Flush()); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	return nil
}
