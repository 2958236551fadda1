package server

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"tenon/metamodel/diag"
)

func TestRecordLife(t *testing.T) {
	w := shared(t)
	made := w.admin.do("POST", tasks, map[string]any{"title": "a", "cost": "2.50", "steps": []any{map[string]any{"note": "x"}}}).want(201)
	id := made.text("id")
	if made.header.Get("ETag") != `"1"` || made.header.Get("Location") != tasks+"/"+id || made.text("twice") != "5.00" {
		t.Errorf("created: %v %s", made.header, made.body)
	}
	got := w.admin.do("GET", tasks+"/"+id+"?fields=title,steps", nil).want(200)
	if got.text("title") != "a" || got.json()["cost"] != nil || got.header.Get("ETag") != `"1"` {
		t.Errorf("read: %s", got.body)
	}
	changed := w.admin.do("PATCH", tasks+"/"+id, map[string]any{"title": "b"}, "If-Match", `"1"`).want(200)
	if changed.header.Get("ETag") != `"2"` {
		t.Error(changed.header)
	}
	w.admin.do("PATCH", tasks+"/"+id, map[string]any{"title": "c"}, "If-Match", `"1"`).refused(412, "record.stale")
	w.admin.do("PATCH", tasks+"/"+id, map[string]any{"title": "c"}, "If-Match", `*`).want(200)
	for _, bad := range []string{`1`, `W/"1"`, `"1", "2"`, `"x"`, `""`, `"-1"`} {
		w.admin.do("PATCH", tasks+"/"+id, map[string]any{"title": "c"}, "If-Match", bad).refused(400, "header.if_match")
	}
	moved := w.admin.do("POST", tasks+"/"+id+":transition", map[string]any{"transition": "finish"}, "If-Match", `"3"`).want(200)
	if moved.text("state") != "done" {
		t.Errorf("%s", moved.body)
	}
	w.admin.do("POST", tasks+"/"+id+":transition", map[string]any{"transition": "finish"}).refused(409, "flow.transition_not_allowed")
	w.admin.do("GET", tasks+"/"+id+":history", nil).want(200)
	w.admin.do("GET", tasks+"/"+id+":why?action=read", nil).want(200)
	w.admin.do("POST", tasks+"/"+id+":duplicate", nil).want(200)
	w.admin.do("DELETE", tasks+"/"+id, nil, "If-Match", `"1"`).refused(412, "record.stale")
	if gone := w.admin.do("DELETE", tasks+"/"+id, nil).want(204); len(gone.body) != 0 {
		t.Errorf("%s", gone.body)
	}
	w.admin.do("GET", tasks+"/"+id, nil).refused(404, "record.not_found")
	w.admin.do("POST", tasks+"/"+id+":restore", nil).want(200)
	w.admin.do("GET", tasks+"/"+id, nil).want(200)
}

func TestRecordList(t *testing.T) {
	w := shared(t)
	for i := range 3 {
		w.task(map[string]any{"title": fmt.Sprintf("list-%d", i), "region": "north"})
	}
	q := "?filter=region+%3D%3D+%27north%27&order_by=title+desc&page_size=2&count=exact&fields=title"
	first := w.admin.do("GET", tasks+q, nil).want(200).json()
	records := first["records"].([]any)
	if len(records) != 2 || records[0].(map[string]any)["title"] != "list-2" || first["count"] != 3.0 {
		t.Fatalf("%v", first)
	}
	token, _ := first["next_page_token"].(string)
	second := w.admin.do("GET", tasks+q+"&page_token="+token, nil).want(200).json()
	if rest := second["records"].([]any); len(rest) != 1 || rest[0].(map[string]any)["title"] != "list-0" || second["next_page_token"] != nil {
		t.Errorf("%v", second)
	}
	for _, hop := range []string{"&skip=2", "&skip=1&page_size=1&page_token=" + w.admin.do("GET", tasks+strings.Replace(q, "page_size=2", "page_size=1", 1), nil).want(200).text("next_page_token")} {
		last := w.admin.do("GET", tasks+strings.Replace(q, "&page_size=2", "", 1)+hop, nil).want(200).json()
		if rest := last["records"].([]any); len(rest) != 1 || rest[0].(map[string]any)["title"] != "list-0" || last["count"] != 3.0 || last["next_page_token"] != nil {
			t.Errorf("%s: %v", hop, last)
		}
	}
	agg := w.admin.do("POST", tasks+":aggregate", map[string]any{"filter": "region == 'north'", "measures": []any{map[string]any{"fn": "count", "as": "n"}}}).want(200)
	if !strings.Contains(string(agg.body), `"n":3`) {
		t.Errorf("%s", agg.body)
	}
	shown := w.admin.do("GET", tasks+"?display=true&filter="+url.QueryEscape("title == 'list-1'"), nil).want(200).json()
	owner := shown["records"].([]any)[0].(map[string]any)["owner"].(string)
	if texts := shown["display"].(map[string]any); len(texts) != 1 || texts[owner] != "管理员" {
		t.Errorf("%v", shown)
	}
	found := w.admin.do("GET", "/api/v1/apps/board/search?q=list-1", nil).want(200)
	if !strings.Contains(string(found.body), "list-1") {
		t.Errorf("%s", found.body)
	}
	offered := w.admin.do("POST", tasks+":options", map[string]any{"field": "owner", "search": "管理"}).want(200)
	if !strings.Contains(string(offered.body), `"display":"管理员"`) {
		t.Errorf("%s", offered.body)
	}
	w.guest.do("POST", tasks+":options", map[string]any{"field": "owner"}).refused(404, "app.not_found")
	w.clerk.do("POST", tasks+":options", map[string]any{"field": "cost"}).refused(422, "record.field_unknown")
	eval := w.admin.do("POST", tasks+":evaluate", map[string]any{"values": map[string]any{"title": "x", "cost": "3"}}).want(200)
	if !strings.Contains(string(eval.body), `"twice":"6.00"`) {
		t.Errorf("%s", eval.body)
	}
}

func TestIdempotency(t *testing.T) {
	w := shared(t)
	body := map[string]any{"title": "once"}
	first := w.admin.do("POST", tasks, body, "Idempotency-Key", "k-1").want(201)
	again := w.admin.do("POST", tasks, body, "Idempotency-Key", "k-1").want(201)
	if first.text("id") != again.text("id") || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("%s %s", first.body, again.body)
	}
	w.admin.do("POST", tasks, map[string]any{"title": "other"}, "Idempotency-Key", "k-1").refused(409, "idempotency.mismatch")
	for _, bad := range []string{"a b", strings.Repeat("k", 129), "ключ"} {
		w.admin.do("POST", tasks, body, "Idempotency-Key", bad).refused(400, "header.idempotency_key")
	}
}

// Attack cases on records: what is sent, and how it is refused.
func TestRecordAttacks(t *testing.T) {
	w := shared(t)
	west, east := w.task(map[string]any{"region": "west", "cost": "1"}), w.task(map[string]any{"region": "east", "cost": "1"})
	absent := "01970000-0000-7000-8000-000000000000"
	cases := []struct {
		name, method, path string
		body               any
		status             int
		code               diag.Code
	}{
		{"read outside the rows", "GET", tasks + "/" + west, nil, 404, "record.not_found"},
		{"change outside the rows", "PATCH", tasks + "/" + west, `{"title":"x"}`, 404, "record.not_found"},
		{"history outside the rows", "GET", tasks + "/" + west + ":history", nil, 404, "record.not_found"},
		{"malformed id", "GET", tasks + "/1%27%20OR%201%3D1", nil, 404, "record.not_found"},
		{"move out of the rows", "PATCH", tasks + "/" + east, `{"region":"west"}`, 403, "record.outside_rows"},
		{"filter by a hidden field", "GET", tasks + "?filter=cost%3E0", nil, 400, "query.field_unknown"},
		{"filter by a nonsense field", "GET", tasks + "?filter=nonsense%3E0", nil, 400, "query.field_unknown"},
		{"order by a hidden field", "GET", tasks + "?order_by=cost", nil, 400, "query.field_unknown"},
		{"show a hidden field", "GET", tasks + "?fields=cost", nil, 400, "query.field_unknown"},
		{"expand what is no relation", "GET", tasks + "?expand=owner.sessions", nil, 400, "query.field_unknown"},
		{"sum a hidden field", "POST", tasks + ":aggregate", `{"measures":[{"fn":"sum","field":"cost","as":"n"}]}`, 400, "query.field_unknown"},
		{"group by a hidden field", "POST", tasks + ":aggregate", `{"group_by":["cost"],"measures":[{"fn":"count","as":"n"}]}`, 400, "query.field_unknown"},
		{"write a hidden field", "POST", tasks, `{"title":"x","region":"east","cost":"1"}`, 422, "record.field_unknown"},
		{"write a system field", "POST", tasks, `{"title":"x","region":"east","id":"` + absent + `"}`, 422, "record.field_not_writable"},
		{"write the creator", "POST", tasks, `{"title":"x","region":"east","created_by":"` + absent + `"}`, 422, "record.field_not_writable"},
		{"write the state", "POST", tasks, `{"title":"x","region":"east","state":"done"}`, 422, "record.field_not_writable"},
		{"an entity without a grant", "GET", "/api/v1/apps/board/vault", nil, 404, "entity.not_found"},
		{"no such entity", "GET", "/api/v1/apps/board/nothing", nil, 404, "entity.not_found"},
		{"an entity of lines", "GET", "/api/v1/apps/board/task_step", nil, 404, "entity.not_found"},
		{"a name that is none", "GET", "/api/v1/apps/board/task%22%3BDROP", nil, 404, "entity.not_found"},
		{"delete without a grant", "DELETE", tasks + "/" + east, nil, 403, "access.denied"},
		{"export without a grant", "POST", tasks + ":export", `{"format":"csv"}`, 403, "access.denied"},
		{"a batch with one forbidden part", "POST", tasks + ":batch", `{"operations":[{"create":{"title":"b1","region":"east"}},{"delete":{"id":"` + east + `"}}]}`, 403, "access.denied"},
		{"a batch that reaches another entity", "POST", tasks + ":batch", `{"operations":[{"create":{"title":"b2","region":"east"}},{"entity":"vault","create":{"secret":"x"}}]}`, 404, "entity.not_found"},
		{"a hop over a billion", "GET", tasks + "?skip=1000000000", nil, 400, "query.parameter_range"},
		{"a hop backwards", "GET", tasks + "?skip=-1", nil, 400, "query.parameter_range"},
		{"a page of a billion", "GET", tasks + "?page_size=1000000000", nil, 400, "query.parameter_range"},
		{"an offset", "GET", tasks + "?offset=1000000000", nil, 400, "query.parameter_unknown"},
		{"an environment", "GET", tasks + "?env=prod", nil, 400, "query.parameter_unknown"},
		{"a filter that is SQL", "GET", tasks + "?filter=1%3D1%3B--", nil, 422, "expr.operator_form"},
		{"an order that is SQL", "GET", tasks + "?order_by=if(1%3D2%2Csleep(1)%2Csleep(3))", nil, 400, "query.field_unknown"},
		{"a forged page token", "GET", tasks + "?page_token=AAAA", nil, 400, "query.page_token"},
		{"two hundred parentheses", "GET", tasks + "?filter=" + strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200), nil, 422, "expr.too_complex_nesting"},
		{"another app", "GET", "/api/v1/apps/other/task", nil, 404, "app.not_found"},
		{"no app's name", "GET", "/api/v1/apps/BOARD/task", nil, 404, "app.not_found"},
		{"a path in the app's place", "GET", "/api/v1/apps/..%2Fboard/task", nil, 404, ""},
	}
	before := w.admin.do("GET", tasks+"?count=exact&page_size=1", nil).want(200).json()["count"]
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := w.clerk.do(c.method, c.path, c.body)
			a.t = t
			if c.code == "" {
				if a.status != c.status {
					t.Errorf("status %d: %s", a.status, a.body)
				}
				return
			}
			a.refused(c.status, c.code)
		})
	}
	if after := w.admin.do("GET", tasks+"?count=exact&page_size=1", nil).want(200).json()["count"]; after != before {
		t.Errorf("a refusal changed something: %v records, then %v", before, after)
	}
}

// An invisible record answers byte for byte like an absent one.
func TestInvisibleIsAbsent(t *testing.T) {
	w := shared(t)
	west, absent := w.task(map[string]any{"region": "west"}), "01970000-0000-7000-8000-000000000000"
	for _, c := range []struct{ method, suffix, body string }{
		{"GET", "", ""}, {"PATCH", "", `{"title":"x"}`}, {"GET", ":history", ""}, {"POST", ":transition", `{"transition":"finish"}`}, {"GET", ":why?action=read", ""},
	} {
		var body any
		if c.body != "" {
			body = c.body
		}
		there := w.clerk.do(c.method, tasks+"/"+west+c.suffix, body)
		gone := w.clerk.do(c.method, tasks+"/"+absent+c.suffix, body)
		if there.status != gone.status {
			t.Errorf("%s%s: %d and %d", c.method, c.suffix, there.status, gone.status)
		}
		same := func(a *answer, id string) string {
			s := strings.ReplaceAll(string(a.body), id, "ID")
			return strings.ReplaceAll(s, a.header.Get("X-Request-Id"), "REQUEST")
		}
		if x, y := same(there, west), same(gone, absent); x != y {
			t.Errorf("%s%s:\n%s\n%s", c.method, c.suffix, x, y)
		}
		for _, h := range []string{"Content-Type", "Content-Length", "Cache-Control", "Vary", "ETag"} {
			if there.header.Get(h) != gone.header.Get(h) {
				t.Errorf("%s%s: %s differs", c.method, c.suffix, h)
			}
		}
	}
}

func TestNobody(t *testing.T) {
	w := shared(t)
	for _, r := range routes {
		if r.access == everyone || r.access == anyone {
			continue
		}
		path := strings.NewReplacer(":app", "board", ":entity", "task", ":id", "x", ":kind", "entity", ":name", "task", ":role", "lead", ":user", "x", ":import", "x", `\`, "").Replace(r.path)
		w.client().do(r.method, path, nil).refused(401, "session.required")
		w.client().do(r.method, path, nil, "Authorization", "Bearer tnn_nonsense").refused(401, "session.expired")
		w.client().do(r.method, path, nil, "Authorization", "Basic YTpi").refused(401, "session.expired")
	}
}

func TestAdminOnly(t *testing.T) {
	w := shared(t)
	for _, r := range routes {
		if r.access != admins {
			continue
		}
		path := strings.NewReplacer(":app", "board", ":id", "x", ":role", "lead", ":user", "x", `\`, "").Replace(r.path)
		w.clerk.do(r.method, path, nil).refused(403, "access.role_needed")
	}
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/api/v1/apps", `{"name":"mine","title":"x"}`},
		{"PUT", "/api/v1/apps/board/documents", `{"documents":{}}`},
		{"POST", "/api/v1/apps/board/releases", `{"reason":"x"}`},
	} {
		w.clerk.do(c.method, c.path, c.body).refused(403, "access.role_needed")
	}
}

// What a create answers is what reading the record answers, its instants to the last digit.
func TestCreateAnswersWhatIsRead(t *testing.T) {
	w := shared(t)
	made := w.admin.do("POST", tasks, map[string]any{"title": "read back", "cost": "2.5"}).want(201)
	if read := w.admin.do("GET", tasks+"/"+made.text("id"), nil).want(200); string(read.body) != string(made.body) {
		t.Errorf("made %s\nread %s", made.body, read.body)
	}
}

// A misspelt field in a filter is answered with the name that was probably meant.
func TestFilterSuggests(t *testing.T) {
	w := shared(t)
	r := w.admin.do("GET", tasks+"?filter=regoin+%3D%3D+%27x%27", nil, "Accept-Language", "en-US").refused(400, "query.field_unknown")
	if cure := r.json()["errors"].([]any)[0].(map[string]any)["cure"]; cure != "Did you mean region?" {
		t.Errorf("cure %q", cure)
	}
}
