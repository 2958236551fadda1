package openapi

// collaborationSchemas are the schemas of what people keep and tell each other around records.
func collaborationSchemas() obj {
	state := object("filter", str, "order_by", str, "group", str, "search", str,
		"columns", list(object("path!", str, "width", whole, "hidden", flag)))
	return obj{
		"Person": object("id!", uid, "name!", str),
		"SavedView": object("id!", uid, "title!", str, "shared!", flag, "mine!", flag, "owner!", ref("Person"), "state!", state,
			"broken", list(ref("Diagnostic")), "created_at!", instant, "updated_at!", instant),
		"Comment":      object("id!", uid, "text!", str, "mentions!", list(uid), "author!", ref("Person"), "created_at!", instant, "updated_at", instant),
		"CommentInput": object("text", obj{"type": "string", "maxLength": 4000}, "mentions", obj{"type": "array", "maxItems": 20, "items": uid}),
		"Notification": object("id!", uid, "kind!", obj{"type": "string", "enum": []string{"mention", "assigned", "rule", "verification"}}, "app!", str, "entity!", str, "entity_title!", str,
			"record!", str, "title!", str, "text", str, "actor!", ref("Person"), "created_at!", instant, "read_at", instant),
		"Todo": object("app!", str, "app_title!", str, "entity!", str, "entity_title!", str, "state!", str, "state_title!", str,
			"transitions!", list(object("name!", str, "title!", str)), "count!", whole, "view", str),
		"Present": object("id!", uid, "name!", str, "mode!", obj{"type": "string", "enum": []string{"viewing", "editing"}}, "since!", instant),
		"TemplateDetail": object("name!", str, "title!", label, "summary!", label, "icon!", str, "version!", str, "industry!", label, "installed!", flag, "conflict", str,
			"entities!", list(object("name!", str, "title!", label, "icon", str, "states!", flag, "fields!", list(object("name!", str, "title!", label, "kind!", str, "scale", whole, "options", list(object("name!", str, "title!", label, "color", str, "retired", flag)))))),
			"roles!", list(object("name!", str, "title!", label, "help", label, "installer", flag, "grants!", list(object("entity!", str, "title!", label, "actions!", texts, "transitions", texts, "restricted", flag)))),
			"views!", list(anyObj), "menu!", list(anyObj), "demo!", object("records!", whole), "sample!", anyObj),
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
		{
			method: "get", path: "/api/v1/notifications", id: "notifications.list", summary: b.in(text{"我的通知", "what I was told"}), params: []string{"page_size", "page_token"},
			inline:   []obj{{"name": "unread", "in": "query", "schema": flag}},
			response: object("notifications!", list(ref("Notification")), "unread!", whole, "next_page_token", str),
		},
		{
			method: "post", path: "/api/v1/notifications:read", id: "notifications.read", summary: b.in(text{"标为已读", "mark as read"}),
			request: object("ids", list(uid), "all", flag), example: obj{"all": true}, response: object("unread!", whole),
		},
		{method: "get", path: "/api/v1/todos", id: "todos.list", summary: b.in(text{"待办：等我处理的单据", "to-dos: records that wait for somebody like me"}), response: object("todos!", list(ref("Todo")))},
		{method: "delete", path: saved + "/{id}", id: "saved_views.delete", summary: b.in(text{"删除已保存的视图", "delete a saved view"}), status: "204"},
	}
}

// beside describes what stands beside an entity's records, for those who may read them.
func (d *described) beside() {
	const comments = "/{id}/comments"
	d.add(operation{method: "get", path: comments, params: []string{"page_size", "page_token"}, response: object("comments!", list(ref("Comment")), "next_page_token", str)}, "comments", text{"读取评论：", "Comments on"})
	d.add(operation{
		method: "post", path: comments, params: []string{"Idempotency-Key"}, request: ref("CommentInput"), example: obj{"text": "OK", "mentions": []string{}},
		status: "201", response: ref("Comment"), headers: []string{"Location", "Idempotency-Replayed"}, refusals: []string{"409"},
	}, "comment", text{"发表评论：", "Comment on"})
	d.add(operation{method: "patch", path: comments + "/{comment}", request: ref("CommentInput"), response: ref("Comment")}, "comment_update", text{"修改自己的评论：", "Change one's own comment on"})
	d.add(operation{
		method: "put", path: "/{id}/presence", request: object("mode!", obj{"type": "string", "enum": []string{"viewing", "editing"}}), example: obj{"mode": "viewing"},
		response: object("people!", list(ref("Present"))),
	}, "presence", text{"正在查看或编辑：", "Be at"})
	d.add(operation{method: "delete", path: "/{id}/presence", status: "204"}, "presence_leave", text{"离开：", "Leave"})
	d.add(operation{method: "delete", path: comments + "/{comment}", status: "204"}, "comment_delete", text{"删除评论：", "Delete a comment on"})
}
