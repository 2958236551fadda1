package server

import (
	"fmt"
	"strings"
	"testing"

	"tenon/engine/store"
	"tenon/engine/store/storetest"
)

// stockroom is a workspace with stock, seen through HTTP alone.
type stockroom struct {
	t           *testing.T
	w           *world
	item, house string
}

func newStockroom(t *testing.T, c store.Config) *stockroom {
	w := newStocks(t, c, 4)
	g := &stockroom{t: t, w: w}
	g.item = w.admin.do("POST", stocks+"item", map[string]any{"name": "螺丝"}).want(201).text("id")
	g.house = w.admin.do("POST", stocks+"warehouse", map[string]any{"name": "主仓"}).want(201).text("id")
	return g
}

func (g *stockroom) draft(entity, day, qty string, more map[string]any) string {
	g.t.Helper()
	line := map[string]any{"item": g.item, "warehouse": g.house, "qty": qty}
	for k, v := range more {
		line[k] = v
	}
	return g.w.admin.do("POST", stocks+entity, map[string]any{"day": day, "lines": []any{line}}).want(201).text("id")
}

func (g *stockroom) move(entity, id, name string, headers ...string) *answer {
	g.t.Helper()
	return g.w.admin.do("POST", stocks+entity+"/"+id+":transition", map[string]any{"transition": name}, headers...)
}

// has compares what the ledger says of the item.
func (g *stockroom) has(quantity, worth string) {
	g.t.Helper()
	list := g.w.admin.do("GET", stocks+"stock_cost", nil).want(200).json()["records"].([]any)
	r := list[0].(map[string]any)
	if len(list) != 1 || r["quantity"] != quantity || r["value"] != worth {
		g.t.Errorf("the ledger has %v, want %s worth %s", list, quantity, worth)
	}
}

func eachStockroom(t *testing.T, test func(t *testing.T, g *stockroom)) {
	storetest.EachConfig(t, func(t *testing.T, c store.Config) { test(t, newStockroom(t, c)) })
}

// Goods come, are sold and taken back; who sells too much is told which line, what and when, in his language.
func TestLedgerOverHTTP(t *testing.T) {
	eachStockroom(t, func(t *testing.T, g *stockroom) {
		receipt := g.draft("receipt", "2026-01-05", "10", map[string]any{"rate": "2.5"})
		g.move("receipt", receipt, "approve").want(200)
		g.has("10.0000", "25.00")
		issue := g.draft("issue", "2026-01-10", "4", nil)
		g.move("issue", issue, "approve").want(200)
		g.has("6.0000", "15.00")
		much := g.draft("issue", "2026-01-11", "7", nil)
		for lang, words := range map[string][]string{"zh-CN": {"螺丝", "主仓", "6", "7", "2026-01-11", "可用"}, "en-US": {"螺丝", "主仓", "6", "7", "2026-01-11", "not enough"}} {
			a := g.move("issue", much, "approve", "Accept-Language", lang).refused(422, "ledger.negative")
			d := a.json()["errors"].([]any)[0].(map[string]any)
			if !strings.HasPrefix(fmt.Sprint(d["pointer"], d["path"]), "/lines/0") && !strings.Contains(fmt.Sprint(d), "/lines/0") {
				t.Errorf("the refusal stands at %v", d)
			}
			for _, word := range words {
				if !strings.Contains(fmt.Sprint(d), word) {
					t.Errorf("%s: %v doesn't say %s", lang, d, word)
				}
			}
		}
		a := g.move("receipt", receipt, "cancel").refused(422, "ledger.negative_later")
		if !strings.Contains(fmt.Sprint(a.json()), "2026-01-10") {
			t.Errorf("who would go short isn't told: %v", a.json())
		}
		g.move("issue", issue, "cancel").want(200)
		g.has("10.0000", "25.00")
		g.move("receipt", receipt, "cancel").want(200)
		g.has("0.0000", "0.00")
		entries := g.w.admin.do("POST", stocks+"stock_entry:aggregate", map[string]any{"measures": []any{map[string]any{"fn": "sum", "field": "quantity", "as": "q"}, map[string]any{"fn": "sum", "field": "value", "as": "v"}}}).want(200).json()
		if got := fmt.Sprint(entries["groups"]); !strings.Contains(got, "q:0") || !strings.Contains(got, "v:0") {
			t.Errorf("the entries come to %s", got)
		}
	})
}

// A closed period takes nothing, whoever asks; those who may release the app close and open it, and that is noted.
func TestLedgerLock(t *testing.T) {
	eachStockroom(t, func(t *testing.T, g *stockroom) {
		admin := g.w.admin
		keeper := g.w.person("keeper@example.com")
		admin.do("PUT", stocks+"roles/keeper/users/"+keeper.id(), nil).want(204)
		receipt := g.draft("receipt", "2026-01-05", "10", map[string]any{"rate": "2"})
		g.move("receipt", receipt, "approve").want(200)
		if m := keeper.do("GET", stocks+"ledgers/stock", nil).want(200).json(); m["closed_through"] != nil || m["may_close"] != false || m["balance_entity"] != "stock_balance" {
			t.Errorf("%v", m)
		}
		keeper.do("POST", stocks+"ledgers/stock:lock", map[string]any{"through": "2026-01-31"}).refused(403, "access.role_needed")
		keeper.do("POST", stocks+"ledgers/stock:verify", nil).refused(403, "access.role_needed")
		for body, code := range map[string]string{`{}`: "body.wrong_member", `{"through":"31.1."}`: "ledger.day_malformed", `{"through":"2026-01-31","x":1}`: "body.unknown_member"} {
			if a := admin.do("POST", stocks+"ledgers/stock:lock", body); !strings.Contains(fmt.Sprint(a.json()), code) {
				t.Errorf("%s: %v", body, a.json())
			}
		}
		admin.do("POST", stocks+"ledgers/nothing:lock", map[string]any{"through": "2026-01-31"}).refused(404, "ledger.not_found")
		if m := admin.do("POST", stocks+"ledgers/stock:lock", map[string]any{"through": "2026-01-31"}).want(200).json(); m["closed_through"] != "2026-01-31" {
			t.Errorf("%v", m)
		}
		g.move("receipt", receipt, "cancel").refused(409, "ledger.period_closed")
		late := g.draft("receipt", "2026-01-31", "1", map[string]any{"rate": "2"})
		g.move("receipt", late, "approve").refused(409, "ledger.period_closed")
		next := g.draft("receipt", "2026-02-01", "1", map[string]any{"rate": "2"})
		g.move("receipt", next, "approve").want(200)
		g.has("11.0000", "22.00")
		admin.do("POST", stocks+"ledgers/stock:lock", map[string]any{"through": nil}).want(200)
		g.move("receipt", late, "approve").want(200)
		g.has("12.0000", "24.00")
		if log := admin.do("GET", "/api/v1/audit?action=ledger.lock", nil).want(200).json()["entries"].([]any); len(log) != 2 || fmt.Sprint(log[1].(map[string]any)["data"]) != "map[ledger:stock through:2026-01-31 was:<nil>]" {
			t.Errorf("the audit log has %v", log)
		}
		proof := admin.do("POST", stocks+"ledgers/stock:verify", map[string]any{"sample": 10}).want(200).json()
		if proof["whole"] != true || fmt.Sprint(proof["differences"]) != "[]" {
			t.Errorf("%v", proof)
		}
		app := strings.TrimSuffix(stocks, "/")
		keeper.do("POST", app+":verify", nil).refused(403, "access.role_needed")
		keeper.do("GET", stocks+"verification", nil).refused(403, "access.role_needed")
		all := admin.do("POST", app+":verify", nil).want(200).json()
		if n := all["checked"].(map[string]any); fmt.Sprint(n["ledgers"]) != "5" || fmt.Sprint(all["differences"]) != "[]" || all["truncated"] != false {
			t.Errorf("%v", all)
		}
		if last := admin.do("GET", stocks+"verification", nil).want(200).json(); last["by"] != "admin" || fmt.Sprint(last["result"]) != fmt.Sprint(all) {
			t.Errorf("the last proof is %v", last)
		}
		if l := fmt.Sprint(keeper.do("GET", stocks+"ledgers", nil).want(200).json()["ledgers"]); !strings.Contains(l, "name:stock ") {
			t.Errorf("the keeper sees %s", l)
		}
	})
}

// Over HTTP, too, what a ledger keeps is written through no door, and the contract offers none.
func TestKeptRecordsOverHTTP(t *testing.T) {
	eachStockroom(t, func(t *testing.T, g *stockroom) {
		receipt := g.draft("receipt", "2026-01-05", "10", map[string]any{"rate": "2"})
		g.move("receipt", receipt, "approve").want(200)
		admin := g.w.admin
		for _, entity := range []string{"stock_entry", "stock_balance", "stock_cost"} {
			id := admin.do("GET", stocks+entity, nil).want(200).json()["records"].([]any)[0].(map[string]any)["id"].(string)
			change := map[string]any{"quantity": "99"}
			admin.do("POST", stocks+entity, change).refused(403, "entity.kept")
			admin.do("PATCH", stocks+entity+"/"+id, change).refused(403, "entity.kept")
			admin.do("DELETE", stocks+entity+"/"+id, nil).refused(403, "entity.kept")
			admin.do("POST", stocks+entity+"/"+id+":restore", nil).refused(403, "entity.kept")
			admin.do("POST", stocks+entity+"/"+id+":duplicate", nil).refused(403, "entity.kept")
			admin.do("POST", stocks+entity+":batch", map[string]any{"operations": []any{map[string]any{"delete": map[string]any{"id": id}}}}).refused(403, "entity.kept")
		}
		g.has("10.0000", "20.00")
		paths := admin.do("GET", stocks+"openapi.json", nil).want(200).json()["paths"].(map[string]any)
		if ops := paths[strings.TrimSuffix(stocks, "/")+"/stock_balance"].(map[string]any); ops["get"] == nil || ops["post"] != nil {
			t.Errorf("the contract offers %v", ops)
		}
		admin.do("DELETE", stocks+"item/"+g.item, nil).refused(409, "record.in_use")
	})
}

// What is valued by month gets its cost when the month is closed: all that went out, at the average of the month.
func TestLedgerClose(t *testing.T) {
	eachStockroom(t, func(t *testing.T, g *stockroom) {
		admin := g.w.admin
		admin.do("PATCH", stocks+"item/"+g.item, map[string]any{"cost_method": "month"}).want(200)
		g.move("receipt", g.draft("receipt", "2026-01-05", "10", map[string]any{"rate": "2"}), "approve").want(200)
		g.move("issue", g.draft("issue", "2026-01-10", "5", nil), "approve").want(200)
		g.move("receipt", g.draft("receipt", "2026-01-20", "10", map[string]any{"rate": "4"}), "approve").want(200)
		admin.do("POST", stocks+"ledgers/stock:close", map[string]any{"through": nil}).refused(400, "body.wrong_member")
		admin.do("POST", stocks+"ledgers/stock:close", map[string]any{"through": "2026-01-30"}).refused(422, "ledger.close_month_end")
		g.w.guest = g.w.person("guest@example.com")
		admin.do("PUT", stocks+"roles/keeper/users/"+g.w.guest.id(), nil).want(204)
		g.w.guest.do("POST", stocks+"ledgers/stock:close", map[string]any{"through": "2026-01-31"}).refused(403, "access.role_needed")
		if m := admin.do("POST", stocks+"ledgers/stock:close", map[string]any{"through": "2026-01-31"}).want(200).json(); m["closed_through"] != "2026-01-31" {
			t.Errorf("%v", m)
		}
		g.has("15.0000", "45.00")
		late := g.draft("issue", "2026-01-31", "1", nil)
		g.move("issue", late, "approve").refused(409, "ledger.period_closed")
		if proof := admin.do("POST", stocks+"ledgers/stock:verify", nil).want(200).json(); proof["whole"] != true {
			t.Errorf("%v", proof)
		}
	})
}
