package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// packDocs is the app of pickDocs where goods have packs with codes of their own, and order lines a unit.
func packDocs() map[string]string {
	docs := maps.Clone(pickDocs)
	ref := func(name, entity string) string {
		return fmt.Sprintf(`%q:{"type":"string","format":"uuid","title":"%s","x-title":{"en-US":"%s"},"x-ref":{"entity":"%s"}}`, name, name, name, entity)
	}
	add := func(path, fields string) {
		docs[path] = strings.Replace(docs[path], `"properties":{`, `"properties":{`+fields+`,`, 1)
	}
	docs["entities/unit.json"] = `{"x-kind":"entity","x-version":1,"x-name":"unit","title":"单位","x-title":{"en-US":"Unit"},"type":"object","required":["name"],
		"properties":{"name":{"type":"string","title":"名称","x-title":{"en-US":"Name"},"maxLength":20}},"x-display":"name"}`
	docs["entities/pack.json"] = `{"x-kind":"entity","x-version":1,"x-name":"pack","title":"包装","x-title":{"en-US":"Pack"},"type":"object","required":["unit"],
		"properties":{` + ref("unit", "unit") + `,` + ref("place", "place") + `,"barcode":{"type":"string","title":"条码","x-title":{"en-US":"Barcode"},"x-field":"barcode"}}}`
	add("entities/good.json", ref("unit", "unit")+`,"packs":{"type":"array","title":"包装","x-title":{"en-US":"Packs"},"x-lines":"pack","maxItems":200}`)
	add("entities/order_line.json", ref("unit", "unit"))
	grant := func(role, packs, more string) {
		docs["roles/"+role+".json"] = `{"x-kind":"role","x-version":1,"x-name":"` + role + `","title":"` + role + `","x-title":{"en-US":"` + role + `"},"grants":[
			{"entity":"order","actions":["read","create","update"]` + more + `},{"entity":"unit","actions":["read"]},
			{"entity":"good","actions":["read"],` + packs + `}]}`
	}
	grant("plain", `"rows":"name != '朗姆'"`, "")
	grant("blind", `"fields":{"packs.barcode":"hidden"}`, "")
	grant("masked", `"fields":{"packs.barcode":"masked"}`, "")
	grant("closed", `"fields":{"packs":"hidden"}`, "")
	grant("unitless", `"fields":{"packs.unit":"hidden"}`, "")
	grant("reader", `"rows":"true"`, `,"fields":{"lines.unit":"readonly"}`)
	docs["roles/boss.json"] = strings.Replace(docs["roles/boss.json"], `{"entity":"stock"`, `{"entity":"unit","actions":["read","create"]},{"entity":"stock"`, 1)
	return docs
}

// coded is a page of options with what codes say.
type coded struct {
	Options []struct {
		ID      string
		Display *string
		Detail  string
		Via     *struct{ Field, ID string }
		Set     map[string]struct {
			ID      string
			Display *string
		}
	}
}

func (p *picks) coded(a *policy.Actor, body record) string {
	p.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := p.e.Options(context.Background(), p.call(a, "shop"), "order", text)
	var out []string
	for _, o := range must[coded](p.t, r, err).Options {
		s := *o.Display + " (" + o.Detail + ")"
		if o.Via != nil {
			s += " via " + o.Via.Field
		}
		for name, to := range o.Set {
			s += " " + name + "=" + *to.Display
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// A code that stands on a line finds the record, and says what the line and the form have in common.
func TestOptionsByCodesOfLines(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := &picks{world: newWorld(t, st)}
		p.installDocs(packDocs())
		p.furnish()
		boss := p.boss()
		bottle, crate := p.mustCreate(boss, "unit", record{"name": "瓶"}), p.mustCreate(boss, "unit", record{"name": "箱"})
		packs := func(code string) []record {
			return []record{{"unit": crate.id(), "barcode": code, "place": p.east.id()}}
		}
		for _, g := range []struct {
			id, code string
		}{{p.tea.id(), "790100x"}, {p.rum.id(), "790200X"}} {
			if _, err := p.update(boss, "good", g.id, 0, record{"unit": bottle.id(), "packs": packs(g.code)}); err != nil {
				t.Fatal(err)
			}
		}
		const teaBottle, teaCrate = "绿茶 (TEA-1 · 690100 · 250g) unit=瓶", "绿茶 (箱 · 790100x · TEA-1 · 690100 · 250g) via packs unit=箱"
		const rumCrate = "朗姆 (箱 · 790200X · RUM-1 · 690200) via packs unit=箱"
		line := func(search string) record { return record{"field": "lines.good", "search": search, "page_size": 2} }
		for _, c := range []struct {
			what string
			who  *policy.Actor
			body record
			want string
		}{
			{"a case", boss, line("790100x"), teaCrate},
			{"typed small", boss, line("790200x"), rumCrate},
			{"a page of one", boss, record{"field": "lines.good", "search": "790100x", "page_size": 1}, teaCrate},
			{"a bottle", boss, line("690100"), teaBottle},
			{"a code that is not on the thing", boss, line("TEA-1"), "绿茶 (TEA-1 · 690100 · 250g)"},
			{"a part of a code", boss, line("790100"), ""},
			{"another place's", boss, record{"field": "lines.good", "search": "790100x", "values": record{"place": p.west.id()}}, ""},
			{"no unit in the form", boss, record{"field": "stock", "search": "790100x"}, ""},
			{"a condition that no database can judge", boss, record{"field": "guess", "values": record{"hint": "lc"}, "search": "790100x"}, "绿茶 (790100x · TEA-1 · 690100 · 250g) via packs"},
			{"and that it doesn't pass", boss, record{"field": "guess", "values": record{"hint": "lm"}, "search": "790100x"}, ""},
			{"one of several", boss, record{"field": "also", "search": "790100x"}, "绿茶 (790100x · TEA-1 · 690100 · 250g) via packs"},
			{"who sees it", p.role("shop", "plain"), line("790100x"), teaCrate},
			{"who doesn't see the record", p.role("shop", "plain"), line("790200X"), ""},
			{"a hidden code", p.role("shop", "blind"), line("790100x"), ""},
			{"a masked code", p.role("shop", "masked"), line("790100x"), ""},
			{"hidden lines", p.role("shop", "closed"), line("790100x"), ""},
			{"a hidden unit", p.role("shop", "unitless"), line("790100x"), "绿茶 (790100x · TEA-1 · 690100 · 250g) via packs"},
			{"and of the bottle", p.role("shop", "unitless"), line("690100"), "绿茶 (TEA-1 · 690100 · 250g)"},
			{"who may not write the unit", p.role("shop", "reader"), line("790100x"), "绿茶 (790100x · TEA-1 · 690100 · 250g) via packs"},
		} {
			if got := p.coded(c.who, c.body); got != c.want {
				t.Errorf("%s: %q, want %q", c.what, got, c.want)
			}
		}
		// Others with the code, which one may not see, take nobody's place.
		many := make([]record, 120)
		for i := range many {
			many[i] = record{"unit": crate.id(), "barcode": "790300"}
		}
		p.mustCreate(boss, "good", record{"code": "HID-1", "name": "朗姆", "packs": many})
		seen := p.mustCreate(boss, "good", record{"code": "SEE-1", "name": "黑茶", "packs": packs("790300")})
		if got := p.coded(p.role("shop", "plain"), line("790300")); got != "黑茶 (箱 · 790300 · SEE-1) via packs unit=箱" {
			t.Errorf("behind what isn't seen: %q", got)
		}
		if got := p.coded(boss, record{"field": "lines.good", "search": "790300"}); strings.Count(got, "via packs") != 2 {
			t.Errorf("both, once each: %q", got)
		}
		if _, err := p.e.Delete(context.Background(), p.call(boss, "shop"), "good", seen.id(), 0); err != nil {
			t.Fatal(err)
		}
		if got := p.coded(boss, line("790300")); strings.Contains(got, "黑茶") {
			t.Errorf("a deleted good: %q", got)
		}
	})
}
