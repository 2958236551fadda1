package diag

var _ = Register(
	Entry{
		"schema.conversion_failed", Conflict,
		Text{"{entity}的字段“{field}”有 {count} 条记录的值无法转换成新类型，例如：{records}。", "{count} {count|record|records} of {entity} {count|has|have} a value in field \"{field}\" that can't be converted to its new type, for example: {records}."},
		Text{"请先修改这些记录的值，或保留字段原来的类型，再发布。", "Correct these records or keep the field's old type, then release again."},
	},
	Entry{
		"schema.duplicates", Conflict,
		Text{"{entity}的唯一约束“{key}”无法启用：已有 {count} 组重复的值。", "The unique key \"{key}\" of {entity} can't be set: {count} {count|set of values occurs|sets of values occur} more than once."},
		Text{"请先合并或修改重复的记录，再发布。", "Merge or correct the duplicate records, then release again."},
	},
)
