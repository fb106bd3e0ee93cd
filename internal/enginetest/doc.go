// Package enginetest answers whether nextcall holds against things it does not
// depend on: real database engines and other people's data structures.
//
// It is a module of its own, so that drivers and baselines never become a
// requirement of the released module. It holds tests and benchmarks only.
//
// TestTable measures the memory store against a heap of pointers and a B-tree
// (see Measuring in CONTRIBUTING.md). The engines join them with the store on
// database/sql.
package enginetest
