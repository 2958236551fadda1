package server

import (
	"github.com/gofiber/fiber/v2"

	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/server/auth"
)

// userView is an account as administrators see it, and as its owner does after signing in.
func userView(u *store.User) member {
	return member{
		"id": u.ID, "email": u.Email, "name": u.Name, "locale": u.Locale, "active": u.Active(), "admin": u.Admin, "builder": u.Builder,
		"reviewer": u.Reviewer, "must_change_password": u.MustChange, "departments": nonNil(u.Departments), "attributes": nonNilMap(u.Attributes),
		"created_at": at(u.Created), "last_login_at": at(u.LastLogin),
	}
}

func (s *Server) userList(x *exchange) error {
	p := readParams(x.rawQuery(), "q", "page_size", "page_token")
	size := p.pageSize()
	if err := p.err(); err != nil {
		return err
	}
	page, err := s.auth.Users(x.ctx, s.from(x), store.UserFilter{Search: p.text("q")}, p.text("page_token"), size)
	if err != nil {
		return err
	}
	out := make([]member, 0, len(page.Users))
	for _, u := range page.Users {
		out = append(out, userView(u))
	}
	return x.answer(fiber.StatusOK, member{"users": out, "next_page_token": page.Next})
}

func (s *Server) userGet(x *exchange) error {
	u, err := s.auth.User(x.ctx, s.from(x), x.c.Params("id"))
	if err != nil {
		return err
	}
	return x.answer(fiber.StatusOK, userView(u))
}

func (s *Server) userCreate(x *exchange) error {
	o, err := x.object("email", "name", "locale", "password", "attributes", "admin", "builder", "reviewer", "departments")
	if err != nil {
		return err
	}
	n := auth.NewUser{
		Email: o.text("email", true), Name: o.text("name", true), Locale: o.text("locale", false), Password: o.text("password", false),
		Attributes: o.textMap("attributes"), Admin: o.boolean("admin"), Builder: o.boolean("builder"), Reviewer: o.boolean("reviewer"),
		Departments: o.texts("departments"),
	}
	if err := o.err(); err != nil {
		return err
	}
	if n.Locale == "" {
		n.Locale = x.locale()
	}
	u, code, err := s.auth.CreateUser(x.ctx, s.from(x), n)
	if err != nil {
		return err
	}
	x.c.Response().Header.Set(fiber.HeaderLocation, apiPath+"users/"+u.ID)
	out := userView(u)
	if code != "" {
		out["reset_code"] = code
	}
	return x.answer(fiber.StatusCreated, out)
}

func (s *Server) userUpdate(x *exchange) error {
	o, err := x.object("email", "name", "locale", "attributes", "admin", "builder", "reviewer", "active", "departments")
	if err != nil {
		return err
	}
	p := auth.UserPatch{
		Email: maybe(o, "email", o.optional), Name: maybe(o, "name", o.optional), Locale: maybe(o, "locale", o.optional),
		Attributes: maybe(o, "attributes", o.textMap), Admin: maybe(o, "admin", o.boolean), Builder: maybe(o, "builder", o.boolean),
		Reviewer: maybe(o, "reviewer", o.boolean), Departments: maybe(o, "departments", o.texts),
	}
	if active := maybe(o, "active", o.boolean); active != nil {
		disabled := !*active
		p.Disabled = &disabled
	}
	if err := o.err(); err != nil {
		return err
	}
	u, err := s.auth.UpdateUser(x.ctx, s.from(x), x.c.Params("id"), p)
	if err != nil {
		return err
	}
	return x.answer(fiber.StatusOK, userView(u))
}

func (s *Server) userDelete(x *exchange) error {
	if err := s.auth.RemoveUser(x.ctx, s.from(x), x.c.Params("id")); err != nil {
		return err
	}
	return x.empty()
}

// userReset gives an administrator a one-time code by which a person chooses a new password.
func (s *Server) userReset(x *exchange) error {
	if err := x.nothing(); err != nil {
		return err
	}
	code, expires, err := s.auth.IssueReset(x.ctx, s.from(x), x.c.Params("id"))
	if err != nil {
		return err
	}
	return x.answer(fiber.StatusCreated, member{"reset_code": code, "expires_at": at(expires)})
}

func (s *Server) passwordReset(x *exchange) error {
	o, err := x.object("email", "code", "password")
	if err != nil {
		return err
	}
	email, code, password := o.text("email", true), o.text("code", true), o.text("password", true)
	if err := o.err(); err != nil {
		return err
	}
	if err := s.auth.UseReset(x.ctx, s.from(x), email, code, password); err != nil {
		return err
	}
	return x.empty()
}

// personList finds people to choose from, or with ids the names of those who are known already.
func (s *Server) personList(x *exchange) error {
	p := readParams(x.rawQuery(), "q", "ids", "page_size")
	size, ids := p.pageSize(), p.names("ids")
	if err := p.err(); err != nil {
		return err
	}
	out := []member{}
	if ids != nil {
		names, err := s.auth.Names(x.ctx, s.from(x), ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if name, ok := names[id]; ok {
				out = append(out, member{"id": id, "name": name})
			}
		}
		return x.answer(fiber.StatusOK, member{"people": out})
	}
	people, err := s.auth.People(x.ctx, s.from(x), p.text("q"), size)
	if err != nil {
		return err
	}
	for _, person := range people {
		out = append(out, member{"id": person.ID, "name": person.Name})
	}
	return x.answer(fiber.StatusOK, member{"people": out})
}

func departmentView(d *store.Department) member {
	var parent any
	if d.Parent != "" {
		parent = d.Parent
	}
	return member{"id": d.ID, "name": d.Name, "parent": parent, "position": d.Position}
}

func (s *Server) departmentList(x *exchange) error {
	list, err := s.auth.Departments(x.ctx, s.from(x))
	if err != nil {
		return err
	}
	out := make([]member, 0, len(list))
	for _, d := range list {
		out = append(out, departmentView(d))
	}
	return x.answer(fiber.StatusOK, member{"departments": out})
}

func (s *Server) departmentCreate(x *exchange) error {
	return s.departmentPut(x, "", fiber.StatusCreated)
}

func (s *Server) departmentUpdate(x *exchange) error {
	return s.departmentPut(x, x.c.Params("id"), fiber.StatusOK)
}

func (s *Server) departmentPut(x *exchange, id string, status int) error {
	o, err := x.object("name", "parent", "position")
	if err != nil {
		return err
	}
	const lastPosition = 1_000_000
	p := auth.DepartmentPatch{
		Name: maybe(o, "name", o.optional), Parent: maybe(o, "parent", o.optional),
		Position: maybe(o, "position", func(name string) int64 { return o.integer(name, 0, 0, lastPosition) }),
	}
	if err := o.err(); err != nil {
		return err
	}
	d, err := s.auth.PutDepartment(x.ctx, s.from(x), id, p)
	if err != nil {
		return err
	}
	return x.answer(status, departmentView(d))
}

func (s *Server) departmentDelete(x *exchange) error {
	if err := s.auth.DeleteDepartment(x.ctx, s.from(x), x.c.Params("id")); err != nil {
		return err
	}
	return x.empty()
}

// roleList shows the roles of an app and who has them.
func (s *Server) roleList(x *exchange) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	out := make([]member, 0, len(c.Snap.App.Roles))
	for _, r := range c.Snap.App.Roles {
		page, err := s.auth.Assigned(x.ctx, s.from(x), c.Snap.App.Name, r.ID, "", auth.MaxPage)
		if err != nil {
			return err
		}
		people := make([]member, 0, len(page.Users))
		for _, u := range page.Users {
			people = append(people, member{"id": u.ID, "name": u.Name, "email": u.Email})
		}
		out = append(out, member{"id": r.ID, "name": r.Name, "title": r.Title.In(c.Locale), "help": r.Help.In(c.Locale), "users": people, "more": page.Next != ""})
	}
	return x.answer(fiber.StatusOK, member{"roles": out})
}

func (s *Server) roleAssign(x *exchange) error { return s.roleChange(x, true) }

func (s *Server) roleWithdraw(x *exchange) error { return s.roleChange(x, false) }

func (s *Server) roleChange(x *exchange, on bool) error {
	c, err := s.appCall(x)
	if err != nil {
		return err
	}
	role := c.Snap.App.Role(x.c.Params("role"))
	if role == nil {
		return diag.Refuse("grant.role_unknown", "", "app", c.Snap.App.Name)
	}
	has := func(id metamodel.ID) bool { return id == role.ID }
	if err := s.auth.Assign(x.ctx, s.from(x), x.c.Params("user"), c.Snap.App.Name, role.ID, on, has); err != nil {
		return err
	}
	return x.empty()
}
