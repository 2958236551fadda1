package schema

import (
	"cmp"
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// form is in which of the two forms a document is.
type form uint8

const (
	source form = iota // names; what people and files use
	stored             // ids; what is hashed, merged and loaded
)

// document is one parsed document on its way into an app.
type document struct {
	key  DocKey
	form form
	root *node
	path string // prefix of its diagnostics
}

// decoder turns documents into one linked app. It reads all of them first, then gives ids, then resolves
// what refers to what: a document may mention elements of documents that are read after it.
type decoder struct {
	app  *metamodel.App
	base *metamodel.App // the state before, nil when there is none
	list diag.List

	ids     *identities
	objects map[metamodel.ID]any // elements by id, for documents in stored form
	names   map[string]bool      // names seen, by scope
	was     map[string]any       // renamed elements by parent, kind and former name

	link       [phases][]func() // what each phase has still to do
	formulas   map[*metamodel.Formula]form
	naming     map[metamodel.ID]string // see elementNames
	broken     map[DocKey]bool         // documents that are there but can't be read: what mentions them is not wrong
	missing    []mention
	dimensions []func() // find the dimensions that ledgers name, which must be known before linking
	removals   bool     // an id that was in the base is reported once for all its users, not where it is missed
}

// mention is a reference that found nothing; the owner's id is known only later.
type mention struct {
	id    metamodel.ID
	owner *metamodel.ID
	path  string
}

// The phases of linking, in order: each needs what the one before it has set.
const (
	linkTargets = iota // enums, reference targets, lines → Parent, Via
	linkPaths          // everything that names a field, an option or a document
	linkKeyed          // elements without names, whose ids derive from what they point at
	linkLast           // what needs those ids
	phases
)

func newDecoder(base *metamodel.App, retired func(metamodel.ID) bool) *decoder {
	d := &decoder{
		app: &metamodel.App{}, base: base, objects: map[metamodel.ID]any{}, was: map[string]any{}, names: map[string]bool{},
		formulas: map[*metamodel.Formula]form{}, broken: map[DocKey]bool{},
	}
	d.ids = newIdentities(d, base, retired)
	return d
}

// Decode makes an app from its documents in source form. Keys of files are paths (entities/x.json, app.json)
// or document keys (entity/x, app). With a base, elements keep the ids of those that they continue; retired
// tells which ids were used before and never may be again (nil: none). All problems are reported at once; the
// app is nil when they leave nothing to show, and must not be stored when the list has errors. Expressions
// are not judged here: one that doesn't compile is kept as it is written.
func Decode(files map[string][]byte, base *metamodel.App, retired func(metamodel.ID) bool) (*metamodel.App, diag.List) {
	d := newDecoder(base, retired)
	docs, ok := d.parseFiles(files)
	if !ok {
		return nil, d.finish()
	}
	d.read(docs)
	d.storeFormulas()
	d.checkSchemas(docs)
	return d.result()
}

func (d *decoder) parseFiles(files map[string][]byte) ([]*document, bool) {
	total, byKey := 0, map[DocKey]bool{}
	if len(files) > metamodel.MaxDocuments {
		d.list = append(d.list, tooMany(whatDocuments, "", len(files), metamodel.MaxDocuments))
		return nil, false
	}
	var docs []*document
	for path, text := range files {
		total += len(text)
		key, ok := metamodel.ParseDocKey(path)
		if !ok {
			d.list.Add("document.path_unknown", "", "path", clip(path))
			continue
		}
		if byKey[key] {
			d.list.Add("name.duplicate", key.Pointer(), "name", key.Name)
			continue
		}
		byKey[key] = true
		if doc := d.parseDocument(key, text); doc != nil {
			docs = append(docs, doc)
		}
	}
	if total > metamodel.MaxAppBytes {
		d.list = append(d.list, tooMany(whatAppBytes, "", total, metamodel.MaxAppBytes))
		return nil, false
	}
	if !byKey[DocKey{Kind: metamodel.KindApp}] {
		d.list.Add("document.app_missing", "/app")
		d.broken[DocKey{Kind: metamodel.KindApp}] = true
	}
	return docs, true
}

func (d *decoder) parseDocument(key DocKey, text []byte) *document {
	root, problem := parse(text, key.Pointer())
	if problem != nil {
		d.list = append(d.list, *problem)
		d.broken[key] = true
		return nil
	}
	return &document{key: key, form: source, root: root, path: key.Pointer()}
}

// read decodes and links the documents. Their order is by kind and name, whatever order they came in.
func (d *decoder) read(docs []*document) {
	slices.SortFunc(docs, func(a, b *document) int {
		return cmp.Or(cmp.Compare(slices.Index(metamodel.Kinds, a.key.Kind), slices.Index(metamodel.Kinds, b.key.Kind)), strings.Compare(a.key.Name, b.key.Name))
	})
	d.ids.claim(docs)
	counts := map[metamodel.Kind]int{}
	for _, doc := range docs {
		counts[doc.key.Kind]++
		d.document(doc)
	}
	for kind, n := range counts {
		if limit := maxDocumentsOf[kind]; n > limit && kind != metamodel.KindApp {
			d.list = append(d.list, tooMany(whatDocumentsOf[kind], "", n, limit))
		}
	}
	d.ids.assign()
	d.keepLedgers()
	for phase := range d.link {
		for _, step := range d.link[phase] {
			step()
		}
		switch phase {
		case linkTargets:
			for _, l := range d.app.Ledgers {
				l.Link()
			}
			for _, e := range d.app.Entities {
				e.Link()
			}
		case linkKeyed:
			d.ids.assign()
		}
	}
	d.sort()
	d.settleMissing()
}

// later puts off a step to a phase of linking.
func (d *decoder) later(phase int, step func()) { d.link[phase] = append(d.link[phase], step) }

func (d *decoder) sort() {
	slices.SortFunc(d.app.Entities, func(a, b *metamodel.Entity) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.app.Ledgers, func(a, b *metamodel.Ledger) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.app.Enums, func(a, b *metamodel.Enum) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.app.Views, func(a, b *metamodel.View) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.app.Roles, func(a, b *metamodel.Role) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.app.Scenarios, func(a, b *metamodel.Scenario) int { return strings.Compare(a.Name, b.Name) })
}

func (d *decoder) settleMissing() {
	for _, m := range d.missing {
		d.app.Missing = append(d.app.Missing, metamodel.Mention{ID: m.id, Owner: *m.owner, Path: m.path})
	}
}

// maxDiagnostics bounds how many problems one decoding reports.
const maxDiagnostics = 500

func (d *decoder) finish() diag.List {
	list := d.list.Sort()
	if len(list) > maxDiagnostics {
		list = list[:maxDiagnostics]
	}
	return list
}

func (d *decoder) result() (*metamodel.App, diag.List) { return d.app, d.finish() }

// document reads one document's common keys and hands it to its kind's reader.
func (d *decoder) document(doc *document) {
	o := d.object(doc.root, doc.path, doc.form)
	if o.n == nil || !d.header(doc, o) {
		d.broken[doc.key] = true
		return
	}
	switch doc.key.Kind {
	case metamodel.KindApp:
		d.readApp(o)
	case metamodel.KindEntity:
		d.readEntity(o)
	case metamodel.KindLedger:
		d.readLedger(o)
	case metamodel.KindEnum:
		d.readEnum(o)
	case metamodel.KindView:
		d.readView(o)
	case metamodel.KindRole:
		d.readRole(o)
	case metamodel.KindScenario:
		d.readScenario(o)
	}
	o.done()
}

// header checks what a document says of itself against where it was found, and brings older versions up to
// date.
func (d *decoder) header(doc *document, o *object) bool {
	kinds := make([]string, len(metamodel.Kinds))
	for i, k := range metamodel.Kinds {
		kinds[i] = string(k)
	}
	kind := o.needOne("x-kind", kinds...)
	if kind == "" {
		return false
	}
	if kind != string(doc.key.Kind) {
		o.add("document.kind_mismatch", "x-kind", "actual", kind, "expected", string(doc.key.Kind))
		return false
	}
	newest := len(upcasts[doc.key.Kind]) + 1
	version := o.need("x-version")
	if version == nil {
		return false
	}
	n := d.numberAt(version, o.at("x-version"), 1, metamodel.MaxInteger, 0)
	if n == 0 {
		return false
	}
	if n > newest {
		o.add("document.version_unknown", "x-version", "version", n, "newest", newest)
		return false
	}
	for _, up := range upcasts[doc.key.Kind][n-1:] {
		up(o.n)
	}
	if name := o.n.get("x-name").str(); doc.key.Kind != metamodel.KindApp && doc.form == source && name != doc.key.Name {
		o.add("document.name_mismatch", "x-name", "actual", clip(name), "expected", clip(doc.key.Name))
		d.broken[doc.key] = true
	}
	return true
}

// upcasts bring a kind's older document versions up to date: upcasts[kind][i] turns version i+1 into i+2, in
// place. The newest version of a kind is one more than its upcasts.
var upcasts = map[metamodel.Kind][]func(*node){}
