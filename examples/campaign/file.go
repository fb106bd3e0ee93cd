package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// inputError says what is wrong with a file, where, and what is wanted.
type inputError struct {
	File   string
	Line   int    // 0: the file as a whole
	Column string // "": the row as a whole
	Msg    string
}

func (e *inputError) Error() string {
	s := e.File
	if e.Line > 0 {
		s += fmt.Sprintf(":%d", e.Line)
	}
	if e.Column != "" {
		s += fmt.Sprintf(": column %q", e.Column)
	}
	return s + ": " + e.Msg
}

// maxFile bounds what is unpacked, so that a small zip cannot fill the memory.
const maxFile = 1 << 30

// readFile reads a CSV file, or one out of a zip: "FILE.zip" is its largest
// CSV, "FILE.zip:NAME" the one of that name. name is what messages call it.
func readFile(arg string) (name string, data []byte, err error) {
	file, inside := arg, ""
	if i := strings.LastIndex(strings.ToLower(arg), ".zip:"); i >= 0 {
		if file, inside = arg[:i+len(".zip")], arg[i+len(".zip:"):]; inside == "" {
			return file, nil, &inputError{File: arg, Msg: "want FILE.zip:NAME with the name of a file in the zip, or FILE.zip for its largest CSV"}
		}
	}
	name = filepath.Base(file)
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return name, nil, &inputError{File: file, Msg: "there is no such file: want a CSV file, or a zip with one"}
	case err != nil:
		return name, nil, &inputError{File: file, Msg: err.Error()}
	case info.IsDir():
		return name, nil, &inputError{File: file, Msg: "is a directory: want a CSV file, or a zip with one"}
	case info.Size() > maxFile:
		return name, nil, &inputError{File: file, Msg: "is larger than 1 GiB: want a smaller file"}
	}
	data, err = os.ReadFile(file)
	if err != nil {
		return name, nil, &inputError{File: file, Msg: err.Error()}
	}
	isZip := bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06"))
	if isZip || strings.EqualFold(filepath.Ext(file), ".zip") {
		return unzip(file, inside, data)
	}
	return name, data, nil
}

func unzip(file, inside string, data []byte) (string, []byte, error) {
	refuse := func(format string, args ...any) (string, []byte, error) {
		return file, nil, &inputError{File: file, Msg: fmt.Sprintf(format, args...)}
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return refuse("is not a zip file (%v): want a zip, or a CSV under a name that does not end in .zip", err)
	}
	var best *zip.File
	var names []string
	for _, f := range archive.File {
		if f.FileInfo().IsDir() {
			continue
		}
		names = append(names, f.Name)
		switch {
		case inside != "":
			if f.Name == inside || (best == nil && path.Base(f.Name) == inside) {
				best = f
			}
		case strings.HasPrefix(path.Base(f.Name), "."): // such as __MACOSX/._contacts.csv
		case strings.EqualFold(path.Ext(f.Name), ".csv") && (best == nil || f.UncompressedSize64 > best.UncompressedSize64):
			best = f
		}
	}
	switch {
	case best == nil && inside != "":
		return refuse("holds no file %q: want one of %s", inside, list(names))
	case len(names) == 0:
		return refuse("is an empty zip: want one with a CSV file")
	case best == nil:
		return refuse("holds no .csv file: want one, or FILE.zip:NAME with a name of %s", list(names))
	case best.UncompressedSize64 > maxFile:
		return refuse("%s is larger than 1 GiB: want a smaller file", best.Name)
	}
	in, err := best.Open()
	if err != nil {
		return refuse("%s: %v", best.Name, err)
	}
	data, err = io.ReadAll(io.LimitReader(in, maxFile))
	if e := in.Close(); err == nil {
		err = e
	}
	if err != nil {
		return refuse("%s cannot be unpacked: %v", best.Name, err)
	}
	return filepath.Base(file) + ":" + best.Name, data, nil
}

// list writes names for a message; only the first of many.
func list(names []string) string {
	const most = 20
	short := make([]string, 0, most)
	for _, n := range names[:min(most, len(names))] {
		short = append(short, strconv.Quote(clip(n, 40)))
	}
	text := strings.Join(short, ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %s more", grouped(more))
	}
	return text
}

// row is a row of a table, and the line of the file on which it begins.
type row struct {
	line  int
	cells []string
}

// table is a CSV file. Rows that cannot be read are in bad; they do not spoil
// those after them.
type table struct {
	name   string
	header []string
	rows   []row
	bad    []error
}

// readTable reads a CSV in UTF-8, with or without a byte order mark. The
// delimiter is the one of ";", ",", tab and "|" that the first line has most of.
func readTable(name string, data []byte) (*table, error) {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return nil, &inputError{File: name, Msg: "is in UTF-16: want UTF-8; save it as \"CSV UTF-8\""}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &inputError{File: name, Msg: "is empty: want a line with the names of the columns, and one line for each contact"}
	}
	if !bytes.Contains(data, []byte("\n")) {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n")) // the line ends of old Macs
	}
	switch head := firstLine(data); {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return nil, &inputError{File: name, Msg: "is a zip: want a CSV file; take it out of the zip first"}
	case bytes.IndexByte(head, 0) >= 0:
		return nil, &inputError{File: name, Line: 1, Msg: "is not text in UTF-8, it has bytes that are 0: want a CSV file, saved as \"CSV UTF-8\""}
	case !utf8.Valid(head):
		return nil, &inputError{File: name, Line: 1, Msg: "the names of the columns are not UTF-8: want UTF-8; save the file as \"CSV UTF-8\""}
	}
	t := &table{name: name}
	comma := delimiter(data)
	line := 1
	for len(data) > 0 {
		in := csv.NewReader(bytes.NewReader(data))
		in.Comma, in.FieldsPerRecord = comma, -1
		began := 0 // where the row at hand begins in data
		var err error
		what := "" // why to begin anew
		for {
			var cells []string
			if cells, err = in.Read(); err != nil {
				break
			}
			at, _ := in.FieldPos(0)
			text := data[began:in.InputOffset()]
			if t.header != nil && len(cells) != len(t.header) && bytes.Contains(bytes.Trim(text, "\r\n"), []byte("\n")) {
				what = fmt.Sprintf("has a quote that ends on another line, and then %d fields, not %d", len(cells), len(t.header))
				break
			}
			t.add(row{line: line + at - 1, cells: cells})
			began = int(in.InputOffset())
		}
		if errors.Is(err, io.EOF) {
			break
		}
		// One bad quote must not cost the rows after it: go on with the next line.
		skipped := bytes.Count(data[:began], []byte("\n"))
		for began < len(data) && (data[began] == '\n' || data[began] == '\r') {
			if data[began] == '\n' {
				skipped++
			}
			began++
		}
		if p := (*csv.ParseError)(nil); errors.As(err, &p) {
			what = p.Err.Error()
		}
		t.bad = append(t.bad, &inputError{File: name, Line: line + skipped, Msg: fmt.Sprintf("%s: want a field either without quotes or quoted as a whole, with \"\" for a quote", what)})
		end := bytes.IndexByte(data[began:], '\n')
		if end < 0 {
			break
		}
		data, line = data[began+end+1:], line+skipped+1
	}
	switch {
	case t.header == nil:
		return nil, &inputError{File: name, Line: 1, Msg: "the names of the columns cannot be read: " + errors.Join(t.bad...).Error()}
	case len(t.rows)+len(t.bad) == 0:
		return nil, &inputError{File: name, Msg: fmt.Sprintf("has no rows: want one line for each contact below the columns %s", list(t.header))}
	}
	return t, nil
}

func (t *table) add(r row) {
	if t.header == nil {
		if len(t.bad) > 0 {
			return // what is below an unreadable header means nothing
		}
		for _, c := range r.cells {
			t.header = append(t.header, strings.TrimSpace(c))
		}
		return
	}
	if strings.TrimSpace(strings.Join(r.cells, "")) == "" {
		return // spreadsheets leave such rows below a table
	}
	for i, c := range r.cells {
		if !utf8.ValidString(c) {
			e := &inputError{File: t.name, Line: r.line, Msg: "is not UTF-8: want UTF-8; save the file as \"CSV UTF-8\""}
			if i < len(t.header) {
				e.Column = t.header[i]
			}
			t.bad = append(t.bad, e)
			return
		}
	}
	if len(r.cells) != len(t.header) {
		t.bad = append(t.bad, &inputError{File: t.name, Line: r.line, Msg: fmt.Sprintf("the number of fields is %d: want %d, one for each column", len(r.cells), len(t.header))})
		return
	}
	t.rows = append(t.rows, r)
}

// firstLine is the first line that is not empty: csv passes over those that are.
func firstLine(data []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(data, "\r\n"), []byte("\n"))
	return line
}

func delimiter(data []byte) rune {
	line := firstLine(data)
	best, most := ',', 0
	for _, d := range []rune{';', ',', '\t', '|'} {
		if n := bytes.Count(line, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}

// column returns the index of a column, in any case, or -1.
func (t *table) column(name string) int {
	for i, h := range t.header {
		if strings.EqualFold(h, name) {
			return i
		}
	}
	return -1
}
