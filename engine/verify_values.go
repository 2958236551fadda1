package engine

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// verifier works out again what the records of an entity keep, a page of records at a time: it holds no more than a page,
// and for each roll-up what its function needs of the rows.
type verifier struct {
	*world
	unit *compile.Entity
	out  *Verification
}

// run verifies all records, or about so many of them, spread over all.
func (v *verifier) run(ctx context.Context, sample int) error {
	if sample == 0 {
		return v.pages(ctx, &query.Select{Entity: v.unit.Entity, Limit: maxSelectIDs}, v.page)
	}
	ids, err := v.sample(ctx, sample)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids, maxSelectIDs) {
		if err := v.pages(ctx, &query.Select{Entity: v.unit.Entity, IDs: part, Limit: len(part)}, v.page); err != nil {
			return err
		}
	}
	return nil
}

// sample picks records at even distances; where it begins changes with the time, so that each has its turn.
func (v *verifier) sample(ctx context.Context, size int) ([]string, error) {
	e := v.unit.Entity
	all, err := v.read.(*store.Reader).Aggregate(ctx, &query.Aggregate{Entity: e, Measures: []query.Measure{{Fn: "count"}}}, v.env)
	if err != nil {
		return nil, fmt.Errorf("count: %w", err)
	}
	count, _ := all.Rows[0].Values[0].(int64)
	step := max(count/int64(size), 1)
	at, ids := v.call.Now.Unix()%step, []string{}
	err = v.pages(ctx, &query.Select{Entity: e, Limit: maxSelectIDs, Fields: e.Columns()[:1]}, func(_ context.Context, rows []value.Row) error {
		for _, row := range rows {
			if at == 0 && len(ids) < size {
				ids, at = append(ids, row[metamodel.SlotID].(string)), step
			}
			at--
		}
		return nil
	})
	return ids, err
}

// pages hands the records of a question to do, a page at a time, each with the means of a request.
func (v *verifier) pages(ctx context.Context, q *query.Select, do func(context.Context, []value.Row) error) error {
	for {
		v.afresh()
		page, err := v.read.Select(ctx, q, v.env)
		if err != nil {
			return fmt.Errorf("read %s: %w", q.Entity.Name, err)
		}
		if err := do(ctx, page.Rows); err != nil {
			return err
		}
		if page.Next == nil {
			return nil
		}
		q.After = page.Next
	}
}

// page verifies what some records keep.
func (v *verifier) page(ctx context.Context, rows []value.Row) error {
	ids := rowIDs(rows)
	for _, l := range v.unit.Lines {
		lines, err := v.read.Lines(ctx, l.Field, ids)
		if err != nil {
			return fmt.Errorf("read lines: %w", err)
		}
		for i, row := range rows {
			row[l.Field.Slot] = lines[ids[i]]
		}
	}
	for i := range v.unit.Stored {
		if v.waits(v.unit.Stored[i].Field) {
			continue
		}
		if err := v.formula(ctx, &v.unit.Stored[i], rows); err != nil {
			return err
		}
	}
	for _, r := range v.unit.Rollups {
		if v.waits(r.Field) {
			continue
		}
		if err := v.rollup(ctx, r, rows); err != nil {
			return err
		}
	}
	return nil
}

// waits tells whether a value is being worked out by a job just now, so that it proves nothing.
func (v *verifier) waits(f *metamodel.Field) bool {
	u := v.call.Snap.Unsettled()
	return u != nil && u.Fields[f]
}

func rowIDs(rows []value.Row) []string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row[metamodel.SlotID].(string)
	}
	return ids
}

// formula works a stored formula, or a roll-up over a record's own lines, out again from what else the records hold. What
// can't be worked out of old values is what it was.
func (v *verifier) formula(ctx context.Context, c *compile.Computed, rows []value.Row) error {
	v.afresh()
	if c.Program != nil {
		if err := v.prefetch(ctx, c.Program.Hops, v.unit.Entity, rows); err != nil {
			return err
		}
	}
	what, checked := "formula", &v.out.Checked.Formulas
	if c.Field.Rollup != nil {
		what, checked = "rollup", &v.out.Checked.Rollups
	}
	for _, row := range rows {
		again := cloneRecord(v.unit, row)
		trial := &draft{entity: v.unit, before: row, after: again, trial: true}
		if err := v.compute(ctx, trial, c); err != nil {
			return err
		}
		if c.Line == nil {
			*checked++
			v.compare(what, c.Field, row, row, again)
			continue
		}
		stored, _ := row[c.Line.Slot].([]value.Row)
		right, _ := again[c.Line.Slot].([]value.Row)
		for i := range stored {
			*checked++
			v.compare(what, c.Field, row, stored[i], right[i])
		}
	}
	return nil
}

// compare notes where a record, or a line of it, keeps another value than the right one.
func (v *verifier) compare(what string, f *metamodel.Field, record, stored, right value.Row) {
	if same(stored[f.Slot], right[f.Slot]) {
		return
	}
	d := v.at(f, record, stored)
	d.What, d.Stored, d.Recomputed = what, keptText(stored[f.Slot]), keptText(right[f.Slot])
	v.out.add(d)
}

// at is a difference at a field of a record, or of a line of it.
func (v *verifier) at(f *metamodel.Field, record, row value.Row) Difference {
	d := Difference{Name: f.Entity.Name + "." + f.Name, Entity: v.unit.Name, Record: record[metamodel.SlotID].(string), Field: f.Name}
	if f.Entity.IsLines() {
		d.Line, d.Field = row[metamodel.LineSlotID].(string), f.Entity.Via.Name+"."+f.Name
	}
	return d
}

// keptText is a value in a difference; "" is null.
func keptText(v any) string {
	if v == nil {
		return ""
	}
	return sameText(v)
}

// keptRow is a row that keeps a roll-up: a record or a line of it.
type keptRow struct{ record, row value.Row }

// rollup works a roll-up of some records, or of their lines, out again from all rows that point at them.
func (v *verifier) rollup(ctx context.Context, r *compile.Rollup, records []value.Row) error {
	var all []keptRow
	for _, record := range records {
		for _, id := range keeping(r, record) {
			all = append(all, keptRow{record, keepingRow(r, record, id)})
		}
	}
	for part := range slices.Chunk(all, maxSelectIDs) {
		if err := v.rollups(ctx, r, part); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) rollups(ctx context.Context, r *compile.Rollup, rows []keptRow) error {
	ids := make([]string, len(rows))
	for i, k := range rows {
		ids[i] = k.row[metamodel.SlotID].(string)
	}
	piles := make(map[string]*pile, len(ids))
	for _, id := range ids {
		piles[id] = &pile{roll: r}
	}
	q := &query.Select{Entity: r.Rows.Entity, To: r.Path, IDs: ids, Limit: maxSelectIDs}
	err := v.pages(ctx, q, func(ctx context.Context, from []value.Row) error { return v.pileUp(ctx, r, from, piles) })
	if err != nil {
		return err
	}
	for i, k := range rows {
		right, err := piles[ids[i]].value()
		if err != nil {
			return err
		}
		v.out.Checked.Rollups++
		again := cloneRow(k.row)
		again[r.Field.Slot] = fit(r.Field, right)
		v.compare("rollup", r.Field, k.record, k.row, again)
	}
	return v.beside(ctx, r, rows, piles)
}

// pileUp puts what rows give to a roll-up onto the piles of the records that they point at. A row whose value can't be
// worked out gives nothing, nor does a line of a deleted record.
func (v *verifier) pileUp(ctx context.Context, r *compile.Rollup, rows []value.Row, piles map[string]*pile) error {
	docs, err := v.documentsOf(ctx, r, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		doc := docs[row[metamodel.SlotID].(string)]
		if r.Rows.IsLines() && doc == nil {
			continue
		}
		g, ok, err := v.give(ctx, r, row, doc)
		if _, told := asProblem(err); told {
			continue
		}
		if err != nil {
			return err
		}
		if to := piles[g.to]; ok && to != nil {
			if err := to.put(rolled{g.value, orderOf(r, row, doc), placeOf(r, row)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// documentsOf reads the live records that lines belong to, by the lines' ids.
func (v *verifier) documentsOf(ctx context.Context, r *compile.Rollup, lines []value.Row) (map[string]value.Row, error) {
	out := map[string]value.Row{}
	if !r.Rows.IsLines() {
		return out, nil
	}
	parents := map[string]value.Row{}
	for _, line := range lines {
		parents[line[metamodel.LineSlotParent].(string)] = nil
	}
	ids := make([]string, 0, len(parents))
	for id := range parents {
		ids = append(ids, id)
	}
	page, err := v.read.Select(ctx, &query.Select{Entity: r.Rows.Parent, IDs: ids, Limit: len(ids)}, v.env)
	if err != nil {
		return nil, fmt.Errorf("read the documents of lines: %w", err)
	}
	for _, doc := range page.Rows {
		parents[doc[metamodel.SlotID].(string)] = doc
	}
	for _, line := range lines {
		out[line[metamodel.LineSlotID].(string)] = parents[line[metamodel.LineSlotParent].(string)]
	}
	return out, nil
}

// pile gathers what rows give to a roll-up of one record, and keeps of it what the result depends on: numbers for sums,
// the extreme, the first of all or of each value, however many rows there are.
type pile struct {
	roll *compile.Rollup
	n    int64
	sum  any
	sums store.Sums
	kept map[string]rolled
	// counts is how many rows give each value, as the store knows it, where different values are counted.
	counts map[string]int64
}

func (p *pile) put(g rolled) (err error) {
	r, x := p.roll, &delta{come: []any{g.value}}
	p.n++
	key, better := "", false
	switch r.Function {
	case metamodel.RollupCount:
		return nil
	case metamodel.RollupSum:
		p.sum, err = sumDelta(r.Field, p.sum, x)
		return err
	case metamodel.RollupAverage, metamodel.RollupDeviate:
		return addSums(&p.sums, r.Field, x)
	case metamodel.RollupMin, metamodel.RollupMax:
		best, ok := p.kept[key]
		v, _ := extremeDelta(r.Function, best.value, x)
		better = !ok || !same(v, best.value)
	case metamodel.RollupFirst:
		best, ok := p.kept[key]
		better = !ok || byOrder(r, g, best) < 0
	case metamodel.RollupLast:
		best, ok := p.kept[key]
		better = !ok || byOrder(r, g, best) > 0
	case metamodel.RollupDistinct, metamodel.RollupConcat:
		key = sameText(g.value)
		if p.counts == nil {
			p.counts = map[string]int64{}
		}
		p.counts[store.ValueKey(key)]++
		best, ok := p.kept[key]
		better = !ok || byOrder(r, g, best) < 0
	}
	if better {
		if p.kept == nil {
			p.kept = map[string]rolled{}
		}
		p.kept[key] = g
	}
	return nil
}

func (p *pile) value() (any, error) {
	switch r := p.roll; r.Function {
	case metamodel.RollupCount:
		return p.n, nil
	case metamodel.RollupSum:
		if p.n > 0 {
			return p.sum, nil
		}
	case metamodel.RollupAverage, metamodel.RollupDeviate:
		return ofSums(r.Function, r.Field, &p.sums)
	default:
	}
	all := make([]rolled, 0, len(p.kept))
	for _, g := range p.kept {
		all = append(all, g)
	}
	v, _, err := fold(p.roll, all)
	return v, err
}
