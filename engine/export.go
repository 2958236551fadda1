package engine

import (
	"context"
	"fmt"
	"io"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/sheet"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// Bounds of exports.
const (
	exportPage    = 500
	maxExportRows = 200_000 // rows of one export
)

// Export writes records as a CSV or XLSX file: {"format", "filter", "order_by", "search", "view", "saved", "fields"}. It sees what a list
// would see, without masked fields; titles stand in the place of options and of the records that are pointed at.
func (e *Engine) Export(ctx context.Context, c Call, entity string, body []byte) (*Download, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	may, err := c.require(ent, metamodel.ActExport) // its fields are those that may be read, too
	if err != nil {
		return nil, err
	}
	read, err := c.require(ent, metamodel.ActRead)
	if err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	l := &lister{call: c, entity: ent, may: may, list: v.only("", "format", "filter", "order_by", "search", "view", "saved", "fields")}
	req := ListRequest{Filter: v.optionalText(l, "filter"), OrderBy: v.optionalText(l, "order_by"), Search: v.optionalText(l, "search")}
	format, fields, shown := l.exportFormat(v), l.exportFields(v.get("fields")), e.bodyListing(l, v)
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	if req.OrderBy == "" {
		req.OrderBy = shown.order
	}
	q, err := e.listQuery(c, ent, may, req)
	if err != nil {
		return nil, err
	}
	q.Where = append(append(q.Where, read.where()...), shown.where...)
	q.Limit = exportPage
	first := *q
	first.Limit, first.Fields = 1, ent.Columns()[:1]
	if _, err := e.store.Reader().Select(ctx, &first, c.env()); err != nil {
		return nil, e.queryProblem(err) // said now, not by a download that breaks off
	}
	entry := store.Entry{
		At: c.Now, Actor: c.Actor.ID, ActorKind: c.Actor.Kind.String(), Action: "export", App: c.Snap.App.Name,
		EntityID: string(ent.ID), RequestID: c.RequestID, Data: append(appendString([]byte(`{"filter":`), req.Filter), '}'),
	}
	if err := e.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error { return tx.Journal(ctx, entry) }); err != nil {
		return nil, fmt.Errorf("journal the export: %w", err)
	}
	name := ent.Title.In(c.Locale) + "_" + value.DateOf(c.Now, c.Snap.Zone).String() + "." + format.String()
	contentType := "text/csv; charset=utf-8"
	if format == sheet.XLSX {
		contentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return &Download{Name: name, ContentType: contentType, Size: -1, Write: func(out io.Writer) error {
		return e.export(ctx, c, ent, q, format, fields, out)
	}}, nil
}

func (l *lister) exportFormat(v *jsonValue) sheet.Format {
	switch f := v.optionalText(l, "format"); f {
	case "", "xlsx":
		return sheet.XLSX
	case "csv":
	default:
		l.list.Add("export.format", "/format", "value", clip(f))
	}
	return sheet.CSV
}

// exportFields are the fields asked for, or all that the actor may use.
func (l *lister) exportFields(v *jsonValue) []*metamodel.Field {
	var out []*metamodel.Field
	if v == nil {
		for _, f := range l.entity.Fields {
			if l.readable(f) && f.Kind != metamodel.Lines && f.Kind != metamodel.JSON {
				out = append(out, f)
			}
		}
		return out
	}
	for i := range v.items {
		name := v.items[i].text
		f := l.entity.ByName(name)
		if f == nil || !l.readable(f) || f.Kind == metamodel.Lines {
			l.list.Add("query.field_unknown", diag.Pointer("/fields", i), "field", clip(name), "parameter", "fields")
			continue
		}
		out = append(out, f)
	}
	if v.kind != jsonArray || len(out) == 0 {
		p, _ := asProblem(wrongMember("/fields", "fields", "array"))
		l.list = append(l.list, p.List...)
	}
	return out
}

func (e *Engine) export(ctx context.Context, c Call, ent *compile.Entity, q *query.Select, format sheet.Format, fields []*metamodel.Field, out io.Writer) error {
	columns := make([]sheet.Column, len(fields))
	for i, f := range fields {
		columns[i] = sheet.Column{Title: f.Title.In(c.Locale), Kind: f.Kind, Scale: int32(f.Scale)}
		if f.Target != nil || f.Enum != nil || f.Kind == metamodel.User || f.Kind == metamodel.Department {
			columns[i].Kind = metamodel.Text
		}
	}
	words := sheet.Options{Sheet: ent.Title.In(c.Locale), Zone: c.Snap.Zone, True: "是", False: "否"}
	if c.Locale == "en-US" {
		words.True, words.False = "yes", "no"
	}
	t, err := sheet.NewWriter(format, out, columns, words)
	if err != nil {
		return err
	}
	for t.Rows() < maxExportRows {
		w := e.newWorld(c, e.store.Reader()) // a new one for each page bounds what is remembered
		next, err := w.exportPage(ctx, t, q, fields)
		if err != nil {
			return err
		}
		if next == nil {
			break
		}
		q.After = next
	}
	return t.Close()
}

func (w *world) exportPage(ctx context.Context, t *sheet.Writer, q *query.Select, fields []*metamodel.Field) (*query.Cursor, error) {
	stored, rest := w.split(fields)
	q.Fields = stored
	page, err := w.read.Select(ctx, q, w.env)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := w.fillVirtual(ctx, rest, page.Rows, nil, true); err != nil {
		return nil, err
	}
	titles := make([]map[string]string, len(fields))
	for i, f := range fields {
		if titles[i], err = w.titles(ctx, f, page.Rows); err != nil {
			return nil, err
		}
	}
	values := make([]any, len(fields))
	for _, row := range page.Rows {
		for i, f := range fields {
			values[i] = shown(row[f.Slot], titles[i])
		}
		if err := t.WriteRow(values); err != nil {
			return nil, err
		}
	}
	return page.Next, nil
}

// shown puts titles in the place of names and ids; nil titles leave the value as it is.
func shown(v any, titles map[string]string) any {
	if titles == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		return titles[v]
	case []string:
		out := make([]string, 0, len(v))
		for _, s := range v {
			if t := titles[s]; t != "" {
				out = append(out, t)
			}
		}
		return out
	}
	return v
}

// titles are the texts that stand for the options or records that a field's values name; a record that the actor
// may not see has none. Nil means that values stand for themselves.
func (w *world) titles(ctx context.Context, f *metamodel.Field, rows []value.Row) (map[string]string, error) {
	out := map[string]string{}
	switch {
	case f.Enum != nil:
		for _, o := range f.Enum.Options {
			out[o.Name] = o.Title.In(w.call.Locale)
		}
		return out, nil
	case f.Kind == metamodel.User || f.Kind == metamodel.Department:
		r, ok := w.read.(accountReader)
		if !ok {
			return out, nil
		}
		if f.Kind == metamodel.User {
			return r.UserNames(ctx, relatedIDs(f, rows))
		}
		return r.DepartmentNames(ctx, relatedIDs(f, rows))
	case f.Target == nil:
		return nil, nil
	}
	if f.Target.IsLines() {
		d := w.displays()
		for _, row := range rows {
			d.value(f, row[f.Slot])
		}
		err := d.find(ctx)
		return d.texts, err
	}
	may := w.call.decide(f.Target, metamodel.ActRead)
	display := f.Target.Display
	if display == nil || !may.allow() || !may.readable(display) || may.masked(display) {
		return out, nil
	}
	ids := relatedIDs(f, rows)
	for start := 0; start < len(ids); start += maxSelectIDs {
		part := ids[start:min(len(ids), start+maxSelectIDs)]
		page, err := w.read.Select(ctx, &query.Select{
			Entity: f.Target, IDs: part, Where: may.where(), Limit: len(part), Bin: query.Any,
			Fields: []*metamodel.Field{f.Target.Columns()[metamodel.SlotID], display},
		}, w.env)
		if err != nil {
			return nil, fmt.Errorf("read titles of %s: %w", f.Name, err)
		}
		for _, row := range page.Rows {
			id, _ := row[metamodel.SlotID].(string)
			out[id] = textOf(row[display.Slot])
		}
	}
	return out, nil
}

// textOf is a value as plain text.
func textOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b := appendValue(nil, v)
	if len(b) > 1 && b[0] == '"' {
		return string(b[1 : len(b)-1])
	}
	return string(b)
}
