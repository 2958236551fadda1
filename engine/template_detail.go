package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/schema"
	"tenon/metamodel/value"
	"tenon/templates"
)

// maxSampleRows bounds the records of one entity that a template shows before it is installed.
const maxSampleRows = 8

// templateJSON is what a template consists of.
type templateJSON struct {
	templates.Template
	Entities  []templateEntity            `json:"entities"`
	Roles     []templateRole              `json:"roles"`
	Views     []viewMeta                  `json:"views"`
	Menu      []menuMeta                  `json:"menu"`
	Demo      map[string]int              `json:"demo"`
	Sample    map[string][]map[string]any `json:"sample"`
	Installed bool                        `json:"installed"`
	Conflict  string                      `json:"conflict,omitempty"`
}

type templateEntity struct {
	Name   string          `json:"name"`
	Title  metamodel.Label `json:"title"`
	Icon   string          `json:"icon,omitempty"`
	States bool            `json:"states"`
	Fields []templateField `json:"fields"`
}

type templateField struct {
	Name    string          `json:"name"`
	Title   metamodel.Label `json:"title"`
	Kind    string          `json:"kind"`
	Scale   int             `json:"scale,omitempty"`
	Options []optionMeta    `json:"options,omitempty"`
}

type templateRole struct {
	Name      string          `json:"name"`
	Title     metamodel.Label `json:"title"`
	Help      metamodel.Label `json:"help,omitempty"`
	Installer bool            `json:"installer,omitempty"`
	Grants    []templateGrant `json:"grants"`
}

type templateGrant struct {
	Entity      string          `json:"entity"`
	Title       metamodel.Label `json:"title"`
	Actions     []string        `json:"actions"`
	Transitions []string        `json:"transitions,omitempty"`
	Restricted  bool            `json:"restricted,omitempty"` // only some records
}

// previews keeps what templates consist of. Working one out takes a good part of a second, and it is the same all day.
type previews struct {
	mu     sync.Mutex
	day    value.Date
	byName map[string]*templateJSON
}

// of gives a preview that is shared and never changed. Who asks while it is worked out waits for it.
func (p *previews) of(name string, today value.Date) (*templateJSON, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.day != today || p.byName == nil {
		p.day, p.byName = today, map[string]*templateJSON{}
	}
	if t := p.byName[name]; t != nil {
		return t, nil
	}
	t, err := newPreview(name, today)
	if err == nil {
		p.byName[name] = t
	}
	return t, err
}

func newPreview(name string, today value.Date) (*templateJSON, error) {
	out := &templateJSON{}
	for _, t := range templates.List() {
		if t.Name == name {
			out.Template = t
		}
	}
	if out.Name == "" {
		return nil, diag.Refuse("template.not_found", "", "name", clip(name))
	}
	files, err := templates.Files(name)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	app, list := schema.Decode(files, nil, nil)
	if err := list.Err(); err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	out.describe(app)
	return out, out.sample(app, today)
}

// TemplateDetail shows a template before it is installed: what it consists of, who may do what in it, and some of its
// demo data.
func (e *Engine) TemplateDetail(_ context.Context, c Call, name string) (*Result, error) {
	if c.Actor.ID == "" {
		return nil, diag.Refuse("access.role_needed", "", "role", "builder")
	}
	t, err := e.previews.of(name, value.DateOf(c.Now, time.UTC))
	if err != nil {
		return nil, err
	}
	out := *t
	if s := (*e.snaps.Load())[out.Name]; s != nil && serves(s, c.Actor) {
		out.Installed, out.Conflict = true, s.App.Name
	}
	return e.json(nil, out)
}

// describe says what an app consists of.
func (t *templateJSON) describe(app *metamodel.App) {
	views := map[metamodel.ID]string{}
	for _, v := range app.Views {
		entity := ""
		if v.Entity != nil {
			entity = v.Entity.Name
		}
		views[v.ID] = v.Name
		t.Views = append(t.Views, viewMeta{v.Name, v.Title, string(v.Type), entity})
	}
	t.Menu = templateMenu(app.Menu, views)
	for _, ent := range inMenuOrder(app) {
		if ent.IsLines() {
			continue
		}
		te := templateEntity{Name: ent.Name, Title: ent.Title, Icon: ent.Icon, States: ent.States != nil, Fields: []templateField{}}
		for _, f := range ent.Fields {
			te.Fields = append(te.Fields, templateField{f.Name, f.Title, string(f.Kind), f.Scale, options(f)})
		}
		t.Entities = append(t.Entities, te)
	}
	for _, r := range app.Roles {
		tr := templateRole{Name: r.Name, Title: r.Title, Help: r.Help, Installer: r.Installer, Grants: []templateGrant{}}
		granted := map[*metamodel.Entity]bool{}
		for _, g := range allGrants(r) {
			if granted[g.Entity] {
				continue // what the role says itself stands before what it inherits
			}
			granted[g.Entity] = true
			tg := templateGrant{Entity: g.Entity.Name, Title: g.Entity.Title, Actions: []string{}, Restricted: g.Rows != nil}
			for _, a := range g.Actions {
				tg.Actions = append(tg.Actions, string(a))
			}
			for _, m := range g.Transitions {
				tg.Transitions = append(tg.Transitions, m.Name)
			}
			tr.Grants = append(tr.Grants, tg)
		}
		t.Roles = append(t.Roles, tr)
	}
}

// inMenuOrder are an app's entities in the order in which the menu leads to them, then the others.
func inMenuOrder(app *metamodel.App) []*metamodel.Entity {
	place := map[*metamodel.Entity]int{}
	var walk func(items []*metamodel.MenuItem)
	walk = func(items []*metamodel.MenuItem) {
		for _, item := range items {
			for _, v := range app.Views {
				if v.ID == item.View && v.Entity != nil && place[v.Entity] == 0 {
					place[v.Entity] = len(place) + 1
				}
			}
			walk(item.Items)
		}
	}
	walk(app.Menu)
	last := len(place) + 1
	return slices.SortedStableFunc(slices.Values(app.Entities), func(a, b *metamodel.Entity) int {
		return cmp.Compare(cmp.Or(place[a], last), cmp.Or(place[b], last))
	})
}

// allGrants are the grants of a role, then those that it inherits. Roles can't inherit in circles.
func allGrants(r *metamodel.Role) []*metamodel.Grant {
	out := slices.Clone(r.Grants)
	for _, base := range r.Inherits {
		out = append(out, allGrants(base)...)
	}
	return out
}

// stateAfter is the state of a record that was moved by these transitions.
func stateAfter(s *metamodel.States, moves []string) string {
	state := s.Initial
	for _, name := range moves {
		for _, t := range s.Transitions {
			if t.Name == name {
				state = t.To
			}
		}
	}
	return state.Name
}

func templateMenu(items []*metamodel.MenuItem, views map[metamodel.ID]string) []menuMeta {
	out := []menuMeta{}
	for _, item := range items {
		out = append(out, menuMeta{Name: item.Name, Title: item.Title, Icon: item.Icon, View: views[item.View], Items: templateMenu(item.Items, views)})
	}
	return out
}

// sample takes the first demo records of each entity, without their lines; references show what they point at.
func (t *templateJSON) sample(app *metamodel.App, today value.Date) error {
	t.Demo, t.Sample = map[string]int{"records": 0}, map[string][]map[string]any{}
	if !t.Template.Demo {
		return nil
	}
	all, err := templates.Demo(t.Name, demoSeed, today)
	if err != nil {
		return fmt.Errorf("make demo data: %w", err)
	}
	t.Demo["records"] = len(all)
	shown := map[string]any{} // by handle
	for i := range all {
		ent := app.Entity(all[i].Entity)
		if ent == nil {
			return fmt.Errorf("demo data for %s, which is no entity", all[i].Entity)
		}
		if ent.Display != nil {
			shown[all[i].Handle] = all[i].Values[ent.Display.Name]
		}
		if len(t.Sample[ent.Name]) >= maxSampleRows {
			continue
		}
		row := map[string]any{}
		for _, f := range ent.Fields {
			v, given := all[i].Values[f.Name]
			if !given || f.Kind == metamodel.Lines || f.Kind.IsList() {
				continue
			}
			if text, ok := v.(string); ok && strings.HasPrefix(text, "$") {
				if v = shown[text[1:]]; strings.HasPrefix(text, "$$") {
					v = text[1:]
				}
			}
			row[f.Name] = v
		}
		if s := ent.States; s != nil {
			row[s.Field.Name] = stateAfter(s, all[i].Transitions)
		}
		t.Sample[ent.Name] = append(t.Sample[ent.Name], row)
	}
	return nil
}
