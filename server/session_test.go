package server

import (
	"fmt"
	"strings"
	"testing"
)

func TestSetupOnce(t *testing.T) {
	w := startServer(t, nil)
	c := w.client()
	if need := c.do("GET", "/api/v1/setup", nil).want(200).json()["needed"]; need != true {
		t.Errorf("needed: %v", need)
	}
	body := map[string]any{"token": "wrong-token-wrong-token", "email": adminEmail, "name": "A", "password": testPassword}
	c.do("POST", "/api/v1/setup", body).refused(403, "setup.token_wrong")
	c.do("POST", "/api/v1/setup", body, "Origin", "https://evil.example").refused(403, "session.cross_site")
	body["token"] = testToken
	a := c.do("POST", "/api/v1/setup", body).want(201)
	if k := a.header.Get("Set-Cookie"); !strings.Contains(k, "HttpOnly") || !strings.Contains(k, "SameSite=Lax") || !strings.Contains(strings.ToLower(k), "path=/") {
		t.Errorf("cookie %q", k)
	}
	c.do("GET", "/api/v1/me", nil).want(200)
	w.client().do("POST", "/api/v1/setup", body).refused(410, "setup.done")
	if need := c.do("GET", "/api/v1/setup", nil).want(200).json()["needed"]; need != false {
		t.Errorf("needed: %v", need)
	}
}

// With a public https address cookies are bound to it.
func TestSecureCookie(t *testing.T) {
	w := startServer(t, func(c *Config) { c.PublicURL = "https://erp.example.com" })
	c := w.client()
	body := map[string]any{"token": testToken, "email": adminEmail, "name": "A", "password": testPassword}
	c.do("POST", "/api/v1/setup", body).refused(403, "session.cross_site")
	a := c.do("POST", "/api/v1/setup", body, "Origin", "https://erp.example.com").want(201)
	if k := a.header.Get("Set-Cookie"); !strings.HasPrefix(k, "__Host-tenon=") || !strings.Contains(strings.ToLower(k), "secure") {
		t.Errorf("cookie %q", k)
	}
}

// What a page of another site can make a browser send.
func TestCrossSite(t *testing.T) {
	w := shared(t)
	body := `{"title":"forged"}`
	for name, headers := range map[string][]string{
		"no origin":             {"Origin", ""},
		"null origin":           {"Origin", "null"},
		"another origin":        {"Origin", "https://evil.example"},
		"another port":          {"Origin", "http://127.0.0.1:1"},
		"cross-site":            {"Sec-Fetch-Site", "cross-site"},
		"same-site":             {"Sec-Fetch-Site", "same-site"},
		"forwarded host":        {"Origin", "https://evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https"},
		"origin with a path":    {"Origin", "http://" + w.addr + "/x"},
		"origin as a subdomain": {"Origin", "http://" + w.addr + ".evil.example"},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.admin.do("POST", tasks, body, headers...)
			a.t = t
			a.refused(403, "session.cross_site")
		})
	}
	w.admin.do("POST", tasks, body, "Content-Type", "text/plain").refused(415, "session.json_needed")
	// An API token is not sent by browsers on their own, so it needs no origin; but a foreign page can't use it either.
	token := w.client()
	token.token = w.admin.do("POST", "/api/v1/tokens", map[string]any{"name": "ci", "days": 1}).want(201).text("token")
	token.do("POST", tasks, body, "Origin", "").want(201)
	token.do("POST", tasks, body, "Origin", "https://evil.example").refused(403, "session.cross_site")
	token.do("POST", "/api/v1/tokens", map[string]any{"name": "more"}).refused(403, "token.session_needed")
}

// Administrators see everybody's tokens, never a secret, and can end them; others don't.
func TestTokensOfAll(t *testing.T) {
	w := shared(t)
	made := w.clerk.do("POST", "/api/v1/tokens", map[string]any{"name": "till"}).want(201).json()
	w.admin.do("POST", "/api/v1/tokens", map[string]any{"name": "backup", "days": 2}).want(201)
	program := w.client()
	program.token = made["token"].(string)
	program.do("GET", "/api/v1/apps", nil).want(200)
	w.clerk.do("GET", "/api/v1/users/-/tokens", nil).refused(403, "access.role_needed")
	program.do("GET", "/api/v1/users/-/tokens", nil).refused(403, "access.role_needed")
	var names []string
	owner, next := "", ""
	for {
		page := w.admin.do("GET", "/api/v1/users/-/tokens?page_size=1&page_token="+next, nil).want(200).json()
		for _, x := range page["tokens"].([]any) {
			token := x.(map[string]any)
			names = append(names, fmt.Sprint(token["name"]))
			if token["id"] == made["id"] {
				owner = token["user"].(map[string]any)["id"].(string)
			}
			if token["token"] != nil || token["hash"] != nil {
				t.Errorf("the list tells a secret: %v", token)
			}
		}
		if next, _ = page["next_page_token"].(string); next == "" {
			break
		}
	}
	if len(names) < 2 || names[0] != "backup" || names[1] != "till" || owner == "" {
		t.Fatalf("the latest first: %v, of %q", names, owner)
	}
	own := w.admin.do("GET", "/api/v1/users/"+owner+"/tokens", nil).want(200).json()["tokens"].([]any)
	for _, x := range own {
		if x.(map[string]any)["user"].(map[string]any)["id"] != owner {
			t.Errorf("somebody else's: %v", x)
		}
	}
	token := fmt.Sprint("/tokens/", made["id"])
	w.clerk.do("DELETE", "/api/v1/users/"+owner+token, nil).refused(403, "access.role_needed")
	w.admin.do("DELETE", "/api/v1/users/01970000-0000-7000-8000-000000000000"+token, nil).refused(404, "token.not_found")
	w.admin.do("GET", "/api/v1/users/x/tokens", nil).refused(404, "user.not_found")
	w.admin.do("GET", "/api/v1/users/-/tokens?page_token=x", nil).refused(400, "query.parameter_malformed")
	w.admin.do("DELETE", "/api/v1/users/"+owner+token, nil).want(204)
	program.do("GET", "/api/v1/apps", nil).refused(401, "session.expired")
}

func TestSignInAndOut(t *testing.T) {
	w := shared(t)
	c := w.client()
	c.do("POST", "/api/v1/sessions", map[string]any{"email": "clerk@example.com", "password": "wrong"}).refused(401, "login.failed")
	c.do("POST", "/api/v1/sessions", map[string]any{"email": "nobody@example.com", "password": "wrong"}).refused(401, "login.failed")
	c.do("POST", "/api/v1/sessions", map[string]any{"email": "clerk@example.com", "password": testPassword + "2"}).want(201)
	if n := len(c.do("GET", "/api/v1/sessions", nil).want(200).json()["sessions"].([]any)); n < 2 {
		t.Errorf("%d sessions", n)
	}
	old := c.cookie
	c.do("DELETE", "/api/v1/sessions/current", nil).want(204)
	if c.cookie != "" {
		t.Error("the cookie stays")
	}
	c.cookie = old
	c.do("GET", "/api/v1/me", nil).refused(401, "session.expired")
	w.clerk.do("DELETE", "/api/v1/sessions/01970000-0000-7000-8000-000000000000", nil).refused(404, "session.not_found")
	w.clerk.do("DELETE", "/api/v1/tokens/01970000-0000-7000-8000-000000000000", nil).refused(404, "token.not_found")
}

// A password that was given by someone else must be changed before anything else.
func TestMustChangePassword(t *testing.T) {
	w := shared(t)
	w.admin.do("POST", "/api/v1/users", map[string]any{"email": "new@example.com", "name": "New", "password": testPassword + "new"}).want(201)
	c := w.client()
	c.do("POST", "/api/v1/sessions", map[string]any{"email": "new@example.com", "password": testPassword + "new"}).want(201)
	c.do("GET", "/api/v1/apps", nil).refused(403, "session.password_change_needed")
	if me := c.do("GET", "/api/v1/me", nil).want(200).json(); me["must_change_password"] != true || me["workspace"] != "测试商贸" {
		t.Errorf("%v", me)
	}
	c.do("PATCH", "/api/v1/me", map[string]any{"current_password": testPassword + "new", "password": testPassword + "mine", "locale": "en-US"}).want(200)
	c.do("GET", "/api/v1/apps", nil).want(200)
}

func TestResetByCode(t *testing.T) {
	w := shared(t)
	u := w.admin.do("POST", "/api/v1/users", map[string]any{"email": "lost@example.com", "name": "Lost"}).want(201)
	reset := func(code string) *answer {
		return w.client().do("POST", "/api/v1/password-resets", map[string]any{"email": "lost@example.com", "code": code, "password": testPassword + "lost"})
	}
	code := u.text("reset_code")
	reset("0000-0000").refused(400, "reset.code_wrong")
	reset(code).want(204)
	reset(code).refused(400, "reset.code_wrong")
	again := w.admin.do("POST", "/api/v1/users/"+u.text("id")+":reset", nil).want(201)
	if again.text("reset_code") == code {
		t.Error("the same code twice")
	}
}

func TestPeopleAndDepartments(t *testing.T) {
	w := shared(t)
	d := w.admin.do("POST", "/api/v1/departments", map[string]any{"name": "采购部"}).want(201).text("id")
	below := w.admin.do("POST", "/api/v1/departments", map[string]any{"name": "一组", "parent": d}).want(201).text("id")
	w.admin.do("PATCH", "/api/v1/departments/"+d, map[string]any{"parent": below}).refused(422, "department.cycle")
	w.admin.do("DELETE", "/api/v1/departments/"+d, nil).refused(409, "department.in_use")
	u := w.admin.do("POST", "/api/v1/users", map[string]any{"email": "member@example.com", "name": "Member", "departments": []string{below}}).want(201).text("id")
	w.admin.do("PATCH", "/api/v1/users/"+u, map[string]any{"departments": []string{}, "active": false}).want(200)
	if got := w.admin.do("GET", "/api/v1/users/"+u, nil).want(200).json(); got["active"] != false {
		t.Errorf("%v", got)
	}
	w.admin.do("DELETE", "/api/v1/departments/"+below, nil).want(204)
	w.admin.do("DELETE", "/api/v1/users/"+u, nil).want(204)
	w.admin.do("GET", "/api/v1/users/"+u, nil).refused(404, "user.not_found")
	w.admin.do("PATCH", "/api/v1/users/"+w.admin.id(), map[string]any{"admin": false}).refused(409, "user.last_admin")
	people := w.clerk.do("GET", "/api/v1/people?q=clerk", nil).want(200)
	if !strings.Contains(string(people.body), "clerk@example.com") || strings.Contains(string(people.body), "admin") {
		t.Errorf("%s", people.body)
	}
	if named := w.clerk.do("GET", "/api/v1/people?ids="+w.admin.id(), nil).want(200); !strings.Contains(string(named.body), "管理员") {
		t.Errorf("%s", named.body)
	}
	w.admin.do("PUT", "/api/v1/apps/board/roles/nothing/users/"+w.guest.id(), nil).refused(422, "grant.role_unknown")
	if roles := w.admin.do("GET", "/api/v1/apps/board/roles", nil).want(200); !strings.Contains(string(roles.body), "clerk@example.com") {
		t.Errorf("%s", roles.body)
	}
}

// Whatever is refused to somebody known leaves an entry in the audit log, which shows no values.
func TestRefusalsAreAudited(t *testing.T) {
	w := shared(t)
	a := w.clerk.do("DELETE", tasks+"/01970000-0000-7000-8000-000000000001", nil).refused(403, "access.denied")
	id := a.header.Get("X-Request-Id")
	for {
		log := w.admin.do("GET", "/api/v1/audit?action=refusal&app=board", nil).want(200)
		if strings.Contains(string(log.body), id) {
			break
		}
	}
	verified := w.admin.do("POST", "/api/v1/audit:verify", nil).want(200).json()
	if verified["broken"] != nil {
		t.Errorf("%v", verified)
	}
	w.clerk.do("GET", "/api/v1/audit", nil).refused(403, "access.role_needed")
}
