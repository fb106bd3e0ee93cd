// Package memstore keeps the records of campaigns in memory: a complete
// campaign.Store for tests, for simulation, and for hosts that rebuild their
// queue at each start.
//
// It is written to be read. One mutex guards everything, a record is stored as
// it is, and each question has its own index: heaps for what is claimed next,
// maps for what is looked up. No operation but Find and Count costs more with
// more records in the store than the logarithm of their number.
package memstore
