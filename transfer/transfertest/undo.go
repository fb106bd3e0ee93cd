package transfertest

import (
	"encoding/json"
	"iter"
	"time"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
	"github.com/nextcall/nextcall/transfer"
)

// memory keeps what records were, as a host does: as text.
type memory struct {
	*house
	lines [][]byte
}

func (m *memory) keep(o *transfer.Options) {
	o.Log = func(befores []transfer.Before) error {
		for i := range befores {
			line, err := json.Marshal(befores[i])
			if err != nil {
				return err
			}
			m.lines = append(m.lines, line)
		}
		return nil
	}
}

// note keeps what a record of spring is, as a run does that dies before it writes.
func (m *memory) note(name string, to campaign.ID) {
	m.Helper()
	var o transfer.Options
	m.keep(&o)
	if err := o.Log([]transfer.Before{{Record: m.record(spring, name), To: to}}); err != nil {
		m.Fatal(err)
	}
}

func (m *memory) read() iter.Seq2[transfer.Before, error] {
	return func(yield func(transfer.Before, error) bool) {
		for _, line := range m.lines {
			var b transfer.Before
			err := json.Unmarshal(line, &b)
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

func (m *memory) undo() transfer.Undo {
	return transfer.Undo{Undoes: "op", Log: m.read(), Actor: sue, Note: "a mistake", Operation: "undo"}
}

// restored are all records without what a change of its own leaves.
func (h *house) restored() map[campaign.Ref]campaign.Record {
	h.Helper()
	all := h.all()
	for ref, r := range all {
		r.Version, r.Changes, r.Updated, r.Author, r.Operation, r.Park, r.Notes = 0, 0, time.Time{}, "", "", campaign.Park{}, nil
		all[ref] = r
	}
	return all
}

// colourful are records of every qualifier, with fields, owners and callbacks.
func (h *house) colourful() {
	h.Helper()
	for i, q := range status.Qualifiers() {
		h.asIs(q.String(), q)
		h.edit(spring, q.String(), func(r *campaign.Record) {
			r.Attempts = campaign.Counters{Total: i, SinceReset: i % 5, Talks: i % 3}
			r.Fields = campaign.Fields{"name": "N. N.", "age": int64(30 + i), "city": "Łódź"}
			r.Attention = i%2 == 0
		})
	}
	h.now = h.now.Add(time.Hour)
}

func undoChange(h *house) {
	h.colourful()
	want := h.restored()
	m := &memory{house: h}
	set := to("own_callback_at", "op")
	set.Input = campaign.Input{At: h.now.Add(time.Hour), Agent: bob}
	changed := h.run(transfer.Change{Filter: from(spring), Set: set}, m.keep)
	h.same("lines of the log", changed.Changed, len(m.lines))
	h.now = h.now.Add(time.Hour)
	report := h.run(m.undo())
	h.same("restored", changed.Changed, report.Changed)
	h.skipped(report)
	h.same("after the undo", want, h.restored())
	r := h.record(spring, "redial")
	h.same("author, time, operation", []any{"sue", h.now, "undo"}, []any{r.Author, r.Updated, r.Operation})
	lines := h.lines(spring, "redial")
	h.same("the history", campaign.Entry{At: h.now, Author: "sue", Why: campaign.WhyRestored, Operation: "undo", From: "own_callback_at",
		To: "redial", Qualifier: status.Redial, Note: "a mistake"}, lines[len(lines)-1])

	before := h.all()
	second := h.run(m.undo())
	h.same("the second undo", []int{0, changed.Changed}, []int{second.Changed, second.Already})
	h.same("after the second undo", before, h.all())
}

func undoMove(h *house) {
	h.colourful()
	h.add(autumn, "x", "y")
	want := h.restored()
	order := h.in(spring)
	m := &memory{house: h}
	moved := h.run(transfer.Move{Filter: from(spring), To: autumn, Set: unused("op")}, m.keep)
	h.now = h.now.Add(time.Hour)
	report := h.run(m.undo())
	h.same("restored", moved.Changed, report.Changed)
	h.same("after the undo", want, h.restored())
	h.same("the order of import", order, h.in(spring))
	h.same("of the other campaign", []string{"x", "y"}, h.in(autumn))
	second := h.run(m.undo())
	h.same("the second undo", []int{0, moved.Changed}, []int{second.Changed, second.Already})
}

func undoMovedOn(h *house) {
	h.add(spring, "called", "leased", "taken", "moved", "same", "other")
	m := &memory{house: h}
	// A batch was noted and never written, and then the record changed.
	m.note("same", autumn)
	h.set(spring, "same", campaign.Set{Status: "redial"})
	h.run(transfer.Move{Filter: only(spring, "called", "leased", "taken", "moved", "same"), To: autumn, Set: to("redial", "op")}, m.keep)
	h.set(autumn, "called", campaign.Set{Status: "closed"})
	h.lease(autumn, "leased")
	h.addRecord(campaign.Record{ID: "new", Campaign: spring, Contact: "contact of taken"})
	h.run(transfer.Move{Filter: only(autumn, "moved"), To: autumn, Set: to("end_of_queue", "op2")})
	m.note("other", autumn) // and one that was never done at all
	report := h.run(m.undo())
	h.same("restored", 1, report.Changed)
	h.skipped(report, transfer.InProgress, 1, transfer.Exists, 1, transfer.MovedOn, 2, transfer.NotChanged, 1)
	h.same("in spring", []string{"same", "other", "new"}, h.in(spring))
	h.same("what it was when it was moved", status.ID("redial"), h.record(spring, "same").Status)
	h.same("what has moved on", status.ID("closed"), h.record(autumn, "called").Status)
}

func undoCrashes(h *house) {
	for _, after := range []bool{false, true} {
		for dies := 1; ; dies++ {
			x := h.again()
			x.crowd()
			want := x.restored()
			m := &memory{house: x}
			o := transfer.Options{Batch: 3}
			m.keep(&o)
			move := transfer.Move{Filter: from(spring), To: autumn, Set: unused("op")}
			// The run that is undone was stopped as well, and its log has lines twice.
			x.crash(move, o, 2, after)
			if _, err := x.bulk().Run(ctx, move, x.now, o); err != nil {
				x.Fatal(err)
			}
			crashed := x.crash(m.undo(), o, dies, after)
			if _, err := x.bulk().Run(ctx, m.undo(), x.now, transfer.Options{Batch: 3}); err != nil {
				x.Fatal(err)
			}
			x.same("after the undo", want, x.restored())
			if !crashed {
				break
			}
		}
	}
}
