package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"unicode"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// maxFileBytes bounds one uploaded file.
const maxFileBytes = 20 << 20

// maxFileName bounds a file's name in characters.
const maxFileName = 120

// FilePut keeps a file. Its type is told by its first bytes, never by what the client says; until a record holds it,
// only its uploader sees it.
func (e *Engine) FilePut(ctx context.Context, c Call, name string, r io.Reader) (*Result, error) {
	if c.Actor.ID == "" {
		return nil, diag.Refuse("access.role_needed", "", "role", "member")
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	head = head[:n]
	meta := store.File{Name: fileName(name), Type: http.DetectContentType(head), CreatedBy: c.Actor.ID}
	f, err := e.store.PutFile(ctx, meta, io.MultiReader(bytes.NewReader(head), r), maxFileBytes)
	if errors.Is(err, store.ErrTooLarge) {
		return nil, diag.Refuse("file.too_large", "", "limit", maxFileBytes>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("keep the file: %w", err)
	}
	body, err := json.Marshal(map[string]any{"id": f.ID, "name": f.Name, "size": f.Size, "type": f.Type})
	if err != nil {
		return nil, fmt.Errorf("write the answer: %w", err)
	}
	return &Result{Body: body, ID: f.ID, Status: StatusCreated}, nil
}

// fileName takes a name that a client gave and leaves what a person may read in it: no folders, no control or
// direction characters, bounded length.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > maxFileName {
		name = string(r[len(r)-maxFileName:])
	}
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	return name
}

// FileOpen gives a file to its uploader and to whoever may read a record that holds it, in a field that he may
// read. To anyone else it doesn't exist.
func (e *Engine) FileOpen(ctx context.Context, c Call, id string) (*Download, error) {
	absent := diag.Refuse("file.not_found", "")
	if !validID(id) || c.Actor.ID == "" {
		return nil, absent
	}
	meta, content, err := e.store.OpenFile(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, absent
	}
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	seen := meta.CreatedBy == c.Actor.ID
	if !seen {
		seen, err = e.fileHeld(ctx, c, id)
	}
	if err != nil || !seen {
		_ = content.Close() // only read
		return nil, cmpErr(err, absent)
	}
	return &Download{Name: meta.Name, ContentType: meta.Type, Size: meta.Size, Write: func(w io.Writer) error {
		_, err := io.Copy(w, content)
		return errors.Join(err, content.Close())
	}}, nil
}

// fileHeld looks for a readable record that holds a file, in a field of its own or of its lines.
func (e *Engine) fileHeld(ctx context.Context, c Call, id string) (bool, error) {
	for _, s := range *e.snaps.Load() {
		c.Snap = s
		for ent := range s.Entities {
			may := c.decide(ent.Entity, metamodel.ActRead)
			if !may.allow() || ent.IsLines() {
				continue
			}
			for _, f := range ent.Fields {
				held, err := e.fileIn(ctx, c, ent, may, f, id)
				if held || err != nil {
					return held, err
				}
			}
		}
	}
	return false, nil
}

// fileIn looks for a readable record that holds a file in a field, or in any of its lines when the field is lines.
func (e *Engine) fileIn(ctx context.Context, c Call, ent *compile.Entity, may decision, f *metamodel.Field, id string) (bool, error) {
	if !may.open(f) {
		return false, nil
	}
	var holds []string
	literal := "'" + strings.ToLower(id) + "' in "
	if holdsFiles(f) {
		holds = append(holds, literal+f.Name)
	}
	if f.Kind == metamodel.Lines {
		for _, lf := range f.Target.Fields {
			if holdsFiles(lf) && may.open(lf) {
				holds = append(holds, f.Name+".exists(l, "+literal+"l."+lf.Name+")")
			}
		}
	}
	for _, source := range holds {
		p, list := c.Snap.Model.Compile(expr.Scope{Entity: ent.Entity}, source, expr.Bool)
		if err := list.Err(); err != nil {
			return false, fmt.Errorf("look for the file in %s: %w", ent.Name, err)
		}
		page, err := e.store.Reader().Select(ctx, &query.Select{Entity: ent.Entity, Where: append(may.where(), p.Tree()), Limit: 1, Fields: ent.Columns()[:1]}, c.env())
		if err != nil {
			return false, fmt.Errorf("look for the file in %s: %w", ent.Name, err)
		}
		if len(page.Rows) > 0 {
			return true, nil
		}
	}
	return false, nil
}

func holdsFiles(f *metamodel.Field) bool {
	return (f.Kind == metamodel.File || f.Kind == metamodel.Image) && !f.Virtual()
}
