package store

import (
	"context"
	"slices"

	"gorm.io/gorm/clause"

	"tenon/metamodel"
)

type userRoleRow struct {
	UserID string `gorm:"primaryKey"`
	App    string `gorm:"primaryKey"`
	RoleID string `gorm:"primaryKey"`
}

// TableName is the table of assigned roles.
func (userRoleRow) TableName() string { return "user_roles" }

// RolesOf lists the ids of a person's assigned roles by the app's name.
func (r *Reader) RolesOf(ctx context.Context, user string) (map[string][]metamodel.ID, error) {
	var rows []userRoleRow
	if err := r.models(ctx).Where("user_id = ?", user).Find(&rows).Error; err != nil {
		return nil, r.s.wrap("read roles of user", err)
	}
	out := map[string][]metamodel.ID{}
	for _, row := range rows {
		out[row.App] = append(out[row.App], metamodel.ID(row.RoleID))
	}
	for _, roles := range out {
		slices.Sort(roles)
	}
	return out, nil
}

// SetRoles makes a person's roles in an app exactly these.
func (tx *Tx) SetRoles(ctx context.Context, by By, user, app string, roles []metamodel.ID) error {
	before, err := tx.rolesBefore(ctx, by, user, app, roles)
	if err != nil {
		return err
	}
	if len(before) > 0 {
		const drop = "DELETE FROM user_roles WHERE user_id = ? AND app = ?"
		if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), drop), user, app); err != nil {
			return tx.s.wrap("drop roles of user", err)
		}
	}
	return tx.putRoles(ctx, user, app, roles)
}

// AssignRole gives a person one more role, such as the installer's in a new app. It does nothing when the person
// has it.
func (tx *Tx) AssignRole(ctx context.Context, by By, user, app string, role metamodel.ID) error {
	roles, err := tx.RolesOf(ctx, user)
	if err != nil {
		return err
	}
	if slices.Contains(roles[app], role) {
		return nil
	}
	return tx.SetRoles(ctx, by, user, app, append(roles[app], role))
}

// rolesBefore begins the change, checks the account and reads what it has.
func (tx *Tx) rolesBefore(ctx context.Context, by By, user, app string, after []metamodel.ID) ([]metamodel.ID, error) {
	if err := tx.BumpEpoch(ctx); err != nil {
		return nil, err
	}
	if _, err := tx.userRow(ctx, "id = ? AND deleted_at = 0", user); err != nil {
		return nil, err
	}
	roles, err := tx.RolesOf(ctx, user)
	if err != nil {
		return nil, err
	}
	return roles[app], tx.note(ctx, by, "user.roles", "user", user, map[string]any{"app": app, "before": roles[app], "after": after})
}

func (tx *Tx) putRoles(ctx context.Context, user, app string, roles []metamodel.ID) error {
	if len(roles) == 0 {
		return nil
	}
	rows := make([]userRoleRow, 0, len(roles))
	for _, id := range roles {
		rows = append(rows, userRoleRow{UserID: user, App: app, RoleID: string(id)})
	}
	err := tx.models(ctx).Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(rows, idBatch).Error
	return tx.s.wrap("insert roles of user", err)
}
