package enginetest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// serverCPU is the CPU time that a PostgreSQL server has used, all its processes
// together, in steps of 10 ms; 0 where /proc does not tell. What the server did
// by itself meanwhile, such as vacuuming, is a part of it.
func serverCPU(dir string) time.Duration {
	pidFile, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	postmaster, _, _ := strings.Cut(string(pidFile), "\n")
	own, ok := statOf(postmaster)
	if !ok {
		return 0
	}
	// Those that have ended are counted where they were waited for.
	ticks := own.used + own.ofChildren
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range all {
		if s, ok := statOf(filepath.Base(path)); ok && s.parent == postmaster {
			ticks += s.used
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

type processStat struct {
	parent           string
	used, ofChildren int64 // ticks, 100 a second
}

// statOf reads /proc/PID/stat, see proc(5).
func statOf(pid string) (s processStat, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", pid))
	if err != nil {
		return s, false
	}
	// The name of the program is in brackets, and may hold anything.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 15 {
		return s, false
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return n
	}
	return processStat{parent: fields[1], used: number(11) + number(12), ofChildren: number(13) + number(14)}, true
}
