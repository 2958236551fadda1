package engine

import (
	"context"
	"strconv"
	"strings"

	"tenon/engine/compile"
	"tenon/metamodel"
	"tenon/metamodel/diag"
	"tenon/metamodel/expr"
	"tenon/metamodel/value"
)

// Bounds of the options of a reference.
const (
	defaultOptions    = 20   // options of a page that names no size
	maxOptions        = 100  // options of a page
	maxExactOptions   = 5    // records whose code is just the text that is searched for
	maxDetailParts    = 3    // fields on an option's second line
	maxJudgedOptions  = 1000 // candidates that one request judges where the database can't judge the field's condition
	maxDetailPartSize = 60   // characters of one field on the second line
	detailSeparator   = " · "
)

// picker is a request for the options of one field of a form.
type picker struct {
	engine *Engine
	world  *world
	form   decision        // on the record that is edited
	owner  *compile.Entity // of the field: the record's or its lines'
	field  *metamodel.Field
	name   string // as the request has it: supplier, lines.item
	search string
	size   int
	token  string
	some   openness
	closed bool // there are others, of which nothing is open

	row, parent value.Row // the record or line as it stands; nil when the field's condition reads nothing of it
	self        string    // the record being edited
}

// option is one thing that a field may point at.
type option struct {
	id      string
	display any // nil: what shows the record may not be read
	detail  string
	open    string     // how much of it is open; "" where nobody says
	doc     *optionDoc // of a line

	finding *finding          // by which code it was found; nil when by none that says more
	texts   map[string]string // of the records that the finding mentions
}

// optionDoc is the document that a line belongs to.
type optionDoc struct{ entity, record string }

// openness is which records are asked for, of those that say how much of them is open.
type openness uint8

const (
	openOrNot openness = iota
	openOnly
	openNot
)

// Options offers what a reference field of a form may point at, or what a text field lists to choose from: {"field": "supplier" | "lines.item", "id"?, "values"?,
// "line"?, "search"?, "page_size"?, "page_token"?, "form"?, "open"?}. It offers what the actor may see and what passes the field's
// condition for the record as it stands; of a search, what bears just that text as its code comes first.
func (e *Engine) Options(ctx context.Context, c Call, entity string, body []byte) (*Result, error) {
	ent, err := c.entity(entity)
	if err != nil {
		return nil, err
	}
	v, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	if err := v.only("", "field", "id", "values", "line", "search", "page_size", "page_token", "form", "open").Err(); err != nil {
		return nil, err
	}
	p := &picker{engine: e, world: e.newWorld(c, e.store.Reader())}
	d, may, err := p.world.formDraft(ctx, ent, v)
	if err != nil {
		return nil, err
	}
	if err := p.read(d, may, v); err != nil {
		return nil, err
	}
	if err := p.stand(ctx, d, may, v); err != nil {
		return nil, err
	}
	if p.field.Choices != nil {
		return p.texts(ctx)
	}
	if p.field.Target == nil {
		return p.accounts(ctx)
	}
	return p.records(ctx)
}

// read takes the parts of the request apart.
func (p *picker) read(d *draft, may decision, v *jsonValue) error {
	if _, err := p.world.call.formOf(d.entity, v); err != nil {
		return err
	}
	var err error
	text := func(name string) string {
		m := v.get(name)
		if m == nil || m.kind == jsonNull {
			return ""
		}
		if m.kind != jsonString && err == nil {
			err = wrongMember("/"+name, name, "text")
		}
		return m.text
	}
	p.name, p.search, p.token = text("field"), strings.TrimSpace(text("search")), text("page_token")
	if err != nil {
		return err
	}
	if m := v.get("open"); m != nil && m.kind != jsonNull {
		if m.kind != jsonBool {
			return wrongMember("/open", "open", "boolean")
		}
		if m.bool {
			p.some = openOnly
		}
	}
	p.size = defaultOptions
	if m := v.get("page_size"); m != nil && m.kind != jsonNull {
		n, err := strconv.Atoi(m.text)
		if m.kind != jsonNumber || err != nil || n < 1 || n > maxOptions {
			return diag.Refuse("query.page_size", "/page_size", "value", clip(m.text), "limit", maxOptions)
		}
		p.size = n
	}
	return p.resolve(d.entity, may)
}

// resolve finds the field that the request names.
func (p *picker) resolve(ent *compile.Entity, may decision) error {
	c := p.world.call
	p.form = may
	unknown := diag.Refuse("record.field_unknown", "/field", "field", clip(p.name))
	head, tail, nested := strings.Cut(p.name, ".")
	p.owner, p.field = ent, ent.ByName(head)
	if p.field == nil || !c.fieldKnown(may, p.field) {
		return unknown
	}
	if nested {
		if p.field.Kind != metamodel.Lines {
			return unknown
		}
		p.owner = ent.LinesOf(p.field).Entity
		p.field = p.owner.ByName(tail)
		if p.field == nil || !c.fieldKnown(may, p.field) || p.field.System {
			return unknown
		}
	}
	switch p.field.Kind {
	case metamodel.Reference, metamodel.References, metamodel.Tree, metamodel.User, metamodel.Department:
		return nil
	case metamodel.Text:
		if p.field.Choices != nil {
			return nil
		}
	default:
	}
	return diag.Refuse("form.field_without_options", "/field", "field", p.field.Title.In(c.Locale))
}

// stand works out the record as it stands, as far as the field's condition asks for it.
func (p *picker) stand(ctx context.Context, d *draft, may decision, v *jsonValue) error {
	if d.before != nil {
		p.self, _ = d.before[metamodel.SlotID].(string)
	}
	if cond := p.owner.Options[p.field]; cond == nil || !readsRecord(cond) {
		return nil
	}
	if v.get("values") != nil {
		if err := p.engine.fillForm(ctx, p.world, d, may, v); err != nil {
			return err
		}
	}
	if p.owner == d.entity {
		p.row = d.after
		return nil
	}
	p.parent, p.row = d.after, make(value.Row, len(p.owner.Columns()))
	at := v.get("line")
	if at == nil || at.kind == jsonNull {
		return nil
	}
	lines := d.lines(p.owner.Via)
	n, err := strconv.Atoi(at.text)
	if at.kind != jsonNumber || err != nil || n < 0 || n >= len(lines) {
		return diag.Refuse("record.line_unknown", "/line", "field", p.owner.Via.Title.In(p.world.call.Locale))
	}
	p.row = lines[n]
	return nil
}

// readsRecord tells whether a condition on candidates reads the record that is being edited.
func readsRecord(cond *compile.Program) bool {
	reads := false
	cond.Tree().Walk(func(n *expr.Node) bool {
		reads = reads || n.Op == expr.OpVar && n.Var == ""
		return !reads
	})
	return reads
}

// request is what a page's token is bound to, besides the actor.
func (p *picker) request(order string) ListRequest {
	of := p.owner.Name + "." + p.field.Name
	if p.some == openOnly {
		of += ".open"
	}
	return ListRequest{View: ":options", Saved: of, Search: p.search, OrderBy: order, PageToken: p.token}
}

// answer writes a page of options.
func (p *picker) answer(options []option, next string) *Result {
	b := []byte(`{"options":[`)
	for i, o := range options {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"id":`...), o.id)
		b = appendValue(append(b, `,"display":`...), o.display)
		if o.detail != "" {
			b = appendString(append(b, `,"detail":`...), o.detail)
		}
		if o.open != "" {
			b = appendString(append(b, `,"open":`...), o.open)
		}
		if o.doc != nil {
			b = appendString(append(b, `,"document":{"entity":`...), o.doc.entity)
			b = append(appendString(append(b, `,"record":`...), o.doc.record), '}')
		}
		b = append(o.appendFinding(b), '}')
	}
	b = append(b, ']')
	if next != "" {
		b = appendString(append(b, `,"next_page_token":`...), next)
	}
	if p.closed {
		b = append(b, `,"closed":true`...)
	}
	return &Result{Body: append(b, '}')}
}
