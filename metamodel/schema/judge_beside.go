package schema

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// judgeBeside reports what the checks of a whole app find in documents that have other problems too, so that one
// answer says everything. Left out is what may merely follow from those problems: where something could not be
// read as it was meant, only formulas that have nothing to do with it are judged.
func (d *decoder) judgeBeside() {
	in := d.doubts()
	if in == nil {
		d.errors(check.App(d.app))
		return
	}
	model := expr.NewModel(d.app)
	for _, site := range d.app.Formulas() {
		if site.Entity == nil || d.formulas[site.Formula] != source || in.doubt(site) {
			continue // formulas taken over by id were judged before
		}
		_, problems := check.CompileSite(model, site)
		d.errors(problems.Under(site.Path))
	}
}

// errors adds the errors of a list. Warnings can wait until there are none; and what is internal comes of names
// that clash, which were reported: the language can't be set up with them.
func (d *decoder) errors(list diag.List) {
	for _, dg := range list {
		if dg.Severity == diag.Error && dg.Code != diag.Internal {
			d.list = append(d.list, dg)
		}
	}
}

// doubts are what could not be read as it was meant: a formula that has to do with it may be right. A key that
// isn't known makes no doubts: nothing was read of it.
type doubts struct {
	names    map[string]bool            // of fields and entities
	entities map[*metamodel.Entity]bool // whose fields as a whole are in doubt
	places   []string                   // parts of documents, as prefixes of paths
}

// doubts gives nil when everything was read as it was meant.
func (d *decoder) doubts() *doubts {
	out := &doubts{names: map[string]bool{}, entities: map[*metamodel.Entity]bool{}}
	certain := len(d.broken) == 0 && len(d.app.Missing) == 0
	documents := map[string]bool{} // by path
	for key := range d.broken {
		documents[key.Pointer()] = true
	}
	for _, dg := range d.list {
		if dg.Severity != diag.Error || dg.Code == "document.unknown_key" {
			continue
		}
		certain = false
		parts := strings.Split(dg.Path, "/")
		switch {
		case len(parts) <= 3, len(parts) == 4 && parts[3] == "properties":
			documents[documentOf(dg.Path)] = true
		case parts[1] == metamodel.KindEnum.Folder():
			documents[documentOf(dg.Path)] = true
		case parts[3] == "properties":
			out.names[parts[4]] = true
		case len(parts) > 4:
			out.places = append(out.places, strings.Join(parts[:len(parts)-1], "/")+"/")
		}
	}
	if certain {
		return nil
	}
	for _, e := range d.app.Entities {
		of := DocKey{Kind: metamodel.KindEntity, Name: e.Name}
		if e.Kept != nil {
			of = DocKey{Kind: metamodel.KindLedger, Name: e.Kept.Name}
		}
		out.entities[e] = documents[of.Pointer()]
		for _, f := range e.Fields {
			out.field(f, documents)
		}
	}
	for path := range documents {
		out.names[path[strings.LastIndexByte(path, '/')+1:]] = true
	}
	return out
}

// field adds what is in doubt because of what a field points at.
func (in *doubts) field(f *metamodel.Field, documents map[string]bool) {
	switch {
	case f.Kind == metamodel.Lines && f.Target == nil:
		in.names[f.Name] = true
		in.names[metamodel.ParentField] = true // its lines would know their document by
	case f.Kind.IsReference() && f.Target == nil, f.Choices != nil && f.Choices.Entity == nil,
		f.Enum != nil && documents[DocKey{Kind: metamodel.KindEnum, Name: f.Enum.Name}.Pointer()]:
		in.names[f.Name] = true
	}
}

// doubt tells whether a formula lies in, or mentions, what is in doubt.
func (in *doubts) doubt(site metamodel.FormulaSite) bool {
	if in.entities[site.Entity] || slices.ContainsFunc(in.places, func(p string) bool { return strings.HasPrefix(site.Path, p) }) {
		return true
	}
	words := append(strings.Split(site.Path, "/"), strings.FieldsFunc(site.Formula.Source, outsideNames)...)
	return slices.ContainsFunc(words, func(w string) bool { return in.names[w] })
}

func outsideNames(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}
