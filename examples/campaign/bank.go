package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// bankColumns are those by which the file of a bank's real campaign is known:
// the Bank Marketing data set of the UCI Machine Learning Repository.
var bankColumns = []string{"age", "job", "marital", "balance", "duration", "campaign", "pdays", "poutcome", "y"}

func isBank(t *table) bool {
	for _, c := range bankColumns {
		if t.column(c) < 0 {
			return false
		}
	}
	return true
}

// fromBank makes one record a client. The file has no numbers: the client of
// row n has +351 9, and n in eight digits. The client takes as many calls as
// the column campaign says; the last one is answered, lasts duration seconds,
// and ends in a sale if y is "yes". No limit on attempts keeps that from
// happening, only gaps and the daily cap.
func fromBank(t *table) *source {
	s := &source{name: t.name + " (bank)", zone: "Europe/Lisbon", bad: t.bad, read: len(t.rows) + len(t.bad), scripts: map[campaign.RecordID]script{}}
	at := map[string]int{}
	for _, c := range bankColumns {
		at[c] = t.column(c)
	}
	for i, r := range t.rows {
		var err error
		number := func(column string, least int) int {
			n, e := strconv.Atoi(r.cells[at[column]])
			if (e != nil || n < least) && err == nil {
				err = &inputError{File: t.name, Line: r.line, Column: column, Msg: fmt.Sprintf("%q: want a whole number, at least %d", r.cells[at[column]], least)}
			}
			return n
		}
		calls, talk := number("campaign", 1), number("duration", 0)
		age, balance := number("age", 0), number("balance", -1_000_000_000)
		y := r.cells[at["y"]]
		if err == nil && y != "yes" && y != "no" {
			err = &inputError{File: t.name, Line: r.line, Column: "y", Msg: fmt.Sprintf("%q: want yes or no", y)}
		}
		phone, e := blacklist.NumberFrom(351_900_000_000 + uint64(i) + 1)
		if err == nil && e != nil {
			err = &inputError{File: t.name, Line: r.line, Msg: e.Error()}
		}
		if err != nil {
			s.bad = append(s.bad, err)
			continue
		}
		id := campaign.RecordID("client" + strconv.Itoa(i+1))
		s.add(campaign.Record{
			ID: id, Campaign: campaignID, Type: "client",
			Phones: []campaign.Phone{{Number: phone, Zones: []string{s.zone}, Region: "PT"}},
			Fields: campaign.Fields{"job": r.cells[at["job"]], "age": int64(age), "balance": int64(balance)},
		}, t.name, r.line)
		s.scripts[id] = script{calls: calls, talk: time.Duration(talk) * time.Second, yes: y == "yes"}
	}
	s.sortBad()
	return s
}
