package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"tenon/engine/compile"
	"tenon/engine/query"
	"tenon/engine/store/lower"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// Bounds of lists.
const (
	defaultPageSize = metamodel.DefaultPage // records of a page that names no size
	MaxPageSize     = metamodel.MaxPage     // records of a page
	MaxSkip         = metamodel.MaxSkip     // records that a page may leave out before it
	maxOrderKeys    = metamodel.MaxSort     // keys to order by
	maxSearchText   = 100                   // characters to search for
)

var whatSearchText = diag.Text{ZH: "搜索文字的长度", EN: "The length of the search text"}

// lister is a list request made ready: every name in it is known to be readable by the actor.
type lister struct {
	call   Call
	entity *compile.Entity
	may    decision
	list   diag.List
}

// List reads a page of records.
func (e *Engine) List(ctx context.Context, c Call, entity string, req ListRequest) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	may, err := c.require(ent, metamodel.ActRead)
	if err != nil {
		return nil, err
	}
	w := e.newWorld(c, e.store.Reader())
	p, err := e.projection(w, ent, req.ReadOptions)
	if err != nil {
		return nil, err
	}
	shown, err := e.listing(c, ent, may, req.View, req.Saved)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(req.OrderBy) == "" {
		req.OrderBy = shown.order
	}
	q, err := e.listQuery(c, ent, may, req)
	if err != nil {
		return nil, err
	}
	q.Where = append(append(q.Where, shown.where...), req.card...)
	stored, rest := w.parts(p)
	q.Fields = stored
	page, err := w.read.Select(ctx, q, w.env)
	if err != nil {
		return nil, e.queryProblem(err)
	}
	if err := w.fillRest(ctx, p, page.Rows, rest); err != nil {
		return nil, err
	}
	related, err := w.expand(ctx, p, page.Rows)
	if err != nil {
		return nil, err
	}
	colors, err := w.painted(ctx, shown.view, page.Rows)
	if err != nil {
		return nil, err
	}
	b := p.appendList(page.Rows, related)
	if shown.view != nil {
		b = appendColors(b, page.Rows, colors)
	}
	if page.Next != nil && req.card == nil {
		token, err := e.pageToken(c, entity, req, page.Next)
		if err != nil {
			return nil, err
		}
		b = appendString(append(b, `,"next_page_token":`...), token)
	}
	if b, err = e.appendCount(ctx, b, w, q, req.Count); err != nil {
		return nil, err
	}
	b = p.appendUnsettled(b, c.Snap)
	if req.Display {
		b, err = w.appendDisplay(ctx, b, p, page.Rows, related)
	}
	return &Result{Body: append(b, '}')}, err
}

// appendList begins the answer of a list with its records.
func (p *projection) appendList(rows []value.Row, related map[*metamodel.Field]map[string]value.Row) []byte {
	b := append(make([]byte, 0, 512*(len(rows)+1)), `{"records":[`...)
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.append(b, row, related, nil, "")
	}
	return append(b, ']')
}

func (e *Engine) appendCount(ctx context.Context, b []byte, w *world, q *query.Select, mode string) ([]byte, error) {
	if mode == "" {
		return b, nil
	}
	all := *q
	all.After, all.Order, all.Fields, all.Skip, all.Limit = nil, nil, nil, 0, 0
	n, err := e.store.Reader().Count(ctx, &all, w.env, mode == "estimate")
	if err != nil {
		return nil, e.queryProblem(err)
	}
	return strconv.AppendInt(append(b, `,"count":`...), n, 10), nil
}

// listQuery makes the query of a list, an export or an aggregate's condition. Everything that the request names is
// checked against what the actor may read; all that is wrong is reported together.
func (e *Engine) listQuery(c Call, ent *compile.Entity, may decision, req ListRequest) (*query.Select, error) {
	l := &lister{call: c, entity: ent, may: may}
	q := &query.Select{Entity: ent.Entity, Where: may.where(), Skip: skipped(l, req.Skip), Limit: pageSize(l, req.PageSize)}
	if req.Deleted {
		q.Bin = query.Deleted
	}
	if cond := l.filter(req.Filter); cond != nil {
		q.Where = append(q.Where, cond...)
	}
	q.Order = l.order(req.OrderBy)
	q.Search = l.search(req.Search)
	if req.Count != "" && req.Count != "exact" && req.Count != "estimate" {
		l.list.Add("query.count", "", "value", clip(req.Count))
	}
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	if req.PageToken != "" {
		after, err := e.readPageToken(c, ent.Name, req)
		if err != nil {
			return nil, err
		}
		q.After = after
	}
	return q, nil
}

func pageSize(l *lister, n int) int {
	if n == 0 {
		return defaultPageSize
	}
	if n < 1 || n > MaxPageSize {
		l.list.Add("query.page_size", "", "value", n, "limit", MaxPageSize)
		return defaultPageSize
	}
	return n
}

func skipped(l *lister, n int) int {
	if n < 0 || n > MaxSkip {
		l.list.Add("query.parameter_range", "", "name", "skip", "low", 0, "high", MaxSkip)
		return 0
	}
	return n
}

// readable tells whether the actor may name a field in a filter, an order, a group or an expansion: masked
// and hidden fields are as unknown as those that don't exist.
func (l *lister) readable(f *metamodel.Field) bool {
	e := f.Entity
	if e == nil {
		return false
	}
	may := l.may
	if e != l.entity.Entity && e.Parent != l.entity.Entity {
		may = l.call.decide(e, metamodel.ActRead)
	}
	return may.allow() && may.readable(f) && !may.masked(f)
}

// filter compiles a CEL condition. Walking over a reference reads the record there, so that record must be in
// the actor's rows too.
func (l *lister) filter(src string) []*expr.Node {
	if strings.TrimSpace(src) == "" {
		return nil
	}
	scope := expr.Scope{Entity: l.entity.Entity, Readable: l.readable}
	p, list := l.call.Snap.Model.Compile(scope, src, expr.Bool)
	if list.HasErrors() {
		l.list = append(l.list, queryDiagnostics(list)...)
		return nil
	}
	return append([]*expr.Node{p.Tree()}, l.guards(p.Tree())...)
}

// queryDiagnostics says for a request's filter what the expression diagnostics say for a document: an unknown
// name is an unknown field of the query.
func queryDiagnostics(list diag.List) diag.List {
	out := make(diag.List, 0, len(list))
	for _, d := range list {
		if d.Code == "expr.unknown_identifier" || d.Code == "expr.unknown_field" {
			suggestion := d.Args["suggestion"]
			d.Args = diag.Pairs("field", d.Args["name"], "parameter", "filter")
			if suggestion != nil {
				d.Args["suggestion"] = suggestion
			}
			d.Code = "query.field_unknown"
		}
		out = append(out, d)
	}
	return out
}

// order reads "received_on desc, supplier.name".
func (l *lister) order(src string) []query.Order {
	if strings.TrimSpace(src) == "" {
		return nil
	}
	parts := strings.Split(src, ",")
	if len(parts) > maxOrderKeys {
		l.list.Add("query.too_complex", "", "what", diag.Text{ZH: "个排序字段", EN: "sort keys"}, "actual", len(parts), "limit", maxOrderKeys)
		return nil
	}
	out := make([]query.Order, 0, len(parts))
	for _, part := range parts {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "desc" && words[1] != "asc" {
			l.list.Add("query.order", "", "value", clip(part))
			continue
		}
		path := l.path(words[0], "order_by")
		if path == nil {
			continue
		}
		if !orders(path.Last().Kind) {
			l.list.Add("query.not_sortable", "", "field", clip(words[0]))
			continue
		}
		out = append(out, query.Order{Path: path, Descending: len(words) == 2 && words[1] == "desc"})
	}
	return out
}

// orders tells whether values of a kind have an order.
func orders(k metamodel.FieldKind) bool {
	return !k.IsList() && k != metamodel.Lines && k != metamodel.JSON
}

// path resolves a dotted name over references; nil when any part is unknown or may not be read. A record that is
// walked to must not be restricted by rows, since an order would give away where it stands.
func (l *lister) path(name, parameter string) metamodel.Path {
	e := l.entity
	var path metamodel.Path
	parts := strings.Split(name, ".")
	for i, part := range parts {
		f := e.ByName(part)
		if f == nil || !l.readable(f) {
			l.list.Add("query.field_unknown", "", "field", clip(name), "parameter", parameter)
			return nil
		}
		path = append(path, f)
		if i == len(parts)-1 {
			break
		}
		if !f.Kind.IsReference() || i == maxHops {
			l.list.Add("query.field_unknown", "", "field", clip(name), "parameter", parameter)
			return nil
		}
		if l.call.decide(f.Target, metamodel.ActRead).rows() != nil {
			l.list.Add("query.path_restricted", "", "field", clip(name), "parameter", parameter)
			return nil
		}
		e = l.call.Snap.Of(f.Target)
	}
	return path
}

// search looks into the entity's search fields, as far as the actor may read them.
func (l *lister) search(text string) *query.Search {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil
	}
	if n := len([]rune(text)); n > maxSearchText {
		l.list.Add("limit.exceeded", "", "what", whatSearchText, "actual", n, "limit", maxSearchText)
		return nil
	}
	return &query.Search{Text: text, Paths: l.searchPaths()}
}

// displayPath leads to the text that shows a record: where that is a reference, to what shows the record there.
func displayPath(f *metamodel.Field) metamodel.Path {
	path := metamodel.Path{f}
	for f.Kind.IsReference() && f.Target.Display != nil && len(path) < maxDisplayHops {
		f = f.Target.Display
		path = append(path, f)
	}
	return path
}

func (l *lister) searchPaths() []metamodel.Path {
	paths := l.entity.Search
	if len(paths) == 0 && l.entity.Display != nil {
		paths = []metamodel.Path{displayPath(l.entity.Display)}
	}
	return l.walkable(paths)
}

// shownPaths lead to the texts that show a record, as far as the actor may read them.
func (l *lister) shownPaths() []metamodel.Path {
	f := l.entity.Display
	if f == nil || f.System || f.Virtual() {
		return nil
	}
	return l.walkable([]metamodel.Path{displayPath(f)})
}

// walkable are those of some paths of which the actor may read every field, and every record on the way.
func (l *lister) walkable(paths []metamodel.Path) []metamodel.Path {
	var out []metamodel.Path
	for _, p := range paths {
		fine := true
		for i, f := range p {
			fine = fine && l.readable(f)
			if i < len(p)-1 {
				fine = fine && l.call.decide(f.Target, metamodel.ActRead).rows() == nil
			}
		}
		if fine {
			out = append(out, p)
		}
	}
	return out
}

// queryProblem passes on what the store says about a query, as far as a person can do something about it.
func (e *Engine) queryProblem(err error) error {
	if err == nil {
		return nil
	}
	if reason, ok := lower.AsNotLowerable(err); ok {
		return &diag.Problem{List: diag.List{reason.Diagnostic("")}}
	}
	return fmt.Errorf("read records: %w", err)
}
