package storetest

import (
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// narrowed lets a fault change what a filter asks for.
func narrowed(edit func(f *campaign.Filter)) func(*broken) {
	return func(b *broken) { b.filter = func(f *campaign.Filter, _ *campaign.Need) { edit(f) } }
}

// found lets a fault change what is found, or leave it out.
func found(each func(f campaign.Filter, r *campaign.Record) bool) func(*broken) {
	return func(b *broken) {
		b.stream = func(f campaign.Filter, from iter.Seq2[campaign.Facts, error]) iter.Seq2[campaign.Facts, error] {
			return func(yield func(campaign.Facts, error) bool) {
				for x, err := range from {
					if (err != nil || each(f, &x.Record)) && !yield(x, err) {
						return
					}
				}
			}
		}
	}
}

// faultsOfFilters are those in what the parts of a filter find.
var faultsOfFilters = []fault{
	{name: "finds every system status", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.Systems = nil })},
	{name: "does not know what is in progress", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) {
		if len(f.Systems) == 1 && f.Systems[0] == campaign.SystemInProgress {
			f.Limit = 1
		}
	})},
	{name: "finds every term", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.Terms = nil })},
	{name: "takes a term for an id only", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) {
		for i := range f.Terms {
			f.Terms[i].Number = 0
		}
	})},
	{name: "looks at further numbers", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.AnyNumber = true })},
	{name: "wants the whole external id", clause: "Filter/EachPartFindsWhatItNames", in: found(func(f campaign.Filter, r *campaign.Record) bool {
		return f.ExternalID == "" || f.ExternalID == r.ExternalID
	})},
	{name: "finds the external ids of all", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.ExternalID = "" })},
	{name: "finds external ids in capitals", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.ExternalID = strings.ToUpper(f.ExternalID) })},
	{name: "finds the calls of every agent", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.Agents = nil })},
	{name: "takes the agent of the last call for the owner", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.Owners, f.Agents = f.Agents, f.Owners })},
	{name: "finds every author's changes", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.Authors = nil })},
	{name: "does not look when a record was called", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.Called = campaign.Span{} })},
	{name: "does not look when a record is due", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) { f.Due = campaign.Span{} })},
	{name: "takes the last instant into a span", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) {
		if !f.Called.To.IsZero() {
			f.Called.To = f.Called.To.Add(time.Microsecond)
		}
	})},
	{name: "cuts a span's beginning to whole microseconds", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) {
		f.Called.From = f.Called.From.Truncate(time.Microsecond)
	})},
	{name: "takes what was never called for called long ago", clause: "Filter/EachPartFindsWhatItNames", in: func(b *broken) {
		var span campaign.Span
		narrowed(func(f *campaign.Filter) {
			if span = f.Called; f.Called.From.IsZero() {
				f.Called = campaign.Span{}
			}
		})(b)
		found(func(_ campaign.Filter, r *campaign.Record) bool {
			return span.To.IsZero() || r.LastCall.Before(span.To)
		})(b)
	}},
	{name: "leaves out empty values", clause: "Filter/EachPartFindsWhatItNames", in: found(func(f campaign.Filter, r *campaign.Record) bool {
		return len(f.Contacts) == 0 || r.Contact != ""
	})},
	{name: "leaves out a part where there are two", clause: "Filter/EachPartFindsWhatItNames", in: narrowed(func(f *campaign.Filter) {
		if len(f.Lists) > 0 && !f.Called.Open() {
			f.Lists = nil
		}
	})},
	{name: "does not look at ids where a contact is named", clause: "Combined/PartsDrawnAtRandomFindWhatEachOfThemFinds", in: narrowed(func(f *campaign.Filter) {
		if len(f.Contacts) > 0 {
			f.Records = nil
		}
	})},
	{name: "lets parks count at the newest revision only", clause: "Combined/PartsDrawnAtRandomFindWhatEachOfThemFinds", in: narrowed(func(f *campaign.Filter) { f.Revisions = nil })},
	{name: "finds what a record was when it was added", clause: "Filter/EachPartFindsWhatARecordHasBecome", in: found(func(f campaign.Filter, _ *campaign.Record) bool {
		return len(f.Authors) == 0
	})},
	{name: "counts no closed ones", clause: "Filter/CountsAreExact", in: func(b *broken) {
		b.counted = func(counts map[string]int) { delete(counts, "closed") }
	}},
	{name: "skips a record behind each page of a part", clause: "Filter/PagesStayWhileRecordsChange", in: func(b *broken) { b.skipsBehindPages() }},
	{name: "puts what is written behind the others", clause: "Filter/PagesStayWhileRecordsChange", in: func(b *broken) {
		b.change = func(ch *campaign.Change) {
			if ch.Record != nil && !ch.Add {
				r := *ch.Record
				r.Sequence += 1000
				ch.Record = &r
			}
		}
	}},
	{name: "takes any system status", clause: "Filter/AFilterThatIsWrongIsRefused", in: narrowed(func(f *campaign.Filter) { f.Systems = nil })},
	{name: "takes a negative limit for none", clause: "Filter/AFilterThatIsWrongIsRefused", in: narrowed(func(f *campaign.Filter) { f.Limit = max(0, f.Limit) })},
	{name: "streams no author", clause: "Filter/FindStreamsTheColumnsOfAList", in: found(func(_ campaign.Filter, r *campaign.Record) bool {
		r.Author = ""
		return true
	})},
	{name: "looks for the first thousand terms", clause: "Filter/EachPartMayNameThousands", in: narrowed(func(f *campaign.Filter) { f.Terms = f.Terms[:min(1000, len(f.Terms))] })},
	{name: "looks for the first thousand agents", clause: "Filter/EachPartMayNameThousands", in: narrowed(func(f *campaign.Filter) { f.Agents = f.Agents[:min(1000, len(f.Agents))] })},
	{name: "refuses texts with NUL bytes", clause: "Filter/TextsThatNoRecordHasFindNothing", in: func(b *broken) {
		b.stream = func(f campaign.Filter, from iter.Seq2[campaign.Facts, error]) iter.Seq2[campaign.Facts, error] {
			if !strings.Contains(f.Operation, "\x00") {
				return from
			}
			return func(yield func(campaign.Facts, error) bool) {
				yield(campaign.Facts{}, errors.New("invalid byte sequence"))
			}
		}
	}},
}
