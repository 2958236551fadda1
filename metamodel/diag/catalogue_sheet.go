package diag

// Problems of files that are imported or exported as tables.
var _ = Register(
	Entry{"import.file_type", MediaType, Text{"「{name}」不是可以导入的表格文件。", "“{name}” is not a table file that can be imported."}, Text{"请在 Excel 或 WPS 中另存为 .xlsx 或 CSV 后再上传。", "Save it as .xlsx or CSV in your spreadsheet program and upload it again."}},
	Entry{"import.too_large", TooLarge, Text{"{what}太大：{actual}，最多 {limit}。", "{what} is too large: {actual}, at most {limit}."}, Text{"请拆成几个文件分别导入，或删去不需要的工作表和列。", "Split it into several files, or remove sheets and columns that are not needed."}},
	Entry{"import.too_many_rows", TooLarge, Text{"行数超过上限：最多 {limit} 行。", "There are too many rows: at most {limit}."}, Text{"请拆成几个文件分别导入。", "Split it into several files."}},
	Entry{"import.too_many_columns", TooLarge, Text{"第 {row} 行的列数超过上限：最多 {limit} 列。", "Row {row} has too many columns: at most {limit}."}, Text{"请删去不需要的列后再导入；若是 CSV，请检查分隔符。", "Remove columns that are not needed; for CSV, check the separator."}},
	Entry{"import.cell_too_long", Invalid, Text{"第 {row} 行第 {column} 列的内容太长：最多 {limit} 个字符。", "The cell in row {row}, column {column} is too long: at most {limit} characters."}, Text{"请缩短内容；若是 CSV，请检查是否有未闭合的引号。", "Shorten it; for CSV, look for a quote that is never closed."}},
	Entry{"import.bad_zip", Invalid, Text{"文件已损坏或不安全，无法打开（{reason}）。", "The file is damaged or unsafe and can't be opened ({reason})."}, Text{"请用 Excel 或 WPS 打开并另存为新的 .xlsx 文件后再上传。", "Open it in a spreadsheet program, save it as a new .xlsx file and upload that."}},
	Entry{"import.bad_sheet", Invalid, Text{"工作表「{sheet}」已损坏，无法读取（{reason}）。", "The sheet “{sheet}” is damaged and can't be read ({reason})."}, Text{"请用 Excel 或 WPS 打开并另存为新的 .xlsx 文件后再上传。", "Open it in a spreadsheet program, save it as a new .xlsx file and upload that."}},
	Entry{"import.no_sheet", NotFound, Text{"文件里没有名为「{sheet}」的工作表。", "The file has no sheet named “{sheet}”."}, Text{"请从列出的工作表中选择。", "Choose one of the sheets that are listed."}},
	Entry{"import.encrypted", Invalid, Text{"文件有密码保护，无法读取。", "The file is protected by a password and can't be read."}, Text{"请在 Excel 或 WPS 中去掉打开密码后再上传。", "Remove the password in your spreadsheet program and upload it again."}},
	Entry{"import.empty", Invalid, Text{"文件里没有数据。", "The file holds no data."}, Text{"请确认选对了文件和工作表。", "Check that this is the right file and sheet."}},
	Entry{"import.bad_encoding", Invalid, Text{"第 {line} 行的文字无法识别：文件既不是 UTF-8，也不是 GB18030（GBK）编码。", "The text in line {line} can't be read: the file is neither UTF-8 nor GB18030 (GBK)."}, Text{"请在 Excel 或 WPS 中另存为「CSV UTF-8」后再上传。", "Save it as “CSV UTF-8” in your spreadsheet program and upload it again."}},
	Entry{"import.bad_csv", Invalid, Text{"第 {line} 行的引号不成对或位置不对。", "A quote in line {line} is unpaired or misplaced."}, Text{"内容里有引号时，请把整格用引号括起来，并把其中的引号写两遍；或另存为 .xlsx 后再上传。", "Where a cell holds a quote, put the whole cell in quotes and write the inner quote twice; or save it as .xlsx."}},
	Entry{"export.too_many_rows", TooLarge, Text{"导出的行数超过上限：最多 {limit} 行。", "There are too many rows to export: at most {limit}."}, Text{"请用筛选条件缩小范围，分几次导出。", "Narrow it down with a filter and export in parts."}},
)
