package memstore

import (
	"slices"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/dense"
	"github.com/nextcall/nextcall/status"
)

// history keeps the lines of the records' histories of a campaign, in chains from
// the records. The line that says that a record was added is mostly what its row
// says anyhow: then it is only a flag there, until the row is to say something else.
type history struct {
	line  *line
	slab  dense.Slab[entryRow] // 0 is none
	names dense.Names          // authors, reasons, operations, statuses
	notes dense.Texts
	wides pool[campaign.Entry] // those that do not fit
	// Their names are mostly those of the next line for the same reason: lines for a
	// few reasons come in turn.
	last  [4]entryRow
	older int // the one of last to be replaced next
}

// entryRow is a line of a history in 48 bytes without a pointer.
type entryRow struct {
	at        stamp
	call      int64
	next      uint32 // the line before it
	author    uint32
	why       uint32
	operation uint32
	from, to  uint32
	note      uint32 // a text; with wide set one of wides
	qualifier status.Qualifier
	wide      bool
}

// added is the line that Admit makes, if a record is as it was then.
func added(r *campaign.Record) campaign.Entry {
	return campaign.Entry{At: r.Created, Author: r.Author, Why: campaign.WhyAdded, Operation: r.Operation, To: r.Status, Qualifier: r.Qualifier}
}

// addedSame reports whether two records have the same such line.
func (t *rows) addedSame(row *row, r *campaign.Record) bool {
	return row.qualifier == r.Qualifier && row.created == stampOf(r.Created) && t.operations.Name(row.operation) == r.Operation &&
		t.authors.Name(uint32(row.author)) == r.Author && t.statuses.Name(uint32(row.status)) == string(r.Status)
}

// begin remembers the first line of an added record, by a flag if the record says it.
func (h *history) begin(s slot, e *campaign.Entry, r *campaign.Record) {
	row := h.line.rows.at(s)
	want := added(r)
	want.At = micro(want.At)
	got := *e
	got.At = micro(got.At)
	if w := h.line.rows.beside(row); got == want && (w == nil || w.whole == nil) {
		row.flags |= flagAdded
		return
	}
	h.add(s, e)
}

// settle writes the first line of a record out, because its row will soon not say it.
func (h *history) settle(s slot) {
	row := h.line.rows.at(s)
	row.flags &^= flagAdded
	first := h.line.rows.addedLine(row)
	past := h.line.rows.block(row)
	at := &past.entries
	for *at != 0 {
		at = &h.slab.At(*at).next
	}
	*at = h.make(&first)
}

func (t *rows) addedLine(row *row) campaign.Entry {
	return campaign.Entry{
		At: row.created.time(), Author: t.authors.Name(uint32(row.author)), Why: campaign.WhyAdded,
		Operation: t.operations.Name(row.operation), To: status.ID(t.statuses.Name(uint32(row.status))), Qualifier: row.qualifier,
	}
}

// add appends a line.
func (h *history) add(s slot, e *campaign.Entry) {
	i := h.make(e)
	past := h.line.rows.block(h.line.rows.at(s))
	h.slab.At(i).next = past.entries
	past.entries = i
}

// each calls visit with the lines of a record that are written out, the newest first.
func (h *history) each(s slot, visit func(i uint32, x *entryRow)) {
	row := h.line.rows.at(s)
	if row.past == 0 {
		return
	}
	for i := h.line.rows.pasts.At(row.past).entries; i != 0; {
		x := h.slab.At(i)
		next := x.next
		visit(i, x)
		i = next
	}
}

// count is how many lines a record has.
func (h *history) count(s slot) (n int) {
	h.each(s, func(uint32, *entryRow) { n++ })
	if h.line.rows.at(s).flags&flagAdded != 0 {
		n++
	}
	return n
}

// take gives a record, which has none, the lines of another one of another campaign.
// There is room for them.
func (h *history) take(s slot, from *history, of slot) {
	row := from.line.rows.at(of)
	at := &h.line.rows.block(h.line.rows.at(s)).entries
	from.each(of, func(_ uint32, x *entryRow) {
		line := from.read(x)
		*at = h.make(&line)
		at = &h.slab.At(*at).next
	})
	if row.flags&flagAdded != 0 {
		first := from.line.rows.addedLine(row)
		*at = h.make(&first)
	}
}

// drop gives the lines of a record back.
func (h *history) drop(s slot) {
	h.each(s, func(i uint32, x *entryRow) {
		if x.wide {
			h.wides.drop(x.note)
		}
		h.slab.Free(i)
	})
	if row := h.line.rows.at(s); row.past != 0 {
		h.line.rows.pasts.At(row.past).entries = 0
	}
}

// erase takes the notes from the lines of a record.
func (h *history) erase(s slot) {
	h.each(s, func(_ uint32, x *entryRow) {
		if x.wide {
			h.wides.at(x.note).Note = ""
		} else {
			x.note = 0
		}
	})
}

// room reports whether there is room for n more lines.
func (h *history) room(n int) error {
	if h.slab.Len()+n > h.line.rows.max.entries {
		return &LimitError{What: "lines in the histories of a campaign", Limit: h.line.rows.max.entries, Value: "more"}
	}
	return nil
}

// make puts a line into no chain. There is room for it.
func (h *history) make(e *campaign.Entry) uint32 {
	if h.slab.Len() == 0 {
		_, _ = h.slab.Add("lines", 1) // 0 is none
	}
	i, _ := h.slab.Add("the history of a campaign", dense.MaxNumber)
	x := h.slab.At(i)
	if !h.pack(x, e) {
		w := h.wides.add()
		own := h.wides.at(w)
		*own = *e
		micros(&own.At)
		x.wide, x.note = true, w
	}
	return i
}

func (h *history) pack(x *entryRow, e *campaign.Entry) bool {
	last := h.lastFor(e.Why)
	x.at, x.call, x.qualifier = stampOf(e.At), int64(e.Call), e.Qualifier
	var ok [6]bool
	x.author, ok[0] = long(&h.names, last.author, e.Author, "names", maxNames)
	x.why, ok[1] = long(&h.names, last.why, string(e.Why), "names", maxNames)
	x.operation, ok[2] = long(&h.names, last.operation, e.Operation, "names", maxNames)
	x.from, ok[3] = long(&h.names, last.from, string(e.From), "names", maxNames)
	x.to, ok[4] = long(&h.names, last.to, string(e.To), "names", maxNames)
	note, err := h.notes.Put(e.Note)
	x.note, ok[5] = note, err == nil
	*last = *x
	return x.at >= 0 && ok == [6]bool{true, true, true, true, true, true}
}

// lastFor returns the last line for a reason, or the one to be replaced by it.
func (h *history) lastFor(why campaign.Why) *entryRow {
	for i := range h.last {
		if h.names.Name(h.last[i].why) == string(why) {
			return &h.last[i]
		}
	}
	h.older = (h.older + 1) % len(h.last)
	return &h.last[h.older]
}

// lines returns the lines of a record, oldest first.
func (h *history) lines(s slot) []campaign.Entry {
	row := h.line.rows.at(s)
	var lines []campaign.Entry
	h.each(s, func(_ uint32, x *entryRow) { lines = append(lines, h.read(x)) })
	if row.flags&flagAdded != 0 {
		lines = append(lines, h.line.rows.addedLine(row))
	}
	slices.Reverse(lines)
	return lines
}

func (h *history) read(x *entryRow) campaign.Entry {
	if x.wide {
		return *h.wides.at(x.note)
	}
	return campaign.Entry{
		At: x.at.time(), Author: h.names.Name(x.author), Why: campaign.Why(h.names.Name(x.why)), Operation: h.names.Name(x.operation),
		Call: campaign.Token(x.call), From: status.ID(h.names.Name(x.from)), To: status.ID(h.names.Name(x.to)),
		Qualifier: x.qualifier, Note: h.notes.Get(x.note),
	}
}
