package rule

import (
	"slices"
	"strings"
)

// look is one comparison of a glance: a property is held against constants. What
// of it counts depends on its manner.
//
// A glance is what can be told of a condition without a scope. It begins with one
// look, which says what is asked next if it holds, and what if it does not.
// Nothing is made for it and no closure is called, so a condition that is asked
// alone costs little more than its comparisons. Where a look knows no value, the
// answer is to ask: the closures then decide, where what failed may still not
// matter.
type look struct {
	yes, no *look  // the next one
	here    source // what glance itself reads; nowhere: of does
	manner  manner
	orders  orders // inOrder: those that hold
	says    answer // ended: what the condition comes to
	place
	low, size uint64   // inRange: the numbers; inSet: low has a bit for each code; inWindow: minutes of the day
	real      float64  // inOrder: what a double is compared with
	sec, nano int64    // inOrder: what is added to now to compare an instant with it
	text      string   // isText and after it: what a text is compared with
	texts     []string // isAny: the same
	sum       []scaled // inRange: the parts of a sum
}

// manner is how a value is compared.
type manner uint8

const (
	unknown manner = iota // only the closures know: ask
	ended                 // nothing more is asked
	inRange               // a number
	inSet                 // a code
	inOrder               // a double with a constant, or an instant with now
	isText
	isAny // of several texts
	startsWith
	endsWith
	hasPart
	hasElement // a list
	isTrue     // a bool
	inWindow   // now, on the phone's clock
	isPresent  // whether there is a value
)

// The ends of every glance.
var (
	saysYes = &look{manner: ended, says: yes}
	saysNo  = &look{manner: ended, says: no}
)

// scaled is a number times a constant.
type scaled struct {
	place
	by int64
}

// glance is what the condition comes to. What most conditions read is read here,
// not by a call, and compared at once: a processor cannot foresee which look is
// the next one, so each is one way through the switch.
func (t *look) glance(x *sight) answer {
	for t.manner != ended {
		var n int64
		known := ask
		switch t.here {
		case fromOutcome:
			if x.call == nil {
				return ask
			}
			if t.low>>x.call.Outcome&1 != 0 {
				t = t.yes
			} else {
				t = t.no
			}
			continue
		case fromSinceReset:
			n = int64(x.r.Attempts.SinceReset)
		case fromTotal:
			n = int64(x.r.Attempts.Total)
		case fromUnanswered:
			n = int64(x.r.Attempts.Unanswered)
		case fromByOutcome:
			n = int64(x.r.Attempts.ByOutcome[t.which])
		case fromOrder:
			n = int64(x.r.Order)
		case fromRing:
			if x.call == nil {
				return ask
			}
			n = int64(x.call.Ring)
		case fromTalk:
			if x.call == nil {
				return ask
			}
			n = int64(x.call.Talk)
		case fromSum:
			total, ok := x.total(t.sum)
			if !ok {
				return ask
			}
			n = total
		case fromStatus:
			known = truth(t.matches(string(x.r.Status)))
		case fromExternalID:
			known = truth(t.matches(x.r.ExternalID))
		case fromTags:
			known = truth(len(x.r.Tags) > 0 && contains(x.r.Tags, t.text))
		default:
			if known = t.of(x); known == ask {
				return ask
			}
		}
		switch {
		case known == yes, known == ask && uint64(n)-t.low <= t.size:
			t = t.yes
		default:
			t = t.no
		}
	}
	return t.says
}

// direct is the source that glance itself reads for a look, if it does.
func (t *look) direct() source {
	switch t.manner {
	case inRange, inSet:
		return t.from
	case isText, isAny, startsWith, endsWith, hasPart:
		if t.from == fromStatus || t.from == fromExternalID {
			return t.from
		}
	case hasElement:
		if t.from == fromTags {
			return t.from
		}
	}
	return fromNowhere
}

// never has a bit for each outcome of the call for which the first look decides
// that the condition is false.
func (t *look) never() uint64 {
	if t != nil && t.here == fromOutcome && t.no == saysNo {
		return ^t.low
	}
	return 0
}

// of is what any look comes to.
func (t *look) of(x *sight) answer {
	switch t.manner {
	case inRange:
		n, ok := x.num(&t.place)
		if !ok {
			return ask
		}
		return truth(uint64(n)-t.low <= t.size)
	case inSet:
		n, ok := x.num(&t.place)
		if !ok {
			return ask
		}
		return truth(t.low>>uint64(n)&1 != 0)
	case inOrder:
		if t.from.isInstant() {
			return t.ofInstant(x)
		}
		return t.ofReal(x)
	case isText, isAny, startsWith, endsWith, hasPart:
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
		return truth(len(list) > 0 && contains(list, t.text))
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
	case isText:
		return text == t.text
	case isAny:
		return slices.Contains(t.texts, text)
	case startsWith:
		return strings.HasPrefix(text, t.text)
	case endsWith:
		return strings.HasSuffix(text, t.text)
	}
	return strings.Contains(text, t.text)
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
		part := &sum[i]
		n, ok := int64(0), true
		switch part.from { // as in a glance
		case fromTotal:
			n = int64(x.r.Attempts.Total)
		case fromByOutcome:
			n = int64(x.r.Attempts.ByOutcome[part.which])
		default:
			n, ok = x.num(&part.place)
		}
		if !ok || n < -summand || n > summand {
			return 0, false
		}
		total += n * part.by
	}
	return total, true
}
