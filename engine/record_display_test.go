package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine"
	"tenon/engine/policy"
	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// pickDocs is an app whose records point at what people pick: goods with codes and barcodes, places that not everybody
// sees, records that are shown by a choice or by what they point at, people and departments.
var pickDocs = map[string]string{
	"app.json": `{"x-kind":"app","x-version":1,"x-name":"shop","title":"选","x-title":{"en-US":"Pick"},"version":"1.0.0"}`,
	"entities/place.json": `{"x-kind":"entity","x-version":1,"x-name":"place","title":"地点","x-title":{"en-US":"Place"},"type":"object","required":["name"],
		"properties":{"name":{"type":"string","title":"名称","x-title":{"en-US":"Name"},"maxLength":50},"area":{"type":"string","title":"区","x-title":{"en-US":"Area"},"maxLength":20},
		"above":{"type":"string","format":"uuid","title":"上级","x-title":{"en-US":"Above"},"x-ref":{"entity":"place","tree":true}}},"x-display":"name"}`,
	"entities/good.json": `{"x-kind":"entity","x-version":1,"x-name":"good","title":"货品","x-title":{"en-US":"Good"},"type":"object","required":["code","name"],
		"properties":{"code":{"type":"string","title":"编码","x-title":{"en-US":"Code"},"maxLength":20,"x-unique":true},"name":{"type":"string","title":"名称","x-title":{"en-US":"Name"},"maxLength":50},
		"barcode":{"type":"string","title":"条码","x-title":{"en-US":"Barcode"},"x-field":"barcode"},"spec":{"type":"string","title":"规格","x-title":{"en-US":"Spec"},"maxLength":50},
		"grade":{"type":"string","enum":["a","b"],"x-options":[{"name":"a","title":"甲级","x-title":{"en-US":"Grade A"}},{"name":"b","title":"乙级","x-title":{"en-US":"Grade B"}}],"title":"等级","x-title":{"en-US":"Grade"}},
		"active":{"type":"boolean","title":"启用","x-title":{"en-US":"Active"},"x-default":"true"},
		"place":{"type":"string","format":"uuid","title":"地点","x-title":{"en-US":"Place"},"x-ref":{"entity":"place"}}},"x-display":"name","x-search":["code","name","spec"]}`,
	"entities/class.json": `{"x-kind":"entity","x-version":1,"x-name":"class","title":"类","x-title":{"en-US":"Class"},"type":"object","required":["level"],
		"properties":{"level":{"type":"string","enum":["low","high"],"x-options":[{"name":"low","title":"低","x-title":{"en-US":"Low"}},{"name":"high","title":"高","x-title":{"en-US":"High"}}],"title":"级别","x-title":{"en-US":"Level"}}},"x-display":"level"}`,
	"entities/stock.json": `{"x-kind":"entity","x-version":1,"x-name":"stock","title":"库存","x-title":{"en-US":"Stock"},"type":"object","required":["good"],
		"properties":{"good":{"type":"string","format":"uuid","title":"货品","x-title":{"en-US":"Good"},"x-ref":{"entity":"good"}}},"x-display":"good"}`,
	"entities/order.json": `{"x-kind":"entity","x-version":1,"x-name":"order","title":"订单","x-title":{"en-US":"Order"},"type":"object","required":["place"],
		"properties":{"code":{"type":"string","title":"单号","x-title":{"en-US":"Number"},"x-number":"O{0000}"},
		"place":{"type":"string","format":"uuid","title":"地点","x-title":{"en-US":"Place"},"x-ref":{"entity":"place"}},
		"class":{"type":"string","format":"uuid","title":"类","x-title":{"en-US":"Class"},"x-ref":{"entity":"class"}},
		"stock":{"type":"string","format":"uuid","title":"库存","x-title":{"en-US":"Stock"},"x-ref":{"entity":"stock"},"x-options-filter":"it.good.active"},
		"hint":{"type":"string","title":"提示","x-title":{"en-US":"Hint"},"maxLength":20},
		"guess":{"type":"string","format":"uuid","title":"猜","x-title":{"en-US":"Guess"},"x-ref":{"entity":"good"},"x-options-filter":"it.name.pinyinInitials() == hint"},
		"from":{"type":"string","format":"uuid","title":"来处","x-title":{"en-US":"From"},"x-ref":{"entity":"place"},"x-options-filter":"it.id != place"},
		"also":{"type":"array","title":"另有","x-title":{"en-US":"Also"},"items":{"type":"string","format":"uuid"},"x-ref":{"entity":"good"},"maxItems":10},
		"buyer":{"type":"string","format":"uuid","x-field":"user","title":"采购员","x-title":{"en-US":"Buyer"}},
		"team":{"type":"string","format":"uuid","x-field":"department","title":"小组","x-title":{"en-US":"Team"}},
		"lines":{"type":"array","title":"明细","x-title":{"en-US":"Lines"},"x-lines":"order_line","maxItems":100},
		"total":{"type":"string","format":"decimal","x-decimal":[18,2],"title":"合计","x-title":{"en-US":"Total"},"x-computed":{"cel":"lines.sum(l, l.amount)","stored":true}}},"x-display":"code"}`,
	"entities/order_line.json": `{"x-kind":"entity","x-version":1,"x-name":"order_line","title":"订单明细","x-title":{"en-US":"Order line"},"type":"object","required":["good"],
		"properties":{"good":{"type":"string","format":"uuid","title":"货品","x-title":{"en-US":"Good"},"x-ref":{"entity":"good"},"x-options-filter":"it.active && (parent.place == null || it.place == parent.place)"},
		"instead":{"type":"string","format":"uuid","title":"替代","x-title":{"en-US":"Instead"},"x-ref":{"entity":"good"},"x-options-filter":"it.id != good"},
		"qty":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"数量","x-title":{"en-US":"Quantity"}},
		"price":{"type":"string","format":"decimal","x-decimal":[18,4],"title":"单价","x-title":{"en-US":"Price"}},
		"amount":{"type":"string","format":"decimal","x-decimal":[18,2],"title":"金额","x-title":{"en-US":"Amount"},"x-computed":{"cel":"qty * price","stored":true}}},
		"x-rules":[{"name":"some","cel":"qty > 0","at":"qty","message":{"zh-CN":"数量必须大于零","en-US":"The quantity must be above zero"}}]}`,
	"roles/boss.json": `{"x-kind":"role","x-version":1,"x-name":"boss","title":"老板","x-title":{"en-US":"Boss"},"installer":true,"grants":[
		{"entity":"place","actions":["read","create","update","delete"]},{"entity":"good","actions":["read","create","update","delete"]},{"entity":"class","actions":["read","create"]},
		{"entity":"stock","actions":["read","create"]},{"entity":"order","actions":["read","create","update","assign"]}]}`,
	"roles/clerk.json": `{"x-kind":"role","x-version":1,"x-name":"clerk","title":"店员","x-title":{"en-US":"Clerk"},"grants":[
		{"entity":"place","actions":["read"],"rows":"area == user.attributes.area"},{"entity":"good","actions":["read"],"fields":{"name":"masked","spec":"hidden"}},
		{"entity":"stock","actions":["read"]},{"entity":"order","actions":["read","create","update"],"fields":{"class":"hidden"}}]}`,
	"roles/watch.json": `{"x-kind":"role","x-version":1,"x-name":"watch","title":"旁观","x-title":{"en-US":"Watcher"},"grants":[{"entity":"order","actions":["read"]},{"entity":"good","actions":["read"],"rows":"active"}]}`,
}

// picks is an engine with the app of pickDocs and some records in it.
type picks struct {
	*world
	east, west, tea, rum, class, stock record
	ann, team                          string
}

func eachPicks(t *testing.T, test func(t *testing.T, p *picks)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := &picks{world: newWorld(t, st)}
		p.installDocs(pickDocs)
		p.furnish()
		test(t, p)
	})
}

func (p *picks) furnish() {
	p.east = p.mustCreate(p.boss(), "place", record{"name": "东库", "area": "e"})
	p.west = p.mustCreate(p.boss(), "place", record{"name": "西库", "area": "w"})
	p.tea = p.mustCreate(p.boss(), "good", record{"code": "TEA-1", "name": "绿茶", "barcode": "690100", "spec": "250g", "grade": "a", "place": p.east.id()})
	p.rum = p.mustCreate(p.boss(), "good", record{"code": "RUM-1", "name": "朗姆", "barcode": "690200", "place": p.west.id()})
	p.class = p.mustCreate(p.boss(), "class", record{"level": "high"})
	p.stock = p.mustCreate(p.boss(), "stock", record{"good": p.tea.id()})
	err := p.store.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
		u, d := &store.User{Email: "ann@example.com", Name: "安"}, &store.Department{Name: "采购部"}
		if err := tx.InsertUser(ctx, store.By{}, u, ""); err != nil {
			return err
		}
		p.ann = u.ID
		err := tx.PutDepartment(ctx, store.By{}, d)
		p.team = d.ID
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// clerkOf sees the places of one area.
func (p *picks) clerkOf(area string) *policy.Actor {
	a := p.role("shop", "clerk")
	a.Attributes = map[string]string{"area": area}
	return a
}

// order is a body that points at everything.
func (p *picks) order() record {
	return record{
		"place": p.west.id(), "class": p.class.id(), "stock": p.stock.id(), "also": []string{p.tea.id()}, "buyer": p.ann, "team": p.team,
		"lines": []record{{"good": p.rum.id(), "qty": "2", "price": "10"}},
	}
}

type displayed struct {
	Display map[string]string
	Records []record
	Entries []record
}

func shownTexts(t *testing.T, r *engine.Result, err error) map[string]string {
	t.Helper()
	got := must[displayed](t, r, err)
	if got.Display == nil {
		t.Fatalf("no display in %s", r.Body)
	}
	return got.Display
}

// Every answer that is asked for them has the texts of all that it mentions: references of the record, of its lines and
// of expanded records, people and departments, records that a choice or another record stands for.
func TestDisplayTexts(t *testing.T) {
	eachPicks(t, func(t *testing.T, p *picks) {
		ctx, c := context.Background(), func() engine.Call { return p.call(p.boss(), "shop") }
		show := engine.ReadOptions{Display: true}
		body, err := json.Marshal(p.order())
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{
			p.west.id(): "西库", p.class.id(): "高", p.stock.id(): "绿茶", p.tea.id(): "绿茶", p.rum.id(): "朗姆", p.ann: "安", p.team: "采购部",
		}
		created, err := p.e.Create(ctx, c(), "order", body, show)
		same(t, "create", shownTexts(t, created, err), all)
		id := created.ID
		got, err := p.e.Get(ctx, c(), "order", id, show)
		same(t, "get", shownTexts(t, got, err), all)
		updated, err := p.e.Update(ctx, c(), "order", id, 0, []byte(`{"also":[]}`), show)
		same(t, "update", shownTexts(t, updated, err), all) // the tea is still what shows the stock
		page, err := p.e.List(ctx, c(), "order", engine.ListRequest{ReadOptions: engine.ReadOptions{Display: true, Fields: []string{"place"}}})
		same(t, "list", shownTexts(t, page, err), map[string]string{p.west.id(): "西库"})
		page, err = p.e.List(ctx, c(), "stock", engine.ListRequest{ReadOptions: engine.ReadOptions{Display: true, Fields: []string{"id"}, Expand: []string{"good"}}})
		same(t, "expanded records", shownTexts(t, page, err), map[string]string{p.tea.id(): "绿茶", p.east.id(): "东库"})
		eval, err := p.e.Evaluate(ctx, c(), "order", []byte(`{"id":"`+id+`","values":{"also":["`+p.tea.id()+`"]}}`))
		same(t, "evaluate", shownTexts(t, eval, err), all)
		history, err := p.e.History(ctx, c(), "order", id, 0, "")
		same(t, "history", shownTexts(t, history, err), all)
		english := c()
		english.Locale = "en-US"
		if got, err = p.e.Get(ctx, english, "order", id, show); shownTexts(t, got, err)[p.class.id()] != "High" {
			t.Errorf("in English: %s", got.Body)
		}
		if got, err = p.e.Get(ctx, c(), "order", id, engine.ReadOptions{}); err != nil || strings.Contains(string(got.Body), `"display"`) {
			t.Errorf("unasked: %s, %v", got.Body, err)
		}
		if _, err := p.e.Delete(ctx, c(), "good", p.rum.id(), 0); err == nil {
			t.Error("what an order points at was deleted")
		}
	})
}

// What the actor may not see has no text: a record outside his rows, one that is shown by a masked field, one of an
// entity without a grant, what stands in a field that is hidden from him.
func TestDisplayFollowsPermissions(t *testing.T) {
	eachPicks(t, func(t *testing.T, p *picks) {
		ctx, show := context.Background(), engine.ReadOptions{Display: true}
		order := p.mustCreate(p.boss(), "order", p.order())
		people := map[string]string{p.ann: "安", p.team: "采购部"}
		with := func(more map[string]string) map[string]string {
			out := map[string]string{}
			for _, m := range []map[string]string{people, more} {
				for id, text := range m {
					out[id] = text
				}
			}
			return out
		}
		if _, err := p.update(p.boss(), "good", p.rum.id(), 0, record{"active": false}); err != nil {
			t.Fatal(err)
		}
		for _, who := range []struct {
			name  string
			actor *policy.Actor
			want  map[string]string
		}{
			{"a clerk of the west", p.clerkOf("w"), with(map[string]string{p.west.id(): "西库"})},
			{"a clerk of the east", p.clerkOf("e"), people},
			{"a clerk without an area", p.role("shop", "clerk"), people},
			{"a watcher", p.role("shop", "watch"), with(map[string]string{p.tea.id(): "绿茶"})},
		} {
			c := func() engine.Call { return p.call(who.actor, "shop") }
			got, err := p.e.Get(ctx, c(), "order", order.id(), show)
			same(t, who.name, shownTexts(t, got, err), who.want)
			page, err := p.e.List(ctx, c(), "order", engine.ListRequest{ReadOptions: show})
			same(t, who.name+", list", shownTexts(t, page, err), who.want)
			history, err := p.e.History(ctx, c(), "order", order.id(), 0, "")
			same(t, who.name+", history", shownTexts(t, history, err), who.want)
			if who.name == "a watcher" {
				continue
			}
			eval, err := p.e.Evaluate(ctx, c(), "order", []byte(`{"id":"`+order.id()+`","values":{}}`))
			same(t, who.name+", evaluate", shownTexts(t, eval, err), who.want)
		}
		// What he names himself is told as unknown, and has no text either.
		eval, err := p.e.Evaluate(ctx, p.call(p.clerkOf("e"), "shop"), "order", []byte(`{"values":{"place":"`+p.west.id()+`"}}`))
		same(t, "an unseen record", shownTexts(t, eval, err), map[string]string{})
		if !strings.Contains(string(eval.Body), "record.reference_unknown") {
			t.Errorf("an unseen record: %s", eval.Body)
		}
	})
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: display %v, want %v", what, got, want)
	}
}
