package auth

import (
	"net/url"
	"strings"

	"tenon/metamodel/diag"
)

// Site is what a request says of where it comes from.
type Site struct {
	Method       string
	SecFetchSite string // header Sec-Fetch-Site
	Origin       string // header Origin
	ContentType  string // header Content-Type
	Body         bool   // a body comes along
	Upload       bool   // the route takes multipart/form-data
	Stream       bool   // the answer is a stream of events: looked at even when the method is safe
	Cookie       bool   // the credential is the cookie, or the request sets it
	Scheme       string // of the request, for when there is no public URL
	Host         string // header Host, for when there is no public URL
}

// SameOrigin refuses requests that another site makes in a person's name. A request that a browser authenticates by
// itself, with the cookie, must show that it comes from Tenon's own pages; one without the cookie must only not show
// the opposite. With the cookie, a body must be of a type that no form can send.
func (s *Service) SameOrigin(r Site) error {
	if safe(r.Method) && !r.Stream {
		return nil
	}
	origin := s.origin
	if origin == "" {
		origin = originOf(r.Scheme, r.Host)
	}
	proven := false
	switch r.SecFetchSite {
	case "":
	case "same-origin":
		proven = true
	default:
		return diag.Refuse("session.cross_site", "")
	}
	if r.Origin != "" {
		if !sameOrigin(r.Origin, origin) {
			return diag.Refuse("session.cross_site", "")
		}
		proven = true
	}
	if !r.Cookie || safe(r.Method) {
		return nil // a stream that can't be read by other pages anyway; browsers say little on plain HTTP
	}
	if !proven {
		return diag.Refuse("session.cross_site", "")
	}
	if r.Body && !unformable(r.ContentType, r.Upload) {
		return diag.Refuse("session.json_needed", "")
	}
	return nil
}

// safe tells whether a method changes nothing.
func safe(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS":
		return true
	}
	return false
}

// unformable tells whether a content type can't come from a form of another site.
func unformable(contentType string, upload bool) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); kind {
	case "", "text/plain", "application/x-www-form-urlencoded":
		return false
	case "multipart/form-data":
		return upload
	default:
		return true
	}
}

func sameOrigin(origin, own string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	return own != "" && originOf(u.Scheme, u.Host) == own
}

// originOf writes scheme and host as browsers do: lower case, without the scheme's own port.
func originOf(scheme, host string) string {
	scheme, host = strings.ToLower(scheme), strings.ToLower(host)
	switch scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	}
	if scheme == "" || host == "" {
		return ""
	}
	return scheme + "://" + host
}
