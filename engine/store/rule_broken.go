package store

import (
	"context"
	"time"

	"tenon/metamodel"
)

// brokenRow says that a record breaks a rule that is judged by the clock.
type brokenRow struct {
	App    string `gorm:"primaryKey"`
	Rule   string `gorm:"primaryKey"`
	Record string `gorm:"primaryKey"`
	Since  int64
}

// TableName is the table of rules that are broken.
func (brokenRow) TableName() string { return "broken_rules" }

// Broken lists records that are known to break a rule, by id: at most so many behind one.
func (r *Reader) Broken(ctx context.Context, app string, rule metamodel.ID, after string, limit int) ([]string, error) {
	var ids []string
	err := r.models(ctx).Model(&brokenRow{}).Where("app = ? AND rule = ? AND record > ?", app, rule, after).Order("record").Limit(limit).Pluck("record", &ids).Error
	return ids, r.s.wrap("list what breaks a rule", err)
}

// KnownBroken tells which of some records are known to break a rule.
func (r *Reader) KnownBroken(ctx context.Context, app string, rule metamodel.ID, records []string) (map[string]bool, error) {
	var ids []string
	err := r.models(ctx).Model(&brokenRow{}).Where("app = ? AND rule = ? AND record IN ?", app, rule, records).Pluck("record", &ids).Error
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, r.s.wrap("look for what breaks a rule", err)
}

// Break notes that records break a rule from now on.
func (tx *Tx) Break(ctx context.Context, app string, rule metamodel.ID, records []string, now time.Time) error {
	if len(records) == 0 {
		return nil
	}
	rows := make([]brokenRow, len(records))
	for i, id := range records {
		rows[i] = brokenRow{App: app, Rule: string(rule), Record: id, Since: stamped(now)}
	}
	return tx.s.wrap("note what breaks a rule", tx.models(ctx).Create(&rows).Error)
}

// Mend notes that records don't break a rule any more.
func (tx *Tx) Mend(ctx context.Context, app string, rule metamodel.ID, records []string) error {
	if len(records) == 0 {
		return nil
	}
	return tx.s.wrap("note what keeps a rule", tx.models(ctx).Where("app = ? AND rule = ? AND record IN ?", app, rule, records).Delete(&brokenRow{}).Error)
}

// BrokenBesides tells whether anything is known of rules of an app that are not among these.
func (r *Reader) BrokenBesides(ctx context.Context, app string, rules []metamodel.ID) (bool, error) {
	q := r.models(ctx).Model(&brokenRow{}).Where("app = ?", app)
	if len(rules) > 0 {
		q = q.Where("rule NOT IN ?", rules)
	}
	var n []string
	err := q.Limit(1).Pluck("rule", &n).Error
	return len(n) > 0, r.s.wrap("look for rules that are gone", err)
}

// ForgetRules drops what is known of rules of an app that are not among these.
func (tx *Tx) ForgetRules(ctx context.Context, app string, rules []metamodel.ID) error {
	q := tx.models(ctx).Where("app = ?", app)
	if len(rules) > 0 {
		q = q.Where("rule NOT IN ?", rules)
	}
	return tx.s.wrap("forget rules", q.Delete(&brokenRow{}).Error)
}

// UsersOfRoles lists the ids of all who have one of some roles of an app and can sign in.
func (r *Reader) UsersOfRoles(ctx context.Context, app string, roles []metamodel.ID) ([]string, error) {
	var ids []string
	err := r.models(ctx).Model(&userRow{}).
		Where("disabled = 0 AND deleted_at = 0 AND id IN (?)", r.models(ctx).Model(&userRoleRow{}).Select("user_id").Where("app = ? AND role_id IN ?", app, roles)).
		Order("id").Pluck("id", &ids).Error
	return ids, r.s.wrap("list people of roles", err)
}
