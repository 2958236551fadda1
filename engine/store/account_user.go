package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tenon/engine/store/lower"
	"tenon/metamodel"
)

// User is a person with an account. Roles are ids by the app's name; Departments are the person's own.
type User struct {
	ID          string
	Email       string
	Name        string
	Locale      string
	Attributes  map[string]string
	Admin       bool
	Builder     bool
	Reviewer    bool
	Disabled    bool
	MustChange  bool // the password was set by someone else and must be changed
	HasPassword bool
	Created     time.Time
	Updated     time.Time
	LastLogin   time.Time
	Deleted     time.Time // zero while the account exists
	Departments []string
	Roles       map[string][]metamodel.ID
}

// Active tells whether the person may come in.
func (u *User) Active() bool { return !u.Disabled && u.Deleted.IsZero() }

type userRow struct {
	ID          string `gorm:"primaryKey"`
	Email       string
	EmailKey    string
	Name        string
	Password    string
	Locale      string
	Attributes  string
	Admin       int64
	Builder     int64
	Reviewer    int64
	Disabled    int64
	MustChange  int64
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	UpdatedAt   int64 `gorm:"autoUpdateTime:false"`
	LastLoginAt int64
	DeletedAt   int64
}

// TableName is the table of accounts.
func (userRow) TableName() string { return "users" }

// emailKey is what makes two e-mails the same. E-mails are ASCII, which the caller has checked.
func emailKey(email string) string { return strings.ToLower(email) }

func (r *userRow) user() (*User, error) {
	u := &User{
		ID: r.ID, Email: r.Email, Name: r.Name, Locale: r.Locale, Admin: r.Admin != 0, Builder: r.Builder != 0,
		Reviewer: r.Reviewer != 0, Disabled: r.Disabled != 0, MustChange: r.MustChange != 0, HasPassword: r.Password != "",
		Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt), LastLogin: stamp(r.LastLoginAt), Deleted: stamp(r.DeletedAt),
	}
	if err := json.Unmarshal([]byte(r.Attributes), &u.Attributes); err != nil {
		return nil, fmt.Errorf("read attributes of user %s: %w", r.ID, ErrDamaged)
	}
	return u, nil
}

// fill takes over what people change; the password and the instants are set elsewhere.
func (r *userRow) fill(u *User) error {
	attributes := u.Attributes
	if attributes == nil {
		attributes = map[string]string{}
	}
	text, err := json.Marshal(attributes)
	if err != nil {
		return fmt.Errorf("write attributes: %w", err)
	}
	r.Email, r.EmailKey, r.Name, r.Locale, r.Attributes = u.Email, emailKey(u.Email), u.Name, u.Locale, string(text)
	r.Admin, r.Builder, r.Reviewer = flag(u.Admin), flag(u.Builder), flag(u.Reviewer)
	r.Disabled = flag(u.Disabled)
	return nil
}

// User reads an account with its departments and roles, a deleted one too; ErrNotFound when there is none.
func (r *Reader) User(ctx context.Context, id string) (*User, error) {
	row, err := r.userRow(ctx, "id = ?", id)
	if err != nil {
		return nil, err
	}
	return r.complete(ctx, row)
}

// Password reads the account of an e-mail with its password's hash, for signing in; ErrNotFound when there is
// none. The hash is "" when the person has no password.
func (r *Reader) Password(ctx context.Context, email string) (*User, string, error) {
	row, err := r.userRow(ctx, "email_key = ? AND deleted_at = 0", emailKey(email))
	if err != nil {
		return nil, "", err
	}
	u, err := row.user()
	return u, row.Password, err
}

// PasswordOf reads the hash of a person's password.
func (r *Reader) PasswordOf(ctx context.Context, id string) (string, error) {
	row, err := r.userRow(ctx, "id = ? AND deleted_at = 0", id)
	if err != nil {
		return "", err
	}
	return row.Password, nil
}

func (r *Reader) userRow(ctx context.Context, where string, arg any) (*userRow, error) {
	var row userRow
	err := r.models(ctx).Where(where, arg).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, fmt.Errorf("read user: %w", ErrNotFound)
	}
	if err != nil {
		return nil, r.s.wrap("read user", err)
	}
	return &row, nil
}

func (r *Reader) complete(ctx context.Context, row *userRow) (*User, error) {
	u, err := row.user()
	if err != nil {
		return nil, err
	}
	const own = "SELECT department_id FROM user_departments WHERE user_id = ? ORDER BY department_id"
	if u.Departments, err = texts(ctx, r.on, bind(r.s.Dialect(), own), u.ID); err != nil {
		return nil, r.s.wrap("read departments of user", err)
	}
	u.Roles, err = r.RolesOf(ctx, u.ID)
	return u, err
}

// InsertUser adds an account with a new id, which it sets, and its departments and roles. password is a hash or
// "". It returns ErrEmailTaken when the e-mail, whatever its case, is another account's.
func (tx *Tx) InsertUser(ctx context.Context, by By, u *User, password string) error {
	id, err := newID()
	if err != nil {
		return err
	}
	u.ID = id
	if err := tx.change(ctx, by, "user.create", "user", id, userNote(u)); err != nil {
		return err
	}
	if err := tx.freeEmail(ctx, u.Email, id); err != nil {
		return err
	}
	now := tx.s.micros()
	row := userRow{ID: id, Password: password, MustChange: flag(u.MustChange), CreatedAt: now, UpdatedAt: now}
	if err := row.fill(u); err != nil {
		return err
	}
	if err := tx.models(ctx).Create(&row).Error; err != nil {
		return tx.s.wrap("insert user", err)
	}
	u.Created, u.Updated, u.HasPassword = instant(now), instant(now), password != ""
	if err := tx.putDepartments(ctx, id, u.Departments); err != nil {
		return err
	}
	for app, roles := range u.Roles {
		if err := tx.putRoles(ctx, id, app, roles); err != nil {
			return err
		}
	}
	return nil
}

// UpdateUser changes an account's own data, its workspace roles and whether it is disabled; departments and roles
// stay. It returns ErrNotFound, ErrEmailTaken, or ErrLastAdmin when nobody active would administer any more.
func (tx *Tx) UpdateUser(ctx context.Context, by By, u *User) error {
	if err := tx.change(ctx, by, "user.update", "user", u.ID, userNote(u)); err != nil {
		return err
	}
	row, err := tx.userRow(ctx, "id = ? AND deleted_at = 0", u.ID)
	if err != nil {
		return err
	}
	if err := tx.freeEmail(ctx, u.Email, u.ID); err != nil {
		return err
	}
	if err := row.fill(u); err != nil {
		return err
	}
	row.UpdatedAt = tx.s.micros()
	if err := tx.models(ctx).Save(row).Error; err != nil {
		return tx.s.wrap("update user", err)
	}
	u.Updated = instant(row.UpdatedAt)
	return tx.keepAdmin(ctx)
}

// RemoveUser ends an account: it can't come in any more and its e-mail is free again. The row stays, because
// records and the journal name it; so do comments and shared views, which stay too. What was the person's alone goes.
func (tx *Tx) RemoveUser(ctx context.Context, by By, id string) error {
	if err := tx.change(ctx, by, "user.delete", "user", id, nil); err != nil {
		return err
	}
	row, err := tx.userRow(ctx, "id = ? AND deleted_at = 0", id)
	if err != nil {
		return err
	}
	row.DeletedAt, row.EmailKey, row.Password = tx.s.micros(), "deleted:"+id, ""
	if err := tx.models(ctx).Save(row).Error; err != nil {
		return tx.s.wrap("remove user", err)
	}
	for _, query := range []string{
		"DELETE FROM user_roles WHERE user_id = ?", "DELETE FROM user_departments WHERE user_id = ?",
		"DELETE FROM password_resets WHERE user_id = ?", "DELETE FROM saved_views WHERE user_id = ? AND shared = 0",
		"DELETE FROM notifications WHERE user_id = ?", "DELETE FROM presence WHERE user_id = ?",
	} {
		if _, err := tx.on.exec(ctx, bind(tx.s.Dialect(), query), id); err != nil {
			return tx.s.wrap("remove user", err)
		}
	}
	if err := tx.EndSessions(ctx, id, ""); err != nil {
		return err
	}
	return tx.keepAdmin(ctx)
}

// SetPassword gives an account another password (a hash) in place of the one it has, which must be changed by its
// owner when mustChange. A reset code that was given out is void afterwards. It returns ErrNotFound when the account
// isn't there or its password isn't before any more.
func (tx *Tx) SetPassword(ctx context.Context, by By, id, before, after string, mustChange bool) error {
	if err := tx.change(ctx, by, "user.password", "user", id, nil); err != nil {
		return err
	}
	if kept, err := tx.PasswordOf(ctx, id); err != nil || kept != before {
		return errors.Join(err, ErrNotFound)
	}
	if err := tx.storePassword(ctx, id, after, mustChange); err != nil {
		return err
	}
	return tx.dropReset(ctx, id)
}

// HoldUser reads an account and keeps others from changing any account until the transaction ends, without being a
// change itself.
func (tx *Tx) HoldUser(ctx context.Context, id string) (*User, error) {
	if tx.s.Dialect() == lower.Postgres { // SQLite has one writer
		if _, err := tx.integer(ctx, "SELECT value FROM epochs WHERE name = 'auth' FOR SHARE"); err != nil {
			return nil, tx.s.wrap("hold accounts", err)
		}
	}
	return tx.User(ctx, id)
}

// Rehash keeps the same password under newer parameters.
func (tx *Tx) Rehash(ctx context.Context, id, before, after string) error {
	err := tx.models(ctx).Model(&userRow{}).Where("id = ? AND password = ?", id, before).Update("password", after).Error
	return tx.s.wrap("rehash password", err)
}

func (tx *Tx) storePassword(ctx context.Context, id, password string, mustChange bool) error {
	done := tx.models(ctx).Model(&userRow{}).Where("id = ? AND deleted_at = 0", id).
		Updates(map[string]any{"password": password, "must_change": flag(mustChange), "updated_at": tx.s.micros()})
	if done.Error != nil {
		return tx.s.wrap("set password", done.Error)
	}
	if done.RowsAffected == 0 {
		return fmt.Errorf("set password: %w", ErrNotFound)
	}
	return nil
}

// freeEmail refuses an e-mail that an account other than id has.
func (tx *Tx) freeEmail(ctx context.Context, email, id string) error {
	var row userRow
	err := tx.models(ctx).Where("email_key = ? AND id <> ?", emailKey(email), id).Take(&row).Error
	switch {
	case err == nil:
		return ErrEmailTaken
	case errors.Is(err, gorm.ErrRecordNotFound):
		return nil
	default:
		return tx.s.wrap("look for e-mail", err)
	}
}

// keepAdmin refuses a state in which nobody administers the workspace.
func (tx *Tx) keepAdmin(ctx context.Context) error {
	n, err := tx.integer(ctx, "SELECT COUNT(*) FROM users WHERE admin = 1 AND disabled = 0 AND deleted_at = 0")
	if err != nil {
		return tx.s.wrap("count administrators", err)
	}
	if n == 0 {
		return ErrLastAdmin
	}
	return nil
}

// userNote is what the journal keeps of an account: rights and state, no contact data.
func userNote(u *User) map[string]any {
	return map[string]any{
		"admin": u.Admin, "builder": u.Builder, "reviewer": u.Reviewer, "disabled": u.Disabled,
		"attributes": u.Attributes,
	}
}

// UserFilter selects accounts; empty parts select all.
type UserFilter struct {
	Search     string // contained in name or e-mail, ASCII letters in any case
	Name       string // contained in the name, or the whole e-mail
	Department string // members of exactly this one
	App        string // with Role: who has the role
	Role       metamodel.ID
	Active     bool // only who may come in
}

// UserPlace is a place in the list of accounts, which is ordered by name and id.
type UserPlace struct{ Name, ID string }

// maxUsersPage bounds the accounts that are read at once.
const maxUsersPage = 500

// Users lists accounts that were not deleted by name, from after a place (the zero place is the beginning),
// without departments and roles.
func (r *Reader) Users(ctx context.Context, f UserFilter, after UserPlace, limit int) ([]*User, error) {
	db := r.models(ctx).Where("deleted_at = 0")
	if f.Search != "" {
		text := emailKey(f.Search)
		find := "instr(email_key, ?) > 0 OR instr(lower(name), ?) > 0"
		if r.s.Dialect() == lower.Postgres {
			find = "strpos(email_key, ?) > 0 OR strpos(lower(name), ?) > 0"
		}
		db = db.Where("("+find+")", text, text)
	}
	if f.Name != "" {
		text := emailKey(f.Name)
		find := "instr(lower(name), ?) > 0"
		if r.s.Dialect() == lower.Postgres {
			find = "strpos(lower(name), ?) > 0"
		}
		db = db.Where("("+find+" OR email_key = ?)", text, text)
	}
	if f.Department != "" {
		db = db.Where("id IN (SELECT user_id FROM user_departments WHERE department_id = ?)", f.Department)
	}
	if f.Role != "" {
		db = db.Where("id IN (SELECT user_id FROM user_roles WHERE app = ? AND role_id = ?)", f.App, string(f.Role))
	}
	if f.Active {
		db = db.Where("disabled = 0")
	}
	if after.ID != "" {
		db = db.Where("(name > ? OR name = ? AND id > ?)", after.Name, after.Name, after.ID)
	}
	var rows []userRow
	err := db.Order(clause.OrderBy{Columns: []clause.OrderByColumn{{Column: clause.Column{Name: "name"}}, {Column: clause.Column{Name: "id"}}}}).
		Limit(max(1, min(limit, maxUsersPage))).Find(&rows).Error
	if err != nil {
		return nil, r.s.wrap("list users", err)
	}
	out := make([]*User, len(rows))
	for i := range rows {
		if out[i], err = rows[i].user(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// UserNames gives the names of accounts by id, deleted ones included. Unknown ids are left out.
func (r *Reader) UserNames(ctx context.Context, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	for start := 0; start < len(ids); start += idBatch {
		var rows []userRow
		batch := ids[start:min(start+idBatch, len(ids))]
		if err := r.models(ctx).Select("id", "name").Where("id IN ?", batch).Find(&rows).Error; err != nil {
			return nil, r.s.wrap("read names of users", err)
		}
		for _, row := range rows {
			out[row.ID] = row.Name
		}
	}
	return out, nil
}

// Administrators lists the ids of all who administer the workspace and can sign in.
func (r *Reader) Administrators(ctx context.Context) ([]string, error) {
	var ids []string
	err := r.models(ctx).Model(&userRow{}).Where("admin = 1 AND disabled = 0 AND deleted_at = 0").Order("id").Pluck("id", &ids).Error
	return ids, r.s.wrap("list administrators", err)
}
