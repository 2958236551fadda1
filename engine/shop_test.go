package engine_test

import (
	"context"
	"encoding/json"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
)

// shopDocs is a small app with one of everything that the engine treats in a way of its own.
var shopDocs = map[string]string{
	"app.json": `{"x-kind":"app","x-version":1,"x-name":"shop","title":"小店","x-title":{"en-US":"Shop"},"version":"1.0.0"}`,
	"entities/region.json": `{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"region","title":"地区","x-title":{"en-US":"Region"},"type":"object",
		"required":["name"],"properties":{"name":{"type":"string","title":"名称","x-title":{"en-US":"Name"},"maxLength":50,"x-unique":true},
		"above":{"type":"string","format":"uuid","title":"上级","x-title":{"en-US":"Above"},"x-ref":{"entity":"region","tree":true}}},"x-display":"name"}`,
	"entities/item.json": `{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"item","title":"商品","x-title":{"en-US":"Item"},"type":"object",
		"required":["code","name"],"properties":{
		"code":{"type":"string","title":"编码","x-title":{"en-US":"Code"},"maxLength":20,"pattern":"^[A-Z0-9-]+$","x-unique":true},
		"name":{"type":"string","title":"名称","x-title":{"en-US":"Name"},"maxLength":100},
		"price":{"type":"string","format":"decimal","x-decimal":[18,4],"x-minimum":"0","title":"价格","x-title":{"en-US":"Price"}},
		"cost":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"成本","x-title":{"en-US":"Cost"}},
		"margin":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"毛利","x-title":{"en-US":"Margin"},"x-computed":{"cel":"price - cost","stored":true}},
		"active":{"type":"boolean","title":"启用","x-title":{"en-US":"Active"},"x-default":"true"},
		"grade":{"type":"string","enum":["a","b","c"],"x-options":[{"name":"a","title":"甲","x-title":{"en-US":"A"}},{"name":"b","title":"乙","x-title":{"en-US":"B"}},{"name":"c","title":"丙","x-title":{"en-US":"C"},"retired":true}],"title":"等级","x-title":{"en-US":"Grade"}},
		"region":{"type":"string","format":"uuid","title":"地区","x-title":{"en-US":"Region"},"x-ref":{"entity":"region","on-delete":"restrict"}},
		"sold":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"已售","x-title":{"en-US":"Sold"},"x-computed":{"cel":"sumOf(sale_line, l, l.item == id && l.parent.state == 'done', l.qty)","stored":false}}},
		"x-display":"name","x-search":["code","name"]}`,
	"entities/sale.json": `{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"sale","title":"销售单","x-title":{"en-US":"Sale"},"type":"object",
		"required":["region","sold_on","lines"],"properties":{
		"code":{"type":"string","title":"单号","x-title":{"en-US":"Number"},"x-number":"S{yyyyMM}-{0000}"},
		"region":{"type":"string","format":"uuid","title":"地区","x-title":{"en-US":"Region"},"x-ref":{"entity":"region","on-delete":"restrict"}},
		"sold_on":{"type":"string","format":"date","title":"日期","x-title":{"en-US":"Date"},"x-default":"today()"},
		"note":{"type":"string","title":"备注","x-title":{"en-US":"Note"},"maxLength":200},
		"state":{"type":"string","enum":["draft","done","void"],"x-options":[{"name":"draft","title":"草稿","x-title":{"en-US":"Draft"}},{"name":"done","title":"完成","x-title":{"en-US":"Done"}},{"name":"void","title":"作废","x-title":{"en-US":"Void"}}],"title":"状态","x-title":{"en-US":"State"},"x-state":true},
		"lines":{"type":"array","minItems":1,"maxItems":100,"title":"明细","x-title":{"en-US":"Lines"},"x-lines":"sale_line"},
		"total":{"type":"string","format":"decimal","x-decimal":[18,2],"title":"合计","x-title":{"en-US":"Total"},"x-computed":{"cel":"lines.sum(l, l.amount)","stored":true}}},
		"x-display":"code","x-search":["code","region.name"],
		"x-rules":[{"name":"not_in_future","cel":"sold_on <= today()","at":"sold_on","message":{"zh-CN":"日期不能晚于今天","en-US":"The date can't be in the future"}},
			{"name":"big_sale","severity":"warning","cel":"total < 100000","message":{"zh-CN":"金额很大，请核对","en-US":"That is a lot, please check"}}],
		"x-states":{"initial":"draft","transitions":[{"name":"finish","title":"完成","x-title":{"en-US":"Finish"},"from":["draft"],"to":"done","when":"total > 0","message":{"zh-CN":"合计必须大于零","en-US":"The total must be above zero"}},
			{"name":"void","title":"作废","x-title":{"en-US":"Void"},"from":["draft","done"],"to":"void"}],"frozen":["done","void"]}}`,
	"entities/sale_line.json": `{"$schema":"https://json-schema.org/draft/2020-12/schema","x-kind":"entity","x-version":1,"x-name":"sale_line","title":"销售明细","x-title":{"en-US":"Sale line"},"type":"object",
		"required":["item","qty"],"properties":{
		"item":{"type":"string","format":"uuid","title":"商品","x-title":{"en-US":"Item"},"x-ref":{"entity":"item","on-delete":"restrict"},"x-options-filter":"it.active"},
		"qty":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"数量","x-title":{"en-US":"Quantity"}},
		"price":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"单价","x-title":{"en-US":"Price"}},
		"amount":{"type":"string","format":"decimal","x-decimal":[18,2],"title":"金额","x-title":{"en-US":"Amount"},"x-computed":{"cel":"qty * price","stored":true}}},
		"x-rules":[{"name":"qty_positive","cel":"qty > 0","at":"qty","message":{"zh-CN":"数量必须大于零","en-US":"The quantity must be above zero"}},
			{"name":"price_floor","cel":"price >= item.cost","at":"price","message":{"zh-CN":"单价低于成本","en-US":"The price is below cost"}}]}`,
	"roles/boss.json": `{"x-kind":"role","x-version":1,"x-name":"boss","title":"老板","x-title":{"en-US":"Boss"},"installer":true,"grants":[
		{"entity":"region","actions":["read","create","update","delete","import","export"]},{"entity":"item","actions":["read","create","update","delete","import","export","assign"]},
		{"entity":"sale","actions":["read","create","update","delete","transition","import","export","assign"]}]}`,
	"roles/clerk.json": `{"x-kind":"role","x-version":1,"x-name":"clerk","title":"店员","x-title":{"en-US":"Clerk"},"grants":[
		{"entity":"region","actions":["read"],"rows":"name == user.attributes.region"},{"entity":"item","actions":["read","export"],"fields":{"cost":"hidden","margin":"masked"}},
		{"entity":"sale","actions":["read","create","update"],"transitions":["finish"],"rows":"region.name == user.attributes.region","fields":{"note":"readonly"}}]}`,
	"views/item_table.json": `{"x-kind":"view","x-version":1,"x-name":"item_table","title":"商品","x-title":{"en-US":"Items"},"type":"table","entity":"item","columns":[{"field":"code"},{"field":"name"},{"field":"region.name"}],"sort":[{"field":"code"}]}`,
	"views/sale_form.json":  `{"x-kind":"view","x-version":1,"x-name":"sale_form","title":"销售单","x-title":{"en-US":"Sale"},"type":"form","entity":"sale","sections":[{"name":"main","title":"基本","x-title":{"en-US":"Main"},"columns":2,"items":[{"field":"region"},{"field":"sold_on","readonly":"state != 'draft'"},{"field":"note","visible":"total > 100"},{"field":"lines","columns":[{"field":"item"},{"field":"qty","visible":"lines.exists(l, l.qty > 5.0)"},{"field":"amount","total":"sum","only":"print"}]}]}],"print":{"title":"送货单","orientation":"landscape","note":"一式两份","signatures":[{"title":"收货人"}]}}`,
}

// installShop begins an empty app and replaces its documents by the shop's, in one release.
func (w *world) installShop() {
	w.t.Helper()
	ctx := context.Background()
	a := builder()
	a.ID = ""
	if _, err := w.e.AppCreate(ctx, w.call(a, ""), []byte(`{"name":"shop","title":"小店"}`)); err != nil {
		w.t.Fatal(err)
	}
	docs := map[string]json.RawMessage{}
	for path, text := range shopDocs {
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

func (w *world) release(app string) {
	w.t.Helper()
	if _, err := w.e.Release(context.Background(), w.call(builder(), ""), app, []byte(`{"reason":"测试发布"}`)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) boss() *policy.Actor { return w.role("shop", "boss") }

func (w *world) clerk(region string) *policy.Actor {
	a := w.role("shop", "clerk")
	a.Attributes = map[string]string{"region": region}
	return a
}

type record map[string]any

func (r record) id() string { return r["id"].(string) }

func (r record) lines(name string) []any { return r[name].([]any) }

func (w *world) create(a *policy.Actor, entity string, values any) (record, error) {
	w.t.Helper()
	body, err := json.Marshal(values)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.e.Create(context.Background(), w.call(a, "shop"), entity, body, engine.ReadOptions{})
	if err != nil {
		return nil, err
	}
	return must[record](w.t, r, nil), nil
}

func (w *world) mustCreate(a *policy.Actor, entity string, values any) record {
	w.t.Helper()
	r, err := w.create(a, entity, values)
	if err != nil {
		w.t.Fatalf("create %s: %v", entity, err)
	}
	return r
}

func (w *world) get(a *policy.Actor, entity, id string) (record, error) {
	r, err := w.e.Get(context.Background(), w.call(a, "shop"), entity, id, engine.ReadOptions{})
	if err != nil {
		return nil, err
	}
	return must[record](w.t, r, nil), nil
}

func (w *world) update(a *policy.Actor, entity, id string, version int64, values any) (record, error) {
	w.t.Helper()
	body, err := json.Marshal(values)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := w.e.Update(context.Background(), w.call(a, "shop"), entity, id, version, body, engine.ReadOptions{})
	if err != nil {
		return nil, err
	}
	return must[record](w.t, r, nil), nil
}

func (w *world) transition(a *policy.Actor, entity, id, name string) (record, error) {
	r, err := w.e.Transition(context.Background(), w.call(a, "shop"), entity, id, 0, []byte(`{"transition":"`+name+`"}`), engine.ReadOptions{})
	if err != nil {
		return nil, err
	}
	return must[record](w.t, r, nil), nil
}

type page struct {
	Records []record `json:"records"`
	Next    string   `json:"next_page_token"`
	Count   *int     `json:"count"`
}

func (w *world) list(a *policy.Actor, entity string, req engine.ListRequest) (page, error) {
	r, err := w.e.List(context.Background(), w.call(a, "shop"), entity, req)
	if err != nil {
		return page{}, err
	}
	return must[page](w.t, r, nil), nil
}

// shop is the world with a region and two items in it.
type shop struct {
	*world
	east, west record
	pen, ink   record
}

func newShop(t testing.TB, w *world) *shop {
	t.Helper()
	w.installShop()
	s := &shop{world: w}
	s.east = w.mustCreate(w.boss(), "region", record{"name": "east"})
	s.west = w.mustCreate(w.boss(), "region", record{"name": "west"})
	s.pen = w.mustCreate(w.boss(), "item", record{"code": "PEN-1", "name": "钢笔", "price": "12.5", "cost": "8", "grade": "a", "region": s.east.id()})
	s.ink = w.mustCreate(w.boss(), "item", record{"code": "INK-1", "name": "墨水", "price": "30", "cost": "21.1234", "region": s.west.id()})
	return s
}

func (s *shop) sale(a *policy.Actor, region record, lines ...record) (record, error) {
	return s.create(a, "sale", record{"region": region.id(), "lines": lines})
}
