package diag

var _ = Register(
	Entry{"import.not_found", NotFound, Text{"没有这次导入，或不是您发起的。", "There is no such import, or it is not yours."}, Text{}},
	Entry{"import.no_header", Invalid, Text{"文件里找不到表头。", "No header row was found in the file."}, Text{"请让第一行写明各列的名称。", "Name the columns in the first row."}},
	Entry{"import.no_mapping", Invalid, Text{"没有任何列对应到字段。", "No column is mapped to a field."}, Text{"请至少为一列选择字段。", "Map at least one column."}},
	Entry{"import.column_unknown", Invalid, Text{"文件里没有列「{column}」。", "The file has no column “{column}”."}, Text{}},
	Entry{"import.field_twice", Invalid, Text{"字段「{field}」对应了多个列。", "The field “{field}” is mapped twice."}, Text{"每个字段只对应一列。", "Map each field once."}},
	Entry{"import.mode", Malformed, Text{"导入方式「{value}」不存在，可用 all_or_nothing 或 skip_bad。", "There is no mode “{value}”; use all_or_nothing or skip_bad."}, Text{}},
	Entry{"import.correction", Invalid, Text{"改正的内容要按“行号 → 列名 → 文本”填写，且行和列都在文件里。", "Corrections are texts by row number and column name, both of the file."}, Text{"请检查行号和列名。", "Check the row numbers and the column names."}},
	Entry{"import.too_many_corrections", Invalid, Text{"改正的单元格太多，最多 {max} 个。", "Too many cells are corrected; {max} at most."}, Text{"请在表格软件里改正后重新上传。", "Correct them in the spreadsheet and upload it again."}},
	Entry{"import.key", Invalid, Text{"「{field}」不能用来查找已有记录。", "“{field}” can't find existing records."}, Text{"请选择唯一的字段或编号。", "Choose a unique field or a number."}},
	Entry{"import.state", Conflict, Text{"导入处于「{state}」状态，不能再次开始。", "The import is {state} and can't be started again."}, Text{"请重新上传文件。", "Upload the file again."}},
	Entry{"import.cell_error", Invalid, Text{"单元格的值是错误或没有结果的公式：{value}。", "The cell holds an error or a formula without a result: {value}."}, Text{"请在表格软件里改正后重新保存。", "Correct it in the spreadsheet and save again."}},
	Entry{"import.reference_not_found", Invalid, Text{"「{field}」找不到「{value}」。", "“{field}”: there is no “{value}”."}, Text{"请先建立它，或改正拼写。", "Create it first, or correct the spelling."}},
	Entry{"import.line_not_found", Invalid, Text{"「{field}」找不到明细「{value}」。", "“{field}”: there is no line “{value}”."}, Text{"请填单据号加行号，例如 SO20250310-0001/2。", "Write the document's number and the place of the line, such as SO20250310-0001/2."}},
	Entry{"import.reference_ambiguous", Invalid, Text{"「{field}」有多条记录叫「{value}」。", "“{field}”: several records are called “{value}”."}, Text{"请改填编号。", "Use its code instead."}},
	Entry{"import.refused", Invalid, Text{"导入没有完成。", "The import did not succeed."}, Text{}},
	Entry{"import.rows_refused", Invalid, Text{"{count} 行有错误，什么也没有导入。", "{count} {count|row is|rows are} wrong; nothing was imported."}, Text{"请改正列出的行后重新导入，或选择跳过有错误的行（skip_bad）。", "Correct the rows that are listed and import again, or leave wrong rows out (skip_bad)."}},
	Entry{"import.twin", Invalid, Text{"第 {row} 行已有相同的「{fields}」。", "Row {row} has the same “{fields}”."}, Text{"请删去重复的行，或换一个值。", "Remove the repeated row, or choose another value."}},
	Entry{"import.row", Invalid, Text{"第 {row} 行：{problem}", "Row {row}: {problem}"}, Text{}},
)
