package memstore

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

// FuzzLoad loads any bytes: there is an error that says where, or a store that is
// sound and can be saved and loaded again. Random changes would hardly come past
// the checksums, so the same bytes are tried with right ones, too.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(snapshotOf(f, New()))
	for _, st := range lived(f) {
		f.Add(snapshotOf(f, st))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		for _, stream := range [][]byte{stream, sealed(t, piecesOf(stream)...)} {
			st, err := Load(background, bytes.NewReader(stream))
			if err != nil {
				var wrong *SnapshotError
				require.True(t, errors.As(err, &wrong), "%v", err)
				require.LessOrEqual(t, wrong.Offset, int64(len(stream)))
				require.Nil(t, st)
				continue
			}
			st.audit(t)
			again := snapshotOf(t, st)
			st, err = Load(background, bytes.NewReader(again))
			require.NoError(t, err)
			require.Equal(t, again, snapshotOf(t, st))
		}
	})
}

// lived are stores in which something of every kind has happened.
func lived(t require.TestingT) (stores []*Store) {
	st := New()
	many(t, st, 4)
	var got campaign.Claimed
	require.NoError(t, st.Claim(background, campaign.Claim{Now: midday, Until: midday, Limit: 2, From: []campaign.Step{{
		Campaign: "c", Open: []string{"Europe/Warsaw"}, Max: 9, Sources: []campaign.Source{{Lane: status.LaneFresh}}}}}, &got))
	require.Len(t, got.Leased, 2)
	x := &got.Leased[0]
	ref := campaign.Ref{Campaign: "c", Record: x.Record.ID, Token: x.Lease.Token}
	written(t, st, campaign.Change{Ref: ref, Record: &x.Record, Call: &campaign.Call{Token: ref.Token, Campaign: "c", Record: ref.Record, Ended: midday,
		Contact: x.Record.Contact, Number: x.Record.Phones[0].Number, Before: &campaign.Before{Progress: x.Record.Progress, Phones: x.Record.Phones}},
		Actions: []campaign.Action{{ID: "a"}, {ID: "b"}}, Done: []string{"a"}, Contact: &campaign.Contact{ID: x.Record.Contact}})
	stores = append(stores, st)

	// A number and a contact whose records came to them in another order.
	st = New()
	for _, id := range []campaign.RecordID{"x", "y", "z"} {
		r := &campaign.Record{ID: id, Campaign: "d", Phones: []campaign.Phone{{Number: 48_600_000_001}}}
		written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "d", Record: id}, Add: true, Record: r})
	}
	for _, id := range []campaign.RecordID{"y", "x"} {
		for _, phones := range [][]campaign.Phone{nil, {{Number: 48_600_000_001}}} {
			r := &campaign.Record{ID: id, Campaign: "d", Phones: phones, Contact: "p", Sequence: 2}
			written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "d", Record: id}, Record: r})
		}
	}
	return append(stores, st)
}
