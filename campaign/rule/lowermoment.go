package rule

import (
	"time"
)

// instants say where an instant comes from, so that most comparisons of times
// need not copy any.
type instants struct {
	at   source        // of a property
	now  bool          // or the instant of the decision, and a shift
	plus time.Duration //
}

// instants are those of a property, or nil.
func (p *property) instants() *instants {
	if p.path == "now" {
		return &instants{now: true}
	}
	if at := p.place(); at != nil && at.from.isInstant() {
		return &instants{at: at.from}
	}
	return nil
}

// isNow reports whether it is the instant of the decision itself.
func (i *instants) isNow() bool { return i != nil && i.now && i.plus == 0 }

// shifted is now and a duration more, or nil.
func (i *instants) shifted(by *operand, sign time.Duration) *instants {
	if !i.isNow() || !by.fixed {
		return nil
	}
	const century = int64(100 * 365 * 24 * time.Hour)
	d, ok := by.num(nil)
	// What is further than a century from now is left to the general way.
	if !ok || d > century || d < -century {
		return nil
	}
	return &instants{now: true, plus: sign * time.Duration(d)}
}
