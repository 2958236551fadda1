package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/schema"
)

// readFiles reads the documents of an app from a folder or a zip, by their paths inside it.
func readFiles(path string) (map[string][]byte, error) {
	info, err := os.Stat(path) //nolint:gosec // the path is the operator's own
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	if !info.IsDir() {
		if info.Size() > metamodel.MaxAppBytes {
			return nil, diag.Refuse("limit.exceeded", "", "what", path, "actual", info.Size(), "limit", metamodel.MaxAppBytes)
		}
		data, err := os.ReadFile(path) //nolint:gosec // the path is the user's own
		if err != nil {
			return nil, fmt.Errorf("read documents: %w", err)
		}
		files, list := schema.ReadZip(data)
		return files, list.Err()
	}
	files, total := map[string][]byte{}, int64(0)
	root := os.DirFS(path)
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || name == "demo") {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || filepath.Ext(name) != ".json" {
			return nil
		}
		data, err := fs.ReadFile(root, name)
		if total += int64(len(data)); total > metamodel.MaxAppBytes {
			return diag.Refuse("limit.exceeded", "", "what", path, "actual", total, "limit", metamodel.MaxAppBytes)
		}
		files[name] = data
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	return files, nil
}

// writeFiles writes documents into a folder, or into a zip where the path ends in .zip. Documents that are in
// the folder and not among the files are removed; everything else in it is left alone.
func writeFiles(path string, files map[string][]byte) error {
	if strings.HasSuffix(path, ".zip") {
		data, err := schema.WriteZip(files)
		if err != nil {
			return fmt.Errorf("write documents: %w", err)
		}
		return os.WriteFile(path, data, 0o600) //nolint:gosec // the path is the operator's own
	}
	if err := os.MkdirAll(path, 0o750); err != nil { //nolint:gosec // the path is the operator's own
		return fmt.Errorf("write documents: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return fmt.Errorf("write documents: %w", err)
	}
	return errors.Join(writeInto(root, files), root.Close())
}

func writeInto(root *os.Root, files map[string][]byte) error {
	for name, data := range files {
		if err := root.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := root.WriteFile(name, data, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, isDocument := schema.KeyOf(name); !isDocument || files[name] != nil {
			return nil
		}
		return root.Remove(name)
	})
}
