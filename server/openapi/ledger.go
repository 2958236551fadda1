package openapi

// ledgerOperations are the addresses of an app's ledgers. What a ledger keeps is read as the records of any entity.
func (b *builder) ledgerOperations() []operation {
	base := "/api/v1/apps/{app}/ledgers"
	name := obj{"type": "string"}
	day := obj{"type": []string{"string", "null"}, "format": "date"}
	meta := object("name!", name, "title!", label, "help", label, "icon", str, "entry_entity", name, "balance_entity", name, "cost_entity", name, "secondary_quantity", label, "closed_through!", day, "may_close!", flag)
	b.schemas["Ledger"] = meta
	difference := object("law!", str, "key!", str, "entry", str, "field!", str, "stored!", str, "right!", str)
	proof := object("ledger!", name, "whole!", flag, "count!", whole, "differences!", list(difference))
	count := object("ledgers!", whole, "rollups!", whole, "formulas!", whole, "aggregates!", whole)
	wrong := object("what!", obj{"type": "string", "enum": []string{"ledger", "rollup", "formula", "aggregate"}}, "name!", str, "law", str, "entity!", str, "record!", str, "line", str, "field!", str, "stored!", str, "recomputed!", str)
	earlier := object("id!", str, "entity!", name, "posting!", name, "ledger!", name, "change!", obj{"type": "string", "enum": []string{"added", "changed", "removed"}}, "since!", instant, "documents!", whole)
	b.schemas["Verification"] = object("checked!", count, "differences!", list(wrong), "truncated!", flag, "earlier", list(earlier), "took_ms!", whole)
	maybe := func(schema obj) obj { return obj{"anyOf": []obj{schema, {"type": "null"}}} }
	return []operation{
		{
			method: "post", path: "/api/v1/apps/{app}:verify", id: "apps.verify", summary: b.in(text{"核对账本、汇总、公式和预先统计", "prove all that the app keeps"}),
			request: object("sample", obj{"type": "integer", "minimum": 0}), optional: true, example: obj{"sample": 100}, response: ref("Verification"), refusals: []string{"503"},
		},
		{
			method: "post", path: "/api/v1/apps/{app}:repost", id: "apps.repost", summary: b.in(text{"按现在的规则重新过账", "post documents again by the rules of today"}),
			request: object("postings!", list(str)), example: obj{"postings": []string{"f0000001"}}, status: "202", response: job(), refusals: []string{"409"},
		},
		{
			method: "get", path: "/api/v1/apps/{app}/verification", id: "apps.verification", summary: b.in(text{"上一次核对的结果", "the last proof of all that the app keeps"}),
			response: object("at!", maybe(instant), "by!", maybe(obj{"type": "string", "enum": []string{"nightly", "admin"}}), "result!", maybe(ref("Verification"))),
		},
		{method: "get", path: base, id: "ledgers.list", summary: b.in(text{"账本列表", "the ledgers that the actor may look into"}), response: object("ledgers!", list(ref("Ledger")))},
		{method: "get", path: base + "/{ledger}", id: "ledgers.get", summary: b.in(text{"读取账本", "a ledger"}), response: ref("Ledger")},
		{
			method: "post", path: base + "/{ledger}:lock", id: "ledgers.lock", summary: b.in(text{"结账到某日，或用 null 取消结账", "close a ledger up to a day; null opens it again"}),
			request: object("through!", day), example: obj{"through": "2026-01-31"}, response: ref("Ledger"), refusals: []string{"409"},
		},
		{
			method: "post", path: base + "/{ledger}:close", id: "ledgers.close", summary: b.in(text{"月末结账：计算全月平均成本并结账", "close months: value what is valued by month, and lock"}),
			request: object("through!", obj{"type": "string", "format": "date"}), example: obj{"through": "2026-01-31"}, response: ref("Ledger"), refusals: []string{"409"},
		},
		{
			method: "post", path: base + "/{ledger}:verify", id: "ledgers.verify", summary: b.in(text{"用流水核对账本", "prove a ledger from its entries"}),
			request: object("sample", obj{"type": "integer", "minimum": 0}), optional: true, example: obj{"sample": 100}, response: proof, refusals: []string{"503"},
		},
	}
}
