package openapi

import (
	"cmp"
	"slices"

	"tenon/engine/policy"
	"tenon/metamodel"
)

// app describes the records of an app as far as the actor may work with them.
func (b *builder) app() {
	for _, e := range b.Snap.App.Entities {
		if !e.IsLines() {
			b.entity(e)
		}
	}
}

// may is the decision of one action on an entity.
func (b *builder) may(e *metamodel.Entity, a metamodel.Action) policy.Decision {
	return b.Snap.Permissions.Decide(b.Actor, e, a)
}

// entity describes the operations on an entity's records that the actor is granted.
func (b *builder) entity(e *metamodel.Entity) {
	read := b.may(e, metamodel.ActRead)
	known := read.Allow
	for _, a := range metamodel.Actions {
		known = known || b.may(e, a).Allow
	}
	if !known {
		return
	}
	d := described{b: b, e: e, tag: b.Snap.App.Name + "." + e.Name, base: "/api/v1/apps/" + b.Snap.App.Name + "/" + e.Name, name: pascal(e.Name)}
	b.tag(d.tag, e.Title.In(b.Lang))
	d.schemas(read)
	if read.Allow {
		d.reading()
		d.beside()
	}
	d.writing()
	d.moving()
}

// described is an entity on its way into the description.
type described struct {
	b               *builder
	e               *metamodel.Entity
	tag, base, name string
	create, update  bool
}

// schemas adds the schemas of the entity's records as they are read, created and changed.
func (d *described) schemas(read policy.Decision) {
	answer := object("id!", uid, "version!", whole)
	if read.Allow {
		answer = d.record(d.e, read.Readable, true, true)
	}
	answer["properties"].(obj)["expanded"] = anyObj
	answer["properties"].(obj)["display"] = ref("Display")
	answer["properties"].(obj)["computing"] = computing(d.b)
	answer["properties"].(obj)["warnings"] = list(ref("Diagnostic"))
	d.b.schemas[d.name] = answer
	if may := d.b.may(d.e, metamodel.ActCreate); may.Allow {
		d.create = true
		d.b.schemas[d.name+"Create"] = d.record(d.e, d.writable(may), false, true)
	}
	if may := d.b.may(d.e, metamodel.ActUpdate); may.Allow {
		d.update = true
		d.b.schemas[d.name+"Update"] = d.record(d.e, d.writable(may), false, false)
	}
	d.b.schemas[d.name+"List"] = object("records!", list(ref(d.name)), "next_page_token", str, "count", whole, "display", ref("Display"), "computing", computing(d.b), "colors", obj{"type": "object", "description": d.b.in(text{"记录 → 成立的颜色规则（指定 view 时）", "record → colour rules of the view that hold"}), "additionalProperties": texts})
}

// writable tells which fields a body may hold.
func (d *described) writable(may policy.Decision) func(*metamodel.Field) bool {
	assign := d.b.may(d.e, metamodel.ActAssign).Allow
	return func(f *metamodel.Field) bool {
		switch {
		case f.System:
			return assign && !f.Entity.IsLines() && (f.Slot == metamodel.SlotOwner || f.Slot == metamodel.SlotDepartment)
		case f.Computed(), f.Kind == metamodel.Number, f.State:
			return false
		}
		return may.Writable(f)
	}
}

// record is the schema of a record or line with the fields that shown allows. requires says whether required
// fields must be there.
func (d *described) record(e *metamodel.Entity, shown func(*metamodel.Field) bool, answer, requires bool) obj {
	props, required := obj{}, []string{}
	for _, f := range e.Columns() {
		skip := f.Name == metamodel.ParentField && f.System || f.System && f.Slot == metamodel.SlotDeletedAt && !e.IsLines()
		if skip || !shown(f) {
			continue
		}
		if f.Kind == metamodel.Lines {
			line := d.record(f.Target, shown, answer, requires && !answer)
			if !answer {
				line["properties"].(obj)["id"] = uid
			}
			props[f.Name] = obj{"type": "array", "title": f.Title.In(d.b.Lang), "items": line, "maxItems": max(f.MaxLength, 1)}
		} else {
			props[f.Name] = d.b.field(f, !f.Required && f.Name != "id" && f.Name != "version")
		}
		if answer && (f.Name == "id" || f.Name == "version" && f.System) || !answer && requires && f.Required && f.Default == nil {
			required = append(required, f.Name)
		}
	}
	out := obj{"type": "object", "title": e.Title.In(d.b.Lang), "properties": props}
	if len(required) > 0 {
		out["required"] = required
	}
	if !answer {
		out["additionalProperties"] = false
	}
	return out
}

// sample is a body that could be sent, nil where none can be made up.
func (d *described) sample(schema string) any {
	record, _ := d.b.schemas[schema].(obj)
	if out := sampleOf(d.e, record); out != nil {
		return out
	}
	return nil
}

// optionalExamples is how many fields a sample shows that need not be there.
const optionalExamples = 3

func sampleOf(e *metamodel.Entity, record obj) obj {
	props, _ := record["properties"].(obj)
	required, _ := record["required"].([]string)
	out := obj{}
	for _, f := range e.Columns() {
		prop, ok := props[f.Name].(obj)
		must := slices.Contains(required, f.Name)
		if !ok || f.System || !must && len(out) >= optionalExamples {
			continue
		}
		v := example(f)
		if f.Kind == metamodel.Lines {
			line, _ := prop["items"].(obj)
			if sample := sampleOf(f.Target, line); sample != nil {
				v = []any{sample}
			}
		}
		if v != nil {
			out[f.Name] = v
		} else if must {
			return nil
		}
	}
	return out
}

func (d *described) add(o operation, id string, summary text) {
	o.id, o.tag, o.summary = d.e.Name+"."+id, d.tag, d.b.in(summary)+" "+d.e.Title.In(d.b.Lang)
	o.path = d.base + o.path
	d.b.add(o)
}

func (d *described) reading() {
	shape := []string{"fields", "expand", "display"}
	d.add(operation{method: "get", params: append([]string{"filter", "order_by", "search", "count", "deleted", "view", "saved", "page_size", "page_token", "skip"}, shape...), response: ref(d.name + "List"), refusals: []string{"503"}}, "list", text{"列出", "List"})
	d.add(operation{method: "get", path: "/{id}", params: shape, response: ref(d.name), headers: []string{"ETag"}}, "get", text{"读取", "Read"})
	d.add(operation{method: "get", path: "/{id}:history", params: []string{"page_size", "page_token"}, response: ref("History")}, "history", text{"修改历史", "History of"})
	d.add(operation{
		method: "get", path: "/{id}:explain", params: []string{"page_token"}, response: ref("ValueExplanation"),
		inline: []obj{{"name": "field", "in": "query", "required": true, "schema": str}, {"name": "line", "in": "query", "schema": str}},
	}, "explain", text{"说明数值的来历", "Explain a value of"})
	d.add(operation{method: "get", path: "/{id}:why", inline: []obj{{"name": "action", "in": "query", "schema": str}}, response: anyObj}, "why", text{"权限说明", "Explain access to"})
	d.add(operation{method: "post", path: ":aggregate", request: ref("Aggregate"), response: ref("Groups"), example: obj{"measures": []obj{{"fn": "count", "as": "n"}}}}, "aggregate", text{"汇总", "Aggregate"})
	if d.b.may(d.e, metamodel.ActExport).Allow {
		d.add(operation{
			method: "post", path: ":export", request: object("format", obj{"type": "string", "enum": []string{"csv", "xlsx"}}, "filter", str, "order_by", str, "search", str, "view", str, "saved", str, "fields", texts),
			response: obj{"type": "string", "format": "binary"}, answers: "application/octet-stream", example: obj{"format": "xlsx"},
		}, "export", text{"导出", "Export"})
	}
}

func (d *described) writing() {
	key, shape := []string{"Idempotency-Key"}, []string{"fields", "expand", "display"}
	form := object("id", uid, "values!", anyObj, "changed", texts, "form", str)
	pick := object("field!", obj{"type": "string", "examples": []any{"supplier", "lines.item"}}, "id", uid, "values", anyObj, "line", whole, "search", str, "page_size", whole, "page_token", str, "form", str, "open", flag)
	if d.create {
		d.add(operation{
			method: "post", params: append(key, shape...), request: ref(d.name + "Create"), example: d.sample(d.name + "Create"), status: "201", response: ref(d.name),
			headers: []string{"ETag", "Location", "Idempotency-Replayed"}, refusals: []string{"409"},
		}, "create", text{"新建", "Create"})
		d.add(operation{method: "post", path: "/{id}:duplicate", response: anyObj}, "duplicate", text{"复制", "Duplicate"})
	}
	if d.update {
		d.add(operation{
			method: "patch", path: "/{id}", params: append([]string{"If-Match"}, shape...), request: ref(d.name + "Update"), example: d.sample(d.name + "Update"), response: ref(d.name),
			headers: []string{"ETag"}, refusals: []string{"409", "412"},
		}, "update", text{"修改", "Change"})
	}
	if d.create || d.update {
		d.add(operation{method: "post", path: ":evaluate", request: form, response: ref("Form"), example: obj{"values": obj{}}}, "evaluate", text{"试算", "Evaluate a form of"})
		d.add(operation{method: "post", path: ":options", request: pick, response: ref("Options"), example: obj{"field": cmp.Or(referenceOf(d.e), "owner")}}, "options", text{"列出引用字段的可选项", "Options of a reference of"})
		d.add(operation{method: "post", path: ":batch", params: key, request: ref("Batch"), response: anyObj, example: obj{"operations": []obj{{"delete": obj{"id": "0197a000-0000-7000-8000-000000000001"}}}}, refusals: []string{"409", "412"}}, "batch", text{"批量处理", "Change many of"})
	}
	if d.b.may(d.e, metamodel.ActDelete).Allow {
		d.add(operation{method: "delete", path: "/{id}", params: []string{"If-Match"}, status: "204", refusals: []string{"409", "412"}}, "delete", text{"删除", "Delete"})
		d.add(operation{method: "post", path: "/{id}:restore", response: ref(d.name), refusals: []string{"409"}}, "restore", text{"恢复", "Restore"})
	}
	if d.b.may(d.e, metamodel.ActImport).Allow {
		d.imports()
	}
}

// referenceOf names a field that options can be asked for, "" when the entity has none but those that everybody has.
func referenceOf(e *metamodel.Entity) string {
	for _, f := range e.Fields {
		switch f.Kind {
		case metamodel.Reference, metamodel.References, metamodel.Tree, metamodel.User, metamodel.Department:
			return f.Name
		case metamodel.Lines:
			if name := referenceOf(f.Target); name != "" {
				return f.Name + "." + name
			}
		default:
		}
	}
	return ""
}

func (d *described) imports() {
	key := []string{"Idempotency-Key"}
	maybeText := obj{"type": []string{"string", "null"}}
	options := object("mapping", obj{"type": "object", "additionalProperties": str}, "mode", obj{"type": "string", "enum": []string{"all_or_nothing", "skip_bad"}}, "key", maybeText, "group", maybeText,
		"corrections", obj{"type": "object", "additionalProperties": obj{"type": "object", "additionalProperties": str}}, "offset", whole)
	file := object("file!", obj{"type": "string", "format": "binary"})
	q := func(name string, schema obj, t text) obj {
		return obj{"name": name, "in": "query", "schema": schema, "description": d.b.in(t)}
	}
	sheet := q("sheet", str, text{"工作表，默认第一个", "the sheet; the first when absent"})
	d.add(operation{
		method: "post", path: ":import", media: "multipart/form-data", request: file, response: ref("Import"), inline: []obj{
			q("mode", obj{"type": "string", "enum": []string{"all_or_nothing", "skip_bad"}, "default": "all_or_nothing"}, text{"遇到错误行时：全部不导入，或跳过", "what wrong rows do: stop all, or are left out"}),
			q("key", str, text{"用来查找已有记录的字段；找到则修改", "the field that finds existing records, which are changed then"}),
			q("mapping", str, text{"列与字段的对应，JSON 对象；明细字段写成 lines.qty；默认自动猜测", "columns to fields as a JSON object, a line's as lines.qty; guessed when absent"}), sheet,
			q("group", str, text{"内容相同的行属于同一条记录的列；默认自动猜测", "the column whose equal texts make rows one record; guessed when absent"}),
			q("preview", flag, text{"只检查，不写入", "judge only, write nothing"}),
			q("wait", obj{"type": "integer", "minimum": 0, "maximum": 25, "default": 20}, text{"最多等待的秒数；未完成时返回 202", "seconds to wait at most; 202 when it is still running"}),
		},
	}, "import", text{"导入文件", "Import a file of"})
	d.add(operation{method: "post", path: "/imports", media: "multipart/form-data", request: file, inline: []obj{sheet}, status: "201", response: ref("Import")}, "import_upload", text{"上传导入文件", "Upload rows of"})
	d.add(operation{
		method: "get", path: "/imports:template", response: obj{"type": "string", "format": "binary"}, answers: "application/octet-stream", inline: []obj{
			q("lines", str, text{"明细字段；模板也有它的列", "a field of lines, whose columns the template has, too"}),
			q("format", obj{"type": "string", "enum": []string{"xlsx", "csv"}, "default": "xlsx"}, text{"文件格式", "the kind of file"}),
		},
	}, "import_template", text{"下载导入模板", "Template to import"})
	d.add(operation{method: "get", path: "/imports/{import}", response: ref("Import")}, "import_status", text{"导入进度", "Progress of importing"})
	d.add(operation{method: "post", path: "/imports/{import}:preview", request: options, response: ref("ImportPreview")}, "import_preview", text{"预览导入", "Preview importing"})
	d.add(operation{method: "post", path: "/imports/{import}:run", params: key, request: options, status: "202", response: ref("Import")}, "import_run", text{"开始导入", "Run importing"})
	d.add(operation{method: "post", path: "/imports/{import}:cancel", response: ref("Import")}, "import_cancel", text{"取消导入", "Cancel importing"})
}

// moving describes the transitions that the actor may take.
func (d *described) moving() {
	if d.e.States == nil {
		return
	}
	may := d.b.may(d.e, metamodel.ActTransition)
	var names []any
	for _, t := range d.e.States.Transitions {
		if may.May(t.Name) {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return
	}
	d.add(operation{
		method: "post", path: "/{id}:transition", params: []string{"If-Match", "Idempotency-Key", "fields", "expand", "display"},
		request: object("transition!", obj{"type": "string", "enum": names}, "warnings", obj{"type": "string", "enum": []any{"refuse"}}), example: obj{"transition": names[0]}, response: ref(d.name),
		headers: []string{"ETag"}, refusals: []string{"409", "412"},
	}, "transition", text{"执行状态操作", "Take a transition of"})
}

// pascal writes a name as PurchaseOrderRecord.
func pascal(name string) string {
	out := make([]byte, 0, len(name))
	up := true
	for i := range len(name) {
		c := name[i]
		if c == '_' {
			up = true
			continue
		}
		if up && c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		up = false
		out = append(out, c)
	}
	return string(out) + "Record"
}
