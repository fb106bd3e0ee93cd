package campaign

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rickb777/date/v2/clock"
)

// What a text of hours may cost: far beyond any real one.
const (
	maxHoursText  = 10_000 // bytes
	maxDayWindows = 24
)

const (
	wantDay    = `a day: mon, tue, wed, thu, fri, sat, sun, a range such as mon-fri, daily, weekend, holiday or eve`
	wantWindow = `"none" or a window such as 08:00-21:00`
)

// hoursParser reads a text of hours from left to right.
type hoursParser struct {
	text string
	pos  int
}

func (p *hoursParser) fail(pos int, want string, args ...any) error {
	return &ParseError{Text: p.text, Pos: pos, Want: fmt.Sprintf(want, args...)}
}

// parseWeek reads a text of hours; nil without an error is no restriction.
func parseWeek(text string) (*week, error) {
	p := &hoursParser{text: text}
	switch {
	case len(text) > maxHoursText:
		return nil, p.fail(maxHoursText, "at most %d bytes", maxHoursText)
	case !utf8.ValidString(text):
		valid := 0
		for r, size := utf8.DecodeRuneInString(text); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRuneInString(text[valid:]) {
			valid += size
		}
		return nil, p.fail(valid, "UTF-8")
	}
	switch strings.ToLower(strings.Trim(text, space)) {
	case "":
		return nil, nil
	case "always":
		return p.week(p.groupsOf("daily 00:00-24:00"))
	case "never":
		return &week{}, nil
	}
	return p.week(p.groups())
}

// group is a list of days with their windows.
type group struct {
	pos     int
	days    []int
	daily   bool
	windows []window
}

func (p *hoursParser) groupsOf(text string) ([]group, error) {
	return (&hoursParser{text: text}).groups()
}

func (p *hoursParser) groups() ([]group, error) {
	var all []group
	for {
		g, err := p.group()
		if err != nil {
			return nil, err
		}
		all = append(all, g)
		if p.skip(); p.pos == len(p.text) {
			return all, nil
		}
		if p.text[p.pos] != ';' {
			return nil, p.fail(p.pos, `";" before the next days, or "," before the next window`)
		}
		p.pos++
		if p.skip(); p.pos == len(p.text) {
			return all, nil // a ";" at the end separates nothing, and harms nobody
		}
	}
}

// week gives every day the windows of its group.
func (p *hoursParser) week(groups []group, err error) (*week, error) {
	if err != nil {
		return nil, err
	}
	w := &week{}
	var daily *group
	for i, g := range groups {
		if g.daily {
			if daily != nil {
				return nil, p.fail(g.pos, "daily once: it is named twice")
			}
			daily = &groups[i]
		}
		for _, day := range g.days {
			if w.given[day] {
				return nil, p.fail(g.pos, "every day once: %s is named twice", dayNames[day])
			}
			w.given[day], w.days[day] = true, g.windows
		}
	}
	if daily != nil {
		for day := range dayHoliday {
			if !w.given[day] {
				w.given[day], w.days[day] = true, daily.windows
			}
		}
	}
	return w, nil
}

func (p *hoursParser) group() (group, error) {
	p.skip()
	g := group{pos: p.pos}
	for {
		if err := p.day(&g); err != nil {
			return g, err
		}
		if !p.comma() {
			break
		}
	}
	var err error
	g.windows, err = p.windows()
	return g, err
}

// day reads one day, a range of days or a word for several.
func (p *hoursParser) day(g *group) error {
	p.skip()
	pos := p.pos
	switch word := p.word(); word {
	case "daily":
		g.daily = true
	case "weekend":
		g.days = append(g.days, 5, 6)
	default:
		first := dayNumber(word)
		if first < 0 {
			return p.fail(pos, wantDay)
		}
		last := first
		if p.skip(); first < dayHoliday && p.pos < len(p.text) && p.text[p.pos] == '-' {
			p.pos++
			p.skip()
			pos = p.pos
			if last = dayNumber(p.word()); last < 0 || last >= dayHoliday {
				return p.fail(pos, "a weekday at which the range ends, such as fri")
			}
		}
		for day := first; ; day = (day + 1) % dayHoliday {
			g.days = append(g.days, day)
			if day == last || first >= dayHoliday {
				break
			}
		}
	}
	return nil
}

// dayNumber is the number of a day's name, or -1.
func dayNumber(word string) int {
	full := [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "holiday", "eve"}
	if i := slices.Index(dayNames[:], word); i >= 0 {
		return i
	}
	return slices.Index(full[:], word)
}

// windows reads the windows of a group, and brings them into order.
func (p *hoursParser) windows() ([]window, error) {
	p.skip()
	pos := p.pos
	if word := p.word(); word == "none" {
		return nil, nil
	} else if word != "" {
		return nil, p.fail(pos, wantWindow)
	}
	var all []window
	for {
		p.skip()
		pos = p.pos
		w, err := p.window()
		if err != nil {
			return nil, err
		}
		for _, other := range all {
			if w.from < other.to && other.from < w.to {
				return nil, p.fail(pos, "a window that does not overlap %s", windowsText([]window{other}))
			}
		}
		if all = append(all, w); len(all) > maxDayWindows {
			return nil, p.fail(pos, "at most %d windows a day", maxDayWindows)
		}
		if !p.comma() {
			break
		}
	}
	slices.SortFunc(all, func(a, b window) int { return a.from - b.from })
	merged := all[:1]
	for _, w := range all[1:] {
		// A whole day or more cannot be written as one window, but from midnight to midnight.
		last := &merged[len(merged)-1]
		if length := w.to - last.from; last.to == w.from && (length < minutesPerDay || length == minutesPerDay && last.from == 0) {
			last.to = w.to
		} else {
			merged = append(merged, w)
		}
	}
	return merged, nil
}

func (p *hoursParser) window() (window, error) {
	pos := p.pos
	from, err := p.clock()
	if err != nil {
		return window{}, err
	}
	if from == minutesPerDay {
		return window{}, p.fail(pos, "a start from 00:00 to 23:59: 24:00 is the next day's 00:00")
	}
	if p.skip(); p.pos == len(p.text) || p.text[p.pos] != '-' {
		return window{}, p.fail(p.pos, `"-" and the end of the window`)
	}
	p.pos++
	p.skip()
	to, err := p.clock()
	switch {
	case err != nil:
		return window{}, err
	case to == from:
		return window{}, p.fail(pos, "a window that is not empty: the whole day is 00:00-24:00, a closed day none")
	case to < from:
		to += minutesPerDay
	}
	return window{from, to}, nil
}

// clock reads a time of day in minutes. The library accepts much more than a
// window should ("25:00", "8am"), hence the comparison with what it would write.
func (p *hoursParser) clock() (int, error) {
	end := p.pos
	for end < len(p.text) && (p.text[end] >= '0' && p.text[end] <= '9' || p.text[end] == ':') {
		end++
	}
	typed := p.text[p.pos:end]
	c, err := clock.Parse(typed)
	minutes := int(c / clock.Minute)
	if err != nil || c < 0 || c > 24*clock.Hour || fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) != typed {
		return 0, p.fail(p.pos, "a time from 00:00 to 24:00, such as 08:30")
	}
	p.pos = end
	return minutes, nil
}

const space = " \t\r\n"

func (p *hoursParser) skip() {
	for p.pos < len(p.text) && strings.IndexByte(space, p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// comma skips a comma, and reports whether there was one.
func (p *hoursParser) comma() bool {
	p.skip()
	if p.pos < len(p.text) && p.text[p.pos] == ',' {
		p.pos++
		return true
	}
	return false
}

// word reads the letters that come next, in lower case.
func (p *hoursParser) word() string {
	start := p.pos
	for p.pos < len(p.text) && (p.text[p.pos]|0x20 >= 'a' && p.text[p.pos]|0x20 <= 'z') {
		p.pos++
	}
	return strings.ToLower(p.text[start:p.pos])
}
