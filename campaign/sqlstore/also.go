package sqlstore

// checkAlso finds out whether the further changes can be written.
func (r *run) checkAlso(p *plan) error {
	for i := range p.Also {
		also := plan{Change: &p.Also[i]}
		if err := r.check(&also); err != nil {
			return err
		}
		p.also = append(p.also, also)
	}
	return nil
}

// applyAlso makes the further changes. The contacts that they name may have become
// others by the change itself.
func (r *run) applyAlso(p *plan) error {
	for i := range p.also {
		also := &p.also[i]
		also.Change, also.named = &p.Also[i], ""
		if err := r.resolve(also); err != nil {
			return err
		}
		if err := r.apply(also); err != nil {
			return err
		}
	}
	return nil
}
