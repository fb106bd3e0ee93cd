// A small call centre for a week of virtual time: contacts, agents, statuses,
// rules, callbacks and a blacklist, and what came of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones without files of the machine

	"github.com/schollz/progressbar/v3"
)

const usage = `Simulates a calling campaign with nextcall and shows what came of it.

	go run ./examples/campaign [flags]

Without flags: 10,000 made-up contacts, 20 agents, 5 days from Monday, 9 November 2026.

	-contacts FILE    contacts from a CSV file, or from the largest CSV in a zip; FILE.zip:NAME picks
	                  another. UTF-8, a line of column names, a row for each contact. The delimiter
	                  (comma, semicolon, tab or |) is found out. The bank file of the
	                  UCI Machine Learning Repository is known by its columns; its clients answer as
	                  their rows say, and the defaults are 40 agents and 42 days.
	-map MAPPING      which columns hold what, such as phone=mobile+home,name=client. What can be mapped:
	                  id, phone, name, zone, region. Not mapped, columns of these names are used:
	                  id; phone, phone2, phone3; name, first_name, last_name; zone; region.
	                  Only a phone must be there. The bank file is mapped so: campaign is the number
	                  of calls, duration the seconds of the last one, y whether it is a sale; the
	                  number is made up from the row. With -map it is read like any other file.
	-prefix +NN       country code for numbers without one
	-zone ZONE        of the campaign and of numbers without a zone (default Europe/Warsaw)
	-seed N           what is drawn at random (default 1)
	-agents N         how many agents, 1 to 1000
	-days N           how many days, 1 to 366
	-store DATABASE   keeps everything in a database: sqlite:PATH or postgres:URL. A run that was stopped
	                  goes on when it is started again with the same flags. Each commit waits for the
	                  disk, so this takes minutes. Without it: in memory
	-calls FILE       appends a line to FILE for each call when it is started, and when it was reported
	-explain RECORD   why this record is or is not called at the end, and its history
	-json             one JSON document instead of tables

Exit code 2: a flag or a file is wrong. 130: it was stopped. Rows that cannot be read are listed and left out.
`

// flagError says which flag is wrong, and what would be right.
type flagError struct {
	Flag string
	Err  error
}

func (e *flagError) Error() string { return fmt.Sprintf("-%s: %v", e.Flag, e.Err) }
func (e *flagError) Unwrap() error { return e.Err }

// options are the flags.
type options struct {
	contacts, mapping, prefix, zone, explain, calls string
	seed                                            uint64
	agents, days                                    int // 0: the source's default
	json                                            bool
	store                                           *database // nil: memory
}

func parseFlags(args []string) (*options, error) {
	o := &options{seed: 1}
	fs := flag.NewFlagSet("campaign", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.contacts, "contacts", "", "")
	fs.StringVar(&o.mapping, "map", "", "")
	fs.StringVar(&o.prefix, "prefix", "", "")
	fs.StringVar(&o.zone, "zone", "Europe/Warsaw", "")
	fs.StringVar(&o.explain, "explain", "", "")
	fs.StringVar(&o.calls, "calls", "", "")
	fs.Func("store", "", func(text string) (err error) {
		o.store, err = parseStore(text)
		return err
	})
	fs.BoolVar(&o.json, "json", false, "")
	fs.Func("seed", "", func(text string) (err error) {
		if o.seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			return errors.New("want a whole number, 0 to 18446744073709551615")
		}
		return nil
	})
	count := func(into *int, most int) func(string) error {
		return func(text string) error {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 || n > most {
				return fmt.Errorf("want a whole number, 1 to %d", most)
			}
			*into = n
			return nil
		}
	}
	fs.Func("agents", "", count(&o.agents, 1000))
	fs.Func("days", "", count(&o.days, 366))
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		return nil, fmt.Errorf("%w (-h lists the flags)", err)
	}
	var errs []error
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if given["contacts"] && o.contacts == "" {
		errs = append(errs, &flagError{Flag: "contacts", Err: errors.New("want the name of a CSV file, or of a zip with one")})
	}
	if given["calls"] && o.calls == "" {
		errs = append(errs, &flagError{Flag: "calls", Err: errors.New("want the name of a file")})
	}
	if given["explain"] && o.explain == "" {
		errs = append(errs, &flagError{Flag: "explain", Err: errors.New("want the id of a record, such as c00001")})
	}
	if fs.NArg() > 0 {
		errs = append(errs, fmt.Errorf("%q is no flag: want flags only, such as -contacts %s", fs.Arg(0), fs.Arg(0)))
	}
	if _, err := time.LoadLocation(o.zone); err != nil || o.zone == "" || o.zone == "Local" {
		errs = append(errs, &flagError{Flag: "zone", Err: fmt.Errorf("zone %q is not known: want an IANA name such as Europe/Warsaw", o.zone)})
	}
	if digits := strings.TrimPrefix(o.prefix, "+"); o.prefix != "" && (digits == o.prefix || digits == "" || strings.Trim(digits, "0123456789") != "" || digits[0] == '0') {
		errs = append(errs, &flagError{Flag: "prefix", Err: fmt.Errorf("%q: want + and a country code, such as +48", o.prefix)})
	}
	if o.contacts == "" && (o.mapping != "" || o.prefix != "") {
		errs = append(errs, errors.New("-map and -prefix say how to read a file: want -contacts FILE with them"))
	}
	return o, errors.Join(errs...)
}

func main() {
	info, err := os.Stderr.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	// Stopped in good order, the next run has nothing to settle but the calls that are on.
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, terminal)
	cancel()
	os.Exit(code)
}

// run is the program; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, terminal bool) int {
	// What cannot be written to stderr has nowhere else to go.
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(stderr, format, args...) }
	o, err := parseFlags(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, usage); err != nil {
			return 1
		}
		return 0
	}
	var s *source
	if err == nil {
		s, err = load(o)
	}
	if err != nil {
		for _, text := range strings.Split(err.Error(), "\n") {
			say("campaign: %s\n", clip(text, longest))
		}
		return 2
	}
	var progress func(done, total time.Duration)
	if terminal && !o.json {
		progress = bar(stderr)
	}
	doc, err := simulate(ctx, s, o, progress, say)
	switch {
	case ctx.Err() != nil:
		again := ""
		if o.store != nil {
			again = ": started again with the same flags it goes on from there"
		}
		say("campaign: stopped%s\n", again)
		return 130
	case err != nil:
		say("campaign: %v\n", err)
		return 1
	}
	const shown = 10
	for _, bad := range s.bad[:min(shown, len(s.bad))] {
		say("%s\n", clip(bad.Error(), longest))
	}
	if more := len(s.bad) - shown; more > 0 {
		say("and %s more\n", grouped(more))
	}
	if o.json {
		err = doc.writeJSON(stdout)
	} else {
		err = doc.writeText(stdout)
	}
	if err != nil {
		say("campaign: write the result: %v\n", err)
		return 1
	}
	return 0
}

// longest is how many characters of one message are shown: a file may have
// anything in a field.
const longest = 600

// clip takes the middle out of a text that is too long: its end says what is wanted.
func clip(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	half := most / 2
	return string(runes[:half]) + "…" + string(runes[len(runes)-half:])
}

// load gets the contacts, and fills in what the source has defaults for.
func load(o *options) (*source, error) {
	s := madeUp(10_000, o.seed)
	if o.contacts != "" {
		var err error
		if s, err = fromFile(o.contacts, o.mapping, o.prefix, o.zone); err != nil {
			return nil, err
		}
	} else {
		s.zone = o.zone
	}
	agents, days := 20, 5
	if s.scripts != nil {
		agents, days = 40, 42
	}
	if o.agents == 0 {
		o.agents = agents
	}
	if o.days == 0 {
		o.days = days
	}
	if len(s.records) == 0 {
		return nil, errors.Join(append([]error{&inputError{File: s.name, Msg: fmt.Sprintf("none of %d rows is good:", s.read)}}, s.bad[:min(10, len(s.bad))]...)...)
	}
	if o.explain != "" {
		for i := range s.records {
			if string(s.records[i].ID) == o.explain {
				return s, nil
			}
		}
		return nil, &flagError{Flag: "explain", Err: fmt.Errorf("there is no record %q: want one such as %s or %s", o.explain, s.records[0].ID, s.records[len(s.records)-1].ID)}
	}
	return s, nil
}

// bar shows progress on a terminal.
func bar(w io.Writer) func(done, total time.Duration) {
	var b *progressbar.ProgressBar
	return func(done, total time.Duration) {
		if b == nil {
			b = progressbar.NewOptions64(int64(total/time.Minute),
				progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("simulating"),
				progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
		_ = b.Set64(int64(done / time.Minute)) // a bar that cannot be drawn changes nothing
	}
}
