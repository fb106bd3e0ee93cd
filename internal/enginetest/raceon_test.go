//go:build race

package enginetest

// raced says that the tests run under the race detector, which takes its time.
const raced = true
