// Package enginetest answers whether nextcall holds against things it does not
// depend on: real database engines, other people's data structures and other
// languages for conditions.
//
// It is a module of its own, so that drivers and baselines never become a
// requirement of the released module. It holds tests and benchmarks only.
//
// TestTable measures the memory store against a heap of pointers and a B-tree,
// conditions in CEL against hand-written Go, cel-go alone and expr, and the
// store on database/sql against plain SQL and River (see Measuring in
// CONTRIBUTING.md).
package enginetest
