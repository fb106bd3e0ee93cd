package campaign

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/nextcall/nextcall/blacklist"
)

var keptZones = []string{
	"Europe/Warsaw", "America/New_York", "Africa/Cairo", "America/Havana", "America/St_Johns", "Pacific/Apia",
	"Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "Pacific/Chatham", "America/Goose_Bay", "UTC",
}

var keptHours = []string{
	"", "mon-fri 08:00-16:00", "daily 22:00-02:30", "mon 00:00-00:30; sun 22:59-24:00", "mon-sat 07:00-22:00; holiday none; eve 07:00-12:00",
	"daily 00:00-03:00, 23:00-24:00", "never",
}

// drawKept is a campaign with something to remember of every kind.
func drawKept(t *rapid.T) *Campaign {
	cfg := Config{
		Zone: rapid.SampledFrom(keptZones).Draw(t, "zone"), CalleeZone: rapid.SampledFrom(keptZones).Draw(t, "callee zone"),
		Hours: hoursOf(t, rapid.SampledFrom(keptHours).Draw(t, "hours")), CalleeHours: hoursOf(t, rapid.SampledFrom(keptHours).Draw(t, "callee hours")),
		Holidays: map[string]Holidays{"": {Country: "PL"}, "US": {Country: "US"}},
		Callbacks: Callbacks{Release: Delay(rapid.SampledFrom([]time.Duration{
			0, time.Microsecond, time.Hour, 8 * time.Hour, 30 * time.Hour}).Draw(t, "release"))},
	}
	for _, days := range rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 2, 7, 30}), 0, 3).Draw(t, "days") {
		cfg.Limits.Caps = append(cfg.Limits.Caps, Cap{Per: PerNumber, Max: 3, Days: days})
	}
	return mustCompile(t, cfg)
}

// drawMoment moves on, by little or much, or back, or to a change of the clocks.
func drawMoment(t *rapid.T, c *Campaign, now time.Time) time.Time {
	step := rapid.OneOf(rapid.Int64Range(-5e6, 5e6), rapid.Int64Range(-7200e6, 7200e6), rapid.Int64Range(-40*86400e6, 40*86400e6))
	switch rapid.IntRange(0, 5).Draw(t, "move") {
	case 0:
		if _, end := now.In(c.zone).ZoneBounds(); !end.IsZero() && end.Year() < 2100 {
			return end.UTC().Add(time.Duration(rapid.Int64Range(-7200e6, 7200e6).Draw(t, "around")) * time.Microsecond)
		}
	case 1:
		if start, _ := now.In(c.zone).ZoneBounds(); start.Year() > 1950 {
			return start.UTC().Add(time.Duration(rapid.Int64Range(-7200e6, 7200e6).Draw(t, "around")) * time.Microsecond)
		}
	case 2:
		return now.Truncate(time.Hour)
	}
	return now.Add(time.Duration(step.Draw(t, "step")) * time.Microsecond)
}

// Whatever was asked before, in whatever order, an answer is the one that is
// found anew.
func TestWhatIsKeptIsWhatIsFoundAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawKept(t)
		class := c.class(c.ClassOf(Phone{
			Zones:  rapid.SampledFrom([][]string{nil, {"Europe/Warsaw"}, {"America/New_York", "Africa/Cairo"}}).Draw(t, "zones"),
			Region: rapid.SampledFrom([]string{"", "US"}).Draw(t, "region"),
		}))
		now := time.UnixMicro(rapid.Int64Range(1262304000e6, 2145916800e6).Draw(t, "now")).UTC()
		for range rapid.IntRange(1, 40).Draw(t, "questions") {
			now = drawMoment(t, c, now)
			for name, tt := range map[string]*timetable{"work": &c.work, "callee": &class.callee, "both": &class.both} {
				if len(tt.gates) == 0 {
					continue
				}
				want := tt.gates.look(now.Unix())
				open, until := tt.at(now)
				if open != want.open || !until.Equal(want.until) {
					t.Fatalf("%s at %s: kept %v until %s, anew %v until %s", name, now, open, until, want.open, want.until)
				}
				d := time.Duration(rapid.Int64Range(0, 30*3600e6).Draw(t, "delay")) * time.Microsecond
				limit := now.Unix() + rapid.Int64Range(0, 3*86400).Draw(t, "limit")
				at, ok := tt.advance(now, d, limit)
				wantAt, wantOK := tt.gates.advance(now, d, limit)
				if ok != wantOK || !at.Equal(wantAt) {
					t.Fatalf("%s: %s after %s until %d: kept %s %v, anew %s %v", name, d, now, limit, at, ok, wantAt, wantOK)
				}
			}
			for _, back := range append([]int{0, 3}, c.backs...) {
				if got, want := c.dayStart(now, back), c.dayStartAnew(now, back); !got.Equal(want) {
					t.Fatalf("%d days before %s in %s: kept %s, anew %s", back, now, c.zone, got, want)
				}
			}
			release := time.Duration(c.cfg.Callbacks.Release)
			if release == 0 || len(c.work.gates) == 0 || c.work.gates.never() {
				continue
			}
			due, ok := c.Released(now)
			wantDue, wantOK := c.releasedAnew(now, release)
			if ok != wantOK || !due.Equal(wantDue) {
				t.Fatalf("released at %s: kept %s %v, anew %s %v", now, due, ok, wantDue, wantOK)
			}
			for _, due := range []time.Time{due, due.Add(1), due.Add(-time.Hour), now, now.AddDate(-1, 0, 0)} {
				at, ever := c.ReleaseOf(due)
				if want := ever && !now.Before(at); c.isReleased(due, now) != want {
					t.Fatalf("due %s is released %s %v, at %s it is %v", due, at, ever, now, !want)
				}
			}
		}
	})
}

// A segment of what is released ends before the search would give up.
func TestWhatIsReleasedIsKeptNoLongerThanTheSearchLooksBack(t *testing.T) {
	c := mustCompile(t, Config{Zone: "UTC", Hours: hoursOf(t, "mon 08:00-09:00"), Callbacks: Callbacks{Release: Delay(time.Minute)}})
	due := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	now := due.Add(workHorizon*time.Second - time.Hour)
	assert.False(t, c.work.gates.stretch(now, due).to.After(due.Add(workHorizon*time.Second)))
}

// Many goroutines ask one campaign about different times at once, also for
// classes that nobody asked for before. Run with -race.
func TestKeptAnswersAreSharedByGoroutines(t *testing.T) {
	cfg := Config{
		Zone: "America/New_York", CalleeZone: "Europe/Warsaw", Hours: hoursOf(t, "mon-sat 06:00-23:00"),
		CalleeHours: hoursOf(t, "mon-fri 08:00-21:00; holiday none"), Holidays: map[string]Holidays{"": {Country: "US"}},
		Callbacks: Callbacks{Release: Delay(5 * time.Hour)}, Limits: Limits{Caps: []Cap{{Per: PerNumber, Max: 2, Days: 3}}},
	}
	answers := func(c *Campaign, i int) string {
		now := instant(t, "America/New_York", "2026-10-25 12:00").Add(time.Duration(i) * 97 * time.Minute)
		class := c.ClassOf(Phone{Zones: []string{keptZones[i%len(keptZones)]}})
		open, until := c.ClassOpen(class, now)
		running, later, _ := c.Running(now)
		due, released := c.Released(now)
		return fmt.Sprint(class, open, until, running, later, due, released, c.Need(now))
	}
	const moments = 200
	var want [moments]string
	for i := range want {
		want[i] = answers(mustCompile(t, cfg), i) // nothing is kept yet
	}
	c := mustCompile(t, cfg)
	var done sync.WaitGroup
	for worker := range 8 {
		done.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 500 {
				i := random.IntN(moments)
				if got := answers(c, i); got != want[i] {
					t.Errorf("moment %d: %s, want %s", i, got, want[i])
				}
			}
		})
	}
	done.Wait()
}

// A class's name is found without being made only where it would be made so:
// texts with the marks of a name in them are nobody's zones.
func TestALikelyClassIsTheOneThatWouldBeSpelled(t *testing.T) {
	c := mustCompile(t, Config{Zone: "UTC", CalleeZone: "Europe/Warsaw", Holidays: map[string]Holidays{"PL": {Country: "PL"}}, Lists: []List{{Name: "a"}, {Name: "a|:%"}}})
	zone := rapid.SampledFrom([]string{
		"Europe/Warsaw", "Europe/Warsaw", "Africa/Cairo", "UTC", "*", "", "|", ",", "Africa/Cairo,Europe/Warsaw",
		"Europe/Warsaw|", "Europe/Warsaw|PL", "Nowhere/Town", "Local", "Europe/War", ",Europe/Warsaw",
		"a:UTC", "a:", ":UTC",
	})
	list := rapid.SampledFrom([]string{"", "a", "b", "a|:%", "a:*", ":"})
	region := rapid.SampledFrom([]string{"", "PL", "DE", "PL|", "|PL", "Europe/Warsaw|PL", "Warsaw"})
	phone := rapid.Custom(func(t *rapid.T) Phone {
		return Phone{Zones: rapid.SliceOfN(zone, 0, 3).Draw(t, "zones"), Region: region.Draw(t, "region")}
	})
	rapid.Check(t, func(t *rapid.T) {
		p, other := phone.Draw(t, "phone"), phone.Draw(t, "other")
		want := c.spell(&p)
		for _, likely := range []string{"", want, c.spell(&other), "Europe/Warsaw|" + p.Region, "*|" + p.Region, "Africa/Cairo,Europe/Warsaw|" + p.Region, "x"} {
			require.Equal(t, want, c.classOf(&p, likely), "likely %q", likely)
			// Whatever list it is of, declared or not, and whatever is likely.
			in, was := list.Draw(t, "list"), list.Draw(t, "was")
			if likely != "" {
				likely = inList(was) + likely
			}
			require.Equal(t, want, c.classOf(&p, likely), "likely %q", likely)
			full := c.listed(in, want, likely)
			require.Equal(t, full, c.listed(in, want, ""))
			require.Equal(t, want, full[listedAt(full):])
			require.Equal(t, want != "", c.class(full) != nil, "%q", full)
			if want != "" {
				require.Equal(t, c.batch(in), c.ClassList(full))
				require.Equal(t, c.place(want), c.place(full))
			}
		}
		require.Equal(t, want, c.ClassOf(p))
	})

	// The class of somebody else is likely, or known, and does not fit.
	const two = "Africa/Cairo,Europe/Warsaw|"
	for _, name := range []string{"*|", "*|PL", "Europe/Warsaw|", "Europe/Warsaw|PL", two} {
		require.NotNil(t, c.class(name))
	}
	for _, p := range []Phone{
		{Zones: []string{"*"}}, {Zones: []string{"*"}, Region: "PL"}, {Zones: []string{""}},
		{Zones: []string{"Europe/War"}}, {Zones: []string{"Africa/Cairo", "Europe"}}, {Zones: []string{"Africa/Cair", ",Europe/Warsaw"}},
		{Zones: []string{"Africa/Cairo,Europe", "Warsaw"}}, {Zones: []string{"Africa/Cairo,Europe/Warsaw"}}, {Zones: []string{"Africa/Cairo", ""}},
	} {
		for _, likely := range []string{"", "*|" + p.Region, "Europe/Warsaw|" + p.Region, two} {
			require.Empty(t, c.classOf(&p, likely), "%q, likely %q", p.Zones, likely)
		}
	}
	known := len(c.classes.Load().named)
	for i := range 100 {
		p := Phone{Region: fmt.Sprint("region ", i)}
		require.Equal(t, "*|"+p.Region, c.ClassOf(p))
		require.Same(t, c.class("*|"), c.class(c.ClassOf(p)), "the default region's holidays")
		require.Same(t, c.class("*|"), c.class(inList(fmt.Sprint("list ", i))+c.ClassOf(p)), "no list that is declared")
	}
	require.Len(t, c.classes.Load().named, known, "records may hold any text: it is not kept")
}

// From one opening to the next what is released moves by leaps, and a kept
// answer ends where one is.
func TestWhatIsReleasedLeapsOverClosedHours(t *testing.T) {
	c := mustCompile(t, Config{Zone: "Europe/Warsaw", Hours: hoursOf(t, "mon-fri 08:00-16:00"), Callbacks: Callbacks{Release: Delay(5 * time.Hour)}})
	at := func(local string) time.Time { return instant(t, "Europe/Warsaw", local) }
	for _, tt := range [][2]string{
		{"2026-03-03 12:00", "2026-03-02 15:00"},
		{"2026-03-03 12:30", "2026-03-02 15:30"},
		{"2026-03-03 13:00", "2026-03-03 08:00"}, // five hours of today
		{"2026-03-03 13:30", "2026-03-03 08:30"},
		{"2026-03-03 12:59", "2026-03-02 15:59"},
		{"2026-03-03 15:59", "2026-03-03 10:59"},
		{"2026-03-03 18:00", "2026-03-03 11:00"},
		{"2026-03-04 07:59", "2026-03-03 11:00"},
		{"2026-03-04 08:01", "2026-03-03 11:01"},
	} {
		due, ok := c.Released(at(tt[0]))
		require.True(t, ok)
		assert.Equal(t, at(tt[1]), due, "at %s", tt[0])
	}
}

// The tally counts in seconds: what ends or begins inside one is looked at closer.
func TestALimitThatEndsInsideASecond(t *testing.T) {
	now := instant(t, "UTC", "2026-03-03 12:00").Add(300 * time.Millisecond)
	c := mustCompile(t, Config{Zone: "UTC", Limits: Limits{
		Gaps: []Gap{{Per: PerNumber, Min: Delay(time.Hour)}}, Caps: []Cap{{Per: PerNumber, Max: 1, Within: Delay(2 * time.Hour)}}}})
	for ago, want := range map[time.Duration]int{
		time.Hour - 1: 2, time.Hour: 1, time.Hour + 1: 1, 2*time.Hour - 1: 1, 2 * time.Hour: 0, 2*time.Hour + 1: 0,
	} {
		f := &Facts{History: []*Call{{Number: 1, Dialed: now.Add(-ago), Ended: now.Add(-ago), Counted: true}}}
		assert.Len(t, c.historyBlockers(f, &c.perNumber, 1, &Asker{}, now, nil), want, ago)
	}
}

// Reading the history once finds the same blockers as looking at each limit by itself.
func TestLimitsTalliedAreLimitsCountedOneByOne(t *testing.T) {
	per := rapid.SampledFrom([]Scope{PerRecord, PerNumber, PerContact})
	now := instant(t, "Africa/Cairo", "2026-04-24 01:00")
	rapid.Check(t, func(t *rapid.T) {
		var l Limits
		for range rapid.IntRange(0, 10).Draw(t, "caps") {
			x := Cap{Per: per.Draw(t, "per"), Max: rapid.IntRange(0, 4).Draw(t, "max"), Talks: rapid.Bool().Draw(t, "talks"), Law: rapid.Bool().Draw(t, "law")}
			switch rapid.IntRange(0, 2).Draw(t, "window") {
			case 0:
				x.Days = rapid.IntRange(1, 3).Draw(t, "days")
			case 1:
				x.Within = Delay(rapid.IntRange(1, 5).Draw(t, "within")) * Delay(time.Hour)
			}
			l.Caps = append(l.Caps, x)
		}
		for range rapid.IntRange(0, 10).Draw(t, "gaps") {
			l.Gaps = append(l.Gaps, Gap{Per: per.Draw(t, "per"), Min: Delay(rapid.IntRange(0, 4).Draw(t, "min")) * Delay(time.Hour),
				Talks: rapid.Bool().Draw(t, "talks"), Law: rapid.Bool().Draw(t, "law")})
		}
		c := mustCompile(t, Config{Zone: "Africa/Cairo", Limits: l, Overrides: []Override{OverrideGap, OverrideLimit}})
		pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "pick") }
		f := &Facts{Record: Record{ID: "r", Campaign: "c", Contact: ContactID(pick("", "p")), Progress: Progress{Agreed: rapid.Bool().Draw(t, "agreed")}}}
		for range rapid.IntRange(0, 8).Draw(t, "calls") {
			at := now.Add(-time.Duration(rapid.OneOf(
				rapid.SampledFrom([]int64{0, 1, 1e6, 3600e6, 3600e6 - 1, 3600e6 + 1, 7200e6, 24 * 3600e6}), rapid.Int64Range(0, 80*3600e6)).Draw(t, "ago")) * time.Microsecond)
			call := &Call{Campaign: ID(pick("c", "c", "d")), Record: RecordID(pick("r", "r", "s")), Contact: ContactID(pick("", "p", "q")),
				Number: blacklist.Number(rapid.IntRange(1, 2).Draw(t, "number")), Dialed: at, Ended: at.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "s")) * time.Second),
				Counted: rapid.Bool().Draw(t, "counted"), Inbound: rapid.IntRange(0, 4).Draw(t, "in") == 0}
			if rapid.IntRange(0, 3).Draw(t, "talk") == 0 {
				call.Outcome = Answered
			}
			if rapid.IntRange(0, 9).Draw(t, "undialed") == 0 {
				call.Dialed = time.Time{}
			}
			f.History = append(f.History, call)
		}
		a := &Asker{Kind: Taking}
		if rapid.Bool().Draw(t, "overrides") {
			a.Overrides = []Override{OverrideGap, OverrideLimit}
		}
		for number, b := range map[blacklist.Number]*bounds{0: &c.perRecord, 1: &c.perNumber} {
			require.Equal(t, c.historyBlockersAnew(f, b, number, a, now, nil), c.historyBlockers(f, b, number, a, now, nil))
		}
	})
}
