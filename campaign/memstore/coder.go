package memstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// coder writes values to a block of a snapshot, or reads them from one. What is
// kept of a thing is said once, for both directions: each method takes where the
// value is, and either writes it or overwrites it.
//
// After an error nothing more is written, and all that is read is zero.
type coder struct {
	loads bool
	buf   []byte // of the block that is being written, with room for its head
	text  string // what has not been read of a block
	err   error

	ids   map[string]uint64 // names written before, by their number
	names []string          // names read before
	last  stamp             // the instant before
	seq   int64             // the sequence before
	keys  []string          // kept for its capacity
	zones []string          // of the phones of the thing that is being read
}

// begin forgets what was written or read before: a part stands for itself.
func (c *coder) begin() {
	clear(c.ids)
	clear(c.names)
	c.names, c.last, c.seq = c.names[:0], 0, 0
}

func (c *coder) fail(format string, args ...any) {
	c.wrong(fmt.Errorf(format, args...))
}

func (c *coder) wrong(err error) {
	if c.err == nil && err != nil {
		c.err, c.text = err, ""
	}
}

var errShort = errors.New("it ends in the middle of a value")

// number writes x, or returns the number that is read.
func (c *coder) number(x uint64) uint64 {
	if !c.loads {
		c.buf = binary.AppendUvarint(c.buf, x)
		return x
	}
	var n uint64
	for i := 0; i < len(c.text); i++ {
		b := c.text[i]
		if i == binary.MaxVarintLen64-1 && b > 1 {
			c.fail("a number has more than 64 bits")
			return 0
		}
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.text = c.text[i+1:]
			return n
		}
	}
	c.wrong(errShort)
	return 0
}

// signed is number for those that may be negative.
func (c *coder) signed(x int64) int64 {
	n := c.number(uint64(x<<1) ^ uint64(x>>63))
	return int64(n>>1) ^ -int64(n&1)
}

type integer interface {
	~int | ~int64 | ~uint8 | ~uint16 | ~uint64
}

// num is any other number.
func num[T integer](c *coder, x *T) {
	n := c.signed(int64(*x))
	if int64(T(n)) != n {
		c.fail("%d is out of its range", n)
		return
	}
	*x = T(n)
}

// count writes how many things come, or reads it. Each takes at least a byte.
func (c *coder) count(n int) int {
	x := c.number(uint64(n))
	if c.loads && x > uint64(len(c.text)) {
		c.fail("%d things do not fit into %d bytes", x, len(c.text))
		return 0
	}
	return int(x)
}

// mask is up to 64 answers to yes or no, the first one in the lowest bit.
type mask uint64

func (m *mask) next() bool {
	yes := *m&1 != 0
	*m >>= 1
	return yes
}

// mask writes answers, or reads as many.
func (c *coder) mask(answers ...bool) mask {
	var m uint64
	for i, yes := range answers {
		if yes {
			m |= 1 << i
		}
	}
	m = c.number(m)
	if m>>len(answers) != 0 {
		c.fail("there are fields that this version does not know")
		return 0
	}
	return mask(m)
}

// passing is a text that is read as a part of the block: whoever keeps it longer
// than the block copies it.
func passing[T ~string](c *coder, x *T) {
	if !c.loads {
		c.buf = binary.AppendUvarint(c.buf, uint64(len(*x)))
		c.buf = append(c.buf, *x...)
		return
	}
	n := c.count(0)
	*x, c.text = T(c.text[:n]), c.text[n:]
}

// kept is a text of its own.
func kept[T ~string](c *coder, x *T) {
	passing(c, x)
	if c.loads {
		*x = T(strings.Clone(string(*x)))
	}
}

// maxShared is how many names of a part are written once only.
const maxShared = 1 << 16

// name is a text that mostly is the same as one before: it is written once, and
// kept once.
func name[T ~string](c *coder, x *T) {
	if !c.loads {
		c.nameOut(string(*x))
		return
	}
	switch n := c.number(0); {
	case n == 0:
		*x = ""
	case n == 1:
		kept(c, x)
		if len(c.names) < maxShared {
			c.names = append(c.names, string(*x))
		}
	case n-2 < uint64(len(c.names)):
		*x = T(c.names[n-2])
	default:
		c.fail("name %d is not known: there were %d", n-1, len(c.names))
	}
}

func (c *coder) nameOut(s string) {
	if s == "" {
		c.number(0)
		return
	}
	if id, known := c.ids[s]; known {
		c.number(id)
		return
	}
	c.number(1)
	passing(c, &s)
	if len(c.ids) < maxShared {
		if c.ids == nil {
			c.ids = make(map[string]uint64)
		}
		c.ids[s] = uint64(len(c.ids)) + 2
	}
}

// when is an instant, as its distance from the one before. 0 is the zero time, 1
// one that a stamp has no place for.
func (c *coder) when(t *time.Time) {
	var s stamp
	var code uint64
	if !c.loads {
		if s = stampOf(*t); s > 0 {
			d := int64(s - c.last)
			code = (uint64(d<<1) ^ uint64(d>>63)) + 2
		} else if s < 0 {
			code = 1
		}
	}
	switch code = c.number(code); {
	case code == 0:
		*t = time.Time{}
		return
	case code == 1:
		sec, nano := c.signed(t.Unix()), c.number(uint64(t.Nanosecond()))
		if c.loads {
			*t = micro(time.Unix(sec, int64(nano%1e9)))
		}
		return
	}
	if c.loads {
		code -= 2
		s = c.last + stamp(int64(code>>1)^-int64(code&1))
		if s <= 0 || s > maxStamp {
			c.fail("an instant is not in the years %d to %d", MinYear, MaxYear)
			return
		}
		*t = s.time()
	}
	c.last = s
}

// maxStamp is the last instant that a stamp has a place for.
const maxStamp = lastSecond*1e6 + 999_999

// list writes a list, or reads one over the memory of the one that is there.
func list[T any](c *coder, x *[]T, each func(*T)) {
	n := c.count(len(*x))
	if !c.loads {
		for i := range *x {
			each(&(*x)[i])
		}
		return
	}
	// Memory is asked for as the things come: what says how many may be wrong.
	own := (*x)[:0]
	if own == nil {
		own = make([]T, 0, min(n, 64)) // none is not the same as an empty list
	}
	for range n {
		if c.err != nil {
			break
		}
		var zero T
		own = append(own, zero)
		each(&own[len(own)-1])
	}
	*x = own
}

func texts[T ~string](c *coder, x *[]T) { list(c, x, func(s *T) { kept(c, s) }) }
func names[T ~string](c *coder, x *[]T) { list(c, x, func(s *T) { name(c, s) }) }

// The kinds of values that fields have.
const (
	fieldNil uint8 = iota
	fieldText
	fieldInt64
	fieldInt
	fieldFloat
	fieldFalse
	fieldTrue
	fieldTime
	fieldTexts
	fieldNoTexts // a nil list
)

// fields are written by name.
func (c *coder) fields(f *campaign.Fields) {
	n := c.count(len(*f))
	if !c.loads {
		c.keys = slices.AppendSeq(c.keys[:0], maps.Keys(*f))
		slices.Sort(c.keys)
		for _, key := range c.keys {
			name(c, &key)
			value := (*f)[key]
			if c.field(&value); c.err != nil {
				return
			}
		}
		return
	}
	*f = make(campaign.Fields, min(n, 64))
	for range n {
		var key string
		var value any
		name(c, &key)
		c.field(&value)
		if c.err != nil {
			return
		}
		if _, twice := (*f)[key]; twice {
			c.fail("field %q is there twice", key)
			return
		}
		(*f)[key] = value
	}
}

func (c *coder) field(value *any) {
	if !c.loads {
		c.fieldOut(*value)
		return
	}
	var kind uint8
	num(c, &kind)
	switch kind {
	case fieldNil:
		*value = nil
	case fieldText:
		var s string
		kept(c, &s)
		*value = s
	case fieldInt64:
		*value = c.signed(0)
	case fieldInt:
		*value = int(c.signed(0))
	case fieldFloat:
		*value = math.Float64frombits(c.number(0))
	case fieldFalse, fieldTrue:
		*value = kind == fieldTrue
	case fieldTime:
		var t time.Time
		c.when(&t)
		*value = t
	case fieldTexts:
		var s []string
		texts(c, &s)
		*value = s
	case fieldNoTexts:
		*value = []string(nil)
	default:
		c.fail("a field's value is of kind %d: this version knows %d", kind, fieldNoTexts)
	}
}

func (c *coder) fieldOut(value any) {
	kind := func(k uint8) { num(c, &k) }
	switch v := value.(type) {
	case nil:
		kind(fieldNil)
	case string:
		kind(fieldText)
		kept(c, &v)
	case int64:
		kind(fieldInt64)
		c.signed(v)
	case int:
		kind(fieldInt)
		c.signed(int64(v))
	case float64:
		kind(fieldFloat)
		c.number(math.Float64bits(v))
	case bool:
		k := fieldFalse
		if v {
			k = fieldTrue
		}
		kind(k)
	case time.Time:
		kind(fieldTime)
		c.when(&v)
	case []string:
		if v == nil {
			kind(fieldNoTexts)
			return
		}
		kind(fieldTexts)
		texts(c, &v)
	default:
		c.fail("a field has a value of type %T: a snapshot keeps string, int64, int, float64, bool, time.Time and []string", v)
	}
}
