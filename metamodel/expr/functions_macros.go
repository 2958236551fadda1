package expr

// macroDocs describe what is no ordinary function: today() and now(), what is rewritten, quantors and queries.
// Their types are judged by declarations of their own.
var macroDocs = []Function{
	{Name: "today", Group: GroupDate, Doc: text("公司时区的今天。", "Today in the company's zone."), Signatures: sigs([]Type{Dat}), Example: "today() >= date('2020-01-01')", Result: "true"},
	{Name: "now", Group: GroupDate, Doc: text("现在。", "The present instant."), Signatures: sigs([]Type{Ts}), Example: "dateOf(now()) == today()", Result: "true"},
	{Name: "mod", Group: GroupNumber, Doc: text("余数，与 a % b 相同。", "The remainder, the same as a % b."), Signatures: sigs([]Type{Int, Int, Int}, []Type{Dec, Dec, Dec}), Example: "mod(7, 3)", Result: "1"},
	{Name: "oneOf", Group: GroupLogic, Doc: text("是否等于其中一个，与 a in [b, c] 相同。", "Whether it equals one of them, the same as a in [b, c]."), Signatures: []Signature{sig([]TypeRef{{}, {}, {}}, one(Bool))}, Example: "oneOf('b', 'a', 'b')", Result: "true"},
	{Name: "hasRole", Group: GroupUser, Doc: text("当前用户是否有某个角色（角色的名称）。", "Whether the acting user has a role, by its name."), Signatures: sigs([]Type{Str, Bool}), Example: "hasRole('buyer')", Result: "false"},
	{Name: "inDepartment", Group: GroupUser, Doc: text("当前用户是否属于某个部门或其上级部门。", "Whether the acting user belongs to a department or to one below it."), Signatures: sigs([]Type{Str, Bool}), Example: "inDepartment('d1')", Result: "false"},

	{Name: "all", Group: GroupList, Member: true, Doc: text("是否每一项都符合条件。", "Whether every item meets the condition."), Signatures: quantorSig(Bool, Bool), Example: "[1, 2].all(x, x > 0)", Result: "true"},
	{Name: "exists", Group: GroupList, Member: true, Doc: text("是否有一项符合条件。", "Whether some item meets the condition."), Signatures: quantorSig(Bool, Bool), Example: "[1, 2].exists(x, x > 1)", Result: "true"},
	{Name: "exists_one", Group: GroupList, Member: true, Doc: text("是否恰有一项符合条件。", "Whether exactly one item meets the condition."), Signatures: quantorSig(Bool, Bool), Example: "[1, 2].exists_one(x, x > 0)", Result: "false"},
	{Name: "filter", Group: GroupList, Member: true, Doc: text("符合条件的各项。", "The items that meet the condition."), Signatures: []Signature{sig([]TypeRef{{List: true}, one(Bool)}, TypeRef{List: true})}, Example: "size([1, 2, 3].filter(x, x > 1))", Result: "2"},
	{Name: "map", Group: GroupList, Member: true, Doc: text("每一项算出的值。", "The value of each item."), Signatures: []Signature{sig([]TypeRef{{List: true}, {}}, TypeRef{List: true})}, Example: "[1, 2].map(x, x * 10)", Result: "10, 20"},
	{Name: "sum", Group: GroupList, Member: true, Doc: text("各项之和；没有项时为 0，空值不计。", "The sum of the values; 0 of no items, null is passed over."), Signatures: quantorSig(Dec, Dec), Example: "[1, 2].sum(x, x * 1.5)", Result: "4.5"},
	{Name: "min", Group: GroupList, Member: true, Doc: text("各项中最小的值；没有项时为空。", "The least value; null of no items."), Signatures: quantorSig(Unknown, Unknown), Example: "[3, 2].min(x, x)", Result: "2"},
	{Name: "max", Group: GroupList, Member: true, Doc: text("各项中最大的值；没有项时为空。", "The greatest value; null of no items."), Signatures: quantorSig(Unknown, Unknown), Example: "[3, 2].max(x, x)", Result: "3"},
	{Name: "avg", Group: GroupList, Member: true, Doc: text("各项的平均值；没有项时为空，空值不计。", "The average of the values; null of no items, null is passed over."), Signatures: quantorSig(Dec, Dec), Example: "[1, 2].avg(x, x)", Result: "1.5"},
	{Name: "count", Group: GroupList, Member: true, Doc: text("符合条件的项数。", "How many items meet the condition."), Signatures: quantorSig(Bool, Int), Example: "[1, 2, 3].count(x, x > 1)", Result: "2"},

	{Name: "sumOf", Group: GroupQuery, Doc: text("另一实体中符合条件的记录之和；没有时为 0。", "The sum over an entity's records that meet the condition; 0 of none."), Example: "sumOf(goods_receipt_line, l, l.item == id, l.qty)"},
	{Name: "countOf", Group: GroupQuery, Doc: text("另一实体中符合条件的记录数。", "How many records of an entity meet the condition."), Example: "countOf(goods_receipt_line, l, l.item == id)"},
	{Name: "minOf", Group: GroupQuery, Doc: text("另一实体中符合条件的记录的最小值；没有时为空。", "The least value over an entity's records that meet the condition; null of none."), Example: "minOf(goods_receipt_line, l, l.item == id, l.price)"},
	{Name: "maxOf", Group: GroupQuery, Doc: text("另一实体中符合条件的记录的最大值；没有时为空。", "The greatest value over an entity's records that meet the condition; null of none."), Example: "maxOf(goods_receipt_line, l, l.item == id, l.price)"},
	{Name: "existsOf", Group: GroupQuery, Doc: text("另一实体中是否有符合条件的记录。", "Whether an entity has a record that meets the condition."), Example: "existsOf(goods_receipt_line, l, l.item == id)"},
	{Name: "lookupOf", Group: GroupQuery, Doc: text("另一实体中符合条件的最新一条记录的值；没有时为空。最后可再写一个日期，取日期最晚的一条，例如某日的汇率：lookupOf(rate, r, r.currency == currency && r.day <= day, r.rate, r.day)。", "The value of the newest record of an entity that meets the condition; null of none. With a date as one argument more, of the record in which that is the latest, such as a rate of a day: lookupOf(rate, r, r.currency == currency && r.day <= day, r.rate, r.day)."), Example: "lookupOf(price_list, p, p.item == id, p.price)"},
}

func quantorSig(body, result Type) []Signature {
	return []Signature{sig([]TypeRef{{List: true}, {Type: body}}, one(result))}
}
