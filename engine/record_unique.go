package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// uniqueKeys are the groups of fields whose values no two records, or no two lines of one record, may share. A key
// with a blank in it is shared with nobody.
func uniqueKeys(e *compile.Entity) [][]*metamodel.Field {
	var out [][]*metamodel.Field
	for _, f := range e.Fields {
		if f.Unique {
			out = append(out, []*metamodel.Field{f})
		}
	}
	for _, k := range e.Unique {
		out = append(out, k.Fields)
	}
	return out
}

// checkLineKeys looks for lines of one record that share a key.
func (w *world) checkLineKeys(d *draft, l *compile.Lines) {
	for _, key := range uniqueKeys(l.Entity) {
		seen := map[string]bool{}
		for i, row := range d.lines(l.Field) {
			text, whole := keyText(key, row)
			if whole && seen[text] {
				d.list = append(d.list, notUnique(key, diag.Pointer(d.path, l.Field.Name, i), w.call.Locale))
			}
			seen[text] = true
		}
	}
}

// checkKeys asks the store whether another record has one of the draft's keys. The store's own indexes have the last
// word at the write; this is asked where everything that is wrong is to be told without writing, or before it.
func (w *world) checkKeys(ctx context.Context, d *draft) error {
	for _, key := range uniqueKeys(d.entity) {
		text, whole := keyText(key, d.after)
		if !whole {
			continue
		}
		if d.before != nil {
			if was, _ := keyText(key, d.before); was == text {
				continue
			}
		}
		q := &query.Select{Entity: d.entity.Entity, Limit: 2, Fields: []*metamodel.Field{d.entity.Columns()[metamodel.SlotID]}}
		for _, f := range key {
			q.Where = append(q.Where, equals(f, d.after[f.Slot]))
		}
		page, err := w.read.Select(ctx, q, w.env)
		if err != nil {
			return fmt.Errorf("look for the same key: %w", err)
		}
		for _, row := range page.Rows {
			if row[metamodel.SlotID] != d.after[metamodel.SlotID] {
				d.list = append(d.list, notUnique(key, d.path, w.call.Locale))
				break
			}
		}
	}
	return nil
}

// equals is the condition that a field has a value.
func equals(f *metamodel.Field, v any) *expr.Node { return compares(expr.OpEq, f, v) }

// compares asks how a record's field stands to a value.
func compares(op expr.Op, f *metamodel.Field, v any) *expr.Node {
	t, elem, target := expr.TypeOf(f)
	record := &expr.Node{Op: expr.OpVar, Type: expr.Rec, Entity: f.Entity}
	field := &expr.Node{Op: expr.OpField, Type: t, Elem: elem, Entity: target, Field: f, Args: []*expr.Node{record}}
	if t == expr.Rec {
		t = expr.Str
	}
	return &expr.Node{Op: op, Type: expr.Bool, Args: []*expr.Node{field, {Op: expr.OpLit, Type: t, Value: v}}}
}

// keyText writes a key's values as one text; whole is false when one of them is blank.
func keyText(key []*metamodel.Field, row value.Row) (text string, whole bool) {
	var b strings.Builder
	for _, f := range key {
		v := row[f.Slot]
		if v == nil {
			return "", false
		}
		s := fmt.Sprint(v)
		fmt.Fprintf(&b, "%d:%s", len(s), s)
	}
	return b.String(), true
}

func notUnique(key []*metamodel.Field, path, lang string) diag.Diagnostic {
	titles := make([]string, len(key))
	for i, f := range key {
		titles[i] = f.Title.In(lang)
	}
	if len(key) == 1 {
		path = diag.Pointer(path, key[0].Name)
	}
	return diag.New("record.not_unique", path, "fields", titles)
}

// placedError is a refusal of the store with the place in the request of the record that it is about.
type placedError struct {
	path string
	err  error
}

func (p *placedError) Error() string { return p.err.Error() }

func (p *placedError) Unwrap() error { return p.err }

func placed(err error, path string) error {
	if err == nil || path == "" {
		return err
	}
	return &placedError{path, err}
}

// uniqueProblem says to a person which key is taken.
func uniqueProblem(c Call, err error, u *store.UniqueError) error {
	var key []*metamodel.Field
	switch {
	case u.Key != nil:
		key = u.Key.Fields
	case u.Field != nil:
		key = []*metamodel.Field{u.Field}
	}
	path := ""
	var at *placedError
	if errors.As(err, &at) {
		path = at.path
	}
	return &diag.Problem{List: diag.List{notUnique(key, path, c.Locale)}}
}
