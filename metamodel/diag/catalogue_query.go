package diag

var _ = Register(
	Entry{"query.too_complex", Malformed, Text{"查询过于复杂：最多 {limit} {what}。", "The query is too complex: at most {limit} {what}."}, Text{"请减少条件、排序或关联的层次后重试。", "Use fewer conditions, sort keys or relations and try again."}},
	Entry{"query.not_lowerable", Invalid, Text{"“{what}”不能用于筛选或排序，因为数据库无法计算它。", "“{what}” can't be used to filter or sort, because the database can't compute it."}, Text{"请改写条件，或把它做成存储的计算字段。", "Rewrite the condition, or make it a stored computed field."}},
	Entry{"query.text_invalid", Malformed, Text{"查询文字含有无法识别的字符。", "The text to look for has characters that can't be read."}, Text{"请去掉不可见字符后重试。", "Remove invisible characters and try again."}},
	Entry{"query.cursor_invalid", Malformed, Text{"翻页位置无效，列表的排序可能已经改变。", "The page position is not valid; the list's order may have changed."}, Text{"请从第一页重新开始。", "Start again from the first page."}},
	Entry{"query.sum_overflow", Invalid, Text{"合计结果的位数过多，无法精确表示。", "The total has too many digits to be exact."}, Text{"请缩小筛选范围。", "Narrow the filter."}},
)
