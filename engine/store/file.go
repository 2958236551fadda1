package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// MaxFileBytes bounds one file whatever limit a caller gives.
const MaxFileBytes = 1 << 30

// filesFolder holds the content of files in <dir>/files/ab/<sha-256 in hex>.
const filesFolder = "files"

// File describes an uploaded file. Several files may share one content, which is named by Hash (SHA-256 in
// hex). ID, Hash, Size and CreatedAt are set by PutFile.
type File struct {
	ID        string
	Hash      string
	Name      string
	Type      string
	Size      int64
	CreatedAt time.Time
	CreatedBy string
}

type fileRow struct {
	ID        string `gorm:"primaryKey"`
	Hash      string
	Name      string
	Type      string
	Size      int64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
	CreatedBy string
}

func (fileRow) TableName() string { return "files" }

func (r fileRow) file() File {
	return File{ID: r.ID, Hash: r.Hash, Name: r.Name, Type: r.Type, Size: r.Size, CreatedAt: instant(r.CreatedAt), CreatedBy: r.CreatedBy}
}

// PutFile keeps what r yields, at most limit bytes (else ErrTooLarge), under a new id. Meta gives name, type and
// creator. The content is on the disk before the file is known, so a crash leaves at most content that nobody
// refers to.
func (s *Store) PutFile(ctx context.Context, meta File, r io.Reader, limit int64) (*File, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make file id: %w", err)
	}
	hash, size, err := s.putContent(ctx, r, min(limit, MaxFileBytes))
	if err != nil {
		return nil, fmt.Errorf("put file: %w", err)
	}
	row := fileRow{ID: id.String(), Hash: hash, Name: meta.Name, Type: meta.Type, Size: size, CreatedAt: s.micros(), CreatedBy: meta.CreatedBy}
	err = s.Write(ctx, Pin{}, func(ctx context.Context, tx *Tx) error {
		return s.wrap("insert file", tx.models(ctx).Create(&row).Error)
	})
	if err != nil {
		return nil, err
	}
	out := row.file()
	return &out, nil
}

// putContent copies to a temporary file, syncs it and moves it to the place that its digest names.
func (s *Store) putContent(ctx context.Context, r io.Reader, limit int64) (hash string, size int64, err error) {
	root := filepath.Join(s.dir, filesFolder)
	if err := os.MkdirAll(root, privateDirMode); err != nil {
		return "", 0, err
	}
	f, err := os.CreateTemp(root, ".new-*") // made for the owner alone
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	digest := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, digest), io.LimitReader(&contextReader{ctx, r}, limit+1))
	if err != nil {
		return "", 0, err
	}
	if size > limit {
		return "", 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	if err := f.Sync(); err != nil {
		return "", 0, err
	}
	hash = hex.EncodeToString(digest.Sum(nil))
	path := s.contentPath(hash)
	if err := os.MkdirAll(filepath.Dir(path), privateDirMode); err != nil {
		return "", 0, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return "", 0, err
	}
	return hash, size, errors.Join(f.Close(), syncFolder(filepath.Dir(path)))
}

func (s *Store) contentPath(hash string) string {
	return filepath.Join(s.dir, filesFolder, hash[:2], hash)
}

// syncFolder makes a rename in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path) //nolint:gosec // in the operator's folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// contextReader ends a copy when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// File describes a file by its id; ErrNotFound when there is none.
func (r *Reader) File(ctx context.Context, id string) (*File, error) {
	var row fileRow
	err := r.models(ctx).Where(clause.Eq{Column: "id", Value: id}).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("read file: %w", ErrNotFound)
	}
	if err != nil {
		return nil, r.s.wrap("read file", err)
	}
	out := row.file()
	return &out, nil
}

// OpenFile opens a file's content. The caller closes it.
func (s *Store) OpenFile(ctx context.Context, id string) (*File, io.ReadSeekCloser, error) {
	meta, err := s.read.File(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if !isHash(meta.Hash) {
		return nil, nil, fmt.Errorf("open file %s: %w", meta.ID, ErrDamaged)
	}
	f, err := os.Open(s.contentPath(meta.Hash))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("open file %s: %w: its content is gone", meta.ID, ErrDamaged)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("open file: %w", err)
	}
	return meta, f, nil
}

// isHash tells whether a text is a SHA-256 in lower-case hex, and so safe as a file name.
func isHash(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}
