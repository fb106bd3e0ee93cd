package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nextcall/nextcall/campaign/rule/ruletest"
	"github.com/nextcall/nextcall/internal/outside"
)

// program runs the program, and wants an exit code.
func program(t *testing.T, code int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if got := run(t.Context(), args, &out, &err, false); got != code {
		t.Fatalf("campaign %q: exit code %d, not %d:\n%s", args, got, code, err.String())
	}
	return out.String(), err.String()
}

// read runs the program with -json.
func read(t *testing.T, args ...string) (document, string) {
	t.Helper()
	out, stderr := program(t, 0, append(args, "-json")...)
	var d document
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	return d, stderr
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipFile(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file(t, "contacts.zip", b.String())
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, not %v", what, got, want)
	}
}

func contain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in:\n%s", p, text)
		}
	}
}

func TestTheSameSeedShowsTheSame(t *testing.T) {
	for _, args := range [][]string{{"-days", "1", "-explain", "c00003"}, {"-days", "1", "-json"}} {
		first, stderr := program(t, 0, args...)
		second, _ := program(t, 0, args...)
		if first != second {
			t.Errorf("campaign %q: two runs differ", args)
		}
		same(t, "stderr", stderr, "")
		other, _ := program(t, 0, append(args, "-seed", "2")...)
		if strings.ReplaceAll(first, "seed 1", "seed 2") == other {
			t.Errorf("campaign %q: another seed changes nothing", args)
		}
	}
}

func addUp(t *testing.T, d document) {
	t.Helper()
	c := d.Contacts
	same(t, "contacts", c.Records+c.Barred+c.Twice+c.BadRows, c.Rows)
	sum := 0
	for _, r := range d.Results {
		sum += r.Calls
	}
	same(t, "calls by outcome and status", sum, d.Calls)
	for _, rule := range d.Rules {
		won := 0
		for _, r := range d.Results {
			if r.Status == rule.Status {
				won += r.Calls
			}
			if r.Status == rule.Status && r.Outcome == "answered" {
				t.Errorf("%d talks ended with the status of a rule, %q", r.Calls, rule.Status)
			}
		}
		same(t, "calls with the status of a rule", won, rule.Won)
	}
	sum = 0
	for _, a := range d.Agents {
		sum += a.Calls
	}
	same(t, "calls by agent", sum, d.Calls+d.CutOff)
	sum, counted := 0, 0
	for _, a := range d.Attempts {
		sum, counted = sum+a.Records, counted+a.Records*a.Attempts
	}
	same(t, "attempts per record", sum, c.Records)
	if counted > d.Calls+d.CutOff {
		t.Errorf("%d attempts in %d calls", counted, d.Calls+d.CutOff)
	}
	b := d.Backs
	same(t, "callbacks made", b.OnTime+b.Late+b.Overdue+b.NotDue, b.Made)
	same(t, "callbacks dialled", b.Reached+b.GivenUp+b.Ended+b.Trying, b.OnTime+b.Late)
	same(t, "callbacks waiting", b.Overdue+b.NotDue+b.Trying, b.Waiting)
	sum = d.Open.Callable
	for _, x := range d.Open.Blockers {
		sum += x.Records
	}
	same(t, "blockers and callable", sum, d.Open.Total)
	same(t, "records of the outlook", d.Open.Total, c.Records)
	same(t, "hours of the forecast", len(d.Open.Forecast), forecastHours)
}

func TestTheFiguresOfTheMainRunAddUp(t *testing.T) {
	d, _ := read(t)
	addUp(t, d)
	same(t, "rows", d.Contacts.Rows, 10_000)
	same(t, "agents", len(d.Agents), 20)
	same(t, "days", d.To.Sub(d.From).Hours(), 120)
	if d.Contacts.Barred == 0 || d.Backs.OnTime == 0 || d.Backs.Passed == 0 || d.Backs.GivenUp == 0 || len(d.Listed) < 3 {
		t.Errorf("the main run shows too little: %+v %+v %+v", d.Contacts, d.Backs, d.Listed)
	}
	refusals := 0
	for _, r := range d.Results {
		if r.Status == "Do not call" || r.Status == "Rejected twice" {
			refusals += r.Calls
		}
	}
	listed := 0
	for _, l := range d.Listed {
		listed += l.Numbers - l.Before
		if l.Numbers > l.Before && !strings.HasPrefix(l.Until, "2027-05-") {
			t.Errorf("a refusal is listed until %s, not for 6 months", l.Until)
		}
	}
	same(t, "a refusal is a number on the blacklist", listed, refusals)
	same(t, "rules", len(d.Rules), 6)
	for _, r := range d.Rules {
		if r.Won < 20 {
			t.Errorf("%s: the main run shows too little of this rule: %+v", r.Status, r)
		}
	}
	if last := len(d.Attempts) - 1; d.Attempts[last].Attempts != 6 {
		t.Errorf("the most attempts are %d, not 6", d.Attempts[last].Attempts)
	}
}

func TestTheRulesDoWhatTheirAuthorMeans(t *testing.T) {
	c, err := compile(madeUp(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	ruletest.Run(t, "testdata/rules.txt", ruletest.Options{Campaign: c, FullCoverage: true})
}

func TestTheTablesSayWhatTheDocumentSays(t *testing.T) {
	d, _ := read(t, "-days", "2")
	out, _ := program(t, 0, "-days", "2")
	contain(t, out,
		"10,000 made-up contacts, seed 1", "Mon 2026-11-09 00:00 to Wed 2026-11-11 00:00 in Europe/Warsaw, 20 agents",
		"CONTACTS", "CALLS BY OUTCOME AND STATUS", "RULES: HOW OFTEN EACH WON", "CALLBACKS", "BLACKLISTED", "ATTEMPTS PER RECORD", "FIRST BLOCKER", "FORECAST", "AGENTS",
		grouped(d.Calls)+"  100.0 %", grouped(d.Backs.Made), grouped(d.Open.Total)+"  100.0 %")
	for _, line := range strings.Split(out, "\n") {
		if strings.TrimRight(line, " ") != line {
			t.Errorf("white space at the end of %q", line)
		}
	}
}

func TestTheBanksFile(t *testing.T) {
	if testing.Short() {
		t.Skip("125,000 calls")
	}
	file := filepath.Join(outside.Dir(t), "bank", "bank.zip")
	d, stderr := read(t, "-contacts", file)
	addUp(t, d)
	same(t, "stderr", stderr, "")
	same(t, "clients", d.Contacts.Records, 45_211)
	sales, talks := 0, 0
	for _, r := range d.Results {
		switch {
		case r.Status == "Sale":
			sales += r.Calls
		case r.Outcome != "answered":
			continue
		}
		talks += r.Calls
	}
	same(t, "sales", sales, 5289) // what the column y says
	// A few clients take more calls than the gap and the daily cap allow in six weeks.
	if talks < 45_000 || d.Calls < 124_000 || d.Calls > 124_956 {
		t.Errorf("%d talks in %d calls; the file has 45,211 in 124,956", talks, d.Calls)
	}

	small, _ := read(t, "-contacts", file+":bank.csv", "-days", "3", "-agents", "5")
	addUp(t, small)
	same(t, "clients of the small file", small.Contacts.Records, 4521)
	same(t, "agents", len(small.Agents), 5)
}

func TestFilesOfMostShapesAreRead(t *testing.T) {
	for name, text := range map[string]string{
		"commas":                "id,phone,name\na,+48600100200,Eva\nb,+48600100201,Tom\n",
		"semicolons":            "id;phone;name\na;+48600100200;\"Eva, or Ewa\"\nb;+48600100201;Tom\n",
		"tabs":                  "id\tphone\tname\na\t+48600100200\tEva\nb\t+48600100201\tTom\n",
		"byte order mark":       "\ufeffphone;id\n+48600100200;a\n+48600100201;b\n",
		"line ends":             "id;phone\r\na;+48600100200\r\n\r\nb;+48600100201",
		"order and case":        "PHONE,Id\n+48600100200,a\n+48600100201,b\n",
		"bars":                  "id|phone\na|+48600100200\nb|+48600100201\n",
		"old line ends":         "id,phone\ra,+48600100200\rb,+48600100201\r",
		"blank rows":            "\n\nid,phone\n\na,+48600100200\n,\n  \nb,+48600100201\n,\n",
		"an id like a line's":   "id,phone\nline3,+48600100200\n,+48600100201\n",
		"a column unused twice": "id,phone,x,x\na,+48600100200,,\nb,+48600100201,,\n",
		"one column":            "phone\n+48600100200\n+48600100201\n",
		"quoted line break":     "id;phone;name\na;+48600100200;\"Eva\nNowak\"\nb;+48600100201;Tom\n",
		"zones, more phones":    "id,phone,phone2,zone,region\na,+12125550100,+12125550101,America/New_York,US\nb,+48600100201,,,\n",
	} {
		t.Run(name, func(t *testing.T) {
			d, stderr := read(t, "-contacts", file(t, "c.csv", text), "-days", "1", "-agents", "2")
			addUp(t, d)
			same(t, "stderr", stderr, "")
			same(t, "records", d.Contacts.Records, 2)
		})
	}
}

func TestColumnsAreMapped(t *testing.T) {
	path := file(t, "klienci.csv", "nr;imię;nazwisko;komórka;dom\n7;Zoë;Nowak;600 100 200;22 555 01 00\n8;;Bąk;;+420602100200\n")
	d, stderr := read(t, "-contacts", path, "-map", "id=nr,phone=komórka+dom,name=imię+nazwisko", "-prefix", "+48", "-explain", "7")
	same(t, "stderr", stderr, "")
	same(t, "records", d.Contacts.Records, 2)
	same(t, "name", d.Explained.Name, "Zoë Nowak")
	same(t, "phones", fmt.Sprint(d.Explained.Phones), "[{+48600100200 komórka } {+48225550100 dom }]")
}

func TestAZipGivesItsLargestTableOrTheOneNamed(t *testing.T) {
	path := zipFile(t, "a/small.csv", "phone\n+48600100200\n", "readme.txt", strings.Repeat("x", 999), "large.csv", "phone\n+48600100200\n+48600100201\n")
	d, _ := read(t, "-contacts", path, "-days", "1")
	same(t, "records", d.Contacts.Records, 2)
	same(t, "source", d.Source, "contacts.zip:large.csv")
	d, _ = read(t, "-contacts", path+":small.csv", "-days", "1")
	same(t, "records", d.Contacts.Records, 1)
}

func TestBadRowsAreListedAndGoodOnesKept(t *testing.T) {
	text := "id;phone;zone\n" +
		"a;+48600100200;\n" + // 2, good
		"b;call me;\n" + // 3
		"c;;\n" + // 4
		"d;+48600100201;Mars/Base\n" + // 5
		"e;+48600100202\n" + // 6
		"f;\"+48\"600;\n" + // 7
		"g;+48600100203;\n" + // 8, good
		"h;\"+48600100204;\n" + // 9: a quote that nobody closes
		"i;+48600100205;\n" + // 10, good
		"j;+4860010\xff;\n" + // 11
		"a;+48600100206;\n" + // 12: id twice
		"k;+48600100200;\n" + // 13: number twice
		"l;600100207;\n" // 14
	d, stderr := read(t, "-contacts", file(t, "c.csv", text), "-days", "1")
	addUp(t, d)
	same(t, "records", d.Contacts.Records, 3)
	same(t, "bad rows", d.Contacts.BadRows, 8)
	same(t, "twice", d.Contacts.Twice, 2)
	same(t, "rows", d.Contacts.Rows, 13)
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	same(t, "lines", len(lines), 10)
	for i, want := range []string{
		`c.csv:3: column "phone": number "call me"`,
		`c.csv:4: column "phone": is empty`,
		`c.csv:5: column "zone": zone "Mars/Base" is not known: want an IANA name`,
		`c.csv:6: the number of fields is 2: want 3`,
		`c.csv:7: extraneous or missing " in quoted-field: want a field either without quotes`,
		`c.csv:9: extraneous or missing " in quoted-field`,
		`c.csv:11: column "phone": is not UTF-8`,
		`c.csv:14: column "phone": number "600100207": no + or 00 before the country code`,
		`c.csv:12: left out: "a" is that of c.csv:2`,
		`c.csv:13: left out: "+48600100200" is that of c.csv:2`,
	} {
		if i < len(lines) && !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, not %q", i, lines[i], want)
		}
	}
	contain(t, stderr, "-prefix for numbers without a country code")

	var many strings.Builder
	many.WriteString("phone\n+48600100200\n")
	for range 1234 {
		many.WriteString("nobody\n")
	}
	d, stderr = read(t, "-contacts", file(t, "c.csv", many.String()), "-days", "1")
	same(t, "records", d.Contacts.Records, 1)
	same(t, "lines", strings.Count(stderr, "\n"), 11)
	contain(t, stderr, "\nand 1,224 more\n")
}

func TestAnOpenQuoteCostsOneRow(t *testing.T) {
	text := "id,phone,name\n" +
		"a,+48600100200,\"Eva\n" + // 2: the quote ends in line 4, by chance where a field may
		"b,+48600100201,Tom\n" +
		"\",+48600100202,\"\n" +
		"d,+48600100203,Dan\n"
	d, stderr := read(t, "-contacts", file(t, "c.csv", text), "-days", "1")
	addUp(t, d)
	contain(t, stderr, "c.csv:2: ", "want a field either without quotes")
	if d.Contacts.Records < 2 {
		t.Errorf("good rows are lost: %+v\n%s", d.Contacts, stderr)
	}
}

func TestAMessageIsShort(t *testing.T) {
	long := strings.Repeat("7", 1_000_000)
	d, stderr := read(t, "-contacts", file(t, "c.csv", "id,phone,name\na,"+long+",x\n"+long+",+48600100201,x\nc,+48600100202,"+long+"\n"), "-days", "1")
	addUp(t, d)
	contain(t, stderr, "c.csv:2: ", "want the international form", "c.csv:3: ")
	if len(stderr) > 2000 {
		t.Errorf("%d bytes on stderr", len(stderr))
	}
}

// FuzzContacts reads what may be in a file: it never panics, and each row is
// either good or bad.
func FuzzContacts(f *testing.F) {
	for _, text := range []string{
		"id,phone\na,+48600100200\nb,call me\n", "\ufeffphone;name\r\n+48600100200;\"Eva\nNowak\"\r\n", "phone\n\"\n\"\"\n\"x\n",
		"id|phone|zone\na|+48600100200|Mars\n", "phone\r+48600100200\r", "age;job;marital;balance;duration;campaign;pdays;poutcome;y\n1;x;y;2;3;1;0;z;yes\n",
		"phone,phone\n1,2\n", "\xff\xfep\x00", "a\x00\n", "PK\x03\x04", "id,phone\nline3,+48600100200\n,+48600100201\n", "\"\n\n",
	} {
		f.Add([]byte(text), "", "+48")
	}
	f.Add([]byte("a;b\n600100200;x\n"), "phone=a,name=b", "")
	f.Fuzz(func(t *testing.T, data []byte, mapText, prefix string) {
		m, err := parseMapping(mapText)
		if err != nil {
			return
		}
		table, err := readTable("c.csv", data)
		if err != nil {
			return
		}
		s, err := fromTable(table, m, prefix, "Europe/Warsaw")
		if err != nil {
			return
		}
		if s.read != len(s.records)+len(s.bad) || s.read != len(table.rows)+len(table.bad) || len(s.places) != len(s.records) {
			t.Fatalf("%d rows: %d good, %d bad", s.read, len(s.records), len(s.bad))
		}
		for i := range s.records {
			if r := &s.records[i]; r.ID == "" || len(r.Phones) == 0 {
				t.Fatalf("%s: a good row without id or phone: %+v", s.places[i], r)
			}
		}
		for _, bad := range s.bad {
			if e := (*inputError)(nil); !errors.As(bad, &e) || e.Line < 1 || e.Msg == "" {
				t.Fatalf("a bad row without its line: %v", bad)
			}
		}
	})
}

func TestABadRowOfTheBankIsListed(t *testing.T) {
	head := "age;job;marital;balance;duration;campaign;pdays;poutcome;y\n"
	d, stderr := read(t, "-contacts", file(t, "b.csv", head+"30;cook;single;1;60;1;-1;unknown;yes\n30;cook;single;1;60;0;-1;unknown;yes\n30;cook;single;1;x;1;-1;unknown;no\n30;cook;single;1;60;2;-1;unknown;maybe\n"), "-days", "2", "-explain", "client1")
	addUp(t, d)
	same(t, "records", d.Contacts.Records, 1)
	contain(t, stderr, `b.csv:3: column "campaign": "0": want a whole number, at least 1`, `b.csv:4: column "duration": "x"`, `b.csv:5: column "y": "maybe": want yes or no`)
	same(t, "number", d.Explained.Phones[0].Number, "+351900000001")
	same(t, "status", d.Explained.Status, "sale")
}

func TestBadInputSaysWhereAndWhatIsWanted(t *testing.T) {
	good := file(t, "good.csv", "phone\n+48600100200\n")
	mapped := file(t, "mapped.csv", "a;b\n+48600100200;x\n")
	dir := t.TempDir()
	for _, row := range []struct {
		name string
		args []string
		want []string
	}{
		{"no file", []string{"-contacts", filepath.Join(dir, "none.csv")}, []string{"none.csv", "no such file", "want a CSV file"}},
		{"a directory", []string{"-contacts", dir}, []string{"is a directory", "want a CSV file"}},
		{"not a zip", []string{"-contacts", file(t, "bad.zip", "phone\n+48600100200\n")}, []string{"bad.zip", "is not a zip file", "want a zip"}},
		{"a zip cut off", []string{"-contacts", file(t, "cut.csv", "PK\x03\x04rest")}, []string{"cut.csv", "is not a zip file"}},
		{"a zip without tables", []string{"-contacts", zipFile(t, "a.txt", "x")}, []string{"holds no .csv file", `"a.txt"`}},
		{"a name that the zip does not have", []string{"-contacts", zipFile(t, "a.csv", "x") + ":b.csv"}, []string{`holds no file "b.csv"`, `"a.csv"`}},
		{"an empty file", []string{"-contacts", file(t, "empty.csv", "\ufeff \n")}, []string{"empty.csv", "is empty", "want a line with the names"}},
		{"no rows", []string{"-contacts", file(t, "head.csv", "phone\n")}, []string{"head.csv", "has no rows"}},
		{"UTF-16", []string{"-contacts", file(t, "wide.csv", "\xff\xfep\x00")}, []string{"wide.csv", "UTF-16", "want UTF-8"}},
		{"an unreadable header", []string{"-contacts", file(t, "quote.csv", "pho\"ne\n+48600100200\n")}, []string{"quote.csv:1", "names of the columns"}},
		{"no good row", []string{"-contacts", file(t, "bad.csv", "phone\nx\n")}, []string{"none of 1 rows is good", "bad.csv:2"}},
		{"no phone column", []string{"-contacts", mapped}, []string{"mapped.csv:1", `no column "phone"`, `"a", "b"`, "-map 'phone=a'"}},
		{"a wrong column", []string{"-contacts", mapped, "-map", "phone=a,name=c"}, []string{`mapped.csv:1: column "c"`, "no such column", `"a", "b"`}},
		{"a column of a name twice", []string{"-contacts", file(t, "two.csv", "phone,Phone\n+48600100200,+48600100201\n")}, []string{`two.csv:1: column "phone"`, "columns 1 and 2", "want a name of its own"}},
		{"a delimiter that is not known", []string{"-contacts", file(t, "caret.csv", "id^phone\na^+48600100200\n")}, []string{"caret.csv:1", "comma, semicolon, tab or |"}},
		{"a header that is not UTF-8", []string{"-contacts", file(t, "latin.csv", "phone,imi\xea\n+48600100200,Eva\n")}, []string{"latin.csv:1", "not UTF-8", "CSV UTF-8"}},
		{"UTF-16 without a mark", []string{"-contacts", file(t, "wide.csv", "p\x00h\x00\n\x00")}, []string{"wide.csv:1", "not text in UTF-8"}},
		{"a zip in a zip", []string{"-contacts", zipFile(t, "in.zip", "PK\x03\x04x") + ":in.zip"}, []string{"in.zip: is a zip"}},
		{"an empty zip", []string{"-contacts", zipFile(t)}, []string{"is an empty zip"}},
		{"no name in a zip", []string{"-contacts", zipFile(t, "a.csv", "x") + ":"}, []string{"want FILE.zip:NAME"}},
		{"no name of a file", []string{"-contacts", ""}, []string{"-contacts: want the name"}},
		{"no id", []string{"-explain", ""}, []string{"-explain: want the id"}},
		{"a mapping to a column without a name", []string{"-contacts", mapped, "-map", "phone=a+"}, []string{"-map", "a column has no name"}},
		{"too many agents", []string{"-agents", "1000000000"}, []string{"-agents", "want a whole number, 1 to 1000"}},
		{"too many days", []string{"-days", "10000"}, []string{"-days", "want a whole number, 1 to 366"}},
		{"a mapping without columns", []string{"-contacts", mapped, "-map", "phone"}, []string{`-map: "phone"`, "want such as phone="}},
		{"a mapping to nothing", []string{"-contacts", mapped, "-map", "fone=a"}, []string{`"fone"`, "id, phone, name, zone, region"}},
		{"a mapping twice", []string{"-contacts", mapped, "-map", "phone=a,phone=b"}, []string{"mapped twice", "+"}},
		{"a mapping without a file", []string{"-map", "phone=a"}, []string{"want -contacts FILE"}},
		{"a wrong prefix", []string{"-contacts", good, "-prefix", "48"}, []string{"-prefix", "want + and a country code"}},
		{"a wrong zone", []string{"-zone", "Warsaw"}, []string{"-zone", `"Warsaw"`, "want an IANA name"}},
		{"an unknown record", []string{"-contacts", good, "-explain", "eva"}, []string{"-explain", `no record "eva"`, "want one such as line2"}},
		{"a seed of text", []string{"-seed", "abc"}, []string{`"abc"`, "-seed", "want a whole number, 0 to"}},
		{"a seed below 0", []string{"-seed", "-1"}, []string{"-seed", "want a whole number, 0 to"}},
		{"no agents", []string{"-agents", "0"}, []string{"-agents", "want a whole number, 1 to 1000"}},
		{"half a day", []string{"-days", "0.5"}, []string{"-days", "want a whole number, 1 to 366"}},
		{"an unknown flag", []string{"-nosuch"}, []string{"-nosuch", "-h lists the flags"}},
		{"a file without its flag", []string{"x.csv"}, []string{`"x.csv" is no flag`, "-contacts x.csv"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			stdout, stderr := program(t, 2, row.args...)
			same(t, "stdout", stdout, "")
			contain(t, stderr, row.want...)
		})
	}
}

func TestHelpIsPrintedAndProgressGoesToStderr(t *testing.T) {
	stdout, stderr := program(t, 0, "-h")
	same(t, "stderr", stderr, "")
	contain(t, stdout, "-contacts FILE", "-map", "-seed", "-agents", "-days", "-explain", "-json")

	contacts := file(t, "c.csv", "phone\n+48600100200\n")
	var plain, out, err bytes.Buffer
	run(t.Context(), []string{"-contacts", contacts}, &plain, &err, false)
	same(t, "without a terminal", err.String(), "")
	run(t.Context(), []string{"-contacts", contacts}, &out, &err, true)
	contain(t, err.String(), "simulating")
	same(t, "stdout", out.String(), plain.String())
	err.Reset()
	run(t.Context(), []string{"-contacts", contacts, "-json"}, &out, &err, true)
	same(t, "with -json", err.String(), "")
}

func TestExplainTellsTheHistory(t *testing.T) {
	path := file(t, "c.csv", "id,phone,name\na,+48600100200,Eva\n")
	out, _ := program(t, 0, "-contacts", path, "-explain", "a")
	contain(t, out, "RECORD a\n", "Eva", "+48600100200", "added, by import", "call to +48600100200 by agent")
}

func TestTheReadmeShowsWhatIsPrinted(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(readme), "```text\n")
	sample, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("README.md has no ```text block")
	}
	out, _ := program(t, 0)
	parts := strings.Split(strings.TrimSpace(sample), "[…]")
	for _, part := range parts {
		if !strings.Contains(out, strings.TrimSpace(part)) {
			t.Errorf("go run ./examples/campaign does not print what README.md shows: copy it anew:\n%s", part)
		}
	}
	same(t, "parts", len(parts), 4)
}
