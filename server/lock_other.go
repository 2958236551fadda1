//go:build !unix

package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tenon/metamodel/diag"
)

// lockData takes a data directory for this process alone. After a crash the lock file must be removed by hand.
func lockData(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	path := filepath.Join(dir, "tenon.lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, diag.Refuse("config.data_locked", "", "dir", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	return func() error { return errors.Join(f.Close(), os.Remove(path)) }, nil
}
