package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
)

// source is where the records come from, and how its people behave.
type source struct {
	name     string // for people: a file, or the seed
	records  []campaign.Record
	places   []string // of each record, for messages: "contacts.csv:12"
	zone     string   // of the campaign
	bad      []error  // rows that could not be read
	read     int      // rows, bad ones included
	attempts int      // lifetime limit of a record; 0: none
	rules    bool     // statuses are set by rule
	listed   bool     // some of the numbers are on the blacklist beforehand
	scripts  map[campaign.RecordID]script
}

// country is where made-up people live.
type country struct {
	share    int // of 100
	region   string
	zone     string
	prefixes []string // of numbers, country code included
	digits   int      // of a whole number
	first    []string
	last     []string
}

var (
	polishFirst   = []string{"Anna", "Katarzyna", "Małgorzata", "Agnieszka", "Zofia", "Piotr", "Krzysztof", "Tomasz", "Michał", "Łukasz"}
	polishLast    = []string{"Nowak", "Wójcik", "Kowalczyk", "Woźniak", "Mazur", "Krawczyk", "Zając", "Król", "Wróbel", "Pawlak", "Sikora", "Bąk"}
	czechFirst    = []string{"Jana", "Eva", "Hana", "Lenka", "Tereza", "Jiří", "Petr", "Jan", "Tomáš", "Ondřej"}
	czechLast     = []string{"Novák", "Svoboda", "Dvořák", "Černý", "Procházka", "Kučera", "Veselý", "Horák"}
	englishFirst  = []string{"Mary", "Linda", "Susan", "Karen", "James", "Robert", "David", "William"}
	englishLast   = []string{"Smith", "Johnson", "Brown", "Miller", "Davis", "Wilson", "Clark", "Lewis"}
	asianFirst    = []string{"Aarav", "Priya", "Sita", "Ram", "Haruto", "Yui", "Wei", "Mei"}
	asianLast     = []string{"Sharma", "Patel", "Gurung", "Thapa", "Sato", "Suzuki", "Tan", "Lim"}
	iberianFirst  = []string{"Maria", "Ana", "Inês", "Beatriz", "João", "José", "Tiago", "Rui"}
	iberianLast   = []string{"Silva", "Santos", "Ferreira", "Pereira", "Oliveira", "Costa", "Gonçalves"}
	polishNumbers = []string{"4850", "4851", "4853", "4860", "4866", "4869", "4872", "4878", "4888", "4822", "4812"}
)

// countries are the made-up people's: numbers are drawn from ranges with the
// shape of real ones.
func countries() []country {
	return []country{
		{52, "PL", "Europe/Warsaw", polishNumbers, 11, polishFirst, polishLast},
		{16, "CZ", "Europe/Prague", []string{"420602", "420723", "420774"}, 12, czechFirst, czechLast},
		{5, "PT", "Europe/Lisbon", []string{"35191", "35193", "35196"}, 12, iberianFirst, iberianLast},
		{5, "GB", "Europe/London", []string{"447700"}, 12, englishFirst, englishLast},
		{6, "US", "America/New_York", []string{"1212555", "1646555", "1718555"}, 11, englishFirst, englishLast},
		{3, "US", "America/Chicago", []string{"1312555", "1773555"}, 11, englishFirst, englishLast},
		{3, "US", "America/Los_Angeles", []string{"1213555", "1310555"}, 11, englishFirst, englishLast},
		{4, "", "Asia/Kolkata", []string{"9198"}, 12, asianFirst, asianLast},
		{1, "", "Asia/Kathmandu", []string{"97798"}, 13, asianFirst, asianLast},
		{3, "", "Asia/Tokyo", []string{"8190"}, 12, asianFirst, asianLast},
		{2, "", "Asia/Singapore", []string{"659"}, 10, asianFirst, asianLast},
	}
}

// madeUp makes n contacts from a seed.
func madeUp(n int, seed uint64) *source {
	rng := rand.New(rand.NewPCG(seed, 1))
	all := countries()
	taken := make(map[blacklist.Number]bool, 2*n)
	s := &source{
		name: fmt.Sprintf("%s made-up contacts", grouped(n)), zone: "Europe/Warsaw", read: n,
		attempts: 6, rules: true, listed: true,
		records: make([]campaign.Record, 0, n), places: make([]string, 0, n),
	}
	for i := range n {
		at := all[0]
		for pick, k := rng.IntN(100), 0; k < len(all); k++ {
			if pick -= all[k].share; pick < 0 {
				at = all[k]
				break
			}
		}
		phones := 1
		switch p := rng.IntN(1000); {
		case p < 3:
			phones = 0 // somebody forgot to ask
		case p < 80:
			phones = 3
		case p < 400:
			phones = 2
		}
		r := campaign.Record{
			ID: campaign.RecordID(fmt.Sprintf("c%05d", i+1)), Campaign: campaignID, Type: "person",
			Fields: campaign.Fields{
				"name":    at.first[rng.IntN(len(at.first))] + " " + at.last[rng.IntN(len(at.last))],
				"balance": balance(rng),
			},
		}
		for k := range phones {
			number := at.number(rng, taken)
			r.Phones = append(r.Phones, campaign.Phone{
				Number: number, Label: []string{"mobile", "home", "work"}[k], Zones: []string{at.zone}, Region: at.region,
			})
		}
		if rng.IntN(100) < 3 {
			r.Order = 1 // good customers first
		}
		s.records = append(s.records, r)
		s.places = append(s.places, fmt.Sprintf("contact %d", i+1))
	}
	return s
}

// balance is what a contact has in the bank: one in twenty has more than 5,000.
func balance(rng *rand.Rand) int64 {
	if rng.IntN(20) == 0 {
		return 5001 + rng.Int64N(45_000)
	}
	return rng.Int64N(5000)
}

// number draws one that nobody has yet.
func (c country) number(rng *rand.Rand, taken map[blacklist.Number]bool) blacklist.Number {
	for {
		text := c.prefixes[rng.IntN(len(c.prefixes))]
		for len(text) < c.digits {
			text += string(rune('0' + rng.IntN(10)))
		}
		u, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			panic(err) // a prefix above is not digits
		}
		number, err := blacklist.NumberFrom(u)
		if err == nil && !taken[number] {
			taken[number] = true
			return number
		}
	}
}

// grouped writes 12345 as "12,345".
func grouped(n int) string {
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
