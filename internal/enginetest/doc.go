// Package enginetest answers whether nextcall holds against things it does not
// depend on: real database engines and other people's data structures.
//
// It is a module of its own, so that drivers and baselines never become a
// requirement of the released module. It holds tests and benchmarks only. The
// first baseline is a B-tree as an ordered index of due records; the engines
// join it with the store on database/sql.
package enginetest
