package campaign_test

import (
	"errors"
	"testing"

	"github.com/nextcall/nextcall/campaign"
)

// A name is read back as it was written; any other text is an error and Unknown.
func FuzzParseOutcome(f *testing.F) {
	for _, name := range []string{"", "answered", "no_answer", "No_Answer", "unknown", "busy ", "\xff"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		o, err := campaign.ParseOutcome(name)
		if err == nil {
			if o.String() != name {
				t.Fatalf("%q is read as %q", name, o)
			}
			return
		}
		if e := (*campaign.OutcomeError)(nil); o != campaign.Unknown || !errors.As(err, &e) || e.Name != name {
			t.Fatalf("%q: %v, %v", name, o, err)
		}
	})
}

// A reason is read back as it was written; any other text is an error and
// changes nothing.
func FuzzReasonText(f *testing.F) {
	for i := range campaign.NumReasons {
		f.Add(campaign.Reason(i).String())
	}
	f.Add("not_due")
	f.Fuzz(func(t *testing.T, text string) {
		const before = campaign.ReasonZone
		r := before
		if err := r.UnmarshalText([]byte(text)); err != nil {
			if r != before {
				t.Fatalf("%q is refused, and changes the reason to %v", text, r)
			}
			return
		}
		back, err := r.MarshalText()
		if err != nil || string(back) != text {
			t.Fatalf("%q is read as %q, %v", text, back, err)
		}
	})
}
