package engine

import (
	"context"
	"fmt"
	"slices"

	"tenon/metamodel"
)

// accountReader is what records ask of the accounts.
type accountReader interface {
	UserNames(ctx context.Context, ids []string) (map[string]string, error)
	DepartmentNames(ctx context.Context, ids []string) (map[string]string, error)
	UsersNamed(ctx context.Context, texts []string) (map[string]string, error)
	DepartmentsNamed(ctx context.Context, texts []string) (map[string]string, error)
	FileTypes(ctx context.Context, ids []string, owner string) (map[string]string, error)
	FileNames(ctx context.Context, ids []string, owner string) (map[string]string, error)
}

// accounts tells which ids are of people or departments that exist, or of files that the actor may attach: those
// that he uploaded himself.
func (w *world) accounts(ctx context.Context, kind metamodel.FieldKind, ids []string) (map[string]bool, error) {
	r, ok := w.read.(accountReader)
	if !ok {
		return nil, fmt.Errorf("look up accounts: %T has none", w.read)
	}
	look := r.UserNames
	switch kind {
	case metamodel.Department:
		look = r.DepartmentNames
	case metamodel.File, metamodel.Image:
		look = func(ctx context.Context, ids []string) (map[string]string, error) {
			return r.FileTypes(ctx, ids, w.call.Actor.ID)
		}
	default: // people
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

// pictureTypes are the files that a field of pictures may hold: what every browser shows.
var pictureTypes = []string{"image/jpeg", "image/png", "image/gif", "image/webp"}

// checkPictures reports what is put into a field of pictures and is none, by its first bytes.
func (w *world) checkPictures(ctx context.Context, d *draft, list []target, ids []string) error {
	r, ok := w.read.(accountReader)
	if !ok {
		return fmt.Errorf("look at pictures: %T has none", w.read)
	}
	types, err := r.FileTypes(ctx, ids, w.call.Actor.ID)
	if err != nil {
		return fmt.Errorf("look at pictures: %w", err)
	}
	for _, t := range list {
		if kind, known := types[t.id]; known && !slices.Contains(pictureTypes, kind) {
			d.list.Add("record.not_picture", t.path, "field", t.field.Title.In(w.call.Locale))
		}
	}
	return nil
}
