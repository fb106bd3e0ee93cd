package enginetest_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// serverCPU is the CPU time that the server's processes which serve a database
// have used, in steps of 10 ms; 0 where /proc does not tell. What the server does
// by itself, such as vacuuming, is not counted: nobody knows for whom.
func serverCPU(database string) (used time.Duration) {
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range all {
		title, err := os.ReadFile(filepath.Join(path, "cmdline"))
		if err == nil && strings.HasPrefix(string(title), "postgres: ") && strings.Contains(string(title), " "+database+" ") {
			used += cpuOf(path)
		}
	}
	return used
}

// cpuOf reads the stat of a process, see proc(5).
func cpuOf(path string) time.Duration {
	text, err := os.ReadFile(filepath.Join(path, "stat"))
	if err != nil {
		return 0
	}
	// The name of the program is in brackets, and may hold anything.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}
