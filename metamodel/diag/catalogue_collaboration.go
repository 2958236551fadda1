package diag

var _ = Register(
	Entry{"view.not_found", NotFound, Text{"没有视图「{view}」，或您无权查看。", "There is no view “{view}”, or you may not see it."}, Text{}},
	Entry{"view.saved_not_found", NotFound, Text{"没有这个已保存的视图，或您无权查看。", "There is no such saved view, or you may not see it."}, Text{}},
	Entry{"view.saved_not_yours", Denied, Text{"只有建立者或搭建者能修改这个已保存的视图。", "Only its owner or a builder may change this saved view."}, Text{"请另存为自己的视图。", "Save it as a view of your own."}},
	Entry{"view.saved_too_many", Conflict, Text{"已保存的视图太多：每人每个视图最多 {limit} 个，共享的最多 {shared} 个。", "There are too many saved views: at most {limit} a person and view, and {shared} shared ones."}, Text{"请先删除不用的。", "Delete some that are not in use."}},
	Entry{"view.saved_broken", Invalid, Text{"这个已保存的视图用到了不存在或您无权查看的内容。", "This saved view uses something that is not there or that you may not see."}, Text{"请让建立者修改，或删除它。", "Ask its owner to change or delete it."}},
)
