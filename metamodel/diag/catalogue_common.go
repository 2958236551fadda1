package diag

// Internal is the code of every error that Tenon can't explain to a user.
const Internal Code = "internal"

var _ = Register(
	Entry{Internal, Broken, Text{"系统内部错误。", "An internal error occurred."}, Text{"请稍后重试；若仍出现，请把请求编号交给管理员。", "Try again; if it persists, give the request id to the administrator."}},
	Entry{"limit.exceeded", Invalid, Text{"{what}超过上限：{actual}，最多 {limit}。", "{what} is over the limit: {actual}, at most {limit}."}, Text{"请减少后重试。", "Reduce it and try again."}},
)
