package rule

import (
	"slices"
	"strings"
)

// glance is a condition, or what can be told of one without a scope: a list of
// looks, each of which holds a property against constants and says which is
// next if it holds, and which if it does not. Nothing is made for it and no
// closure is called, so a condition that is asked alone costs little more than
// its comparisons.
//
// Where a term knows no value, the answer is to ask: the closures then decide,
// where what failed may still not matter.
type glance []look

// look is one comparison. What of it counts depends on its form.
type look struct {
	yes, no int32  // the place of the next look; below 0, minus the answer
	here    source // where the glance itself reads the number; nowhere: of does
	manner  manner
	orders  orders // of a double or an instant: those that hold
	place
	low, size uint64   // inRange: the numbers; inSet: low has a bit for each code; inWindow: minutes of the day
	real      float64  // inOrder: what a double is compared with
	sec, nano int64    // inOrder: what is added to now to compare an instant with it
	texts     []string // anyText and after it: what a text is compared with
	sum       []scaled // inRange: the parts of a sum
}

// manner is how a value is compared.
type manner uint8

const (
	unknown manner = iota // only the closures know: ask
	inRange               // a number
	inSet                 // a code
	inOrder               // a double with a constant, or an instant with now
	anyText               // a text
	startsWith
	endsWith
	hasPart
	hasElement // a list
	isTrue     // a bool
	inWindow   // now, on the phone's clock
	isPresent  // whether there is a value
)

// scaled is a number times a constant.
type scaled struct {
	place
	by int64
}

// of is what the condition comes to, at a glance.
func (g glance) of(x *sight) answer {
	for at := int32(0); ; {
		t := &g[at]
		var n int64
		// Those that most conditions read are read here.
		switch t.here {
		case fromSinceReset:
			n = int64(x.r.Attempts.SinceReset)
		case fromTotal:
			n = int64(x.r.Attempts.Total)
		case fromUnanswered:
			n = int64(x.r.Attempts.Unanswered)
		case fromByOutcome:
			n = int64(x.r.Attempts.ByOutcome[t.which])
		case fromQualifier:
			n = int64(x.r.Qualifier)
		case fromOutcome:
			if x.call == nil {
				return ask
			}
			n = int64(x.call.Outcome)
		default:
			switch t.of(x) {
			case yes:
				at = t.yes
			case no:
				at = t.no
			default:
				return ask
			}
			if at < 0 {
				return answer(-at)
			}
			continue
		}
		if t.has(n) {
			at = t.yes
		} else {
			at = t.no
		}
		if at < 0 {
			return answer(-at)
		}
	}
}

// has tells whether a number is one of those asked for.
func (t *look) has(n int64) bool {
	if t.manner == inSet {
		return t.low>>uint64(n)&1 != 0
	}
	return uint64(n)-t.low <= t.size
}

// of is what any look comes to.
func (t *look) of(x *sight) answer {
	switch t.manner {
	case inRange, inSet:
		n, ok := int64(0), false
		if t.from == fromSum {
			n, ok = x.total(t.sum)
		} else {
			n, ok = x.num(&t.place)
		}
		if !ok {
			return ask
		}
		return truth(t.has(n))
	case inOrder:
		if t.from.isInstant() {
			return t.ofInstant(x)
		}
		return t.ofReal(x)
	case anyText:
		text, ok := x.text(&t.place)
		if !ok {
			return ask
		}
		return truth(slices.Contains(t.texts, text))
	case startsWith, endsWith, hasPart:
		text, ok := x.text(&t.place)
		if !ok {
			return ask
		}
		return truth(t.matches(text))
	case hasElement:
		list, ok := x.list(&t.place)
		if !ok {
			return ask
		}
		return truth(contains(list, t.texts[0]))
	case isTrue:
		return x.flag(&t.place)
	case inWindow:
		return x.window(int(t.low), int(t.size))
	case isPresent:
		return truth(x.present(&t.place))
	}
	return ask
}

func (t *look) matches(text string) bool {
	switch t.manner {
	case startsWith:
		return strings.HasPrefix(text, t.texts[0])
	case endsWith:
		return strings.HasSuffix(text, t.texts[0])
	}
	return strings.Contains(text, t.texts[0])
}

func (t *look) ofReal(x *sight) answer {
	v, ok := x.real(&t.place)
	switch {
	case !ok:
		return ask
	case v < t.real:
		return truth(t.orders&less != 0)
	case v > t.real:
		return truth(t.orders&more != 0)
	case v == t.real:
		return truth(t.orders&equal != 0)
	}
	return truth(t.orders == less|more) // NaN differs from all, and is in no order
}

// ofInstant compares with now and a shift, in seconds and nanoseconds: these do
// not know a monotonic clock.
func (t *look) ofInstant(x *sight) answer {
	v := x.instant(t.from)
	if v.IsZero() {
		return ask
	}
	sec, nano := x.now.Unix()+t.sec, int64(x.now.Nanosecond())+t.nano
	if nano >= 1e9 {
		sec, nano = sec+1, nano-1e9
	}
	if (t.sec != 0 || t.nano != 0) && (sec < firstSecond || sec > lastSecond) {
		return ask
	}
	sec, nano = v.Unix()-sec, int64(v.Nanosecond())-nano
	switch {
	case sec < 0 || sec == 0 && nano < 0:
		return truth(t.orders&less != 0)
	case sec > 0 || nano > 0:
		return truth(t.orders&more != 0)
	}
	return truth(t.orders&equal != 0)
}

// total adds up. Numbers are as small as summed supposes, or it does not know.
func (x *sight) total(sum []scaled) (int64, bool) {
	total := int64(0)
	for i := range sum {
		n, ok := x.num(&sum[i].place)
		if !ok || n < -summand || n > summand {
			return 0, false
		}
		total += n * sum[i].by
	}
	return total, true
}
