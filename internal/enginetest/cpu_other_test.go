//go:build !unix

package enginetest_test

import "time"

var begun = time.Now()

// cpuTime is the wall time where the system does not tell the CPU time.
func cpuTime() time.Duration { return time.Since(begun) }
