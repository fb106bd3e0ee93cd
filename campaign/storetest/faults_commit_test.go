package storetest

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/internal/plainstore"
)

// faultsOfCommits are those in what is written, kept and given back.
var faultsOfCommits = []fault{
	{name: "keeps no sequence that it is given", clause: "Commit/AnAddedRecordGetsVersionAndSequence", in: func(b *broken) {
		b.record(func(ch *campaign.Change, r *campaign.Record) { r.Sequence = 0 })
	}},
	{name: "writes over what has changed", clause: "Commit/VersionsConflict", in: func(b *broken) {
		b.record(func(_ *campaign.Change, r *campaign.Record) { r.Version = 0 })
	}},
	{name: "lets numbers come twice", clause: "Commit/DuplicatesAreNamed", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.UniqueNumbers = false }
	}},
	{name: "calls an unknown record a conflict", clause: "Commit/UnknownRecordsAreNotFound", in: func(b *broken) {
		b.refused = func(err error) error {
			if errors.Is(err, campaign.ErrNotFound) {
				return campaign.ErrConflict
			}
			return err
		}
	}},
	{name: "writes the contact of a change that it refuses", clause: "Commit/AChangeIsWrittenWholeOrNotAtAll", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Contact != nil && ch.Contact.ID != "" {
				b.put(campaign.Change{Contact: ch.Contact})
			}
		}
	}},
	{name: "stops at the first change that it refuses", clause: "Commit/AChangeIsWrittenWholeOrNotAtAll", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			errs := make([]error, len(changes))
			for i := range changes {
				one, err := b.Store.Commit(ctx, changes[i])
				if err != nil || one != nil {
					for ; i < len(changes); i++ {
						errs[i] = errors.Join(append(one, err)...)
					}
					return errs, err
				}
			}
			return nil, nil
		}
	}},
	{name: "learns the revision of a change that it refuses", clause: "Commit/ARefusedChangeLeavesNoTrace", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Revision > 5 {
				b.put(campaign.Change{Ref: campaign.Ref{Campaign: ch.Ref.Campaign}, Revision: ch.Revision})
			}
		}
	}},
	{name: "makes the last change of a commit first", clause: "Commit/ChangesToOneRecordSeeEachOther", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			changes = slices.Clone(changes)
			slices.Reverse(changes)
			errs, err := b.Store.Commit(ctx, changes...)
			slices.Reverse(errs)
			return errs, err
		}
	}},
	{name: "tells errors without their places", clause: "Commit/EachErrorStandsAtItsChange", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			errs, err := b.Store.Commit(ctx, changes...)
			slices.SortStableFunc(errs, func(x, y error) int {
				switch {
				case x != nil && y == nil:
					return -1
				case x == nil && y != nil:
					return 1
				}
				return 0
			})
			return errs, err
		}
	}},
	{name: "makes 256 changes at most", clause: "Commit/ALongCommitIsMadeInItsOrder", in: func(b *broken) {
		b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
			return b.Store.Commit(ctx, changes[:min(256, len(changes))]...)
		}
	}},
	{name: "leaves a record in the lane it was added to", clause: "Commit/WhatIsWrittenMovesTheRecord", in: func(b *broken) {
		b.record(func(ch *campaign.Change, r *campaign.Record) {
			if old := b.now(ch.Ref).Record; old.ID != "" {
				r.Lane = old.Lane
			}
		})
	}},
	{name: "takes calls without a token for none", clause: "Commit/WhatDoesNotFitTogetherIsRefused", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Call != nil && ch.Call.Token == 0 {
				ch.Call = nil
			}
		}
	}},

	{name: "brings calls a moment too old", clause: "Log/TheLogIsKeptByTokenAndReadByRecordContactAndNumber", in: func(b *broken) {
		b.looked = func(need campaign.Need, _ campaign.Ref, f *campaign.Facts) {
			f.History = slices.DeleteFunc(f.History, func(c *campaign.Call) bool { return c.Ended.Equal(need.Since) })
		}
	}},
	{name: "forgets what a correction begins from", clause: "Log/ATokenBringsItsCallAndTheLatestItsBefore", in: func(b *broken) {
		b.calls(func(c *campaign.Call) { c.Before = nil })
	}},
	{name: "does not keep who hung up", clause: "Log/ACallIsKeptWhole", in: func(b *broken) {
		b.calls(func(c *campaign.Call) { c.HangupBy = "" })
	}},
	{name: "tells a history backwards", clause: "Log/TheHistoryIsToldInItsOrder", in: func(b *broken) {
		b.lines = func(_ campaign.Ref, entries []campaign.Entry) []campaign.Entry {
			slices.Reverse(entries)
			return entries
		}
	}},
	{name: "merges a contact with the one before", clause: "Log/AContactIsKeptWholeAndReplaced", in: func(b *broken) {
		company := ""
		b.change = func(ch *campaign.Change) {
			if ch.Contact != nil {
				c := *ch.Contact
				if c.Company == "" {
					c.Company = company
				}
				company, ch.Contact = c.Company, &c
			}
		}
	}},

	{name: "acknowledges nothing", clause: "Actions/ActionsAreStoredOnceUntilAcknowledged", in: func(b *broken) {
		b.change = func(ch *campaign.Change) { ch.Done = nil }
	}},
	{name: "does not keep the template of an action", clause: "Actions/AnActionIsKeptWhole", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			ch.Actions = slices.Clone(ch.Actions)
			for i := range ch.Actions {
				ch.Actions[i].Template = ""
			}
		}
	}},

	{name: "keeps times to the millisecond", clause: "Values/TimesAreKeptInUTCAtMicroseconds", in: func(b *broken) {
		b.record(func(_ *campaign.Change, r *campaign.Record) { r.SkipUntil = r.SkipUntil.Truncate(time.Millisecond) })
	}},
	{name: "gives times back in local time", clause: "Values/TimesAreKeptInUTCAtMicroseconds", in: func(b *broken) {
		b.brought(func(f *campaign.Facts) { f.Record.Due = f.Record.Due.In(time.FixedZone("local", 3600)) })
	}},
	{name: "loses the label of a second phone", clause: "Values/ARecordIsKeptWhole", in: func(b *broken) {
		b.record(func(_ *campaign.Change, r *campaign.Record) {
			if len(r.Phones) > 1 {
				r.Phones = slices.Clone(r.Phones)
				r.Phones[1].Label = ""
			}
		})
	}},
	{name: "keeps whole numbers as floats", clause: "Values/FieldsKeepTheirKinds", in: func(b *broken) {
		b.record(func(_ *campaign.Change, r *campaign.Record) {
			fields := make(campaign.Fields, len(r.Fields))
			for name, x := range r.Fields {
				if n, ok := x.(int64); ok {
					x = int64(float64(n)) // as a JSON document does
				}
				fields[name] = x
			}
			r.Fields = fields
		})
	}},
	{name: "cuts blanks off", clause: "Values/TextsAreKeptAsTheyAre", in: func(b *broken) {
		b.record(func(_ *campaign.Change, r *campaign.Record) { r.List = strings.TrimSpace(r.List) })
	}},
	{name: "takes a capital for its letter", clause: "Values/IdsAreComparedByteByByte", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Add && ch.Record != nil {
				r := *ch.Record
				r.ID = campaign.RecordID(strings.ToLower(string(r.ID)))
				ch.Record, ch.Ref.Record = &r, r.ID
			}
		}
	}},
	{name: "takes no time for the beginning of time", clause: "Values/NoTimeAndFarTimesAreKept", in: func(b *broken) {
		b.brought(func(f *campaign.Facts) {
			if f.Record.Due.IsZero() {
				f.Record.Due = time.Unix(0, 0).UTC()
			}
		})
	}},
	{name: "loses tags where there is nothing else", clause: "Values/EachFieldIsKeptAlone", in: func(b *broken) {
		b.record(func(_ *campaign.Change, r *campaign.Record) {
			if r.Fields == nil {
				r.Tags = nil
			}
		})
	}},

	{name: "gives its own lines away", clause: "Copies/AnswersAreCopiesNotAliases", in: func(b *broken) {
		kept := make(map[campaign.Ref][]campaign.Entry)
		b.lines = func(ref campaign.Ref, entries []campaign.Entry) []campaign.Entry {
			if len(kept[ref]) != len(entries) {
				kept[ref] = entries
			}
			return kept[ref]
		}
	}},
	{name: "keeps the call that it was given", clause: "Copies/ArgumentsAreTheCallersAgain", in: func(b *broken) {
		var call *campaign.Call
		b.change = func(ch *campaign.Change) {
			if ch.Call != nil {
				call = ch.Call
			}
		}
		b.looked = func(_ campaign.Need, _ campaign.Ref, f *campaign.Facts) {
			if f.Call != nil {
				f.Call = call
			}
		}
	}},
	{name: "gives its own phones away", clause: "Copies/AnAnswerStaysWhatItWas", in: func(b *broken) {
		var phones []campaign.Phone
		b.brought(func(f *campaign.Facts) {
			phones = append(phones[:0], f.Record.Phones...)
			f.Record.Phones = phones
		})
	}},
	{name: "adds to what an answer held", clause: "Copies/AnAnswerMayComeFromAnotherStore", in: func(b *broken) {
		b.claim = func(ctx context.Context, q campaign.Claim, into *campaign.Claimed) error {
			old := slices.Clone(into.Expired)
			err := b.Store.Claim(ctx, q, into)
			into.Expired = append(into.Expired, old...)
			return err
		}
	}},

	{name: "has the lines of a history, and does not say so", clause: "Declared/AbilitiesAreAsDeclared", with: func(o *Options) { o.History = false }},
	{name: "says that it keeps actions, and does not", clause: "Declared/AbilitiesAreAsDeclared", with: func(o *Options) {
		o.Open = func(testing.TB) campaign.Store {
			return struct {
				campaign.Store
				campaign.HistoryStore
			}{plainstore.New(), plainstore.New()}
		}
	}},

	{name: "is empty when it is opened again", clause: "Lasting/EverythingIsThereWhenTheStoreIsOpenedAgain", with: func(o *Options) {
		o.Reopen = func(testing.TB, campaign.Store) campaign.Store { return plainstore.New() }
	}},
	{name: "gives all leases up when it is opened again", clause: "Lasting/ALeaseOutlivesTheStore", with: func(o *Options) {
		o.Reopen = func(_ testing.TB, st campaign.Store) campaign.Store {
			for f := range st.Find(context.Background(), campaign.Filter{States: []campaign.State{campaign.StateLeased}}, campaign.Need{}) {
				_, _ = st.Commit(context.Background(), ended(f))
			}
			return st
		}
	}},
	{name: "has a removed entry again when it is opened again", clause: "Lasting/WhatWasOverStaysOver", with: func(o *Options) {
		o.Reopen = func(_ testing.TB, st campaign.Store) campaign.Store {
			_, _ = st.Commit(context.Background(), campaign.Change{List: []blacklist.Entry{{List: "l", Number: shared}}})
			return st
		}
	}},
}

// defineNothing is an Options.Define that forgets what it is told.
func defineNothing(testing.TB, campaign.Store, campaign.ID, int64) {}

// calls lets a fault change a copy of the call that a change carries.
func (b *broken) calls(edit func(c *campaign.Call)) {
	b.change = func(ch *campaign.Change) {
		if ch.Call != nil {
			c := *ch.Call
			edit(&c)
			ch.Call = &c
		}
	}
}

// entries lets a fault change the entries that a change lists.
func (b *broken) entries(edit func(e *blacklist.Entry)) {
	b.change = func(ch *campaign.Change) {
		ch.List = slices.Clone(ch.List)
		for i := range ch.List {
			edit(&ch.List[i])
		}
	}
}

func (b *broken) locksWhileFinding() {
	b.stream = func(_ campaign.Filter, found iter.Seq2[campaign.Facts, error]) iter.Seq2[campaign.Facts, error] {
		return func(yield func(campaign.Facts, error) bool) {
			b.mu.Lock()
			defer b.mu.Unlock()
			found(yield)
		}
	}
	b.commit = func(ctx context.Context, changes []campaign.Change) ([]error, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.Store.Commit(ctx, changes...)
	}
}

func (b *broken) skipsBehindPages() {
	b.stream = func(f campaign.Filter, found iter.Seq2[campaign.Facts, error]) iter.Seq2[campaign.Facts, error] {
		return func(yield func(campaign.Facts, error) bool) {
			skip := f.After != (campaign.Ref{})
			for facts, err := range found {
				if skip && err == nil {
					skip = false
				} else if !yield(facts, err) {
					return
				}
			}
		}
	}
}

func (b *broken) endsQuietly() {
	b.stream = func(_ campaign.Filter, found iter.Seq2[campaign.Facts, error]) iter.Seq2[campaign.Facts, error] {
		return func(yield func(campaign.Facts, error) bool) {
			for facts, err := range found {
				if err != nil || !yield(facts, nil) {
					return
				}
			}
		}
	}
}

// others lets other callers have their turn.
func others() {
	for range 100 {
		runtime.Gosched()
	}
}
