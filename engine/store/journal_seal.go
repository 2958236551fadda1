package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenon/engine/store/lower"
)

// Limits of sealing.
const (
	sealInterval   = time.Second
	sealBatch      = 512 // entries of one seal
	digestBytes    = sha256.Size
	sealedBytes    = 8 + digestBytes // sequence number and digest of one entry
	checkpointFile = "audit.head"
	// sealLock is the key of PostgreSQL's advisory lock that makes one sealer at a time.
	sealLock = 0x74656e6f6e02
)

type sealRow struct {
	Position int64 `gorm:"primaryKey;autoIncrement:false"`
	LastXid  int64
	LastSeq  int64
	Entries  int64
	Total    int64
	Digests  []byte
	Hash     []byte
	At       int64
}

func (sealRow) TableName() string { return "seals" }

// sealAlways seals what is new whenever a write nudges it and every second (other servers may have written).
func (s *Store) sealAlways(ctx context.Context) {
	tick := time.NewTicker(sealInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.sealer:
			// Wait a moment, so that a run of writes is sealed together.
			if pause(ctx, sealInterval/2) != nil {
				return
			}
		}
		if _, err := s.Seal(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "journal not sealed", "error", err)
		}
	}
}

// Seal links all entries that are committed and not yet sealed to the chain and returns how many. It runs by
// itself every second; a caller needs it only to be sure, before a backup for instance.
func (s *Store) Seal(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := s.sealOnce(ctx)
		if err != nil {
			return total, fmt.Errorf("seal journal: %w", err)
		}
		total += n
		if n < sealBatch {
			return total, nil
		}
	}
}

// sealOnce looks without the writer whether there is anything to do.
func (s *Store) sealOnce(ctx context.Context) (n int, err error) {
	last, err := s.read.lastSeal(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := s.read.unsealed(ctx, last, 1)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	if err := s.follows(last); err != nil {
		return 0, err
	}
	var seal sealRow
	err = s.Write(ctx, Pin{}, func(ctx context.Context, tx *Tx) error {
		n, seal, err = tx.seal(ctx)
		return err
	})
	if err != nil || n == 0 {
		return 0, err
	}
	return n, s.writeCheckpoint(Checkpoint{Position: seal.Position, Total: seal.Total, Hash: seal.Hash})
}

// follows makes sure that the chain still has the end that the checkpoint knows: a sealer that built on a chain
// that was cut would cover the traces.
func (s *Store) follows(last sealRow) error {
	c, err := s.readCheckpoint()
	if err != nil || c == nil {
		return err
	}
	if last.Position < c.Position || last.Position == c.Position && !bytes.Equal(last.Hash, c.Hash) {
		return fmt.Errorf("%w: the sealed chain does not reach the checkpoint in %s", ErrDamaged, checkpointFile)
	}
	return nil
}

func (tx *Tx) seal(ctx context.Context) (int, sealRow, error) {
	if tx.s.Dialect() == lower.Postgres {
		if _, err := tx.on.exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(sealLock)); err != nil {
			return 0, sealRow{}, tx.s.wrap("lock seals", err)
		}
	}
	last, err := tx.lastSeal(ctx)
	if err != nil {
		return 0, sealRow{}, err
	}
	rows, err := tx.unsealed(ctx, last, sealBatch)
	if err != nil || len(rows) == 0 {
		return 0, sealRow{}, err
	}
	next := sealRow{
		Position: last.Position + 1, Entries: int64(len(rows)), Total: last.Total + int64(len(rows)), At: tx.s.micros(),
		Digests: make([]byte, 0, len(rows)*sealedBytes),
	}
	for _, row := range rows {
		digest, err := row.digest()
		if err != nil {
			return 0, sealRow{}, err
		}
		next.Digests = binary.BigEndian.AppendUint64(next.Digests, uint64(row.Seq))
		next.Digests = append(next.Digests, digest[:]...)
		next.LastXid, next.LastSeq = row.xid, row.Seq
	}
	next.Hash = next.chain(last.Hash)
	return len(rows), next, tx.s.wrap("insert seal", tx.models(ctx).Create(&next).Error)
}

// chain is the hash of a seal over the one before it.
func (r *sealRow) chain(prev []byte) []byte {
	h := sha256.New()
	h.Write([]byte("tenon.seal.v1"))
	for _, n := range []int64{r.Position, r.Entries, r.Total, int64(len(prev))} {
		_ = binary.Write(h, binary.BigEndian, n) // a hash accepts every write
	}
	h.Write(prev)
	h.Write(r.Digests)
	return h.Sum(nil)
}

// digest is over every column of an entry but its number, which the seal keeps beside it. The parts are written
// as JSON so that no two entries read alike; the data goes in by its own digest.
func (e Entry) digest() ([digestBytes]byte, error) {
	data := sha256.Sum256([]byte(jsonText(e.Data)))
	text, err := json.Marshal([]any{
		"tenon.entry.v1", e.At.UnixMicro(), e.Actor, e.ActorKind, e.Action, e.App, e.EntityID, e.RecordID,
		e.Version, data[:], e.RequestID, e.Code,
	})
	if err != nil {
		return [digestBytes]byte{}, fmt.Errorf("digest entry: %w", err)
	}
	return sha256.Sum256(text), nil
}

// lastSeal is the newest seal, without its digests; the zero one when there is none.
func (r *Reader) lastSeal(ctx context.Context) (sealRow, error) {
	var row sealRow
	err := r.models(ctx).Omit("digests").Order(clause.OrderByColumn{Column: clause.Column{Name: "position"}, Desc: true}).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return sealRow{}, nil
	}
	return row, r.s.wrap("read last seal", err)
}

// unsealed lists entries after the last seal whose place in the order is final.
func (r *Reader) unsealed(ctx context.Context, last sealRow, limit int) ([]journalRow, error) {
	rows, err := r.journalRows(ctx, journalSelect+following[r.s.Dialect()], last.LastXid, last.LastSeq, limit)
	return rows, r.s.wrap("read unsealed entries", err)
}

// Checkpoint is the end of the sealed chain at some time. Whoever keeps it elsewhere can tell that a chain was
// cut or replaced.
type Checkpoint struct {
	Position int64  `json:"position"` // of the last seal
	Total    int64  `json:"total"`    // entries sealed up to it
	Hash     []byte `json:"hash"`
}

// writeCheckpoint keeps the checkpoint in the data folder; it replaces the file at once or not at all.
func (s *Store) writeCheckpoint(c Checkpoint) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := os.MkdirAll(s.dir, privateDirMode); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return replaceFile(filepath.Join(s.dir, checkpointFile), append(text, '\n'))
}

// readCheckpoint reads what writeCheckpoint kept; nil when there is none.
func (s *Store) readCheckpoint() (*Checkpoint, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, checkpointFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	var c Checkpoint
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", ErrDamaged)
	}
	return &c, nil
}

// replaceFile writes a file beside its place and moves it there.
func replaceFile(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", filepath.Base(path), err), os.Remove(f.Name()))
		}
	}()
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
