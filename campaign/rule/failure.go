package rule

import (
	"errors"
	"fmt"

	"github.com/google/cel-go/common/types"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Failure says why a condition could not be decided: it is neither true nor false.
type Failure struct {
	Path     string    // where the configuration has the condition
	Status   status.ID // of an auto-set condition or a next call
	Campaign campaign.ID
	Record   campaign.RecordID
	Column   int    // in characters, from 1; 0 is not known
	Expr     string // the part that failed
	Err      error  // what happened
}

func (e *Failure) Error() string {
	where := ""
	if e.Expr != "" {
		where = fmt.Sprintf(" at column %d, %s", e.Column, e.Expr)
	}
	return fmt.Sprintf("%s failed for record %q%s: %v", e.Path, string(e.Record), where, e.Err)
}

// Unwrap gives what happened.
func (e *Failure) Unwrap() error { return e.Err }

// failed makes a Failure of an error of evaluation.
func (p *program) failed(s *scope, err error) error {
	f := &Failure{Path: p.condition.Path, Status: p.condition.Status, Campaign: s.r.Campaign, Record: s.r.ID, Err: err}
	var e *types.Err
	if errors.As(err, &e) && e.NodeID() != 0 {
		f.Column, f.Expr = p.place(e.NodeID())
	}
	return f
}

// place is the column and the text of a part of the condition.
func (p *program) place(id int64) (int, string) {
	native := p.ast.NativeRep()
	at := native.SourceInfo().GetStartLocation(id)
	return at.Column() + 1, ""
}
