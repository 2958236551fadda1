package engine

import (
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/sheet"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// importField is a field that a column of a file may fill: of the record, or of its lines in a field.
type importField struct {
	*metamodel.Field
	lines *metamodel.Field // nil for a field of the record
}

// path is how a mapping names the field.
func (f importField) path() string {
	if f.lines == nil {
		return f.Name
	}
	return f.lines.Name + "." + f.Name
}

// needed tells whether a record, or a line, isn't whole without the field.
func (f importField) needed() bool { return f.Required && f.Default == nil }

// importable lists the fields that a file's columns may fill: those that the actor may write on a new record, and then
// those of its lines.
func (c Call) importable(e *compile.Entity, may decision) []importField {
	imports := c.decide(e.Entity, metamodel.ActImport)
	var out []importField
	fill := func(e *compile.Entity, lines *metamodel.Field) {
		for _, f := range e.Fields {
			if f.Kind != metamodel.Lines && f.Kind != metamodel.File && f.Kind != metamodel.Image && c.unwritable(e, may, f) == nil && imports.writable(f) {
				out = append(out, importField{f, lines})
			}
		}
	}
	fill(e, nil)
	for _, l := range e.Lines {
		if c.unwritable(e, may, l.Field) == nil && imports.writable(l.Field) {
			fill(l.Entity, l.Field)
		}
	}
	return out
}

// importKeys lists the numbers that Tenon gives: a column can't fill them, but find the record that rows update.
func (c Call) importKeys(e *compile.Entity) []importField {
	read, update := c.decide(e.Entity, metamodel.ActRead), c.decide(e.Entity, metamodel.ActUpdate)
	var out []importField
	for _, f := range e.Numbers {
		if !c.trusted && update.allow() && read.allow() && read.open(f) {
			out = append(out, importField{Field: f})
		}
	}
	return out
}

// importTarget is what is told of a field that a column may fill.
type importTarget struct {
	Name       string `json:"name"`
	Title      string `json:"title"`
	Required   bool   `json:"required"`
	Lines      string `json:"lines,omitempty"` // the field whose lines have it
	LinesTitle string `json:"lines_title,omitempty"`
	KeyOnly    bool   `json:"key_only,omitempty"` // it finds records and is not written
}

func (c Call) importFields(e *compile.Entity, may decision) []importTarget {
	out := []importTarget{}
	for _, f := range c.importKeys(e) {
		out = append(out, importTarget{Name: f.path(), Title: f.Title.In(c.Locale), KeyOnly: true})
	}
	for _, f := range c.importable(e, may) {
		t := importTarget{Name: f.path(), Title: f.Title.In(c.Locale), Required: f.needed()}
		if f.lines != nil {
			t.Lines, t.LinesTitle = f.lines.Name, f.lines.Title.In(c.Locale)
		}
		out = append(out, t)
	}
	return out
}

// guess finds a field for each header, by the field's name and its titles in both languages, and by which column rows
// are told apart. A file is taken to have lines where it has all that a line must have.
func (p *importPlan) guess(e *compile.Entity, fields []importField) {
	best, most := guessMapping(p.Headers, e, fields, nil), 0
	for _, l := range e.Lines {
		found := guessMapping(p.Headers, e, fields, l.Field)
		if n := found.sureLines(fields, l.Field); n > most {
			best, most = found, n
		}
	}
	for column, m := range best {
		p.put(column, m.to)
	}
	if p.Lines != "" {
		p.Group = guessGroup(p.Headers, e, best)
	}
}

// guessed is what columns probably mean.
type guessed map[int]guess

type guess struct {
	to    importField
	score int
}

// sureLines counts the columns that surely mean something of a line; none when a line would lack what it must have.
func (g guessed) sureLines(fields []importField, lines *metamodel.Field) int {
	there, sure := map[string]bool{}, 0
	for _, m := range g {
		if there[m.to.path()] = true; m.to.lines == lines && m.score >= sheet.SureScore {
			sure++
		}
	}
	for _, f := range fields {
		if f.lines == lines && f.needed() && !there[f.path()] {
			return 0
		}
	}
	return sure
}

// guessMapping finds a field for each header, among the record's own and those of the lines in a field, nil for none. What
// most likely is the number that Tenon gives goes to no field.
func guessMapping(headers []string, e *compile.Entity, fields []importField, lines *metamodel.Field) guessed {
	fields = slices.DeleteFunc(slices.Clone(fields), func(f importField) bool { return f.lines != nil && f.lines != lines })
	for _, f := range e.Numbers {
		fields = append(fields, importField{Field: f})
	}
	candidates := make([]sheet.Candidate, len(fields))
	for i, f := range fields {
		candidates[i] = f.candidate()
	}
	out := guessed{}
	for i, m := range sheet.GuessMapping(headers, candidates) {
		if m.Field >= 0 && !slices.Contains(e.Numbers, fields[m.Field].Field) {
			out[i] = guess{fields[m.Field], m.Score}
		}
	}
	return out
}

// candidate is what a column for the field may be called. A line's field is told from the record's own by what holds the
// lines, and a reference may be called by what finds its record: 商品编码.
func (f importField) candidate() sheet.Candidate {
	c := sheet.Candidate{Key: f.Name}
	for _, l := range diag.Languages {
		title := f.Title[l]
		if title == "" {
			continue
		}
		c.Labels = append(c.Labels, title)
		if f.lines != nil {
			c.Aliases = append(c.Aliases, f.lines.Title[l]+title)
		}
		if f.Target == nil || f.Target.IsLines() {
			continue
		}
		for _, by := range lookupFields(f.Target) {
			c.Related = append(c.Related, withSubject(title, by.Title[l]))
		}
	}
	if f.lines != nil {
		c.Key = f.path()
		c.Labels = append(c.Labels, f.Name)
	}
	return c
}

// withSubject is what a field of a thing is called where the thing is named, too: 编码 of 商品 is 商品编码.
func withSubject(subject, title string) string {
	if strings.HasPrefix(title, subject) {
		return title
	}
	return subject + title
}

// guessGroup finds the column, counted from 1, that tells which rows belong to one record: what identifies it, or what
// looks like a document's number and isn't mapped to anything that points elsewhere. It is 0 when there is none.
func guessGroup(headers []string, e *compile.Entity, found guessed) int {
	var candidates []sheet.Candidate
	keys := slices.Clone(e.Numbers)
	for _, key := range uniqueKeys(e) {
		if len(key) == 1 {
			keys = append(keys, key[0])
		}
	}
	for _, f := range keys {
		candidates = append(candidates, importField{Field: f}.candidate())
	}
	candidates = append(candidates, sheet.Candidate{Key: documentNumber})
	best, score := 0, sheet.SureScore-1
	for i, m := range sheet.GuessMapping(headers, candidates) {
		to, mapped := found[i]
		if mapped && (to.to.lines != nil || pointsElsewhere(to.to.Field)) || m.Field < 0 {
			continue
		}
		if m.Score > score {
			best, score = i+1, m.Score
		}
	}
	return best
}

// documentNumber is what people call the number of any document.
const documentNumber = "单号"
