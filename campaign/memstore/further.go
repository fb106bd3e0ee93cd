package memstore

import (
	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// further is a phone behind the first one of a record or of a Before, in a chain.
type further struct {
	phone  phoneFigures
	number blacklist.Number
	handle uint32 // people; 0 in a Before
	next   uint32 // the phone behind it, 0 behind the last
	zones  uint16
}

// plain reports whether a phone has nothing that only wide has a place for.
func plain(p *campaign.Phone) bool { return p.Number != 0 && p.Extension == "" && p.Label == "" }

// packFurther writes phones over a chain, which may be 0, and returns the chain
// that holds them. If they do not fit, it is 0 and the old one is given back.
// numbers are the phones' handles, nil for none.
func (t *rows) packFurther(chain uint32, phones []campaign.Phone, numbers []uint32) (uint32, bool) {
	at := &chain
	for i := range phones {
		if *at == 0 {
			h, err := t.furthers.Add("the table of further phones", MaxRecords)
			if err != nil {
				t.dropFurther(chain)
				return 0, false
			}
			*at = h
		}
		p, x := &phones[i], t.furthers.At(*at)
		zones, ok := t.zones.id(p, x.zones, t.max.zones)
		if !ok || !plain(p) || !packPhone(&x.phone, p) {
			t.dropFurther(chain)
			return 0, false
		}
		x.number, x.zones, x.handle = p.Number, zones, 0
		if numbers != nil {
			x.handle = numbers[i]
		}
		at = &x.next
	}
	t.dropFurther(*at)
	*at = 0
	return chain, true
}

// readFurther appends the phones of a chain.
func (t *rows) readFurther(chain uint32, phones []campaign.Phone) []campaign.Phone {
	for chain != 0 {
		x := t.furthers.At(chain)
		phones = append(phones, campaign.Phone{})
		p := &phones[len(phones)-1]
		p.Number = x.number
		t.zones.put(x.zones, p)
		unpackPhone(&x.phone, p)
		chain = x.next
	}
	return phones
}

// dropFurther gives a chain back.
func (t *rows) dropFurther(chain uint32) {
	for chain != 0 {
		next := t.furthers.At(chain).next
		t.furthers.Free(chain)
		chain = next
	}
}

// onlyFurther marks a row's wide that is a chain of phones and nothing else.
const onlyFurther = 1 << 31

// beside is what the row has no place for, nil if that is nothing but phones.
func (t *rows) beside(row *row) *wide {
	if row.aside == 0 || row.aside&onlyFurther != 0 {
		return nil
	}
	return t.wides.at(row.aside)
}

// chain is the record's phones behind the first one.
func (t *rows) chain(row *row) uint32 {
	if row.aside&onlyFurther != 0 {
		return row.aside &^ onlyFurther
	}
	if w := t.beside(row); w != nil {
		return w.further
	}
	return 0
}
