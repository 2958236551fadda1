package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tenon/engine/policy"
	"tenon/engine/store"
)

// offer is a page of options.
type offer struct {
	Options []struct {
		ID      string
		Display *string
		Detail  string
	}
	Next string `json:"next_page_token"`
}

// String is the texts of a page, in order.
func (o offer) String() string {
	var out []string
	for _, x := range o.Options {
		text := "-"
		if x.Display != nil {
			text = *x.Display
		}
		if x.Detail != "" {
			text += " (" + x.Detail + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func (p *picks) offer(a *policy.Actor, body record) (offer, error) {
	p.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := p.e.Options(context.Background(), p.call(a, "shop"), "order", text)
	if err != nil {
		return offer{}, err
	}
	return must[offer](p.t, r, nil), nil
}

func (p *picks) offers(what string, a *policy.Actor, body record, want string) {
	p.t.Helper()
	if got, err := p.offer(a, body); err != nil || got.String() != want {
		p.t.Errorf("%s: %q, %v, want %q", what, got, err, want)
	}
}

// What a field may point at: what passes its condition for the record and the line as they stand, and matches the text.
func TestOptions(t *testing.T) {
	eachPicks(t, func(t *testing.T, p *picks) {
		boss := p.boss()
		off := p.mustCreate(boss, "good", record{"code": "OFF-1", "name": "停用茶", "active": false})
		const tea, rum = "绿茶 (TEA-1 · 690100 · 250g)", "朗姆 (RUM-1 · 690200)"
		p.offers("all places, newest first", boss, record{"field": "place"}, "西库, 东库")
		p.offers("places with a text", boss, record{"field": "place", "search": "东"}, "东库")
		p.offers("goods by code; the inactive is not offered", boss, record{"field": "lines.good"}, rum+", "+tea)
		p.offers("goods of the order's place", boss, record{"field": "lines.good", "values": record{"place": p.east.id()}}, tea)
		p.offers("a field without a condition", boss, record{"field": "also", "search": "茶"}, "停用茶 (OFF-1), "+tea)
		line := record{"good": p.rum.id()}
		p.offers("what the line has already is left out", boss, record{"field": "lines.instead", "values": record{"lines": []record{{"good": p.tea.id()}, line}}, "line": 1}, "停用茶 (OFF-1), "+tea)
		p.offers("of the first line", boss, record{"field": "lines.instead", "values": record{"lines": []record{{"good": p.tea.id()}, line}}, "line": 0}, "停用茶 (OFF-1), "+rum)
		p.offers("a choice shows the record", boss, record{"field": "class"}, "高")
		p.offers("found by the choice's title", boss, record{"field": "class", "search": "高"}, "高")
		p.offers("a reference shows the record", boss, record{"field": "stock"}, "绿茶")
		p.offers("found by what is behind it", boss, record{"field": "stock", "search": "绿"}, "绿茶")
		p.offers("not found", boss, record{"field": "stock", "search": "none"}, "")
		p.offers("people", boss, record{"field": "buyer"}, "安")
		p.offers("people by name", boss, record{"field": "buyer", "search": "李"}, "")
		p.offers("people by their whole address", boss, record{"field": "owner", "search": "ann@example.com"}, "安")
		p.offers("departments", boss, record{"field": "team", "search": "采购"}, "采购部")

		p.offers("a condition that no database can judge", boss, record{"field": "guess", "values": record{"hint": "lc"}}, tea)
		p.offers("and a text", boss, record{"field": "guess", "values": record{"hint": "lc"}, "search": "RUM"}, "")
		p.offers("and a code", boss, record{"field": "guess", "values": record{"hint": "lc"}, "search": "TEA-1"}, tea)

		order := p.mustCreate(boss, "order", p.order())
		p.offers("of a record as it stands", boss, record{"field": "lines.good", "id": order.id()}, rum)
		p.offers("of a record as it is being changed", boss, record{"field": "lines.good", "id": order.id(), "values": record{"place": p.east.id()}}, tea)
		got, err := p.offer(boss, record{"field": "lines.good", "values": record{"place": p.west.id()}, "search": off["code"]})
		if err != nil || len(got.Options) != 0 {
			t.Errorf("an inactive good by its code: %v, %v", got, err)
		}
		// What is offered is accepted, and the other way round.
		p.offers("inactive after all", boss, record{"field": "stock"}, "绿茶")
		if _, err := p.update(boss, "good", p.tea.id(), 0, record{"active": false}); err != nil {
			t.Fatal(err)
		}
		p.offers("a condition over a reference", boss, record{"field": "stock"}, "")
	})
}

// A scanner types a code and presses Enter: what bears just that text comes first, once, on whichever page it would be.
func TestOptionsExactFirstAndPages(t *testing.T) {
	eachPicks(t, func(t *testing.T, p *picks) {
		boss := p.boss()
		for i := range 9 {
			p.mustCreate(boss, "good", record{"code": fmt.Sprintf("A%d", i), "name": "含 TEA-1 的 " + fmt.Sprint(i)})
		}
		for _, text := range []string{"TEA-1", "tea-1"} {
			all := map[string]int{}
			var token any
			first, pages := "", 0
			for ; pages < 20; pages++ {
				got, err := p.offer(boss, record{"field": "also", "search": text, "page_size": 4, "page_token": token})
				if err != nil || len(got.Options) > 4 {
					t.Fatalf("%v, %v", got, err)
				}
				if pages == 0 {
					first = *got.Options[0].Display
				}
				for _, o := range got.Options {
					all[o.ID]++
				}
				if got.Next == "" {
					break
				}
				token = got.Next
			}
			if first != "绿茶" || len(all) != 10 || pages < 2 {
				t.Errorf("%s: first %q, %d records on %d pages", text, first, len(all), pages+1)
			}
			for id, n := range all {
				if n != 1 {
					t.Errorf("%s was offered %d times", id, n)
				}
			}
		}
		p.offers("a barcode that no search field has", boss, record{"field": "also", "search": "690200"}, "朗姆 (RUM-1 · 690200)")
		p.offers("one is enough", boss, record{"field": "also", "search": "TEA-1", "page_size": 1}, "绿茶 (TEA-1 · 690100 · 250g)")
		page, err := p.offer(boss, record{"field": "also", "page_size": 2})
		if err != nil || page.Next == "" {
			t.Fatalf("%v, %v", page, err)
		}
		_, err = p.offer(boss, record{"field": "also", "page_size": 2, "search": "x", "page_token": page.Next})
		refused(t, err, "query.page_token", "")
		_, err = p.offer(boss, record{"field": "lines.instead", "page_size": 2, "page_token": page.Next})
		refused(t, err, "query.page_token", "")
		_, err = p.offer(p.clerkOf("e"), record{"field": "also", "page_size": 2, "page_token": page.Next})
		refused(t, err, "query.page_token", "")
	})
}

func TestOptionsPagesOfPeople(t *testing.T) {
	eachPicks(t, func(t *testing.T, p *picks) {
		err := p.store.Write(context.Background(), store.Pin{}, func(ctx context.Context, tx *store.Tx) error {
			for _, name := range []string{"Bea", "Cid", "Dan"} {
				u, d := &store.User{Email: strings.ToLower(name) + "@example.com", Name: name}, &store.Department{Name: "Team " + name, Parent: p.team}
				if err := tx.InsertUser(ctx, store.By{}, u, ""); err != nil {
					return err
				}
				if err := tx.PutDepartment(ctx, store.By{}, d); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for field, want := range map[string][]string{
			"buyer": {"Bea, Cid", "Dan, 安"}, "team": {"Team Bea (采购部), Team Cid (采购部)", "Team Dan (采购部), 采购部"},
		} {
			first, err := p.offer(p.boss(), record{"field": field, "page_size": 2})
			if err != nil || first.String() != want[0] || first.Next == "" {
				t.Fatalf("%s: %v, %v", field, first, err)
			}
			second, err := p.offer(p.boss(), record{"field": field, "page_size": 2, "page_token": first.Next})
			if err != nil || second.String() != want[1] || second.Next != "" {
				t.Errorf("%s: %v, %v", field, second, err)
			}
			_, err = p.offer(p.boss(), record{"field": field, "page_size": 2, "search": "e", "page_token": first.Next})
			refused(t, err, "query.page_token", "")
		}
	})
}

// Nobody is offered what he may not see, nor told by an offer what it holds.
func TestOptionsFollowPermissions(t *testing.T) {
	eachPicks(t, func(t *testing.T, p *picks) {
		east := p.clerkOf("e")
		p.offers("places of his area", east, record{"field": "place"}, "东库")
		p.offers("no place of another", east, record{"field": "place", "search": "西"}, "")
		p.offers("no area, no places", p.role("shop", "clerk"), record{"field": "place"}, "")
		p.offers("a condition on what he sees", east, record{"field": "from", "values": record{"place": p.west.id()}}, "东库")
		p.offers("a condition that leaves nothing of it", east, record{"field": "from", "values": record{"place": p.east.id()}}, "")
		p.offers("the same for who sees all", p.boss(), record{"field": "from", "values": record{"place": p.east.id()}}, "西库")
		p.offers("goods whose name is masked", east, record{"field": "also"}, "- (RUM-1 · 690200), - (TEA-1 · 690100)")
		p.offers("a masked name is not searched", east, record{"field": "also", "search": "绿"}, "")
		p.offers("nor a hidden field", east, record{"field": "also", "search": "250g"}, "")
		p.offers("a code is", east, record{"field": "also", "search": "TEA"}, "- (TEA-1 · 690100)")
		p.offers("shown by what is masked", east, record{"field": "stock"}, "-")
		p.offers("a place that he may not see filters nothing", east, record{"field": "lines.good", "values": record{"place": p.west.id()}}, "- (RUM-1 · 690200), - (TEA-1 · 690100)")
		for body, want := range map[string]struct{ code, pointer string }{
			`{"field":"class"}`:                                             {"record.field_unknown", "/field"}, // hidden from him
			`{"field":"nothing"}`:                                           {"record.field_unknown", "/field"},
			`{}`:                                                            {"record.field_unknown", "/field"},
			`{"field":"lines.parent"}`:                                      {"record.field_unknown", "/field"},
			`{"field":"place.name"}`:                                        {"record.field_unknown", "/field"},
			`{"field":"total"}`:                                             {"form.field_without_options", "/field"},
			`{"field":"lines"}`:                                             {"form.field_without_options", "/field"},
			`{"field":7}`:                                                   {"body.wrong_member", "/field"},
			`{"field":"place","search":true}`:                               {"body.wrong_member", "/search"},
			`{"field":"place","page_size":101}`:                             {"query.page_size", "/page_size"},
			`{"field":"place","page_size":0}`:                               {"query.page_size", "/page_size"},
			`{"field":"place","page_size":"9"}`:                             {"query.page_size", "/page_size"},
			`{"field":"place","page_token":"x"}`:                            {"query.page_token", ""},
			`{"field":"buyer","page_token":"x"}`:                            {"query.page_token", ""},
			`{"field":"place","form":"none"}`:                               {"form.not_found", "/form"},
			`{"field":"place","more":1}`:                                    {"body.unknown_member", "/more"},
			`{"field":"lines.good","values":{},"line":0}`:                   {"record.line_unknown", "/line"},
			`{"field":"lines.good","values":{"lines":[]},"line":-1}`:        {"record.line_unknown", "/line"},
			`{"field":"lines.good","values":[]}`:                            {"body.wrong_member", "/values"},
			`{"field":"place","id":"01970000-0000-7000-8000-000000000000"}`: {"record.not_found", ""},
			`{"field":"place","search":"` + strings.Repeat("x", 101) + `"}`: {"limit.exceeded", ""},
			`{"field":"buyer","search":"` + strings.Repeat("x", 101) + `"}`: {"limit.exceeded", ""},
		} {
			_, err := p.e.Options(context.Background(), p.call(east, "shop"), "order", []byte(body))
			refused(t, err, diagCode(want.code), want.pointer)
		}
		_, err := p.offer(p.role("shop", "watch"), record{"field": "place"})
		refused(t, err, "access.denied", "")
		_, err = p.e.Options(context.Background(), p.call(east, "shop"), "class", []byte(`{"field":"level"}`))
		refused(t, err, "entity.not_found", "")
	})
}

// What a tree's record is offered as the one above leaves the record itself out.
func TestOptionsOfATree(t *testing.T) {
	eachPicks(t, func(t *testing.T, p *picks) {
		r, err := p.e.Options(context.Background(), p.call(p.boss(), "shop"), "place", []byte(`{"field":"above","id":"`+p.east.id()+`","values":{}}`))
		if got := must[offer](t, r, err); got.String() != "西库" {
			t.Errorf("above: %v", got)
		}
	})
}
