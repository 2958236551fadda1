package engine

import (
	"context"

	"tenon/metamodel"
)

// Duplicate answers with the values to start a new record from: those of a record that the actor could have written
// himself. Nothing is saved.
func (e *Engine) Duplicate(ctx context.Context, c Call, entity, id string) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	write, err := c.require(ent, metamodel.ActCreate)
	if err != nil {
		return nil, err
	}
	may, err := c.require(ent, metamodel.ActRead)
	if err != nil {
		return nil, err
	}
	p, err := c.project(ent, may, ReadOptions{})
	if err != nil {
		return nil, err
	}
	row, err := e.newWorld(c, e.store.Reader()).get(ctx, ent, id, may, p)
	if err != nil {
		return nil, err
	}
	copied := &projection{entity: ent}
	for _, f := range p.fields {
		if f.mask || f.field.System || c.unwritable(ent, write, f.field) != nil {
			continue
		}
		if f.lines != nil {
			kept := f.lines.fields[:0]
			for _, lf := range f.lines.fields {
				if !lf.field.System && c.unwritable(f.lines.entity, write, lf.field) == nil {
					kept = append(kept, lf)
				}
			}
			f.lines.fields = kept
		}
		copied.fields = append(copied.fields, f)
	}
	for _, f := range copied.fields {
		if f.field.Unique {
			row[f.field.Slot] = nil
		}
	}
	return &Result{Body: copied.append(nil, row, nil, nil, "")}, nil
}
