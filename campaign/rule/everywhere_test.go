package rule_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/campaign/rule"
	"github.com/nextcall/nextcall/dialer"
	"github.com/nextcall/nextcall/status"
)

// order is the order in which the office's records come.
func (o *office) order() (ids []campaign.RecordID) {
	o.t.Helper()
	for {
		s, err := o.q.Next(context.Background(), dialer.Ask{Agent: "ann"})
		require.NoError(o.t, err)
		if len(s.Calls) == 0 {
			return ids
		}
		ids = append(ids, s.Calls[0].Record.ID)
	}
}

func TestARankOrdersFreshRecordsAndWhatTiesComesAsItWasImported(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t, func(c *campaign.Config) {
		c.Rank = `"first" in record.tags ? 1.0 : has(record.fields.balance) ? 1000.0 - record.fields.balance / double(record.order > 9 ? 10 : 1) : 1000.0 / double(record.order)`
	})
	added, err := o.q.Add(ctx, dialer.Adding{Records: func() (all []campaign.Record) {
		for i, balance := range []float64{300, 900, 300, 1e12, -1e12, 300} {
			all = append(all, campaign.Record{ID: campaign.RecordID(rune('a' + i)), Campaign: "spring", Type: "client",
				Phones: []campaign.Phone{{Number: blacklist.Number(48600100300 + i)}}, Fields: campaign.Fields{"balance": balance}})
		}
		return append(all, campaign.Record{ID: "infinite", Campaign: "spring", Type: "client", Phones: []campaign.Phone{{Number: 48600100400}}})
	}()})
	require.NoError(t, err)
	for _, a := range added {
		require.NoError(t, a.Err)
	}
	edit := func(id campaign.RecordID, e campaign.Edit) {
		e.Actor = ann
		_, err := o.q.Edit(ctx, campaign.Ref{Campaign: "spring", Record: id}, e)
		require.NoError(t, err)
	}
	edit("f", campaign.Edit{Tags: []string{"first"}})
	ten := uint16(10)
	edit("b", campaign.Edit{Order: &ten}) // 1000 - 90
	// a and c tie; r1 has 120.5; what is beyond the range is at its end.
	assert.Equal(t, []campaign.RecordID{"d", "f", "a", "c", "r1", "b", "e", "infinite"}, o.order())
}

// rows: D20
func TestFieldsAreJudgedWhereverAPersonSavesThem(t *testing.T) {
	ctx := context.Background()
	const iban = "PL61109010140000071219812874"
	type fields = campaign.Fields
	fresh := func() *office {
		return newOffice(t, func(c *campaign.Config) {
			c.RecordTypes = append(c.RecordTypes, campaign.RecordType{Name: "debt", Fields: []campaign.Field{
				{Name: "pays"},
				{Name: "iban", RequiredWhen: `record.fields.?pays.orValue("") == "transfer"`, ValidWhen: `record.fields.iban.startsWith("PL") && size(record.fields.iban) == 28`},
				{Name: "days", Type: campaign.Int, ValidWhen: `record.fields.days * 100 / (record.fields.days - 7) >= 0`},
			}})
		}, status.Status{ID: "done", Title: "Done", Qualifier: status.Redial, Validate: true},
			auto("auto", status.Redial, `call.outcome == "busy"`))
	}
	// Each way in which a person saves fields.
	ways := map[string]func(o *office, call dialer.Call, f fields) error{
		"a result": func(o *office, call dialer.Call, f fields) error {
			_, err := o.q.Report(ctx, call.Ref, campaign.Result{Outcome: campaign.Answered, Status: "done", Fields: f, Actor: ann})
			return err
		},
		"a status": func(o *office, call dialer.Call, f fields) error {
			o.report(call, campaign.Result{Outcome: campaign.NoAnswer})
			_, err := o.q.Set(ctx, call.Ref, campaign.Set{Status: "done", Fields: f, Actor: ann})
			return err
		},
		"a correction": func(o *office, call dialer.Call, f fields) error {
			o.report(call, campaign.Result{Outcome: campaign.NoAnswer})
			_, err := o.q.Correct(ctx, call.Ref, campaign.Correction{Status: "done", Fields: f, Actor: ann})
			return err
		},
		"an edit": func(o *office, call dialer.Call, f fields) error {
			o.report(call, campaign.Result{Outcome: campaign.Answered, Status: "done", Actor: ann})
			_, err := o.q.Edit(ctx, call.Ref, campaign.Edit{Fields: f, Actor: ann})
			return err
		},
		"a case": func(o *office, _ dialer.Call, f fields) error {
			added, err := o.q.Add(ctx, dialer.Adding{Actor: ann, Records: []campaign.Record{
				{ID: "case", Campaign: "spring", Type: "debt", Source: campaign.ChannelCall, Progress: campaign.Progress{Status: "done"}, Fields: f, Phones: []campaign.Phone{{Number: 48600100666}}}}})
			return errors.Join(err, added[0].Err)
		},
	}
	for way, save := range ways {
		for _, tt := range []struct {
			fields fields
			want   []string // of the error; none: it is saved
		}{
			{fields{"pays": "card"}, nil},
			{fields{"pays": "transfer", "iban": iban}, nil},
			{fields{"pays": "transfer"}, []string{"iban"}},
			{fields{"iban": "DE1"}, []string{`fields["iban"]`, "DE1", `record.fields.iban.startsWith("PL")`}},
			{fields{"days": 7}, []string{`fields["days"]`, "could not be checked", "division by zero"}},
			{fields{"pays": "transfer", "days": 7}, []string{"iban", `fields["days"]`}},
			{fields{"days": 8}, nil},
		} {
			o := fresh()
			o.add(campaign.Record{ID: "debt", Type: "debt", Phones: []campaign.Phone{{Number: 48600100555}}})
			call, err := o.q.Take(ctx, dialer.Taking{Ref: campaign.Ref{Campaign: "spring", Record: "debt"}, Actor: ann, Start: true})
			require.NoError(t, err)
			err = save(o, call, tt.fields)
			if tt.want == nil {
				assert.NoError(t, err, "%s, %v", way, tt.fields)
			}
			for _, want := range tt.want {
				assert.ErrorContains(t, err, want, "%s, %v", way, tt.fields)
			}
		}
	}

	// The engine is not bound: neither by a rule, nor by an import without a status.
	o := fresh()
	o.add(campaign.Record{ID: "debt", Type: "debt", Fields: fields{"pays": "transfer"}, Phones: []campaign.Phone{{Number: 48600100555}}})
	call, err := o.q.Take(ctx, dialer.Taking{Ref: campaign.Ref{Campaign: "spring", Record: "debt"}, Actor: ann, Start: true})
	require.NoError(t, err)
	a := o.report(call, campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, status.ID("auto"), a.Status)
}

// A report that is repeated is given what the audit of the first one found.
//
// rows: K21
func TestAnAuditNamesWhatElseHoldsAndIsRepeatedAsItWas(t *testing.T) {
	undo := auto("undo", status.SuccessCancelled, `true`)
	o := newOffice(t, func(c *campaign.Config) { c.Audit = true },
		auto("lost", status.Closed, `call.outcome == "drop"`),
		auto("won", status.Redial, `call.outcome == "busy"`),
		auto("fails", status.Closed, `record.next_call < now`), undo,
		auto("also", status.EndOfQueue, `attempts.busy == 1`), auto("too", status.Closed, `count("busy", duration("1h")) == 1`))
	call := o.dial()
	a := o.report(call, campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, status.ID("won"), a.Status)
	assert.Equal(t, []status.ID{"also", "too"}, a.Also)
	require.Len(t, a.Warnings, 1)
	assert.Contains(t, a.Warnings[0], `the rule of status "fails", behind the one that decided, failed`)
	o.now = o.now.Add(time.Hour)
	assert.Equal(t, a, o.report(call, campaign.Result{Outcome: campaign.NoAnswer, Status: "too", Actor: ann}))
	assert.Equal(t, a.Also, o.looked().Call.Answer.Also)
}

// The contact is as it is when the decision is made, and may be missing.
func TestConditionsReadTheContactAsItIsNow(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t, nil, auto("pole", status.Redial, `contact.?country.orValue("") == "PL" && contact.fields.?score.orValue(0) > 5`),
		auto("nobody", status.Redial, `contact.id == "" && !has(contact.kind)`))
	a := o.call(campaign.Result{Outcome: campaign.LineBusy})
	assert.Equal(t, status.ID("nobody"), a.Status)

	o.add(campaign.Record{ID: "with", Contact: "jan", Phones: []campaign.Phone{{Number: 48600100777}}})
	jan := campaign.Contact{ID: "jan", FirstName: "Jan", Country: "PL", Fields: campaign.Fields{"score": int64(7)}}
	want := []status.ID{"", "pole", ""}
	for i, fields := range []campaign.Fields{nil, {"score": int64(7)}, {"score": int64(5)}} {
		if fields != nil {
			jan.Fields = fields
			errs, err := o.store.Commit(ctx, campaign.Change{Contact: &jan})
			require.NoError(t, err)
			require.Empty(t, errs)
			jan.Country = "DE" // the store has what was committed
		}
		call, err := o.q.Take(ctx, dialer.Taking{Ref: campaign.Ref{Campaign: "spring", Record: "with"}, Actor: ann, Start: true})
		require.NoError(t, err)
		jan.Country = "PL"
		_, err = o.q.Set(ctx, campaign.Ref{Campaign: "spring", Record: "with"}, campaign.Set{Qualifier: status.Unused, Actor: ann})
		require.Error(t, err, "leased")
		a := o.report(call, campaign.Result{Outcome: campaign.LineBusy})
		if want[i] == "" {
			assert.True(t, a.Has(campaign.WhyFallback), "%v: %v", fields, a)
		} else {
			assert.Equal(t, want[i], a.Status)
		}
		o.now = o.now.Add(time.Hour)
	}
}

// Two processes: one saves other rules, the other has not heard of it yet.
func TestAQueueThatMeetsANewerRevisionDecidesByItsRules(t *testing.T) {
	ctx := context.Background()
	var mu sync.Mutex
	revision, text := int64(1), `call.outcome == "busy"`
	load := func(context.Context) ([]*campaign.Campaign, error) {
		mu.Lock()
		defer mu.Unlock()
		cfg := config()
		cfg.Revision, cfg.Own = revision, []status.Status{auto("rule", status.Redial, text)}
		c, _, err := campaign.Compile(cfg, nil, rule.Engine{})
		return []*campaign.Campaign{c}, err
	}
	now := monday
	store := memstore.New()
	open := func() *dialer.Queue {
		q, err := dialer.New(ctx, store, load, dialer.Config{Now: func() time.Time { return now }})
		require.NoError(t, err)
		return q
	}
	old := open()
	for i := range 2 {
		added, err := old.Add(ctx, dialer.Adding{Records: []campaign.Record{{ID: campaign.RecordID(fmt.Sprint(i)), Campaign: "spring", Phones: []campaign.Phone{{Number: blacklist.Number(48600100200 + i)}}}}})
		require.NoError(t, err)
		require.NoError(t, added[0].Err)
	}
	call := func(q *dialer.Queue) campaign.Answer {
		s, err := q.Next(ctx, dialer.Ask{Agent: "ann", Start: true})
		require.NoError(t, err)
		require.Len(t, s.Calls, 1)
		a, err := q.Report(ctx, s.Calls[0].Ref, campaign.Result{Outcome: campaign.NoAnswer})
		require.NoError(t, err)
		return a
	}
	assert.Empty(t, call(old).Status)
	mu.Lock()
	revision, text = 2, `call.outcome == "no_answer"`
	mu.Unlock()
	_, err := open().Next(ctx, dialer.Ask{Agent: "bob", Limit: 1, Campaigns: []campaign.ID{"spring"}}) // the store learns of revision 2
	require.NoError(t, err)
	now = now.Add(2 * time.Hour) // the offer runs out
	assert.Equal(t, status.ID("rule"), call(old).Status, "the old queue has compiled anew")
}
