//go:build unix

package enginetest_test

import (
	"syscall"
	"time"
)

// cpuTime is the CPU time that this process has used, its garbage collector included.
func cpuTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
