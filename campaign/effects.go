package campaign

import "github.com/nextcall/nextcall/status"

// effects are the rows of the table of qualifiers, to be pointed at where
// [status.Qualifier.Effect] would copy one. They are never written to.
var effects = func() []status.Effect {
	rows := []status.Effect{status.None.Effect()}
	for _, q := range status.Qualifiers() {
		rows = append(rows, q.Effect())
	}
	return rows
}()

// effectOf returns a qualifier's row in place.
func effectOf(q status.Qualifier) *status.Effect {
	if int(q) >= len(effects) {
		q = status.None
	}
	return &effects[q]
}
