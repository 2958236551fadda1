package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"
)

// AuditReport is what VerifyAudit found.
type AuditReport struct {
	Sealed   int64 // entries whose seals hold, up to the break if there is one
	Unsealed int64 // entries newer than the last seal
	Head     Checkpoint
	Break    *AuditBreak // nil when the chain is whole
}

// AuditBreak is the first place where the journal is not what was sealed. Seq is the entry's number, 0 when the
// break is not at an entry but at a seal; Position is the seal's.
type AuditBreak struct {
	Seq      int64
	Position int64
	Reason   string
}

// The reasons of breaks.
const (
	BreakChanged  = "the entry was changed"
	BreakMissing  = "the entry is missing"
	BreakForeign  = "the entry was added among sealed ones"
	BreakSeal     = "the seal was changed"
	BreakSealGone = "a seal is missing"
	BreakTail     = "the end of the chain was cut off"
	BreakHistory  = "the chain is not the one that was checkpointed"
)

// VerifyAudit checks every seal and every sealed entry, and the checkpoint in the data folder. It names the first
// break; an error means that it could not look.
func (s *Store) VerifyAudit(ctx context.Context) (report *AuditReport, err error) {
	tx, err := s.db.snapshot(ctx)
	if err != nil {
		return nil, s.wrap("verify audit", err)
	}
	defer func() { err = errors.Join(err, tx.rollback()) }()
	v := &verifier{r: &Reader{s: s, on: tx}, report: &AuditReport{}}
	if v.checkpoint, err = s.readCheckpoint(); err != nil {
		return nil, err
	}
	if err := v.walk(ctx); err != nil {
		return nil, s.wrap("verify audit", err)
	}
	return v.report, nil
}

type verifier struct {
	r          *Reader
	report     *AuditReport
	checkpoint *Checkpoint
	seqs       []int64 // all sealed entries
}

func (v *verifier) broken(seq, position int64, reason string) {
	if v.report.Break == nil {
		v.report.Break = &AuditBreak{Seq: seq, Position: position, Reason: reason}
	}
}

// walk goes through the seals in order.
func (v *verifier) walk(ctx context.Context) error {
	var last sealRow
	for {
		var seal sealRow
		res := v.r.models(ctx).Where(clause.Gt{Column: "position", Value: last.Position}).Order("position").Limit(1).Find(&seal)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			break
		}
		if err := v.seal(ctx, last, seal); err != nil || v.report.Break != nil {
			return err
		}
		last = seal
	}
	if v.checkpoint != nil && last.Position < v.checkpoint.Position {
		v.broken(0, last.Position+1, BreakTail)
		return nil
	}
	return v.rest(ctx, last)
}

func (v *verifier) seal(ctx context.Context, last, seal sealRow) error {
	if seal.Position != last.Position+1 {
		v.broken(0, last.Position+1, BreakSealGone)
		return nil
	}
	entries, ok := readDigests(seal.Digests)
	// What a seal says of its entries is looked at first, so that a changed entry is named and not only its seal.
	if ok {
		if err := v.entries(ctx, seal, entries); err != nil || v.report.Break != nil {
			return err
		}
	}
	if !ok || int64(len(entries)) != seal.Entries || seal.Total != last.Total+seal.Entries || !bytes.Equal(seal.chain(last.Hash), seal.Hash) {
		v.broken(0, seal.Position, BreakSeal)
		return nil
	}
	if c := v.checkpoint; c != nil && c.Position == seal.Position && !bytes.Equal(c.Hash, seal.Hash) {
		v.broken(0, seal.Position, BreakHistory)
		return nil
	}
	v.report.Sealed = seal.Total
	v.report.Head = Checkpoint{Position: seal.Position, Total: seal.Total, Hash: seal.Hash}
	return nil
}

type sealed struct {
	seq    int64
	digest []byte
}

func readDigests(b []byte) ([]sealed, bool) {
	if len(b)%sealedBytes != 0 || len(b) == 0 {
		return nil, false
	}
	out := make([]sealed, 0, len(b)/sealedBytes)
	for ; len(b) > 0; b = b[sealedBytes:] {
		out = append(out, sealed{int64(binary.BigEndian.Uint64(b)), b[8:sealedBytes]})
	}
	return out, true
}

// entries compares a seal's entries with the journal.
func (v *verifier) entries(ctx context.Context, seal sealRow, entries []sealed) error {
	first, last := entries[0].seq, entries[0].seq
	for _, e := range entries {
		first, last = min(first, e.seq), max(last, e.seq)
		v.seqs = append(v.seqs, e.seq)
	}
	rows, err := v.r.journalRows(ctx, journalSelect+" WHERE seq BETWEEN ? AND ?", first, last)
	if err != nil {
		return err
	}
	found := make(map[int64]*journalRow, len(rows))
	for i := range rows {
		found[rows[i].Seq] = &rows[i]
	}
	for _, e := range entries {
		row := found[e.seq]
		if row == nil {
			v.broken(e.seq, seal.Position, BreakMissing)
			return nil
		}
		digest, err := row.digest()
		if err != nil {
			return err
		}
		if !bytes.Equal(digest[:], e.digest) {
			v.broken(e.seq, seal.Position, BreakChanged)
			return nil
		}
	}
	return nil
}

// rest looks for entries that stand before the end of the chain but are in no seal, and counts those after it.
func (v *verifier) rest(ctx context.Context, last sealRow) error {
	slices.Sort(v.seqs)
	total, err := v.r.integer(ctx, "SELECT count(*) FROM journal")
	if err != nil {
		return err
	}
	newer, err := v.r.integer(ctx, "SELECT count(*) FROM journal WHERE (xid, seq) > (?, ?)", last.LastXid, last.LastSeq)
	if err != nil {
		return err
	}
	v.report.Unsealed = newer
	if total-newer == int64(len(v.seqs)) {
		return nil
	}
	return v.foreign(ctx, last)
}

// foreign names the first entry up to the end of the chain that no seal has.
func (v *verifier) foreign(ctx context.Context, last sealRow) (err error) {
	const query = "SELECT seq FROM journal WHERE NOT (xid, seq) > (?, ?) ORDER BY seq"
	rows, err := v.r.on.query(ctx, bind(v.r.s.Dialect(), query), last.LastXid, last.LastSeq)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return err
		}
		if _, known := slices.BinarySearch(v.seqs, seq); !known {
			v.broken(seq, 0, BreakForeign)
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: the journal's entries can't be counted", ErrDamaged)
}
