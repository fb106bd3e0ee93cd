package memstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nextcall/nextcall/blacklist"
	"github.com/nextcall/nextcall/campaign"
	"github.com/nextcall/nextcall/status"
)

var midday = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func snapshotOf(t require.TestingT, st *Store) []byte {
	var b bytes.Buffer
	require.NoError(t, st.Snapshot(background, &b))
	return b.Bytes()
}

// reloaded is the store as it is after a restart. Its own snapshot is the same,
// and it is sound inside.
func reloaded(t require.TestingT, st *Store) *Store {
	saved := snapshotOf(t, st)
	loaded, err := Load(background, bytes.NewReader(saved))
	require.NoError(t, err)
	loaded.audit(t)
	require.True(t, bytes.Equal(saved, snapshotOf(t, loaded)), "the snapshot of what was loaded is the one that was saved")
	return loaded
}

func written(t require.TestingT, st *Store, changes ...campaign.Change) {
	errs, err := st.Commit(background, changes...)
	require.NoError(t, err)
	require.Nil(t, errs)
}

func TestEachByteOfASnapshotMatters(t *testing.T) {
	st, _ := everything(t)
	saved := snapshotOf(t, st)
	refused := func(stream []byte, what string, at int) {
		loaded, err := Load(background, bytes.NewReader(stream))
		var wrong *SnapshotError
		require.ErrorAs(t, err, &wrong, "%s byte %d", what, at)
		require.Nil(t, loaded)
		require.LessOrEqual(t, wrong.Offset, int64(at), "the block of the byte, or one before, is named")
	}
	for i := range saved {
		refused(saved[:i], "cut at", i)
		for _, bit := range []byte{1, 0x80, 0xff} {
			altered := slices.Clone(saved)
			altered[i] ^= bit
			refused(altered, "altered", i)
		}
	}
	refused(append(slices.Clone(saved), 0), "more behind", len(saved))
	// Through a reader that gives little at once it is the same.
	_, err := Load(background, iotest.OneByteReader(bytes.NewReader(saved)))
	require.NoError(t, err)
}

// piece is a block of a snapshot.
type piece struct {
	part part
	text []byte
}

func piecesOf(stream []byte) (pieces []piece) {
	for at := headLength; at+blockHead <= len(stream); {
		n := int(binary.LittleEndian.Uint32(stream[at+1:]))
		text := stream[at+blockHead:]
		text = text[:min(n, len(text))]
		pieces = append(pieces, piece{part(stream[at]), slices.Clone(text)})
		at += blockHead + n + sumLength
	}
	return pieces
}

// sealed makes a stream of blocks, with the checksums that they need.
func sealed(t require.TestingT, pieces ...piece) []byte {
	var b bytes.Buffer
	out := blockWriter{ctx: background, w: &b}
	require.NoError(t, out.head())
	for _, x := range pieces {
		require.NoError(t, out.block(x.part, append(make([]byte, blockHead), x.text...)))
	}
	return b.Bytes()
}

func TestWhatNoStoreSavesIsNotLoaded(t *testing.T) {
	st, _ := everything(t)
	pieces := piecesOf(snapshotOf(t, st))
	reseal := func(edit func([]piece) []piece) error {
		_, err := Load(background, bytes.NewReader(sealed(t, edit(slices.Clone(pieces))...)))
		return err
	}
	require.NoError(t, reseal(func(p []piece) []piece { return p }))
	for i := range pieces {
		assert.Error(t, reseal(func(p []piece) []piece { return slices.Delete(p, i, i+1) }), "without block %d", i)
		assert.Error(t, reseal(func(p []piece) []piece { return slices.Insert(p, i, p[i]) }), "block %d twice", i)
		if i > 0 {
			assert.Error(t, reseal(func(p []piece) []piece { p[i-1], p[i] = p[i], p[i-1]; return p }), "block %d before the one before it", i)
		}
		assert.Error(t, reseal(func(p []piece) []piece { p[i].text = nil; return p }), "block %d empty", i)
		assert.Error(t, reseal(func(p []piece) []piece { p[i].text = p[i].text[:len(p[i].text)-1]; return p }), "block %d shorter", i)
		assert.Error(t, reseal(func(p []piece) []piece { p[i].text = append(slices.Clone(p[i].text), 0); return p }), "block %d longer", i)
		assert.Error(t, reseal(func(p []piece) []piece { p[i].part = numParts; return p }), "block %d of no part", i)
	}
}

func TestANewerVersionIsRefused(t *testing.T) {
	stream := binary.LittleEndian.AppendUint16([]byte(snapshotMark), snapshotVersion+1)
	stream = binary.LittleEndian.AppendUint32(stream, crc32.Checksum(stream, castagnoli))
	_, err := Load(background, bytes.NewReader(append(stream, "whatever comes then"...)))
	var wrong *SnapshotError
	require.ErrorAs(t, err, &wrong)
	assert.Zero(t, wrong.Offset)
	assert.ErrorContains(t, err, "it is of version 4, and this program reads versions 1 to 3")

	_, err = Load(background, strings.NewReader("name,number\nEva,+48600100200, and more of that kind\n"))
	assert.ErrorContains(t, err, `the stream is no snapshot: one begins with "nextcall snapshot\n"`)
}

func TestSnapshotsEndWithTheirContext(t *testing.T) {
	st := New()
	gone, cancel := context.WithCancel(background)
	cancel()
	assert.ErrorIs(t, st.Snapshot(gone, io.Discard), context.Canceled)
	_, err := Load(gone, strings.NewReader(""))
	assert.ErrorIs(t, err, context.Canceled)

	// In the middle, too: the writer and the reader themselves cancel it.
	many(t, st, 30_000)
	saved := snapshotOf(t, st)
	require.Greater(t, len(saved), 3*blockFill)
	later, cancel := context.WithCancel(background)
	blocks := 0
	err = st.Snapshot(later, writerFunc(func(p []byte) (int, error) {
		if blocks++; blocks == 3 {
			cancel()
		}
		return len(p), nil
	}))
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 3, blocks)
	later, cancel = context.WithCancel(background)
	first := io.LimitReader(bytes.NewReader(saved), blockFill)
	_, err = Load(later, io.MultiReader(first, readerFunc(func([]byte) (int, error) { cancel(); return 0, io.EOF }), bytes.NewReader(saved[blockFill:])))
	assert.ErrorIs(t, err, context.Canceled)
	// The store goes on after it.
	reloaded(t, st)
}

type (
	writerFunc func([]byte) (int, error)
	readerFunc func([]byte) (int, error)
)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
func (f readerFunc) Read(p []byte) (int, error)  { return f(p) }

func TestErrorsOfTheStreamAreTold(t *testing.T) {
	st, _ := everything(t)
	full := errors.New("the disk is full")
	assert.ErrorIs(t, st.Snapshot(background, writerFunc(func([]byte) (int, error) { return 0, full })), full)
	torn := errors.New("the disk is torn")
	saved := snapshotOf(t, st)
	for _, n := range []int{0, 3, len(saved) / 2, len(saved)} {
		_, err := Load(background, io.MultiReader(bytes.NewReader(saved[:n]), iotest.ErrReader(torn)))
		assert.ErrorIs(t, err, torn)
		var wrong *SnapshotError
		assert.ErrorAs(t, err, &wrong)
	}
	_, err := Load(background, bytes.NewReader(saved[:len(saved)/2]))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestAFieldOfAnotherTypeHasNoSnapshot(t *testing.T) {
	st := New()
	r := &campaign.Record{ID: "r", Campaign: "c", Fields: campaign.Fields{"odd": []int{1}}}
	written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: "r"}, Add: true, Record: r})
	assert.EqualError(t, st.Snapshot(background, io.Discard),
		`record "r" of campaign "c": a field has a value of type []int: a snapshot keeps string, int64, int, float64, bool, time.Time and []string`)
	// It ends nothing else.
	r = &campaign.Record{ID: "r", Campaign: "c", Version: 1}
	written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: "r"}, Record: r})
	reloaded(t, st)
}

// many adds n ordinary records.
func many(t require.TestingT, st *Store, n int) {
	for i := range n {
		r := &campaign.Record{
			ID: campaign.RecordID(fmt.Sprintf("r%08d", i)), Campaign: "c", Contact: campaign.ContactID(fmt.Sprintf("c%08d", i)), Class: "Europe/Warsaw",
			Sort: 1 << 16, Created: midday, Updated: midday, Author: "engine", Phones: []campaign.Phone{{Number: blacklist.Number(48_600_000_000 + i), Zones: []string{"Europe/Warsaw"}}},
			Progress: campaign.Progress{Standing: status.StandingQueued, Lane: status.LaneFresh, StatusAt: midday},
		}
		e := added(r)
		written(t, st, campaign.Change{Ref: campaign.Ref{Campaign: "c", Record: r.ID}, Add: true, Record: r, Entry: &e})
	}
}

func TestTheRecordThatHadANumberFirstIsStillNamedAsItsDuplicate(t *testing.T) {
	for i, st := range lived(t) {
		loaded := reloaded(t, st)
		if i != 1 {
			continue
		}
		for _, r := range []campaign.Record{
			{ID: "new", Campaign: "d", Phones: []campaign.Phone{{Number: 48_600_000_001}}},
			{ID: "new", Campaign: "d", Contact: "p"},
		} {
			var named [2]*campaign.DuplicateError
			for k, st := range []*Store{st, loaded} {
				errs, err := st.Commit(background, campaign.Change{Ref: campaign.Ref{Campaign: "d", Record: "new"}, Add: true, UniqueNumbers: true, Record: &r})
				require.NoError(t, err)
				require.Len(t, errs, 1)
				require.ErrorAs(t, errs[0], &named[k])
			}
			assert.Equal(t, named[0], named[1])
			assert.NotEqual(t, campaign.RecordID("x"), named[0].Existing.Record, "the first record was not the first to have it")
		}
	}
}

func TestLoadedRecordsTakeNoMoreRoomThanAddedOnes(t *testing.T) {
	st := New()
	many(t, st, 10)
	rows := reloaded(t, st).lines[1]
	assert.Zero(t, rows.past.slab.Len(), "the line that they were added is a flag")
	assert.Equal(t, 1, rows.rows.pasts.Len(), "nothing has happened to them")
	assert.Equal(t, 1, len(rows.sorted[0].lanes[status.LaneFresh].runs.list), "they are in a run")
	assert.Zero(t, rows.sorted[0].lanes[status.LaneFresh].strays.live)
}
