package metamodel

import (
	"strconv"
	"strings"
)

// FormulaUse says what an expression is for, and with it what it may see and what it must give.
type FormulaUse string

// The uses of expressions.
const (
	UseDefault     FormulaUse = "default"      // a value of Field, on create
	UseComputed    FormulaUse = "computed"     // a value of Field
	UseRollupValue FormulaUse = "rollup-value" // what a row gives to the roll-up Field
	UseRollupWhere FormulaUse = "rollup-where" // a condition over a row: whether it counts for the roll-up Field
	UseOptions     FormulaUse = "options"      // a condition over `it`, the candidate for Field
	UseRuleWhen    FormulaUse = "rule-when"    // a condition; sees `old`
	UseRuleCheck   FormulaUse = "rule-check"   // a condition; sees `old`
	UseTransition  FormulaUse = "transition"   // a condition
	UseFilter      FormulaUse = "filter"       // a condition over records that a view lists
	UseColor       FormulaUse = "color"        // a condition over a record that a view shows, or over a card's measures
	UseForm        FormulaUse = "form"         // a condition over the record in a form
	UseRows        FormulaUse = "rows"         // a condition over records that a grant covers
	UseExpectation FormulaUse = "expectation"  // a condition over records that a scenario counts
	UsePosting     FormulaUse = "posting"      // a condition over a row that posts to a ledger
	UsePostingDay  FormulaUse = "posting-day"  // the day that a row posts for
	UseDimension   FormulaUse = "dimension"    // a value of Field, a ledger's dimension
	UsePostingSum  FormulaUse = "posting-sum"  // a quantity, a value, a rate or a share
	UsePostingOf   FormulaUse = "posting-of"   // the id of what posted before, or a reference to it
	UsePolicyWord  FormulaUse = "policy-word"  // a policy that gives a word
	UsePolicySum   FormulaUse = "policy-sum"   // a policy that gives a number
	UsePolicyDay   FormulaUse = "policy-day"   // a policy that gives a day
)

// Mentions lists the ids of what a formula mentions, as its stored text has them.
func (f *Formula) Mentions() []ID {
	var out []ID
	for text := f.Stored; ; {
		_, rest, found := strings.Cut(text, "⟦")
		if !found {
			return out
		}
		id, after, closed := strings.Cut(rest, "⟧")
		if !closed {
			return out
		}
		out, text = append(out, ID(id)), after
	}
}

// FormulaSite is a place in an app that holds an expression.
type FormulaSite struct {
	Formula  *Formula
	Use      FormulaUse
	Entity   *Entity // the record that the expression sees by bare names; nil when it is missing
	Field    *Field  // default, computed, options, roll-ups
	Owner    ID      // the element that it belongs to
	Path     string  // JSON pointer from the app
	Document DocKey
}

// Formulas lists every expression of the app in a stable order: documents by kind and name, then as written.
func (a *App) Formulas() []FormulaSite {
	w := &formulaWalk{}
	for _, e := range a.Entities {
		if e.Kept == nil {
			w.entity(e)
		}
	}
	for _, l := range a.Ledgers {
		w.ledger(l)
	}
	for _, r := range a.Roles {
		w.doc = DocKey{KindRole, r.Name}
		for i, g := range r.Grants {
			w.add(g.Rows, UseRows, g.Entity, g.ID, w.doc.Pointer()+"/grants/"+strconv.Itoa(i)+"/rows")
		}
	}
	for _, v := range a.Views {
		w.view(v)
	}
	for _, s := range a.Scenarios {
		w.doc = DocKey{KindScenario, s.Name}
		for i, t := range s.Then {
			w.add(t.Filter, UseExpectation, t.Entity, s.ID, w.doc.Pointer()+"/then/"+strconv.Itoa(i)+"/filter")
		}
	}
	return w.out
}

type formulaWalk struct {
	doc DocKey
	out []FormulaSite
}

func (w *formulaWalk) add(f *Formula, use FormulaUse, e *Entity, owner ID, path string) {
	if f != nil {
		w.out = append(w.out, FormulaSite{Formula: f, Use: use, Entity: e, Owner: owner, Path: path, Document: w.doc})
	}
}

func (w *formulaWalk) field(f *Formula, use FormulaUse, field *Field, e *Entity, path string) {
	if f != nil {
		w.out = append(w.out, FormulaSite{Formula: f, Use: use, Entity: e, Field: field, Owner: field.ID, Path: path, Document: w.doc})
	}
}

func (w *formulaWalk) entity(e *Entity) {
	w.doc = DocKey{KindEntity, e.Name}
	base := w.doc.Pointer()
	for _, f := range e.Fields {
		at := base + "/properties/" + f.Name
		w.field(f.Default, UseDefault, f, e, at+"/x-default")
		w.field(f.Formula, UseComputed, f, e, at+"/x-computed/cel")
		if f.Choices != nil {
			w.field(f.Options, UseOptions, f, e, at+"/x-choices/where")
		} else {
			w.field(f.Options, UseOptions, f, e, at+"/x-options-filter")
		}
		if r := f.Rollup; r != nil {
			w.field(r.Value, UseRollupValue, f, r.Entity, at+"/x-rollup/value")
			w.field(r.Where, UseRollupWhere, f, r.Entity, at+"/x-rollup/where")
		}
	}
	for i, r := range e.Rules {
		at := base + "/x-rules/" + strconv.Itoa(i)
		w.add(r.When, UseRuleWhen, e, r.ID, at+"/when")
		w.add(r.Check, UseRuleCheck, e, r.ID, at+"/cel")
	}
	for i, p := range e.Postings {
		w.posting(p, e, base+"/x-postings/"+strconv.Itoa(i))
	}
	if e.States == nil {
		return
	}
	for i, t := range e.States.Transitions {
		w.add(t.When, UseTransition, e, t.ID, base+"/x-states/transitions/"+strconv.Itoa(i)+"/when")
	}
}

// posting lists the expressions of a posting. They see the rows that post.
func (w *formulaWalk) posting(p *Posting, e *Entity, at string) {
	if p.Each != nil {
		e = p.Each.Target
	}
	w.add(p.When, UsePosting, e, p.ID, at+"/when")
	w.add(p.Day, UsePostingDay, e, p.ID, at+"/day")
	w.dimensions(p, p.Dimensions, e, at+"/dimensions/")
	w.dimensions(p, p.To, e, at+"/to/")
	w.add(p.Quantity, UsePostingSum, e, p.ID, at+"/quantity")
	w.add(p.Secondary, UsePostingSum, e, p.ID, at+"/secondary-quantity")
	w.add(p.Value, UsePostingSum, e, p.ID, at+"/value")
	w.add(p.Rate, UsePostingSum, e, p.ID, at+"/rate")
	w.add(p.Of, UsePostingOf, e, p.ID, at+"/of")
	w.add(p.Share, UsePostingSum, e, p.ID, at+"/share")
}

func (w *formulaWalk) dimensions(p *Posting, list []*Formula, e *Entity, at string) {
	for i, f := range list {
		if f != nil {
			d := p.Ledger.Dimensions[i]
			w.out = append(w.out, FormulaSite{Formula: f, Use: UseDimension, Entity: e, Field: d, Owner: p.ID, Path: at + d.Name, Document: w.doc})
		}
	}
}

func (w *formulaWalk) ledger(l *Ledger) {
	w.doc = DocKey{KindLedger, l.Name}
	for _, p := range Policies {
		use := UsePolicyWord
		switch {
		case PolicyDays[p]:
			use = UsePolicyDay
		case PolicyWords[p] == nil:
			use = UsePolicySum
		}
		w.add(l.Policies[p], use, l.Scope, l.ID, w.doc.Pointer()+"/x-policies/"+string(p))
	}
}

func (w *formulaWalk) view(v *View) {
	w.doc = DocKey{KindView, v.Name}
	base := w.doc.Pointer()
	w.add(v.Filter, UseFilter, v.Entity, v.ID, base+"/filter")
	for i, s := range v.Sections {
		at := base + "/sections/" + strconv.Itoa(i)
		w.add(s.Visible, UseForm, v.Entity, s.ID, at+"/visible")
		for j, it := range s.Items {
			item := at + "/items/" + strconv.Itoa(j)
			w.add(it.Visible, UseForm, v.Entity, it.ID, item+"/visible")
			w.add(it.Required, UseForm, v.Entity, it.ID, item+"/required")
			w.add(it.ReadOnly, UseForm, v.Entity, it.ID, item+"/readonly")
			for k, c := range it.Lines {
				w.add(c.Visible, UseForm, v.Entity, c.ID, item+"/columns/"+strconv.Itoa(k)+"/visible")
			}
		}
	}
	for i, c := range v.Colors {
		w.add(c.When, UseColor, v.Entity, c.ID, base+"/colors/"+strconv.Itoa(i)+"/when")
	}
	for i, s := range v.Saved {
		w.add(s.Filter, UseFilter, v.Entity, s.ID, base+"/saved/"+strconv.Itoa(i)+"/filter")
	}
	for i, c := range v.Cards {
		at := base + "/cards/" + strconv.Itoa(i)
		w.add(c.Filter, UseFilter, c.Entity, c.ID, at+"/filter")
		for j, m := range c.Measures {
			w.add(m.Where, UseFilter, c.Entity, m.ID, at+"/measures/"+strconv.Itoa(j)+"/where")
		}
		for j, r := range c.Colors {
			w.add(r.When, UseColor, c.Result(), r.ID, at+"/colors/"+strconv.Itoa(j)+"/when")
		}
	}
}
