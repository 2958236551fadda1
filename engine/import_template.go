package engine

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/sheet"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// ImportTemplate is an empty file with a column for each field that an import may fill, as its upload would map them. With
// the name of a field of lines it has their columns too, and before all a column for what the rows of one record have in
// common. What is needed has an asterisk.
func (e *Engine) ImportTemplate(c Call, entity, lines, format string) (*Download, error) {
	ent, may, err := c.importer(entity)
	if err != nil {
		return nil, err
	}
	fields := c.importable(ent, may)
	if lines != "" && !slices.ContainsFunc(fields, func(f importField) bool { return f.lines != nil && f.lines.Name == lines }) {
		return nil, diag.Refuse("query.field_unknown", "", "field", clip(lines), "parameter", "lines")
	}
	columns := templateColumns(ent, fields, lines, c.Locale)
	words := sheet.Options{Sheet: ent.Title.In(c.Locale)}
	kind := sheet.XLSX
	contentType := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	if format == "csv" {
		kind, contentType = sheet.CSV, "text/csv; charset=utf-8"
	}
	return &Download{Name: words.Sheet + "." + kind.String(), ContentType: contentType, Size: -1, Write: func(out io.Writer) error {
		t, err := sheet.NewWriter(kind, out, columns, words)
		if err != nil {
			return fmt.Errorf("write the template: %w", err)
		}
		return t.Close()
	}}, nil
}

// templateColumns are the columns of a template, no two of one title: what a line has by the title of a column before it is
// told by the title of what holds the lines.
func templateColumns(ent *compile.Entity, fields []importField, lines, lang string) []sheet.Column {
	var out []sheet.Column
	used := map[string]bool{}
	add := func(f importField) {
		title := f.Title.In(lang)
		if f.lines != nil && used[strings.ToLower(title)] {
			title = f.lines.Title.In(lang) + "·" + title
		}
		if used[strings.ToLower(title)] {
			title += " (" + f.Name + ")"
		}
		used[strings.ToLower(title)] = true
		if f.needed() {
			title += " *"
		}
		kind := f.Kind
		if pointsElsewhere(f.Field) || f.Enum != nil {
			kind = metamodel.Text
		}
		out = append(out, sheet.Column{Title: title, Kind: kind, Scale: int32(f.Scale)})
	}
	if lines != "" && len(ent.Numbers) > 0 {
		add(importField{Field: ent.Numbers[0]})
	}
	for _, f := range fields {
		if f.lines == nil || f.lines.Name == lines {
			add(f)
		}
	}
	return out
}
