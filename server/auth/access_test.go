package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

func TestTokens(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		bob, eve := w.join("bob", nil), w.join("eve", nil)
		secret, token, err := w.here.CreateToken(ctx, bob.from, " script ", w.clock.read().Add(time.Hour))
		if err != nil {
			w.Fatal(err)
		}
		if !isToken(secret) || token.Prefix != secret[:shownPrefix] || token.Name != "script" || strings.Contains(token.Hash, secret) {
			w.Errorf("%q %+v", secret, token)
		}
		a, err := w.here.Authenticate(ctx, Credential{Token: secret})
		if err != nil || a.Kind != policy.Token || a.ID != bob.id || a.SessionID != token.ID {
			w.Fatalf("%+v, %v", a, err)
		}
		by := From{Actor: a}
		_, _, err = w.here.CreateToken(ctx, by, "another", time.Time{})
		want(w.T, "a token makes no token", err, "token.session_needed")
		want(w.T, "a token changes no password", w.here.ChangePassword(ctx, by, password, "another good one"), "token.session_needed")
		want(w.T, "a token ends no session", w.here.RevokeSession(ctx, by, bob.from.Actor.SessionID), "token.session_needed")
		want(w.T, "somebody else's token", w.here.RevokeToken(ctx, eve.from, token.ID), "token.not_found")
		want(w.T, "no token", w.here.RevokeToken(ctx, eve.from, "00000000-0000-0000-0000-000000000000"), "token.not_found")
		if list, err := w.here.Tokens(ctx, eve.from); err != nil || len(list) != 0 {
			w.Errorf("eve sees %d tokens, %v", len(list), err)
		}
		for name, at := range map[string]time.Duration{"past": -time.Second, "now": 0, "too far": 20 * 365 * 24 * time.Hour} {
			_, _, err = w.here.CreateToken(ctx, bob.from, "x", w.clock.read().Add(at))
			want(w.T, name, err, "token.expiry_past")
		}
		_, _, err = w.here.CreateToken(ctx, bob.from, "  ", time.Time{})
		want(w.T, "no name", err, "account.required")
		w.clock.pass(59 * time.Minute)
		if _, err = w.here.Authenticate(ctx, Credential{Token: secret}); err != nil {
			w.Errorf("before it expires: %v", err)
		}
		w.clock.pass(time.Minute)
		_, err = w.here.Authenticate(ctx, Credential{Token: secret})
		want(w.T, "expired", err, "session.expired")
	})
}

// Credentials of one kind are worthless in the place of another, and nothing but what was given out is a credential.
func TestCredentialsAreNotConfused(t *testing.T) {
	each(t, func(w *world) {
		bob := w.join("bob", nil)
		token, _, err := w.here.CreateToken(w.Context(), bob.from, "script", time.Time{})
		if err != nil {
			w.Fatal(err)
		}
		code, _, err := w.here.IssueReset(w.Context(), w.admin.from, bob.id)
		if err != nil {
			w.Fatal(err)
		}
		session := bob.cred.Session
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"`+bob.id+`"}`)) + "."
		const expired, nobody, ok = "session.expired", "nobody", ""
		for name, c := range map[string]struct {
			authorization, cookie string
			want                  string
		}{
			"token":                        {"Bearer " + token, "", ok},
			"scheme in any case":           {"bearer " + token, "", ok},
			"session":                      {"", "__Host-tenon=" + session, ok},
			"among others":                 {"", "a=b; __Host-tenon=" + session + "; c=d", ok},
			"session as token":             {"Bearer " + session, "", expired},
			"token as session":             {"", "__Host-tenon=" + token, nobody},
			"reset code as token":          {"Bearer " + code, "", expired},
			"reset code as session":        {"", "__Host-tenon=" + code, nobody},
			"hash as session":              {"", "__Host-tenon=" + digest(session), nobody},
			"unsigned JWT":                 {"Bearer " + none, "", expired},
			"basic":                        {"Basic " + base64.StdEncoding.EncodeToString([]byte("bob@example.com:"+password)), "", expired},
			"two spaces":                   {"Bearer  " + token, "", expired},
			"trailing space":               {"Bearer " + token + " ", "", expired},
			"two tokens":                   {"Bearer " + token + ",Bearer " + token, "", expired},
			"no scheme":                    {token, "", expired},
			"bad header beats good cookie": {"Bearer x", "__Host-tenon=" + session, expired},
			"name without prefix":          {"", "tenon=" + session, nobody},
			"name in another case":         {"", "__host-tenon=" + session, nobody},
			"planted twice":                {"", "__Host-tenon=" + session + "; __Host-tenon=" + session, nobody},
			"quoted":                       {"", `__Host-tenon="` + session + `"`, nobody},
			"unknown token":                {"Bearer " + newTokenSecret(), "", expired},
			"unknown session":              {"", "__Host-tenon=" + newSessionSecret(), expired},
			"cut":                          {"", "__Host-tenon=" + session[:len(session)-1], nobody},
			"long header":                  {"Bearer " + strings.Repeat("x", 1<<20), "", expired},
		} {
			got := ok
			cred, err := w.here.Read(c.authorization, c.cookie)
			var a *policy.Actor
			if err == nil {
				a, err = w.here.Authenticate(w.Context(), cred)
			}
			switch {
			case err != nil:
				got = string(codeOf(err))
			case a.Kind == policy.Anonymous:
				got = nobody
			case a.ID != bob.id:
				got = a.ID
			}
			if got != c.want {
				w.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		for _, c := range []Credential{{Token: session}, {Session: token}, {Session: "x"}, {Token: "x"}} {
			_, err := w.here.Authenticate(w.Context(), c)
			want(w.T, "direct", err, expired)
		}
	})
}

func TestResetCodes(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		bob, eve := w.join("bob", nil), w.join("eve", nil)
		ip := 0
		use := func(email, code, next string) error {
			ip++
			return w.here.UseReset(ctx, From{IP: fmt.Sprintf("10.4.%d.%d", ip/250, ip%250)}, email, code, next)
		}
		issue := func() string {
			code, _, err := w.here.IssueReset(ctx, w.admin.from, bob.id)
			if err != nil {
				w.Fatal(err)
			}
			return code
		}
		code := issue()
		const next = "another good one"
		for _, bad := range []string{"", "{}", "[]", "true", "null", "0", strings.Repeat("0", 20), code + "0", code[1:], "' OR '1'='1", strings.Repeat("A", 1<<20), digest(plainResetCode(code))} {
			want(w.T, "code "+bad[:min(len(bad), 10)], use("bob@example.com", bad, next), "reset.code_wrong")
		}
		want(w.T, "somebody else's code", use("eve@example.com", code, next), "reset.code_wrong")
		want(w.T, "nobody's code", use("nobody@example.com", code, next), "reset.code_wrong")
		want(w.T, "weak password", use("bob@example.com", code, "password"), "password.common")
		newer := issue()
		want(w.T, "replaced code", use("bob@example.com", code, next), "reset.code_wrong")
		want(w.T, "as people type it", use("BOB@example.com", " "+strings.ToLower(strings.ReplaceAll(newer, "-", " ")), next), "")
		want(w.T, "second use", use("bob@example.com", newer, next), "reset.code_wrong")
		w.login("bob@example.com", next)
		old := issue()
		w.clock.pass(ResetLife)
		want(w.T, "expired", use("bob@example.com", old, next), "reset.code_wrong")

		code = issue()
		var mu sync.Mutex
		won := 0
		var wg sync.WaitGroup
		for i := range 6 {
			service := []*Service{w.here, w.there}[i%2]
			wg.Go(func() {
				err := service.UseReset(context.Background(), From{IP: fmt.Sprintf("10.5.0.%d", i)}, "bob@example.com", code, fmt.Sprintf("another good %d", i))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if codeOf(err) != "reset.code_wrong" {
					w.Errorf("at once: %v", err)
				}
			})
		}
		wg.Wait()
		if won != 1 {
			w.Errorf("%d used one code", won)
		}
		_, _, err := w.here.IssueReset(ctx, eve.from, bob.id)
		want(w.T, "not by everybody", err, "access.role_needed")
		_, _, err = w.here.IssueReset(ctx, w.admin.from, "nobody")
		want(w.T, "nobody", err, "user.not_found")
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(w *world) {
		bob := w.join("bob", nil)
		other := w.login("bob@example.com", password)
		for name, c := range map[string]struct {
			current, next string
			want          diag.Code
		}{
			"wrong":     {"wrong password", "another good one", "password.wrong"},
			"unchanged": {password, password, "password.unchanged"},
			"short":     {password, "short", "password.too_short"},
			"common":    {password, "Password123", "password.common"},
			"e-mail":    {password, "BOB@example.com", "password.like_account"},
			"long":      {password, strings.Repeat("x", MaxPassword+1), "password.too_long"},
		} {
			bob.from.IP = name
			want(w.T, name, w.here.ChangePassword(w.Context(), bob.from, c.current, c.next), c.want)
		}
		want(w.T, "right", w.here.ChangePassword(w.Context(), bob.from, password, "another good one"), "")
		if _, err := w.here.Authenticate(w.Context(), bob.cred); err != nil {
			w.Errorf("the session it was changed in: %v", err)
		}
		_, err := w.here.Authenticate(w.Context(), other.cred)
		want(w.T, "the other session", err, "session.expired")
		want(w.T, "by a session that has ended", w.here.ChangePassword(w.Context(), other.from, "another good one", "yet another one"), "session.expired")
	})
}

func TestPasswordThatOthersChose(t *testing.T) {
	each(t, func(w *world) {
		u, code, err := w.here.CreateUser(w.Context(), w.admin.from, NewUser{Email: "bob@example.com", Name: "Bob", Password: "given by ada"})
		if err != nil || code != "" || !u.MustChange {
			w.Fatalf("%+v %q %v", u, code, err)
		}
		bob := w.login("bob@example.com", "given by ada")
		want(w.T, "ready", Ready(bob.from.Actor), "session.password_change_needed")
		_, err = w.here.People(w.Context(), bob.from, "", 0)
		want(w.T, "anything", err, "session.password_change_needed")
		_, _, err = w.here.CreateToken(w.Context(), bob.from, "x", time.Time{})
		want(w.T, "token", err, "session.password_change_needed")
		want(w.T, "change", w.here.ChangePassword(w.Context(), bob.from, "given by ada", password), "")
		bob = w.come(bob.cred.Session)
		want(w.T, "afterwards", Ready(bob.from.Actor), "")
	})
}

func TestAdministrationNeedsAnAdministrator(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		builder := w.join("bob", func(n *NewUser) { n.Builder, n.Reviewer = true, true })
		for who, f := range map[string]From{"builder": builder.from, "nobody": {Actor: policy.Nobody()}, "none": {}} {
			code := diag.Code("access.role_needed")
			if who != "builder" {
				code = "session.required"
			}
			errs := map[string]error{}
			_, _, errs["create user"] = w.here.CreateUser(ctx, f, NewUser{Email: "x@example.com", Name: "x", Admin: true})
			yes := true
			_, errs["make oneself admin"] = w.here.UpdateUser(ctx, f, builder.id, UserPatch{Admin: &yes})
			_, errs["list users"] = w.here.Users(ctx, f, store.UserFilter{}, "", 0)
			_, errs["read somebody"] = w.here.User(ctx, f, w.admin.id)
			errs["remove"] = w.here.RemoveUser(ctx, f, w.admin.id)
			errs["roles"] = w.here.SetRoles(ctx, f, builder.id, "trade", []metamodel.ID{"keeper"}, anyRole)
			errs["assign"] = w.here.Assign(ctx, f, builder.id, "trade", "keeper", true, anyRole)
			_, errs["assigned"] = w.here.Assigned(ctx, f, "trade", "keeper", "", 0)
			name := "x"
			_, errs["department"] = w.here.PutDepartment(ctx, f, "", DepartmentPatch{Name: &name})
			errs["delete department"] = w.here.DeleteDepartment(ctx, f, "x")
			_, _, errs["reset"] = w.here.IssueReset(ctx, f, w.admin.id)
			for what, err := range errs {
				want(w.T, who+" "+what, err, code)
			}
		}
		if u, err := w.here.User(ctx, builder.from, builder.id); err != nil || u.Name != "bob" {
			w.Errorf("oneself: %v", err)
		}
		name := "Robert"
		if u, err := w.here.UpdateSelf(ctx, builder.from, &name, nil); err != nil || u.Name != name || u.Admin {
			w.Errorf("%+v %v", u, err)
		}
	})
}

func TestLastAdministratorStays(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		no, yes := false, true
		demote := func(f From, id string) error {
			_, err := w.here.UpdateUser(ctx, f, id, UserPatch{Admin: &no})
			return err
		}
		disable := func(f From, id string) error {
			_, err := w.here.UpdateUser(ctx, f, id, UserPatch{Disabled: &yes})
			return err
		}
		want(w.T, "demote", demote(w.admin.from, w.admin.id), "user.last_admin")
		want(w.T, "disable", disable(w.admin.from, w.admin.id), "user.last_admin")
		want(w.T, "remove", w.here.RemoveUser(ctx, w.admin.from, w.admin.id), "user.last_admin")
		second := w.join("sue", func(n *NewUser) { n.Admin = true })
		off := w.join("off", func(n *NewUser) { n.Admin = true })
		want(w.T, "one of three", disable(w.admin.from, off.id), "")
		// Two administrators demote each other at the same time, through two servers: one stays.
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() {
			_, errs[0] = w.here.UpdateUser(context.Background(), w.admin.from, second.id, UserPatch{Admin: &no})
		})
		wg.Go(func() {
			_, errs[1] = w.there.UpdateUser(context.Background(), second.from, w.admin.id, UserPatch{Admin: &no})
		})
		wg.Wait()
		codes := []string{string(codeOf(errs[0])), string(codeOf(errs[1]))}
		slices.Sort(codes)
		if !slices.Equal(codes, []string{"", "user.last_admin"}) {
			w.Errorf("%v", codes)
		}
	})
}

func TestUsers(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		for i := range 7 {
			w.join(fmt.Sprintf("user%d", i), nil)
		}
		var names []string
		token := ""
		for {
			l, err := w.here.Users(ctx, w.admin.from, store.UserFilter{}, token, 3)
			if err != nil {
				w.Fatal(err)
			}
			for _, u := range l.Users {
				names = append(names, u.Name)
			}
			if token = l.Next; token == "" {
				break
			}
		}
		if len(names) != 8 || !slices.IsSorted(names) {
			w.Errorf("%v", names)
		}
		for _, bad := range []string{"x", "!!", base64.RawURLEncoding.EncodeToString([]byte("no newline")), strings.Repeat("A", 5000)} {
			_, err := w.here.Users(ctx, w.admin.from, store.UserFilter{}, bad, 3)
			want(w.T, "page token", err, "query.parameter_malformed")
		}
		for what, err := range map[string]error{
			"user":       func() error { _, err := w.here.User(ctx, w.admin.from, "a\x00b"); return err }(),
			"remove":     w.here.RemoveUser(ctx, w.admin.from, "a\xff"),
			"roles":      w.here.SetRoles(ctx, w.admin.from, "\x00", "trade", nil, anyRole),
			"assignment": w.here.Assign(ctx, w.admin.from, "\x00", "trade", "keeper", true, anyRole),
		} {
			want(w.T, what, err, "user.not_found")
		}
		want(w.T, "app", w.here.Assign(ctx, w.admin.from, w.admin.id, "tr\x00ade", "keeper", true, anyRole), "grant.role_unknown")
		for search, n := range map[string]int{"u\x00ser3": 1, "USER3": 1, "example.com": 8, "%": 0, "_": 0, "'": 0} {
			if l, err := w.here.Users(ctx, w.admin.from, store.UserFilter{Search: search}, "", 0); err != nil || len(l.Users) != n {
				w.Errorf("search %q: %d, %v", search, len(l.Users), err)
			}
		}
		for name, c := range map[string]struct {
			user NewUser
			want diag.Code
		}{
			"taken":           {NewUser{Email: "ADA@EXAMPLE.COM", Name: "x"}, "user.email_taken"},
			"no e-mail":       {NewUser{Name: "x"}, "account.required"},
			"look-alike":      {NewUser{Email: "adа@example.com", Name: "x"}, "user.email_malformed"},
			"kelvin sign":     {NewUser{Email: "\u212aim@example.com", Name: "x"}, "user.email_malformed"},
			"header":          {NewUser{Email: "a@b.com\r\nBcc: c@d.com", Name: "x"}, "user.email_malformed"},
			"no name":         {NewUser{Email: "x@example.com"}, "account.required"},
			"long name":       {NewUser{Email: "x@example.com", Name: strings.Repeat("名", maxName+1)}, "account.too_long"},
			"name turned":     {NewUser{Email: "x@example.com", Name: "a\u202eb"}, "account.control_character"},
			"name with NUL":   {NewUser{Email: "x@example.com", Name: "a\x00b"}, "account.control_character"},
			"locale":          {NewUser{Email: "x@example.com", Name: "x", Locale: "../etc"}, "user.locale_unknown"},
			"attribute name":  {NewUser{Email: "x@example.com", Name: "x", Attributes: map[string]string{"A b": "c"}}, "user.attribute_malformed"},
			"attribute value": {NewUser{Email: "x@example.com", Name: "x", Attributes: map[string]string{"a": strings.Repeat("x", maxAttribute+1)}}, "account.too_long"},
			"department":      {NewUser{Email: "x@example.com", Name: "x", Departments: []string{"nowhere"}}, "department.not_found"},
			"password":        {NewUser{Email: "x@example.com", Name: "x", Password: "short"}, "password.too_short"},
		} {
			_, _, err := w.here.CreateUser(ctx, w.admin.from, c.user)
			want(w.T, name, err, c.want)
		}
		bob := w.join("bob", func(n *NewUser) { n.Attributes = map[string]string{"region": "east"} })
		taken := "ada@example.com"
		_, err := w.here.UpdateUser(ctx, w.admin.from, bob.id, UserPatch{Email: &taken})
		want(w.T, "change to taken", err, "user.email_taken")
		_, err = w.here.UpdateUser(ctx, w.admin.from, "nobody", UserPatch{})
		want(w.T, "change nobody", err, "user.not_found")
		want(w.T, "remove", w.here.RemoveUser(ctx, w.admin.from, bob.id), "")
		want(w.T, "remove again", w.here.RemoveUser(ctx, w.admin.from, bob.id), "user.not_found")
		again := w.join("bob", nil) // the e-mail is free again
		got, err := w.here.Names(ctx, w.admin.from, []string{bob.id, again.id, "nobody"})
		if err != nil || len(got) != 2 || got[bob.id] != "bob" {
			w.Errorf("names %v, %v", got, err)
		}
		want(w.T, "a role that isn't there", w.here.SetRoles(ctx, w.admin.from, again.id, "trade", []metamodel.ID{""}, anyRole), "grant.role_unknown")
		want(w.T, "roles of nobody", w.here.SetRoles(ctx, w.admin.from, "nobody", "trade", []metamodel.ID{"r1"}, anyRole), "user.not_found")
		want(w.T, "roles", w.here.SetRoles(ctx, w.admin.from, again.id, "trade", []metamodel.ID{"r2", "r1", "r1"}, anyRole), "")
		if u, err := w.here.User(ctx, w.admin.from, again.id); err != nil || !slices.Equal(u.Roles["trade"], []metamodel.ID{"r1", "r2"}) {
			w.Errorf("%v, %v", u.Roles, err)
		}
		if l, err := w.here.Assigned(ctx, w.admin.from, "trade", "r1", "", 0); err != nil || len(l.Users) != 1 || l.Users[0].ID != again.id {
			w.Errorf("assigned: %v, %v", l, err)
		}
	})
}

func TestDepartments(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		put := func(id, name, parent string) (string, error) {
			d, err := w.here.PutDepartment(ctx, w.admin.from, id, DepartmentPatch{Name: &name, Parent: &parent})
			if err != nil {
				return "", err
			}
			return d.ID, nil
		}
		must := func(name, parent string) string {
			id, err := put("", name, parent)
			if err != nil {
				w.Fatal(err)
			}
			return id
		}
		head := must("Head", "")
		sales := must("Sales", head)
		east := must("East", sales)
		other := must("Other", "")
		for what, c := range map[string]struct {
			id, parent string
			want       diag.Code
		}{
			"itself":          {head, head, "department.cycle"},
			"its own":         {head, sales, "department.cycle"},
			"its own's own":   {head, east, "department.cycle"},
			"nowhere":         {head, "nowhere", "department.not_found"},
			"no department":   {"nowhere", "", "department.not_found"},
			"where it stands": {sales, head, ""},
		} {
			_, err := put(c.id, "Name", c.parent)
			want(w.T, what, err, c.want)
		}
		bob := w.join("bob", func(n *NewUser) { n.Departments = []string{sales, sales} })
		if got := bob.from.Actor.Departments; len(got) != 2 || !slices.Contains(got, sales) || !slices.Contains(got, east) {
			w.Errorf("departments %v", got)
		}
		if _, err := put(other, "Other", sales); err != nil {
			w.Fatal(err)
		}
		if a, err := w.here.Authenticate(ctx, bob.cred); err != nil || !slices.Contains(a.Departments, other) {
			w.Errorf("after a move: %v, %v", a, err)
		}
		want(w.T, "members", w.here.DeleteDepartment(ctx, w.admin.from, sales), "department.in_use")
		want(w.T, "below", w.here.DeleteDepartment(ctx, w.admin.from, head), "department.in_use")
		want(w.T, "empty", w.here.DeleteDepartment(ctx, w.admin.from, east), "")
		want(w.T, "gone", w.here.DeleteDepartment(ctx, w.admin.from, east), "department.not_found")
		at := ""
		for range store.MaxDepartmentDepth {
			at = must("Deep", at)
		}
		_, err := put("", "Deeper", at)
		want(w.T, "too deep", err, "department.too_deep")
		_, err = put(head, "Head", at)
		want(w.T, "a tree too deep", err, "department.too_deep")
	})
}

// Every change is in the journal, and no secret is.
func TestJournal(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.Context()
		bob := w.join("bob", nil)
		secret, _, err := w.here.CreateToken(ctx, bob.from, "script", time.Time{})
		if err != nil {
			w.Fatal(err)
		}
		if err := w.here.Assign(ctx, w.admin.from, bob.id, "trade", "keeper", true, anyRole); err != nil {
			w.Fatal(err)
		}
		if _, err := w.here.Login(ctx, From{RequestID: "req1"}, "bob@example.com", "wrong password"); err == nil {
			w.Fatal("signed in")
		}
		if err := w.here.ChangePassword(ctx, bob.from, password, "another good one"); err != nil {
			w.Fatal(err)
		}
		if err := w.here.Logout(ctx, bob.from); err != nil {
			w.Fatal(err)
		}
		entries, err := w.store.Reader().Entries(ctx, store.JournalFilter{EntityID: "user", RecordID: bob.id}, 0, 100)
		if err != nil {
			w.Fatal(err)
		}
		var actions []string
		for _, e := range slices.Backward(entries) {
			actions = append(actions, e.Action)
			text := string(e.Data)
			for _, s := range []string{secret, password, "another good one", "wrong password", bob.cred.Session, digest(secret), digest(bob.cred.Session), "argon2", "bob@example.com"} {
				if strings.Contains(text, s) {
					w.Errorf("%s holds a secret: %s", e.Action, text)
				}
			}
			if e.Action == "refusal" && (e.Code != "login.failed" || e.RequestID != "req1") {
				w.Errorf("%+v", e)
			}
		}
		wanted := []string{"user.create", "user.reset_issued", "user.reset_used", "login", "token.create", "user.roles", "refusal", "user.password", "session.end"}
		if !slices.Equal(actions, wanted) {
			w.Errorf("%v", actions)
		}
	})
}

// Many requests while rights change: for the race detector, and no request is ever taken for somebody else's.
func TestAuthenticateWhileRightsChange(t *testing.T) {
	each(t, func(w *world) {
		people := []*person{w.join("bob", nil), w.join("eve", nil)}
		ctx, stop := context.WithCancel(w.Context())
		var wg sync.WaitGroup
		for i := range 4 {
			p, s := people[i%2], []*Service{w.here, w.there}[i/2]
			wg.Go(func() {
				for ctx.Err() == nil {
					a, err := s.Authenticate(ctx, p.cred)
					if err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
						w.Errorf("%v", err)
						return
					}
					if err == nil && a.ID != p.id {
						w.Errorf("taken for somebody else")
						return
					}
				}
			})
		}
		for i := range 20 {
			if err := w.here.Assign(w.Context(), w.admin.from, people[i%2].id, "trade", "keeper", i%4 < 2, anyRole); err != nil {
				w.Error(err)
			}
			w.clock.pass(100 * time.Millisecond)
		}
		stop()
		wg.Wait()
	})
}

// Imports name people by e-mail or name: nobody comes between by being named like somebody's e-mail.
func TestPeopleAreFoundByText(t *testing.T) {
	each(t, func(w *world) {
		bob := w.join("Bob", nil)
		w.join("twin1", func(n *NewUser) { n.Name = "Twin" })
		w.join("twin2", func(n *NewUser) { n.Name = "Twin" })
		w.join("posing", func(n *NewUser) { n.Name = "bob@example.com" })
		gone := w.join("gone", nil)
		if err := w.here.RemoveUser(w.Context(), w.admin.from, gone.id); err != nil {
			w.Fatal(err)
		}
		got, err := w.store.Reader().UsersNamed(w.Context(), []string{"bob@example.com", "BOB@EXAMPLE.COM", "Bob", "Twin", "gone", "deleted:" + gone.id, "%"})
		wanted := map[string]string{"bob@example.com": bob.id, "BOB@EXAMPLE.COM": bob.id, "Bob": bob.id, "Twin": "?"}
		if err != nil || !maps.Equal(got, wanted) {
			w.Errorf("%v, %v", got, err)
		}
	})
}

// An epoch that was read while somebody changed rights here is not taken for the present one.
func TestEpochsReadBeforeAChangeAreNotTrusted(t *testing.T) {
	each(t, func(w *world) {
		bob := w.join("bob", nil)
		if _, err := w.here.Authenticate(w.Context(), bob.cred); err != nil {
			w.Fatal(err)
		}
		for _, known := range []bool{true, false} { // with actors of that epoch, and with none
			before, epoch := w.here.forgets.Load(), w.here.cache.Load().epoch
			if !known {
				w.here.cache.Store(nil)
			}
			w.here.Forget()
			if k := w.here.advance(epoch, w.here.now(), before); k.fresh(w.here.now()) {
				w.Errorf("known %v: what was read before the change is trusted", known)
			}
			if k := w.here.advance(epoch, w.here.now(), w.here.forgets.Load()); !k.fresh(w.here.now()) {
				w.Errorf("known %v: what was read after the change is not trusted", known)
			}
		}
	})
}
