package engine

import (
	"context"
	"fmt"
	"slices"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/metamodel"
	"tenon/metamodel/value"
)

// place is a row on the way of an explanation.
type place struct {
	entity *compile.Entity
	row    value.Row
	doc    *place // of a line
}

func (p *place) record() string {
	if p.doc != nil {
		return p.doc.record()
	}
	id, _ := p.row[metamodel.SlotID].(string)
	return id
}

func (p *place) line() string {
	if p.doc == nil {
		return ""
	}
	id, _ := p.row[metamodel.LineSlotID].(string)
	return id
}

// own is the id of the row itself: of the record, or of the line.
func (p *place) own() string {
	if line := p.line(); line != "" {
		return line
	}
	return p.record()
}

// unit is the name of the entity whose record is to be asked for, and named how a field there is asked for.
func (p *place) unit() string {
	if p.doc != nil {
		return p.doc.entity.Name
	}
	return p.entity.Name
}

func (p *place) named(f *metamodel.Field) string {
	if p.doc != nil {
		return p.entity.Via.Name + "." + f.Name
	}
	return f.Name
}

// follow walks from a place over references, lines and parents. hidden counts the ways that end at what the asker may
// not see.
func (x *explainer) follow(ctx context.Context, from *place, way metamodel.Path) (places []*place, hidden int, err error) {
	places = []*place{from}
	for _, step := range way {
		var next []*place
		for _, at := range places {
			got, unseen, err := x.step(ctx, at, step)
			if err != nil {
				return nil, 0, err
			}
			next, hidden = append(next, got...), hidden+unseen
			if len(next) > maxExplainInputs {
				next, x.out.More = next[:maxExplainInputs], true
			}
		}
		places = next
	}
	return places, hidden, nil
}

// visitLine reads a line with its document; nil where the asker may not see it, or it isn't there.
func (x *explainer) visitLine(ctx context.Context, lines *compile.Entity, id string) (*place, error) {
	may := x.call.decide(lines.Entity, metamodel.ActRead)
	if !may.allow() || !validID(id) {
		return nil, nil
	}
	page, err := x.read.Select(ctx, &query.Select{Entity: lines.Entity, IDs: []string{id}, Where: may.where(), Limit: 1, Bin: query.Any}, x.env)
	if err != nil || len(page.Rows) == 0 {
		return nil, err
	}
	doc, err := x.visit(ctx, x.call.Snap.Of(lines.Parent), page.Rows[0][metamodel.LineSlotParent].(string))
	if err != nil || doc == nil {
		return nil, err
	}
	return &place{entity: lines, row: page.Rows[0], doc: doc}, nil
}

func (x *explainer) step(ctx context.Context, at *place, step *metamodel.Field) (to []*place, hidden int, err error) {
	switch {
	case step.Name == metamodel.ParentField && step.System:
		return []*place{at.doc}, 0, nil
	case !x.open(step):
		return nil, 1, nil
	case step.Kind == metamodel.Lines:
		rows, _ := at.row[step.Slot].([]value.Row)
		inside := at.entity.LinesOf(step).Entity
		for _, row := range rows {
			to = append(to, &place{entity: inside, row: row, doc: at})
		}
		return to, 0, nil
	}
	if _, err := x.valueAt(ctx, at, step); err != nil {
		return nil, 0, err
	}
	ids := relatedIDs(step, []value.Row{at.row})
	for _, id := range ids[:min(len(ids), maxExplainInputs)] {
		there, err := x.visit(ctx, x.call.Snap.Of(step.Target), id)
		if err != nil {
			return nil, 0, err
		}
		if there == nil {
			hidden++
			continue
		}
		to = append(to, there)
	}
	return to, hidden, nil
}

// visible tells which of some records the asker may see.
func (x *explainer) visible(ctx context.Context, ent *metamodel.Entity, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	may := x.call.decide(ent, metamodel.ActRead)
	if !may.allow() {
		return out, nil
	}
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), maxSelectIDs) {
		page, err := x.read.Select(ctx, &query.Select{
			Entity: ent, IDs: part, Where: may.where(), Limit: len(part), Bin: query.Any, Fields: []*metamodel.Field{ent.Columns()[metamodel.SlotID]},
		}, x.env)
		if err != nil {
			return nil, fmt.Errorf("look who may see %s: %w", ent.Name, err)
		}
		for _, r := range page.Rows {
			out[r[metamodel.SlotID].(string)] = true
		}
	}
	return out, nil
}
