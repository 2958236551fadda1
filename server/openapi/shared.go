package openapi

import "tenon/metamodel"

// sharedSchemas are the schemas that do not depend on an app.
func sharedSchemas() obj {
	wrongRow := object("row!", whole, "cells!", texts,
		"errors!", list(object("column", str, "field!", str, "code!", str, "severity!", str, "message!", str, "cure!", str)))
	return obj{
		"Problem": obj{
			"type": "object", "description": "RFC 9457", "required": []string{"type", "title", "status", "detail", "code", "request_id", "errors"},
			"properties": obj{
				"type": obj{"type": "string", "format": "uri-reference"}, "title": str, "status": whole, "detail": str,
				"code": obj{"type": "string", "description": "stable, noun.problem", "examples": []any{"record.not_found"}}, "instance": obj{"type": "string", "format": "uri-reference"}, "request_id": str, "errors": list(ref("Diagnostic")),
			},
		},
		"Diagnostic": object("pointer!", obj{"type": "string", "format": "json-pointer"}, "code!", str, "message!", str, "cure", str,
			"severity!", obj{"type": "string", "enum": []string{"error", "warning", "info"}},
			"position", object("offset!", whole, "length!", whole, "line!", whole, "column!", whole)),
		"Setup": object("needed!", flag),
		"Actor": object("id!", uid, "name!", str, "email!", str, "locale!", language, "kind!", str, "admin!", flag, "builder!", flag, "reviewer!", flag, "departments!", list(uid),
			"attributes!", attributes, "must_change_password!", flag, "roles!", obj{"type": "object", "description": "app → names of roles", "additionalProperties": texts}, "workspace", obj{"type": "string", "description": "what the workspace is called"}),
		"Session":   object("id!", str, "created_at!", instant, "last_used_at!", instant, "expires_at!", instant, "ip!", str, "agent!", str, "current!", flag),
		"UserToken": object("id!", uid, "user!", object("id!", uid, "name!", str), "name!", str, "prefix!", str, "created_at!", instant, "expires_at!", maybeInstant, "last_used_at!", maybeInstant),
		"Token":     object("id!", uid, "name!", str, "prefix!", str, "created_at!", instant, "expires_at!", maybeInstant, "last_used_at!", maybeInstant, "token", str),
		"User": object("id!", uid, "name!", str, "email!", str, "active!", flag, "admin!", flag, "builder!", flag, "reviewer!", flag, "locale!", language, "departments!", list(uid),
			"attributes!", attributes, "must_change_password!", flag, "created_at!", instant, "last_login_at!", maybeInstant, "reset_code", str),
		"Department": object("id!", uid, "name!", str, "parent!", obj{"type": []string{"string", "null"}, "format": "uuid"}, "position!", whole),
		"Role":       object("id!", str, "name!", str, "title!", str, "help!", str, "users!", list(object("id!", uid, "name!", str, "email!", str)), "more!", flag),
		"AuditEntry": object("seq!", whole, "at!", instant, "actor!", str, "actor_kind!", str, "action!", str, "app", str, "entity", str, "record", str, "version", whole, "code", str, "request", str, "data", anyObj),
		"App":        object("name!", str, "title!", str, "titles!", label, "summary", str, "icon", str, "version!", str, "generation!", whole, "roles!", texts),
		"Template":   object("name!", str, "title!", label, "summary!", label, "icon!", str, "version!", str, "industry!", label, "demo!", flag, "installed!", flag),
		"Installed":  object("app!", str, "title!", str, "commit!", str, "generation!", whole, "demo_records!", whole),
		"Document":   obj{"type": "object", "description": "source form"},
		"Release":    object("commit!", str, "author!", str, "reason!", str, "at!", instant, "live!", flag),
		"Batch": object("operations!", obj{"type": "array", "minItems": 1, "items": obj{"type": "object", "minProperties": 1, "properties": obj{
			"entity": str, "create": anyObj, "update": object("id!", uid, "version", whole, "values!", anyObj), "delete": object("id!", uid, "version", whole),
			"restore": object("id!", uid), "transition": object("id!", uid, "transition!", str, "version", whole),
		}}}),
		"Aggregate": object("filter", str, "search", str, "view", str, "saved", str, "group_by", texts, "measures", list(object("fn!", obj{"type": "string", "enum": []string{"count", "sum", "avg", "min", "max", "distinct"}}, "field", str, "where", str, "as", str)), "limit", whole),
		"Groups":    object("groups!", list(object("key!", anyObj, "values!", anyObj)), "more", flag, "kept", flag, "computing", texts),
		"Import": object(
			"import!", uid, "state!", obj{"type": "string", "enum": []string{"uploaded", "running", "done", "failed", "cancelled"}}, "name", str, "sheet", str, "sheets", texts,
			"headers", texts, "mapping", obj{"type": "object", "additionalProperties": str}, "group", str, "mode", str, "rows", whole, "read", whole, "written", whole, "skipped", whole,
			"fields", list(object("name!", str, "title!", str, "required!", flag, "lines", str, "lines_title", str, "key_only", flag)), "sample", list(texts), "problem", str,
			"errors", list(wrongRow),
		),
		"ImportPreview": object(
			"rows!", list(wrongRow), "checked!", whole, "bad!", whole, "create!", whole, "update!", whole, "total!", whole, "listed!", whole, "next_offset", whole,
			"records", list(object("row!", whole, "last!", whole, "update!", flag, "values!", anyObj)), "display", ref("Display"),
		),
		"File":    object("id!", uid, "name!", str, "size!", whole, "type!", str),
		"Display": obj{"type": "object", "description": "texts by the ids of records, people and departments; what may not be seen is left out", "additionalProperties": str},
		"Form":    object("values!", anyObj, "display!", ref("Display"), "hidden!", texts, "required!", texts, "readonly!", texts, "diagnostics!", list(ref("Diagnostic"))),
		"Options": object("options!", list(object(
			"id!", str, "display!", obj{"type": []string{"string", "null"}}, "detail", str, "open", str,
			"document", object("entity!", str, "record!", uid),
			"via", object("field!", str, "id!", uid),
			"set", obj{"type": "object", "additionalProperties": object("id!", uid, "display!", obj{"type": []string{"string", "null"}})},
		)), "next_page_token", str, "closed", flag),
		"History": object("entries!", list(object("at!", instant, "actor!", str, "actor_kind!", str, "action!", str, "version!", whole, "changes!", list(anyObj))), "display!", ref("Display"), "next_page_token", str),
		"ValueExplanation": object(
			"entity!", str, "record!", uid, "line", str, "field!", str, "title!", label, "value!", obj{}, "formula", str,
			"kind!", obj{"type": "string", "enum": []string{"formula", "rollup", "ledger", "number", "system", "entered"}},
			"rollup", object("function!", str, "entity!", str, "title!", label, "field!", str, "value", str, "where", str),
			"inputs", list(object("path!", str, "title!", label, "kind!", str, "entity", str, "record", uid, "line", str, "field", str, "value!", obj{})),
			"rows", list(object("entity!", str, "record!", uid, "line", str, "field", str, "kind", str, "value!", obj{}, "of", texts, "day", str, "document", object("entity!", str, "record!", uid))),
			"hidden", whole, "more", flag, "computing", flag, "provisional", flag,
			"changed", object("at!", instant, "actor!", str, "action!", str), "next_page_token", str, "display!", ref("Display"),
		),
		"Hits": object("results!", list(object("entity!", str, "entity_title!", str, "id!", uid, "display!", obj{}))),
	}
}

func sharedParameters(b *builder) obj {
	p := func(name, in string, schema obj, t text) obj {
		return obj{"name": name, "in": in, "schema": schema, "description": b.in(t)}
	}
	q := func(name string, schema obj, t text) obj { return p(name, "query", schema, t) }
	commas := func(name string, t text) obj {
		o := q(name, texts, t)
		o["style"], o["explode"] = "form", false
		return o
	}
	out := obj{
		"page_size":       q("page_size", obj{"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, text{"每页条数", "records on a page"}),
		"page_token":      q("page_token", str, text{"上一页返回的 next_page_token", "next_page_token of the page before"}),
		"skip":            q("skip", obj{"type": "integer", "minimum": 0, "maximum": metamodel.MaxSkip, "default": 0}, text{"先跳过多少条；有 page_token 时从那里起算", "how many records to leave out first, counted from page_token where that is given"}),
		"fields":          commas("fields", text{"只返回这些字段；明细字段写作 lines.item", "only these fields; fields of lines as lines.item"}),
		"expand":          commas("expand", text{"同时返回这些引用字段指向的记录，放在 expanded 里", "also return the records that these references point at, under expanded"}),
		"display":         q("display", flag, text{"同时返回引用的记录、人员和部门的显示文字，放在 display 里", "also return what to show for the records, people and departments that are mentioned, under display"}),
		"filter":          q("filter", str, text{"CEL 条件，可用字段名和引用路径", "a CEL condition over field names and paths of references"}),
		"order_by":        q("order_by", str, text{"排序字段，逗号分隔，可加 desc", "fields to order by, separated by commas, each optionally followed by desc"}),
		"search":          q("search", str, text{"在搜索字段里查找的文字", "text to find in the search fields"}),
		"count":           q("count", obj{"type": "string", "enum": []string{"exact", "estimate"}}, text{"是否返回总数", "whether to count all"}),
		"deleted":         q("deleted", flag, text{"查看回收站", "look into the recycle bin"}),
		"view":            q("view", str, text{"按此视图的条件筛选；没有 order_by 时按它的顺序，并返回成立的颜色规则", "only what this view shows, in its order unless there is order_by, with the colour rules that hold"}),
		"saved":           q("saved", str, text{"视图里的命名筛选", "a named filter of the view"}),
		"If-Match":        p("If-Match", "header", str, text{"读取时得到的 ETag；不符则 412", "the ETag as it was read; 412 when it has changed"}),
		"Idempotency-Key": p("Idempotency-Key", "header", obj{"type": "string", "minLength": 1, "maxLength": 128}, text{"重试时不重复执行", "makes retries safe"}),
	}
	filter := out["filter"].(obj)
	filter["examples"] = obj{"state": obj{"value": "state == 'approved'"}, "range": obj{"value": "created_at >= datetime('2026-01-01T00:00:00Z')"}}
	order := out["order_by"].(obj)
	order["example"] = "created_at desc"
	return out
}

func sharedHeaders(b *builder) obj {
	return obj{
		"ETag":                 obj{"schema": str, "description": b.in(text{"版本，用于 If-Match", "the version, for If-Match"})},
		"Location":             obj{"schema": obj{"type": "string", "format": "uri-reference"}, "description": b.in(text{"新资源的地址", "address of what was made"})},
		"Idempotency-Replayed": obj{"schema": flag, "description": b.in(text{"这是先前请求的结果", "the answer of an earlier request"})},
	}
}

// problems are the refusals that answers are described with.
var problems = map[string]text{
	"400": {"请求无法读懂", "The request can't be read"},
	"401": {"未登录", "Nobody is signed in"},
	"403": {"没有权限", "Not allowed"},
	"404": {"不存在或不可见", "Absent or not visible"},
	"409": {"冲突", "Conflict"},
	"410": {"已失效", "Gone"},
	"412": {"已被他人修改", "Changed meanwhile"},
	"413": {"内容过大", "Too large"},
	"415": {"内容类型不对", "Wrong content type"},
	"422": {"内容有误", "The content is not valid"},
	"429": {"请求过于频繁", "Too many requests"},
	"503": {"暂时不可用", "Try again later"},
}

func sharedResponses(b *builder) obj {
	out := obj{}
	for status, t := range problems {
		out["Problem"+status] = obj{"description": b.in(t), "content": obj{"application/problem+json": obj{"schema": ref("Problem")}}}
	}
	return out
}
