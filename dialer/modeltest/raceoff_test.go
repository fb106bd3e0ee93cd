//go:build !race

package modeltest_test

// raced says that the tests run under the race detector, which allocates.
const raced = false
