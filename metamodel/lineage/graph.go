// Package lineage knows who uses what in an app: which formulas read a field, which views show it, which roles
// hide it. It answers what a change touches. It must never change an app nor judge it.
package lineage

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/expr"
)

// UseKind says how an element is used.
type UseKind string

// The ways in which elements are used.
const (
	UseFormula UseKind = "formula" // an expression mentions it
	UseTarget  UseKind = "target"  // a field points at the entity, or takes its options from the enum
	UseField   UseKind = "field"   // an entity's key, search, display, currency, unit or rule is about the field
	UsePosted  UseKind = "posted"  // a posting is about the ledger, its dimension, the lines or another posting
	UseState   UseKind = "state"   // a transition or the state machine names the option
	UseShown   UseKind = "shown"   // a view shows, sorts, groups or totals the field, or shows the entity
	UseOpened  UseKind = "opened"  // a menu item or a view opens the view
	UseGranted UseKind = "granted" // a role is about the entity, field, transition, menu item or role
	UseTold    UseKind = "told"    // a rule tells the people of the role
	UseTested  UseKind = "tested"  // a scenario is about it
)

// Use is one place that uses an element.
type Use struct {
	Kind     UseKind
	User     metamodel.ID // the element that uses it
	Document metamodel.DocKey
	Path     string // JSON pointer from the app
	Text     string // the formula, or the path of fields
}

// Programs gives the compiled program of a formula, nil when it does not compile.
type Programs interface {
	Of(f *metamodel.Formula) *expr.Program
}

// Graph is who uses what in one app at one state. It is read without locks.
type Graph struct {
	users map[metamodel.ID][]Use
	uses  map[metamodel.ID][]metamodel.ID
	kept  map[metamodel.ID]metamodel.ID // what a ledger keeps → what it stands in: a field's dimension or entity, an entity's ledger
}

// Build reads all references of an app. Formulas that don't compile have none.
func Build(app *metamodel.App, programs Programs) *Graph {
	g := &Graph{users: map[metamodel.ID][]Use{}, uses: map[metamodel.ID][]metamodel.ID{}, kept: map[metamodel.ID]metamodel.ID{}}
	for _, el := range app.KeptElements() {
		g.kept[el.ID] = el.Parent
	}
	for _, site := range app.Formulas() {
		p := programs.Of(site.Formula)
		if p == nil {
			continue
		}
		for _, r := range p.Refs() {
			g.add(r.ID, Use{Kind: UseFormula, User: site.Owner, Document: site.Document, Path: site.Path, Text: site.Formula.Source})
		}
	}
	w := &walk{g: g}
	w.app(app)
	return g
}

// Users lists who uses an element, sorted by path.
func (g *Graph) Users(id metamodel.ID) []Use { return g.users[id] }

// Uses lists what an element uses, sorted.
func (g *Graph) Uses(id metamodel.ID) []metamodel.ID { return g.uses[id] }

// Impact lists every element that some of the given elements reach through those that use them: what may
// change when these do. The given ones are not among them unless they use each other.
func (g *Graph) Impact(ids ...metamodel.ID) []metamodel.ID {
	seen := map[metamodel.ID]bool{}
	queue := slices.Clone(ids)
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		for _, u := range g.users[id] {
			if !seen[u.User] {
				seen[u.User] = true
				queue = append(queue, u.User)
			}
		}
	}
	out := make([]metamodel.ID, 0, len(seen))
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// add keeps one use; one element that uses another several times at one place counts once.
func (g *Graph) add(id metamodel.ID, u Use) {
	if outer := g.kept[id]; outer != "" {
		g.add(outer, u)
	}
	if id == "" || slices.ContainsFunc(g.users[id], func(v Use) bool { return v.User == u.User && v.Path == u.Path }) {
		return
	}
	at, _ := slices.BinarySearchFunc(g.users[id], u, func(a, b Use) int { return strings.Compare(a.Path, b.Path) })
	g.users[id] = slices.Insert(g.users[id], at, u)
	if at, found := slices.BinarySearch(g.uses[u.User], id); !found {
		g.uses[u.User] = slices.Insert(g.uses[u.User], at, id)
	}
}
