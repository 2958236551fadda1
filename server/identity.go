package server

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"tenon/engine/policy"
	"tenon/metamodel/diag"
	"tenon/server/auth"
)

// identity is who a request comes from and by what it is known.
type identity struct {
	actor      *policy.Actor
	credential auth.Credential
}

// id is the person's id, "" for nobody.
func (i identity) id() string {
	if i.actor == nil {
		return ""
	}
	return i.actor.ID
}

func (i identity) locale() string {
	if i.actor == nil {
		return ""
	}
	return i.actor.Locale
}

func (i identity) admin() bool { return i.actor != nil && i.actor.Admin }

// identify finds out who asks and refuses what another site's page makes a browser send. A credential that isn't
// valid is refused, also where none is needed.
func (s *Server) identify(x *exchange, r *route) error {
	x.who.actor = policy.Nobody()
	if r.access == everyone {
		return s.sameOrigin(x, r, r.method == fiber.MethodPost)
	}
	cred, err := s.auth.Read(x.header(fiber.HeaderAuthorization), x.header(fiber.HeaderCookie))
	if err != nil {
		return err
	}
	foreign := s.sameOrigin(x, r, cred.Session != "")
	actor, err := s.auth.Authenticate(x.ctx, cred)
	if err == nil {
		x.who = identity{actor: actor, credential: cred} // also where it is refused: the audit says whom it was tried on
	}
	if foreign != nil {
		return foreign
	}
	return err
}

// sameOrigin asks the auth service whether the request comes from Tenon's own pages, where that matters. cookie says
// that the request is authenticated by its cookie, or will set it.
func (s *Server) sameOrigin(x *exchange, r *route, cookie bool) error {
	return s.auth.SameOrigin(auth.Site{
		Method:       r.method,
		SecFetchSite: x.header("Sec-Fetch-Site"),
		Origin:       x.header(fiber.HeaderOrigin),
		ContentType:  string(x.c.Request().Header.ContentType()),
		Body:         !x.isEmptyBody(),
		Upload:       r.body == formUpload,
		Stream:       r.stream(),
		Cookie:       cookie,
		Scheme:       s.scheme(x),
		Host:         x.header(fiber.HeaderHost),
	})
}

// stream tells whether a route answers with a stream of events.
func (r *route) stream() bool { return r.path == eventsPath }

// scheme is http, or what a trusted proxy says.
func (s *Server) scheme(x *exchange) string {
	if isTrusted(remoteIP(x.c), s.cfg.TrustedProxies) && strings.EqualFold(x.header(fiber.HeaderXForwardedProto), "https") {
		return "https"
	}
	return "http"
}

// permit refuses whoever the route doesn't answer to.
func (s *Server) permit(x *exchange, a access) error {
	if a == everyone || a == anyone {
		return nil
	}
	if x.who.id() == "" {
		return diag.Refuse("session.required", "")
	}
	if a == barely {
		return nil
	}
	if err := auth.Ready(x.who.actor); err != nil {
		return err
	}
	if a == admins && !x.who.actor.Admin {
		return diag.Refuse("access.role_needed", "", "role", "admin")
	}
	return nil
}

// renew authenticates again whoever a stream belongs to.
func (s *Server) renew(ctx context.Context, who identity) (*policy.Actor, error) {
	actor, err := s.auth.Authenticate(ctx, who.credential)
	if err != nil {
		return nil, err
	}
	return actor, auth.Ready(actor)
}

// from says to the auth service where a call comes from.
func (s *Server) from(x *exchange) auth.From {
	return auth.From{Actor: x.who.actor, IP: clientIP(x.c, s.cfg.TrustedProxies).String(), Agent: x.header(fiber.HeaderUserAgent), RequestID: x.id}
}

// setCookie sets a cookie as the auth service wants it.
func (x *exchange) setCookie(k auth.Cookie) {
	x.c.Cookie(&fiber.Cookie{Name: k.Name, Value: k.Value, Path: k.Path, MaxAge: k.MaxAge, Secure: k.Secure, HTTPOnly: k.HTTPOnly, SameSite: k.SameSite})
}
