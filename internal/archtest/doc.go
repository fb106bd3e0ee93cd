// Package archtest answers whether the tree still has the shape it was designed
// with. It holds tests only: each architectural rule that the compiler does not
// keep by itself is an ordinary Go test here, whose failure names the rule.
//
// Every checker is a function over a directory, and for every checker a small
// tree that breaks its rule is planted, to show that the check can fail.
package archtest
