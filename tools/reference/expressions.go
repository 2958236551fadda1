package main

import (
	"strings"

	"tenon/engine/store/lower"
	"tenon/metamodel/expr"
)

const expressionsAbout = `One language is used wherever an app computes or decides: computed fields, defaults, rules, conditions of transitions and
views, row filters of roles, options of references, and the ` + "`filter`" + ` of lists. It is CEL with exact decimals, dates and functions of
its own. An expression is checked when its document is saved: names, types and what it may cost.`

const expressionsNames = `| name | what it is |
|---|---|
| ` + "`qty`" + ` | a field of the record |
| ` + "`supplier.name`" + ` | a field of the record that a reference points at; further references may be walked |
| ` + "`lines`" + ` | the lines, a list of records: ` + "`lines.sum(l, l.amount)`" + ` |
| ` + "`parent`" + ` | in formulas of lines: the record that they belong to |
| ` + "`id`, `version`, `created_at`, `created_by`, `updated_at`, `updated_by`, `owner`, `department`" + ` | the system's fields |
| ` + "`old`" + ` | in rules: the record before the write, null on create |
| ` + "`it`" + ` | in x-options-filter: the candidate |
| ` + "`user`" + ` | who acts: ` + "`user.id`, `user.roles`, `user.departments`, `user.attributes.region`" + ` |
| ` + "`now()`, `today()`" + ` | the time of the request; the day in the company's zone |
`

const expressionsNull = `A field without a value is null, and == and != see it: ` + "`note == null`" + `. What is computed over null has *no value*: it spreads
through arithmetic, order and functions; ` + "`coalesce` and `blank`" + ` catch it. A condition without a value does not hold: such a record
isn't found. A rule without a value refuses nothing; that a field must be filled in is said by ` + "`required`" + `.

Numbers are exact: literals such as ` + "`0.1`" + ` are decimals, division gives a decimal, and rounding is what ` + "`round`" + ` does, half up.`

// expressions describes the language of expressions.
func expressions(string) (string, error) {
	var p page
	p.start("Expressions", expressionsAbout)
	p.heading(2, "What an expression sees")
	p.write(expressionsNames)
	p.heading(2, "Null and numbers")
	p.text(expressionsNull)
	p.heading(2, "Operators")
	p.text("Those that bind least come first.\n")
	var rows [][]string
	for _, o := range expr.Operators() {
		rows = append(rows, []string{code(o.Sign), o.Doc.ZH + " " + o.Doc.EN, o.Null.ZH + " " + o.Null.EN, examplesOf(o)})
	}
	p.table([]string{"operator", "what it does", "null", "examples"}, rows)
	p.heading(2, "Functions")
	p.text("*In lists* says whether records can be looked for with it, on the embedded database and on PostgreSQL: a condition in a filter, a\nrow filter or a view that the database can't compute is refused when it is saved or sent. Everywhere else each function works.")
	for _, g := range expr.Groups {
		p.heading(3, g.Title.EN+" · "+g.Title.ZH)
		for _, f := range expr.Functions() {
			if f.Group == g.Group {
				p.function(&f)
			}
		}
	}
	return p.String(), nil
}

func examplesOf(o expr.Operator) string {
	var out []string
	for _, e := range o.Examples {
		out = append(out, code(e.Source)+" → "+code(e.Result))
	}
	return strings.Join(out, "; ")
}

func (p *page) function(f *expr.Function) {
	p.heading(4, f.Name)
	p.text(f.Doc.ZH + " " + f.Doc.EN + "\n")
	p.text("```\n" + strings.Join(f.Forms(), "\n") + "\n```\n")
	if f.Member && f.Group != expr.GroupList {
		p.text("May also be written after its first argument.\n")
	}
	example := code(f.Example)
	if f.Result != "" {
		example += " → " + code(f.Result)
	}
	p.text("Example: " + example + "  ")
	p.text("In lists: embedded " + lower.FunctionSupport(lower.SQLite)[f.Name].String() + ", PostgreSQL " + lower.FunctionSupport(lower.Postgres)[f.Name].String() + ".")
}
