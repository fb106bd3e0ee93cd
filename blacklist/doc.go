// Package blacklist answers whether a number may be called, and if not, from
// when it may be again.
//
// A [Number] is an international phone number. An [Entry] puts one on a [List],
// for ever or until an instant; how long is what people write as an [Expiry]
// ("6 days, 19 months"). A [Checker] says which of some numbers are listed: the
// host's own lists in its store, a national register, a central service, or a
// [Memory]. [Ask] asks several.
//
// Everything here fails closed: a number about which a Checker could not answer
// is not callable. Only removing an entry by hand ends it before its time.
//
// The package reads no clock; instants are arguments. Instants that it stores
// or returns are in UTC, in whole microseconds.
package blacklist
