package expr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"

	"tenon/metamodel"
	"tenon/metamodel/value"
)

// Names that a planned program asks its frame for. No source can spell them.
const (
	varFrame       = "@"
	varRecord      = "@rec"
	varOld         = "@old"
	varIt          = "@it"
	varNow         = "@now"
	varToday       = "@today"
	varUserID      = "@uid"
	varRoles       = "@roles"
	varDepartments = "@departments"
	slotPrefix     = '#'
)

// checkEvery is how many loop steps pass between two looks at the context.
const checkEvery = 64

var errNoWorld = errors.New("the expression reads other records, but the activation has no World")

// frame is one evaluation: the activation as the planned program sees it. It is used by one goroutine.
type frame struct {
	act   *Activation
	plan  *plan
	steps int64
	fatal error // ends every loop; reported instead of the result
	rows  map[relatedKey]value.Row
}

type relatedKey struct {
	entity metamodel.ID
	id     string
}

var _ interpreter.Activation = (*frame)(nil)

// Parent is nil: a frame is the outermost activation.
func (f *frame) Parent() interpreter.Activation { return nil }

// ResolveName answers the names of planned programs: #12 is slot 12 of the record.
func (f *frame) ResolveName(name string) (any, bool) {
	if name[0] == slotPrefix {
		return f.slot(slotOf(name)), true
	}
	switch name {
	case varFrame:
		return native{f}, true
	case varRecord:
		if f.act.Row == nil {
			return types.NullValue, true
		}
		return rowRecord(f, f.plan.record, f.act.Row, f.act.Parent), true
	case varOld:
		return f.optional(f.plan.old, f.act.Old), true
	case varIt:
		return f.optional(f.plan.it, f.act.It), true
	case varNow:
		return types.Timestamp{Time: f.act.Now}, true
	case varToday:
		return native{value.DateOf(f.act.Now, f.zone())}, true
	default:
		return f.user(name)
	}
}

func slotOf(name string) int {
	n := 0
	for i := 1; i < len(name); i++ {
		n = n*10 + int(name[i]-'0')
	}
	return n
}

func (f *frame) slot(slot int) ref.Val {
	field := f.plan.record.Columns()[slot]
	if slot == metamodel.LineSlotParent && field.Name == metamodel.ParentField && f.act.Parent != nil {
		return rowRecord(f, field.Target, f.act.Parent, nil)
	}
	if slot >= len(f.act.Row) {
		return boxField(f, field, nil, nil)
	}
	return boxField(f, field, f.act.Row[slot], f.act.Row)
}

func (f *frame) optional(e *metamodel.Entity, row value.Row) ref.Val {
	if row == nil || e == nil {
		return types.NullValue
	}
	return rowRecord(f, e, row, nil)
}

func (f *frame) user(name string) (any, bool) {
	u := f.act.User
	if u == nil {
		u = &User{}
	}
	switch name {
	case varUserID:
		if u.ID == "" {
			return types.NullValue, true
		}
		return types.String(u.ID), true
	case varRoles:
		return box(u.Roles), true
	case varDepartments:
		return box(u.Departments), true
	default:
		return nil, false
	}
}

func (f *frame) attribute(name string) ref.Val {
	if f.act.User == nil {
		return types.NullValue
	}
	if v, ok := f.act.User.Attributes[name]; ok {
		return types.String(v)
	}
	return types.NullValue
}

func (f *frame) zone() *time.Location {
	if f.act.Zone == nil {
		return time.UTC
	}
	return f.act.Zone
}

func (f *frame) context() context.Context {
	if f.act.Ctx == nil {
		return context.Background()
	}
	return f.act.Ctx
}

// related fetches a record once per evaluation; a record that doesn't exist has an empty row.
func (f *frame) related(e *metamodel.Entity, id string) (value.Row, error) {
	key := relatedKey{e.ID, id}
	if row, ok := f.rows[key]; ok {
		return row, nil
	}
	if f.act.World == nil {
		return nil, errNoWorld
	}
	if err := f.charge(costRelated); err != nil {
		return nil, err
	}
	row, err := f.act.World.Related(f.context(), e, id)
	if err != nil {
		return nil, fmt.Errorf("load related %s: %w", e.Name, err)
	}
	if f.rows == nil {
		f.rows = map[relatedKey]value.Row{}
	}
	f.rows[key] = row
	return row, nil
}

func (f *frame) query(q *Query, params []any) (any, error) {
	if f.act.World == nil {
		return nil, errNoWorld
	}
	if err := f.charge(costQuery); err != nil {
		return nil, err
	}
	v, err := f.act.World.Query(f.context(), q, params)
	if err != nil {
		return nil, fmt.Errorf("query %s of %s: %w", q.Fn, q.Entity.Name, err)
	}
	return v, nil
}

// step is called once per element of a loop, at the given cost.
func (f *frame) step(cost int64) error {
	if f.fatal != nil {
		return f.fatal
	}
	f.steps++
	if f.steps%checkEvery == 0 {
		if err := f.context().Err(); err != nil {
			return err
		}
	}
	return f.charge(cost)
}

func (f *frame) charge(cost int64) error {
	if f.act.Budget == nil || f.act.Budget.spend(cost) {
		return nil
	}
	return ErrBudget
}

// stop ends the evaluation with an error that no && or || may hide.
func (f *frame) stop(err error) ref.Val {
	if f.fatal == nil {
		f.fatal = err
	}
	return types.WrapErr(err)
}
