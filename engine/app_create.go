package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/schema"
	"tenon/metamodel/value"
	"tenon/templates"
)

// demoSeed makes the demo data of a template the same everywhere.
const demoSeed = 20260101

// demoBatch is how many demo records one writer makes, which remembers what it has read.
const demoBatch = 100

// Templates lists the templates that ship with Tenon and whether each is installed.
func (e *Engine) Templates(_ context.Context, c Call) (*Result, error) {
	if c.Actor.ID == "" {
		return nil, diag.Refuse("access.role_needed", "", "role", "builder")
	}
	type item struct {
		templates.Template
		Installed bool `json:"installed"`
	}
	out := struct {
		Templates []item `json:"templates"`
	}{Templates: []item{}}
	for _, t := range templates.List() {
		s := (*e.snaps.Load())[t.Name]
		installed := s != nil && serves(s, c.Actor) // what doesn't exist for somebody isn't installed for him
		out.Templates = append(out.Templates, item{t, installed})
	}
	return e.json(nil, out)
}

// AppCreate installs a template ({"template": "general", "demo": true}), under a name and title of one's own where they
// are given, or begins an empty app ({"name", "title"}).
// Whoever does it gets the template's installer role.
func (e *Engine) AppCreate(ctx context.Context, c Call, body []byte) (*Result, error) {
	if err := c.builder(); err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	l := &lister{list: v.only("", "template", "demo", "name", "title")}
	template, name, title := v.optionalText(l, "template"), v.optionalText(l, "name"), v.optionalText(l, "title")
	demo := v.get("demo")
	if demo != nil && demo.kind != jsonBool {
		return nil, wrongMember("/demo", "demo", "boolean")
	}
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	files, err := firstFiles(template, name, title)
	if err != nil {
		return nil, err
	}
	in := &installation{reason: "install " + strings.Join(slices.DeleteFunc([]string{template, name}, func(s string) bool { return s == "" }), " as ")}
	if demo != nil && demo.bool {
		in.demo = template
	}
	s, err := e.install(ctx, c, files, in)
	if err != nil {
		return nil, err
	}
	r, err := e.json(nil, map[string]any{"app": s.App.Name, "title": s.App.Title.In(c.Locale), "commit": s.Commit, "generation": s.Generation, "demo_records": in.records})
	if err == nil {
		r.Status = StatusCreated
	}
	return r, err
}

// firstFiles are the documents that an app begins with: a template's, under its own name or another, or an app document
// alone.
func firstFiles(template, name, title string) (map[string][]byte, error) {
	if name != "" && !metamodel.IsName(name) || template == "" && name == "" {
		return nil, diag.Refuse("app.name_invalid", "/name", "name", clip(name))
	}
	if template != "" {
		files, err := templates.Files(template)
		if err != nil {
			return nil, diag.Refuse("template.not_found", "/template", "name", clip(template))
		}
		files[appFile], err = renamed(files[appFile], name, title)
		return files, err
	}
	app, err := json.Marshal(map[string]any{"x-kind": "app", "x-version": 1, "x-name": name, "title": cmp.Or(title, name), "version": "0.1.0"})
	if err != nil {
		return nil, fmt.Errorf("write the app document: %w", err)
	}
	return map[string][]byte{appFile: app}, nil
}

// appFile is the path of an app's own document.
const appFile = "app.json"

// renamed gives an app document another name and title, where they are given. A title of one's own stands in every
// language.
func renamed(document []byte, name, title string) ([]byte, error) {
	if name == "" && title == "" {
		return document, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(document, &members); err != nil {
		return nil, fmt.Errorf("read the template's app document: %w", err)
	}
	set := map[string]string{"x-name": name, "title": title}
	for key, text := range set {
		if text == "" {
			continue
		}
		member, err := json.Marshal(text)
		if err != nil {
			return nil, fmt.Errorf("write the app's %s: %w", key, err)
		}
		members[key] = member
	}
	if title != "" {
		delete(members, "x-title")
	}
	out, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("write the app document: %w", err)
	}
	return out, nil
}

// installation is an app on its way into the workspace.
type installation struct {
	reason  string
	demo    string // the template whose demo data comes with it; "" for none
	records int    // of demo data that were written
}

// install makes an app of documents and releases it at once.
func (e *Engine) install(ctx context.Context, c Call, files map[string][]byte, in *installation) (*compile.Snapshot, error) {
	app, list := schema.Decode(files, nil, nil)
	if list.HasErrors() {
		return nil, &diag.Problem{List: list}
	}
	snap, _, err := runnable(app)
	if err != nil {
		return nil, err
	}
	err = e.store.Alone(ctx, releaseLock(app.Name), func(ctx context.Context) error { return e.installAlone(ctx, c, snap, in) })
	if err != nil {
		return nil, err
	}
	return e.Snapshot(app.Name, c.Actor)
}

// installAlone makes the draft of a new app, releases it and fills it with demo data where that is asked for, all in
// one transaction: an app whose installation was cut short is not there at all. It is called under the app's release
// lock.
func (e *Engine) installAlone(ctx context.Context, c Call, snap *compile.Snapshot, in *installation) error {
	app := snap.App
	_, err := e.store.Reader().Ref(ctx, app.Name, draftEnv)
	if err == nil {
		return diag.Refuse("app.exists", "/name", "name", app.Name)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("look for the app: %w", err)
	}
	schemaPlan, err := e.store.Plan(nil, app)
	if err != nil {
		return fmt.Errorf("plan the installation: %w", err)
	}
	p := &plan{draft: &appDraft{app: app}, schema: schemaPlan, snap: snap}
	p.begin = func(ctx context.Context, tx *store.Tx) (store.Ref, error) {
		commit, err := e.commitApp(ctx, tx, c, app, draftReason)
		if err != nil {
			return store.Ref{}, err
		}
		if err := e.assignInstaller(ctx, tx, c, app); err != nil {
			return store.Ref{}, err
		}
		ref := store.Ref{App: app.Name, Env: draftEnv, Commit: commit, Generation: 1}
		return ref, tx.SwapRef(ctx, app.Name, draftEnv, store.Ref{}, ref)
	}
	if in.demo != "" {
		p.finish = func(ctx context.Context, tx *store.Tx, ref store.Ref) (err error) {
			in.records, err = e.loadDemo(ctx, c, tx, app, ref, in.demo, &p.notes)
			return err
		}
	}
	_, err = e.release(ctx, c, p, in.reason)
	return err
}

// assignInstaller gives the installer's roles of an app to whoever installs it.
func (e *Engine) assignInstaller(ctx context.Context, tx *store.Tx, c Call, app *metamodel.App) error {
	if c.Actor.ID == "" {
		return nil
	}
	for _, r := range app.Roles {
		if r.Installer {
			if err := tx.AssignRole(ctx, c.by(), c.Actor.ID, app.Name, r.ID); err != nil {
				return fmt.Errorf("give the installer's role: %w", err)
			}
		}
	}
	return nil
}

// loadDemo writes a template's demo data through the same way as any record, into an app that the transaction at hand
// is releasing.
func (e *Engine) loadDemo(ctx context.Context, c Call, tx *store.Tx, app *metamodel.App, ref store.Ref, template string, n *notes) (int, error) {
	s, list := compile.Compile(app, compile.Source{Env: ref.Env, Commit: ref.Commit, Generation: ref.Generation})
	if err := list.Err(); err != nil {
		return 0, err
	}
	c.Snap, c.trusted, c.IdempotencyKey = s, true, ""
	all, err := templates.Demo(template, demoSeed, value.DateOf(c.Now, s.Zone))
	if err != nil {
		return 0, fmt.Errorf("make demo data: %w", err)
	}
	h := handles{ids: make(map[string]string, len(all))}
	for batch := range slices.Chunk(all, demoBatch) {
		w := &writer{world: e.newWorld(c, tx), engine: e, tx: tx, notes: n} // what it remembers of records is bounded by the batch
		for i := range batch {
			if err := w.demoRecord(ctx, &batch[i], &h); err != nil {
				return 0, fmt.Errorf("demo record %s %s: %w", batch[i].Entity, batch[i].Handle, err)
			}
		}
	}
	return len(all), nil
}

func (w *writer) demoRecord(ctx context.Context, r *templates.DemoRecord, h *handles) error {
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	e := w.call.Snap.Entity(r.Entity)
	if e == nil {
		return diag.Refuse("entity.not_found", "", "entity", r.Entity)
	}
	body, err := toJSONValue(r.Values)
	if err != nil {
		return err
	}
	body.replaceHandles(e.Entity, h.find)
	d, err := w.createFrom(ctx, e, body, "")
	if err != nil {
		return err
	}
	id := d.after[metamodel.SlotID].(string)
	h.add(r.Handle, e, d.after)
	for _, t := range r.Transitions {
		w.call.Budget = expr.NewBudget(expr.RequestBudget)
		if _, err := w.transition(ctx, e, id, t, 0, ""); err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
	}
	return nil
}

func toJSONValue(v any) (*jsonValue, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write values: %w", err)
	}
	return parseObject(body)
}

// Apps lists the apps that the actor may work in, or may build.
func (e *Engine) Apps(_ context.Context, c Call) (*Result, error) {
	type item struct {
		Name       string          `json:"name"`
		Title      string          `json:"title"`
		Titles     metamodel.Label `json:"titles"`
		Summary    string          `json:"summary,omitempty"`
		Icon       string          `json:"icon,omitempty"`
		Version    string          `json:"version"`
		Generation int64           `json:"generation"`
		Roles      []string        `json:"roles"`
	}
	out := struct {
		Apps []item `json:"apps"`
	}{Apps: []item{}}
	for name, s := range *e.snaps.Load() {
		if !serves(s, c.Actor) {
			continue
		}
		roles := s.Permissions.RoleNames(c.Actor)
		out.Apps = append(out.Apps, item{name, s.App.Title.In(c.Locale), s.App.Title, s.App.Summary.In(c.Locale), s.App.Icon, s.App.Version, s.Generation, nonNil(roles)})
	}
	slices.SortFunc(out.Apps, func(a, b item) int { return strings.Compare(a.Name, b.Name) })
	return e.json(nil, out)
}
