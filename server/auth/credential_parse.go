package auth

import (
	"strings"

	"tenon/metamodel/diag"
)

// maxCredential bounds the headers that credentials are looked for in.
const maxCredential = 8 << 10

// Credential is what a request came with. At most one of the two is set; both empty is anonymous.
type Credential struct {
	Token   string // API token, from the header Authorization
	Session string // session's secret, from the cookie
}

// Anonymous tells whether the request came without credentials.
func (c Credential) Anonymous() bool { return c.Token == "" && c.Session == "" }

// Read finds the credential in the headers Authorization and Cookie. An API token comes as a bearer token and in no
// other way, a session as the cookie and in no other way; the header Authorization counts before the cookie, and
// when it can't be read the cookie doesn't help. A cookie that can't be a session's is as good as none.
func (s *Service) Read(authorization, cookies string) (Credential, error) {
	if authorization != "" {
		token, ok := bearer(authorization)
		if !ok {
			return Credential{}, diag.Refuse("session.expired", "")
		}
		return Credential{Token: token}, nil
	}
	return Credential{Session: sessionCookie(cookies, s.cookieName())}, nil
}

// bearer reads `Bearer tnn_…`.
func bearer(header string) (string, bool) {
	if len(header) > maxCredential {
		return "", false
	}
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") || !isToken(token) {
		return "", false
	}
	return token, true
}

// sessionCookie finds the one cookie of a name. When there are two of the name, someone has planted one: neither
// counts.
func sessionCookie(header, name string) string {
	if len(header) > maxCredential {
		return ""
	}
	found := ""
	for pair := range strings.SplitSeq(header, ";") {
		key, text, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || key != name {
			continue
		}
		if found != "" || !isSessionSecret(text) {
			return ""
		}
		found = text
	}
	return found
}

// Cookie is a cookie to set, as data. Secure, HTTPOnly, SameSite and Path are what keeps it from other sites and
// scripts.
type Cookie struct {
	Name     string
	Value    string
	Path     string
	SameSite string
	MaxAge   int // seconds; negative removes the cookie
	Secure   bool
	HTTPOnly bool
}

func (s *Service) cookieName() string {
	if s.secure {
		return "__Host-tenon"
	}
	return "tenon"
}

// cookie is the session's cookie with a value.
func (s *Service) cookie(secret string, seconds int) Cookie {
	return Cookie{Name: s.cookieName(), Value: secret, Path: "/", SameSite: "Lax", MaxAge: seconds, Secure: s.secure, HTTPOnly: true}
}

// NoCookie removes the session's cookie.
func (s *Service) NoCookie() Cookie { return s.cookie("", -1) }
