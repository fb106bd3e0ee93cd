package memstore

// extend lets the lease go on under new terms, or only under what its records
// need now. What became free meanwhile it holds from here on.
func (p *plan) extend() {
	x := p.st.people.leases.At(p.lease)
	if p.Lease != nil {
		p.st.lines[x.on.line].extend(p.lease, p.Lease)
	}
	p.guard(p.lease)
}

// guard makes a lease hold what its records need and no other lease holds: their
// contacts, their numbers, and the number that is really dialled.
func (p *plan) guard(h uint32) {
	pe := p.st.people
	x := pe.leases.At(h)
	pe.unguard(x)
	p.guardOf(h, x, x.on.spot)
	for _, w := range x.with {
		p.guardOf(h, x, w.spot)
	}
	pe.guardNumber(h, x, p.number)
}

func (p *plan) guardOf(h uint32, x *lease, at spot) {
	if at == (spot{p.line.number, p.slot}) {
		p.st.people.guard(h, x, p.contact, p.numbers)
		return
	}
	rows := p.st.lines[at.line].rows
	p.st.people.guard(h, x, rows.at(at.slot).contact, rows.numbers(at.slot, nil))
}

// begin begins a lease, and tells the caller its token.
func (p *plan) begin(h uint32) {
	x := p.st.people.leases.At(h)
	x.Lease = *p.Lease
	storeLease(&x.Lease)
	p.line.unindex(p.slot)
	p.line.grant(h, p.slot)
	for i := range p.with {
		w := &p.with[i]
		l := p.st.lines[w.line]
		l.unindex(w.slot)
		w.gen = l.rows.hold(w.slot, h)
	}
	x.with = p.with
	p.guard(h)
	p.Lease.Token, p.Lease.Call = x.Token, x.Call
}

// end ends the lease. Its further records wait again.
func (p *plan) end() {
	x := p.st.people.leases.At(p.lease)
	on, with := x.on, x.with
	p.st.lines[on.line].end(p.lease)
	here := spot{p.line.number, p.slot}
	if on.spot != here {
		p.st.lines[on.line].index(on.slot)
	}
	for _, w := range with {
		if w.spot != here {
			p.st.lines[w.line].index(w.slot)
		}
	}
}
