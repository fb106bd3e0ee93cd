package enginetest_test

import (
	"time"

	"github.com/nextcall/nextcall/campaign"
)

// variables are what the measured conditions can read, as a host without
// campaign/rule would write them down: for cel-go with structs, and for expr.
// That is a part of what campaign/rule has, so making them is cheaper here.
type variables struct {
	Now      time.Time      `expr:"now"`
	Call     *callValues    `expr:"call"`
	Record   *recordValues  `expr:"record"`
	Attempts *attemptValues `expr:"attempts"`
	Phone    *phoneValues   `expr:"phone"`
}

type callValues struct {
	Outcome string        `cel:"outcome" expr:"outcome"`
	Ring    time.Duration `cel:"ring" expr:"ring"`
	Talk    time.Duration `cel:"talk" expr:"talk"`
}

type recordValues struct {
	ExternalID string       `cel:"external_id" expr:"external_id"`
	Status     string       `cel:"status" expr:"status"`
	Qualifier  string       `cel:"qualifier" expr:"qualifier"`
	Attempts   int64        `cel:"attempts" expr:"attempts"`
	Order      int64        `cel:"order" expr:"order"`
	LastCall   time.Time    `cel:"last_call" expr:"last_call"`
	Tags       []string     `cel:"tags" expr:"tags"`
	Fields     *fieldValues `cel:"fields" expr:"fields"`
}

type fieldValues struct {
	City    string  `cel:"city" expr:"city"`
	Balance float64 `cel:"balance" expr:"balance"`
	VIP     bool    `cel:"vip" expr:"vip"`
}

type attemptValues struct {
	Total           int64 `cel:"total" expr:"total"`
	Busy            int64 `cel:"busy" expr:"busy"`
	NoAnswer        int64 `cel:"no_answer" expr:"no_answer"`
	StreakNoContact int64 `cel:"streak_no_contact" expr:"streak_no_contact"`
}

type phoneValues struct {
	Country string `cel:"country" expr:"country"`
	Left    int64  `cel:"left" expr:"left"`
}

func newVariables() *variables {
	return &variables{Call: &callValues{}, Record: &recordValues{Fields: &fieldValues{}}, Attempts: &attemptValues{}, Phone: &phoneValues{}}
}

// fill makes the variables anew, in the memory of the last ones.
func (v *variables) fill(f *campaign.Facts, call *campaign.Call, now time.Time) {
	r := &f.Record
	v.Now = now
	*v.Call = callValues{}
	*v.Phone = phoneValues{Left: int64(phonesLeft(f))}
	if call != nil {
		*v.Call = callValues{Outcome: call.Outcome.String(), Ring: call.Ring, Talk: call.Talk}
		if i := r.Phone(call.Number); i >= 0 {
			v.Phone.Country = r.Phones[i].Region
		}
	}
	fields := v.Record.Fields
	fields.City, _ = r.Fields["city"].(string)
	fields.Balance, _ = r.Fields["balance"].(float64)
	fields.VIP, _ = r.Fields["vip"].(bool)
	*v.Record = recordValues{
		ExternalID: r.ExternalID, Status: string(r.Status), Qualifier: r.Qualifier.String(), Attempts: int64(r.Attempts.SinceReset),
		Order: int64(r.Order), LastCall: r.LastCall, Tags: r.Tags, Fields: fields,
	}
	a := &r.Attempts
	*v.Attempts = attemptValues{
		Total: int64(a.Total), Busy: int64(a.ByOutcome[campaign.LineBusy]), NoAnswer: int64(a.ByOutcome[campaign.NoAnswer]), StreakNoContact: int64(a.Unanswered),
	}
}

// mapped are the same variables as maps, for cel-go without types.
func mapped(f *campaign.Facts, call *campaign.Call, now time.Time) map[string]any {
	r := &f.Record
	phone := map[string]any{"left": int64(phonesLeft(f)), "country": ""}
	made := map[string]any{
		"now": now,
		"record": map[string]any{
			"external_id": r.ExternalID, "status": string(r.Status), "qualifier": r.Qualifier.String(), "attempts": int64(r.Attempts.SinceReset),
			"order": int64(r.Order), "last_call": r.LastCall, "tags": r.Tags, "fields": map[string]any(r.Fields),
		},
		"attempts": map[string]any{
			"total": int64(r.Attempts.Total), "busy": int64(r.Attempts.ByOutcome[campaign.LineBusy]),
			"no_answer": int64(r.Attempts.ByOutcome[campaign.NoAnswer]), "streak_no_contact": int64(r.Attempts.Unanswered),
		},
		"phone": phone,
	}
	if call != nil {
		made["call"] = map[string]any{"outcome": call.Outcome.String(), "ring": call.Ring, "talk": call.Talk}
		if i := r.Phone(call.Number); i >= 0 {
			phone["country"] = r.Phones[i].Region
		}
	}
	return made
}
