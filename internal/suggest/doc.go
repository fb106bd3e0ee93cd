// Package suggest finds among millions of contacts those that match what somebody
// has typed so far, the best first, in memory and without a pointer for each.
//
// What matches, and how well, package fold says. A contact is entered under its
// tails, which are its names from each of their words on, and under its numbers with
// and without their country code. Each of these is a text, kept in order, so that
// what is exact, what begins with the text and what has a further word that does is
// one walk along the order that stops at the limit, however many match: one letter
// costs what ten do.
//
// What lies inside a word is looked for in the list of distinct words, which is
// short beside the contacts, is searched as bytes, and is in the same order: each
// word that is found leads to the tails that begin with it.
package suggest
