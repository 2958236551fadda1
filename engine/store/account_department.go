package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// MaxDepartmentDepth is how many departments may be one below the other.
const MaxDepartmentDepth = 20

// maxDepartments bounds the tree that is listed at once.
const maxDepartments = 20_000

// Department is a part of the organisation. Parent is "" at the top.
type Department struct {
	ID       string
	Name     string
	Parent   string
	Position int64
	Created  time.Time
}

type departmentRow struct {
	ID        string `gorm:"primaryKey"`
	Name      string
	Parent    string
	Position  int64
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

// TableName is the table of departments.
func (departmentRow) TableName() string { return "departments" }

type memberRow struct {
	UserID       string `gorm:"primaryKey"`
	DepartmentID string `gorm:"primaryKey"`
}

// TableName is the table of the members of departments.
func (memberRow) TableName() string { return "user_departments" }

// below walks from some departments to all below them; a tree that were damaged into a circle ends too.
const below = ` UNION SELECT d.id FROM departments d JOIN below b ON d.parent = b.id) SELECT id FROM below ORDER BY id`

// DepartmentsOf lists the ids of a person's departments and of all below them.
func (r *Reader) DepartmentsOf(ctx context.Context, user string) ([]string, error) {
	const query = `WITH RECURSIVE below(id) AS (SELECT department_id FROM user_departments WHERE user_id = ?` + below
	out, err := texts(ctx, r.on, bind(r.s.Dialect(), query), user)
	return out, r.s.wrap("read departments of user", err)
}

// DepartmentsBelow lists a department's id and those of all below it; none when there is no such department.
func (r *Reader) DepartmentsBelow(ctx context.Context, id string) ([]string, error) {
	const query = `WITH RECURSIVE below(id) AS (SELECT id FROM departments WHERE id = ?` + below
	out, err := texts(ctx, r.on, bind(r.s.Dialect(), query), id)
	return out, r.s.wrap("read departments below", err)
}

// Departments lists all departments by parent and position.
func (r *Reader) Departments(ctx context.Context) ([]*Department, error) {
	var rows []departmentRow
	order := clause.OrderBy{Columns: []clause.OrderByColumn{{Column: clause.Column{Name: "parent"}}, {Column: clause.Column{Name: "position"}}, {Column: clause.Column{Name: "id"}}}}
	if err := r.models(ctx).Order(order).Limit(maxDepartments).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("list departments", err)
	}
	out := make([]*Department, len(rows))
	for i, row := range rows {
		out[i] = &Department{ID: row.ID, Name: row.Name, Parent: row.Parent, Position: row.Position, Created: instant(row.CreatedAt)}
	}
	return out, nil
}

// PutDepartment adds a department, whose id it sets, or changes the one with the id. It returns ErrNotFound when
// the department or its parent isn't there, ErrCycle and ErrTooDeep.
func (tx *Tx) PutDepartment(ctx context.Context, by By, d *Department) error {
	fresh := d.ID == ""
	action := "department.update"
	if fresh {
		id, err := newID()
		if err != nil {
			return err
		}
		d.ID, action = id, "department.create"
	}
	if err := tx.change(ctx, by, action, "department", d.ID, map[string]any{"name": d.Name, "parent": d.Parent}); err != nil {
		return err
	}
	row, err := tx.departmentRow(ctx, d.ID, fresh)
	if err != nil {
		return err
	}
	if err := tx.placeDepartment(ctx, d); err != nil {
		return err
	}
	row.Name, row.Parent, row.Position = d.Name, d.Parent, d.Position
	if err := tx.models(ctx).Save(row).Error; err != nil {
		return tx.s.wrap("put department", err)
	}
	d.Created = instant(row.CreatedAt)
	return nil
}

func (tx *Tx) departmentRow(ctx context.Context, id string, fresh bool) (*departmentRow, error) {
	if fresh {
		return &departmentRow{ID: id, CreatedAt: tx.s.micros()}, nil
	}
	var row departmentRow
	err := tx.models(ctx).Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("read department: %w", ErrNotFound)
	}
	return &row, tx.s.wrap("read department", err)
}

// placeDepartment walks up from the new parent: it must exist, must not pass the department itself, and what is
// below the department must not become too deep.
func (tx *Tx) placeDepartment(ctx context.Context, d *Department) error {
	all, err := tx.Departments(ctx)
	if err != nil {
		return err
	}
	byID := make(map[string]*Department, len(all))
	children := map[string][]string{}
	for _, other := range all {
		byID[other.ID] = other
		children[other.Parent] = append(children[other.Parent], other.ID)
	}
	above := 0
	for at := d.Parent; at != ""; above++ {
		if at == d.ID {
			return ErrCycle
		}
		parent := byID[at]
		if parent == nil {
			return fmt.Errorf("read parent department: %w", ErrNotFound)
		}
		if above >= MaxDepartmentDepth {
			return ErrTooDeep
		}
		at = parent.Parent
	}
	if above+height(children, d.ID, MaxDepartmentDepth+1) > MaxDepartmentDepth {
		return ErrTooDeep
	}
	return nil
}

// height counts the levels of a department and what is below it, as far as bound.
func height(children map[string][]string, id string, bound int) int {
	if bound == 0 {
		return 0
	}
	most := 0
	for _, c := range children[id] {
		most = max(most, height(children, c, bound-1))
	}
	return most + 1
}

// DeleteDepartment removes an empty department. With ErrInUse it tells how many departments and members are there.
func (tx *Tx) DeleteDepartment(ctx context.Context, by By, id string) (departments, users int64, err error) {
	if err := tx.change(ctx, by, "department.delete", "department", id, nil); err != nil {
		return 0, 0, err
	}
	if departments, err = tx.integer(ctx, "SELECT COUNT(*) FROM departments WHERE parent = ?", id); err != nil {
		return 0, 0, tx.s.wrap("count departments", err)
	}
	if users, err = tx.integer(ctx, "SELECT COUNT(*) FROM user_departments WHERE department_id = ?", id); err != nil {
		return 0, 0, tx.s.wrap("count members", err)
	}
	if departments > 0 || users > 0 {
		return departments, users, ErrInUse
	}
	done := tx.models(ctx).Where("id = ?", id).Delete(&departmentRow{})
	if done.Error == nil && done.RowsAffected == 0 {
		return 0, 0, fmt.Errorf("delete department: %w", ErrNotFound)
	}
	return 0, 0, tx.s.wrap("delete department", done.Error)
}

// SetDepartments makes a person's own departments exactly these; ErrNotFound when the person or one of them isn't
// there.
func (tx *Tx) SetDepartments(ctx context.Context, by By, user string, ids []string) error {
	if err := tx.change(ctx, by, "user.departments", "user", user, map[string]any{"after": ids}); err != nil {
		return err
	}
	if _, err := tx.userRow(ctx, "id = ? AND deleted_at = 0", user); err != nil {
		return err
	}
	const drop = "DELETE FROM user_departments WHERE user_id = ?"
	if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), drop), user); err != nil {
		return tx.s.wrap("drop departments of user", err)
	}
	return tx.putDepartments(ctx, user, ids)
}

func (tx *Tx) putDepartments(ctx context.Context, user string, ids []string) error {
	seen := map[string]bool{}
	var rows []memberRow
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if _, err := tx.departmentRow(ctx, id, false); err != nil {
			return err
		}
		rows = append(rows, memberRow{UserID: user, DepartmentID: id})
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.s.wrap("insert departments of user", tx.models(ctx).CreateInBatches(rows, idBatch).Error)
}
