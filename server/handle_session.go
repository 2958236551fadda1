package server

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel/diag"
	"tenon/server/auth"
)

func (s *Server) setupState(x *exchange) error {
	done, err := s.auth.SetupDone(x.ctx)
	if err != nil {
		return err
	}
	return x.answer(fiber.StatusOK, member{"needed": !done})
}

func (s *Server) setupRun(x *exchange) error {
	o, err := x.object("token", "workspace", "name", "email", "password", "locale")
	if err != nil {
		return err
	}
	r := auth.SetupRequest{
		Token: o.text("token", true), Workspace: o.text("workspace", false), Name: o.text("name", true),
		Email: o.text("email", true), Password: o.text("password", true), Locale: o.text("locale", false),
	}
	if err := o.err(); err != nil {
		return err
	}
	if r.Workspace == "" {
		r.Workspace = "Tenon"
	}
	if r.Locale == "" {
		r.Locale = x.locale()
	}
	signed, err := s.auth.Setup(x.ctx, s.from(x), r)
	if err != nil {
		return err
	}
	return x.signedIn(signed)
}

func (s *Server) sessionCreate(x *exchange) error {
	o, err := x.object("email", "password")
	if err != nil {
		return err
	}
	email, password := o.text("email", true), o.text("password", true)
	if err := o.err(); err != nil {
		return err
	}
	signed, err := s.auth.Login(x.ctx, s.from(x), email, password)
	if err != nil {
		return err
	}
	return x.signedIn(signed)
}

// signedIn sets the cookie of a new session and says whose it is.
func (x *exchange) signedIn(g *auth.Signed) error {
	x.setCookie(g.Cookie)
	return x.answer(fiber.StatusCreated, userView(g.User))
}

func (s *Server) sessionList(x *exchange) error {
	list, err := s.auth.Sessions(x.ctx, s.from(x))
	if err != nil {
		return err
	}
	out := make([]member, 0, len(list))
	for _, i := range list {
		out = append(out, member{"id": i.ID, "created_at": at(i.Created), "last_used_at": at(i.Seen), "expires_at": at(i.Expires), "ip": i.IP, "agent": i.Agent, "current": i.Current})
	}
	return x.answer(fiber.StatusOK, member{"sessions": out})
}

func (s *Server) sessionDelete(x *exchange) error {
	id := x.c.Params("id")
	if err := s.auth.RevokeSession(x.ctx, s.from(x), id); err != nil {
		return err
	}
	if id == "current" || id == x.who.actor.SessionID {
		x.setCookie(s.auth.NoCookie())
	}
	return x.empty()
}

func (s *Server) meGet(x *exchange) error {
	return s.sendActor(x, x.who.actor)
}

// sendActor answers with an actor as he sees himself, and what the workspace that he is in is called.
func (s *Server) sendActor(x *exchange, a *policy.Actor) error {
	workspace, err := s.auth.Workspace(x.ctx)
	if err != nil {
		return err
	}
	me := s.actorView(a)
	me["workspace"] = workspace
	return x.answer(fiber.StatusOK, me)
}

// actorView is an actor as he sees himself: who he is, and what roles he has where. Apps are named by the roles'
// names; what they allow is in the apps' own description.
func (s *Server) actorView(a *policy.Actor) member {
	apps := member{}
	for app := range a.Roles {
		snap, err := s.engine.Snapshot(app, a)
		if err != nil {
			continue
		}
		apps[app] = snap.Permissions.RoleNames(a)
	}
	kind := a.Kind.String()
	return member{
		"id": a.ID, "name": a.Name, "email": a.Email, "locale": a.Locale, "kind": kind, "admin": a.Admin, "builder": a.Builder,
		"reviewer": a.Reviewer, "departments": nonNil(a.Departments), "attributes": nonNilMap(a.Attributes), "must_change_password": a.MustChange, "roles": apps,
	}
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func nonNilMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func (s *Server) meUpdate(x *exchange) error {
	o, err := x.object("name", "locale", "password", "current_password")
	if err != nil {
		return err
	}
	changes := o.has("password")
	name, locale := maybe(o, "name", o.optional), maybe(o, "locale", o.optional)
	password, current := o.text("password", changes), o.text("current_password", changes)
	if err := o.err(); err != nil {
		return err
	}
	if changes {
		if err := s.auth.ChangePassword(x.ctx, s.from(x), current, password); err != nil {
			return err
		}
	}
	if name != nil || locale != nil {
		if _, err := s.auth.UpdateSelf(x.ctx, s.from(x), name, locale); err != nil {
			return err
		}
	}
	actor, err := s.auth.ActorOf(x.ctx, x.who.id())
	if err != nil {
		return err
	}
	return s.sendActor(x, actor)
}

// maxTokenDays bounds how many days a token may be asked to live.
const maxTokenDays = 3660

func (s *Server) tokenList(x *exchange) error {
	list, err := s.auth.Tokens(x.ctx, s.from(x))
	if err != nil {
		return err
	}
	out := make([]member, 0, len(list))
	for _, t := range list {
		out = append(out, tokenView(t))
	}
	return x.answer(fiber.StatusOK, member{"tokens": out})
}

func tokenView(t *store.Token) member {
	return member{"id": t.ID, "name": t.Name, "prefix": t.Prefix, "created_at": at(t.Created), "expires_at": at(t.Expires), "last_used_at": at(t.Used)}
}

func (s *Server) tokenCreate(x *exchange) error {
	o, err := x.object("name", "days")
	if err != nil {
		return err
	}
	name, days := o.text("name", true), o.integer("days", 0, 1, maxTokenDays)
	if err := o.err(); err != nil {
		return err
	}
	var expires time.Time
	if days > 0 {
		expires = x.now.Add(time.Duration(days) * 24 * time.Hour)
	}
	secret, t, err := s.auth.CreateToken(x.ctx, s.from(x), name, expires)
	if err != nil {
		return err
	}
	out := tokenView(t)
	out["token"] = secret
	return x.answer(fiber.StatusCreated, out)
}

func (s *Server) tokenDelete(x *exchange) error {
	if err := s.auth.RevokeToken(x.ctx, s.from(x), x.c.Params("id")); err != nil {
		return err
	}
	return x.empty()
}

// userTokenList shows an administrator whose programs may work with the workspace: the tokens of one user, or of all.
func (s *Server) userTokenList(x *exchange) error {
	p := readParams(x.rawQuery(), "page_size", "page_token")
	size := p.pageSize()
	if err := p.err(); err != nil {
		return err
	}
	page, err := s.auth.TokensOf(x.ctx, s.from(x), x.c.Params("id"), p.text("page_token"), size)
	if err != nil {
		return err
	}
	out := make([]member, 0, len(page.Tokens))
	for _, t := range page.Tokens {
		v := tokenView(t)
		v["user"] = member{"id": t.User, "name": page.Names[t.User]}
		out = append(out, v)
	}
	return x.answer(fiber.StatusOK, member{"tokens": out, "next_page_token": page.Next})
}

func (s *Server) userTokenDelete(x *exchange) error {
	if err := s.auth.RevokeTokenOf(x.ctx, s.from(x), x.c.Params("id"), x.c.Params("token")); err != nil {
		return err
	}
	return x.empty()
}

// problemCode is the code that an error refuses with, "" when it is no problem.
func problemCode(err error) diag.Code {
	var p *diag.Problem
	if !errors.As(err, &p) {
		return ""
	}
	return p.First().Code
}
