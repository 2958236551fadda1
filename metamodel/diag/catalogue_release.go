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
	Entry{"release.repost_unknown", Invalid, Text{"过账「{posting}」在这次发布中没有修改或删除，不能重新过账。", "The posting “{posting}” is neither changed nor taken away by this release, so that it can't be posted again."}, Text{"请填写发布计划中 postings 的 id。", "Give ids of the plan's postings."}},
	Entry{"release.posting_added", Invalid, Text{"新增过账「{posting}」（{entity} → {ledger}）：发布后由后台作业为已有的 {documents} 张单据过账。", "New posting “{posting}” ({entity} → {ledger}): after the release a job applies it to the {documents} {documents|document that is|documents that are} there."}, Text{}},
	Entry{"release.posting_changed", Invalid, Text{"修改过账「{posting}」（{entity} → {ledger}）：已有 {posted} 张单据按原规则过账，默认保持不变，单据再次保存时才按新规则；选择重新过账的，由后台作业更正未结账期间的流水，已结账的不变。", "Changed posting “{posting}” ({entity} → {ledger}): {posted} {posted|document has|documents have} posted by the old rule. That stays, until a document is saved again; where you choose to post again, a job corrects the entries of open periods, and closed ones stay."}, Text{}},
	Entry{"release.posting_removed", Invalid, Text{"删除过账「{posting}」（{entity} → {ledger}）：已有 {posted} 张单据由它过账，默认保持不变；选择重新过账的，由后台作业冲回未结账期间的流水，已结账的不变。", "Posting “{posting}” ({entity} → {ledger}) is taken away: {posted} {posted|document has|documents have} posted by it. That stays; where you choose to post again, a job takes the entries of open periods back, and closed ones stay."}, Text{}},
	Entry{"release.posting_differ", Invalid, Text{"未结账期间的 {looked} 张单据中，{differ} 张的流水会不同。", "Of {looked} {looked|document|documents} of open periods, the entries of {differ} would be others."}, Text{}},
	Entry{"release.posting_differ_more", Invalid, Text{"未结账期间最早的 {looked} 张单据中，{differ} 张的流水会不同；其余的没有逐张比对。", "Of the earliest {looked} {looked|document|documents} of open periods, the entries of {differ} would be others; the rest wasn't compared."}, Text{}},
	Entry{"release.posting_unknown", Invalid, Text{"新规则用到这次发布才有的内容，无法事先比对有多少单据会不同。", "The new rule reads what only this release brings, so that it can't be told before how many documents would differ."}, Text{}},
	Entry{"posting.repost_unknown", Invalid, Text{"没有单据按「{posting}」以前的规则过账。", "Nothing is noted to be posted by an earlier rule of “{posting}”."}, Text{"请填写核对结果 earlier 中的 id。", "Give ids that a proof has under earlier."}},
	Entry{"posting.repost_nothing", Invalid, Text{"请指明要重新过账的过账。", "Say which postings are to be posted again."}, Text{}},
	Entry{"posting.document_waits", Conflict, Text{"「{entity}」{record} 不能过账：{why}", "{entity} “{record}” can't be posted: {why}"}, Text{}},
)
