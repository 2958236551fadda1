package openapi

// ledgerOperations are the addresses of an app's ledgers. What a ledger keeps is read as the records of any entity.
func (b *builder) ledgerOperations() []operation {
	base := "/api/v1/apps/{app}/ledgers"
	name := obj{"type": "string"}
	day := obj{"type": []string{"string", "null"}, "format": "date"}
	meta := object("name!", name, "title!", label, "help", label, "icon", str, "entry_entity", name, "balance_entity", name, "cost_entity", name, "closed_through!", day, "may_close!", flag)
	b.schemas["Ledger"] = meta
	difference := object("law!", str, "key!", str, "entry", str, "field!", str, "stored!", str, "right!", str)
	proof := object("ledger!", name, "whole!", flag, "count!", whole, "differences!", list(difference))
	return []operation{
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
			request: object("sample", obj{"type": "integer", "minimum": 1}), optional: true, example: obj{"sample": 100}, response: proof, refusals: []string{"503"},
		},
	}
}
