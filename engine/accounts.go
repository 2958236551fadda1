package engine

import (
	"context"
	"fmt"

	"tenon/metamodel"
)

// accountReader is what records ask of the accounts.
type accountReader interface {
	UserNames(ctx context.Context, ids []string) (map[string]string, error)
	DepartmentNames(ctx context.Context, ids []string) (map[string]string, error)
	UsersNamed(ctx context.Context, texts []string) (map[string]string, error)
	DepartmentsNamed(ctx context.Context, texts []string) (map[string]string, error)
	FilesKnown(ctx context.Context, ids []string, owner string) (map[string]bool, error)
	FileNames(ctx context.Context, ids []string, owner string) (map[string]string, error)
}

// accounts tells which ids are of people or departments that exist, or of files that the actor may attach: those
// that he uploaded himself.
func (w *world) accounts(ctx context.Context, kind metamodel.FieldKind, ids []string) (map[string]bool, error) {
	r, ok := w.read.(accountReader)
	if !ok {
		return nil, fmt.Errorf("look up accounts: %T has none", w.read)
	}
	if kind == metamodel.File || kind == metamodel.Image {
		return r.FilesKnown(ctx, ids, w.call.Actor.ID)
	}
	look := r.UserNames
	if kind == metamodel.Department {
		look = r.DepartmentNames
	}
	names, err := look(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("look up accounts: %w", err)
	}
	found := make(map[string]bool, len(names))
	for id := range names {
		found[id] = true
	}
	return found, nil
}

// accountsByText finds people by e-mail or name and departments by name.
func (w *world) accountsByText(ctx context.Context, kind metamodel.FieldKind, texts []string) (map[string]string, error) {
	r, ok := w.read.(accountReader)
	if !ok {
		return nil, fmt.Errorf("look up accounts: %T has none", w.read)
	}
	if kind == metamodel.Department {
		return r.DepartmentsNamed(ctx, texts)
	}
	return r.UsersNamed(ctx, texts)
}
