package engine

import (
	"context"
	"strconv"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
)

// maxOperations bounds how many operations one batch may hold.
const maxOperations = 500

// Batch runs operations in one transaction: {"operations": [{"create": {…}}, {"update": {"id", "version", "values"}},
// {"transition": {"id", "transition"}}, {"delete": {"id"}}, {"restore": {"id"}}]}. Each is decided and checked by
// itself; when one is refused, none is done. An operation may name another "entity" of the app.
func (e *Engine) Batch(ctx context.Context, c Call, entity string, body []byte) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	if err := v.only("", "operations").Err(); err != nil {
		return nil, err
	}
	ops := v.get("operations")
	if ops == nil || ops.kind != jsonArray {
		return nil, wrongMember("/operations", "operations", "array")
	}
	if len(ops.items) > maxOperations {
		return nil, diag.Refuse("limit.exceeded", "/operations", "what", "operations", "actual", len(ops.items), "limit", maxOperations)
	}
	req := request{"batch", entity, "", body}
	var result *Result
	err = e.write(ctx, c, claim{serializable: true, ledgers: len(c.Snap.App.Ledgers) > 0}, func(ctx context.Context, w *writer) error {
		saved, err := w.replay(ctx, req)
		if err != nil || saved != nil {
			result = saved
			return err
		}
		ent, err := w.call.entity(ent.Name)
		if err != nil {
			return err
		}
		if result, err = w.batch(ctx, ent, ops.items); err != nil {
			return err
		}
		return w.keep(ctx, req, result)
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

func (w *writer) batch(ctx context.Context, ent *compile.Entity, ops []jsonValue) (*Result, error) {
	var list diag.List
	b := []byte(`{"results":[`)
	for i := range ops {
		path := diag.Pointer("", "operations", i)
		d, err := w.operation(ctx, ent, &ops[i], path)
		if err != nil {
			p, ok := asProblem(err)
			if !ok {
				return nil, err
			}
			list = append(list, p.List...)
			continue
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"id":`...), d.after[metamodel.SlotID].(string))
		b = strconv.AppendInt(append(b, `,"version":`...), d.after[metamodel.SlotVersion].(int64), 10)
		if len(d.list) > 0 {
			b = appendDiagnostics(append(b, `,"warnings":`...), d.list, w.call.Locale)
		}
		b = append(b, '}')
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	return &Result{Body: append(b, `]}`...)}, nil
}

// operation runs one member of a batch. It has the means of a request of its own: a batch is many of them in one.
func (w *writer) operation(ctx context.Context, ent *compile.Entity, op *jsonValue, path string) (*draft, error) {
	w.call.Budget = expr.NewBudget(expr.RequestBudget)
	verb, arg := "", (*jsonValue)(nil)
	for i := range op.members {
		m := &op.members[i]
		if m.name == "entity" && m.value.kind == jsonString {
			other, err := w.call.entity(m.value.text)
			if err != nil {
				return nil, prefixed(err, path)
			}
			ent = other
			continue
		}
		if verb != "" || m.value.kind != jsonObject {
			return nil, diag.Refuse("batch.operation", path)
		}
		verb, arg = m.name, &m.value
	}
	at := diag.Pointer(path, verb)
	if verb == "create" {
		return w.createFrom(ctx, ent, arg, at)
	}
	id, version, err := operationTarget(arg, at)
	if err != nil {
		return nil, err
	}
	d, err := w.operationOn(ctx, ent, verb, id, version, arg, at)
	return d, prefixed(err, at)
}

func (w *writer) operationOn(ctx context.Context, ent *compile.Entity, verb, id string, version int64, arg *jsonValue, at string) (*draft, error) {
	switch verb {
	case "update":
		values := arg.get("values")
		if err := arg.only(at, "id", "version", "values").Err(); err != nil {
			return nil, err
		}
		if values == nil || values.kind != jsonObject {
			return nil, wrongMember(diag.Pointer(at, "values"), "values", "object")
		}
		return w.updateFrom(ctx, ent, id, version, values, diag.Pointer(at, "values"))
	case "transition":
		name, err := transitionName(arg, at, "id", "version")
		if err != nil {
			return nil, err
		}
		return w.transition(ctx, ent, id, name, version, at)
	case "delete":
		left := maxCascade
		return w.remove(ctx, ent, id, version, at, &left)
	case "restore":
		return w.restore(ctx, ent, id, at)
	}
	return nil, diag.Refuse("batch.operation", at)
}

// operationTarget reads the id and version that an operation is about.
func operationTarget(arg *jsonValue, path string) (id string, version int64, err error) {
	v := arg.get("id")
	if v == nil || v.kind != jsonString {
		return "", 0, wrongMember(diag.Pointer(path, "id"), "id", "text")
	}
	if n := arg.get("version"); n != nil {
		if version, err = strconv.ParseInt(n.text, 10, 64); err != nil || n.kind != jsonNumber {
			return "", 0, wrongMember(diag.Pointer(path, "version"), "version", "integer")
		}
	}
	return v.text, version, nil
}

// prefixed puts an operation's place before the paths that lie outside it.
func prefixed(err error, path string) error {
	p, ok := asProblem(err)
	if !ok {
		return err
	}
	list := make(diag.List, len(p.List))
	for i, d := range p.List {
		if d.Path == "" {
			d.Path = path
		}
		list[i] = d
	}
	return &diag.Problem{List: list}
}
