package diag

var _ = Register(
	Entry{"file.not_found", NotFound, Text{"文件不存在，或您无权查看。", "The file does not exist, or you may not see it."}, Text{}},
	Entry{"file.too_large", TooLarge, Text{"文件超过 {limit} MB。", "The file is over {limit} MB."}, Text{"请压缩或拆分后再上传。", "Compress or split it."}},
	Entry{"export.format", Malformed, Text{"没有导出格式「{value}」，可用 csv 或 xlsx。", "There is no format “{value}”; use csv or xlsx."}, Text{}},
)
