package engine

import (
	"context"
	"fmt"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// ofRollup lists the rows behind a roll-up, with what each gives.
func (x *explainer) ofRollup(ctx context.Context, at *place, f *metamodel.Field, token string) error {
	_, own, far := x.call.Snap.Kept(f)
	r := far
	if own != nil {
		r = &compile.Rollup{Rollup: f.Rollup, Field: f, Rows: x.call.Snap.Of(f.Rollup.Entity), Value: own.Value, Where: own.Where}
	}
	if x.seesRows(r) {
		x.out.Rollup = &rollupJSON{Function: string(r.Function), Entity: r.Entity.Name, Title: r.Entity.Title, Field: r.Path.String()}
	}
	if x.out.Rollup == nil || !x.seesAll(r) {
		x.out.Hidden++
		return nil
	}
	if r.Rollup.Value != nil {
		x.out.Rollup.Value = r.Rollup.Value.Source
	}
	if r.Rollup.Where != nil {
		x.out.Rollup.Where = r.Rollup.Where.Source
	}
	if own == nil {
		return x.farRows(ctx, r, at.own(), token)
	}
	rows, _ := at.row[r.Entity.Via.Slot].([]value.Row)
	for _, row := range rows {
		if err := x.give(ctx, r, &place{entity: r.Rows, row: row, doc: at}); err != nil {
			return err
		}
	}
	return nil
}

// seesRows tells whether the asker may know at all which rows a roll-up is over.
func (x *explainer) seesRows(r *compile.Rollup) bool {
	if !x.call.decide(r.Entity, metamodel.ActRead).allow() {
		return false
	}
	for _, f := range r.Path {
		above := f.System && f.Name == metamodel.ParentField // of a line, which is known with its record
		if !above && !x.open(f) {
			return false
		}
	}
	return true
}

// seesAll tells whether the asker may read every field that decides what rows give to a roll-up.
func (x *explainer) seesAll(r *compile.Rollup) bool {
	all := true
	for _, p := range []*compile.Program{r.Value, r.Where} {
		if p == nil {
			continue
		}
		for _, walk := range p.Walks() {
			all = all && x.open(walk.Field)
		}
	}
	return all
}

// give adds a row with what it gives to a roll-up, if it gives anything.
func (x *explainer) give(ctx context.Context, r *compile.Rollup, there *place) error {
	var doc value.Row
	if there.doc != nil {
		doc = there.doc.row
	}
	v, counts, err := x.contribution(ctx, r, there.row, doc)
	if err != nil || !counts {
		return err
	}
	if d, ok := v.(value.Decimal); ok && d.IsZero() && r.Function == metamodel.RollupSum {
		return nil // it adds nothing
	}
	out := explainRow{Entity: there.unit(), Record: there.record(), Line: there.line(), Value: appendValue(nil, v)}
	if r.Value != nil {
		if f := r.Entity.Field(r.Rollup.Value.Source); f != nil {
			out.Field, out.Kind = there.named(f), kindOf(f)
			x.texts.value(f, v)
		}
	}
	x.tell(&out, there)
	return nil
}

// tell adds a row to the answer, with what posted it where it is an entry of a ledger.
func (x *explainer) tell(out *explainRow, there *place) {
	x.mention(there)
	if l := there.entity.Kept; l != nil {
		out.Of = x.dimensionsOf(l, there)
	}
	if l := there.entity.Kept; l != nil && there.entity.Entity == l.Entry {
		on := l.Entry.Field("day")
		if day, ok := there.row[on.Slot].(value.Date); ok && x.open(on) {
			out.Day = day.String()
		}
		out.Document = x.documentOf(there)
	}
	x.out.Rows = append(x.out.Rows, *out)
}

// dimensionsOf says what a row that a ledger keeps is about.
func (x *explainer) dimensionsOf(l *metamodel.Ledger, there *place) []string {
	var out []string
	for i := range l.Dimensions {
		f := l.DimensionOf(there.entity.Entity, i)
		if f == nil || !x.open(f) || there.row[f.Slot] == nil {
			continue
		}
		x.texts.value(f, there.row[f.Slot])
		out = append(out, fmt.Sprint(there.row[f.Slot]))
	}
	return out
}

// documentOf names the record that posted an entry, if the asker may know the entity at all. Who may not see the record
// is told neither its text nor anything of it when he asks for it.
func (x *explainer) documentOf(entry *place) *explainDoc {
	l := entry.entity.Kept
	name, _ := entry.row[l.Entry.Field("source").Slot].(string)
	id, _ := entry.row[l.Entry.Field("document").Slot].(string)
	e := x.call.Snap.Entity(name)
	if e == nil || !x.open(l.Entry.Field("source")) || !x.open(l.Entry.Field("document")) || !x.call.decide(e.Entity, metamodel.ActRead).allow() {
		return nil
	}
	x.mention(&place{entity: e, row: value.Row{metamodel.SlotID: id}})
	return &explainDoc{Entity: name, Record: id}
}

// farRows goes through the rows that point at a record, a page at a time.
func (x *explainer) farRows(ctx context.Context, r *compile.Rollup, id, token string) error {
	q := &query.Select{Entity: r.Rows.Entity, To: r.Path, IDs: []string{id}, Limit: maxExplainRows}
	if err := after(q, token); err != nil {
		return err
	}
	return x.pages(ctx, q, r.Rows, func(there *place) error { return x.give(ctx, r, there) })
}

// after lets a query go on behind the row that a token names.
func after(q *query.Select, token string) error {
	if token == "" {
		return nil
	}
	if !validID(token) {
		return diag.Refuse("query.page_token", "")
	}
	q.After = &query.Cursor{ID: token}
	return nil
}

// pages reads rows until a page is full or enough were looked at. Rows of records that the asker may not see are counted.
func (x *explainer) pages(ctx context.Context, q *query.Select, rows *compile.Entity, add func(*place) error) error {
	slot := metamodel.SlotID
	if rows.IsLines() {
		slot = metamodel.LineSlotID
	}
	for seen := 0; ; {
		page, err := x.read.Select(ctx, q, x.env)
		if err != nil {
			return fmt.Errorf("read the rows behind a value: %w", err)
		}
		places, hidden, err := x.shown(ctx, rows, page.Rows)
		if err != nil {
			return err
		}
		x.out.Hidden += hidden
		for _, there := range places {
			if err := add(there); err != nil {
				return err
			}
		}
		seen += len(page.Rows)
		if page.Next == nil {
			return nil
		}
		q.After = page.Next
		if len(x.out.Rows) >= maxExplainRows || seen >= maxExplainScan {
			x.out.Next, _ = page.Rows[len(page.Rows)-1][slot].(string)
			return nil
		}
	}
}

// shown makes places of those rows whose records the asker may see. Lines of what is in the recycle bin don't count.
func (x *explainer) shown(ctx context.Context, rows *compile.Entity, found []value.Row) (out []*place, hidden int, err error) {
	unit, slot := rows, metamodel.SlotID
	if rows.IsLines() {
		unit, slot = x.call.Snap.Of(rows.Parent), metamodel.LineSlotParent
	}
	ids := make([]string, len(found))
	for i, row := range found {
		ids[i], _ = row[slot].(string)
	}
	docs := map[string]*place{}
	if rows.IsLines() {
		if docs, err = x.documents(ctx, unit, ids); err != nil {
			return nil, 0, err
		}
	}
	may, err := x.visible(ctx, unit.Entity, append([]string(nil), ids...))
	if err != nil {
		return nil, 0, err
	}
	for i, row := range found {
		doc, there := docs[ids[i]]
		switch {
		case rows.IsLines() && !there:
		case !may[ids[i]]:
			hidden++
		default:
			out = append(out, &place{entity: rows, row: row, doc: doc})
		}
	}
	return out, hidden, nil
}

// documents reads the live records that lines belong to, whoever may see them.
func (x *explainer) documents(ctx context.Context, unit *compile.Entity, ids []string) (map[string]*place, error) {
	page, err := x.read.Select(ctx, &query.Select{Entity: unit.Entity, IDs: ids, Limit: len(ids)}, x.env)
	if err != nil {
		return nil, fmt.Errorf("read the documents of rows: %w", err)
	}
	out := make(map[string]*place, len(page.Rows))
	for _, row := range page.Rows {
		out[row[metamodel.SlotID].(string)] = &place{entity: unit, row: row}
	}
	return out, nil
}

// ofLedger says what is behind a value that a ledger keeps: the entries of a balance or a cost pool; of an entry, what
// posted it and what its value was found by.
func (x *explainer) ofLedger(ctx context.Context, at *place, f *metamodel.Field, token string) error {
	l := at.entity.Kept
	switch at.entity.Entity {
	case l.Entry:
		return x.ofEntry(ctx, at, f)
	case l.Balance:
		if f.Name == "available" {
			return x.besides(ctx, at, "quantity", "reserved")
		}
		key, cost := at.entity.ByName("key"), at.entity.ByName("cost")
		pool, _ := at.row[cost.Slot].(string)
		return x.entries(ctx, l, f, pool, token, equals(l.Entry.Field("key"), at.row[key.Slot]))
	}
	if f.Name == "unit_cost" {
		return x.besides(ctx, at, "value", "quantity", "method")
	}
	return x.entries(ctx, l, f, at.record(), token)
}

// besides shows fields of the same row as what a value is made of.
func (x *explainer) besides(ctx context.Context, at *place, names ...string) error {
	for _, name := range names {
		f := at.entity.ByName(name)
		if !x.open(f) {
			x.out.Hidden++
			continue
		}
		if err := x.input(ctx, at, expr.Walk{Field: f}); err != nil {
			return err
		}
	}
	return nil
}

// entries lists the entries of a pool, or those of them for which a condition holds, the latest first, with what each adds
// to the field.
func (x *explainer) entries(ctx context.Context, l *metamodel.Ledger, f *metamodel.Field, pool, token string, where ...*expr.Node) error {
	entry := x.call.Snap.Of(l.Entry)
	adds := l.Entry.Field(f.Name)
	if adds == nil || adds.Kind != f.Kind { // a method, a first day: it isn't a sum of anything
		return nil
	}
	if !x.open(adds) {
		x.out.Hidden++
		return nil
	}
	day, seq := l.Entry.Field("day"), l.Entry.Field("seq")
	q := &query.Select{
		Entity: l.Entry, To: metamodel.Path{l.Entry.Field("cost")}, IDs: []string{pool}, Where: where, Limit: maxExplainRows,
		Order: []query.Order{{Path: metamodel.Path{day}, Descending: true}, {Path: metamodel.Path{seq}, Descending: true}},
	}
	if err := after(q, token); err != nil {
		return err
	}
	if q.After != nil {
		last, err := x.getAny(ctx, entry, token, decision{all: true})
		if err != nil {
			return err
		}
		q.After.Keys = []any{last[day.Slot], last[seq.Slot]}
	}
	voided := l.Entry.Field("voided")
	return x.pages(ctx, q, entry, func(there *place) error {
		v, gives := there.row[adds.Slot].(value.Decimal)
		if there.row[voided.Slot] == true || !gives || v.IsZero() {
			return nil
		}
		x.tell(&explainRow{Entity: l.Entry.Name, Record: there.record(), Field: adds.Name, Kind: explainLedger, Value: appendValue(nil, v)}, there)
		return nil
	})
}

// ofEntry says what posted an entry and, of its value, how it was found: given by the document, taken from another entry,
// or by the method of its pool.
func (x *explainer) ofEntry(ctx context.Context, at *place, f *metamodel.Field) error {
	l := at.entity.Kept
	row := explainRow{Entity: l.Entry.Name, Record: at.record(), Field: f.Name, Kind: explainLedger, Value: x.out.Value}
	x.tell(&row, at)
	switch f.Name {
	case metamodel.SecondaryQuantity:
		return x.besides(ctx, at, "quantity", metamodel.AskedSecondaryQuantity, metamodel.RunningSecondaryQuantity)
	case metamodel.ReservedSecondaryQuantity:
		return x.besides(ctx, at, "reserved")
	case metamodel.RunningSecondaryQuantity:
		return x.besides(ctx, at, metamodel.SecondaryQuantity, "running_quantity")
	case "value", "running_value", "remaining_value":
	default:
		return nil
	}
	beside := []string{"quantity", "given", "rate", "remaining", "running_quantity", "running_value"}
	if l.Secondary != nil {
		beside = append(beside, metamodel.SecondaryQuantity, metamodel.RunningSecondaryQuantity)
	}
	if err := x.besides(ctx, at, beside...); err != nil {
		return err
	}
	cost := l.Entry.Field("cost")
	if id, _ := at.row[cost.Slot].(string); id != "" {
		pool, err := x.visit(ctx, x.call.Snap.Of(l.Cost), id)
		if err != nil {
			return err
		}
		for _, name := range []string{"method", "unit_cost"} {
			if pool == nil || !x.open(l.Cost.Field(name)) {
				x.out.Hidden++
				continue
			}
			if err := x.input(ctx, pool, expr.Walk{Way: metamodel.Path{cost}, Field: l.Cost.Field(name)}); err != nil {
				return err
			}
		}
	}
	origin, _ := at.row[l.Entry.Field("origin").Slot].(string)
	if origin == "" {
		return nil
	}
	from, err := x.visit(ctx, at.entity, origin)
	if err != nil || from == nil {
		return err
	}
	return x.input(ctx, from, expr.Walk{Way: metamodel.Path{l.Entry.Field("origin")}, Field: l.Entry.Field("value")})
}
