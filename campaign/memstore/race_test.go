package memstore

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// Eight callers work on four campaigns whose records share numbers and contacts,
// while others look, count, take and wake. No number is ever in two hands.
func TestCallersOfSeveralCampaignsDoNotMeet(t *testing.T) {
	const numbers = 40
	st := New()
	start := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	number := func(i int) blacklist.Number { return blacklist.Number(48_600_000_000 + i%numbers) }
	ids := []campaign.ID{"a", "b", "c", "d"}
	for _, id := range ids {
		for i := range numbers {
			r := &campaign.Record{
				ID: campaign.RecordID(fmt.Sprint(i)), Campaign: id, Class: "X", Contact: campaign.ContactID(fmt.Sprint(i % 50)),
				Phones:   []campaign.Phone{{Number: number(i)}, {Number: number(i * 7)}},
				Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh},
			}
			errs, err := st.Commit(background, campaign.Change{Ref: campaign.Ref{Campaign: id, Record: r.ID}, Add: true, Record: r})
			require.NoError(t, err)
			require.Nil(t, errs)
		}
	}
	var ticks atomic.Int64
	var hands [numbers]atomic.Int32 // who dials a number
	var reported atomic.Int64
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			var got campaign.Claimed
			var looked campaign.Looked
			for round := range 50 {
				now := start.Add(time.Duration(ticks.Add(1)) * time.Second)
				q := campaign.Claim{Now: now, Until: now.Add(time.Hour), Agent: "p", Limit: 3, Owners: true, Need: campaign.Need{Contact: true}}
				for i := range 2 {
					q.From = append(q.From, campaign.Step{Campaign: ids[(worker+i)%4], Open: []string{"X"}, Max: 3, Revision: 1,
						Sources: []campaign.Source{{Lane: status.LaneAgain, Due: now}, {Lane: status.LaneFresh, Due: now}}})
				}
				if !assert.NoError(t, st.Claim(background, q, &got)) {
					return
				}
				for i := range got.Leased {
					f := &got.Leased[i]
					ref := campaign.Ref{Campaign: f.Record.Campaign, Record: f.Record.ID, Token: f.Lease.Token}
					dialled := f.Lease
					dialled.Phase = campaign.Dialed
					errs, err := st.Commit(background, campaign.Change{Ref: ref, Extend: true, Lease: &dialled, Revision: 1})
					assert.NoError(t, err)
					mine := errs == nil
					hand := &hands[f.Lease.Number-number(0)]
					if mine {
						assert.EqualValues(t, 1, hand.Add(1), "one hand")
					}
					assert.NoError(t, st.Look(background, campaign.Need{Contact: true}, &looked, ref))
					r := looked.Facts[0].Record
					assert.Equal(t, ref.Record, r.ID)
					r.Lane, r.Due = status.LaneAgain, now.Add(time.Duration(round)*time.Second)
					if mine {
						hand.Add(-1)
					}
					errs, err = st.Commit(background, campaign.Change{Ref: ref, Record: &r, Entry: &campaign.Entry{At: now, Author: "w"},
						List: []blacklist.Entry{{List: "l", Number: f.Lease.Number}},
						Call: &campaign.Call{Token: ref.Token, Campaign: ref.Campaign, Record: ref.Record, Contact: r.Contact, Number: f.Lease.Number, Ended: now}})
					assert.NoError(t, err)
					assert.Nil(t, errs)
					reported.Add(1)
				}
				switch round % 10 {
				case 0:
					_, err := st.Commit(background, campaign.Change{Wake: []blacklist.Number{number(round)}})
					assert.NoError(t, err)
				case 1:
					for _, err := range st.Find(background, campaign.Filter{At: now}, campaign.Need{}) {
						assert.NoError(t, err)
					}
				case 2:
					n, err := st.Count(background, campaign.Filter{At: now}, campaign.ByState)
					assert.NoError(t, err)
					assert.NotEmpty(t, n)
				case 3:
					ref := campaign.Ref{Campaign: ids[worker%4], Record: campaign.RecordID(fmt.Sprint(round % numbers))}
					with := campaign.Ref{Campaign: ids[(worker+1)%4], Record: ref.Record}
					l := &campaign.Lease{Until: now.Add(time.Hour), With: []campaign.Ref{with}}
					errs, err := st.Commit(background, campaign.Change{Ref: ref, Lease: l})
					assert.NoError(t, err)
					if errs == nil {
						with.Token = l.Token
						errs, err = st.Commit(background, campaign.Change{Ref: with})
						assert.NoError(t, err)
						assert.Nil(t, errs)
					}
				case 4:
					_, _, err := st.History(background, campaign.Ref{Campaign: ids[worker%4], Record: "1"})
					assert.NoError(t, err)
					_, err = st.Check(background, blacklist.Query{Numbers: []blacklist.Number{number(1)}, Lists: []blacklist.List{"l"}, Now: now})
					assert.NoError(t, err)
				}
			}
		})
	}
	all.Wait()
	st.audit(t)
	assert.Positive(t, reported.Load())
	for _, l := range st.lines[1:] {
		assert.Zero(t, l.recent.live)
	}
}
