package diag

var _ = Register(
	Entry{"view.not_found", NotFound, Text{"没有视图「{view}」，或您无权查看。", "There is no view “{view}”, or you may not see it."}, Text{}},
	Entry{"view.saved_not_found", NotFound, Text{"没有这个已保存的视图，或您无权查看。", "There is no such saved view, or you may not see it."}, Text{}},
	Entry{"view.saved_not_yours", Denied, Text{"只有建立者或搭建者能修改这个已保存的视图。", "Only its owner or a builder may change this saved view."}, Text{"请另存为自己的视图。", "Save it as a view of your own."}},
	Entry{"view.saved_too_many", Conflict, Text{"已保存的视图太多：每人每个视图最多 {limit} 个，共享的最多 {shared} 个。", "There are too many saved views: at most {limit} a person and view, and {shared} shared ones."}, Text{"请先删除不用的。", "Delete some that are not in use."}},
	Entry{"view.saved_broken", Invalid, Text{"这个已保存的视图用到了不存在或您无权查看的内容。", "This saved view uses something that is not there or that you may not see."}, Text{"请让建立者修改，或删除它。", "Ask its owner to change or delete it."}},
	Entry{"presence.mode_unknown", Invalid, Text{"没有方式「{value}」，可用：{known}。", "There is no mode “{value}”; the modes are: {known}."}, Text{}},
	Entry{"comment.not_found", NotFound, Text{"没有这条评论。", "There is no such comment."}, Text{}},
	Entry{"comment.not_yours", Denied, Text{"只能修改或删除自己的评论。", "Only one's own comments can be changed or deleted."}, Text{"管理员可以删除他人的评论。", "An administrator can delete others' comments."}},
	Entry{"comment.mention_unknown", Invalid, Text{"提到的人不存在，或无权查看这条记录。", "Who is mentioned doesn't exist, or may not see this record."}, Text{"请选择能看到这条记录的人。", "Choose somebody who can see it."}},
	Entry{"comment.too_fast", TooMany, Text{"评论过于频繁：每分钟最多 {limit} 条。", "Too many comments in a short time: at most {limit} a minute."}, Text{"请稍后再试。", "Try again shortly."}},
	Entry{"comment.too_many", Conflict, Text{"这条记录的评论已达上限 {limit} 条。", "The record has {limit} comments, which is the limit."}, Text{"请先删除不需要的评论。", "Delete some that are not needed."}},
)
