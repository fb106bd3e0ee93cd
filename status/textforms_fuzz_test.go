package status_test

import (
	"encoding"
	"errors"
	"testing"

	"github.com/nextcall/nextcall/status"
)

// textForm is a pointer to a value with a text form.
type textForm[T any] interface {
	*T
	encoding.TextUnmarshaler
	encoding.TextMarshaler
}

// readBack reads a text, writes it, and reads it again: the same value. A text
// that is refused is a *ParseError and changes nothing.
func readBack[T comparable, P textForm[T]](t *testing.T, text []byte) {
	t.Helper()
	var before, v, again T
	if err := P(&v).UnmarshalText(text); err != nil {
		if e := (*status.ParseError)(nil); !errors.As(err, &e) || e.Text != string(text) || v != before {
			t.Fatalf("%T %q: %v, %v", v, text, v, err)
		}
		return
	}
	written, err := P(&v).MarshalText()
	if err != nil {
		t.Fatalf("%T %q is read, but cannot be written: %v", v, text, err)
	}
	if err := P(&again).UnmarshalText(written); err != nil || again != v {
		t.Fatalf("%T %q is written %q and read as %v, %v", v, text, written, again, err)
	}
}

func FuzzTextForms(f *testing.F) {
	for _, text := range []string{"", "1h30m", "-5m", "1.5h", "2562047h47m16.854775807s", "+1us", "1 h", "none", "refusal", "own", "public", "queued", "Closed", "\xff"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		readBack[status.Delay](t, text)
		readBack[status.Class](t, text)
		readBack[status.Lane](t, text)
		readBack[status.Standing](t, text)
	})
}
