package openapi

// platform describes what does not depend on an app's documents.
func (b *builder) platform() {
	b.tag("service", b.in(text{"服务状态", "state of the service"}))
	b.tag("identity", b.in(text{"登录与账号", "signing in and one's own account"}))
	b.tag("people", b.in(text{"用户、部门与角色", "users, departments and roles"}))
	b.tag("apps", b.in(text{"应用", "apps"}))
	b.tag("documents", b.in(text{"应用文档与发布", "documents of apps, and releases"}))
	b.tag("events", b.in(text{"实时事件", "live events"}))
	b.tag("collaboration", b.in(text{"协作：视图、评论、通知、待办", "working together: saved views, comments, notifications, to-dos"}))
	for _, o := range b.serviceOperations() {
		o.tag, o.public = "service", true
		b.add(o)
	}
	b.addAll("identity", b.identityOperations())
	b.addAll("people", b.peopleOperations())
	b.addAll("apps", b.appOperations())
	b.addAll("ledgers", b.ledgerOperations())
	b.addAll("jobs", b.jobOperations())
	b.addAll("documents", b.documentOperations())
	b.addAll("events", b.eventOperations())
	b.addAll("collaboration", b.collaborationOperations())
}

func (b *builder) addAll(tag string, ops []operation) {
	for _, o := range ops {
		o.tag = tag
		b.add(o)
	}
}

func (b *builder) serviceOperations() []operation {
	status := object("status!", str)
	return []operation{
		{method: "get", path: "/healthz", id: "service.health", summary: b.in(text{"进程是否存活", "whether the process is alive"}), response: status},
		{method: "get", path: "/readyz", id: "service.ready", summary: b.in(text{"是否可以接受请求", "whether requests are welcome"}), response: status, refusals: []string{"503"}},
		{method: "get", path: "/metrics", id: "service.metrics", summary: b.in(text{"Prometheus 指标，仅本机或管理员", "metrics for Prometheus, on the machine itself or for administrators"}), response: str, answers: "text/plain", refusals: []string{"404"}},
		{method: "get", path: "/api/v1/openapi.json", id: "service.openapi", summary: b.in(text{"接口说明", "this description"}), inline: []obj{{"name": "app", "in": "query", "schema": pathSchema("app")}}, response: anyObj, refusals: []string{"404"}},
		{method: "get", path: "/api/v1/schemas", id: "schemas.list", summary: b.in(text{"各类文档的 JSON Schema", "JSON Schemas of the kinds of documents"}), response: object("schemas!", list(object("kind!", str, "id!", str, "title!", str, "description!", str, "url!", str))), headers: []string{"ETag"}},
		{method: "get", path: "/api/v1/schemas/{kind}", id: "schemas.get", summary: b.in(text{"一类文档的 JSON Schema（2020-12）", "the JSON Schema (2020-12) of a kind of documents"}), response: anyObj, answers: "application/schema+json", headers: []string{"ETag"}},
		{method: "get", path: "/api/v1/functions", id: "functions.list", summary: b.in(text{"公式语言：函数与运算符", "the language of expressions: functions and operators"}), response: object("groups!", list(anyObj), "operators!", list(anyObj), "functions!", list(anyObj)), headers: []string{"ETag"}},
	}
}

func (b *builder) identityOperations() []operation {
	return []operation{
		{method: "get", path: "/api/v1/setup", id: "setup.state", public: true, summary: b.in(text{"是否需要首次设置", "whether the first administrator is still to be made"}), response: ref("Setup")},
		{
			method: "post", path: "/api/v1/setup", id: "setup.run", public: true, summary: b.in(text{"创建第一个管理员", "make the first administrator"}),
			request: object("token!", str, "workspace", str, "email!", str, "name!", str, "password!", str, "locale", str), status: "201", response: ref("User"), refusals: []string{"403", "410"},
		},
		{
			method: "post", path: "/api/v1/sessions", id: "sessions.create", public: true, summary: b.in(text{"登录", "sign in"}),
			request: object("email!", str, "password!", str), status: "201", response: ref("User"), refusals: []string{"401", "403"},
		},
		{
			method: "post", path: "/api/v1/password-resets", id: "password_resets.use", public: true, summary: b.in(text{"用一次性重置码设置新密码", "choose a password with a one-time code"}),
			request: object("email!", str, "code!", str, "password!", str), status: "204",
		},
		{method: "get", path: "/api/v1/sessions", id: "sessions.list", summary: b.in(text{"我的会话", "my sessions"}), response: object("sessions!", list(ref("Session")))},
		{method: "delete", path: "/api/v1/sessions/{session}", id: "sessions.delete", summary: b.in(text{"退出（current 为当前会话）", "sign out (current is this session)"}), status: "204"},
		{method: "get", path: "/api/v1/me", id: "me.get", summary: b.in(text{"当前账号", "who I am"}), response: ref("Actor")},
		{
			method: "patch", path: "/api/v1/me", id: "me.update", summary: b.in(text{"修改语言或密码", "change language or password"}),
			request: object("name", str, "locale", str, "password", str, "current_password", str), response: ref("Actor"),
		},
		{method: "get", path: "/api/v1/tokens", id: "tokens.list", summary: b.in(text{"我的令牌", "my tokens"}), response: object("tokens!", list(ref("Token")))},
		{
			method: "post", path: "/api/v1/tokens", id: "tokens.create", summary: b.in(text{"新建令牌；只显示一次", "make a token; it is shown once"}),
			request: object("name!", str, "days", whole), status: "201", response: ref("Token"),
		},
		{method: "delete", path: "/api/v1/tokens/{id}", id: "tokens.delete", summary: b.in(text{"吊销令牌", "revoke a token"}), status: "204"},
	}
}

func (b *builder) peopleOperations() []operation {
	user := object("email", str, "name", str, "password", str, "active", flag, "admin", flag, "builder", flag, "reviewer", flag, "locale", str, "departments", list(uid), "attributes", obj{"type": "object", "additionalProperties": str})
	department := object("name", str, "parent", str, "position", whole)
	page := []string{"page_size", "page_token"}
	q := []obj{{"name": "q", "in": "query", "schema": str}}
	return []operation{
		{method: "get", path: "/api/v1/people", id: "people.list", summary: b.in(text{"按姓名查找用户", "find people by name"}), inline: append(q, obj{"name": "ids", "in": "query", "schema": texts, "style": "form", "explode": false}), params: page[:1], response: object("people!", list(object("id!", uid, "name!", str)))},
		{method: "get", path: "/api/v1/users", id: "users.list", summary: b.in(text{"用户列表（管理员）", "users (administrators)"}), inline: q, params: page, response: object("users!", list(ref("User")), "next_page_token", str)},
		{method: "post", path: "/api/v1/users", id: "users.create", summary: b.in(text{"新建用户", "make a user"}), request: user, status: "201", response: ref("User"), refusals: []string{"409"}},
		{method: "get", path: "/api/v1/users/{id}", id: "users.get", summary: b.in(text{"读取用户", "read a user"}), response: ref("User")},
		{method: "patch", path: "/api/v1/users/{id}", id: "users.update", summary: b.in(text{"修改用户", "change a user"}), request: user, response: ref("User"), refusals: []string{"409"}},
		{method: "delete", path: "/api/v1/users/{id}", id: "users.delete", summary: b.in(text{"删除用户", "remove a user"}), status: "204", refusals: []string{"409"}},
		{method: "post", path: "/api/v1/users/{id}:reset", id: "users.reset", summary: b.in(text{"生成一次性重置码", "make a one-time reset code"}), status: "201", response: object("reset_code!", str, "expires_at", instant)},
		{method: "get", path: "/api/v1/users/{id}/tokens", id: "users.tokens", summary: b.in(text{"用户的令牌；id 写 - 为所有用户（管理员）", "tokens of a user, of all users where id is - (administrators)"}), params: page, response: object("tokens!", list(ref("UserToken")), "next_page_token", str)},
		{method: "delete", path: "/api/v1/users/{id}/tokens/{token}", id: "users.tokens_delete", summary: b.in(text{"吊销用户的令牌（管理员）", "revoke a user's token (administrators)"}), status: "204"},
		{method: "get", path: "/api/v1/departments", id: "departments.list", summary: b.in(text{"部门列表", "departments"}), response: object("departments!", list(ref("Department")))},
		{method: "post", path: "/api/v1/departments", id: "departments.create", summary: b.in(text{"新建部门", "make a department"}), request: department, status: "201", response: ref("Department"), refusals: []string{"409"}},
		{method: "patch", path: "/api/v1/departments/{id}", id: "departments.update", summary: b.in(text{"修改部门", "change a department"}), request: department, response: ref("Department"), refusals: []string{"409"}},
		{method: "delete", path: "/api/v1/departments/{id}", id: "departments.delete", summary: b.in(text{"删除部门", "delete a department"}), status: "204", refusals: []string{"409"}},
		{
			method: "get", path: "/api/v1/audit", id: "audit.list", summary: b.in(text{"审计日志（管理员）", "audit log (administrators)"}), params: page,
			inline:   []obj{{"name": "app", "in": "query", "schema": str}, {"name": "actor", "in": "query", "schema": str}, {"name": "action", "in": "query", "schema": str}},
			response: object("entries!", list(ref("AuditEntry")), "next_page_token", str),
		},
		{method: "post", path: "/api/v1/audit:verify", id: "audit.verify", summary: b.in(text{"校验审计链", "verify the chain of the audit log"}), response: object("sealed!", whole, "unsealed!", whole, "broken", obj{"type": []string{"object", "null"}}), refusals: []string{"503"}},
		{method: "get", path: "/api/v1/apps/{app}/roles", id: "roles.list", summary: b.in(text{"角色及其成员", "roles and who has them"}), response: object("roles!", list(ref("Role")))},
		{method: "put", path: "/api/v1/apps/{app}/roles/{role}/users/{user}", id: "roles.assign", summary: b.in(text{"授予角色", "give a role"}), status: "204"},
		{method: "delete", path: "/api/v1/apps/{app}/roles/{role}/users/{user}", id: "roles.withdraw", summary: b.in(text{"收回角色", "take a role away"}), status: "204"},
	}
}

func (b *builder) appOperations() []operation {
	return []operation{
		{method: "get", path: "/api/v1/templates", id: "templates.list", summary: b.in(text{"模板", "templates"}), response: object("templates!", list(ref("Template")))},
		{method: "get", path: "/api/v1/templates/{name}", id: "templates.get", summary: b.in(text{"模板的内容与示例数据", "what a template consists of, with some of its demo data"}), response: ref("TemplateDetail")},
		{method: "get", path: "/api/v1/apps", id: "apps.list", summary: b.in(text{"应用列表", "apps"}), response: object("apps!", list(ref("App")))},
		{
			method: "post", path: "/api/v1/apps", id: "apps.create", summary: b.in(text{"安装模板或新建空白应用", "install a template or begin an empty app"}),
			request: object("template", str, "demo", flag, "name", str, "title", str), example: obj{"template": "general", "demo": true}, status: "201", response: ref("Installed"), refusals: []string{"409"},
		},
		{method: "get", path: "/api/v1/apps/{app}/meta", id: "apps.meta", summary: b.in(text{"界面所需的元数据（按权限裁剪）", "what a screen needs to know, by the actor's rights"}), response: anyObj, headers: []string{"ETag"}},
		{method: "get", path: "/api/v1/apps/{app}/views/{view}", id: "views.get", summary: b.in(text{"视图的说明（按权限裁剪）", "what a view shows, by the actor's rights"}), response: ref("View"), headers: []string{"ETag"}},
		{
			method: "post", path: "/api/v1/apps/{app}/views/{view}:data", id: "views.data", summary: b.in(text{"仪表盘的数据", "what the cards of a dashboard show"}), request: ref("DashboardRequest"), response: ref("DashboardData"),
			example: obj{"filters": obj{"period": obj{"from": "2026-11-01", "to": "2026-11-30"}}, "cards": []string{"sales"}},
		},
		{method: "get", path: "/api/v1/apps/{app}/openapi.json", id: "apps.openapi", summary: b.in(text{"应用的接口说明", "description of the app's interface"}), response: anyObj},
		{
			method: "get", path: "/api/v1/apps/{app}/search", id: "apps.search", summary: b.in(text{"全局搜索", "search everywhere"}), response: ref("Hits"),
			inline: []obj{{"name": "q", "in": "query", "required": true, "schema": str}, {"name": "entities", "in": "query", "schema": texts, "style": "form", "explode": false}, {"name": "limit", "in": "query", "schema": obj{"type": "integer", "minimum": 1, "maximum": 100}}},
		},
		{method: "post", path: "/api/v1/files", id: "files.upload", summary: b.in(text{"上传文件", "upload a file"}), media: "multipart/form-data", request: object("file!", obj{"type": "string", "format": "binary"}), status: "201", response: ref("File")},
		{method: "get", path: "/api/v1/files/{id}", id: "files.download", summary: b.in(text{"下载文件", "download a file"}), response: obj{"type": "string", "format": "binary"}, answers: "application/octet-stream"},
	}
}

func (b *builder) documentOperations() []operation {
	match := []string{"If-Match"}
	docs := object("documents!", obj{"type": "object", "description": "path → document, null to delete", "additionalProperties": obj{"type": []string{"object", "null"}}})
	return []operation{
		{method: "get", path: "/api/v1/apps/{app}/documents", id: "documents.list", summary: b.in(text{"草稿文档", "documents of the draft"}), response: anyObj, headers: []string{"ETag"}},
		{method: "put", path: "/api/v1/apps/{app}/documents", id: "documents.put_many", params: match, summary: b.in(text{"一次保存多个文档", "save several documents at once"}), request: docs, response: anyObj, refusals: []string{"412"}},
		{method: "get", path: "/api/v1/apps/{app}/documents:export", id: "documents.export", summary: b.in(text{"导出为 zip", "export as a zip"}), response: obj{"type": "string", "format": "binary"}, answers: "application/zip"},
		{method: "post", path: "/api/v1/apps/{app}/documents:import", id: "documents.import", summary: b.in(text{"从 zip 导入", "import a zip"}), media: "application/zip", request: obj{"type": "string", "format": "binary"}, response: anyObj},
		{method: "get", path: "/api/v1/apps/{app}/documents/{kind}/{name}", id: "documents.get", summary: b.in(text{"读取文档", "read a document"}), inline: []obj{{"name": "revision", "in": "query", "schema": str}}, response: ref("Document"), headers: []string{"ETag"}},
		{method: "put", path: "/api/v1/apps/{app}/documents/{kind}/{name}", id: "documents.put", params: match, summary: b.in(text{"保存文档", "save a document"}), request: ref("Document"), response: anyObj, headers: []string{"ETag"}, refusals: []string{"412"}},
		{method: "delete", path: "/api/v1/apps/{app}/documents/{kind}/{name}", id: "documents.delete", params: match, summary: b.in(text{"删除文档", "delete a document"}), response: anyObj, refusals: []string{"412"}},
		{method: "get", path: "/api/v1/apps/{app}/check", id: "draft.check", summary: b.in(text{"检查草稿", "check the draft"}), response: anyObj},
		{method: "get", path: "/api/v1/apps/{app}/plan", id: "draft.plan", summary: b.in(text{"发布计划", "what a release would do"}), response: anyObj},
		{method: "get", path: "/api/v1/apps/{app}/releases", id: "releases.list", params: []string{"page_size", "page_token"}, summary: b.in(text{"发布记录", "releases"}), response: object("releases!", list(ref("Release")), "next_page_token", str)},
		{method: "post", path: "/api/v1/apps/{app}/releases", id: "releases.create", summary: b.in(text{"发布草稿", "release the draft"}), request: object("reason", str, "plan", str, "repost", list(str)), optional: true, status: "201", response: anyObj, refusals: []string{"409"}},
	}
}

func (b *builder) eventOperations() []operation {
	q := func(name string, required bool) obj {
		return obj{"name": name, "in": "query", "required": required, "schema": str}
	}
	return []operation{
		{
			method: "get", path: "/api/v1/events", id: "events.stream", summary: b.in(text{"变更事件流（SSE，CloudEvents 1.0）", "stream of changes (server-sent events, CloudEvents 1.0)"}),
			inline:   []obj{q("app", false), q("entity", false), q("record", false), {"name": "Last-Event-ID", "in": "header", "schema": str}},
			response: str, answers: "text/event-stream", refusals: []string{"404"},
		},
	}
}
