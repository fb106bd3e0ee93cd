// Package plainstore is the reference of the memory store: a complete
// campaign.Store that is written to be read, and that faster stores are held
// against, answer by answer.
//
// One mutex guards everything, a record is stored as it is, and each question
// has its own index: heaps for what is claimed next, maps for what is looked
// up. No operation but Find and Count costs more with more records in the store
// than the logarithm of their number.
package plainstore
