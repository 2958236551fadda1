package schema

import (
	"slices"
	"strings"

	"tenon/metamodel"
	"tenon/metamodel/check"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// nameFormulas gives the formulas that came in stored form their text with today's names.
func (d *decoder) nameFormulas() {
	whole := !d.list.HasErrors() && len(d.missing) == 0
	var model *expr.Model
	if whole {
		model = expr.NewModel(d.app)
	}
	for _, site := range d.app.Formulas() {
		if f := site.Formula; d.formulas[f] == stored {
			f.Source = d.sourceOf(model, site)
		}
	}
}

// sourceOf is a stored formula's text with today's names. What mentions something that is gone shows the name
// that it had.
func (d *decoder) sourceOf(model *expr.Model, site metamodel.FormulaSite) string {
	if !strings.Contains(site.Formula.Stored, markOpen) {
		return site.Formula.Stored
	}
	if model != nil && site.Entity != nil {
		if text, err := model.SourceText(check.ScopeOf(site), site.Formula.Stored); err == nil {
			return text
		}
	}
	return sourceText(site.Formula.Stored, d.elementNames())
}

// elementNames is what every mention of an id reads as: today's name, else the one that the element had
// before, so that a formula that lost something still says what.
func (d *decoder) elementNames() map[metamodel.ID]string {
	if d.naming != nil {
		return d.naming
	}
	names := map[metamodel.ID]string{}
	d.naming = names
	for _, app := range []*metamodel.App{d.base, d.app} {
		if app == nil {
			continue
		}
		for _, el := range slices.Concat(app.KeptElements(), app.Elements()) {
			names[el.ID] = el.Name
		}
	}
	return names
}

// sayIDs puts names into the place of ids in a reference of the stored form, for diagnostics: id.id reads as
// lines.price.
func (d *decoder) sayIDs(reference string) string {
	parts := strings.Split(reference, ".")
	for i, id := range parts {
		if name := d.elementNames()[metamodel.ID(id)]; name != "" {
			parts[i] = name
		}
	}
	return strings.Join(parts, ".")
}

// sourceText puts names into the place of ids. What is not an element's id, such as a system field, reads as
// itself.
func sourceText(text string, names map[metamodel.ID]string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, markOpen)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		id, after, closed := strings.Cut(rest, markClose)
		if !closed {
			b.WriteString(markOpen + rest)
			return b.String()
		}
		if name, known := names[metamodel.ID(id)]; known {
			id = name
		}
		b.WriteString(id)
		text = after
	}
}

// storeFormulas gives every formula both of its texts. Formulas that were written by name are compiled to
// learn what they mention; those taken over by id are compiled to see that they still mention the same.
func (d *decoder) storeFormulas() {
	d.nameFormulas()
	for f, form := range d.formulas {
		if form == source {
			f.Stored = f.Source
		}
	}
	if d.list.HasErrors() {
		d.judgeBeside()
		return // such an app is not stored
	}
	if len(d.app.Missing) > 0 {
		return
	}
	programs, _ := check.Compile(d.app)
	before := d.formulasBefore()
	for _, site := range d.app.Formulas() {
		f, p := site.Formula, programs.Of(site.Formula)
		switch {
		case d.formulas[f] == source && p != nil:
			f.Stored = expr.StoreText(f.Source, p.Refs())
		case d.formulas[f] == source:
			d.continueFormula(programs.Model(), site, before)
		case p != nil:
			d.followFormula(site, expr.StoreText(f.Source, p.Refs()))
		}
	}
}

// formulasBefore are the base's formulas by where they are: element and place in it.
func (d *decoder) formulasBefore() map[string]*metamodel.Formula {
	if d.base == nil {
		return nil
	}
	out := map[string]*metamodel.Formula{}
	for _, site := range d.base.Formulas() {
		out[placeOf(site)] = site.Formula
	}
	return out
}

func placeOf(site metamodel.FormulaSite) string {
	place := site.Path[strings.LastIndexByte(site.Path, '/')+1:]
	if _, in, found := strings.Cut(site.Path, "/x-postings/"); found { // dimensions/item, to/item
		_, place, _ = strings.Cut(in, "/")
	}
	return string(site.Owner) + "\n" + place
}

// continueFormula keeps the meaning of a formula that the edit left as it was written, when the same edit has
// renamed what it mentions.
func (d *decoder) continueFormula(model *expr.Model, site metamodel.FormulaSite, before map[string]*metamodel.Formula) {
	old := before[placeOf(site)]
	if old == nil || old.Source != site.Formula.Source || old.Stored == old.Source {
		return
	}
	site.Formula.Stored = old.Stored
	site.Formula.Source = d.sourceOf(model, site)
	if p, _ := check.CompileSite(model, site); p != nil { // variables may have got other names
		site.Formula.Stored = expr.StoreText(site.Formula.Source, p.Refs())
	}
}

// followFormula checks that a formula taken over by ids still means them under today's names: a new name may
// be hidden by a variable of the formula. Mentions that meant nothing before may have come to mean something.
func (d *decoder) followFormula(site metamodel.FormulaSite, now string) {
	f := site.Formula
	if now == f.Stored {
		return
	}
	rest := now
	for text := f.Stored; ; {
		_, after, found := strings.Cut(text, markOpen)
		if !found {
			break
		}
		id, tail, closed := strings.Cut(after, markClose)
		mention := markOpen + id + markClose
		_, left, kept := strings.Cut(rest, mention)
		if !closed || !kept {
			name := d.elementNames()[metamodel.ID(id)]
			dg := diag.New("rename.captured", site.Path, "formula", clip(f.Source), "name", name)
			d.list = append(d.list, dg)
			return
		}
		text, rest = tail, left
	}
	f.Stored = now
}
