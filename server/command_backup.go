package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"tenon/engine/store"
	"tenon/metamodel/diag"
)

// backup writes a consistent copy of the workspace into a new file, while it is in use. A copy that didn't come to
// its end is removed.
func backup(ctx context.Context, t *terminal, args []string) error {
	if len(args) != 1 {
		return usage("backup")
	}
	return t.withStore(ctx, false, func(st *store.Store, _ *slog.Logger) error {
		f, err := os.OpenFile(args[0], os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the path is the operator's own
		if errors.Is(err, fs.ErrExist) {
			return diag.Refuse("backup.exists", "", "file", args[0])
		}
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		err = st.Backup(ctx, f)
		if err == nil {
			err = f.Sync()
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return errors.Join(err, os.Remove(args[0])) //nolint:gosec // the file was made above
		}
		return nil
	})
}

// restore fills an empty workspace from a backup.
func restore(ctx context.Context, t *terminal, args []string) error {
	if len(args) != 1 {
		return usage("restore")
	}
	f, err := os.Open(args[0]) //nolint:gosec // the path is the operator's own
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	err = t.withStore(ctx, true, func(st *store.Store, _ *slog.Logger) error {
		info, err := f.Stat()
		if err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		err = st.Restore(ctx, f, info.Size())
		switch {
		case errors.Is(err, store.ErrNotEmpty):
			return diag.Refuse("backup.not_empty", "")
		case errors.Is(err, store.ErrDamaged):
			return errors.Join(diag.Refuse("backup.damaged", "", "file", args[0]), err)
		}
		return err
	})
	return errors.Join(err, f.Close())
}
