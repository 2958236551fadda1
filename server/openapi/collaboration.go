package openapi

// collaborationSchemas are the schemas of what people keep and tell each other around records.
func collaborationSchemas() obj {
	state := object("filter", str, "order_by", str, "group", str, "search", str,
		"columns", list(object("path!", str, "width", whole, "hidden", flag)))
	return obj{
		"Person": object("id!", uid, "name!", str),
		"SavedView": object("id!", uid, "title!", str, "shared!", flag, "mine!", flag, "owner!", ref("Person"), "state!", state,
			"broken", list(ref("Diagnostic")), "created_at!", instant, "updated_at!", instant),
		"SavedViewInput": object("title", str, "shared", flag, "state", state),
	}
}

// collaborationOperations describe what stands beside records: views of one's own.
func (b *builder) collaborationOperations() []operation {
	const saved = "/api/v1/apps/{app}/views/{view}/saved"
	return []operation{
		{method: "get", path: saved, id: "saved_views.list", summary: b.in(text{"自己的和他人共享的视图", "one's own saved views, and those that others share"}), response: object("saved!", list(ref("SavedView")))},
		{
			method: "post", path: saved, id: "saved_views.create", summary: b.in(text{"保存视图", "save a view"}), request: ref("SavedViewInput"),
			example: obj{"title": "低库存", "shared": true, "state": obj{"filter": "available < safety_stock", "order_by": "code"}},
			status:  "201", response: ref("SavedView"), headers: []string{"Location"}, refusals: []string{"409"},
		},
		{method: "patch", path: saved + "/{id}", id: "saved_views.update", summary: b.in(text{"修改已保存的视图", "change a saved view"}), request: ref("SavedViewInput"), response: ref("SavedView"), refusals: []string{"409"}},
		{method: "delete", path: saved + "/{id}", id: "saved_views.delete", summary: b.in(text{"删除已保存的视图", "delete a saved view"}), status: "204"},
	}
}
