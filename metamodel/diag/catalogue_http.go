package diag

var _ = Register(
	Entry{"request.not_found", NotFound, Text{"没有这个地址。", "There is nothing at this address."}, Text{"请对照接口说明 /api/v1/openapi.json。", "Compare with /api/v1/openapi.json."}},
	Entry{"request.method_not_allowed", Malformed, Text{"这个地址不支持 {method}。", "This address does not answer to {method}."}, Text{"请对照接口说明 /api/v1/openapi.json。", "Compare with /api/v1/openapi.json."}},
	Entry{"request.malformed", Malformed, Text{"请求无法读懂。", "The request can't be read."}, Text{"请检查请求行和请求头。", "Check the request line and the headers."}},
	Entry{"request.slow", Malformed, Text{"请求发送得太慢。", "The request arrived too slowly."}, Text{"请检查网络后重试。", "Check the network and try again."}},
	Entry{"request.headers_too_large", TooLarge, Text{"请求头过大，最多 {limit} 字节。", "The headers are too large; at most {limit} bytes."}, Text{"请清除 Cookie 或缩短地址后重试。", "Clear cookies or shorten the address, then try again."}},
	Entry{"request.too_many", TooMany, Text{"请求过于频繁，请在 {retry_after} 秒后重试。", "Too many requests; try again in {retry_after} s."}, Text{}},
	Entry{"request.busy", Unavailable, Text{"系统正忙。", "The system is busy."}, Text{"请稍后重试。", "Try again shortly."}},
	Entry{"request.deadline", Unavailable, Text{"处理超过了 {limit} 秒，已停止，没有保存任何内容。", "It took more than {limit} s and was stopped; nothing was saved."}, Text{"请缩小查询范围，或减少一次提交的数据。", "Narrow the query, or send less at once."}},
	Entry{"request.cancelled", Unavailable, Text{"连接已断开，处理已停止。", "The connection was closed and the work was stopped."}, Text{}},
	Entry{"request.stopping", Unavailable, Text{"系统正在停止或升级。", "The system is stopping or being upgraded."}, Text{"请稍后重试。", "Try again shortly."}},

	Entry{"body.media_type", MediaType, Text{"内容类型应为 {expected}。", "The content type must be {expected}."}, Text{"请设置请求头 Content-Type。", "Set the Content-Type header."}},
	Entry{"body.content_encoding", MediaType, Text{"请求内容不能压缩。", "The body must not be compressed."}, Text{"请去掉请求头 Content-Encoding。", "Leave the Content-Encoding header out."}},
	Entry{"body.too_large", TooLarge, Text{"请求内容过大，最多 {limit} 字节。", "The body is too large; at most {limit} bytes."}, Text{"请减少内容，或分几次发送。", "Send less, or send it in parts."}},
	Entry{"body.truncated", Malformed, Text{"请求内容不完整。", "The body ended too early."}, Text{"请重新发送。", "Send it again."}},
	Entry{"body.unexpected", Malformed, Text{"这个请求不应带内容。", "This request takes no body."}, Text{"请去掉请求内容。", "Leave the body out."}},
	Entry{"body.member_required", Invalid, Text{"缺少「{name}」。", "“{name}” is missing."}, Text{}},

	Entry{"upload.malformed", Malformed, Text{"上传的内容不是有效的 multipart/form-data。", "The upload is not valid multipart/form-data."}, Text{"请用表单方式上传文件。", "Upload the file as a form."}},
	Entry{"upload.file_missing", Malformed, Text{"上传的内容里没有文件（字段名应为 file）。", "The upload holds no file (its field must be named file)."}, Text{"请选择一个文件。", "Choose a file."}},
	Entry{"upload.part_unexpected", Malformed, Text{"不认识上传字段「{name}」；只接受一个名为 file 的文件。", "The part “{name}” is not known here; exactly one file named file is taken."}, Text{"请一次只上传一个文件。", "Upload one file at a time."}},

	Entry{"query.parameter_unknown", Malformed, Text{"不认识参数「{name}」，可用的有：{known}。", "The parameter “{name}” is not known here; known are: {known}."}, Text{"请删除它或改正拼写。", "Remove it or correct its spelling."}},
	Entry{"query.parameter_none", Malformed, Text{"不认识参数「{name}」；这个地址不接受参数。", "The parameter “{name}” is not known here; this address takes none."}, Text{"请删除它。", "Remove it."}},
	Entry{"query.parameter_repeated", Malformed, Text{"参数「{name}」出现了多次。", "The parameter “{name}” appears more than once."}, Text{"每个参数只写一次；多个值用逗号分隔。", "Give each parameter once; separate several values by commas."}},
	Entry{"query.parameter_malformed", Malformed, Text{"参数「{name}」应为{expected}。", "The parameter “{name}” must be {expected}."}, Text{}},
	Entry{"query.parameter_range", Malformed, Text{"参数「{name}」应在 {low} 到 {high} 之间。", "The parameter “{name}” must be between {low} and {high}."}, Text{}},

	Entry{"header.if_match", Malformed, Text{"请求头 If-Match 应为读取时得到的 ETag。", "The header If-Match must be an ETag as it was read."}, Text{"请原样带回响应头 ETag 的值。", "Send the value of the ETag header back as it was."}},
	Entry{"header.idempotency_key", Malformed, Text{"请求头 Idempotency-Key 应为 1 到 {limit} 个可见的 ASCII 字符。", "The header Idempotency-Key must be 1 to {limit} visible ASCII characters."}, Text{"请使用随机的 UUID。", "Use a random UUID."}},
	Entry{"header.last_event_id", Malformed, Text{"请求头 Last-Event-ID 无法读懂。", "The header Last-Event-ID can't be read."}, Text{"请不带它重新连接，并刷新数据。", "Connect again without it and read the data anew."}},

	Entry{"event.too_many_streams", TooMany, Text{"同时打开的实时连接太多，最多 {limit} 个。", "Too many live connections are open; at most {limit}."}, Text{"请关闭一些页面。", "Close some pages."}},

	Entry{"config.value_malformed", Invalid, Text{"环境变量 {name} 的值无效：应为{expected}。", "The environment variable {name} is not valid: it must be {expected}."}, Text{}},
	Entry{"config.conflict", Invalid, Text{"环境变量 {name} 不能与 {other} 同时设置。", "The environment variables {name} and {other} exclude each other."}, Text{"只保留其中一个。", "Keep one of them."}},
	Entry{"config.variable_unknown", Invalid, Text{"不认识环境变量 {name}，可用的有：{known}。", "The environment variable {name} is not known; known are: {known}."}, Text{"请改正拼写或删除它。", "Correct its spelling or remove it."}},
	Entry{"config.data_locked", Conflict, Text{"数据目录 {dir} 正被另一个进程使用。", "The data directory {dir} is in use by another process."}, Text{"请先停止它，或用 TENON_DATA 指定另一个目录。", "Stop it first, or name another directory in TENON_DATA."}},

	Entry{"audit.broken", Broken, Text{"审计链在第 {seq} 条记录（第 {position} 个封条）处断开：{reason}。此前 {sealed} 条完好。", "The audit chain breaks at entry {seq} (seal {position}): {reason}. {sealed} {sealed|entry before it is|entries before it are} intact."}, Text{"请与备份和另存的检查点比对。", "Compare with backups and checkpoints kept elsewhere."}},
	Entry{"backup.exists", Conflict, Text{"文件 {file} 已存在。", "The file {file} exists already."}, Text{"请换一个文件名。", "Choose another name."}},
	Entry{"backup.not_empty", Conflict, Text{"数据目录不是空的，不能恢复。", "The workspace is not empty, so nothing was restored."}, Text{"请用 TENON_DATA 指定一个空目录。", "Name an empty directory in TENON_DATA."}},
	Entry{"backup.damaged", Invalid, Text{"{file} 不是完好的备份。", "{file} is not an intact backup."}, Text{"请使用另一份备份。", "Use another backup."}},

	Entry{"command.unknown", Malformed, Text{"没有命令「{name}」。", "There is no command “{name}”."}, Text{"运行 tenon help 查看所有命令。", "Run tenon help for the list of commands."}},
	Entry{"command.usage", Malformed, Text{"用法：{usage}", "Usage: {usage}"}, Text{}},
)
