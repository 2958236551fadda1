package engine

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"tenon/engine/query"
	"tenon/engine/sheet"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// lister is a list request of someone who may read everything.
func (w *recordWorld) lister() *lister {
	c := w.call
	c.trusted = true
	return &lister{call: c, entity: w.entity, may: decision{all: true}}
}

// FuzzFilter reads whatever is sent as filter and order of a list: never a panic, a reason in both languages for
// every refusal, and SQL of our own making for what is taken.
func FuzzFilter(f *testing.F) {
	w := newRecordWorld(f)
	f.Add("amount > 1.5 && line == 'x'", "whole desc, day")
	f.Add("lines.exists(l, l.note == 'a') || refs.exists(r, r.line == line)", "ref.line, at desc")
	f.Add("ref.above.must != null && 'red' in some", "must")
	f.Add("day < today() && at > now() - hours(1)", "clock,took")
	f.Add("line.matches('^(a|b)+$')", "rich")
	f.Add("'; DROP TABLE x; --", "line; DROP TABLE x")
	f.Add("formula / whole > 3", "formula")
	f.Add("(((", ",,")
	f.Fuzz(func(t *testing.T, filter, order string) {
		l := w.lister()
		q := &query.Select{Entity: w.entity.Entity, Limit: 10}
		q.Where, q.Order = l.filter(filter), l.order(order)
		for _, d := range l.list {
			if d.Code == diag.Internal || d.Text("zh-CN") == "" || d.Text("en-US") == string(d.Code) {
				t.Errorf("%q, %q: %v", filter, order, d)
			}
		}
		if l.list.HasErrors() {
			return
		}
		for _, dialect := range []lower.Dialect{lower.SQLite, lower.Postgres} {
			st, err := lower.Select(dialect, q, l.call.env())
			if err != nil {
				continue // not for the database: told as such
			}
			if strings.Contains(st.SQL, "DROP") || strings.ContainsAny(st.SQL, ";") {
				t.Errorf("%q became %s", filter, st.SQL)
			}
		}
	})
}

// FuzzPageToken opens whatever is sent as a page token: what was not sealed here opens nothing, and even what was
// sealed does no more than be refused when it is nonsense.
func FuzzPageToken(f *testing.F) {
	w := newRecordWorld(f)
	e := &Engine{pageKey: []byte("key of the test")}
	c := w.lister().call
	f.Add("", []byte(`{"k":["1.50","ab"],"i":"01920000-0000-7000-8000-000000000001"}`))
	f.Add("AAAA", []byte(`{"k":[null,5],"i":""}`))
	f.Add("!", []byte(`{"k":[],"i":7}`))
	f.Add("x", []byte(`[1`))
	f.Fuzz(func(t *testing.T, token string, body []byte) {
		req := ListRequest{OrderBy: "amount desc, line", PageToken: token}
		if _, err := e.readPageToken(c, "thing", req); err == nil {
			t.Fatalf("%q opened a list", token)
		}
		req.PageToken = base64.RawURLEncoding.EncodeToString(append(e.seal(c, "thing", req, body), body...))
		at, err := e.readPageToken(c, "thing", req)
		if err != nil {
			return
		}
		again, err := e.pageToken(c, "thing", req, at)
		if err != nil {
			t.Fatal(err)
		}
		req.PageToken = again
		if _, err := e.readPageToken(c, "thing", req); err != nil {
			t.Fatalf("the place of %s can't be sealed again: %v", body, err)
		}
		other := req
		other.Filter = "true"
		if _, err := e.readPageToken(c, "thing", other); err == nil {
			t.Fatal("a token of one query opens another")
		}
	})
}

// FuzzCell reads whatever a file has in a cell as a value of each kind of field: never a panic, and what is taken
// reads the same when it is written and read again.
func FuzzCell(f *testing.F) {
	w := newRecordWorld(f)
	for _, s := range []string{"1,234.50", "13 %", "￥ 5 元", "2026年1月31日", "2026/1/31 8:05", "20260131", "是", "红；蓝", `{"a":[1]}`, "PT5M", "8:30", "0x10", "-.5", "１２", "\u00a0", "=1+1", "1e400", "红|蓝,red"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, dated bool) {
		if !utf8.ValidString(text) {
			return // readers of files give nothing else
		}
		cell := sheet.Cell{Kind: sheet.Text, Text: text}
		if dated {
			cell.Kind = sheet.DateTime
		}
		for _, field := range w.entity.Fields {
			if field.Kind == metamodel.Lines {
				continue
			}
			v := cellValue(field, cell, w.call.Snap.Zone)
			if v == nil {
				continue
			}
			dec := &decoder{lang: "en-US"}
			got, ok := dec.value(w.entity, field, v, "/x")
			if !ok {
				if !dec.list.HasErrors() {
					t.Errorf("%q is refused as %s without a reason", text, field.Kind)
				}
				continue
			}
			first := appendValue(nil, got)
			parsed, err := parseJSON(first)
			if err != nil {
				t.Fatalf("%q is written as %s: %v", text, first, err)
			}
			second, ok := (&decoder{lang: "en-US"}).value(w.entity, field, parsed, "/x")
			if !ok || !bytes.Equal(appendValue(nil, second), first) {
				t.Errorf("%q is %s as %s, and that %s", text, first, field.Kind, appendValue(nil, second))
			}
		}
	})
}
