package problem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tenon/metamodel/diag"
)

var req = Request{ID: "r1", Path: "/api/v1/x", Lang: "en-US"}

// Every code of the catalogue has a status of an error and a title in both languages.
func TestEveryCodeHasStatus(t *testing.T) {
	for _, e := range diag.Entries() {
		s := Status(e.Code)
		if s < 400 || s > 599 {
			t.Errorf("%s: status %d", e.Code, s)
		}
		for _, lang := range diag.Languages {
			if title(s, lang) == "" {
				t.Errorf("%s: status %d has no title in %s", e.Code, s, lang)
			}
		}
	}
}

func TestRender(t *testing.T) {
	secret := errors.New("dial postgres://u:hunter2@db")
	cases := []struct {
		name   string
		err    error
		status int
		code   diag.Code
		retry  int
		cause  bool
	}{
		{"problem", diag.Refuse("record.not_found", ""), http.StatusNotFound, "record.not_found", 0, false},
		{"wrapped problem", fmt.Errorf("insert line: %w", diag.Refuse("rule.failed", "/a", "rule", "r")), 422, "rule.failed", 0, false},
		{"warning before the error", &diag.Problem{List: diag.List{diag.Warn("limit.exceeded", ""), diag.New("record.stale", "", "seen", 1, "current", 2)}}, 412, "record.stale", 0, false},
		{"only warnings are no refusal", &diag.Problem{List: diag.List{diag.Warn("limit.exceeded", "")}}, 500, "internal", 0, true},
		{"unknown", secret, 500, "internal", 0, true},
		{"unknown code", diag.Refuse("nobody.registered", "", "dsn", "hunter2"), 500, "internal", 0, true},
		{"deadline", fmt.Errorf("list: %w", context.DeadlineExceeded), 503, "request.deadline", 1, true},
		{"cancelled", context.Canceled, 503, "request.cancelled", 1, false},
		{"rate", diag.Refuse("request.too_many", "", "retry_after", 7), 429, "request.too_many", 7, false},
		{"method", diag.Refuse("request.method_not_allowed", "", "method", "PUT"), 405, "request.method_not_allowed", 0, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := Render(c.err, req)
			if a.Status != c.status || a.Code != c.code || a.RetryAfter != c.retry || (a.Cause != nil) != c.cause {
				t.Errorf("got %d %s retry %d cause %v", a.Status, a.Code, a.RetryAfter, a.Cause)
			}
			var b body
			if err := json.Unmarshal(a.Body, &b); err != nil {
				t.Fatal(err)
			}
			if b.Status != a.Status || b.Code != a.Code || b.RequestID != "r1" || b.Detail == "" || b.Title == "" || len(b.Errors) == 0 {
				t.Errorf("body %s", a.Body)
			}
			if strings.Contains(string(a.Body), "hunter2") {
				t.Errorf("the cause leaked: %s", a.Body)
			}
		})
	}
}

func TestRenderLanguages(t *testing.T) {
	err := diag.Refuse("record.not_found", "")
	zh, en := Render(err, Request{Lang: "zh-CN"}), Render(err, Request{Lang: "en-US"})
	if !strings.Contains(string(zh.Body), "记录不存在") || !strings.Contains(string(en.Body), "does not exist") {
		t.Errorf("languages: %s %s", zh.Body, en.Body)
	}
}

func TestRenderListsAllUpToABound(t *testing.T) {
	var l diag.List
	for i := range 3 * maxErrors {
		l.Add("record.required", fmt.Sprintf("/%d", i), "field", "x")
	}
	var b body
	if err := json.Unmarshal(Render(l.Err(), req).Body, &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Errors) != maxErrors {
		t.Errorf("%d errors", len(b.Errors))
	}
}

func TestInstanceIsBounded(t *testing.T) {
	a := Render(diag.Refuse("request.not_found", ""), Request{Path: "/" + strings.Repeat("a", 10_000), Lang: "zh-CN"})
	if len(a.Body) > 2000 {
		t.Errorf("%d bytes", len(a.Body))
	}
}
