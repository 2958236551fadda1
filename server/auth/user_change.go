package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// NewUser is an account to make. Without a password, the person comes in with the reset code that CreateUser gives;
// with one, it must be changed at the first login.
type NewUser struct {
	Email       string
	Name        string
	Locale      string
	Password    string
	Attributes  map[string]string
	Admin       bool
	Builder     bool
	Reviewer    bool
	Departments []string
}

// UserPatch is a change of an account; nil parts stay.
type UserPatch struct {
	Email       *string
	Name        *string
	Locale      *string
	Attributes  *map[string]string
	Admin       *bool
	Builder     *bool
	Reviewer    *bool
	Disabled    *bool
	Departments *[]string
}

// CreateUser makes an account. code is the reset code by which the person chooses a password, "" when one was
// given. Administrators only.
func (s *Service) CreateUser(ctx context.Context, f From, n NewUser) (u *store.User, code string, err error) {
	if err := f.admin(); err != nil {
		return nil, "", err
	}
	u = &store.User{
		Email: n.Email, Name: n.Name, Locale: n.Locale, Attributes: n.Attributes, Admin: n.Admin, Builder: n.Builder,
		Reviewer: n.Reviewer, Departments: n.Departments, MustChange: n.Password != "",
	}
	var list diag.List
	checkUser(&list, u)
	checkOwn(&list, n.Departments)
	if n.Password != "" {
		checkPassword(&list, "/password", n.Password, u.Email, u.Name)
	}
	if err := list.Err(); err != nil {
		return nil, "", err
	}
	hash := ""
	if n.Password != "" {
		if hash, err = s.hasher.hash(ctx, n.Password); err != nil {
			return nil, "", err
		}
	} else {
		code = newResetCode()
	}
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.InsertUser(ctx, f.by(), u, hash); err != nil || code == "" {
			return err
		}
		return tx.PutReset(ctx, f.by(), u.ID, digest(plainResetCode(code)), s.now().Add(ResetLife))
	})
	if err != nil {
		return nil, "", taken(known(err, "department.not_found"), u.Email)
	}
	return u, code, nil
}

// UpdateUser changes an account. A disabled person is out at once: sessions and API tokens end. Administrators only.
func (s *Service) UpdateUser(ctx context.Context, f From, id string, p UserPatch) (*store.User, error) {
	if err := f.admin(); err != nil {
		return nil, err
	}
	return s.patch(ctx, f, id, p)
}

// UpdateSelf changes the caller's own name and language; nothing else can be changed by oneself.
func (s *Service) UpdateSelf(ctx context.Context, f From, name, locale *string) (*store.User, error) {
	if err := f.signedIn(); err != nil {
		return nil, err
	}
	return s.patch(ctx, f, f.Actor.ID, UserPatch{Name: name, Locale: locale})
}

func (s *Service) patch(ctx context.Context, f From, id string, p UserPatch) (*store.User, error) {
	var out *store.User
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := s.exclusively(ctx, tx, id)
		if err != nil {
			return err
		}
		if !u.Deleted.IsZero() {
			return store.ErrNotFound
		}
		list := p.apply(u)
		if err := list.Err(); err != nil {
			return err
		}
		if err := taken(tx.UpdateUser(ctx, f.by(), u), u.Email); err != nil {
			return err
		}
		if u.Disabled {
			if err := tx.EndSessions(ctx, id, ""); err != nil {
				return err
			}
		}
		if p.Departments != nil {
			if err := known(tx.SetDepartments(ctx, f.by(), id, *p.Departments), "department.not_found"); err != nil {
				return err
			}
			u.Departments = slices.Compact(slices.Sorted(slices.Values(*p.Departments)))
		}
		out = u
		return nil
	})
	return out, known(err, "user.not_found")
}

// exclusively reads an account that is about to be changed: bumping the epoch first keeps all other changes waiting.
func (s *Service) exclusively(ctx context.Context, tx *store.Tx, id string) (*store.User, error) {
	if err := tx.BumpEpoch(ctx); err != nil {
		return nil, err
	}
	return tx.User(ctx, idText(id))
}

// apply changes the account and judges it.
func (p UserPatch) apply(u *store.User) diag.List {
	set(&u.Email, p.Email)
	set(&u.Name, p.Name)
	set(&u.Locale, p.Locale)
	set(&u.Attributes, p.Attributes)
	set(&u.Admin, p.Admin)
	set(&u.Builder, p.Builder)
	set(&u.Reviewer, p.Reviewer)
	set(&u.Disabled, p.Disabled)
	var list diag.List
	checkUser(&list, u)
	if p.Departments != nil {
		checkOwn(&list, *p.Departments)
	}
	return list
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func checkOwn(list *diag.List, departments []string) {
	for i, id := range departments {
		if id == "" || idText(id) == "" {
			list.Add("department.not_found", diag.Pointer("/departments", i))
		}
	}
	if len(departments) > maxOwn {
		list.Add("limit.exceeded", "/departments", "what", words["department"], "actual", len(departments), "limit", maxOwn)
	}
}

func taken(err error, email string) error {
	if errors.Is(err, store.ErrEmailTaken) {
		return diag.Refuse("user.email_taken", "/email", "email", email)
	}
	return err
}

// RemoveUser ends an account for good. Its name stays on what it did. Administrators only.
func (s *Service) RemoveUser(ctx context.Context, f From, id string) error {
	if err := f.admin(); err != nil {
		return err
	}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.RemoveUser(ctx, f.by(), idText(id)) })
	return known(err, "user.not_found")
}

// User reads an account. People read their own, administrators anyone's.
func (s *Service) User(ctx context.Context, f From, id string) (*store.User, error) {
	if err := f.signedIn(); err != nil {
		return nil, err
	}
	if id != f.Actor.ID {
		if err := f.admin(); err != nil {
			return nil, err
		}
	}
	u, err := s.store.Reader().User(ctx, idText(id))
	if err == nil && !u.Deleted.IsZero() {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, known(err, "user.not_found")
	}
	return u, nil
}

// Bounds of lists of accounts.
const (
	DefaultPage = 50  // accounts of a page that doesn't say
	MaxPage     = 200 // accounts of a page
)

// UserList is a page of accounts; Next is "" on the last one.
type UserList struct {
	Users []*store.User
	Next  string
}

// Users lists accounts by name. Administrators only.
func (s *Service) Users(ctx context.Context, f From, filter store.UserFilter, pageToken string, pageSize int) (*UserList, error) {
	if err := f.admin(); err != nil {
		return nil, err
	}
	return s.list(ctx, filter, pageToken, pageSize)
}

// Person is what everyone in a workspace may know of the others: enough to choose them in a form.
type Person struct {
	ID   string
	Name string
}

// People finds active people by a part of their name or by their whole e-mail, for everyone who is signed in. A part
// of an e-mail finds nobody, or it could be found out letter by letter.
func (s *Service) People(ctx context.Context, f From, search string, limit int) ([]Person, error) {
	if err := f.ready(); err != nil {
		return nil, err
	}
	l, err := s.list(ctx, store.UserFilter{Name: clipText(search, maxEmail), Active: true}, "", limit)
	if err != nil {
		return nil, err
	}
	out := make([]Person, len(l.Users))
	for i, u := range l.Users {
		out[i] = Person{u.ID, u.Name}
	}
	return out, nil
}

// Names gives the names of accounts by id, for showing records.
func (s *Service) Names(ctx context.Context, f From, ids []string) (map[string]string, error) {
	if err := f.ready(); err != nil {
		return nil, err
	}
	asked := make([]string, 0, min(len(ids), MaxPage))
	for _, id := range ids[:min(len(ids), MaxPage)] {
		if id = idText(id); id != "" {
			asked = append(asked, id)
		}
	}
	return s.store.Reader().UserNames(ctx, asked)
}

func (s *Service) list(ctx context.Context, filter store.UserFilter, pageToken string, pageSize int) (*UserList, error) {
	after, pageSize, err := readPage(pageToken, pageSize)
	if err != nil {
		return nil, err
	}
	filter.Search = clipText(filter.Search, maxEmail)
	if idText(filter.Department) != filter.Department || idText(string(filter.Role)) != string(filter.Role) {
		return &UserList{}, nil
	}
	users, err := s.store.Reader().Users(ctx, filter, after, pageSize+1)
	if err != nil {
		return nil, err
	}
	out := &UserList{Users: users}
	if len(users) > pageSize {
		out.Users = users[:pageSize]
		last := out.Users[pageSize-1]
		out.Next = placeText(store.UserPlace{ID: last.ID, Name: last.Name})
	}
	return out, nil
}

// readPage reads where a page begins, and how long it may be.
func readPage(token string, size int) (after store.UserPlace, most int, err error) {
	after, ok := readPlace(token)
	if !ok {
		return after, 0, diag.Refuse("query.parameter_malformed", "", "name", "page_token", "expected", "next_page_token")
	}
	if size <= 0 {
		size = DefaultPage
	}
	return after, min(size, MaxPage), nil
}

func placeText(p store.UserPlace) string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.ID + "\n" + p.Name))
}

// readPlace reads a page token. It is not signed: it says nothing but where to go on in what may be read anyway.
func readPlace(token string) (p store.UserPlace, ok bool) {
	const most = 1024
	if token == "" {
		return p, true
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(token) > most {
		return p, false
	}
	p.ID, p.Name, ok = strings.Cut(string(raw), "\n")
	return p, ok && p.ID != "" && idText(p.ID) == p.ID && printable(p.Name)
}

// SetRoles makes a person's roles in an app exactly these ids. has tells whether the app has a role. Administrators
// only.
func (s *Service) SetRoles(ctx context.Context, f From, user, app string, roles []metamodel.ID, has func(metamodel.ID) bool) error {
	if err := f.admin(); err != nil {
		return err
	}
	if !metamodel.IsName(app) {
		return diag.Refuse("grant.role_unknown", "", "app", clipText(app, maxEmail))
	}
	if len(roles) > maxRoles {
		return diag.Refuse("limit.exceeded", "/roles", "what", words["roles"], "actual", len(roles), "limit", maxRoles)
	}
	for i, id := range roles {
		if !has(id) {
			return diag.Refuse("grant.role_unknown", diag.Pointer("/roles", i), "app", app)
		}
	}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.SetRoles(ctx, f.by(), idText(user), app, roles)
	})
	return known(err, "user.not_found")
}

// Assign gives a person one role of an app, or with on false takes it away. Administrators only.
func (s *Service) Assign(ctx context.Context, f From, user, app string, role metamodel.ID, on bool, has func(metamodel.ID) bool) error {
	if err := f.admin(); err != nil {
		return err
	}
	if !metamodel.IsName(app) || on && !has(role) {
		return diag.Refuse("grant.role_unknown", "", "app", clipText(app, maxEmail))
	}
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := s.exclusively(ctx, tx, user)
		if err != nil {
			return err
		}
		roles := slices.DeleteFunc(u.Roles[app], func(id metamodel.ID) bool { return id == role })
		if on {
			roles = append(roles, role)
		}
		return tx.SetRoles(ctx, f.by(), user, app, roles)
	})
	return known(err, "user.not_found")
}

// Assigned lists who has a role of an app. Administrators only.
func (s *Service) Assigned(ctx context.Context, f From, app string, role metamodel.ID, pageToken string, pageSize int) (*UserList, error) {
	if err := f.admin(); err != nil {
		return nil, err
	}
	return s.list(ctx, store.UserFilter{App: clipText(app, maxEmail), Role: role}, pageToken, pageSize)
}

// Departments lists all departments, for everyone who is signed in.
func (s *Service) Departments(ctx context.Context, f From) ([]*store.Department, error) {
	if err := f.ready(); err != nil {
		return nil, err
	}
	return s.store.Reader().Departments(ctx)
}

// DepartmentPatch is a new department or a change of one; nil parts stay.
type DepartmentPatch struct {
	Name     *string
	Parent   *string // "" is the top
	Position *int64
}

// PutDepartment makes a department (id "") or changes one. Administrators only.
func (s *Service) PutDepartment(ctx context.Context, f From, id string, p DepartmentPatch) (*store.Department, error) {
	if err := f.admin(); err != nil {
		return nil, err
	}
	var out *store.Department
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		d := &store.Department{ID: id}
		if id != "" {
			all, err := tx.Departments(ctx)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(all, func(d *store.Department) bool { return d.ID == id })
			if at < 0 {
				return store.ErrNotFound
			}
			d = all[at]
		}
		set(&d.Name, p.Name)
		set(&d.Parent, p.Parent)
		if d.Parent != "" && idText(d.Parent) == "" {
			return store.ErrNotFound
		}
		set(&d.Position, p.Position)
		var list diag.List
		checkText(&list, "/name", "name", &d.Name)
		if err := list.Err(); err != nil {
			return err
		}
		out = d
		return tx.PutDepartment(ctx, f.by(), d)
	})
	if err != nil {
		return nil, known(err, "department.not_found")
	}
	return out, nil
}

// DeleteDepartment removes an empty department. Administrators only.
func (s *Service) DeleteDepartment(ctx context.Context, f From, id string) error {
	if err := f.admin(); err != nil {
		return err
	}
	var below, members int64
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var err error
		below, members, err = tx.DeleteDepartment(ctx, f.by(), idText(id))
		return err
	})
	if errors.Is(err, store.ErrInUse) {
		return diag.Refuse("department.in_use", "", "departments", below, "users", members)
	}
	return known(err, "department.not_found")
}

// ResetLife is how long a reset code is valid.
const ResetLife = 24 * time.Hour
