// Package enginetest answers whether nextcall holds against things it does not
// depend on: real database engines, other people's data structures and other
// languages for conditions.
//
// It is a module of its own, so that drivers and baselines never become a
// requirement of the released module. It holds tests and benchmarks only.
//
// TestTable measures the memory store against a heap of pointers and a B-tree,
// and conditions in CEL against hand-written Go, cel-go alone and expr (see
// Measuring in CONTRIBUTING.md). The database engines join them with the store
// on database/sql.
package enginetest
