package engine

import (
	"context"

	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/value"
)

// checkAllRows judges a draft by the rows of every act that it takes: the write itself, the import that it is part
// of, and the assignment when it changes who the record belongs to. The record as it was has been found within the
// rows of the write already.
func (w *world) checkAllRows(ctx context.Context, d *draft, may decision) error {
	if err := w.checkRows(ctx, d, may); err != nil {
		return err
	}
	if w.importing {
		if err := w.checkBothRows(ctx, d, metamodel.ActImport); err != nil {
			return err
		}
	}
	if w.reassigned(d) {
		return w.checkBothRows(ctx, d, metamodel.ActAssign)
	}
	return nil
}

// reassigned tells whether a draft changes who its record belongs to: a new record belongs to whoever makes it.
func (w *world) reassigned(d *draft) bool {
	owner, department := d.assigns(metamodel.SlotOwner), d.assigns(metamodel.SlotDepartment)
	if d.before == nil {
		owner = owner && d.after[metamodel.SlotOwner] != w.call.who()
		department = department && d.after[metamodel.SlotDepartment] != w.call.home()
	}
	return owner || department
}

// checkBothRows judges the rows of an act on the record as it was and as it will be.
func (w *world) checkBothRows(ctx context.Context, d *draft, action metamodel.Action) error {
	may := w.call.decide(d.entity.Entity, action)
	if !may.allow() {
		return w.call.denied(d.entity, action, d.path)
	}
	if d.before != nil {
		inside, err := w.within(ctx, d.before, may)
		if err != nil {
			return err
		}
		if !inside {
			return w.call.denied(d.entity, action, d.path)
		}
	}
	return w.checkRows(ctx, d, may)
}

// checkRows judges the row condition on the record as it will be: nobody writes a record out of what he may
// change.
func (w *world) checkRows(ctx context.Context, d *draft, may decision) error {
	inside, err := w.within(ctx, d.after, may)
	if err == nil && !inside {
		return diag.Refuse("record.outside_rows", d.path)
	}
	return err
}

// within tells whether a record lies in the rows of a decision; a condition that can't be judged does not hold.
func (w *world) within(ctx context.Context, row value.Row, may decision) (bool, error) {
	rows := may.rows()
	if rows == nil {
		return true, nil
	}
	v, err := w.env.Model.EvalNode(rows, w.activation(ctx, row))
	if err != nil && !isNull(err) && fatal(err) {
		return false, err
	}
	ok, _ := v.(bool)
	return ok && err == nil, nil
}
