package auth

import (
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"tenon/engine/policy"
	"tenon/metamodel/diag"
)

func TestShippedCost(t *testing.T) {
	if shipped.memory < 19*1024 || shipped.passes < 2 || shipped.threads < 1 {
		t.Errorf("%+v is too cheap", shipped)
	}
}

func TestHash(t *testing.T) {
	h := newHasher(1)
	stored, err := h.hash(t.Context(), "päss wörd")
	if err != nil {
		t.Fatal(err)
	}
	other, err := h.hash(t.Context(), "päss wörd")
	if err != nil || other == stored {
		t.Error("two hashes of one password are equal")
	}
	for password, want := range map[string]bool{"päss wörd": true, "päss wörd ": false, "": false, "Päss wörd": false} {
		if ok, old, err := h.verify(t.Context(), stored, password); ok != want || old || err != nil {
			t.Errorf("%q: %v %v %v", password, ok, old, err)
		}
	}
	if p, err := parsePHC(h.dummy); err != nil || p.cost != present || len(p.key) != keyBytes {
		t.Errorf("unknown accounts are told by their time: %+v %v", p.cost, err)
	}
	if ok, _, err := h.verify(t.Context(), "", ""); ok || err != nil {
		t.Errorf("no password: %v %v", ok, err)
	}
	salt := []byte("0123456789abcdef")
	weak := phc{cost: cost{memory: 8, passes: 1, threads: 1}, salt: salt, key: argon2.IDKey([]byte("x"), salt, 1, 8, 1, 32)}.String()
	if ok, old, err := h.verify(t.Context(), weak, "x"); !ok || !old || err != nil {
		t.Errorf("weak: %v %v %v", ok, old, err)
	}
	if _, _, err := h.verify(t.Context(), "$2a$10$abcdefghijklmnopqrstuv", "x"); err == nil {
		t.Error("a hash of another kind is taken")
	}
}

func TestPasswordIsRehashed(t *testing.T) {
	each(t, func(w *world) {
		before, err := w.store.Reader().PasswordOf(w.Context(), w.admin.id)
		if err != nil {
			w.Fatal(err)
		}
		present.memory *= 2
		defer func() { present.memory /= 2 }()
		w.login("ada@example.com", password)
		after, err := w.store.Reader().PasswordOf(w.Context(), w.admin.id)
		if err != nil || after == before || !strings.Contains(after, "m=128,") {
			w.Errorf("%s → %s, %v", before, after, err)
		}
		w.login("ada@example.com", password)
	})
}

func TestPasswordRules(t *testing.T) {
	for password, want := range map[string]diag.Code{
		"":                                "password.too_short",
		"1234567":                         "password.too_short",
		"密码密码密码密":                         "password.too_short",
		"密码太短了吗不会":                        "",
		"qwerty12":                        "password.common",
		" PassWord ":                      "password.common",
		"zzzzzzzzzzzz":                    "password.common",
		"        ":                        "password.common",
		"ada.lovelace":                    "password.like_account",
		"Ada.Lovelace@example.com":        "password.like_account",
		"Augusta Ada":                     "password.like_account",
		strings.Repeat("x y ", 256):       "",
		strings.Repeat("x y ", 256) + ".": "password.too_long",
		"abc\xff\xfe\xfd12345":            "account.control_character",
		"correct horse":                   "",
	} {
		var list diag.List
		checkPassword(&list, "/password", password, "ada.lovelace@example.com", "Augusta Ada")
		if got := list.Codes(); want == "" && len(got) != 0 || want != "" && (len(got) != 1 || got[0] != want) {
			t.Errorf("%q: %v, want %q", password[:min(20, len(password))], got, want)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	const cross, form = "session.cross_site", "session.json_needed"
	own := &Service{origin: "https://tenon.example.com"}
	asked := &Service{}
	jsonPost := Site{Method: "POST", SecFetchSite: "same-origin", ContentType: "application/json", Body: true, Cookie: true, Host: "localhost:8080", Scheme: "http"}
	with := func(change func(*Site)) Site {
		s := jsonPost
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		service *Service
		site    Site
		want    diag.Code
	}{
		"own page":                        {own, jsonPost, ""},
		"charset":                         {own, with(func(s *Site) { s.ContentType = "Application/JSON; charset=utf-8" }), ""},
		"cross-site":                      {own, with(func(s *Site) { s.SecFetchSite = "cross-site" }), cross},
		"sibling site":                    {own, with(func(s *Site) { s.SecFetchSite = "same-site" }), cross},
		"opened by hand":                  {own, with(func(s *Site) { s.SecFetchSite = "none" }), cross},
		"nonsense":                        {own, with(func(s *Site) { s.SecFetchSite = "same-origin, cross-site" }), cross},
		"no header at all":                {own, with(func(s *Site) { s.SecFetchSite = "" }), cross},
		"origin alone":                    {own, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "https://tenon.example.com" }), ""},
		"origin's case and port":          {own, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "https://Tenon.example.com:443" }), ""},
		"null origin":                     {own, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "null" }), cross},
		"other origin":                    {own, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "https://evil.example" }), cross},
		"other scheme":                    {own, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "http://tenon.example.com" }), cross},
		"other port":                      {own, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "https://tenon.example.com:8443" }), cross},
		"prefix":                          {own, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "https://tenon.example.com.evil.example" }), cross},
		"user in origin":                  {own, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "https://tenon.example.com@evil.example" }), cross},
		"both, at odds":                   {own, with(func(s *Site) { s.Origin = "https://evil.example" }), cross},
		"form":                            {own, with(func(s *Site) { s.ContentType = "application/x-www-form-urlencoded" }), form},
		"text":                            {own, with(func(s *Site) { s.ContentType = "text/plain" }), form},
		"text that says JSON":             {own, with(func(s *Site) { s.ContentType = "text/plain; a=application/json" }), form},
		"no type":                         {own, with(func(s *Site) { s.ContentType = "" }), form},
		"multipart":                       {own, with(func(s *Site) { s.ContentType = "multipart/form-data; boundary=x" }), form},
		"multipart where files are taken": {own, with(func(s *Site) { s.ContentType, s.Upload = "multipart/form-data; boundary=x", true }), ""},
		"delete without body":             {own, Site{Method: "DELETE", SecFetchSite: "same-origin", Cookie: true}, ""},
		"read":                            {own, Site{Method: "GET", SecFetchSite: "cross-site", Cookie: true}, ""},
		"stream elsewhere":                {own, Site{Method: "GET", SecFetchSite: "cross-site", Cookie: true, Stream: true}, cross},
		"stream of another origin":        {own, Site{Method: "GET", Origin: "https://evil.example", Cookie: true, Stream: true}, cross},
		"stream at home":                  {own, Site{Method: "GET", SecFetchSite: "same-origin", Cookie: true, Stream: true}, ""},
		"program":                         {own, Site{Method: "POST", Body: true, ContentType: "text/plain"}, ""},
		"page elsewhere with a token":     {own, Site{Method: "POST", SecFetchSite: "cross-site"}, cross},
		"method that isn't known":         {own, Site{Method: "FOO", Cookie: true}, cross},
		"as asked":                        {asked, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "http://localhost:8080" }), ""},
		"as asked, elsewhere":             {asked, with(func(s *Site) { s.SecFetchSite, s.Origin = "", "http://localhost:3000" }), cross},
		"as asked, without host":          {asked, with(func(s *Site) { s.SecFetchSite, s.Origin, s.Host = "", "http://", "" }), cross},
	} {
		want(t, name, c.service.SameOrigin(c.site), c.want)
	}
}

func TestCookie(t *testing.T) {
	for _, c := range []struct {
		secure bool
		name   string
	}{{true, "__Host-tenon"}, {false, "tenon"}} {
		s := &Service{secure: c.secure}
		got := s.cookie("x", 60)
		if got != (Cookie{Name: c.name, Value: "x", Path: "/", SameSite: "Lax", MaxAge: 60, Secure: c.secure, HTTPOnly: true}) {
			t.Errorf("%+v", got)
		}
		if s.NoCookie().MaxAge >= 0 || s.NoCookie().Value != "" {
			t.Errorf("%+v", s.NoCookie())
		}
	}
}

func TestSecretsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		for _, s := range []string{newTokenSecret(), newSessionSecret(), newResetCode()} {
			if seen[s] {
				t.Fatalf("%s twice", s)
			}
			seen[s] = true
		}
	}
	if !isToken(newTokenSecret()) || !isSessionSecret(newSessionSecret()) || plainResetCode(newResetCode()) == "" {
		t.Error("a secret isn't recognised")
	}
}

func TestNetwork(t *testing.T) {
	for ip, want := range map[string]string{
		"10.0.0.1": "10.0.0.1", "::ffff:10.0.0.1": "10.0.0.1", "2001:db8::1": "2001:db8::/64",
		"2001:db8::ffff%eth0": "2001:db8::/64", "": "", "x": "",
	} {
		if got := network(ip); got != want {
			t.Errorf("%q: %q", ip, got)
		}
	}
	if attemptKey("a", "bc") == attemptKey("ab", "c") || attemptKey("a", "b") == attemptKey("a", "b", "") {
		t.Error("keys run into each other")
	}
}

func FuzzParsePHC(f *testing.F) {
	salt, key := []byte("0123456789abcdef"), []byte("0123456789abcdef0123456789abcdef")
	f.Add(phc{cost: shipped, salt: salt, key: key}.String())
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$$")
	f.Add("$2a$10$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err != nil {
			return
		}
		if h.String() != s {
			t.Errorf("%q reads as %q", s, h.String())
		}
		if h.memory > maxMemory || h.passes > maxPasses || h.threads > maxThreads || h.memory == 0 || h.passes == 0 || h.threads == 0 {
			t.Errorf("%q costs %+v", s, h.cost)
		}
	})
}

func FuzzCredential(f *testing.F) {
	f.Add("Bearer "+newTokenSecret(), "__Host-tenon="+newSessionSecret())
	f.Add("", "a=b; __Host-tenon="+newSessionSecret()+";c")
	f.Add("Basic eDp5", "__Host-tenon")
	s := &Service{secure: true}
	f.Fuzz(func(t *testing.T, authorization, cookies string) {
		c, err := s.Read(authorization, cookies)
		switch {
		case err != nil && !c.Anonymous():
			t.Error("an error with a credential")
		case c.Token != "" && c.Session != "":
			t.Error("two credentials")
		case c.Token != "" && (!isToken(c.Token) || !strings.HasSuffix(authorization, c.Token)):
			t.Errorf("token %q", c.Token)
		case c.Session != "" && (authorization != "" || !isSessionSecret(c.Session) || strings.Count(cookies, "__Host-tenon="+c.Session) != 1):
			t.Errorf("session %q", c.Session)
		}
	})
}

func FuzzResetCode(f *testing.F) {
	f.Add(newResetCode())
	f.Add("0000 0000-0000")
	f.Fuzz(func(t *testing.T, code string) {
		plain := plainResetCode(code)
		if plain == "" {
			return
		}
		if len(plain) != resetGroups*resetGroup || plainResetCode(plain) != plain {
			t.Errorf("%q → %q", code, plain)
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	c := newClock()
	s := &Service{now: c.read, idle: DefaultSessionIdle, change: make(chan struct{})}
	secret := newSessionSecret()
	r := &remembered{actor: &policy.Actor{Kind: policy.Person, ID: "u1"}, used: c.read(), seen: c.read()}
	s.cache.Store(&cache{epoch: 1, at: c.read(), by: map[string]*remembered{digest(secret): r}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Authenticate(b.Context(), Credential{Session: secret}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	h := newHasher(1)
	cheap := present
	present = shipped
	defer func() { present = cheap }()
	for b.Loop() {
		if _, err := h.hash(b.Context(), "correct horse"); err != nil {
			b.Fatal(err)
		}
	}
}
