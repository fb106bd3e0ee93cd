//go:build !race

package scenarios

// raced says that the tests run under the race detector, which allocates.
const raced = false
