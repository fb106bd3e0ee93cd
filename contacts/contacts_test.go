package contacts_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/campaign/memstore"
	"github.com/nextcall/nextcall/contacts"
	"github.com/nextcall/nextcall/contacts/contactstest"
	"github.com/nextcall/nextcall/internal/plainstore"
	"github.com/nextcall/nextcall/status"
)

// rows: N1–N17
func TestThePlainStore(t *testing.T) {
	contactstest.Run(t, func(testing.TB) contacts.Store { return plainstore.New() })
}

// rows: N1–N17
func TestTheMemoryStore(t *testing.T) {
	contactstest.Run(t, func(testing.TB) contacts.Store { return memstore.New() })
}

// A store may keep contacts and no history: then the stories are told without it.
func TestAStoreThatTellsNoHistory(t *testing.T) {
	contactstest.Run(t, func(testing.TB) contacts.Store { return struct{ contacts.Store }{memstore.New()} })
}

// Of a line that is read the store keeps what the columns say, not the rest of it.
func TestAnImportKeepsNothingElseOfTheFile(t *testing.T) {
	inUse := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	const rows, length = 1000, 20_000
	before := inUse()
	n := 0
	book, err := contacts.New(memstore.New(), contacts.List{sales(t)}, contacts.Config{NewID: func() string { n++; return strconv.Itoa(n) }})
	require.NoError(t, err)
	var file bytes.Buffer
	file.WriteString("first;last;phone;id;mail;key;note;tag;x;rest\n")
	for i := range rows {
		fmt.Fprintf(&file, "A%d;B%d;+48600%06d;r%d;a%d@b.pl;k%d;n%d;t%d;e%d;%s\n", i, i, i, i, i, i, i, i, i, strings.Repeat("x", length))
	}
	done, err := book.Import(ctx, &file, contacts.Importing{Operation: "op", Campaign: "sales", Columns: append([]contacts.Column{
		{Name: "id", To: contacts.ToRecordID}, {Name: "mail", To: contacts.ToEmail}, {Name: "key", To: contacts.ToKey},
		{Name: "note", To: contacts.ToNote}, {Name: "tag", To: contacts.ToTag}, {Name: "x", To: contacts.ToExternalID},
	}, plain...)})
	require.NoError(t, err)
	require.Equal(t, rows, done.Records)
	file = bytes.Buffer{}
	require.Less(t, inUse()-before, 5.0, "megabytes, of a file of %d", rows*length/1_000_000)
	runtime.KeepAlive(book)
}

func TestWhatABookNeeds(t *testing.T) {
	_, err := contacts.New(nil, contacts.List{}, contacts.Config{})
	require.ErrorContains(t, err, "needs a store that keeps contacts")
	_, err = contacts.New(memstore.New(), nil, contacts.Config{})
	require.ErrorContains(t, err, "needs the host's campaigns")
	c, _, err := campaign.Compile(campaign.Config{ID: "sales", Revision: 1, Zone: "UTC",
		ContactFields: []campaign.Field{{Name: "score", Type: campaign.Int}}}, new(status.Dictionary), nil)
	require.NoError(t, err)
	_, err = contacts.New(memstore.New(), contacts.List{c}, contacts.Config{Fields: []campaign.Field{
		{Name: "score"}, {Name: "vip", Type: "flag"}, {Name: "vip"}, {Name: "pesel", RequiredWhen: "true"},
	}})
	for _, want := range []string{`fields[1].type "flag"`, `fields[2].name "vip"`, `fields[3].required_when`, `field "score" is of type string here and of type int in campaign "sales"`} {
		require.ErrorContains(t, err, want)
	}
}

// What follows is for the benchmark and the fuzzing.

var ctx = context.Background()

// plain are the columns of a file with head.
var plain = []contacts.Column{
	{Name: "first", To: contacts.ToFirstName}, {Name: "last", To: contacts.ToLastName}, {Name: "phone", To: contacts.ToPhone},
}

const head = "first;last;phone\n"

// sales is a campaign that takes all records.
func sales(t testing.TB) *campaign.Campaign {
	t.Helper()
	c, _, err := campaign.Compile(campaign.Config{ID: "sales", Revision: 1, Zone: "Europe/Warsaw", CalleeZone: "Europe/Warsaw"}, new(status.Dictionary), nil)
	require.NoError(t, err)
	return c
}
