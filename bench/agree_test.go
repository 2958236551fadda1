package bench

import (
	"encoding/json"
	"reflect"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// eachDatabase names the databases and how a new one is made.
var eachDatabase = []struct {
	name string
	make func(testing.TB) store.Config
}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}}

// Both servers answer the same questions alike, so that comparing their speed says something.
func TestServersAgree(t *testing.T) {
	for _, d := range eachDatabase {
		t.Run(d.name, func(t *testing.T) {
			const products, people = 20_000, 1
			w := newWorld(t, d.make, products, people)
			tenon, plain := dial(t, w.tenon.addr, w.tenon.tokens[0]), dial(t, w.plain.addr, w.plain.tokens[0])
			for _, k := range works {
				a, b := newShop(7), newShop(7)
				for range 5 {
					p, q := k.tenon(w, a, 0), k.plain(w, b, 0)
					x, y := shown(t, p, tenon.text(t, p)), shown(t, q, plain.text(t, q))
					if !reflect.DeepEqual(x, y) {
						t.Fatalf("%s: %s answers\n%v\n%s answers\n%v", k.name, p.path, x, q.path, y)
					}
				}
			}
			refuseAlike(t, w, tenon, plain)
		})
	}
}

// shown is what both answers must have in common: the records' own fields, and the expanded record's.
func shown(t *testing.T, q request, body []byte) any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	list, ok := m["records"].([]any)
	if !ok {
		if q.method == "POST" {
			m["id"] = "any"
		}
		return own(m)
	}
	out := []any{m["next_page_token"] != nil}
	for _, r := range list {
		out = append(out, own(r.(map[string]any)))
	}
	if len(out) != 31 {
		t.Fatalf("a list of %d records", len(out)-1)
	}
	return out
}

func own(m map[string]any) map[string]any {
	if m["version"] != 1.0 || m["id"] == "" {
		m["version"] = "wrong"
	}
	for _, k := range []string{"created_at", "created_by", "updated_at", "updated_by", "owner", "department", "deleted_at"} {
		delete(m, k)
	}
	if x, ok := m["expanded"].(map[string]any); ok {
		own(x["supplier"].(map[string]any))
	}
	return m
}

// refuseAlike asks for what isn't there or isn't right.
func refuseAlike(t *testing.T, w *world, tenon, plain *connection) {
	t.Helper()
	s := newShop(9)
	hidden := "00000000-0000-7000-8000-000000000000"
	tenon.text(t, request{"GET", records + "/" + hidden, nil, 404})
	plain.text(t, request{"GET", "/products/" + hidden, nil, 404})
	wrong := []func(m map[string]any){
		func(m map[string]any) { delete(m, "name") },
		func(m map[string]any) { m["lead_days"] = 400 },
		func(m map[string]any) { m["sale_price"], m["cost_price"] = "1.00", "2.00" },
		func(m map[string]any) { m["supplier"] = hidden },
		func(m map[string]any) { m["unknown"] = 1 },
		func(m map[string]any) { m["code"] = "P0000000" },
	}
	for i, spoil := range wrong {
		m := values(s.product(i, w.suppliers[0], allowed))
		m["code"] = newCode(s)
		spoil(m)
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		status := 422
		if i == len(wrong)-1 {
			status = 409
		}
		tenon.text(t, request{"POST", records, body, status})
		plain.text(t, request{"POST", "/products", body, 422})
	}
}
