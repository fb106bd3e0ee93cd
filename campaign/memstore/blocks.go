package memstore

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// A snapshot begins with this text, a version of two bytes, and the checksum of
// both. Then come blocks: the part that they belong to in one byte, the length
// of what is in them in four, that, and a checksum of four. Numbers of a fixed
// length have their lowest byte first. A checksum is a CRC-32C that goes on from
// the one before, so that a block that is left out, or is at another place, is
// found like one that was altered.
const (
	snapshotMark    = "nextcall snapshot\n"
	snapshotVersion = 3
	// oldestVersion is the first that is still read. Version 2 has a record's
	// tags, a contact's country and what else a rule would have set: they are
	// questions at the end of their masks, which version 1 leaves at no. So are those
	// of version 3: when a contact was written, by whom and how often, and the ids
	// that became it.
	oldestVersion = 1

	headLength  = len(snapshotMark) + 2 + 4
	blockHead   = 1 + 4
	blockFill   = 256 << 10 // what a block has when it ends; with the last thing in it mostly more
	blockLimit  = 1 << 30   // what it has at the most
	blockPiece  = 1 << 20   // how much memory a length is trusted with at once
	sumLength   = 4
	blockBuffer = 64 << 10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// part is a part of a snapshot. They come in this order; each campaign is
// followed by its own records.
type part uint8

const (
	partNone    part = iota
	partStore        // the counters that all campaigns share: one thing
	partPeople       // the contacts' data
	partLine         // a campaign
	partRecords      // of the campaign before
	partCalls        // the log
	partLeases       // the live ones
	partMembers      // numbers and contacts whose records are in an order of their own
	partLists        // the host's own blacklists
	partActions      // the outbox
	partEnd          // how many things there were of each part
	numParts
)

var partNames = [numParts]string{
	"", "the store's counters", "the contacts", "a campaign", "the records", "the calls", "the leases",
	"the order of records", "the blacklists", "the actions", "the end",
}

// SnapshotError says that a stream is not a snapshot that can be loaded.
type SnapshotError struct {
	Offset int64 // of the block that is wrong, in bytes
	Msg    string
	Err    error // the cause, or nil
}

func (e *SnapshotError) Error() string {
	text := fmt.Sprintf("snapshot, block at byte %d: %s", e.Offset, e.Msg)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *SnapshotError) Unwrap() error { return e.Err }

// blockWriter writes blocks.
type blockWriter struct {
	ctx context.Context
	w   io.Writer
	sum uint32
}

func (b *blockWriter) write(text []byte) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	b.sum = crc32.Update(b.sum, castagnoli, text)
	_, err := b.w.Write(binary.LittleEndian.AppendUint32(text, b.sum))
	return err
}

func (b *blockWriter) head() error {
	return b.write(binary.LittleEndian.AppendUint16([]byte(snapshotMark), snapshotVersion))
}

// block writes a block whose head has been left free.
func (b *blockWriter) block(p part, text []byte) error {
	n := len(text) - blockHead
	if n > blockLimit {
		return fmt.Errorf("one of %s needs %d bytes: a snapshot has room for %d", partNames[p], n, blockLimit)
	}
	text[0] = byte(p)
	binary.LittleEndian.PutUint32(text[1:], uint32(n))
	return b.write(text)
}

// blockReader reads what a blockWriter wrote.
type blockReader struct {
	ctx  context.Context
	r    *bufio.Reader
	sum  uint32
	at   int64 // where the block begins
	next int64 // where the one behind it does
	buf  []byte
}

func newBlockReader(ctx context.Context, r io.Reader) *blockReader {
	return &blockReader{ctx: ctx, r: bufio.NewReaderSize(r, blockBuffer)}
}

func (b *blockReader) wrong(cause error, format string, args ...any) error {
	return &SnapshotError{Offset: b.at, Msg: fmt.Sprintf(format, args...), Err: cause}
}

// read appends n bytes to buf. It asks for no more memory than it gets to fill.
func (b *blockReader) read(n int) error {
	for n > 0 {
		from, size := len(b.buf), min(n, blockPiece)
		b.buf = append(b.buf, make([]byte, size)...)
		got, err := io.ReadFull(b.r, b.buf[from:])
		b.next += int64(got)
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			return b.wrong(io.ErrUnexpectedEOF, "the stream ends at byte %d, before the snapshot does", b.next)
		case err != nil:
			return b.wrong(err, "it cannot be read")
		}
		n -= size
	}
	return nil
}

// check reads a checksum and compares it with that of buf.
func (b *blockReader) check() error {
	n := len(b.buf)
	if err := b.read(sumLength); err != nil {
		return err
	}
	b.sum = crc32.Update(b.sum, castagnoli, b.buf[:n])
	if said := binary.LittleEndian.Uint32(b.buf[n:]); said != b.sum {
		return b.wrong(nil, "it was altered: its checksum is %08x, not %08x", b.sum, said)
	}
	return nil
}

func (b *blockReader) head() error {
	if err := b.read(headLength - sumLength); err != nil {
		return err
	}
	if string(b.buf[:len(snapshotMark)]) != snapshotMark {
		return b.wrong(nil, "the stream is no snapshot: one begins with %q", snapshotMark)
	}
	version := binary.LittleEndian.Uint16(b.buf[len(snapshotMark):])
	if err := b.check(); err != nil {
		return err
	}
	if version < oldestVersion || version > snapshotVersion {
		return b.wrong(nil, "it is of version %d, and this program reads versions %d to %d: load it with the program that wrote it, or a newer one", version, oldestVersion, snapshotVersion)
	}
	return nil
}

// block reads the next block.
func (b *blockReader) block() (part, string, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, "", err
	}
	b.at, b.buf = b.next, b.buf[:0]
	if err := b.read(blockHead); err != nil {
		return 0, "", err
	}
	p, n := part(b.buf[0]), binary.LittleEndian.Uint32(b.buf[1:])
	if n > blockLimit {
		return 0, "", b.wrong(nil, "it says that it has %d bytes: one has at most %d", n, blockLimit)
	}
	if err := b.read(int(n)); err != nil {
		return 0, "", err
	}
	if err := b.check(); err != nil {
		return 0, "", err
	}
	text := string(b.buf[blockHead : blockHead+int(n)])
	if cap(b.buf) > 4*blockPiece {
		b.buf = nil
	}
	return p, text, nil
}

// end wants the stream to end behind the last block.
func (b *blockReader) end() error {
	switch _, err := b.r.ReadByte(); err {
	case io.EOF:
		return nil
	case nil:
		b.at = b.next
		return b.wrong(nil, "there is more behind the end of the snapshot")
	default:
		return b.wrong(err, "it cannot be read")
	}
}
