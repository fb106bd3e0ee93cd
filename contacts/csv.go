package contacts

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Bounds of a CSV file's parts. They keep one bad quote from swallowing the file.
const (
	maxLine     = 1 << 20 // bytes of a line
	maxRowBytes = 1 << 18 // bytes of a row that goes over several lines
	maxRowLines = 100     // lines of such a row
	sampleBytes = 1 << 16 // looked at to find out the form of the file
)

// FileError says what is wrong with a file as a whole, or with one of its rows.
type FileError struct {
	Line   int    // from 1; 0: the file
	Column string // of the header; "" is the row
	Msg    string // what is wrong, and what would be right
}

func (e *FileError) Error() string {
	switch {
	case e.Line == 0:
		return e.Msg
	case e.Column == "":
		return fmt.Sprintf("line %d: %s", e.Line, e.Msg)
	}
	return fmt.Sprintf("line %d, column %q: %s", e.Line, e.Column, e.Msg)
}

// table reads a CSV as a stream. A row that cannot be read does not spoil those
// after it.
type table struct {
	in     *bufio.Reader
	end    byte // of lines
	comma  byte
	decode func([]byte) ([]byte, error)
	header []string

	line   int       // the last one that was read
	waits  []csvLine // lines that were read ahead
	cells  []string
	ended  bool
	failed error // of the reader
}

// csvLine is a line without its end, or why it is none.
type csvLine struct {
	text string
	err  error
}

// csvRow is a row of a table, or why it is none.
type csvRow struct {
	line  int      // on which it begins
	cells []string // as many as the header has; good until the next row is read
	err   error
}

// newTable finds out the form of a file and reads its header. The delimiter is the
// one of ";", ",", tab and "|" that the header has most of, if none is given.
func newTable(r io.Reader, comma byte, decode func([]byte) ([]byte, error)) (*table, error) {
	t := &table{in: bufio.NewReaderSize(r, sampleBytes), end: '\n', comma: comma, decode: decode}
	sample, err := t.in.Peek(sampleBytes)
	if err != nil && !errors.Is(err, io.EOF) && len(sample) == 0 {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	refuse := func(format string, args ...any) (*table, error) {
		return nil, &FileError{Msg: fmt.Sprintf(format, args...)}
	}
	switch {
	case bytes.HasPrefix(sample, []byte("PK\x03\x04")):
		return refuse("the file is a zip or a spreadsheet: want CSV; unpack it, or save it as \"CSV UTF-8\"")
	case bytes.HasPrefix(sample, []byte{0xff, 0xfe}) || bytes.HasPrefix(sample, []byte{0xfe, 0xff}):
		return refuse("the file is in UTF-16: want UTF-8; save it as \"CSV UTF-8\", or give a reader that decodes it")
	case bytes.HasPrefix(sample, []byte("\ufeff")):
		if _, err := t.in.Discard(len("\ufeff")); err != nil {
			return nil, err
		}
		sample = sample[len("\ufeff"):]
	}
	if len(bytes.TrimSpace(sample)) == 0 {
		return refuse("the file is empty: want a line with the names of the columns, and one for each contact")
	}
	if !bytes.Contains(sample, []byte("\n")) && bytes.Contains(sample, []byte("\r")) {
		t.end = '\r' // of old Macs
	}
	if comma == 0 {
		t.comma = delimiter(sample)
	}
	head, ok := t.row()
	switch {
	case t.failed != nil:
		return nil, t.failed
	case !ok:
		return refuse("the file is empty: want a line with the names of the columns, and one for each contact")
	case head.err != nil:
		return nil, fmt.Errorf("the names of the columns cannot be read: %w", head.err)
	}
	for _, cell := range head.cells {
		t.header = append(t.header, strings.TrimSpace(cell))
	}
	return t, nil
}

// delimiter is the one that the first line has most of.
func delimiter(sample []byte) byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(sample, "\r\n"), []byte("\n"))
	best, most := byte(','), 0
	for _, d := range []byte{';', ',', '\t', '|'} {
		if n := bytes.Count(line, []byte{d}); n > most {
			best, most = d, n
		}
	}
	return best
}

// read returns the next line; false at the end of the file.
func (t *table) read() (csvLine, bool) {
	if len(t.waits) > 0 {
		line := t.waits[0]
		t.waits = t.waits[1:]
		t.line++
		return line, true
	}
	if t.ended {
		return csvLine{}, false
	}
	var long []byte
	over := false
	for {
		part, err := t.in.ReadSlice(t.end)
		switch {
		case errors.Is(err, io.EOF):
			t.ended = true
			if len(part)+len(long) == 0 && !over {
				return csvLine{}, false
			}
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			t.ended, t.failed = true, fmt.Errorf("read line %d: %w", t.line+1, err)
			return csvLine{}, false
		}
		if over = over || len(long)+len(part) > maxLine; over {
			long = nil
		} else {
			long = append(long, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
	}
	t.line++
	if over {
		return csvLine{err: &FileError{Line: t.line, Msg: fmt.Sprintf("longer than %d bytes: want one line for each contact", maxLine)}}, true
	}
	text := strings.TrimSuffix(string(long), string(t.end))
	return csvLine{text: strings.TrimSuffix(text, "\r")}, true
}

// unread puts lines back, to be read again.
func (t *table) unread(lines ...csvLine) {
	t.waits = append(lines[:len(lines):len(lines)], t.waits...)
	t.line -= len(lines)
}

// row returns the next row that is not empty; false at the end of the file.
func (t *table) row() (csvRow, bool) {
	for {
		line, ok := t.read()
		if !ok {
			return csvRow{}, false
		}
		row := csvRow{line: t.line, err: line.err}
		if row.err == nil {
			row.cells, row.err = t.parse(line.text)
		}
		if row.err != nil || strings.TrimSpace(strings.Join(row.cells, "")) != "" {
			return row, true
		}
	}
}

// parse splits a row, which may go on over further lines. Those that turn out not to
// belong to it wait to be read again.
func (t *table) parse(text string) ([]string, error) {
	line := t.line
	var further []csvLine
	if strings.Count(text, `"`)%2 == 1 {
		text, further = t.goesOn(text)
	}
	cells, msg := t.split(text)
	if msg == "" && t.header != nil && len(cells) != len(t.header) {
		msg = fmt.Sprintf("the number of fields is %d: want %d, one for each column", len(cells), len(t.header))
	}
	if msg == "" {
		return t.text(line, cells)
	}
	if len(further) > 0 {
		msg += "; it has a quote that ends on another line, or nowhere"
		t.unread(further...)
	}
	return nil, &FileError{Line: line, Msg: msg}
}

// goesOn reads the lines over which a row with an open quote goes on: those up to one
// that may end it. So many quotes are odd, and a quote within quotes is two.
func (t *table) goesOn(text string) (string, []csvLine) {
	var whole strings.Builder
	whole.WriteString(text)
	var further []csvLine
	for isOpen := true; isOpen && len(further) < maxRowLines && whole.Len() < maxRowBytes; {
		next, ok := t.read()
		if !ok {
			break
		}
		if next.err != nil {
			t.unread(next)
			break
		}
		further = append(further, next)
		whole.WriteByte('\n')
		whole.WriteString(next.text)
		isOpen = strings.Count(next.text, `"`)%2 == 0
	}
	return whole.String(), further
}

// text makes the cells UTF-8.
func (t *table) text(line int, cells []string) ([]string, error) {
	for i, cell := range cells {
		bad := &FileError{Line: line}
		if i < len(t.header) {
			bad.Column = t.header[i]
		}
		if !utf8.ValidString(cell) {
			bad.Msg = `not UTF-8: want UTF-8; save the file as "CSV UTF-8", or give a function that decodes it`
			if t.decode == nil {
				return nil, bad
			}
			decoded, err := t.decode([]byte(cell))
			if err != nil || !utf8.Valid(decoded) {
				if err != nil {
					bad.Msg = fmt.Sprintf("not UTF-8, and it cannot be decoded: %v", err)
				}
				return nil, bad
			}
			cells[i] = string(decoded)
		}
		if strings.IndexByte(cells[i], 0) >= 0 {
			bad.Msg = "has bytes that are 0: want text"
			return nil, bad
		}
	}
	return cells, nil
}

// split cuts a row into cells by RFC 4180, or says what is wrong with its quotes.
func (t *table) split(text string) ([]string, string) {
	const want = `want a field either without quotes or quoted as a whole, with "" for a quote`
	t.cells = t.cells[:0]
	for {
		if !strings.HasPrefix(text, `"`) {
			cell, rest, more := strings.Cut(text, string(t.comma))
			if strings.Contains(cell, `"`) {
				return nil, fmt.Sprintf("field %d has a quote inside: %s", len(t.cells)+1, want)
			}
			t.cells = append(t.cells, cell)
			if !more {
				return t.cells, ""
			}
			text = rest
			continue
		}
		cell, rest, ok := unquote(text[1:])
		if !ok {
			return nil, fmt.Sprintf("field %d has a quote that does not end: %s", len(t.cells)+1, want)
		}
		t.cells = append(t.cells, cell)
		switch {
		case rest == "":
			return t.cells, ""
		case rest[0] != t.comma:
			return nil, fmt.Sprintf("field %d goes on behind its quote: %s", len(t.cells), want)
		}
		text = rest[1:]
	}
}

// unquote reads up to the quote that ends a field, and returns what is behind it.
func unquote(text string) (cell, rest string, ok bool) {
	i := strings.IndexByte(text, '"')
	if i < 0 {
		return "", "", false
	}
	if !strings.HasPrefix(text[i+1:], `"`) {
		return text[:i], text[i+1:], true
	}
	var b strings.Builder
	for {
		b.WriteString(text[:i])
		if text = text[i+1:]; !strings.HasPrefix(text, `"`) {
			return b.String(), text, true
		}
		b.WriteByte('"')
		text = text[1:]
		if i = strings.IndexByte(text, '"'); i < 0 {
			return "", "", false
		}
	}
}
