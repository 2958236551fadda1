package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tenon/metamodel/diag"
)

func codes(err error) []diag.Code {
	var p *diag.Problem
	if !errors.As(err, &p) {
		return nil
	}
	return p.List.Codes()
}

func TestParams(t *testing.T) {
	cases := []struct {
		raw  string
		want []diag.Code
	}{
		{"", nil},
		{"page_size=1", nil},
		{"page_size=200&fields=a,b&deleted=true&count=exact", nil},
		{"page_size=0", []diag.Code{"query.parameter_range"}},
		{"page_size=201", []diag.Code{"query.parameter_range"}},
		{"page_size=1e9", []diag.Code{"query.parameter_range"}},
		{"page_size=99999999999999999999", []diag.Code{"query.parameter_range"}},
		{"page_size=1&page_size=2", []diag.Code{"query.parameter_repeated"}},
		{"deleted=yes", []diag.Code{"query.parameter_malformed"}},
		{"count=all", []diag.Code{"query.parameter_malformed"}},
		{"Filter=x", []diag.Code{"query.parameter_unknown"}},
		{"filter[a]=x&sort=y", []diag.Code{"query.parameter_unknown", "query.parameter_unknown"}},
		{"offset=1000000000&page_size=0", []diag.Code{"query.parameter_unknown", "query.parameter_range"}},
		{"fields=" + strings.Repeat("a,", 300), []diag.Code{"query.parameter_range"}},
		{"filter=%zz", []diag.Code{"request.malformed"}},
		{"a;b", []diag.Code{"request.malformed"}},
	}
	for _, c := range cases {
		p := readParams(c.raw, "page_size", "fields", "deleted", "count", "filter")
		p.pageSize()
		p.names("fields")
		p.boolean("deleted")
		p.choice("count", "exact", "estimate")
		if got := codes(p.err()); !slices.Equal(got, c.want) {
			t.Errorf("%q: %v, want %v", c.raw, got, c.want)
		}
	}
}

func TestObject(t *testing.T) {
	deep := strings.Repeat("[", maxBodyDepth+1) + strings.Repeat("]", maxBodyDepth+1)
	cases := []struct {
		body string
		want []diag.Code
	}{
		{`{"login":"a"}`, nil},
		{` {"login":"a","list":["x"],"on":true,"n":5,"m":{"a":"b"}} `, nil},
		{`{"login":"a","on":null}`, nil},
		{``, []diag.Code{"body.syntax"}},
		{`[]`, []diag.Code{"body.not_object"}},
		{`null`, []diag.Code{"body.not_object"}},
		{`{}`, []diag.Code{"body.member_required"}},
		{`{"login":"  "}`, []diag.Code{"body.member_required"}},
		{`{"login":""}`, []diag.Code{"body.member_required"}},
		{`{"login":{}}`, []diag.Code{"body.wrong_member"}},
		{`{"login":true}`, []diag.Code{"body.wrong_member"}},
		{`{"login":"a\u0000b"}`, []diag.Code{"body.wrong_member"}},
		{`{"login":"` + strings.Repeat("x", maxMember+1) + `"}`, []diag.Code{"body.wrong_member"}},
		{`{"login":"a","LOGIN":"b"}`, []diag.Code{"body.unknown_member"}},
		{`{"login":"a","__proto__":{}}`, []diag.Code{"body.unknown_member"}},
		{`{"login":"a","login":"b"}`, []diag.Code{"body.duplicate_key"}},
		{`{"login":"a","m":{"x":"1","x":"2"}}`, []diag.Code{"body.duplicate_key"}},
		{`{"login":"a"}{}`, []diag.Code{"body.trailing"}},
		{`{"login":"a"} x`, []diag.Code{"body.trailing"}},
		{"\xef\xbb\xbf" + `{"login":"a"}`, []diag.Code{"body.encoding"}},
		{"{\x00\"\x00}\x00", []diag.Code{"body.syntax"}},
		{"{\"login\":\"\xff\"}", []diag.Code{"body.encoding"}},
		{`{"login":"a","m":` + deep + `}`, []diag.Code{"body.too_deep"}},
		{`{"login":"a","on":"yes","n":1.5,"list":"x","m":[]}`, []diag.Code{"body.wrong_member", "body.wrong_member", "body.wrong_member", "body.wrong_member"}},
		{`{"login":"a","n":"5"}`, []diag.Code{"body.wrong_member"}},
		{`{"login":"a","n":11}`, []diag.Code{"body.wrong_member"}},
	}
	for _, c := range cases {
		o, err := readObject([]byte(c.body), "login", "list", "on", "n", "m")
		if err == nil {
			o.text("login", true)
			o.texts("list")
			o.boolean("on")
			o.integer("n", 0, 0, 10)
			o.textMap("m")
			err = o.err()
		}
		if got := codes(err); !slices.Equal(got, c.want) {
			t.Errorf("%.60q: %v, want %v", c.body, got, c.want)
		}
	}
}

func TestObjectManyKeys(t *testing.T) {
	var b strings.Builder
	b.WriteByte('{')
	for i := range 100_000 {
		fmt.Fprintf(&b, "\"k%d\":0,", i)
	}
	b.WriteString(`"k1":0}`)
	if got := codes(checkJSON([]byte(b.String()))); !slices.Equal(got, []diag.Code{"body.duplicate_key"}) {
		t.Error(got)
	}
}

func FuzzReadObject(f *testing.F) {
	f.Add([]byte(`{"login":"a"}`))
	f.Fuzz(func(_ *testing.T, body []byte) {
		if o, err := readObject(body, "login"); err == nil {
			o.text("login", true)
			_ = o.err()
		}
	})
}
