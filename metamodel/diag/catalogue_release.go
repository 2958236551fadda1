package diag

var _ = Register(
	Entry{"document.stale", Stale, Text{"草稿已被他人修改。", "Someone else has changed the draft."}, Text{"请重新读取后再保存。", "Read it again, then save."}},
	Entry{"document.path", Malformed, Text{"「{path}」不是文档的路径。", "“{path}” is not the path of a document."}, Text{"路径如 entities/item.json、views/item_table.json、app.json。", "Paths look like entities/item.json, views/item_table.json, app.json."}},
	Entry{"app.renamed", Invalid, Text{"应用的名称「{name}」不能修改。", "The app's name “{name}” can't be changed."}, Text{"请修改标题。", "Change its title instead."}},
	Entry{"app.name_invalid", Invalid, Text{"「{name}」不能作为应用名称。", "“{name}” can't be the name of an app."}, Text{"名称以小写字母开头，只含小写字母、数字和下划线。", "Begin with a small letter and use small letters, digits and underscores."}},
	Entry{"release.reason_missing", Invalid, Text{"请填写发布原因。", "A release needs a reason."}, Text{}},
	Entry{"release.plan_stale", Conflict, Text{"发布计划已过期：草稿或线上版本已变化。", "The plan is out of date: the draft or what runs has changed."}, Text{"请重新查看计划。", "Look at the plan again."}},
	Entry{"release.nothing", Conflict, Text{"没有需要发布的修改。", "There is nothing to release."}, Text{}},
	Entry{"release.moved", Conflict, Text{"其他人刚刚发布了新版本。", "Someone else has just released."}, Text{"请重新查看计划。", "Look at the plan again."}},
)
