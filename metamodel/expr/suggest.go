package expr

import (
	"slices"
	"strings"

	"tenon/metamodel"
)

// candidate is a name that may have been meant, with its label.
type candidate struct {
	name  string
	title metamodel.Label
}

// nearest returns the candidate that is closest to a word by spelling or by label; "" when none is close.
func nearest(word string, in []candidate) string {
	lower := strings.ToLower(word)
	best, bestDistance := "", near(word)+1
	for _, c := range in {
		for _, l := range c.title {
			if l != "" && strings.EqualFold(l, word) {
				return c.name
			}
		}
		if d := distance(lower, strings.ToLower(c.name), bestDistance); d < bestDistance {
			best, bestDistance = c.name, d
		}
	}
	if best != "" {
		return best
	}
	return byLabelPart(word, in)
}

// near is how many letters may differ in a word that was meant.
func near(word string) int {
	if len(word) <= 3 {
		return 1
	}
	return max(2, len(word)/3)
}

// byLabelPart finds the one candidate whose label contains the word or is contained in it.
func byLabelPart(word string, in []candidate) string {
	found := ""
	for _, c := range in {
		for _, l := range c.title {
			if len(word) >= 4 && len(l) >= 4 && (strings.Contains(l, word) || strings.Contains(word, l)) {
				if found != "" && found != c.name {
					return ""
				}
				found = c.name
			}
		}
	}
	return found
}

// distance is the edit distance of two words, or limit when it is at least that.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return min(row[len(b)], limit)
}

func fieldCandidates(e *metamodel.Entity, readable func(*metamodel.Field) bool) []candidate {
	if e == nil {
		return nil
	}
	out := make([]candidate, 0, len(e.Columns()))
	for _, f := range e.Columns() {
		if readable == nil || readable(f) {
			out = append(out, candidate{f.Name, f.Title})
		}
	}
	return out
}

func suggestField(e *metamodel.Entity, readable func(*metamodel.Field) bool, name string) string {
	return nearest(name, fieldCandidates(e, readable))
}

func suggestName(_ *Model, s Scope, name string) string {
	in := append(fieldCandidates(s.Entity, s.Readable), candidate{"user", label("当前用户", "user")})
	if s.Old && s.Entity != nil {
		in = append(in, candidate{name: "old"})
	}
	if s.It != nil {
		in = append(in, candidate{name: "it"})
	}
	return nearest(name, in)
}

func suggestFunction(name string) string {
	in := []candidate{{name: "today"}, {name: "now"}}
	for _, f := range Functions() {
		in = append(in, candidate{name: f.Name})
	}
	for _, c := range in {
		if strings.EqualFold(c.name, name) {
			return c.name
		}
	}
	return nearest(name, in)
}

func suggestOption(name string, e *metamodel.Enum) string {
	in := make([]candidate, 0, len(e.Options))
	for _, o := range e.Options {
		in = append(in, candidate{o.Name, o.Title})
	}
	return nearest(name, in)
}

// suggestLabel adds a suggestion to the last diagnostic for a word in a language that names aren't written in.
func (p *prechecker) suggestLabel(word string) {
	if len(p.diags) == 0 {
		return
	}
	d := &p.diags[len(p.diags)-1]
	s := nearest(word, fieldCandidates(p.scope.Entity, p.scope.Readable))
	if s == "" && p.scope.Query {
		in := make([]candidate, 0, len(p.m.app.Entities))
		for _, e := range p.m.app.Entities {
			in = append(in, candidate{e.Name, e.Title})
		}
		s = nearest(word, in)
	}
	if s == "" {
		d.Fix = "expr.fix_quote_text"
		return
	}
	d.Args["suggestion"] = s
	d.Fix = "expr.fix_did_you_mean"
}

// maxForms is how many ways to call a function are listed one by one.
const maxForms = 4

// formsOf lists the ways to call a function: round(decimal, int).
func formsOf(fn string) metamodel.Label {
	f := functionByName[fn]
	switch {
	case f == nil:
		return label(fn+"()", fn+"()")
	case len(f.Signatures) > 2*maxForms:
		return label(fn+"(a, b)，两项类型相同", fn+"(a, b) with both of one type")
	}
	return label(strings.Join(forms(f, 0), "、"), strings.Join(forms(f, 1), ", "))
}

func forms(f *Function, lang int) []string {
	var out []string
	for _, s := range f.Signatures {
		args := make([]string, len(s.Args))
		for i, a := range s.Args {
			args[i] = a.words(lang)
		}
		form := f.Name + "(" + strings.Join(args, ", ") + ")"
		if !slices.Contains(out, form) && len(out) < maxForms {
			out = append(out, form)
		}
	}
	return out
}
