package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
	"tenon/metamodel"
	"tenon/metamodel/diag"
)

// kindWorld is an app with a field of every kind, and records a, b and c: with the first values, with the second,
// with none.
type kindWorld struct {
	*world
	cases   []kindCase
	names   map[string]string // what stands in braces
	records [3]record
}

func newKindWorld(t *testing.T, st *store.Store) *kindWorld {
	t.Helper()
	w := &kindWorld{world: newWorld(t, st), cases: kindCases(), names: map[string]string{}}
	var properties []string
	for _, k := range w.cases {
		properties = append(properties, fmt.Sprintf(`%q:{%s,"title":"%s","x-title":{"en-US":"%s"}}`, k.field(), k.doc, "栏 "+k.field(), "Field "+k.field()))
	}
	docs := map[string]string{
		"app.json":                 `{"x-kind":"app","x-version":1,"x-name":"shop","title":"种类","x-title":{"en-US":"Kinds"},"version":"1.0.0"}`,
		"entities/other.json":      `{"x-kind":"entity","x-version":1,"x-name":"other","title":"别的","x-title":{"en-US":"Other"},"type":"object","required":["name"],"properties":{"name":{"type":"string","title":"名称","x-title":{"en-US":"Name"},"x-unique":true}}}`,
		"entities/thing_line.json": `{"x-kind":"entity","x-version":1,"x-name":"thing_line","title":"行","x-title":{"en-US":"Line"},"type":"object","required":["note"],"properties":{"note":{"type":"string","title":"备注","x-title":{"en-US":"Note"}}}}`,
		"entities/thing.json": `{"x-kind":"entity","x-version":1,"x-name":"thing","title":"东西","x-title":{"en-US":"Thing"},"type":"object","required":["name"],"x-display":"name","properties":{"name":{"type":"string","title":"名称","x-title":{"en-US":"Name"},"x-unique":true},` +
			strings.Join(properties, ",") + `}}`,
		"roles/boss.json": `{"x-kind":"role","x-version":1,"x-name":"boss","title":"老板","x-title":{"en-US":"Boss"},"installer":true,"grants":[{"entity":"other","actions":["read","create"]},{"entity":"thing","actions":["read","create","update","delete","import","export"]}]}`,
	}
	w.installDocs(docs)
	w.furnish()
	return w
}

// installDocs begins the app shop with these documents, in one release.
func (w *world) installDocs(texts map[string]string) {
	w.t.Helper()
	ctx := context.Background()
	a := builder()
	a.ID = ""
	if _, err := w.e.AppCreate(ctx, w.call(a, ""), []byte(`{"name":"shop","title":"小店"}`)); err != nil {
		w.t.Fatal(err)
	}
	docs := map[string]json.RawMessage{}
	for path, text := range texts {
		docs[path] = json.RawMessage(text)
	}
	body, err := json.Marshal(map[string]any{"documents": docs})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.e.DocumentsPut(ctx, w.call(a, ""), "shop", "", body); err != nil {
		w.t.Fatal(err)
	}
	w.release("shop")
}

// png is what a picture begins with.
const png = "\x89PNG\r\n\x1a\n"

// furnish makes what the fields point at, and the records.
func (w *kindWorld) furnish() {
	ctx := context.Background()
	for _, name := range []string{"one", "two", "three"} {
		w.names[name] = w.mustCreate(w.boss(), "other", record{"name": name}).id()
	}
	for _, name := range []string{"root", "leaf"} {
		w.names[name] = w.mustCreate(w.boss(), "thing", record{"name": name}).id()
	}
	for name, begin := range map[string]string{"paper": "", "photo": png, "snap": png} {
		r, err := w.e.FilePut(ctx, w.call(w.boss(), "shop"), name+".txt", strings.NewReader(begin+name))
		w.names[name] = must[struct{ ID string }](w.t, r, err).ID
	}
	err := w.store.Write(ctx, store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		for _, name := range []string{"Ann", "Bob"} {
			u := &store.User{Email: strings.ToLower(name) + "@example.com", Name: name}
			if err := tx.InsertUser(ctx, store.By{}, u, ""); err != nil {
				return err
			}
			w.names[strings.ToLower(name)] = u.ID
		}
		for _, name := range []string{"Buying", "Selling"} {
			d := &store.Department{Name: name}
			if err := tx.PutDepartment(ctx, store.By{}, d); err != nil {
				return err
			}
			w.names[strings.ToLower(name)] = d.ID
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	for i, name := range []string{"a", "b", "c"} {
		values := record{"name": name}
		for _, k := range w.cases {
			if i < len(k.good) && k.good[i] != nil {
				values[k.field()] = w.named(k.good[i])
			}
		}
		w.records[i] = w.mustCreate(w.boss(), "thing", values)
	}
}

// named puts ids in the place of names in braces.
func (w *kindWorld) named(v any) any {
	switch v := v.(type) {
	case string:
		for name, id := range w.names {
			v = strings.ReplaceAll(v, "{"+name+"}", id)
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = w.named(item)
		}
		return out
	}
	return v
}

// want is what is read of a case's i-th value, as JSON.
func (w *kindWorld) want(k *kindCase, i int) string {
	v := k.read[i]
	if v == nil {
		v = k.good[i]
	}
	return asJSON(w.t, w.named(v))
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// seen is a value as it was read, as JSON; of lines what people wrote alone.
func seen(t testing.TB, k *kindCase, v any) string {
	t.Helper()
	if lines, ok := v.([]any); ok && k.kind == metamodel.Lines {
		for _, l := range lines {
			delete(l.(map[string]any), "id")
			delete(l.(map[string]any), "position")
			delete(l.(map[string]any), "parent")
		}
	}
	return asJSON(t, v)
}

func eachKind(t *testing.T, test func(t *testing.T, w *kindWorld)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, st *store.Store) { test(t, newKindWorld(t, st)) })
}

// Every kind of field is written, read, looked for, ordered, grouped, exported, imported and remembered alike on
// both databases, and refuses what is no value of it.
func TestKindsAreWhole(t *testing.T) {
	covered := map[metamodel.FieldKind]bool{}
	for _, k := range kindCases() {
		covered[k.kind] = true
	}
	for _, k := range metamodel.FieldKinds {
		if !covered[k] {
			t.Errorf("no case for %s", k)
		}
	}
	eachKind(t, func(t *testing.T, w *kindWorld) {
		for i := range w.cases {
			k := &w.cases[i]
			t.Run(strings.TrimPrefix(k.field(), "f_"), func(t *testing.T) {
				inner := *w.world
				inner.t = t
				kw := &kindWorld{world: &inner, cases: w.cases, names: w.names, records: w.records}
				kw.reads(k)
				kw.finds(k)
				kw.orders(k)
				kw.groups(k)
				kw.refuses(k)
			})
		}
	})
}

func (w *kindWorld) reads(k *kindCase) {
	w.t.Helper()
	for i, r := range w.records[:2] {
		again, err := w.get(w.boss(), "thing", r.id())
		if err != nil {
			w.t.Fatal(err)
		}
		if got := seen(w.t, k, again[k.field()]); got != w.want(k, i) {
			w.t.Errorf("read %s, want %s", got, w.want(k, i))
		}
	}
	none, err := w.get(w.boss(), "thing", w.records[2].id())
	if err != nil {
		w.t.Fatal(err)
	}
	if got := asJSON(w.t, none[k.field()]); got != "null" && got != "[]" && k.kind != metamodel.Number {
		w.t.Errorf("nothing was written, but %s is read", got)
	}
}

// namesFound lists the names of what a list finds, but for the records that others point at.
func (w *kindWorld) namesFound(req engine.ListRequest) string {
	w.t.Helper()
	p, err := w.list(w.boss(), "thing", req)
	if err != nil {
		w.t.Errorf("%+v: %v", req, err)
	}
	var out []string
	for _, r := range p.Records {
		if name := r["name"].(string); len(name) == 1 {
			out = append(out, name)
		}
	}
	return strings.Join(out, "")
}

func (w *kindWorld) finds(k *kindCase) {
	w.t.Helper()
	filter, want := w.named(k.filter).(string), "a"
	if k.all {
		want = "ab"
	}
	if got := w.namesFound(engine.ListRequest{Filter: filter, OrderBy: "name"}); got != want {
		w.t.Errorf("%s finds %q, want %q", filter, got, want)
	}
	if k.kind == metamodel.Number {
		return // every record has one
	}
	if got := w.namesFound(engine.ListRequest{Filter: "blank(" + k.field() + ")", OrderBy: "name"}); got != "c" {
		w.t.Errorf("what is blank: %q", got)
	}
}

func (w *kindWorld) orders(k *kindCase) {
	w.t.Helper()
	if k.order != "" {
		_, err := w.list(w.boss(), "thing", engine.ListRequest{OrderBy: k.field()})
		refused(w.t, err, k.order, "")
		return
	}
	up, down := w.namesFound(engine.ListRequest{OrderBy: k.field() + ",name"}), w.namesFound(engine.ListRequest{OrderBy: k.field() + " desc,name"})
	first, second := "a", "b"
	if k.good[0] != nil && k.kind == metamodel.Phone || k.kind == metamodel.Reference || k.kind == metamodel.Tree || k.kind == metamodel.User || k.kind == metamodel.Department || k.kind == metamodel.Choice {
		// references are in the order of ids and choices in that of their options: any order will do that turns round
		if strings.Index(up, "a") > strings.Index(up, "b") {
			first, second = "b", "a"
		}
	}
	for list, asked := range map[string][2]string{up: {first, second}, down: {second, first}} {
		if len(list) != 3 || strings.Index(list, asked[0]) > strings.Index(list, asked[1]) {
			w.t.Errorf("upwards %s, downwards %s", up, down)
		}
	}
	one, err := w.list(w.boss(), "thing", engine.ListRequest{OrderBy: k.field() + ",name", PageSize: 1})
	var paged string
	for n := 0; err == nil && n < 10; n++ {
		if name := one.Records[0]["name"].(string); len(name) == 1 {
			paged += name
		}
		if one.Next == "" {
			break
		}
		one, err = w.list(w.boss(), "thing", engine.ListRequest{OrderBy: k.field() + ",name", PageSize: 1, PageToken: one.Next})
	}
	if err != nil || paged != up {
		w.t.Errorf("page by page %q, %v; at once %q", paged, err, up)
	}
}

func (w *kindWorld) groups(k *kindCase) {
	w.t.Helper()
	ask := func(body string) (map[string]any, int, error) {
		r, err := w.e.Aggregate(context.Background(), w.call(w.boss(), "shop"), "thing", []byte(body))
		if err != nil {
			return nil, 0, err
		}
		g := must[struct {
			Groups []struct{ Values map[string]any }
		}](w.t, r, nil)
		if len(g.Groups) == 0 {
			return nil, 0, nil
		}
		return g.Groups[0].Values, len(g.Groups), nil
	}
	const three = `"filter":"name in ['a','b','c']"`
	_, n, err := ask(`{` + three + `,"group_by":["` + k.field() + `"]}`)
	switch {
	case k.group != "":
		refused(w.t, err, k.group, "/group_by/0")
	case err != nil || n != 3:
		w.t.Errorf("%d groups, %v", n, err)
	}
	v, _, err := ask(`{` + three + `,"measures":[{"fn":"sum","field":"` + k.field() + `","as":"v"}]}`)
	switch {
	case k.sum == "":
		refused(w.t, err, "query.not_summable", "/measures/0/field")
	case err != nil || fmt.Sprint(v["v"]) != k.sum:
		w.t.Errorf("sum %v, %v, want %s", v["v"], err, k.sum)
	}
	if k.group != "" || k.order != "" || k.name == "lookup" {
		return
	}
	v, _, err = ask(`{` + three + `,"measures":[{"fn":"distinct","field":"` + k.field() + `","as":"v"}]}`)
	want := "2"
	if k.kind == metamodel.Number {
		want = "3"
	}
	if err != nil || fmt.Sprint(v["v"]) != want {
		w.t.Errorf("%v different values, %v, want %s", v["v"], err, want)
	}
}

func (w *kindWorld) refuses(k *kindCase) {
	w.t.Helper()
	for i, b := range k.bad {
		_, err := w.create(w.boss(), "thing", record{"name": fmt.Sprintf("bad %s %d", k.field(), i), k.field(): w.named(b.value)})
		at := "/" + k.field() + b.at
		refused(w.t, err, b.code, at)
		var p *diag.Problem
		if asProblem(err, &p) {
			for _, d := range p.List {
				w.inWords(d)
			}
		}
		_, err = w.update(w.boss(), "thing", w.records[2].id(), 0, record{k.field(): w.named(b.value)})
		refused(w.t, err, b.code, at)
	}
	if _, err := w.get(w.boss(), "thing", w.records[2].id()); err != nil {
		w.t.Error(err)
	}
}

// inWords checks that a diagnostic says what is wrong in both languages.
func (w *kindWorld) inWords(d diag.Diagnostic) {
	w.t.Helper()
	zh, en := d.Text("zh-CN"), d.Text("en-US")
	if zh == "" || en == "" || zh == en || strings.ContainsAny(zh+en, "{}") {
		w.t.Errorf("%s: %q, %q", d.Code, zh, en)
	}
}

// A change of every kind of field is remembered with the value before and after.
func TestKindsAreRemembered(t *testing.T) {
	eachKind(t, func(t *testing.T, w *kindWorld) {
		values := record{}
		for _, k := range w.cases {
			if k.good[1] != nil {
				values[k.field()] = w.named(k.good[1])
			}
		}
		if _, err := w.update(w.boss(), "thing", w.records[0].id(), 0, values); err != nil {
			t.Fatal(err)
		}
		r, err := w.e.History(context.Background(), w.call(w.boss(), "shop"), "thing", w.records[0].id(), 0, "")
		h := must[struct {
			Entries []struct {
				Changes []struct {
					Field         string
					Before, After any
				}
			}
		}](t, r, err)
		changed := map[string][2]any{}
		for _, c := range h.Entries[0].Changes {
			changed[c.Field] = [2]any{c.Before, c.After}
		}
		for i := range w.cases {
			k := &w.cases[i]
			c, told := changed[k.field()]
			if k.kind == metamodel.Number || k.name == "lookup" {
				if told {
					t.Errorf("%s: %v", k.field(), c)
				}
				continue
			}
			if before, after := seen(t, k, c[0]), seen(t, k, c[1]); before != w.want(k, 0) || after != w.want(k, 1) {
				t.Errorf("%s: from %s to %s, want from %s to %s", k.field(), before, after, w.want(k, 0), w.want(k, 1))
			}
		}
	})
}
