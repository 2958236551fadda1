package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
	"tenon/metamodel/schema"
)

// builder refuses who may not change the documents of apps. To anyone without the role an app's documents
// don't exist.
func (c Call) builder() error {
	if c.trusted || c.Actor.Builder || c.Actor.Admin {
		return nil
	}
	return diag.Refuse("access.role_needed", "", "role", "builder")
}

// reader of documents: builders and reviewers.
func (c Call) documentReader() error {
	if c.Actor.Reviewer {
		return nil
	}
	return c.builder()
}

// draft is the app's documents being worked on.
type appDraft struct {
	ref store.Ref
	app *metamodel.App
}

func (e *Engine) loadDraft(ctx context.Context, app string) (*appDraft, error) {
	ref, err := e.store.Reader().Ref(ctx, app, draftEnv)
	if errors.Is(err, store.ErrNotFound) {
		return nil, diag.Refuse("app.not_found", "")
	}
	if err != nil {
		return nil, fmt.Errorf("read the draft: %w", err)
	}
	a, err := e.loadCommit(ctx, ref.Commit)
	if err != nil {
		return nil, err
	}
	return &appDraft{ref, a}, nil
}

// Documents lists the documents of an app's draft.
func (e *Engine) Documents(ctx context.Context, c Call, app string) (*Result, error) {
	if err := c.documentReader(); err != nil {
		return nil, err
	}
	d, err := e.loadDraft(ctx, app)
	if err != nil {
		return nil, err
	}
	type item struct {
		Kind  metamodel.Kind  `json:"kind"`
		Name  string          `json:"name"`
		ID    metamodel.ID    `json:"id"`
		Path  string          `json:"path"`
		Title metamodel.Label `json:"title"`
		Hash  string          `json:"hash"`
	}
	var list []item
	for _, s := range schema.Store(d.app) {
		list = append(list, item{s.Kind, s.Name, s.ID, metamodel.DocKey{Kind: s.Kind, Name: s.Name}.Path(), titleOf(d.app, s.Kind, s.Name), schema.Hash(s.Body)})
	}
	return e.json(d, map[string]any{"app": app, "draft": d.ref.Commit, "documents": list})
}

func titleOf(app *metamodel.App, kind metamodel.Kind, name string) metamodel.Label {
	switch kind {
	case metamodel.KindApp:
		return app.Title
	case metamodel.KindEntity:
		return app.Entity(name).Title
	case metamodel.KindLedger:
		return app.Ledger(name).Title
	case metamodel.KindEnum:
		return app.Enum(name).Title
	case metamodel.KindView:
		return app.View(name).Title
	case metamodel.KindRole:
		return app.Role(name).Title
	case metamodel.KindScenario:
		for _, s := range app.Scenarios {
			if s.Name == name {
				return s.Title
			}
		}
	}
	return nil
}

// json answers about a draft; its commit is the ETag.
func (e *Engine) json(d *appDraft, v any) (*Result, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write the answer: %w", err)
	}
	r := &Result{Body: body}
	if d != nil {
		r.ETag = d.ref.Commit
	}
	return r, nil
}

// Document reads one document in source form, from the draft or ("released") from what runs.
func (e *Engine) Document(ctx context.Context, c Call, app, kind, name, revision string) (*Result, error) {
	if err := c.documentReader(); err != nil {
		return nil, err
	}
	d, err := e.loadDraft(ctx, app)
	if err != nil {
		return nil, err
	}
	from := d.app
	if revision == "released" {
		s, err := e.Snapshot(app, c.Actor)
		if err != nil {
			return nil, err
		}
		from = s.App
	}
	body, err := schema.EncodeDocument(from, metamodel.Kind(kind), name)
	if err != nil {
		return nil, err
	}
	return &Result{Body: body, ETag: d.ref.Commit}, nil
}

// docKey names a document; the app's own has no name.
func docKey(kind, name string) metamodel.DocKey {
	if metamodel.Kind(kind) == metamodel.KindApp {
		return metamodel.DocKey{Kind: metamodel.KindApp}
	}
	return metamodel.DocKey{Kind: metamodel.Kind(kind), Name: name}
}

// DocumentPut replaces one document of the draft, or adds it. The answer tells what is still wrong with the app:
// a draft may have errors in its expressions, it just can't be released with them.
func (e *Engine) DocumentPut(ctx context.Context, c Call, app, kind, name, ifMatch string, body []byte) (*Result, error) {
	return e.edit(ctx, c, app, ifMatch, map[metamodel.DocKey][]byte{docKey(kind, name): body})
}

// DocumentDelete removes one document of the draft. It is refused, with the list of its users, while others use
// it.
func (e *Engine) DocumentDelete(ctx context.Context, c Call, app, kind, name, ifMatch string) (*Result, error) {
	return e.edit(ctx, c, app, ifMatch, map[metamodel.DocKey][]byte{docKey(kind, name): nil})
}

// DocumentsPut changes several documents at once: {"documents": {"entities/item.json": {…}, "views/x.json": null}}.
func (e *Engine) DocumentsPut(ctx context.Context, c Call, app, ifMatch string, body []byte) (*Result, error) {
	if err := c.builder(); err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	if err := v.only("", "documents").Err(); err != nil {
		return nil, err
	}
	docs := v.get("documents")
	if docs == nil || docs.kind != jsonObject {
		return nil, wrongMember("/documents", "documents", "object")
	}
	edits := map[metamodel.DocKey][]byte{}
	var list diag.List
	for i := range docs.members {
		m := &docs.members[i]
		key, ok := metamodel.ParseDocKey(m.name)
		if !ok {
			list.Add("document.path", diag.Pointer("/documents", clip(m.name)), "path", clip(m.name))
			continue
		}
		edits[key] = nil
		if m.value.kind != jsonNull {
			edits[key] = appendJSONValue(nil, &m.value)
		}
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	return e.edit(ctx, c, app, ifMatch, edits)
}

// edit applies edits to the draft and moves its reference by compare-and-swap.
func (e *Engine) edit(ctx context.Context, c Call, app, ifMatch string, edits map[metamodel.DocKey][]byte) (*Result, error) {
	if err := c.builder(); err != nil {
		return nil, err
	}
	d, err := e.loadDraft(ctx, app)
	if err != nil {
		return nil, err
	}
	if ifMatch != "" && strings.Trim(ifMatch, `"`) != d.ref.Commit {
		return nil, diag.Refuse("document.stale", "")
	}
	used, err := e.store.Reader().UsedIDs(ctx, app)
	if err != nil {
		return nil, fmt.Errorf("read used ids: %w", err)
	}
	next, list := schema.Apply(d.app, edits, func(id metamodel.ID) bool { _, gone := used[id]; return gone })
	if list.HasErrors() || next == nil {
		return nil, &diag.Problem{List: list}
	}
	if next.Name != app {
		return nil, diag.Refuse("app.renamed", "/app/x-name", "name", app)
	}
	if removal := check.Removal(d.app, next); removal.HasErrors() {
		return nil, &diag.Problem{List: removal}
	}
	if err := e.checkGrants(ctx, c, d.app, next, 0); err != nil {
		return nil, err
	}
	list = append(list, check.App(next)...)
	if err := e.saveDraft(ctx, c, d, next); err != nil {
		return nil, err
	}
	return e.draftAnswer(d, list, c.Locale)
}

func (e *Engine) draftAnswer(d *appDraft, list diag.List, lang string) (*Result, error) {
	b := appendString([]byte(`{"draft":`), d.ref.Commit)
	b = append(b, `,"releasable":`...)
	b = appendValue(b, !list.HasErrors())
	b = appendDiagnostics(append(b, `,"diagnostics":`...), list, lang)
	return &Result{Body: append(b, '}'), ETag: d.ref.Commit}, nil
}

// saveDraft commits the draft's new state; d is then the new state.
func (e *Engine) saveDraft(ctx context.Context, c Call, d *appDraft, next *metamodel.App) error {
	err := e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		commit, err := e.commitApp(ctx, tx, c, next, draftReason, d.ref.Commit)
		if err != nil || commit == d.ref.Commit {
			return err
		}
		to := store.Ref{App: next.Name, Env: draftEnv, Commit: commit}
		if err := tx.SwapRef(ctx, next.Name, draftEnv, d.ref, to); err != nil {
			return err
		}
		d.app = next
		to.Generation = d.ref.Generation + 1
		d.ref = to
		return tx.Journal(ctx, store.Entry{
			At: c.Now, Actor: c.Actor.ID, ActorKind: c.Actor.Kind.String(), Action: "draft", App: next.Name,
			Data: append(appendString([]byte(`{"commit":`), commit), '}'), RequestID: c.RequestID,
		})
	})
	if errors.Is(err, store.ErrMoved) {
		return diag.Refuse("document.stale", "")
	}
	return err
}

// CheckDraft runs all checks on the draft.
func (e *Engine) CheckDraft(ctx context.Context, c Call, app string) (*Result, error) {
	if err := c.documentReader(); err != nil {
		return nil, err
	}
	d, err := e.loadDraft(ctx, app)
	if err != nil {
		return nil, err
	}
	return e.draftAnswer(d, check.App(d.app), c.Locale)
}

// DocumentsZip writes the draft as a zip of source files.
func (e *Engine) DocumentsZip(ctx context.Context, c Call, app string) (*Download, error) {
	if err := c.documentReader(); err != nil {
		return nil, err
	}
	d, err := e.loadDraft(ctx, app)
	if err != nil {
		return nil, err
	}
	body, err := schema.WriteZip(schema.Encode(d.app))
	if err != nil {
		return nil, fmt.Errorf("write the zip: %w", err)
	}
	return download(app+".zip", "application/zip", body), nil
}

// DocumentsImport replaces the whole draft by a zip of source files.
func (e *Engine) DocumentsImport(ctx context.Context, c Call, app string, zip []byte) (*Result, error) {
	if err := c.builder(); err != nil {
		return nil, err
	}
	files, list := schema.ReadZip(zip)
	if list.HasErrors() {
		return nil, &diag.Problem{List: list}
	}
	d, err := e.loadDraft(ctx, app)
	if err != nil {
		return nil, err
	}
	edits := map[metamodel.DocKey][]byte{}
	for _, s := range schema.Store(d.app) {
		edits[docKey(string(s.Kind), s.Name)] = nil
	}
	for path, body := range files {
		key, ok := metamodel.ParseDocKey(path)
		if !ok {
			list.Add("document.path", "/"+path, "path", clip(path))
			continue
		}
		edits[key] = body
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	return e.edit(ctx, c, app, "", edits)
}
