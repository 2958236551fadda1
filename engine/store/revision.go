package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenon/metamodel"
)

// Limits of revisions.
const (
	maxObjectBytes = 16 << 20 // bytes of one object
	maxReasonBytes = 4096     // bytes of a commit's reason
	maxParents     = 8        // parents of one commit
	maxCommitsPage = 500      // commits read at once
	idBatch        = 200      // rows of one statement
)

// Ref says which commit serves an app in an environment. Generation counts its moves from 1; the zero Ref (no
// commit) stands for an app that is not there yet.
type Ref struct {
	App        string
	Env        string
	Commit     string
	Generation int64
	MovedAt    time.Time
}

// Commit is a state of an app's documents with its history. Tree is the hash of the object that lists the
// documents; Hash is over everything else here and is set by PutCommit.
type Commit struct {
	Hash    string
	App     string
	Tree    string
	Parents []string
	Author  string
	Reason  string
	At      time.Time
}

type objectRow struct {
	Hash      string `gorm:"primaryKey"`
	Size      int64
	Data      []byte
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (objectRow) TableName() string { return "objects" }

type commitRow struct {
	Hash    string `gorm:"primaryKey"`
	App     string
	Tree    string
	Parents string
	Author  string
	Reason  string
	At      int64
}

func (commitRow) TableName() string { return "commits" }

type refRow struct {
	App        string `gorm:"primaryKey"`
	Env        string `gorm:"primaryKey"`
	CommitHash string
	Generation int64
	MovedAt    int64
}

func (refRow) TableName() string { return "refs" }

func (r refRow) ref() Ref {
	return Ref{App: r.App, Env: r.Env, Commit: r.CommitHash, Generation: r.Generation, MovedAt: instant(r.MovedAt)}
}

type usedID struct {
	App       string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"`
	Kind      string
	FirstUsed int64
}

func (usedID) TableName() string { return "retired_ids" }

// instant is the opposite of time.Time.UnixMicro.
func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// PutObject keeps content under its SHA-256 in hex and returns that. The same content is kept once.
func (tx *Tx) PutObject(ctx context.Context, data []byte) (string, error) {
	if len(data) > maxObjectBytes {
		return "", fmt.Errorf("put object: %w: %d bytes", ErrTooLarge, len(data))
	}
	sum := sha256.Sum256(data)
	row := objectRow{Hash: hex.EncodeToString(sum[:]), Size: int64(len(data)), Data: data, CreatedAt: tx.s.micros()}
	if row.Data == nil {
		row.Data = []byte{}
	}
	err := tx.models(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
	return row.Hash, tx.s.wrap("put object", err)
}

// Object reads content by its hash. It returns ErrDamaged when the content is not what was kept.
func (r *Reader) Object(ctx context.Context, hash string) ([]byte, error) {
	var row objectRow
	err := r.models(ctx).Where(clause.Eq{Column: "hash", Value: hash}).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("read object %.80s: %w", hash, ErrNotFound)
	}
	if err != nil {
		return nil, r.s.wrap("read object", err)
	}
	if sum := sha256.Sum256(row.Data); hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("read object %.80s: %w", hash, ErrDamaged)
	}
	return row.Data, nil
}

// commitHash is over every part of a commit, each written as JSON so that no two commits read alike.
func commitHash(c Commit) (string, error) {
	parents := c.Parents
	if parents == nil {
		parents = []string{}
	}
	text, err := json.Marshal([]any{"tenon.commit.v1", c.App, c.Tree, parents, c.Author, c.Reason, c.At.UnixMicro()})
	if err != nil {
		return "", fmt.Errorf("hash commit: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// PutCommit keeps a commit and returns its hash. At is cut to microseconds.
func (tx *Tx) PutCommit(ctx context.Context, c Commit) (string, error) {
	if len(c.Reason) > maxReasonBytes || len(c.Parents) > maxParents {
		return "", fmt.Errorf("put commit: %w", ErrTooLarge)
	}
	hash, err := commitHash(c)
	if err != nil {
		return "", err
	}
	if c.Parents == nil {
		c.Parents = []string{}
	}
	parents, err := json.Marshal(c.Parents)
	if err != nil {
		return "", fmt.Errorf("put commit: %w", err)
	}
	row := commitRow{Hash: hash, App: c.App, Tree: c.Tree, Parents: string(parents), Author: c.Author, Reason: c.Reason, At: c.At.UnixMicro()}
	err = tx.models(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
	return hash, tx.s.wrap("put commit", err)
}

func (row commitRow) commit() (Commit, error) {
	c := Commit{Hash: row.Hash, App: row.App, Tree: row.Tree, Author: row.Author, Reason: row.Reason, At: instant(row.At)}
	if err := json.Unmarshal([]byte(row.Parents), &c.Parents); err != nil {
		return Commit{}, fmt.Errorf("read commit: %w: parents", ErrDamaged)
	}
	hash, err := commitHash(c)
	if err != nil {
		return Commit{}, err
	}
	if hash != row.Hash {
		return Commit{}, fmt.Errorf("read commit %.80s: %w", row.Hash, ErrDamaged)
	}
	return c, nil
}

// Commit reads a commit by its hash and checks it.
func (r *Reader) Commit(ctx context.Context, hash string) (Commit, error) {
	var row commitRow
	err := r.models(ctx).Where(clause.Eq{Column: "hash", Value: hash}).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Commit{}, fmt.Errorf("read commit %.80s: %w", hash, ErrNotFound)
	}
	if err != nil {
		return Commit{}, r.s.wrap("read commit", err)
	}
	return row.commit()
}

// Commits lists an app's commits over all environments, newest first, from after the given one ("" is the
// start).
func (r *Reader) Commits(ctx context.Context, app, after string, limit int) ([]Commit, error) {
	q := r.models(ctx).Where(clause.Eq{Column: "app", Value: app})
	if after != "" {
		last, err := r.Commit(ctx, after)
		if err != nil {
			return nil, err
		}
		at := last.At.UnixMicro()
		q = q.Where(clause.Or(clause.Lt{Column: "at", Value: at},
			clause.And(clause.Eq{Column: "at", Value: at}, clause.Lt{Column: "hash", Value: after})))
	}
	var rows []commitRow
	newest := clause.OrderBy{Columns: []clause.OrderByColumn{{Column: clause.Column{Name: "at"}, Desc: true}, {Column: clause.Column{Name: "hash"}, Desc: true}}}
	if err := q.Clauses(newest).Limit(min(limit, maxCommitsPage)).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list commits", err)
	}
	out := make([]Commit, 0, len(rows))
	for _, row := range rows {
		c, err := row.commit()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Ref reads where an app stands in an environment; ErrNotFound when it isn't there.
func (r *Reader) Ref(ctx context.Context, app, env string) (Ref, error) {
	var row refRow
	err := r.models(ctx).Where(clause.Eq{Column: "app", Value: app}, clause.Eq{Column: "env", Value: env}).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Ref{}, fmt.Errorf("read ref: %w", ErrNotFound)
	}
	return row.ref(), r.s.wrap("read ref", err)
}

// Refs lists all references by app and environment.
func (r *Reader) Refs(ctx context.Context) ([]Ref, error) {
	var rows []refRow
	order := clause.OrderBy{Columns: []clause.OrderByColumn{{Column: clause.Column{Name: "app"}}, {Column: clause.Column{Name: "env"}}}}
	if err := r.models(ctx).Clauses(order).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list refs", err)
	}
	out := make([]Ref, len(rows))
	for i, row := range rows {
		out[i] = row.ref()
	}
	return out, nil
}

// SwapRef moves a reference from one commit to another if it is still where from says, else it returns
// ErrMoved. The zero from makes the reference. It waits for writes that are pinned to the old generation and
// makes those that come after it fail with ErrMoved. The new generation is from's plus one.
func (tx *Tx) SwapRef(ctx context.Context, app, env string, from, to Ref) error {
	if from.Commit == "" {
		row := refRow{App: app, Env: env, CommitHash: to.Commit, Generation: from.Generation + 1, MovedAt: tx.s.micros()}
		res := tx.models(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		return tx.swapped(res.RowsAffected, res.Error)
	}
	const query = "UPDATE refs SET commit_hash = ?, generation = generation + 1, moved_at = ? WHERE app = ? AND env = ? AND commit_hash = ? AND generation = ?"
	res, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), to.Commit, tx.s.micros(), app, env, from.Commit, from.Generation)
	if err != nil {
		return tx.swapped(0, err)
	}
	return tx.swapped(res.RowsAffected())
}

func (tx *Tx) swapped(n int64, err error) error {
	if err != nil {
		return tx.s.wrap("swap ref", err)
	}
	if n != 1 {
		return fmt.Errorf("swap ref: %w", ErrMoved)
	}
	return nil
}

// UseIDs notes the ids of an app's elements, with what each is (entity, field, option…). An id that is noted
// already keeps its first kind.
func (tx *Tx) UseIDs(ctx context.Context, app string, kinds map[metamodel.ID]string) error {
	rows := make([]usedID, 0, len(kinds))
	for id, kind := range kinds {
		rows = append(rows, usedID{App: app, ID: string(id), Kind: kind, FirstUsed: tx.s.micros()})
	}
	if len(rows) == 0 {
		return nil
	}
	err := tx.models(ctx).Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(rows, idBatch).Error
	return tx.s.wrap("note ids", err)
}

// UsedIDs returns every id that elements of an app ever had, with what each was.
func (r *Reader) UsedIDs(ctx context.Context, app string) (map[metamodel.ID]string, error) {
	var rows []usedID
	if err := r.models(ctx).Where(clause.Eq{Column: "app", Value: app}).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list ids", err)
	}
	out := make(map[metamodel.ID]string, len(rows))
	for _, row := range rows {
		out[metamodel.ID(row.ID)] = row.Kind
	}
	return out, nil
}
