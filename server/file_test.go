package server

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// form makes a multipart body of one part.
func form(t *testing.T, field, name, content string) (body []byte, contentType string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	p, err := m.CreateFormFile(field, name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), m.FormDataContentType()
}

func TestFiles(t *testing.T) {
	w := shared(t)
	html := "<html><script>alert(1)</script></html>"
	body, kind := form(t, "file", "../../报价<img onerror=x>.html", html)
	up := w.admin.do("POST", "/api/v1/files", body, "Content-Type", kind).want(201)
	id := up.text("id")
	if strings.ContainsAny(up.text("name"), "/<>") {
		t.Errorf("name %q", up.text("name"))
	}
	down := w.admin.do("GET", "/api/v1/files/"+id, nil).want(200)
	h := down.header
	if string(down.body) != html || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%v %s", h, down.body)
	}
	w.clerk.do("GET", "/api/v1/files/"+id, nil).refused(404, "file.not_found")
	w.task(map[string]any{"region": "east", "attachments": []string{id}})
	w.clerk.do("GET", "/api/v1/files/"+id, nil).want(200)
	w.guest.do("GET", "/api/v1/files/"+id, nil).refused(404, "file.not_found")
	w.admin.do("GET", "/api/v1/files/..%2F..%2Fetc%2Fpasswd", nil).want(404)
}

func TestUploadAttacks(t *testing.T) {
	w := shared(t)
	other, otherKind := form(t, "filepath", "x", "/etc/passwd")
	w.admin.do("POST", "/api/v1/files", other, "Content-Type", otherKind).refused(400, "upload.part_unexpected")
	empty := "--b--\r\n"
	w.admin.do("POST", "/api/v1/files", empty, "Content-Type", "multipart/form-data; boundary=b").refused(400, "upload.file_missing")
	w.admin.do("POST", "/api/v1/files", "nonsense", "Content-Type", "multipart/form-data; boundary=b").want(400)
	w.admin.do("POST", "/api/v1/files", "nonsense", "Content-Type", "multipart/form-data").refused(400, "upload.malformed")
	var many strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&many, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f%d\"\r\n\r\nx\r\n", i)
	}
	many.WriteString("--b--\r\n")
	w.admin.do("POST", "/api/v1/files", many.String(), "Content-Type", "multipart/form-data; boundary=b").refused(400, "upload.part_unexpected")
	w.client().do("POST", "/api/v1/files", many.String(), "Content-Type", "multipart/form-data; boundary=b").refused(401, "session.required")
	left, err := os.ReadDir(filepath.Join(sharedWorld.s.cfg.Data, uploadFolder))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestShownName(t *testing.T) {
	for name, want := range map[string]string{
		"": "file", "..": "file", "a/b\\c.txt": "c.txt", "报价 1.xlsx": "报价 1.xlsx", "a\x00b\r\nc": "abc",
		"evil\u202egpj.exe": "evilgpj.exe", strings.Repeat("长", 300): strings.Repeat("长", maxFileName),
	} {
		if got := shownName(name); got != want {
			t.Errorf("%.30q: %.30q, want %.30q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"a.csv":       `attachment; filename=a.csv`,
		"a b.csv":     `attachment; filename="a b.csv"`,
		"a\";x=\"b":   `attachment; filename="a__x=_b"; filename*=UTF-8''a%22%3Bx%3D%22b`,
		"采购.xlsx":     `attachment; filename="__.xlsx"; filename*=UTF-8''%E9%87%87%E8%B4%AD.xlsx`,
		"a\r\nX: 1.c": `attachment; filename="aX: 1.c"`,
	} {
		if got := attachment(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestExportAndImport(t *testing.T) {
	w := shared(t)
	w.task(map[string]any{"title": "=HYPERLINK(1)", "region": "export", "cost": "7.25"})
	out := w.admin.do("POST", tasks+":export", map[string]any{"format": "csv", "filter": "region == 'export'"}).want(200)
	if !strings.Contains(out.header.Get("Content-Disposition"), "attachment") || !strings.Contains(string(out.body), "7.25") {
		t.Errorf("%v %s", out.header, out.body)
	}
	w.admin.do("POST", tasks+":export", map[string]any{"format": "exe"}).refused(400, "export.format")
	body, kind := form(t, "file", "任务.csv", "标题,区域,成本\n进口一,import,1.5\n进口二,import,2\n")
	up := w.admin.do("POST", tasks+"/imports", body, "Content-Type", kind)
	if up.status/100 != 2 {
		t.Fatalf("%d %s", up.status, up.body)
	}
	at := tasks + "/imports/" + up.text("import")
	w.admin.do("POST", at+":preview", map[string]any{}).want(200)
	run := w.admin.do("POST", at+":run", map[string]any{"mode": "all_or_nothing"})
	if run.status/100 != 2 {
		t.Fatalf("%d %s", run.status, run.body)
	}
	for {
		state := w.admin.do("GET", at, nil).want(200).text("state")
		if state == "done" {
			break
		}
		if state != "running" && state != "ready" && state != "queued" && state != "pending" {
			t.Fatalf("state %q", state)
		}
	}
	if n := w.admin.do("GET", tasks+"?filter=region+%3D%3D+%27import%27&count=exact", nil).want(200).json()["count"]; n != 2.0 {
		t.Errorf("%v records", n)
	}
	w.clerk.do("GET", at, nil).refused(403, "access.denied")
}

func TestImportInOneRequest(t *testing.T) {
	w := shared(t)
	send := func(query, text string, more ...string) *answer {
		body, kind := form(t, "file", "任务.csv", text)
		return w.admin.do("POST", tasks+":import"+query, body, append([]string{"Content-Type", kind}, more...)...)
	}
	count := func(region string) any {
		return w.admin.do("GET", tasks+"?filter=region+%3D%3D+%27"+region+"%27&count=exact", nil).want(200).json()["count"]
	}
	const good = "标题,区域,成本\n一,at-once,1.5\n二,at-once,2\n"
	if r := send("?preview=true", good).want(200); count("at-once") != 0.0 {
		t.Errorf("a preview has written: %s", r.body)
	}
	done := send("", good).want(200).json()
	if done["state"] != "done" || done["written"] != 2.0 || count("at-once") != 2.0 {
		t.Errorf("%v", done)
	}
	const bad = "标题,区域,成本\n三,refused,1.5\n,refused,-1\n四,refused,x\n"
	r := send("", bad, "Accept-Language", "en-US").refused(422, "import.rows_refused")
	var wrong []string
	for _, e := range r.json()["errors"].([]any) {
		wrong = append(wrong, e.(map[string]any)["pointer"].(string))
	}
	if !slices.Equal(wrong, []string{"", "/rows/3/title", "/rows/4/cost"}) || count("refused") != 0.0 {
		t.Errorf("%v %s", wrong, r.body)
	}
	skip := send("?mode=skip_bad", bad).want(200).json()
	if skip["written"] != 1.0 || skip["skipped"] != 2.0 || count("refused") != 1.0 {
		t.Errorf("%v", skip)
	}
	mapped := send("?mapping="+url.QueryEscape(`{"甲":"title","乙":"region"}`), "甲,乙\n五,mapped\n").want(200).json()
	if mapped["written"] != 1.0 || count("mapped") != 1.0 {
		t.Errorf("%v", mapped)
	}
	waiting := send("?wait=0", good).json()
	if waiting["import"] == nil || waiting["state"] != "running" && waiting["state"] != "done" {
		t.Errorf("%v", waiting)
	}
	for query, code := range map[string]string{
		"?mode=some": "import.mode", "?key=cost": "import.key", "?mapping={": "query.parameter_malformed", "?wait=99": "query.parameter_range",
		"?sheet=none": "import.no_sheet", "?preview=1": "query.parameter_malformed",
	} {
		if got := send(query, good).json()["code"]; got != code {
			t.Errorf("%s: %v", query, got)
		}
	}
	body, kind := form(t, "file", "任务.csv", good)
	w.clerk.do("POST", tasks+":import", body, "Content-Type", kind).refused(403, "access.denied")
}

func TestDocuments(t *testing.T) {
	w := newWorld(t, nil)
	list := w.admin.do("GET", "/api/v1/apps/board/documents", nil).want(200)
	tag := list.header.Get("ETag")
	doc := w.admin.do("GET", "/api/v1/apps/board/documents/entity/vault", nil).want(200)
	w.admin.do("PUT", "/api/v1/apps/board/documents/entity/vault", string(doc.body), "If-Match", `"stale"`).want(412)
	changed := strings.Replace(string(doc.body), `"机密"`, `"保险箱"`, 1)
	w.admin.do("PUT", "/api/v1/apps/board/documents/entity/vault", changed, "If-Match", tag).want(200)
	w.admin.do("GET", "/api/v1/apps/board/check", nil).want(200)
	w.admin.do("GET", "/api/v1/apps/board/plan", nil).want(200)
	w.admin.do("POST", "/api/v1/apps/board/releases", nil).refused(422, "release.reason_missing")
	w.admin.do("POST", "/api/v1/apps/board/releases", map[string]any{"reason": "rename"}).want(201)
	if n := len(w.admin.do("GET", "/api/v1/apps/board/releases", nil).want(200).json()["releases"].([]any)); n < 2 {
		t.Errorf("%d releases", n)
	}
	zip := w.admin.do("GET", "/api/v1/apps/board/documents:export", nil).want(200)
	w.admin.do("POST", "/api/v1/apps/board/documents:import", zip.body, "Content-Type", "application/zip").want(200)
	w.admin.do("POST", "/api/v1/apps/board/documents:import", []byte("PK nonsense"), "Content-Type", "application/zip").refused(400, "pack.unreadable")
	w.clerk.do("GET", "/api/v1/apps/board/documents", nil).want(403)
	bad := `{"x-kind":"entity","x-version":1,"x-name":"vault","title":"x","type":"object","properties":{"a":{"$ref":"file:///etc/passwd"}}}`
	w.admin.do("PUT", "/api/v1/apps/board/documents/entity/vault", bad).want(422)
	meta := w.clerk.do("GET", "/api/v1/apps/board/meta", nil).want(200)
	if strings.Contains(string(meta.body), "vault") || strings.Contains(string(meta.body), `"cost"`) {
		t.Errorf("%s", meta.body)
	}
}
