package server

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tenon/metamodel"
	"tenon/metamodel/schema"
)

// Schemas of documents and the functions of expressions are there for anybody, tagged, in the caller's language.
func TestReferenceIsServed(t *testing.T) {
	w := shared(t)
	var list struct {
		Schemas []struct{ Kind, ID, Title, URL string }
	}
	if err := json.Unmarshal(w.client().do("GET", "/api/v1/schemas", nil).want(200).body, &list); err != nil || len(list.Schemas) != len(metamodel.Kinds) {
		t.Fatalf("%v, %v", list, err)
	}
	for _, s := range list.Schemas {
		a := w.client().do("GET", s.URL, nil).want(200)
		if !bytes.Equal(a.body, schema.JSON(metamodel.Kind(s.Kind))) || a.header.Get("Content-Type") != "application/schema+json" || s.ID == "" || s.Title == "" {
			t.Errorf("%s: %s", s.Kind, a.header.Get("Content-Type"))
		}
		w.client().do("GET", s.URL, nil, "If-None-Match", a.header.Get("ETag")).want(304)
	}
	w.client().do("GET", "/api/v1/schemas/workflow", nil).refused(404, "document.not_found")

	zh := w.client().do("GET", "/api/v1/functions", nil, "Accept-Language", "zh-CN").want(200)
	en := w.client().do("GET", "/api/v1/functions", nil, "Accept-Language", "en-US").want(200)
	if !strings.Contains(string(zh.body), "去掉首尾的空格") || !strings.Contains(string(en.body), "without spaces at both ends") || zh.header.Get("ETag") == en.header.Get("ETag") {
		t.Error("the functions are not described in the caller's language")
	}
	var language struct {
		Functions []struct {
			Name, Group, Doc, Example string
			Forms                     []string
			SQL                       map[string]string
		}
		Operators []struct{ Sign string }
		Groups    []struct{ Name string }
	}
	if err := json.Unmarshal(en.body, &language); err != nil || len(language.Functions) < 60 || len(language.Operators) < 15 || len(language.Groups) < 8 {
		t.Fatalf("%v: %.300s", err, en.body)
	}
	for _, f := range language.Functions {
		if f.Name == "" || f.Group == "" || f.Doc == "" || f.Example == "" || len(f.Forms) == 0 || f.SQL["sqlite"] == "" || f.SQL["postgres"] == "" {
			t.Errorf("%+v", f)
		}
	}
}
