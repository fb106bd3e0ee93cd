package scenarios

import "github.com/nextcall/nextcall/internal/expect"

// want ends the scenario at the first difference.
var want = expect.Require
